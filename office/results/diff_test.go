// SPDX-License-Identifier: Apache-2.0

package results

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/office/results/tally"
)

// valley is a county of two precincts with one contest of three.
func valley() *election.Definition {
	return &election.Definition{
		Election: election.Election{ID: "e", Scope: "v", Name: election.T("General"), End: "2026-11-03", TimeZone: "America/Phoenix", PollsClose: "19:00"},
		Units: []election.Unit{{ID: "v", Type: election.County, Name: "Valley"},
			{ID: "1", Type: election.Precinct, Name: "One", Number: "1", Parent: "v"}, {ID: "2", Type: election.Precinct, Name: "Two", Number: "2", Parent: "v"}},
		Contests: []election.Contest{{ID: "c", Name: election.T("Mayor"), Kind: election.CandidateContest, VotesAllowed: 1, Elected: 1,
			Choices: []election.Choice{{ID: "a", Name: election.T("Ada")}, {ID: "b", Name: election.T("Ben")}, {ID: "w", Name: election.T("Write-in"), Kind: election.WriteIn}}}},
		VoteTypes: []election.VoteType{{ID: "early", Name: election.T("Early"), Item: election.Early}},
	}
}

func tallyOf(x *tally.Index, cells ...tally.Cell) *tally.Tally {
	tally.Sort(cells)
	return tally.Merge(x, &tally.Sheet{Index: x, Cells: cells})
}

func TestCompare(t *testing.T) {
	x := tally.NewIndex(valley())
	votes := func(u, choice int32, n int64) tally.Cell { return tally.Cell{Unit: u, Choice: choice, N: n} }
	first := tallyOf(x, votes(1, 0, 10), votes(1, 1, 8))
	for _, tt := range []struct {
		name          string
		before, after *tally.Tally
		moved         int64
		newLeader     bool
		units         []UnitDiff
		same          bool
	}{
		{"the first report", nil, first, 18, false, []UnitDiff{{Unit: 1, First: true}}, false},
		{"the same again", first, first, 0, false, nil, true},
		{"another precinct changes who leads", first, tallyOf(x, votes(1, 0, 10), votes(1, 1, 8), votes(2, 1, 5)), 5, true,
			[]UnitDiff{{Unit: 2, First: true}}, false},
		{"a number goes down though the total does not", first, tallyOf(x, votes(1, 0, 9), votes(1, 1, 9)), 0, true,
			[]UnitDiff{{Unit: 1, Lower: true}}, false},
		{"everything is taken back", first, nil, -18, true, []UnitDiff{{Unit: 1, Lower: true}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Compare(tt.before, tt.after)
			if d.Same != tt.same {
				t.Fatalf("same: got %v, want %v", d.Same, tt.same)
			}
			for i := range d.Units {
				d.Units[i].Votes, d.Units[i].Ballots = Change{}, Change{}
			}
			if diff := cmp.Diff(tt.units, d.Units); diff != "" {
				t.Error(diff)
			}
			if !tt.same && (d.Contests[0].Votes.Moved() != tt.moved || d.Contests[0].NewLeader() != tt.newLeader) {
				t.Errorf("got %+v, moved %d", d.Contests[0], d.Contests[0].Votes.Moved())
			}
		})
	}
}
