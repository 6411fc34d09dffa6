// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

// noticeRow is a notice and how far it has come.
type noticeRow struct {
	ID, Letter, Stage string
	Voter             roll.ID
	Kind              Kind
	Leaves            bool // it asks whether the voter has left
	Written, Issued   election.Date
	Due               election.Date // first day on which they may be taken off
	Returned          election.Date
	Answered, Ended   election.Date
}

func (n *noticeRow) cause() string { return "upkeep " + n.ID }

// insertNotice writes a notice down, once.
func (s *Upkeep) insertNotice(ctx context.Context, tx *db.Tx, n noticeRow) error {
	n.Stage, n.Written = Told, s.today()
	if n.Leaves {
		n.Stage = Written
	}
	res, err := tx.ExecContext(ctx, `
		insert into upkeep_notice (jurisdiction, id, voter, kind, letter, leaves, stage, written_on)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (jurisdiction, id) do nothing`,
		s.Jurisdiction, n.ID, string(n.Voter), string(n.Kind), n.Letter, n.Leaves, n.Stage, string(n.Written))
	if err != nil {
		return err
	}
	if rows, err := res.RowsAffected(); err != nil || rows == 0 {
		tx.Silently("the notice was there already")
		return err
	}
	told(tx, n, n.Stage, n.Written, "")
	return nil
}

const noticeColumns = `id, letter, stage, voter, kind, leaves, written_on, issued_on, due_on, returned_on, answered_on, ended_on`

func scanNotice(scan func(...any) error) (n noticeRow, err error) {
	return n, scan(&n.ID, &n.Letter, &n.Stage, &n.Voter, &n.Kind, &n.Leaves, &n.Written, &n.Issued, &n.Due, &n.Returned, &n.Answered, &n.Ended)
}

// findNotice finds a notice by its id, or by its letter: then nobody's is none.
func (s *Upkeep) findNotice(ctx context.Context, q db.Reader, by, value string) (noticeRow, error) {
	where := `id = $2`
	if by == "letter" {
		where = `letter = $2`
	}
	n, err := scanNotice(q.QueryRowContext(ctx, `select `+noticeColumns+` from upkeep_notice where jurisdiction = $1 and `+where+` order by id limit 1`, s.Jurisdiction, value).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows) && by == "letter":
		return noticeRow{}, nil
	case errors.Is(err, sql.ErrNoRows):
		return noticeRow{}, fault.New(fault.NotFound, "There is no such notice.")
	}
	return n, err
}

func (s *Upkeep) notices(ctx context.Context, where string, args ...any) ([]noticeRow, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+noticeColumns+` from upkeep_notice where jurisdiction = $1 and `+where+` order by due_on, id`, append([]any{s.Jurisdiction}, args...)...)
	return db.Collect(rows, err, scanNotice)
}

// underWay is the notice to a voter that waits; "" for none.
func (s *Upkeep) underWay(ctx context.Context, voter roll.ID) (string, error) {
	list, err := s.notices(ctx, `voter = $2 and leaves and stage in ('written', 'waiting', 'answered', 'moved')`, string(voter))
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].ID, nil
}

// ended are the stages after which nothing comes.
var ended = []string{Confirmed, Voted, Removed, TakenBack}

// step takes a notice from one stage to the next; somebody who was quicker
// wins.
func (s *Upkeep) step(ctx context.Context, n noticeRow, to string, on, issued, due election.Date) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.stepIn(ctx, tx, n, to, on, issued, due) })
}

func (s *Upkeep) stepIn(ctx context.Context, tx *db.Tx, n noticeRow, to string, on, issued, due election.Date) error {
	answered, end := n.Answered, election.Date("")
	if to == Answered || to == Moved || to == Confirmed {
		answered = on
	}
	if to == Waiting {
		answered = ""
	}
	if slices.Contains(ended, to) {
		end = on
	}
	if err := oneRow(tx.ExecContext(ctx, `
		update upkeep_notice set stage = $4, issued_on = $5, due_on = $6, answered_on = $7, ended_on = $8
		where jurisdiction = $1 and id = $2 and stage = $3`,
		s.Jurisdiction, n.ID, n.Stage, to, string(issued), string(due), string(answered), string(end))); err != nil {
		return err
	}
	told(tx, n, to, on, due)
	return nil
}

// mark notes that a notice came back undelivered; the wait goes on.
func (s *Upkeep) mark(ctx context.Context, n noticeRow, on election.Date) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `update upkeep_notice set returned_on = $3 where jurisdiction = $1 and id = $2`, s.Jurisdiction, n.ID, string(on))
		told(tx, n, n.Stage, on, n.Due)
		return err
	})
}

// votes are the days on which a voter voted, as far as they are known here.
func (s *Upkeep) votes(ctx context.Context, voter roll.ID) ([]election.Date, error) {
	rows, err := s.DB.QueryContext(ctx, `select day from upkeep_vote where jurisdiction = $1 and voter = $2 order by day`, s.Jurisdiction, string(voter))
	return db.Collect(rows, err, func(scan func(...any) error) (d election.Date, err error) { err = scan(&d); return d, err })
}

// Stage is how many notices are at a stage, and of which days.
type Stage struct {
	Stage string
	N     int64
	First election.Date // the first day on which one of them is due
}

// stages counts the notices that ask, by stage.
func (s *Upkeep) stages(ctx context.Context) ([]Stage, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select stage, count(*), coalesce(min(due_on), '') from upkeep_notice where jurisdiction = $1 and leaves group by stage`, s.Jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (t Stage, err error) { return t, scan(&t.Stage, &t.N, &t.First) })
}
