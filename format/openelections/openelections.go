// SPDX-License-Identifier: Apache-2.0

// Package openelections reads and writes precinct results in the columns of
// OpenElections, the shape in which most published results can be had.
//
//	county,precinct,office,district,party,candidate,votes[,vote types …]
//
// The order of the columns and the names of the vote types differ from state
// to state and county to county, so the header decides; a file may even give
// vote types and no total. What stands in the office and candidate columns and
// is neither (Registered Voters, Over Votes, Write-in …) is told apart by the
// one table in rules.go.
//
// A cell without a number stays "not reported". Nothing is added up or put
// right here; whoever uses the rows decides.
package openelections

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"hustings/format/sheet"
)

// File is one file of results.
type File struct {
	Name     string
	Header   []string // every column, in the order of the file
	Types    []string // the columns that are vote types, in the order of the file
	Other    []string // columns that were not used
	HasVotes bool     // there is a column with the total of each row
	Count    int      // rows that were read
	Rows     []Row    // all of them, where Read was asked to keep them
	Problems sheet.Problems

	// Maybe are the columns that could be vote types, as Row.Types of Each has
	// them, and IsType says which of them were: only all rows together tell.
	Maybe  []string
	IsType []bool
}

// Row is one line: how many votes one choice got in one place.
type Row struct {
	Line      int
	County    string
	Precinct  string
	Office    string
	District  string
	Party     string
	Candidate string
	Winner    string
	Votes     sheet.Count   // the total as the file gives it; never computed
	Types     []sheet.Count // one per name in File.Types, or in File.Maybe of Each; rows may share them, so do not change them
	Kind      Kind
	Place     Place
}

// Read reads a file of results and keeps its rows: CSV in any dress, or a
// workbook.
func Read(name string, r io.Reader, lim sheet.Limits) (*File, error) {
	keep := &keeper{}
	f, err := Each(name, r, lim, keep.start, keep.row)
	if err != nil {
		return nil, err
	}
	f.Rows = keep.rows
	if len(f.Types) < len(f.Maybe) {
		dropTypes(f.Rows, f.IsType)
	}
	return f, nil
}

// Each reads a file of results and hands over one row after the other, so that
// a large file costs no more memory than what is kept of it. start, which may be
// nil, is called once before the first row, with Header, HasVotes and Maybe
// known. A row and its Types are only there until the next; an error of do ends
// the reading and comes back as it is.
func Each(name string, r io.Reader, lim sheet.Limits, start func(*File), do func(*Row) error) (*File, error) {
	t, err := sheet.Open(name, r, lim)
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
		if err := do(rd.row(in)); err != nil {
			return nil, err
		}
	}
	return rd.finish(), nil
}

// keeper keeps the rows of a file. Rows that tell no vote type share one slice.
type keeper struct {
	rows   []Row
	none   []sheet.Count
	counts []sheet.Count // room from which rows take their Types
}

func (k *keeper) start(f *File) { k.none = make([]sheet.Count, len(f.Maybe)) }

func (k *keeper) row(r *Row) error {
	row, n := *r, len(k.none)
	if slices.Equal(r.Types, k.none) {
		row.Types = k.none
	} else {
		if len(k.counts) < n {
			k.counts = make([]sheet.Count, 4096)
		}
		row.Types = k.counts[:n:n]
		k.counts = k.counts[n:]
		copy(row.Types, r.Types)
	}
	k.rows = append(k.rows, row)
	return nil
}

// reader holds where the columns are while the rows come in.
type reader struct {
	table *sheet.Table
	file  *File

	county, precinct, office, district, party, candidate, votes, winner int

	others []typeColumn
	at     Row           // the row that is being read
	counts []sheet.Count // its Types
	none   []sheet.Count // the Types of every row that reports none

	// What offices with candidates and counties with precincts were judged to
	// be: the same few come back again and again.
	kinds  map[[2]string]Kind
	places map[[2]string]Place
}

// typeColumn is a column that may turn out to be a vote type. Whether it is
// one shows only when all rows are read.
type typeColumn struct {
	col        int
	name       string
	good, bad  int
	complaints sheet.Problems
}

// maxTypes bounds the vote types. Each row keeps a count for each of them, so
// without it a small file with a wide header could fill the memory.
const maxTypes = 24

