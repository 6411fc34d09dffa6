// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"

	"hustings/election"
	"hustings/office/results/tally"
)

// hasLast: a source whose files replace one another, and one that came before.
func hasLast(r *run) bool {
	return r.Sheet != nil && r.last != nil && r.Source.Counting != Incremental
}

// T01: fewer votes than the source had before, without an open correction and
// its reason. Benton County 2006 would have shown it at once.
func (r *run) fewerVotes() {
	if r.corrects() {
		return
	}
	if r.status() == election.Correction || r.status() == election.Recount {
		r.say(tally.Hold, "reason", nowhere())
	}
	total := cellKey{unit: absent} // whose decrease is already said
	compare(r.last.cells, r.page.cells, func(c tally.Cell, was, is num) {
		if !was.ok || was.n <= is.n || c.Round != 0 || c.Choice < 0 && c.Choice != tally.Ballots {
			return
		}
		key := keyOf(c)
		key.typ = tally.TotalType
		if c.Type == tally.TotalType {
			total = key
		} else if total == key {
			return
		}
		r.fewer(c, was, is)
	})
}

func (r *run) fewer(c tally.Cell, was, is num) {
	at, args := atCell(c), []any{"previous", was.n, "votes", is.n, "difference", was.n - is.n}
	variant := "votes"
	switch {
	case c.Contest == tally.NoContest && !is.ok:
		variant, at = "no-ballots", at.on(0)
	case c.Contest == tally.NoContest:
		variant = "ballots"
	case !is.ok && was.n > 0:
		variant, at = "gone", at.on(0)
	case !is.ok:
		return // a zero that is no longer written
	}
	r.say(tally.Hold, variant, at, args...)
}

func hasBeforeAfter(r *run) bool {
	return r.Before != nil && r.After != nil
}

// T02: more new ballots than were outstanding. New York City 2021 grew from
// 799,827 to 941,832 between two reports when only absentee ballots were left.
//
//	B after - B before <= R - B before, or the ballots that the unit said were
//	outstanding once all its units had reported
func (r *run) moreThanOutstanding() {
	for u := range r.x.Def.Units {
		u := int32(u)
		was, ok := r.Before.N(u, tally.NoContest, tally.Ballots, tally.TotalType)
		is, also := r.After.N(u, tally.NoContest, tally.Ballots, tally.TotalType)
		if !ok || !also || is <= was {
			continue
		}
		if left := r.outstanding(u, was); left.ok && is-was > left.n {
			r.say(tally.Hold, "", atUnit(u).on(r.page.facts[u].line), "previous", was, "ballots", is,
				"difference", is-was, "outstanding", left.n)
		}
	}
}

func (r *run) outstanding(u int32, cast int64) num {
	if n, ok := r.Before.N(u, tally.NoContest, tally.Outstanding, tally.TotalType); ok {
		if in, of := r.Before.Reporting(u, tally.NoContest); in == of {
			return num{n, true}
		}
	}
	if n := r.voters(u); n.ok {
		return num{max(0, n.n-cast), true}
	}
	if n, ok := r.Before.N(u, tally.NoContest, tally.Registered, tally.TotalType); ok && n > 0 && !r.rules.SameDayRegistration {
		return num{max(0, n-cast), true}
	}
	return num{}
}

func hasEarlier(r *run) bool { return r.Sheet != nil && len(r.Mine) > 0 }

// T03: a batch that is all for one choice, or unlike everything the unit sent
// before. The 138,339 votes of Shiawassee County's extra digit were all for one.
//
//	more than 500 new votes, >= 99 % for one choice of a contest with more
//	than one, unless the unit was as loyal before (z <= 3); |z| > 8 against the
//	unit's earlier share of the same vote type; in standard deviations
//	z = (x - n p) / sqrt(n p (1-p) (1 + n/n0)), of x of n new votes after a
//	share p of n0 earlier ones
func (r *run) oneSidedBatch() {
	byType := make([][]fresh, len(r.x.Def.VoteTypes)+1)
	for i := range r.page.blocks {
		is := &r.page.blocks[i]
		if !r.leaf(is.unit) || is.votes == 0 {
			continue
		}
		if was := r.earlier(is.unit, is.contest); len(was) > 0 {
			r.newVotes(was, is, byType)
			for t, list := range byType {
				if t > 0 || !slices.ContainsFunc(byType[1:], func(l []fresh) bool { return len(l) > 0 }) {
					r.batch(list)
				}
			}
		}
	}
}

