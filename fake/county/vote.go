// SPDX-License-Identifier: Apache-2.0

package county

import (
	"math"
	"math/rand/v2"
	"time"

	"hustings/election"
)

// The piles in which ballots are counted. Mail comes in two: what was there
// before election day, and what came in the drop boxes on the day itself.
const (
	earlyPile = iota
	mailPile
	latePile
	dayPile
	provisionalPile
	piles
)

// habits says who votes how: the share of ballots in the city and in the
// country, and how much further than their neighbours these voters lean.
var habits = [piles]struct {
	typ           int
	city, country float64
	lean          float64
}{
	earlyPile:       {earlyType, 0.27, 0.22, 0.05},
	mailPile:        {mailType, 0.24, 0.15, 0.17},
	latePile:        {mailType, 0.09, 0.05, 0.24},
	dayPile:         {dayType, 0.388, 0.573, -0.19},
	provisionalPile: {provisionalType, 0.012, 0.007, 0.15},
}

// box is the count of one race in one unit, pile by pile.
type box struct {
	votes [][piles]int64 // by choice
	over  [piles]int64   // ballots with too many marks
	under [piles]int64   // votes not used
}

// voters is what there is to know about the people of a unit.
type voters struct {
	lean    float64 // above zero for Lantern
	city    float64 // 1 downtown, 0 in the country
	turnout float64
}

// vote lets everybody vote.
func (c *County) vote() {
	r := c.rand(drawVotes)
	people := c.people(noise(r.Uint64()), r)
	for i := range c.leaves {
		c.leaves[i].turnOut(r, people[i])
	}
	c.boxes = make([][]*box, len(c.leaves))
	for i := range c.boxes {
		c.boxes[i] = make([]*box, len(c.races))
	}
	for k := range c.races {
		c.hold(r, k, people)
	}
}

// people says how each unit leans. Neighbours are alike; the city and the
// country are not.
func (c *County) people(hills noise, r *rand.Rand) []voters {
	out := make([]voters, len(c.leaves))
	for i := range c.leaves {
		l := &c.leaves[i]
		near := hills.at(l.x/40, l.y/40)
		downtown := math.Exp(-math.Pow(math.Hypot(l.x-c.land.cx, l.y-c.land.cy)/36, 2))
		v := voters{city: downtown, turnout: 0.685 - 0.07*downtown + 0.05*near + 0.015*r.NormFloat64()}
		v.lean = 0.75*downtown - 0.22 + 0.3*near + 0.07*r.NormFloat64()
		if l.zone == rural {
			v.lean -= 0.2
		}
		out[i] = v
	}
	return out
}

// turnOut draws how many ballots were cast in a unit, in which piles, and how
// many of them are blank.
func (l *leaf) turnOut(r *rand.Rand, v voters) {
	weights := make([]float64, piles)
	for p, h := range habits {
		weights[p] = mix(h.country, h.city, v.city)
	}
	for p, n := range deal(r, draw(r, l.voters, v.turnout), weights) {
		l.cast[p] = n
		l.blank[p] = draw(r, n, 0.0007)
		l.checkIns[p] = n
		if p == dayPile || p == earlyPile { // now and then somebody leaves without voting
			l.checkIns[p] += draw(r, n, 0.0008)
		}
	}
}

// hold draws the votes of one race.
func (c *County) hold(r *rand.Rand, k int, people []voters) {
	race := &c.races[k]
	var where []int
	for i := range c.leaves {
		for _, on := range c.leaves[i].races {
			if on == k {
				where = append(where, i)
			}
		}
	}
	tastes := make([][]float64, len(where)) // what only this place knows about these people
	for n := range tastes {
		tastes[n] = make([]float64, len(race.runners))
		for i := range tastes[n] {
			tastes[n][i] = 0.07 * r.NormFloat64()
		}
	}
	base := c.fit(race, where, people, tastes)
	for n, i := range where {
		l := &c.leaves[i]
		b := &box{votes: make([][piles]int64, len(race.runners))}
		for p := range piles {
			b.fill(r, race, p, l.cast[p], l.blank[p], race.shares(base, people[i], p, tastes[n]))
		}
		c.boxes[i][k] = b
	}
	if race.lead > 0 {
		c.settle(k, where)
	}
}

// shares are the shares of the choices in one pile of one unit.
func (r *race) shares(base []float64, v voters, pile int, taste []float64) []float64 {
	out, all := make([]float64, len(base)), 0.0
	lean := v.lean + habits[pile].lean
	for i := range base {
		out[i] = math.Exp(base[i] + r.runners[i].pull*lean + taste[i])
		all += out[i]
	}
	for i := range out {
		out[i] /= all
	}
	return out
}

