// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"

	"hustings/election"
	"hustings/event"
	"hustings/format/sheet"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

// vote is that somebody voted.
type vote struct {
	voter roll.ID
	day   election.Date
	how   string
}

// historyLimits let the history of a county pass.
var historyLimits = sheet.Limits{Bytes: 2 << 30, Unpacked: 2 << 30, Rows: 50_000_000, Cell: 4 << 10, Line: 64 << 10, Problems: 200}

// readVotes reads a history of votes: a table with the number of the voter and
// the day of the election, such as ncvhis of North Carolina.
func readVotes(name string, in io.Reader, do func(line int, v vote) error) (problems []string, err error) {
	t, err := sheet.Open(name, in, historyLimits)
	if err != nil {
		return nil, err
	}
	id := t.Col("voter_id", "voter_reg_num", "registration_number", "voterid", "reg_num", "ncid")
	day := t.Col("election_day", "election_lbl", "election_date", "date", "election")
	how := t.Col("voting_method", "how", "method", "vote_type")
	if id < 0 || day < 0 {
		return nil, fault.New(fault.Invalid, "The file needs a column with the voter's number (voter_id) and one with the day of the election (election_day).")
	}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		v := vote{voter: roll.ID(row.Cell(id)), day: readDay(row.Cell(day))}
		if how >= 0 {
			v.how = row.Cell(how)
		}
		switch {
		case v.voter == "":
			t.Problems.Add(row.Line, "voter_id", "it is empty; the line was not used")
			continue
		case v.day == "":
			t.Problems.Add(row.Line, "election_day", "%q is no day; the line was not used", row.Cell(day))
			continue
		}
		if err := do(row.Line, v); err != nil {
			return nil, err
		}
	}
	for _, p := range t.Problems.List {
		problems = append(problems, p.String())
	}
	return problems, nil
}

// Votes says what a file of votes told.
type Votes struct {
	Read, New int64
	Back      int64 // voters who are active again because they voted
	Problems  []string
}

// TakeVotes keeps who voted when, and makes those active again who voted while
// a notice waited. The same file again changes nothing.
func (s *Upkeep) TakeVotes(ctx context.Context, name string, in io.Reader) (out Votes, err error) {
	sum := sha256.New()
	var open []vote
	flush := func() error {
		n, err := s.keepVotes(ctx, open)
		out.New += n
		open = open[:0]
		return err
	}
	out.Problems, err = readVotes(filepath.Base(name), io.TeeReader(in, sum), func(_ int, v vote) error {
		out.Read++
		if open = append(open, v); len(open) < 500 {
			return nil
		}
		return flush()
	})
	if err != nil {
		return out, err
	}
	if err := flush(); err != nil {
		return out, err
	}
	if out.Back, err = s.whoVoted(ctx); err != nil {
		return out, err
	}
	return out, s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.UpkeepVotes{File: filepath.Base(name), SHA256: hex.EncodeToString(sum.Sum(nil)), Votes: out.Read, New: out.New, Stays: out.Back})
		return nil
	})
}

func (s *Upkeep) keepVotes(ctx context.Context, list []vote) (fresh int64, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		fresh = 0
		tx.Silently("votes of a file, which is told at its end")
		for _, v := range list {
			res, err := tx.ExecContext(ctx, `insert into upkeep_vote (jurisdiction, voter, day, how) values ($1, $2, $3, $4) on conflict do nothing`,
				s.Jurisdiction, string(v.voter), string(v.day), v.how)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			fresh += n
		}
		return nil
	})
	return fresh, err
}

// whoVoted makes those active again who voted while a notice waited.
func (s *Upkeep) whoVoted(ctx context.Context) (n int64, err error) {
	rows, err := s.DB.QueryContext(ctx, `
		select n.voter, min(v.day) from upkeep_notice n join upkeep_vote v on v.jurisdiction = n.jurisdiction and v.voter = n.voter
		where n.jurisdiction = $1 and (n.stage in ('waiting', 'answered') or n.stage = 'moved' and v.day > n.answered_on) and n.issued_on <> '' and v.day >= n.issued_on
		group by n.voter order by n.voter`, s.Jurisdiction)
	list, err := db.Collect(rows, err, func(scan func(...any) error) (v vote, err error) { return v, scan(&v.voter, &v.day) })
	if err != nil {
		return 0, err
	}
	for _, v := range list {
		if err := s.voted(ctx, v.voter, v.day); err != nil {
			return n, fmt.Errorf("the voter %s: %w", v.voter, err)
		}
		n++
	}
	return n, nil
}
