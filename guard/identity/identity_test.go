// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/event"
	"hustings/guard/identity"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/ledger"
	"hustings/kit/seal"
	"hustings/kit/who"
)

// office is an identity room on a fresh database, with a clock that tests turn.
type office struct {
	*identity.Identity
	ctx context.Context
	now time.Time
}

func open(t testing.TB, d *db.DB) *office {
	t.Helper()
	o := &office{now: time.Date(2026, 11, 3, 20, 0, 0, 0, time.UTC)}
	o.Identity = identity.New(identity.Deps{DB: d, Now: func() time.Time { return o.now }, Jurisdiction: "ocd-division/country:us/state:xx/county:vale",
		Office: "Vale County Elections", Sealer: &seal.Sealer{Keys: newKeys(t)}, PasswordAlone: true})
	o.ctx = who.With(context.Background(), who.System("test", o.Jurisdiction))
	if err := d.Migrate(o.ctx, []db.Source{{Room: "identity", FS: o.Room().Migrations}}); err != nil {
		t.Fatal(err)
	}
	return o
}

const good = "correct horse battery staple"

func (o *office) signIn(email, password string) (string, error) {
	return o.signInFrom("192.0.2.1", email, password)
}

func (o *office) signInFrom(address, email, password string) (string, error) {
	e, err := o.SignIn(o.ctx, email, hide.New(password), "", identity.Place{Address: netip.MustParseAddr(address), Agent: "test"})
	return e.Secret.Reveal(), err
}

// request carries a cookie.
func (o *office) request(secret string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "hustings="+secret)
	return r
}

// still says whether a stream that the cookie opened may go on.
func (o *office) still(secret string) bool {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "hustings="+secret)
	return o.Still(r)
}

// asks says who the house thinks is behind a cookie.
func (o *office) asks(secret string) string {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "hustings="+secret)
	p, ok := o.Who(r)
	if !ok {
		return ""
	}
	return p.Name
}

func TestSignIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann, err := o.Add(o.ctx, " Ann@Vale.example ", "Ann", hide.New(good))
		if err != nil {
			t.Fatal(err)
		}
		secret, err := o.signIn("ann@vale.example", good)
		if err != nil || o.asks(secret) != "Ann" {
			t.Fatalf("sign-in: %v, %q", err, o.asks(secret))
		}
		if o.asks(secret[1:]) != "" {
			t.Error("another secret signs in")
		}
		for _, tt := range []struct{ name, email, password string }{
			{"a wrong password", "ann@vale.example", "wrong"},
			{"an unknown address", "bo@vale.example", good},
		} {
			_, err := o.signIn(tt.email, tt.password)
			if fault.KindOf(err) != fault.SignIn || strings.Contains(fault.Sentence(err), tt.email) {
				t.Errorf("%s: got %v", tt.name, err)
			}
		}
		t.Run("the session ends idle", func(t *testing.T) {
			o.now = o.now.Add(29 * time.Minute)
			if o.asks(secret) != "Ann" {
				t.Error("29 minutes idle: signed out")
			}
			o.now = o.now.Add(29 * time.Minute)
			if o.asks(secret) != "Ann" {
				t.Error("29 minutes after the last request: signed out")
			}
			last := o.now
			for range 31 { // an open stream asks all the time; that is no sign of life
				o.now = o.now.Add(time.Minute)
				if at := o.now; o.still(secret) != (at.Sub(last) <= 30*time.Minute) {
					t.Errorf("%v after the last request: still %v", at.Sub(last), o.still(secret))
				}
			}
			if o.asks(secret) != "" {
				t.Error("31 minutes idle: still signed in")
			}
		})
		t.Run("a new password ends all sessions", func(t *testing.T) {
			secret, err := o.signIn("ann@vale.example", good)
			if err != nil {
				t.Fatal(err)
			}
			if err := o.SetPassword(o.ctx, ann.ID, hide.New(good+"!")); err != nil {
				t.Fatal(err)
			}
			if o.asks(secret) != "" {
				t.Error("the old session still works")
			}
		})
		t.Run("a disabled account is out at once", func(t *testing.T) {
			secret, err := o.signIn("ann@vale.example", good+"!")
			if err != nil {
				t.Fatal(err)
			}
			if err := o.Disable(o.ctx, ann.ID, "left"); err != nil {
				t.Fatal(err)
			}
			if o.asks(secret) != "" {
				t.Error("the session still works")
			}
			if _, _, err := o.MakeToken(o.ctx, ann.ID, "x", time.Hour); fault.KindOf(err) != fault.NotFound {
				t.Errorf("a token for a disabled account: got %v", err)
			}
			if _, err := o.signIn("ann@vale.example", good+"!"); fault.KindOf(err) != fault.SignIn {
				t.Errorf("sign-in: got %v", err)
			}
		})
	})
}

