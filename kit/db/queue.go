// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"hustings/kit/fault"
	"hustings/kit/who"
)

// queue lets many callers share one SQLite connection with group commit: those
// who wait are let in one after another, each inside its own savepoint, and
// one commit (one fsync) answers them all.
//
// The caller's own goroutine runs its function when its turn comes, so a panic
// or a test's FailNow stays the caller's. What one caller does to its
// savepoint does not touch the others; should the engine throw the whole batch
// away (disk full, a constraint that strikes at commit), the others run again,
// each alone.
type queue struct {
	db     *DB
	on     *writerConn
	heads  map[string]*head // where the chains end within the open batch
	in     chan *request
	done   chan struct{} // closed when the writer has ended
	mu     sync.RWMutex  // guards closed: no send on in after close
	closed bool
}

// A batch ends when nobody waits, and at the latest here, so that the first
// in it does not wait for ever.
const (
	maxBatch     = 256
	maxBatchTime = 20 * time.Millisecond
)

// errClosed is what a write gets after Close.
var errClosed = fault.New(fault.Unavailable, "The database is closed.")

func newQueue(d *DB, c *sql.Conn) *queue {
	q := &queue{db: d, on: &writerConn{Conn: c, kept: map[string]*sql.Stmt{}}, heads: map[string]*head{}, in: make(chan *request, maxBatch), done: make(chan struct{})}
	go q.serve()
	return q
}

// close lets the writes that are in the queue finish, and ends the writer.
func (q *queue) close() {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.in)
	}
	q.mu.Unlock()
	<-q.done
}

// request is one caller of write.
type request struct {
	ctx   context.Context
	fn    func(*Tx) error
	state atomic.Int32 // waiting, then either taken by the writer or left by the caller
	turn  chan struct{}
	back  chan result // what became of the turn
	done  chan error  // what became of the commit
	facts bool
}

const (
	waiting int32 = iota
	taken
	left
)

type result int

const (
	kept   result = iota // in its savepoint's place, waiting for the commit
	undone               // rolled back; the caller knows why
	lost                 // the engine has thrown the whole transaction away
)

func (q *queue) write(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{ctx: ctx, fn: fn, turn: make(chan struct{}), back: make(chan result, 1), done: make(chan error, 1)}
	if err := q.enter(ctx, r); err != nil {
		return err
	}
	gone := ctx.Done()
	for {
		select {
		case <-r.turn:
			if err := q.take(r); err != nil {
				return err
			}
		case err := <-r.done:
			return err
		case <-gone:
			if r.state.CompareAndSwap(waiting, left) {
				return ctx.Err()
			}
			gone = nil // the turn has come; how it ends counts
		}
	}
}

