// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"hustings/election"
	"hustings/office/results/tally"
)

// ballots is which contests stand on which ballots, in the index's numbers.
type ballots struct {
	styles [][]int32 // of each unit, its ballot styles; none where there are no styles
	lists  [][]int32 // of each style, its contests in order of number
}

func newBallots(x *tally.Index) *ballots {
	b := &ballots{styles: make([][]int32, len(x.Def.Units)), lists: make([][]int32, len(x.Def.Styles))}
	for s, style := range x.Def.Styles {
		for _, id := range style.Contests {
			if c, ok := x.Contest(id); ok {
				b.lists[s] = append(b.lists[s], c)
			}
		}
		slices.Sort(b.lists[s])
		for _, id := range style.Units {
			if u, ok := x.Unit(id); ok {
				b.styles[u] = append(b.styles[u], int32(s))
			}
		}
	}
	return b
}

// inEveryStyle says whether every ballot style of a unit has a contest.
func (r *run) inEveryStyle(u, c int32) (every, known bool) {
	for _, s := range r.ballots.styles[u] {
		if _, ok := slices.BinarySearch(r.ballots.lists[s], c); !ok {
			return false, true
		}
	}
	known = len(r.ballots.styles[u]) > 0
	return known, known
}

// eachContest calls do for each contest that stands on a ballot of the unit:
// by its styles or, where the definition has none, by its districts.
func (r *run) eachContest(u int32, inDistrict map[election.DistrictID][]int32, do func(c int32)) {
	var all []int32
	for _, s := range r.ballots.styles[u] {
		all = append(all, r.ballots.lists[s]...)
	}
	if len(r.x.Def.Styles) == 0 {
		for _, d := range r.x.Def.Units[u].Districts {
			all = append(all, inDistrict[d]...)
		}
	}
	slices.Sort(all)
	for _, c := range slices.Compact(all) {
		do(c)
	}
}
