// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
)

type noteID string

var noteColumns = []string{"jurisdiction", "id", "text", "count", "done", "extra", "bytes", "at"}

// rollOf makes n rows, and then maybe fails.
func rollOf(n int, end error) iter.Seq2[[]any, error] {
	at := time.Date(2026, 11, 3, 7, 0, 0, 0, time.FixedZone("west", -7*3600))
	return func(yield func([]any, error) bool) {
		for i := range n {
			id := fmt.Sprintf("%06d", i)
			row := []any{dbtest.Jurisdiction, noteID(id), "text " + id, i, i%2 == 0, json.RawMessage(`{"a":1}`), []byte{1, 0}, at}
			if i%3 == 0 {
				row[5], row[6], row[7] = nil, nil, (*time.Time)(nil)
			}
			if !yield(row, nil) {
				return
			}
		}
		if end != nil {
			yield(nil, end)
		}
	}
}

func TestLoad(t *testing.T) {
	errFile := fault.New(fault.Invalid, "line 121: not a voter")
	shape := func(row ...any) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) { yield(row, nil) }
	}
	for _, tt := range []struct {
		name    string
		columns []string
		rows    iter.Seq2[[]any, error]
		want    int64
		fails   func(error) bool
	}{
		{"no rows", noteColumns, rollOf(0, nil), 0, isNil},
		{"one row", noteColumns, rollOf(1, nil), 1, isNil},
		{"whole statements", noteColumns, rollOf(100, nil), 100, isNil},
		{"and some more", noteColumns, rollOf(1237, nil), 1237, isNil},
		{"the source fails", noteColumns, rollOf(120, errFile), 0, func(err error) bool { return errors.Is(err, errFile) }},
		{"a row that is there already", []string{"jurisdiction", "id", "text"}, func(yield func([]any, error) bool) {
			for range 2 {
				if !yield([]any{"j", "1", "a"}, nil) {
					return
				}
			}
		}, 0, isKind(fault.Conflict)},
		{"a row that a check forbids", []string{"jurisdiction", "id", "text"}, shape("j", "1", "forbidden"), 0, isKind(fault.Invalid)},
		{"a row too short", []string{"jurisdiction", "id", "text"}, shape("j", "1"), 0, isKind(fault.Internal)},
		{"a hidden text in clear", []string{"jurisdiction", "id", "text"}, shape("j", "1", hide.New("D1234567")), 0, func(err error) bool { return err != nil }},
		{"a column that is no name", []string{"jurisdiction", "id) select 1 --", "text"}, shape("j", "1", "a"), 0, isKind(fault.Internal)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				ctx := dbtest.Context(t)
				var n int64
				err := d.Write(ctx, func(tx *db.Tx) (err error) {
					if n, err = tx.Load(ctx, "note_note", tt.columns, tt.rows); err != nil {
						return err
					}
					tx.Record(noted{"all", "loaded"})
					return nil
				})
				if !tt.fails(err) || err == nil && n != tt.want {
					t.Errorf("got %d, %v, want %d", n, err, tt.want)
				}
				if got := count(t, d, `select count(*) from note_note`); int64(got) != tt.want {
					t.Errorf("got %d notes, want %d", got, tt.want)
				}
				if tt.want > 1 {
					asLoaded(t, d)
				}
			}, notes)
		})
	}
}

// asLoaded looks at one row with values and one without.
func asLoaded(t *testing.T, d *db.DB) {
	t.Helper()
	var text, extra string
	var n int64
	var done bool
	var bytes []byte
	var at time.Time
	err := d.QueryRowContext(t.Context(), `select text, count, done, extra ->> 'a', bytes, at from note_note where id = '000002'`).
		Scan(&text, &n, &done, &extra, &bytes, &at)
	want := time.Date(2026, 11, 3, 14, 0, 0, 0, time.UTC)
	if err != nil || text != "text 000002" || n != 2 || !done || extra != "1" || string(bytes) != "\x01\x00" || at != want {
		t.Errorf("got %q %d %v %q %v %v, %v", text, n, done, extra, bytes, at, err)
	}
	if n := count(t, d, `select count(*) from note_note where id = '000000' and extra is null and bytes is null and at is null`); n != 1 {
		t.Error("what was nil is not null")
	}
}

func TestLoadWithoutAFactIsRefused(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Load(ctx, "note_note", noteColumns, rollOf(3, nil))
			return err
		})
		if err == nil {
			t.Error("got no error")
		}
		both(t, d, 0)
	}, notes)
}

func TestLoadStopsWhenItsCallerLeaves(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, leave := context.WithCancel(dbtest.Context(t))
		defer leave()
		given := 0
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Load(ctx, "note_note", noteColumns, func(yield func([]any, error) bool) {
				for row := range rollOf(1_000_000, nil) {
					if given++; given == 500 {
						leave()
					}
					if !yield(row, nil) {
						return
					}
				}
			})
			return err
		})
		if !errors.Is(err, context.Canceled) || given > 100_000 {
			t.Errorf("got %v after %d rows, want it to stop soon", err, given)
		}
		both(t, d, 0)
	}, notes)
}

func BenchmarkLoad(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB, ...db.Source) *db.DB
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(engine.name, func(b *testing.B) {
			d := engine.open(b, notes)
			ctx := dbtest.Context(b)
			const n = 100_000
			for b.Loop() {
				err := d.Write(ctx, func(tx *db.Tx) error {
					tx.Record(noted{"all", "loaded"})
					if _, err := tx.ExecContext(ctx, `delete from note_note`); err != nil {
						return err
					}
					_, err := tx.Load(ctx, "note_note", noteColumns, rollOf(n, nil))
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
