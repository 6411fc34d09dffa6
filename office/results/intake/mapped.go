// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"hustings/format/openelections"
	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// mapped reads a table whose columns a person has explained.
func mapped(name string, r io.Reader, o Options) (*tally.Statement, error) {
	m := o.Mapping
	if err := m.Check(); err != nil {
		return nil, fileError(name, err)
	}
	var how []sheet.Choice
	if m.Sheet != "" {
		how = append(how, sheet.PickSheet(m.Sheet))
	}
	t, err := sheet.Open(name, r, o.Limits, how...)
	if err != nil {
		return nil, err
	}
	b := newBook(name, "mapped")
	b.fileName(name)
	mr := &mappedRows{openRows: openRows{book: b, told: make(map[openelections.Kind]bool)}, m: m, facts: make(map[factKey]fact)}
	mr.keep = o.Limits.OrDefault().Problems
	if err := mr.columns(t); err != nil {
		return nil, err
	}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		mr.st.Rows++
		if m.Shape == Wide {
			mr.wideRow(row, o.County)
		} else {
			mr.longRow(row, o.County)
		}
		if b.over != nil {
			return nil, b.over // there is no use in reading on
		}
	}
	mr.blank.report(b, tally.Warn, "no_number")
	mr.hidden.report(b, tally.Warn, "suppressed")
	b.problems(&mr.unread)
	b.problems(&t.Problems)
	return b.finish()
}

// mappedRows reads rows by a mapping. What rows count is told apart as in the
// files of OpenElections, whose office and candidate columns everybody copies.
type mappedRows struct {
	openRows
	m    *Mapping
	keep int

	countyCol, precinctCol, codeCol, registeredCol, ballotsCol, contestCol, districtCol, choiceCol, partyCol, votesCol, modeCol, voteForCol int

	columnsOf []mappedColumn // vote types of a long row, choices of a wide one
	facts     map[factKey]fact
	unread    sheet.Problems
}

// mappedColumn is one column of numbers.
type mappedColumn struct {
	col  int
	name string
	typ  int16
	wide ChoiceColumn
}

type factKey struct {
	unit int32
	m    tally.Measure
}

type fact struct {
	n    int64
	line int
	told bool // that it is not the same everywhere
}

// columns finds the columns of the mapping in the header; all of them must be
// there, or the file is not what the mapping was made for.
func (mr *mappedRows) columns(t *sheet.Table) error {
	var missing []string
	find := func(name string) int {
		if name == "" {
			return -1
		}
		i := t.Col(sheet.Snake(name))
		if i < 0 {
			missing = append(missing, name)
		}
		return i
	}
	m := mr.m
	mr.unread.Keep = mr.keep
	mr.countyCol, mr.precinctCol, mr.codeCol = find(m.County), find(m.Precinct), find(m.Code)
	mr.registeredCol, mr.ballotsCol = find(m.Registered), find(m.Ballots)
	mr.contestCol, mr.districtCol, mr.choiceCol, mr.partyCol = find(m.Contest), find(m.District), find(m.Choice), find(m.Party)
	mr.votesCol, mr.modeCol, mr.voteForCol = find(m.Votes), find(m.Mode), find(m.VoteFor)
	for _, c := range m.Types {
		mr.columnsOf = append(mr.columnsOf, mappedColumn{col: find(c.Column), name: c.Column, typ: mr.typeAt(c.Type)})
	}
	for _, c := range m.Choices {
		mr.columnsOf = append(mr.columnsOf, mappedColumn{col: find(c.Column), name: c.Column, typ: mr.typeAt(c.Type), wide: c})
	}
	used := []int{mr.countyCol, mr.precinctCol, mr.codeCol, mr.registeredCol, mr.ballotsCol, mr.contestCol, mr.districtCol, mr.choiceCol, mr.partyCol, mr.votesCol, mr.modeCol, mr.voteForCol}
	for _, c := range mr.columnsOf {
		used = append(used, c.col)
	}
	mr.unused(t, used)
	return t.Missing(missing...)
}

func (mr *mappedRows) typeAt(name string) int16 {
	if name == "" || tally.Item(name) == "total" {
		return tally.TotalType
	}
	return mr.voteType(name, "")
}

// unused tells of columns that the mapping says nothing about: a new column
// may hold votes.
func (mr *mappedRows) unused(t *sheet.Table, used []int) {
	var names []string
	for i, title := range t.Titles {
		ignored := slices.ContainsFunc(mr.m.Ignored, func(s string) bool { return sheet.Snake(s) == t.Header[i] })
		if !ignored && !slices.Contains(used, i) {
			names = append(names, title)
		}
	}
	if len(names) > 0 {
		mr.find("I01", tally.Warn, "columns_unused", t.HeaderLine, map[string]string{"names": strings.Join(names, "; "), "n": itoa(len(names))})
	}
}