// fresh is a choice's new votes of one type, and those it had.
type fresh struct {
	cell        tally.Cell
	new, before int64
}

// newVotes sorts the new votes of a contest in a unit by vote type.
func (r *run) newVotes(was []tally.Cell, is *block, byType [][]fresh) {
	for t := range byType {
		byType[t] = byType[t][:0]
	}
	compare(was, is.cells, func(c tally.Cell, was, is num) {
		if c.Choice < 0 || !is.ok {
			return
		}
		f := fresh{c, is.n, was.n}
		if r.Source.Counting != Incremental {
			f.new -= was.n
		}
		byType[c.Type] = append(byType[c.Type], f)
	})
}

// earlier is what the source has said of a contest in a unit so far.
func (r *run) earlier(u, contest int32) []tally.Cell {
	if r.Source.Counting != Incremental {
		if b := r.last.find(u, contest); b != nil {
			return b.cells
		}
		return nil
	}
	var all []tally.Cell
	for _, p := range r.history() {
		if b := p.find(u, contest); b != nil {
			all = append(all, b.cells...)
		}
	}
	slices.SortFunc(all, byRow)
	return once(all)
}

// batch looks at the new votes of one type.
func (r *run) batch(list []fresh) {
	var n, n0 int64
	var most fresh
	for _, f := range list {
		n, n0 = n+max(0, f.new), n0+f.before
		if f.new > most.new {
			most = f
		}
	}
	if n == 0 || len(list) < 2 {
		return
	}
	loyal := n0 >= r.rules.FewestBallots && most.deviations(n, n0) <= r.rules.Deviations
	if n > r.rules.BatchVotes && percent(most.new, n) >= r.rules.BatchPercent && !loyal && r.contested(most.cell.Contest) {
		r.say(tally.Hold, "", atCell(most.cell), "votes", most.new, "new", n, "percent", percent(most.new, n))
		return
	}
	if n0 >= r.rules.FewestBallots && n >= r.rules.FewestBallots {
		for _, f := range list {
			r.unlike(f, n, n0)
		}
	}
}

// contested says whether a contest has two choices that people voted for in
// numbers: without that every batch is one-sided.
func (r *run) contested(contest int32) bool {
	votes := make(map[int32]int64)
	all := int64(0)
	for _, b := range r.leafBlocks(contest) {
		b.totals(func(c tally.Cell) { votes[c.Choice] += c.N })
		all += b.votes
	}
	strong := 0
	for _, n := range votes {
		if n*20 >= all {
			strong++
		}
	}
	return strong >= 2
}

// unlike warns of a share far from the earlier one.
func (r *run) unlike(f fresh, n, n0 int64) {
	if z := math.Abs(f.deviations(n, n0)); z > r.rules.BatchDeviations {
		r.say(tally.Warn, "unlike", atCell(f.cell), "votes", f.new, "new", n, "percent", percent(f.new, n), "earlier", percent(f.before, n0), "deviations", z)
	}
}

// deviations is how far a choice's part of n new votes is from its part of n0
// earlier ones; 0 where it had all or none of those and nothing can be said.
func (f fresh) deviations(n, n0 int64) float64 {
	p := float64(f.before) / float64(n0)
	variance := float64(n) * p * (1 - p) * (1 + float64(n)/float64(n0))
	if variance <= 0 {
		return 0
	}
	return (float64(f.new) - float64(n)*p) / math.Sqrt(variance)
}

func hasReporting(r *run) bool {
	if r.Statement != nil && slices.ContainsFunc(r.Statement.Contests, func(c tally.NamedContest) bool { return c.Expected > 0 }) {
		return true
	}
	return r.Sheet != nil && len(r.Sheet.Progress) > 0 || hasBeforeAfter(r)
}

// T04: fewer units reported than before, or more than there are.
func (r *run) fewerUnits() {
	if r.Statement != nil {
		for _, c := range r.Statement.Contests {
			if c.Expected > 0 && c.Reported > c.Expected {
				r.say(tally.Hold, "contest", nowhere().on(c.Line), "name", c.Name, "reported", c.Reported, "expected", c.Expected)
			}
		}
	}
	before := progressOf(r.last)
	for _, p := range r.progress() {
		at := atUnit(p.Unit).of(p.Type)
		if p.Expected > 0 && p.Reported > p.Expected || p.Percent > 100 {
			r.say(tally.Hold, "over", at, "reported", p.Reported, "expected", p.Expected, "percent", p.Percent)
		}
		if was, ok := before[progressKey{p.Unit, p.Type}]; ok && r.Source.Counting != Incremental && !r.corrects() {
			r.stepsBack(at, was, p)
		}
	}
	if !hasBeforeAfter(r) || r.corrects() {
		return
	}
	if root := r.x.Root(); root >= 0 {
		was, _ := r.Before.Reporting(root, tally.NoContest)
		if is, of := r.After.Reporting(root, tally.NoContest); is < was {
			r.say(tally.Hold, "", atUnit(root), "previous", was, "reported", is, "expected", of)
		}
	}
}

