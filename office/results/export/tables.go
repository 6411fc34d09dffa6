// SPDX-License-Identifier: Apache-2.0

package export

import (
	"io"
	"strconv"
	"time"

	"hustings/election"
	"hustings/format/ncsbe"
	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// OpenElections writes a row for each choice in each unit that reported it,
// with a column for each vote type behind the total. A hidden vote type is an
// asterisk, one that was not reported an empty cell.
func OpenElections(w io.Writer, in Input) error { return newTable(&in).openElections(w) }

func (tb *table) openElections(w io.Writer) error {
	header := append([]string{"county", "precinct", "office", "district", "party", "candidate", "votes"}, tb.columns()...)
	out, err := sheet.NewWriter(w, header, sheet.Style{Guard: true})
	if err != nil {
		return err
	}
	where := places(tb, func(u int32) sheet.Cells { return out.Cells(tb.county[u], tb.place[u]) })
	what := newLabels(tb, func(contest, choice int32) (sheet.Cells, bool) {
		if contest == tally.NoContest {
			name, ok := factNames[choice]
			return out.Cells(name, "", "", ""), ok
		}
		n := &tb.contests[contest]
		if choice < 0 {
			name, ok := lostNames[choice]
			return out.Cells(n.office, n.district, "", name), ok
		}
		return out.Cells(n.office, n.district, n.parties[choice], n.choices[choice]), true
	})
	return wide(tb, out, where, what)
}

// rows is a table on its way to a file, of whatever kind.
type rows[C any] interface {
	Add(ready C)
	Count(n sheet.Count)
	End() error
	Close() error
}

// wide writes where and what, then the total with the vote types beside it.
func wide[C any](tb *table, out rows[C], where []C, what labels[C]) error {
	err := tb.each(false, func(r *row) error {
		cells, told := what.of(r)
		if !told {
			return nil
		}
		out.Add(where[r.unit])
		out.Add(cells)
		out.Count(r.total)
		for _, n := range r.types {
			out.Count(n)
		}
		return out.End()
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// flatHeader is one number in each row, with ids that stay the same from
// version to version beside the names, and with what is needed to read the
// table again.
var flatHeader = []string{"election", "date", "status", "county", "unit", "unit_id", "unit_type",
	"contest", "contest_id", "office", "district", "vote_for", "choice", "choice_id", "choice_kind", "party",
	"round", "vote_type", "votes"}

// Flat writes one number in each row. A hidden number is an asterisk.
func Flat(w io.Writer, in Input) error { return newTable(&in).flat(w) }

func (tb *table) flat(w io.Writer) error {
	out, err := sheet.NewWriter(w, flatHeader, sheet.Style{Guard: true})
	if err != nil {
		return err
	}
	def := tb.x.Def
	where := places(tb, func(u int32) sheet.Cells {
		return out.Cells(string(def.Election.ID), string(def.Election.End), string(tb.in.Status),
			tb.county[u], def.Units[u].Name, string(def.Units[u].ID), string(def.Units[u].Type))
	})
	what := newLabels(tb, func(contest, choice int32) (sheet.Cells, bool) {
		return out.Cells(tb.flatNames(contest, choice)...), true
	})
	total, types := out.Cells("total"), make([]sheet.Cells, len(def.VoteTypes))
	for i, t := range def.VoteTypes {
		types[i] = out.Cells(string(t.ID))
	}
	err = tb.each(true, func(r *row) error {
		names, _ := what.of(r)
		var round sheet.Count
		if r.round > 0 {
			round = sheet.N(int64(r.round))
		}
		for i := -1; i < len(types); i++ {
			typ, n := total, r.total
			if i >= 0 {
				typ, n = types[i], r.types[i]
			}
			if n.Is == sheet.NotReported {
				continue
			}
			out.Add(where[r.unit])
			out.Add(names)
			out.Count(round)
			out.Add(typ)
			out.Count(n)
			if err := out.End(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// flatNames says what a row counts, as the cells from contest to party. A number that is no choice's
// says in choice_kind which it is.
func (tb *table) flatNames(contest, choice int32) []string {
	if contest == tally.NoContest {
		return []string{"", "", "", "", "", tb.x.ChoiceName(tally.NoContest, choice), "", measureWords[choice], ""}
	}
	c, n := &tb.x.Def.Contests[contest], &tb.contests[contest]
	of := []string{c.Name.String(), string(c.ID), n.office, n.district, strconv.Itoa(max(1, c.VotesAllowed))}
	if choice < 0 {
		return append(of, tb.x.ChoiceName(contest, choice), "", measureWords[choice], "")
	}
	return append(of, n.choices[choice], string(c.Choices[choice].ID), string(c.Choices[choice].Kind), n.parties[choice])
}

// measureWords are the words of choice_kind for numbers that are no votes.
var measureWords = map[tally.Measure]string{
	tally.Over: "overvotes", tally.Under: "undervotes", tally.Ballots: "ballots-cast", tally.Registered: "registered-voters",
	tally.Blank: "blank-ballots", tally.Rejected: "rejected-ballots", tally.Outstanding: "outstanding-ballots",
	tally.CheckIns: "check-ins", tally.Exhausted: "exhausted-ballots", tally.Subtotal: "subtotal",
}

// XLSX writes a workbook with the rows of OpenElections under readable titles.
func XLSX(w io.Writer, in Input) error { return newTable(&in).xlsx(w) }

func (tb *table) xlsx(w io.Writer) error {
	header := []string{"County", "Unit", "Contest", "Choice", "Party", "Votes"}
	for _, t := range tb.x.Def.VoteTypes {
		header = append(header, t.Name.String())
	}
	book, err := sheet.NewWorkbook(w, "Results", header)
	if err != nil {
		return err
	}
	titles := tb.titles()
	where := places(tb, func(u int32) sheet.Texts { return book.Texts(tb.county[u], tb.place[u]) })
	what := newLabels(tb, func(contest, choice int32) (sheet.Texts, bool) {
		if contest == tally.NoContest {
			return book.Texts("", tb.x.ChoiceName(contest, choice), ""), true
		}
		name, n := titles[contest], &tb.contests[contest]
		if choice < 0 {
			return book.Texts(name, tb.x.ChoiceName(contest, choice), ""), true
		}
		return book.Texts(name, n.choices[choice], n.parties[choice]), true
	})
	return wide(tb, book, where, what)
}

// titles are the names of contests, each told from others of the same name by
// its district, its party or at last its id.
func (tb *table) titles() []string {
	def := tb.x.Def
	out := make([]string, len(def.Contests))
	for i, c := range def.Contests {
		out[i] = c.Name.String()
	}
	tell := func(more func(c *election.Contest) string) {
		uses := make(map[string]int)
		for _, t := range out {
			uses[t]++
		}
		for i := range out {
			if m := more(&def.Contests[i]); uses[out[i]] > 1 && m != "" {
				out[i] += " (" + m + ")"
			}
		}
	}
	tell(func(c *election.Contest) string {
		for _, d := range def.Districts {
			if d.ID == c.District {
				return d.Name.String()
			}
		}
		return ""
	})
	tell(func(c *election.Contest) string {
		if c.PrimaryParty == "" {
			return ""
		}
		return tb.partyName(c.PrimaryParty)
	})
	tell(func(c *election.Contest) string { return string(c.ID) })
	return out
}

// ncColumns says under which of North Carolina's four columns a vote type
// goes. Vote types of no column are in the total alone.
var ncColumns = map[election.CountItem]int{
	election.ElectionDay: 0, election.Early: 1, election.AbsenteeInPerson: 1,
	election.Absentee: 2, election.AbsenteeMail: 2, election.UOCAVA: 2, election.AbsenteeFWAB: 2, election.Provisional: 3,
}

// NCSBE writes the columns of the North Carolina State Board, tab separated.
// They have room for choices, overvotes and undervotes, not for registered
// voters or ballots.
func NCSBE(w io.Writer, in Input) error { return newTable(&in).ncsbe(w) }

func (tb *table) ncsbe(w io.Writer) error {
	out, err := sheet.NewWriter(w, ncsbe.Header(true), sheet.Style{Delimiter: '\t', Guard: true})
	if err != nil {
		return err
	}
	day := ""
	if d, err := time.Parse(time.DateOnly, string(tb.x.Def.Election.End)); err == nil {
		day = d.Format("01/02/2006")
	}
	where := places(tb, func(u int32) sheet.Cells { return out.Cells(tb.county[u], day, tb.place[u]) })
	reach := tb.reach()
	what := newLabels(tb, func(contest, choice int32) (sheet.Cells, bool) {
		if contest == tally.NoContest {
			return sheet.Cells{}, false
		}
		c, n := &tb.x.Def.Contests[contest], &tb.contests[contest]
		name, party := lostNames[choice], ""
		if choice >= 0 {
			name, party = n.choices[choice], n.parties[choice]
		}
		return out.Cells(strconv.Itoa(int(contest)+1), reach[contest], c.Name.String(), name, party, strconv.Itoa(max(1, c.VotesAllowed))), name != ""
	})
	yes, no := out.Cells("Y"), out.Cells("N")
	err = tb.each(false, func(r *row) error {
		cells, told := what.of(r)
		if !told {
			return nil
		}
		out.Add(where[r.unit])
		out.Add(cells)
		for _, n := range tb.ncCounts(r) {
			out.Count(n)
		}
		out.Count(r.total)
		if tb.x.Def.Units[r.unit].Type == election.BallotBatch {
			out.Add(no) // not a real precinct
		} else {
			out.Add(yes)
		}
		return out.End()
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// ncCounts puts a row's vote types into the four columns.
func (tb *table) ncCounts(r *row) [4]sheet.Count {
	var out [4]sheet.Count
	for i, n := range r.types {
		at, ok := ncColumns[tb.x.Def.VoteTypes[i].Item]
		switch {
		case !ok || n.Is == sheet.NotReported:
		case n.Is == sheet.Suppressed || out[at].Is == sheet.Suppressed:
			out[at] = sheet.Count{Is: sheet.Suppressed}
		default:
			out[at] = sheet.N(out[at].N + n.N)
		}
	}
	return out
}

// reach says of each contest whether it is voted on in one county (C) or in
// several (S).
func (tb *table) reach() []string {
	in := make([]map[string]bool, len(tb.x.Def.Contests))
	for u := range tb.x.Def.Units {
		county := tb.county[u]
		last := tally.NoContest
		for _, c := range tb.t.At(int32(u)) {
			if c.Contest == last || county == "" {
				continue
			}
			last = c.Contest
			if in[last] == nil {
				in[last] = make(map[string]bool)
			}
			in[last][county] = true
		}
	}
	out := make([]string, len(in))
	for i, counties := range in {
		out[i] = string(ncsbe.County)
		if len(counties) > 1 {
			out[i] = string(ncsbe.Statewide)
		}
	}
	return out
}
