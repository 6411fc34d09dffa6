// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

var plausibleTrials = []trial{
	{"clean", false, clean, "C07 -", ""},
	{"a vote in twelve not used for the top contest", false, func(f *night) { f.unused("p03", 0.08) }, "C07 warn", "Precinct 3"},
	{"a vote in thirty not used, where others have one in fifty", false, func(f *night) { f.large("p03"); f.unused("p03", 0.045) }, "C07.peers warn", "Precinct 3"},
	{"many votes not used further down the ballot", false, func(f *night) {
		for t := int16(1); t < 4; t++ {
			lost := f.n("p03", "judge", "Moore", t) / 3
			f.add("p03", "judge", "Moore", t, -lost)
			f.add("p03", "judge", tally.Under, t, lost)
		}
	}, "C07 -", ""},
	{"votes not used that nobody reported", false, func(f *night) {
		f.unused("p03", 0.08)
		f.drop(func(k cellKey) bool { return k.choice == tally.Under })
	}, "C07 warn", "Precinct 3"},
	{"a party's primary is on half of the ballots", false, func(f *night) {
		f.redefine(func(d *election.Definition) { d.Election.Type = election.PartisanPrimaryClose })
		f.unused("p03", 0.5)
	}, "C07 -", ""},
	{"a tiny precinct's one undervote", false, func(f *night) {
		for k := range f.cells {
			if k.unit == 3 {
				f.cells[k] = 0
			}
		}
		f.set("p03", "governor", "Adams", 0, 9)
		f.set("p03", "governor", tally.Under, 0, 1)
		f.set("p03", "", tally.Ballots, 0, 10)
	}, "C07 -", ""},
	{"an overvote in fifty", false, func(f *night) { f.set("p03", "prop", tally.Over, 0, f.n("p03", "", tally.Ballots, 0)/50) }, "C07.over warn", "Precinct 3"},
	{"an overvote in a hundred", false, func(f *night) {
		f.set("p03", "prop", tally.Over, 0, f.n("p03", "", tally.Ballots, 0)/100)
	}, "C07 -", ""},
	{"three blank ballots in a hundred", false, func(f *night) {
		f.set("p03", "", tally.Ballots, 0, 600)
		f.set("p03", "", tally.Blank, 0, 18)
	}, "C07.blank warn", "Precinct 3"},
	{"fewer blank ballots", false, func(f *night) {
		f.set("p03", "", tally.Blank, 0, f.n("p03", "", tally.Ballots, 0)*3/100-1)
	}, "C07 -", ""},
	{"three ballots in a hundred rejected", false, func(f *night) { f.set("p03", "", tally.Rejected, 0, f.n("p03", "", tally.Ballots, 0)/20) }, "C07.invalid warn", "Precinct 3"},

	{"clean", false, clean, "C08 -", ""},
	{"the leader without votes in half of the precincts", false, func(f *night) { f.zero(12) }, "C08 hold", ""},
	{"the leader without votes in all but four", false, func(f *night) { f.zero(20) }, "C08 hold", ""},
	{"the leader without votes in a third", false, func(f *night) { f.zero(8) }, "C08 -", ""},
	{"a candidate without votes anywhere", false, func(f *night) { f.zero(24) }, "C08.nowhere hold", ""},
	{"a withdrawn candidate without votes", false, func(f *night) {
		f.redefine(func(d *election.Definition) { d.Contests[0].Choices[0].Withdrawn = true })
		f.zero(24)
	}, "C08 -", ""},
	{"write-ins without votes", false, func(f *night) {
		for u := 1; u <= 24; u++ {
			f.move(fmt.Sprintf("p%02d", u), "governor", "Write-in", "Adams", 1, 2, 3)
		}
	}, "C08 -", ""},
	{"a column of mail votes not read", false, func(f *night) {
		for u := 1; u <= 24; u++ {
			f.move(fmt.Sprintf("p%02d", u), "governor", "Baker", "Adams", 3)
		}
	}, "C08.type hold", ""},
	{"one precinct's mail votes in the wrong row", false, func(f *night) { f.large("p03"); f.move("p03", "governor", "Adams", "Baker", 3) }, "C08.unit-type hold", "Precinct 3"},
	{"a vote type that nobody used", false, func(f *night) {
		for k := range f.cells {
			if k.typ == 3 {
				f.put(k.unit, k.contest, k.choice, 3, 0)
			}
		}
	}, "C08 -", ""},

	{"clean", false, clean, "C09 -", ""},
	{"votes for the other district's senator", false, func(f *night) { f.set("p01", "senate-2", "Flores", 0, 3) }, "C09.stray hold", "Precinct 1"},
	{"zeros for the other district's senator", false, func(f *night) { f.set("p01", "senate-2", "Flores", 0, 0) }, "C09 -", ""},
	{"a contest that one precinct leaves out", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.unit == 5 && k.contest == f.contest("prop") })
	}, "C09.missing hold", "Precinct 5"},
	{"a contest that the file leaves out", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.contest == f.contest("prop") })
	}, "C09.nowhere hold", ""},
	{"a contest that the source has said it leaves out", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.contest == f.contest("prop") })
		f.Source.Contests = []election.ContestID{"governor", "senate-1", "senate-2", "school", "judge"}
	}, "C09 -", ""},
	{"precincts that have not reported at all", false, func(f *night) { f.drop(func(k cellKey) bool { return k.unit == 5 }) }, "C09 -", ""},

	{"clean", false, clean, "C10 -", ""},
	{"a digit too many", false, func(f *night) { f.tenfold("p03", "prop", "Yes") }, "C10 hold", "Precinct 3"},
	{"a digit too many for a local favourite", false, func(f *night) { f.tenfold(f.loyal(1)[0], "governor", f.favourite()) }, "C10.total hold", ""},
	{"a digit too many where only the last election is known", false, func(f *night) { f.unknownVoters(); f.tenfold("p03", "prop", "Yes") }, "C10 hold", "Precinct 3"},
	{"a digit too many where only other contests are known", false, func(f *night) {
		f.unknownVoters()
		for u := range f.def.Units {
			f.def.Units[u].Former = nil
		}
		f.tenfold("p03", "prop", "Yes")
	}, "C10 hold", "Precinct 3"},
	{"three times as many", false, func(f *night) { f.set("p03", "prop", "Yes", 0, 3*f.n("p03", "prop", "Yes", 0)) }, "C10 -", ""},
	{"a digit more than before", false, func(f *night) {
		f.mine()
		f.set("p03", "governor", "Clark", 0, 10*f.n("p03", "governor", "Clark", 0)+4)
	}, "C10.tenfold hold", "Precinct 3"},
	{"a digit less than before", false, func(f *night) {
		f.mine()
		f.set("p03", "governor", "Baker", 0, f.n("p03", "governor", "Baker", 0)/10)
	}, "C10.tenfold hold", "Precinct 3"},
	{"tenfold, as everybody else", false, func(f *night) { f.Mine = []*tally.Sheet{f.earlier(0.1)} }, "C10 -", ""},
	{"two digits exchanged, nothing else moved", false, func(f *night) {
		f.set("p03", "governor", "Baker", 0, 523)
		f.mine()
		f.set("p03", "governor", "Baker", 0, 532)
	}, "C10.exchanged hold", "Precinct 3"},
	{"two digits exchanged by growing, with everybody else", false, func(f *night) {
		f.set("p03", "governor", "Baker", 0, 523)
		f.mine()
		f.set("p03", "governor", "Baker", 0, 532)
		f.set("p03", "governor", "Adams", 0, f.n("p03", "governor", "Adams", 0)+7)
	}, "C10 -", ""},
	{"two digits of a small number exchanged", false, func(f *night) {
		f.set("p03", "governor", "Baker", 0, 25)
		f.mine()
		f.set("p03", "governor", "Baker", 0, 52)
	}, "C10 -", ""},

	{"nine ballots", false, func(f *night) { f.set("p03", "", tally.Ballots, 0, 9) }, "C11 warn", "Precinct 3"},
	{"ten ballots", false, func(f *night) { f.set("p03", "", tally.Ballots, 0, 10) }, "C11 -", ""},
	{"nine votes where ballots are not known", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.unit == 3 && (k.contest != 0 || k.choice != 1) })
		f.set("p03", "governor", "Baker", 0, 9)
	}, "C11 warn", "Precinct 3"},

	{"no ballots", false, func(f *night) {
		for k := range f.cells {
			if k.unit == 3 && k.choice != tally.Registered {
				f.cells[k] = 0
			}
		}
	}, "C12.none warn", "Precinct 3"},
	{"votes and no ballots", false, func(f *night) { f.set("p03", "", tally.Ballots, 0, 0) }, "C12.unsaid warn", "Precinct 3"},
	{"votes and no ballots are no votes too many", false, func(f *night) { f.set("p03", "", tally.Ballots, 0, 0) }, "C03 -", ""},
	{"all voters", false, func(f *night) { f.set("p03", "", tally.Ballots, 0, f.n("p03", "", tally.Registered, 0)) }, "C12.all warn", "Precinct 3"},
	{"all but one", false, func(f *night) { f.set("p03", "", tally.Ballots, 0, f.n("p03", "", tally.Registered, 0)-1) }, "C12 -", ""},

	{"clean", false, clean, "C13 -", ""},
	{"a contest that was read in part", false, func(f *night) {
		for t := int16(1); t < 4; t++ {
			f.add("p03", "prop", "Yes", t, -f.n("p03", "prop", "Yes", t)/10)
		}
	}, "C13 warn", "Precinct 3"},
	{"a contest that was read in part, where ballots are not known", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.choice == tally.Ballots })
		f.add("p03", "prop", "Yes", 1, -f.n("p03", "prop", "Yes", 1))
	}, "C13 warn", "Precinct 3"},
	{"two ballots less", false, func(f *night) { f.set("p03", "prop", "Yes", 0, f.n("p03", "prop", "Yes", 0)-2) }, "C13 -", ""},
}

