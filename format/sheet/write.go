// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Style is how a text table is written. The zero value is plain CSV as RFC
// 4180 has it, with "\n" at the end of each line.
type Style struct {
	Delimiter rune // ',' when zero; '\t' writes TSV
	CRLF      bool // end lines as Windows does
	BOM       bool // begin with the mark that makes Excel read UTF-8
	Guard     bool // disarm cells that a spreadsheet would run as a formula
}

// Writer writes a text table. Every row must be as wide as the header.
type Writer struct {
	csv   *csv.Writer
	style Style
	width int
	row   int
	cells []string
}

// NewWriter begins a text table with its header.
func NewWriter(w io.Writer, header []string, style Style) (*Writer, error) {
	if style.BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
	}
	out := &Writer{csv: csv.NewWriter(w), style: style, width: len(header)}
	out.csv.UseCRLF = style.CRLF
	if style.Delimiter != 0 {
		out.csv.Comma = style.Delimiter
	}
	return out, out.Write(header...)
}

// Write adds one row.
func (w *Writer) Write(cells ...string) error {
	w.row++
	if len(cells) != w.width {
		return fmt.Errorf("row %d has %d cells but the header has %d", w.row, len(cells), w.width)
	}
	w.cells = append(w.cells[:0], cells...)
	for i, c := range w.cells {
		if !utf8.ValidString(c) {
			c = strings.ToValidUTF8(c, "\ufffd")
		}
		if w.style.Guard {
			c = Guard(c)
		}
		w.cells[i] = c
	}
	return w.csv.Write(w.cells)
}

// Close writes what is left. It does not close the writer underneath.
func (w *Writer) Close() error {
	w.csv.Flush()
	return w.csv.Error()
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

// wideStart recognises the full-width signs that Excel treats like = + - @.
func wideStart(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("＝＋－＠", r)
}

// The most that a worksheet can hold. Beyond it Excel cuts without a word.
const (
	maxWorkbookRows = 1 << 20
	maxWorkbookCell = 32767
)

// Workbook writes one sheet of an Excel workbook row by row. Texts are stored
// as texts, so nothing in them can run as a formula.
type Workbook struct {
	out   io.Writer
	file  *excelize.File
	sheet *excelize.StreamWriter
	width int
	row   int
	cells []any
}

// NewWorkbook begins a workbook with one sheet and its header in bold, which
// stays in view when the sheet is scrolled. Large sheets are kept in a
// temporary file until Close or Discard.
func NewWorkbook(w io.Writer, sheetName string, header []string) (*Workbook, error) {
	f := excelize.NewFile()
	b := &Workbook{out: w, file: f, width: len(header)}
	if err := b.begin(sheetName, header); err != nil {
		b.Discard()
		return nil, err
	}
	return b, nil
}

func (b *Workbook) begin(sheetName string, header []string) error {
	if err := b.file.SetSheetName("Sheet1", sheetName); err != nil {
		return fmt.Errorf("the sheet cannot be called %q: %w", sheetName, err)
	}
	bold, err := b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if b.sheet, err = b.file.NewStreamWriter(sheetName); err != nil {
		return err
	}
	if err := b.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	cells := make([]any, len(header))
	for i, h := range header {
		cells[i] = excelize.Cell{StyleID: bold, Value: h}
	}
	b.row = 1
	return b.sheet.SetRow("A1", cells)
}

// Write adds one row. Cells are texts, numbers, true or false, or a Count,
// which is a number when it is known and empty or "*" when it is not.
func (b *Workbook) Write(cells ...any) error {
	b.row++
	if len(cells) != b.width {
		return fmt.Errorf("row %d has %d cells but the header has %d", b.row, len(cells), b.width)
	}
	if b.row > maxWorkbookRows {
		return fmt.Errorf("an Excel sheet ends at row %d; write CSV instead", maxWorkbookRows)
	}
	b.cells = b.cells[:0]
	for i, c := range cells {
		switch v := c.(type) {
		case Count:
			c = nil
			if v.Known() {
				c = v.N
			} else if v.Is == Suppressed {
				c = v.String()
			}
		case string:
			if utf8.RuneCountInString(v) > maxWorkbookCell {
				return fmt.Errorf("row %d: cell %s is longer than the %d characters that Excel keeps; write CSV instead", b.row, columnName(i), maxWorkbookCell)
			}
		}
		b.cells = append(b.cells, c)
	}
	return b.sheet.SetRow(fmt.Sprintf("A%d", b.row), b.cells)
}

// Close finishes the workbook and writes it out.
func (b *Workbook) Close() error {
	defer b.Discard()
	if err := b.sheet.Flush(); err != nil {
		return err
	}
	return b.file.Write(b.out)
}

// Discard drops an unfinished workbook and its temporary file.
func (b *Workbook) Discard() { b.file.Close() }
