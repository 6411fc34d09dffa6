// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/election"
	"hustings/office/extract/list"
	"hustings/office/registry/roll"
)

func each(voters []roll.Voter) iter.Seq2[list.Entry, error] {
	return func(yield func(list.Entry, error) bool) {
		for i := range voters {
			if !yield(list.Entry{Voter: &voters[i]}, nil) {
				return
			}
		}
	}
}

func TestAges(t *testing.T) {
	for _, tt := range []struct {
		name string
		v    roll.Voter
		want string
	}{
		{"eighteen on the day", roll.Voter{Birth: "2008-11-03"}, "18-24"},
		{"eighteen tomorrow", roll.Voter{Birth: "2008-11-04"}, "0-17"},
		{"of whom the year is known", roll.Voter{Year: 1961}, "65-74"},
		{"very old", roll.Voter{Birth: "1915-01-01"}, "75-"},
		{"nothing is known", roll.Voter{}, ""},
	} {
		c, err := Count("2026-11-03", each([]roll.Voter{tt.v}), nil)
		if err != nil || c.Of(Age, tt.want) != 1 {
			t.Errorf("%s: %v", tt.name, c.Values(Age))
		}
	}
}

func TestDaysOfTheLastTwoMonths(t *testing.T) {
	c, err := Count("2026-11-03", each([]roll.Voter{{Registered: "2026-11-03"}, {Registered: "2026-09-05"}, {Registered: "2026-09-04"}, {Registered: "2026-11-04"}}), nil)
	if err != nil || !slices.Equal(c.Values(Day), []string{"2026-09-05", "2026-11-03"}) {
		t.Errorf("got %v, %v", c.Values(Day), err)
	}
}

// TestPartsMakeTheWhole: whatever registrations are counted by, the counts
// together are all of them, and what is kept comes back.
func TestPartsMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var voters []roll.Voter
		for range rapid.IntRange(0, 200).Draw(t, "voters") {
			voters = append(voters, roll.Voter{
				State:    rapid.SampledFrom([]roll.State{roll.Active, roll.Inactive, roll.Pending, roll.Cancelled, "odd"}).Draw(t, "state"),
				Precinct: election.UnitID(fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "precinct"))),
				Party:    election.PartyID(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "party")),
				Source:   rapid.SampledFrom([]roll.Source{"", roll.ByMail, roll.MotorVehicles}).Draw(t, "source"),
				Birth:    rapid.SampledFrom([]election.Date{"", "1980-02-29", "2010-01-01", "bad"}).Draw(t, "birth"),
			})
		}
		c, err := Count("2026-11-03", each(voters), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []Sort{All, Party, Source, Age, Precinct, County} {
			var sum int64
			for _, v := range c.Values(s) {
				sum += c.Of(s, v)
			}
			if sum != int64(len(voters)) {
				t.Fatalf("by %s there are %d of %d", s, sum, len(voters))
			}
		}
		again := New("2026-11-03")
		for _, r := range c.Rows() {
			again.Put(r)
		}
		if diff := cmp.Diff(c.Rows(), again.Rows()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkCount(b *testing.B) {
	var voters []roll.Voter
	for i := range 100_000 {
		voters = append(voters, roll.Voter{State: roll.Active, Precinct: election.UnitID(fmt.Sprint(i % 800)), Party: "ind", Source: roll.ByMail, Birth: "1980-02-29", Registered: "2026-11-01"})
	}
	for b.Loop() {
		if _, err := Count("2026-11-03", each(voters), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(voters)*b.N)/b.Elapsed().Seconds(), "voters/s")
}
