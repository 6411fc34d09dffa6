// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

// drawn is a definition of two precincts, one of them with two splits.
type drawn struct{}

func (drawn) Newest(context.Context) (*election.Definition, string, error) {
	return &election.Definition{Units: []election.Unit{
		{ID: "c", Type: election.County, Name: "Vale"},
		{ID: "p1", Type: election.Precinct, Name: "North", Number: "01", Districts: []election.DistrictID{"d1"}},
		{ID: "p2", Type: election.Precinct, Name: "South", Number: "02", Districts: []election.DistrictID{"d2"}}}}, "h1", nil
}

func streets(half int) []place.Segment {
	oak := roll.Address{Street: "OAK", Type: "ST"}
	return []place.Segment{{ID: "1", Unit: "01", Start: "1", End: fmt.Sprint(half), Side: place.Both, Street: oak},
		{ID: "2", Unit: "South", Start: fmt.Sprint(half + 1), End: "100", Side: place.Both, Street: oak}}
}

func openLines(t *testing.T, d *db.DB) *desk {
	k := openDesk(t, d)
	k.Maps, k.Jobs, k.Now = drawn{}, &job.Jobs{DB: d}, time.Now
	work, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = k.Jobs.Run(work, k.jobs(), nil)
	}()
	t.Cleanup(func() { stop(); <-done })
	return k
}

// until waits for what a job does.
func (k *desk) until(what string, done func() bool) {
	k.t.Helper()
	for range 600 {
		if done() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	k.t.Fatal("not seen: " + what)
}

func TestLinesMoveVotersAndAreTakenBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openLines(t, d)
		_, err := k.Load(k.ctx, "2026-01-01", func(yield func(roll.Voter, error) bool) {
			for i := range 100 {
				v := mary()
				v.ID, v.Precinct, v.Identifiers = roll.ID(fmt.Sprintf("%010d", i+1)), "", nil
				v.Home = roll.Address{Number: fmt.Sprint(i + 1), Street: "Oak", Type: "Street"}
				if i == 99 {
					v.Home.Street = "Nowhere"
				}
				if i == 98 {
					v.Protected = "safe"
				}
				if !yield(v, nil) {
					return
				}
			}
		})
		k.must(err)
		use := func(half int) Lines {
			l, err := k.BringLines(k.ctx, "streets.csv", "2026-01-01", streets(half))
			k.must(err)
			k.until("a plan", func() bool { l, err = k.OneLines(k.ctx, l.ID); return err != nil || l.Plan != nil })
			k.must(err)
			k.must(k.UseLines(k.ctx, l.ID))
			k.until("the voters moved", func() bool { ids, _ := k.Changed(k.ctx, byLines(l.ID)); return len(ids) == l.Plan.Moved })
			return l
		}
		first := use(60)
		if p := first.Plan; p.Voters != 100 || p.Moved != 99 || p.Left != 1 || p.Units[0] != (UnitChange{"p1", 0, 60}) || len(p.Unsure) != 1 {
			t.Errorf("the plan is %+v", p)
		}
		second := use(50)
		if p := second.Plan; p.Moved != 10 || p.Stay != 89 {
			t.Errorf("the plan is %+v", p)
		}
		at := func(id roll.ID) election.UnitID { return k.asOf(id, "2026-06-01", time.Time{}).Precinct }
		if at("0000000055") != "p2" || at("0000000099") != "p2" || at("0000000100") != "" {
			t.Errorf("%s, %s, %s", at("0000000055"), at("0000000099"), at("0000000100"))
		}
		if a, err := k.Place(k.ctx, roll.Address{Number: "55", Street: "OAK", Type: "ST"}); err != nil || a.Unit != "p2" || len(a.Districts) != 1 {
			t.Errorf("%+v, %v", a, err)
		}
		k.must(k.TakeLinesBack(k.ctx, second.ID, "the wrong file"))
		k.until("all is as before", func() bool { return at("0000000055") == "p1" })
		if a, _ := k.Place(k.ctx, roll.Address{Number: "55", Street: "OAK", Type: "ST"}); a.Unit != "p1" {
			t.Errorf("new addresses still go to %s", a.Unit)
		}
		if err := k.UseLines(k.ctx, second.ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("got %v", err)
		}
	}, source(), job.Source())
}

func TestLinesThatCannotBeUsed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openLines(t, d)
		bad := streets(50)
		bad[1].Unit = "West"
		for _, tt := range []struct {
			segments []place.Segment
			from     election.Date
			say      string
		}{{nil, "2026-01-01", "no street ranges"}, {streets(50), "tomorrow", "no day"}, {bad, "2026-01-01", "West"}} {
			if _, err := k.BringLines(k.ctx, "streets.csv", tt.from, tt.segments); err == nil || !strings.Contains(err.Error(), tt.say) {
				t.Errorf("got %v, want %q", err, tt.say)
			}
		}
	}, source(), job.Source())
}

func TestEditing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openLines(t, d)
		id := k.register(mary(), "2026-01-01").ID
		k.must(k.Revise(k.ctx, id, Change{From: "2026-08-01", Why: "a form"}, func(v *roll.Voter) error { v.Party = "dem"; return nil }))
		typed := func(change map[string]string) edit {
			v := k.asOf(id, "2026-06-01", time.Time{})
			e := editOf(&v.Voter)
			for f, value := range change {
				e[f] = value
			}
			return e
		}
		c := Change{From: "2026-06-01", Why: "a letter", Cause: "edit 1"}
		if unsure, err := k.Edit(k.ctx, id, typed(map[string]string{"last": "Roe", "home": "7 Elsewhere Rd", "phone": "555 010 0222", "mail": "PO Box 3\nVale XX"}), c); err != nil || !unsure {
			t.Fatal(unsure, err)
		}
		v := k.asOf(id, "2026-09-01", time.Time{})
		if v.Party != "dem" || v.Name.Last != "Roe" || v.Former[0].Last != "García-López" || v.Home.Street != "ELSEWHERE" || v.Contact[0].Value != "555 010 0222" || v.Mail.Lines[1] != "Vale XX" {
			t.Errorf("%+v", v.Voter)
		}
		for field, value := range map[string]string{"birth": "1880-13-01", "home": "", "zip": "1234", "email": "nobody", "standing": "cancelled/two-elections"} {
			_, err := k.Edit(k.ctx, id, typed(map[string]string{field: value}), Change{From: "2026-06-01", Why: "x"})
			if all := fault.All(err); fault.KindOf(err) != fault.Invalid || len(all) == 0 || all[0].Field != field {
				t.Errorf("%s %q: got %v", field, value, err)
			}
		}
		if _, err := k.Edit(k.ctx, id, typed(nil), Change{From: "2026-06-01", Why: "x"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("got %v", err)
		}
		stays, err := k.TakeBack(k.ctx, id, "edit 1", "wrong letter")
		if err != nil || len(stays) > 0 || k.asOf(id, "2026-09-01", time.Time{}).Name.Last != "García-López" {
			t.Errorf("%v, %v", stays, err)
		}
	}, source(), job.Source())
}
