// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"slices"
	"sort"

	"hustings/election"
)

// Tally is all sources together, with every sum made: what a page may show.
// For each unit, contest and choice that anything is known about there is a
// cell of type total, followed by the vote types that were told apart. Counts
// of a unit that contains others are the sums of those below it, except where
// only the unit itself reported. A Tally never changes once made.
type Tally struct {
	Index    *Index
	cells    []Cell
	start    []int32 // unit u's cells are cells[start[u]:start[u+1]]
	reported []bool  // unit u reported votes of its own
	counted  pairs   // units and contests whose own election-day votes, or all whose votes, are in
	progress map[progressKey]Progress
	Status   map[int32]election.Status // by contest; the status of the tally where absent
}

type progressKey struct {
	unit int32
	typ  int16
}

// Merge makes a Tally of accepted sheets: the last one of each cumulative
// source, all of each incremental source. Sheets are added up; registered
// voters, which are told rather than counted, are taken from the last sheet
// that tells them. The order of sheets does not change any other number.
func Merge(x *Index, sheets ...*Sheet) *Tally {
	t := &Tally{Index: x, progress: make(map[progressKey]Progress), Status: make(map[int32]election.Status)}
	var all []Cell
	var counted []unitContest
	for _, s := range sheets {
		for _, g := range s.Progress {
			t.progress[progressKey{g.Unit, g.Type}] = g
		}
		cells := counting(s.Cells)
		counted = x.counted(counted, cells)
		all = append(all, withTotals(cells)...)
	}
	if len(sheets) > 1 {
		slices.SortStableFunc(all, Compare)
	}
	all = addEqual(all)
	t.cells, t.start = rollUp(x, all)
	t.counted = newPairs(len(x.Def.Units), counted)
	t.reported = make([]bool, len(x.Def.Units))
	for _, c := range all {
		if c.Contest >= 0 || c.Choice == Ballots {
			t.reported[c.Unit] = true
		}
	}
	return t
}

// counted adds to list where a sheet has what makes a precinct "reporting" in
// the words of the night: votes of election day, or votes that are not told
// apart by type. Early votes and mail of every precinct come in first, and would
// make all of them report at once. Where no vote type is election day's, any
// will do. The cells are sorted.
func (x *Index) counted(list []unitContest, cells []Cell) []unitContest {
	day := int16(-1)
	for i, v := range x.Def.VoteTypes {
		if v.Item == election.ElectionDay {
			day = int16(i + 1)
		}
	}
	Runs(cells, func(run []Cell) {
		if run[0].Contest < 0 {
			return
		}
		typed := slices.ContainsFunc(run, func(c Cell) bool { return c.Type != TotalType })
		if slices.ContainsFunc(run, func(c Cell) bool {
			return c.Choice >= 0 && (day < 0 || c.Type == day || c.Type == TotalType && !typed)
		}) {
			list = append(list, unitContest{run[0].Unit, run[0].Contest})
		}
	})
	return list
}

// unitContest is a contest in a unit.
type unitContest struct{ unit, contest int32 }

// pairs finds pairs by unit. There are as many as numbers were reported, where
// a table of every unit and contest would be as large as the two multiplied.
type pairs struct {
	contests []int32
	start    []int32 // unit u's contests are contests[start[u]:start[u+1]], sorted
}

func newPairs(units int, list []unitContest) pairs {
	slices.SortFunc(list, func(a, b unitContest) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.contest, b.contest))
	})
	list = slices.Compact(list)
	p := pairs{contests: make([]int32, len(list)), start: make([]int32, units+1)}
	for i, at := range list {
		p.contests[i] = at.contest
		p.start[at.unit+1]++
	}
	for u := range units {
		p.start[u+1] += p.start[u]
	}
	return p
}

func (p *pairs) of(u int32) []int32 { return p.contests[p.start[u]:p.start[u+1]] }

// countedAt says whether a contest counts as reported by a leaf unit itself.
func (t *Tally) countedAt(u, contest int32) bool {
	_, ok := slices.BinarySearch(t.counted.of(u), contest)
	return ok
}

// countedAny says whether any contest counts as reported by a leaf unit.
func (t *Tally) countedAny(u int32) bool { return len(t.counted.of(u)) > 0 }

// counting is a sorted copy of a sheet's cells without its subtotals.
func counting(cells []Cell) []Cell {
	out := make([]Cell, 0, len(cells))
	for _, c := range cells {
		if c.Choice != Subtotal {
			out = append(out, c)
		}
	}
	if !slices.IsSortedFunc(out, Compare) {
		Sort(out)
	}
	return out
}

// addEqual sums cells with the same key, in place; of registered voters the
// last is kept.
func addEqual(cells []Cell) []Cell {
	out := cells[:0]
	for _, c := range cells {
		c.Line = 0
		if n := len(out); n > 0 && Compare(out[n-1], c) == 0 {
			if c.Choice == Registered {
				out[n-1].N = c.N
			} else {
				out[n-1].N += c.N
			}
			continue
		}
		out = append(out, c)
	}
	return out
}

// withTotals puts a total before vote types that came without one.
func withTotals(cells []Cell) []Cell {
	missing := 0
	for i, c := range cells {
		if c.Type != TotalType && (i == 0 || !sameChoice(cells[i-1], c)) {
			missing++
		}
	}
	if missing == 0 {
		return cells
	}
	out := make([]Cell, 0, len(cells)+missing)
	for i := 0; i < len(cells); {
		j := i + 1
		for j < len(cells) && sameChoice(cells[i], cells[j]) {
			j++
		}
		if cells[i].Type != TotalType {
			total := cells[i]
			total.Type, total.N = TotalType, 0
			for _, c := range cells[i:j] {
				total.N += c.N
			}
			out = append(out, total)
		}
		out = append(out, cells[i:j]...)
		i = j
	}
	return out
}

