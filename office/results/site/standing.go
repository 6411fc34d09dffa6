// SPDX-License-Identifier: Apache-2.0

package site

import (
	"cmp"
	"slices"

	"hustings/election"
	"hustings/office/results/tally"
)

// absent stands for a number that was not reported.
const absent = int64(-1)

// standing is how one contest stands in one unit.
type standing struct {
	c, u      int32
	def       *election.Contest
	round     int16   // the round that the numbers are of; 0 where there are none
	rounds    int16   // the last round
	votes     []int64 // by choice
	order     []int32 // choices, the most votes first; answers to a measure as on the ballot
	total     int64   // votes for any choice
	over      int64
	under     int64
	ballots   int64
	exhausted int64
	ahead     int   // the first so many of order hold a seat as things stand
	tied      bool  // the last seat is shared
	margin    int64 // between the last seat and the first without
	reported  int32
	expected  int32
	typed     []int16 // vote types that were told apart
	byType    []int64 // votes by choice and position in typed
	overUnder bool    // over- or undervotes are known
	turnedOut int64   // ballots cast where the contest is voted on; for thresholds that are a share of them
}

// standing works out a contest in a unit, and how much of it is in.
func (s *Edition) standing(c, u int32, st *standing) {
	st.count(s.t, c, u)
	st.reported, st.expected = s.rep.at(u, c)
	if t := st.def.Threshold; t != nil && t.Of == "ballots" && st.ballots == absent {
		st.turnedOut = s.ballotsWith(c, u)
	}
}

// ballotsWith sums the ballots cast in those parts of a unit whose voters see
// a contest.
func (s *Edition) ballotsWith(c, u int32) int64 {
	_, due := s.rep.at(u, c)
	if _, all := s.rep.at(u, tally.NoContest); due == all {
		return s.turn.ballots[u]
	}
	sum := absent
	for _, k := range s.x.Children(u) {
		if s.rep.expectedAt(k, c) == 0 {
			continue
		}
		if n := s.ballotsWith(c, k); n != absent {
			sum = max(0, sum) + n
		}
	}
	return sum
}

// count takes the numbers of a contest in a unit from a tally. Those of a
// ranked contest are of its last round where only rounds were reported. It
// reuses the slices of st.
func (st *standing) count(t *tally.Tally, c, u int32) {
	def := &t.Index.Def.Contests[c]
	*st = standing{c: c, u: u, def: def, votes: refill(st.votes, len(def.Choices)), order: st.order[:0], typed: st.typed[:0],
		byType: st.byType, over: absent, under: absent, ballots: absent, exhausted: absent, margin: absent,
		turnedOut: absent}
	cells := t.Contest(u, c)
	st.chooseRound(cells)
	for _, cell := range cells {
		// Over- and undervotes of a ranked contest belong to no round.
		if cell.Round != st.round && (cell.Round != 0 || cell.Choice >= 0) {
			continue
		}
		if cell.Type != tally.TotalType {
			if !slices.Contains(st.typed, cell.Type) {
				st.typed = append(st.typed, cell.Type)
			}
			continue
		}
		st.take(cell)
	}
	st.overUnder = st.over != absent || st.under != absent
	st.spread(cells)
	st.rank(cells)
}

func (st *standing) chooseRound(cells []tally.Cell) {
	if len(cells) == 0 {
		return
	}
	st.rounds = cells[len(cells)-1].Round
	first := slices.IndexFunc(cells, func(c tally.Cell) bool { return c.Choice >= 0 })
	if first >= 0 && cells[first].Round > 0 {
		st.round = st.rounds
	}
}

func (st *standing) take(cell tally.Cell) {
	switch cell.Choice {
	case tally.Over:
		st.over = cell.N
	case tally.Under:
		st.under = cell.N
	case tally.Ballots:
		st.ballots = cell.N
	case tally.Exhausted:
		st.exhausted = cell.N
	default:
		if cell.Choice >= 0 {
			st.votes[cell.Choice] = cell.N
			st.total += cell.N
		}
	}
}

// spread keeps the votes by vote type.
func (st *standing) spread(cells []tally.Cell) {
	if len(st.typed) == 0 {
		return
	}
	slices.Sort(st.typed)
	st.byType = refill(st.byType, len(st.votes)*len(st.typed))
	for _, cell := range cells {
		if cell.Round == st.round && cell.Choice >= 0 && cell.Type != tally.TotalType {
			i, _ := slices.BinarySearch(st.typed, cell.Type)
			st.byType[int(cell.Choice)*len(st.typed)+i] = cell.N
		}
	}
}

// rank orders the choices and finds who is ahead.
func (st *standing) rank(cells []tally.Cell) {
	for i := range st.votes {
		st.order = append(st.order, int32(i))
	}
	if st.round > 0 {
		st.rankRounds(cells)
		return
	}
	if st.def.Kind != election.MeasureContest && st.def.Kind != election.RetentionContest {
		slices.SortStableFunc(st.order, func(a, b int32) int { return cmp.Compare(st.votes[b], st.votes[a]) })
		st.seat(st.order)
		return
	}
	byVotes := slices.Clone(st.order)
	slices.SortStableFunc(byVotes, func(a, b int32) int { return cmp.Compare(st.votes[b], st.votes[a]) })
	st.seat(byVotes)
}