func (r *run) stepsBack(at spot, was, is tally.Progress) {
	if is.Reported < was.Reported {
		r.say(tally.Hold, "fewer", at, "previous", was.Reported, "reported", is.Reported, "expected", is.Expected)
	} else if is.Percent >= 0 && is.Percent < was.Percent {
		r.say(tally.Hold, "percent", at, "previous", was.Percent, "reported", is.Percent)
	}
}

type progressKey struct {
	unit int32
	typ  int16
}

func progressOf(p *page) map[progressKey]tally.Progress {
	out := make(map[progressKey]tally.Progress)
	if p != nil {
		for _, g := range p.sheet.Progress {
			out[progressKey{g.Unit, g.Type}] = g
		}
	}
	return out
}

// progress is the file's progress in the order of units and types.
func (r *run) progress() []tally.Progress {
	inside := slices.DeleteFunc(slices.Clone(r.page.sheet.Progress), func(p tally.Progress) bool {
		return p.Unit < 0 || int(p.Unit) >= len(r.x.Def.Units) || p.Type < 0 || int(p.Type) > len(r.x.Def.VoteTypes)
	})
	return inOrder(inside, func(a, b tally.Progress) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Type, b.Type))
	})
}

// T05: the same votes once more. Monmouth County 2022 loaded a memory stick
// twice; six districts doubled, to the vote.
//
//	the new votes of a unit equal, in all choices, votes that came for it
//	before; or two units of one file have the same votes in every contest
func (r *run) loadedTwice() {
	if r.Mode != Test { // precincts may share a test deck
		r.twins()
	}
	if len(r.Mine) == 0 {
		return
	}
	seed := maphash.MakeSeed()
	earlier := make(map[uint64]int) // delta of a unit -> which file brought it
	var before *page
	for i, p := range r.history() {
		from := before
		if r.Source.Counting == Incremental {
			from = nil
		}
		for u := range r.x.Def.Units {
			if d := deltaOf(from, p, int32(u)); telling(d, r.rules.RepeatVotes) {
				earlier[hashOf(seed, int32(u), d)] = i
			}
		}
		before = p
	}
	if r.Source.Counting == Incremental {
		before = nil
	}
	for u := range r.x.Def.Units {
		d := deltaOf(before, r.page, int32(u))
		if !telling(d, r.rules.RepeatVotes) {
			continue
		}
		if i, ok := earlier[hashOf(seed, int32(u), d)]; ok {
			r.say(tally.Hold, "", atUnit(int32(u)).on(r.page.at(int32(u))[0].line), "path", r.Mine[i].Path, "votes", votesIn(d))
		}
	}
}

// deltaOf is the votes that a page adds for a unit, without those that did not
// change.
func deltaOf(from, to *page, u int32) []tally.Cell {
	is := votesOf(to, u)
	if from == nil {
		return is
	}
	var out []tally.Cell
	compare(votesOf(from, u), is, func(c tally.Cell, was, is num) {
		if c.N = is.n - was.n; c.N != 0 {
			out = append(out, c)
		}
	})
	return out
}

// hashOf names the votes of a unit by their content, zeros left out.
func hashOf(seed maphash.Seed, u int32, cells []tally.Cell) uint64 {
	h := uint64(u) * 0x9e3779b97f4a7c15
	for _, c := range cells {
		if c.N != 0 && c.Choice >= 0 {
			h ^= maphash.Comparable(seed, [5]int64{int64(c.Contest), int64(c.Choice), int64(c.Round), int64(c.Type), c.N}) + h<<6 + h>>2
		}
	}
	return h
}

func votesIn(cells []tally.Cell) (n int64) {
	for _, c := range cells {
		if c.Choice >= 0 && c.Type == tally.TotalType {
			n += c.N
		}
	}
	return n
}

