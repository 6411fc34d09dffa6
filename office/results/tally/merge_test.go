// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/election"
)

// county is a state of two counties with n precincts each, one contest of
// three choices and two vote types.
func county(n int) *election.Definition {
	d := &election.Definition{
		Election:  election.Election{ID: "t", Scope: "s"},
		Units:     []election.Unit{{ID: "s", Type: election.State, Name: "State"}},
		VoteTypes: []election.VoteType{{ID: "early"}, {ID: "day"}},
		Contests: []election.Contest{{ID: "c", VotesAllowed: 1, Elected: 1, Choices: []election.Choice{
			{ID: "a", Name: election.T("A")}, {ID: "b", Name: election.T("B")}, {ID: "w", Name: election.T("W"), Kind: election.WriteIn}}}},
	}
	for _, c := range []election.UnitID{"x", "y"} {
		d.Units = append(d.Units, election.Unit{ID: c, Type: election.County, Name: string(c), Parent: "s"})
		for i := range n {
			d.Units = append(d.Units, election.Unit{ID: election.UnitID(fmt.Sprintf("%s%d", c, i)), Type: election.Precinct, Parent: c})
		}
	}
	return d
}

// TestTheWholeIsTheSumOfItsParts adds random votes, in any order and split over
// any number of sources, and compares every county and the state with sums
// made by hand.
func TestTheWholeIsTheSumOfItsParts(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(r, "precincts")
		x := NewIndex(county(n))
		sources := rapid.IntRange(1, 4).Draw(r, "sources")
		sheets := make([]*Sheet, sources)
		for i := range sheets {
			sheets[i] = &Sheet{Index: x}
		}
		want := map[[3]int32]int64{} // unit, choice, type
		for u, unit := range x.Def.Units {
			if !unit.Leaf() {
				continue
			}
			for choice := int32(-2); choice < 3; choice++ {
				for typ := int16(1); typ <= 2; typ++ {
					votes := int64(rapid.IntRange(0, 5000).Draw(r, "votes"))
					s := sheets[rapid.IntRange(0, sources-1).Draw(r, "source")]
					s.Cells = append(s.Cells, Cell{Unit: int32(u), Contest: 0, Choice: choice, Type: typ, N: votes})
					for up := int32(u); up >= 0; up = x.Parent(up) {
						want[[3]int32{up, choice, int32(typ)}] += votes
						want[[3]int32{up, choice, 0}] += votes
					}
				}
			}
		}
		var parts []*Sheet
		for _, s := range sheets {
			Sort(s.Cells)
			parts = append(parts, s)
		}
		rand.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		got := Merge(x, parts...)
		for k, w := range want {
			if n, ok := got.N(k[0], 0, k[1], int16(k[2])); !ok || n != w {
				r.Fatalf("unit %s choice %d type %d: got %d (%v), want %d", x.Def.Units[k[0]].ID, k[1], k[2], n, ok, w)
			}
		}
	})
}

