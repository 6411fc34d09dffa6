// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// ownTable reads the tables that this house writes for people and databases:
// one number in each row, or the workbook with a column for each vote type.
func ownTable(name string, r io.Reader, o Options) (*tally.Statement, error) {
	t, err := sheet.Open(name, r, o.Limits)
	if err != nil {
		return nil, err
	}
	b := newBook(name, "hustings-table")
	b.fileName(name)
	own := &ownRows{openRows: openRows{book: b}, county: o.County}
	own.unread.Keep = o.Limits.OrDefault().Problems
	own.columns(t)
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		b.st.Rows++
		own.row(row)
		if b.over != nil {
			return nil, b.over // there is no use in reading on
		}
	}
	own.blank.report(b, tally.Warn, "no_number")
	own.hidden.report(b, tally.Warn, "suppressed")
	b.problems(&own.unread)
	b.problems(&t.Problems)
	return b.finish()
}

// ownRows reads rows by the columns that export.Flat and export.XLSX write.
type ownRows struct {
	openRows
	county string // of files that name none
	long   bool   // one number in each row

	electionCol, dateCol, statusCol, countyCol, unitCol, unitIDCol, unitTypeCol                             int
	contestCol, contestIDCol, officeCol, districtCol, voteForCol, choiceCol, choiceIDCol, kindCol, partyCol int
	roundCol, typeCol, votesCol                                                                             int
	more                                                                                                    []ownColumn
	unread                                                                                                  sheet.Problems
}

// ownColumn is a column with the votes of one vote type.
type ownColumn struct {
	col  int
	name string
	typ  int16
}

func (own *ownRows) columns(t *sheet.Table) {
	own.electionCol, own.dateCol, own.statusCol = t.Col("election"), t.Col("date"), t.Col("status")
	own.countyCol, own.unitCol, own.unitIDCol, own.unitTypeCol = t.Col("county"), t.Col("unit"), t.Col("unit_id"), t.Col("unit_type")
	own.contestCol, own.contestIDCol, own.voteForCol = t.Col("contest"), t.Col("contest_id"), t.Col("vote_for")
	own.officeCol, own.districtCol = t.Col("office"), t.Col("district")
	own.choiceCol, own.choiceIDCol, own.kindCol, own.partyCol = t.Col("choice"), t.Col("choice_id"), t.Col("choice_kind"), t.Col("party")
	own.roundCol, own.typeCol, own.votesCol = t.Col("round"), t.Col("vote_type"), t.Col("votes")
	own.long = own.typeCol >= 0
	if own.long {
		return
	}
	for i := own.votesCol + 1; i < len(t.Header); i++ {
		own.more = append(own.more, ownColumn{i, t.Titles[i], own.voteType(t.Titles[i], "")})
	}
}

func (own *ownRows) row(row sheet.Row) {
	own.heading(row)
	unit, choice := own.unitOf(row), own.choiceOf(row)
	round := int16(0)
	if n, ok := own.number(row, own.roundCol, "round"); ok && n <= math.MaxInt16 {
		round = int16(n)
	}
	typ := tally.TotalType
	if name := row.Cell(own.typeCol); name != "" && name != string(election.Total) {
		typ = own.voteType(name, "")
	}
	known := own.add(row, own.votesCol, "votes", unit, choice, typ, round)
	for _, c := range own.more {
		known = own.add(row, c.col, c.name, unit, choice, c.typ, round) || known
	}
	if !known {
		own.blank.add(row.Cell(own.countyCol), row.Line)
	}
}

// add takes one number of a row; told is false where there is none.
func (own *ownRows) add(row sheet.Row, col int, name string, unit, choice int32, typ, round int16) (told bool) {
	n, ok := own.number(row, col, name)
	if ok {
		own.count(unit, choice, typ, round, row.Line, n)
	}
	return ok || row.Cell(col) == "*"
}

func (own *ownRows) number(row sheet.Row, col int, name string) (n int64, ok bool) {
	c, err := sheet.ParseCount(row.Cell(col))
	if err != nil {
		own.unread.Add(row.Line, name, "%s; it was read as not reported", err)
		return 0, false
	}
	if c.Is == sheet.Suppressed {
		own.hidden.add(row.Cell(own.countyCol), row.Line)
	}
	return c.N, c.Known()
}