// unused takes a share of a precinct's ballots from the first choice of the
// top contest.
func (f *night) unused(unit string, share float64) {
	for t := int16(1); t < 4; t++ {
		lost := int64(share*float64(f.n(unit, "", tally.Ballots, t))) - f.n(unit, "governor", tally.Under, t)
		for _, choice := range []string{"Adams", "Baker"} {
			from := min(lost, f.n(unit, "governor", choice, t))
			f.add(unit, "governor", choice, t, -from)
			f.add(unit, "governor", tally.Under, t, from)
			lost -= from
		}
	}
}

// large makes a precinct of 2,000 ballots, so that chance plays no part.
func (f *night) large(unit string) {
	u := f.unit(unit)
	for k := range f.cells {
		if k.unit == u && k.choice != tally.Registered {
			f.cells[k] = 0
		}
	}
	for t := int16(1); t < 4; t++ {
		f.put(u, tally.NoContest, tally.Ballots, t, 700)
		f.put(u, tally.NoContest, tally.CheckIns, t, 700)
		for c := range f.def.Contests {
			if on, _ := f.x.OnBallot(u, int32(c)); on {
				f.put(u, int32(c), 0, t, 350)
				f.put(u, int32(c), 1, t, 340)
				f.put(u, int32(c), tally.Under, t, 700*int64(f.def.Contests[c].VotesAllowed)-690)
			}
		}
	}
	f.set(unit, "", tally.Registered, 0, 2900)
}

