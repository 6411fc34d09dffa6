// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

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
