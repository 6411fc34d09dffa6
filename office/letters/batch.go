// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/job"
	"hustings/kit/who"
)

// BatchState is how far a batch is.
type BatchState string

// The states of a batch.
const (
	Making    BatchState = "making"
	Made      BatchState = "made" // the file is ready; the printer has not confirmed it
	Confirmed BatchState = "confirmed"
	Cancelled BatchState = "cancelled"
)

// Batch is letters that are printed together.
type Batch struct {
	ID              string
	State           BatchState
	Kinds           []Kind
	Letters, Pages  int64
	SHA256          string // of the file
	Job             string // that makes it
	MadeAt          time.Time
	MadeBy          string
	ConfirmedAt     time.Time
	ConfirmedBy     string
	Issued, Spoiled int64

	sender sender
}

// MostLetters is how many letters a batch has; what waits beyond them waits for
// the next. Printers like files of a size that a tray of paper lasts for.
const MostLetters = 10_000

// atOnce is how many letters a file may have that is made while the person who
// asked for it waits.
const atOnce = 300

const makeJob = "letters.batch"

// Make takes the waiting letters of some kinds into a batch, by ZIP code, and
// makes its file: at once where there are few, else by a job. Letters that
// cannot be printed stay.
func (s *Letters) Make(ctx context.Context, kinds []Kind) (Batch, error) {
	b, err := s.claim(ctx, kinds, atOnce)
	if err != nil || b.Job != "" {
		return b, err
	}
	return s.Finish(ctx, b.ID, func(int64, int64) {})
}

// MakeNow is Make where nobody runs jobs, such as on the command line; progress
// is told how many letters are done.
func (s *Letters) MakeNow(ctx context.Context, kinds []Kind, progress func(done, total int64)) (Batch, error) {
	b, err := s.claim(ctx, kinds, MostLetters)
	if err != nil {
		return b, err
	}
	return s.Finish(ctx, b.ID, progress)
}

// claim takes letters out of the queue. With more than few of them a job is
// asked to make the file.
func (s *Letters) claim(ctx context.Context, list []Kind, few int64) (b Batch, err error) {
	if len(list) == 0 {
		return b, fault.New(fault.Invalid, "Choose at least one kind of letter.")
	}
	args := []any{s.Jurisdiction, "", MostLetters}
	names := make([]string, len(list))
	for i, k := range list {
		if !k.known() {
			return b, fault.New(fault.Invalid, "There is no letter of the kind %q.", string(k))
		}
		args, names[i] = append(args, string(k)), string(k)
	}
	b = Batch{ID: id.New(), State: Making, Kinds: list, MadeAt: s.Now(), MadeBy: who.From(ctx).ID, sender: s.today()}
	args[1] = b.ID
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "letters.batch"); err != nil {
			return err
		}
		if b.Letters, err = changed(tx.ExecContext(ctx, `
			update letters_letter set state = 'batched', batch = $2
			where jurisdiction = $1 and state = 'written' and id in (
				select id from letters_letter
				where jurisdiction = $1 and state = 'written' and problem = '' and kind in (`+placeholders(4, len(list))+`)
				order by zip, id limit $3)`, args...)); err != nil {
			return err
		}
		if b.Letters == 0 {
			return fault.New(fault.Conflict, "No letter of these kinds waits to be printed.")
		}
		return s.order(ctx, tx, &b, strings.Join(names, ","), few)
	})
	return b, err
}

