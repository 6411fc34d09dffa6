// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math"
	"slices"

	"hustings/election"
	"hustings/office/results/tally"
)

func hasRates(r *run) bool {
	return slices.ContainsFunc(r.page.facts, func(f facts) bool { return f.ballots.ok }) || hasBalance(r)
}

// C07: votes that voters did not use. Antrim County 2020 published 23.6 % of
// ballots without a vote for President; Racine 2016 certified 5 % undervotes
// from misread marks, twice.
//
//	top contest: U / (N x B) > 5 %, or more than 3 robust deviations above the
//	other units;  O / (N x B) > 1 %;  blank ballots / B >= 3 %;
//	rejected / (B + rejected) >= 3 % (Abacus W.201, W.202)
//
// Units with fewer than 50 ballots are left out, rates being ratios of ballots.
func (r *run) unusedVotes() {
	r.undervotes()
	for i := range r.page.blocks {
		b := &r.page.blocks[i]
		if slots, ok := r.slots(b); ok && b.over.ok {
			if over := r.worth(b, r.page.sheet.OverBallots); percent(over, slots) > r.rules.OvervotePercent {
				r.say(tally.Warn, "over", atBlock(b), "over", b.over.n, "ballots", r.cast(b).n, "percent", percent(over, slots), "limit", r.rules.OvervotePercent)
			}
		}
	}
	for u, f := range r.page.facts {
		if !f.ballots.ok || f.ballots.n < r.rules.FewestBallots {
			continue
		}
		if p := percent(f.blank.n, f.ballots.n); p >= r.rules.BlankPercent {
			r.say(tally.Warn, "blank", atUnit(int32(u)).on(f.line), "blank", f.blank.n, "ballots", f.ballots.n, "percent", p, "limit", r.rules.BlankPercent)
		}
		if p := percent(f.rejected.n, f.ballots.n+f.rejected.n); p >= r.rules.InvalidPercent {
			r.say(tally.Warn, "invalid", atUnit(int32(u)).on(f.line), "rejected", f.rejected.n, "ballots", f.ballots.n, "percent", p, "limit", r.rules.InvalidPercent)
		}
	}
}

// slots is N x B of a block with enough ballots to speak of rates.
func (r *run) slots(b *block) (int64, bool) {
	cast, n := r.cast(b), int64(r.votesAllowed(b.contest))
	return n * cast.n, n > 0 && cast.ok && cast.n >= r.rules.FewestBallots
}

// rate is a unit's share of something, for comparison with other units.
type rate struct {
	block *block
	part  int64
	of    int64
}

func (v rate) share() float64 { return float64(v.part) / float64(v.of) }

// undervotes looks at the first contest of each unit's ballot that is on every
// unit's ballot. Undervotes that were not reported are what is missing to the
// ballots.
func (r *run) undervotes() {
	top := r.topContest()
	if top < 0 {
		return
	}
	var rates []rate
	for _, i := range r.page.byContest[top] {
		b := &r.page.blocks[i]
		slots, ok := r.slots(b)
		if !ok || !r.leaf(b.unit) {
			continue
		}
		under := b.under.n
		if !b.under.ok {
			under = max(0, slots-b.votes-r.worth(b, r.page.sheet.OverBallots))
		}
		rates = append(rates, rate{b, under, slots})
	}
	shares := make([]float64, len(rates))
	for i, v := range rates {
		shares[i] = v.share()
	}
	m, spread := middle(shares)
	for i, v := range rates {
		args := []any{"under", v.part, "ballots", r.cast(v.block).n, "percent", 100 * shares[i], "limit", r.rules.UndervotePercent, "usual", 100 * m}
		away := (shares[i] - m) / rateDeviation(spread, 0.005, m, v.of)
		switch {
		case 100*shares[i] > r.rules.UndervotePercent:
			r.say(tally.Warn, "", atBlock(v.block), args...)
		case len(rates) >= r.rules.FewestUnits && away > r.rules.Deviations:
			r.say(tally.Warn, "peers", atBlock(v.block), args...)
		}
	}
}

