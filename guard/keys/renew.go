// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/seal"
	"hustings/kit/who"
)

// Keep looks after the keys of the jurisdiction of the person who acts, as the
// house does each hour: it destroys what can be, and rotates what is due.
func (k *Keys) Keep(ctx context.Context) error {
	me := who.From(ctx)
	if _, err := k.Retire(ctx, me.Jurisdiction); err != nil {
		return err
	}
	if err := k.settle(ctx, me.Jurisdiction); err != nil {
		return err
	}
	s, err := k.Status(ctx, me.Jurisdiction)
	if err != nil || s.Rotation != nil && s.Rotation.Finished.IsZero() || k.Now().Before(s.Next) {
		return err
	}
	_, err = k.RotateData(ctx)
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// keepEvery is how often the room looks after its keys by itself.
const keepEvery = time.Hour

// The kinds of jobs.
const (
	renewKind = "keys.renew"
	keepKind  = "keys.keep"
)

// renewal is what the job is told.
type renewal struct{ Rotation string }

// batch is how many fields are put under the new keys in one write.
const batch = 500

// renew puts every field under the newest keys. It may stop at any point, and
// goes on there.
func (k *Keys) renew(ctx context.Context, w *job.Work) error {
	var r renewal
	if err := w.Args(&r); err != nil {
		return err
	}
	in := who.From(ctx).Jurisdiction
	k.forget() // at least as new as the rotation
	walks, err := readWalks(ctx, k.DB, in, r.Rotation)
	if err != nil {
		return err
	}
	var seen, total int64
	for _, step := range walks {
		seen += step.Seen
		total += step.Total
	}
	for _, step := range walks {
		before := step.Seen
		err := k.walk(ctx, in, r.Rotation, step, func(now int64) { w.Progress(seen+now-before, max(total, seen+now-before), step.Field) })
		if err != nil {
			return err
		}
		seen += max(0, step.Total-before)
	}
	return k.endRenewal(ctx, in, r.Rotation)
}

// walk goes through one column.
func (k *Keys) walk(ctx context.Context, in, rotation string, step Walk, told func(seen int64)) error {
	var column *seal.Column
	for i := range k.columns {
		if field(k.columns[i]) == step.Field {
			column = &k.columns[i]
		}
	}
	if column == nil {
		step.done = true // its room is no longer in the house
		return k.saveWalk(ctx, in, rotation, step, nil)
	}
	for !step.done {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := k.Sealer().Renew(ctx, k.DB, column, in, step.after, batch)
		if err != nil {
			return err
		}
		step.add(b)
		if err := k.saveWalk(ctx, in, rotation, step, b); err != nil {
			return err
		}
		told(step.Seen)
	}
	return nil
}

func (s *Walk) add(b *seal.Batch) {
	s.after, s.done = b.Last, b.Seen < batch
	s.Seen += int64(b.Seen)
	s.Renewed += int64(b.Renewed)
	s.Unreadable += int64(b.Unreadable)
	if s.Problem == "" && b.First != nil {
		s.Problem = b.First.Error()
	}
}

// saveWalk writes a batch together with how far the column has come.
func (k *Keys) saveWalk(ctx context.Context, in, rotation string, step Walk, b *seal.Batch) error {
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the same texts under a newer key; the rotation is told when it began and when it is over")
		if b != nil {
			if err := b.Save(ctx, tx); err != nil {
				return err
			}
		}
		return updateWalk(ctx, tx, in, rotation, step)
	})
}

func (k *Keys) endRenewal(ctx context.Context, in, rotation string) error {
	walks, err := readWalks(ctx, k.DB, in, rotation)
	if err != nil {
		return err
	}
	fact := event.KeysRenewed{Rotation: rotation}
	for _, s := range walks {
		fact.Seen += s.Seen
		fact.Renewed += s.Renewed
		fact.Unreadable += s.Unreadable
	}
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		first, err := finishRotation(ctx, tx, in, rotation, tx.Now())
		if err != nil || !first {
			tx.Silently("it was over already")
			return err
		}
		tx.Record(fact)
		return nil
	})
}
