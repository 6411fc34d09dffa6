// SPDX-License-Identifier: Apache-2.0

// Package ledger reads the one log of everything that happened, checks that
// nobody has changed it, and lets rooms hear of it. Writing is kit/db's: a fact
// enters with the change that it tells of.
package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"log/slog"

	"hustings/kit/db"
)

// Entry is one fact at its place in the ledger.
type Entry = db.Entry

// Ledger reads the ledger of a database.
type Ledger struct {
	DB  *db.DB
	Log *slog.Logger // slog.Default() when nil
}

const columns = `jurisdiction, seq, id, at, actor, on_behalf, via, request, name, subject, data, prev, hash`

// Tail gives up to limit entries of a jurisdiction behind afterSeq, in order.
// An entry once passed over never turns up later: the sequence follows the
// order of commits.
func (l *Ledger) Tail(ctx context.Context, jurisdiction string, afterSeq int64, limit int) ([]Entry, error) {
	return query(ctx, l.DB, `jurisdiction = $1 and seq > $2 order by seq limit $3`, jurisdiction, afterSeq, limit)
}

// query reads the entries that where selects.
func query(ctx context.Context, q db.Reader, where string, args ...any) ([]Entry, error) {
	rows, err := q.QueryContext(ctx, `select `+columns+` from ledger_entry where `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Entry
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

func scan(rows *sql.Rows) (e Entry, err error) {
	var at string
	err = rows.Scan(&e.Jurisdiction, &e.Seq, &e.ID, &at, &e.Actor, &e.OnBehalf, &e.Via, &e.Request,
		&e.Name, &e.Subject, &e.Data, &e.Prev, &e.Hash)
	if err != nil {
		return e, err
	}
	if e.At, err = db.ParseTime(at); err != nil {
		return e, fmt.Errorf("entry %d of %s: its time %q is not one", e.Seq, e.Jurisdiction, at)
	}
	return e, nil
}

// Jurisdictions lists those that have entries, with the last sequence of each.
func (l *Ledger) Jurisdictions(ctx context.Context) (map[string]int64, error) {
	return heads(ctx, l.DB)
}

func heads(ctx context.Context, q db.Reader) (map[string]int64, error) {
	rows, err := q.QueryContext(ctx, `select jurisdiction, seq from ledger_head`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	last := map[string]int64{}
	for rows.Next() {
		var j string
		var seq int64
		if err := rows.Scan(&j, &seq); err != nil {
			return nil, err
		}
		last[j] = seq
	}
	return last, rows.Err()
}

// page is how many entries are held in memory at a time.
const page = 500

// All goes through the entries of a jurisdiction from the first, or from
// behind afterSeq, to the last that is there when it comes to it. It stops at
// the first error.
func (l *Ledger) All(ctx context.Context, jurisdiction string, afterSeq int64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for {
			list, err := l.Tail(ctx, jurisdiction, afterSeq, page)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, e := range list {
				if !yield(e, nil) {
					return
				}
			}
			if len(list) < page {
				return
			}
			afterSeq = list[len(list)-1].Seq
		}
	}
}
