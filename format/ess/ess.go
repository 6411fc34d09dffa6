// SPDX-License-Identifier: Apache-2.0

// Package ess reads the fixed-width text that ES&S tabulators export (EL45 and
// its kin): one line per contest, candidate and precinct, every field in its
// columns, no header and no delimiters.
//
// Which columns those are differs by release, so a Layout says it. EL45 is the
// usual one. Lines for contests such as REGISTERED VOTERS - TOTAL and
// candidates such as OVER VOTES are told apart by the table of openelections.
// In a primary such counters come back once per party; the field Party says
// which line is whose.
package ess

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"hustings/format/openelections"
	"hustings/format/sheet"
)

// File is one file of results.
type File struct {
	Name     string
	Layout   Layout
	Count    int   // lines that could be used
	Rows     []Row // all of them, where Read was asked to keep them
	Problems sheet.Problems
}

// Row is one line.
type Row struct {
	Line            int
	ContestNumber   string
	CandidateNumber string
	PrecinctNumber  string
	Votes           sheet.Count
	Party           string
	DistrictType    string
	DistrictNumber  string
	Contest         string
	Candidate       string
	Precinct        string
	District        string
	VotesAllowed    sheet.Count
	Referendum      bool
	Kind            openelections.Kind
}

// Read reads a file with the columns of a layout, inside a zip archive or not,
// and keeps its rows.
func Read(name string, r io.Reader, layout Layout, lim sheet.Limits) (*File, error) {
	var rows []Row
	f, err := Each(name, r, layout, lim, func(row *Row) error {
		rows = append(rows, *row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.Rows = rows
	return f, nil
}

// Each reads a file with the columns of a layout, inside a zip archive or not,
// and hands over one row after the other, so that a large file costs no more
// memory than what is kept of it. A row is only there until the next; an error
// of do ends the reading and comes back as it is.
func Each(name string, r io.Reader, layout Layout, lim sheet.Limits, do func(*Row) error) (*File, error) {
	if err := layout.Check(); err != nil {
		return nil, &sheet.Error{File: name, Say: "the layout cannot be used", Err: err}
	}
	inner, name, err := sheet.Unwrap(name, r, lim)
	if err != nil {
		return nil, err
	}
	lim = lim.OrDefault()
	text := sheet.NewText(name, inner, lim)
	rd := newReader(name, layout, lim)
	if err := rd.lines(text, do); err != nil {
		return nil, err
	}
	rd.checkWidths()
	if n, line := text.Mended(); n > 0 {
		rd.file.Problems.Add(line, "", "from here on %d bytes are not UTF-8; they were read as Windows-1252", n)
	}
	return rd.file, nil
}

// reader cuts lines into fields.
type reader struct {
	file  *File
	lim   sheet.Limits
	last  Field // the field that stands furthest to the right of those a line cannot do without
	need  int   // the column up to which a line must reach
	kinds map[[2]string]openelections.Kind

	widths []width // of the line of each row
}

// width is how wide a line is, blanks at the end included.
type width struct{ line, columns int32 }

func newReader(name string, layout Layout, lim sheet.Limits) *reader {
	rd := &reader{
		file: &File{Name: name, Layout: layout, Problems: sheet.Problems{Keep: lim.Problems}},
		lim:  lim, kinds: map[[2]string]openelections.Kind{},
	}
	// Trailing blanks are often cut off, so a line may end inside a text. It
	// must reach the start of the last field that says who got the votes where.
	for _, f := range []Field{Votes, Contest, Candidate, Precinct} {
		span, ok := layout.Fields[f]
		if !ok {
			continue
		}
		column := span[0]
		if f == Votes {
			column = span[1]
		}
		if column > rd.need {
			rd.last, rd.need = f, column
		}
	}
	return rd
}

// lines reads line by line.
func (rd *reader) lines(text io.Reader, do func(*Row) error) error {
	sc := bufio.NewScanner(text)
	sc.Buffer(make([]byte, 0, 64<<10), rd.lim.Line)
	line := 0
	for sc.Scan() {
		line++
		s := strings.TrimRight(sc.Text(), " \x1a") // DOS ends its files with ^Z
		if s == "" {
			continue
		}
		if rd.file.Count >= rd.lim.Rows {
			return sheet.OverLimit(rd.file.Name, line, "rows", int64(rd.lim.Rows), "the file has more rows")
		}
		row, ok := rd.line(line, s)
		if !ok {
			continue
		}
		rd.file.Count++
		rd.widths = append(rd.widths, width{int32(line), int32(columns(sc.Text()).len())})
		if err := do(&row); err != nil {
			return err
		}
	}
	if errors.Is(sc.Err(), bufio.ErrTooLong) {
		return sheet.OverLimit(rd.file.Name, line+1, "line", int64(rd.lim.Line), "the row is longer")
	}
	if sc.Err() != nil {
		return sc.Err()
	}
	if line == 0 {
		return &sheet.Error{File: rd.file.Name, Say: "the file is empty"}
	}
	if rd.file.Count == 0 {
		return &sheet.Error{File: rd.file.Name, Say: "no line of the file fits the layout " + rd.file.Layout.Name + "; " + firstProblem(rd.file.Problems)}
	}
	return nil
}

func firstProblem(p sheet.Problems) string {
	if len(p.List) == 0 {
		return "all lines are blank"
	}
	return "the first problem is: " + p.List[0].String()
}

// line reads one line and says whether it could be used. A line that is too
// short, or whose votes are no number, was cut or belongs to another layout;
// nothing in it can be trusted.
func (rd *reader) line(line int, s string) (row Row, ok bool) {
	cut := columns(s)
	if cut.len() < rd.need {
		rd.file.Problems.Add(line, "", "the line has %d columns, but %s stands in column %d; the line was left out", cut.len(), rd.last, rd.need)
		return row, false
	}
	get := func(f Field) string { return cut.field(rd.file.Layout.Fields[f]) }
	votes, err := sheet.ParseCount(get(Votes))
	if err != nil {
		rd.file.Problems.Add(line, string(Votes), "%s, so the columns may not be those of the layout; the line was left out", err)
		return row, false
	}
	row = Row{
		Line: line, ContestNumber: get(ContestNumber), CandidateNumber: get(CandidateNumber), PrecinctNumber: get(PrecinctNumber),
		Votes: votes, Party: get(Party), DistrictType: get(DistrictType), DistrictNumber: get(DistrictNumber),
		Contest: get(Contest), Candidate: get(Candidate), Precinct: get(Precinct), District: get(District),
	}
	if row.VotesAllowed, err = sheet.ParseCount(get(VotesAllowed)); err != nil {
		rd.file.Problems.Add(line, string(VotesAllowed), "%s; it was read as not reported", err)
	}
	row.Referendum = isReferendum(get(Referendum))
	row.Kind = rd.kind(row.Contest, row.Candidate)
	return row, true
}

// checkWidths notes lines that are shorter than the rest in a file whose lines
// are all of one width: they were cut, and a name at their end may be too.
func (rd *reader) checkWidths() {
	count := map[int32]int{}
	var usual int32
	for _, w := range rd.widths {
		if count[w.columns]++; count[w.columns] > count[usual] {
			usual = w.columns
		}
	}
	if count[usual]*10 < len(rd.widths)*9 {
		return // blanks at the end were taken off; every width is as good
	}
	for _, w := range rd.widths {
		if w.columns < usual {
			rd.file.Problems.Add(int(w.line), "", "the line has %d columns where the others have %d; what stands at its end may be cut", w.columns, usual)
		}
	}
}

// isReferendum reads the flag, which is 1, Y or R where it is set.
func isReferendum(flag string) bool {
	return flag == "1" || strings.EqualFold(flag, "y") || strings.EqualFold(flag, "r")
}

func (rd *reader) kind(contest, candidate string) openelections.Kind {
	kind, ok := rd.kinds[[2]string{contest, candidate}]
	if !ok {
		kind = openelections.Classify(contest, candidate)
		rd.kinds[[2]string{contest, candidate}] = kind
	}
	return kind
}

// columnsOf is a line that can be cut by columns, which are letters and not
// bytes: an accent must not move what stands behind it.
type columnsOf struct {
	text  string
	runes []rune // only where the text is not plain ASCII
}

func columns(s string) columnsOf {
	c := columnsOf{text: s}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			c.runes = []rune(s)
			break
		}
	}
	return c
}

func (c columnsOf) len() int {
	if c.runes != nil {
		return len(c.runes)
	}
	return len(c.text)
}

// field gives the text of a span without the blanks around it; nothing for a
// field that the layout does not have or the line does not reach.
func (c columnsOf) field(s Span) string {
	from, to := s[0]-1, min(s[1], c.len())
	if from < 0 || from >= to {
		return ""
	}
	if c.runes != nil {
		return strings.TrimSpace(string(c.runes[from:to]))
	}
	return strings.TrimSpace(c.text[from:to])
}
