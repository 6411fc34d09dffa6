// SPDX-License-Identifier: Apache-2.0

package check

import (
	"hustings/election"
	"hustings/office/results/tally"
)

var crossFootTrials = []trial{
	{"clean", false, clean, "C01 -", ""},
	{"a type that is one short", false, func(f *night) { f.cells[f.key("p06", "prop", "Yes", 2)]-- }, "C01 hold", "Precinct 6"},
	{"overvotes whose types do not add up", false, func(f *night) { f.cells[f.key("p06", "prop", tally.Over, 0)]++ }, "C01 hold", "Precinct 6"},
	{"ballots whose types do not add up", false, func(f *night) { f.cells[f.key("p06", "", tally.Ballots, 0)]++ }, "C01 hold", "Precinct 6"},
	{"a total without types", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.unit == 6 && k.typ > 0 })
	}, "C01 -", ""},
	{"two rows for a choice, each of which adds up", false, func(f *night) {
		f.Sheet = f.sheet()
		for t, n := range []int64{6, 1, 2, 3} {
			f.Sheet.Cells = append(f.Sheet.Cells, tally.Cell{Unit: 6, Contest: 0, Choice: 3, Type: int16(t), N: n, Line: 9000})
		}
	}, "C01 -", ""},
	{"two rows for a choice, one of which does not", false, func(f *night) {
		f.Sheet = f.sheet()
		for t, n := range []int64{7, 1, 2, 3} {
			f.Sheet.Cells = append(f.Sheet.Cells, tally.Cell{Unit: 6, Contest: 0, Choice: 3, Type: int16(t), N: n, Line: 9000})
		}
	}, "C01 hold", "Precinct 6"},

	{"as many as check-ins", false, clean, "C02 -", ""},
	{"15 more of 750", false, func(f *night) { f.checked("p01", 765, 750) }, "C02 hold", "Precinct 1"},
	{"14 more of 100", false, func(f *night) { f.checked("p01", 114, 100) }, "C02.small warn", "Precinct 1"},
	{"15 more of 751, under 2 percent", false, func(f *night) { f.checked("p01", 766, 751) }, "C02.small warn", "Precinct 1"},
	{"15 fewer of 750", false, func(f *night) { f.checked("p01", 735, 750) }, "C02 hold", "Precinct 1"},
	{"fewer, while the count is under way", false, func(f *night) { f.checked("p01", 100, 750); f.partial() }, "C02 -", ""},
	{"fewer in a precinct that is complete", false, func(f *night) {
		f.checked("p01", 100, 750)
		f.partial()
		f.Sheet.Progress = []tally.Progress{{Unit: 1, State: election.Completed, Percent: -1}}
	}, "C02 hold", "Precinct 1"},
	{"more, while the count is under way", false, func(f *night) { f.checked("p01", 850, 750); f.partial() }, "C02 hold", "Precinct 1"},
	{"the pollbook knows better than the file", false, func(f *night) {
		f.CheckIns = map[election.UnitID]int64{"p01": 100}
	}, "C02 hold", "Precinct 1"},

	{"clean", false, clean, "C03 -", ""},
	{"one ballot more than voters", false, func(f *night) { f.set("p02", "", tally.Ballots, 0, f.n("p02", "", tally.Registered, 0)+1) }, "C03 hold", "Precinct 2"},
	{"one ballot more than voters, who may register at the polls", false, func(f *night) {
		f.Rules.SameDayRegistration = true
		f.set("p02", "", tally.Ballots, 0, f.n("p02", "", tally.Registered, 0)+1)
	}, "C03 -", ""},
	{"ballots and no registered voters is not known, not none", false, func(f *night) {
		f.set("p02", "", tally.Registered, 0, 0)
		f.def.Units[2].Registered = nil
	}, "C03 -", ""},
	{"one vote more than ballots", false, func(f *night) { f.set("p02", "governor", "Adams", 0, f.n("p02", "", tally.Ballots, 0)+1) }, "C03.choice hold", "Precinct 2"},
	{"as many votes as ballots for a choice", false, func(f *night) {
		f.votesOnly("p02", "governor", "Adams")
	}, "C03 -", ""},
	{"more votes than voters where ballots are not known", false, func(f *night) {
		f.drop(func(k cellKey) bool { return k.choice == tally.Ballots })
		f.set("p02", "governor", "Adams", 0, f.n("p02", "", tally.Registered, 0)+1)
	}, "C03.voters hold", "Precinct 2"},
	{"all choices together more than ballots", false, func(f *night) {
		b := f.n("p02", "", tally.Ballots, 0)
		f.set("p02", "governor", "Adams", 0, b/2+1)
		f.set("p02", "governor", "Baker", 0, b/2+1)
	}, "C03.all hold", "Precinct 2"},
	{"three votes allowed", false, clean, "C03 -", ""},
	{"more of one type than ballots of that type", false, func(f *night) {
		moved := f.n("p02", "governor", "Adams", 3)
		f.add("p02", "governor", "Adams", 3, -moved)
		f.add("p02", "governor", "Adams", 1, f.n("p02", "", tally.Ballots, 1))
	}, "C03.type hold", "Precinct 2"},

	{"clean", false, clean, "C04 -", ""},
	{"one vote lost", false, func(f *night) { f.add("p03", "governor", "Clark", 1, -1) }, "C04 hold", "Precinct 3"},
	{"one vote gained", false, func(f *night) { f.add("p03", "school", "Hill", 1, 1); f.add("p04", "school", "Hill", 1, 1) }, "C04 hold", "Precinct 4"},
	{"overvoted ballots, declared", false, func(f *night) { f.overBallots(); f.Sheet = f.sheet(); f.Sheet.OverBallots = true }, "C04 -", ""},
	{"overvoted ballots, not declared, are said once", false, func(f *night) { f.overBallots() }, "C04.as-ballots hold", ""},
	{"overvoted ballots, declared, but counted as votes", false, func(f *night) { f.someOver(); f.Sheet = f.sheet(); f.Sheet.OverBallots = true }, "C04.as-votes hold", ""},
	{"a contest that is not on federal-only ballots falls short everywhere", false, func(f *night) {
		f.federalOnly()
		for u := 1; u <= 24; u++ {
			f.cells[cellKey{int32(u), f.contest("prop"), tally.Under, 0, 0}] -= 2
		}
	}, "C04 -", ""},
	{"a contest that is on every ballot falls short everywhere", false, func(f *night) {
		for u := 1; u <= 24; u++ {
			f.cells[cellKey{int32(u), f.contest("prop"), tally.Under, 0, 0}] -= 2
		}
	}, "C04 hold", "Precinct 24"},
	{"a contest that is not on federal-only ballots and has too many", false, func(f *night) {
		f.federalOnly()
		f.cells[cellKey{3, f.contest("prop"), tally.Under, 0, 0}] += 2
	}, "C04 hold", "Precinct 3"},
	{"ballots of the contest's own", false, func(f *night) {
		f.set("p03", "prop", tally.Ballots, 0, f.n("p03", "", tally.Ballots, 0)-10)
	}, "C04 hold", "Precinct 3"},

	{"a county that is the sum of its precincts", false, func(f *night) { f.county(1) }, "C05 -", ""},
	{"a county that says twice as much", false, func(f *night) { f.county(2) }, "C05 hold", "Alder County"},
	{"a county whose types are exchanged", false, func(f *night) { f.county(1); f.swapTypes("county", "governor", "Adams") }, "C05.type hold", "Alder County"},
	{"a county's ballots", false, func(f *night) { f.set("county", "", tally.Ballots, 0, 7) }, "C05.fact hold", "Alder County"},
	{"a county that says more, with a precinct still out", false, func(f *night) {
		f.county(1)
		f.drop(func(k cellKey) bool { return k.unit == 9 })
	}, "C05 -", ""},
	{"a county that says less, with a precinct still out", false, func(f *night) {
		f.county(1)
		f.drop(func(k cellKey) bool { return k.unit == 9 })
		f.set("county", "governor", "Adams", 0, 10)
	}, "C05 hold", "Alder County"},
	{"the state's feed says otherwise", false, func(f *night) {
		f.Independent = &tally.Sheet{Index: f.x, Path: "state.json", Cells: []tally.Cell{{Unit: 0, Contest: 0, Choice: 0, N: 5}}}
	}, "C05.feed hold", "Alder County"},
	{"the state's feed has other ballots", false, func(f *night) {
		f.Independent = &tally.Sheet{Index: f.x, Path: "state.json", Cells: []tally.Cell{{Unit: 0, Contest: -1, Choice: tally.Ballots, N: 5}}}
	}, "C05.feed-fact hold", "Alder County"},
	{"the state's feed agrees", false, func(f *night) { f.Independent = f.sheet() }, "C05 -", ""},

	{"clean", false, clean, "C06 -", ""},
	{"write-ins and their parts", false, func(f *night) { f.namedWriteIns(0) }, "C06.choice hold", ""},
	{"write-ins beside named ones", false, func(f *night) { f.namedWriteIns(1) }, "C06 -", ""},
	{"a row that is the sum of all choices", false, func(f *night) {
		f.extraChoice("governor", "Everybody", func(u int32) int64 {
			return f.cells[cellKey{u, 0, 0, 0, 0}] + f.cells[cellKey{u, 0, 1, 0, 0}] + f.cells[cellKey{u, 0, 2, 0, 0}] + f.cells[cellKey{u, 0, 3, 0, 0}]
		})
	}, "C06.choice hold", ""},
	{"a choice called total", false, func(f *night) {
		f.extraChoice("governor", "Total Votes", func(u int32) int64 { return int64(u) })
	}, "C06.choice-name hold", ""},
	{"a choice called write-in totals", false, func(f *night) {
		f.extraChoice("governor", "Write-In Totals", func(u int32) int64 { return int64(u) })
	}, "C06 -", ""},
	{"a precinct that is the sum of the others", false, func(f *night) { f.extraUnit("Zeta") }, "C06.unit hold", "Zeta"},
	{"a precinct called countywide", false, func(f *night) { f.extraUnit("COUNTYWIDE") }, "C06.unit-name hold", "COUNTYWIDE"},
}

