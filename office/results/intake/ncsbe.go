// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"io"

	"hustings/election"
	"hustings/format/ncsbe"
	"hustings/format/openelections"
	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// northCarolina reads precinct results of the North Carolina State Board.
func northCarolina(name string, r io.Reader, o Options) (*tally.Statement, error) {
	b := newBook(name, "ncsbe")
	b.st.State = "NC"
	nc := &ncRows{book: b}
	f, err := ncsbe.Each(name, r, o.Limits, nc.start, func(r *ncsbe.Row) error {
		nc.row(r)
		return b.over // there is no use in reading on
	})
	if err != nil {
		return nil, err
	}
	b.st.Path, b.st.Rows = f.Name, f.Count
	nc.blank.report(b, tally.Warn, "no_number")
	nc.untotalled.report(b, tally.Info, "no_total")
	nc.hidden.report(b, tally.Warn, "suppressed")
	b.problems(&f.Problems)
	return b.finish()
}

type ncRows struct {
	*book
	types                     [4]int16
	blank, untotalled, hidden gaps
}

func (nc *ncRows) start(f *ncsbe.File) {
	early := "One Stop"
	if f.EarlyVoting {
		early = "Early Voting"
	}
	for i, name := range [...]string{"Election Day", early, "Absentee by Mail", "Provisional"} {
		nc.types[i] = nc.voteType(name, "")
	}
}

func (nc *ncRows) row(r *ncsbe.Row) {
	if nc.st.Date == "" && !r.Date.IsZero() {
		nc.st.Date = election.DayOf(r.Date)
	}
	unit, choice := nc.unitOf(r), nc.choiceOf(r)
	counts := [4]sheet.Count{r.ElectionDay, r.EarlyVoting, r.AbsenteeByMail, r.Provisional}
	known, hidden := 0, r.Total.Is == sheet.Suppressed
	if r.Total.Known() {
		nc.count(unit, choice, tally.TotalType, 0, r.Line, r.Total.N)
	}
	for i, n := range counts {
		hidden = hidden || n.Is == sheet.Suppressed
		if n.Known() {
			nc.count(unit, choice, nc.types[i], 0, r.Line, n.N)
			known++
		}
	}
	switch {
	case hidden:
		nc.hidden.add(r.County, r.Line)
	case !r.Total.Known() && known == 0:
		nc.blank.add(r.County, r.Line)
	case !r.Total.Known():
		nc.untotalled.add(r.County, r.Line)
	}
}

// unitOf is the precinct of a row, or the pile of ballots that the county
// counted for all its precincts.
func (nc *ncRows) unitOf(r *ncsbe.Row) int32 {
	at := nc.precinct(r.County, r.Precinct, r.Line)
	if u := &nc.st.Units[at]; u.Name != "" && u.Type != election.BallotBatch {
		switch r.RealPrecinct {
		case ncsbe.Pseudo:
			u.Type, u.Number = election.BallotBatch, ""
		case ncsbe.Precinct:
			u.Type = election.Precinct
		}
	}
	return at
}

func (nc *ncRows) choiceOf(r *ncsbe.Row) int32 {
	contest := nc.contest(contestKey{name: r.Contest, code: r.ContestGroupID}, r.Line)
	c := &nc.st.Contests[contest]
	if r.VoteFor.Known() && r.VoteFor.N > 0 {
		c.VotesAllowed = max(c.VotesAllowed, int(r.VoteFor.N))
	}
	switch kind := openelections.Classify("", r.Choice); kind {
	case openelections.OverVotes, openelections.UnderVotes:
		return nc.measure(contest, measures[kind], r.Choice, r.Line)
	}
	party := r.ChoiceParty
	if tally.GenericWriteIn(r.Choice) {
		party = ""
	}
	return nc.choice(contest, r.Choice, party, "", r.Line)
}
