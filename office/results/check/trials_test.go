// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"
	"testing"
	"time"

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