func (q *queue) enter(ctx context.Context, r *request) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		return errClosed
	}
	select {
	case q.in <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take is a caller's turn: it runs its function in a savepoint and hands the
// connection back. An error means that nothing was kept.
func (q *queue) take(r *request) (err error) {
	outcome := lost
	finished := false
	ctx := context.WithoutCancel(r.ctx)
	defer func() {
		if !finished { // the goroutine is ending (FailNow in a test)
			outcome = q.undo(ctx)
		}
		r.back <- outcome
	}()
	if _, err = q.on.ExecContext(ctx, `savepoint one`); err != nil {
		finished = true
		return err
	}
	tx := q.db.newTx(r.ctx, q.on)
	var heads map[string]*head
	if err = tx.run(r.fn); err == nil {
		heads, err = q.append(ctx, tx)
	}
	if err == nil {
		_, err = q.on.ExecContext(ctx, `release one`)
	}
	if err != nil {
		outcome, finished = q.undo(ctx), true
		return err
	}
	r.facts = len(tx.facts) > 0
	maps.Copy(q.heads, heads)
	outcome, finished = kept, true
	return nil
}

// undo rolls the savepoint back; if it is not there any more, the engine has
// rolled back everything.
func (q *queue) undo(ctx context.Context) result {
	if _, err := q.on.ExecContext(ctx, `rollback to one`); err != nil {
		return lost
	}
	if _, err := q.on.ExecContext(ctx, `release one`); err != nil {
		return lost
	}
	return undone
}

// append writes the facts behind their heads, and gives the heads' new places.
func (q *queue) append(ctx context.Context, tx *Tx) (map[string]*head, error) {
	heads := map[string]*head{}
	for _, j := range tx.jurisdictions() {
		h, err := q.head(ctx, j)
		if err != nil {
			return nil, err
		}
		heads[j] = h
	}
	for _, e := range tx.entries(heads, q.db.entryTime()) {
		if _, err := q.on.ExecContext(ctx, sqlAppend, e.args()...); err != nil {
			return nil, err
		}
	}
	return heads, nil
}

// head is a copy of where the chain ends, read once in a batch.
func (q *queue) head(ctx context.Context, jurisdiction string) (*head, error) {
	if h, ok := q.heads[jurisdiction]; ok {
		return &head{h.seq, h.hash}, nil
	}
	return readHead(ctx, q.on, jurisdiction, "")
}

// commit moves the heads and commits the batch.
func (q *queue) commit(ctx context.Context) error {
	for j, h := range q.heads {
		if _, err := q.on.ExecContext(ctx, sqlMoveHead, j, h.seq, h.hash); err != nil {
			return err
		}
	}
	_, err := q.on.ExecContext(ctx, `commit`)
	return err
}

// serve is the writer: one batch after another until the queue is closed.
func (q *queue) serve() {
	defer close(q.done)
	defer q.on.close()
	for first := range q.in {
		q.batch(first, q.more(time.Now()))
	}
}

// more gives those who wait, until the batch is full or old enough.
func (q *queue) more(start time.Time) func() *request {
	n := 1
	return func() *request {
		if n >= maxBatch || time.Since(start) > maxBatchTime {
			return nil
		}
		select {
		case r := <-q.in: // nil when the queue is closed
			n++
			return r
		default:
			return nil
		}
	}
}

func nobody() *request { return nil }

// batch runs first and those that next gives in one transaction.
func (q *queue) batch(first *request, next func() *request) {
	ctx := context.Background()
	var in []*request // those whose changes wait for the commit
	begun := false
	for r := first; r != nil; r = next() {
		if r.state.Load() != taken && !r.state.CompareAndSwap(waiting, taken) {
			continue
		}
		if !begun {
			if _, err := q.on.ExecContext(ctx, `begin immediate`); err != nil {
				r.done <- err
				return
			}
			begun = true
			clear(q.heads)
		}
		r.turn <- struct{}{}
		switch q.await(r) {
		case kept:
			in = append(in, r)
		case lost:
			q.rollback()
			q.again(in)
			return
		}
	}
	if !begun {
		return
	}
	if err := q.commit(ctx); err != nil {
		q.rollback()
		if len(in) == 1 {
			in[0].done <- err
			return
		}
		q.again(in)
		return
	}
	q.answer(in)
}

// longTurn is when a turn is so long that somebody should know. Everybody else
// waits meanwhile.
const longTurn = 10 * time.Second

// await waits for the end of a turn.
func (q *queue) await(r *request) result {
	late := time.AfterFunc(longTurn, func() {
		q.db.opts.Log.Warn("one write has held the database for long; does it wait for another Write, or for the network?",
			"seconds", int(longTurn.Seconds()), "actor", who.From(r.ctx).ID, "request", who.Request(r.ctx))
	})
	defer late.Stop()
	return <-r.back
}

// again runs each alone, after the batch they were in was thrown away.
func (q *queue) again(in []*request) {
	for _, r := range in {
		q.batch(r, nobody)
	}
}

func (q *queue) answer(in []*request) {
	facts := false
	for _, r := range in {
		facts = facts || r.facts
		r.done <- nil
	}
	if facts {
		q.db.wake.all()
	}
}

// rollback ends the transaction; that there is none left to end is fine.
func (q *queue) rollback() {
	if _, err := q.on.ExecContext(context.Background(), `rollback`); err != nil {
		q.db.opts.Log.Debug("rollback of a batch", "error", err)
	}
}

// writerConn is the writer's connection. It keeps the statements that it has
// prepared, which makes a write several times faster.
type writerConn struct {
	*sql.Conn
	kept map[string]*sql.Stmt
}

// maxKept bounds the statements that are kept. Rooms have a few hundred; a
// room that builds its texts anew each time must not fill the memory.
const maxKept = 1000

// ExecContext runs a kept statement.
func (c *writerConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.Conn.ExecContext(ctx, query, args...)
	}
	return s.ExecContext(ctx, args...)
}

// QueryRowContext runs a kept statement. QueryContext does not: its rows may
// still be open when the same text is asked again, and a SQLite statement has
// only one cursor.
func (c *writerConn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s, err := c.prepared(ctx, query); err == nil && s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return c.Conn.QueryRowContext(ctx, query, args...)
}

// prepared is the kept statement for query, or nil when it is not worth
// keeping: the table is full, or the text is a long one made for one use.
func (c *writerConn) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.kept[query]; ok {
		return s, nil
	}
	if len(c.kept) >= maxKept || len(query) > 4096 {
		return nil, nil
	}
	s, err := c.Conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.kept[query] = s
	return s, nil
}

func (c *writerConn) close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.Conn.Close())...)
}

// entryTime is the time that entries get: what the ledger's text can hold.
func (d *DB) entryTime() time.Time { return d.Now().Truncate(time.Microsecond) }
