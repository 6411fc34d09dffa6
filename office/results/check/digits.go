// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math"
	"slices"
	"strconv"

	"hustings/office/results/tally"
)

func hasExpectation(r *run) bool {
	return r.Sheet != nil && (r.last != nil ||
		slices.ContainsFunc(r.page.blocks, func(b block) bool { return r.base(&b).ok }))
}

// C10: a number with a digit too many, or with two digits exchanged.
// Shiawassee County 2020 typed 153,710 for 15,371, and the pictures of it
// travelled further than the correction.
//
//	V is 8 to 12 times R x turnout x share, as other units have it; or
//	V is 10 times the previous number while the rest of the contest stood
//	still; or V is the previous number with two digits exchanged, and
//	nothing else moved
func (r *run) slipsOfDigits() {
	for c := range r.page.byContest {
		r.tenfoldAmongUnits(int32(c))
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

// base is what a choice's votes are measured against in a unit: registered
// voters, or ballots where those are not known.
func (r *run) base(b *block) num {
	if n := r.registered(b.unit); n.ok {
		return n
	}
	return r.cast(b)
}

// reading is a choice's votes in one unit, and what they are measured against.
type reading struct {
	cell tally.Cell
	base int64
}

// tenfoldAmongUnits compares each choice's votes per registered voter with the
// median of all units. It needs enough units and a choice whose support is
// even enough that tenfold means something: a local favourite is no typing error.
func (r *run) tenfoldAmongUnits(contest int32) {
	readings := make([][]reading, len(r.x.Def.Contests[contest].Choices))
	for _, b := range r.leafBlocks(contest) {
		if base := r.base(b); base.ok && base.n >= r.rules.FewestBallots && b.votes > 0 {
			b.totals(func(c tally.Cell) { readings[c.Choice] = append(readings[c.Choice], reading{c, base.n}) })
		}
	}
	for _, list := range readings {
		if len(list) >= r.rules.FewestUnits {
			r.tenfoldOf(list)
		}
	}
}

// evenSpread is the least spread of the logarithm of votes over expectation
// that is believed; usual contests have 0.2 to 0.6.
const evenSpread = 0.2

func (r *run) tenfoldOf(list []reading) {
	rates := make([]float64, len(list))
	for i, v := range list {
		rates[i] = float64(v.cell.N) / float64(v.base)
	}
	usual := median(rates)
	if usual == 0 {
		return
	}
	logs := make([]float64, len(list))
	for i := range rates {
		logs[i] = math.Log((rates[i]*float64(list[i].base) + 0.5) / (usual*float64(list[i].base) + 0.5))
	}
	_, spread := middle(logs)
	for i, v := range list {
		expected := usual * float64(v.base)
		times := float64(v.cell.N) / expected
		if expected >= expectInUnit && times >= r.rules.TenfoldLow && times <= r.rules.TenfoldHigh && logs[i] > 5*max(spread, evenSpread) {
			r.say(tally.Hold, "", atCell(v.cell).of(-1), "votes", v.cell.N, "expected", int64(math.Round(expected)), "times", times)
		}
	}
}

// slipsSince compares a contest in a unit with the source's previous file.
func (r *run) slipsSince(was, is *block) {
	grown := is.votes - was.votes
	is.totals(func(c tally.Cell) {
		before, ok := tally.Find(was.cells, c.Choice, tally.TotalType)
		if !ok || c.N == before {
			return
		}
		others, othersBefore := is.votes-c.N, was.votes-before
		switch {
		case before >= 10 && tenfold(before, c.N) && othersBefore >= r.rules.RepeatVotes && others < 2*othersBefore:
			r.say(tally.Hold, "tenfold", atCell(c).of(-1), "votes", c.N, "previous", before)
		case exchanged(before, c.N) && grown == c.N-before && sameOthers(was, is, c.Choice) && !r.corrects():
			r.say(tally.Hold, "exchanged", atCell(c).of(-1), "votes", c.N, "previous", before)
		}
	})
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

// sameOthers says whether every other choice kept its number.
func sameOthers(was, is *block, choice int32) bool {
	same := true
	is.totals(func(c tally.Cell) {
		if n, ok := tally.Find(was.cells, c.Choice, tally.TotalType); c.Choice != choice && (!ok || n != c.N) {
			same = false
		}
	})
	return same
}
