// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"io"
	"reflect"
	"slices"

	"hustings/format/sheet"
)

// tableReader reads the tables of one feed in CSV form.
type tableReader struct {
	limits sheet.Limits
	rows   int // left to read
	ps     *problems
	values *values
	cell   []byte // the one at hand
}

func newTableReader(limits Limits, ps *problems) *tableReader {
	return &tableReader{limits: sheetLimits(limits), rows: limits.Elements, ps: ps, values: newValues()}
}

// sheetLimits are our limits in the words of format/sheet. One file of a zip
// may be as large as all of them may be together.
func sheetLimits(l Limits) sheet.Limits {
	return sheet.Limits{Bytes: l.Bytes, Unpacked: l.Bytes, Entries: l.Files, Cell: l.Value, Line: l.Value, Problems: l.Problems}
}

// row is what a table's rows hand over: the struct filled from the columns
// that its type knows, and the texts of the columns asked for besides.
type row struct {
	value reflect.Value
	extra []ID
	line  int
}

// table is one file of the CSV form.
type table struct {
	name  string       // "precinct", as in precinct.txt
	class string       // "Precinct"
	plan  *plan        // of the struct that a row fills
	elem  reflect.Type // that struct
	extra []string     // columns that link to other tables
}

func (t table) file() string { return t.name + ".txt" }

// read reads a whole table. Each row is filled in where room says and then
// handed over.
func (t *tableReader) read(tab table, r io.Reader, room func() reflect.Value, take func(row)) error {
	limits := t.limits
	limits.Rows = max(1, t.rows) // 0 would mean the default
	cells, err := sheet.Open(tab.file(), r, limits)
	if err != nil {
		return err
	}
	spots := t.header(tab, cells)
	id := cells.Col("id")
	for r, err := range cells.Rows() {
		if err != nil {
			return err
		}
		t.rows--
		take(t.row(tab, room(), spots, r, ID(clip(r.Cell(id)))))
	}
	for _, p := range cells.Problems.List {
		t.ps.add(Problem{File: tab.file(), Line: p.Line, Element: tab.class, Field: p.Field, Kind: Odd, Say: p.Say})
	}
	t.ps.more += cells.Problems.More
	return nil
}

// spot says where the cells of one column go: into the struct, or into extra.
type spot struct {
	name  string
	col   column
	extra int // index into table.extra, or -1
	known bool
}

// header matches the first line with the columns we know.
func (t *tableReader) header(tab table, cells *sheet.Table) []spot {
	columns := columnsOf(tab.plan)
	spots := make([]spot, len(cells.Header))
	for i, name := range cells.Header {
		s := spot{name: name, extra: slices.Index(tab.extra, name)}
		s.col, s.known = columnNamed(columns, name)
		s.known = s.known || s.extra >= 0
		if !s.known {
			t.ps.add(Problem{File: tab.file(), Line: cells.HeaderLine, Element: tab.class, Field: clip(name), Kind: Unknown,
				Say: "this column is not part of VIP; it was left out"})
		}
		spots[i] = s
	}
	return spots
}

// row fills a struct from the cells of one line.
func (t *tableReader) row(tab table, into reflect.Value, spots []spot, cells sheet.Row, id ID) row {
	r := row{value: into, extra: make([]ID, len(tab.extra)), line: cells.Line}
	if tab.plan.line != nil {
		r.value.FieldByIndex(tab.plan.line).SetInt(int64(cells.Line))
	}
	for i, s := range spots {
		text := cells.Cell(i)
		if text == "" || !s.known {
			continue
		}
		t.cell = append(t.cell[:0], text...)
		if s.extra >= 0 {
			r.extra[s.extra] = ID(t.values.text(t.cell))
			continue
		}
		if kind, say := t.values.setCell(s.col, r.value, t.cell); say != "" {
			t.ps.add(Problem{File: tab.file(), Line: cells.Line, Element: tab.class, ID: id, Field: s.name, Kind: kind, Say: say})
		}
	}
	return r
}
