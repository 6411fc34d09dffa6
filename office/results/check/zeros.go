// SPDX-License-Identifier: Apache-2.0

package check

import (
	"maps"

	"hustings/election"
	"hustings/office/results/tally"
)

// C08: a choice without votes where it should have some. DeKalb County 2022:
// a withdrawn candidate was left on some devices, and the leader showed 0 in
// all but four precincts.
//
//	0 in >= 50 % of a county's units where 10 or more votes were to be
//	expected, given a share of >= 5 % in the others; or 0 of one vote type, in
//	a unit, a county or everywhere, where 25 or more were to be expected
//
// An expectation is votes of the contest x share. Of n expected votes none
// come by chance once in e^n times.
func (r *run) zeroesInRows() {
	for c := range r.page.byContest {
		if blocks := r.leafBlocks(int32(c)); len(blocks) > 0 {
			shares := r.nowhereAtAll(int32(c), blocks)
			for _, county := range r.byCounty(blocks) {
				r.zeroUnits(int32(c), county, shares)
			}
			r.zeroTypes(int32(c), blocks)
		}
	}
}

const (
	expectInUnit = 10
	expectOfType = 25
	expectAtAll  = 1000 // votes in a contest at which a printed candidate has some
)

// shareOf is a choice's share of the contest in the units where it has votes.
type shareOf struct{ votes, among int64 }

func (s shareOf) share() float64 { return float64(s.votes) / float64(max(1, s.among)) }

func shares(blocks []*block, choices int) []shareOf {
	out := make([]shareOf, choices)
	for _, b := range blocks {
		b.totals(func(c tally.Cell) {
			if c.N > 0 {
				out[c.Choice].votes += c.N
				out[c.Choice].among += b.votes
			}
		})
	}
	return out
}

// nowhereAtAll holds a printed candidate whom nobody at all voted for, and
// returns everybody's shares.
func (r *run) nowhereAtAll(contest int32, blocks []*block) []shareOf {
	con := r.x.Def.Contests[contest]
	all, given := int64(0), make([]bool, len(con.Choices))
	for _, b := range blocks {
		all += b.votes
		b.totals(func(c tally.Cell) { given[c.Choice] = true })
	}
	found := shares(blocks, len(con.Choices))
	for choice, k := range con.Choices {
		if given[choice] && found[choice].votes == 0 && all >= expectAtAll && k.Kind == election.Candidate && !k.Withdrawn && !r.x.Def.Derived {
			r.say(tally.Hold, "nowhere", atContest(contest).at(int32(choice)), "votes", all)
		}
	}
	return found
}

// byCounty splits blocks by the unit above theirs.
func (r *run) byCounty(blocks []*block) [][]*block {
	at := make(map[int32]int)
	var out [][]*block
	for _, b := range blocks {
		parent := r.x.Parent(b.unit)
		i, ok := at[parent]
		if !ok {
			i = len(out)
			at[parent] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], b)
	}
	return out
}

// zeroUnits looks at one county. The share to be expected is the choice's own
// in the county's other units, since counties lean; only a choice that has no
// votes in the county at all is held against its share everywhere.
func (r *run) zeroUnits(contest int32, county []*block, everywhere []shareOf) {
	here := shares(county, len(everywhere))
	for choice, k := range r.x.Def.Contests[contest].Choices {
		share := here[choice].share()
		if here[choice].votes == 0 {
			share = everywhere[choice].share()
		}
		if 100*share < r.rules.ZeroSharePercent || k.Withdrawn {
			continue
		}
		zero, some := 0, 0
		for _, b := range county {
			if share*float64(b.votes) < expectInUnit {
				continue
			}
			if n, ok := tally.Find(b.cells, int32(choice), tally.TotalType); ok && n == 0 {
				zero++
			} else if ok {
				some++
			}
		}
		if zero > 0 && zero+some >= 4 && 100*float64(zero) >= r.rules.ZeroUnitsPercent*float64(zero+some) {
			r.say(tally.Hold, "", atContest(contest).at(int32(choice)), "zero", zero, "units", zero+some, "percent", 100*share,
				"within", r.parentName(r.x.Parent(county[0].unit)))
		}
	}
}

