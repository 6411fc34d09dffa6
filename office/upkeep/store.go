// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/office/registry/gate"
)

func (s *Upkeep) insertRun(ctx context.Context, tx *db.Tx, r Run) error {
	_, err := tx.ExecContext(ctx, `
		insert into upkeep_run (jurisdiction, id, kind, file, sha256, state, taken_by, taken_name, taken_at)
		values ($1, $2, $3, $4, '', $5, $6, $7, $8)`,
		s.Jurisdiction, r.ID, string(r.Kind), r.File, string(r.State), r.TakenBy, r.TakenName, r.TakenAt)
	return err
}

// finishReading writes down what was read.
func (s *Upkeep) finishReading(ctx context.Context, tx *db.Tx, r Run) error {
	_, err := tx.ExecContext(ctx, `
		update upkeep_run set sha256 = $3, state = $4, lines = $5, profile = $6, verdict = $7, troubles = $8
		where jurisdiction = $1 and id = $2 and state = 'reading'`,
		s.Jurisdiction, r.ID, r.SHA256, string(r.State), r.Lines, asText(r.Profile), asText(r.Verdict), asText(r.Troubles))
	return err
}

// runOf is the run that a file has had; "" for none.
func (s *Upkeep) runOf(ctx context.Context, q db.Reader, kind Kind, sha256 string) (run string, err error) {
	err = q.QueryRowContext(ctx, `
		select id from upkeep_run where jurisdiction = $1 and kind = $2 and sha256 = $3 and state <> 'undone' and state <> 'refused'`,
		s.Jurisdiction, string(kind), sha256).Scan(&run)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return run, err
}

// forget drops a run whose file could not be read, or was here before.
func (s *Upkeep) forget(ctx context.Context, run string) {
	err := s.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		tx.Silently("nothing came of this file")
		if _, err := tx.ExecContext(ctx, `delete from upkeep_run where jurisdiction = $1 and id = $2 and state = 'reading'`, s.Jurisdiction, run); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `delete from upkeep_part where jurisdiction = $1 and run = $2`, s.Jurisdiction, run)
		return err
	})
	if err != nil {
		s.Log.Warn("a file that was not used could not be dropped", "run", run, "error", err)
	}
}

func (s *Upkeep) noneUnderWay(ctx context.Context, tx *db.Tx, kind Kind) error {
	var n int64
	err := tx.QueryRowContext(ctx, `select count(*) from upkeep_run where jurisdiction = $1 and kind = $2 and state = 'linking'`, s.Jurisdiction, string(kind)).Scan(&n)
	if err == nil && n > 0 {
		return fault.New(fault.Conflict, "A look for duplicates is under way already.")
	}
	return err
}

func (s *Upkeep) setJob(ctx context.Context, tx *db.Tx, run, job string) error {
	_, err := tx.ExecContext(ctx, `update upkeep_run set job = $3 where jurisdiction = $1 and id = $2`, s.Jurisdiction, run, job)
	return err
}

func (s *Upkeep) release(ctx context.Context, tx *db.Tx, run string, to State, me who.Person, why string) error {
	res, err := tx.ExecContext(ctx, `
		update upkeep_run set state = $3, released_by = $4, released_name = $5, release_why = $6
		where jurisdiction = $1 and id = $2 and state = 'held'`, s.Jurisdiction, run, string(to), me.ID, me.Name, why)
	return oneRow(res, err)
}

// oneRow says that somebody else was quicker where no row was changed.
func oneRow(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, fault.New(fault.Conflict, "Somebody else was quicker. Look again."))
	}
	return nil
}

const runColumns = `id, kind, file, sha256, state, lines, profile, verdict, troubles, summary, taken_by, taken_name, taken_at,
	released_by, released_name, release_why, undone_by, undone_at, undone_why, stays, job`

func scanRun(scan func(...any) error) (r Run, err error) {
	var profile, verdict, troubles, summary, stays string
	var undone sql.NullTime
	err = scan(&r.ID, &r.Kind, &r.File, &r.SHA256, &r.State, &r.Lines, &profile, &verdict, &troubles, &summary, &r.TakenBy, &r.TakenName, db.AsTime(&r.TakenAt),
		&r.ReleasedBy, &r.Released, &r.ReleaseWhy, &r.UndoneBy, &undone, &r.UndoneWhy, &stays, &r.Job)
	r.UndoneAt = undone.Time
	return r, errors.Join(err, read(profile, &r.Profile), read(verdict, &r.Verdict), read(troubles, &r.Troubles), read(summary, &r.Summary), read(stays, &r.Stays))
}

// read reads a column of JSON.
func read(text string, v any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), v)
}

func (s *Upkeep) findRun(ctx context.Context, q db.Reader, id string) (Run, error) {
	r, err := scanRun(q.QueryRowContext(ctx, `select `+runColumns+` from upkeep_run where jurisdiction = $1 and id = $2`, s.Jurisdiction, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, fault.New(fault.NotFound, "There is no such run.")
	}
	return r, err
}

// Run shows one run.
func (s *Upkeep) Run(ctx context.Context, id string) (Run, error) { return s.findRun(ctx, s.DB, id) }

// Runs are the latest runs, the newest first.
func (s *Upkeep) Runs(ctx context.Context) ([]Run, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select `+runColumns+` from upkeep_run where jurisdiction = $1 and state <> 'reading' order by taken_at desc, id desc limit 200`, s.Jurisdiction)
	return db.Collect(rows, err, scanRun)
}

// earlier are the profiles of files of a programme that were let in, the newest
// last.
func (s *Upkeep) earlier(ctx context.Context, kind Kind) ([]gate.Profile, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select profile from upkeep_run where jurisdiction = $1 and kind = $2 and state in ('linking', 'open') order by taken_at desc, id desc limit 20`, s.Jurisdiction, string(kind))
	list, err := db.Collect(rows, err, func(scan func(...any) error) (p gate.Profile, err error) {
		var text string
		if err := scan(&text); err != nil {
			return p, err
		}
		return p, read(text, &p)
	})
	slices.Reverse(list)
	return list, err
}

// parts are the lines of a run, some hundred at a time.
func (s *Upkeep) parts(ctx context.Context, run string, do func([]Line) error) error {
	rows, err := s.DB.QueryContext(ctx, `select part from upkeep_part where jurisdiction = $1 and run = $2 order by part`, s.Jurisdiction, run)
	names, err := db.Collect(rows, err, func(scan func(...any) error) (n string, err error) { err = scan(&n); return n, err })
	if err != nil {
		return err
	}
	for _, n := range names {
		var sealed []byte
		if err := s.DB.QueryRowContext(ctx, `select private from upkeep_part where jurisdiction = $1 and run = $2 and part = $3`, s.Jurisdiction, run, n).Scan(&sealed); err != nil {
			return err
		}
		text, err := s.Sealer.Open(ctx, s.DB, partPrivate.At(s.Jurisdiction, run, n), sealed)
		if err != nil {
			return err
		}
		lines, err := unpack(text)
		if err != nil {
			return err
		}
		if err := do(lines); err != nil {
			return err
		}
	}
	return nil
}
