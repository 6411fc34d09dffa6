// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"hustings/format/sheet"
	"hustings/kit/words"
	"hustings/office/results/tally"
)

var update = flag.Bool("update", false, "rewrite what the files in testdata are expected to say")

// TestFiles reads each file in testdata and compares what it says with what
// stands beside it.
func TestFiles(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in testdata (%v)", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			in, want := ar.Files[0], &ar.Files[len(ar.Files)-1]
			var o Options
			for _, f := range ar.Files[1 : len(ar.Files)-1] {
				if err := json.Unmarshal(f.Data, &o); err != nil {
					t.Fatal(err)
				}
			}
			sts, err := Read(in.Name, bytes.NewReader(in.Data), o)
			got := show(t, sts, err)
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(want.Data), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// show writes statements down as a person would check them.
func show(t testing.TB, sts []*tally.Statement, err error) string {
	t.Helper()
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	for _, st := range sts {
		if st == nil {
			continue
		}
		fmt.Fprintf(&b, "%s %s election=%q state=%s date=%s status=%s rows=%d", st.Format, st.Path, st.Election, st.State, st.Date, st.Status, st.Rows)
		if !st.Generated.IsZero() {
			fmt.Fprintf(&b, " generated=%s", st.Generated.Format("2006-01-02T15:04:05Z07:00"))
		}
		for _, f := range []struct {
			is   bool
			name string
		}{{st.Test, "test"}, {st.TotalOnly, "total-only"}, {st.NoTotals, "no-totals"}, {st.OverBallots, "over-ballots"}} {
			if f.is {
				b.WriteString(" " + f.name)
			}
		}
		b.WriteString("\n")
		showNames(&b, st)
		showCounts(&b, st)
		for _, f := range st.Findings {
			fmt.Fprintf(&b, "%s %s line %d: %s\n", f.Level, f.Check, f.Line, sentence(t, f))
		}
	}
	return b.String()
}

func showNames(b *strings.Builder, st *tally.Statement) {
	for _, u := range st.Units {
		fmt.Fprintf(b, "unit %s", unitName(st, u))
		if u.Number != "" {
			fmt.Fprintf(b, " number=%s", u.Number)
		}
		if u.Code != "" {
			fmt.Fprintf(b, " code=%s", u.Code)
		}
		fmt.Fprintf(b, " %s\n", u.Type)
	}
	for _, c := range st.Contests {
		fmt.Fprintf(b, "contest %s", tally.ContestTitle(c.Name, c.District))
		for _, f := range [][2]string{{"party", c.Party}, {"code", c.Code}, {"kind", string(c.Kind)}, {"variation", string(c.Variation)}} {
			if f[1] != "" {
				fmt.Fprintf(b, " %s=%s", f[0], f[1])
			}
		}
		if c.VotesAllowed > 0 {
			fmt.Fprintf(b, " vote-for=%d", c.VotesAllowed)
		}
		if c.Expected > 0 {
			fmt.Fprintf(b, " reported=%d/%d", c.Reported, c.Expected)
		}
		b.WriteString("\n")
	}
}

func unitName(st *tally.Statement, u tally.NamedUnit) string {
	if u.Parent >= 0 {
		return unitName(st, st.Units[u.Parent]) + " > " + u.Name
	}
	return strings.Trim(u.County+" > "+u.Name, " >")
}

func showCounts(b *strings.Builder, st *tally.Statement) {
	for i := 0; i < len(st.Counts); {
		c := st.Counts[i]
		ch := st.Choices[c.Choice]
		what := "(unit)"
		if ch.Contest >= 0 {
			what = tally.ContestTitle(st.Contests[ch.Contest].Name, st.Contests[ch.Contest].District)
		}
		fmt.Fprintf(b, "line %d: %s | %s | ", c.Line, unitName(st, st.Units[c.Unit]), what)
		if ch.Measure < 0 {
			fmt.Fprintf(b, "<%s>", measureName(ch.Measure))
		}
		fmt.Fprint(b, ch.Name)
		for _, f := range []string{ch.Party, string(ch.Kind)} {
			if f != "" {
				fmt.Fprintf(b, " [%s]", f)
			}
		}
		if c.Round > 0 {
			fmt.Fprintf(b, " round %d", c.Round)
		}
		b.WriteString(" |")
		same := c
		for ; i < len(st.Counts) && st.Counts[i].Unit == same.Unit && st.Counts[i].Choice == same.Choice && st.Counts[i].Line == same.Line && st.Counts[i].Round == same.Round; i++ {
			fmt.Fprintf(b, " %s=%d", st.Types[st.Counts[i].Type].Name, st.Counts[i].N)
		}
		b.WriteString("\n")
	}
	for _, p := range st.Progress {
		fmt.Fprintf(b, "progress %s %s: %s %d/%d %d%%\n", unitName(st, st.Units[p.Unit]), st.Types[p.Type].Name, p.State, p.Reported, p.Expected, p.Percent)
	}
}

func measureName(m tally.Measure) string {
	return map[tally.Measure]string{tally.Over: "over", tally.Under: "under", tally.Ballots: "ballots", tally.Registered: "registered",
		tally.Blank: "blank", tally.Subtotal: "subtotal", tally.Rejected: "rejected", tally.Outstanding: "outstanding"}[m]
}

// sentence is a finding in English. A key without a sentence, or a sentence
// with a gap, fails the test.
func sentence(t testing.TB, f tally.Finding) string {
	t.Helper()
	s := english(t).Say(f.Key, f.Args)
	if s == f.Key || strings.Contains(s, "{") {
		t.Errorf("finding %s with %v says %q", f.Key, f.Args, s)
	}
	return s
}

func english(t testing.TB) *words.Printer {
	t.Helper()
	c, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Add(Words); err != nil {
		t.Fatal(err)
	}
	return c.In("en")
}

func TestSentencesInEveryLanguage(t *testing.T) {
	read := func(name string) map[string]words.Message {
		body, err := Words.ReadFile("words/" + name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := words.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, say := range words.Lint(read("en.json"), read("es.json"), "es") {
		t.Error(say)
	}
}

// TestNumbersThatCannotBeRead holds the table of complaints against what the
// table reader really says.
func TestNumbersThatCannotBeRead(t *testing.T) {
	for cell, want := range map[string]string{
		"-3": "number_negative", "(12)": "number_negative", "12%": "number_percent", "3.5": "number_fraction",
		"99999999999": "number_large", "1.2E+05": "number_shortened", "twelve": "number_text",
	} {
		_, err := sheet.ParseCount(cell)
		if err == nil {
			t.Fatalf("%q was read as a count", cell)
		}
		b := newBook("x.csv", "openelections")
		b.problem(7, "votes", err.Error()+"; it was read as not reported")
		f := b.st.Findings[0]
		if f.Key != "results.intake."+want || f.Level != tally.Block || f.Check != "I08" {
			t.Errorf("%q: got %s %s %s, want block I08 %s", cell, f.Level, f.Check, f.Key, want)
		}
		if f.Args["value"] != cell {
			t.Errorf("%q: the finding quotes %q", cell, f.Args["value"])
		}
	}
}

func TestArchives(t *testing.T) {
	one := "county,precinct,office,district,party,candidate,votes\nOak,P1,Sheriff,,,Ann,5\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
		err   string
	}{
		{"each file is a statement", map[string]string{"a/oak.csv": one, "b/elm.csv": strings.ReplaceAll(one, "Oak", "Elm")},
			[]string{"night.zip/oak.csv", "night.zip/elm.csv"}, ""},
		{"what a computer adds of its own is left out", map[string]string{"oak.csv": one, "__MACOSX/oak.csv": "x", ".DS_Store": "x"},
			[]string{"night.zip/oak.csv"}, ""},
		{"a file that nobody can read stops the archive", map[string]string{"oak.csv": one, "photo.png": "\x89PNG\r\n\x1a\n\x00\x00"}, nil, "photo.png"},
		{"what only explains the files is left out", map[string]string{"oak.csv": one, "README.txt": "Results, by precinct.", "layout.pdf": "%PDF-1.7"},
			[]string{"night.zip/oak.csv"}, ""},
		{"an archive in an archive is not opened", map[string]string{"oak.csv": one, "elm.zip": string(pack(t, map[string]string{"elm.csv": one}))},
			nil, "night.zip/elm.zip: an archive inside an archive"},
		{"a workbook in an archive is a file like others", map[string]string{"oak.xlsx": string(workbook(t, one))}, []string{"night.zip/oak.xlsx"}, ""},
		{"an empty archive", map[string]string{}, nil, "no file of results"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sts, err := Read("night.zip", bytes.NewReader(pack(t, tt.files)), Options{})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got error %v, want one about %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, st := range sts {
				got = append(got, st.Path)
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func pack(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// workbook is a table as a workbook.
func workbook(t testing.TB, csv string) []byte {
	t.Helper()
	rows := strings.Split(strings.TrimSpace(csv), "\n")
	var b bytes.Buffer
	w, err := sheet.NewWorkbook(&b, "Results", strings.Split(rows[0], ","))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		var cells []any
		for _, c := range strings.Split(r, ",") {
			cells = append(cells, c)
		}
		if err := w.Write(cells...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFilesThatStopOnTheirWay(t *testing.T) {
	const head = "county,precinct,office,district,party,candidate,votes\nOak,P1,Sheriff,,,Ann,5\nOak,P2,Sheriff,,,Ann,7\n"
	utf16 := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, c := range []byte(s) {
			b = append(b, c, 0)
		}
		return string(b)
	}
	for _, tt := range []struct {
		name, file string
		want       tally.Level
	}{
		{"in the middle of a row", head + "Oak,P3,Sheriff,,,A", tally.Block},
		{"inside quotes", head + "Oak,P3,\"Sheriff\",,,\"A", tally.Block},
		{"in the middle of a row, in UTF-16", utf16(head + "Oak,P3,Sheriff,,,A"), tally.Block},
		{"at the beginning of a row, or a footnote", head + "Oak,P", tally.Hold},
		{"a whole last row needs no line end", head + "Oak,P3,Sheriff,,,Ann,5", ""},
		{"a short row with its line end is only odd", head + "Oak,P3,Sheriff,,,Ann\n", ""},
		{"a short row with its line end is only odd, in UTF-16", utf16(head + "Oak,P3,Sheriff,,,Ann\n"), ""},
		{"short rows throughout are how the file is", head + "Oak,P3,Sheriff,,,Ann\nOak,P4,Sheriff,,,Ann", ""},
		{"a short row before the last is only odd", head + "Oak,P3,Sheriff,,,Ann\nOak,P4,Sheriff,,,Ann,4", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sts, err := Read("20261103__xx__general.csv", iotest.OneByteReader(strings.NewReader(tt.file)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got tally.Level
			for _, f := range sts[0].Findings {
				if f.Key == "results.intake.cut_off" {
					got = f.Level
					sentence(t, f)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q; findings %v", got, tt.want, sts[0].Findings)
			}
		})
	}
}

func TestATableThatNobodyHasExplained(t *testing.T) {
	_, err := Read("odd.csv", strings.NewReader("Ward,Bürgermeister A,Bürgermeister B\n1,20,30\n"), Options{})
	if !errors.Is(err, ErrUnmapped) {
		t.Errorf("got %v, want ErrUnmapped", err)
	}
	if n := strings.Count(fmt.Sprint(err), "nobody has said"); n != 1 {
		t.Errorf("%q says it %d times", err, n)
	}
	if _, err := Read("map.geojson", strings.NewReader(`{"type":"FeatureCollection","features":[]}`), Options{}); err == nil {
		t.Error("a map was taken for results")
	}
}

func TestWorkbooksAreReadLikeTables(t *testing.T) {
	var b bytes.Buffer
	w, err := sheet.NewWorkbook(&b, "Results", []string{"county", "precinct", "office", "district", "party", "candidate", "votes"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write("Oak", "P1", "Sheriff", "", "", "Ann", int64(5)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sts, err := Read("night.csv", &b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(sts) != 1 || len(sts[0].Counts) != 1 || sts[0].Counts[0].N != 5 || sts[0].Counts[0].Line != 2 {
		t.Errorf("got %+v", sts[0].Counts)
	}
}

func FuzzRead(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(ar.Files[0].Data)
	}
	lim := sheet.Limits{Bytes: 1 << 20, Unpacked: 4 << 20, Rows: 5000, Problems: 50}
	f.Fuzz(func(t *testing.T, body []byte) {
		sts, err := Read("fuzz", bytes.NewReader(body), Options{Limits: lim})
		if err != nil {
			return
		}
		whole(t, sts)
		d := tally.Derive(sts, tally.Deriving{})
		x := tally.NewIndex(d.Definition)
		for _, st := range sts {
			sheet, _ := tally.Resolve(st, x, d.Aliases)
			tally.Merge(x, sheet)
		}
	})
}

// whole checks that a statement refers to nothing that it does not have, and
// that every count can be true.
func whole(t *testing.T, sts []*tally.Statement) {
	t.Helper()
	for _, st := range sts {
		for _, c := range st.Counts {
			if int(c.Unit) >= len(st.Units) || int(c.Choice) >= len(st.Choices) || int(c.Type) >= len(st.Types) || min(c.Unit, c.Choice) < 0 || c.Type < 0 {
				t.Fatalf("a count refers to what is not there: %+v", c)
			}
			if c.N < 0 || c.N > sheet.MaxCount || c.Round < 0 {
				t.Fatalf("a count that cannot be: %+v", c)
			}
		}
		for _, ch := range st.Choices {
			if int(ch.Contest) >= len(st.Contests) || ch.Contest < tally.NoContest {
				t.Fatalf("a choice of no contest: %+v", ch)
			}
		}
		for _, u := range st.Units {
			if int(u.Parent) >= len(st.Units) {
				t.Fatalf("a unit in a unit that is not there: %+v", u)
			}
		}
	}
}
