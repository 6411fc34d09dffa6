// SPDX-License-Identifier: Apache-2.0

package county

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"hustings/election"
	"hustings/format/clarity"
	"hustings/format/ess"
	"hustings/format/nisterr"
	"hustings/format/openelections"
	"hustings/format/sheet"
)

// heard is what a file says, in the words of Truth. Overvotes and undervotes
// are those of all vote types together, because some formats know no more.
type heard struct {
	votes, lost, ballots map[Count]int64
	rounds               map[int]map[Count]int64
	test                 bool
}

// ear reads files with the readers of format/ and finds their names in the
// definition. It fails the test where a reader has something to complain about.
type ear struct {
	t   *testing.T
	def *election.Definition
	d   Delivery
	heard
}

func listen(t *testing.T, c *County, d Delivery) heard {
	t.Helper()
	e := &ear{t, c.Definition(), d, heard{make(map[Count]int64), make(map[Count]int64), make(map[Count]int64), make(map[int]map[Count]int64), false}}
	switch {
	case strings.HasSuffix(d.Name, ".xml"), strings.HasSuffix(d.Name, ".json"):
		e.nist()
	case strings.HasSuffix(d.Name, ".csv"):
		e.openElections()
	case strings.HasSuffix(d.Name, ".zip"):
		e.clarity()
	default:
		e.fixedWidth()
	}
	return e.heard
}

// once notes a number, and fails where the file has given it before.
func (e *ear) once(to map[Count]int64, at Count, n int64) {
	e.t.Helper()
	if _, twice := to[at]; twice {
		e.t.Errorf("%s gives %+v twice", e.d.Name, at)
	}
	to[at] = n
}

func (e *ear) complain(problems *sheet.Problems, err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
	for _, p := range problems.List {
		e.t.Errorf("%s: %s", e.d.Name, p)
	}
}

func (e *ear) unit(name string) election.UnitID {
	for _, u := range e.def.Units {
		if u.Name == name {
			return u.ID
		}
	}
	e.t.Fatalf("%s: no unit is called %q", e.d.Name, name)
	return ""
}

// contest finds a contest by its name, or by office and district.
func (e *ear) contest(name, district string) *election.Contest {
	for i, con := range e.def.Contests {
		if district == "" && con.Name["en"] == name || district != "" && con.Office == name && strings.HasSuffix(string(con.District), "-"+district) {
			return &e.def.Contests[i]
		}
	}
	e.t.Fatalf("%s: no contest is called %q %q", e.d.Name, name, district)
	return nil
}

// line notes the votes of a choice, or the votes that were lost.
func (e *ear) line(unit election.UnitID, con *election.Contest, choice, party string, n int64) {
	at := Count{Unit: unit, Contest: con.ID, Type: "election-day"}
	switch strings.ToLower(choice) {
	case "over votes", "overvotes":
		e.once(e.lost, Count{unit, con.ID, "over", ""}, n)
		return
	case "under votes", "undervotes":
		e.once(e.lost, Count{unit, con.ID, "under", ""}, n)
		return
	}
	i := slices.IndexFunc(con.Choices, func(ch election.Choice) bool { return ch.Name["en"] == choice })
	if i < 0 || partyAbbr(con.Choices[i]) != party {
		e.t.Fatalf("%s: %s has no choice %q of %q", e.d.Name, con.Name, choice, party)
	}
	at.Choice = con.Choices[i].ID
	e.once(e.votes, at, n)
}

func (e *ear) openElections() {
	f, err := openelections.Read(e.d.Name, bytes.NewReader(e.d.Body), sheet.Limits{})
	e.complain(&f.Problems, err)
	for _, r := range f.Rows {
		u := e.unit(r.Precinct)
		switch r.Kind {
		case openelections.RegisteredVoters:
			e.registered(u, r.Votes.N)
			continue
		case openelections.BallotsCast:
			e.once(e.ballots, Count{Unit: u, Type: "election-day"}, r.Votes.N)
		default:
			e.line(u, e.contest(r.Office, r.District), r.Candidate, r.Party, r.Votes.N)
		}
		if len(r.Types) != 1 || r.Sum() != r.Votes {
			e.t.Errorf("%s, line %d: %v do not make %d", e.d.Name, r.Line, r.Types, r.Votes.N)
		}
	}
}

