// SPDX-License-Identifier: Apache-2.0

// Package ncsbe reads and writes files of the North Carolina State Board of
// Elections: precinct results (results_pct_YYYYMMDD.txt), tab separated, usually
// inside a zip archive, and the voter file (ncvoter) and the history of who took
// part (ncvhis).
//
// The header decides. Since 2026 the column "One Stop" is called "Early
// Voting"; files from before 2014 have other names again. A row whose Real
// Precinct is N belongs to no precinct: it holds one-stop, absentee or
// transferred votes of the county.
package ncsbe

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"hustings/format/sheet"
)

// File is one file of results.
type File struct {
	Name        string // with the name inside the archive, if it was one
	Header      []string
	EarlyVoting bool // the early votes are called Early Voting, not One Stop
	HasReal     bool // the file says which precincts are real
	Other       []string
	Count       int   // rows that were read
	Rows        []Row // all of them, where Read was asked to keep them
	Problems    sheet.Problems
}

// Row is one line: the votes for one choice in one precinct of one county.
type Row struct {
	Line           int
	County         string
	Date           time.Time // zero when the file gives none that can be read
	Precinct       string
	ContestGroupID string // the same for a contest in all counties it reaches
	ContestType    Type
	Contest        string
	Choice         string
	ChoiceParty    string
	VoteFor        sheet.Count
	ElectionDay    sheet.Count
	EarlyVoting    sheet.Count // called One Stop before 2026
	AbsenteeByMail sheet.Count
	Provisional    sheet.Count
	Total          sheet.Count
	RealPrecinct   Real
}

// Type says how far a contest reaches.
type Type string

// The types of contest.
const (
	Statewide Type = "S"
	County    Type = "C"
)

// Real says whether a row belongs to a precinct that one can walk into.
type Real uint8

// What the column Real Precinct can say.
const (
	NotSaid  Real = iota // the column or its answer is missing
	Precinct             // Y
	Pseudo               // N: one-stop, absentee, provisional or transfer votes of the county
)

// String writes the answer as the file has it.
func (r Real) String() string { return [...]string{"", "Y", "N"}[r] }

// columns lists the names of each column, today's first. The last ones are
// those of the files before 2014.
var columns = struct {
	county, date, precinct, group, kind, contest, choice, party, voteFor []string
	electionDay, early, mail, provisional, total, real                   []string
}{
	county:      []string{"county"},
	date:        []string{"election_date", "election_dt"},
	precinct:    []string{"precinct", "precinct_name", "precinct_abbrv"},
	group:       []string{"contest_group_id"},
	kind:        []string{"contest_type"},
	contest:     []string{"contest_name", "contest"},
	choice:      []string{"choice", "name_on_ballot"},
	party:       []string{"choice_party", "party", "party_cd"},
	voteFor:     []string{"vote_for"},
	electionDay: []string{"election_day"},
	early:       []string{"early_voting", "one_stop", "absentee_one_stop", "absentee_onestop"},
	mail:        []string{"absentee_by_mail"},
	provisional: []string{"provisional"},
	total:       []string{"total_votes", "votes", "ballot_count"},
	real:        []string{"real_precinct"},
}

// reader holds where the columns are while the rows come in.
type reader struct {
	file *File

	county, date, precinct, group, kind, contest, choice, party, voteFor int
	electionDay, early, mail, provisional, total, real                   int

	dates map[string]time.Time // a file has one date, or a few
}

