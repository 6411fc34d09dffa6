// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"math"
	"slices"

	"hustings/election"
	"hustings/office/results/tally"
)

func hasFormer(r *run) bool {
	return r.Sheet != nil && !r.partial() && slices.ContainsFunc(r.x.Def.Units, func(u election.Unit) bool { return len(u.Former) > 0 })
}

// former is the last comparable election of a unit, nil where there is none.
// Ids of elections begin with their date, so the last is the largest.
func (r *run) former(u int32) *election.Former {
	list := r.x.Def.Units[u].Former
	if len(list) == 0 {
		return nil
	}
	f := slices.MaxFunc(list, func(a, b election.Former) int { return cmp.Compare(a.Election, b.Election) })
	return &f
}

// H01: turnout that moved otherwise than everywhere else.
//
//	x = B/R now - B/R then; |x - median x| > 3 robust deviations, of at least
//	one percentage point and the binomial noise of the unit
func (r *run) turnoutMoved() {
	type moved struct {
		unit      int32
		by        float64
		now, then float64
		n         int64
	}
	var list []moved
	var by []float64
	for u, f := range r.page.facts {
		old, registered := r.former(int32(u)), r.registered(int32(u))
		if old == nil || old.Registered == 0 || !registered.ok || !f.ballots.ok || registered.n < r.rules.FewestBallots || !r.leaf(int32(u)) || !r.counted(int32(u)) {
			continue
		}
		m := moved{unit: int32(u), now: float64(f.ballots.n) / float64(registered.n), then: float64(old.Ballots) / float64(old.Registered),
			n: min(registered.n, old.Registered)}
		m.by = m.now - m.then
		list, by = append(list, m), append(by, m.by)
	}
	if len(list) < r.rules.FewestUnits {
		return
	}
	usual, spread := middle(by)
	for _, m := range list {
		away := math.Abs(m.by-usual) / rateDeviation(spread, 0.01, min(max(m.now, 0), 1), m.n)
		if away > r.rules.Deviations {
			r.say(tally.Warn, "", atUnit(m.unit).on(r.page.facts[m.unit].line), "percent", 100*m.now, "previous", 100*m.then,
				"usual", 100*usual, "deviations", away)
		}
	}
}

// swing is how a unit's two-party share moved since the last election.
type swing struct {
	block     *block
	by        float64 // in percentage points, towards the first party
	now, then float64
}

// H02: one unit swings while its neighbours stand still. Antrim County 2020
// swung by more than 40 points for a night, and none of its neighbours did.
//
//	|share now - share then| > 20 points of the two largest parties' votes for
//	the top contest, while the median swing of the units beside it (the same
//	parent) is under 5
func (r *run) shareMoved() {
	first, second := r.twoParties()
	top := r.partyContest(first, second)
	if top < 0 {
		return
	}
	groups := make(map[int32][]swing)
	var order []int32
	for _, b := range r.leafBlocks(top) {
		if s, ok := r.swingOf(b, first, second); ok {
			parent := r.x.Parent(b.unit)
			if groups[parent] == nil {
				order = append(order, parent)
			}
			groups[parent] = append(groups[parent], s)
		}
	}
	for _, parent := range order {
		r.againstNeighbours(groups[parent], first)
	}
}

func (r *run) againstNeighbours(list []swing, party election.PartyID) {
	if len(list) < r.rules.FewestUnits {
		return
	}
	by := make([]float64, len(list))
	for i, s := range list {
		by[i] = s.by
	}
	usual := median(by)
	for _, s := range list {
		if math.Abs(s.by) > r.rules.SwingPoints && math.Abs(usual) < r.rules.NeighbourPoints {
			r.say(tally.Warn, "", atBlock(s.block), "party", r.partyName(party), "percent", s.now, "previous", s.then,
				"points", math.Abs(s.by), "usual", usual)
		}
	}
}

// twoParties are the parties with the most votes in the last election.
func (r *run) twoParties() (first, second election.PartyID) {
	votes := make(map[election.PartyID]int64)
	for u := range r.x.Def.Units {
		if f := r.former(int32(u)); f != nil && r.leaf(int32(u)) {
			for p, n := range f.Votes {
				votes[election.PartyID(p)] += n
			}
		}
	}
	parties := make([]election.PartyID, 0, len(votes))
	for p := range votes {
		parties = append(parties, p)
	}
	slices.SortFunc(parties, func(a, b election.PartyID) int {
		return cmp.Or(cmp.Compare(votes[b], votes[a]), cmp.Compare(a, b))
	})
	if len(parties) < 2 {
		return "", ""
	}
	return parties[0], parties[1]
}

// partyContest is the first contest in which both parties stand, -1 where
// there is none.
func (r *run) partyContest(first, second election.PartyID) int32 {
	for c, con := range r.x.Def.Contests {
		stands := func(p election.PartyID) bool {
			return p != "" && slices.ContainsFunc(con.Choices, func(k election.Choice) bool { return slices.Contains(k.Parties, p) })
		}
		if len(r.page.byContest[c]) > 0 && stands(first) && stands(second) {
			return int32(c)
		}
	}
	return -1
}

func (r *run) swingOf(b *block, first, second election.PartyID) (swing, bool) {
	old := r.former(b.unit)
	if old == nil || !r.counted(b.unit) {
		return swing{}, false
	}
	then1, then2 := old.Votes[string(first)], old.Votes[string(second)]
	var now1, now2 int64
	b.totals(func(c tally.Cell) {
		parties := r.x.Def.Contests[b.contest].Choices[c.Choice].Parties
		switch {
		case slices.Contains(parties, first):
			now1 += c.N
		case slices.Contains(parties, second):
			now2 += c.N
		}
	})
	if then1+then2 < r.rules.FewestBallots || now1+now2 < r.rules.FewestBallots {
		return swing{}, false
	}
	s := swing{block: b, now: percent(now1, now1+now2), then: percent(then1, then1+then2)}
	s.by = s.now - s.then
	return s, true
}

func (r *run) partyName(id election.PartyID) string {
	for _, p := range r.x.Def.Parties {
		if p.ID == id {
			return p.Name.String()
		}
	}
	return string(id)
}
