// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
	"pgregory.net/rapid"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/seal"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// desk is the room on a database of its own, with a clock that a test sets.
type desk struct {
	*Registry
	t   testing.TB
	ctx context.Context
	now time.Time
}

func openDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}
	k.Registry = New(Deps{DB: d, Now: func() time.Time { return k.now }, Jurisdiction: "ocd-division/country:us/state:xx/county:vale",
		Sealer: &seal.Sealer{Keys: newVault(t)}})
	k.ctx = who.With(context.Background(), who.Person{ID: "ann", Jurisdiction: k.Jurisdiction, Via: who.Browser})
	return k
}

func source() db.Source { return db.Source{Room: "registry", FS: migrations} }

// vault is one key for every purpose, in memory.
type vault struct {
	tink.AEAD
	prf *prf.Set
}

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
	if handle, err = keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate()); err != nil {
		t.Fatal(err)
	}
	p, err := prf.NewPRFSet(handle)
	if err != nil {
		t.Fatal(err)
	}
	return vault{a, p}
}

func (k vault) Ring(context.Context, string, string, uint32) (*seal.Ring, error) {
	return &seal.Ring{AEAD: k.AEAD, Indexes: []seal.Index{{Number: 1, PRF: k.prf.PRFs[k.prf.PrimaryID]}}}, nil
}

func (vault) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return nil, errors.New("no subject has a key here")
}

// mary is a voter with something in most fields.
func mary() roll.Voter {
	return roll.Voter{Name: roll.Name{First: "Mary", Middle: "Ann", Last: "García-López"}, Birth: "1980-02-29",
		Home:    roll.Address{Number: "12", Street: "Elm", Type: "ST", City: "Vale", State: "XX", ZIP: "00501"},
		Contact: []roll.Contact{{Kind: "phone", Value: "(555) 010-0199"}}, Party: "ind",
		Identifiers: []roll.Identifier{{Kind: roll.License, Value: hide.New("D-123 456")}, {Kind: roll.SSN4, Value: hide.New("6789")}},
		State:       roll.Active, Reason: roll.Verified, Registered: "2026-09-01", Source: roll.AtOffice, Precinct: "p1"}
}

func (k *desk) register(v roll.Voter, from election.Date) Version {
	k.t.Helper()
	out, err := k.Register(k.ctx, v, Change{From: from, Why: "a form at the counter"})
	if err != nil {
		k.t.Fatal(err)
	}
	return out
}

func (k *desk) revise(id roll.ID, from election.Date, change func(*roll.Voter)) {
	k.t.Helper()
	k.now = k.now.Add(time.Hour)
	if err := k.Revise(k.ctx, id, Change{From: from, Why: "a form"}, func(v *roll.Voter) error { change(v); return nil }); err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) asOf(id roll.ID, on election.Date, known time.Time) Version {
	k.t.Helper()
	v, err := k.AsOf(k.ctx, id, on, known)
	if err != nil {
		k.t.Fatal(err)
	}
	return v
}

func TestAVoterIsKeptWhole(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		id := k.register(mary(), "2026-09-01").ID
		if len(id) != 10 || withCheck(string(id[:9])) != string(id) {
			t.Errorf("the number is %s", id)
		}
		got, err := k.Voter(k.ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		want := mary()
		want.ID = id
		if fields := differences(want, got.Voter); len(fields) > 0 || got.Number != 1 || got.By != "ann" || got.From != "2026-09-01" {
			t.Errorf("got %+v, which differs in %v", got, fields)
		}
		for _, tt := range []struct {
			kind  roll.IdentifierKind
			value string
			want  int
		}{{roll.License, "d123456", 1}, {roll.License, "D123457", 0}, {roll.SSN4, "6789", 1}, {roll.SSN4, "", 0}} {
			ids, err := k.byIdentifier(k.ctx, k.DB, tt.kind, hide.New(tt.value))
			if err != nil || len(ids) != tt.want {
				t.Errorf("%s %q: got %v, %v", tt.kind, tt.value, ids, err)
			}
		}
		if _, err := k.Voter(k.ctx, "1"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("nobody: got %v", err)
		}
	}, source())
}

