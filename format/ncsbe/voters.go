// SPDX-License-Identifier: Apache-2.0

package ncsbe

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"hustings/format/sheet"
)

// Voters is what is known of a file of voters, or of their history, that was
// read.
type Voters struct {
	Name     string
	Encoding string
	Other    []string // columns that were not used
	Absent   []string // columns of the layout that the file lacks
	Count    int      // lines that were handed over
	LeftOut  int      // lines that could not be used; each is told
	Problems sheet.Problems
}

// EachVoter reads a voter file (ncvoter*.txt), inside a zip archive or not, line
// by line. A line is only there until the next; an error of do ends the reading
// and comes back as it is.
//
// Cells that hold what they cannot, such as a date that does not exist, are told
// and handed over all the same, without their value in the message. Lines whose
// cells are shifted, or that have no number of a voter, are told and left out.
func EachVoter(name string, r io.Reader, lim sheet.Limits, do func(*Voter) error) (*Voters, error) {
	var v Voter
	return each(name, r, lim, voterLayout, func(rd *lines, row sheet.Row) error {
		v.Line = row.Line
		rd.cells(row, v.Cells[:])
		if !rd.usable(row, v.Cells[:]) {
			return nil
		}
		if rd.checkVoter(&v) >= shifted {
			rd.file.LeftOut++
			rd.file.Problems.Add(v.Line, "", "the line was left out: so many of its cells cannot be what their columns say that they seem to be shifted")
			return nil
		}
		rd.file.Count++
		return do(&v)
	})
}

// EachHistory reads a history file (ncvhis*.txt) as EachVoter reads voters.
func EachHistory(name string, r io.Reader, lim sheet.Limits, do func(*History) error) (*Voters, error) {
	var h History
	return each(name, r, lim, historyLayout, func(rd *lines, row sheet.Row) error {
		h.Line = row.Line
		rd.cells(row, h.Cells[:])
		if !rd.usable(row, h.Cells[:]) {
			return nil
		}
		if s := h.Get(ElectionDay); s != "" {
			rd.day(h.Line, "election_lbl", s) // told; the line can be used all the same
		}
		rd.file.Count++
		return do(&h)
	})
}

// lines reads the lines of a file in a layout.
type lines struct {
	layout
	file *Voters
	at   []int // by column of the layout: where the file has it, -1 for nowhere
	wide int
	days map[string]bool
}

func each(name string, r io.Reader, lim sheet.Limits, l layout, do func(*lines, sheet.Row) error) (*Voters, error) {
	inner, name, err := sheet.Unwrap(name, r, lim)
	if err != nil {
		return nil, err
	}
	t, err := sheet.Open(name, inner, lim)
	if err != nil {
		return nil, err
	}
	rd, err := newLines(t, l, lim.OrDefault())
	if err != nil {
		return nil, err
	}
	for row, err := range t.Rows() {
		if err == nil {
			err = do(rd, row)
		}
		if err != nil {
			return rd.finish(t), err
		}
	}
	return rd.finish(t), nil
}

func newLines(t *sheet.Table, l layout, lim sheet.Limits) (*lines, error) {
	rd := &lines{layout: l, file: &Voters{Name: t.Name, Problems: sheet.Problems{Keep: lim.Problems}}, wide: len(t.Header), days: map[string]bool{}}
	used := make([]bool, len(t.Header))
	for _, name := range l.names {
		i := t.Col(name)
		for old, now := range l.also {
			if i < 0 && now == name {
				i = t.Col(old)
			}
		}
		rd.at = append(rd.at, i)
		if i >= 0 {
			used[i] = true
		} else {
			rd.file.Absent = append(rd.file.Absent, name)
		}
	}
	for i, u := range used {
		if !u {
			rd.file.Other = append(rd.file.Other, t.Titles[i])
		}
	}
	have := 0
	for _, k := range l.keys {
		if rd.at[k] >= 0 {
			have++
		}
	}
	if have < l.need || len(rd.file.Absent) > len(l.names)*2/3 {
		return nil, t.Missing(rd.file.Absent...)
	}
	return rd, nil
}

