// SPDX-License-Identifier: Apache-2.0

package list

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"

	"hustings/format/sheet"
	"hustings/office/registry/file"
	"hustings/office/registry/roll"
)

// table writes rows of cells.
type table interface {
	Row(cells []string) error
	Close() error
}

// newTable begins a table. mark names it where the format has a place for that.
func newTable(w io.Writer, f Format, columns []Column, mark Mark) (table, error) {
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.Name
	}
	switch f {
	case CSV:
		out := &csvTable{out: w, buf: make([]byte, 0, flushAt+flushAt/4)}
		return out, out.Row(header)
	case XLSX:
		out, err := sheet.NewWorkbook(w, mark.Number, header)
		return &xlsxTable{book: out}, err
	case JSON, Lines:
		return newObjects(w, columns, f == JSON), nil
	case Parquet:
		return newParquet(w, columns, mark), nil
	}
	return nil, fmt.Errorf("a table of format %q cannot be written", f)
}

// csvTable writes what format/sheet writes, at twice its speed where cells are
// what nearly all are: letters and digits.
type csvTable struct {
	out io.Writer
	buf []byte
	err error
}

// calm are the bytes that a cell can hold anywhere, and begin with, without
// being quoted, disarmed or looked at again.
var calm = func() (t [256]bool) {
	for c := range 256 {
		t[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '#' || c == '/' || c == '.' || c == ':'
	}
	return t
}()

func isCalm(s string) bool {
	if s == "" {
		return true
	}
	if !calm[s[0]] {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; !calm[c] && c != ' ' && c != '-' {
			return false
		}
	}
	return true
}

// Row adds a row.
func (t *csvTable) Row(cells []string) error {
	b := t.buf
	for i, s := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		if isCalm(s) {
			b = append(b, s...)
			continue
		}
		b = appendCell(b, sheet.Guard(strings.ToValidUTF8(s, "\ufffd")))
	}
	t.buf = append(b, '\n')
	if len(t.buf) >= flushAt {
		t.flush()
	}
	return t.err
}

