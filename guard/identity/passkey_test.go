// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"hustings/guard/identity"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/ledger"
	"hustings/kit/who"
)

var vale = identity.Site{Host: "office.vale.example", Origin: "https://office.vale.example"}

// key is an authenticator with one passkey, made by a library that is not ours.
type key struct {
	*office
	t     testing.TB
	site  identity.Site
	auth  virtualwebauthn.Authenticator
	cred  virtualwebauthn.Credential
	owner string
}

func (o *office) key(t testing.TB, owner string, synced bool) *key {
	return &key{o, t, vale, virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{
		UserHandle: []byte(owner), BackupEligible: synced, BackupState: synced}), newKey(), owner}
}

// newKey is a key on the curve P-256. The pretend device drops the zeros that a
// coordinate begins with, one time in 128, which no true one does.
func newKey() virtualwebauthn.Credential {
	const whole = 77 // bytes of the public key as COSE has it, with both coordinates in full
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == whole {
			return c
		}
	}
}

func (k *key) party() virtualwebauthn.RelyingParty {
	return virtualwebauthn.RelyingParty{ID: k.site.Host, Name: "Vale", Origin: k.site.Origin}
}

func options(t testing.TB, c identity.Challenge) string {
	t.Helper()
	body, err := json.Marshal(c.Options)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// make answers a challenge to make the passkey.
func (k *key) make(c identity.Challenge) []byte {
	k.t.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(options(k.t, c))
	if err != nil {
		k.t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(k.party(), k.auth, k.cred, *asked))
}

// sign answers a challenge to sign.
func (k *key) sign(c identity.Challenge) []byte {
	k.t.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(options(k.t, c))
	if err != nil {
		k.t.Fatal(err)
	}
	k.cred.Counter++
	return []byte(virtualwebauthn.CreateAssertionResponse(k.party(), k.auth, k.cred, *asked))
}

// added adds the passkey to its owner's account.
func (k *key) added() identity.Passkey {
	k.t.Helper()
	c, err := k.OfferPasskey(k.ctx, vale, k.owner)
	if err != nil {
		k.t.Fatal(err)
	}
	p, err := k.AddPasskey(k.ctx, vale, k.owner, "blue key", c.Ceremony, k.make(c))
	if err != nil {
		k.t.Fatal(err)
	}
	return p
}

func (k *key) ask() identity.Challenge {
	k.t.Helper()
	c, err := k.AskPasskey(k.ctx, vale)
	if err != nil {
		k.t.Fatal(err)
	}
	return c
}

// in signs in by the passkey.
func (k *key) in() (identity.Entry, error) {
	c := k.ask()
	return k.SignInByPasskey(k.ctx, vale, c.Ceremony, k.sign(c), identity.Place{Agent: "test"})
}

func hire(t testing.TB, o *office, name string) identity.Account {
	t.Helper()
	a, err := o.Add(o.ctx, strings.ToLower(name)+"@vale.example", name, hide.New(good))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAPasskeySignsIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		for _, tt := range []struct {
			name   string
			synced bool
			level  int
		}{{"one that stays on its device", false, 3}, {"one that is copied between devices", true, 2}} {
			t.Run(tt.name, func(t *testing.T) {
				o := open(t, d)
				k := o.key(t, hire(t, o, fmt.Sprint("Ann", tt.level)).ID, tt.synced)
				if p := k.added(); p.Name != "blue key" || p.Level() != tt.level {
					t.Errorf("got %+v", p)
				}
				e, err := k.in()
				if err != nil {
					t.Fatal(err)
				}
				p := o.person(e.Secret.Reveal())
				if p.ID != k.owner || p.Level != tt.level || !p.Proved.Equal(o.now) || p.Session == "" {
					t.Errorf("got %+v", p)
				}
			})
		}
	})
}

// person is who is behind a cookie.
func (o *office) person(secret string) who.Person {
	p, _ := o.Who(o.request(secret))
	return p
}

func TestLevel3LastsAQuarterOfAnHourWithoutARequest(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	k := o.key(t, hire(t, o, "Ann").ID, false)
	k.added()
	e, err := k.in()
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name  string
		after time.Duration
		want  int
	}{{"14 minutes later", 14 * time.Minute, 3}, {"16 minutes after that", 16 * time.Minute, 2}, {"right after", time.Second, 2}} {
		o.now = o.now.Add(step.after)
		if got := o.person(e.Secret.Reveal()).Level; got != step.want {
			t.Errorf("%s: got level %d, want %d", step.name, got, step.want)
		}
	}
}

