// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"slices"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

// MaxCount is the largest number that a file may report: no election counts
// beyond 2^31, and a number that large is another field read as a count.
const MaxCount = 1<<31 - 1

// I01: a name that the definition does not have, or nothing to read at all.
// Names are resolved before, by explicit aliases and never by guessing, and
// what was not found is in Found; here is what is left of the sheet.
func (r *run) unknownNames() {
	if r.page.outside > 0 {
		r.say(tally.Block, "outside", nowhere(), "n", r.page.outside)
	}
	if r.Sheet == nil || len(r.Sheet.Cells) == 0 {
		r.say(tally.Block, "empty", nowhere())
	}
}

func inOrder[T any](list []T, compare func(a, b T) int) []T {
	return slices.SortedStableFunc(slices.Values(list), compare)
}

// I02: the same content twice. Monmouth County 2022 loaded one memory stick
// twice and seated the wrong winner; Milwaukee 2018 published every ward twice.
func (r *run) countedBefore() {
	r.sameFile()
	r.sameUnits()
	r.sameRows()
	r.sameBatches()
}

// sameFile compares the whole file with those beside it and before it.
func (r *run) sameFile() {
	if empty(r.page) {
		return
	}
	for _, o := range r.beside() {
		if sameNumbers(r.page.cells, o.cells) {
			r.say(tally.Block, "file", nowhere(), "path", o.sheet.Path, "source", o.sheet.Source)
			return
		}
	}
	for i, p := range r.history() {
		if !sameNumbers(r.page.cells, p.cells) {
			continue
		}
		switch {
		case r.Source.Counting == Incremental:
			r.say(tally.Block, "again", nowhere(), "path", p.sheet.Path)
			return
		case i == len(r.Mine)-1:
			r.say(tally.Info, "unchanged", nowhere(), "path", p.sheet.Path)
		}
	}
}

// empty says whether no number on the page is above zero.
func empty(p *page) bool {
	return !slices.ContainsFunc(p.cells, func(c tally.Cell) bool {
		return c.N != 0 && c.Choice != tally.Registered
	})
}

func sameNumbers(a, b []tally.Cell) bool {
	return slices.EqualFunc(a, b, func(a, b tally.Cell) bool { return a.N == b.N && tally.Compare(a, b) == 0 })
}

// sameUnits looks for units whose votes are also in a file beside this one, in
// every contest that both have.
func (r *run) sameUnits() {
	for _, o := range r.beside() {
		if sameNumbers(r.page.cells, o.cells) {
			continue // said of the whole file
		}
		for u := range r.x.Def.Units {
			if line, ok := r.sameVotes(o, int32(u)); ok {
				r.say(tally.Block, "unit", atUnit(int32(u)).on(line), "path", o.sheet.Path, "source", o.sheet.Source)
			}
		}
	}
}

func (r *run) sameVotes(o *page, u int32) (line int32, same bool) {
	var both []tally.Cell
	for i := range r.page.at(u) {
		mine := &r.page.at(u)[i]
		theirs := o.find(u, mine.contest)
		if theirs == nil {
			continue
		}
		if !sameNumbers(mine.cells, theirs.cells) {
			return 0, false
		}
		both = append(both, mine.cells...)
	}
	if !telling(both, r.rules.RepeatVotes) {
		return 0, false
	}
	return both[0].Line, true
}

// votesOf is a unit's cells without its facts.
func votesOf(p *page, u int32) []tally.Cell {
	blocks := p.at(u)
	if len(blocks) == 0 {
		return nil
	}
	cells := p.unitCells(u)
	for len(cells) > 0 && cells[0].Contest == tally.NoContest {
		cells = cells[1:]
	}
	return cells
}

// telling says whether numbers are so many and so large that meeting them a
// second time is no coincidence: three numbers above zero, and enough votes.
func telling(cells []tally.Cell, fewest int64) bool {
	count, sum := 0, int64(0)
	for _, c := range cells {
		if c.N > 0 && c.Choice >= 0 {
			count++
			if c.Type == tally.TotalType {
				sum += c.N
			}
		}
	}
	return count >= 3 && sum >= fewest
}

// sameRows looks for a contest that stands twice in the file for one unit,
// every row the same.
func (r *run) sameRows() {
	tally.Runs(r.page.raw, func(run []tally.Cell) {
		sum, choices := int64(0), 0
		for i := 0; i < len(run); {
			j := i + 1
			for j < len(run) && tally.Compare(run[i], run[j]) == 0 {
				j++
			}
			if run[i].Contest < 0 || (j-i)%2 != 0 || run[j-1].N != run[i].N {
				return
			}
			if run[i].Choice >= 0 {
				sum += run[i].N
				choices++
			}
			i = j
		}
		if choices > 1 && sum >= r.rules.RepeatVotes {
			again := slices.MaxFunc(run, func(a, b tally.Cell) int { return cmp.Compare(a.Line, b.Line) })
			r.say(tally.Block, "rows", atUnit(run[0].Unit).in(run[0].Contest).on(again.Line), "votes", sum)
		}
	})
}

