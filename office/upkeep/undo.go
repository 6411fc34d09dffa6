// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/who"
)

// Undo takes a whole run back: every voter is as if it had not been, but for
// what was changed again since, which is told.
func (s *Upkeep) Undo(ctx context.Context, run, why string) error {
	if why = strings.TrimSpace(why); why == "" {
		return fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	me := who.From(ctx)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := oneRow(tx.ExecContext(ctx, `
			update upkeep_run set state = 'undoing', undone_by = $3, undone_why = $4 where jurisdiction = $1 and id = $2 and state = 'open'`,
			s.Jurisdiction, run, me.ID, why)); err != nil {
			return err
		}
		one, err := job.Enqueue(ctx, tx, job.Order{Kind: jobUndo, Args: jobArgs{Run: run, By: me.ID, Why: why}, Key: run})
		if err != nil {
			return err
		}
		return s.setJob(ctx, tx, run, one)
	})
}

// undoJob takes a run back, the last change first.
func (s *Upkeep) undoJob(ctx context.Context, w *job.Work) error {
	var a jobArgs
	if err := w.Args(&a); err != nil {
		return err
	}
	return s.Finish(ctx, a.Run, a.Why, w.Progress)
}

// Finish carries out what Undo began, at once.
func (s *Upkeep) Finish(ctx context.Context, run, why string, say progress) error {
	r, err := s.Run(ctx, run)
	if err != nil || r.State != Undoing {
		return err
	}
	list, err := s.candidates(ctx, `and c.run = $2 and c.done in ('updated', 'noticed', 'proposed', 'merged', 'restored', 'removed', 'undone') order by c.number desc`, run)
	if err != nil {
		return err
	}
	voters, stays := int64(0), []string{}
	for i := range list {
		say(int64(i), int64(len(list)), "taking back")
		left, err := s.takeBack(ctx, &list[i], why)
		if err != nil {
			return err
		}
		voters++
		if len(left) > 0 {
			stays = append(stays, string(list[i].Voter)+": "+strings.Join(left, ", "))
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := oneRow(tx.ExecContext(ctx, `
			update upkeep_run set state = 'undone', undone_at = $3, stays = $4 where jurisdiction = $1 and id = $2 and state = 'undoing'`,
			s.Jurisdiction, run, s.Now(), asText(stays))); err != nil {
			return err
		}
		tx.Record(event.UpkeepUndone{Run: run, Why: why, Voters: voters, Stays: int64(len(stays))})
		return nil
	})
}

// takeBack takes back what came of one pair, the last change first.
func (s *Upkeep) takeBack(ctx context.Context, c *Candidate, why string) (stays []string, err error) {
	if c.Done == "" || c.Done == "dropped" || c.Done == "undone" {
		return nil, nil
	}
	if c.Done == "merged" {
		if stays, err = s.Merger.Unmerge(ctx, c.Other, why); err != nil && !ordinary(err) {
			return nil, err
		}
	}
	n, err := s.findNotice(ctx, s.DB, "id", c.key())
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	for _, cause := range []string{c.cause() + becauseRemoved, c.cause() + becauseAnswered, c.cause() + becauseIssued, c.cause()} {
		more, err := s.Desk.TakeBack(ctx, c.Voter, cause, why)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
		stays = append(stays, more...)
	}
	if n.ID != "" && n.Stage != TakenBack {
		if err := s.Letters.Withdraw(ctx, n.Letter, why); err != nil {
			if !ordinary(err) {
				return nil, err
			}
			stays = append(stays, "the letter "+n.Letter+" went out")
		}
	}
	c.Done = "undone"
	return stays, s.DB.Write(ctx, func(tx *db.Tx) error {
		if n.ID != "" && n.Stage != TakenBack {
			if err := s.stepIn(ctx, tx, n, TakenBack, s.today(), n.Issued, n.Due); err != nil {
				return err
			}
		}
		return s.setDone(ctx, tx, c, "undone", s.Now())
	})
}
