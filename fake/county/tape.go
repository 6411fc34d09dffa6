// SPDX-License-Identifier: Apache-2.0

package county

// tape is what a file says about one unit, as on the paper that a machine
// prints when the polls close.
type tape struct {
	*leaf
	ballots [types]int64
	counts  []raceCount
}

// raceCount is one race on a tape, by vote type.
type raceCount struct {
	*race
	at          int            // its place on the ballot of the county
	votes       [][types]int64 // by choice
	over, under [types]int64   // in votes
}

// tapes are some piles of some units.
func (c *County) tapes(leaves []int, from ...int) []tape {
	out := make([]tape, 0, len(leaves))
	for _, i := range leaves {
		t := tape{leaf: &c.leaves[i]}
		for _, p := range from {
			t.ballots[habits[p].typ] += t.cast[p]
		}
		for _, k := range t.races {
			t.counts = append(t.counts, c.read(k, c.boxes[i][k], from))
		}
		out = append(out, t)
	}
	return out
}

// read adds up the piles of one box.
func (c *County) read(k int, b *box, from []int) raceCount {
	rc := raceCount{race: &c.races[k], at: k, votes: make([][types]int64, len(b.votes))}
	for _, p := range from {
		typ := habits[p].typ
		rc.over[typ] += b.over[p] * int64(rc.VotesAllowed)
		rc.under[typ] += b.under[p]
		for i := range b.votes {
			rc.votes[i][typ] += b.votes[i][p]
		}
	}
	return rc
}

// total adds up vote types.
func total(list [types]int64) (n int64) {
	for _, v := range list {
		n += v
	}
	return n
}

// find is a race on a tape, nil where it is not on the ballot.
func (t *tape) find(k int) *raceCount {
	for i := range t.counts {
		if t.counts[i].at == k {
			return &t.counts[i]
		}
	}
	return nil
}
