// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"slices"

	"hustings/office/results/tally"
)

// page is a sheet laid out for reading: every number once, totals filled in
// where only vote types came, one block for each unit and contest.
type page struct {
	sheet     *tally.Sheet
	raw       []tally.Cell // as in the file, sorted
	cells     []tally.Cell // each number once
	blocks    []block
	first     []int32   // unit u's blocks are blocks[first[u]:first[u+1]]
	start     []int32   // and its cells are cells[start[u]:start[u+1]]
	byContest [][]int32 // blocks of each contest, in the order of units
	facts     []facts   // by unit
	outside   int       // cells that point outside the definition
}

// num is a number that may not have been reported.
type num struct {
	n  int64
	ok bool
}

// facts are the numbers of a unit that belong to no contest.
type facts struct {
	ballots, registered, blank, rejected, outstanding, checkIns num
	line                                                        int32
	unsaid                                                      bool // no ballots beside votes: result systems write 0 for not known
}

// block is what a file says about one contest in one unit.
type block struct {
	unit, contest        int32
	cells                []tally.Cell // round 0
	rounds               []tally.Cell // later rounds of a ranked contest
	votes                int64        // of all choices
	voted                bool         // any choice was reported
	over, under, ballots num
	line                 int32
}

// byRow orders cells by key, then by number and line, so that the order of
// rows in a file never shows.
func byRow(a, b tally.Cell) int {
	return cmp.Or(tally.Compare(a, b), cmp.Compare(a.N, b.N), cmp.Compare(a.Line, b.Line))
}

// lay lays a sheet out; of no sheet it makes an empty page.
func lay(x *tally.Index, s *tally.Sheet) *page {
	if s == nil {
		s = &tally.Sheet{Index: x}
	}
	p := &page{sheet: s, raw: s.Cells, facts: make([]facts, len(x.Def.Units))}
	p.keepInside(x)
	if !slices.IsSortedFunc(p.raw, byRow) {
		p.raw = slices.Clone(p.raw)
		slices.SortFunc(p.raw, byRow)
	}
	p.cells = once(p.raw)
	tally.Runs(p.cells, func(run []tally.Cell) { p.add(run) })
	p.first, p.start = make([]int32, len(x.Def.Units)+1), make([]int32, len(x.Def.Units)+1)
	for _, c := range p.cells {
		p.start[c.Unit+1]++
	}
	p.byContest = make([][]int32, len(x.Def.Contests))
	for i := range p.blocks {
		b := &p.blocks[i]
		p.first[b.unit+1]++
		p.byContest[b.contest] = append(p.byContest[b.contest], int32(i))
	}
	for i := range p.blocks {
		if f := &p.facts[p.blocks[i].unit]; p.blocks[i].votes > 0 && f.ballots.ok && f.ballots.n == 0 {
			f.ballots, f.unsaid = num{}, true
		}
	}
	for u := range x.Def.Units {
		p.first[u+1] += p.first[u]
		p.start[u+1] += p.start[u]
	}
	return p
}

// keepInside drops cells that no definition could have produced, so that the
// rules may index freely; I01 reports their number.
func (p *page) keepInside(x *tally.Index) {
	bad := func(c tally.Cell) bool {
		if c.Unit < 0 || int(c.Unit) >= len(x.Def.Units) || c.Type < 0 || int(c.Type) > len(x.Def.VoteTypes) {
			return true
		}
		if c.Contest == tally.NoContest {
			return c.Choice >= 0
		}
		return c.Contest < 0 || int(c.Contest) >= len(x.Def.Contests) ||
			c.Choice < tally.Subtotal || int(c.Choice) >= len(x.Def.Contests[c.Contest].Choices)
	}
	if !slices.ContainsFunc(p.raw, bad) {
		return
	}
	p.raw = slices.DeleteFunc(slices.Clone(p.raw), bad)
	p.outside = len(p.sheet.Cells) - len(p.raw)
	inside := *p.sheet
	inside.Cells = p.raw
	p.sheet = &inside
}

// once is sorted cells with subtotals left out, repeated rows added up and
// totals put before vote types that came without one.
func once(raw []tally.Cell) []tally.Cell {
	out := make([]tally.Cell, 0, len(raw)+len(raw)/3)
	for i := 0; i < len(raw); {
		j := i + 1
		for j < len(raw) && sameChoice(raw[i], raw[j]) {
			j++
		}
		if raw[i].Choice != tally.Subtotal {
			out = addChoice(out, raw[i:j])
		}
		i = j
	}
	return out
}

func addChoice(out, same []tally.Cell) []tally.Cell {
	if same[0].Type != tally.TotalType {
		total := same[0]
		total.Type, total.N = tally.TotalType, 0
		for _, c := range same {
			total.N += c.N
		}
		out = append(out, total)
	}
	for i, c := range same {
		n := len(out) - 1
		switch {
		case i == 0 || c.Type != same[i-1].Type:
			out = append(out, c)
		case c.Choice == tally.Registered: // told, not counted: the larger stands
			out[n].N = max(out[n].N, c.N)
		default:
			out[n].N += c.N
		}
	}
	return out
}