// finish takes over what the table has met.
func (rd *lines) finish(t *sheet.Table) *Voters {
	f := rd.file
	f.Encoding = t.Encoding()
	t.Problems.List = slices.DeleteFunc(t.Problems.List, func(p sheet.Problem) bool {
		return strings.Contains(p.Say, "were read as "+sheet.Windows1252) // as the Board writes them
	})
	f.Problems.Join(&t.Problems)
	slices.SortStableFunc(f.Problems.List, func(a, b sheet.Problem) int { return a.Line - b.Line })
	return f
}

func (rd *lines) cells(row sheet.Row, to []string) {
	for c, i := range rd.at {
		if i < 0 {
			to[c] = ""
			continue
		}
		to[c] = sheet.Unguard(row.Cell(i))
	}
}

// usable says whether a line can be used. One of the wrong width has its cells
// shifted, and who knows since where; the table has told it.
func (rd *lines) usable(row sheet.Row, cells []string) bool {
	if row.Len() != rd.wide {
		rd.file.LeftOut++
		rd.file.Problems.Add(row.Line, "", "the line was left out: its cells do not stand under their columns")
		return false
	}
	for _, k := range rd.keys {
		if cells[k] != "" {
			return true
		}
	}
	rd.file.LeftOut++
	rd.file.Problems.Add(row.Line, rd.names[rd.keys[0]], "the line was left out: it has no number of a voter")
	return false
}

// shifted is how many cells of a line may be impossible before the line is
// taken for one whose cells do not stand under their columns.
const shifted = 3

// checkVoter tells what in a line cannot be true, and how much that is.
func (rd *lines) checkVoter(v *Voter) (wrong int) {
	tell := func(c VoterColumn, say string, args ...any) {
		wrong++
		rd.file.Problems.Add(v.Line, rd.names[c], say, args...)
	}
	if s := v.Get(Status); s != "" && Statuses[s] == "" {
		tell(Status, "%q is no status; there are A, D, I, R and S", cut(s, 10))
	}
	if s := v.Get(Reason); s != "" && Reasons[s] == "" {
		tell(Reason, "%q is no reason of the layout", cut(s, 10))
	}
	if s := v.Get(Registered); s != "" && !rd.day(v.Line, rd.names[Registered], s) {
		wrong++
	}
	if s := v.Get(BirthYear); s != "" {
		if y, err := strconv.Atoi(s); err != nil || y < 1850 || y > 2100 || len(s) != 4 {
			tell(BirthYear, "it is not the year of a birth; write four digits")
		}
	}
	if s := v.Get(Confidential); s != "" && s != "Y" && s != "N" {
		tell(Confidential, "it is neither Y nor N; the voter is taken as confidential")
	}
	for c, s := range v.Cells {
		if len(s) > rd.most[c] && utf8.RuneCountInString(s) > rd.most[c] {
			rd.file.Problems.Add(v.Line, rd.names[c], "it has %d characters, where the layout has room for %d", utf8.RuneCountInString(s), rd.most[c])
		}
	}
	return wrong
}

// day tells of a date that cannot be. Files have few different ones.
func (rd *lines) day(line int, field, s string) bool {
	good, known := rd.days[s]
	if !known {
		_, good = Day(s)
		if len(rd.days) < 100_000 {
			rd.days[s] = good
		}
	}
	if !good {
		rd.file.Problems.Add(line, field, "it is no day of the calendar; write 11/03/2026")
	}
	return good
}

// Day reads a date as the files have them, 11/03/2026 as a rule.
func Day(s string) (time.Time, bool) {
	for _, form := range []string{"01/02/2006", "1/2/2006", time.DateOnly, "1/2/2006 15:04:05", time.DateTime, "20060102"} {
		if t, err := time.Parse(form, s); err == nil && t.Year() > 1000 {
			return t, true
		}
	}
	return time.Time{}, false
}

func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most])
}