// TestForgedAndReplayedAnswersAreRefused sends answers that no honest ceremony
// makes. Each ends in the one refusal that tells nothing, and in no session.
func TestForgedAndReplayedAnswersAreRefused(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann, bo := hire(t, o, "Ann"), hire(t, o, "Bo")
		k, other := o.key(t, ann.ID, false), o.key(t, bo.ID, false)
		k.added()
		other.added()
		if _, err := k.in(); err != nil {
			t.Fatal(err)
		}
		used := k.ask()
		usedAnswer := k.sign(used)
		if _, err := k.SignInByPasskey(k.ctx, vale, used.Ceremony, usedAnswer, identity.Place{}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name string
			send func() (identity.Challenge, []byte)
			want fault.Kind
		}{
			{"the same answer once more", func() (identity.Challenge, []byte) { return used, usedAnswer }, fault.Gone},
			{"an old answer to a new challenge", func() (identity.Challenge, []byte) { return k.ask(), usedAnswer }, fault.SignIn},
			{"a ceremony that never was", func() (identity.Challenge, []byte) {
				return identity.Challenge{Ceremony: hide.New("nothing")}, usedAnswer
			}, fault.Gone},
			{"made on another site", func() (identity.Challenge, []byte) {
				c := k.ask()
				evil := *k
				evil.site.Origin = "https://office.vale.example.evil.example"
				return c, evil.sign(c)
			}, fault.SignIn},
			{"made for another host", func() (identity.Challenge, []byte) {
				c := k.ask()
				evil := *k
				evil.site.Host = "evil.example"
				return c, evil.sign(c)
			}, fault.SignIn},
			{"the person was not verified", func() (identity.Challenge, []byte) {
				c := k.ask()
				lazy := *k
				lazy.auth.Options.UserNotVerified = true
				return c, lazy.sign(c)
			}, fault.SignIn},
			{"nobody was there", func() (identity.Challenge, []byte) {
				c := k.ask()
				lazy := *k
				lazy.auth.Options.UserNotPresent = true
				return c, lazy.sign(c)
			}, fault.SignIn},
			{"a passkey of another account's name", func() (identity.Challenge, []byte) {
				c := k.ask()
				evil := *other
				evil.auth.Options.UserHandle = []byte(ann.ID)
				return c, evil.sign(c)
			}, fault.SignIn},
			{"a passkey that nobody added", func() (identity.Challenge, []byte) {
				c := k.ask()
				return c, o.key(t, ann.ID, false).sign(c)
			}, fault.SignIn},
			{"a signature with one bit turned", func() (identity.Challenge, []byte) {
				c := k.ask()
				return c, turned(t, k.sign(c), "signature")
			}, fault.SignIn},
			{"the challenge exchanged", func() (identity.Challenge, []byte) {
				c := k.ask()
				return c, turned(t, k.sign(c), "clientDataJSON")
			}, fault.SignIn},
			{"the counter stood still", func() (identity.Challenge, []byte) {
				c := k.ask()
				copied := *k
				copied.cred.Counter = 0
				return c, copied.sign(c)
			}, fault.SignIn},
			{"not JSON", func() (identity.Challenge, []byte) { return k.ask(), []byte("{") }, fault.SignIn},
			{"nothing", func() (identity.Challenge, []byte) { return k.ask(), nil }, fault.SignIn},
			{"an answer of the other kind", func() (identity.Challenge, []byte) {
				c, err := o.OfferPasskey(o.ctx, vale, ann.ID)
				if err != nil {
					t.Fatal(err)
				}
				return c, k.make(c)
			}, fault.Gone},
			{"too late", func() (identity.Challenge, []byte) {
				c := k.ask()
				o.now = o.now.Add(6 * time.Minute)
				return c, k.sign(c)
			}, fault.Gone},
		} {
			t.Run(tt.name, func(t *testing.T) {
				c, answer := tt.send()
				e, err := k.SignInByPasskey(k.ctx, vale, c.Ceremony, answer, identity.Place{})
				if fault.KindOf(err) != tt.want || e.Secret.Reveal() != "" && o.person(e.Secret.Reveal()).Known() {
					t.Errorf("got %v", err)
				}
			})
		}
		if keys, err := o.Factors(o.ctx, ann.ID); err != nil || len(keys.Passkeys) != 1 || !keys.Passkeys[0].Cloned {
			t.Errorf("the passkey whose counter stood still is not marked: %+v, %v", keys.Passkeys, err)
		}
		if _, err := k.in(); err != nil {
			t.Errorf("afterwards the true passkey signs in no more: %v", err)
		}
	})
}

