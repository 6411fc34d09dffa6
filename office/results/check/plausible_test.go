// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"

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
	{"one contest typed by hand", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.unit != 5 || k.contest != f.contest("prop") })
		f.Sheet = f.sheet()
		f.Sheet.Format = "hand"
	}, "C09 -", ""},
	{"precincts that have not reported at all", false, func(f *night) { f.drop(func(k cellKey) bool { return k.unit == 5 }) }, "C09 -", ""},

	{"clean", false, clean, "C10 -", ""},
	{"a test deck, where votes are made up", false, func(f *night) { f.tenfold("p03", "prop", "Yes"); f.Mode = Test }, "C10 -", ""},
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
