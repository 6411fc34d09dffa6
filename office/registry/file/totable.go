// SPDX-License-Identifier: Apache-2.0

package file

import (
	"io"
	"strconv"
	"strings"

	"hustings/format/sheet"
	"hustings/office/registry/roll"
)

// tableWriter writes tables that this package reads again.
type tableWriter struct {
	losses
	columns []func(*roll.Voter) string
	private bool
	csv     *sheet.Writer
	book    *sheet.Workbook
	cells   []string
	row     []any
}

func newTable(w io.Writer, k Kind, c Choices) (*tableWriter, error) {
	out := &tableWriter{losses: newLosses(), private: c.Private}
	var header []string
	for _, c := range written(c.Private) {
		header, out.columns = append(header, string(c)), append(out.columns, values[c])
	}
	var err error
	if k == XLSX {
		out.book, err = sheet.NewWorkbook(w, "Voters", header)
		return out, err
	}
	out.csv, err = sheet.NewWriter(w, header, sheet.Style{Guard: true})
	return out, err
}

// Write adds a voter.
func (w *tableWriter) Write(r *Record) error {
	v := &r.Voter
	w.cells = w.cells[:0]
	for _, value := range w.columns {
		w.cells = append(w.cells, value(v))
	}
	w.count(r)
	w.records++
	if w.csv != nil {
		return w.csv.Write(w.cells...)
	}
	w.row = w.row[:0]
	for _, s := range w.cells {
		w.row = append(w.row, s)
	}
	return w.book.Write(w.row...)
}

// Close ends the table.
func (w *tableWriter) Close() error {
	if w.csv != nil {
		return w.csv.Close()
	}
	return w.book.Close()
}

// count counts what the table has no column for.
func (w *tableWriter) count(r *Record) {
	v := &r.Voter
	if !w.private {
		if v.Birth != "" {
			w.lose(1, "month and day of birth; --private keeps them")
		}
		w.lose(len(v.Identifiers), "identifiers; --private keeps them")
	}
	w.lose(len(r.Asks), "what a request asked for")
	w.lose(one(r.Transaction), "the number of the request")
	w.lose(len(v.Former), "former names")
	w.lose(len(v.Districts), "districts")
	w.lose(len(v.Wishes), "standing requests for ballots")
	w.lose(one(v.Home.Directions), "directions to a home")
	further := max(0, len(v.Home.Lines)-1)
	for line := range mail(v).Lines {
		if line > 3 || line > 2 && mail(v).Street != "" {
			further++
		}
	}
	w.lose(further, "further lines of addresses")
	said := 0
	for _, a := range v.Assertions {
		if a.Kind != "united-states-citizen" {
			said++
		}
	}
	w.lose(said, "what voters said of themselves beside citizenship")
	more := len(v.Contact)
	for _, kind := range [...]string{"phone", "email"} {
		if reach(v, kind) != "" {
			more--
		}
	}
	w.lose(more, "contacts beside the first phone and e-mail address")
}