// rankRounds orders the choices of a ranked contest: those still in by their
// votes, then those that are out, the last one out first.
func (st *standing) rankRounds(cells []tally.Cell) {
	type lasted struct {
		round int16
		votes int64
	}
	last := make([]lasted, len(st.votes))
	for _, c := range cells {
		if c.Choice >= 0 && c.Type == tally.TotalType && c.Round >= last[c.Choice].round {
			last[c.Choice] = lasted{c.Round, c.N}
		}
	}
	slices.SortStableFunc(st.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(last[b].round, last[a].round), cmp.Compare(last[b].votes, last[a].votes))
	})
	st.seat(st.order)
}

// seat fills the seats from the top. Choices that share the last seat are not
// ahead: the count does not say so yet.
func (st *standing) seat(order []int32) {
	seats := max(1, st.def.Elected)
	if len(order) == 0 || st.total <= 0 {
		return
	}
	if len(order) <= seats {
		st.ahead = len(order)
		return
	}
	last, next := st.votes[order[seats-1]], max(0, st.votes[order[seats]])
	if last > next {
		st.ahead, st.margin = seats, last-next
		return
	}
	st.tied, st.margin = true, 0
	for st.ahead < seats && st.votes[order[st.ahead]] > next {
		st.ahead++
	}
}

// any says whether anything was reported.
func (st *standing) any() bool { return st.total > 0 || st.reported > 0 }

// leads says whether a choice holds a seat as things stand.
func (st *standing) leads(choice int32) bool {
	return slices.Index(st.order, choice) < st.ahead
}

// first is the choice with the most votes, -1 where there is none or a tie.
func (st *standing) first() int32 {
	best := int32(-1)
	for i, n := range st.votes {
		if n > 0 && (best < 0 || n > st.votes[best]) {
			best = int32(i)
		}
	}
	for i, n := range st.votes {
		if best >= 0 && int32(i) != best && n == st.votes[best] {
			return -1
		}
	}
	return best
}

// lead is the distance between the first and the second choice.
func (st *standing) lead() int64 {
	var one, two int64
	for _, n := range st.votes {
		if n > one {
			one, two = n, one
		} else if n > two {
			two = n
		}
	}
	return one - two
}

// yes is the choice that a measure or retention needs votes for, -1 if none.
func (st *standing) yes() int32 {
	return int32(slices.IndexFunc(st.def.Choices, func(c election.Choice) bool { return c.Kind == election.Yes }))
}

// needs is the share at which a measure passes: its own, or more than half for
// a retention. Nil: the definition does not say.
func (st *standing) needs() *election.Threshold {
	switch {
	case st.yes() < 0:
		return nil
	case st.def.Threshold != nil:
		return st.def.Threshold
	case st.def.Kind == election.RetentionContest:
		return &election.Threshold{Numerator: 1, Denominator: 2, Over: true, Of: "votes"}
	}
	return nil
}

// base is what the share of a threshold is taken of.
func (st *standing) base() int64 {
	if t := st.needs(); t != nil && t.Of == "ballots" {
		switch {
		case st.ballots != absent:
			return st.ballots
		case st.turnedOut != absent:
			return st.turnedOut
		}
	}
	return st.total
}

func refill(list []int64, n int) []int64 {
	list = slices.Grow(list[:0], n)[:n]
	for i := range list {
		list[i] = absent
	}
	return list
}

// reports counts the leaf units that reported and that should, for every unit
// and contest, once for all pages.
type reports struct {
	contests int
	done     []int32 // by unit and contest; the last contest stands for the unit as a whole
	due      []int32
}

func countReports(t *tally.Tally) *reports {
	x := t.Index
	r := &reports{contests: len(x.Def.Contests) + 1}
	r.done = make([]int32, len(x.Def.Units)*r.contests)
	r.due = make([]int32, len(x.Def.Units)*r.contests)
	var visit func(u int32)
	visit = func(u int32) {
		at := int(u) * r.contests
		kids := x.Children(u)
		if len(kids) == 0 {
			r.leaf(t, u)
			return
		}
		for _, k := range kids {
			visit(k)
			from := int(k) * r.contests
			for i := range r.contests {
				r.done[at+i] += r.done[from+i]
				r.due[at+i] += r.due[from+i]
			}
		}
	}
	visit(x.Root())
	return r
}

func (r *reports) leaf(t *tally.Tally, u int32) {
	at := int(u) * r.contests
	for c := range r.contests {
		of := int32(c)
		if c == r.contests-1 {
			of = tally.NoContest
		}
		done, due := t.Reporting(u, of)
		r.done[at+c], r.due[at+c] = int32(done), int32(due)
	}
}

// at tells how many units at or below u reported a contest, of how many.
func (r *reports) at(u, c int32) (done, due int32) {
	if c == tally.NoContest {
		c = int32(r.contests - 1)
	}
	i := int(u)*r.contests + int(c)
	return r.done[i], r.due[i]
}

func (r *reports) expectedAt(u, c int32) int32 { _, due := r.at(u, c); return due }
