// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

// TestIncidents plays the fifteen data incidents that made this catalogue on a
// clean county, and asserts that the checks named for each would have spoken.
func TestIncidents(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(f *night)
		want []string
	}{
		{"Antrim 2020: some devices had the old definition, votes moved between choices, nobody looked", func(f *night) {
			f.Devices[1].Definition = "sha256:01d"
			for _, u := range f.loyal(3) {
				f.swap(u, "governor", "Adams", "Baker")
				lost := f.n(u, "", tally.Ballots, 1) / 4
				f.add(u, "governor", "Adams", 1, -lost)
				f.add(u, "governor", tally.Under, 1, lost)
				lost = f.n(u, "", tally.Ballots, 3) / 4
				f.add(u, "governor", "Adams", 3, -lost)
				f.add(u, "governor", tally.Under, 3, lost)
			}
			f.Release = &Release{UploadedBy: "ann", ApprovedBy: "ann"}
		}, []string{"D01", "C07", "H02", "P01"}},

		{"Shiawassee 2020: 153,710 typed for 15,371", func(f *night) {
			f.Mine = []*tally.Sheet{f.sheet()}
			n := f.n("p10", "governor", "Adams", 2)
			f.set("p10", "governor", "Adams", 2, 10*n)
			f.set("p10", "governor", "Adams", 0, f.n("p10", "governor", "Adams", 0)+9*n)
			f.add("p10", "governor", "Adams", 1, 5000)
			f.Typed = &Typed{By: "ann"}
		}, []string{"C03", "C04", "T03", "P02"}},

		{"Shiawassee 2020, before anything else was known of the precinct", func(f *night) {
			for t := range int16(4) {
				f.set("p10", "governor", "Adams", t, 10*f.n("p10", "governor", "Adams", t))
			}
		}, []string{"C03", "C10"}},

		{"Monmouth 2022: a memory stick loaded twice, six districts doubled", func(f *night) {
			f.Mine = []*tally.Sheet{f.sheet()}
			f.Batches = []Batch{{"D1", "stick-4", 812}}
			f.Counted = []Batch{{"D1", "stick-4", 812}}
			for i := range 6 {
				f.double(fmt.Sprintf("p%02d", 20+i))
			}
		}, []string{"I02", "C02", "T05"}},

		{"Milwaukee 2018: duplicate upload records doubled the county's page", func(f *night) {
			once := f.sheet()
			for u := range f.def.Units {
				f.sumInto(int32(u), 2)
			}
			other := *once
			other.Source, other.Path = "second upload", "again.csv"
			f.Others = []*tally.Sheet{&other}
		}, []string{"C05", "I02"}},

		{"Wayne 2018: a file read while it was still being written", func(f *night) {
			f.Mine = []*tally.Sheet{f.sheet()}
			f.drop(func(k cellKey) bool { return k.unit > 31 })
		}, []string{"I03", "S02"}},

		{"New York 2021: test ballots left in the count", func(f *night) {
			f.Before = tally.Merge(f.x, f.withOutstanding(f.sheet(), 20))
			for i := range 20 {
				u := fmt.Sprintf("p%02d", 1+i)
				f.add(u, "", tally.Ballots, 3, 130)
				f.add(u, "governor", "Clark", 3, 130)
			}
			f.Sheet = f.sheet()
			f.Sheet.Test = true
			f.After = tally.Merge(f.x, f.Sheet)
		}, []string{"I05", "T02", "C02"}},

		{"Benton 2006: running totals typed as increments", func(f *night) {
			f.Mine = []*tally.Sheet{f.earlier(0.3), f.earlier(0.1)}
			f.Source.Counting = Incremental
		}, []string{"I04"}},

		{"Benton 2006: a source that never said how its files follow", func(f *night) {
			f.Source.Counting = ""
		}, []string{"I04"}},

		{"Benton 2006, the other way: an increment sent as a total", func(f *night) {
			f.Mine = []*tally.Sheet{f.sheet()}
			f.Sheet = f.earlier(0.2)
		}, []string{"T01"}},

		{"DeKalb 2022: a withdrawn candidate left on devices, the leader 0 in all but four precincts", func(f *night) {
			f.Devices[0].Layouts = []Layout{{"governor", []election.ChoiceID{"Adams", "Young", "Baker", "Clark", "write-in"}}}
			for u := 5; u <= 60; u++ {
				id := fmt.Sprintf("p%02d", u)
				for t := int16(1); t < 4; t++ {
					f.add(id, "governor", "Baker", t, f.n(id, "governor", "Adams", t))
					f.add(id, "governor", "Adams", t, -f.n(id, "governor", "Adams", t))
				}
			}
		}, []string{"C08", "D02"}},

		{"Northampton 2023: Yes and No exchanged on every machine", func(f *night) {
			f.Mode, f.Deck = Test, f.deck()
			f.Sheet = f.deck()
			f.Sheet.Test = true
			yes, no := f.choice(f.contest("prop"), "Yes"), f.choice(f.contest("prop"), "No")
			for i := range f.Sheet.Cells {
				if c := &f.Sheet.Cells[i]; c.Contest == f.contest("prop") {
					c.Choice = yes + no - c.Choice
				}
			}
			tally.Sort(f.Sheet.Cells)
		}, []string{"D03"}},

		{"Racine 2016: marks misread, about one vote in twenty not counted", func(f *night) {
			for u := 1; u <= 12; u++ {
				id := fmt.Sprintf("p%02d", u)
				for t := int16(1); t < 4; t++ {
					lost := f.n(id, "", tally.Ballots, t) / 25
					f.add(id, "governor", "Adams", t, -lost)
					f.add(id, "governor", tally.Under, t, lost)
				}
			}
		}, []string{"C07"}},

		{"Scott and Faulkner 2016: an early-voting machine never read", func(f *night) {
			f.Expected = append(f.Expected, Item{Kind: ExpectDevice, ID: "E7", Name: "early voting, library"})
		}, []string{"S02"}},

		{"Washington 2020: the right numbers in the wrong column", func(f *night) {
			day, early := f.n("p04", "governor", "Baker", 1), f.n("p04", "governor", "Baker", 2)
			f.set("p04", "governor", "Baker", 1, day+early)
		}, []string{"C01"}},

		{"Washington 2020, the sum kept, next to the machine tape", func(f *night) {
			f.Independent = f.sheet()
			f.swapTypes("p04", "governor", "Baker")
		}, []string{"C05"}},

		{"Phillips 2022: counted and not reported for days", func(f *night) {
			f.drop(func(k cellKey) bool { return k.unit == 9 })
			f.Due = []Due{{"p09", closes.Add(time.Hour)}}
		}, []string{"S03", "S02"}},

		{"New Berlin 2018: a dead memory stick, its ballots scanned again", func(f *night) {
			f.Expected = append(f.Expected, Item{Kind: ExpectBatch, ID: "NB-3", Name: "New Berlin box 3"})
			f.Batches = []Batch{{"D2", "NB-1", 300}, {"D2", "NB-1", 300}}
		}, []string{"S02", "I02"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newNight(t, 5, 60)
			tt.do(f)
			expect(t, f.run(), tt.want...)
		})
	}
	t.Run("Alameda 2022: an option of the ranked count set wrong", func(t *testing.T) {
		f := newRanked(t)
		f.Second = f.sheet()
		f.Profiles = []Profile{{Contest: "mayor", Signed: "skip blanks", SignedBy: "board", Used: "suspend at blanks"}}
		f.round("Abel", 1, f.rounds("Abel", 1)-150) // suspended at a blank first ranking
		expect(t, f.run(), "R01", "R02", "R03")
	})
}