func (e *ear) registered(u election.UnitID, n int64) {
	for _, unit := range e.def.Units {
		if unit.ID == u && *unit.Registered != n {
			e.t.Errorf("%s has %d voters for %s, the definition %d", e.d.Name, n, u, *unit.Registered)
		}
	}
}

func (e *ear) clarity() {
	rep, err := clarity.Read(e.d.Name, bytes.NewReader(e.d.Body), sheet.Limits{})
	e.complain(&rep.Problems, err)
	if want := e.def.Election.Start; string(want) != rep.ElectionDate.Format("2006-01-02") || rep.Time.IsZero() {
		e.t.Errorf("%s was made at %s for %s", e.d.Name, rep.Time, rep.ElectionDate)
	}
	for _, p := range rep.Places {
		e.registered(e.unit(p.Name), p.TotalVoters.N)
		e.once(e.ballots, Count{Unit: e.unit(p.Name), Type: "election-day"}, p.BallotsCast.N)
	}
	for _, con := range rep.Contests {
		to := e.contest(con.Text, "")
		for _, v := range con.VoteTypes {
			e.claritySum(to, v.Name, "", v)
		}
		for _, ch := range con.Choices {
			if got := e.claritySum(to, ch.Text, ch.Party, ch.VoteTypes[0]); got != ch.TotalVotes.N || len(ch.VoteTypes) != 1 {
				e.t.Errorf("%s: %s has %d votes, its precincts %d", e.d.Name, ch.Text, ch.TotalVotes.N, got)
			}
		}
	}
}

func (e *ear) claritySum(con *election.Contest, name, party string, v clarity.VoteType) (sum int64) {
	for _, p := range v.Counts {
		e.line(e.unit(p.Place), con, name, party, p.Votes.N)
		sum += p.Votes.N
	}
	if sum != v.Votes.N {
		e.t.Errorf("%s: %s says %d, its precincts %d", e.d.Name, v.Name, v.Votes.N, sum)
	}
	return sum
}

func (e *ear) fixedWidth() {
	f, err := ess.Read(e.d.Name, bytes.NewReader(e.d.Body), ess.EL45, sheet.Limits{})
	e.complain(&f.Problems, err)
	for _, r := range f.Rows {
		u := e.unit(r.Precinct)
		switch r.Kind {
		case openelections.RegisteredVoters:
			e.registered(u, r.Votes.N)
		case openelections.BallotsCast:
			e.once(e.ballots, Count{Unit: u, Type: "election-day"}, r.Votes.N)
		default:
			e.line(u, e.contest(r.Contest, ""), r.Candidate, r.Party, r.Votes.N)
		}
	}
}

func (e *ear) nist() {
	rep, problems, err := nisterr.Read(bytes.NewReader(e.d.Body), nisterr.Limits{})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, p := range append(problems, nisterr.Check(rep)...) {
		e.t.Errorf("%s: %s", e.d.Name, p)
	}
	e.test = rep.IsTest.Value
	for _, g := range rep.GpUnit {
		if g.VotersRegistered.Set {
			e.registered(election.UnitID(g.ID), g.VotersRegistered.Value)
		}
	}
	for _, b := range rep.Election[0].BallotCounts {
		if b.BallotsCast.Set {
			e.once(e.ballots, Count{Unit: election.UnitID(b.GpUnitId), Type: e.typ(b.Type)}, b.BallotsCast.Value)
		}
	}
	for _, con := range rep.Election[0].Contest {
		e.nistContest(&con)
	}
	e.totals(e.ballots)
	e.totals(e.votes)
}

func (e *ear) typ(item nisterr.CountItemType) election.VoteTypeID {
	for _, v := range e.def.VoteTypes {
		if string(v.Item) == string(item) {
			return v.ID
		}
	}
	return "total"
}