func newReader(t *sheet.Table, lim sheet.Limits) (*reader, error) {
	rd := &reader{
		table: t, file: &File{Name: t.Name, Header: t.Header, Problems: sheet.Problems{Keep: lim.Problems}},
		county: t.Col(columns.county...), precinct: t.Col(columns.precinct...),
		office: t.Col(columns.office...), district: t.Col(columns.district...),
		party: t.Col(columns.party...), candidate: t.Col(columns.candidate...),
		votes: t.Col(columns.votes...), winner: t.Col(columns.winner...),
		kinds: map[[2]string]Kind{}, places: map[[2]string]Place{},
	}
	rd.file.HasVotes = rd.votes >= 0
	known := []int{rd.county, rd.precinct, rd.office, rd.district, rd.party, rd.candidate, rd.votes, rd.winner}
	for i, name := range t.Header {
		switch {
		case slices.Contains(known, i):
		case notVoteTypes[name]:
			rd.file.Other = append(rd.file.Other, name)
		default:
			rd.others = append(rd.others, typeColumn{col: i, name: name, complaints: sheet.Problems{Keep: lim.Problems}})
			rd.file.Maybe = append(rd.file.Maybe, name)
		}
	}
	if len(rd.others) > maxTypes {
		return nil, &sheet.Error{File: t.Name, Line: t.HeaderLine, Say: fmt.Sprintf(
			"%d columns could be vote types, and no results have more than %d; keep the columns of the votes and remove the rest", len(rd.others), maxTypes)}
	}
	rd.counts, rd.none = make([]sheet.Count, len(rd.others)), make([]sheet.Count, len(rd.others))
	return rd, rd.missing()
}

// missing says which columns are lacking without which no row can be used.
func (rd *reader) missing() error {
	var names []string
	if rd.office < 0 {
		names = append(names, "office")
	}
	if rd.candidate < 0 {
		names = append(names, "candidate")
	}
	if rd.county < 0 && rd.precinct < 0 {
		names = append(names, "precinct")
	}
	if rd.votes < 0 && len(rd.others) == 0 {
		names = append(names, "votes")
	}
	return rd.table.Missing(names...)
}

// Fits says whether a header, in lower snake case, is one of OpenElections: its
// own names for office, candidate and place, and at least one column of votes.
// Read takes other names too, but a table that only has those may be anything.
func Fits(header []string) bool {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(header, n) })
	}
	return has("office") && has("candidate") && has("county", "parish", "precinct", "precinct_name") &&
		(has(columns.votes...) || slices.ContainsFunc(header, soundsLikeVotes))
}

// soundsLikeVotes says whether a column is called like a vote type.
func soundsLikeVotes(column string) bool {
	return slices.ContainsFunc([]string{"vote", "election_day", "early", "advance", "absentee", "mail", "provisional"}, func(word string) bool {
		return strings.Contains(column, word) && column != "vote_for"
	}) && column != "email"
}

// row takes in one line.
func (rd *reader) row(in sheet.Row) *Row {
	row := &rd.at
	*row = Row{
		Line: in.Line, County: in.Cell(rd.county), Precinct: in.Cell(rd.precinct),
		Office: in.Cell(rd.office), District: in.Cell(rd.district), Party: in.Cell(rd.party),
		Candidate: in.Cell(rd.candidate), Winner: in.Cell(rd.winner),
	}
	row.Kind = rd.kind(row.Office, row.Candidate)
	row.Place = rd.place(row.County, row.Precinct)
	rd.checkNames(row)
	if row.Kind != Turnout { // a percentage is no count and no mistake
		row.Votes = rd.count(in, rd.votes, &rd.file.Problems, "votes")
		row.Types = rd.types(in)
	} else {
		row.Types = rd.none
	}
	return row
}

// checkNames notes a row that counts votes for nobody. A straight-party vote is
// for a party and needs no candidate.
func (rd *reader) checkNames(row *Row) {
	if row.Kind != Choice {
		return
	}
	if row.Office == "" {
		rd.file.Problems.Add(row.Line, "office", "the row names no office")
	}
	if row.Candidate == "" && row.Party == "" {
		rd.file.Problems.Add(row.Line, "candidate", "the row names no candidate and no party")
	}
}

