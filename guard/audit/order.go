// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"

	"hustings/guard/audit/tree"
	"hustings/kit/db"
	"hustings/kit/fault"
)

// settle makes the record of leaves say what the log has, where leaves behind
// the checkpoint that was published last came to stand in another order than was
// decided. Tessera takes leaves in groups, and on a machine that is starved two
// groups may pass each other before it sees them. Which entry a leaf belongs to
// is in the leaf, so another order is as good; what is not good is a record that
// says otherwise.
//
// A leaf that was not decided for this place or a later one is somebody else's:
// then nothing is changed, and the fault says so.
func (w *sealer) settle(ctx context.Context, from uint64) error {
	size := w.log.size
	if size <= from {
		return nil
	}
	stands, err := w.log.folder.Leaves(from, size)
	if err != nil {
		return err
	}
	list, err := decidedFrom(ctx, w.DB, from, w.next)
	if err != nil {
		return err
	}
	same := true
	at := make(map[tree.Hash]uint64, len(stands))
	for i, leaf := range stands {
		at[leaf] = from + uint64(i)
		same = same && i < len(list) && list[i].leaf == leaf
	}
	if same {
		return nil
	}
	next, moved := size, 0
	for i := range list {
		place, there := at[list[i].leaf]
		if !there {
			place = next
			next++
		} else {
			delete(at, list[i].leaf)
		}
		if list[i].place != place {
			list[i].place = place
			moved++
		}
	}
	if len(at) > 0 {
		return fault.New(fault.Conflict, "the sealed log in %s is not that of this database: from leaf %d on it has %d leaves that were never decided", w.Folder, from, len(at))
	}
	w.Log.Warn("leaves came to stand in another order than was decided; the record of leaves is put right", "from", from, "to", size, "moved", moved)
	return w.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("which entry is which leaf follows from the log")
		if err := w.turn.Fenced(ctx, tx); err != nil {
			return err
		}
		return replaceFrom(ctx, tx, from, list)
	})
}

// decided is one entry and the leaf that it became.
type decided struct {
	jurisdiction string
	seq          int64
	salt         tree.Salt
	leaf         tree.Hash
	place        uint64
}

// decidedFrom are the entries that were given the leaves from one to another,
// in the order of the leaves.
func decidedFrom(ctx context.Context, q db.Reader, from, to uint64) ([]decided, error) {
	list, err := queryBatches(ctx, q, `where leaf + count > $1 and leaf < $2 order by leaf`, int64(from), int64(to))
	if err != nil {
		return nil, err
	}
	var out []decided
	for _, b := range list {
		for i := range b.size() {
			if place := b.leaf + uint64(i); place >= from {
				out = append(out, decided{b.jurisdiction, b.seq + int64(i), b.salt(i), b.at(i), place})
			}
		}
	}
	return out, nil
}

// replaceFrom writes the record of the leaves from one on anew.
func replaceFrom(ctx context.Context, tx *db.Tx, from uint64, list []decided) error {
	cut, err := queryBatches(ctx, tx, `where leaf < $1 and leaf + count > $1`, int64(from))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from audit_batch where leaf + count > $1`, int64(from)); err != nil {
		return err
	}
	for _, b := range cut { // what of it comes before
		n := int(from - b.leaf)
		b.salts, b.leaves = b.salts[:n*tree.SaltSize], b.leaves[:n*len(tree.Hash{})]
		if err := addBatch(ctx, tx, b); err != nil {
			return err
		}
	}
	for _, b := range runs(list) {
		if err := addBatch(ctx, tx, b); err != nil {
			return err
		}
	}
	return nil
}

// runs puts entries together that follow each other, and whose leaves do.
func runs(list []decided) (out []batch) {
	for _, d := range list {
		n := len(out)
		if n == 0 || out[n-1].jurisdiction != d.jurisdiction || out[n-1].size() == atOnce ||
			out[n-1].seq+int64(out[n-1].size()) != d.seq || out[n-1].leaf+uint64(out[n-1].size()) != d.place {
			out = append(out, batch{jurisdiction: d.jurisdiction, seq: d.seq, leaf: d.place})
			n++
		}
		b := &out[n-1]
		b.salts, b.leaves = append(b.salts, d.salt[:]...), append(b.leaves, d.leaf[:]...)
	}
	return out
}
