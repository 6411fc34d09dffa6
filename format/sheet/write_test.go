// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

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

// The writer's own quoting gives what encoding/csv gives.
func TestQuotingIsThatOfTheStandardLibrary(t *testing.T) {
	cell := rapid.OneOf(rapid.StringOf(rapid.RuneFrom([]rune("ab,;\t|\"'\n\r \u00a0éñ=\\."))), rapid.SampledFrom([]string{"", `\.`, " a", "\u2003x"}))
	rapid.Check(t, func(rt *rapid.T) {
		style := Style{Delimiter: rapid.SampledFrom([]rune{',', '\t', ';', '|', 'é'}).Draw(rt, "delimiter"), CRLF: rapid.Bool().Draw(rt, "crlf")}
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 1, 5).Draw(rt, "rows")
		var want, got bytes.Buffer
		theirs := csv.NewWriter(&want)
		theirs.Comma, theirs.UseCRLF = style.Delimiter, style.CRLF
		ours, err := NewWriter(&got, []string{"a", "b", "c"}, style)
		if err != nil {
			rt.Fatal(err)
		}
		if err := theirs.WriteAll(append([][]string{{"a", "b", "c"}}, rows...)); err != nil {
			rt.Fatal(err)
		}
		for i, r := range rows {
			if i%2 == 0 {
				err = ours.Write(r...)
			} else {
				ours.Add(ours.Cells(r[0], r[1]))
				ours.Add(ours.Cells(r[2]))
				err = ours.End()
			}
			if err != nil {
				rt.Fatal(err)
			}
		}
		if err := ours.Close(); err != nil {
			rt.Fatal(err)
		}
		if got.String() != want.String() {
			rt.Fatalf("got  %q\nwant %q", got.String(), want.String())
		}
	})
}

func TestCellByCell(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, []string{"county", "contest", "votes", "early"}, Style{Guard: true})
	if err != nil {
		t.Fatal(err)
	}
	where := w.Cells("=Gila", "Mayor, full term")
	for _, n := range []Count{N(-3), {}, {Is: Suppressed}} {
		w.Add(where)
		w.Count(n)
		w.Count(N(1))
		if err := w.End(); err != nil {
			t.Fatal(err)
		}
	}
	w.Add(where)
	if err := w.End(); err == nil || err.Error() != "row 5 has 2 cells but the header has 4" {
		t.Errorf("got %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := "county,contest,votes,early\n'=Gila,\"Mayor, full term\",-3,1\n'=Gila,\"Mayor, full term\",,1\n'=Gila,\"Mayor, full term\",*,1\n"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
}

func TestADelimiterThatCannotBe(t *testing.T) {
	for _, d := range []rune{'"', '\n', '\r', utf8.RuneError, -1} {
		if _, err := NewWriter(io.Discard, []string{"a"}, Style{Delimiter: d}); err == nil {
			t.Errorf("%q was taken", d)
		}
	}
}

// The rows of a state: one cell in five is new.
func BenchmarkWriter(b *testing.B) {
	for _, way := range []string{"at once", "cell by cell"} {
		b.Run(way, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w, err := NewWriter(io.Discard, []string{"county", "precinct", "contest", "choice", "votes"}, Style{Guard: true})
				if err != nil {
					b.Fatal(err)
				}
				unit, choice := w.Cells("Maricopa", "0001 ACACIA"), w.Cells("Board of Supervisors, District 4", "Doe, \"J.\" Jane")
				for i := range int64(50_000) {
					if way == "at once" {
						err = w.Write("Maricopa", "0001 ACACIA", "Board of Supervisors, District 4", "Doe, \"J.\" Jane", N(i).String())
					} else {
						w.Add(unit)
						w.Add(choice)
						w.Count(N(i))
						err = w.End()
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWorkbook(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		w, err := NewWorkbook(io.Discard, "Results", []string{"county", "precinct", "contest", "choice", "votes"})
		if err != nil {
			b.Fatal(err)
		}
		unit, choice := w.Texts("Maricopa", "0001 ACACIA"), w.Texts("Board of Supervisors, District 4", "Doe, \"J.\" Jane")
		for i := range int64(50_000) {
			w.Add(unit)
			w.Add(choice)
			w.Count(N(i))
			if err := w.End(); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestUnguardTakesOffWhatGuardPutOn(t *testing.T) {
	for cell, want := range map[string]string{"'=1+1": "=1+1", "'+Ann": "+Ann", "'Ann": "'Ann", "'": "'", "": "", "O'Brien": "O'Brien", "'-3": "'-3"} {
		if got := Unguard(cell); got != want {
			t.Errorf("%q: got %q, want %q", cell, got, want)
		}
	}
	for _, cell := range []string{"=1+1", "@x", "-3", "- 3", "Ann", "\t=x", "＝1", "'=1", "''=1"} {
		if got := Unguard(Guard(cell)); got != cell && cell != "'=1" { // an apostrophe of its own is lost with it
			t.Errorf("%q became %q", cell, got)
		}
	}
}
