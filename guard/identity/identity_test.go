// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hustings/guard/identity"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// office is an identity room on a fresh database, with a clock that tests turn.
type office struct {
	*identity.Identity
	ctx context.Context
	now time.Time
}

func open(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := &office{now: time.Date(2026, 11, 3, 20, 0, 0, 0, time.UTC)}
	o.Identity = identity.New(identity.Deps{DB: d, Now: func() time.Time { return o.now }, Jurisdiction: "ocd-division/country:us/state:xx/county:vale"})
	o.ctx = who.With(context.Background(), who.System("test", o.Jurisdiction))
	if err := d.Migrate(o.ctx, []db.Source{{Room: "identity", FS: o.Room().Migrations}}); err != nil {
		t.Fatal(err)
	}
	return o
}

const good = "correct horse battery staple"

func (o *office) signIn(email, password string) (string, error) {
	return o.SignIn(o.ctx, email, hide.New(password), "192.0.2.1", "test")
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
