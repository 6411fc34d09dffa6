// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"slices"

	"hustings/election"
	"hustings/office/results/tally"
)

func hasRounds(r *run) bool {
	return slices.ContainsFunc(r.page.blocks, func(b block) bool { return len(b.rounds) > 0 })
}

func hasSecond(r *run) bool {
	return hasRounds(r) && (r.Second != nil || r.status() == election.Certified)
}

// R01: two programs that count the rounds differently. Alameda County 2022
// certified the wrong winner because one option was set wrong; a second count
// by another program would have differed in the first round.
func (r *run) secondTabulation() {
	if r.Second == nil {
		for c := range r.page.byContest {
			if r.ranked(int32(c)) {
				r.say(tally.Hold, "missing", atContest(int32(c)))
			}
		}
		return
	}
	second := lay(r.x, r.Second)
	for i := range r.page.blocks {
		b := &r.page.blocks[i]
		other := second.find(b.unit, b.contest)
		if other == nil || len(b.rounds) == 0 {
			continue
		}
		compare(other.rounds, b.rounds, func(c tally.Cell, theirs, ours num) {
			if theirs.n != ours.n {
				r.say(tally.Hold, "", atCell(c).of(-1), "round", int(c.Round), "votes", ours.n, "other", theirs.n, "difference", ours.n-theirs.n)
			}
		})
	}
}

func (r *run) ranked(c int32) bool {
	return slices.ContainsFunc(r.page.byContest[c], func(i int32) bool { return len(r.page.blocks[i].rounds) > 0 })
}

func hasProfiles(r *run) bool { return hasRounds(r) && len(r.Profiles) > 0 }

// R02: the rules of a ranked count (skipped and duplicate rankings, batch
// elimination, ties) must be signed and printed before, and be the ones used.
// Alameda County's count suspended ballots at a blank ranking; its rules did not.
func (r *run) ruleProfile() {
	for c := range r.page.byContest {
		if !r.ranked(int32(c)) {
			continue
		}
		i := slices.IndexFunc(r.Profiles, func(p Profile) bool { return p.Contest == r.x.Def.Contests[c].ID })
		switch {
		case i < 0 || r.Profiles[i].Signed == "" || r.Profiles[i].SignedBy == "":
			r.say(tally.Hold, "unsigned", atContest(int32(c)))
		case r.Profiles[i].Used != r.Profiles[i].Signed:
			r.say(tally.Hold, "", atContest(int32(c)), "used", cmp.Or(r.Profiles[i].Used, "-"), "signed", r.Profiles[i].Signed, "by", r.Profiles[i].SignedBy)
		}
	}
}

// standingOf is one round of a contest in a unit.
type standingOf struct {
	round           int16
	votes           []int64 // by choice, -1 where not reported
	exhausted, over num
	under           num
}

// inRounds splits the later rounds of a block.
func (r *run) inRounds(b *block) []standingOf {
	var out []standingOf
	for _, c := range b.rounds {
		if c.Type != tally.TotalType {
			continue
		}
		if len(out) == 0 || out[len(out)-1].round != c.Round {
			s := standingOf{round: c.Round, votes: make([]int64, len(r.x.Def.Contests[b.contest].Choices))}
			for i := range s.votes {
				s.votes[i] = -1
			}
			out = append(out, s)
		}
		s := &out[len(out)-1]
		switch {
		case c.Choice >= 0:
			s.votes[c.Choice] = c.N
		case c.Choice == tally.Exhausted:
			s.exhausted = num{c.N, true}
		case c.Choice == tally.Over:
			s.over = num{c.N, true}
		case c.Choice == tally.Under:
			s.under = num{c.N, true}
		}
	}
	return out
}

// R03: ballots that appear or vanish between rounds.
//
//	continuing + exhausted + overvoted = the same in the first round, and with
//	undervotes = the ballots on which the contest stood
//
// A transfer of fractions may round each choice by one vote, so contests for
// more than one seat are allowed as much. Where exhausted ballots are not
// told, continuing votes may only become fewer.
func (r *run) roundsAddUp() {
	for i := range r.page.blocks {
		b := &r.page.blocks[i]
		rounds := r.inRounds(b)
		if len(rounds) == 0 {
			continue
		}
		slack := int64(0)
		if r.x.Def.Contests[b.contest].Elected > 1 {
			slack = int64(len(rounds[0].votes))
		}
		r.firstRound(b, rounds[0], slack)
		told := slices.ContainsFunc(rounds, func(s standingOf) bool { return s.exhausted.ok })
		exhausted, over := rounds[0].exhausted.n, rounds[0].over.n
		first := rounds[0].continuing() + exhausted + over
		for _, s := range rounds[1:] {
			if s.exhausted.ok {
				exhausted = s.exhausted.n
			}
			if s.over.ok {
				over = s.over.n
			}
			n := s.continuing() + exhausted + over
			if n > first+slack || told && n < first-slack {
				r.say(tally.Hold, "", atBlock(b), "round", int(s.round), "continuing", s.continuing(), "exhausted", exhausted,
					"over", over, "sum", n, "expected", first, "difference", n-first)
			}
		}
	}
}

// firstRound holds the first round against the ballots of the contest.
func (r *run) firstRound(b *block, s standingOf, slack int64) {
	if !b.ballots.ok || !s.under.ok && !b.under.ok {
		return
	}
	under, over := s.under.n, s.over.n
	if !s.under.ok {
		under = b.under.n
	}
	if !s.over.ok {
		over = b.over.n
	}
	if n := s.continuing() + s.exhausted.n + over + under; n > b.ballots.n+slack || n < b.ballots.n-slack {
		r.say(tally.Hold, "first", atBlock(b), "sum", n, "expected", b.ballots.n, "difference", n-b.ballots.n)
	}
}

func (s standingOf) continuing() (n int64) {
	for _, v := range s.votes {
		n += max(0, v)
	}
	return n
}

// R04: a choice that was eliminated and has votes again.
func (r *run) eliminatedStayOut() {
	for i := range r.page.blocks {
		b := &r.page.blocks[i]
		rounds := r.inRounds(b)
		had, out := map[int]bool{}, map[int]int16{}
		for _, s := range rounds {
			for choice, n := range s.votes {
				since, gone := out[choice]
				switch {
				case n > 0 && gone:
					r.say(tally.Hold, "", atBlock(b).at(int32(choice)), "round", int(s.round), "votes", n, "since", int(since))
				case n > 0:
					had[choice] = true
				case had[choice] && !gone:
					out[choice] = s.round
				}
			}
		}
	}
}