// Fit cuts the cells that are longer than the layout allows, and says which.
func (v *Voter) Fit() (cutShort []VoterColumn) {
	for c, s := range v.Cells {
		if most := voterLayout.most[c]; len(s) > most && utf8.RuneCountInString(s) > most {
			v.Cells[c] = cut(s, most)
			cutShort = append(cutShort, VoterColumn(c))
		}
	}
	return cutShort
}

// String gives the name of the column.
func (c VoterColumn) String() string { return voterLayout.names[c] }

// Writer writes a voter file or a history file as the Board does: tabs between
// the cells, each in quotes, in Windows-1252. Cells that a spreadsheet would run
// as a formula are disarmed.
type Writer struct {
	// Replaced counts the characters that the encoding does not have and that
	// became a question mark.
	Replaced int

	out    io.Writer
	layout layout
	buf    []byte
	err    error
}

// NewVoterWriter begins a voter file with its header.
func NewVoterWriter(w io.Writer) *Writer { return newWriter(w, voterLayout) }

// NewHistoryWriter begins a history file with its header.
func NewHistoryWriter(w io.Writer) *Writer { return newWriter(w, historyLayout) }

func newWriter(w io.Writer, l layout) *Writer {
	out := &Writer{out: w, layout: l}
	out.row(l.names)
	return out
}

// Voter adds a line. Cells longer than the layout allows are refused; Fit cuts
// them.
func (w *Writer) Voter(v *Voter) error { return w.line(v.Cells[:]) }

// History adds a line.
func (w *Writer) History(h *History) error { return w.line(h.Cells[:]) }

func (w *Writer) line(cells []string) error {
	if len(cells) != len(w.layout.names) {
		return fmt.Errorf("the line has %d cells, and the file %d columns", len(cells), len(w.layout.names))
	}
	for i, s := range cells {
		if len(s) > w.layout.most[i] && utf8.RuneCountInString(s) > w.layout.most[i] {
			return fmt.Errorf("the %s has more than the %d characters of the layout", w.layout.names[i], w.layout.most[i])
		}
	}
	w.row(cells)
	return w.err
}

func (w *Writer) row(cells []string) {
	for i, s := range cells {
		if i > 0 {
			w.buf = append(w.buf, '\t')
		}
		w.cell(sheet.Guard(s))
	}
	w.buf = append(w.buf, '\r', '\n')
	if len(w.buf) >= 64<<10 {
		w.flush()
	}
}

// cell writes a cell in quotes. Tabs and line breaks, which a line of the file
// cannot hold, become spaces.
func (w *Writer) cell(s string) {
	w.buf = append(w.buf, '"')
	for _, r := range s {
		switch {
		case r == '"':
			w.buf = append(w.buf, '"', '"')
		case r < ' ':
			w.buf = append(w.buf, ' ')
		case r < utf8.RuneSelf:
			w.buf = append(w.buf, byte(r))
		default:
			b, ok := charmap.Windows1252.EncodeRune(r)
			if !ok {
				b = '?'
				w.Replaced++
			}
			w.buf = append(w.buf, b)
		}
	}
	w.buf = append(w.buf, '"')
}

func (w *Writer) flush() {
	if w.err == nil {
		_, w.err = w.out.Write(w.buf)
	}
	w.buf = w.buf[:0]
}

// Close writes what is left. It does not close the writer underneath.
func (w *Writer) Close() error {
	w.flush()
	return w.err
}

// IsVoterHeader says whether a header is that of a voter file, by the columns
// that no other kind of file has.
func IsVoterHeader(header []string) bool { return voterLayout.fits(header) }

// IsHistoryHeader says whether a header is that of a history file.
func IsHistoryHeader(header []string) bool { return historyLayout.fits(header) }

// fits says whether a header is of the layout: most of its columns, of which
// the number of the voter.
func (l layout) fits(header []string) bool {
	n, key := 0, false
	for i, name := range l.names {
		if slices.ContainsFunc(header, func(h string) bool { return h == name || l.also[strings.ToLower(h)] == name }) {
			n++
			key = key || slices.Contains(l.keys, i)
		}
	}
	return key && n*3 >= len(l.names)*2
}
