// SPDX-License-Identifier: Apache-2.0

// Package sheet reads the tables that election offices really send: CSV with
// any delimiter and encoding, and Excel workbooks, whatever the file is called.
//
//	t, err := sheet.Open("night.csv", file, sheet.Limits{})
//	votes := t.Col("votes", "total_votes")
//	for row, err := range t.Rows() {
//		n, err := sheet.ParseCount(row.Cell(votes))
//	}
//
// It is lenient with dirt and says what it met (Table.Problems); it is strict
// with size (Limits). It also writes: CSV and TSV with the cells guarded that a
// spreadsheet would run as a formula, and workbooks.
//
// The other readers under format/ share its Limits, Count, Problems and Text.
package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Table is an opened table: its header has been read, its rows have not.
type Table struct {
	Name       string   // the name the file came with
	Format     Format   // what it turned out to be
	Delimiter  rune     // what separates the cells, 0 in a workbook
	Sheet      string   // the sheet that is read, "" in a text file
	Sheets     []string // all visible sheets of the workbook
	HeaderLine int      // line, or row of the sheet, that the header is on
	Titles     []string // the header as written
	Header     []string // the header in lower snake case, every name once
	Problems   Problems // what could not be used so far; complete after Rows

	rows  source
	text  *textRows // rows, when they come from a text file
	lim   Limits
	short ragged
	long  ragged
	empty int
}

// Format is the kind of table file.
type Format string

// The formats that Open reads.
const (
	CSV  Format = "csv"
	TSV  Format = "tsv"
	XLSX Format = "xlsx"
)

// source gives rows of cells one after the other and io.EOF at the end.
type source interface {
	next() (cells []string, line int, err error)
}

// ragged counts rows of the wrong width.
type ragged struct{ rows, first int }

// Row is one row of a table. Its cells stay valid, the row itself only until
// the next one is read.
type Row struct {
	Line  int // line of the file that the row starts on; row number in a workbook
	cells []string
}

// Cell gives cell i without the spaces around it, and "" when the row has no
// such cell or i is -1, the answer of Col for a column that is not there.
func (r Row) Cell(i int) string { return trim(r.Raw(i)) }

// Raw gives cell i exactly as it stands.
func (r Row) Raw(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// Len is the number of cells that the row really has.
func (r Row) Len() int { return len(r.cells) }

// trim is strings.TrimSpace with a short way for the cell that needs nothing,
// and with the marks that are invisible and still break a comparison.
func trim(s string) string {
	if s == "" || plainEnd(s[0]) && plainEnd(s[len(s)-1]) {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b'
	})
}

func plainEnd(c byte) bool { return c > ' ' && c < 0x80 }

// Choice settles something about a file that Open would find out by itself.
type Choice func(*choices)

type choices struct {
	sheet    string
	comma    byte
	headless bool
}

// PickSheet reads the sheet of this name, in any case, instead of the first
// visible one.
func PickSheet(name string) Choice { return func(c *choices) { c.sheet = name } }

// Delimited says what separates the cells of a text file.
func Delimited(comma byte) Choice { return func(c *choices) { c.comma = comma } }

// Headless says that the first row is data. The columns are called column_1,
// column_2 and so on, as many as the first row has.
func Headless() Choice { return func(c *choices) { c.headless = true } }

// Open finds out what kind of table r is, by its content, and reads its header.
// The name is for messages and for nothing else.
func Open(name string, r io.Reader, lim Limits, how ...Choice) (*Table, error) {
	lim = lim.OrDefault()
	var ch choices
	for _, h := range how {
		h(&ch)
	}
	t := &Table{Name: name, lim: lim, Problems: Problems{Keep: lim.Problems}}
	br := bufio.NewReaderSize(r, 4096)
	head, _ := br.Peek(4096) // an error here comes back from the reader below
	if bytes.HasPrefix(head, []byte(oleMagic)) {
		return nil, &Error{File: name, Say: oldWorkbook(io.LimitReader(br, lim.Bytes))}
	}
	if say := NotText(head) + markup(head); say != "" {
		return nil, &Error{File: name, Say: say}
	}
	var err error
	if IsZip(head) {
		err = t.openWorkbook(packed(r, br), ch)
	} else {
		err = t.openText(br, ch)
	}
	if err != nil {
		return nil, err
	}
	if err := t.readHeader(ch.headless); err != nil {
		return nil, err
	}
	t.checkExtension()
	return t, nil
}

