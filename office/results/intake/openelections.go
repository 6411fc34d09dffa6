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
	b := newBook(name, "openelections")
	b.fileName(name)
	oe := &openRows{book: b, told: make(map[openelections.Kind]bool)}
	f, err := openelections.Each(name, r, o.Limits, oe.start, func(r *openelections.Row) error {
		oe.row(r, o.County)
		return b.over // there is no use in reading on
	})
	if err != nil {
		return nil, err
	}
	b.st.Rows = f.Count
	oe.sumUp(f)
	b.problems(&f.Problems)
	return b.finish()
}

// openRows turns rows of OpenElections into counts.
type openRows struct {
	*book
	types []int16 // of each column that may be a vote type
	told  map[openelections.Kind]bool
	lacks lacks

	blank, untotalled, untyped, hidden gaps
}

func (oe *openRows) start(f *openelections.File) {
	for _, t := range f.Maybe {
		oe.types = append(oe.types, oe.voteType(t, ""))
	}
}

// sumUp settles which columns were vote types, now that all rows are known, and
// tells what rows did not report.
func (oe *openRows) sumUp(f *openelections.File) {
	oe.keepTypes(oe.types, f.IsType)
	for _, l := range oe.lacks.order {
		oe.gaps(l, *oe.lacks.by[l], f)
	}
	oe.blank.report(oe.book, tally.Warn, "no_number")
	oe.untotalled.report(oe.book, tally.Info, "no_total")
	oe.untyped.report(oe.book, tally.Info, "no_types")
	oe.hidden.report(oe.book, tally.Warn, "suppressed")
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
	l := lack{county: r.County, total: r.Votes.Is}
	if r.Votes.Known() {
		oe.count(unit, choice, tally.TotalType, 0, r.Line, r.Votes.N)
	}
	for i, n := range r.Types {
		switch n.Is {
		case sheet.Given:
			oe.count(unit, choice, oe.types[i], 0, r.Line, n.N)
			l.given |= 1 << i
		case sheet.Suppressed:
			l.hidden |= 1 << i
		}
	}
	oe.lacks.add(l, r.Line)
}

// gaps notes what rows do not report.
func (oe *openRows) gaps(l lack, at gap, f *openelections.File) {
	var types uint64
	for i, is := range f.IsType {
		if is {
			types |= 1 << i
		}
	}
	given, hidden := l.given&types, l.hidden&types != 0 || l.total == sheet.Suppressed
	switch {
	case hidden:
		oe.hidden.addAll(l.county, at)
	case l.total != sheet.Given && given == 0:
		oe.blank.addAll(l.county, at)
	case l.total != sheet.Given && f.HasVotes:
		oe.untotalled.addAll(l.county, at)
	case given != types:
		oe.untyped.addAll(l.county, at)
	}
}

// lack is what rows of a county tell and do not tell: the total, and by a bit
// for each column that may be a vote type those with a number and those hidden.
type lack struct {
	county        string
	total         sheet.Reported
	given, hidden uint64
}

// lacks counts rows that lack the same. Rows follow one another alike, so the
// last is tried first.
type lacks struct {
	by    map[lack]*gap
	order []lack
	last  lack
	at    *gap
}

func (ls *lacks) add(l lack, line int) {
	if ls.at == nil || l != ls.last {
		if ls.by == nil {
			ls.by = make(map[lack]*gap)
		}
		at := ls.by[l]
		if at == nil {
			if len(ls.order) >= mostLacks { // no real file comes near; the first of them tell enough
				return
			}
			at = &gap{line: line}
			ls.by[l] = at
			ls.order = append(ls.order, l)
		}
		ls.last, ls.at = l, at
	}
	ls.at.n++
}

// mostLacks bounds the memory of a file in which every row lacks something else.
const mostLacks = 100_000

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
		if r.Candidate == "" && party != "" {
			return oe.ticket(oe.contestOf(r), party, r.Line), true
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

// ticket is the choice of a straight-party vote: it is for a party, and the
// file names it in the party column alone.
func (oe *openRows) ticket(contest int32, party string, line int) int32 {
	at := oe.choice(contest, party, party, "", line)
	oe.st.Choices[at].Kind = election.Ticket
	return at
}

// contestOf finds the contest of a row.
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
	b.st.Date = election.DayOf(day)
	b.st.State = tally.StateCode(parts[1])
	if name := strings.ReplaceAll(parts[2], "_", " "); name != "" {
		b.st.Election = strings.ToUpper(name[:1]) + name[1:]
	}
}
