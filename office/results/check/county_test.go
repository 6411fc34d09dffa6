// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

// night is a county on election night, made up from a seed: precincts of
// different size and leaning, five contests, three vote types, everything
// balanced to the last ballot.
type night struct {
	t     testing.TB
	rand  *rand.Rand
	def   *election.Definition
	x     *tally.Index
	cells map[cellKey]int64
	// Progress is what the sheet tells of it.
	Progress []tally.Progress
	Input
}

var (
	closes = time.Date(2026, 11, 3, 19, 0, 0, 0, time.UTC)
	later  = closes.Add(2 * time.Hour)
)

const certifiedHash = "sha256:c0ffee"

// party leanings of the choices of the first contest.
var parties = []election.PartyID{"blue", "red", "green"}

func person(id string, party election.PartyID) election.Choice {
	c := election.Choice{ID: election.ChoiceID(id), Name: election.T(id), Kind: election.Candidate}
	if party != "" {
		c.Parties = []election.PartyID{party}
	}
	return c
}

func writeIns() election.Choice {
	return election.Choice{ID: "write-in", Name: election.T("Write-in"), Kind: election.WriteIn}
}

// newNight makes a county of n precincts.
func newNight(t testing.TB, seed uint64, n int) *night {
	d := &election.Definition{
		Election: election.Election{ID: "2026-11-03-general", Name: election.T("General"), Type: election.General,
			Start: "2026-11-03", End: "2026-11-03", Scope: "county", TimeZone: "UTC"},
		Parties: []election.Party{{ID: "blue", Name: election.T("Blue")}, {ID: "red", Name: election.T("Red")}, {ID: "green", Name: election.T("Green")}},
		Units:   []election.Unit{{ID: "county", Type: election.County, Name: "Alder County"}},
		VoteTypes: []election.VoteType{
			{ID: "day", Name: election.T("Election day"), Item: election.ElectionDay},
			{ID: "early", Name: election.T("Early"), Item: election.Early},
			{ID: "mail", Name: election.T("Mail"), Item: election.AbsenteeMail},
		},
		Contests: []election.Contest{
			{ID: "governor", Name: election.T("Governor"), Kind: election.CandidateContest, VotesAllowed: 1, Elected: 1,
				Choices: []election.Choice{person("Adams", "blue"), person("Baker", "red"), person("Clark", "green"), writeIns()}},
			{ID: "senate-1", Name: election.T("Senate 1"), Kind: election.CandidateContest, VotesAllowed: 1, Elected: 1,
				Choices: []election.Choice{person("Diaz", "blue"), person("Evans", "red"), writeIns()}},
			{ID: "senate-2", Name: election.T("Senate 2"), Kind: election.CandidateContest, VotesAllowed: 1, Elected: 1,
				Choices: []election.Choice{person("Flores", "blue"), person("Grant", "red"), writeIns()}},
			{ID: "school", Name: election.T("School board"), Kind: election.CandidateContest, VotesAllowed: 3, Elected: 3,
				Choices: []election.Choice{person("Hill", ""), person("Irwin", ""), person("Jones", ""), person("King", ""), person("Lopez", ""), writeIns()}},
			{ID: "prop", Name: election.T("Proposition 1"), Kind: election.MeasureContest, VotesAllowed: 1,
				Choices: []election.Choice{{ID: "yes", Name: election.T("Yes"), Kind: election.Yes}, {ID: "no", Name: election.T("No"), Kind: election.No}}},
			{ID: "judge", Name: election.T("Judge"), Kind: election.CandidateContest, VotesAllowed: 1, Elected: 1,
				Choices: []election.Choice{person("Moore", ""), writeIns()}},
		},
	}
	f := &night{t: t, rand: rand.New(rand.NewPCG(seed, 7)), def: d, cells: make(map[cellKey]int64)}
	f.place(n)
	f.x = tally.NewIndex(d)
	for u := 1; u <= n; u++ {
		f.vote(int32(u))
	}
	f.Input = Input{
		Index: f.x, Mode: Live, Now: later, PollsClose: closes,
		Source:         Source{Counting: Cumulative, Detail: ByType, Zero: ZeroSeen, Election: "General"},
		Statement:      &tally.Statement{Election: "General", Date: "2026-11-03", Definition: certifiedHash},
		DefinitionHash: certifiedHash,
		Devices:        []Device{{Serial: "D1", Definition: certifiedHash}, {Serial: "D2", Definition: certifiedHash}},
		Expected:       []Item{{Kind: ExpectDevice, ID: "D1"}, {Kind: ExpectDevice, ID: "D2"}},
	}
	return f
}

