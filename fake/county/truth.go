// SPDX-License-Identifier: Apache-2.0

package county

import "hustings/election"

// Count says what a number is about. Overvotes and undervotes have no choice;
// ballots, blank ballots and check-ins have no contest either.
type Count struct {
	Unit    election.UnitID
	Contest election.ContestID
	Choice  election.ChoiceID
	Type    election.VoteTypeID
}

// Truth is how everybody really voted: what the night must come to once every
// file is in. Numbers are those of units that report; zeros are there.
type Truth struct {
	Votes    map[Count]int64
	Over     map[Count]int64 // votes lost to overvotes: N for each such ballot
	Under    map[Count]int64 // votes not used
	Ballots  map[Count]int64
	Blank    map[Count]int64 // ballots without any vote, also among Ballots
	CheckIns map[Count]int64 // voters who came in person, and mail ballots accepted
	Rounds   map[election.ContestID][]Round
}

// Round is one round of a ranked contest.
type Round struct {
	Votes     map[election.UnitID]map[election.ChoiceID]int64 // every choice, those that are out with 0
	Total     map[election.ChoiceID]int64
	Exhausted int64 // ballots that rank nobody who is still in
}

// Truth adds up how everybody voted.
func (c *County) Truth() *Truth {
	t := &Truth{
		Votes: make(map[Count]int64), Over: make(map[Count]int64), Under: make(map[Count]int64),
		Ballots: make(map[Count]int64), Blank: make(map[Count]int64), CheckIns: make(map[Count]int64),
		Rounds: map[election.ContestID][]Round{c.races[c.rankedRace()].ID: c.roundsByName()},
	}
	for i := range c.leaves {
		l := &c.leaves[i]
		for p, h := range habits {
			at := Count{Unit: l.unit, Type: voteTypes[h.typ].ID}
			t.Ballots[at] += l.cast[p]
			t.Blank[at] += l.blank[p]
			t.CheckIns[at] += l.checkIns[p]
			for _, k := range l.races {
				t.add(at, &c.races[k], c.boxes[i][k], p)
			}
		}
	}
	return t
}

func (t *Truth) add(at Count, race *race, b *box, p int) {
	at.Contest = race.ID
	t.Over[at] += b.over[p] * int64(race.VotesAllowed)
	t.Under[at] += b.under[p]
	for i, ch := range race.Choices {
		at.Choice = ch.ID
		t.Votes[at] += b.votes[i][p]
	}
}

func (c *County) roundsByName() (out []Round) {
	race := &c.races[c.rankedRace()]
	names := func(votes []int64) map[election.ChoiceID]int64 {
		m := make(map[election.ChoiceID]int64)
		for i, n := range votes {
			m[race.Choices[i].ID] = n
		}
		return m
	}
	for _, r := range c.rounds {
		now := Round{Votes: make(map[election.UnitID]map[election.ChoiceID]int64), Total: names(r.all), Exhausted: r.exhausted}
		for i, votes := range r.votes {
			if votes != nil {
				now.Votes[c.leaves[i].unit] = names(votes)
			}
		}
		out = append(out, now)
	}
	return out
}
