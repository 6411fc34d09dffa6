// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"io"
	"math"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/enhanced"
	"hustings/format/openelections"
	"hustings/office/results/tally"
)

// enhancedVoting reads the results JSON of Enhanced Voting.
func enhancedVoting(name string, r io.Reader, o Options) (*tally.Statement, error) {
	rep, err := enhanced.Read(name, r, o.Limits)
	if err != nil {
		return nil, err
	}
	e := &enhancedReport{book: newBook(rep.Name, "enhanced"), status: make(map[int32]map[string]int)}
	e.st.Election, e.st.Generated = rep.ElectionName, rep.CreatedAt.UTC()
	if rep.CreatedAt.IsZero() {
		e.st.Generated = time.Time{}
	}
	if !rep.ElectionDate.IsZero() {
		e.st.Date = election.DayOf(rep.ElectionDate)
	}
	for i := range rep.Locals {
		e.area(cmp.Or(rep.Locals[i].Name, o.County), false, &rep.Locals[i])
	}
	if rep.State != nil {
		e.st.State = tally.StateCode(rep.State.Name)
		e.area("", len(rep.Locals) > 0 || o.County == "", rep.State)
	}
	e.progress()
	e.st.Rows = len(e.st.Counts)
	e.blank.report(e.book, tally.Warn, "no_number")
	e.problems(&rep.Problems)
	return e.finish()
}

type enhancedReport struct {
	*book
	status map[int32]map[string]int // how often a unit's counts say so
	blank  gaps
}

// area takes the results of a county, or of the whole state.
func (e *enhancedReport) area(county string, state bool, a *enhanced.Area) {
	whole := e.precinctOrState(county, state, a.Line)
	for i := range a.Items {
		it := &a.Items[i]
		contest := e.contest(contestKey{name: it.Name}, it.Line)
		c := &e.st.Contests[contest]
		if n := it.VoteFor; n.Known() && n.N > 0 && n.N < math.MaxInt16 {
			c.VotesAllowed = max(c.VotesAllowed, int(n.N))
		}
		if state && it.Precincts.Participating.Known() && it.Precincts.Reporting.Known() {
			c.Reported, c.Expected = int(it.Precincts.Reporting.N), int(it.Precincts.Participating.N)
		}
		for j := range it.Options {
			e.option(county, whole, contest, &it.Options[j])
		}
	}
}

func (e *enhancedReport) precinctOrState(county string, state bool, line int) int32 {
	if !state {
		return e.precinct(county, "", line)
	}
	return e.unit(unitKey{"", "", "state"}, func() tally.NamedUnit {
		return tally.NamedUnit{Type: election.State, Parent: -1, Line: int32(line)}
	})
}

// option takes the votes for one choice, in the whole and in each precinct.
func (e *enhancedReport) option(county string, whole, contest int32, o *enhanced.Option) {
	var choice int32
	switch kind := openelections.Classify("", o.Name); kind {
	case openelections.OverVotes, openelections.UnderVotes:
		choice = e.measure(contest, measures[kind], o.Name, o.Line)
	default:
		party := o.Party
		if tally.GenericWriteIn(o.Name) {
			party = ""
		}
		choice = e.choice(contest, o.Name, party, "", o.Line)
	}
	e.votes(county, whole, choice, o.Votes, o.Groups)
	for i := range o.Precincts {
		p := &o.Precincts[i]
		unit := e.precinct(county, cmp.Or(p.Name, p.ID), p.Line)
		e.votes(county, unit, choice, p.Votes, p.Groups)
		e.note(unit, p.Status)
	}
}

func (e *enhancedReport) votes(county string, unit, choice int32, total enhanced.Number, groups []enhanced.Group) {
	known := 0
	if total.Known() {
		e.count(unit, choice, tally.TotalType, 0, total.Line, total.N)
		known++
	}
	for _, g := range groups {
		if g.Votes.Known() {
			e.count(unit, choice, e.voteType(g.Name, ""), 0, g.Votes.Line, g.Votes.N)
			known++
		}
	}
	if known == 0 {
		e.blank.add(county, total.Line)
	}
}

func (e *enhancedReport) note(unit int32, status string) {
	if status == "" {
		return
	}
	if e.status[unit] == nil {
		e.status[unit] = make(map[string]int)
	}
	e.status[unit][tally.Squeeze(status)]++
}

// progress turns what the counts of a precinct say about it into one state: it
// is complete when all of them say so.
func (e *enhancedReport) progress() {
	for i := range e.st.Units {
		said := e.status[int32(i)]
		if len(said) == 0 {
			continue
		}
		done, none, all := 0, 0, 0
		for s, n := range said {
			all += n
			switch {
			case strings.HasPrefix(s, "fully") || strings.HasPrefix(s, "complete") || s == "reported":
				done += n
			case strings.HasPrefix(s, "not"):
				none += n
			}
		}
		g := tally.Progress{Unit: int32(i), State: election.InProcess, Percent: -1}
		switch all {
		case done:
			g.State, g.Percent = election.Completed, 100
		case none:
			g.State, g.Percent = election.NotProcessed, 0
		}
		e.st.Progress = append(e.st.Progress, g)
	}
}
