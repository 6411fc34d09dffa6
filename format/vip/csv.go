// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// tableReader reads the tables of one feed in CSV form.
type tableReader struct {
	limits Limits
	left   int64
	rows   int
	ps     *problems
	values *values
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

// read reads a whole table and hands over each row.
func (t *tableReader) read(tab table, r io.Reader, take func(row)) error {
	file := tab.name + ".txt"
	in := &meter{r: r, left: &t.left, most: t.limits.Value}
	rows := csv.NewReader(in)
	rows.LazyQuotes = true
	rows.FieldsPerRecord = -1
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s line 1: %w", file, err)
	}
	places := t.header(tab, file, header)
	for {
		in.sinceRow = 0
		cells, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		line, _ := rows.FieldPos(0)
		if err != nil && !errors.Is(err, csv.ErrFieldCount) {
			return fmt.Errorf("%s line %d: %w", file, line, err)
		}
		if t.rows++; t.rows > t.limits.Elements {
			return fmt.Errorf("%s line %d: the feed has more than %d rows", file, line, t.limits.Elements)
		}
		if blank(cells) {
			continue
		}
		take(t.row(tab, file, places, cells, line))
	}
}

// spot says where the cells of one column go: into the struct, or into extra.
type spot struct {
	name  string
	col   column
	extra int // index into table.extra, or -1
	known bool
}

// header matches the first line with the columns we know.
func (t *tableReader) header(tab table, file string, header []string) []spot {
	columns := columnsOf(tab.plan)
	spots := make([]spot, len(header))
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		s := spot{name: name, extra: slices.Index(tab.extra, name)}
		s.col, s.known = columnNamed(columns, name)
		s.known = s.known || s.extra >= 0
		problem := Problem{File: file, Line: 1, Element: tab.class, Field: clip(name), Kind: Unknown}
		switch {
		case !s.known && name != "":
			problem.Say = "this column is not part of VIP; it was left out"
			t.ps.add(problem)
		case s.known && seen[name]:
			s.known = false
			problem.Say = "this column stands here a second time; the first was used"
			t.ps.add(problem)
		}
		seen[name] = true
		spots[i] = s
	}
	return spots
}

// row fills a struct from the cells of one line.
func (t *tableReader) row(tab table, file string, spots []spot, cells []string, line int) row {
	r := row{value: reflect.New(tab.elem).Elem(), extra: make([]ID, len(tab.extra)), line: line}
	if tab.plan.line != nil {
		r.value.FieldByIndex(tab.plan.line).SetInt(int64(line))
	}
	problem := Problem{File: file, Line: line, Element: tab.class}
	if at := slices.IndexFunc(spots, func(s spot) bool { return s.name == "id" }); at >= 0 && at < len(cells) {
		problem.ID = ID(clip(strings.TrimSpace(cells[at])))
	}
	if len(cells) != len(spots) {
		p := problem
		p.Kind, p.Say = Odd, fmt.Sprintf("has %d columns where the first line has %d; is a comma or a quotation mark missing?", len(cells), len(spots))
		t.ps.add(p)
	}
	for i, s := range spots[:min(len(spots), len(cells))] {
		problem.Field = s.name
		text := t.clean(problem, cells[i])
		if len(text) == 0 || !s.known {
			continue
		}
		if s.extra >= 0 {
			r.extra[s.extra] = ID(t.values.text(text))
			continue
		}
		if kind, say := t.values.setCell(s.col, r.value, text); say != "" {
			problem.Kind, problem.Say = kind, say
			t.ps.add(problem)
		}
	}
	return r
}

// clean trims a cell and makes it UTF-8.
func (t *tableReader) clean(p Problem, cell string) []byte {
	cell = strings.TrimSpace(cell)
	plain := utf8.ValidString(cell) && !strings.ContainsFunc(cell, func(r rune) bool { return r < ' ' })
	if plain {
		return []byte(cell)
	}
	s := scanner{startLine: p.Line, stray: func(_ int, b byte) {
		p.Kind, p.Say = Encoding, fmt.Sprintf("byte 0x%02X is not UTF-8; it was read as Windows-1252 %q", b, windows1252(b))
		t.ps.add(p)
	}}
	text, _ := s.unescape([]byte(cell), false) // only entities can fail
	return bytes.TrimSpace(text)
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// meter stops a reader at the limits. An opening quotation mark without its
// other half would otherwise swallow a whole file into one cell.
type meter struct {
	r        io.Reader
	left     *int64
	sinceRow int
	most     int
}

// readAhead is more than the CSV reader fetches before it needs it.
const readAhead = 1 << 16

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.sinceRow > m.most+readAhead {
		return 0, errTooLong
	}
	if *m.left <= 0 {
		// At exactly the limit the file may also just have ended.
		if n, err := m.r.Read(p[:1]); n == 0 {
			return 0, err
		}
		return 0, errTooLarge
	}
	if int64(len(p)) > *m.left {
		p = p[:*m.left]
	}
	n, err := m.r.Read(p)
	*m.left -= int64(n)
	m.sinceRow += n
	return n, err
}
