// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
)

// Timing. A lease outlives a few missed renewals; a job whose node died is
// taken up by another after it.
const (
	leaseFor   = 15 * time.Second
	keepEvery  = time.Second
	finishFor  = 30 * time.Second
	poll       = time.Second
	firstPause = time.Second // before the second try; doubles
	lastPause  = time.Hour
	keepFor    = 90 * 24 * time.Hour // finished jobs; the ledger keeps the rest
	clearEvery = time.Hour
)

func (k Kind) tries() int {
	if k.Tries == 0 {
		return 5
	}
	return k.Tries
}

// Run does jobs of these kinds until ctx ends. Then those under way have their
// contexts cancelled and are queued again.
func (j *Jobs) Run(ctx context.Context, kinds []Kind, repeats []Repeat) error {
	r := &runner{Jobs: j, kinds: map[string]Kind{}, due: map[Repeat]time.Time{}}
	for _, k := range kinds {
		if _, twice := r.kinds[k.Name]; twice || k.Name == "" || k.Do == nil {
			return fmt.Errorf("job: a kind of work that is there twice, has no name or nothing to do: %q", k.Name)
		}
		r.kinds[k.Name] = k
	}
	for _, p := range repeats {
		if _, ok := r.kinds[p.Kind]; !ok || p.Every <= 0 || p.Jurisdiction == "" {
			return fmt.Errorf("job: cannot repeat %q in %q every %v", p.Kind, p.Jurisdiction, p.Every)
		}
	}
	workers := j.Workers
	if workers == 0 {
		workers = 2
	}
	r.ring = make(chan struct{}, workers)
	var all sync.WaitGroup
	defer all.Wait()
	for range workers {
		all.Go(func() { r.work(ctx) })
	}
	r.dispatch(ctx, repeats)
	return nil
}

// runner is one Run.
type runner struct {
	*Jobs
	kinds   map[string]Kind
	ring    chan struct{} // wakes workers
	due     map[Repeat]time.Time
	cleared time.Time
}

// dispatch wakes the workers when something may be due.
func (r *runner) dispatch(ctx context.Context, repeats []Repeat) {
	woken, stop := r.DB.Wake()
	defer stop()
	ticks := time.NewTicker(poll)
	defer ticks.Stop()
	for {
		for _, p := range repeats {
			if err := r.repeat(ctx, p); err != nil && ctx.Err() == nil {
				r.log().Error("work that repeats could not be queued", "kind", p.Kind, "error", err)
			}
		}
		r.clear(ctx)
		for range cap(r.ring) {
			select {
			case r.ring <- struct{}{}:
			default:
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-ticks.C:
		}
	}
}

// repeat queues work whose time has come. Of several nodes, the one that moves
// the time queues it.
func (r *runner) repeat(ctx context.Context, p Repeat) error {
	now := r.DB.Now()
	if now.Before(r.due[p]) {
		return nil
	}
	ctx = who.With(ctx, who.System(p.Kind, p.Jurisdiction))
	next := now.Add(p.Every)
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("no news when another node was quicker; otherwise Enqueue tells")
		res, err := tx.ExecContext(ctx, `
			insert into job_repeat (jurisdiction, kind, next_at) values ($1, $2, $3)
			on conflict (jurisdiction, kind) do update set next_at = excluded.next_at
			where job_repeat.next_at <= $4`, p.Jurisdiction, p.Kind, next, now)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, tx.QueryRowContext(ctx, `
				select next_at from job_repeat where jurisdiction = $1 and kind = $2`, p.Jurisdiction, p.Kind).Scan(&next))
		}
		_, err = Enqueue(ctx, tx, Order{Kind: p.Kind, Key: "repeat"})
		return err
	})
	if err == nil {
		r.due[p] = next
	}
	return err
}

// clear throws away jobs that finished long ago.
func (r *runner) clear(ctx context.Context) {
	if time.Since(r.cleared) < clearEvery {
		return
	}
	r.cleared = time.Now()
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("what became of the jobs is in the ledger")
		_, err := tx.ExecContext(ctx, `delete from job_job where finished_at < $1`, r.DB.Now().Add(-keepFor))
		return err
	})
	if err != nil && ctx.Err() == nil {
		r.log().Warn("old jobs could not be cleared away", "error", err)
	}
}

// work takes up one job after another.
func (r *runner) work(ctx context.Context) {
	for ctx.Err() == nil {
		w, err := r.take(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			r.log().Warn("no job could be taken up", "error", err)
		case w != nil:
			r.one(ctx, w)
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.ring:
		}
	}
}

