// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"
	"testing"

	"hustings/election"
	"hustings/office/results/tally"
)

// trial is one case of one check. Says is what it must say, as its variant and
// level ("C03.choice hold"); "C03 -" is silence, apart from notes.
type trial struct {
	name   string
	ranked bool
	do     func(f *night)
	says   string
	unit   string // that must be named, where it matters
}

// play runs a trial on a county of 24 precincts, or on the ranked city.
func (tt trial) play(t *testing.T) []tally.Finding {
	f := newRanked(t)
	if !tt.ranked {
		f = newNight(t, 5, 24)
	}
	tt.do(f)
	return f.run()
}

func TestChecks(t *testing.T) {
	for _, tt := range trials {
		t.Run(strings.ReplaceAll(tt.says, " -", " is silent")+": "+tt.name, func(t *testing.T) {
			found := tt.play(t)
			key, level, _ := strings.Cut(tt.says, " ")
			check, _, _ := strings.Cut(key, ".")
			if level == "-" {
				for _, f := range found {
					if f.Check == check && f.Level != tally.Info {
						t.Errorf("it says %s %v", f.Key, f.Args)
					}
				}
				return
			}
			ok := slices.ContainsFunc(found, func(f tally.Finding) bool {
				return f.Key == "results.check."+key && f.Level == tally.Level(level) && (tt.unit == "" || f.Unit == tt.unit)
			})
			if !ok {
				t.Errorf("it does not say so; it says %v", Summary(found).Checks)
			}
		})
	}
}

func clean(*night) {}

// mine makes the county's present state the source's last accepted file.
func (f *night) mine() { f.Mine = append(f.Mine, f.sheet()) }

// progress makes the file tell how many of 24 units have reported.
func (f *night) progress(reported, percent int, state election.CountState) tally.Progress {
	return tally.Progress{Unit: f.unit("county"), Reported: reported, Expected: 24, Percent: percent, State: state}
}

// beside puts a file of another source with some units next to this one.
func (f *night) beside(units ...string) {
	other := f.sheet()
	other.Source, other.Path = "airport", "airport.csv"
	other.Cells = slices.DeleteFunc(other.Cells, func(c tally.Cell) bool {
		return len(units) > 0 && !slices.Contains(units, string(f.def.Units[c.Unit].ID))
	})
	f.Others = []*tally.Sheet{other}
}

// redefine changes the definition and numbers it again; units and contests may
// only be added at the end.
func (f *night) redefine(change func(d *election.Definition)) {
	change(f.def)
	f.x = tally.NewIndex(f.def)
	f.Index = f.x
}

// partial calls the count under way.
func (f *night) partial() { f.Sheet = f.sheet(); f.Sheet.Status = election.UnofficialPartial }

// update lets the county be known as it is, and then changes.
func (f *night) update(change func()) {
	f.mine()
	f.Before = tally.Merge(f.x, f.Mine[0])
	change()
	f.Sheet = f.sheet()
	f.After = tally.Merge(f.x, f.Sheet)
}

// votes sets the votes of a contest's choices in every precinct to nothing but
// these, in the first.
func (f *night) votes(contest string, votes map[string]int64) {
	for u := 1; u < len(f.def.Units); u++ {
		for choice, n := range votes {
			k := f.key(string(f.def.Units[u].ID), contest, choice, 1)
			for t := int16(1); t < 4; t++ {
				k.typ = t
				if _, ok := f.cells[k]; ok {
					f.put(k.unit, k.contest, k.choice, t, 0)
				}
			}
			if u == 1 {
				f.put(k.unit, k.contest, k.choice, 1, n)
			}
		}
	}
}

// trials are, for each check, cases that it must catch and cases that it must
// let go, at both sides of each threshold.
var trials = slices.Concat(identityTrials, crossFootTrials, plausibleTrials, changeTrials, otherTrials)
