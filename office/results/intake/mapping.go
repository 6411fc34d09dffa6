// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"errors"
	"strings"

	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// Mapping says what the columns of a table are, for tables of no known format.
// A person makes it once, from what GuessMapping proposes, and the source
// keeps it. Columns are named as in the header, in any case and spacing.
//
// In the long shape each row is a choice; in the wide shape each row is a
// precinct and each choice has a column.
type Mapping struct {
	Shape Shape  `json:"shape"`
	Sheet string `json:"sheet,omitempty"` // of a workbook; empty: the first

	County     string `json:"county,omitempty"`
	Precinct   string `json:"precinct,omitempty"`
	Code       string `json:"code,omitempty"` // of the precinct
	Registered string `json:"registered,omitempty"`
	Ballots    string `json:"ballots,omitempty"`

	Contest  string `json:"contest,omitempty"`
	District string `json:"district,omitempty"`
	Choice   string `json:"choice,omitempty"`
	Party    string `json:"party,omitempty"`
	Votes    string `json:"votes,omitempty"`    // the total of a row
	Mode     string `json:"mode,omitempty"`     // a column that names the vote type of its row
	VoteFor  string `json:"voteFor,omitempty"`  // how many choices a voter may vote for
	Only     string `json:"only,omitempty"`     // the contest, of a file that names none
	InCounty string `json:"inCounty,omitempty"` // the county, of a file that names none

	Types   []TypeColumn   `json:"types,omitempty"`   // long: columns that are vote types
	Choices []ChoiceColumn `json:"choices,omitempty"` // wide: columns that are choices
	Ignored []string       `json:"ignored,omitempty"` // columns that a person has looked at and left out
}

// Shape is how a table lays out votes.
type Shape string

// The shapes of a table.
const (
	Long Shape = "long"
	Wide Shape = "wide"
)

// TypeColumn is a column with the votes of one vote type.
type TypeColumn struct {
	Column string `json:"column"`
	Type   string `json:"type"` // as the definition or the table of known names has it; "total" for the total
}

// ChoiceColumn is a column with the votes for one choice, or a measure.
type ChoiceColumn struct {
	Column   string `json:"column"`
	Contest  string `json:"contest,omitempty"`
	District string `json:"district,omitempty"`
	Choice   string `json:"choice,omitempty"`
	Party    string `json:"party,omitempty"`
	Type     string `json:"type,omitempty"`    // empty: the total
	Measure  string `json:"measure,omitempty"` // over, under, ballots, registered, blank, subtotal; empty: votes for the choice
}

// measureWords are the measures that a mapping may name.
var measureWords = map[string]tally.Measure{
	"over": tally.Over, "under": tally.Under, "ballots": tally.Ballots, "registered": tally.Registered,
	"blank": tally.Blank, "rejected": tally.Rejected, "outstanding": tally.Outstanding, "subtotal": tally.Subtotal,
}

// Check says what is missing from a mapping, in a sentence.
func (m *Mapping) Check() error {
	switch m.Shape {
	case Long:
		switch {
		case m.Choice == "":
			return errors.New("the mapping names no column for the choice")
		case m.Contest == "" && m.Only == "":
			return errors.New("the mapping names no column for the contest, nor the one contest of the file")
		case m.Votes == "" && len(m.Types) == 0:
			return errors.New("the mapping names no column for votes")
		case m.Mode != "" && len(m.Types) > 0:
			return errors.New("the mapping names a column for the vote type and also a column for each vote type; it can be only one of the two")
		}
	case Wide:
		if len(m.Choices) == 0 {
			return errors.New("the mapping names no column for any choice")
		}
		for _, c := range m.Choices {
			if err := c.check(m.Only); err != nil {
				return err
			}
		}
	default:
		return errors.New(`the mapping must say its shape: "long" for a row for each choice, "wide" for a column for each choice`)
	}
	if m.Precinct == "" && m.Code == "" && m.County == "" && m.InCounty == "" {
		return errors.New("the mapping names no column for the precinct or the county")
	}
	return nil
}

func (c ChoiceColumn) check(only string) error {
	if c.Measure != "" {
		if _, ok := measureWords[c.Measure]; !ok {
			return errors.New("the mapping knows no measure " + c.Measure + "; it knows over, under, ballots, registered, blank, rejected, outstanding and subtotal")
		}
		return nil
	}
	if c.Choice == "" || c.Contest == "" && only == "" {
		return errors.New("the column " + c.Column + " needs a contest and a choice")
	}
	return nil
}