// checked sets a precinct's ballots and check-ins.
func (f *night) checked(unit string, ballots, checkIns int64) {
	f.set(unit, "", tally.Ballots, 0, ballots)
	f.set(unit, "", tally.CheckIns, 0, checkIns)
}

// votesOnly gives every ballot of a precinct to one choice.
func (f *night) votesOnly(unit, contest, choice string) {
	c := f.contest(contest)
	for k := range f.cells {
		if k.unit == f.unit(unit) && k.contest == c {
			f.cells[k] = 0
		}
	}
	for t := range int16(4) {
		f.set(unit, contest, choice, t, f.n(unit, "", tally.Ballots, t))
	}
}

// someOver makes sure that four precincts have overvotes for the school board.
func (f *night) someOver() {
	school := f.contest("school")
	for u := int32(1); u < 12; u++ {
		if on, _ := f.x.OnBallot(u, school); on {
			id := string(f.def.Units[u].ID)
			f.add(id, "school", tally.Over, 1, 6)
			f.add(id, "school", tally.Under, 1, -6)
		}
	}
}

// overBallots reports overvoted ballots in place of overvotes.
func (f *night) overBallots() {
	f.someOver()
	for k, n := range f.cells {
		if k.contest == f.contest("school") && k.choice == tally.Over {
			f.cells[k] = n / 3
		}
	}
}