func (e *ear) nistContest(con *nisterr.Contest) {
	id := election.ContestID(con.ID)
	for _, s := range con.ContestSelection {
		choice := election.ChoiceID(strings.TrimPrefix(s.ID, con.ID+"."))
		for _, v := range s.VoteCounts {
			at := Count{election.UnitID(v.GpUnitId), id, choice, e.typ(v.Type)}
			to := e.votes
			if v.Round.Set {
				round := int(v.Round.Value)
				if e.rounds[round] == nil {
					e.rounds[round] = make(map[Count]int64)
				}
				to = e.rounds[round]
			}
			e.once(to, at, int64(v.Count.Value))
		}
	}
	for _, o := range con.OtherCounts {
		e.once(e.lost, Count{election.UnitID(o.GpUnitId), id, "over", ""}, int64(o.Overvotes.Value))
		e.once(e.lost, Count{election.UnitID(o.GpUnitId), id, "under", ""}, int64(o.Undervotes.Value))
	}
}

// totals takes out the totals, which must be the sums of their vote types.
func (e *ear) totals(all map[Count]int64) {
	sums := make(map[Count]int64)
	for at, n := range all {
		if at.Type != "total" {
			at.Type = "total"
			sums[at] += n
		}
	}
	for at, n := range sums {
		if all[at] != n {
			e.t.Errorf("%s: %+v is %d, its vote types make %d", e.d.Name, at, all[at], n)
		}
		delete(all, at)
	}
}

// sums is the truth as files can say it.
func (t *Truth) sums() (votes, lost, ballots map[Count]int64) {
	lost = make(map[Count]int64)
	for kind, from := range map[election.ChoiceID]map[Count]int64{"over": t.Over, "under": t.Under} {
		for at, n := range from {
			lost[Count{at.Unit, at.Contest, kind, ""}] += n
		}
	}
	return t.Votes, lost, t.Ballots
}

func TestTheNightAddsUpToTheTruth(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		last := make(map[string]heard)
		for _, d := range c.Night() {
			h := listen(t, c, d)
			if h.test {
				t.Errorf("%s calls itself a test", d.Name)
			}
			if d.Planted == "" {
				last[d.Source] = h
			}
		}
		votes, lost, ballots := make(map[Count]int64), make(map[Count]int64), make(map[Count]int64)
		for _, source := range slices.Sorted(maps.Keys(last)) {
			for _, m := range []struct {
				to, from map[Count]int64
				apart    bool
			}{{votes, last[source].votes, true}, {lost, last[source].lost, false}, {ballots, last[source].ballots, true}} {
				for at, n := range m.from {
					if _, twice := m.to[at]; twice && m.apart {
						t.Errorf("%s reports %+v, and so does another", source, at)
					}
					m.to[at] += n
				}
			}
		}
		wantVotes, wantLost, wantBallots := c.Truth().sums()
		for what, m := range map[string][2]map[Count]int64{"votes": {votes, wantVotes}, "votes lost": {lost, wantLost}, "ballots": {ballots, wantBallots}} {
			if !maps.Equal(m[0], m[1]) {
				t.Errorf("the %s of the night are not those of the truth: %d numbers, want %d", what, len(m[0]), len(m[1]))
			}
		}
		sameRounds(t, c.Truth().Rounds["mayor"], last["central"].rounds)
	})
}

func sameRounds(t *testing.T, want []Round, got map[int]map[Count]int64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rounds, want %d", len(got), len(want))
	}
	for i, r := range want {
		for at, n := range got[i+1] {
			if r.Votes[at.Unit][at.Choice] != n || at.Contest != "mayor" || at.Type != "total" {
				t.Errorf("round %d: %+v is %d, want %d", i+1, at, n, r.Votes[at.Unit][at.Choice])
			}
		}
		if len(got[i+1]) != len(r.Votes)*len(r.Total) {
			t.Errorf("round %d has %d numbers", i+1, len(got[i+1]))
		}
	}
}

func TestTheNightHasItsOrder(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		night := c.Night()
		at, planted, twice := night[0].At-1, 0, 0
		seen := make(map[string]bool)
		for _, d := range night {
			if d.At <= at || d.Note == "" || d.SourceName == "" || len(d.Body) == 0 || d.Incremental {
				t.Errorf("%s after %s: %+v", d.Name, d.At, d.Note)
			}
			at = d.At
			if d.Planted != "" {
				planted++
			}
			if key := d.Source + string(d.Body); seen[key] {
				twice++
			} else {
				seen[key] = true
			}
		}
		if planted != 1 || twice != 1 {
			t.Errorf("%d files with a planted mistake and %d that come twice, want one each", planted, twice)
		}
	})
}