func (t *Table) openText(r io.Reader, ch choices) error {
	rows := newTextRows(t.Name, r, t.lim, &t.Problems)
	if err := rows.start(ch.comma); err != nil {
		return err
	}
	t.rows, t.text, t.Delimiter, t.Format = rows, rows, rune(rows.comma), CSV
	if rows.comma == '\t' {
		t.Format = TSV
	}
	return nil
}

// checkExtension notes a name that says something else than the content.
func (t *Table) checkExtension() {
	ext := strings.ToLower(path.Ext(t.Name))
	isBook := ext == ".xlsx" || ext == ".xlsm" || ext == ".xls"
	isText := ext == ".csv" || ext == ".tsv" || ext == ".txt" || ext == ".tab"
	switch {
	case t.Format == XLSX && isText:
		t.Problems.Add(0, "", "the name ends in %s but the file is an Excel workbook; it was read as one", ext)
	case t.Format != XLSX && isBook:
		t.Problems.Add(0, "", "the name ends in %s but the file is plain text; it was read as %s", ext, t.Format)
	}
}

// Encoding tells how the letters of a text file were read. It can change while
// the rows are read, when bytes turn up that are not UTF-8.
func (t *Table) Encoding() string {
	if t.text == nil {
		return UTF8
	}
	return t.text.text.Encoding()
}

// readHeader takes the first row that holds anything as the header.
func (t *Table) readHeader(headless bool) error {
	for {
		cells, line, err := t.rows.next()
		if errors.Is(err, io.EOF) {
			return &Error{File: t.Name, Say: "the file is empty: it has no header and no rows"}
		}
		if err != nil {
			return err
		}
		if allEmpty(cells) {
			continue
		}
		t.HeaderLine = line
		if headless {
			t.rows = &pushedBack{cells: slices.Clone(cells), line: line, source: t.rows}
			cells = make([]string, len(cells))
			t.nameColumns(cells, false)
		} else {
			t.nameColumns(slices.Clone(cells), true)
		}
		if t.text != nil {
			t.text.width = len(t.Header)
		}
		return nil
	}
}

// pushedBack gives a row that was read too early once more.
type pushedBack struct {
	cells []string
	line  int
	source
}

func (p *pushedBack) next() ([]string, int, error) {
	if cells := p.cells; cells != nil {
		p.cells = nil
		return cells, p.line, nil
	}
	return p.source.next()
}

// nameColumns gives every column a name of its own, and says where the header
// did not.
func (t *Table) nameColumns(titles []string, report bool) {
	for len(titles) > 1 && report && trim(titles[len(titles)-1]) == "" {
		titles = titles[:len(titles)-1] // spreadsheets leave empty columns at the right
	}
	seen := make(map[string]int, len(titles))
	for i, title := range titles {
		name := Snake(title)
		if name == "" {
			name = "column_" + strconv.Itoa(i+1)
			if report {
				t.Problems.Add(t.HeaderLine, "", "column %d has no name in the header; it is called %s", i+1, name)
			}
		}
		if first, twice := seen[name]; twice {
			again := name + "_" + strconv.Itoa(i+1)
			t.Problems.Add(t.HeaderLine, "", "columns %d and %d are both called %q; the second is called %s", first, i+1, trim(title), again)
			name = again
		}
		seen[name] = i + 1
		t.Titles = append(t.Titles, trim(title))
		t.Header = append(t.Header, name)
	}
}

