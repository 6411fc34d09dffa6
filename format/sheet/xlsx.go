// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A workbook is read here and not through excelize, which others write with, for
// three reasons: it ends quietly at damaged XML, so that rows get lost without
// a word; it shows numbers as formatted, so that 12.5 votes in a cell without
// decimals read 13 and a birth year loses its century; and it holds all of the
// workbook in memory, unbounded by what a file was made to contain.

// maxTexts bounds the different texts of a workbook: each costs memory even if
// it is empty.
const maxTexts = 4_000_000

// maxSheetRow is the last row that a worksheet can have.
const maxSheetRow = 1 << 20

// workbookRows gives the rows of one worksheet.
type workbookRows struct {
	name     string
	lim      Limits
	problems *Problems
	texts    []string
	styles   []numberFormat
	from1904 bool
	xml      *XML
	row      int
	cells    []string
	done     bool
}

// openWorkbook finds the sheet to read and gets its rows ready.
func (t *Table) openWorkbook(r io.Reader, ch choices) error {
	z, err := OpenZip(t.Name, r, t.lim)
	if err != nil {
		return err
	}
	if !z.IsWorkbook() {
		return &Error{File: t.Name, Say: "this is a zip archive, not a table; unpack it first"}
	}
	b := &book{zip: z, parts: map[string]*zip.File{}}
	for _, f := range z.r.File {
		b.parts[strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))] = f
	}
	if err := b.read(); err != nil {
		return err
	}
	target, err := t.pickSheet(b, ch.sheet)
	if err != nil {
		return err
	}
	part, err := b.open(target)
	if err != nil {
		return err
	}
	t.Format = XLSX
	t.rows = &workbookRows{
		name: t.Name, lim: t.lim, problems: &t.Problems,
		texts: b.texts, styles: b.styles, from1904: b.from1904,
		xml: NewXML(part),
	}
	return nil
}

// pickSheet settles which sheet is read, and says so when others were left.
func (t *Table) pickSheet(b *book, want string) (target string, err error) {
	for _, s := range b.sheets {
		if want != "" && strings.EqualFold(trim(s.name), trim(want)) {
			t.Sheet, target = s.name, s.part
		}
		if !s.hidden {
			t.Sheets = append(t.Sheets, s.name)
			if want == "" && target == "" {
				t.Sheet, target = s.name, s.part
			}
		}
	}
	if target == "" && want != "" {
		return "", &Error{File: t.Name, Say: fmt.Sprintf("the workbook has no sheet %q; it has: %s", want, list(t.Sheets))}
	}
	if target == "" {
		return "", &Error{File: t.Name, Say: "the workbook has no visible sheet with cells"}
	}
	if want == "" && len(t.Sheets) > 1 {
		t.Problems.Add(0, "", "the workbook has %d sheets (%s); only %q was read", len(t.Sheets), list(t.Sheets), t.Sheet)
	}
	return target, nil
}

// damaged wraps what the XML decoder says about a part of the workbook.
func (w *workbookRows) damaged(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	return &Error{File: w.name, Line: w.row, Say: "the workbook is damaged; open it in a spreadsheet program, save it again and check the number of rows", Err: err}
}

// next gives the next row that the sheet has, with the number it has there.
func (w *workbookRows) next() ([]string, int, error) {
	if w.done {
		return nil, w.row, io.EOF
	}
	for {
		piece, err := w.xml.Next()
		if err != nil {
			w.done = true
			if errors.Is(err, io.EOF) {
				return nil, w.row, io.EOF
			}
			return nil, w.row, w.damaged(err)
		}
		if piece != Start || string(w.xml.Name()) != "row" {
			continue
		}
		if err := w.startRow(); err != nil {
			return nil, w.row, err
		}
		if err := w.readRow(); err != nil {
			return nil, w.row, w.damaged(err)
		}
		return w.cells, w.row, nil
	}
}

// startRow finds the number of the row; where none is written it is the next.
func (w *workbookRows) startRow() error {
	w.cells = w.cells[:0]
	n := w.row + 1
	if r, ok := w.xml.Attr("r"); ok {
		said, err := strconv.Atoi(string(r))
		if err != nil || said < n || said > maxSheetRow {
			return &Error{File: w.name, Line: w.row, Say: fmt.Sprintf("the row after this one is numbered %s, which cannot be; save the workbook again", show(string(r)))}
		}
		n = said
	}
	w.row = n
	return nil
}

// readRow reads the cells up to the end of the row.
func (w *workbookRows) readRow() error {
	for {
		piece, err := w.xml.Next()
		if err != nil {
			return unexpected(err)
		}
		switch piece {
		case Start:
			if string(w.xml.Name()) == "c" {
				err = w.readCell()
			} else {
				err = w.xml.Skip()
			}
			if err != nil {
				return unexpected(err)
			}
		case End:
			return nil
		}
	}
}

