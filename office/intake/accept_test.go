// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
	"pgregory.net/rapid"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/job"
	"hustings/kit/seal"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// desk is the room on a database of its own, with a clock that a test sets.
type desk struct {
	*Intake
	t   testing.TB
	ctx context.Context
	now time.Time
}

func openDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}
	k.Intake = New(Deps{DB: d, Now: func() time.Time { return k.now }, Jurisdiction: dbtest.Jurisdiction, Sealer: &seal.Sealer{Keys: newVault(t)}})
	k.ctx = who.With(context.Background(), who.Person{ID: "ann", Name: "Ann", Jurisdiction: k.Jurisdiction, Via: who.Browser})
	return k
}

func source() db.Source { return db.Source{Room: "intake", FS: migrations} }

// each runs a test on both engines.
func each(t *testing.T, test func(t *testing.T, k *desk)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, openDesk(t, d)) }, source(), job.Source())
}

// vault is one key for every purpose, in memory.
type vault struct{ tink.AEAD }

func newVault(t testing.TB) vault {
	t.Helper()
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	a, err := aead.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	return vault{a}
}

func (k vault) Ring(context.Context, string, string, uint32) (*seal.Ring, error) {
	return &seal.Ring{AEAD: k.AEAD}, nil
}

func (vault) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return nil, errors.New("no subject has a key here")
}

// mary applies with something in most fields.
func mary() roll.Application {
	return roll.Application{Asks: roll.ToRegister, Form: "nvra", Language: "en", Signed: "2026-08-31",
		Voter: roll.Voter{Name: roll.Name{First: "Mary", Middle: "Ann", Last: "García-López"}, Birth: "1980-02-29", Source: roll.ByInternet,
			Home:        roll.Address{Number: "12", Street: "Elm", Type: "ST", City: "Vale", State: "XX", ZIP: "00501"},
			Contact:     []roll.Contact{{Kind: "phone", Value: "(555) 010-0199"}},
			Assertions:  []roll.Assertion{{Kind: "united-states-citizen", Value: "yes"}},
			Identifiers: []roll.Identifier{{Kind: roll.License, Value: hide.New("D123456")}, {Kind: roll.SSN4, Value: hide.New("6789")}}}}
}

func (k *desk) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func TestAcceptedIsKeptWhole(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.t = t
		a := mary()
		a.Voter.Protected = "safe at home"
		a.Was.Home = &roll.Address{Number: "9", Street: "Hidden Hollow"}
		receipt, err := k.Accept(k.ctx, "draft:1", a, []byte("\x89PNG\r\n\x1a\nscribble"))
		k.must(err)
		again, err := k.Accept(k.ctx, "draft:1", mary(), nil)
		k.must(err)
		if again != receipt {
			t.Errorf("the same key got %s and then %s", receipt, again)
		}
		list, err := k.Waiting(k.ctx, Filter{})
		k.must(err)
		if len(list) != 1 {
			t.Fatalf("%d applications are kept, want 1", len(list))
		}
		got, err := k.Application(k.ctx, list[0].ID)
		k.must(err)
		if got.Voter.Home.Street != "Elm" || got.Was.Home == nil || got.Was.Home.Street != "Hidden Hollow" || got.Voter.NumberOf(roll.License).Reveal() != "D123456" {
			t.Errorf("it came back without something: %+v", got.Application)
		}
		var body string
		k.must(k.DB.QueryRowContext(k.ctx, `select body from intake_application`).Scan(&body))
		for _, secret := range []string{"Elm", "Hidden", "D123456", "6789"} {
			if strings.Contains(body, secret) {
				t.Errorf("%q lies open in the body", secret)
			}
		}
		media, pic, err := k.OpenPicture(k.ctx, got.ID, signaturePicture)
		k.must(err)
		if media != "image/png" || !strings.HasSuffix(string(pic), "scribble") {
			t.Errorf("the signature came back as %s %q", media, pic)
		}
	})
}

func TestStatusAnswersAlikeWhateverIsWrong(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		receipt, err := k.Accept(k.ctx, "draft:1", mary(), nil)
		if err != nil {
			t.Fatal(err)
		}
		other := Grouped(newReceipt())
		for _, tt := range []struct {
			name, receipt string
			birth         election.Date
			want          string
		}{
			{"receipt and birth date", receipt, "1980-02-29", "received"},
			{"as it was read aloud", strings.ToLower(strings.ReplaceAll(receipt, "-", " ")), "1980-02-29", "received"},
			{"another birth date", receipt, "1980-02-28", ""},
			{"no birth date", receipt, "", ""},
			{"another receipt", other, "1980-02-29", ""},
			{"no receipt at all", "hello", "0001-01-01", ""},
			{"no receipt and the birth date of nobody", other, "0001-01-01", ""},
		} {
			got, err := k.Status(k.ctx, tt.receipt, tt.birth)
			if got.State != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, got.State, tt.want)
			}
			if tt.want == "" && !errors.Is(err, errNoStanding) {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	})
}

func TestReceiptsCatchSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := []byte(newReceipt())
		i := rapid.IntRange(0, len(r)-1).Draw(t, "place")
		wrong := letters[rapid.IntRange(0, 31).Draw(t, "letter")]
		same := r[i] == wrong
		r[i] = wrong
		if _, err := readReceipt(string(r)); (err == nil) != same {
			t.Errorf("%s with a wrong letter at %d: %v", r, i, err)
		}
	})
}

func TestAcceptNeedsAKey(t *testing.T) {
	k := openDesk(t, dbtest.SQLite(t, source()))
	for _, key := range []string{"", strings.Repeat("k", longestKey+1)} {
		if _, err := k.Accept(k.ctx, key, mary(), nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a key of %d letters: %v", len(key), err)
		}
	}
}

// inside is a person at the desk of another office.
func inside(ctx context.Context, jurisdiction string) context.Context {
	return who.With(ctx, who.Person{ID: "ann", Name: "Ann", Jurisdiction: jurisdiction, Via: who.Browser})
}
