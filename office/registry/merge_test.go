// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
)

func TestAChangeForACauseIsMadeOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		made := Change{From: "2026-09-01", Why: "a form", Cause: "form 1"}
		first, err := k.Register(k.ctx, mary(), made)
		if err != nil {
			t.Fatal(err)
		}
		moved := Change{From: "2026-10-01", Why: "moved", Cause: "form 2"}
		for i := range 3 {
			if err := k.Revise(k.ctx, first.ID, moved, func(v *roll.Voter) error {
				v.Home.Number = fmt.Sprint(20 + i)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			again, err := k.Register(k.ctx, mary(), made)
			if err != nil || again.ID != first.ID {
				t.Fatalf("%s and %s, %v", first.ID, again.ID, err)
			}
		}
		v, err := k.AsOf(k.ctx, first.ID, "2026-10-01", time.Time{})
		if err != nil || v.Home.Number != "20" || v.Number != 2 {
			t.Errorf("%+v, %v", v, err)
		}
		if n, _ := k.Count(k.ctx); n != 1 {
			t.Errorf("%d voters", n)
		}
	}, source())
}

func TestTakingBackLeavesWhatWasChangedSince(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		id := k.register(mary(), "2026-09-01").ID
		c := Change{From: "2026-10-01", Why: "the post office says so", Cause: "run 7"}
		k.must(k.Revise(k.ctx, id, c, func(v *roll.Voter) error {
			v.Home.Number, v.Party, v.State, v.Reason = "99", "dem", roll.Inactive, roll.ConfirmationSent
			return nil
		}))
		k.revise(id, "2026-10-15", func(v *roll.Voter) { v.Party = "rep" })
		if ids, err := k.Changed(k.ctx, "run 7"); err != nil || !slices.Equal(ids, []roll.ID{id}) {
			t.Fatalf("%v, %v", ids, err)
		}
		for range 2 {
			stays, err := k.TakeBack(k.ctx, id, "run 7", "the file was wrong")
			k.must(err)
			if stays != nil && !slices.Equal(stays, []string{"Party"}) {
				t.Errorf("%v stay", stays)
			}
		}
		for on, party := range map[election.Date]election.PartyID{"2026-10-05": "ind", "2026-10-20": "rep"} {
			v := k.asOf(id, on, time.Time{})
			if v.Home.Number != "12" || v.State != roll.Active || v.Party != party {
				t.Errorf("on %s: %s %s %s", on, v.Home.Number, v.State, v.Party)
			}
		}
		if _, err := k.TakeBack(k.ctx, id, "run 8", "x"); err == nil {
			t.Error("a run that changed nothing was taken back")
		}
	}, source())
}

func (k *desk) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
	k.now = k.now.Add(time.Minute)
}

func TestMergingLosesNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		keep := k.register(mary(), "2026-09-01").ID
		other := mary()
		other.Name.Last, other.Registered, other.State = "García", "2019-02-03", roll.Inactive
		other.Contact = []roll.Contact{{Kind: "email", Value: "mary@vale.example"}}
		other.Identifiers = []roll.Identifier{{Kind: roll.StateID, Value: hide.New("S-1")}, {Kind: roll.License, Value: hide.New("D-123 456")}}
		gone := k.register(other, "2026-09-01").ID
		if err := k.Merge(k.ctx, gone, keep, Change{From: "2026-11-01", Why: "one person"}); err == nil {
			t.Error("an active registration went into an inactive one")
		}
		k.must(k.Merge(k.ctx, keep, gone, Change{From: "2026-11-01", Why: "one person"}))
		v, _ := k.AsOf(k.ctx, keep, "2026-11-01", time.Time{})
		if v.Registered != "2019-02-03" || len(v.Former) != 1 || len(v.Contact) != 2 || len(v.Identifiers) != 3 || v.State != roll.Active {
			t.Errorf("%+v", v.Voter)
		}
		if g, _ := k.AsOf(k.ctx, gone, "2026-11-01", time.Time{}); g.State != roll.Cancelled || g.Reason != roll.Duplicate || g.Into != keep {
			t.Errorf("%+v", g.Voter)
		}
		if err := k.Merge(k.ctx, keep, gone, Change{From: "2026-11-02", Why: "again"}); err == nil {
			t.Error("merged twice")
		}
	}, source())
}