func sameChoice(a, b tally.Cell) bool {
	return a.Unit == b.Unit && a.Contest == b.Contest && a.Round == b.Round && a.Choice == b.Choice
}

// add takes the cells of one unit and contest.
func (p *page) add(run []tally.Cell) {
	if run[0].Contest == tally.NoContest {
		p.addFacts(run)
		return
	}
	b := block{unit: run[0].Unit, contest: run[0].Contest, line: run[0].Line}
	n := 0
	for n < len(run) && run[n].Round == 0 {
		n++
	}
	b.cells, b.rounds = run[:n], run[n:]
	for _, c := range b.cells {
		if c.Type != tally.TotalType {
			continue
		}
		switch {
		case c.Choice >= 0:
			b.votes += c.N
			b.voted = true
		case c.Choice == tally.Over:
			b.over = num{c.N, true}
		case c.Choice == tally.Under:
			b.under = num{c.N, true}
		case c.Choice == tally.Ballots:
			b.ballots = num{c.N, true}
		}
	}
	p.blocks = append(p.blocks, b)
}

func (p *page) addFacts(run []tally.Cell) {
	f := &p.facts[run[0].Unit]
	f.line = run[0].Line
	for _, c := range run {
		if c.Type != tally.TotalType || c.Round != 0 {
			continue
		}
		n := num{c.N, true}
		switch c.Choice {
		case tally.Ballots:
			f.ballots, f.line = n, c.Line
		case tally.Registered:
			f.registered = n
		case tally.Blank:
			f.blank = n
		case tally.Rejected:
			f.rejected = n
		case tally.Outstanding:
			f.outstanding = n
		case tally.CheckIns:
			f.checkIns = n
		}
	}
}

// at lists the blocks of a unit.
func (p *page) at(u int32) []block { return p.blocks[p.first[u]:p.first[u+1]] }

// find is the block of a contest in a unit, nil where it is not in the file.
func (p *page) find(u, contest int32) *block {
	in := p.at(u)
	i, ok := slices.BinarySearchFunc(in, contest, func(b block, c int32) int { return cmp.Compare(b.contest, c) })
	if !ok {
		return nil
	}
	return &in[i]
}

// unitCells is everything the page says about a unit.
func (p *page) unitCells(u int32) []tally.Cell { return p.cells[p.start[u]:p.start[u+1]] }

// totals calls do for the total of each choice, measures left out.
func (b *block) totals(do func(c tally.Cell)) {
	for _, c := range b.cells {
		if c.Choice >= 0 && c.Type == tally.TotalType {
			do(c)
		}
	}
}

// leaf says whether a unit contains no others.
func (r *run) leaf(u int32) bool { return len(r.x.Children(u)) == 0 }

// registered is a unit's registered voters as the file tells them, else as the
// definition does. Zero is "not told": result systems write 0 for not known.
func (r *run) registered(u int32) num {
	if n := r.page.facts[u].registered; n.ok && n.n > 0 {
		return n
	}
	if n := r.x.Def.Units[u].Registered; n != nil && *n > 0 {
		return num{*n, true}
	}
	return num{}
}

// cast is the number of ballots on which a contest stood in a unit: what the
// file says of the contest, else of the unit.
func (r *run) cast(b *block) num {
	if b.ballots.ok {
		return b.ballots
	}
	return r.page.facts[b.unit].ballots
}

// cellKey is what a number is about.
type cellKey struct {
	unit, contest, choice int32
	round, typ            int16
}

func keyOf(c tally.Cell) cellKey { return cellKey{c.Unit, c.Contest, c.Choice, c.Round, c.Type} }

// pair is a contest among units of the same parent.
type pair struct{ parent, contest int32 }

// compare walks two sorted lists of numbers side by side.
func compare(old, new []tally.Cell, do func(c tally.Cell, was, is num)) {
	for len(old) > 0 || len(new) > 0 {
		switch order := side(old, new); {
		case order < 0:
			do(old[0], num{old[0].N, true}, num{})
			old = old[1:]
		case order > 0:
			do(new[0], num{}, num{new[0].N, true})
			new = new[1:]
		default:
			do(new[0], num{old[0].N, true}, num{new[0].N, true})
			old, new = old[1:], new[1:]
		}
	}
}

func side(old, new []tally.Cell) int {
	switch {
	case len(old) == 0:
		return 1
	case len(new) == 0:
		return -1
	}
	return tally.Compare(old[0], new[0])
}

// counties lists the blocks of each contest, county by county: units of the
// same parent. Contests are in the order of the ballot, counties in the order
// of their first unit.
func (r *run) counties() [][]int32 {
	if r.grouped != nil {
		return r.grouped
	}
	at := make([]int, len(r.x.Def.Units)+1) // place of a parent's group, +1, below this contest
	for _, blocks := range r.page.byContest {
		from := len(r.grouped)
		for _, i := range blocks {
			parent := r.x.Parent(r.page.blocks[i].unit) + 1
			if at[parent] <= from {
				r.grouped = append(r.grouped, nil)
				at[parent] = len(r.grouped)
			}
			g := &r.grouped[at[parent]-1]
			*g = append(*g, i)
		}
	}
	return r.grouped
}
