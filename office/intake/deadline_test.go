// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"testing"
	"time"

	"hustings/election"
	"hustings/kit/db/dbtest"
	"hustings/office/registry/roll"
)

// calendar is an election in November.
type calendar struct{}

func (calendar) Upcoming(_ context.Context, from election.Date) ([]election.Election, error) {
	if from > "2026-11-03" {
		return nil, nil
	}
	return []election.Election{{ID: "general", End: "2026-11-03"}}, nil
}

func TestWhoIsLateForAnElectionVotesAfterIt(t *testing.T) {
	for _, tt := range []struct {
		name string
		day  time.Time
		by   roll.Source
		post election.Date
		from election.Date
	}{
		{"in time", time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC), roll.ByMail, "", "2026-09-01"},
		{"late by mail", time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC), roll.ByMail, "", "2026-11-04"},
		{"late, but posted in time", time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC), roll.ByMail, "2026-09-20", "2026-09-20"},
		{"late on the web", time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC), roll.ByInternet, "", "2026-11-04"},
		{"after the election", time.Date(2026, 11, 9, 12, 0, 0, 0, time.UTC), roll.ByMail, "", "2026-11-09"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCounty()
			k := openDesk(t, dbtest.SQLite(t, source())).with(c)
			k.Elections, k.now = calendar{}, tt.day
			a := mary()
			a.Voter.Source, a.Received, a.Postmark, a.Delivered = tt.by, tt.day, tt.post, ""
			if a.Signed > election.DayOf(tt.day) || a.Signed == "" {
				a.Signed = "2026-09-01"
			}
			id := k.hand("one", a)
			k.process()
			got := k.get(id)
			all, err := c.History(k.ctx, got.VoterID)
			if err != nil || len(all) == 0 || all[0].From != tt.from {
				t.Fatalf("%s %s: it holds from %v, want %s; %v", got.Step, got.Doubt, all, tt.from, err)
			}
			if len(c.letters) == 0 || c.letters[0].Fields["effective"] != string(tt.from) {
				t.Errorf("the letter says %v", c.letters)
			}
		})
	}
}
