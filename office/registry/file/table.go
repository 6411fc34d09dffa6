// SPDX-License-Identifier: Apache-2.0

package file

import (
	"bufio"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
)

// table reads a table by its headers.
func (rd *reader) table(name string, in *bufio.Reader) error {
	t, err := sheet.Open(name, in, rd.lim)
	if err != nil {
		return err
	}
	rd.Kind = CSV
	if t.Format == sheet.XLSX {
		rd.Kind = XLSX
	}
	tr := &tableReader{reader: rd, name: t.Name}
	tr.at, rd.Used, rd.Ignored = recognise(t, rd.columns)
	if err := tr.enough(t); err != nil {
		return err
	}
	for row, err := range t.Rows() {
		if err == nil {
			err = tr.line(row, len(t.Header))
		}
		if err != nil {
			tr.finish(t)
			return err
		}
	}
	tr.finish(t)
	return nil
}

// tableReader takes rows over by the columns of their table.
type tableReader struct {
	*reader
	name  string
	at    layout
	row   sheet.Row
	wrong []Trouble // of the row in hand
}

// enough refuses a table that does not say who its people are.
func (tr *tableReader) enough(t *sheet.Table) error {
	_, last := tr.at[Last]
	_, full := tr.at[FullName]
	_, id := tr.at[ID]
	if last || full || id && len(tr.at) > 1 {
		return nil
	}
	return &sheet.Error{File: t.Name, Line: t.HeaderLine, Say: "the file is no roll and no intake that is known: neither Voter Records Interchange, nor the layout of North Carolina, nor a table with a column for the last name; its columns are " + t.Columns()}
}

func (tr *tableReader) finish(t *sheet.Table) {
	tr.Encoding = t.Encoding()
	// Rows of the wrong width are told already, each with what was done about it.
	t.Problems.List = slices.DeleteFunc(t.Problems.List, func(p sheet.Problem) bool { return strings.Contains(p.Say, "cells but the header has") })
	t.Problems.More = max(0, t.Problems.More-tr.LeftOut)
	tr.take(t.Problems)
}

// tell notes a trouble of the row in hand.
func (tr *tableReader) tell(c Column, what, remedy string) {
	tr.wrong = append(tr.wrong, Trouble{Line: tr.row.Line, Field: tr.title(c), What: what, Remedy: remedy})
}

func (tr *tableReader) title(c Column) string {
	for _, u := range tr.Used {
		if u.As == c {
			return u.Header
		}
	}
	return string(c)
}

// keep takes over troubles, the first ones word by word.
func (s *Source) keep(most int, list ...Trouble) {
	for _, t := range list {
		if len(s.Troubles) < most {
			s.Troubles = append(s.Troubles, t)
		} else {
			s.More++
		}
	}
}

// line takes over one row. A row of which several cells cannot be what their
// column says has its cells shifted.
func (tr *tableReader) line(row sheet.Row, width int) error {
	tr.row, tr.wrong, tr.record = row, tr.wrong[:0], Record{Line: row.Line}
	if row.Len() != width && (tr.Kind == CSV || row.Len() > width) {
		return tr.leave("the row has "+strconv.Itoa(row.Len())+" cells and the header "+strconv.Itoa(width), "it was left out: nobody knows which column its cells belong to; look for a delimiter inside a cell without quotes")
	}
	tr.who()
	tr.standing()
	tr.addresses()
	tr.reach()
	const shifted = 3
	if len(tr.wrong) >= shifted {
		return tr.leave(strconv.Itoa(len(tr.wrong))+" cells cannot be what their columns say, such as "+tr.wrong[0].Field, "it was left out: its cells seem to be shifted")
	}
	tr.keep(tr.most(), tr.wrong...)
	v := &tr.record.Voter
	if v.ID == "" && v.Name == (roll.Name{}) {
		return tr.leave("the row has neither a name nor a number of a voter", "it was left out")
	}
	tr.Records++
	return tr.do(&tr.record)
}

func (tr *tableReader) most() int { return tr.lim.OrDefault().Problems }

func (tr *tableReader) leave(what, remedy string) error {
	tr.LeftOut++
	tr.keep(tr.most(), Trouble{Line: tr.row.Line, What: what, Remedy: remedy})
	return nil
}

