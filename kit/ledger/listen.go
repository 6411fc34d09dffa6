// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"hustings/kit/db"
	"hustings/kit/who"
)

// Hear says who wants to hear what. Each entry comes at least once and in the
// order of its jurisdiction; after a crash some come again, so Do looks at the
// entry's ID, or does what may be done twice. A new listener hears everything
// from the beginning. Listeners share an entry's Data: read it only.
type Hear struct {
	Listener string   // a name that never changes: its place in the ledger hangs on it
	Names    []string // of the facts; all of them when empty
	Here     bool     // every node hears, from when it starts, and nothing is remembered: for open screens
	Do       func(ctx context.Context, e Entry) error
}

// Timing.
const (
	poll      = 500 * time.Millisecond // for commits of other processes
	firstWait = 100 * time.Millisecond // after an error; doubles
	lastWait  = time.Minute
	keepAfter = 2 * time.Second // how long a cursor that only skipped stays in memory
	batch     = 100             // entries between two moves of the cursor
)

// Run lets the listeners hear until ctx ends. Several nodes may run the same
// listeners: of each, one is at work at any time.
//
// An entry that a listener cannot take is never passed over: it is tried again
// and again, at longer and longer intervals, and nothing behind it in that
// jurisdiction is heard. Status shows it; Skip is the way out, in the open.
func (l *Ledger) Run(ctx context.Context, hears []Hear) error {
	if err := sane(hears); err != nil {
		return err
	}
	woken, stop := l.DB.Wake()
	defer stop()
	var all sync.WaitGroup
	defer all.Wait()
	latest := &news{}
	var workers []interface {
		run(context.Context)
		wake()
	}
	for _, h := range hears {
		ring, log := make(chan struct{}, 1), l.log().With("listener", h.Listener)
		if h.Here {
			workers = append(workers, &follower{Hear: h, ledger: l, ring: ring, log: log})
		} else {
			workers = append(workers, &worker{Hear: h, ledger: l, me: newHolder(), news: latest, ring: ring, log: log})
		}
	}
	for _, w := range workers {
		all.Go(func() { w.run(ctx) })
	}
	ticks := time.NewTicker(poll)
	defer ticks.Stop()
	for {
		if err := latest.refresh(ctx, l); err == nil {
			for _, w := range workers {
				w.wake()
			}
		} else if ctx.Err() == nil {
			l.log().Warn("the ledger cannot be read", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
		case <-ticks.C:
		}
	}
}

func sane(hears []Hear) error {
	seen := map[string]bool{}
	for _, h := range hears {
		if h.Listener == "" || h.Do == nil {
			return fmt.Errorf("ledger: a listener without a name or without anything to do: %q", h.Listener)
		}
		if seen[h.Listener] {
			return fmt.Errorf("ledger: two listeners are called %q", h.Listener)
		}
		seen[h.Listener] = true
	}
	return nil
}

func (l *Ledger) log() *slog.Logger {
	if l.Log != nil {
		return l.Log
	}
	return slog.Default()
}

// worker is one listener in this process. Its fields belong to its goroutine.
type worker struct {
	Hear
	ledger *Ledger
	me     string // what stands in the lease
	news   *news
	ring   chan struct{}
	log    *slog.Logger
	places map[string]*place
	lease
}

// place is how far the listener has come in one jurisdiction.
type place struct {
	seq    int64 // the last one it has heard or skipped as not for it
	stored int64 // what the cursor says
	moved  time.Time
	tries  int // of the next one
	retry  time.Time
}

func (w *worker) wake() {
	select {
	case w.ring <- struct{}{}:
	default:
	}
}

// run gets hold of the lease, works as long as it has it, and tries again.
func (w *worker) run(ctx context.Context) {
	for ctx.Err() == nil {
		ok, err := w.take(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			w.log.Warn("the lease cannot be taken", "error", err)
		case ok:
			w.work(ctx)
			continue
		}
		pause(ctx, 2*poll)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// work hears under the lease until it is lost or the house closes.
func (w *worker) work(ctx context.Context) {
	var held context.Context
	held, w.lose = context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { w.hold(held) })
	defer func() {
		w.save(context.WithoutCancel(ctx), true)
		w.lose()
		renewing.Wait()
		w.release(context.WithoutCancel(ctx))
	}()
	if err := w.load(held); err != nil {
		if ctx.Err() == nil {
			w.log.Warn("the cursors cannot be read", "error", err)
			pause(ctx, 2*poll)
		}
		return
	}
	for held.Err() == nil {
		w.round(held)
		select {
		case <-held.Done():
		case <-w.ring:
		case <-w.next():
		}
	}
}

// next fires when an entry is due for another try, or a cursor should be kept.
func (w *worker) next() <-chan time.Time {
	var soonest time.Duration
	for _, p := range w.places {
		due := keepAfter
		switch {
		case p.tries > 0:
			due = time.Until(p.retry)
		case p.seq == p.stored:
			continue
		}
		if soonest == 0 || due < soonest {
			soonest = max(due, time.Millisecond)
		}
	}
	if soonest == 0 {
		return nil
	}
	return time.After(soonest)
}

// round hears, in every jurisdiction in turn, until there is nothing new.
func (w *worker) round(ctx context.Context) {
	for again := true; again && ctx.Err() == nil; {
		again = false
		latest := w.news.latest.Load()
		if latest == nil {
			return
		}
		for j, now := range *latest {
			p := w.places[j]
			if p == nil {
				p = &place{stored: -1, moved: time.Now()} // no cursor yet
				w.places[j] = p
			}
			if p.seq >= now.last || time.Now().Before(p.retry) || ctx.Err() != nil {
				continue
			}
			more, err := w.hear(ctx, j, p, now)
			switch {
			case errors.Is(err, errFenced):
				w.lose()
			case err != nil && ctx.Err() == nil:
				w.stuck(ctx, j, p, err)
			}
			again = again || more && err == nil
		}
	}
	w.save(ctx, false)
}

// hear hears one batch in one jurisdiction. more says that there is another.
func (w *worker) hear(ctx context.Context, j string, p *place, now recent) (more bool, err error) {
	if p.tries > 0 {
		if err := w.reload(ctx, j, p); err != nil {
			return false, err
		}
	}
	list, upTo := []Entry(nil), now.last
	if fresh, ok := now.since(p.seq, w.Names); ok {
		list = fresh
	} else if list, err = w.fetch(ctx, j, p.seq, now.last); err != nil {
		return false, err
	} else if len(list) == batch {
		upTo, more = list[batch-1].Seq, true
	}
	heard := false
	for _, e := range list {
		if err = w.do(ctx, e); err != nil {
			err = fmt.Errorf("entry %d (%s): %w", e.Seq, e.Name, err)
			break
		}
		p.seq, p.tries, p.retry, heard = e.Seq, 0, time.Time{}, true
	}
	if err == nil {
		p.seq = max(p.seq, upTo)
	}
	if heard {
		if serr := w.store(context.WithoutCancel(ctx), j, p, ""); serr != nil {
			return false, errors.Join(err, serr)
		}
	}
	return more, err
}

// fetch reads what the listener wants to hear, behind after and up to last.
func (w *worker) fetch(ctx context.Context, j string, after, last int64) ([]Entry, error) {
	where := `jurisdiction = $1 and seq > $2 and seq <= $3`
	args := []any{j, after, last, batch}
	if len(w.Names) > 0 {
		marks := make([]string, len(w.Names))
		for i, name := range w.Names {
			args = append(args, name)
			marks[i] = fmt.Sprintf("$%d", len(args))
		}
		where += ` and name in (` + strings.Join(marks, ", ") + `)`
	}
	return query(ctx, w.ledger.DB, where+` order by seq limit $4`, args...)
}

// do lets the listener have one entry, as the house itself acting there.
func (w *worker) do(ctx context.Context, e Entry) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("a listener panicked", "entry", e.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.expired() {
		return errFenced // we were asleep; somebody else may be further already
	}
	ctx = who.With(ctx, who.System(w.Listener, e.Jurisdiction))
	return w.Do(who.WithRequest(ctx, e.ID), e)
}

// stuck notes that the next entry could not be taken, and when to try again.
func (w *worker) stuck(ctx context.Context, j string, p *place, err error) {
	p.tries++
	wait := firstWait << min(p.tries-1, 20)
	p.retry = time.Now().Add(min(wait, lastWait))
	w.log.Error("a listener is stuck", "jurisdiction", j, "after", p.seq, "tries", p.tries, "error", err)
	if serr := w.store(ctx, j, p, err.Error()); serr != nil && ctx.Err() == nil {
		w.log.Warn("the cursor cannot be stored", "error", serr)
	}
}

// save stores the cursors of places that only passed over what is not for
// them; not at every commit, or each would cause as many writes as there are
// listeners.
func (w *worker) save(ctx context.Context, now bool) {
	for j, p := range w.places {
		if p.seq == p.stored || p.tries > 0 || !now && time.Since(p.moved) < keepAfter {
			continue
		}
		if err := w.store(ctx, j, p, ""); err != nil {
			if !errors.Is(err, errFenced) && ctx.Err() == nil {
				w.log.Warn("the cursor cannot be stored", "error", err)
			}
			return
		}
	}
}

// maxError is how much of an error is kept for Status.
const maxError = 2000

// store moves the cursor, provided that the lease is still ours. It never
// moves back.
func (w *worker) store(ctx context.Context, j string, p *place, problem string) error {
	if len(problem) > maxError {
		problem = strings.ToValidUTF8(problem[:maxError], "")
	}
	problem = strings.ReplaceAll(problem, "\x00", "")
	err := w.ledger.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("how far a listener has heard is no news")
		if err := w.fenced(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			insert into ledger_cursor (jurisdiction, listener, seq, tries, error, at)
			values ($1, $2, $3, $4, $5, $6)
			on conflict (jurisdiction, listener) do update
			set seq = excluded.seq, tries = excluded.tries, error = excluded.error, at = excluded.at
			where ledger_cursor.seq <= excluded.seq`,
			j, w.Listener, p.seq, p.tries, problem, db.FormatTime(w.ledger.DB.Now()))
		return err
	})
	if err == nil {
		p.stored, p.moved = p.seq, time.Now()
	}
	return err
}

// reload looks whether somebody has lifted the listener over the entry that it
// is stuck on.
func (w *worker) reload(ctx context.Context, j string, p *place) error {
	var seq int64
	err := w.ledger.DB.QueryRowContext(ctx, `
		select seq from ledger_cursor where jurisdiction = $1 and listener = $2`, j, w.Listener).Scan(&seq)
	if err == nil && seq > p.seq {
		*p = place{seq: seq, stored: seq, moved: time.Now()}
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// load reads how far the listener has come.
func (w *worker) load(ctx context.Context) error {
	w.places = map[string]*place{}
	rows, err := w.ledger.DB.QueryContext(ctx, `select jurisdiction, seq from ledger_cursor where listener = $1`, w.Listener)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var j string
		var seq int64
		if err := rows.Scan(&j, &seq); err != nil {
			return err
		}
		w.places[j] = &place{seq: seq, stored: seq}
	}
	return rows.Err()
}
