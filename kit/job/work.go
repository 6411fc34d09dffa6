// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
)

// Work is what a job's function has to do with.
type Work struct {
	jurisdiction, id, kind string
	actor                  string // who queued it
	args                   []byte
	tries                  int // this one included
	fence                  int64

	mu          sync.Mutex // guards what follows
	done, total int64
	message     string
	result      []byte
}

// ID is the job's own id.
func (w *Work) ID() string { return w.id }

// Try is which try this is, counted from 1.
func (w *Work) Try() int { return w.tries }

// Args reads what the order came with.
func (w *Work) Args(v any) error {
	if err := json.Unmarshal(w.args, v); err != nil {
		return fault.Wrap(fault.Invalid, err, "the job's arguments cannot be read")
	}
	return nil
}

// Progress says how far the work is. It costs next to nothing: what is said is
// written down about once a second.
func (w *Work) Progress(done, total int64, message string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done, w.total, w.message = done, total, message
}

// maxResult is the largest result that is kept. What is larger belongs into
// kit/blob, with its key here.
const maxResult = 1 << 20

// Result keeps v, as JSON, for whoever looks at the job when it is done.
func (w *Work) Result(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(b) > maxResult {
		return fault.New(fault.TooLarge, "a job's result of %d bytes is more than %d", len(b), maxResult)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result = b
	return nil
}

// errStopped is why a job's context ends when somebody stopped it; errTaken,
// when another node has taken it up.
var (
	errStopped = errors.New("somebody stopped this job")
	errTaken   = errors.New("another node has taken this job up")
)

// do runs the function, as the house acting on behalf of who queued the job.
func (w *Work) do(ctx context.Context, k Kind) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	me := who.System(k.Name, w.jurisdiction)
	me.OnBehalf = w.actor
	return k.Do(who.WithRequest(who.With(ctx, me), w.id), w)
}

// keep holds the lease and writes progress down until ctx ends. It ends the
// work when it was stopped, or when the lease has gone to another.
func (w *Work) keep(ctx context.Context, j *Jobs, end context.CancelCauseFunc) {
	ticks := time.NewTicker(keepEvery)
	defer ticks.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		stop, err := w.renew(ctx, j)
		switch {
		case errors.Is(err, errTaken), err != nil && time.Since(last) > leaseFor-keepEvery:
			end(errTaken)
		case stop:
			end(errStopped)
		case err == nil:
			last = time.Now()
		}
	}
}

// renew renews the lease, and says whether somebody wants the job stopped.
func (w *Work) renew(ctx context.Context, j *Jobs) (stop bool, err error) {
	w.mu.Lock()
	done, total, message := w.done, w.total, w.message
	w.mu.Unlock()
	err = j.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("how far a job is, is no news")
		now, err := tx.Clock(ctx)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `
			update job_job set expires = $4, done = $5, total = $6, message = $7
			where jurisdiction = $1 and id = $2 and fence = $3 and state = 'running'`,
			w.jurisdiction, w.id, w.fence, db.FormatTime(now.Add(leaseFor)), done, total, clean(message))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(errTaken, err)
		}
		return tx.QueryRowContext(ctx, `select cancel from job_job where jurisdiction = $1 and id = $2`, w.jurisdiction, w.id).Scan(&stop)
	})
	return stop && err == nil, err
}

// lasting reports whether the same work would fail the same way again.
func lasting(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Denied, fault.NotFound, fault.TooLarge, fault.Gone:
		return true
	}
	return false
}

// finish writes down how the work ended: done, stopped, given up, to be tried
// again, or interrupted because the house closes.
func (w *Work) finish(ctx context.Context, j *Jobs, k Kind, werr error, closing bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishFor)
	defer cancel()
	state, after := Done, time.Duration(0)
	switch {
	case werr == nil:
	case errors.Is(werr, errStopped):
		state = Cancelled
	case closing:
		state = Waiting
	case lasting(werr), w.tries >= k.tries():
		state = Failed
	default:
		state, after = Waiting, min(firstPause<<min(w.tries-1, 20), lastPause)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	ctx = who.With(ctx, who.System(k.Name, w.jurisdiction))
	return j.DB.Write(ctx, func(tx *db.Tx) error { return w.end(ctx, tx, state, after, werr, closing) })
}

func (w *Work) end(ctx context.Context, tx *db.Tx, state State, after time.Duration, werr error, closing bool) error {
	problem, tries := "", w.tries
	if werr != nil {
		problem = clean(werr.Error())
	}
	if closing && state == Waiting {
		tries-- // this one does not count
	}
	var finished *time.Time
	now := tx.Now()
	if state != Waiting {
		finished = &now
		tx.Record(Finished{ID: w.id, Kind: w.kind, State: state, Tries: tries})
	} else {
		tx.Silently("it will be tried again")
	}
	res, err := tx.ExecContext(ctx, `
		update job_job set state = $4, run_at = $5, finished_at = $6, tries = $7,
			done = $8, total = $9, message = $10, result = $11, error = $12, expires = '', fence = fence + 1
		where jurisdiction = $1 and id = $2 and fence = $3 and state = 'running'`,
		w.jurisdiction, w.id, w.fence, string(state), now.Add(after), finished, tries,
		w.done, w.total, clean(w.message), string(w.result), problem)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errTaken, err)
	}
	return nil
}

// maxText is how much of a message or an error is kept.
const maxText = 4000

// clean makes s fit for a text column.
func clean(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
