// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// TestWhatHappensWhileAPasswordIsChecked holds a sign-in with the right
// password in the queue for hashing, after it has read the account, and changes
// the account meanwhile.
func TestWhatHappensWhileAPasswordIsChecked(t *testing.T) {
	const right = "correct horse battery staple"
	for _, tt := range []struct {
		name  string
		known bool // the address has signed in before
		do    func(s *Identity, ctx context.Context, tx *db.Tx, account string) error
		want  fault.Kind
	}{
		{"nothing", false, nil, ""},
		{"nothing, at a known address", true, nil, ""},
		{"a lock sets in", false, func(s *Identity, ctx context.Context, tx *db.Tx, account string) error {
			tx.Record(event.SignInRefused{Account: account})
			return lock(ctx, tx, s.Jurisdiction, account, "", s.Now().Add(time.Minute))
		}, fault.SignIn},
		{"a lock sets in for a known address", true, func(s *Identity, ctx context.Context, tx *db.Tx, account string) error {
			tx.Record(event.SignInRefused{Account: account})
			return lock(ctx, tx, s.Jurisdiction, account, "192.0.2.1", s.Now().Add(time.Minute))
		}, fault.SignIn},
		{"the password is changed", false, changed, fault.SignIn},
		{"the password is changed, at a known address", true, changed, fault.SignIn},
		{"the account is disabled", true, func(s *Identity, ctx context.Context, tx *db.Tx, account string) error {
			at := s.Now()
			tx.Record(event.AccountDisabled{Account: account})
			return errors.Join(setDisabled(ctx, tx, s.Jurisdiction, account, &at), s.endAll(ctx, tx, account))
		}, fault.SignIn},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				s := New(Deps{DB: d, Now: time.Now, Jurisdiction: dbtest.Jurisdiction, PasswordAlone: true})
				ctx := dbtest.Context(t)
				if err := d.Migrate(ctx, []db.Source{{Room: "identity", FS: migrations}}); err != nil {
					t.Fatal(err)
				}
				ann, err := s.Add(ctx, "ann@vale.example", "Ann", hide.New(right))
				if err != nil {
					t.Fatal(err)
				}
				signIn := func() (string, error) {
					e, err := s.SignIn(ctx, ann.Email, hide.New(right), "", Place{Address: netip.MustParseAddr("192.0.2.1"), Agent: "test"})
					return e.Secret.Reveal(), err
				}
				if tt.known {
					if _, err := signIn(); err != nil {
						t.Fatal(err)
					}
				}
				free := s.fill()
				var secret string
				done := make(chan error, 1)
				go func() {
					var err error
					secret, err = signIn()
					done <- err
				}()
				time.Sleep(100 * time.Millisecond) // by now it has read the account and waits
				if tt.do != nil {
					if err := d.Write(ctx, func(tx *db.Tx) error { return tt.do(s, ctx, tx, ann.ID) }); err != nil {
						t.Fatal(err)
					}
				}
				free()
				if err := <-done; fault.KindOf(err) != tt.want {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("Cookie", "hustings="+secret)
				if p, ok := s.Who(r); ok != (tt.want == "") {
					t.Errorf("the session belongs to %q", p.Name)
				}
			})
		})
	}
}

func changed(s *Identity, ctx context.Context, tx *db.Tx, account string) error {
	tx.Record(event.PasswordChanged{Account: account})
	return errors.Join(updatePassword(ctx, tx, s.Jurisdiction, account, "another"), s.endAll(ctx, tx, account))
}

// fill takes all places for hashing and returns how to free them.
func (s *Identity) fill() (free func()) {
	for range cap(s.hashing) {
		s.hashing <- struct{}{}
	}
	return func() {
		for range cap(s.hashing) {
			<-s.hashing
		}
	}
}

func TestWhoGoesAwayGivesUpTheirPlaceInTheQueue(t *testing.T) {
	d := dbtest.SQLite(t, db.Source{Room: "identity", FS: migrations})
	s := New(Deps{DB: d, Now: time.Now, Jurisdiction: dbtest.Jurisdiction})
	defer s.fill()()
	for name, do := range map[string]func(ctx context.Context) error{
		"signing in": func(ctx context.Context) error {
			_, err := s.SignIn(ctx, "ann@vale.example", hide.New("x"), "", Place{})
			return err
		},
		"adding an account": func(ctx context.Context) error {
			_, err := s.Add(ctx, "ann@vale.example", "Ann", hide.New("correct horse battery staple"))
			return err
		},
		"setting a password": func(ctx context.Context) error {
			return s.SetPassword(ctx, "ann", hide.New("correct horse battery staple"))
		},
	} {
		ctx, cancel := context.WithTimeout(who.With(t.Context(), who.System("test", s.Jurisdiction)), 50*time.Millisecond)
		done := make(chan error, 1)
		go func() { done <- do(ctx) }()
		select {
		case err := <-done:
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v", name, err)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s: still waits", name)
		}
		cancel()
	}
}
