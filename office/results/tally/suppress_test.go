// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hustings/election"
)

// grid is a state with counties, precincts and now and then splits.
func grid(r *rapid.T) *election.Definition {
	d := county(1)
	d.Units = d.Units[:1]
	d.Contests = append(d.Contests, election.Contest{ID: "local", VotesAllowed: 1, Choices: []election.Choice{
		{ID: "p", Name: election.T("P")}, {ID: "q", Name: election.T("Q")}}})
	for c := range rapid.IntRange(1, 3).Draw(r, "counties") {
		id := election.UnitID(fmt.Sprintf("c%d", c))
		d.Units = append(d.Units, election.Unit{ID: id, Type: election.County, Name: string(id), Parent: "s"})
		for i := range rapid.IntRange(1, 5).Draw(r, "precincts") {
			p := election.UnitID(fmt.Sprintf("%sp%d", id, i))
			d.Units = append(d.Units, election.Unit{ID: p, Type: election.Precinct, Name: string(p), Parent: id})
			for k := range rapid.SampledFrom([]int{0, 0, 0, 2}).Draw(r, "splits") {
				s := election.UnitID(fmt.Sprintf("%ss%d", p, k))
				d.Units = append(d.Units, election.Unit{ID: s, Type: election.SplitPrecinct, Name: string(s), Parent: p})
			}
		}
	}
	return d
}

// TestNobodyCanSubtractASmallUnitBack moves, for each choice that a hidden
// small unit has votes for, one of its votes to another vote type and a vote of
// another unit back. If every published number stays the same, what is
// published cannot tell the two cases apart.
func TestNobodyCanSubtractASmallUnitBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		x := NewIndex(grid(r))
		var cells []Cell
		for u := range x.Def.Units {
			if len(x.Children(int32(u))) > 0 {
				continue
			}
			most := rapid.SampledFrom([]int{1, 2, 4, 4, 60}).Draw(r, "size")
			ballots := [3]int64{}
			for c := range x.Def.Contests {
				if c == 1 && rapid.Bool().Draw(r, "not on this ballot") {
					continue
				}
				sum := [3]int64{}
				for ch := range x.Def.Contests[c].Choices {
					for typ := 1; typ <= 2; typ++ {
						n := int64(rapid.IntRange(0, most).Draw(r, "votes"))
						sum[typ] += n
						cells = append(cells, Cell{Unit: int32(u), Contest: int32(c), Choice: int32(ch), Type: int16(typ), N: n})
					}
				}
				ballots[1], ballots[2] = max(ballots[1], sum[1]), max(ballots[2], sum[2])
			}
			for typ := 1; typ <= 2; typ++ {
				cells = append(cells, Cell{Unit: int32(u), Contest: NoContest, Choice: Ballots, Type: int16(typ), N: ballots[typ]})
			}
		}
		Sort(cells)
		const threshold = 10
		tally := Merge(x, &Sheet{Index: x, Cells: cells})
		p := Protect(tally, threshold)
		for _, c := range cells {
			if c.N == 0 || p.threshold <= ballotsOf(tally, c.Unit) {
				continue
			}
			if !p.Hidden(c.Unit, c.Contest) {
				r.Fatalf("%s has %d ballots and shows its vote types", x.Def.Units[c.Unit].ID, ballotsOf(tally, c.Unit))
			}
			if nobodyAddsUp(p, x, c) {
				continue
			}
			open := false
			for _, mine := range cells {
				open = open || mine.N > 0 && sameChoice(mine, c) &&
					slices.ContainsFunc(cells, func(o Cell) bool { return o.N > 0 && swapsUnseen(p, tally, cells, mine, o) })
			}
			if !open {
				r.Fatalf("the vote types of choice %d of contest %d in %s can be worked out", c.Choice, c.Contest, x.Def.Units[c.Unit].ID)
			}
		}
	})
}

func ballotsOf(t *Tally, u int32) int64 {
	n, _ := t.N(u, NoContest, Ballots, TotalType)
	return n
}

// nobodyAddsUp says that no unit above shows the contest's vote types.
func nobodyAddsUp(p *Privacy, x *Index, c Cell) bool {
	for u := x.Parent(c.Unit); u >= 0; u = x.Parent(u) {
		if !p.Hidden(u, c.Contest) {
			return false
		}
	}
	return true
}

