// SPDX-License-Identifier: Apache-2.0

package export

import (
	"bufio"
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
func OpenElections(w io.Writer, in Input) error {
	tb := newTable(&in)
	names := tb.contestNames()
	header := append([]string{"county", "precinct", "office", "district", "party", "candidate", "votes"}, tb.columns()...)
	buffered := bufio.NewWriterSize(w, 1<<16)
	out, err := sheet.NewWriter(buffered, header, sheet.Style{Guard: true})
	if err != nil {
		return err
	}
	cells := make([]string, len(header))
	err = tb.each(false, func(r *row) error {
		cells = append(cells[:0], tb.county[r.unit], tb.place[r.unit])
		switch {
		case r.contest == tally.NoContest:
			name, ok := factNames[r.choice]
			if !ok {
				return nil
			}
			cells = append(cells, name, "", "", "")
		case r.choice >= 0:
			n := &names[r.contest]
			cells = append(cells, n.office, n.district, n.parties[r.choice], n.choices[r.choice])
		default:
			name, ok := lostNames[r.choice]
			if !ok {
				return nil
			}
			cells = append(cells, names[r.contest].office, names[r.contest].district, "", name)
		}
		cells = append(cells, r.total.String())
		for _, n := range r.types {
			cells = append(cells, n.String())
		}
		return out.Write(cells...)
	})
	return finish(out, buffered, err)
}

// finish closes a table and what it is written through.
func finish(out *sheet.Writer, buffered *bufio.Writer, err error) error {
	if err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return buffered.Flush()
}

// flatHeader is one number in each row, with ids that stay the same from
// version to version beside the names.
var flatHeader = []string{"election", "status", "county", "unit", "unit_id", "contest", "contest_id", "choice", "choice_id", "party",
	"round", "vote_type", "votes"}

// Flat writes one number in each row. A hidden number is an asterisk.
func Flat(w io.Writer, in Input) error {
	tb := newTable(&in)
	names := tb.contestNames()
	buffered := bufio.NewWriterSize(w, 1<<16)
	out, err := sheet.NewWriter(buffered, flatHeader, sheet.Style{Guard: true})
	if err != nil {
		return err
	}
	def := tb.x.Def
	cells := make([]string, len(flatHeader))
	err = tb.each(true, func(r *row) error {
		cells = append(cells[:0], string(def.Election.ID), string(in.Status), tb.county[r.unit], def.Units[r.unit].Name, string(def.Units[r.unit].ID))
		cells = tb.flatNames(cells, names, r)
		round := ""
		if r.round > 0 {
			round = strconv.Itoa(int(r.round))
		}
		cells = append(cells, round, "total", r.total.String())
		if r.total.Known() {
			if err := out.Write(cells...); err != nil {
				return err
			}
		}
		for i, n := range r.types {
			if n.Is == sheet.NotReported {
				continue
			}
			cells = append(cells[:len(cells)-2], string(def.VoteTypes[i].ID), n.String())
			if err := out.Write(cells...); err != nil {
				return err
			}
		}
		return nil
	})
	return finish(out, buffered, err)
}

// flatNames adds what a row counts: contest, choice and party with their ids.
func (tb *table) flatNames(cells []string, names []contestNames, r *row) []string {
	if r.contest == tally.NoContest {
		return append(cells, "", "", tb.x.ChoiceName(tally.NoContest, r.choice), "", "")
	}
	c := &tb.x.Def.Contests[r.contest]
	cells = append(cells, c.Name.String(), string(c.ID))
	if r.choice < 0 {
		return append(cells, tb.x.ChoiceName(r.contest, r.choice), "", "")
	}
	return append(cells, names[r.contest].choices[r.choice], string(c.Choices[r.choice].ID), names[r.contest].parties[r.choice])
}

// XLSX writes a workbook with the rows of OpenElections under readable titles.
func XLSX(w io.Writer, in Input) error {
	tb := newTable(&in)
	names := tb.contestNames()
	header := []string{"County", "Unit", "Contest", "Choice", "Party", "Votes"}
	for _, t := range tb.x.Def.VoteTypes {
		header = append(header, t.Name.String())
	}
	book, err := sheet.NewWorkbook(w, "Results", header)
	if err != nil {
		return err
	}
	cells := make([]any, len(header))
	err = tb.each(false, func(r *row) error {
		cells = append(cells[:0], tb.county[r.unit], tb.place[r.unit])
		switch {
		case r.contest == tally.NoContest:
			cells = append(cells, "", tb.x.ChoiceName(tally.NoContest, r.choice), "")
		case r.choice < 0:
			cells = append(cells, tb.x.Def.Contests[r.contest].Name.String(), tb.x.ChoiceName(r.contest, r.choice), "")
		default:
			n := &names[r.contest]
			cells = append(cells, tb.x.Def.Contests[r.contest].Name.String(), n.choices[r.choice], n.parties[r.choice])
		}
		cells = append(cells, r.total)
		for _, n := range r.types {
			cells = append(cells, n)
		}
		return book.Write(cells...)
	})
	if err != nil {
		book.Discard()
		return err
	}
	return book.Close()
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
func NCSBE(w io.Writer, in Input) error {
	tb := newTable(&in)
	names := tb.contestNames()
	buffered := bufio.NewWriterSize(w, 1<<16)
	out, err := sheet.NewWriter(buffered, ncsbe.Header(true), sheet.Style{Delimiter: '\t', Guard: true})
	if err != nil {
		return err
	}
	day := ""
	if d, err := time.Parse(time.DateOnly, string(tb.x.Def.Election.End)); err == nil {
		day = d.Format("01/02/2006")
	}
	reach := tb.reach()
	cells := make([]string, 15)
	err = tb.each(false, func(r *row) error {
		if r.contest == tally.NoContest {
			return nil
		}
		c := &tb.x.Def.Contests[r.contest]
		choice, party := lostNames[r.choice], ""
		if r.choice >= 0 {
			choice, party = names[r.contest].choices[r.choice], names[r.contest].parties[r.choice]
		}
		if choice == "" {
			return nil
		}
		real := "Y"
		if tb.x.Def.Units[r.unit].Type == election.BallotBatch {
			real = "N"
		}
		cells = append(cells[:0], tb.county[r.unit], day, tb.place[r.unit], strconv.Itoa(int(r.contest)+1), reach[r.contest],
			c.Name.String(), choice, party, strconv.Itoa(max(1, c.VotesAllowed)))
		for _, n := range tb.ncCounts(r) {
			cells = append(cells, n.String())
		}
		return out.Write(append(cells, r.total.String(), real)...)
	})
	return finish(out, buffered, err)
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
		for _, c := range tb.t.At(int32(u)) {
			if c.Contest >= 0 && tb.county[u] != "" {
				if in[c.Contest] == nil {
					in[c.Contest] = make(map[string]bool)
				}
				in[c.Contest][tb.county[u]] = true
			}
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