// place lays out precincts, districts by style, and what they did last time.
func (f *night) place(n int) {
	for _, half := range []string{"1", "2"} {
		for _, school := range []bool{false, true} {
			s := election.Style{ID: election.StyleID(fmt.Sprint(half, school)), Contests: []election.ContestID{"governor", election.ContestID("senate-" + half)}}
			if school {
				s.Contests = append(s.Contests, "school")
			}
			s.Contests = append(s.Contests, "prop", "judge")
			f.def.Styles = append(f.def.Styles, s)
		}
	}
	for i := range n {
		id := election.UnitID(fmt.Sprintf("p%02d", i+1))
		registered := int64(300 + f.rand.IntN(2700))
		f.def.Units = append(f.def.Units, election.Unit{ID: id, Type: election.Precinct, Name: fmt.Sprintf("Precinct %d", i+1),
			Parent: "county", Registered: &registered})
		style := i % 2
		if i%3 == 0 {
			style += 2
		}
		order := []int{0, 2, 1, 3} // styles as made above: 1, 1+school, 2, 2+school
		s := &f.def.Styles[order[style]]
		s.Units = append(s.Units, id)
	}
}

// drawn is how many of n happen, each with chance p.
func (f *night) drawn(n int64, p float64) int64 {
	mean, sd := float64(n)*p, math.Sqrt(float64(n)*p*(1-p))
	return min(n, max(0, int64(math.Round(mean+sd*f.rand.NormFloat64()))))
}

// spread shares n votes among weights.
func (f *night) spread(n int64, weights []float64) []int64 {
	out, left := make([]int64, len(weights)), 1.0
	for i, w := range weights {
		if i == len(weights)-1 || left <= 0 {
			out[i] = n
			break
		}
		out[i] = f.drawn(n, min(1, w/left))
		n, left = n-out[i], left-w
	}
	return out
}

// vote fills in one precinct.
func (f *night) vote(u int32) {
	unit := &f.def.Units[u]
	registered := *unit.Registered
	lean := min(0.85, max(0.12, 0.48+0.14*f.rand.NormFloat64()))
	turnout := 0.64 + 0.04*f.rand.NormFloat64()
	ballots := f.drawn(registered, turnout)
	byType := f.spread(ballots, []float64{0.3, 0.3, 0.4})
	f.former(unit, registered, lean, turnout)
	f.put(u, tally.NoContest, tally.Registered, 0, registered)
	for t, b := range byType {
		typ, tilt := int16(t+1), []float64{-0.08, -0.02, 0.08}[t]
		f.put(u, tally.NoContest, tally.Ballots, typ, b)
		f.put(u, tally.NoContest, tally.CheckIns, typ, b)
		for c, con := range f.def.Contests {
			if on, _ := f.x.OnBallot(u, int32(c)); on {
				f.mark(u, int32(c), typ, b, con, lean+tilt)
			}
		}
	}
}

func (f *night) former(unit *election.Unit, registered int64, lean, turnout float64) {
	ballots := f.drawn(registered, turnout-0.03)
	blue := f.drawn(ballots, min(0.95, lean+0.01))
	unit.Former = []election.Former{{Election: "2022-11-08-general", Registered: registered, Ballots: ballots,
		Votes: map[string]int64{"blue": blue, "red": ballots - blue}}}
}

// mark fills in one contest of a precinct and vote type.
func (f *night) mark(u, c int32, typ int16, ballots int64, con election.Contest, lean float64) {
	slots := ballots * int64(con.VotesAllowed)
	over := f.drawn(ballots, 0.001) * int64(con.VotesAllowed)
	under := f.drawn(slots, map[election.ContestID]float64{"governor": 0.012, "school": 0.3, "judge": 0.25}[con.ID]+0.01)
	under = min(under, slots-over)
	lean = min(0.93, max(0.05, lean))
	weights := map[election.ContestID][]float64{
		"governor": {lean * 0.97, (1 - lean) * 0.97, 0.027, 0.003},
		"senate-1": {lean * 0.995, (1 - lean) * 0.995, 0.005}, "senate-2": {lean * 0.995, (1 - lean) * 0.995, 0.005},
		"school": {0.24, 0.22, 0.2, 0.18, 0.15, 0.01}, "prop": {0.4 + 0.2*lean, 0.6 - 0.2*lean}, "judge": {0.97, 0.03},
	}[con.ID]
	for choice, n := range f.spread(slots-over-under, weights) {
		f.put(u, c, int32(choice), typ, n)
	}
	f.put(u, c, tally.Over, typ, over)
	f.put(u, c, tally.Under, typ, under)
}

