// SPDX-License-Identifier: Apache-2.0

package site

import (
	"hustings/election"
	"hustings/office/results/tally"
)

// turnout is who could vote and who did, by unit. On the night most precincts
// have told neither, so a county's ballots over all its voters would be too
// low, and over the voters told of so far would hide that it is not all.
type turnout struct {
	ballots    []int64 // cast, as told
	registered []int64 // told by a count, or else by the definition
	whole      []bool  // registered covers every precinct of the unit
	votes, of  []int64 // the two sides of the turnout
}

func countTurnout(t *tally.Tally) *turnout {
	n := len(t.Index.Def.Units)
	out := &turnout{ballots: make([]int64, n), registered: make([]int64, n), whole: make([]bool, n), votes: make([]int64, n), of: make([]int64, n)}
	out.count(t, t.Index.Root())
	return out
}

func (o *turnout) count(t *tally.Tally, u int32) {
	o.ballots[u] = told(t, u, tally.Ballots)
	o.registered[u] = told(t, u, tally.Registered)
	if own := t.Index.Def.Units[u].Registered; o.registered[u] == absent && own != nil {
		o.registered[u] = *own
	}
	kids := t.Index.Children(u)
	if len(kids) == 0 {
		o.whole[u] = o.registered[u] != absent || t.Index.Def.Units[u].Type == election.BallotBatch
		o.pair(u)
		return
	}
	whole, sum := true, absent
	for _, k := range kids {
		o.count(t, k)
		whole = whole && o.whole[k]
		if o.registered[k] != absent {
			sum = max(0, sum) + o.registered[k]
		}
		o.votes[u] += o.votes[k]
		o.of[u] += o.of[k]
	}
	if sum != absent {
		o.registered[u] = sum
	}
	if o.whole[u] = whole && sum != absent; o.whole[u] || sum == absent {
		o.pair(u)
	}
}

// pair takes the unit's own two numbers as its turnout.
func (o *turnout) pair(u int32) {
	if o.ballots[u] != absent && o.registered[u] > 0 {
		o.votes[u], o.of[u] = o.ballots[u], o.registered[u]
	}
}

func told(t *tally.Tally, u int32, what tally.Measure) int64 {
	if n, ok := t.N(u, tally.NoContest, what, tally.TotalType); ok {
		return n
	}
	return absent
}
