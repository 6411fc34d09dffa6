// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Style is how a text table is written. The zero value is plain CSV as RFC
// 4180 has it, with "\n" at the end of each line.
type Style struct {
	Delimiter rune // ',' when zero; '\t' writes TSV
	CRLF      bool // end lines as Windows does
	BOM       bool // begin with the mark that makes Excel read UTF-8
	Guard     bool // disarm cells that a spreadsheet would run as a formula
}

// Writer writes a text table. Every row must be as wide as the header. A row
// is written at once with Write, or cell by cell with Add and Count and then
// End, which is several times faster where the same cells stand in many rows.
type Writer struct {
	out   io.Writer
	style Style
	width int
	row   int
	buf   []byte // whole rows that are not handed on yet, and the row in the making
	whole int    // bytes of whole rows in buf
	cells int    // of the row in the making
	err   error  // the first that out returned
}

// flushAt is how much is gathered before it is handed on.
const flushAt = 32 << 10

// NewWriter begins a text table with its header.
func NewWriter(w io.Writer, header []string, style Style) (*Writer, error) {
	if style.Delimiter == 0 {
		style.Delimiter = ','
	}
	if d := style.Delimiter; d == '"' || d == '\r' || d == '\n' || d == utf8.RuneError || !utf8.ValidRune(d) {
		return nil, fmt.Errorf("the cells of a table cannot be parted by %q", d)
	}
	out := &Writer{out: w, style: style, width: len(header), buf: make([]byte, 0, flushAt+flushAt/4)}
	if style.BOM {
		out.buf = append(out.buf, "\ufeff"...)
		out.whole = len(out.buf)
	}
	return out, out.Write(header...)
}

// Cells are cells of a text table that were made ready once, to stand in many
// rows.
type Cells struct {
	text string // as the Writer that made them writes them
	n    int
}

// Cells makes cells ready for Add.
func (w *Writer) Cells(cells ...string) Cells {
	var text []byte
	for i, c := range cells {
		if i > 0 {
			text = utf8.AppendRune(text, w.style.Delimiter)
		}
		text = w.appendCell(text, c)
	}
	return Cells{string(text), len(cells)}
}

// Write adds one row.
func (w *Writer) Write(cells ...string) error {
	for _, c := range cells {
		w.next()
		w.buf = w.appendCell(w.buf, c)
	}
	return w.End()
}

// Add adds cells to the row in the making.
func (w *Writer) Add(ready Cells) {
	w.next()
	w.buf = append(w.buf, ready.text...)
	w.cells += ready.n - 1
}

// Count adds a count to the row in the making, as its String.
func (w *Writer) Count(c Count) {
	w.next()
	switch c.Is {
	case Given:
		w.buf = strconv.AppendInt(w.buf, c.N, 10)
	case Suppressed:
		w.buf = append(w.buf, '*')
	}
}

// next begins a cell.
func (w *Writer) next() {
	if w.cells > 0 {
		w.buf = utf8.AppendRune(w.buf, w.style.Delimiter)
	}
	w.cells++
}

// End ends the row in the making. A row of the wrong width is left out.
func (w *Writer) End() error {
	w.row++
	cells := w.cells
	w.cells = 0
	if cells != w.width {
		w.buf = w.buf[:w.whole]
		return fmt.Errorf("row %d has %d cells but the header has %d", w.row, cells, w.width)
	}
	if w.style.CRLF {
		w.buf = append(w.buf, '\r')
	}
	w.buf = append(w.buf, '\n')
	w.whole = len(w.buf)
	if w.whole >= flushAt {
		w.flush()
	}
	return w.err
}

func (w *Writer) flush() {
	if w.err == nil {
		_, w.err = w.out.Write(w.buf[:w.whole])
	}
	w.buf, w.whole = w.buf[:0], 0
}

// Close writes what is left. It does not close the writer underneath.
func (w *Writer) Close() error {
	w.flush()
	return w.err
}

// appendCell appends a cell, in quotes where it needs them.
func (w *Writer) appendCell(b []byte, cell string) []byte {
	if !utf8.ValidString(cell) {
		cell = strings.ToValidUTF8(cell, "\ufffd")
	}
	if w.style.Guard {
		cell = Guard(cell)
	}
	if !w.needsQuotes(cell) {
		return append(b, cell...)
	}
	b = append(b, '"')
	for i := range len(cell) {
		switch c := cell[i]; {
		case c == '"':
			b = append(b, '"', '"')
		case c == '\r' && w.style.CRLF: // comes with its \n
		case c == '\n' && w.style.CRLF:
			b = append(b, '\r', '\n')
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// needsQuotes says the same as encoding/csv: besides what would break the row,
// a space at the start, which some readers drop, and \., with which PostgreSQL
// ends a table.
func (w *Writer) needsQuotes(cell string) bool {
	if cell == "" {
		return false
	}
	if cell == `\.` || strings.ContainsAny(cell, "\"\r\n") || strings.ContainsRune(cell, w.style.Delimiter) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(cell)
	return unicode.IsSpace(first)
}

// Guard puts an apostrophe before a cell that a spreadsheet would run as a
// formula, as OWASP advises against CSV injection. Numbers and lone signs stay
// as they are: -3 cannot call anything.
func Guard(cell string) string {
	start := strings.TrimLeft(cell, " ")
	if len(start) < 2 || !strings.ContainsAny(start[:1], "=+-@\t\r\n") && !wideStart(start) {
		return cell
	}
	if signed := start[0] == '-' || start[0] == '+'; signed && strings.Trim(start[1:], "0123456789.,") == "" {
		return cell
	}
	return "'" + cell
}

// Unguard takes off the apostrophe that Guard has put before a cell.
func Unguard(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && Guard(cell[1:]) == cell {
		return cell[1:]
	}
	return cell
}

// wideStart recognises the full-width signs that Excel treats like = + - @.
func wideStart(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("＝＋－＠", r)
}
