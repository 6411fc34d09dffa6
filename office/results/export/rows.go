// SPDX-License-Identifier: Apache-2.0

package export

import (
	"cmp"
	"strings"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// row is one choice of one contest in one unit, or a fact of the unit, with
// its total and vote types side by side.
type row struct {
	unit, contest, choice int32
	round                 int16
	total                 sheet.Count
	types                 []sheet.Count // by vote type of the definition
}

// table tells a tally as rows. It takes each contest from the units that report
// it themselves and leaves out those that are sums of others, so that the rows
// of a column can be added up. Nothing in it changes once it is made, so that
// several files can be written from it at the same time.
type table struct {
	in       *Input
	x        *tally.Index
	t        *tally.Tally
	privacy  *tally.Privacy
	county   []string // name of each unit's county
	place    []string // name of each unit within its county, empty for the county itself
	contests []contestNames
}

func newTable(in *Input) *table {
	tb := &table{in: in, t: in.Tally, x: in.Tally.Index, privacy: in.privacy()}
	tb.names()
	tb.contests = tb.contestNames()
	return tb
}

// names works out how each unit is called in a county and a precinct column. A
// name that two units of a county share is told together with what lies above.
func (tb *table) names() {
	def := tb.x.Def
	tb.county, tb.place = make([]string, len(def.Units)), make([]string, len(def.Units))
	type at struct{ county, place string }
	seen := make(map[at]int)
	for u := range def.Units {
		c := tb.countyOf(int32(u))
		if c >= 0 {
			tb.county[u] = def.Units[c].Name
		}
		if c != int32(u) {
			tb.place[u] = numbered(def.Units[u])
		}
		seen[at{tb.county[u], tb.place[u]}]++
	}
	for u := range def.Units {
		if p := tb.x.Parent(int32(u)); seen[at{tb.county[u], tb.place[u]}] > 1 && p >= 0 && tb.place[p] != "" {
			tb.place[u] = tb.place[p] + " / " + tb.place[u]
		}
	}
}

// numbered is a unit's name with its number before it, as on maps.
func numbered(u election.Unit) string {
	if u.Number == "" || strings.HasPrefix(u.Name, u.Number) {
		return u.Name
	}
	return strings.TrimSpace(u.Number + " " + u.Name)
}

// countyOf is the county that a unit lies in; where the definition has no
// counties, what contains all others. It is -1 for the state above counties.
func (tb *table) countyOf(u int32) int32 {
	for at := u; at >= 0; at = tb.x.Parent(at) {
		if tb.x.Def.Units[at].Type == election.County {
			return at
		}
	}
	root := tb.x.Root()
	if root >= 0 && tb.x.Def.Units[root].Type == election.State {
		return -1
	}
	return root
}

// each calls do for every row, units in the order of the definition and facts
// of a unit before its contests. A row is only good until the next one.
func (tb *table) each(rounds bool, do func(*row) error) error {
	r := &row{types: make([]sheet.Count, len(tb.x.Def.VoteTypes))}
	for u := range tb.x.Def.Units {
		for cells := tb.t.At(int32(u)); len(cells) > 0; {
			n := 1
			for n < len(cells) && cells[n].Contest == cells[0].Contest {
				n++
			}
			if err := tb.run(cells[:n], rounds, r, do); err != nil {
				return err
			}
			cells = cells[n:]
		}
	}
	return nil
}

// run makes rows of one contest in one unit.
func (tb *table) run(run []tally.Cell, rounds bool, r *row, do func(*row) error) error {
	u, c := run[0].Unit, run[0].Contest
	if c != tally.NoContest && tb.below(u, c) {
		return nil
	}
	hidden := tb.privacy.Hidden(u, c)
	only := run[0].Round // of a contest that is told in rounds, the first
	for i := 0; i < len(run); {
		j := i + 1
		for j < len(run) && run[j].Choice == run[i].Choice && run[j].Round == run[i].Round {
			j++
		}
		same := run[i:j]
		i = j
		if !rounds && same[0].Round != only || c == tally.NoContest && tb.factBelow(u, same[0].Choice) {
			continue
		}
		r.fill(same, hidden)
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}

// fill makes the row of one choice's cells.
func (r *row) fill(same []tally.Cell, hidden bool) {
	first := &same[0]
	r.unit, r.contest, r.choice, r.round, r.total = first.Unit, first.Contest, first.Choice, first.Round, sheet.Count{}
	clear(r.types)
	for i := range same {
		c := &same[i]
		switch {
		case c.Type == tally.TotalType:
			r.total = sheet.N(c.N)
		case hidden:
			r.types[c.Type-1] = sheet.Count{Is: sheet.Suppressed}
		default:
			r.types[c.Type-1] = sheet.N(c.N)
		}
	}
}

// below says whether a unit's contest is the sum of units below it.
func (tb *table) below(u, c int32) bool {
	for _, k := range tb.x.Children(u) {
		if len(tb.t.Contest(k, c)) > 0 {
			return true
		}
	}
	return false
}

func (tb *table) factBelow(u, fact int32) bool {
	for _, k := range tb.x.Children(u) {
		if _, ok := tb.t.N(k, tally.NoContest, fact, tally.TotalType); ok {
			return true
		}
	}
	return false
}

// columns are the names of the vote types in the header of a table.
func (tb *table) columns() []string {
	uses := make(map[election.CountItem]int)
	for _, t := range tb.x.Def.VoteTypes {
		uses[t.Item]++
	}
	out := make([]string, len(tb.x.Def.VoteTypes))
	for i, t := range tb.x.Def.VoteTypes {
		if name, ok := itemColumns[t.Item]; ok && uses[t.Item] == 1 {
			out[i] = name
			continue
		}
		out[i] = cmp.Or(sheet.Snake(t.Name.String()), sheet.Snake(string(t.ID)))
	}
	return out
}

// itemColumns are the names by which the vote types are known in tables.
var itemColumns = map[election.CountItem]string{
	election.ElectionDay: "election_day", election.Early: "early_voting", election.Absentee: "absentee",
	election.AbsenteeMail: "absentee_by_mail", election.AbsenteeInPerson: "absentee_in_person",
	election.AbsenteeFWAB: "fwab", election.UOCAVA: "uocava", election.Provisional: "provisional",
}

// partyText is a choice's parties, several joined with a slash.
func (tb *table) partyText(c *election.Choice) string {
	var names []string
	for _, id := range c.Parties {
		names = append(names, tb.partyName(id))
	}
	return strings.Join(names, "/")
}

func (tb *table) partyName(id election.PartyID) string {
	for _, p := range tb.x.Def.Parties {
		if p.ID == id {
			return cmp.Or(p.Abbr, p.Name.String(), string(id))
		}
	}
	return string(id)
}

// officeOf is how a contest is called in an office and a district column.
func (tb *table) officeOf(c *election.Contest) (office, district string) {
	for _, d := range tb.x.Def.Districts {
		if d.ID == c.District && d.Number != "" && c.Office != "" && c.PrimaryParty == "" {
			return c.Office, d.Number
		}
	}
	return c.Name.String(), ""
}

// contestNames are what a contest and its choices are called in tables, looked
// up once and not for every row.
type contestNames struct {
	office, district string
	choices, parties []string
}

func (tb *table) contestNames() []contestNames {
	out := make([]contestNames, len(tb.x.Def.Contests))
	for i := range tb.x.Def.Contests {
		c := &tb.x.Def.Contests[i]
		n := &out[i]
		n.office, n.district = tb.officeOf(c)
		for j := range c.Choices {
			n.choices = append(n.choices, c.Choices[j].Name.String())
			n.parties = append(n.parties, tb.partyText(&c.Choices[j]))
		}
	}
	return out
}

// factNames are what facts of a unit are called in the office column.
var factNames = map[int32]string{
	tally.Registered: "Registered Voters", tally.Ballots: "Ballots Cast", tally.Blank: "Ballots Cast - Blank",
}

// lostNames are what the measures of a contest are called in the candidate
// column.
var lostNames = map[int32]string{tally.Over: "Over Votes", tally.Under: "Under Votes", tally.Ballots: "Times Cast"}

// labels are cells that say what rows count, made ready once for each choice
// and measure and not for every row.
type labels[C any] [][]label[C] // by contest from NoContest, by choice from the lowest measure

type label[C any] struct {
	cells C
	told  bool
}

// lowest is the measure with the lowest number.
const lowest = tally.Subtotal

// newLabels asks name for the cells of everything that can be counted; what it
// says no to has no rows.
func newLabels[C any](tb *table, name func(contest, choice int32) (C, bool)) labels[C] {
	out := make(labels[C], len(tb.contests)+1)
	for i := range out {
		contest, choices := int32(i)+tally.NoContest, int32(0)
		if contest != tally.NoContest {
			choices = int32(len(tb.contests[contest].choices))
		}
		for choice := lowest; choice < choices; choice++ {
			cells, told := name(contest, choice)
			out[i] = append(out[i], label[C]{cells, told})
		}
	}
	return out
}

// of gives what a row counts.
func (l labels[C]) of(r *row) (C, bool) {
	at := &l[r.contest-tally.NoContest][r.choice-lowest]
	return at.cells, at.told
}

// places are cells that say where rows were counted.
func places[C any](tb *table, name func(u int32) C) []C {
	out := make([]C, len(tb.x.Def.Units))
	for u := range out {
		out[u] = name(int32(u))
	}
	return out
}
