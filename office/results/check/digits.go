// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math"
	"slices"
	"strconv"

	"hustings/office/results/tally"
)

// hasExpectation also says that votes are counted and not a test deck, whose
// numbers are made up and far from what voters would do.
func hasExpectation(r *run) bool {
	return r.Sheet != nil && r.Mode != Test && (r.last != nil ||
		slices.ContainsFunc(r.page.blocks, func(b block) bool { return r.base(&b).ok }))
}

// C10: a number with a digit too many, or with two digits exchanged.
// Shiawassee County 2020 typed 153,710 for 15,371, and the pictures of it
// travelled further than the correction.
//
//	V is 8 to 12 times R x turnout x share, as other units have it; or
//	a unit has far more votes than its voters cast elsewhere, and V / 10 in
//	place of V would make them usual; or
//	V is 10 times the previous number while the rest of the contest stood
//	still; or V is the previous number with two digits exchanged, and
//	nothing else moved
func (r *run) slipsOfDigits() {
	for c := range r.page.byContest {
		said := make(map[int32]bool) // units
		r.tenfoldShares(int32(c), said)
		r.tenfoldTotals(int32(c), said)
	}
	if r.last == nil || r.Source.Counting == Incremental {
		return
	}
	for i := range r.page.blocks {
		if was := r.last.find(r.page.blocks[i].unit, r.page.blocks[i].contest); was != nil {
			r.slipsSince(was, &r.page.blocks[i])
		}
	}
}

// base is what a contest's votes are measured against in a unit: registered
// voters, or ballots, or the voters of the last election, or what the unit's
// other contests got.
func (r *run) base(b *block) num {
	if n := r.registered(b.unit); n.ok {
		return n
	}
	if n := r.cast(b); n.ok {
		return n
	}
	if f := r.former(b.unit); f != nil && f.Ballots > 0 {
		return num{f.Ballots, true}
	}
	return r.otherVotes(b)
}

// otherVotes is the median of the votes of a unit's other contests.
func (r *run) otherVotes(b *block) num {
	if r.unitVotes == nil {
		r.unitVotes = make([][]int64, len(r.x.Def.Units))
		for i := range r.page.blocks {
			if o := &r.page.blocks[i]; o.voted {
				r.unitVotes[o.unit] = append(r.unitVotes[o.unit], o.votes)
			}
		}
		for _, list := range r.unitVotes {
			slices.Sort(list)
		}
	}
	list := r.unitVotes[b.unit]
	own, found := slices.BinarySearch(list, b.votes)
	if !found || len(list) < 2 {
		return num{}
	}
	other := func(i int) int64 { // the i-th, this contest left out
		if i >= own {
			i++
		}
		return list[i]
	}
	n := len(list) - 1
	return num{(other((n-1)/2) + other(n/2)) / 2, true}
}

// reading is a number of one unit, and what it is measured against.
type reading struct {
	block *block
	cell  tally.Cell
	base  int64
}

// tenfoldShares compares each choice's votes per voter with the median of all
// units. It needs enough units and a choice whose support is even enough that
// tenfold means something: a local favourite is no typing error.
func (r *run) tenfoldShares(contest int32, said map[int32]bool) {
	readings := make([][]reading, len(r.x.Def.Contests[contest].Choices))
	for _, v := range r.readings(contest) {
		v.block.totals(func(c tally.Cell) {
			readings[c.Choice] = append(readings[c.Choice], reading{v.block, c, v.base})
		})
	}
	for _, list := range readings {
		usual, logs, spread := away(list, func(v reading) int64 { return v.cell.N })
		for i, v := range list {
			expected := usual * float64(v.base)
			times := float64(v.cell.N) / expected
			if expected >= expectInUnit && times >= r.rules.TenfoldLow && times <= r.rules.TenfoldHigh && logs[i] > 5*max(spread, evenShares) {
				said[v.cell.Unit] = true
				r.say(tally.Hold, "", atCell(v.cell).of(-1), "votes", v.cell.N, "expected", int64(math.Round(expected)), "times", times)
			}
		}
	}
}

