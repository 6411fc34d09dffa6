// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
)

// twoStyles is a county with two precincts: one with a ballot style for each
// party, one with the county's own.
func twoStyles() *election.Definition {
	registered := int64(100)
	return &election.Definition{
		Election: election.Election{ID: "2026-08-04-primary", Name: election.T("Primary"), Type: election.Primary, Start: "2026-08-04", End: "2026-08-04",
			State: "AZ", Scope: "vale", TimeZone: "America/Phoenix", PollsOpen: "06:00", PollsClose: "19:00", Jurisdiction: "ocd-division/country:us/state:az/county:vale",
			Calendar: []election.Deadline{{Kind: "canvass", Name: election.T("Canvass"), At: time.Date(2026, 8, 20, 17, 0, 0, 0, time.UTC)}}},
		Parties:   []election.Party{{ID: "dem", Name: election.T("Democratic"), Abbr: "DEM"}, {ID: "rep", Name: election.T("Republican"), Abbr: "REP"}},
		VoteTypes: []election.VoteType{{ID: "early", Name: election.T("Early"), Item: election.Early}},
		Units: []election.Unit{{ID: "vale", Type: election.County, Name: "Vale"}, {ID: "p1", Type: election.Precinct, Name: "One", Parent: "vale", Registered: &registered},
			{ID: "p2", Type: election.Precinct, Name: "Two", Parent: "vale"}, {ID: "board", Type: election.BallotBatch, Name: "Absentee board", Parent: "vale"}},
		Contests: []election.Contest{{ID: "mayor-dem", Name: election.T("Mayor"), Kind: election.CandidateContest, Variation: election.Plurality, VotesAllowed: 1, Elected: 1, PrimaryParty: "dem",
			Choices: []election.Choice{{ID: "ann", Name: election.T("Ann"), Kind: election.Candidate}}},
			{ID: "mayor-rep", Name: election.T("Mayor (R)"), Kind: election.CandidateContest, Variation: election.Plurality, VotesAllowed: 1, Elected: 1, PrimaryParty: "rep",
				Choices: []election.Choice{{ID: "bo", Name: election.T("Bo"), Kind: election.Candidate}}}},
		Styles: []election.Style{{ID: "dem-1", Party: "dem", Units: []election.UnitID{"p1"}, Contests: []election.ContestID{"mayor-dem"}},
			{ID: "rep-1", Party: "rep", Units: []election.UnitID{"p1", "p2"}, Contests: []election.ContestID{"mayor-rep"}}},
	}
}

func TestAPrecinctKeepsAllItsBallotStylesInOurOwnFeeds(t *testing.T) {
	want := twoStyles()
	for _, name := range []string{"vip60", "vip52", "vip-csv"} {
		f, _ := FormatNamed(name)
		var b bytes.Buffer
		if err := f.Write(&b, want); err != nil {
			t.Fatal(err)
		}
		res, err := Read("feed"+f.Ext, b.Bytes(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[election.StyleID][]election.UnitID)
		for _, s := range res.Def.Styles {
			slices.Sort(s.Units)
			got[s.ID] = s.Units
		}
		if d := cmp.Diff(map[election.StyleID][]election.UnitID{"dem-1": {"p1"}, "rep-1": {"p1", "p2"}}, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		for _, u := range res.Def.Units {
			if len(u.External) > 0 {
				t.Errorf("%s: %s has codes that nobody gave it: %v", name, u.ID, u.External)
			}
		}
	}
}

func TestLostSaysWhatAFormatCannotCarry(t *testing.T) {
	def := twoStyles()
	def.Shapes = []election.Shape{{Unit: "p1"}}
	for format, want := range map[string]string{
		"vip60": "styles vote_types shapes registered batches deadlines", "vip52": "styles vote_types shapes registered batches deadlines",
		"vip-csv": "styles vote_types shapes registered batches deadlines", "nist-xml": "deadlines", "nist-json": "deadlines",
		"spreadsheet": "shapes", "geojson": "all_but_shapes", "hustings-json": "",
	} {
		var got []string
		for _, p := range Lost(format, def) {
			got = append(got, strings.TrimPrefix(p.Key, "definition.problem.lost_"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", format, got, want)
		}
	}
}
