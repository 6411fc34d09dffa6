// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/who"
)

func TestMay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a := access.New(access.Deps{DB: d, Now: time.Now})
		vale := who.With(context.Background(), who.Person{ID: "admin", Jurisdiction: "vale"})
		if err := d.Migrate(vale, []db.Source{{Room: "access", FS: a.Room().Migrations}}); err != nil {
			t.Fatal(err)
		}
		for person, role := range map[string]access.Role{"ann": access.Clerk, "bo": access.Approver} {
			for range 2 { // granting twice is no error
				if err := a.Grant(vale, person, role); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, tt := range []struct {
			name, person, jurisdiction, permission string
			want                                   fault.Kind
		}{
			{"a clerk may upload", "ann", "vale", "results.upload", ""},
			{"a clerk may not approve", "ann", "vale", "results.approve", fault.Denied},
			{"an approver may approve", "bo", "vale", "results.approve", ""},
			{"an approver may not upload", "bo", "vale", "results.upload", fault.Denied},
			{"a role ends at the jurisdiction's border", "bo", "dale", "results.approve", fault.Denied},
			{"a stranger may nothing", "eve", "vale", "results.view", fault.Denied},
			{"nobody may what no role holds", "bo", "vale", "results.invented", fault.Denied},
		} {
			p := who.Person{ID: tt.person, Jurisdiction: tt.jurisdiction, Via: who.Browser}
			if err := a.May(vale, p, tt.permission); fault.KindOf(err) != tt.want {
				t.Errorf("%s: got %v", tt.name, err)
			}
		}
		if err := a.Revoke(vale, "bo", access.Approver); err != nil {
			t.Fatal(err)
		}
		if err := a.May(vale, who.Person{ID: "bo", Jurisdiction: "vale"}, "results.approve"); fault.KindOf(err) != fault.Denied {
			t.Errorf("after revoking: got %v", err)
		}
		if err := a.Grant(vale, "ann", "king"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an unknown role: got %v", err)
		}
	})
}