// Read reads a file of results, inside a zip archive or not, and keeps its rows.
func Read(name string, r io.Reader, lim sheet.Limits) (*File, error) {
	var rows []Row
	f, err := Each(name, r, lim, nil, func(row *Row) error {
		rows = append(rows, *row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.Rows = rows
	return f, nil
}

// Each reads a file of results, inside a zip archive or not, and hands over one
// row after the other, so that a large file costs no more memory than what is
// kept of it. start, which may be nil, is called once before the first row, with
// everything about the header known. A row is only there until the next; an
// error of do ends the reading and comes back as it is.
func Each(name string, r io.Reader, lim sheet.Limits, start func(*File), do func(*Row) error) (*File, error) {
	inner, name, err := sheet.Unwrap(name, r, lim)
	if err != nil {
		return nil, err
	}
	t, err := sheet.Open(name, inner, lim)
	if err != nil {
		return nil, err
	}
	rd, err := newReader(t, lim.OrDefault())
	if err != nil {
		return nil, err
	}
	if start != nil {
		start(rd.file)
	}
	for in, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		rd.file.Count++
		row := rd.row(in)
		if err := do(&row); err != nil {
			return nil, err
		}
	}
	rd.file.Problems.Join(&t.Problems)
	slices.SortStableFunc(rd.file.Problems.List, func(a, b sheet.Problem) int { return cmp.Compare(a.Line, b.Line) })
	return rd.file, nil
}

func newReader(t *sheet.Table, lim sheet.Limits) (*reader, error) {
	c := columns
	rd := &reader{
		file:   &File{Name: t.Name, Header: t.Header, Problems: sheet.Problems{Keep: lim.Problems}},
		county: t.Col(c.county...), date: t.Col(c.date...), precinct: t.Col(c.precinct...), group: t.Col(c.group...), kind: t.Col(c.kind...),
		contest: t.Col(c.contest...), choice: t.Col(c.choice...), party: t.Col(c.party...), voteFor: t.Col(c.voteFor...),
		electionDay: t.Col(c.electionDay...), early: t.Col(c.early...), mail: t.Col(c.mail...), provisional: t.Col(c.provisional...),
		total: t.Col(c.total...), real: t.Col(c.real...), dates: map[string]time.Time{},
	}
	rd.file.EarlyVoting = t.Col("early_voting") >= 0
	rd.file.HasReal = rd.real >= 0
	used := []int{rd.county, rd.date, rd.precinct, rd.group, rd.kind, rd.contest, rd.choice, rd.party, rd.voteFor,
		rd.electionDay, rd.early, rd.mail, rd.provisional, rd.total, rd.real}
	for i, name := range t.Header {
		if !slices.Contains(used, i) {
			rd.file.Other = append(rd.file.Other, name)
		}
	}
	if len(rd.file.Other) > 0 {
		rd.file.Problems.Add(t.HeaderLine, "", "the columns %s were not used", strings.Join(rd.file.Other, ", "))
	}
	return rd, rd.missing(t)
}

// missing says which columns are lacking without which no row can be used.
func (rd *reader) missing(t *sheet.Table) error {
	var names []string
	for _, need := range []struct {
		col  int
		name string
	}{
		{rd.county, "County"}, {rd.precinct, "Precinct"}, {rd.contest, "Contest Name"}, {rd.choice, "Choice"}, {rd.total, "Total Votes"},
	} {
		if need.col < 0 {
			names = append(names, need.name)
		}
	}
	return t.Missing(names...)
}

func (rd *reader) row(in sheet.Row) Row {
	row := Row{
		Line: in.Line, County: in.Cell(rd.county), Date: rd.day(in), Precinct: in.Cell(rd.precinct),
		ContestGroupID: in.Cell(rd.group), ContestType: rd.contestType(in), Contest: in.Cell(rd.contest),
		Choice: in.Cell(rd.choice), ChoiceParty: in.Cell(rd.party),
		VoteFor:     rd.count(in, rd.voteFor, "Vote For"),
		ElectionDay: rd.count(in, rd.electionDay, "Election Day"), EarlyVoting: rd.count(in, rd.early, rd.earlyTitle()),
		AbsenteeByMail: rd.count(in, rd.mail, "Absentee by Mail"), Provisional: rd.count(in, rd.provisional, "Provisional"),
		Total: rd.count(in, rd.total, "Total Votes"), RealPrecinct: rd.isReal(in),
	}
	for _, must := range []struct{ value, field string }{{row.County, "County"}, {row.Contest, "Contest Name"}, {row.Choice, "Choice"}} {
		if must.value == "" {
			rd.file.Problems.Add(row.Line, must.field, "the cell is empty")
		}
	}
	return row
}

func (rd *reader) count(in sheet.Row, col int, field string) sheet.Count {
	n, err := sheet.ParseCount(in.Cell(col))
	if err != nil {
		rd.file.Problems.Add(in.Line, field, "%s; it was read as not reported", err)
	}
	return n
}

func (rd *reader) earlyTitle() string { return earlyTitle(rd.file.EarlyVoting) }

func earlyTitle(earlyVoting bool) string {
	if earlyVoting {
		return "Early Voting"
	}
	return "One Stop"
}

// day reads the date of the election, 11/03/2026 as a rule.
func (rd *reader) day(in sheet.Row) time.Time {
	s := in.Cell(rd.date)
	if day, ok := rd.dates[s]; ok || s == "" {
		return day
	}
	for _, layout := range []string{"1/2/2006", time.DateOnly, "1/2/2006 15:04", "1/2/2006 15:04:05", time.DateTime, "20060102"} {
		if day, err := time.Parse(layout, s); err == nil {
			rd.remember(s, day)
			return day
		}
	}
	rd.remember(s, time.Time{})
	rd.file.Problems.Add(in.Line, "Election Date", "%q is not a date like 11/03/2026; it was left out here and in every row that has it", s)
	return time.Time{}
}

// remember keeps a date, but not more of them than an honest file has.
func (rd *reader) remember(s string, day time.Time) {
	if len(rd.dates) < 1000 {
		rd.dates[s] = day
	}
}

func (rd *reader) contestType(in sheet.Row) Type {
	switch s := strings.ToUpper(in.Cell(rd.kind)); s {
	case "":
		return ""
	case "S", "STATE", "STATEWIDE":
		return Statewide
	case "C", "COUNTY":
		return County
	default:
		rd.file.Problems.Add(in.Line, "Contest Type", "%q is neither S (statewide) nor C (county); it was left out", s)
		return ""
	}
}

func (rd *reader) isReal(in sheet.Row) Real {
	switch s := strings.ToUpper(in.Cell(rd.real)); s {
	case "":
		return NotSaid
	case "Y", "YES":
		return Precinct
	case "N", "NO":
		return Pseudo
	default:
		rd.file.Problems.Add(in.Line, "Real Precinct", "%q is neither Y nor N; it was left out", s)
		return NotSaid
	}
}

// Header gives the columns in the order of the Board, with the early votes
// under their name of 2026 or the one before.
func Header(earlyVoting bool) []string {
	return []string{
		"County", "Election Date", "Precinct", "Contest Group ID", "Contest Type", "Contest Name", "Choice", "Choice Party", "Vote For",
		"Election Day", earlyTitle(earlyVoting), "Absentee by Mail", "Provisional", "Total Votes", "Real Precinct",
	}
}

// Write writes rows in the columns of the Board, tab separated.
func Write(w io.Writer, rows []Row, earlyVoting bool) error {
	out, err := sheet.NewWriter(w, Header(earlyVoting), sheet.Style{Delimiter: '\t'})
	if err != nil {
		return err
	}
	for _, r := range rows {
		day := ""
		if !r.Date.IsZero() {
			day = r.Date.Format("01/02/2006")
		}
		err := out.Write(r.County, day, r.Precinct, r.ContestGroupID, string(r.ContestType), r.Contest, r.Choice, r.ChoiceParty, r.VoteFor.String(),
			r.ElectionDay.String(), r.EarlyVoting.String(), r.AbsenteeByMail.String(), r.Provisional.String(), r.Total.String(), r.RealPrecinct.String())
		if err != nil {
			return err
		}
	}
	return out.Close()
}
