// SPDX-License-Identifier: Apache-2.0

package check

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/office/results/tally"
)

// csvSheet reads an OpenElections file straight into a definition made from it
// and a sheet, names as they stand, so that the rules meet real numbers here
// without any other part of the house.
func csvSheet(t *testing.T, path string, types ...string) (*tally.Index, *tally.Sheet) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "..", "shared", "data", "results", path))
	if err != nil {
		t.Skipf("the public data is not here: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return sheetOf(rows, types)
}

type rowKey struct{ unit, contest, choice string }

func sheetOf(rows [][]string, types []string) (*tally.Index, *tally.Sheet) {
	col := map[string]int{}
	for i, name := range rows[0] {
		col[name] = i
	}
	d := &election.Definition{Derived: true, Election: election.Election{ID: "real", Scope: "state"},
		Units: []election.Unit{{ID: "state", Type: election.State, Name: "State"}}}
	for _, name := range types {
		d.VoteTypes = append(d.VoteTypes, election.VoteType{ID: election.VoteTypeID(name), Name: election.T(name)})
	}
	units, contests, choices := map[string]int32{}, map[string]int32{}, map[rowKey]int32{}
	unit := func(id, name string, kind election.UnitType, parent election.UnitID) int32 {
		u, ok := units[id]
		if !ok {
			u = int32(len(d.Units))
			units[id] = u
			d.Units = append(d.Units, election.Unit{ID: election.UnitID(id), Name: name, Type: kind, Parent: parent})
		}
		return u
	}
	var cells []tally.Cell
	for i, row := range rows[1:] {
		get := func(name string) string {
			if c, ok := col[name]; ok {
				return row[c]
			}
			return ""
		}
		county := get("county")
		unit(county, county, election.County, "state")
		u := unit(county+"/"+get("precinct"), get("precinct"), election.Precinct, election.UnitID(county))
		cell := tally.Cell{Unit: u, Contest: tally.NoContest, Line: int32(i + 2)}
		switch office := get("office"); office {
		case "Ballots Cast":
			cell.Choice = tally.Ballots
		case "Registered Voters":
			cell.Choice = tally.Registered
		case "Ballots Cast - Blank":
			cell.Choice = tally.Blank
		default:
			office = strings.TrimSpace(strings.ToLower(office) + " " + get("district"))
			c, ok := contests[office]
			if !ok {
				c = int32(len(d.Contests))
				contests[office] = c
				d.Contests = append(d.Contests, election.Contest{ID: election.ContestID(office), Name: election.T(office), VotesAllowed: 1})
			}
			cell.Contest = c
			name := get("candidate")
			switch strings.ReplaceAll(strings.ToLower(name), " ", "") {
			case "overvotes":
				cell.Choice = tally.Over
			case "undervotes":
				cell.Choice = tally.Under
			default:
				key := rowKey{"", office, name}
				k, ok := choices[key]
				if !ok {
					k = int32(len(d.Contests[c].Choices))
					choices[key] = k
					d.Contests[c].Choices = append(d.Contests[c].Choices, election.Choice{ID: election.ChoiceID(name), Name: election.T(name)})
				}
				cell.Choice = k
			}
		}
		for t, name := range append([]string{"votes"}, types...) {
			if n, err := strconv.ParseInt(get(name), 10, 64); err == nil {
				cell.Type, cell.N = int16(t), n
				cells = append(cells, cell)
			}
		}
	}
	x := tally.NewIndex(d)
	tally.Sort(cells)
	return x, &tally.Sheet{Index: x, Source: "s", Path: "file.csv", Cells: cells}
}

// TestArizonaAsItStands reads the file without knowing any of its names: the
// rows that do not add up are listed one by one, and the subtotals that would
// count write-ins twice are found by arithmetic alone.
func TestArizonaAsItStands(t *testing.T) {
	x, s := csvSheet(t, "az-2020-general/20201103__az__general__precinct.csv", "early_voting", "election_day", "provisional")
	counties, subtotals := map[string]int{}, []string{}
	for _, f := range Run(Input{Index: x, Sheet: s, Source: Source{Counting: Cumulative, Detail: ByType}}) {
		switch {
		case f.Check == "C01":
			county, _, _ := strings.Cut(f.Unit, " / ")
			counties[county]++
		case f.Check == "C06" && f.Args["within"] == "Maricopa" && (f.Contest == "president" || f.Contest == "u.s. senate"):
			subtotals = append(subtotals, f.Contest+": "+f.Choice+" "+f.Args["votes"])
		case f.Level == tally.Block:
			t.Errorf("refused: %s %v", f.Key, f.Args)
		}
	}
	if d := cmp.Diff(map[string]int{"Navajo": 331, "Yuma": 237, "Cochise": 1}, counties); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"president: Write-in 7942", "u.s. senate: Write-in 4623"}, subtotals); d != "" {
		t.Error(d)
	}
}