// fit finds how popular each choice must be everywhere for its share in the
// whole county to be the one in the table.
func (c *County) fit(race *race, where []int, people []voters, tastes [][]float64) []float64 {
	base := make([]float64, len(race.runners))
	for i, r := range race.runners {
		base[i] = math.Log(r.share)
	}
	for range 12 {
		got, all := make([]float64, len(base)), 0.0
		for n, i := range where {
			for p := range piles {
				cast := float64(c.leaves[i].cast[p])
				for k, s := range race.shares(base, people[i], p, tastes[n]) {
					got[k] += s * cast
				}
				all += cast
			}
		}
		for k, r := range race.runners {
			base[k] += math.Log(r.share * all / got[k])
		}
	}
	return base
}

// fill draws the votes of one pile. The account always closes:
//
//	votes + under + N x overvoted ballots = N x ballots cast
func (b *box) fill(r *rand.Rand, race *race, p int, cast, blank int64, shares []float64) {
	n := int64(race.VotesAllowed)
	b.over[p] = draw(r, cast-blank, race.over)
	marked := cast - blank - b.over[p]
	b.under[p] = n * (cast - b.over[p])
	if n == 1 {
		for i, v := range deal(r, draw(r, marked, 1-race.under), shares) {
			b.votes[i][p] = v
			b.under[p] -= v
		}
		return
	}
	for i, s := range shares {
		v := min(b.under[p]-n*blank, draw(r, marked, min(0.9, s*float64(n)*(1-race.under))))
		b.votes[i][p] = v
		b.under[p] -= v
	}
}

// settle moves votes between the first two choices of a race, a few in each
// unit, until the first leads by as many as the story wants. Nothing else
// changes, so every account stays closed.
func (c *County) settle(k int, where []int) {
	wrong := -c.races[k].lead // votes that the first has too many, in pairs
	for _, i := range where {
		for p := range piles {
			b := c.boxes[i][k]
			wrong += b.votes[0][p] - b.votes[1][p]
		}
	}
	for move := wrong / 2; move != 0; {
		before := move
		for _, i := range where {
			b := c.boxes[i][k]
			for p := range piles {
				step := int64(sign(int(move)))
				if b.votes[0][p] > 5 && b.votes[1][p] > 5 && move != 0 {
					b.votes[0][p] -= step
					b.votes[1][p] += step
					move -= step
				}
			}
		}
		if move == before {
			return // nothing left to move
		}
	}
}

// remember makes up what the units did four years before, so that history has
// something to compare with.
func (c *County) remember() {
	r := c.rand(drawFormer)
	before := formerElection(c.closes.Year() - 4)
	whole := make(map[election.UnitID]election.Former)
	for i := range c.leaves {
		l := &c.leaves[i]
		f := election.Former{Election: before, Votes: make(map[string]int64)}
		f.Registered = int64(float64(l.voters) * (0.92 + 0.02*r.NormFloat64()))
		f.Ballots = int64(float64(sum(l.cast)) * float64(f.Registered) / float64(l.voters) * (0.96 + 0.012*r.NormFloat64()))
		votes := deal(r, f.Ballots*99/100, formerShares(c.boxes[i][0], r))
		for k, p := range parties {
			f.Votes[string(p.ID)] = votes[k]
		}
		for at := l.unit; at != ""; at = c.parent[at] {
			whole[at] = addFormer(whole[at], f)
		}
	}
	for i := range c.def.Units {
		c.def.Units[i].Former = []election.Former{whole[c.def.Units[i].ID]}
	}
}

// formerElection names the general election of a year: the Tuesday after the
// first Monday in November.
func formerElection(year int) election.ID {
	day := time.Date(year, time.November, 2, 12, 0, 0, 0, time.UTC)
	for day.Weekday() != time.Tuesday {
		day = day.AddDate(0, 0, 1)
	}
	return election.ID(day.Format(time.DateOnly) + "-general")
}

// formerShares is how a unit voted for the head of the ticket, by party: much
// as it does now, a little more for Harvest.
func formerShares(b *box, r *rand.Rand) []float64 {
	out := make([]float64, len(parties))
	for k := range parties {
		out[k] = float64(sum(b.votes[k])) + 1
	}
	out[1] *= math.Exp(0.06 + 0.05*r.NormFloat64())
	return out
}

func addFormer(a, b election.Former) election.Former {
	if a.Votes == nil {
		a = election.Former{Election: b.Election, Votes: make(map[string]int64)}
	}
	a.Registered += b.Registered
	a.Ballots += b.Ballots
	for _, p := range parties {
		a.Votes[string(p.ID)] += b.Votes[string(p.ID)]
	}
	return a
}

func sum(list [piles]int64) (n int64) {
	for _, v := range list {
		n += v
	}
	return n
}
