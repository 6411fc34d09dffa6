// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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
