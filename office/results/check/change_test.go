// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"hustings/election"
	"hustings/office/results/tally"
)

var changeTrials = []trial{
	{"more of everything", false, func(f *night) { f.Mine = []*tally.Sheet{f.earlier(0.5)} }, "T01 -", ""},
	{"one vote less", false, func(f *night) { f.mine(); f.add("p03", "prop", "No", 2, -1) }, "T01.votes hold", "Precinct 3"},
	{"one vote moved from one type to another", false, func(f *night) {
		f.mine()
		f.add("p03", "prop", "No", 2, -1)
		f.add("p03", "prop", "No", 1, 1)
	}, "T01.votes hold", "Precinct 3"},
	{"one undervote less", false, func(f *night) { f.mine(); f.set("p03", "prop", tally.Under, 0, 0) }, "T01 -", ""},
	{"one ballot less", false, func(f *night) { f.mine(); f.add("p03", "", tally.Ballots, 2, -1) }, "T01.ballots hold", "Precinct 3"},
	{"ballots that are no longer told", false, func(f *night) {
		f.mine()
		f.drop(func(k cellKey) bool { return k.unit == 3 && k.choice == tally.Ballots })
	}, "T01.no-ballots hold", "Precinct 3"},
	{"a choice that is gone", false, func(f *night) {
		f.mine()
		f.drop(func(k cellKey) bool { return k.unit == 3 && k.contest == 0 && k.choice == 0 })
	}, "T01.gone hold", "Precinct 3"},
	{"a zero that is gone", false, func(f *night) {
		f.set("p03", "governor", "Clark", 0, 0)
		f.drop(func(k cellKey) bool { return k.unit == 3 && k.contest == 0 && k.choice == 2 && k.typ > 0 })
		f.mine()
		f.drop(func(k cellKey) bool { return k.unit == 3 && k.contest == 0 && k.choice == 2 })
	}, "T01 -", ""},
	{"a correction with its reason", false, func(f *night) {
		f.mine()
		f.add("p03", "prop", "No", 2, -1)
		f.Sheet, f.Reason = f.sheet(), "box 3 was counted twice"
		f.Sheet.Status = election.Correction
	}, "T01 -", ""},
	{"a correction without a reason", false, func(f *night) {
		f.mine()
		f.Sheet = f.sheet()
		f.Sheet.Status = election.Correction
	}, "T01.reason hold", ""},
	{"a smaller increment", false, func(f *night) { f.mine(); f.Source.Counting = Incremental; f.Sheet = f.earlier(0.3) }, "T01 -", ""},

	{"fewer ballots than are outstanding", false, func(f *night) { f.outstanding(20, 20) }, "T02 -", ""},
	{"one ballot more than is outstanding", false, func(f *night) { f.outstanding(20, 21) }, "T02 hold", "Precinct 3"},
	{"more ballots than voters who have not voted", false, func(f *night) {
		f.update(func() { f.add("p03", "", tally.Ballots, 1, f.n("p03", "", tally.Registered, 0)) })
	}, "T02 hold", "Precinct 3"},

	{"a batch for one choice", false, func(f *night) { f.mine(); f.add("p03", "governor", "Adams", 3, 501) }, "T03 hold", "Precinct 3"},
	{"a smaller batch for one choice", false, func(f *night) { f.mine(); f.add("p03", "governor", "Clark", 3, 40) }, "T03 -", ""},
	{"five hundred exactly, for one choice", false, func(f *night) { f.mine(); f.add("p03", "governor", "Adams", 3, 500) }, "T03.unlike warn", "Precinct 3"},
	{"a batch for the only candidate", false, func(f *night) { f.mine(); f.add("p03", "judge", "Moore", 3, 600) }, "T03 -", ""},
	{"an increment for one choice", false, func(f *night) {
		f.mine()
		f.Source.Counting = Incremental
		for k := range f.cells {
			f.cells[k] = 0
		}
		f.add("p03", "governor", "Adams", 3, 520)
		f.add("p04", "governor", "Baker", 3, 400)
	}, "T03 hold", "Precinct 3"},
	{"a batch for the choice that had nearly all before", false, func(f *night) {
		f.large("p03")
		f.set("p03", "governor", "Adams", 3, 690)
		f.set("p03", "governor", "Baker", 3, 8)
		f.mine()
		f.add("p03", "governor", "Adams", 3, 600)
	}, "T03 -", ""},
	{"a batch like the ones before", false, func(f *night) { f.Mine = []*tally.Sheet{f.earlier(0.5)} }, "T03 -", ""},

	{"as many units as before", false, func(f *night) { f.update(func() {}) }, "T04 -", ""},
	{"a precinct less", false, func(f *night) { f.update(func() { f.drop(func(k cellKey) bool { return k.unit == 3 }) }) }, "T04 hold", "Alder County"},
	{"more precincts than there are, in a contest", false, func(f *night) {
		f.Statement.Contests = []tally.NamedContest{{Name: "GOVERNOR", Reported: 25, Expected: 24}}
	}, "T04.contest hold", ""},
	{"all precincts of a contest", false, func(f *night) {
		f.Statement.Contests = []tally.NamedContest{{Name: "GOVERNOR", Reported: 24, Expected: 24}}
	}, "T04 -", ""},
	{"more precincts than there are", false, func(f *night) { f.told(nil, 25, -1) }, "T04.over hold", "Alder County"},
	{"fewer precincts told than before", false, func(f *night) { f.told([]int{20, -1}, 19, -1) }, "T04.fewer hold", "Alder County"},
	{"a smaller part told than before", false, func(f *night) { f.told([]int{20, 90}, 20, 80) }, "T04.percent hold", "Alder County"},
	{"more precincts told than before", false, func(f *night) { f.told([]int{20, 90}, 21, 95) }, "T04 -", ""},

	{"clean", false, clean, "T05 -", ""},
	{"a precinct doubled", false, func(f *night) { f.mine(); f.double("p03") }, "T05 hold", "Precinct 3"},
	{"an update repeated", false, func(f *night) {
		for range 2 {
			f.mine()
			f.add("p03", "governor", "Adams", 1, 20)
			f.add("p03", "governor", "Baker", 1, 17)
			f.add("p03", "governor", "Clark", 1, 3)
		}
	}, "T05 hold", "Precinct 3"},
	{"a small update repeated", false, func(f *night) {
		for range 2 {
			f.mine()
			f.add("p03", "governor", "Adams", 1, 7)
			f.add("p03", "governor", "Baker", 1, 6)
			f.add("p03", "governor", "Clark", 1, 6)
		}
	}, "T05 -", ""},
	{"an increment repeated for one precinct", false, func(f *night) {
		f.Source.Counting = Incremental
		f.Mine = []*tally.Sheet{f.earlier(0.4), f.earlier(0.2)}
		f.Sheet = f.earlier(0.1)
		f.Sheet.Cells = slices.DeleteFunc(f.Sheet.Cells, func(c tally.Cell) bool { return c.Unit == 3 })
		for _, c := range f.Mine[0].Cells {
			if c.Unit == 3 {
				f.Sheet.Cells = append(f.Sheet.Cells, c)
			}
		}
	}, "T05 hold", "Precinct 3"},
	{"two precincts with the same votes", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.unit == 7 && k.contest >= 0 })
		for k, n := range f.cells {
			if k.unit == 5 && k.contest >= 0 {
				k.unit = 7
				f.cells[k] = n
			}
		}
	}, "T05.twin hold", "Precinct 7"},

	{"the leader stays", false, func(f *night) { f.update(func() { f.add("p03", "prop", "Yes", 1, 1) }) }, "T06 -", ""},
	{"the leader changes", false, func(f *night) {
		f.votes("prop", map[string]int64{"Yes": 1000, "No": 800})
		f.update(func() { f.votes("prop", map[string]int64{"Yes": 1000, "No": 1100}) })
	}, "T06 warn", ""},
	{"the margin comes within half a percent", false, func(f *night) {
		f.votes("prop", map[string]int64{"Yes": 1000, "No": 989})
		f.update(func() { f.votes("prop", map[string]int64{"Yes": 1000, "No": 991}) })
	}, "T06.recount warn", ""},
	{"the margin stays just above", false, func(f *night) {
		f.votes("prop", map[string]int64{"Yes": 1000, "No": 980})
		f.update(func() { f.votes("prop", map[string]int64{"Yes": 1000, "No": 990}) })
	}, "T06 -", ""},
	{"the majority is lost", false, func(f *night) {
		f.redefine(func(d *election.Definition) { d.Contests[0].Variation = election.Majority })
		f.votes("governor", map[string]int64{"Adams": 1000, "Baker": 600, "Clark": 300, "Write-in": 0})
		f.update(func() {
			f.votes("governor", map[string]int64{"Adams": 1000, "Baker": 600, "Clark": 400, "Write-in": 0})
		})
	}, "T06.runoff warn", ""},

	{"votes without units", false, func(f *night) { f.told([]int{20, -1}, 20, -1); f.add("p03", "prop", "Yes", 1, 5) }, "T07 warn", "Alder County"},
	{"units without votes", false, func(f *night) { f.told([]int{20, -1}, 21, -1) }, "T07.no-votes warn", "Alder County"},
	{"votes and units", false, func(f *night) { f.told([]int{20, -1}, 21, -1); f.add("p03", "prop", "Yes", 1, 5) }, "T07 -", ""},
}

// told makes the file, and before it its source's last one, tell progress: of
// the last one units reported and percent. The sheet is written down when it runs.
func (f *night) told(before []int, reported, percent int) {
	if before != nil {
		f.mine()
		f.Mine[0].Progress = []tally.Progress{f.progress(before[0], before[1], "")}
	}
	f.Progress = []tally.Progress{f.progress(reported, percent, "")}
}

// outstanding lets precinct 3, complete but for n ballots, grow by more.
func (f *night) outstanding(n, more int64) {
	f.Before = tally.Merge(f.x, f.withOutstanding(f.sheet(), n))
	f.add("p03", "", tally.Ballots, 3, more)
	f.Sheet = f.sheet()
	f.After = tally.Merge(f.x, f.Sheet)
}