// topContest is the first contest of the ballot that every unit with ballots
// reported; -1 where there is none. A definition made from result files knows
// no ballot's order: there it is the contest that leaves the fewest votes unused.
func (r *run) topContest() int32 {
	cast := 0
	for u, f := range r.page.facts {
		if f.ballots.ok && f.ballots.n > 0 && r.leaf(int32(u)) {
			cast++
		}
	}
	top, least := int32(-1), 1.0
	for c, blocks := range r.page.byContest {
		known, votes, slots := 0, int64(0), int64(0)
		for _, i := range blocks {
			b := &r.page.blocks[i]
			if n := r.cast(b); n.ok && n.n > 0 && b.voted && r.leaf(b.unit) {
				known, votes, slots = known+1, votes+b.votes, slots+n.n*int64(r.votesAllowed(b.contest))
			}
		}
		if slots == 0 || known*20 < cast*19 || r.leavesRoom(int32(c)) {
			continue
		}
		if !r.x.Def.Derived {
			return int32(c)
		}
		if unused := 1 - float64(votes)/float64(slots); unused < least {
			top, least = int32(c), unused
		}
	}
	return top
}

// leavesRoom says whether a contest is known to stand on some ballots only, so
// that votes missing to the unit's ballots mean nothing: a party's primary.
func (r *run) leavesRoom(c int32) bool {
	con := r.x.Def.Contests[c]
	if con.PrimaryParty == "" && r.x.Def.Election.Type != election.PartisanPrimaryOpen && r.x.Def.Election.Type != election.PartisanPrimaryClose {
		return false
	}
	return !slices.ContainsFunc(r.page.byContest[c], func(i int32) bool { return r.page.blocks[i].ballots.ok })
}

func hasStyles(r *run) bool {
	return r.Sheet != nil && !r.x.Def.Derived && slices.ContainsFunc(r.page.blocks, func(b block) bool {
		_, known := r.x.OnBallot(b.unit, b.contest)
		return known
	})
}

// C09: a contest where no ballot has it, or none where every ballot does. A
// contest that the file leaves out everywhere is said once. Numbers typed by
// hand are of one contest, and nothing is missing from them.
func (r *run) onTheBallot() {
	for i := range r.page.blocks {
		b := &r.page.blocks[i]
		if on, known := r.x.OnBallot(b.unit, b.contest); known && !on && b.votes > 0 {
			r.say(tally.Hold, "stray", atBlock(b), "votes", b.votes)
		}
	}
	if r.Sheet.Format == handTyped {
		return
	}
	missing := r.missingContests()
	for c, units := range missing {
		c := int32(c)
		switch {
		case len(units) == 0 || len(r.Source.Contests) > 0 && !slices.Contains(r.Source.Contests, r.x.Def.Contests[c].ID):
		case len(r.page.byContest[c]) == 0:
			r.say(tally.Hold, "nowhere", atContest(c), "n", len(units))
		default:
			for _, u := range units {
				r.say(tally.Hold, "missing", atUnit(u).in(c).on(r.page.at(u)[0].line))
			}
		}
	}
}

// missingContests lists, by contest, the units of the file that have it on
// their ballots and do not report it.
func (r *run) missingContests() [][]int32 {
	inDistrict := make(map[election.DistrictID][]int32)
	for c, con := range r.x.Def.Contests {
		inDistrict[con.District] = append(inDistrict[con.District], int32(c))
	}
	missing := make([][]int32, len(r.x.Def.Contests))
	for u := range r.x.Def.Units {
		if u := int32(u); r.leaf(u) && len(r.page.at(u)) > 0 {
			r.eachContest(u, inDistrict, func(c int32) {
				if r.page.find(u, c) == nil {
					missing[c] = append(missing[c], u)
				}
			})
		}
	}
	return missing
}

