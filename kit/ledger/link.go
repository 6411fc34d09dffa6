// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"

	"hustings/kit/db"
)

// Link is an entry's place in its chain and its hash there: all that the seal
// needs to know of it.
type Link struct {
	Seq  int64
	Hash [sha256.Size]byte
}

// Links gives up to limit links of a jurisdiction behind afterSeq, in order.
func (l *Ledger) Links(ctx context.Context, jurisdiction string, afterSeq int64, limit int) ([]Link, error) {
	rows, err := l.DB.QueryContext(ctx, `
		select seq, hash from ledger_entry where jurisdiction = $1 and seq > $2 order by seq limit $3`, jurisdiction, afterSeq, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Link
	for rows.Next() {
		var one Link
		var hash []byte
		if err := rows.Scan(&one.Seq, &hash); err != nil {
			return nil, err
		}
		if len(hash) != sha256.Size {
			return nil, fmt.Errorf("entry %d of %s: its hash has %d bytes", one.Seq, jurisdiction, len(hash))
		}
		one.Hash = [sha256.Size]byte(hash)
		list = append(list, one)
	}
	return list, rows.Err()
}

// ByID finds an entry by its id; ok is false where there is none.
func (l *Ledger) ByID(ctx context.Context, entryID string) (e Entry, ok bool, err error) {
	list, err := query(ctx, l.DB, `id = $1 limit 1`, entryID)
	if err != nil || len(list) == 0 {
		return e, false, err
	}
	return list[0], true, nil
}

// Named gives the facts of one name of a jurisdiction, in order: for those
// that are few.
func (l *Ledger) Named(ctx context.Context, jurisdiction, name string) ([]Entry, error) {
	return query(ctx, l.DB, `jurisdiction = $1 and name = $2 order by seq`, jurisdiction, name)
}

// At gives the entry at a place; ok is false where there is none.
func (l *Ledger) At(ctx context.Context, jurisdiction string, seq int64) (e Entry, ok bool, err error) {
	list, err := query(ctx, l.DB, `jurisdiction = $1 and seq = $2`, jurisdiction, seq)
	if err != nil || len(list) == 0 {
		return e, false, err
	}
	return list[0], true, nil
}

// Saw records that a person is about to be shown what is protected, such as a
// voter's record: read facts are facts like any other. Call it before showing:
// what cannot be recorded is not shown.
func Saw(ctx context.Context, d *db.DB, fact db.Fact) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		tx.Record(fact)
		return nil
	})
}
