// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"io"
	"path"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/openelections"
	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// openElections reads a file in the columns of OpenElections.
func openElections(name string, r io.Reader, o Options) (*tally.Statement, error) {
	f, err := openelections.Read(name, r, o.Limits)
	if err != nil {
		return nil, err
	}
	b := newBook(name, "openelections")
	b.fileName(name)
	oe := &openRows{book: b, types: make([]int16, len(f.Types)), hasVotes: f.HasVotes, told: make(map[openelections.Kind]bool)}
	for i, t := range f.Types {
		oe.types[i] = b.voteType(t, "")
	}
	b.st.Counts = make([]tally.Count, 0, len(f.Rows)*(len(f.Types)+1))
	for i := range f.Rows {
		oe.row(&f.Rows[i], o.County)
	}
	b.st.Rows = len(f.Rows)
	oe.blank.report(b, tally.Warn, "no_number")
	oe.untotalled.report(b, tally.Info, "no_total")
	oe.untyped.report(b, tally.Info, "no_types")
	oe.hidden.report(b, tally.Warn, "suppressed")
	b.problems(&f.Problems)
	return b.finish()
}

// openRows turns rows of OpenElections into counts.
type openRows struct {
	*book
	types    []int16
	hasVotes bool
	told     map[openelections.Kind]bool

	blank, untotalled, untyped, hidden gaps
}

func (oe *openRows) row(r *openelections.Row, county string) {
	if r.County == "" {
		r.County = county
	}
	choice, ok := oe.choiceOf(r)
	if !ok {
		return
	}
	unit := oe.unitOf(r)
	known := false
	if r.Votes.Known() {
		oe.count(unit, choice, tally.TotalType, 0, r.Line, r.Votes.N)
		known = true
	}
	typed := 0
	for i, n := range r.Types {
		if n.Known() {
			oe.count(unit, choice, oe.types[i], 0, r.Line, n.N)
			typed++
		}
	}
	oe.gaps(r, known, typed)
}

// gaps notes what a row does not report.
func (oe *openRows) gaps(r *openelections.Row, total bool, typed int) {
	hidden := r.Votes.Is == sheet.Suppressed
	for _, n := range r.Types {
		hidden = hidden || n.Is == sheet.Suppressed
	}
	switch {
	case hidden:
		oe.hidden.add(r.County, r.Line)
	case !total && typed == 0:
		oe.blank.add(r.County, r.Line)
	case !total && oe.hasVotes:
		oe.untotalled.add(r.County, r.Line)
	case typed < len(r.Types):
		oe.untyped.add(r.County, r.Line)
	}
}

// unitOf finds the unit of a row: a precinct, its county, or the state.
func (oe *openRows) unitOf(r *openelections.Row) int32 {
	switch {
	case r.Place == openelections.Total && (r.County == "" || openelections.PlaceOf(r.County, "") == openelections.Total):
		return oe.unit(unitKey{"", r.Precinct, "state"}, func() tally.NamedUnit {
			return tally.NamedUnit{Type: election.State, Parent: -1, Line: int32(r.Line)}
		})
	case r.Place == openelections.Total:
		return oe.precinct(r.County, "", r.Line)
	case r.Place == openelections.Countywide:
		return oe.unit(unitKey{r.County, r.Precinct, countywideCode}, func() tally.NamedUnit {
			return tally.NamedUnit{County: r.County, Name: r.Precinct, Type: countywide, Parent: -1, Line: int32(r.Line)}
		})
	}
	return oe.precinct(r.County, r.Precinct, r.Line)
}

const countywideCode = "countywide"

// measures are the rows that count something about a contest.
var measures = map[openelections.Kind]tally.Measure{
	openelections.TimesCast: tally.Ballots, openelections.TotalVotes: tally.Subtotal,
	openelections.OverVotes: tally.Over, openelections.UnderVotes: tally.Under,
	openelections.Residual: tally.Under, openelections.Blank: tally.Under, openelections.Void: tally.Over,
	openelections.BallotsCast: tally.Ballots, openelections.BlankBallots: tally.Blank, openelections.RegisteredVoters: tally.Registered,
}

// choiceOf finds what a row counts; ok is false for rows that count nothing
// that results are made of.
func (oe *openRows) choiceOf(r *openelections.Row) (choice int32, ok bool) {
	switch r.Kind {
	case openelections.Choice, openelections.WriteIns, openelections.NotQualified, openelections.Scattering:
		party := r.Party
		if tally.GenericWriteIn(r.Candidate) {
			party = ""
		}
		return oe.choice(oe.contestOf(r), r.Candidate, party, "", r.Line), true
	case openelections.Turnout, openelections.PrecinctsCounted, openelections.RegisteredPart, openelections.BallotsPart:
		oe.tell(r, "row_left_out", tally.Info)
		return 0, false
	case openelections.RegisteredVoters, openelections.BallotsCast, openelections.BlankBallots:
		if r.Office == "" || openelections.Classify(r.Office, "") == r.Kind || r.Kind == openelections.RegisteredVoters {
			return oe.measure(tally.NoContest, measures[r.Kind], "", r.Line), true
		}
	case openelections.Residual, openelections.Blank, openelections.Void:
		oe.tell(r, "row_taken_as", tally.Info)
	}
	return oe.measure(oe.contestOf(r), measures[r.Kind], r.Candidate, r.Line), true
}

// contestOf finds the contest of a row. A straight-party vote is for a party
// and names it in the party column alone.
func (oe *openRows) contestOf(r *openelections.Row) int32 {
	return oe.contest(contestKey{name: r.Office, district: r.District}, r.Line)
}

// tell says once for each kind of row what was done with it.
func (oe *openRows) tell(r *openelections.Row, key string, level tally.Level) {
	if oe.told[r.Kind] {
		return
	}
	oe.told[r.Kind] = true
	if key == "row_taken_as" {
		key += map[tally.Measure]string{tally.Over: "_over", tally.Under: "_under"}[measures[r.Kind]]
	}
	oe.find("C06", level, key, r.Line, map[string]string{"name": strings.Trim(r.Office+" / "+r.Candidate, " /")})
}

// fileName reads what an OpenElections file's name says of the election:
// 20201103__az__general__pima__precinct.csv.
func (b *book) fileName(name string) {
	parts := strings.Split(strings.TrimSuffix(path.Base(strings.ReplaceAll(name, `\`, "/")), path.Ext(name)), "__")
	if len(parts) < 3 {
		return
	}
	day, err := time.Parse("20060102", parts[0])
	if err != nil {
		return
	}
	b.st.Date = election.Date(day.Format(time.DateOnly))
	b.st.State = tally.StateCode(parts[1])
	if name := strings.ReplaceAll(parts[2], "_", " "); name != "" {
		b.st.Election = strings.ToUpper(name[:1]) + name[1:]
	}
}