// C11: a unit with so few ballots that its vote types would show how people
// voted. Maricopa County has six precincts below 30 ballots; the least is 2.
func (r *run) tinyUnits() {
	for u := range r.page.facts {
		n, ok := r.castIn(int32(u))
		if ok && n > 0 && n < r.rules.SmallUnit && r.leaf(int32(u)) {
			r.say(tally.Warn, "", atUnit(int32(u)).on(r.page.facts[u].line), "ballots", n, "limit", r.rules.SmallUnit)
		}
	}
}

// castIn is a unit's ballots, or where those were not reported the votes of
// its largest contest with one vote allowed.
func (r *run) castIn(u int32) (n int64, ok bool) {
	if b := r.page.facts[u].ballots; b.ok {
		return b.n, true
	}
	for i := range r.page.at(u) {
		b := &r.page.at(u)[i]
		if r.x.Def.Contests[b.contest].VotesAllowed <= 1 && b.voted {
			n, ok = max(n, b.votes+b.under.n+b.over.n), true
		}
	}
	return n, ok
}

func hasBallots(r *run) bool {
	return slices.ContainsFunc(r.page.facts, func(f facts) bool { return f.ballots.ok || f.unsaid })
}

// C12: nobody voted, or everybody did (Abacus W.205).
func (r *run) noneOrAll() {
	for u, f := range r.page.facts {
		registered := r.registered(int32(u))
		at := atUnit(int32(u)).on(f.line)
		switch {
		case f.unsaid:
			r.say(tally.Warn, "unsaid", at)
		case !f.ballots.ok || r.x.Def.Units[u].Type == election.BallotBatch:
		case f.ballots.n == 0 && (!registered.ok || registered.n > 0):
			r.say(tally.Warn, "none", at)
		case registered.ok && f.ballots.n == registered.n && !r.rules.SameDayRegistration:
			r.say(tally.Warn, "all", at, "ballots", f.ballots.n)
		}
	}
}

func hasAccounts(r *run) bool {
	return slices.ContainsFunc(r.page.blocks, func(b block) bool {
		_, ok := r.account(&b)
		return ok || b.ballots.ok
	})
}

// C13: contests on the same ballots that account for different numbers of
// them.
//
//	|(sum V + U + O) / N - B| > 1 % of B, of contests on every ballot; where B
//	was not reported the unit's own contests are compared with their median
func (r *run) dropOff() {
	for u := range r.page.facts {
		blocks := r.page.at(int32(u))
		var counts []float64
		var full []*block
		for i := range blocks {
			if n, ok := r.accounted(&blocks[i]); ok {
				full, counts = append(full, &blocks[i]), append(counts, n)
			}
		}
		want := float64(r.page.facts[u].ballots.n)
		if !r.page.facts[u].ballots.ok {
			if want = median(counts); len(full) < 2 {
				continue
			}
		}
		for i, b := range full {
			if diff := math.Abs(counts[i] - want); diff*100 > r.rules.DropOffPercent*want && diff >= 3 {
				r.say(tally.Warn, "", atBlock(b), "ballots", int64(math.Round(counts[i])), "expected", int64(math.Round(want)))
			}
		}
	}
}

// accounted is the ballots that a contest on all of a unit's ballots accounts for.
func (r *run) accounted(b *block) (float64, bool) {
	on, known := r.inEveryStyle(b.unit, b.contest)
	n := r.votesAllowed(b.contest)
	got, ok := r.account(b)
	switch {
	case known && !on || n == 0 || r.leavesRoom(b.contest):
		return 0, false
	case b.ballots.ok:
		return float64(b.ballots.n), true
	case !ok || !known && !r.everywhere(b.contest):
		return 0, false
	}
	return float64(got) / float64(n), true
}

// everywhere says whether nearly every unit of the file has a contest, as
// contests on all ballots do.
func (r *run) everywhere(c int32) bool {
	if r.wide == nil {
		units := 0
		for u := range r.page.facts {
			if len(r.page.at(int32(u))) > 0 {
				units++
			}
		}
		r.wide = make([]bool, len(r.page.byContest))
		for i, blocks := range r.page.byContest {
			r.wide[i] = len(blocks)*20 >= units*19
		}
	}
	return r.wide[c]
}