// cell gives a cell, cleaned of what cannot be printed.
func (tr *tableReader) cell(c Column) string {
	i, ok := tr.at[c]
	if !ok {
		return ""
	}
	s := sheet.Unguard(tr.row.Cell(i))
	if len(s) > longest {
		tr.wrong = append(tr.wrong, tooLong(tr.row.Line, tr.title(c), len(s)))
		return ""
	}
	if ascii(s) {
		return s
	}
	out := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == 0xA0:
			return ' '
		case unicode.IsControl(r) || r == utf8.RuneError || r == 0xFEFF || r >= 0xFFFE:
			return -1
		}
		return r
	}, s)
	if len(out) < len(s) && strings.ContainsFunc(s, unicode.IsControl) {
		tr.tell(c, "it holds characters that cannot be printed", "they were dropped")
	}
	return strings.TrimSpace(out)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func (tr *tableReader) day(c Column) election.Date {
	s := tr.cell(c)
	if s == "" || strings.Trim(s, "0-/ ") == "" {
		return ""
	}
	d := day(s)
	if d == "" && c == Birth && digits(s, 4) {
		tr.record.Voter.Year, _ = strconv.Atoi(s)
		return ""
	}
	if d == "" {
		tr.tell(c, "it is no day of the calendar", "it was left aside; write 2026-11-03 or 11/03/2026")
	}
	return d
}

func (tr *tableReader) who() {
	v := &tr.record.Voter
	v.ID = roll.ID(tr.cell(ID))
	v.Name = roll.Name{Prefix: tr.cell(Prefix), First: tr.cell(First), Middle: tr.cell(Middle), Last: tr.cell(Last), Suffix: tr.cell(Suffix), Full: tr.cell(FullName)}
	for _, part := range []struct {
		c Column
		s string
	}{{First, v.Name.First}, {Last, v.Name.Last}} {
		if part.s != "" && digits(part.s, len(part.s)) {
			tr.tell(part.c, "it is a number where a name should be", "it was read as it stands")
		}
	}
	v.Birth = tr.day(Birth)
	if s := tr.cell(BirthYear); s != "" {
		y, err := strconv.Atoi(s)
		if err != nil || y < 1850 || y > 2100 {
			tr.tell(BirthYear, "it is not the year of a birth", "it was left aside; write four digits")
		} else {
			v.Year = y
		}
	}
	if v.Birth != "" {
		v.Year = 0
	}
	v.Gender, v.Race, v.Ethnic = tr.cell(Gender), tr.cell(Race), tr.cell(Ethnicity)
	v.Party, v.County = election.PartyID(tr.cell(Party)), tr.cell(County)
	v.Precinct = election.UnitID(tr.cell(Precinct))
	for _, id := range []struct {
		c    Column
		kind roll.IdentifierKind
	}{{License, roll.License}, {SSN4, roll.SSN4}, {SSN, roll.SSN}, {StateID, roll.StateID}} {
		if s := tr.cell(id.c); s != "" {
			v.Identifiers = append(v.Identifiers, roll.Identifier{Kind: id.kind, Value: hide.New(s)})
		}
	}
}

// states are the words that lists use for the states of a registration.
var states = map[string]roll.State{
	"active": roll.Active, "a": roll.Active, "act": roll.Active, "registered": roll.Active, "inactive": roll.Inactive, "i": roll.Inactive, "inact": roll.Inactive,
	"pending": roll.Pending, "p": roll.Pending, "preregistered": roll.PreRegistered, "prereg": roll.PreRegistered, "challenged": roll.Challenged,
	"suspended": roll.Challenged, "denied": roll.Denied, "d": roll.Denied, "rejected": roll.Denied, "cancelled": roll.Cancelled, "canceled": roll.Cancelled,
	"c": roll.Cancelled, "removed": roll.Cancelled, "r": roll.Cancelled, "purged": roll.Cancelled, "temporary": roll.Active, "s": roll.Active,
}

var unmarked = strings.NewReplacer("-", "", " ", "", "_", "")

func stateFor(s string) roll.State {
	if known, ok := states[s]; ok {
		return known
	}
	return states[unmarked.Replace(strings.ToLower(s))]
}

// reasons by the words and by the codes of North Carolina, in lower case.
var reasons = func() map[string]roll.Reason {
	out := make(map[string]roll.Reason)
	for _, s := range standings {
		out[strings.ToLower(s.reason)] = s.why
	}
	for _, r := range []roll.Reason{roll.Verified, roll.Unverified, roll.Incomplete, roll.ConfirmationSent, roll.Undeliverable, roll.NotAnswered, roll.ByVoter, roll.Moved,
		roll.TwoElections, roll.Deceased, roll.Felony, roll.Incapacity, roll.NotCitizen, roll.NotOfAge, roll.Duplicate, roll.Mistake, roll.Sustained, roll.Temporary} {
		out[string(r)] = r
	}
	return out
}()

