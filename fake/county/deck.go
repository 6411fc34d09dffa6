// SPDX-License-Identifier: Apache-2.0

package county

import "hustings/format/nisterr"

// Deck is the file of the logic-and-accuracy test, which the central count
// makes before anybody votes: a deck of ballots marked so that everybody knows
// what must come out. The first choice of the first contest has 1 vote, the
// second 2, the third 3; each further contest begins one higher. So no two
// choices of a contest have as many votes, and no two questions have the same,
// and labels that were exchanged show. A unit's deck goes once through each of
// its machines, of which it has one for 300 voters.
func (c *County) Deck() Delivery {
	var tapes []tape
	for i := range c.leaves {
		tapes = append(tapes, c.deckOf(&c.leaves[i]))
	}
	f := &nistFile{County: c, status: nisterr.ResultsStatusPreElection, tapes: tapes, types: []int{dayType}, left: -1, test: true}
	return Delivery{Source: central.id, SourceName: central.name, ByType: central.byType, Name: "test-deck.xml", Body: f.xml(),
		Note: "The test deck: 1, 2, 3 … votes for the choices of each contest, once for each machine."}
}

// deckOf is the tape that the test ballots of a unit must make.
func (c *County) deckOf(l *leaf) tape {
	t := tape{leaf: l}
	machines := max(1, (l.voters+150)/300)
	for n, k := range l.races {
		rc := raceCount{race: &c.races[k], at: k, votes: make([][types]int64, len(c.races[k].Choices))}
		sum := int64(0)
		for i := range rc.votes {
			rc.votes[i][dayType] = machines * int64(n+i+1)
			sum += rc.votes[i][dayType]
		}
		allowed := int64(rc.VotesAllowed)
		t.ballots[dayType] = max(t.ballots[dayType], (sum+allowed-1)/allowed, rc.votes[len(rc.votes)-1][dayType])
		t.counts = append(t.counts, rc)
	}
	for i := range t.counts {
		rc := &t.counts[i]
		rc.under[dayType] = int64(rc.VotesAllowed) * t.ballots[dayType]
		for _, v := range rc.votes {
			rc.under[dayType] -= v[dayType]
		}
	}
	return t
}
