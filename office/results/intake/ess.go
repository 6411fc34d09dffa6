// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"io"
	"math"
	"slices"

	"hustings/election"
	"hustings/format/ess"
	"hustings/format/openelections"
	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// fixedWidth reads the fixed-width text that ES&S tabulators export.
func fixedWidth(name string, r io.Reader, o Options) (*tally.Statement, error) {
	layout := ess.EL45
	if o.ESS != nil {
		layout = *o.ESS
	}
	e := &essRows{book: newBook(name, "ess"), county: o.County, told: make(map[openelections.Kind]bool), facts: make(map[factKey][]essFact)}
	f, err := ess.Each(name, r, layout, o.Limits, func(r *ess.Row) error {
		e.row(r)
		return e.over // there is no use in reading on
	})
	if err != nil {
		return nil, err
	}
	e.st.Path = f.Name
	e.settleFacts()
	e.sameTitles()
	e.st.Rows = f.Count
	e.blank.report(e.book, tally.Warn, "no_number")
	e.essProblems(&f.Problems)
	return e.finish()
}

type essRows struct {
	*book
	county string
	told   map[openelections.Kind]bool
	facts  map[factKey][]essFact
	order  []factKey
	blank  gaps

	districts []string // of each contest
	parties   []string // of each contest, where all its lines have one
}

// essFact is a counter of a precinct as one party's line gives it.
type essFact struct {
	party string
	n     int64
	line  int
}

func (e *essRows) row(r *ess.Row) {
	unit := e.unit(unitKey{e.county, r.Precinct, r.PrecinctNumber}, func() tally.NamedUnit {
		u := tally.NamedUnit{County: e.county, Name: cmp.Or(r.Precinct, r.PrecinctNumber), Number: r.PrecinctNumber, Parent: -1, Line: int32(r.Line)}
		if isBatch(u.Name) {
			u.Type = election.BallotBatch
		}
		return u
	})
	if !r.Votes.Known() {
		e.blank.add(e.county, r.Line)
		return
	}
	m, isMeasure := measures[r.Kind]
	switch {
	case r.Kind == openelections.Turnout || r.Kind == openelections.PrecinctsCounted || r.Kind == openelections.BallotsPart || r.Kind == openelections.RegisteredPart:
		e.leaveOut(r)
	case isMeasure && openelections.Classify(r.Contest, "") == r.Kind:
		k := factKey{unit, m}
		if e.facts[k] == nil {
			e.order = append(e.order, k)
		}
		e.facts[k] = append(e.facts[k], essFact{partyOfLine(r.Party), r.Votes.N, r.Line})
	case isMeasure:
		e.count(unit, e.measure(e.contestOf(r), m, r.Candidate, r.Line), tally.TotalType, 0, r.Line, r.Votes.N)
	default:
		party := partyOfLine(r.Party)
		if tally.GenericWriteIn(r.Candidate) {
			party = ""
		}
		e.count(unit, e.choice(e.contestOf(r), cmp.Or(r.Candidate, r.CandidateNumber), party, r.CandidateNumber, r.Line), tally.TotalType, 0, r.Line, r.Votes.N)
	}
}

// partyOfLine is empty where a line belongs to no party in particular.
func partyOfLine(s string) string {
	if tally.PartyKey(s) == "npa" {
		return ""
	}
	return s
}

func (e *essRows) leaveOut(r *ess.Row) {
	if !e.told[r.Kind] {
		e.told[r.Kind] = true
		e.find("C06", tally.Info, "row_left_out", r.Line, map[string]string{"name": r.Contest + " / " + r.Candidate})
	}
}

func (e *essRows) contestOf(r *ess.Row) int32 {
	at := e.contest(contestKey{name: cmp.Or(r.Contest, r.ContestNumber), code: r.ContestNumber}, r.Line)
	for int(at) >= len(e.districts) {
		e.districts, e.parties = append(e.districts, r.District), append(e.parties, partyOfLine(r.Party))
	}
	if e.parties[at] != partyOfLine(r.Party) && !tally.GenericWriteIn(r.Candidate) {
		e.parties[at] = ""
	}
	c := &e.st.Contests[at]
	if r.VotesAllowed.Known() && r.VotesAllowed.N > 0 && r.VotesAllowed.N < math.MaxInt16 {
		c.VotesAllowed = max(c.VotesAllowed, int(r.VotesAllowed.N))
	}
	if r.Referendum {
		c.Kind = election.MeasureContest
	}
	return at
}

// sameTitles tells contests apart that differ in number and not in title: by
// their district, or in a primary by their party.
func (e *essRows) sameTitles() {
	same := make(map[string][]int)
	for i, c := range e.st.Contests {
		same[tally.Fold(c.Name)] = append(same[tally.Fold(c.Name)], i)
	}
	for _, list := range same {
		if differ(list, e.districts) {
			for _, i := range list {
				e.st.Contests[i].District = e.districts[i]
			}
		}
		if differ(list, e.parties) {
			for _, i := range list {
				e.st.Contests[i].Party = e.parties[i]
			}
		}
	}
}

func differ(list []int, what []string) bool {
	return slices.ContainsFunc(list, func(i int) bool { return what[i] != what[list[0]] })
}

// settleFacts takes each precinct's counters once. In a primary they come back
// for every party: either the same number each time, which the whole file
// shows, or each party's own, which add up.
func (e *essRows) settleFacts() {
	repeated := make(map[tally.Measure]bool)
	for _, k := range e.order {
		if _, seen := repeated[k.m]; !seen {
			repeated[k.m] = true
		}
		repeated[k.m] = repeated[k.m] && allEqual(e.facts[k])
	}
	for _, k := range e.order {
		list := e.facts[k]
		n, line := list[0].n, list[0].line
		if i := slices.IndexFunc(list, func(f essFact) bool { return f.party == "" }); i >= 0 {
			n, line = list[i].n, list[i].line
		} else if !repeated[k.m] {
			n = 0
			for _, f := range list {
				n += f.n
			}
		}
		e.count(k.unit, e.measure(tally.NoContest, k.m, "", line), tally.TotalType, 0, line, n)
	}
}

func allEqual(list []essFact) bool {
	for _, f := range list[1:] {
		if f.n != list[0].n {
			return false
		}
	}
	return true
}

// essProblems passes on what the reader could not use. A line that was left
// out is votes that are missing, so it stops the file.
func (e *essRows) essProblems(p *sheet.Problems) {
	for _, pr := range p.List {
		if pr.Field == string(ess.VotesAllowed) || pr.Line == 0 {
			e.problem(pr.Line, pr.Field, pr.Say)
			continue
		}
		e.find("I08", tally.Block, "line_lost", pr.Line, map[string]string{"say": pr.Say, "field": pr.Field})
	}
	if p.More > 0 {
		e.find("I08", tally.Block, "more_problems", 0, map[string]string{"n": itoa(p.More)})
	}
}