// Whatever two registrations say, and however they were changed before, after a
// merge and its undoing they are what they were on every day.
func TestUnmergeRestoresExactly(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		rapid.Check(t, func(r *rapid.T) {
			k := openDesk(t, d)
			ids := [2]roll.ID{}
			for i := range ids {
				v := mary()
				v.State = roll.Active
				ids[i] = k.register(scramble(r, v), "2026-09-01").ID
				for range rapid.IntRange(0, 2).Draw(r, "changes") {
					k.revise(ids[i], aDay(r), func(v *roll.Voter) { *v = scramble(r, *v) })
				}
			}
			days := []election.Date{"2026-09-01", "2026-09-10", "2026-09-20", "2026-10-01", "2026-10-10", "2026-12-31"}
			look := func() (out []roll.Voter) {
				for _, id := range ids {
					for _, on := range days {
						out = append(out, k.asOf(id, on, time.Time{}).Voter)
					}
				}
				return out
			}
			before := look()
			if err := k.Merge(k.ctx, ids[0], ids[1], Change{From: aDay(r), Why: "one person"}); err != nil {
				r.Fatal(err)
			}
			k.now = k.now.Add(time.Hour)
			stays, err := k.Unmerge(k.ctx, ids[1], "two people")
			if err != nil || len(stays) > 0 {
				r.Fatal(stays, err)
			}
			for i, after := range look() {
				if what := differences(before[i], after); len(what) > 0 {
					r.Fatalf("voter %d on %s: %v differ", i/len(days), days[i%len(days)], what)
				}
			}
		})
	}, source())
}

func aDay(r *rapid.T) election.Date {
	return rapid.SampledFrom([]election.Date{"2026-09-05", "2026-09-10", "2026-09-15", "2026-10-01", "2026-10-05"}).Draw(r, "day")
}

// scramble changes some fields of a voter.
func scramble(r *rapid.T, v roll.Voter) roll.Voter {
	v = clone(v)
	v.Name.Last = rapid.SampledFrom([]string{"García-López", "García", "Roe"}).Draw(r, "last")
	v.Registered = rapid.SampledFrom([]election.Date{"", "2019-01-01", "2026-09-01"}).Draw(r, "registered")
	v.Home.Number = rapid.SampledFrom([]string{"1", "2"}).Draw(r, "house")
	if rapid.Bool().Draw(r, "mail") {
		v.Mail = &roll.Address{Lines: []string{"PO Box 1"}}
	}
	v.Contact = v.Contact[:rapid.IntRange(0, len(v.Contact)).Draw(r, "contacts")]
	v.Identifiers = v.Identifiers[:rapid.IntRange(0, len(v.Identifiers)).Draw(r, "identifiers")]
	v.Protected = rapid.SampledFrom([]string{"", "", "safe at home"}).Draw(r, "protected")
	return v
}

func TestWhatWasRecordedAheadStandsFromItsDayOn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		young := mary()
		young.Birth, young.State, young.Reason = "2008-10-15", roll.PreRegistered, roll.NotOfAge
		id := k.register(young, "2026-09-01").ID
		other := k.register(mary(), "2026-09-01").ID
		k.revise(other, "2026-10-01", func(v *roll.Voter) { v.Party = "dem" })
		for i, state := range []roll.State{roll.PreRegistered, roll.Active} {
			k.now = time.Date(2026, 10, 14+i, 9, 0, 0, 0, time.UTC)
			k.must(k.turn(k.ctx, nil))
			v, err := k.Voter(k.ctx, id)
			k.must(err)
			o, err := k.Voter(k.ctx, other)
			k.must(err)
			if v.State != state || o.Party != "dem" {
				t.Errorf("on %s: %s, %s", k.now, v.State, o.Party)
			}
		}
		if n, err := k.due(k.ctx); err != nil || len(n) > 0 {
			t.Errorf("%v are still due, %v", n, err)
		}
	}, source())
}