// expect asserts that each check found something.
func expect(t *testing.T, found []tally.Finding, checks ...string) {
	t.Helper()
	for _, want := range checks {
		if !slices.ContainsFunc(found, func(f tally.Finding) bool { return f.Check == want && f.Level != tally.Info }) {
			t.Errorf("%s did not speak; found %v", want, Summary(found).Checks)
		}
	}
}

// loyal lists the n precincts that lean most to one side.
func (f *night) loyal(n int) []string {
	var ids []string
	for _, u := range f.def.Units[1:] {
		ids = append(ids, string(u.ID))
	}
	lean := func(id string) int64 {
		a, b := f.n(id, "governor", "Adams", 0), f.n(id, "governor", "Baker", 0)
		return 1000 * max(a, b) / (a + b)
	}
	slices.SortFunc(ids, func(a, b string) int { return int(lean(b) - lean(a)) })
	return ids[:n]
}

// sumInto writes a unit's votes into the county's own rows, times over.
func (f *night) sumInto(u int32, times int64) {
	for k, n := range f.cells {
		if k.unit == u && u > 0 && k.contest >= 0 {
			k.unit = 0
			f.cells[k] += times * n
		}
	}
}

// withOutstanding adds the ballots that each precinct has yet to count.
func (f *night) withOutstanding(s *tally.Sheet, n int64) *tally.Sheet {
	for u := 1; u < len(f.def.Units); u++ {
		s.Cells = append(s.Cells, tally.Cell{Unit: int32(u), Contest: tally.NoContest, Choice: tally.Outstanding, N: n})
	}
	tally.Sort(s.Cells)
	return s
}

