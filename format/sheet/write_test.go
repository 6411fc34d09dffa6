// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWriter(t *testing.T) {
	for _, tt := range []struct {
		name  string
		style Style
		want  string
	}{
		{"plain", Style{}, "name,votes\n\"Smith, \"\"J\"\"\",1\n=1+1,2\n"},
		{"tabs", Style{Delimiter: '\t'}, "name\tvotes\n\"Smith, \"\"J\"\"\"\t1\n=1+1\t2\n"},
		{"for Excel", Style{CRLF: true, BOM: true, Guard: true}, "\ufeffname,votes\r\n\"Smith, \"\"J\"\"\",1\r\n'=1+1,2\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			w, err := NewWriter(&b, []string{"name", "votes"}, tt.style)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range [][]string{{`Smith, "J"`, "1"}, {"=1+1", "2"}} {
				if err := w.Write(row...); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Write("too", "many", "cells"); err == nil || err.Error() != "row 4 has 3 cells but the header has 2" {
				t.Errorf("a row of the wrong width: got %v", err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestGuard(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"Pima":                "Pima",
		"=cmd|' /C calc'!A0":  "'=cmd|' /C calc'!A0",
		"@SUM(A1)":            "'@SUM(A1)",
		"+1 602 555 0100":     "'+1 602 555 0100",
		"-2+3+cmd|' /C x'!A0": "'-2+3+cmd|' /C x'!A0",
		"\t=1":                "'\t=1",
		"  =1":                "'  =1",
		"＝1+1":                "'＝1+1",
		"-3":                  "-3",
		"-3.5":                "-3.5",
		"-":                   "-",
		"=":                   "=",
		"O'Brien":             "O'Brien",
		"a=b":                 "a=b",
	} {
		if got := Guard(in); got != want {
			t.Errorf("Guard(%q): got %q, want %q", in, got, want)
		}
	}
}

func TestWorkbookReadsBack(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWorkbook(&b, "Results", []string{"county", "votes", "early"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]any{{"=HYPERLINK(1)", N(1234), Count{}}, {"Doña Ana", 5, Count{Is: Suppressed}}, {"00501", N(0), N(7)}} {
		if err := w.Write(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write("too few"); err == nil {
		t.Error("a row of the wrong width was taken")
	}
	if err := w.Write(strings.Repeat("x", 32768), 1, 1); err == nil || !strings.Contains(err.Error(), "cell A is longer than the 32767 characters") {
		t.Errorf("a cell that Excel would cut: got %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rows, problems, err := read(t, "out.xlsx", bytes.NewReader(b.Bytes()), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"county|votes|early", "2: =HYPERLINK(1)|1234|", "3: Doña Ana|5|*", "4: 00501|0|7"}
	for i := range rows {
		if i < len(want) && strings.TrimRight(rows[i], "|") != strings.TrimRight(want[i], "|") {
			t.Errorf("row %d: got %q, want %q", i, rows[i], want[i])
		}
	}
	if len(rows) != len(want) || len(problems) > 0 {
		t.Errorf("got %d rows and the problems %q", len(rows), problems)
	}
}

func TestWorkbookSheetName(t *testing.T) {
	if _, err := NewWorkbook(&bytes.Buffer{}, "a/b?", []string{"x"}); err == nil || !strings.Contains(err.Error(), `the sheet cannot be called "a/b?"`) {
		t.Errorf("got %v", err)
	}
}

// What is written reads back cell for cell, whatever the cells hold.
func TestWhatIsWrittenReadsBack(t *testing.T) {
	cell := rapid.StringOf(rapid.RuneFrom([]rune("ab,;\t|\"'\n éñ=+-@0")))
	rapid.Check(t, func(rt *rapid.T) {
		comma := rapid.SampledFrom([]rune{',', '\t', ';', '|'}).Draw(rt, "delimiter")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 1, 8).Draw(rt, "rows")
		var b bytes.Buffer
		w, err := NewWriter(&b, []string{"a", "b", "c"}, Style{Delimiter: comma})
		if err != nil {
			rt.Fatal(err)
		}
		var want [][]string
		for _, r := range rows {
			if err := w.Write(r...); err != nil {
				rt.Fatal(err)
			}
			if !allEmpty(r) {
				want = append(want, r)
			}
		}
		if err := w.Close(); err != nil {
			rt.Fatal(err)
		}
		table, err := Open("a.csv", &b, Limits{})
		if err != nil {
			rt.Fatal(err)
		}
		var got [][]string
		for row, err := range table.Rows() {
			if err != nil {
				rt.Fatal(err)
			}
			got = append(got, []string{row.Raw(0), row.Raw(1), row.Raw(2)})
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("delimiter %q:\n%s", comma, d)
		}
	})
}

// Publishing compares files by their content: the same rows must give the same
// bytes.
func TestAWorkbookIsTheSameEveryTime(t *testing.T) {
	write := func() []byte {
		var b bytes.Buffer
		w, err := NewWorkbook(&b, "Results", []string{"county", "votes"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write("Gila", N(1)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	first := write()
	for range 5 {
		if !bytes.Equal(first, write()) {
			t.Fatal("the same rows gave different files")
		}
	}
}
