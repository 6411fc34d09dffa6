// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"slices"

	"hustings/election"
)

// Index numbers a definition's units, contests, choices and vote types densely
// so that counts can be kept in plain slices. An Index never changes once made.
type Index struct {
	Def      *election.Definition
	units    map[election.UnitID]int32
	contests map[election.ContestID]int32
	types    map[election.VoteTypeID]int16
	children [][]int32
	root     int32
	ballot   []map[int32]bool // contests on the ballot by unit; nil map: not known
}

// NewIndex numbers a definition. Vote type 0 is always the total; the
// definition's vote types follow from 1.
func NewIndex(def *election.Definition) *Index {
	x := &Index{
		Def:      def,
		units:    make(map[election.UnitID]int32, len(def.Units)),
		contests: make(map[election.ContestID]int32, len(def.Contests)),
		types:    make(map[election.VoteTypeID]int16, len(def.VoteTypes)+1),
		children: make([][]int32, len(def.Units)),
		root:     -1,
	}
	for i, u := range def.Units {
		x.units[u.ID] = int32(i)
	}
	for i, u := range def.Units {
		if p, ok := x.units[u.Parent]; ok && u.Parent != "" {
			x.children[p] = append(x.children[p], int32(i))
		} else if u.ID == def.Election.Scope || x.root < 0 {
			x.root = int32(i)
		}
	}
	for i, c := range def.Contests {
		x.contests[c.ID] = int32(i)
	}
	x.types["total"] = TotalType
	for i, t := range def.VoteTypes {
		x.types[t.ID] = int16(i + 1)
	}
	x.ballot = ballots(x)
	return x
}

// ballots works out which contests each unit's voters see: from ballot styles
// where there are any, else from districts; not known where there are neither.
func ballots(x *Index) []map[int32]bool {
	on := make([]map[int32]bool, len(x.Def.Units))
	put := func(u, c int32) {
		for u >= 0 {
			if on[u] == nil {
				on[u] = make(map[int32]bool)
			}
			if on[u][c] {
				return
			}
			on[u][c] = true
			u = x.Parent(u)
		}
	}
	for _, s := range x.Def.Styles {
		for _, id := range s.Units {
			u, ok := x.units[id]
			if !ok {
				continue
			}
			for _, cid := range s.Contests {
				if c, ok := x.contests[cid]; ok {
					put(u, c)
				}
			}
		}
	}
	if len(x.Def.Styles) > 0 || x.Def.Derived {
		return on
	}
	in := make(map[election.DistrictID][]int32)
	for i, u := range x.Def.Units {
		for _, d := range u.Districts {
			in[d] = append(in[d], int32(i))
		}
	}
	for c, con := range x.Def.Contests {
		for _, u := range in[con.District] {
			put(u, int32(c))
		}
	}
	return on
}

// Unit returns the number of a unit.
func (x *Index) Unit(id election.UnitID) (int32, bool) { u, ok := x.units[id]; return u, ok }

// Contest returns the number of a contest.
func (x *Index) Contest(id election.ContestID) (int32, bool) { c, ok := x.contests[id]; return c, ok }

// Type returns the number of a vote type; "total" is 0.
func (x *Index) Type(id election.VoteTypeID) (int16, bool) { t, ok := x.types[id]; return t, ok }

// Root is the unit that contains all others, -1 where the definition has none.
func (x *Index) Root() int32 { return x.root }

// Children lists the units directly below a unit.
func (x *Index) Children(u int32) []int32 { return x.children[u] }

// Parent is the unit directly above, -1 at the root.
func (x *Index) Parent(u int32) int32 {
	if p, ok := x.units[x.Def.Units[u].Parent]; ok && x.Def.Units[u].Parent != "" {
		return p
	}
	return -1
}

// OnBallot says whether voters of a unit see a contest; known is false where
// the definition cannot tell.
func (x *Index) OnBallot(u, c int32) (on, known bool) {
	m := x.ballot[u]
	return m[c], m != nil
}

// UnitName is a unit as a person would say it: "Navajo / Alpine" for a
// precinct within a state, "Alpine" within its own county.
func (x *Index) UnitName(u int32) string {
	unit := x.Def.Units[u]
	p := x.Parent(u)
	if p < 0 || p == x.root {
		return unit.Name
	}
	return x.Def.Units[p].Name + " / " + unit.Name
}

// ChoiceName is a choice's English name, or the name of a measure.
func (x *Index) ChoiceName(c, choice int32) string {
	if choice < 0 {
		return measureNames[choice]
	}
	return x.Def.Contests[c].Choices[choice].Name.String()
}

var measureNames = map[Measure]string{
	Over: "Overvotes", Under: "Undervotes", Ballots: "Ballots cast", Registered: "Registered voters",
	Blank: "Blank ballots", Rejected: "Rejected ballots", Outstanding: "Outstanding ballots",
	CheckIns: "Check-ins", Exhausted: "Exhausted ballots", Subtotal: "Subtotal",
}

// Compare orders cells by unit, contest, round, choice, type.
func Compare(a, b Cell) int {
	return cmp.Or(
		cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Contest, b.Contest), cmp.Compare(a.Round, b.Round),
		cmp.Compare(a.Choice, b.Choice), cmp.Compare(a.Type, b.Type))
}

// Runs calls do once for each unit and contest of sorted cells.
func Runs(cells []Cell, do func(run []Cell)) {
	for len(cells) > 0 {
		n := 1
		for n < len(cells) && cells[n].Unit == cells[0].Unit && cells[n].Contest == cells[0].Contest {
			n++
		}
		do(cells[:n])
		cells = cells[n:]
	}
}

// Sort puts cells into the order that Runs and Merge expect.
func Sort(cells []Cell) { slices.SortFunc(cells, Compare) }