// put sets a number of one vote type and keeps its total.
func (f *night) put(u, c, choice int32, typ int16, n int64) {
	key := cellKey{u, c, choice, 0, typ}
	if typ != tally.TotalType {
		total := key
		total.typ = tally.TotalType
		f.cells[total] += n - f.cells[key]
	}
	f.cells[key] = n
}

// Names of the county's numbers, as tests speak of them.

func (f *night) unit(id string) int32 {
	u, ok := f.x.Unit(election.UnitID(id))
	if !ok {
		f.t.Fatalf("no unit %q", id)
	}
	return u
}

func (f *night) contest(id string) int32 {
	if id == "" {
		return tally.NoContest
	}
	c, ok := f.x.Contest(election.ContestID(id))
	if !ok {
		f.t.Fatalf("no contest %q", id)
	}
	return c
}

// choice is a choice by name, or a measure.
func (f *night) choice(contest int32, name any) int32 {
	if m, ok := name.(tally.Measure); ok {
		return m
	}
	i := slices.IndexFunc(f.def.Contests[contest].Choices, func(c election.Choice) bool { return c.Name.String() == name })
	if i < 0 {
		f.t.Fatalf("no choice %q", name)
	}
	return int32(i)
}

func (f *night) key(unit, contest string, choice any, typ int16) cellKey {
	c := f.contest(contest)
	return cellKey{f.unit(unit), c, f.choice(c, choice), 0, typ}
}

// n reads a number.
func (f *night) n(unit, contest string, choice any, typ int16) int64 {
	return f.cells[f.key(unit, contest, choice, typ)]
}

// set writes a number as it is; the total does not follow.
func (f *night) set(unit, contest string, choice any, typ int16, n int64) {
	f.cells[f.key(unit, contest, choice, typ)] = n
}

// add changes a vote type and its total.
func (f *night) add(unit, contest string, choice any, typ int16, n int64) {
	k := f.key(unit, contest, choice, typ)
	f.put(k.unit, k.contest, k.choice, k.typ, f.cells[k]+n)
}

// drop takes numbers out of the file.
func (f *night) drop(which func(k cellKey) bool) {
	for k := range f.cells {
		if which(k) {
			delete(f.cells, k)
		}
	}
}

// double counts a unit's ballots, votes and measures once more.
func (f *night) double(unit string) {
	u := f.unit(unit)
	for k, n := range f.cells {
		if k.unit == u && k.choice != tally.Registered && k.choice != tally.CheckIns {
			f.cells[k] = 2 * n
		}
	}
}

// swap exchanges two choices of a contest in a unit.
func (f *night) swap(unit, contest string, a, b any) {
	for t := range int16(4) {
		x, y := f.key(unit, contest, a, t), f.key(unit, contest, b, t)
		f.cells[x], f.cells[y] = f.cells[y], f.cells[x]
	}
}

// sheet writes the county down, each choice of a unit on its own line.
func (f *night) sheet() *tally.Sheet {
	s := &tally.Sheet{Index: f.x, Source: "central", Path: "night.csv", Format: "openelections", Status: election.UnofficialComplete,
		Gen: later.Add(-time.Minute), Types: []int16{1, 2, 3}, Progress: f.Progress}
	for k, n := range f.cells {
		s.Cells = append(s.Cells, tally.Cell{Unit: k.unit, Contest: k.contest, Choice: k.choice, Round: k.round, Type: k.typ, N: n})
	}
	tally.Sort(s.Cells)
	line := int32(1)
	for i := range s.Cells {
		if i == 0 || !sameChoice(s.Cells[i-1], s.Cells[i]) {
			line++
		}
		s.Cells[i].Line = line
	}
	return s
}

// run writes the sheet down, where the test has not, and checks it.
func (f *night) run() []tally.Finding {
	if f.Sheet == nil {
		f.Sheet = f.sheet()
	}
	return Run(f.Input)
}

// earlier is the same county at an earlier hour: a part of each number of two
// vote types, and nothing of the third.
func (f *night) earlier(part float64) *tally.Sheet {
	e := &night{t: f.t, x: f.x, def: f.def, cells: make(map[cellKey]int64)}
	for k, n := range f.cells {
		if k.typ == 0 {
			continue
		}
		if k.choice != tally.Registered && k.choice != tally.CheckIns {
			n = int64(float64(n) * part)
		}
		e.put(k.unit, k.contest, k.choice, k.typ, n)
	}
	for k, n := range f.cells {
		if k.choice == tally.Registered {
			e.cells[k] = n
		}
	}
	s := e.sheet()
	s.Path, s.Gen, s.Status = "early.csv", closes.Add(time.Hour), election.UnofficialPartial
	return s
}
