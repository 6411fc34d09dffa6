// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"encoding/hex"

	"hustings/event"
	"hustings/guard/audit/receipt"
	"hustings/guard/audit/tree"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/ledger"
)

// Prove makes the receipt of an entry: the proof that it stands in the log
// under the checkpoint that was published last.
func (s *Audit) Prove(ctx context.Context, entryID string) (r receipt.Receipt, err error) {
	e, ok, err := s.Ledger.ByID(ctx, entryID)
	if err != nil {
		return r, err
	}
	if !ok {
		return r, fault.New(fault.NotFound, "There is no entry %s in the ledger.", entryID)
	}
	return s.prove(ctx, e)
}

// leafOf is the leaf of an entry, where a published checkpoint covers it.
func (s *Audit) leafOf(ctx context.Context, e ledger.Entry) (leaf uint64, sealed bool, err error) {
	list, err := batchesOf(ctx, s.DB, e.Jurisdiction, e.Seq, e.Seq)
	if err != nil || len(list) == 0 || e.Seq >= list[0].seq+int64(list[0].size()) {
		return 0, false, err
	}
	now, err := s.Checkpoint(ctx)
	leaf = list[0].leaf + uint64(e.Seq-list[0].seq)
	return leaf, leaf < now.Size, err
}

// errUnsealed says that an entry is too new.
var errUnsealed = fault.New(fault.Unavailable, "This entry is not sealed yet. Try again in a second.")

func (s *Audit) prove(ctx context.Context, e ledger.Entry) (r receipt.Receipt, err error) {
	list, err := batchesOf(ctx, s.DB, e.Jurisdiction, e.Seq, e.Seq)
	if err != nil {
		return r, err
	}
	if len(list) == 0 || e.Seq >= list[0].seq+int64(list[0].size()) {
		return r, errUnsealed
	}
	b, i := list[0], int(e.Seq-list[0].seq)
	if b.salt(i) == (tree.Salt{}) {
		return r, fault.New(fault.Gone, "The salt of this entry was shredded: nobody can show any more which leaf it is.")
	}
	folder := tree.Folder(s.Folder)
	text, err := folder.Checkpoint()
	if err != nil {
		return r, fault.Wrap(fault.Unavailable, err, "The sealed log cannot be read at the moment.")
	}
	cp, err := tree.Open(text, nil)
	if err != nil {
		return r, err
	}
	index := b.leaf + uint64(i)
	if index >= cp.Size {
		return r, errUnsealed
	}
	salt := b.salt(i)
	r = receipt.Receipt{Format: receipt.Format, Log: cp.Origin, Entry: receipt.EntryOf(e), Salt: hex.EncodeToString(salt[:]),
		Index: index, Checkpoint: string(text)}
	r.Proof, err = folder.Proof(ctx, index, cp.Size)
	return r, err
}

// Shred destroys the salts of entries, so that nobody can show any more which
// leaves they are, not even by guessing. What is around them can be proved as
// before. It is recorded, with its reason, and cannot be undone.
func (s *Audit) Shred(ctx context.Context, jurisdiction string, from, to int64, reason string) error {
	if from < 1 || to < from || reason == "" {
		return fault.New(fault.Invalid, "Say which entries, from one sequence to another, and why.")
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		list, err := batchesOf(ctx, tx, jurisdiction, from, to)
		if err != nil {
			return err
		}
		left := to - from + 1
		for _, b := range list {
			for i := range b.size() {
				if seq := b.seq + int64(i); from <= seq && seq <= to {
					clear(b.salts[i*tree.SaltSize : (i+1)*tree.SaltSize])
					left--
				}
			}
			if _, err := tx.ExecContext(ctx, `update audit_batch set salts = $3 where jurisdiction = $1 and seq = $2`, b.jurisdiction, b.seq, b.salts); err != nil {
				return err
			}
		}
		if left > 0 {
			return fault.New(fault.Conflict, "%d of these entries are not sealed yet, or are not there.", left)
		}
		tx.Record(event.SaltsShredded{In: jurisdiction, From: from, To: to, Reason: reason, At: s.Now()})
		return nil
	})
}
