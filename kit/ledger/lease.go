// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"hustings/kit/db"
)

// A lease outlives a few missed renewals; another node takes over after it at
// the latest.
const (
	leaseFor = 15 * time.Second
	renew    = 4 * time.Second
)

// errFenced stops a worker whose lease has gone to another.
var errFenced = errors.New("another node has taken over")

// lease is a worker's right to work for its listener.
type lease struct {
	fence int64        // grows with every taker
	since atomic.Int64 // when we last knew that it was ours, in nanoseconds since born
	lose  func()       // ends the work under it
}

// born is where a process counts from; unlike the wall clock, time since then
// does not jump.
var born = time.Now()

func (l *lease) held(since time.Time) { l.since.Store(int64(since.Sub(born))) }

// expired reports whether another node may have taken over by now.
func (l *lease) expired() bool { return time.Since(born)-time.Duration(l.since.Load()) > leaseFor }

// fenced fails when somebody else has taken the lease since we did. Touching
// the row makes a taker on PostgreSQL wait until our cursor has moved.
func (w *worker) fenced(ctx context.Context, tx *db.Tx) error {
	res, err := tx.ExecContext(ctx, `
		update ledger_lease set fence = fence where listener = $1 and holder = $2 and fence = $3`,
		w.Listener, w.me, w.fence)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errFenced, err)
	}
	return nil
}

// take takes the lease if it is free. The time is the database's own, so that
// nodes need not agree on theirs and a rehearsal's clock plays no part.
func (w *worker) take(ctx context.Context) (ok bool, err error) {
	start := time.Now()
	err = w.ledger.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("who works for a listener is no news")
		now, err := tx.Clock(ctx)
		if err != nil {
			return err
		}
		dead, err := w.holder(ctx, tx)
		if err != nil {
			return err
		}
		if !gone(dead) {
			dead = ""
		}
		err = tx.QueryRowContext(ctx, `
			insert into ledger_lease (listener, holder, fence, expires) values ($1, $2, 1, $3)
			on conflict (listener) do update
			set holder = excluded.holder, fence = ledger_lease.fence + 1, expires = excluded.expires
			where ledger_lease.expires < $4 or ledger_lease.holder = $5
			returning fence`,
			w.Listener, w.me, db.FormatTime(now.Add(leaseFor)), db.FormatTime(now), dead).Scan(&w.fence)
		ok = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil || !ok {
		return false, err
	}
	w.held(start)
	return true, nil
}

// holder is who holds the lease, or held it last; empty where nobody ever has.
func (w *worker) holder(ctx context.Context, tx *db.Tx) (name string, err error) {
	err = tx.QueryRowContext(ctx, `select holder from ledger_lease where listener = $1`, w.Listener).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// hold renews the lease in good time, and lets go when it is lost.
func (w *worker) hold(ctx context.Context) {
	for {
		pause(ctx, renew)
		if ctx.Err() != nil {
			return
		}
		start := time.Now()
		err := w.extend(ctx, leaseFor)
		switch {
		case err == nil:
			w.held(start)
		case errors.Is(err, errFenced), w.expired():
			w.log.Warn("the lease is lost", "error", err)
			w.lose()
			return
		}
	}
}

func (w *worker) extend(ctx context.Context, by time.Duration) error {
	return w.ledger.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("who works for a listener is no news")
		now, err := tx.Clock(ctx)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `
			update ledger_lease set expires = $4 where listener = $1 and holder = $2 and fence = $3`,
			w.Listener, w.me, w.fence, db.FormatTime(now.Add(by)))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(errFenced, err)
		}
		return nil
	})
}

// release gives the lease back at once, so that another node need not wait.
func (w *worker) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := w.extend(ctx, -time.Second); err != nil && !errors.Is(err, errFenced) {
		w.log.Warn("the lease cannot be given back", "error", err)
	}
}