// swapsUnseen moves a vote between the types of two units and says whether
// everything that is published stays as it was. A choice whose votes are all
// of one type within the hidden group has no such swap and fails.
func swapsUnseen(p *Privacy, before *Tally, cells []Cell, a, b Cell) bool {
	if a.Unit == b.Unit || a.Contest != b.Contest || a.Choice != b.Choice || a.Type == b.Type {
		return false
	}
	moved := slices.Clone(cells)
	for i, c := range moved {
		switch {
		case c == a || c == b:
			moved[i].N--
		case sameChoice(c, a) && c.Type == b.Type || sameChoice(c, b) && c.Type == a.Type:
			moved[i].N++
		}
	}
	after := Merge(before.Index, &Sheet{Index: before.Index, Cells: moved})
	for u := range before.Index.Def.Units {
		old, now := before.At(int32(u)), after.At(int32(u))
		for i, c := range old {
			if (c.Type == TotalType || !p.Hidden(c.Unit, c.Contest)) && c != now[i] {
				return false
			}
		}
	}
	return true
}

func TestProtect(t *testing.T) {
	x := NewIndex(county(4))
	unit := func(id election.UnitID) int32 { u, _ := x.Unit(id); return u }
	votes := func(id election.UnitID, a1, a2, b1, b2 int64) []Cell {
		return []Cell{
			{Unit: unit(id), Contest: NoContest, Choice: Ballots, Type: TotalType, N: a1 + a2 + b1 + b2},
			{Unit: unit(id), Choice: 0, Type: 1, N: a1}, {Unit: unit(id), Choice: 0, Type: 2, N: a2},
			{Unit: unit(id), Choice: 1, Type: 1, N: b1}, {Unit: unit(id), Choice: 1, Type: 2, N: b2}}
	}
	for _, tt := range []struct {
		name  string
		cells [][]Cell
		want  []election.UnitID
	}{
		{"nothing is small, nothing is hidden",
			[][]Cell{votes("x0", 50, 40, 30, 20), votes("x1", 50, 40, 30, 20)}, nil},
		{"the next smallest precinct covers the small one",
			[][]Cell{votes("x0", 2, 1, 0, 1), votes("x1", 9, 9, 9, 9), votes("x2", 50, 40, 30, 20)}, []election.UnitID{"x0", "x1"}},
		{"two small ones with fewer ballots than the threshold need a third",
			[][]Cell{votes("x0", 2, 1, 0, 1), votes("x1", 1, 1, 1, 0), votes("x2", 9, 9, 9, 9), votes("x3", 50, 40, 30, 20)},
			[]election.UnitID{"x0", "x1", "x2"}},
		{"two small ones with enough ballots cover each other",
			[][]Cell{votes("x0", 2, 1, 1, 3), votes("x1", 2, 1, 2, 2), votes("x2", 50, 40, 30, 20)}, []election.UnitID{"x0", "x1"}},
		{"cover has votes for the same choice",
			[][]Cell{votes("x0", 2, 1, 0, 1), votes("x1", 9, 9, 0, 0), votes("x2", 50, 40, 30, 20)}, []election.UnitID{"x0", "x1", "x2"}},
		{"a precinct without ballots covers nobody and hides nothing",
			[][]Cell{votes("x0", 2, 1, 0, 1), votes("x1", 0, 0, 0, 0), votes("x2", 50, 40, 30, 20)}, []election.UnitID{"x0", "x2"}},
		{"the only precinct of a county hides the county, and one of the other county with it",
			[][]Cell{votes("x0", 2, 1, 0, 1), votes("y0", 50, 40, 30, 20), votes("y1", 500, 40, 30, 20)}, []election.UnitID{"x", "x0", "y", "y0"}},
		{"a contest of one small precinct is shown by vote type nowhere",
			[][]Cell{votes("x0", 2, 1, 0, 1)}, []election.UnitID{"s", "x", "x0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var all []Cell
			for _, c := range tt.cells {
				all = append(all, c...)
			}
			Sort(all)
			tally := Merge(x, &Sheet{Index: x, Cells: all})
			p := Protect(tally, 10)
			var got []election.UnitID
			for u, def := range x.Def.Units {
				if p.Hidden(int32(u), 0) {
					got = append(got, def.ID)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v hidden, want %v", got, tt.want)
			}
			for u := range x.Def.Units {
				if Suppressed(tally, int32(u), 10) != p.Any(int32(u)) {
					t.Errorf("Suppressed differs from Protect at %s", x.Def.Units[u].ID)
				}
			}
			if Protect(tally, 0).Any(unit("x0")) {
				t.Error("a threshold of 0 hides something")
			}
		})
	}
}