func TestWrongPasswordsLockTheAccountForAWhile(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		if _, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good)); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if _, err := o.signIn("ann@vale.example", "wrong"); fault.KindOf(err) != fault.SignIn {
				t.Fatal(err)
			}
		}
		if _, err := o.signIn("ann@vale.example", good); fault.KindOf(err) != fault.SignIn {
			t.Errorf("right password while locked: got %v", err)
		}
		o.now = o.now.Add(61 * time.Second)
		if _, err := o.signIn("ann@vale.example", good); err != nil {
			t.Errorf("right password after the lock: %v", err)
		}
	})
}

// guess tries wrong passwords for ann.
func (o *office) guess(t *testing.T, times int, from string) {
	t.Helper()
	for range times {
		if _, err := o.signInFrom(from, "ann@vale.example", "wrong"); fault.KindOf(err) != fault.SignIn {
			t.Fatalf("a wrong password from %s: got %v", from, err)
		}
	}
}

func TestWrongPasswordsDuringALockDoNotExtendIt(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		if _, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good)); err != nil {
			t.Fatal(err)
		}
		o.guess(t, 5, "203.0.113.9")
		for range 5 {
			o.now = o.now.Add(11 * time.Second)
			o.guess(t, 1, "203.0.113.9")
		}
		if _, err := o.signIn("ann@vale.example", good); fault.KindOf(err) != fault.SignIn {
			t.Errorf("right password while locked: got %v", err)
		}
		o.now = o.now.Add(6 * time.Second)
		if _, err := o.signIn("ann@vale.example", good); err != nil {
			t.Errorf("right password 61 seconds after the fifth wrong one: %v", err)
		}
	})
}

func TestGuessingElsewhereDoesNotLockTheOfficeOut(t *testing.T) {
	const desk, attacker, home = "192.0.2.1", "203.0.113.9", "198.51.100.4"
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good))
		if err != nil {
			t.Fatal(err)
		}
		signsIn := func(when, from string, want fault.Kind) {
			t.Helper()
			if _, err := o.signInFrom(from, "ann@vale.example", good); fault.KindOf(err) != want {
				t.Errorf("%s: got %v, want %q", when, err, want)
			}
		}
		signsIn("before all", desk, "")
		o.guess(t, 5, attacker)
		signsIn("at the desk, while somebody guesses elsewhere", desk, "")
		signsIn("from elsewhere, during the lock", home, fault.SignIn)
		o.guess(t, 4, desk)
		signsIn("at the desk, after four slips of the finger", desk, "")
		o.guess(t, 5, desk)
		signsIn("at the desk, after five", desk, fault.SignIn)
		o.now = o.now.Add(61 * time.Second)
		signsIn("at the desk, after a rest", desk, "")
		signsIn("from elsewhere, after the lock", home, "")
		o.guess(t, 5, attacker)
		signsIn("at home, which is known by now", home, "")

		signsIn("at the desk over IPv6 for the first time", "2001:db8:1:2::5", fault.SignIn)
		o.now = o.now.Add(61 * time.Second)
		signsIn("at the desk over IPv6 after the lock", "2001:db8:1:2::5", "")
		o.guess(t, 5, attacker)
		signsIn("at another desk of the same network", "2001:db8:1:2::6", "")

		o.guess(t, 5, desk)
		if err := o.Enable(o.ctx, ann.ID); err != nil {
			t.Fatal(err)
		}
		signsIn("at the desk, once an operator has lifted the lock", desk, "")
		o.now = o.now.Add(91 * 24 * time.Hour)
		o.guess(t, 5, attacker)
		signsIn("at a desk that was not used for a season", desk, fault.SignIn)
	})
}