// one does one job and writes down how it ended.
func (r *runner) one(ctx context.Context, w *Work) {
	k := r.kinds[w.kind]
	log := r.log().With("job", w.id, "kind", w.kind)
	inside, end := context.WithCancelCause(ctx)
	kept, release := context.WithCancel(context.WithoutCancel(ctx))
	var keeping sync.WaitGroup
	keeping.Go(func() { w.keep(kept, r.Jobs, end) })
	err := w.do(inside, k)
	if cause := context.Cause(inside); err != nil && (cause == errStopped || cause == errTaken) {
		err = cause
	}
	end(nil)
	release()
	keeping.Wait()
	if errors.Is(err, errTaken) {
		log.Warn("another node has taken this job up")
		return
	}
	if err != nil {
		log.Warn("a job did not get done", "try", w.tries, "error", err)
	}
	if err := w.finish(ctx, r.Jobs, k, err, ctx.Err() != nil); err != nil {
		log.Error("how a job ended could not be written down; it will run again", "error", err)
	}
}

// take takes up the job that has waited longest, or gives nil.
func (r *runner) take(ctx context.Context) (*Work, error) {
	if len(r.kinds) == 0 {
		return nil, nil
	}
	for {
		var one bool
		now := db.FormatTime(time.Now()) // near enough for a look; take asks the database
		query, args := r.dueQuery(`select count(*) > 0`, r.DB.Now(), now)
		if err := r.DB.QueryRowContext(ctx, query, args...).Scan(&one); err != nil || !one {
			return nil, err
		}
		w, err := r.takeOne(ctx)
		if !errors.Is(err, errQuicker) {
			return w, err
		}
	}
}

// errQuicker says that another worker took a job between our look and our grip.
var errQuicker = fault.New(fault.Conflict, "another worker was quicker")

// dueQuery selects jobs of our kinds that wait for nothing, or whose worker
// has not been heard of for too long.
func (r *runner) dueQuery(what string, house time.Time, now string) (string, []any) {
	args := []any{house, now}
	var marks []string
	for name := range r.kinds {
		args = append(args, name)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	return what + ` from job_job
		where (state = 'queued' and run_at <= $1 or state = 'running' and expires < $2)
			and kind in (` + strings.Join(marks, ", ") + `)`, args
}

func (r *runner) takeOne(ctx context.Context) (w *Work, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("who works on a job is no news")
		w = &Work{}
		now, err := tx.Clock(ctx)
		if err != nil {
			return err
		}
		query, args := r.dueQuery(`select jurisdiction, id, kind, actor, args, tries, fence, cancel`, tx.Now(), db.FormatTime(now))
		var stop bool
		err = tx.QueryRowContext(ctx, query+` order by run_at, id limit 1`, args...).
			Scan(&w.jurisdiction, &w.id, &w.kind, &w.actor, &w.args, &w.tries, &w.fence, &stop)
		if errors.Is(err, sql.ErrNoRows) {
			w = nil
			return nil
		}
		if err != nil {
			return err
		}
		return r.grip(ctx, tx, w, now, stop)
	})
	if err == nil && w != nil && w.fence == 0 {
		return nil, errQuicker // it was over already; look for another
	}
	return w, err
}

// grip makes the job ours. One that broke off too often, or was stopped before
// it broke off, is over instead.
func (r *runner) grip(ctx context.Context, tx *db.Tx, w *Work, now time.Time, stop bool) error {
	broken := w.tries >= r.kinds[w.kind].tries()
	state := Running
	switch {
	case stop:
		state = Cancelled
	case broken:
		state = Failed
	}
	problem, finished := "", (*time.Time)(nil)
	if state != Running {
		at := tx.Now()
		problem, finished = fmt.Sprintf("it broke off %d times without an answer", w.tries), &at
	} else {
		w.tries++
	}
	res, err := tx.ExecContext(ctx, `
		update job_job set state = $4, fence = fence + 1, expires = $5, tries = $6, error = $7,
			started_at = coalesce(started_at, $8), finished_at = $9
		where jurisdiction = $1 and id = $2 and fence = $3`,
		w.jurisdiction, w.id, w.fence, string(state), db.FormatTime(now.Add(leaseFor)), w.tries, problem, tx.Now(), finished)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errQuicker, err)
	}
	w.fence++
	if state != Running {
		w.fence = 0
		tx.Record(ended{Finished{ID: w.id, Kind: w.kind, State: state, Tries: w.tries}, w.jurisdiction})
	}
	return nil
}

// ended is Finished, told where the job belongs by a worker of no jurisdiction.
type ended struct {
	Finished
	in string
}

// Jurisdiction is the job's.
func (e ended) Jurisdiction() string { return e.in }
