// SPDX-License-Identifier: Apache-2.0

// Package job does work that takes longer than a request: it is queued in the
// same transaction as the change that asks for it, survives a restart, is
// tried again when it fails, can be watched and can be stopped.
//
//	queued -> running -> done | failed | cancelled
//	             |
//	             +-> queued   to be tried again, or because the house closes
//
// A job may run twice when a node dies in the middle of it, so its work must
// bear that. Enqueue, Finished and Stopped are told to the ledger; progress is
// not.
//
// Tables: job_job, job_repeat
// Tells:  job.queued.v1, job.finished.v1, job.stopped.v1
package job

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Source is the tables that jobs need.
func Source() db.Source { return db.Source{Room: "job", FS: migrations} }

// Kind is one kind of work.
type Kind struct {
	Name  string // with its room in front: "results.export"
	Do    func(ctx context.Context, w *Work) error
	Tries int // how often in all; 5 when 0
}

// Repeat has work done again and again in one jurisdiction. What was missed
// while the house was closed is not made up for, and a job that is still at
// work when the next is due has no other beside it.
type Repeat struct {
	Kind         string
	Jurisdiction string
	Every        time.Duration
}

// State is how far a job is.
type State string

// The states of a job.
const (
	Waiting   State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Job is one piece of work, as a screen shows it.
type Job struct {
	Jurisdiction string
	ID           string
	Kind         string
	Key          string
	State        State
	Stopping     bool   // somebody has asked for it to stop
	Actor        string // who queued it
	QueuedAt     time.Time
	RunAt        time.Time // not before this
	StartedAt    time.Time // zero before
	FinishedAt   time.Time // zero before
	Tries        int
	Done, Total  int64  // progress; Total is 0 while it is not known
	Message      string // progress in words
	Result       json.RawMessage
	Error        string // for the operator
}

// Order asks for a job.
type Order struct {
	Kind      string
	Args      any       // what Work.Args gives back, by way of JSON
	Key       string    // with a key, an unfinished job of the same kind and key is enough
	NotBefore time.Time // by the house's clock; at once when zero
}

// Queued tells that work was asked for.
type Queued struct{ ID, Kind, Key string }

// Name is the fact's name on the wire.
func (Queued) Name() string { return "job.queued.v1" }

// Subject is the job.
func (q Queued) Subject() string { return q.ID }

// Finished tells how work ended.
type Finished struct {
	ID, Kind string
	State    State
	Tries    int
}

// Name is the fact's name on the wire.
func (Finished) Name() string { return "job.finished.v1" }

// Subject is the job.
func (f Finished) Subject() string { return f.ID }

// Stopped tells that somebody asked for work to stop.
type Stopped struct{ ID, Kind string }

// Name is the fact's name on the wire.
func (Stopped) Name() string { return "job.stopped.v1" }

// Subject is the job.
func (s Stopped) Subject() string { return s.ID }

// Enqueue queues a job in the jurisdiction of the person who acts, to be run
// once tx is in. It gives the job's id; with a key that is taken, the id of
// the unfinished job that has it.
func Enqueue(ctx context.Context, tx *db.Tx, o Order) (string, error) {
	args, err := json.Marshal(o.Args)
	if err != nil {
		return "", fmt.Errorf("job %s: its arguments: %w", o.Kind, err)
	}
	now := tx.Now()
	if o.NotBefore.Before(now) {
		o.NotBefore = now
	}
	me, one := who.From(ctx), id.New()
	if me.Jurisdiction == "" {
		return "", fault.New(fault.Internal, "job %s: nobody's jurisdiction to run it in", o.Kind)
	}
	res, err := tx.ExecContext(ctx, `
		insert into job_job (jurisdiction, id, kind, key, args, state, actor, request, queued_at, run_at)
		values ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $9)
		on conflict (jurisdiction, kind, key) where key <> '' and state in ('queued', 'running') do nothing`,
		me.Jurisdiction, one, o.Kind, o.Key, string(args), me.ID, who.Request(ctx), now, o.NotBefore)
	if err != nil {
		return "", err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return unfinished(ctx, tx, me.Jurisdiction, o, err)
	}
	tx.Record(Queued{ID: one, Kind: o.Kind, Key: o.Key})
	return one, nil
}

func unfinished(ctx context.Context, tx *db.Tx, jurisdiction string, o Order, err error) (string, error) {
	if err != nil {
		return "", err
	}
	var one string
	err = tx.QueryRowContext(ctx, `
		select id from job_job
		where jurisdiction = $1 and kind = $2 and key = $3 and state in ('queued', 'running')`,
		jurisdiction, o.Kind, o.Key).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.Conflict, "A job of this kind has just finished. Please try again.")
	}
	return one, err
}

// Jobs runs jobs, and shows them.
type Jobs struct {
	DB      *db.DB
	Log     *slog.Logger // slog.Default() when nil
	Workers int          // how many jobs run at a time in this process; 2 when 0
}

func (j *Jobs) log() *slog.Logger {
	if j.Log != nil {
		return j.Log
	}
	return slog.Default()
}

// Stop asks for a job to stop. One that waits is cancelled at once; one that
// runs has its context cancelled within a few seconds.
func (j *Jobs) Stop(ctx context.Context, jurisdiction, id string) error {
	return j.DB.Write(ctx, func(tx *db.Tx) error {
		var kind string
		err := tx.QueryRowContext(ctx, `
			update job_job set cancel = true,
				finished_at = case state when 'queued' then $3 else finished_at end,
				state = case state when 'queued' then 'cancelled' else state end
			where jurisdiction = $1 and id = $2 and state in ('queued', 'running') and not cancel
			returning kind`, jurisdiction, id, tx.Now()).Scan(&kind)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Conflict, "This job is not waiting or running any more.")
		}
		if err != nil {
			return err
		}
		tx.Record(Stopped{ID: id, Kind: kind})
		return nil
	})
}

const columns = `jurisdiction, id, kind, key, state, cancel, actor, queued_at, run_at, started_at, finished_at,
	tries, done, total, message, result, error`

func scan(dest func(...any) error) (one Job, err error) {
	var started, finished sql.NullTime
	var result string
	err = dest(&one.Jurisdiction, &one.ID, &one.Kind, &one.Key, &one.State, &one.Stopping, &one.Actor,
		&one.QueuedAt, &one.RunAt, &started, &finished,
		&one.Tries, &one.Done, &one.Total, &one.Message, &result, &one.Error)
	one.StartedAt, one.FinishedAt = started.Time, finished.Time
	if result != "" {
		one.Result = json.RawMessage(result)
	}
	return one, err
}

// Get shows one job.
func (j *Jobs) Get(ctx context.Context, jurisdiction, id string) (Job, error) {
	one, err := scan(j.DB.QueryRowContext(ctx, `
		select `+columns+` from job_job where jurisdiction = $1 and id = $2`, jurisdiction, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return one, fault.New(fault.NotFound, "There is no job %s.", id)
	}
	return one, err
}

// List shows a jurisdiction's jobs, the newest first: those of one kind, or of
// all when kind is empty; those older than the job before, or from the newest
// when it is empty.
func (j *Jobs) List(ctx context.Context, jurisdiction, kind, before string, limit int) ([]Job, error) {
	rows, err := j.DB.QueryContext(ctx, `
		select `+columns+` from job_job
		where jurisdiction = $1 and (kind = $2 or $2 = '') and (id < $3 or $3 = '')
		order by id desc
		limit $4`, jurisdiction, kind, before, limit)
	return db.Collect(rows, err, scan)
}