// appendCell appends a cell, in quotes where it needs them.
func appendCell(b []byte, s string) []byte {
	if !strings.ContainsAny(s, "\",\r\n\\") && strings.TrimSpace(s) == s {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

func (t *csvTable) flush() {
	if t.err == nil {
		_, t.err = t.out.Write(t.buf)
	}
	t.buf = t.buf[:0]
}

// Close writes what is left.
func (t *csvTable) Close() error { t.flush(); return t.err }

type xlsxTable struct {
	book *sheet.Workbook
	row  []any
}

func (t *xlsxTable) Row(cells []string) error {
	t.row = t.row[:0]
	for _, s := range cells {
		t.row = append(t.row, s)
	}
	return t.book.Write(t.row...)
}

func (t *xlsxTable) Close() error { return t.book.Close() }

// objects writes an object of JSON for each row, without the cells that are
// empty.
type objects struct {
	out   io.Writer
	keys  []string // with the colon
	as    []shape
	array bool
	rows  int
	buf   []byte
	err   error
}

const flushAt = 64 << 10

func newObjects(w io.Writer, columns []Column, array bool) *objects {
	o := &objects{out: w, array: array, buf: make([]byte, 0, flushAt+flushAt/4)}
	for _, c := range columns {
		o.keys, o.as = append(o.keys, strconv.Quote(c.Name)+":"), append(o.as, c.as)
	}
	if array {
		o.buf = append(o.buf, '[')
	}
	return o
}

// Row writes a row as an object.
func (o *objects) Row(cells []string) error {
	b := o.buf
	if o.array && o.rows > 0 {
		b = append(b, ',')
	}
	if o.array {
		b = append(b, '\n')
	}
	o.rows++
	b = append(b, '{')
	first := true
	for i, s := range cells {
		if s == "" {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, o.keys[i]...)
		if o.as[i] == year {
			if n, err := strconv.Atoi(s); err == nil {
				b = strconv.AppendInt(b, int64(n), 10)
				continue
			}
		}
		b = appendText(b, s)
	}
	b = append(b, '}')
	if !o.array {
		b = append(b, '\n')
	}
	if o.buf = b; len(b) >= flushAt {
		o.flush()
	}
	return o.err
}

func (o *objects) flush() {
	if o.err == nil {
		_, o.err = o.out.Write(o.buf)
	}
	o.buf = o.buf[:0]
}

// Close ends the array.
func (o *objects) Close() error {
	if o.array {
		o.buf = append(o.buf, "\n]\n"...)
	}
	o.flush()
	return o.err
}

// appendText appends a string of JSON. Nearly all are letters that stand for
// themselves.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, err := json.Marshal(s)
			if err != nil {
				return append(b, `""`...)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// parquetTable writes a file of columns. Cells that are empty are null there, and so are
// days and years that are none.
type parquetTable struct {
	out   *parquet.GenericWriter[any]
	order []int // where each column of the file, which are by name, is in a row
	as    []shape
	rows  []parquet.Row
	n     int
}

const parquetRows = 512

func newParquet(w io.Writer, columns []Column, mark Mark) *parquetTable {
	group := parquet.Group{}
	for _, c := range columns {
		switch c.as {
		case year:
			group[c.Name] = parquet.Optional(parquet.Int(32))
		case day:
			group[c.Name] = parquet.Optional(parquet.Date())
		default:
			group[c.Name] = parquet.Optional(parquet.String())
		}
	}
	t := &parquetTable{rows: make([]parquet.Row, parquetRows)}
	for i := range columns {
		t.order = append(t.order, i)
	}
	slices.SortFunc(t.order, func(a, b int) int {
		if columns[a].Name < columns[b].Name {
			return -1
		}
		return 1
	})
	for _, i := range t.order {
		t.as = append(t.as, columns[i].as)
	}
	options := []parquet.WriterOption{parquet.NewSchema("voters", group), parquet.Compression(&snappy.Codec{}), parquet.CreatedBy("Hustings", "", ""), parquet.MaxRowsPerRowGroup(100_000)}
	for _, line := range mark.lines() {
		options = append(options, parquet.KeyValueMetadata("hustings."+line[0], line[1]))
	}
	t.out = parquet.NewGenericWriter[any](w, options...)
	return t
}

// Row adds a row.
func (t *parquetTable) Row(cells []string) error {
	row := t.rows[t.n][:0]
	for k, i := range t.order {
		row = append(row, parquetValue(cells[i], t.as[k], k))
	}
	t.rows[t.n] = row
	if t.n++; t.n < parquetRows {
		return nil
	}
	return t.flush()
}

func parquetValue(s string, as shape, column int) parquet.Value {
	if s == "" {
		return parquet.NullValue().Level(0, 0, column)
	}
	switch as {
	case year:
		if n, err := strconv.Atoi(s); err == nil {
			return parquet.Int32Value(int32(n)).Level(0, 1, column)
		}
		return parquet.NullValue().Level(0, 0, column)
	case day:
		if d, err := time.Parse(time.DateOnly, s); err == nil {
			return parquet.Int32Value(int32(d.Unix()/86400)).Level(0, 1, column)
		}
		return parquet.NullValue().Level(0, 0, column)
	}
	return parquet.ByteArrayValue([]byte(s)).Level(0, 1, column)
}

func (t *parquetTable) flush() error {
	_, err := t.out.WriteRows(t.rows[:t.n])
	t.n = 0
	return err
}

// Close writes what is left, and the footer.
func (t *parquetTable) Close() error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.out.Close()
}

// layouts are the formats that have columns of their own.
var layouts = map[Format]file.Kind{NC: file.NC, VRIJSON: file.VRIJSON, VRIXML: file.VRIXML}

// layout writes voters in the layout of others.
type layout struct {
	Choices
	out file.Writer
	rec file.Record
}

func newLayout(w io.Writer, c Choices) (*layout, error) {
	out, err := file.NewWriter(w, layouts[c.Format], file.Choices{})
	return &layout{Choices: c, out: out}, err
}

// Voter adds a voter.
func (l *layout) Voter(v *roll.Voter) error {
	l.rec.Voter = *l.shown(v)
	return l.out.Write(&l.rec)
}

// Close ends the file.
func (l *layout) Close() error { return l.out.Close() }
