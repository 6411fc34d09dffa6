// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
)

// The most that a worksheet can hold. Beyond it Excel cuts without a word.
const (
	maxWorkbookRows = 1 << 20
	maxWorkbookCell = 32767
)

// Workbook writes an Excel workbook row by row, as it comes: only the texts are
// kept, each once, until Close. Texts are stored as texts, so nothing in them
// can run as a formula. The same rows give the same bytes.
//
// A row is written at once with Write, or cell by cell with Add and Count and
// then End, which is several times faster.
type Workbook struct {
	name    string
	header  Texts
	zip     *zip.Writer
	part    io.Writer        // the sheet that is being written
	sheets  int              // begun so far
	most    int              // rows of a sheet
	row     int              // the last one of the sheet
	rowText []byte           // number of the row in the making
	columns []string         // letters of each column
	at      map[string]int32 // where a text stands in texts
	texts   []string
	used    int    // how often cells point to a text
	buf     []byte // rows that are not handed on yet, and the row in the making
	whole   int    // bytes of whole rows in buf
	cells   int    // of the row in the making
	err     error  // the first that the sheet met
	wrong   error  // what the row in the making cannot hold
}

// Texts are cells of a workbook that were made ready once, to stand in many
// rows.
type Texts []int32

// NewWorkbook begins a workbook with one sheet and its header in bold, which
// stays in view when the sheet is scrolled. What does not fit on the sheet goes
// on others, each with the header: "Results", "Results 2".
func NewWorkbook(w io.Writer, sheetName string, header []string) (*Workbook, error) {
	if err := checkSheetName(sheetName); err != nil {
		return nil, fmt.Errorf("the sheet cannot be called %q: %w", sheetName, err)
	}
	b := &Workbook{name: sheetName, zip: zip.NewWriter(w), most: maxWorkbookRows, at: make(map[string]int32), buf: make([]byte, 0, flushAt+flushAt/4)}
	packer, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	b.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		packer.Reset(w) // parts are written one after the other
		return packer, nil
	})
	for i := range header {
		b.columns = append(b.columns, columnName(i))
	}
	b.header = b.Texts(header...)
	// Two small parts come first and then one of xl/: by these three, programs
	// that look at how a file begins tell a workbook from any other archive.
	if err := b.writePart("_rels/.rels", []byte(packageRelations)); err != nil {
		return nil, err
	}
	if err := b.writePart("xl/styles.xml", []byte(styles)); err != nil {
		return nil, err
	}
	return b, b.begin()
}

// checkSheetName says what Excel would refuse to open.
func checkSheetName(name string) error {
	switch {
	case name == "":
		return errors.New("it has no letters")
	case len(utf16.Encode([]rune(name))) > maxSheetName:
		return fmt.Errorf("it is longer than %d letters", maxSheetName)
	case strings.ContainsAny(name, `:\/?*[]`) || strings.ContainsFunc(name, unicode.IsControl) || name[0] == '\'' || name[len(name)-1] == '\'':
		return errors.New(`it must not hold any of :\/?*[] nor begin or end with an apostrophe`)
	}
	return nil
}

const maxSheetName = 31

// Texts makes cells ready for Add.
func (b *Workbook) Texts(cells ...string) Texts {
	out := make(Texts, len(cells))
	for i, c := range cells {
		out[i] = b.text(c)
	}
	return out
}

// text is where a text stands among the shared ones, -1 for an empty one.
func (b *Workbook) text(s string) int32 {
	if s == "" {
		return -1
	}
	i, ok := b.at[s]
	if !ok {
		i = int32(len(b.texts))
		b.at[s] = i
		b.texts = append(b.texts, s)
	}
	return i
}

// Write adds one row. Cells are texts, numbers, true or false, a Count, which
// is a number when it is known and empty or "*" when it is not, or nil for an
// empty cell.
func (b *Workbook) Write(cells ...any) error {
	for i, c := range cells {
		switch v := c.(type) {
		case nil:
			b.next()
		case string:
			b.addText(b.text(v))
		case Count:
			b.Count(v)
		case int:
			b.Count(N(int64(v)))
		case int64:
			b.Count(N(v))
		case float64:
			b.cell("", strconv.AppendFloat(nil, v, 'g', -1, 64))
		case bool:
			b.cell("b", truth(v))
		default:
			b.next()
			b.wrong = fmt.Errorf("cell %s would hold a %T, for which a workbook has no cells", columnName(i), c)
		}
	}
	return b.End()
}

