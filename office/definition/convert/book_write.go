// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"hustings/election"
	"hustings/kit/fault"
)

// maxCell is what a cell of a workbook holds; Excel cuts the rest off without a
// word.
const maxCell = 32767

// writeBook writes a definition as a workbook. Boundaries do not fit in one.
func writeBook(w io.Writer, def *election.Definition) error {
	return writeSheets(w, def, nil)
}

func writeSheets(w io.Writer, def *election.Definition, extra func(f *excelize.File) error) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for i, s := range sheets {
		if i == 0 {
			err = f.SetSheetName("Sheet1", s.name)
		} else {
			_, err = f.NewSheet(s.name)
		}
		if err != nil {
			return err
		}
		if err := writeSheet(f, s, def, bold, extra != nil); err != nil {
			return err
		}
	}
	if extra != nil {
		if err := extra(f); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return err
	}
	return inSequence(w, b.Bytes())
}

// inSequence writes the parts of a workbook in order: the library writes large
// sheets in any. The list of contents comes first, for whoever looks only there.
func inSequence(w io.Writer, workbook []byte) error {
	z, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		return err
	}
	slices.SortFunc(z.File, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) }) // [Content_Types].xml before any letter
	out := zip.NewWriter(w)
	for _, part := range z.File {
		if err := out.Copy(part); err != nil {
			return err
		}
	}
	return out.Close()
}

// writeSheet writes one sheet: titles in bold that stay in view, then rows of
// texts. Everything is text, so that 0042 keeps its zeros and nothing can run as
// a formula.
func writeSheet(f *excelize.File, s bookSheet, def *election.Definition, bold int, template bool) error {
	var rows [][]any
	s.rows(def, func(cells ...any) { rows = append(rows, cells) })
	languages := make([][]string, len(s.columns))
	for i := range s.columns {
		languages[i] = languagesIn(rows, i)
	}
	width := 18.0
	if template {
		width = 24
		if err := offer(f, s, languages); err != nil {
			return err
		}
	}
	out, err := f.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := out.SetColWidth(1, 30, width); err != nil {
		return err
	}
	if err := out.SetRow("A1", titles(s, languages, bold)); err != nil {
		return err
	}
	for n, cells := range rows {
		line, err := texts(s, n+2, cells, languages)
		if err != nil {
			return err
		}
		if err := out.SetRow("A"+strconv.Itoa(n+2), line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// languagesIn lists the languages of a column, nil where it holds no wordings.
func languagesIn(rows [][]any, i int) []string {
	var all []election.Text
	for _, cells := range rows {
		switch v := cells[i].(type) {
		case election.Text:
			all = append(all, v)
		case []election.Text:
			all = append(append(all, election.Text{"en": ""}), v...)
		}
	}
	if all == nil {
		return nil
	}
	return languagesOf(all)
}

func titles(s bookSheet, languages [][]string, style int) []any {
	var out []any
	for i, c := range s.columns {
		out = append(out, excelize.Cell{StyleID: style, Value: c.title})
		for _, tag := range languages[i] {
			if tag != "en" {
				out = append(out, excelize.Cell{StyleID: style, Value: c.title + " [" + tag + "]"})
			}
		}
	}
	return out
}

// texts writes the cells of a row as texts, a wording into a cell for each
// language.
func texts(s bookSheet, row int, cells []any, languages [][]string) ([]any, error) {
	var out []any
	for i, c := range cells {
		list := []string{""}
		switch v := c.(type) {
		case election.Text:
			list = list[:0]
			for _, tag := range languages[i] {
				list = append(list, v[tag])
			}
		case []election.Text:
			list = list[:0]
			for _, tag := range languages[i] {
				list = append(list, ticketCell(v, tag))
			}
		default:
			list[0] = cellText(v)
		}
		for _, t := range list {
			if utf8.RuneCountInString(t) > maxCell {
				return nil, fault.New(fault.Invalid, "Row %d of the sheet %s: the %s is longer than the %d characters that a cell holds. Export NIST or JSON instead.",
					row, s.name, s.columns[i].title, maxCell)
			}
			out = append(out, t)
		}
	}
	return out, nil
}

// ticketCell lists the names of a ticket in one language; one without keeps its
// place.
func ticketCell(list []election.Text, tag string) string {
	if len(list) == 0 {
		return ""
	}
	names, any := make([]string, len(list)), false
	for i, t := range list {
		names[i] = t[tag]
		any = any || names[i] != ""
	}
	if !any {
		return ""
	}
	return joinList(names)
}

func cellText(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "yes"
		}
		return ""
	case float64:
		if v == 0 {
			return ""
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case *int64:
		if v == nil {
			return ""
		}
		return strconv.FormatInt(*v, 10)
	case map[string]string:
		return joinPairs(v)
	case []election.DistrictID:
		return joinList(v)
	case []election.PartyID:
		return joinList(v)
	case []election.UnitID:
		return joinList(v)
	case []election.ContestID:
		return joinList(v)
	}
	return fmt.Sprint(v)
}

// bookBytes writes sheets into memory.
func bookBytes(def *election.Definition, extra func(f *excelize.File) error) ([]byte, error) {
	var b bytes.Buffer
	err := writeSheets(&b, def, extra)
	return b.Bytes(), err
}
