// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// write makes a workbook of texts and counts, two columns of each.
func write(t interface{ Fatal(...any) }, most int, rows [][2]string, counts [][2]Count) []byte {
	var b bytes.Buffer
	w, err := NewWorkbook(&b, "Results", []string{"County", "Contest", "Votes", "Early"})
	if err != nil {
		t.Fatal(err)
	}
	w.most = most
	for i, r := range rows {
		w.Add(w.Texts(r[0], r[1]))
		w.Count(counts[i][0])
		w.Count(counts[i][1])
		if err := w.End(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// theirs reads a workbook with excelize.
func theirs(t interface{ Fatal(...any) }, body []byte, sheet string) [][]string {
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// What a workbook holds reads back cell for cell, with our reader and with
// excelize.
func TestAWorkbookReadsBackWhateverItsCellsHold(t *testing.T) {
	letter := rapid.RuneFrom([]rune("ab<>&\"'\t\n\r\x01\x1f \u00e9\u2028😀_x0D\ufffe"))
	text := rapid.OneOf(rapid.StringOf(letter), rapid.SampledFrom([]string{"", "_x000D_", "__x0041_", "_x0000_", " both ends ", "=1+1", "00501", "1e5", "TRUE"}))
	count := rapid.SampledFrom([]Count{{}, {Is: Suppressed}, N(0), N(7), N(1234567890)})
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(rt, "rows")
		var rows [][2]string
		var counts [][2]Count
		want := [][]string{{"County", "Contest", "Votes", "Early"}}
		for i := range n {
			a, b := text.Draw(rt, "a"), text.Draw(rt, "b")
			c, d := count.Draw(rt, "c"), count.Draw(rt, "d")
			if i == n-1 {
				a, c = "last", N(1) // excelize drops empty rows at the end
			}
			rows, counts = append(rows, [2]string{a, b}), append(counts, [2]Count{c, d})
			want = append(want, []string{a, b, c.String(), d.String()})
		}
		body := write(rt, maxWorkbookRows, rows, counts)
		got := theirs(rt, body, "Results")
		for i := range got {
			got[i] = append(got[i], make([]string, 4-len(got[i]))...)
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("excelize (-want +got):\n%s", d)
		}
		table, err := Open("a.xlsx", bytes.NewReader(body), Limits{})
		if err != nil {
			rt.Fatal(err)
		}
		got = [][]string{{"County", "Contest", "Votes", "Early"}}
		for row, err := range table.Rows() {
			if err != nil {
				rt.Fatal(err)
			}
			got = append(got, []string{row.Raw(0), row.Raw(1), row.Raw(2), row.Raw(3)})
		}
		want = slices.DeleteFunc(want, allEmpty)
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("our reader (-want +got):\n%s", d)
		}
	})
}

func TestAWorkbookGoesOnOnTheNextSheet(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rows   int
		sheets []string
	}{
		{"a sheet that is just full", 3, []string{"Results"}},
		{"one row more", 4, []string{"Results", "Results 2"}},
		{"three sheets", 9, []string{"Results", "Results 2", "Results 3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rows [][2]string
			var counts [][2]Count
			for i := range tt.rows {
				rows, counts = append(rows, [2]string{fmt.Sprint("unit ", i), "same"}), append(counts, [2]Count{N(int64(i)), {}})
			}
			body := write(t, 4, rows, counts)
			f, err := excelize.OpenReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if d := cmp.Diff(tt.sheets, f.GetSheetList()); d != "" {
				t.Fatal(d)
			}
			n := 0
			for _, name := range tt.sheets {
				got := theirs(t, body, name)
				if d := cmp.Diff([]string{"County", "Contest", "Votes", "Early"}, got[0]); d != "" {
					t.Errorf("%s: header %s", name, d)
				}
				for _, r := range got[1:] {
					if d := cmp.Diff([]string{rows[n][0], "same", fmt.Sprint(n)}, r); d != "" {
						t.Errorf("%s: %s", name, d)
					}
					n++
				}
			}
			if n != tt.rows {
				t.Errorf("%d rows came back, want %d", n, tt.rows)
			}
		})
	}
}