func TestAnAccountKnowsItsLatestAddressesOnly(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		if _, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good)); err != nil {
			t.Fatal(err)
		}
		for i := range 11 {
			o.now = o.now.Add(time.Minute)
			if _, err := o.signInFrom(fmt.Sprintf("192.0.2.%d", i), "ann@vale.example", good); err != nil {
				t.Fatal(err)
			}
		}
		o.guess(t, 5, "203.0.113.9")
		for address, want := range map[string]fault.Kind{"192.0.2.0": fault.SignIn, "192.0.2.1": "", "192.0.2.10": ""} {
			if _, err := o.signInFrom(address, "ann@vale.example", good); fault.KindOf(err) != want {
				t.Errorf("%s: got %v, want %q", address, err, want)
			}
		}
	})
}

func TestALockIsForgivenAfterADay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		if _, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good)); err != nil {
			t.Fatal(err)
		}
		o.guess(t, 5, "203.0.113.9")
		for _, tt := range []struct {
			name  string
			after time.Duration
			want  fault.Kind
		}{
			{"one more wrong password an hour later locks", time.Hour, fault.SignIn},
			{"one more two days later does not", 48 * time.Hour, ""},
		} {
			o.now = o.now.Add(tt.after)
			o.guess(t, 1, "203.0.113.9")
			if _, err := o.signIn("ann@vale.example", good); fault.KindOf(err) != tt.want {
				t.Errorf("%s: got %v", tt.name, err)
			}
		}
	})
}

// TestABurstOfGuessesStopsAtTheLock sends sixty wrong passwords and the right
// one at once. All of them find the account open when they begin.
func TestABurstOfGuessesStopsAtTheLock(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		if _, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good)); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range 61 {
			all.Go(func() {
				password := "wrong"
				if i == 60 {
					time.Sleep(50 * time.Millisecond) // the last in the queue
					password = good
				}
				_, err := o.signInFrom(fmt.Sprintf("203.0.113.%d", i), "ann@vale.example", password)
				if err != nil && fault.KindOf(err) != fault.SignIn {
					t.Error(err)
				}
			})
		}
		all.Wait()
		entries, err := (&ledger.Ledger{DB: d}).Tail(o.ctx, o.Jurisdiction, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		locked, counted := false, 0
		for _, e := range entries {
			switch {
			case e.Name == event.SignedIn{}.Name() && locked:
				t.Error("the right password was let in after the lock had set in")
			case strings.Contains(string(e.Data), `"wrong password"`):
				counted++
			}
			locked = locked || strings.Contains(string(e.Data), "LockedUntil")
		}
		if !locked || counted != 5 {
			t.Errorf("locked %v after %d counted guesses, want 5", locked, counted)
		}
	})
}

func TestTokensActForAnAccountUntilTheyExpire(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good))
		if err != nil {
			t.Fatal(err)
		}
		tokenID, secret, err := o.MakeToken(o.ctx, ann.ID, "tabulator upload", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		ask := func() (who.Person, bool) {
			r := httptest.NewRequest("POST", "/api/x", nil)
			r.Header.Set("Authorization", "Bearer "+secret)
			return o.Who(r)
		}
		if p, ok := ask(); !ok || p.ID != ann.ID || p.Via != who.API {
			t.Errorf("got %+v, %v", p, ok)
		}
		o.now = o.now.Add(61 * time.Minute)
		if _, ok := ask(); ok {
			t.Error("an expired token works")
		}
		o.now = o.now.Add(-time.Hour)
		if err := o.RevokeToken(o.ctx, ann.ID, tokenID); err != nil {
			t.Fatal(err)
		}
		if _, ok := ask(); ok {
			t.Error("a revoked token works")
		}
	})
}

