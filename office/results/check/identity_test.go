// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

var identityTrials = []trial{
	{"a clean file", false, clean, "I01 -", ""},
	{"a cell of another definition", false, func(f *night) {
		f.Sheet = f.sheet()
		f.Sheet.Cells = append(f.Sheet.Cells, tally.Cell{Unit: 999, N: 1}, tally.Cell{Unit: 1, Contest: 2, Choice: 99})
	}, "I01.outside block", ""},
	{"a file without numbers", false, func(f *night) { f.Sheet = &tally.Sheet{Index: f.x} }, "I01.empty block", ""},

	{"the same file from another source", false, func(f *night) { f.beside() }, "I02.file block", ""},
	{"a newer file of the same source", false, func(f *night) { f.beside(); f.Others[0].Source = "central" }, "I02 -", ""},
	{"one precinct also in another file", false, func(f *night) { f.beside("p03") }, "I02.unit block", "Precinct 3"},
	{"one contest of a precinct also in another file", false, func(f *night) {
		f.beside("p03")
		f.Others[0].Cells = slices.DeleteFunc(f.Others[0].Cells, func(c tally.Cell) bool { return c.Contest != 0 })
	}, "I02.unit block", "Precinct 3"},
	{"another file with other votes of a precinct", false, func(f *night) {
		f.beside("p03")
		f.add("p03", "governor", "Adams", 1, 1)
	}, "I02 -", ""},
	{"another file with other precincts", false, func(f *night) {
		f.beside("p03")
		f.drop(func(k cellKey) bool { return k.unit == 3 })
	}, "I02 -", ""},
	{"an increment that was added before", false, func(f *night) { f.mine(); f.mine(); f.Source.Counting = Incremental }, "I02.again block", ""},
	{"the same totals once more change nothing", false, func(f *night) { f.mine() }, "I02.unchanged info", ""},
	{"the same totals once more are no fault", false, func(f *night) { f.mine() }, "I02 -", ""},
	{"a contest twice in the file", false, func(f *night) {
		f.Sheet = f.sheet()
		for _, c := range f.Sheet.Cells {
			if c.Unit == 4 && c.Contest == 0 {
				c.Line += 5000
				f.Sheet.Cells = append(f.Sheet.Cells, c)
			}
		}
	}, "I02.rows block", "Precinct 4"},
	{"a choice on two party lines", false, func(f *night) {
		f.Sheet = f.sheet()
		for _, c := range f.Sheet.Cells {
			if c.Unit == 4 && c.Contest == 0 && c.Choice == 1 {
				c.Line, c.N = c.Line+5000, 0
				f.Sheet.Cells = append(f.Sheet.Cells, c)
			}
		}
	}, "I02 -", ""},
	{"a batch that is counted", false, func(f *night) {
		f.Batches, f.Counted = []Batch{{"D1", "7", 200}}, []Batch{{"D1", "7", 201}}
	}, "I02.batch block", ""},
	{"another device's batch of the same number", false, func(f *night) {
		f.Batches, f.Counted = []Batch{{"D1", "7", 200}}, []Batch{{"D2", "7", 200}}
	}, "I02 -", ""},

	{"part two of three is missing", false, func(f *night) { f.Parts = Parts{Of: 3, Have: []int{1, 3}} }, "I03.part block", ""},
	{"all parts are here", false, func(f *night) { f.Parts = Parts{Of: 2, Have: []int{2, 1}} }, "I03 -", ""},
	{"votes were read and not kept", false, func(f *night) {
		f.Statement.Choices = []tally.NamedChoice{{Contest: 0}}
		f.Statement.Counts = []tally.Count{{N: 1 << 30}}
	}, "I03.lost block", ""},
	{"votes were not kept because their name is unknown, which is already said", false, func(f *night) {
		f.Statement.Choices = []tally.NamedChoice{{Contest: 0}}
		f.Statement.Counts = []tally.Count{{N: 1 << 30}}
		f.Found = []tally.Finding{{Check: "I01", Level: tally.Block, Key: "results.check.I01.empty"}}
	}, "I03 -", ""},
	{"registered voters are no votes", false, func(f *night) {
		f.Statement.Choices = []tally.NamedChoice{{Contest: tally.NoContest, Measure: tally.Registered}}
		f.Statement.Counts = []tally.Count{{N: 1 << 30}}
	}, "I03 -", ""},
	{"a precinct is gone", false, func(f *night) { f.mine(); f.drop(func(k cellKey) bool { return k.unit == 4 }) }, "I03.unit block", "Precinct 4"},
	{"a precinct was taken back, with a reason", false, func(f *night) {
		f.mine()
		f.drop(func(k cellKey) bool { return k.unit == 4 })
		f.Sheet, f.Reason = f.sheet(), "counted by the wrong county"
		f.Sheet.Status = election.Correction
	}, "I03 -", ""},
	{"the numbers before and after are told", false, func(f *night) { f.mine() }, "I03.counts info", ""},

	{"no word on how files follow", false, func(f *night) { f.Source.Counting = "" }, "I04.counting block", ""},
	{"no word on vote types", false, func(f *night) { f.Source.Detail = "" }, "I04.detail block", ""},
	{"vote types from a source of totals", false, func(f *night) { f.Source.Detail = TotalOnly }, "I04.types block", ""},
	{"totals from a source of vote types", false, func(f *night) { f.drop(func(k cellKey) bool { return k.typ > 0 }) }, "I04.no-types block", ""},
	{"increments that never fall", false, func(f *night) {
		f.Source.Counting, f.Mine = Incremental, []*tally.Sheet{f.earlier(0.4)}
	}, "I04.running hold", ""},
	{"increments that go up and down", false, func(f *night) {
		f.Source.Counting, f.Mine, f.Sheet = Incremental, []*tally.Sheet{f.sheet()}, f.earlier(0.5)
	}, "I04 -", ""},
	{"all declared", false, clean, "I04 -", ""},

	{"a file that calls itself a test", false, func(f *night) { f.Sheet = f.sheet(); f.Sheet.Test = true }, "I05.test block", ""},
	{"a test file in the test", false, func(f *night) { f.Mode, f.Sheet = Test, f.sheet(); f.Sheet.Test = true }, "I05 -", ""},
	{"votes a minute before the polls close", false, func(f *night) { f.Now = closes.Add(-time.Minute) }, "I05.early block", ""},
	{"votes when the polls close", false, func(f *night) { f.Now = closes }, "I05 -", ""},
	{"a zero report before the polls open", false, func(f *night) {
		f.Now, f.Source.Zero = closes.Add(-12*time.Hour), ZeroAwaits
		for k := range f.cells {
			if k.choice != tally.Registered {
				f.cells[k] = 0
			}
		}
	}, "I05 -", ""},
	{"votes and no zero report", false, func(f *night) { f.Source.Zero = ZeroAwaits }, "I05.zero block", ""},
	{"the test deck's votes in one precinct", false, func(f *night) {
		f.Deck = f.deck()
		for k := range f.cells {
			if k.unit == 3 && k.contest >= 0 {
				delete(f.cells, k)
			}
		}
		f.Sheet = f.sheet()
		for _, c := range f.Deck.Cells {
			if c.Unit == 3 {
				f.Sheet.Cells = append(f.Sheet.Cells, c)
			}
		}
	}, "I05.deck block", "Precinct 3"},

	{"another election's file", false, func(f *night) { f.Statement.Election = "Primary" }, "I06.name block", ""},
	{"another day's file", false, func(f *night) { f.Statement.Date = "2024-11-05" }, "I06.date block", ""},
	{"a day of early voting", false, func(f *night) {
		f.redefine(func(d *election.Definition) { d.Election.Start = "2026-10-20" })
		f.Statement.Date = "2026-10-21"
	}, "I06 -", ""},
	{"another definition's file", false, func(f *night) { f.Statement.Definition = "sha256:0" }, "I06.definition block", ""},
	{"a file that claims nothing", false, func(f *night) { f.Statement = &tally.Statement{} }, "I06 -", ""},

	{"made before the last one", false, func(f *night) { f.mine(); f.Mine[0].Gen = later }, "I07 hold", ""},
	{"made in the same second", false, func(f *night) { f.mine() }, "I07 -", ""},
	{"made in an hour", false, func(f *night) { f.Sheet = f.sheet(); f.Sheet.Gen = later.Add(time.Hour) }, "I07.future warn", ""},
	{"made by a clock that is ten minutes fast", false, func(f *night) { f.Sheet = f.sheet(); f.Sheet.Gen = later.Add(10 * time.Minute) }, "I07 -", ""},

	{"less than nothing", false, func(f *night) { f.set("p02", "governor", "Clark", 1, -1) }, "I08.negative block", "Precinct 2"},
	{"registered voters less than nothing", false, func(f *night) { f.set("p02", "", tally.Registered, 0, -1) }, "I08.negative block", "Precinct 2"},
	{"a bar code read as votes", false, func(f *night) { f.set("p02", "governor", "Clark", 0, MaxCount+1) }, "I08.large block", "Precinct 2"},
	{"the largest number there may be", false, func(f *night) { f.set("p02", "governor", "Clark", 0, MaxCount) }, "I08 -", ""},
	{"a choice left blank", false, func(f *night) {
		f.set("p03", "governor", "Clark", 0, 0)
		f.drop(func(k cellKey) bool { return k.unit == 2 && k.contest == 0 && k.choice == 2 })
	}, "I08.blank warn", "Precinct 2"},
	{"a choice left blank by a source that leaves none", false, func(f *night) {
		f.Source.NoBlanks = true
		f.drop(func(k cellKey) bool { return k.unit == 2 && k.contest == 0 && k.choice == 2 })
	}, "I08.required block", "Precinct 2"},
	{"a source that writes no zeros", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.choice >= 0 && f.cells[cellKey{k.unit, k.contest, k.choice, 0, 0}] == 0 })
	}, "I08 -", ""},
}