// sameBatches looks for a device's batch that is already counted.
func (r *run) sameBatches() {
	type name struct{ device, id string }
	counted := make(map[name]bool, len(r.Counted)+len(r.Batches))
	for _, b := range r.Counted {
		counted[name{b.Device, b.ID}] = true
	}
	for _, b := range inOrder(r.Batches, func(a, b Batch) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Ballots, b.Ballots))
	}) {
		key := name{b.Device, b.ID}
		if counted[key] {
			r.say(tally.Block, "batch", nowhere(), "device", b.Device, "batch", b.ID, "ballots", b.Ballots)
		}
		counted[key] = true
	}
}

// I03: a file that is not all there. In Wayne County 2018 readers saw a file
// that was still being written; a file replaces the one before in one step or
// not at all, and the office sees what was counted before and after.
func (r *run) whollyThere() {
	for part := 1; part <= r.Parts.Of && r.Parts.Of > 1; part++ {
		if !slices.Contains(r.Parts.Have, part) {
			r.say(tally.Block, "part", nowhere(), "part", part, "of", r.Parts.Of)
		}
	}
	r.lostVotes()
	if r.last == nil || r.Source.Counting == Incremental {
		return
	}
	r.lostUnits()
	added, changed, removed := 0, 0, 0
	compare(r.last.cells, r.page.cells, func(_ tally.Cell, was, is num) {
		switch {
		case !was.ok:
			added++
		case !is.ok:
			removed++
		case was.n != is.n:
			changed++
		}
	})
	r.say(tally.Info, "counts", nowhere(), "before", len(r.last.cells), "after", len(r.page.cells),
		"added", added, "changed", changed, "removed", removed)
}

// lostVotes blocks a file of which votes were read that arrived nowhere:
// loaders that report success without counting are how votes go missing. Votes
// of names that nobody knows are in Found.
func (r *run) lostVotes() {
	if r.Statement == nil || r.page.outside > 0 || r.refused() {
		return
	}
	read, kept := int64(0), int64(0)
	for _, c := range r.Statement.Counts {
		if r.Statement.Choices[c.Choice].Contest != tally.NoContest {
			read += c.N
		}
	}
	for _, c := range r.page.raw {
		if c.Contest != tally.NoContest {
			kept += c.N
		}
	}
	if kept < read {
		r.say(tally.Block, "lost", nowhere(), "read", read, "kept", kept, "difference", read-kept)
	}
}

// refused says whether reading or resolving already blocked the file.
func (r *run) refused() bool {
	return slices.ContainsFunc(r.Found, func(f tally.Finding) bool { return f.Level == tally.Block })
}

func (r *run) lostUnits() {
	if r.corrects() {
		return
	}
	for u := range r.x.Def.Units {
		if len(r.last.at(int32(u))) > 0 && len(r.page.at(int32(u))) == 0 {
			r.say(tally.Block, "unit", atUnit(int32(u)), "path", r.last.sheet.Path)
		}
	}
}

// I04: a source that has not said whether its files add up or replace one
// another, or that sends another kind than it said. Benton County, Arkansas,
// 2006: running totals were added as increments and six races came out reversed.
func (r *run) declared() {
	s := r.Source
	if s.Counting != Cumulative && s.Counting != Incremental {
		r.say(tally.Block, "counting", nowhere(), "source", r.Sheet.Source)
	}
	if s.Detail != ByType && s.Detail != TotalOnly {
		r.say(tally.Block, "detail", nowhere(), "source", r.Sheet.Source)
	}
	typed := slices.IndexFunc(r.page.raw, func(c tally.Cell) bool { return c.Type != tally.TotalType })
	switch {
	case s.Detail == TotalOnly && typed >= 0:
		r.say(tally.Block, "types", nowhere().on(r.page.raw[typed].Line), "source", r.Sheet.Source, "type", r.typeName(r.page.raw[typed].Type))
	case s.Detail == ByType && typed < 0 && len(r.page.blocks) > 0:
		r.say(tally.Block, "no-types", nowhere(), "source", r.Sheet.Source)
	}
	if s.Counting == Incremental {
		r.runningTotals()
	}
}

// runningTotals holds increments that look like totals: hardly a number is
// smaller than everything its source had sent before, although there are many.
func (r *run) runningTotals() {
	sum := make(map[cellKey]int64)
	for _, p := range r.history() {
		for _, c := range p.cells {
			if c.Choice >= 0 && c.Type == tally.TotalType && c.Round == 0 {
				sum[keyOf(c)] += c.N
			}
		}
	}
	seen, smaller, units := 0, 0, map[int32]bool{}
	for _, c := range r.page.cells {
		if before := sum[keyOf(c)]; before > 0 && c.Type == tally.TotalType {
			seen++
			units[c.Unit] = true
			if c.N < before {
				smaller++
			}
		}
	}
	if seen >= 10 && len(units) >= 3 && smaller*50 <= seen {
		r.say(tally.Hold, "running", nowhere(), "numbers", seen, "units", len(units))
	}
}

