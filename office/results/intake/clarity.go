// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"io"
	"math"
	"strings"

	"hustings/election"
	"hustings/format/clarity"
	"hustings/office/results/tally"
)

// clarityDetail reads the detail XML of Clarity: a county by precincts, or a
// state by counties.
func clarityDetail(name string, r io.Reader, o Options) (*tally.Statement, error) {
	rep, err := clarity.Read(name, r, o.Limits)
	if err != nil {
		return nil, err
	}
	c := &clarityReport{book: newBook(rep.Name, "clarity"), rep: rep}
	c.heading(o)
	for i := range rep.Contests {
		c.clarityContest(&rep.Contests[i])
	}
	c.turnout()
	c.st.Rows = len(c.st.Counts)
	c.blank.report(c.book, tally.Warn, "no_number")
	c.problems(&rep.Problems)
	return c.finish()
}

type clarityReport struct {
	*book
	rep    *clarity.Report
	county string // of all precincts, in a county's file
	blank  gaps
}

func (c *clarityReport) heading(o Options) {
	c.st.Election, c.st.Generated = c.rep.ElectionName, c.rep.Time
	if !c.rep.ElectionDate.IsZero() {
		c.st.Date = election.DayOf(c.rep.ElectionDate)
	}
	if c.rep.Level == clarity.ByCounty {
		c.st.State = tally.StateCode(c.rep.Region)
		return
	}
	c.county = strings.TrimSpace(c.rep.Region)
	if o.County != "" {
		c.county = o.County
	}
}

// place is a precinct of the county, or a county of the state.
func (c *clarityReport) place(name string, line int) int32 {
	if c.rep.Level == clarity.ByCounty {
		return c.precinct(name, "", line)
	}
	return c.precinct(c.county, name, line)
}

// whole is the unit that the file as a whole is about.
func (c *clarityReport) whole(line int) int32 {
	if c.rep.Level == clarity.ByPrecinct {
		return c.precinct(c.county, "", line)
	}
	return c.unit(unitKey{"", "", "state"}, func() tally.NamedUnit {
		return tally.NamedUnit{Type: election.State, Parent: -1, Line: int32(line)}
	})
}

// turnout takes voters and ballots. A county that does not know its voters by
// precinct writes 0 for each; that is "not reported".
func (c *clarityReport) turnout() {
	known := c.rep.Level == clarity.ByCounty
	for _, p := range c.rep.Places {
		known = known || p.TotalVoters.N > 0
	}
	for _, p := range c.rep.Places {
		at := c.place(p.Name, p.Line)
		c.fact(at, tally.Registered, p.TotalVoters.N, p.Line, p.TotalVoters.Known() && known)
		c.fact(at, tally.Ballots, p.BallotsCast.N, p.Line, p.BallotsCast.Known())
		c.reporting(at, p)
	}
	if !known && len(c.rep.Places) > 0 {
		c.find("I08", tally.Info, "no_registered", c.rep.Places[0].Line, map[string]string{"county": c.county, "unit": c.county})
	}
	t := c.rep.Turnout
	c.fact(c.whole(t.Line), tally.Registered, t.TotalVoters.N, t.Line, t.TotalVoters.Known() && t.TotalVoters.N > 0)
	c.fact(c.whole(t.Line), tally.Ballots, t.BallotsCast.N, t.Line, t.BallotsCast.Known())
}

func (c *clarityReport) fact(unit int32, m tally.Measure, n int64, line int, known bool) {
	if known {
		c.count(unit, c.measure(tally.NoContest, m, "", line), tally.TotalType, 0, line, n)
	}
}

// reporting takes how far the count of a place has come.
func (c *clarityReport) reporting(unit int32, p clarity.Place) {
	g := tally.Progress{Unit: unit, State: election.Unknown, Percent: -1}
	if p.PercentReporting.Known {
		g.Percent = int(math.Round(p.PercentReporting.Value))
	}
	if p.Precincts.Reported.Known() && p.Precincts.Participating.Known() {
		g.Reported, g.Expected = int(p.Precincts.Reported.N), int(p.Precincts.Participating.N)
		if g.Expected > 0 {
			g.Percent = 100 * g.Reported / g.Expected
		}
	}
	switch {
	case g.Percent >= 100:
		g.State = election.Completed
	case g.Percent > 0:
		g.State = election.InProcess
	case g.Percent == 0:
		g.State = election.NotProcessed
	default:
		return
	}
	c.st.Progress = append(c.st.Progress, g)
}

func (c *clarityReport) clarityContest(con *clarity.Contest) {
	at := c.contest(contestKey{name: con.Text, code: con.Key}, con.Line)
	to := &c.st.Contests[at]
	if con.VoteFor.Known() && con.VoteFor.N > 0 && con.VoteFor.N < math.MaxInt16 {
		to.VotesAllowed = int(con.VoteFor.N)
	}
	if con.IsQuestion {
		to.Kind = election.MeasureContest
	}
	if con.Precincts.Participating.Known() && con.Precincts.Reported.Known() {
		to.Reported, to.Expected = int(con.Precincts.Reported.N), int(con.Precincts.Participating.N)
	}
	for _, v := range con.VoteTypes {
		if m, ok := lost(v.Name); ok {
			c.votes(c.measure(at, m, v.Name, v.Line), tally.TotalType, &v)
			continue
		}
		c.find("I01", tally.Warn, "row_left_out", v.Line, map[string]string{"name": con.Text + " / " + v.Name, "contest": con.Text})
	}
	for i := range con.Choices {
		c.clarityChoice(at, &con.Choices[i])
	}
}

// lost is the measure that a vote type outside the choices means.
func lost(name string) (tally.Measure, bool) {
	switch tally.Squeeze(name) {
	case "undervotes", "under votes", "undervote":
		return tally.Under, true
	case "overvotes", "over votes", "overvote":
		return tally.Over, true
	}
	return 0, false
}

// clarityChoice takes the votes for one choice. The file's own totals are kept
// for the whole; those of the places are the sums of their vote types.
func (c *clarityReport) clarityChoice(contest int32, ch *clarity.Choice) {
	party := ch.Party
	if tally.GenericWriteIn(ch.Text) {
		party = ""
	}
	at := c.choice(contest, ch.Text, party, ch.Key, ch.Line)
	for i := range ch.VoteTypes {
		v := &ch.VoteTypes[i]
		c.votes(at, c.voteType(v.Name, ""), v)
	}
	if ch.TotalVotes.Known() {
		c.count(c.whole(ch.Line), at, tally.TotalType, 0, ch.Line, ch.TotalVotes.N)
	}
}

// votes takes the counts of one vote type: of every place, and of the whole.
func (c *clarityReport) votes(choice int32, typ int16, v *clarity.VoteType) {
	for _, p := range v.Counts {
		if !p.Votes.Known() {
			c.blank.add(c.county, p.Line)
			continue
		}
		c.count(c.place(p.Place, p.Line), choice, typ, 0, p.Line, p.Votes.N)
	}
	if v.Votes.Known() {
		c.count(c.whole(v.Line), choice, typ, 0, v.Line, v.Votes.N)
	}
}
