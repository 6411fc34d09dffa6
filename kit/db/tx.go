// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/who"
)

// Tx is one write under way. It belongs to one goroutine and ends with the
// function that Write gave it to.
type Tx struct {
	ctx     context.Context // of the caller of Write: who acts, in which request
	db      *DB
	on      conn
	facts   []fact
	bad     error  // why a fact could not be taken down
	changed string // the first statement that changed rows
	silent  string // why there is no fact
	failed  error  // why the transaction is lost
	over    bool
}

func (d *DB) newTx(ctx context.Context, on conn) *Tx {
	return &Tx{ctx: ctx, db: d, on: on}
}

// run lets fn write and takes its facts down, up to the point where only the
// commit is missing. A panic in fn becomes an error.
func (tx *Tx) run(fn func(*Tx) error) (err error) {
	defer func() {
		tx.over = true
		if p := recover(); p != nil {
			err = fault.Wrap(fault.Internal, fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack()), "a write broke off")
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.settle()
}

// settle looks at what fn left behind.
func (tx *Tx) settle() error {
	switch {
	case tx.failed != nil:
		return fmt.Errorf("a statement failed and the write went on: %w", tx.failed)
	case tx.bad != nil:
		return tx.bad
	case tx.db.opts.Strict && tx.changed != "" && len(tx.facts) == 0 && tx.silent == "":
		return fault.New(fault.Internal, "rows changed and no fact was recorded; call Record, or Silently with a reason: %s", tx.changed)
	}
	return nil
}

// Silently says why this write needs no fact: it moves a cursor, say, or
// throws away what has expired.
func (tx *Tx) Silently(why string) { tx.silent = why }

// Hold makes everyone who holds the same name in the same jurisdiction wait
// until this write is over. Take it before reading what a decision rests on
// when the write itself does not change those rows. On SQLite writes wait for
// each other anyway.
func (tx *Tx) Hold(ctx context.Context, name string) error {
	if err := tx.usable(ctx); err != nil {
		return err
	}
	if err := tx.db.engine.hold(ctx, tx, who.From(tx.ctx).Jurisdiction+"\x1f"+name); err != nil {
		return tx.fail(err)
	}
	return nil
}

// Now is the house's clock in UTC.
func (tx *Tx) Now() time.Time { return tx.db.Now() }

// Clock is the database's own time, the same for all nodes: for leases, which
// must neither depend on each node's clock nor follow a rehearsal's. Everything
// else goes by Now.
func (tx *Tx) Clock(ctx context.Context) (time.Time, error) {
	if err := tx.usable(ctx); err != nil {
		return time.Time{}, err
	}
	now, err := tx.db.engine.clock(ctx, tx)
	if err != nil {
		return now, tx.fail(err)
	}
	return now, nil
}

// ExecContext runs a statement.
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := tx.usable(ctx); err != nil {
		return nil, err
	}
	res, err := tx.on.ExecContext(tx.shield(ctx), query, bind(tx.db.engine, args)...)
	if err != nil {
		return nil, tx.fail(err)
	}
	if tx.db.opts.Strict {
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			tx.noteChange(query)
		}
	}
	return res, nil
}

// QueryContext runs a query, or a statement with returning.
func (tx *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := tx.usable(ctx); err != nil {
		return nil, err
	}
	rows, err := tx.on.QueryContext(tx.shield(ctx), query, bind(tx.db.engine, args)...)
	if err != nil {
		return nil, tx.fail(err)
	}
	tx.noteChange(query)
	return rows, nil
}

// QueryRowContext runs a query for one row, or a statement with returning.
func (tx *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *Row {
	if err := tx.usable(ctx); err != nil {
		return &Row{err: err}
	}
	row := tx.on.QueryRowContext(tx.shield(ctx), query, bind(tx.db.engine, args)...)
	if err := row.Err(); err != nil {
		return &Row{err: tx.fail(err)}
	}
	tx.noteChange(query)
	return &Row{row: row, engine: tx.db.engine, tx: tx}
}

// shield keeps a caller's cancellation out of a running statement on SQLite:
// interrupting one there would throw away the whole batch, other people's
// writes included. Between statements usable looks.
func (tx *Tx) shield(ctx context.Context) context.Context {
	if tx.db.Engine() == "sqlite" {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// usable says whether another statement may run.
func (tx *Tx) usable(ctx context.Context) error {
	switch {
	case tx.over:
		return fault.New(fault.Internal, "this Tx is over; it was used outside of its Write")
	case tx.failed != nil:
		return tx.failed
	case ctx.Err() != nil:
		return tx.fail(ctx.Err())
	case tx.ctx.Err() != nil:
		return tx.fail(tx.ctx.Err())
	}
	return nil
}

// fail remembers the first failure: from here on the transaction is lost.
func (tx *Tx) fail(err error) error {
	err = tx.db.engine.classify(err)
	if tx.failed == nil {
		tx.failed = err
	}
	return err
}

var changing = regexp.MustCompile(`(?is)^\s*(?:--[^\n]*\n\s*)*(?:(?:insert|update|delete|replace)\b|with\b.*\b(?:insert\s+into|update|delete\s+from)\b)`)

// noteChange remembers a statement that may have changed rows.
func (tx *Tx) noteChange(query string) {
	if tx.db.opts.Strict && tx.changed == "" && changing.MatchString(query) {
		tx.changed = strings.Join(strings.Fields(query), " ")
	}
}