// values says what the columns of a written table hold of a voter.
var values = map[Column]func(v *roll.Voter) string{
	ID:         func(v *roll.Voter) string { return string(v.ID) },
	FullName:   func(v *roll.Voter) string { return v.Name.Full },
	Prefix:     func(v *roll.Voter) string { return v.Name.Prefix },
	First:      func(v *roll.Voter) string { return v.Name.First },
	Middle:     func(v *roll.Voter) string { return v.Name.Middle },
	Last:       func(v *roll.Voter) string { return v.Name.Last },
	Suffix:     func(v *roll.Voter) string { return v.Name.Suffix },
	Birth:      func(v *roll.Voter) string { return string(v.Birth) },
	BirthYear:  birthYear,
	Gender:     func(v *roll.Voter) string { return v.Gender },
	Race:       func(v *roll.Voter) string { return v.Race },
	Ethnicity:  func(v *roll.Voter) string { return v.Ethnic },
	Party:      func(v *roll.Voter) string { return string(v.Party) },
	Status:     func(v *roll.Voter) string { return string(v.State) },
	Reason:     func(v *roll.Voter) string { return string(v.Reason) },
	Since:      func(v *roll.Voter) string { return string(v.Since) },
	Registered: func(v *roll.Voter) string { return string(v.Registered) },
	From:       func(v *roll.Voter) string { return string(v.Source) },
	County:     func(v *roll.Voter) string { return v.County },
	Precinct:   func(v *roll.Voter) string { return string(v.Precinct) },
	Language:   func(v *roll.Voter) string { return strings.Join(v.Langs, " ") },
	Number:     func(v *roll.Voter) string { return v.Home.Number },
	Before:     func(v *roll.Voter) string { return v.Home.Before },
	Street:     func(v *roll.Voter) string { return v.Home.Street },
	Type:       func(v *roll.Voter) string { return v.Home.Type },
	After:      func(v *roll.Voter) string { return v.Home.After },
	UnitKind:   func(v *roll.Voter) string { return v.Home.UnitKind },
	Unit:       func(v *roll.Voter) string { return v.Home.Unit },
	Line1:      func(v *roll.Voter) string { return v.Home.Line() },
	Line2:      secondLine,
	City:       func(v *roll.Voter) string { return v.Home.City },
	StateCode:  func(v *roll.Voter) string { return v.Home.State },
	ZIP:        func(v *roll.Voter) string { return v.Home.ZIP },
	Phone:      func(v *roll.Voter) string { return reach(v, "phone") },
	Email:      func(v *roll.Voter) string { return reach(v, "email") },
	License:    func(v *roll.Voter) string { return identifier(v, roll.License) },
	SSN4:       func(v *roll.Voter) string { return identifier(v, roll.SSN4) },
	SSN:        func(v *roll.Voter) string { return identifier(v, roll.SSN) },
	StateID:    func(v *roll.Voter) string { return identifier(v, roll.StateID) },
	Citizen:    citizen,
	Protected:  func(v *roll.Voter) string { return v.Protected },
	NeedsID:    needsID,
	Longitude:  func(v *roll.Voter) string { return degrees(v, true) },
	Latitude:   func(v *roll.Voter) string { return degrees(v, false) },
	Mail1:      func(v *roll.Voter) string { return mailLine(v, 0) },
	Mail2:      func(v *roll.Voter) string { return mailLine(v, 1) },
	Mail3:      func(v *roll.Voter) string { return mailLine(v, 2) },
	Mail4:      func(v *roll.Voter) string { return mailLine(v, 3) },
	MailCity:   func(v *roll.Voter) string { return mail(v).City },
	MailState:  func(v *roll.Voter) string { return mail(v).State },
	MailZIP:    func(v *roll.Voter) string { return mail(v).ZIP },
	MailLand:   func(v *roll.Voter) string { return mail(v).Country },
}

func birthYear(v *roll.Voter) string {
	switch {
	case len(v.Birth) >= 4:
		return string(v.Birth[:4])
	case v.Year > 0:
		return strconv.Itoa(v.Year)
	}
	return ""
}

func secondLine(v *roll.Voter) string {
	if v.Home.Street != "" && len(v.Home.Lines) > 0 {
		return v.Home.Lines[0]
	}
	return ""
}

func reach(v *roll.Voter, kind string) string {
	for _, c := range v.Contact {
		if c.Kind == kind {
			return c.Value
		}
	}
	return ""
}

func identifier(v *roll.Voter, kind roll.IdentifierKind) string {
	for _, id := range v.Identifiers {
		if id.Kind == kind && !id.None {
			return id.Value.Reveal()
		}
	}
	return ""
}

func citizen(v *roll.Voter) string {
	for _, a := range v.Assertions {
		if a.Kind == "united-states-citizen" {
			return a.Value
		}
	}
	return ""
}

func needsID(v *roll.Voter) string {
	if v.NeedsID {
		return "yes"
	}
	return ""
}

func degrees(v *roll.Voter, east bool) string {
	p := v.Home.Point
	switch {
	case p == nil:
		return ""
	case east:
		return strconv.FormatFloat(p.Longitude, 'f', -1, 64)
	}
	return strconv.FormatFloat(p.Latitude, 'f', -1, 64)
}

var nowhere roll.Address

func mail(v *roll.Voter) *roll.Address {
	if v.Mail == nil {
		return &nowhere
	}
	return v.Mail
}

// mailLine is a line of the mailing address; the first is that of the street,
// where there is one.
func mailLine(v *roll.Voter, i int) string {
	m := mail(v)
	if m.Street != "" || m.Number != "" {
		if i == 0 {
			return m.Line()
		}
		i--
	}
	if i < len(m.Lines) {
		return m.Lines[i]
	}
	return ""
}