func (rd *reader) kind(office, candidate string) Kind {
	kind, ok := rd.kinds[[2]string{office, candidate}]
	if !ok {
		kind = Classify(office, candidate)
		rd.kinds[[2]string{office, candidate}] = kind
	}
	return kind
}

func (rd *reader) place(county, precinct string) Place {
	place, ok := rd.places[[2]string{county, precinct}]
	if !ok {
		place = PlaceOf(county, precinct)
		rd.places[[2]string{county, precinct}] = place
	}
	return place
}

// count reads one cell and notes what cannot be a count.
func (rd *reader) count(in sheet.Row, col int, problems *sheet.Problems, field string) sheet.Count {
	n, err := sheet.ParseCount(in.Cell(col))
	if err != nil {
		problems.Add(in.Line, field, "%s; it was read as not reported", err)
	}
	return n
}

// types reads the cells that may be vote types.
func (rd *reader) types(in sheet.Row) []sheet.Count {
	for i := range rd.others {
		rd.counts[i] = rd.typeCount(in, &rd.others[i])
	}
	return rd.counts
}

// typeCount reads one cell of a column that may be a vote type.
func (rd *reader) typeCount(in sheet.Row, c *typeColumn) sheet.Count {
	n, err := sheet.ParseCount(in.Cell(c.col))
	switch {
	case err != nil:
		c.bad++
		c.complaints.Add(in.Line, c.name, "%s; it was read as not reported", err)
	case n.Known():
		c.good++
	}
	return n
}

// isType says whether a column is a vote type: it holds numbers, and the few
// cells that are none are mistakes. A column that is empty throughout is one
// too: nothing speaks against its name.
func (c *typeColumn) isType() bool { return c.good > c.bad || c.good+c.bad == 0 }

// finish settles which columns were vote types.
func (rd *reader) finish() *File {
	f := rd.file
	f.IsType = make([]bool, len(rd.others))
	for i := range rd.others {
		c := &rd.others[i]
		if f.IsType[i] = c.isType(); f.IsType[i] {
			f.Types = append(f.Types, c.name)
			f.Problems.Join(&c.complaints)
			continue
		}
		f.Other = append(f.Other, c.name)
	}
	if len(f.Types) == 0 && !f.HasVotes {
		f.Problems.Add(rd.table.HeaderLine, "", "no column holds votes")
	}
	if len(f.Other) > 0 {
		f.Problems.Add(rd.table.HeaderLine, "", "the columns %s were not used", strings.Join(f.Other, ", "))
	}
	f.Problems.Join(&rd.table.Problems)
	sortProblems(f.Problems.List)
	return f
}

// dropTypes takes the columns out of every row that were no vote types. What
// rows share becomes the same for all of them, however often it is done.
func dropTypes(rows []Row, keep []bool) {
	for i := range rows {
		kept := rows[i].Types[:0]
		for j, c := range rows[i].Types {
			if keep[j] {
				kept = append(kept, c)
			}
		}
		rows[i].Types = kept
	}
}

// sortProblems brings the problems of all columns into the order of the file.
func sortProblems(list []sheet.Problem) {
	slices.SortStableFunc(list, func(a, b sheet.Problem) int { return a.Line - b.Line })
}

// Sum adds up the vote types of a row. It is not known as soon as one of them
// is not, because a part that is missing is not a 0.
func (r Row) Sum() sheet.Count {
	if len(r.Types) == 0 {
		return sheet.Count{}
	}
	var sum int64
	for _, n := range r.Types {
		if !n.Known() {
			return sheet.Count{}
		}
		sum += n.N
	}
	return sheet.N(sum)
}

// Write writes rows in the columns of OpenElections, with a column for every
// vote type behind the total.
func Write(w io.Writer, types []string, rows []Row, style sheet.Style) error {
	header := append([]string{"county", "precinct", "office", "district", "party", "candidate", "votes"}, types...)
	out, err := sheet.NewWriter(w, header, style)
	if err != nil {
		return err
	}
	cells := make([]string, len(header))
	for _, r := range rows {
		cells = append(cells[:0], r.County, r.Precinct, r.Office, r.District, r.Party, r.Candidate, r.Votes.String())
		for _, n := range r.Types {
			cells = append(cells, n.String())
		}
		if err := out.Write(cells...); err != nil {
			return err
		}
	}
	return out.Close()
}