// readCell reads one cell into its place in the row.
func (w *workbookRows) readCell() error {
	col := len(w.cells)
	if ref, ok := w.xml.Attr("r"); ok {
		c, ok := columnOf(ref)
		if !ok || c < col {
			return fmt.Errorf("cell %s is out of order", show(string(ref)))
		}
		col = c
	}
	kind, style := w.cellAttrs()
	value, formula, err := w.cellText()
	if err != nil {
		return err
	}
	if value == "" && !formula {
		return nil // an empty cell that only has a colour
	}
	if col >= w.lim.Columns {
		return OverLimit(w.name, w.row, "columns", int64(w.lim.Columns), "the row has more columns")
	}
	if value == "" && formula {
		w.problems.Add(w.row, columnName(col), "the formula in this cell has no saved result; open the workbook in a spreadsheet program and save it")
	}
	shown, err := w.show(value, kind, style, col)
	if err != nil {
		return err
	}
	if len(shown) > w.lim.Cell {
		return OverLimit(w.name, w.row, "cell", int64(w.lim.Cell), "a cell is longer")
	}
	for len(w.cells) < col {
		w.cells = append(w.cells, "")
	}
	w.cells = append(w.cells, shown)
	return nil
}

// cellAttrs gives what kind of value a cell holds and the number of its style.
func (w *workbookRows) cellAttrs() (kind cellKind, style int) {
	t, _ := w.xml.Attr("t")
	kind, known := cellKinds[string(t)]
	if !known {
		kind = textCell
	}
	s, _ := w.xml.Attr("s")
	style, err := strconv.Atoi(string(s))
	if err != nil || style < 0 || style >= len(w.styles) {
		style = -1
	}
	return kind, style
}

// cellKind is what the value of a cell means.
type cellKind uint8

const (
	textCell cellKind = iota
	numberCell
	sharedCell
	truthCell
	errorCell
)

var cellKinds = map[string]cellKind{"": numberCell, "n": numberCell, "s": sharedCell, "b": truthCell, "e": errorCell, "str": textCell, "inlineStr": textCell, "d": textCell}

// cellText reads the value of a cell: v, or the text of is.
func (w *workbookRows) cellText() (value string, formula bool, err error) {
	for {
		piece, err := w.xml.Next()
		if err != nil {
			return "", false, err
		}
		switch piece {
		case Start:
			switch string(w.xml.Name()) {
			case "v":
				value, err = elementText(w.xml, w.lim.Cell)
			case "is":
				value, err = richText(w.xml, w.lim.Cell)
			case "f":
				formula = true
				err = w.xml.Skip()
			default:
				err = w.xml.Skip()
			}
			if err != nil {
				return "", false, err
			}
		case End:
			return value, formula, nil
		}
	}
}

// show turns the stored value into what the cell means.
func (w *workbookRows) show(value string, kind cellKind, style, col int) (string, error) {
	switch kind {
	case sharedCell:
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= len(w.texts) {
			return "", fmt.Errorf("cell %s%d points to a text that is not there", columnName(col), w.row)
		}
		return w.texts[i], nil
	case truthCell:
		if value == "1" {
			return "TRUE", nil
		}
		return "FALSE", nil
	case errorCell:
		w.problems.Add(w.row, columnName(col), "the cell holds the error %s", value)
	case numberCell:
		var f numberFormat
		if style >= 0 {
			f = w.styles[style]
		}
		return f.show(value, w.from1904), nil
	}
	return value, nil
}

// columnOf reads the letters of a cell reference: A1 is 0, AA7 is 26.
func columnOf(ref []byte) (int, bool) {
	n := 0
	for i := range len(ref) {
		c := ref[i]
		if c >= '0' && c <= '9' {
			return n - 1, i > 0
		}
		if c|0x20 < 'a' || c|0x20 > 'z' || i >= 3 {
			return 0, false
		}
		n = n*26 + int(c|0x20-'a') + 1
	}
	return 0, false
}

// columnName is the letters of column i.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// gather is a text that is put together piece by piece up to a length. The
// exact limit of a cell is checked where its place is known.
type gather struct {
	strings.Builder
	most int
}

func (g *gather) add(piece []byte) error {
	if g.Len()+len(piece) > g.most {
		return fmt.Errorf("a text is longer than %d bytes", g.most)
	}
	g.Write(piece)
	return nil
}

// elementText reads the text up to the end of the element that was opened.
func elementText(x *XML, most int) (string, error) {
	g := &gather{most: 4 * most}
	err := g.element(x)
	return g.String(), err
}

func (g *gather) element(x *XML) error {
	for {
		piece, err := x.Next()
		if err != nil {
			return unexpected(err)
		}
		switch piece {
		case Chars:
			err = g.add(x.Chars())
		case Start:
			err = x.Skip()
		case End:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// richText reads a text that may come in pieces of different looks. Phonetic
// hints are not part of it.
func richText(x *XML, most int) (string, error) {
	g := &gather{most: 4 * most}
	for depth := 1; depth > 0; {
		piece, err := x.Next()
		if err != nil {
			return "", unexpected(err)
		}
		switch piece {
		case Start:
			switch string(x.Name()) {
			case "t":
				err = g.element(x)
			case "r":
				depth++
			default:
				err = x.Skip()
			}
			if err != nil {
				return "", err
			}
		case End:
			depth--
		}
	}
	return unescapeX(g.String()), nil
}

// unescapeX reads _x000D_, the way a workbook writes letters that XML cannot.
func unescapeX(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if i+7 <= len(s) && s[i:i+2] == "_x" && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil && utf8.ValidRune(rune(n)) && n != 0 {
				b.WriteRune(rune(n))
				i += 6
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// join resolves a target named in a part of the workbook.
func join(dir, target string) string {
	if strings.HasPrefix(target, "/") {
		return strings.TrimPrefix(path.Clean(target), "/")
	}
	return path.Join(dir, target)
}
