// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/election"
	"hustings/office/results/tally"
)

// TestACleanCountyIsLetThrough makes counties of every size and asserts that
// none is refused and that at most one unit in a hundred is held.
func TestACleanCountyIsLetThrough(t *testing.T) {
	held, units := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 120).Draw(r, "precincts")
		f := newNight(t, rapid.Uint64().Draw(r, "seed"), n)
		found := f.run()
		for _, c := range found {
			if c.Level == tally.Block || c.Level == tally.Hold {
				t.Logf("%s %v", c.Key, c.Args)
			}
			if c.Level == tally.Block {
				r.Fatalf("a clean county of %d precincts is refused: %s %v", n, c.Key, c.Args)
			}
		}
		held, units = held+len(HeldUnits(found)), units+n
	})
	if held*100 > units {
		t.Errorf("%d of %d clean units are held", held, units)
	}
}

// TestACleanUpdateIsLetThrough lets clean counties grow from one file to the next.
func TestACleanUpdateIsLetThrough(t *testing.T) {
	held, units := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(5, 60).Draw(r, "precincts")
		f := newNight(t, rapid.Uint64().Draw(r, "seed"), n)
		part := rapid.Float64Range(0.1, 0.95).Draw(r, "counted before")
		f.Mine = []*tally.Sheet{f.earlier(part / 2), f.earlier(part)}
		f.Sheet = f.sheet()
		f.Before, f.After = tally.Merge(f.x, f.Mine[1]), tally.Merge(f.x, f.Sheet)
		for _, c := range f.run() {
			if c.Level == tally.Block || c.Level == tally.Hold {
				t.Logf("%d %.2f %s %v", n, part, c.Key, c.Args)
			}
			if c.Level == tally.Block {
				r.Fatalf("a clean update is refused: %s %v", c.Key, c.Args)
			}
		}
		held, units = held+len(HeldUnits(f.run())), units+n
	})
	if held*100 > units {
		t.Errorf("%d of %d clean units are held", held, units)
	}
}

// TestTheOrderOfRowsChangesNothing shuffles a faulty county's rows.
func TestTheOrderOfRowsChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := newNight(t, 11, 20)
		f.set("p03", "governor", "Adams", 1, 40_000)
		f.double("p05")
		f.swap("p07", "governor", "Adams", "Baker")
		f.Sheet = f.sheet()
		want := f.run()
		seed := rapid.Uint64().Draw(r, "seed")
		shuffled := *f.Sheet
		shuffled.Cells = append([]tally.Cell(nil), f.Sheet.Cells...)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled.Cells), func(i, j int) {
			shuffled.Cells[i], shuffled.Cells[j] = shuffled.Cells[j], shuffled.Cells[i]
		})
		f.Sheet = &shuffled
		if d := cmp.Diff(want, f.run()); d != "" {
			r.Fatal(d)
		}
	})
}

// TestNoFileBreaksTheRules gives them numbers that make no sense at all.
func TestNoFileBreaksTheRules(t *testing.T) {
	f := newNight(t, 3, 12)
	sheet := func(r *rapid.T, name string) *tally.Sheet {
		s := &tally.Sheet{Index: f.x, Source: name, Test: rapid.Bool().Draw(r, "test"), OverBallots: rapid.Bool().Draw(r, "over")}
		s.Status = rapid.SampledFrom(election.Statuses()).Draw(r, "status")
		s.Cells = rapid.SliceOfN(rapid.Custom(func(r *rapid.T) tally.Cell {
			return tally.Cell{Unit: rapid.Int32Range(-1, 14).Draw(r, "unit"), Contest: rapid.Int32Range(-2, 6).Draw(r, "contest"),
				Choice: rapid.Int32Range(-11, 6).Draw(r, "choice"), Type: int16(rapid.IntRange(-1, 4).Draw(r, "type")),
				Round: int16(rapid.IntRange(0, 2).Draw(r, "round")), Line: rapid.Int32Range(0, 9).Draw(r, "line"),
				N: rapid.OneOf(rapid.Int64Range(0, 3000), rapid.Int64(), rapid.Just(int64(0))).Draw(r, "n")}
		}), 0, 60).Draw(r, name)
		s.Progress = rapid.SliceOfN(rapid.Custom(func(r *rapid.T) tally.Progress {
			return tally.Progress{Unit: rapid.Int32Range(-1, 14).Draw(r, "unit"), Type: int16(rapid.IntRange(-1, 4).Draw(r, "type")),
				Reported: rapid.IntRange(-1, 9).Draw(r, "reported"), Expected: rapid.IntRange(-1, 9).Draw(r, "expected")}
		}), 0, 4).Draw(r, "progress")
		return s
	}
	rapid.Check(t, func(r *rapid.T) {
		in := f.Input
		in.Mode = rapid.SampledFrom([]Mode{Live, Test, ""}).Draw(r, "mode")
		in.Source.Counting = rapid.SampledFrom([]Counting{Cumulative, Incremental, ""}).Draw(r, "counting")
		in.Sheet, in.Second, in.Deck, in.Independent = sheet(r, "sheet"), sheet(r, "second"), sheet(r, "deck"), sheet(r, "independent")
		in.Mine, in.Others = []*tally.Sheet{sheet(r, "first"), sheet(r, "last")}, []*tally.Sheet{sheet(r, "other")}
		in.Typed = &Typed{By: "ann", SecondBy: "bo", Second: in.Second}
		for _, f := range Run(in) {
			if f.Key == "" || f.Level == "" {
				r.Fatalf("a finding says nothing: %+v", f)
			}
		}
	})
}
