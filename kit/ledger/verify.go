// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"hustings/kit/db"
)

// Problem is something in the ledger that should not be.
type Problem struct {
	Jurisdiction string
	Seq          int64 // the entry; 0 when it is about the whole chain
	What         string
}

// String says where and what.
func (p Problem) String() string {
	if p.Seq == 0 {
		return fmt.Sprintf("%s: %s", p.Jurisdiction, p.What)
	}
	return fmt.Sprintf("%s, entry %d: %s", p.Jurisdiction, p.Seq, p.What)
}

// Report is what Verify found.
type Report struct {
	Jurisdictions int
	Entries       int64
	Problems      []Problem
	More          int // problems beyond those listed
}

// listed is how many problems a report lists.
const listed = 100

func (r *Report) add(p Problem) {
	if len(r.Problems) == listed {
		r.More++
		return
	}
	r.Problems = append(r.Problems, p)
}

// Verify goes through every chain and says which entry was altered, is missing
// or does not belong there. An entry that was altered together with its hash
// shows at the one behind it; one at the very end, at the head. Who could
// rewrite a whole chain and its head is caught by the sealed tree, not here.
func (l *Ledger) Verify(ctx context.Context) (Report, error) {
	var r Report
	ends, err := l.ends(ctx, &r)
	if err != nil {
		return r, err
	}
	for _, e := range ends {
		r.Jurisdictions++
		if err := l.verifyChain(ctx, e, &r); err != nil {
			return r, fmt.Errorf("verify %s: %w", e.jurisdiction, err)
		}
	}
	return r, nil
}

// end is where a chain should end.
type end struct {
	jurisdiction string
	seq          int64
	hash         []byte
}

// ends reads the heads, and in the same snapshot looks for entries that no
// head covers.
func (l *Ledger) ends(ctx context.Context, r *Report) (list []end, err error) {
	err = l.DB.Read(ctx, func(q db.Reader) error {
		if list, err = readEnds(ctx, q); err != nil {
			return err
		}
		return strays(ctx, q, list, r)
	})
	return list, err
}

func readEnds(ctx context.Context, q db.Reader) ([]end, error) {
	rows, err := q.QueryContext(ctx, `select jurisdiction, seq, hash from ledger_head order by jurisdiction`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []end
	for rows.Next() {
		var e end
		if err := rows.Scan(&e.jurisdiction, &e.seq, &e.hash); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// strays reports chains without a head, and entries behind theirs.
func strays(ctx context.Context, q db.Reader, heads []end, r *Report) error {
	covered := map[string]int64{}
	for _, e := range heads {
		covered[e.jurisdiction] = e.seq
	}
	rows, err := q.QueryContext(ctx, `select jurisdiction, max(seq) from ledger_entry group by jurisdiction order by jurisdiction`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var j string
		var last int64
		if err := rows.Scan(&j, &last); err != nil {
			return err
		}
		if seq, ok := covered[j]; !ok {
			r.add(Problem{j, 0, "there are entries, but the head of the chain is missing"})
		} else if last > seq {
			r.add(Problem{j, last, fmt.Sprintf("the head of the chain says that %d is the last", seq)})
		}
	}
	return rows.Err()
}

// verifyChain goes through one chain up to its end.
func (l *Ledger) verifyChain(ctx context.Context, e end, r *Report) error {
	var seq int64
	prev := make([]byte, sha256.Size)
	after, err := l.firstBefore(ctx, e.jurisdiction)
	if err != nil {
		return err
	}
	for entry, err := range l.All(ctx, e.jurisdiction, after) {
		if err != nil {
			return err
		}
		if entry.Seq > e.seq {
			break // came in after we looked for the end
		}
		r.Entries++
		check(entry, seq+1, prev, r)
		seq, prev = entry.Seq, entry.Hash
	}
	switch {
	case seq != e.seq:
		r.add(Problem{e.jurisdiction, seq + 1, fmt.Sprintf("missing, with all up to %d", e.seq)})
	case !bytes.Equal(prev, e.hash):
		r.add(Problem{e.jurisdiction, seq, "its hash is not the one in the head of the chain"})
	}
	return nil
}

// firstBefore is 0, or less where somebody has put in an entry with a sequence
// that no entry can have.
func (l *Ledger) firstBefore(ctx context.Context, jurisdiction string) (int64, error) {
	var first sql.NullInt64
	err := l.DB.QueryRowContext(ctx, `select min(seq) from ledger_entry where jurisdiction = $1`, jurisdiction).Scan(&first)
	return min(first.Int64-1, 0), err
}

// check compares an entry with what its place asks for.
func check(e Entry, seq int64, prev []byte, r *Report) {
	switch {
	case e.Seq != seq && e.Seq == seq+1:
		r.add(Problem{e.Jurisdiction, seq, "missing"})
	case e.Seq != seq:
		r.add(Problem{e.Jurisdiction, seq, fmt.Sprintf("missing, with all up to %d", e.Seq-1)})
	case !bytes.Equal(e.Prev, prev):
		r.add(Problem{e.Jurisdiction, e.Seq, "it does not follow the entry before it: one of the two was altered"})
	}
	if !bytes.Equal(e.Sum(), e.Hash) {
		r.add(Problem{e.Jurisdiction, e.Seq, "it was altered: its hash does not fit its content"})
	}
}
