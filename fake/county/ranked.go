// SPDX-License-Identifier: Apache-2.0

package county

import (
	"math"
	"math/rand/v2"
	"slices"
)

// round is one round of the ranked race.
type round struct {
	votes     [][]int64 // by leaf and choice; nil where the race is not on the ballot
	all       []int64   // by choice, in the whole county
	exhausted int64     // ballots that rank nobody who is still in
}

// maxRanks is how many choices a voter may rank.
const maxRanks = 5

// ranking is a ballot of the ranked race: choices in order, -1 after the last.
type ranking [maxRanks]int8

// standing is the first choice of a ballot that is still in, or -1.
func (v ranking) standing(out []bool) int8 {
	for _, c := range v {
		if c < 0 || !out[c] {
			return c
		}
	}
	return -1
}

// rank draws the rankings behind the first choices that were drawn already, and
// counts them: each round the last choice is taken out and its ballots go to
// whom they rank next, until somebody has more than half of what is left.
func (c *County) rank() {
	k := c.rankedRace()
	r := c.rand(drawRankings)
	ballots := make([][]ranking, len(c.leaves))
	for i := range c.leaves {
		if b := c.boxes[i][k]; b != nil {
			ballots[i] = rankings(r, &c.races[k], b)
		}
	}
	out := make([]bool, len(c.races[k].Choices))
	for {
		now := count(ballots, out)
		c.rounds = append(c.rounds, now)
		left, lead, last := int64(0), int64(0), -1
		for i, n := range now.all {
			left, lead = left+n, max(lead, n)
			if !out[i] && (last < 0 || n < now.all[last]) {
				last = i
			}
		}
		if 2*lead > left {
			return
		}
		out[last] = true
	}
}

func (c *County) rankedRace() int {
	return slices.IndexFunc(c.races, func(r race) bool { return r.ID == "mayor" })
}

// rankings draws what voters rank behind their first choice: rather those who
// pull the same way, and often nobody.
func rankings(r *rand.Rand, race *race, b *box) (out []ranking) {
	for first, votes := range b.votes {
		weights := make([]float64, len(race.runners))
		for i, other := range race.runners {
			weights[i] = other.share * math.Exp(-1.6*math.Abs(other.pull-race.runners[first].pull))
		}
		for range sum(votes) {
			out = append(out, rankFrom(r, int8(first), weights))
		}
	}
	return out
}

func rankFrom(r *rand.Rand, first int8, weights []float64) ranking {
	v := ranking{first, -1, -1, -1, -1}
	left := 0.0
	for i, w := range weights {
		if int8(i) != first {
			left += w
		}
	}
	for at := 1; at < maxRanks && r.Float64() < 0.74; at++ {
		pick := r.Float64() * left
		for i, w := range weights {
			if slices.Contains(v[:at], int8(i)) {
				continue
			}
			if v[at], pick = int8(i), pick-w; pick < 0 {
				left -= w
				break
			}
		}
	}
	return v
}

// count counts a round.
func count(ballots [][]ranking, out []bool) round {
	now := round{votes: make([][]int64, len(ballots)), all: make([]int64, len(out))}
	for i, list := range ballots {
		if list == nil {
			continue
		}
		now.votes[i] = make([]int64, len(out))
		for _, v := range list {
			if at := v.standing(out); at >= 0 {
				now.votes[i][at]++
				now.all[at]++
			} else {
				now.exhausted++
			}
		}
	}
	return now
}
