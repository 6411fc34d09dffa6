// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"runtime"
	"strconv"

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

// Add adds a problem, or counts it where the list is full.
func (r *Report) Add(p Problem) {
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
func (l *Ledger) Verify(ctx context.Context) (Report, error) { return l.VerifyAnd(ctx, nil) }

// end is where a chain should end.
type end struct {
	jurisdiction string
	seq          int64
	hash         []byte
	last         int64 // the last entry that is there and covered; a forged head must not make us look for ever
}

// ends reads the heads, and in the same snapshot looks for entries that no
// head covers.
func (l *Ledger) ends(ctx context.Context, r *Report) (list []end, err error) {
	err = l.DB.Read(ctx, func(q db.Reader) error {
		if list, err = readEnds(ctx, q); err != nil {
			return err
		}
		return covers(ctx, q, list, r)
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

// covers finds the last entry of each chain, and reports chains without a head
// and entries behind theirs.
func covers(ctx context.Context, q db.Reader, heads []end, r *Report) error {
	covered := map[string]*end{}
	for i := range heads {
		covered[heads[i].jurisdiction] = &heads[i]
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
		e := covered[j]
		if e == nil {
			r.Add(Problem{j, 0, "there are entries, but the head of the chain is missing"})
			continue
		}
		if last > e.seq {
			r.Add(Problem{j, last, fmt.Sprintf("the head of the chain says that %d is the last", e.seq)})
		}
		e.last = max(0, min(last, e.seq))
	}
	return rows.Err()
}

// Run is a part of one chain: the entries behind From, up to To.
type Run struct {
	Jurisdiction string
	From, To     int64
	Links        []Link // those that are there, in order
}

// runLength is how many entries one worker checks at a time.
const runLength = 8192

// VerifyAnd is Verify, and also asks about every run of entries that it has
// read; also may be nil. Several runs are read at the same time.
func (l *Ledger) VerifyAnd(ctx context.Context, also func(ctx context.Context, run Run) ([]Problem, error)) (Report, error) {
	var r Report
	ends, err := l.ends(ctx, &r)
	if err != nil {
		return r, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for c := range l.check(ctx, ends, also) {
		done := <-c
		if done.err != nil {
			return r, fmt.Errorf("verify %s: %w", done.run.Jurisdiction, done.err)
		}
		r.Entries += done.entries
		for _, p := range done.problems {
			r.Add(p)
		}
	}
	r.Jurisdictions = len(ends)
	return r, ctx.Err()
}

// checked is what one worker found in one run.
type checked struct {
	run      Run
	entries  int64
	problems []Problem
	err      error
}

// check hands the runs of all chains to workers, and their findings out in
// order.
func (l *Ledger) check(ctx context.Context, ends []end, also func(context.Context, Run) ([]Problem, error)) <-chan chan checked {
	workers := max(2, runtime.GOMAXPROCS(0))
	order := make(chan chan checked, 2*workers)
	free := make(chan struct{}, workers)
	go func() {
		defer close(order)
		for _, e := range ends {
			for from := int64(0); from < e.last || from == 0; from += runLength {
				c := make(chan checked, 1)
				select {
				case order <- c:
				case <-ctx.Done():
					return
				}
				free <- struct{}{}
				go func() {
					defer func() { <-free }()
					c <- l.checkRun(ctx, Run{Jurisdiction: e.jurisdiction, From: from, To: min(from+runLength, e.last)}, e, also)
				}()
			}
		}
	}()
	return order
}

// checkRun reads one run and checks it.
func (l *Ledger) checkRun(ctx context.Context, run Run, e end, also func(context.Context, Run) ([]Problem, error)) (c checked) {
	c.run = run
	if err := l.readRun(ctx, &c, e); err != nil {
		c.err = err
		return c
	}
	if also != nil {
		more, err := also(ctx, c.run)
		c.problems, c.err = append(c.problems, more...), err
	}
	return c
}

// readRun goes through the entries of a run. It reads the one before as well,
// to see that the run follows it.
func (l *Ledger) readRun(ctx context.Context, c *checked, e end) error {
	before, prev := c.run.From-1, []byte(nil)
	if c.run.From == 0 {
		var err error
		if before, err = l.firstBefore(ctx, e.jurisdiction); err != nil {
			return err
		}
		prev = make([]byte, sha256.Size)
	}
	rows, err := l.DB.QueryContext(ctx, `select `+columns+` from ledger_entry
		where jurisdiction = $1 and seq > $2 and seq <= $3 order by seq`, e.jurisdiction, before, c.run.To)
	if err != nil {
		return err
	}
	defer rows.Close()
	w := walk{checked: c, seq: c.run.From, prev: prev}
	if err := w.all(rows); err != nil {
		return err
	}
	switch {
	case c.run.To == e.last && w.seq < e.seq:
		c.add(w.seq+1, fmt.Sprintf("missing, with all up to %d", e.seq))
	case w.seq != c.run.To:
		w.gap(c.run.To + 1)
	case c.run.To == e.seq && !bytes.Equal(w.prev, e.hash):
		c.add(w.seq, "its hash is not the one in the head of the chain")
	}
	return nil
}

func (c *checked) add(seq int64, what string) {
	c.problems = append(c.problems, Problem{c.run.Jurisdiction, seq, what})
}

// walk goes from entry to entry.
type walk struct {
	*checked
	seq  int64  // of the entry before
	prev []byte // its hash; nil when it is not there
	buf  []byte
}

// fields are the columns that are hashed, in their order; the hash itself
// comes behind them.
const fields = 12

// all checks entry by entry, on the bytes as they stand.
func (w *walk) all(rows *sql.Rows) error {
	raw := make([]sql.RawBytes, fields+1)
	into := make([]any, len(raw))
	hashed := make([][]byte, fields)
	for i := range raw {
		into[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		seq, err := strconv.ParseInt(string(raw[1]), 10, 64)
		if err != nil {
			return err
		}
		hash := raw[fields]
		if seq == w.run.From && seq > 0 {
			w.prev = append(w.prev[:0], hash...)
			continue
		}
		for i := range hashed {
			hashed[i] = raw[i]
		}
		w.entries++
		w.one(seq, hashed, hash)
	}
	return rows.Err()
}

// one compares an entry with what its place asks for.
func (w *walk) one(seq int64, hashed [][]byte, hash []byte) {
	switch prev := hashed[fields-1]; {
	case seq != w.seq+1:
		w.gap(seq)
	case w.prev != nil && !bytes.Equal(prev, w.prev):
		w.add(seq, "it does not follow the entry before it: one of the two was altered")
	}
	var sum [sha256.Size]byte
	if sum, w.buf = db.SumRaw(w.buf, hashed); !bytes.Equal(sum[:], hash) {
		w.add(seq, "it was altered: its hash does not fit its content")
	}
	w.seq, w.prev = seq, append(w.prev[:0], hash...)
	if len(hash) == sha256.Size {
		w.run.Links = append(w.run.Links, Link{seq, [sha256.Size]byte(hash)})
	}
}

// gap says which entries before seq are missing.
func (w *walk) gap(seq int64) {
	if seq == w.seq+2 {
		w.add(w.seq+1, "missing")
		return
	}
	w.add(w.seq+1, fmt.Sprintf("missing, with all up to %d", seq-1))
}

// firstBefore is 0, or less where somebody has put in an entry with a sequence
// that no entry can have.
func (l *Ledger) firstBefore(ctx context.Context, jurisdiction string) (int64, error) {
	var first sql.NullInt64
	err := l.DB.QueryRowContext(ctx, `select min(seq) from ledger_entry where jurisdiction = $1`, jurisdiction).Scan(&first)
	return min(first.Int64-1, 0), err
}