// tenfoldTotals looks for a unit whose votes are far more than usual for its
// voters, and usual if one number had a digit less. It sees typing errors that
// the leanings of precincts hide, because turnout varies less than they do.
func (r *run) tenfoldTotals(contest int32, said map[int32]bool) {
	list := r.readings(contest)
	usual, logs, spread := away(list, func(v reading) int64 { return v.block.votes })
	if spread = max(spread, evenTurnout); spread > unevenTurnout {
		return // a contest of parts of precincts
	}
	for i, v := range list {
		expected := usual * float64(v.base)
		if said[v.block.unit] || expected < expectInUnit || logs[i] < max(5*spread, math.Log(1.5)) {
			continue
		}
		var most tally.Cell
		v.block.totals(func(c tally.Cell) {
			if c.N > most.N {
				most = c
			}
		})
		mended := float64(v.block.votes-most.N) + float64(most.N)/10
		if math.Abs(math.Log(mended/expected)) <= min(3*spread, math.Log(1.6)) {
			r.say(tally.Hold, "total", atCell(most).of(-1), "votes", most.N, "sum", v.block.votes, "expected", int64(math.Round(expected)))
		}
	}
}

// The least spreads that are believed, of the logarithm of a number over its
// expectation: a choice's usually has 0.2 to 0.6, turnout about 0.1.
const (
	evenShares    = 0.2
	evenTurnout   = 0.1
	unevenTurnout = 0.35 // nothing can be said of a contest with more
)

// readings are the units large enough to compare, none where they are too few.
func (r *run) readings(contest int32) []reading {
	var list []reading
	for _, b := range r.leafBlocks(contest) {
		if base := r.base(b); base.ok && base.n >= r.rules.FewestBallots && b.votes > 0 {
			list = append(list, reading{block: b, base: base.n})
		}
	}
	if len(list) < r.rules.FewestUnits {
		return nil
	}
	return list
}

// away is the usual rate of a number per voter, how far each unit is from it
// as a logarithm, and their robust standard deviation.
func away(list []reading, number func(reading) int64) (usual float64, logs []float64, spread float64) {
	rates, logs := make([]float64, len(list)), make([]float64, len(list))
	for i, v := range list {
		rates[i] = float64(number(v)) / float64(v.base)
	}
	usual = median(rates)
	for i, v := range list {
		logs[i] = math.Log((float64(number(v)) + 0.5) / (usual*float64(v.base) + 0.5))
	}
	_, spread = middle(logs)
	return usual, logs, spread
}

// slipsSince compares a contest in a unit with the source's previous file.
func (r *run) slipsSince(was, is *block) {
	moved := 0 // choices whose total changed
	totals := func(do func(c tally.Cell, was, is num)) {
		compare(was.cells, is.cells, func(c tally.Cell, was, is num) {
			if c.Choice >= 0 && c.Type == tally.TotalType && was != is {
				do(c, was, is)
			}
		})
	}
	totals(func(tally.Cell, num, num) { moved++ })
	totals(func(c tally.Cell, before, now num) {
		others, othersBefore := is.votes-now.n, was.votes-before.n
		switch {
		case !before.ok || !now.ok:
		case before.n >= 10 && tenfold(before.n, now.n) && othersBefore >= r.rules.RepeatVotes && others < 2*othersBefore:
			r.say(tally.Hold, "tenfold", atCell(c).of(-1), "votes", now.n, "previous", before.n)
		case moved == 1 && exchanged(before.n, now.n) && !r.corrects() && !r.ballotsMoved(was.unit):
			r.say(tally.Hold, "exchanged", atCell(c).of(-1), "votes", now.n, "previous", before.n)
		}
	})
}

// ballotsMoved says whether the unit has other ballots cast than before: then a
// number that moved is a count that went on, not digits that changed places.
func (r *run) ballotsMoved(u int32) bool {
	was, is := r.last.facts[u].ballots, r.page.facts[u].ballots
	return was.ok && is.ok && was != is
}

// tenfold says whether is has the digits of was and one more at its end, or
// the other way round.
func tenfold(was, is int64) bool {
	return is/10 == was || was/10 == is && is > 0
}

// exchanged says whether two numbers of three digits or more differ by two
// digits that changed places.
func exchanged(a, b int64) bool {
	s, t := strconv.FormatInt(a, 10), strconv.FormatInt(b, 10)
	if len(s) < 3 || len(s) != len(t) {
		return false
	}
	var at []int
	for i := range s {
		if s[i] != t[i] {
			at = append(at, i)
		}
	}
	return len(at) == 2 && s[at[0]] == t[at[1]] && s[at[1]] == t[at[0]]
}
