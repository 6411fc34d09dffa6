// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hustings/election"
	"hustings/office/results/intake"
	"hustings/office/results/tally"
)

// chain reads a public file, makes a definition from it and checks it, as the
// desk does with a file that has no definition.
func chain(t *testing.T, path string) (*tally.Index, *tally.Sheet, []tally.Finding) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "..", "shared", "data", path))
	if err != nil {
		t.Skipf("the public data is not here: %v", err)
	}
	defer f.Close()
	sts, err := intake.Read(filepath.Base(path), f, intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	derived := tally.Derive(sts, tally.Deriving{})
	x := tally.NewIndex(derived.Definition)
	sheet, found := tally.Resolve(sts[0], x, derived.Aliases)
	sheet.Source = "s"
	in := Input{Index: x, Sheet: sheet, Statement: sts[0], Found: append(sts[0].Findings, found...), Source: Source{Counting: Cumulative, Detail: ByType}}
	if sts[0].TotalOnly {
		in.Source.Detail = TotalOnly
	}
	return x, sheet, Run(in)
}

// TestPublicFiles asserts that no clean file is refused, that hardly a unit is
// held, and that the faults which are really in them are all found.
func TestPublicFiles(t *testing.T) {
	for _, tt := range []struct {
		name, path string
		faulty     []string // counties or units with real faults
		c01        int
	}{
		{"Arizona 2020", "results/az-2020-general/20201103__az__general__precinct.csv", []string{"Navajo", "Yuma", "Cochise"}, 569},
		{"Pima County 2020", "results/az-2020-general/20201103__az__general__pima__precinct.csv", nil, 0},
		{"Georgia 2021", "results/ga-2021-runoff/20210105__ga__runoff.csv", nil, 0},
		{"Georgia 2022", "results/ga-2022-runoff/20221206__ga__general_runoff__precinct.csv", nil, 0},
		{"Arkansas 2014, whose total for Tom Cotton is not its counties'", "results/clarity-xml/ar-2014-general-county-level.xml", []string{"Arkansas"}, 1},
		{"Greenup County 2014, partial", "results/clarity-xml/ky-greenup-2014-primary-precinct-level-partial.xml", nil, 0},
		{"Cambridge 2022", "nist-err/samples/cambridge-2022-general/err-2022-11-08-Massachusetts-Cambridge.json", nil, 0},
		{"Cambridge 2022 as XML", "nist-err/samples/cambridge-2022-general/err-2022-11-08-Massachusetts-Cambridge.xml", nil, 0},
		{"NIST general 1", "nist-err/samples/gen-01/err-gen-01.json", nil, 0},
		{"NIST general 2", "nist-err/samples/gen-02/err-gen-02.json", nil, 0},
		{"NIST primary 1", "nist-err/samples/prim-01/err-prim-01.json", nil, 0},
		{"NIST primary 3", "nist-err/samples/prim-03/err-prim-03.json", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, _, found := chain(t, tt.path)
			c01 := 0
			for _, f := range found {
				if f.Level == tally.Block {
					t.Errorf("refused: %s %v", f.Key, f.Args)
				}
				if f.Check == "C01" {
					c01++
				}
			}
			if c01 != tt.c01 {
				t.Errorf("C01 lists %d rows, want %d", c01, tt.c01)
			}
			held := slices.DeleteFunc(HeldUnits(found), func(u string) bool {
				county, _, _ := strings.Cut(u, " / ")
				return slices.Contains(tt.faulty, county)
			})
			if len(held)*100 > len(x.Def.Units) {
				t.Errorf("%d of %d units are held: %v", len(held), len(x.Def.Units), held)
			}
			t.Logf("%d units, %d of them held; %v", len(x.Def.Units), len(held), Summary(found).Checks)
		})
	}
}

// georgia is the January 2021 runoff, accepted as it is, and its second copy
// to be changed.
func georgia(t *testing.T) (x *tally.Index, accepted, sheet *tally.Sheet) {
	x, accepted, _ = chain(t, "results/ga-2021-runoff/20210105__ga__runoff.csv")
	changed := *accepted
	changed.Cells = slices.Clone(accepted.Cells)
	return x, accepted, &changed
}