func TestMerge(t *testing.T) {
	x := NewIndex(county(2))
	unit := func(id election.UnitID) int32 { u, _ := x.Unit(id); return u }
	cell := func(id election.UnitID, contest, choice int32, typ int16, n int64) Cell {
		return Cell{Unit: unit(id), Contest: contest, Choice: choice, Type: typ, N: n}
	}
	type num struct {
		unit            election.UnitID
		contest, choice int32
		typ             int16
		n               int64
		ok              bool
	}
	for _, tt := range []struct {
		name  string
		parts [][]Cell
		want  []num
	}{
		{"a total that does not add up stands as reported",
			[][]Cell{{cell("x0", 0, 0, 0, 10), cell("x0", 0, 0, 1, 4), cell("x0", 0, 0, 2, 5)}},
			[]num{{"x0", 0, 0, 0, 10, true}, {"x", 0, 0, 1, 4, true}, {"s", 0, 0, 0, 10, true}}},
		{"nothing reported is not zero",
			[][]Cell{{cell("x0", 0, 0, 0, 10)}},
			[]num{{"x1", 0, 0, 0, 0, false}, {"y", 0, 0, 0, 0, false}}},
		{"a county that reports itself counts where no precinct does",
			[][]Cell{{cell("x", 0, 0, 0, 7), cell("y0", 0, 0, 0, 1), cell("y", 0, 0, 0, 99)}},
			[]num{{"x", 0, 0, 0, 7, true}, {"y", 0, 0, 0, 1, true}, {"s", 0, 0, 0, 8, true}}},
		{"registered voters are told, not added, by several sources",
			[][]Cell{{cell("x0", NoContest, Registered, 0, 100)}, {cell("x0", NoContest, Registered, 0, 120)}},
			[]num{{"x0", NoContest, Registered, 0, 120, true}, {"x", NoContest, Registered, 0, 120, true}}},
		{"a source without vote types adds to one with them",
			[][]Cell{{cell("x0", 0, 0, 0, 10)}, {cell("x0", 0, 0, 1, 4)}},
			[]num{{"x0", 0, 0, 0, 14, true}, {"x0", 0, 0, 1, 4, true}}},
		{"a subtotal is never added",
			[][]Cell{{cell("x0", 0, 2, 0, 3), cell("x0", 0, Subtotal, 0, 3)}},
			[]num{{"s", 0, 2, 0, 3, true}, {"x0", 0, Subtotal, 0, 0, false}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var parts []*Sheet
			for _, cells := range tt.parts {
				Sort(cells)
				parts = append(parts, &Sheet{Index: x, Cells: cells})
			}
			got := Merge(x, parts...)
			for _, w := range tt.want {
				n, ok := got.N(unit(w.unit), w.contest, w.choice, w.typ)
				if n != w.n || ok != w.ok {
					t.Errorf("%s contest %d choice %d type %d: got %d, %v; want %d, %v", w.unit, w.contest, w.choice, w.typ, n, ok, w.n, w.ok)
				}
			}
		})
	}
}

func TestReporting(t *testing.T) {
	x := NewIndex(county(2))
	u, _ := x.Unit("x1")
	got := Merge(x, &Sheet{Index: x, Cells: []Cell{{Unit: u, Contest: 0, Choice: 0, N: 1}}})
	var rows []string
	for _, id := range []election.UnitID{"s", "x", "y", "x1"} {
		u, _ := x.Unit(id)
		r, e := got.Reporting(u, NoContest)
		rows = append(rows, fmt.Sprintf("%s %d/%d %v", id, r, e, got.Reported(u)))
	}
	want := []string{"s 1/4 true", "x 1/2 true", "y 0/2 false", "x1 1/1 true"}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
}

func TestAPrecinctReportsWhenItsElectionDayIsIn(t *testing.T) {
	def := county(2)
	def.VoteTypes[0].Item, def.VoteTypes[1].Item = election.Early, election.ElectionDay
	x := NewIndex(def)
	at := func(id election.UnitID, typ int16) Cell {
		u, _ := x.Unit(id)
		return Cell{Unit: u, Contest: 0, Choice: 0, Type: typ, N: 5}
	}
	for _, tt := range []struct {
		name  string
		cells []Cell
		want  int
	}{
		{"early votes alone are no report", []Cell{at("x0", 1), at("x1", 1)}, 0},
		{"election day is", []Cell{at("x0", 1), at("x0", 2), at("x1", 1)}, 1},
		{"votes that are not told apart are", []Cell{at("y0", 0)}, 1},
		{"the total beside early votes is not", []Cell{at("y0", 0), at("y0", 1)}, 0},
		{"a county reports for its precincts", []Cell{at("y", 0)}, 2},
	} {
		Sort(tt.cells)
		got := Merge(x, &Sheet{Index: x, Cells: tt.cells})
		for _, contest := range []int32{0, NoContest} {
			if n, of := got.Reporting(x.Root(), contest); n != tt.want || of != 4 {
				t.Errorf("%s: %d of %d, want %d of 4", tt.name, n, of, tt.want)
			}
		}
	}
}