// place is the unit of a row.
func (mr *mappedRows) place(row sheet.Row, county string) (unit int32, at openelections.Row) {
	at = openelections.Row{Line: row.Line, County: row.Cell(mr.countyCol), Precinct: row.Cell(mr.precinctCol)}
	if at.County == "" {
		at.County = mr.m.InCounty
	}
	if at.County == "" {
		at.County = county
	}
	code := row.Cell(mr.codeCol)
	if at.Precinct == "" {
		at.Precinct = code
	}
	at.Place = openelections.PlaceOf(at.County, at.Precinct)
	unit = mr.unitOf(&at)
	if code != "" && mr.st.Units[unit].Number == "" && at.Place == openelections.InPrecinct {
		mr.st.Units[unit].Number = code
	}
	mr.once(unit, tally.Registered, row, mr.registeredCol, mr.m.Registered)
	mr.once(unit, tally.Ballots, row, mr.ballotsCol, mr.m.Ballots)
	return unit, at
}

// once takes a number about a unit that a long table repeats in each row. If
// it is not the same in all of them, that is told and the first one stays.
func (mr *mappedRows) once(unit int32, m tally.Measure, row sheet.Row, col int, name string) {
	n, ok := mr.number(row, col, name)
	if col < 0 || !ok {
		return
	}
	k := factKey{unit, m}
	have, again := mr.facts[k]
	switch {
	case !again:
		mr.facts[k] = fact{n: n, line: row.Line}
		mr.count(unit, mr.measure(tally.NoContest, m, "", row.Line), tally.TotalType, 0, row.Line, n)
	case have.n != n && !have.told:
		u := mr.st.Units[unit]
		mr.find("I01", tally.Block, "fact_twice", have.line, map[string]string{"name": name, "unit": strings.Trim(u.County+" / "+u.Name, " /"),
			"first": strconv.FormatInt(have.n, 10), "again": strconv.FormatInt(n, 10), "again_line": itoa(row.Line)})
		have.told = true
		mr.facts[k] = have
	}
}

// number reads a cell as a count; ok is false where there is none.
func (mr *mappedRows) number(row sheet.Row, col int, name string) (n int64, ok bool) {
	if col < 0 {
		return 0, false
	}
	c, err := sheet.ParseCount(row.Cell(col))
	if err != nil {
		mr.unread.Add(row.Line, name, "%s; it was read as not reported", err)
		return 0, false
	}
	if c.Is == sheet.Suppressed {
		mr.hidden.add(row.Cell(mr.countyCol), row.Line)
	}
	return c.N, c.Known()
}

func (mr *mappedRows) longRow(row sheet.Row, county string) {
	unit, r := mr.place(row, county)
	r.Office, r.District = row.Cell(mr.contestCol), row.Cell(mr.districtCol)
	if mr.contestCol < 0 {
		r.Office = mr.m.Only
	}
	r.Candidate, r.Party = row.Cell(mr.choiceCol), row.Cell(mr.partyCol)
	r.Kind = openelections.Classify(r.Office, r.Candidate)
	choice, ok := mr.choiceOf(&r)
	if !ok {
		return
	}
	if n, ok := mr.number(row, mr.voteForCol, mr.m.VoteFor); ok && n > 0 && n < math.MaxInt16 && mr.st.Choices[choice].Contest >= 0 {
		c := &mr.st.Contests[mr.st.Choices[choice].Contest]
		c.VotesAllowed = max(c.VotesAllowed, int(n))
	}
	known := false
	if n, ok := mr.number(row, mr.votesCol, mr.m.Votes); ok {
		mr.count(unit, choice, mr.typeAt(row.Cell(mr.modeCol)), 0, row.Line, n)
		known = true
	}
	for _, c := range mr.columnsOf {
		if n, ok := mr.number(row, c.col, c.name); ok {
			mr.count(unit, choice, c.typ, 0, row.Line, n)
			known = true
		}
	}
	if !known {
		mr.blank.add(r.County, row.Line)
	}
}

func (mr *mappedRows) wideRow(row sheet.Row, county string) {
	unit, r := mr.place(row, county)
	for _, c := range mr.columnsOf {
		n, ok := mr.number(row, c.col, c.name)
		if !ok {
			mr.blank.add(r.County, row.Line)
			continue
		}
		mr.count(unit, mr.wideChoice(c.wide, row), c.typ, 0, row.Line, n)
	}
}

// wideChoice is what a column of a wide table counts.
func (mr *mappedRows) wideChoice(c ChoiceColumn, row sheet.Row) int32 {
	m := measureWords[c.Measure]
	if c.Measure != "" && c.Contest == "" && (m == tally.Registered || m == tally.Ballots || m == tally.Blank || m == tally.Rejected || m == tally.Outstanding) {
		return mr.measure(tally.NoContest, m, "", row.Line)
	}
	name := c.Contest
	if name == "" {
		name = mr.m.Only
	}
	if name == "" {
		name = row.Cell(mr.contestCol)
	}
	contest := mr.contest(contestKey{name: name, district: c.District}, row.Line)
	if c.Measure != "" {
		return mr.measure(contest, m, c.Choice, row.Line)
	}
	return mr.choice(contest, c.Choice, c.Party, "", row.Line)
}