// heading takes what every row says of the whole, from the first that does.
func (own *ownRows) heading(row sheet.Row) {
	if day := election.Date(row.Cell(own.dateCol)); own.st.Date == "" && isDay(string(day)) {
		own.st.Date = day
	}
	if s := election.Status(row.Cell(own.statusCol)); own.st.Status == "" && s.Valid() {
		own.st.Status = s
	}
	id := row.Cell(own.electionCol)
	if own.st.Election != "" || id == "" {
		return
	}
	if len(id) > 11 && isDay(id[:10]) {
		own.st.Date = cmp.Or(own.st.Date, election.Date(id[:10]))
		id = strings.TrimLeft(id[10:], "-")
	}
	name := strings.ReplaceAll(id, "-", " ")
	own.st.Election = strings.ToUpper(name[:1]) + name[1:]
}

// text is a cell without what keeps a spreadsheet from running it.
func (own *ownRows) text(row sheet.Row, col int) string { return sheet.Unguard(row.Cell(col)) }

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func (own *ownRows) unitOf(row sheet.Row) int32 {
	county, name, code := cmp.Or(own.text(row, own.countyCol), own.county), own.text(row, own.unitCol), row.Cell(own.unitIDCol)
	typ := election.UnitType(row.Cell(own.unitTypeCol))
	if typ == "" && name == "" { // the workbook names the county in its own column alone
		typ = election.County
	}
	return own.unit(unitKey{county, name, code}, func() tally.NamedUnit {
		u := tally.NamedUnit{County: county, Name: name, Number: leadingNumber(name), Code: code, Type: typ, Parent: -1, Line: int32(row.Line)}
		switch {
		case typ == election.County:
			u.County, u.Name, u.Number = cmp.Or(county, name), "", ""
		case typ == "" && isBatch(name):
			u.Type = election.BallotBatch
		}
		return u
	})
}

// choiceOf is what a row counts. In the workbook the name alone tells numbers
// that are no choice's votes.
func (own *ownRows) choiceOf(row sheet.Row) int32 {
	name, kind, contest := own.text(row, own.choiceCol), row.Cell(own.kindCol), tally.NoContest
	if title := own.text(row, own.contestCol); title != "" {
		k := contestKey{name: title, code: row.Cell(own.contestIDCol)}
		if d := own.text(row, own.districtCol); d != "" {
			k.name, k.district = own.text(row, own.officeCol), d
		}
		contest = own.contest(k, row.Line)
		if n, ok := own.number(row, own.voteForCol, "vote_for"); ok && n > 0 && n < math.MaxInt16 {
			c := &own.st.Contests[contest]
			c.VotesAllowed = max(c.VotesAllowed, int(n))
		}
	}
	if kind == "" && row.Cell(own.choiceIDCol) == "" {
		kind = strings.ReplaceAll(strings.ToLower(name), " ", "-")
	}
	if m, ok := ownMeasures[kind]; ok {
		return own.measure(contest, m, "", row.Line)
	}
	at := own.choice(contest, name, own.text(row, own.partyCol), row.Cell(own.choiceIDCol), row.Line)
	if k := election.ChoiceKind(kind); slices.Contains(choiceKinds, k) {
		own.st.Choices[at].Kind = k
	}
	return at
}

var choiceKinds = []election.ChoiceKind{election.Candidate, election.WriteIn, election.Yes, election.No, election.Option, election.Ticket}

// ownMeasures are the words of choice_kind for numbers that are no votes, and
// their names in the workbook.
var ownMeasures = map[string]tally.Measure{
	"overvotes": tally.Over, "undervotes": tally.Under, "ballots-cast": tally.Ballots, "registered-voters": tally.Registered,
	"blank-ballots": tally.Blank, "rejected-ballots": tally.Rejected, "outstanding-ballots": tally.Outstanding,
	"check-ins": tally.CheckIns, "exhausted-ballots": tally.Exhausted, "subtotal": tally.Subtotal,
}
