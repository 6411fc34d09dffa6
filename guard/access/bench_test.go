// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/room"
	"hustings/kit/who"
)

// BenchmarkDecision is one decision: about a route, and about a record.
func BenchmarkDecision(b *testing.B) {
	d := dbtest.SQLite(b)
	s := access.New(access.Deps{DB: d, Now: time.Now})
	if err := d.Migrate(b.Context(), []db.Source{{Room: "access", FS: s.Room().Migrations}}); err != nil {
		b.Fatal(err)
	}
	if err := s.Learn(manifest(s)); err != nil {
		b.Fatal(err)
	}
	for _, r := range []access.Role{access.Clerk, access.Approver} {
		if err := s.Grant(setup(vale), "bo", r); err != nil {
			b.Fatal(err)
		}
	}
	bo := as("bo", vale)
	b.Run("route", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := s.May(bo, who.From(bo), "results.approve"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("record", func(b *testing.B) {
		b.ReportAllocs()
		rec := room.Record{Room: "results", Kind: "report", ID: "r1", Jurisdiction: vale, By: "ann", Election: "e", State: "held"}
		for b.Loop() {
			if err := s.On(bo, "results.approve", rec); err != nil {
				b.Fatal(err)
			}
		}
	})
}