// Snake writes a column title in lower snake case: "Early Voting" becomes
// early_voting. Letters of every language stay.
func Snake(title string) string {
	var b strings.Builder
	gap := false
	for _, r := range title {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('_')
			gap = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Columns are the titles as a person may be shown them: the first ones, each cut
// short, and without what a terminal would take for a command.
func (t *Table) Columns() string {
	const most, letters = 20, 40
	list := make([]string, 0, most+1)
	for i, title := range t.Titles {
		if i == most {
			list = append(list, "…")
			break
		}
		if short := []rune(title); len(short) > letters {
			title = string(short[:letters]) + "…"
		}
		list = append(list, strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return '�'
		}, title))
	}
	return strings.Join(list, ", ")
}

// Col gives the column that has one of the names, the first name that fits, or
// -1. Names are in lower snake case.
func (t *Table) Col(names ...string) int {
	for _, name := range names {
		if i := slices.Index(t.Header, name); i >= 0 {
			return i
		}
	}
	return -1
}

// Need is an error that lists the columns that are missing, or nil.
func (t *Table) Need(names ...string) error {
	var missing []string
	for _, name := range names {
		if t.Col(name) < 0 {
			missing = append(missing, name)
		}
	}
	return t.Missing(missing...)
}

// Missing makes the error for columns that a reader looked for in vain; for no
// columns it is nil.
func (t *Table) Missing(names ...string) error {
	if len(names) == 0 {
		return nil
	}
	return &Error{File: t.Name, Line: t.HeaderLine, Say: fmt.Sprintf(
		"the header lacks the column %s; it has: %s", strings.Join(names, ", "), list(t.Header))}
}

// list writes the header for a sentence, cut where it would fill the screen.
func list(header []string) string {
	const most = 30
	if len(header) <= most {
		return strings.Join(header, ", ")
	}
	return strings.Join(header[:most], ", ") + fmt.Sprintf(" and %d more", len(header)-most)
}

// Rows gives the rows after the header, once. An error ends it. Rows in which
// every cell is empty are left out and counted in the problems, and so are
// rows that are wider or narrower than the header.
func (t *Table) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		defer t.sumUp()
		for n := 0; ; {
			cells, line, err := t.rows.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Row{Line: line}, err)
				return
			}
			if allEmpty(cells) {
				t.empty++
				continue
			}
			if n++; n > t.lim.Rows {
				yield(Row{Line: line}, OverLimit(t.Name, line, "rows", int64(t.lim.Rows), "the file has more rows"))
				return
			}
			if len(cells) != len(t.Header) {
				cells = t.fit(cells, line)
			}
			if !yield(Row{Line: line, cells: cells}, nil) {
				return
			}
		}
	}
}

func allEmpty(cells []string) bool {
	for _, c := range cells {
		if trim(c) != "" {
			return false
		}
	}
	return true
}

// fit notes a row of the wrong width. Empty cells at the end of a row mean
// nothing, neither when they are missing in a workbook nor when there are too
// many of them.
func (t *Table) fit(cells []string, line int) []string {
	width := len(t.Header)
	if len(cells) > width && allEmpty(cells[width:]) {
		return cells[:width]
	}
	switch {
	case len(cells) > width:
		t.long.note(line)
		t.Problems.Add(line, "", "the row has %d cells but the header has %d; a delimiter inside a cell may lack its quotes", len(cells), width)
	case t.Format != XLSX:
		t.short.note(line)
		t.Problems.Add(line, "", "the row has %d cells but the header has %d; the missing ones were read as empty", len(cells), width)
	}
	return cells
}

func (r *ragged) note(line int) {
	if r.rows == 0 {
		r.first = line
	}
	r.rows++
}

// Ragged gives how many rows so far had fewer and more cells than the header.
func (t *Table) Ragged() (short, long int) { return t.short.rows, t.long.rows }

// sumUp adds the problems that are only known at the end.
func (t *Table) sumUp() {
	if t.empty > 0 {
		t.Problems.Add(0, "", "%d rows in which every cell is empty were left out", t.empty)
		t.empty = 0
	}
	if t.text != nil {
		if n, line := t.text.text.Mended(); n > 0 {
			t.Problems.Add(line, "", "from here on %d bytes are not UTF-8; they were read as Windows-1252: check the accents, or save the file as UTF-8", n)
		}
	}
}