// twins looks for two units of the file with the same votes throughout: one
// unit's file sent under two names. Six numbers above zero, one of them fifty
// or more, are no coincidence.
func (r *run) twins() {
	seed := maphash.MakeSeed()
	seen := make(map[uint64]int32)
	for u := range r.x.Def.Units {
		votes := votesOf(r.page, int32(u))
		filled, largest := 0, int64(0)
		for _, c := range votes {
			if c.N > 0 && c.Choice >= 0 {
				filled, largest = filled+1, max(largest, c.N)
			}
		}
		if filled < 6 || largest < 50 || !r.leaf(int32(u)) {
			continue
		}
		key := hashOf(seed, 0, votes)
		if first, ok := seen[key]; ok {
			r.say(tally.Hold, "twin", atUnit(int32(u)).on(votes[0].Line), "other", r.x.UnitName(first), "votes", votesIn(votes))
		} else {
			seen[key] = int32(u)
		}
	}
}

// T06: who leads has changed, or the margin is now so small that the law may
// ask for a recount or a runoff.
func (r *run) leaderChanges() {
	root := r.x.Root()
	if root < 0 {
		return
	}
	for c, con := range r.x.Def.Contests {
		was, is := standing(r.Before, root, int32(c), con), standing(r.After, root, int32(c), con)
		if was.votes == 0 || is.votes == 0 {
			continue
		}
		if was.first != is.first && !was.tied && !is.tied {
			r.say(tally.Warn, "", atContest(int32(c)).at(is.first), "previous", r.x.ChoiceName(int32(c), was.first), "votes", is.lead)
		}
		if limit := r.rules.RecountPercent; is.margin <= limit && was.margin > limit && is.second >= 0 {
			r.say(tally.Warn, "recount", atContest(int32(c)).at(is.first), "margin", is.lead, "percent", is.margin, "limit", limit)
		}
		if con.Variation == election.Majority && was.majority && !is.majority {
			r.say(tally.Warn, "runoff", atContest(int32(c)).at(is.first), "percent", percent(is.top, is.votes))
		}
	}
}

// place is who leads a contest, and by how much.
type place struct {
	first, second    int32 // the last who would win a seat and the first who would not; second -1 where nobody is left
	lead, top, votes int64
	margin           float64 // lead in percent of all votes
	majority, tied   bool
}

func standing(t *tally.Tally, root, contest int32, con election.Contest) place {
	p := place{first: -1, second: -1}
	var list []tally.Cell
	for _, c := range t.Contest(root, contest) {
		if c.Choice >= 0 && c.Type == tally.TotalType && c.Round == 0 {
			list = append(list, c)
			p.votes += c.N
		}
	}
	slices.SortStableFunc(list, func(a, b tally.Cell) int { return cmp.Compare(b.N, a.N) })
	seats := max(1, con.Elected)
	if len(list) == 0 {
		return p
	}
	seats = min(seats, len(list))
	last := list[seats-1]
	p.first, p.top, p.lead = list[0].Choice, list[0].N, last.N
	p.majority = 2*p.top > p.votes
	if seats < len(list) {
		p.second, p.lead = list[seats].Choice, last.N-list[seats].N
		p.tied = p.lead == 0
		p.margin = percent(p.lead, p.votes)
	}
	return p
}

func hasLastProgress(r *run) bool {
	return hasLast(r) && len(r.Sheet.Progress) > 0 && len(r.last.sheet.Progress) > 0
}

// T07: votes changed although no more units reported, or more units reported
// and brought no votes.
func (r *run) votesWithoutUnits() {
	before := progressOf(r.last)
	for _, p := range r.progress() {
		was, ok := before[progressKey{p.Unit, p.Type}]
		if !ok || p.Type != tally.TotalType || p.Expected == 0 && p.Percent < 0 {
			continue
		}
		moved := p.Reported != was.Reported || p.Percent != was.Percent
		change := r.votesUnder(r.page, p.Unit) - r.votesUnder(r.last, p.Unit)
		switch {
		case change != 0 && !moved:
			r.say(tally.Warn, "", atUnit(p.Unit), "votes", change, "reported", p.Reported)
		case change == 0 && moved:
			r.say(tally.Warn, "no-votes", atUnit(p.Unit), "previous", was.Reported, "reported", p.Reported)
		}
	}
}

// votesUnder is all votes of a unit: its own where it reported any, else those
// of the units below it.
func (r *run) votesUnder(p *page, u int32) (n int64) {
	for i := range p.at(u) {
		n += p.at(u)[i].votes
	}
	if n > 0 {
		return n
	}
	for _, k := range r.x.Children(u) {
		n += r.votesUnder(p, k)
	}
	return n
}