// federalOnly gives each precinct a ballot style with the first contest alone.
func (f *night) federalOnly() {
	f.redefine(func(d *election.Definition) {
		s := election.Style{ID: "federal", Contests: []election.ContestID{"governor"}}
		for _, u := range d.Units[1:] {
			s.Units = append(s.Units, u.ID)
		}
		d.Styles = append(d.Styles, s)
	})
}

// county writes the county's own rows, the sum of its precincts times over.
func (f *night) county(times int64) {
	for u := range f.def.Units {
		f.sumInto(int32(u), times)
	}
}

// namedWriteIns adds two named write-ins of which "Write-in" is the sum, and more.
func (f *night) namedWriteIns(more int64) {
	f.redefine(func(d *election.Definition) {
		for _, name := range []string{"Young", "Zhu"} {
			d.Contests[0].Choices = append(d.Contests[0].Choices, election.Choice{ID: election.ChoiceID(name), Name: election.T(name), Kind: election.WriteIn})
		}
	})
	for u := int32(1); u <= 24; u++ {
		for t := int16(1); t < 4; t++ {
			f.put(u, 0, 4, t, int64(u)%3)
			f.put(u, 0, 5, t, int64(u)%2)
			f.put(u, 0, 3, t, int64(u)%3+int64(u)%2+more)
		}
	}
}

func (f *night) extraChoice(contest, name string, votes func(u int32) int64) {
	c := f.contest(contest)
	f.redefine(func(d *election.Definition) { d.Contests[c].Choices = append(d.Contests[c].Choices, person(name, "")) })
	for u := int32(1); u <= 24; u++ {
		f.cells[cellKey{u, c, int32(len(f.def.Contests[c].Choices) - 1), 0, 0}] = votes(u)
	}
}

// extraUnit adds a precinct that is the sum of the others.
func (f *night) extraUnit(name string) {
	f.redefine(func(d *election.Definition) {
		d.Units = append(d.Units, election.Unit{ID: "extra", Type: election.Precinct, Name: name, Parent: "county"})
	})
	for k, n := range f.cells {
		if k.unit > 0 && k.unit != f.unit("extra") {
			k.unit = f.unit("extra")
			f.cells[k] += n
		}
	}
}