// turned turns one bit in a part of an answer.
func turned(t *testing.T, answer []byte, part string) []byte {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(answer, &all); err != nil {
		t.Fatal(err)
	}
	response := all["response"].(map[string]any)
	raw, err := base64.RawURLEncoding.DecodeString(response[part].(string))
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	response[part] = base64.RawURLEncoding.EncodeToString(raw)
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAPasskeyOfADisabledAccountDoesNotSignIn(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	ann := hire(t, o, "Ann")
	k := o.key(t, ann.ID, false)
	k.added()
	for _, tt := range []struct {
		name string
		do   func() error
	}{
		{"disabled", func() error { return o.Disable(o.ctx, ann.ID, "left") }},
		{"its time is over", func() error {
			at := o.now.Add(time.Hour)
			o.now = at
			return o.Expire(o.ctx, ann.ID, at)
		}},
		{"asleep", func() error { o.now = o.now.Add(91 * 24 * time.Hour); return o.Expire(o.ctx, ann.ID, time.Time{}) }},
	} {
		if err := tt.do(); err != nil {
			t.Fatal(err)
		}
		if _, err := k.in(); fault.KindOf(err) != fault.SignIn {
			t.Errorf("%s: got %v", tt.name, err)
		}
		if err := o.Enable(o.ctx, ann.ID); err != nil {
			t.Fatal(err)
		}
		if err := o.Expire(o.ctx, ann.ID, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := k.in(); err != nil {
			t.Errorf("woken after %s: %v", tt.name, err)
		}
	}
}

func TestTheLastWayInCannotBeRemoved(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		o.PasswordAlone = false
		ann := hire(t, o, "Ann")
		first, second := o.key(t, ann.ID, false).added(), o.key(t, ann.ID, true).added()
		if err := o.RemovePassword(o.ctx, ann.ID); err != nil {
			t.Fatal(err)
		}
		if err := o.RemovePasskey(o.ctx, ann.ID, first.ID); err != nil {
			t.Fatal(err)
		}
		if err := o.RemovePasskey(o.ctx, ann.ID, second.ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the last passkey: got %v", err)
		}
		if err := o.RemovePasskey(o.ctx, ann.ID, "another"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a passkey that is not there: got %v", err)
		}
		f, err := o.Factors(o.ctx, ann.ID)
		if err != nil || len(f.Passkeys) != 1 || f.Password {
			t.Errorf("left: %+v, %v", f, err)
		}
	})
}

func TestAPasskeyIsOneAccountsAlone(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	ann, bo := hire(t, o, "Ann"), hire(t, o, "Bo")
	k := o.key(t, ann.ID, false)
	p := k.added()
	for name, err := range map[string]error{
		"renaming another's": o.RenamePasskey(o.ctx, bo.ID, p.ID, "mine"),
		"removing another's": o.RemovePasskey(o.ctx, bo.ID, p.ID),
	} {
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: got %v", name, err)
		}
	}
	c, err := o.OfferPasskey(o.ctx, vale, ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.AddPasskey(o.ctx, vale, bo.ID, "x", c.Ceremony, o.key(t, bo.ID, false).make(c)); fault.KindOf(err) != fault.Gone {
		t.Errorf("an answer to another's challenge: got %v", err)
	}
	if _, err := o.OfferPasskey(o.ctx, identity.Site{Host: "192.0.2.1", Origin: "http://192.0.2.1"}, ann.ID); fault.KindOf(err) != fault.Invalid {
		t.Errorf("at a number: got %v", err)
	}
}

// FuzzReadAnswers sends anything as the answer of a passkey: it is refused, and
// nothing breaks.
func FuzzReadAnswers(f *testing.F) {
	o := open(f, dbtest.SQLite(f))
	ann := hire(f, o, "Ann")
	k := o.key(f, ann.ID, false)
	k.added()
	f.Add(k.sign(k.ask()), true)
	c, err := o.OfferPasskey(o.ctx, vale, ann.ID)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(o.key(f, ann.ID, true).make(c), false)
	f.Add([]byte(`{"id":"x","rawId":"eA","type":"public-key","response":{}}`), true)
	f.Fuzz(func(t *testing.T, answer []byte, in bool) {
		k := &key{o, t, k.site, k.auth, k.cred, k.owner}
		var err error
		if in {
			c := k.ask()
			_, err = o.SignInByPasskey(o.ctx, vale, c.Ceremony, answer, identity.Place{})
		} else {
			c, offered := o.OfferPasskey(o.ctx, vale, ann.ID)
			if offered != nil {
				t.Fatal(offered)
			}
			_, err = o.AddPasskey(o.ctx, vale, ann.ID, "x", c.Ceremony, answer)
		}
		if kind := fault.KindOf(err); kind != fault.SignIn && kind != fault.Invalid {
			t.Errorf("got %v", err)
		}
	})
}

// names lists the facts of the ledger.
func (o *office) names(t testing.TB, d *db.DB) (out []string) {
	t.Helper()
	entries, err := (&ledger.Ledger{DB: d}).Tail(o.ctx, o.Jurisdiction, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name)
	}
	return out
}
