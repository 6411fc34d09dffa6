// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"slices"
)

// Privacy says which counts must not be told apart by vote type, because they
// would show how few voters voted. Of such a unit only totals may be shown.
//
// Hiding the small unit alone is not enough: whoever subtracts the other
// precincts from the county has it back. So further units are hidden with it
// until, for every contest and beneath every unit that is still shown by vote
// type, the hidden units together
//
//   - are at least two in which anybody voted,
//   - have at least as many ballots as the threshold, and
//   - leave open, for each choice that a small unit has votes for, of which
//     vote type those are: another hidden unit has votes for the choice too,
//     and they are not all of one type.
//
// The last rule is needed because totals stay public: if nobody else hidden
// voted for a choice, the county's vote types less those of the shown
// precincts are the small unit's own. Where the units beneath cannot give such
// cover, as for a contest that only one small precinct votes on, the vote
// types of the unit above are hidden as well, up to the root if need be. Units
// are chosen the smallest first, so that little is lost, and always the same.
//
// What remains: if all hidden units together voted unanimously, their totals
// alone say so. No rule about vote types can change that.
type Privacy struct {
	t         *Tally
	threshold int64
	hidden    map[hiddenKey]bool
	unit      []bool // hidden for any contest
}

type hiddenKey struct{ unit, contest int32 }

// Protect works out which vote types to hide where a unit has fewer ballots
// than the threshold; a threshold of 0 or less hides nothing. It needs the
// whole tally, so call it once for all pages of a version.
func Protect(t *Tally, threshold int64) *Privacy {
	p := &Privacy{t: t, threshold: threshold, hidden: make(map[hiddenKey]bool), unit: make([]bool, len(t.Index.Def.Units))}
	if threshold <= 0 {
		return p
	}
	small := p.smallUnits()
	for c := NoContest; c < int32(len(t.Index.Def.Contests)); c++ {
		p.protect(c, small)
	}
	return p
}

// Hidden says that a contest's counts (or a unit's facts, for NoContest) must
// not be told apart by vote type in a unit.
func (p *Privacy) Hidden(unit, contest int32) bool {
	return p.unit[unit] && p.hidden[hiddenKey{unit, contest}]
}

// Any says that some contest of a unit is hidden.
func (p *Privacy) Any(unit int32) bool { return p.unit[unit] }

// Suppressed says that a unit must be shown without vote types: the short
// answer for a caller that treats all contests of a unit alike. It works
// everything out anew; for many units, Protect once and ask Any or Hidden.
func Suppressed(t *Tally, unit int32, threshold int64) bool { return Protect(t, threshold).Any(unit) }

func (p *Privacy) hide(unit, contest int32) {
	p.hidden[hiddenKey{unit, contest}] = true
	p.unit[unit] = true
}

// smallUnits lists the ballots of every unit, 0 where nobody voted.
func (p *Privacy) smallUnits() []int64 {
	ballots := make([]int64, len(p.unit))
	for u := range ballots {
		n, ok := p.t.N(int32(u), NoContest, Ballots, TotalType)
		if !ok {
			n = p.mostVotes(int32(u))
		}
		ballots[u] = n
	}
	return ballots
}

// mostVotes estimates ballots where a unit does not tell them: the most that
// any of its contests shows to have been cast.
func (p *Privacy) mostVotes(u int32) int64 {
	var most, sum int64
	contest := NoContest
	close := func() {
		if contest >= 0 {
			n := int64(max(1, p.t.Index.Def.Contests[contest].VotesAllowed))
			most = max(most, (sum+n-1)/n)
		}
		sum = 0
	}
	for _, c := range p.t.At(u) {
		if c.Contest != contest {
			close()
			contest = c.Contest
		}
		if c.Type == TotalType && c.Round <= 1 && (c.Choice >= 0 || c.Choice == Over || c.Choice == Under) {
			sum += c.N
		}
	}
	close()
	return most
}

// leaf is a unit whose own counts of the contest are told apart by vote type.
type leaf struct {
	unit    int32
	ballots int64
	small   bool
	cells   []Cell
}

// protect hides what one contest needs.
func (p *Privacy) protect(contest int32, ballots []int64) {
	w := &cover{p: p, contest: contest, ballots: ballots, leaves: make(map[int32]*leaf)}
	small := false
	for u := range p.unit {
		if l := w.leafAt(int32(u)); l != nil {
			w.leaves[int32(u)] = l
			small = small || l.small
		}
	}
	if !small {
		return
	}
	for u := range p.unit {
		if p.t.Index.Parent(int32(u)) < 0 {
			w.settle(int32(u))
		}
	}
}

// cover hides leaves of one contest until they cover one another.
type cover struct {
	p       *Privacy
	contest int32
	ballots []int64
	leaves  map[int32]*leaf
}

// leafAt is a unit's counts, nil where they are not told apart by vote type or
// are the sum of units below it.
func (w *cover) leafAt(u int32) *leaf {
	cells := w.p.t.Contest(u, w.contest)
	if !typed(cells) {
		return nil
	}
	for _, k := range w.p.t.Index.Children(u) {
		if len(w.p.t.Contest(k, w.contest)) > 0 {
			return nil
		}
	}
	n := w.ballots[u]
	if cast, ok := Find(cells, Ballots, TotalType); ok && w.contest != NoContest {
		n = min(n, cast) // few ballots of this contest, as in a party's primary
	}
	return &leaf{unit: u, ballots: n, small: n > 0 && n < w.p.threshold, cells: cells}
}

