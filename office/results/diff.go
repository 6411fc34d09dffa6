// SPDX-License-Identifier: Apache-2.0

package results

import (
	"cmp"
	"slices"

	"hustings/office/results/tally"
)

// Diff is what would change if a report were approved: for the second person,
// and afterwards for the public's list of changes.
type Diff struct {
	Contests []ContestDiff // changed ones, the largest change first
	Units    []UnitDiff    // changed ones, in the order of the definition
	Ballots  Change        // of the whole election
	Same     bool          // nothing would change
}

// Change is a number before and after; a number that was not reported is nil.
type Change struct{ Before, After *int64 }

// Moved is after less before, counting what was not reported as zero.
func (c Change) Moved() int64 {
	var d int64
	if c.After != nil {
		d += *c.After
	}
	if c.Before != nil {
		d -= *c.Before
	}
	return d
}

// ContestDiff is how a contest's totals change.
type ContestDiff struct {
	Contest      int32
	Choices      []ChoiceDiff
	LeaderBefore int32 // -1 where there was none, or a tie
	LeaderAfter  int32
	Reported     [2]int // units, before and after
	Expected     int
	Votes        Change
}

// NewLeader says whether somebody else leads now; the first leader is no news.
func (d ContestDiff) NewLeader() bool {
	return d.LeaderBefore >= 0 && d.LeaderBefore != d.LeaderAfter
}

// ChoiceDiff is how a choice's votes change.
type ChoiceDiff struct {
	Choice int32
	Change
}

// UnitDiff is how a unit's ballots and votes change.
type UnitDiff struct {
	Unit    int32
	Ballots Change
	Votes   Change // all votes for choices of all contests
	Lower   bool   // some number of the unit goes down
	First   bool   // the unit reports for the first time
}

// Compare works out what changes from one tally to another of the same
// definition. Either may be nil: nothing was there, or nothing will be.
func Compare(before, after *tally.Tally) Diff {
	x := indexOf(before, after)
	var d Diff
	root := x.Root()
	for c := range x.Def.Contests {
		if cd, changed := compareContest(before, after, root, int32(c), x); changed {
			d.Contests = append(d.Contests, cd)
		}
	}
	slices.SortStableFunc(d.Contests, func(a, b ContestDiff) int { return cmp.Compare(abs(b.Votes.Moved()), abs(a.Votes.Moved())) })
	for u := range x.Def.Units {
		if len(x.Children(int32(u))) > 0 {
			continue
		}
		if ud, changed := compareUnit(before, after, int32(u)); changed {
			d.Units = append(d.Units, ud)
		}
	}
	d.Ballots = change(before, after, root, tally.NoContest, tally.Ballots)
	d.Same = len(d.Contests) == 0 && len(d.Units) == 0
	return d
}

func indexOf(a, b *tally.Tally) *tally.Index {
	if b != nil {
		return b.Index
	}
	return a.Index
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

func number(t *tally.Tally, u, contest, choice int32) *int64 {
	if t == nil {
		return nil
	}
	if n, ok := t.N(u, contest, choice, tally.TotalType); ok {
		return &n
	}
	return nil
}

func change(before, after *tally.Tally, u, contest, choice int32) Change {
	return Change{number(before, u, contest, choice), number(after, u, contest, choice)}
}

func (c Change) differs() bool {
	return (c.Before == nil) != (c.After == nil) || c.Before != nil && *c.Before != *c.After
}

func compareContest(before, after *tally.Tally, root, c int32, x *tally.Index) (ContestDiff, bool) {
	d := ContestDiff{Contest: c, LeaderBefore: Leader(before, root, c), LeaderAfter: Leader(after, root, c)}
	changed := false
	for choice := range x.Def.Contests[c].Choices {
		ch := change(before, after, root, c, int32(choice))
		changed = changed || ch.differs()
		d.Choices = append(d.Choices, ChoiceDiff{int32(choice), ch})
		d.Votes = d.Votes.plus(ch)
	}
	if before != nil {
		d.Reported[0], _ = before.Reporting(root, c)
	}
	if after != nil {
		d.Reported[1], d.Expected = after.Reporting(root, c)
	}
	return d, changed || d.Reported[0] != d.Reported[1]
}

func (c Change) plus(o Change) Change {
	return Change{sum(c.Before, o.Before), sum(c.After, o.After)}
}

func sum(a, b *int64) *int64 {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	n := *a + *b
	return &n
}

// Leader is the choice with the most votes of a contest in a unit; -1 where
// nobody has votes or the first place is shared.
func Leader(t *tally.Tally, u, c int32) int32 {
	if t == nil {
		return -1
	}
	best, votes := int32(-1), int64(0)
	for _, cell := range t.Contest(u, c) {
		if cell.Choice < 0 || cell.Type != tally.TotalType || cell.Round != 0 || cell.N == 0 {
			continue
		}
		switch {
		case cell.N > votes:
			best, votes = cell.Choice, cell.N
		case cell.N == votes:
			best = -1
		}
	}
	return best
}

func compareUnit(before, after *tally.Tally, u int32) (UnitDiff, bool) {
	d := UnitDiff{Unit: u, Ballots: change(before, after, u, tally.NoContest, tally.Ballots)}
	changed := d.Ballots.differs()
	var was, is []tally.Cell
	if before != nil {
		was = before.At(u)
	}
	if after != nil {
		is = after.At(u)
	}
	d.First = len(was) == 0 && len(is) > 0
	for len(was) > 0 || len(is) > 0 {
		order := -1
		switch {
		case len(was) == 0:
			order = 1
		case len(is) > 0:
			order = tally.Compare(was[0], is[0])
		}
		var ch Change
		cell := tally.Cell{}
		if order <= 0 {
			n := was[0].N
			ch.Before, cell, was = &n, was[0], was[1:]
		}
		if order >= 0 {
			n := is[0].N
			ch.After, cell, is = &n, is[0], is[1:]
		}
		if cell.Choice >= 0 && cell.Type == tally.TotalType && cell.Round == 0 {
			d.Votes = d.Votes.plus(ch)
		}
		changed = changed || ch.differs()
		d.Lower = d.Lower || ch.Before != nil && ch.Moved() < 0
	}
	return d, changed
}
