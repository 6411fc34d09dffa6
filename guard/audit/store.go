// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hustings/guard/audit/tree"
	"hustings/kit/db"
)

// batch is a run of entries that became leaves together.
type batch struct {
	jurisdiction string
	seq          int64 // of the first entry
	leaf         uint64
	salts        []byte
	leaves       []byte
}

// size is how many entries the batch has.
func (b *batch) size() int { return len(b.leaves) / len(tree.Hash{}) }

// salt and at are those of the i-th entry.
func (b *batch) salt(i int) tree.Salt { return tree.Salt(b.salts[i*tree.SaltSize:]) }
func (b *batch) at(i int) tree.Hash   { return tree.Hash(b.leaves[i*len(tree.Hash{}):]) }

const batchColumns = `jurisdiction, seq, leaf, count, salts, leaves`

func queryBatches(ctx context.Context, q db.Reader, where string, args ...any) ([]batch, error) {
	rows, err := q.QueryContext(ctx, `select `+batchColumns+` from audit_batch `+where, args...)
	return db.Collect(rows, err, func(scan func(...any) error) (b batch, err error) {
		var n, leaf int64
		if err := scan(&b.jurisdiction, &b.seq, &leaf, &n, &b.salts, &b.leaves); err != nil {
			return b, err
		}
		b.leaf = uint64(leaf)
		err = b.sound(n)
		return b, err
	})
}

// unsound is a batch whose columns do not agree.
type unsound struct {
	jurisdiction string
	seq          int64
	what         string
}

// Error says which batch, by its first entry.
func (e *unsound) Error() string {
	return fmt.Sprintf("%s, entry %d: its record of leaves was altered: %s", e.jurisdiction, e.seq, e.what)
}

// sound reports whether the columns agree with each other.
func (b *batch) sound(n int64) error {
	if n <= 0 || int64(len(b.salts)) != n*tree.SaltSize || int64(len(b.leaves)) != n*int64(len(tree.Hash{})) {
		return &unsound{b.jurisdiction, b.seq, fmt.Sprintf("%d entries, %d bytes of salts, %d bytes of leaves", n, len(b.salts), len(b.leaves))}
	}
	return nil
}

// addBatch keeps which entries became which leaves.
func addBatch(ctx context.Context, tx *db.Tx, b batch) error {
	_, err := tx.ExecContext(ctx, `
		insert into audit_batch (jurisdiction, seq, leaf, count, salts, leaves)
		values ($1, $2, $3, $4, $5, $6)`, b.jurisdiction, b.seq, int64(b.leaf), b.size(), b.salts, b.leaves)
	return err
}

// lastSeq is the last entry of a jurisdiction that has a leaf.
func lastSeq(ctx context.Context, q db.Reader, jurisdiction string) (seq int64, err error) {
	err = q.QueryRowContext(ctx, `
		select seq + count - 1 from audit_batch where jurisdiction = $1 order by seq desc limit 1`, jurisdiction).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return seq, err
}

// assigned is how many leaves have been given to entries.
func assigned(ctx context.Context, q db.Reader) (n uint64, err error) {
	var end int64
	err = q.QueryRowContext(ctx, `select leaf + count from audit_batch order by leaf desc limit 1`).Scan(&end)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return uint64(end), err
}

// batchesFrom gives the batches that hold the leaves from one on, in order.
func batchesFrom(ctx context.Context, q db.Reader, leaf uint64, limit int) ([]batch, error) {
	return queryBatches(ctx, q, `where leaf >= coalesce((select max(leaf) from audit_batch where leaf <= $1), 0) order by leaf limit $2`, int64(leaf), limit)
}

// batchesOf gives the batches of a jurisdiction that touch the entries from
// one to another, in order.
func batchesOf(ctx context.Context, q db.Reader, jurisdiction string, from, to int64) ([]batch, error) {
	return queryBatches(ctx, q, `where jurisdiction = $1 and seq <= $3
		and seq >= coalesce((select max(seq) from audit_batch where jurisdiction = $1 and seq <= $2), 0) order by seq`, jurisdiction, from, to)
}

// Sealed is a checkpoint that was published.
type Sealed struct {
	Size       uint64
	Checkpoint string // the signed note
	At         time.Time
}

// readSealed reads the checkpoint that was published last; none is the zero one.
func readSealed(ctx context.Context, q db.Reader, jurisdiction string) (c Sealed, err error) {
	var size int64
	err = q.QueryRowContext(ctx, `select size, checkpoint, at from audit_sealed where jurisdiction = $1`, jurisdiction).Scan(&size, &c.Checkpoint, &c.At)
	if errors.Is(err, sql.ErrNoRows) {
		return c, nil
	}
	c.Size, c.At = uint64(size), c.At.UTC()
	return c, err
}

// keepSealed moves the published checkpoint on. It never moves back.
func keepSealed(ctx context.Context, tx *db.Tx, jurisdiction string, c Sealed) error {
	_, err := tx.ExecContext(ctx, `
		insert into audit_sealed (jurisdiction, size, checkpoint, at) values ($1, $2, $3, $4)
		on conflict (jurisdiction) do update set size = excluded.size, checkpoint = excluded.checkpoint, at = excluded.at
		where audit_sealed.size <= excluded.size`, jurisdiction, int64(c.Size), c.Checkpoint, c.At)
	return err
}
