// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"hustings/election"
)

// lastValidated is the last row of the template in which cells offer a list.
const lastValidated = 5000

// Template is the empty spreadsheet: every sheet with a few rows of an invented
// election, lists to choose from, and a sheet that explains each column.
func Template() ([]byte, error) { return bookBytes(example(), help) }

// offer lets columns be filled in from a list. Other words are accepted: NIST
// knows more kinds than a list can show. It must come before the rows, which are
// written behind the library's back.
func offer(f *excelize.File, s bookSheet, languages [][]string) error {
	at := 0
	for i, c := range s.columns {
		at += max(1, len(languages[i]))
		if len(c.list) == 0 {
			continue
		}
		name, err := excelize.ColumnNumberToName(at)
		if err != nil {
			return err
		}
		v := excelize.NewDataValidation(true)
		v.SetSqref(name + "2:" + name + strconv.Itoa(lastValidated))
		v.ShowErrorMessage = false
		if err := v.SetDropList(c.list); err != nil {
			return err
		}
		if err := f.AddDataValidation(s.name, v); err != nil {
			return err
		}
	}
	return nil
}

// help writes the sheet that explains the others, and puts it first.
func help(f *excelize.File) error {
	if _, err := f.NewSheet("help"); err != nil {
		return err
	}
	out, err := f.NewStreamWriter("help")
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, 3, 30); err != nil {
		return err
	}
	row := 0
	put := func(cells ...any) error {
		row++
		return out.SetRow("A"+strconv.Itoa(row), cells)
	}
	for _, line := range []string{
		"The definition of an election, sheet by sheet. Replace the example rows by your own.",
		"Ids tie the sheets together. Leave an id empty and one is made of the name.",
		"Several values in one cell stand with a semicolon between. Days are 2026-11-03, times 07:00.",
		"Another language: add a column with its tag behind the title, such as Name [es].",
		"Sheets and columns that you do not need may stay empty or be removed.", ""} {
		if err := put(line); err != nil {
			return err
		}
	}
	if err := put("Sheet", "Column", "What it says"); err != nil {
		return err
	}
	for _, s := range sheets {
		for _, c := range s.columns {
			about := c.help
			if len(c.list) > 0 {
				about = strings.TrimSpace(about + " (" + strings.Join(c.list, ", ") + ")")
			}
			if err := put(s.name, c.title, about); err != nil {
				return err
			}
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := f.MoveSheet("help", sheets[0].name); err != nil {
		return err
	}
	at, err := f.GetSheetIndex("help")
	f.SetActiveSheet(at)
	return err
}

// example is a small election that shows every kind of row.
func example() *election.Definition {
	const day = election.Date("2026-11-03")
	registered := int64(1240)
	zone := "America/New_York"
	e := election.Election{ID: "2026-11-03-general", Name: election.Text{"en": "General election", "es": "Elección general"}, Type: election.General,
		Start: day, End: day, Jurisdiction: "ocd-division/country:us/state:oh/county:alder", State: "OH", Scope: "alder", TimeZone: zone, PollsOpen: "06:30", PollsClose: "19:30"}
	e.Calendar = []election.Deadline{
		{Kind: "registration", Name: election.Text{"en": "Last day to register", "es": "Último día para inscribirse"}, At: endOfDay("2026-10-05", e)},
		{Kind: "absentee-return", Name: election.T("Absentee ballots must be back"), At: time.Date(2026, 11, 4, 0, 30, 0, 0, time.UTC)},
	}
	return &election.Definition{
		Election: e,
		Parties:  []election.Party{{ID: "dem", Name: election.Text{"en": "Democratic", "es": "Demócrata"}, Abbr: "DEM", Color: "232066"}, {ID: "rep", Name: election.Text{"en": "Republican", "es": "Republicano"}, Abbr: "REP", Color: "e91d0e"}},
		Districts: []election.District{
			{ID: "county", Name: election.T("Alder County"), Type: "county", External: map[string]string{"ocd-id": "ocd-division/country:us/state:oh/county:alder"}},
			{ID: "school-3", Name: election.T("School District 3"), Type: "school", Number: "3"}},
		Units: []election.Unit{
			{ID: "alder", Type: election.County, Name: "Alder County", External: map[string]string{"fips": "39999"}},
			{ID: "p1", Type: election.Precinct, Name: "Courthouse", Number: "0001", Parent: "alder", Districts: []election.DistrictID{"county"}, Registered: &registered},
			{ID: "p2", Type: election.Precinct, Name: "Mill Road", Number: "0002", Parent: "alder"},
			{ID: "p2-a", Type: election.SplitPrecinct, Name: "Mill Road (A)", Number: "0002-A", Parent: "p2", Districts: []election.DistrictID{"county", "school-3"}},
			{ID: "p2-b", Type: election.SplitPrecinct, Name: "Mill Road (B)", Number: "0002-B", Parent: "p2", Districts: []election.DistrictID{"county"}, MailOnly: true}},
		Contests: []election.Contest{
			{ID: "president", Name: election.Text{"en": "President and Vice President", "es": "Presidente y vicepresidente"}, Kind: election.CandidateContest, Variation: election.Plurality, District: "county",
				VotesAllowed: 1, Elected: 1, Office: "President and Vice President", Choices: []election.Choice{
					{ID: "lee-ortiz", Name: election.T("Ann Lee / Ben Ortiz"), Kind: election.Candidate, Parties: []election.PartyID{"dem"}, Ticket: []election.Text{election.T("Ann Lee"), election.T("Ben Ortiz")}, Incumbent: true},
					{ID: "cole-dunn", Name: election.T("Cy Cole / Di Dunn"), Kind: election.Candidate, Parties: []election.PartyID{"rep"}, Ticket: []election.Text{election.T("Cy Cole"), election.T("Di Dunn")}},
					{ID: "write-in", Name: election.Text{"en": "Write-in", "es": "Por escrito"}, Kind: election.WriteIn}}},
			{ID: "school-board", Name: election.T("School board, district 3"), Kind: election.CandidateContest, Variation: election.NofM, District: "school-3", VotesAllowed: 2, Elected: 2, Rotates: true,
				Choices: []election.Choice{{ID: "eve-fox", Name: election.T("Eve Fox"), Kind: election.Candidate}, {ID: "gus-hill", Name: election.T("Gus Hill"), Kind: election.Candidate}, {ID: "ida-jones", Name: election.T("Ida Jones"), Kind: election.Candidate, Withdrawn: true}}},
			{ID: "issue-1", Name: election.T("Issue 1"), Kind: election.MeasureContest, Variation: election.SuperMajority, District: "county", VotesAllowed: 1,
				Threshold: &election.Threshold{Numerator: 3, Denominator: 5, Of: "votes"}, Question: election.T("Shall the county issue bonds for a new bridge?"),
				Choices: []election.Choice{{ID: "yes", Name: election.Text{"en": "Yes", "es": "Sí"}, Kind: election.Yes}, {ID: "no", Name: election.Text{"en": "No", "es": "No"}, Kind: election.No}}}},
		Styles: []election.Style{
			{ID: "style-1", Name: "Style 1", Units: []election.UnitID{"p1", "p2-b"}, Contests: []election.ContestID{"president", "issue-1"}},
			{ID: "style-2", Name: "Style 2", Units: []election.UnitID{"p2-a"}, Contests: []election.ContestID{"president", "school-board", "issue-1"},
				Orders: map[election.ContestID][]election.ChoiceID{"school-board": {"gus-hill", "ida-jones", "eve-fox"}}}},
		Places: []election.Place{
			{ID: "courthouse", Name: "Alder County Courthouse", Kind: election.PollingPlace, Line1: "1 Court Square", City: "Alder", State: "OH", Zip: "43999", Lat: 40.1, Lon: -82.9,
				Hours: []election.Hours{{Start: day, End: day, Open: "06:30", Close: "19:30"}}, Units: []election.UnitID{"p1"}},
			{ID: "mill-school", Name: "Mill Road School", Kind: election.PollingPlace, Line1: "20 Mill Road", City: "Alder", State: "OH", Zip: "43999", Directions: election.T("Gymnasium, east door"),
				Hours: []election.Hours{{Start: day, End: day, Open: "06:30", Close: "19:30"}}, Units: []election.UnitID{"p2-a", "p2-b"}},
			{ID: "early", Name: "Board of Elections", Kind: election.EarlySite, Line1: "5 High Street", City: "Alder", State: "OH", Zip: "43999",
				Hours: []election.Hours{{Start: "2026-10-06", End: "2026-10-30", Open: "08:00", Close: "17:00"}, {Start: "2026-10-31", End: "2026-10-31", Open: "08:00", Close: "16:00"}}}},
		VoteTypes: []election.VoteType{{ID: "election-day", Name: election.T("Election day"), Item: election.ElectionDay}, {ID: "early", Name: election.T("Early voting"), Item: election.Early},
			{ID: "absentee-mail", Name: election.T("Absentee by mail"), Item: election.AbsenteeMail}, {ID: "provisional", Name: election.T("Provisional"), Item: election.Provisional}},
	}
}
