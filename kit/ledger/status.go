// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
)

// Status is how one listener stands in one jurisdiction.
type Status struct {
	Listener     string
	Jurisdiction string
	Seq          int64     // the last it has heard
	Lag          int64     // how many entries are behind that
	Tries        int       // how often the next one has failed
	Error        string    // why
	At           time.Time // when it last moved, by the house's clock
}

// Stuck reports whether the listener stands still on an entry it cannot take.
func (s Status) Stuck() bool { return s.Tries > 0 }

// Status shows every listener that has ever heard, by name and jurisdiction.
func (l *Ledger) Status(ctx context.Context) ([]Status, error) {
	rows, err := l.DB.QueryContext(ctx, `
		select c.listener, c.jurisdiction, c.seq, h.seq - c.seq, c.tries, c.error, c.at
		from ledger_cursor c
		join ledger_head h on h.jurisdiction = c.jurisdiction
		order by c.listener, c.jurisdiction`)
	return db.Collect(rows, err, func(scan func(...any) error) (s Status, err error) {
		var at string
		if err := scan(&s.Listener, &s.Jurisdiction, &s.Seq, &s.Lag, &s.Tries, &s.Error, &at); err != nil {
			return s, err
		}
		if s.At, err = db.ParseTime(at); err != nil {
			return s, err
		}
		return s, nil
	})
}

// Skipped tells that somebody let a listener pass over an entry.
type Skipped struct {
	Listener string
	In       string // the jurisdiction
	Seq      int64
	Why      string
}

// Name is the fact's name on the wire.
func (Skipped) Name() string { return "ledger.skipped.v1" }

// Jurisdiction is where the entry is.
func (s Skipped) Jurisdiction() string { return s.In }

// Subject is the listener.
func (s Skipped) Subject() string { return s.Listener }

// Skip lets a listener that is stuck pass over everything up to and with seq.
// Who did it, and why, goes into the ledger.
func (l *Ledger) Skip(ctx context.Context, listener, jurisdiction string, seq int64, why string) error {
	if why == "" {
		return fault.On("why", fault.New(fault.Invalid, "say why this entry is passed over"))
	}
	return l.DB.Write(ctx, func(tx *db.Tx) error {
		res, err := tx.ExecContext(ctx, `
			update ledger_cursor set seq = $3, tries = 0, error = '', at = $4
			where jurisdiction = $1 and listener = $2 and tries > 0 and seq < $3
			and $3 <= (select seq from ledger_head where jurisdiction = $1)`,
			jurisdiction, listener, seq, db.FormatTime(l.DB.Now()))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fault.Wrap(fault.Conflict, err, "%s is not stuck before entry %d of %s", listener, seq, jurisdiction)
		}
		tx.Record(Skipped{Listener: listener, In: jurisdiction, Seq: seq, Why: why})
		return nil
	})
}
