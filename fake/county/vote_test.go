// SPDX-License-Identifier: Apache-2.0

package county

import (
	"testing"

	"hustings/election"
)

func TestEveryAccountCloses(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		truth := c.Truth()
		cast := make(map[election.UnitID]int64)
		for i := range c.leaves {
			l := &c.leaves[i]
			for _, typ := range voteTypes {
				at := Count{Unit: l.unit, Type: typ.ID}
				ballots, blank := truth.Ballots[at], truth.Blank[at]
				cast[l.unit] += ballots
				if blank > ballots || truth.CheckIns[at] < ballots {
					t.Errorf("%s, %s: %d ballots, %d blank, %d check-ins", l.name, typ.ID, ballots, blank, truth.CheckIns[at])
				}
				for _, k := range l.races {
					checkAccount(t, truth, &c.races[k], at, ballots, blank)
				}
			}
			if cast[l.unit] > l.voters {
				t.Errorf("%s has %d ballots of %d voters", l.name, cast[l.unit], l.voters)
			}
		}
	})
}

// checkAccount: votes + under + over = N x ballots, for each vote type.
func checkAccount(t *testing.T, truth *Truth, r *race, at Count, ballots, blank int64) {
	t.Helper()
	at.Contest = r.ID
	n := int64(r.VotesAllowed)
	sum := truth.Over[at] + truth.Under[at]
	if truth.Under[at] < n*blank || truth.Over[at]%n != 0 {
		t.Errorf("%+v: %d undervotes and %d overvotes with %d blank ballots", at, truth.Under[at], truth.Over[at], blank)
	}
	for _, ch := range r.Choices {
		at.Choice = ch.ID
		votes, there := truth.Votes[at]
		if !there || votes < 0 || votes > ballots {
			t.Errorf("%+v has %d votes on %d ballots", at, votes, ballots)
		}
		sum += votes
	}
	if sum != n*ballots {
		t.Errorf("%s in %s, %s: an account of %d for %d ballots", r.ID, at.Unit, at.Type, sum, ballots)
	}
}

func TestVotesComeWhereTheContestIsOnTheBallot(t *testing.T) {
	c := made()[0]
	want := 0
	for i := range c.leaves {
		for _, k := range c.leaves[i].races {
			want += len(c.races[k].Choices) * types
		}
	}
	if got := len(c.Truth().Votes); got != want {
		t.Errorf("%d numbers, the ballots ask for %d", got, want)
	}
}

// votesFor adds up a contest over the county.
func votesFor(truth *Truth, con election.Contest) map[election.ChoiceID]int64 {
	out := make(map[election.ChoiceID]int64)
	for at, n := range truth.Votes {
		if at.Contest == con.ID {
			out[at.Choice] += n
		}
	}
	return out
}

func TestTheSheriffIsElectedWithinTheRecountMargin(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		con := contestNamed(c, "sheriff")
		votes := votesFor(c.Truth(), con)
		first, second := votes[con.Choices[0].ID], votes[con.Choices[1].ID]
		if lead := first - second; lead < 147 || lead > 149 || float64(lead) > 0.005*float64(first+second) {
			t.Errorf("%d votes to %d", first, second)
		}
	})
}

func contestNamed(c *County, id election.ContestID) election.Contest {
	for _, con := range c.Definition().Contests {
		if con.ID == id {
			return con
		}
	}
	panic("no contest " + string(id))
}

// TestQuestionsComeOutOnBothSidesOfTheirThresholds: a bond with a majority that
// is too small, a levy with two thirds, an amendment that most who answered
// want and that still depends on those who did not answer.
func TestQuestionsComeOutOnBothSidesOfTheirThresholds(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		truth := c.Truth()
		for _, tt := range []struct {
			id   election.ContestID
			pass bool
		}{
			{"state-question-1", true}, {"measure-c", false}, {"measure-d", true}, {"measure-e", true},
		} {
			con := contestNamed(c, tt.id)
			votes := votesFor(truth, con)
			yes, all := votes["yes"], votes["yes"]+votes["no"]
			if 2*yes <= all {
				t.Errorf("%s has no majority", tt.id)
			}
			if got := con.Threshold.Met(yes, all); got != tt.pass {
				t.Errorf("%s with %d of %d: passed is %t, want %t", tt.id, yes, all, got, tt.pass)
			}
		}
	})
}

func TestRoundsKeepEveryBallot(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		truth, con := c.Truth(), contestNamed(c, "mayor")
		rounds, first := truth.Rounds["mayor"], votesFor(truth, con)
		if len(rounds) < 3 {
			t.Fatalf("%d rounds", len(rounds))
		}
		all := int64(0)
		for _, n := range first {
			all += n
		}
		out := make(map[election.ChoiceID]bool)
		for i, r := range rounds {
			left := r.Exhausted
			for _, ch := range con.Choices {
				left += r.Total[ch.ID]
				below := int64(0)
				for _, votes := range r.Votes {
					below += votes[ch.ID]
				}
				if below != r.Total[ch.ID] {
					t.Errorf("round %d: %s has %d votes, its precincts %d", i+1, ch.Name, r.Total[ch.ID], below)
				}
				if i == 0 && r.Total[ch.ID] != first[ch.ID] {
					t.Errorf("%s begins with %d votes, the ballots say %d", ch.Name, r.Total[ch.ID], first[ch.ID])
				}
				if out[ch.ID] && r.Total[ch.ID] > 0 {
					t.Errorf("%s is out and has votes in round %d", ch.Name, i+1)
				}
				out[ch.ID] = r.Total[ch.ID] == 0
			}
			if left != all {
				t.Errorf("round %d has %d ballots, the first had %d", i+1, left, all)
			}
		}
		decided(t, con, rounds)
	})
}

// decided: nobody has a majority before the last round, somebody has then.
func decided(t *testing.T, con election.Contest, rounds []Round) {
	t.Helper()
	for i, r := range rounds {
		top, left := int64(0), int64(0)
		for _, ch := range con.Choices {
			top, left = max(top, r.Total[ch.ID]), left+r.Total[ch.ID]
		}
		if last := i == len(rounds)-1; (2*top > left) != last {
			t.Errorf("round %d of %d: %d of %d", i+1, len(rounds), top, left)
		}
	}
}