// move gives the votes of some types of one choice to another.
func (f *night) move(unit, contest, from, to string, types ...int16) {
	for _, t := range types {
		n := f.n(unit, contest, from, t)
		f.add(unit, contest, from, t, -n)
		f.add(unit, contest, to, t, n)
	}
}

// zero takes the leader's votes in the first n precincts.
func (f *night) zero(n int) {
	for u := 1; u <= n; u++ {
		f.move(fmt.Sprintf("p%02d", u), "governor", "Adams", "Clark", 1, 2, 3)
	}
}

func (f *night) tenfold(unit, contest, choice string) {
	for t := range int16(4) {
		f.set(unit, contest, choice, t, 10*f.n(unit, contest, choice, t))
	}
}

// favourite is who leads in the precinct that leans most.
func (f *night) favourite() string {
	if u := f.loyal(1)[0]; f.n(u, "governor", "Adams", 0) > f.n(u, "governor", "Baker", 0) {
		return "Adams"
	}
	return "Baker"
}

// unknownVoters takes away registered voters and ballots.
func (f *night) unknownVoters() {
	f.drop(func(k cellKey) bool { return k.contest < 0 })
	for u := range f.def.Units {
		f.def.Units[u].Registered = nil
	}
}

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

var otherTrials = []trial{
	{"clean", false, clean, "D01 -", ""},
	{"a device with an old card", false, func(f *night) { f.Devices[1].Definition = "sha256:01d" }, "D01 block", ""},
	{"a device that does not tell", false, func(f *night) { f.Devices[1].Definition = "" }, "D01 -", ""},

	{"clean", false, func(f *night) {
		f.Devices[0].Layouts = []Layout{{"prop", []election.ChoiceID{"yes", "no"}}}
	}, "D02 -", ""},
	{"a device with a contest of its own", false, func(f *night) { f.Devices[0].Layouts = []Layout{{"mayor", nil}} }, "D02.contest block", ""},
	{"a device with a choice too many", false, func(f *night) {
		f.Devices[0].Layouts = []Layout{{"prop", []election.ChoiceID{"yes", "no", "maybe"}}}
	}, "D02.count block", ""},
	{"a device with choices in another order", false, func(f *night) {
		f.Devices[0].Layouts = []Layout{{"prop", []election.ChoiceID{"no", "yes"}}}
	}, "D02.order block", ""},
	{"a printed choice that is nowhere", false, func(f *night) {
		f.set("p02", "governor", "Write-in", 0, 0)
		f.drop(func(k cellKey) bool { return k.contest == 0 && k.choice == 2 })
	}, "D02.missing block", ""},
	{"write-ins that are nowhere", false, func(f *night) {
		f.set("p02", "governor", "Clark", 0, 0)
		f.drop(func(k cellKey) bool { return k.contest == 0 && k.choice == 3 })
	}, "D02 -", ""},

	{"the deck comes out", false, func(f *night) { f.Mode, f.Deck = Test, f.deck(); f.Sheet = f.deck() }, "D03 -", ""},
	{"one vote of the deck is lost", false, func(f *night) {
		f.Mode, f.Deck, f.Sheet = Test, f.deck(), f.deck()
		f.Sheet.Cells[9].N++
	}, "D03.differs block", "Precinct 1"},
	{"a precinct of the deck does not come out", false, func(f *night) {
		f.Mode, f.Deck, f.Sheet = Test, f.deck(), f.deck()
		f.Sheet.Cells = slices.DeleteFunc(f.Sheet.Cells, func(c tally.Cell) bool { return c.Unit == 2 })
	}, "D03.missing block", "Precinct 2"},
	{"more comes out than the deck", false, func(f *night) {
		f.Mode, f.Deck, f.Sheet = Test, f.deck(), f.deck()
		f.Deck.Cells = slices.DeleteFunc(f.Deck.Cells, func(c tally.Cell) bool { return c.Unit == 2 })
	}, "D03.extra block", "Precinct 2"},
	{"a deck that cannot tell two choices apart", false, func(f *night) {
		f.Mode, f.Deck = Test, f.deck()
		for i := range f.Deck.Cells {
			if f.Deck.Cells[i].Contest == f.contest("prop") {
				f.Deck.Cells[i].N = 2
			}
		}
		f.Sheet = f.Deck
	}, "D03.equal block", ""},

	{"turnout as everywhere", false, clean, "H01 -", ""},
	{"turnout half of last time", false, func(f *night) { f.def.Units[3].Former[0].Ballots *= 2; f.def.Units[3].Former[0].Ballots -= 100 }, "H01 warn", "Precinct 3"},
	{"turnout half of last time, while the count is under way", false, func(f *night) {
		f.def.Units[3].Former[0].Ballots *= 2
		f.partial()
	}, "H01 -", ""},
	{"no swing", false, clean, "H02 -", ""},
	{"a precinct swings alone", false, func(f *night) { f.swung(0.30, 1) }, "H02 warn", ""},
	{"a precinct swings by 15 points", false, func(f *night) { f.swung(0.15, 1) }, "H02 -", ""},
	{"all precincts swing", false, func(f *night) { f.swung(0.30, 24) }, "H02 -", ""},

	{"both tabulations agree", true, func(f *night) { f.Second = f.sheet() }, "R01 -", ""},
	{"one vote differs in the second round", true, func(f *night) {
		f.Second = f.sheet()
		f.round("Boone", 2, f.rounds("Boone", 2)-1)
	}, "R01 hold", "Elmwood"},
	{"certified without a second tabulation", true, func(f *night) { f.Sheet = f.sheet(); f.Sheet.Status = election.Certified }, "R01.missing hold", ""},
	{"the signed rules were used", true, func(f *night) { f.Profiles = []Profile{{"mayor", "A", "board", "A"}} }, "R02 -", ""},
	{"other rules were used", true, func(f *night) { f.Profiles = []Profile{{"mayor", "A", "board", "B"}} }, "R02 hold", ""},
	{"nobody signed the rules", true, func(f *night) { f.Profiles = []Profile{{Contest: "mayor", Used: "A"}} }, "R02.unsigned hold", ""},
	{"all rounds add up", true, clean, "R03 -", ""},
	{"a ballot lost in the third round", true, func(f *night) { f.round("Abel", 3, f.rounds("Abel", 3)-1) }, "R03 hold", "Elmwood"},
	{"a ballot lost, where two are elected and fractions are rounded", true, func(f *night) {
		f.def.Contests[0].Elected = 2
		f.round("Abel", 3, f.rounds("Abel", 3)-4)
	}, "R03 -", ""},
	{"exhausted ballots that are not told", true, func(f *night) {
		f.drop(func(k cellKey) bool { return k.choice == tally.Exhausted })
		f.set("city", "mayor", tally.Ballots, 0, 10_900)
	}, "R03 -", ""},
	{"ballots not told as exhausted that come back", true, func(f *night) {
		f.drop(func(k cellKey) bool { return k.choice == tally.Exhausted })
		f.round("Abel", 3, 9000)
	}, "R03 hold", "Elmwood"},
	{"the first round misses a ballot of the contest", true, func(f *night) { f.set("city", "mayor", tally.Ballots, 0, 11_001) }, "R03.first hold", "Elmwood"},
	{"the eliminated stay out", true, clean, "R04 -", ""},
	{"a vote for the eliminated", true, func(f *night) { f.round("Dunn", 3, 1) }, "R04 hold", "Elmwood"},
	{"votes come late to one who had none", true, func(f *night) { f.round("Dunn", 1, 0); f.round("Dunn", 2, 1) }, "R04 -", ""},

	{"counties and vote types are told", false, clean, "S01 info", "Alder County"},
	{"complete", false, func(f *night) { f.state(24, election.Completed) }, "S01.completed info", "Alder County"},
	{"under way", false, func(f *night) { f.state(3, election.InProcess) }, "S01.in-process info", "Alder County"},
	{"not begun", false, func(f *night) { f.state(0, election.NotProcessed) }, "S01.not-processed info", "Alder County"},
	{"nobody says", false, func(f *night) { f.state(3, "") }, "S01.unknown info", "Alder County"},

	{"all is in", false, clean, "S02 -", ""},
	{"a precinct without a number", false, func(f *night) { f.drop(func(k cellKey) bool { return k.unit == 3 }) }, "S02 hold", "Precinct 3"},
	{"a precinct without a number, while the count is under way", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.unit == 3 })
		f.partial()
	}, "S02 -", ""},
	{"a precinct that another source has reported", false, func(f *night) {
		f.Before = tally.Merge(f.x, f.sheet())
		f.drop(func(k cellKey) bool { return k.unit == 3 })
	}, "S02 -", ""},
	{"a precinct that is not this source's", false, func(f *night) {
		f.Source.Units = []election.UnitID{"p01", "p02"}
		f.drop(func(k cellKey) bool { return k.unit > 2 })
	}, "S02 -", ""},
	{"a county that reports itself", false, func(f *night) { f.county(1); f.drop(func(k cellKey) bool { return k.unit > 0 }) }, "S02 -", ""},
	{"called complete with 23 of 24", false, func(f *night) { f.state(23, election.Completed) }, "S02.progress hold", "Alder County"},
	{"a device", false, func(f *night) { f.expected(ExpectDevice, "D9") }, "S02.device hold", ""},
	{"a batch", false, func(f *night) { f.expected(ExpectBatch, "B9") }, "S02.batch hold", ""},
	{"a batch that came in an earlier file", false, func(f *night) {
		f.expected(ExpectBatch, "B9")
		f.Counted = []Batch{{"D1", "B9", 10}}
	}, "S02 -", ""},
	{"a drop box", false, func(f *night) { f.expected(ExpectDropBox, "library") }, "S02.drop-box hold", ""},
	{"a drop box that came in", false, func(f *night) { f.expected(ExpectDropBox, "library"); f.Received = []string{"library"} }, "S02 -", ""},
	{"a unit that is expected and unknown", false, func(f *night) { f.expected(ExpectUnit, "airport") }, "S02.unit hold", ""},
	{"a unit that is expected and in", false, func(f *night) { f.expected(ExpectUnit, "p05") }, "S02 -", ""},

	{"late by a minute", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.unit == 3 })
		f.Due = []Due{{"p03", later.Add(-time.Minute)}}
	}, "S03 warn", "Precinct 3"},
	{"due now", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.unit == 3 })
		f.Due = []Due{{"p03", later}}
	}, "S03 -", ""},
	{"late and in", false, func(f *night) { f.Due = []Due{{"p03", closes}} }, "S03 -", ""},
	{"an alarm without a file", false, func(f *night) {
		f.Before = tally.Merge(f.x, f.sheet())
		f.Sheet, f.Due = &tally.Sheet{Index: f.x}, []Due{{"p03", closes}}
	}, "S03 -", ""},

	{"certified with something open", false, func(f *night) { f.certified(1) }, "S04 block", ""},
	{"certified with nothing open", false, func(f *night) { f.certified(0) }, "S04 -", ""},
	{"complete with something open", false, func(f *night) { f.OpenHolds = 1 }, "S04 -", ""},

	{"approved by a second person who looked", false, func(f *night) { f.Release = &Release{"ann", "bo", true} }, "P01 -", ""},
	{"approved by the same person", false, func(f *night) { f.Release = &Release{"ann", "ann", true} }, "P01 block", ""},
	{"approved by nobody", false, func(f *night) { f.Release = &Release{"ann", "", true} }, "P01.nobody block", ""},
	{"approved without looking", false, func(f *night) { f.Release = &Release{"ann", "bo", false} }, "P01.unseen block", ""},

	{"typed once", false, func(f *night) { f.Sheet = f.sheet(); f.Sheet.Format = "hand" }, "P02.once hold", ""},
	{"typed twice by one person", false, func(f *night) { f.Typed = &Typed{"ann", f.sheet(), "ann"} }, "P02.same hold", ""},
	{"typed twice alike", false, func(f *night) { f.Typed = &Typed{"ann", f.sheet(), "bo"} }, "P02 -", ""},
	{"typed twice, not alike", false, func(f *night) {
		f.Typed = &Typed{"ann", f.sheet(), "bo"}
		f.set("p04", "prop", "No", 1, 1)
	}, "P02 hold", "Precinct 4"},
	{"ballots typed only once", false, func(f *night) {
		f.Typed = &Typed{"ann", f.sheet(), "bo"}
		f.drop(func(k cellKey) bool { return k.unit == 4 && k.choice == tally.Ballots })
	}, "P02.left-out hold", "Precinct 4"},

	{"a log in order", false, func(f *night) { f.Log = entries() }, "P03 -", ""},
	{"an entry without a signature", false, func(f *night) { f.Log = entries(); f.Log[1].Signed = false }, "P03.unsigned block", ""},
	{"an entry that follows another", false, func(f *night) { f.Log = entries(); f.Log[2].Previous = "zz" }, "P03.chain block", ""},
	{"versions that go back", false, func(f *night) { f.Log = entries(); f.Log[2].Version = 1 }, "P03.order block", ""},
	{"a correction without a reason", false, func(f *night) { f.Log = entries(); f.Log[2].Reason = "" }, "P03.reason block", ""},

	{"one fault, many times", false, func(f *night) {
		f.Rules.MostFindings = 3
		for u := 1; u <= 5; u++ {
			f.set(fmt.Sprintf("p%02d", u), "", tally.Ballots, 0, 5)
		}
	}, "more warn", ""},
}