// I05: test ballots, or votes before the polls are closed. New York City 2021
// published 135,000 test ballots with its ranked count.
func (r *run) testOrEarly() {
	if r.Mode != Live || r.Sheet == nil {
		return
	}
	if r.Sheet.Test || r.Statement != nil && r.Statement.Test {
		r.say(tally.Block, "test", nowhere())
	}
	if !r.PollsClose.IsZero() && r.Now.Before(r.PollsClose) && !r.Now.IsZero() && !empty(r.page) {
		r.say(tally.Block, "early", nowhere(), "closes", r.PollsClose, "now", r.Now)
	}
	if r.Source.Zero == ZeroAwaits && !empty(r.page) {
		r.say(tally.Block, "zero", nowhere(), "source", r.Sheet.Source)
	}
	if r.Deck == nil {
		return
	}
	deck := lay(r.x, r.Deck)
	for u := range r.x.Def.Units {
		votes := votesOf(r.page, int32(u))
		if telling(votes, r.rules.RepeatVotes) && sameNumbers(votes, votesOf(deck, int32(u))) {
			r.say(tally.Block, "deck", atUnit(int32(u)).on(votes[0].Line))
		}
	}
}

func hasMode(r *run) bool {
	return r.Sheet != nil && (r.Mode == Test || r.Mode == Live)
}

// I06: a file of another election, or made from another definition.
func (r *run) otherElection() {
	s, e := r.Statement, r.x.Def.Election
	if s.Election != "" && r.Source.Election != "" && s.Election != r.Source.Election {
		r.say(tally.Block, "name", nowhere(), "file", s.Election, "want", r.Source.Election)
	}
	if s.Date != "" && e.End != "" && (s.Date > e.End || s.Date < cmp.Or(e.Start, e.End)) {
		r.say(tally.Block, "date", nowhere(), "file", string(s.Date), "want", string(e.End))
	}
	if s.Definition != "" && r.DefinitionHash != "" && s.Definition != r.DefinitionHash {
		r.say(tally.Block, "definition", nowhere(), "file", s.Definition, "want", r.DefinitionHash)
	}
}

func hasClaims(r *run) bool {
	s := r.Statement
	return s != nil && (s.Election != "" && r.Source.Election != "" ||
		s.Date != "" && r.x.Def.Election.End != election.Date("") ||
		s.Definition != "" && r.DefinitionHash != "")
}

// I07: a file that was made before one already accepted, or in the future,
// which would make every later file look old.
func (r *run) outOfOrder() {
	made := r.Sheet.Gen
	newest := time.Time{}
	for _, s := range r.Mine {
		if s.Gen.After(newest) {
			newest = s.Gen
		}
	}
	if made.Before(newest) {
		r.say(tally.Hold, "", nowhere(), "made", made, "last", newest)
	}
	if !r.Now.IsZero() && made.Sub(r.Now) > clockSlack {
		r.say(tally.Warn, "future", nowhere(), "made", made, "now", r.Now)
	}
}

// clockSlack is how far two offices' clocks may lie apart.
const clockSlack = 15 * time.Minute

func hasGenerated(r *run) bool {
	return r.Sheet != nil && !r.Sheet.Gen.IsZero() && (len(r.Mine) > 0 || !r.Now.IsZero())
}

// I08: a number that is none. What could not be read as a number is in Found.
// A number that is missing is "not reported", never zero: it is refused where
// the source promised all of them, and listed elsewhere.
func (r *run) unusableNumbers() {
	for _, c := range r.page.raw {
		if c.N < 0 {
			r.say(tally.Block, "negative", atCell(c), "votes", c.N)
		}
		if c.N > MaxCount {
			r.say(tally.Block, "large", atCell(c), "votes", c.N, "limit", int64(MaxCount))
		}
	}
	groups := r.counties()
	for _, g := range groups {
		r.blanks(g)
	}
}

// blanks lists the choices that a unit leaves out although the same contest
// has them in the other units of its county. Files that never write a zero
// leave out choices without votes; of those nothing can be said.
func (r *run) blanks(blocks []int32) {
	choices := len(r.x.Def.Contests[r.page.blocks[blocks[0]].contest].Choices)
	given, zeros := make([]int, choices), false
	for _, i := range blocks {
		r.page.blocks[i].totals(func(c tally.Cell) {
			given[c.Choice]++
			zeros = zeros || c.N == 0
		})
	}
	level, variant := tally.Warn, "blank"
	if r.Source.NoBlanks {
		level, variant, zeros = tally.Block, "required", true
	}
	for _, i := range blocks {
		b := &r.page.blocks[i]
		here := make([]bool, choices)
		b.totals(func(c tally.Cell) { here[c.Choice] = true })
		for choice, n := range given {
			if zeros && b.votes > 0 && !here[choice] && 2*n > len(blocks) {
				r.say(level, variant, atBlock(b).at(int32(choice)))
			}
		}
	}
}