func TestSheetNamesStayWithinThirtyOneLetters(t *testing.T) {
	b := &Workbook{name: strings.Repeat("ñ", 29) + "ab"}
	if got, want := b.sheetName(12), strings.Repeat("ñ", 28)+" 12"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, name := range []string{"", "a/b?", "'quoted'", strings.Repeat("x", 32), "a\nb"} {
		if _, err := NewWorkbook(io.Discard, name, []string{"x"}); err == nil {
			t.Errorf("a sheet could be called %q", name)
		}
	}
}

// Numbers are numbers and texts are texts, or a spreadsheet could neither add
// the ones nor keep the zeros of the others.
func TestKindsOfCells(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWorkbook(&b, "Kinds", []string{"a", "b", "c", "d", "e", "f"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write("007", 7, int64(8), 2.5, true, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(struct{}{}, 1, 1, 1, 1, 1); err == nil || err.Error() != "row 3: cell A would hold a struct {}, for which a workbook has no cells" {
		t.Errorf("got %v", err)
	}
	if err := w.Write(1); err == nil || err.Error() != "row 3: it has 1 cells but the header has 6" {
		t.Errorf("got %v", err)
	}
	if err := w.Write("after", nil, nil, nil, false, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for cell, want := range map[string]struct {
		typ   excelize.CellType
		value string
	}{
		"A1": {excelize.CellTypeSharedString, "a"}, "A2": {excelize.CellTypeSharedString, "007"},
		"B2": {excelize.CellTypeUnset, "7"}, "C2": {excelize.CellTypeUnset, "8"}, "D2": {excelize.CellTypeUnset, "2.5"},
		"E2": {excelize.CellTypeBool, "1"}, "F2": {excelize.CellTypeUnset, ""},
		"A3": {excelize.CellTypeSharedString, "after"}, "E3": {excelize.CellTypeBool, "0"},
	} {
		typ, _ := f.GetCellType("Kinds", cell)
		value, _ := f.GetCellValue("Kinds", cell, excelize.Options{RawCellValue: true})
		if typ != want.typ || value != want.value {
			t.Errorf("%s: got %v %q, want %v %q", cell, typ, value, want.typ, want.value)
		}
	}
	style, _ := f.GetCellStyle("Kinds", "F1")
	if s, err := f.GetStyle(style); err != nil || s.Font == nil || !s.Font.Bold {
		t.Errorf("the header is not bold: %+v, %v", s, err)
	}
	if p, err := f.GetPanes("Kinds"); err != nil || !p.Freeze || p.YSplit != 1 {
		t.Errorf("the header does not stay in view: %+v, %v", p, err)
	}
}

// An archive that does not name every part, or whose first entry is another,
// is taken for a plain zip by some programs.
func TestPartsOfAWorkbook(t *testing.T) {
	body := write(t, 2, [][2]string{{"a", "b"}, {"c", "d"}}, make([][2]Count, 2))
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := wellFormed(part); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	want := []string{"_rels/.rels", "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml",
		"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
}

// wellFormed reads a part to its end with a strict reader.
func wellFormed(part []byte) error {
	d := xml.NewDecoder(bytes.NewReader(part))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// failing is a disk that is full after so many bytes.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestAFullDiskIsToldOf(t *testing.T) {
	for left := 0; left < 2000; left += 50 {
		w, err := NewWorkbook(&failing{left}, "Results", []string{"a"})
		for i := 0; i < 100 && err == nil; i++ {
			err = w.Write(i)
		}
		if err == nil {
			err = w.Close()
		}
		if err == nil && left < 2000 {
			t.Errorf("a workbook was written in %d bytes", left)
		}
	}
	out, err := NewWriter(&failing{10}, []string{"a"}, Style{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * flushAt {
		if err = out.Write("x"); err != nil {
			break
		}
	}
	if err == nil || out.Close() == nil {
		t.Error("a table was written to a full disk")
	}
}
