// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"strings"
	"testing"
	"time"

	"hustings/guard/identity"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
)

// TestASessionStandsUntilItEnds, also while it rests.
func TestASessionStandsUntilItEnds(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		o.PasswordAlone = true
		for _, tt := range []struct {
			name string
			then func(account, session string) error
			want bool
		}{
			{"at once", func(string, string) error { return nil }, true},
			{"resting", func(string, string) error { o.now = o.now.Add(2 * time.Hour); return nil }, true},
			{"after the longest time", func(string, string) error { o.now = o.now.Add(13 * time.Hour); return nil }, false},
			{"ended", func(account, session string) error { return o.EndSession(o.ctx, account, session) }, false},
			{"of an account that was disabled", func(account, _ string) error { return o.Disable(o.ctx, account, "left") }, false},
			{"of an account whose day has come", func(account, _ string) error {
				defer func() { o.now = o.now.Add(time.Hour) }()
				return o.Expire(o.ctx, account, o.now.Add(time.Minute))
			}, false},
		} {
			a, err := o.Add(o.ctx, strings.ReplaceAll(tt.name, " ", "-")+"@vale.example", "Ann", hide.New(good))
			if err != nil {
				t.Fatal(err)
			}
			e, err := o.SignIn(o.ctx, a.Email, hide.New(good), "", identity.Place{})
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.then(a.ID, e.Session); err != nil {
				t.Fatal(err)
			}
			who, ses, ok, err := o.Standing(o.ctx, o.Jurisdiction, e.Session)
			if err != nil || ok != tt.want || ok && (who.ID != a.ID || ses.ID != e.Session || ses.Method != "password") {
				t.Errorf("%s: got %v %+v %+v, %v", tt.name, ok, who, ses, err)
			}
			if _, _, ok, err := o.Standing(o.ctx, "ocd-division/country:us", e.Session); ok || err != nil {
				t.Errorf("%s: in another office it stands: %v", tt.name, err)
			}
		}
	})
}
