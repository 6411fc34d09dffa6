// SPDX-License-Identifier: Apache-2.0

package export

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/format/nisterr"
	"hustings/format/sheet"
	"hustings/office/results/intake"
	"hustings/office/results/tally"
)

// The public data that these tests read is not part of the repository.
const shared = "../../../../shared/data"

const arizona = "results/az-2020-general/20201103__az__general__precinct.csv"

// public is a public file as a tally, by a definition derived from itself.
func public(t testing.TB, name string) *tally.Tally {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(shared, name))
	if err != nil {
		t.Skipf("the public data is not here: %v", err)
	}
	sts, err := intake.Read(filepath.Base(name), bytes.NewReader(body), intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := tally.Derive(sts, tally.Deriving{})
	x := tally.NewIndex(d.Definition)
	s, _ := tally.Resolve(sts[0], x, d.Aliases)
	return tally.Merge(x, s)
}

func input(t *tally.Tally) Input {
	return Input{Tally: t, Status: election.Certified, Generated: time.Unix(1793750400, 0), Issuer: "State Board", SmallUnit: -1}
}

// TestArizonaThroughTheStandardAndBack goes from OpenElections columns to NIST
// and to OpenElections columns again.
func TestArizonaThroughTheStandardAndBack(t *testing.T) {
	for _, file := range []string{arizona, "results/ga-2022-runoff/20221206__ga__general_runoff__precinct.csv"} {
		want := public(t, file)
		var first, report, again bytes.Buffer
		if err := OpenElections(&first, input(want)); err != nil {
			t.Fatal(err)
		}
		if err := ERRJSON(&report, input(want)); err != nil {
			t.Fatal(err)
		}
		if err := OpenElections(&again, input(readBack(t, want.Index, "az.json", report.Bytes()))); err != nil {
			t.Fatal(err)
		}
		a, b := canonical(first.String()), canonical(again.String())
		if len(a) != len(b) {
			t.Fatalf("%s: %d rows became %d", file, len(a), len(b))
		}
		odd := 0
		for i := range a {
			// The standard has no vote types for overvotes and undervotes.
			if a[i] != b[i] && !strings.Contains(a[i], " Votes,") {
				if odd++; odd < 5 {
					t.Errorf("%s: %q became %q", file, a[i], b[i])
				}
			}
		}
	}
}

// TestOurOwnTablesComeBack reads what we write for people and databases with
// nothing but itself to go by, as whoever downloads it would.
func TestOurOwnTablesComeBack(t *testing.T) {
	for _, file := range []string{arizona, "results/ga-2021-runoff/20210105__ga__runoff.csv"} {
		want := public(t, file)
		var plain bytes.Buffer
		if err := OpenElections(&plain, input(want)); err != nil {
			t.Fatal(err)
		}
		for _, f := range []struct {
			name  string
			write func(io.Writer, Input) error
		}{{"flat.csv", Flat}, {"night.xlsx", XLSX}} {
			name, write := f.name, f.write
			var own, again bytes.Buffer
			if err := write(&own, input(want)); err != nil {
				t.Fatal(err)
			}
			sts, err := intake.Read(name, bytes.NewReader(own.Bytes()), intake.Options{})
			if err != nil {
				t.Fatal(err)
			}
			d := tally.Derive(sts, tally.Deriving{})
			x := tally.NewIndex(d.Definition)
			s, findings := tally.Resolve(sts[0], x, d.Aliases)
			for _, f := range append(findings, sts[0].Findings...) {
				if f.Level == tally.Block {
					t.Fatalf("%s: %s %v", name, f.Key, f.Args)
				}
			}
			if name == "flat.csv" {
				write = OpenElections
			} else { // its contests are named as one, with the district
				plain.Reset()
				plain.Write(own.Bytes())
			}
			if err := write(&again, input(tally.Merge(x, s))); err != nil {
				t.Fatal(err)
			}
			a, b := rowsOf(t, plain.Bytes()), rowsOf(t, again.Bytes())
			missing := slices.DeleteFunc(slices.Clone(a), func(l string) bool { _, ok := slices.BinarySearch(b, l); return ok })
			more := slices.DeleteFunc(slices.Clone(b), func(l string) bool { _, ok := slices.BinarySearch(a, l); return ok })
			if len(missing)+len(more) > 0 {
				t.Errorf("%s of %s: %d rows of %d are missing and %d are new, such as %q and %q", name, file, len(missing), len(a), len(more),
					missing[:min(3, len(missing))], more[:min(3, len(more))])
			}
		}
	}
}

// rowsOf is a table of any kind as sorted lines.
func rowsOf(t *testing.T, body []byte) []string {
	t.Helper()
	tb, err := sheet.Open("table", bytes.NewReader(body), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for row, err := range tb.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for i := range tb.Header {
			cells = append(cells, row.Cell(i))
		}
		out = append(out, strings.Join(cells, "|"))
	}
	slices.Sort(out)
	return out
}

func canonical(csv string) []string {
	lines := strings.Split(strings.TrimSpace(csv), "\n")
	slices.Sort(lines)
	return lines
}

// TestSamplesOfNISTComeBackTheSame reads each sample, writes it as JSON and as
// XML, and reads both again.
func TestSamplesOfNISTComeBackTheSame(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join(shared, "nist-err/samples/*/err-*.*"))
	if len(names) == 0 {
		t.Skip("the public data is not here")
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			rel, _ := filepath.Rel(shared, name)
			want := public(t, rel)
			for _, p := range nisterr.Check(Report(input(want))) {
				t.Error(p)
			}
			for _, f := range formats[1:3] {
				var b bytes.Buffer
				if err := f.write(&b, input(want)); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(cellsOf(want, nil), cellsOf(readBack(t, want.Index, f.name, b.Bytes()), nil)); d != "" {
					t.Errorf("%s (-want +got):\n%s", f.name, d)
				}
			}
		})
	}
}

// TestMaricopaHidesItsSmallPrecincts looks at the real ones: six with fewer
// than ten ballots each, or hidden with those.
func TestMaricopaHidesItsSmallPrecincts(t *testing.T) {
	az := public(t, arizona)
	p := tally.Protect(az, DefaultSmallUnit)
	small, hidden := 0, 0
	for u := range az.Index.Def.Units {
		n, ok := az.N(int32(u), tally.NoContest, tally.Ballots, tally.TotalType)
		if ok && n > 0 && n < DefaultSmallUnit {
			small++
			if !p.Any(int32(u)) {
				t.Errorf("%s with %d ballots shows its vote types", az.Index.UnitName(int32(u)), n)
			}
		}
		if p.Any(int32(u)) {
			hidden++
		}
	}
	if small == 0 || hidden <= small || hidden > 3*small {
		t.Errorf("%d small units, %d hidden", small, hidden)
	}
}

// BenchmarkArizona writes a statewide tally of 48,000 rows.
func BenchmarkArizona(b *testing.B) {
	az := public(b, arizona)
	in := input(az)
	in.SmallUnit = 0
	for _, f := range []struct {
		name string
		do   func(io.Writer, Input) error
	}{{"OpenElections", OpenElections}, {"NCSBE", NCSBE}, {"Flat", Flat}, {"ERRJSON", ERRJSON}, {"ERRXML", ERRXML}, {"XLSX", XLSX}} {
		b.Run(f.name, func(b *testing.B) {
			b.ReportAllocs()
			n := &counter{}
			for b.Loop() {
				n.n = 0
				if err := f.do(n, in); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(n.n)
		})
	}
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) { c.n += int64(len(p)); return len(p), nil }
