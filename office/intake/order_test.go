// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/election"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
)

// sent is an application as its sender has it, and of whom it really is.
type sent struct {
	key  string
	who  string
	app  roll.Application
	when time.Time
}

// draw makes up applications of a few people, twins among them, who move, take
// other names, choose parties, and cancel.
func draw(t *rapid.T) []sent {
	people := []struct {
		first, last string
		birth       election.Date
		licence     string
	}{{"Mary", "Lopez", "1980-02-29", "D1"}, {"Martha", "Lopez", "1980-02-29", ""}, {"John", "Quill", "1970-07-07", ""}, {"Zoe", "Abel", "2009-03-03", "X3"}}
	var out []sent
	for i := range rapid.IntRange(2, 9).Draw(t, "applications") {
		p := people[rapid.IntRange(0, len(people)-1).Draw(t, "who")]
		when := time.Date(2026, 8, rapid.IntRange(1, 6).Draw(t, "day"), 9, i, 0, 0, time.UTC)
		a := roll.Application{Asks: roll.ToRegister, Signed: "2026-08-01", Received: when, Voter: roll.Voter{
			Name: roll.Name{First: p.first, Last: p.last}, Birth: p.birth, Source: rapid.SampledFrom([]roll.Source{roll.ByInternet, roll.MotorVehicles}).Draw(t, "source"),
			Home:       roll.Address{Number: fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "house")), Street: "Elm", Type: "ST", City: "Vale", State: "XX"},
			Assertions: []roll.Assertion{{Kind: citizen, Value: "yes"}}}}
		if p.licence != "" && rapid.Bool().Draw(t, "with a licence") {
			a.Voter.Identifiers = []roll.Identifier{{Kind: roll.License, Value: hide.New(p.licence)}}
		}
		switch rapid.IntRange(0, 6).Draw(t, "what") {
		case 0:
			a.Asks = roll.ToCancel
		case 1:
			a.Voter.Party = election.PartyID(rapid.SampledFrom([]string{"lantern", "harvest"}).Draw(t, "party"))
		case 2:
			a.Voter.Contact = []roll.Contact{{Kind: "phone", Value: fmt.Sprint(rapid.IntRange(1, 2).Draw(t, "phone"))}}
		case 3:
			a.Asks, a.Voter.Home, a.Voter.Party = roll.ToUpdate, roll.Address{}, "orchard"
		case 4:
			a.Voter.Mail = &roll.Address{Lines: []string{"PO BOX 7"}}
		case 5:
			a.Voter.Name.Middle = rapid.SampledFrom([]string{"Ann", "Beth"}).Draw(t, "middle")
		}
		out = append(out, sent{fmt.Sprintf("k%d", i), p.first + p.last, a, when})
	}
	return out
}

// play hands applications in, in an order and with repeats, processing now and
// then, and has a clerk decide as it truly is. It gives the roll at the end.
func play(t testing.TB, k *desk, c *county, list []sent, order []int, dice *rand.Rand) map[string]roll.Voter {
	t.Helper()
	truth := map[ID]string{}
	for _, i := range order {
		s := list[i]
		truth[k.hand(s.key, s.app)] = s.who
		if dice.IntN(2) == 0 {
			survive(t, k)
		}
	}
	survive(t, k)
	for round := 0; ; round++ {
		waiting, err := k.Waiting(k.ctx, Filter{Step: Looking})
		k.must(err)
		if len(waiting) == 0 {
			break
		}
		if round > 40 {
			t.Fatalf("the queue does not empty: %+v", waiting[0])
		}
		// The clerk decides about registrations first: a change of what is not
		// there may be of somebody whose form waits.
		slices.SortFunc(waiting, func(a, b Application) int {
			if x, y := a.Asks == roll.ToRegister, b.Asks == roll.ToRegister; x != y {
				return map[bool]int{true: -1, false: 1}[x]
			}
			return strings.Compare(a.rank(), b.rank())
		})
		clerk(t, k, c, waiting[0], truth)
		survive(t, k)
	}
	out := map[string]roll.Voter{}
	for id := range c.voters {
		v, _ := c.now(id)
		all, err := k.of(k.ctx, &Application{VoterID: id})
		k.must(err)
		name := truth[all[0].ID]
		if _, twice := out[name]; twice {
			t.Fatalf("%s is in the roll twice", name)
		}
		v.ID, v.Document, v.Since = "", "", ""
		out[name] = v
	}
	return out
}

// clerk decides an application as it truly is.
func clerk(t testing.TB, k *desk, c *county, a Application, truth map[ID]string) {
	t.Helper()
	for id := range c.voters {
		all, err := k.of(k.ctx, &Application{VoterID: id})
		k.must(err)
		if len(all) > 0 && truth[all[0].ID] == truth[a.ID] {
			k.must(ignore(k.IsVoter(k.ctx, a.ID, a.Version, id, "it is"), errKilled))
			return
		}
	}
	if a.Asks != roll.ToRegister {
		k.must(k.Reject(k.ctx, a.ID, a.Version, NotOnRoll, "nobody"))
		return
	}
	k.must(ignore(k.AsNew(k.ctx, a.ID, a.Version, "it is nobody we know"), errKilled))
}

func ignore(err, this error) error {
	if errors.Is(err, this) {
		return nil
	}
	return err
}

// survive processes until it gets through, however often the house is killed.
func survive(t testing.TB, k *desk) {
	t.Helper()
	for range 50 {
		_, err := k.Process(k.ctx)
		if err == nil {
			return
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
	}
	t.Fatal("it never gets through")
}

func TestAnyOrderGivesTheSameRoll(t *testing.T) {
	d := dbtest.SQLite(t, source())
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		list := draw(rt)
		seed := rapid.Uint64().Draw(rt, "seed")
		run := func(shuffle bool) map[string]roll.Voter {
			dice := rand.New(rand.NewPCG(seed, 1))
			order := make([]int, 0, 2*len(list))
			for i := range list {
				order = append(order, i)
			}
			slices.SortFunc(order, func(a, b int) int { return list[a].when.Compare(list[b].when) })
			c := newCounty()
			if shuffle {
				order = append(order, order[:len(order)/2]...)
				dice.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				c.dies = dice.IntN(8)
			}
			n++
			k := openDesk(t, d).with(c)
			k.Jurisdiction = fmt.Sprintf("ocd-division/country:us/state:xx/county:n%d", n)
			k.ctx = inside(context.Background(), k.Jurisdiction)
			return play(t, k, c, list, order, dice)
		}
		want, got := run(false), run(true)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b hide.String) bool { return a.Equal(b) })); diff != "" {
			for _, s := range list {
				rt.Logf("%s %s %s %s %s %s %v %v", s.key, s.who, s.app.Asks, s.when.Format(time.DateOnly), s.app.Voter.Home.Number, s.app.Voter.Party, s.app.Voter.Mail, s.app.Voter.Identifiers)
			}
			rt.Fatalf("in order and out of order differ:\n%s", diff)
		}
	})
}