func (tr *tableReader) standing() {
	v := &tr.record.Voter
	if s := tr.cell(Status); s != "" {
		if v.State = stateFor(s); v.State == "" {
			tr.tell(Status, "it is no status that is known, such as active, inactive, pending, cancelled or denied", "it was left aside")
		}
	}
	if s := tr.cell(Reason); s != "" {
		r, known := reasons[strings.ToLower(s)]
		if !known {
			tr.drop("reasons that are not known", 1)
			r = ""
		}
		v.Reason = r
	}
	v.Since, v.Registered = tr.day(Since), tr.day(Registered)
	v.Source = roll.Source(tr.cell(From))
	switch s := strings.ToLower(tr.cell(Citizen)); s {
	case "":
	case "y", "yes", "true", "1":
		v.Assertions = append(v.Assertions, roll.Assertion{Kind: "united-states-citizen", Value: "yes"})
	case "n", "no", "false", "0":
		v.Assertions = append(v.Assertions, roll.Assertion{Kind: "united-states-citizen", Value: "no"})
	default:
		v.Assertions = append(v.Assertions, roll.Assertion{Kind: "united-states-citizen", Value: "unknown"})
	}
	if s := strings.ToLower(tr.cell(Protected)); s != "" && !no(s) {
		v.Protected = s
	}
	s := strings.ToLower(tr.cell(NeedsID))
	v.NeedsID = s != "" && !no(s)
}

func no(s string) bool { return s == "n" || s == "no" || s == "false" || s == "0" }

func (tr *tableReader) addresses() {
	v := &tr.record.Voter
	if tr.cell(Street) != "" {
		v.Home = roll.Address{Number: tr.cell(Number), Before: tr.cell(Before), Street: tr.cell(Street), Type: tr.cell(Type), After: tr.cell(After)}
		if half := tr.cell(Half); half != "" {
			v.Home.Number += " " + half
		}
	} else if line := tr.cell(Line1); line != "" {
		if n := tr.cell(Number); n != "" && !strings.HasPrefix(line, n+" ") {
			line = n + " " + line
		}
		v.Home = roll.ReadLine(line)
	}
	if unit := tr.cell(Unit); unit != "" && v.Home.Unit == "" {
		v.Home.UnitKind, v.Home.Unit = tr.cell(UnitKind), unit
	}
	if s := tr.cell(Line2); s != "" {
		v.Home.Lines = append(v.Home.Lines, s)
	}
	v.Home.City, v.Home.State, v.Home.ZIP = tr.cell(City), tr.cell(StateCode), tr.zip(ZIP)
	if four := tr.cell(Zip4); digits(four, 4) && four != "" && len(v.Home.ZIP) == 5 {
		v.Home.ZIP += "-" + four
	}
	tr.point()
	m := roll.ReadLine(tr.cell(Mail1))
	for _, c := range []Column{Mail2, Mail3, Mail4} {
		if s := tr.cell(c); s != "" {
			m.Lines = append(m.Lines, s)
		}
	}
	m.City, m.State, m.ZIP, m.Country = tr.cell(MailCity), tr.cell(MailState), zip(tr.cell(MailZIP)), tr.cell(MailLand)
	if !m.Empty() {
		v.Mail = &m
	}
}

// zip reads a ZIP code. Spreadsheets drop the zeros in front.
func (tr *tableReader) zip(c Column) string {
	s := zip(tr.cell(c))
	if (len(s) == 4 || len(s) == 3) && digits(s, len(s)) {
		return strings.Repeat("0", 5-len(s)) + s
	}
	if s != "" && !digits(s[:min(5, len(s))], 5) {
		tr.tell(c, "it is not a ZIP code", "it was read as it stands")
	}
	return s
}

func (tr *tableReader) point() {
	lon, lat := tr.cell(Longitude), tr.cell(Latitude)
	if lon == "" || lat == "" {
		return
	}
	x, err1 := strconv.ParseFloat(lon, 64)
	y, err2 := strconv.ParseFloat(lat, 64)
	if err1 != nil || err2 != nil || !(x >= -180 && x <= 180 && y >= -90 && y <= 90) {
		tr.tell(Longitude, "longitude and latitude are not degrees", "they were left aside")
		return
	}
	tr.record.Voter.Home.Point = &roll.Point{Latitude: y, Longitude: x}
}

func (tr *tableReader) reach() {
	v := &tr.record.Voter
	if s := tr.cell(Phone); s != "" {
		v.Contact = append(v.Contact, roll.Contact{Kind: "phone", Value: s})
	}
	if s := tr.cell(Email); s != "" {
		if !strings.Contains(s, "@") {
			tr.tell(Email, "it is not an e-mail address", "it was read as it stands")
		}
		v.Contact = append(v.Contact, roll.Contact{Kind: "email", Value: s})
	}
	if s := tr.cell(Language); s != "" {
		v.Langs = strings.Fields(strings.ReplaceAll(s, ",", " "))
	}
}