// state makes the file tell how far the county is.
func (f *night) state(reported int, s election.CountState) {
	f.Progress = []tally.Progress{f.progress(reported, -1, s)}
}

func (f *night) expected(kind ItemKind, id string) {
	f.Expected = append(f.Expected, Item{Kind: kind, ID: id})
}

func (f *night) certified(open int) {
	f.Sheet, f.OpenHolds = f.sheet(), open
	f.Sheet.Status = election.Certified
}

// swung lets the first n precincts that can have voted otherwise last time, by
// a share of their two-party votes.
func (f *night) swung(by float64, n int) {
	for u := 1; u < len(f.def.Units) && n > 0; u++ {
		a, b := f.cells[cellKey{int32(u), 0, 0, 0, 0}], f.cells[cellKey{int32(u), 0, 1, 0, 0}]
		share := float64(a) / float64(a+b)
		if share > 1-by {
			share -= 2 * by
		}
		votes := f.def.Units[u].Former[0].Ballots
		blue := int64((share + by) * float64(votes))
		f.def.Units[u].Former[0].Votes = map[string]int64{"blue": blue, "red": votes - blue}
		n--
	}
}

func entries() []Entry {
	return []Entry{
		{Version: 1, Hash: "aa", Signed: true, Status: election.UnofficialPartial},
		{Version: 2, Hash: "bb", Previous: "aa", Signed: true, Status: election.UnofficialComplete},
		{Version: 3, Hash: "cc", Previous: "bb", Signed: true, Status: election.Correction, Reason: "box 3"},
	}
}