// guesses are the names under which columns usually come.
var guesses = []struct {
	to    func(m *Mapping) *string
	names []string
}{
	{func(m *Mapping) *string { return &m.County }, []string{"county", "county_name", "parish", "jurisdiction_name", "jurisdiction"}},
	{func(m *Mapping) *string { return &m.Precinct }, []string{"precinct", "precinct_name", "precinctname", "voting_precinct", "ward", "ward_name", "polling_place", "location", "district_precinct", "reporting_unit"}},
	{func(m *Mapping) *string { return &m.Code }, []string{"precinct_code", "precinct_id", "precinct_number", "pct_no", "precinct_no"}},
	{func(m *Mapping) *string { return &m.Registered }, []string{"registered_voters", "registered", "registration", "total_registered", "reg_voters", "voters_registered", "eligible_voters"}},
	{func(m *Mapping) *string { return &m.Ballots }, []string{"ballots_cast", "ballots", "total_ballots", "total_ballots_cast", "cards_cast", "turnout_total"}},
	{func(m *Mapping) *string { return &m.Contest }, []string{"contest", "contest_name", "office", "race", "office_name", "race_name", "contest_title", "office_title"}},
	{func(m *Mapping) *string { return &m.District }, []string{"district", "district_name", "dist"}},
	{func(m *Mapping) *string { return &m.Choice }, []string{"choice", "candidate", "candidate_name", "choice_name", "option", "response", "selection", "name_on_ballot"}},
	{func(m *Mapping) *string { return &m.Party }, []string{"party", "choice_party", "party_name", "party_detailed", "candidate_party", "party_code"}},
	{func(m *Mapping) *string { return &m.Mode }, []string{"mode", "vote_type", "voting_method", "counting_group", "vote_method", "ballot_type", "count_group"}},
	{func(m *Mapping) *string { return &m.VoteFor }, []string{"vote_for", "votes_allowed", "magnitude"}},
	{func(m *Mapping) *string { return &m.Votes }, []string{"votes", "total_votes", "vote_count", "total", "votes_total", "vote_total", "candidate_votes", "count"}},
}

// GuessMapping proposes what the columns of a table are, from the header and a
// few rows. It is a proposal: a person decides.
func GuessMapping(header []string, sample [][]string) Mapping {
	m := Mapping{Shape: Long}
	taken := make([]bool, len(header))
	for _, g := range guesses {
		for _, name := range g.names {
			if i := columnOf(header, name); i >= 0 && !taken[i] {
				*g.to(&m) = header[i]
				taken[i] = true
				break
			}
		}
	}
	var numeric []string
	for i, h := range header {
		switch {
		case taken[i]:
		case looksNumeric(sample, i) && !isShare(h):
			numeric = append(numeric, h)
		default:
			m.Ignored = append(m.Ignored, h)
		}
	}
	if m.Choice == "" {
		m.guessWide(numeric)
		return m
	}
	for _, h := range numeric {
		if tally.Item(h) != "" && m.Mode == "" {
			m.Types = append(m.Types, TypeColumn{Column: h, Type: h})
		} else {
			m.Ignored = append(m.Ignored, h)
		}
	}
	return m
}

// guessWide takes every column of numbers for a choice.
func (m *Mapping) guessWide(numeric []string) {
	m.Shape = Wide
	if m.Votes != "" { // the total of a row adds all choices up
		m.Choices = append(m.Choices, ChoiceColumn{Column: m.Votes, Measure: "subtotal"})
		m.Votes = ""
	}
	for _, h := range numeric {
		c := ChoiceColumn{Column: h, Choice: strings.TrimSpace(h)}
		switch k := tally.Squeeze(h); {
		case strings.HasPrefix(k, "over vote") || strings.HasPrefix(k, "overvote"):
			c.Choice, c.Measure = "", "over"
		case strings.HasPrefix(k, "under vote") || strings.HasPrefix(k, "undervote"):
			c.Choice, c.Measure = "", "under"
		case k == "total votes" || k == "totals":
			c.Choice, c.Measure = "", "subtotal"
		default:
			c.Choice, c.Party = partyInName(c.Choice)
		}
		m.Choices = append(m.Choices, c)
	}
}

// partyInName takes the party off a column such as "Kelly, Mark (DEM)".
func partyInName(s string) (name, party string) {
	open := strings.LastIndexByte(s, '(')
	if open <= 0 || !strings.HasSuffix(s, ")") || len(s)-open > 6 {
		return s, ""
	}
	return strings.TrimSpace(s[:open]), s[open+1 : len(s)-1]
}

func columnOf(header []string, name string) int {
	for i, h := range header {
		if sheet.Snake(h) == name {
			return i
		}
	}
	return -1
}

// looksNumeric says that a column holds counts, as far as the sample goes.
func looksNumeric(sample [][]string, col int) bool {
	numbers, texts := 0, 0
	for _, row := range sample {
		if col >= len(row) || strings.TrimSpace(row[col]) == "" {
			continue
		}
		if n, err := sheet.ParseCount(row[col]); err == nil && n.Known() {
			numbers++
		} else {
			texts++
		}
	}
	return numbers > 0 && numbers > 9*texts
}

// isShare says that a column is a percentage or a code, whatever it holds.
func isShare(h string) bool {
	k := sheet.Snake(h)
	for _, w := range []string{"percent", "pct_", "_pct", "share", "fips", "year", "_id", "id_", "code", "turnout", "zip", "line"} {
		if strings.Contains(k, w) {
			return true
		}
	}
	return k == "id"
}