func TestTheResidenceOfAProtectedVoterIsInNoColumn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		v := mary()
		v.Protected, v.Home.Street = "address confidentiality", "Unfindable"
		id := k.register(v, "2026-09-01").ID
		k.revise(id, "2026-09-02", func(v *roll.Voter) { v.Party = "x" })
		got, err := k.Voter(k.ctx, id)
		if err != nil || got.Home.Street != "Unfindable" {
			t.Fatalf("got %+v, %v", got.Home, err)
		}
		for _, table := range []string{"registry_voter", "registry_version"} {
			rows, err := d.QueryContext(k.ctx, "select * from "+table)
			if err != nil {
				t.Fatal(err)
			}
			columns, _ := rows.Columns()
			for rows.Next() {
				values := make([]any, len(columns))
				for i := range values {
					values[i] = new(any)
				}
				if err := rows.Scan(values...); err != nil {
					t.Fatal(err)
				}
				for i, v := range values {
					if text := fmt.Sprintf("%s", *v.(*any)); strings.Contains(strings.ToLower(text), "unfindable") {
						t.Errorf("%s.%s tells where they live", table, columns[i])
					}
				}
			}
			rows.Close()
		}
	}, source())
}

func TestWhatHeldOnADay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		id := k.register(mary(), "2026-09-01").ID
		first := k.now
		k.revise(id, "2026-10-01", func(v *roll.Voter) { v.Home.Number = "99" })
		second := k.now
		k.revise(id, "2026-09-15", func(v *roll.Voter) { v.Name.Last = "Lopez" }) // a correction of the past
		for _, tt := range []struct {
			name, day, last, number string
			known                   time.Time
		}{
			{"at first", "2026-09-10", "García-López", "12", time.Time{}},
			{"after the correction", "2026-09-20", "Lopez", "12", time.Time{}},
			{"after the move, and corrected", "2026-10-05", "Lopez", "99", time.Time{}},
			{"after the move, as it was known before the correction", "2026-10-05", "García-López", "99", second},
			{"after the move, as it was known before that", "2026-10-05", "García-López", "12", first},
		} {
			got := k.asOf(id, election.Date(tt.day), tt.known)
			if got.Name.Last != tt.last || got.Home.Number != tt.number {
				t.Errorf("%s: got %s at %s", tt.name, got.Name.Last, got.Home.Number)
			}
		}
		if _, err := k.AsOf(k.ctx, id, "2026-08-31", time.Time{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("before the registration: got %v", err)
		}
		all, err := k.History(k.ctx, id)
		if err != nil || len(all) != 4 {
			t.Errorf("the history has %d versions, %v", len(all), err)
		}
		k.now = time.Date(2026, 9, 20, 0, 0, 0, 0, time.UTC) // the move is yet to come
		k.revise(id, "2026-09-16", func(v *roll.Voter) { v.Party = "g" })
		if got, _ := k.Voter(k.ctx, id); got.Home.Number != "12" || got.Party != "g" || got.Name.Last != "Lopez" {
			t.Errorf("now: got %+v", got.Voter)
		}
	}, source())
}