func truth(v bool) []byte {
	if v {
		return []byte("1")
	}
	return []byte("0")
}

// Add adds texts to the row in the making.
func (b *Workbook) Add(ready Texts) {
	for _, i := range ready {
		b.addText(i)
	}
}

func (b *Workbook) addText(i int32) {
	if i < 0 {
		b.next()
		return
	}
	if s := b.texts[i]; len(s) > maxWorkbookCell && utf8.RuneCountInString(s) > maxWorkbookCell {
		b.wrong = fmt.Errorf("cell %s is longer than the %d characters that Excel keeps; write CSV instead", columnName(b.cells), maxWorkbookCell)
	}
	b.used++
	b.number("s", int64(i))
}

// Count adds a count to the row in the making: a number when it is known,
// empty or "*" when it is not.
func (b *Workbook) Count(c Count) {
	switch c.Is {
	case Given:
		b.number("", c.N)
	case Suppressed:
		b.addText(b.text(c.String()))
	default:
		b.next()
	}
}

func (b *Workbook) number(kind string, n int64) {
	var digits [20]byte
	b.cell(kind, strconv.AppendInt(digits[:0], n, 10))
}

// cell adds a cell that holds something.
func (b *Workbook) cell(kind string, value []byte) {
	b.next()
	if b.cells > len(b.columns) {
		return // End says so
	}
	b.buf = append(append(b.buf, `<c r="`...), b.columns[b.cells-1]...)
	b.buf = append(b.buf, b.rowText...)
	if b.row == 0 {
		b.buf = append(b.buf, `" s="1`...) // the style of the header
	}
	if kind != "" {
		b.buf = append(append(b.buf, `" t="`...), kind...)
	}
	b.buf = append(append(append(b.buf, `"><v>`...), value...), "</v></c>"...)
}

// next begins a cell, and with the first one the row.
func (b *Workbook) next() {
	if b.cells == 0 {
		b.startRow()
	}
	b.cells++
}

func (b *Workbook) startRow() {
	if b.row == b.most && b.err == nil {
		if b.err = b.endSheet(); b.err == nil {
			b.err = b.begin()
		}
	}
	b.rowText = strconv.AppendInt(b.rowText[:0], int64(b.row+1), 10)
	b.buf = append(append(append(b.buf, `<row r="`...), b.rowText...), `">`...)
}

// End ends the row in the making. A row of the wrong width, or with a cell that
// cannot be, is left out.
func (b *Workbook) End() error {
	cells, wrong := b.cells, b.wrong
	b.cells, b.wrong = 0, nil
	if cells != len(b.columns) {
		wrong = fmt.Errorf("it has %d cells but the header has %d", cells, len(b.columns))
	}
	if wrong != nil {
		b.buf = b.buf[:b.whole]
		return fmt.Errorf("row %d: %w", b.row+1, wrong)
	}
	b.row++
	b.buf = append(b.buf, "</row>"...)
	b.whole = len(b.buf)
	if b.whole >= flushAt {
		b.flush()
	}
	return b.err
}

func (b *Workbook) flush() {
	if b.err == nil {
		_, b.err = b.part.Write(b.buf[:b.whole])
	}
	b.buf, b.whole = b.buf[:0], 0
}

// Close finishes the workbook. It does not close the writer underneath.
func (b *Workbook) Close() error {
	if b.err == nil {
		b.err = b.endSheet()
	}
	for _, p := range []struct {
		name string
		body []byte
	}{
		{"xl/sharedStrings.xml", b.sharedTexts()},
		{"xl/workbook.xml", b.bookPart()},
		{"xl/_rels/workbook.xml.rels", b.bookRelations()},
		{"[Content_Types].xml", b.contentTypes()},
	} {
		if b.err == nil {
			b.err = b.writePart(p.name, p.body)
		}
	}
	if b.err == nil {
		b.err = b.zip.Close()
	}
	return b.err
}