// order keeps a batch that is to be made, and asks for the job that makes a
// large one.
func (s *Letters) order(ctx context.Context, tx *db.Tx, b *Batch, kinds string, few int64) (err error) {
	if b.Letters > few {
		if b.Job, err = job.Enqueue(ctx, tx, job.Order{Kind: makeJob, Args: b.ID, Key: b.ID}); err != nil {
			return err
		}
	}
	sender, err := json.Marshal(b.sender)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		insert into letters_batch (jurisdiction, id, state, kinds, letters, pages, sha256, job, made_at, made_by, sender)
		values ($1, $2, 'making', $3, $4, 0, '', $5, $6, $7, $8)`,
		s.Jurisdiction, b.ID, kinds, b.Letters, b.Job, b.MadeAt, b.MadeBy, string(sender)); err != nil {
		return err
	}
	tx.Record(event.LettersClaimed{Batch: b.ID, Letters: b.Letters})
	return nil
}

// changed is how many rows a statement changed.
func changed(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// makeBatch is the job that makes the file of a large batch.
func (s *Letters) makeBatch(ctx context.Context, w *job.Work) error {
	var batch string
	if err := w.Args(&batch); err != nil {
		return err
	}
	_, err := s.Finish(ctx, batch, func(done, total int64) { w.Progress(done, total, "") })
	return err
}

// CancelBatch gives the letters of a batch back to the queue before the printer
// has confirmed it.
func (s *Letters) CancelBatch(ctx context.Context, batch, why string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := changed(tx.ExecContext(ctx, `
			update letters_batch set state = 'cancelled' where jurisdiction = $1 and id = $2 and state in ('making', 'made')`, s.Jurisdiction, batch))
		if err != nil {
			return err
		}
		if n == 0 {
			return s.notOpen(ctx, tx, batch)
		}
		if n, err = changed(tx.ExecContext(ctx, `
			update letters_letter set state = 'written', batch = '' where jurisdiction = $1 and batch = $2 and state = 'batched'`, s.Jurisdiction, batch)); err != nil {
			return err
		}
		tx.Record(event.LettersFreed{Batch: batch, Letters: n, Why: why})
		return nil
	})
}

// notOpen says why a batch can neither be cancelled nor confirmed.
func (s *Letters) notOpen(ctx context.Context, q db.Reader, batch string) error {
	b, err := s.batch(ctx, q, batch)
	if err != nil {
		return err
	}
	switch b.State {
	case Confirmed:
		return fault.New(fault.Conflict, "The printer has confirmed this batch already; it stays as it is.")
	case Cancelled:
		return fault.New(fault.Conflict, "This batch was cancelled; its letters wait again.")
	default:
		return fault.New(fault.Conflict, "The file of this batch is still being made. Please try again in a moment.")
	}
}

const batchColumns = `id, state, kinds, letters, pages, sha256, job, made_at, made_by, confirmed_at, confirmed_by, issued, spoiled, sender`

func scanBatch(scan func(...any) error) (b Batch, err error) {
	var list, sender string
	if err := scan(&b.ID, &b.State, &list, &b.Letters, &b.Pages, &b.SHA256, &b.Job, db.AsTime(&b.MadeAt), &b.MadeBy,
		db.AsTime(&b.ConfirmedAt), &b.ConfirmedBy, &b.Issued, &b.Spoiled, &sender); err != nil {
		return b, err
	}
	for _, k := range strings.Split(list, ",") {
		b.Kinds = append(b.Kinds, Kind(k))
	}
	return b, json.Unmarshal([]byte(sender), &b.sender)
}

func (s *Letters) batch(ctx context.Context, q db.Reader, batch string) (Batch, error) {
	b, err := scanBatch(q.QueryRowContext(ctx, `select `+batchColumns+` from letters_batch where jurisdiction = $1 and id = $2`, s.Jurisdiction, batch).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return b, fault.New(fault.NotFound, "There is no such batch.")
	}
	return b, err
}

// Batch reads a batch.
func (s *Letters) Batch(ctx context.Context, batch string) (Batch, error) {
	return s.batch(ctx, s.DB, batch)
}

// Batches lists the batches, the newest first.
func (s *Letters) Batches(ctx context.Context) ([]Batch, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+batchColumns+` from letters_batch where jurisdiction = $1 order by made_at desc, id desc limit 200`, s.Jurisdiction)
	return db.Collect(rows, err, scanBatch)
}