func typed(cells []Cell) bool {
	return slices.ContainsFunc(cells, func(c Cell) bool { return c.Type != TotalType })
}

// settle hides what is needed beneath u, and u itself where that is not
// enough. It returns the hidden leaves that nothing shown beneath u adds up.
func (w *cover) settle(u int32) (open []*leaf) {
	if l := w.leaves[u]; l != nil {
		if !l.small {
			return nil
		}
		w.p.hide(u, w.contest)
		return []*leaf{l}
	}
	for _, k := range w.p.t.Index.Children(u) {
		open = append(open, w.settle(k)...)
	}
	if len(open) == 0 || !typed(w.p.t.Contest(u, w.contest)) {
		return open
	}
	with, ok := w.widen(u, open)
	if !ok {
		w.p.hide(u, w.contest)
		return open
	}
	for _, l := range with[len(open):] {
		w.hideUpTo(l.unit, u)
	}
	return nil
}

// hideUpTo hides a leaf and the units between it and the one whose sum it
// serves to hide, which would otherwise give it away.
func (w *cover) hideUpTo(leaf, top int32) {
	for u := leaf; u >= 0 && u != top; u = w.p.t.Index.Parent(u) {
		w.p.hide(u, w.contest)
	}
}

// widen adds leaves beneath u to the hidden ones until they cover one another.
func (w *cover) widen(u int32, group []*leaf) ([]*leaf, bool) {
	group = slices.Clip(group)
	spare := w.spare(u)
	for {
		need, ok := w.lacking(group)
		if ok {
			return group, true
		}
		i := slices.IndexFunc(spare, need)
		if i < 0 {
			return nil, false
		}
		group = append(group, spare[i])
		spare = slices.Delete(spare, i, i+1)
	}
}

// spare lists the leaves beneath u that are still shown, those directly below
// it first, then the smallest first.
func (w *cover) spare(u int32) []*leaf {
	type near struct {
		*leaf
		depth int
	}
	var list []near
	var walk func(at int32, depth int)
	walk = func(at int32, depth int) {
		for _, k := range w.p.t.Index.Children(at) {
			if l := w.leaves[k]; l != nil {
				if l.ballots > 0 && !w.p.hidden[hiddenKey{k, w.contest}] {
					list = append(list, near{l, depth})
				}
				continue
			}
			walk(k, depth+1)
		}
	}
	walk(u, 0)
	slices.SortStableFunc(list, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.ballots, b.ballots), cmp.Compare(a.unit, b.unit))
	})
	out := make([]*leaf, len(list))
	for i, n := range list {
		out[i] = n.leaf
	}
	return out
}

// lacking says whether a group of hidden leaves covers its small ones, and if
// not, which further leaf would help.
func (w *cover) lacking(group []*leaf) (need func(*leaf) bool, ok bool) {
	voted, ballots := 0, int64(0)
	for _, l := range group {
		if l.ballots > 0 {
			voted++
			ballots += l.ballots
		}
	}
	if voted < 2 || ballots < w.p.threshold {
		return func(*leaf) bool { return true }, false
	}
	sums := sumByType(group)
	for _, l := range group {
		if !l.small {
			continue
		}
		for _, c := range l.cells {
			if c.Type != TotalType || c.N == 0 || isFact(c.Choice) {
				continue
			}
			k := line{c.Choice, c.Round}
			if need := sums[k].missing(k, c.N); need != nil {
				return need, false
			}
		}
	}
	return nil, true
}

// isFact says that a measure is nobody's vote and no secret by type.
func isFact(choice int32) bool { return choice == Registered || choice == Subtotal }

// line is one choice in one round.
type line struct {
	choice int32
	round  int16
}

// split is a choice's votes by vote type.
type split struct {
	total int64
	types map[int16]int64
}

func sumByType(group []*leaf) map[line]*split {
	sums := make(map[line]*split)
	for _, l := range group {
		for _, c := range l.cells {
			k := line{c.Choice, c.Round}
			s := sums[k]
			if s == nil {
				s = &split{types: make(map[int16]int64)}
				sums[k] = s
			}
			if c.Type == TotalType {
				s.total += c.N
			} else if c.N > 0 {
				s.types[c.Type] += c.N
			}
		}
	}
	return sums
}

// missing says which leaf would leave open the types of a small unit's n votes
// for a choice, nil where they are open already.
func (s *split) missing(k line, n int64) func(*leaf) bool {
	if len(s.types) == 0 {
		return nil // nobody tells this choice apart by type
	}
	if s.total <= n {
		return func(l *leaf) bool {
			v, ok := findIn(l.cells, k, TotalType)
			return ok && v > 0
		}
	}
	if len(s.types) < 2 {
		return func(l *leaf) bool {
			return slices.ContainsFunc(l.cells, func(c Cell) bool {
				return c.Choice == k.choice && c.Round == k.round && c.Type != TotalType && c.N > 0 && s.types[c.Type] == 0
			})
		}
	}
	return nil
}

func findIn(cells []Cell, k line, typ int16) (int64, bool) {
	for _, c := range cells {
		if c.Choice == k.choice && c.Round == k.round && c.Type == typ {
			return c.N, true
		}
	}
	return 0, false
}