// TestOneDigitTooMany holds the planted file against the corrected one, which
// comes next from the same source: one number differs, ten times too high.
func TestOneDigitTooMany(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		night := c.Night()
		i := slices.IndexFunc(night, func(d Delivery) bool { return d.Planted != "" })
		right := i + 1 + slices.IndexFunc(night[i+1:], func(d Delivery) bool { return d.Source == night[i].Source })
		bad, good := listen(t, c, night[i]), listen(t, c, night[right])
		var differ []Count
		for at, n := range good.votes {
			if bad.votes[at] != n {
				differ = append(differ, at)
			}
		}
		if len(differ) != 1 || len(good.votes) != len(bad.votes) || !maps.Equal(good.ballots, bad.ballots) || !maps.Equal(good.lost, bad.lost) {
			t.Fatalf("the files differ in %v", differ)
		}
		at := differ[0]
		was, is := bad.votes[at], good.votes[at]
		if was != 10*is || was <= bad.ballots[Count{Unit: at.Unit, Type: at.Type}] {
			t.Errorf("%d votes, rightly %d, on %d ballots", was, is, bad.ballots[Count{Unit: at.Unit, Type: at.Type}])
		}
		if say := night[i].Planted; !strings.Contains(say, fmt.Sprint(was)) || !strings.Contains(say, fmt.Sprint(is)) {
			t.Errorf("the mistake is said as %q", say)
		}
	})
}

// TestTheNightTellsAStory follows the race for sheriff: ahead when the polls
// close, behind when the polling places are in, ahead by a hair in the end.
func TestTheNightTellsAStory(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		con := contestNamed(c, "sheriff")
		last := make(map[string]heard)
		var leads []int64
		for _, d := range c.Night() {
			if d.Planted != "" {
				continue
			}
			last[d.Source] = listen(t, c, d)
			lead := int64(0)
			for _, h := range last {
				for at, n := range h.votes {
					switch {
					case at.Contest == con.ID && at.Choice == con.Choices[0].ID:
						lead += n
					case at.Contest == con.ID && at.Choice == con.Choices[1].ID:
						lead -= n
					}
				}
			}
			leads = append(leads, lead)
		}
		before := leads[len(leads)-3] // the last polling places, before the late mail
		if leads[0] < 2000 || before > -500 || leads[len(leads)-1] <= 0 {
			t.Errorf("the lead goes %v", leads)
		}
	})
}

func TestTheDeckFindsEveryExchange(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		deck := c.Deck()
		h := listen(t, c, deck)
		if !h.test {
			t.Error("the deck does not call itself a test")
		}
		for i := range c.leaves {
			l := &c.leaves[i]
			cast := h.ballots[Count{Unit: l.unit, Type: "election-day"}]
			if cast == 0 || cast > l.voters {
				t.Errorf("%s has %d test ballots for %d voters", l.name, cast, l.voters)
			}
			ways := make(map[string]election.ContestID) // contests with the same choices and counts
			for _, k := range l.races {
				r := &c.races[k]
				sum := h.lost[Count{l.unit, r.ID, "under", ""}] + h.lost[Count{l.unit, r.ID, "over", ""}]
				seen, said := make(map[int64]bool), ""
				for _, ch := range r.Choices {
					n := h.votes[Count{l.unit, r.ID, ch.ID, "election-day"}]
					if n == 0 || seen[n] || n > cast {
						t.Errorf("%s, %s: %d votes for %s of %d ballots", l.name, r.Name, n, ch.Name, cast)
					}
					seen[n] = true
					sum += n
					said += fmt.Sprint(n, " ")
				}
				if sum != cast*int64(r.VotesAllowed) {
					t.Errorf("%s, %s: an account of %d for %d ballots", l.name, r.Name, sum, cast)
				}
				if other, same := ways[said]; same {
					t.Errorf("%s: %s and %s come out the same", l.name, r.ID, other)
				}
				ways[said] = r.ID
			}
		}
	})
}
