// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"math"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/format/sheet"
)

// rowAt is which row of which sheet something stands in.
type rowAt struct {
	sheet *bookSheet
	notes *notes
	line  int
	id    string
}

// bad notes a cell that cannot be used.
func (r rowAt) bad(level Level, problem, column, value string, kv ...string) {
	r.notes.at(r.line, level, problem, r.id, append([]string{"sheet", r.sheet.name, "column", column, "value", value}, kv...)...)
}

// bookRow is a row of a sheet.
type bookRow struct {
	rowAt
	columns map[string]map[string]int // column by key and language
	row     sheet.Row
}

// titles notes which column is where; ones that the sheet does not know are
// passed over, and said.
func (r *bookRow) titles(t *sheet.Table) {
	for i, title := range t.Titles {
		key, lang := columnKey(title)
		if !r.sheet.has(key) {
			if strings.TrimSpace(title) != "" {
				r.notes.at(t.HeaderLine, Info, "column_passed", title, "sheet", r.sheet.name, "column", title)
			}
			continue
		}
		if r.columns[key] == nil {
			r.columns[key] = make(map[string]int)
		}
		if _, twice := r.columns[key][lang]; !twice {
			r.columns[key][lang] = i
		}
	}
}

func (r *bookRow) str(key string) string {
	i, ok := r.columns[key]["en"]
	if !ok {
		return ""
	}
	return r.row.Cell(i)
}

func (r *bookRow) text(key string) election.Text {
	return text(func(yield func(lang, content string)) {
		for _, lang := range sortedKeys(r.columns[key]) {
			yield(lang, r.row.Cell(r.columns[key][lang]))
		}
	})
}

func (r *bookRow) yes(key string) bool { return yesWords[fold(r.str(key))] }

func (r *bookRow) code(key string) string { return strings.ReplaceAll(fold(r.str(key)), " ", "-") }

// whole reads a whole number, or the default where the cell is empty.
func (r *bookRow) whole(column string, otherwise int) int {
	s := r.str(sheet.Snake(column))
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		r.bad(Block, "cell_number", column, s)
		return otherwise
	}
	return n
}

// count reads a number of people, nil where it is not known.
func (r *bookRow) count(column string) *int64 {
	s := r.str(sheet.Snake(column))
	c, err := sheet.ParseCount(s)
	if err != nil {
		r.bad(Warn, "cell_number", column, s)
		return nil
	}
	if !c.Known() {
		return nil
	}
	return &c.N
}

func (r *bookRow) number(column string) float64 {
	s := r.str(sheet.Snake(column))
	if s == "" {
		return 0
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		r.bad(Warn, "cell_number", column, s)
		return 0
	}
	return f
}