// deck is what a test deck must come to: 1, 2, 3 … votes by choice in each precinct.
func (f *night) deck() *tally.Sheet {
	d := &night{t: f.t, x: f.x, def: f.def, cells: make(map[cellKey]int64)}
	for k := range f.cells {
		if k.contest >= 0 && k.choice >= 0 && k.typ == 1 {
			d.put(k.unit, k.contest, k.choice, 1, int64(k.choice)+1)
		}
	}
	return d.sheet()
}

// swapTypes exchanges two vote types of a choice.
func (f *night) swapTypes(unit, contest string, choice any) {
	a, b := f.key(unit, contest, choice, 1), f.key(unit, contest, choice, 3)
	f.cells[a], f.cells[b] = f.cells[b], f.cells[a]
}

// newRanked is a county with one ranked contest of three rounds.
func newRanked(t *testing.T) *night {
	d := &election.Definition{
		Election: election.Election{ID: "ranked", Scope: "city"},
		Units:    []election.Unit{{ID: "city", Type: election.City, Name: "Elmwood"}},
		Contests: []election.Contest{{ID: "mayor", Name: election.T("Mayor"), Variation: election.Ranked, VotesAllowed: 1, Elected: 1,
			Choices: []election.Choice{person("Abel", ""), person("Boone", ""), person("Cruz", ""), person("Dunn", "")}}},
	}
	f := &night{t: t, def: d, x: tally.NewIndex(d), cells: make(map[cellKey]int64)}
	f.Input = Input{Index: f.x, Source: Source{Counting: Cumulative, Detail: TotalOnly}}
	for choice, votes := range map[string][]int64{"Abel": {4000, 4300, 5100}, "Boone": {3500, 3900, 4500}, "Cruz": {2000, 2100, 0}, "Dunn": {1000, 0, 0}} {
		f.set("city", "mayor", choice, 0, votes[0])
		for r, n := range votes {
			f.round(choice, r+1, n)
		}
	}
	for r, n := range []int64{100, 300, 1000} {
		f.round(tally.Exhausted, r+1, n)
	}
	f.round(tally.Under, 1, 400)
	f.set("city", "mayor", tally.Ballots, 0, 11_000)
	return f
}

func (f *night) roundKey(choice any, round int) cellKey {
	k := f.key("city", "mayor", choice, 0)
	k.round = int16(round)
	return k
}

func (f *night) rounds(choice any, round int) int64   { return f.cells[f.roundKey(choice, round)] }
func (f *night) round(choice any, round int, n int64) { f.cells[f.roundKey(choice, round)] = n }