// leafBlocks is a contest's blocks at the lowest level: its units, or the
// counties where the file has nothing below them.
func (r *run) leafBlocks(contest int32) []*block {
	var leaves, all []*block
	for _, i := range r.page.byContest[contest] {
		b := &r.page.blocks[i]
		all = append(all, b)
		if r.leaf(b.unit) {
			leaves = append(leaves, b)
		}
	}
	if len(leaves) == 0 {
		return all
	}
	return leaves
}

// typeVotes is the votes of a contest by choice and vote type.
type typeVotes struct {
	n        [][]int64 // by type, then choice; -1 where not reported
	ofType   []int64
	ofChoice []int64
	all      int64
}

func newTypeVotes(types, choices int) *typeVotes {
	v := &typeVotes{n: make([][]int64, types), ofType: make([]int64, types), ofChoice: make([]int64, choices)}
	for t := range v.n {
		v.n[t] = make([]int64, choices)
	}
	return v
}

// count makes v the votes of some blocks.
func (v *typeVotes) count(blocks ...*block) *typeVotes {
	v.all = 0
	clear(v.ofType)
	clear(v.ofChoice)
	for t := range v.n {
		for c := range v.n[t] {
			v.n[t][c] = -1
		}
	}
	for _, b := range blocks {
		for _, c := range b.cells {
			if c.Choice >= 0 && c.Type != tally.TotalType {
				v.n[c.Type][c.Choice] = max(0, v.n[c.Type][c.Choice]) + c.N
				v.ofType[c.Type] += c.N
				v.ofChoice[c.Choice] += c.N
				v.all += c.N
			}
		}
	}
	return v
}

// zeros calls do for each choice with a reported 0 of a vote type, with its
// share of all other types.
func (v *typeVotes) zeros(do func(p part, share float64)) {
	for t := range v.n {
		rest := v.all - v.ofType[t]
		if v.ofType[t] == 0 || rest == 0 {
			continue
		}
		for c, n := range v.n[t] {
			if n == 0 && v.ofChoice[c] > 0 {
				do(part{int32(c), int16(t)}, float64(v.ofChoice[c])/float64(rest))
			}
		}
	}
}

// usual is a choice's share of a vote type.
func (v *typeVotes) usual(p part) float64 {
	return float64(max(0, v.n[p.typ][p.choice])) / float64(max(1, v.ofType[p.typ]))
}

// zeroTypes looks for a choice without votes of one type: everywhere, else in
// a county, else in a unit.
func (r *run) zeroTypes(contest int32, blocks []*block) {
	types, choices := len(r.x.Def.VoteTypes)+1, len(r.x.Def.Contests[contest].Choices)
	all := newTypeVotes(types, choices).count(blocks...)
	if all.all == 0 {
		return
	}
	everywhere := r.typesWithout(all, all, nil, "type", atContest(contest), r.parentName(-1))
	some := newTypeVotes(types, choices)
	for _, county := range r.byCounty(blocks) {
		within := r.parentName(r.x.Parent(county[0].unit))
		here := r.typesWithout(some.count(county...), all, everywhere, "type", atContest(contest), within)
		for _, b := range county {
			r.typesWithout(some.count(b), all, here, "unit-type", atBlock(b), within)
		}
	}
}

// typesWithout says which choices have none of a vote type in v, besides what
// was told of more units before, and returns both. Voters by mail and at the
// polls differ, so the smaller of two shares is expected: the choice's own in
// the other types, and its share of this type everywhere.
func (r *run) typesWithout(v, all *typeVotes, told map[part]bool, variant string, at spot, within string) map[part]bool {
	v.zeros(func(p part, share float64) {
		if v != all {
			share = min(share, all.usual(p))
		}
		if told[p] || 100*share < r.rules.ZeroSharePercent || share*float64(v.ofType[p.typ]) < expectOfType || r.x.Def.Contests[at.contest].Choices[p.choice].Withdrawn {
			return
		}
		if told = maps.Clone(told); told == nil {
			told = make(map[part]bool)
		}
		told[p] = true
		r.say(tally.Hold, variant, at.at(p.choice).of(p.typ), "percent", 100*share, "votes", v.ofType[p.typ], "within", within)
	})
	return told
}
