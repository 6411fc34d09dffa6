// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"hustings/kit/db"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/office/extract/figure"
	"hustings/office/registry/roll"
)

// Counted is the roll, counted.
type Counted struct {
	*figure.Counts
	At    time.Time // zero: never yet
	Stale bool      // something has changed since then; it is counted again soon
}

// Counts gives the roll as it was counted last. It reads as many rows as there
// are precincts, parties and so on, however many voters there are.
func (s *Extract) Counts(ctx context.Context) (Counted, error) {
	c, _, err := s.counted(ctx)
	if err != nil || c.At.IsZero() {
		return c, err
	}
	rows, err := s.DB.QueryContext(ctx, `select sort, value, state, n from extract_count where jurisdiction = $1`, s.Jurisdiction)
	list, err := db.Collect(rows, err, func(scan func(...any) error) (r figure.Row, err error) {
		return r, scan(&r.Sort, &r.Value, &r.State, &r.N)
	})
	for _, r := range list {
		c.Put(r)
	}
	return c, err
}

// counted says when the roll was counted last, and how long that took.
func (s *Extract) counted(ctx context.Context) (c Counted, took time.Duration, err error) {
	c.Counts = figure.New(s.today())
	var ms int64
	var stale sql.NullTime
	err = s.DB.QueryRowContext(ctx, `select as_of, counted_at, took_ms, voters, stale_since from extract_counted where jurisdiction = $1`, s.Jurisdiction).
		Scan(&c.AsOf, db.AsTime(&c.At), &ms, &c.Voters, &stale)
	if errors.Is(err, sql.ErrNoRows) {
		return c, 0, nil
	}
	c.Stale = stale.Valid
	if c.AsOf == "" { // asked for, and not done yet
		c.AsOf, c.At = s.today(), time.Time{}
	}
	return c, time.Duration(ms) * time.Millisecond, err
}

// A change is counted a little later, with those that follow it. The larger the
// roll the later: counting takes a twentieth of the time at most.
const (
	soon      = 15 * time.Second
	countRest = 20
)

// heardChange has the roll counted again after it has changed.
func (s *Extract) heardChange(ctx context.Context, e ledger.Entry) error {
	if e.Jurisdiction != s.Jurisdiction {
		return nil
	}
	c, took, err := s.counted(ctx)
	if err != nil || c.Stale {
		return err // it is going to be counted
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		now := s.Now()
		at := now.Add(soon)
		if later := c.At.Add(countRest * took); later.After(at) {
			at = later
		}
		if _, err := tx.ExecContext(ctx, `
			insert into extract_counted (jurisdiction, as_of, counted_at, took_ms, voters, stale_since) values ($1, '', $2, 0, 0, $2)
			on conflict (jurisdiction) do update set stale_since = excluded.stale_since`, s.Jurisdiction, now); err != nil {
			return err
		}
		_, err := job.Enqueue(ctx, tx, job.Order{Kind: jobCount, NotBefore: at})
		return err
	})
}

// recount counts the roll. What changes meanwhile is counted the next time.
func (s *Extract) recount(ctx context.Context, w *job.Work) error {
	return s.Count(ctx, func(seen int64) { w.Progress(seen, 0, "") })
}

// Count counts the roll as of today.
func (s *Extract) Count(ctx context.Context, progress func(int64)) error {
	began := time.Now() // how long it takes is the machine's business, not the office's
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("counting changes nothing")
		_, err := tx.ExecContext(ctx, `update extract_counted set stale_since = null where jurisdiction = $1`, s.Jurisdiction)
		return err
	})
	if err != nil {
		return err
	}
	at, day := s.Now(), s.today()
	c, err := figure.Count(day, s.Roll.RollAsOf(ctx, day), progress)
	if err != nil {
		return err
	}
	return s.keepCounts(ctx, c, at, time.Since(began))
}

// keepCounts keeps a count, unless one that began later is there already.
func (s *Extract) keepCounts(ctx context.Context, c *figure.Counts, at time.Time, took time.Duration) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("counting changes nothing")
		res, err := tx.ExecContext(ctx, `
			insert into extract_counted (jurisdiction, as_of, counted_at, took_ms, voters) values ($1, $2, $3, $4, $5)
			on conflict (jurisdiction) do update set as_of = excluded.as_of, counted_at = excluded.counted_at, took_ms = excluded.took_ms, voters = excluded.voters
			where extract_counted.counted_at <= excluded.counted_at or extract_counted.as_of = ''`,
			s.Jurisdiction, string(c.AsOf), at, max(took.Milliseconds(), 1), c.Voters)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, `delete from extract_count where jurisdiction = $1`, s.Jurisdiction); err != nil {
			return err
		}
		for _, r := range c.Rows() {
			if _, err := tx.ExecContext(ctx, `insert into extract_count (jurisdiction, sort, value, state, n) values ($1, $2, $3, $4, $5)`,
				s.Jurisdiction, string(r.Sort), r.Value, string(r.State), r.N); err != nil {
				return err
			}
		}
		return nil
	})
}

// allStates are the states in the order in which a registration goes through
// them.
var allStates = []roll.State{roll.Active, roll.Inactive, roll.Challenged, roll.Pending, roll.PreRegistered, roll.Denied, roll.Cancelled}

// States lists the states in the order in which a registration goes through
// them.
func States() []roll.State { return slices.Clone(allStates) }