func TestTheRollAsItStood(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		var ids []roll.ID
		for i := range 12 {
			v := mary()
			v.Home.Number = fmt.Sprint(i)
			ids = append(ids, k.register(v, "2026-09-01").ID)
		}
		k.now = k.now.Add(24 * time.Hour)
		known := k.now
		for _, id := range ids[:5] {
			k.revise(id, "2026-09-10", func(v *roll.Voter) { v.State, v.Reason = roll.Cancelled, roll.Moved })
		}
		count := func(on election.Date, known time.Time) (active int) {
			t.Helper()
			seen := 0
			for v, err := range k.RollAsOf(k.ctx, on, known) {
				if err != nil {
					t.Fatal(err)
				}
				seen++
				if v.State == roll.Active {
					active++
				}
			}
			if seen != 12 && on > "2026-08-31" {
				t.Errorf("on %s there are %d", on, seen)
			}
			return active
		}
		for _, tt := range []struct {
			on    election.Date
			known time.Time
			want  int
		}{{"2026-09-05", time.Time{}, 12}, {"2026-09-10", time.Time{}, 7}, {"2026-09-10", known, 12}, {"2026-08-31", time.Time{}, 0}} {
			if got := count(tt.on, tt.known); got != tt.want {
				t.Errorf("on %s by what was known at %v: %d active, want %d", tt.on, tt.known, got, tt.want)
			}
		}
	}, source())
}

// TestThePastDoesNotChange asks what held on some days by what was known then,
// and asks again after any further changes.
func TestThePastDoesNotChange(t *testing.T) {
	d := dbtest.SQLite(t, source())
	rapid.Check(t, func(r *rapid.T) {
		k := openDesk(t, d)
		id := k.register(mary(), "2026-09-05").ID
		days := rapid.SliceOfN(rapid.IntRange(1, 28), 1, 8)
		change := func(label string) {
			for i, n := range days.Draw(r, label) {
				k.revise(id, election.Date(fmt.Sprintf("2026-09-%02d", n)), func(v *roll.Voter) { v.Party = election.PartyID(fmt.Sprint(label, i, n)) })
			}
		}
		look := func(known time.Time) (out []string) {
			for n := 1; n <= 28; n++ {
				v, err := k.AsOf(k.ctx, id, election.Date(fmt.Sprintf("2026-09-%02d", n)), known)
				if err != nil && fault.KindOf(err) != fault.NotFound {
					r.Fatal(err)
				}
				out = append(out, string(v.Party))
			}
			return out
		}
		change("a")
		known := k.now
		before := look(known)
		if now := look(time.Time{}); !slices.Equal(before, now) {
			r.Fatalf("what is known now is %v, and what was known then %v", now, before)
		}
		k.now = k.now.Add(time.Minute)
		change("b")
		if after := look(known); !slices.Equal(before, after) {
			r.Fatalf("the past was %v and is %v", before, after)
		}
	})
}

func TestManyAreLoadedAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		many := func(n int, bad bool) iter.Seq2[roll.Voter, error] {
			return func(yield func(roll.Voter, error) bool) {
				for i := range n {
					v := mary()
					v.ID = roll.ID(fmt.Sprintf("%09d", i))
					if bad && i == n-1 {
						v.ID = ""
					}
					if !yield(v, nil) {
						return
					}
				}
			}
		}
		if n, err := k.Load(k.ctx, "2026-09-01", many(100, true)); fault.KindOf(err) != fault.Invalid || n != 0 {
			t.Errorf("a file with a voter without a number: %d, %v", n, err)
		}
		n, err := k.Load(k.ctx, "2026-09-01", many(300, false))
		if err != nil || n != 300 {
			t.Fatalf("got %d, %v", n, err)
		}
		got, err := k.Voter(k.ctx, "000000299")
		if err != nil || !got.NumberOf(roll.License).Equal(hide.New("D-123 456")) {
			t.Errorf("got %+v, %v", got, err)
		}
		if ids, err := k.byIdentifier(k.ctx, k.DB, roll.SSN4, hide.New("6789")); err != nil || len(ids) != 100 {
			t.Errorf("%d are found, %v", len(ids), err)
		}
		k.revise("000000007", "2026-09-02", func(v *roll.Voter) { v.Name.Last = "Doe" })
		if v := k.asOf("000000007", "2026-09-01", time.Time{}); v.Name.Last != "García-López" {
			t.Errorf("got %s", v.Name.Last)
		}
		if n, err := k.Load(k.ctx, "2026-09-01", many(1, false)); err == nil {
			t.Errorf("the same number twice: %d", n)
		}
	}, source())
}