func sameChoice(a, b Cell) bool {
	return a.Unit == b.Unit && a.Contest == b.Contest && a.Round == b.Round && a.Choice == b.Choice
}

// rollUp sums every unit's children into it, from the leaves up. A contest (or
// fact) that any unit below reports is the sum of those; else what the unit
// reported itself stands.
func rollUp(x *Index, own []Cell) ([]Cell, []int32) {
	units := len(x.Def.Units)
	byUnit := make([][]Cell, units)
	for i := 0; i < len(own); {
		j := i + 1
		for j < len(own) && own[j].Unit == own[i].Unit {
			j++
		}
		byUnit[own[i].Unit] = own[i:j]
		i = j
	}
	for _, u := range upwards(x) {
		if kids := x.Children(u); len(kids) > 0 {
			byUnit[u] = sumOf(u, byUnit[u], kids, byUnit)
		}
	}
	n := 0
	for _, cells := range byUnit {
		n += len(cells)
	}
	cells, start := make([]Cell, 0, n), make([]int32, units+1)
	for u, list := range byUnit {
		start[u] = int32(len(cells))
		cells = append(cells, list...)
	}
	start[units] = int32(len(cells))
	return cells, start
}

// sumOf is a unit's cells: the children's sums, and its own where no child
// reported that contest or fact.
func sumOf(u int32, own []Cell, kids []int32, byUnit [][]Cell) []Cell {
	type key struct {
		contest, choice int32
		round, typ      int16
	}
	type part struct{ contest, fact int32 }
	partOf := func(c Cell) part {
		if c.Contest == NoContest {
			return part{NoContest, c.Choice}
		}
		return part{contest: c.Contest}
	}
	sums := make(map[key]int64)
	below := make(map[part]bool)
	for _, k := range kids {
		for _, c := range byUnit[k] {
			sums[key{c.Contest, c.Choice, c.Round, c.Type}] += c.N
			below[partOf(c)] = true
		}
	}
	out := make([]Cell, 0, len(sums)+len(own))
	for k, n := range sums {
		out = append(out, Cell{Unit: u, Contest: k.contest, Choice: k.choice, Round: k.round, Type: k.typ, N: n})
	}
	for _, c := range own {
		if !below[partOf(c)] {
			out = append(out, c)
		}
	}
	Sort(out)
	return out
}

// upwards lists all units, each after every unit below it.
func upwards(x *Index) []int32 {
	order := make([]int32, 0, len(x.Def.Units))
	seen := make([]bool, len(x.Def.Units))
	var visit func(u int32)
	visit = func(u int32) {
		if seen[u] {
			return
		}
		seen[u] = true
		for _, k := range x.Children(u) {
			visit(k)
		}
		order = append(order, u)
	}
	for u := range x.Def.Units {
		visit(int32(u))
	}
	return order
}

// At returns a unit's cells, sorted; the slice must not be changed.
func (t *Tally) At(u int32) []Cell { return t.cells[t.start[u]:t.start[u+1]] }

// Contest returns a unit's cells of one contest (or NoContest for its facts).
func (t *Tally) Contest(u, contest int32) []Cell {
	cells := t.At(u)
	lo := sort.Search(len(cells), func(i int) bool { return cells[i].Contest >= contest })
	hi := lo + sort.Search(len(cells)-lo, func(i int) bool { return cells[lo+i].Contest > contest })
	return cells[lo:hi]
}

// N returns one number; ok is false where nothing was reported.
func (t *Tally) N(u, contest, choice int32, typ int16) (n int64, ok bool) {
	return Find(t.Contest(u, contest), choice, typ)
}

// Find looks a number up among the cells of one unit and contest, round 0.
func Find(cells []Cell, choice int32, typ int16) (int64, bool) {
	for _, c := range cells {
		if c.Choice == choice && c.Type == typ && c.Round == 0 {
			return c.N, true
		}
	}
	return 0, false
}

// Reported says whether the unit itself, or any unit below it, reported votes.
func (t *Tally) Reported(u int32) bool {
	if t.reported[u] {
		return true
	}
	return slices.ContainsFunc(t.Index.Children(u), t.Reported)
}

// Progress returns how far the count of a vote type has come in a unit, as a
// source told it; ok is false where none did.
func (t *Tally) Progress(u int32, typ int16) (p Progress, ok bool) {
	p, ok = t.progress[progressKey{u, typ}]
	return p, ok
}

// Reporting counts the leaf units at or below u on whose ballot a contest
// stands (every leaf, for NoContest) and those of them that reported it: whose
// votes of election day, or all of whose votes, are in.
func (t *Tally) Reporting(u, contest int32) (reported, expected int) {
	kids := t.Index.Children(u)
	if len(kids) == 0 {
		if contest == NoContest {
			if t.countedAny(u) {
				return 1, 1
			}
			return 0, 1
		}
		on, known := t.Index.OnBallot(u, contest)
		switch {
		case t.countedAt(u, contest):
			return 1, 1
		case on || len(t.Contest(u, contest)) > 0 || !known && !t.Index.Def.Derived && len(t.Index.Def.Styles) == 0:
			return 0, 1
		}
		return 0, 0
	}
	for _, k := range kids {
		r, e := t.Reporting(k, contest)
		reported, expected = reported+r, expected+e
	}
	if reported == 0 && (contest == NoContest && t.countedAny(u) || contest >= 0 && t.countedAt(u, contest)) {
		return expected, expected // it reports for those below it
	}
	return reported, expected
}