func TestTokensAreChecked(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good))
		if err != nil {
			t.Fatal(err)
		}
		bo, err := o.Add(o.ctx, "bo@vale.example", "Bo", hide.New(good))
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name, account, purpose string
			life                   time.Duration
			want                   fault.Kind
		}{
			{"for a year", ann.ID, "upload", 365 * 24 * time.Hour, ""},
			{"for 400 days", ann.ID, "upload", 400 * 24 * time.Hour, ""},
			{"for longer", ann.ID, "upload", 401 * 24 * time.Hour, fault.Invalid},
			{"for no time", ann.ID, "upload", 0, fault.Invalid},
			{"for less than no time", ann.ID, "upload", -time.Hour, fault.Invalid},
			{"for nothing", ann.ID, "  ", time.Hour, fault.Invalid},
			{"for nobody", "nobody", "upload", time.Hour, fault.NotFound},
		} {
			id, secret, err := o.MakeToken(o.ctx, tt.account, tt.purpose, tt.life)
			if fault.KindOf(err) != tt.want || (err == nil) != (id != "" && secret != "") {
				t.Errorf("%s: got %q, %v", tt.name, id, err)
			}
		}
		tokens, err := o.Tokens(o.ctx, ann.ID)
		if err != nil || len(tokens) != 2 || tokens[0].Purpose != "upload" || !tokens[0].Expires.Equal(o.now.Add(365*24*time.Hour)) {
			t.Fatalf("got %+v, %v", tokens, err)
		}
		if err := o.RevokeToken(o.ctx, bo.ID, tokens[0].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("revoking another's token: got %v", err)
		}
		if left, err := o.Tokens(o.ctx, ann.ID); err != nil || len(left) != 2 {
			t.Errorf("after that: got %+v, %v", left, err)
		}
	})
}

func TestANewPasswordAndDisablingEndTokens(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good))
		if err != nil {
			t.Fatal(err)
		}
		for name, end := range map[string]func() error{
			"a new password": func() error { return o.SetPassword(o.ctx, ann.ID, hide.New(good+"!")) },
			"disabling": func() error {
				return errors.Join(o.Disable(o.ctx, ann.ID, "left"), o.Enable(o.ctx, ann.ID)) // enabling brings no token back
			},
		} {
			_, secret, err := o.MakeToken(o.ctx, ann.ID, "upload", time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("POST", "/api/x", nil)
			r.Header.Set("Authorization", "Bearer "+secret)
			if _, ok := o.Who(r); ok || o.Still(r) {
				t.Errorf("%s: the token works", name)
			}
			if left, err := o.Tokens(o.ctx, ann.ID); err != nil || len(left) != 0 {
				t.Errorf("%s: got %+v, %v", name, left, err)
			}
		}
	})
}

func TestAccountsAreChecked(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		for _, tt := range []struct {
			name, email, person, password string
			want                          fault.Kind
		}{
			{"a good one", "ann@vale.example", "Ann", good, ""},
			{"the address is taken", "ANN@vale.example", "Another Ann", good, fault.Conflict},
			{"no address", "ann", "Ann", good, fault.Invalid},
			{"a short password", "bo@vale.example", "Bo", "fourteen chars", fault.Invalid},
			{"no name", "bo@vale.example", " ", good, fault.Invalid},
		} {
			if _, err := o.Add(o.ctx, tt.email, tt.person, hide.New(tt.password)); fault.KindOf(err) != tt.want {
				t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
			}
		}
	})
}