// TestTypingErrorsInGeorgia types one digit too many for the leader of each of
// many precincts in turn: where the source had sent the file before, all are
// caught; in a first file, without any word of voters or ballots, most.
func TestTypingErrorsInGeorgia(t *testing.T) {
	x, accepted, sheet := georgia(t)
	first, again, tried := 0, 0, 0
	for u := 7; u < len(x.Def.Units); u += 120 {
		cells := unitsCells(sheet, int32(u))
		if len(cells) == 0 || x.Def.Units[u].Type != election.Precinct {
			continue
		}
		most := slices.MaxFunc(cells, func(a, b tally.Cell) int { return cmp.Compare(a.N, b.N) })
		if most.N < 50 {
			continue
		}
		tried++
		for i := range sheet.Cells {
			if c := &sheet.Cells[i]; c.Unit == most.Unit && c.Contest == most.Contest && c.Choice == most.Choice {
				c.N *= 10
			}
		}
		name := x.UnitName(int32(u))
		if slices.Contains(HeldUnits(Run(Input{Index: x, Sheet: sheet, Source: Source{Counting: Cumulative, Detail: ByType}})), name) {
			first++
		}
		if slices.Contains(HeldUnits(Run(Input{Index: x, Sheet: sheet, Mine: []*tally.Sheet{accepted}, Source: Source{Counting: Cumulative, Detail: ByType}})), name) {
			again++
		}
		copy(sheet.Cells, accepted.Cells)
	}
	t.Logf("of %d, %d are caught in a first file and %d after an earlier one", tried, first, again)
	if again < tried || first*10 < tried*8 {
		t.Errorf("of %d typing errors %d were caught in a first file, want 80 percent, and %d after an earlier one, want all", tried, first, again)
	}
}

func unitsCells(s *tally.Sheet, u int32) []tally.Cell {
	return slices.DeleteFunc(slices.Clone(s.Cells), func(c tally.Cell) bool { return c.Unit != u || c.Choice < 0 })
}

// TestIncidentsInGeorgia plays incidents on real numbers.
func TestIncidentsInGeorgia(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(x *tally.Index, in *Input)
		want []string
	}{
		{"six precincts loaded twice", func(x *tally.Index, in *Input) {
			units := 0
			tally.Runs(in.Sheet.Cells, func(run []tally.Cell) {
				if len(run) > 0 && run[0].Contest == 0 {
					units++
				}
				if units >= 100 && units < 106 {
					for i := range run {
						run[i].N *= 2
					}
				}
			})
		}, []string{"T05"}},
		{"the leader without votes in all but four precincts of a county", func(x *tally.Index, in *Input) {
			county, _ := x.Unit("dekalb")
			spared, first := x.Children(county)[:4], leader(x, in.Sheet, county)
			for i := range in.Sheet.Cells {
				c := &in.Sheet.Cells[i]
				if x.Parent(c.Unit) == county && !slices.Contains(spared, c.Unit) && c.Contest == 0 && c.Choice == first {
					c.N = 0
				}
			}
			in.Mine = nil
		}, []string{"C08"}},
		{"half of the file", func(x *tally.Index, in *Input) { in.Sheet.Cells = in.Sheet.Cells[:len(in.Sheet.Cells)/2] }, []string{"I03", "T01"}},
		{"totals added up again", func(x *tally.Index, in *Input) { in.Source.Counting = Incremental }, []string{"I02", "I04", "T05"}},
		{"a county that says twice its precincts", func(x *tally.Index, in *Input) {
			county, _ := x.Unit("dekalb")
			n, _ := tally.Merge(x, in.Sheet).N(county, 0, 0, tally.TotalType)
			in.Sheet.Cells = append(in.Sheet.Cells, tally.Cell{Unit: county, Contest: 0, Choice: 0, N: 2 * n})
			tally.Sort(in.Sheet.Cells)
		}, []string{"C05"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, accepted, sheet := georgia(t)
			in := Input{Index: x, Sheet: sheet, Mine: []*tally.Sheet{accepted}, Source: Source{Counting: Cumulative, Detail: ByType}}
			tt.do(x, &in)
			expect(t, Run(in), tt.want...)
		})
	}
}

// leader is who has the most votes of the first contest in a unit.
func leader(x *tally.Index, s *tally.Sheet, u int32) int32 {
	cells := tally.Merge(x, s).Contest(u, 0)
	return slices.MaxFunc(cells, func(a, b tally.Cell) int { return cmp.Compare(a.N, b.N) }).Choice
}
