// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
)

// notes is a room for these tests: numbered notes in a jurisdiction.
var notes = db.Source{Room: "note", FS: fstest.MapFS{"0001_note.sql": {Data: []byte(`
	create table note_note (
		jurisdiction text not null,
		id           text not null,
		text         text not null check (text <> 'forbidden'),
		count        bigint not null default 0,
		done         boolean not null default false,
		extra        jsonb,
		bytes        bytea,
		at           timestamp,
		unique (jurisdiction, text),
		primary key (jurisdiction, id)
	)`)}}}

type noted struct{ ID, Text string }

func (noted) Name() string      { return "note.noted.v1" }
func (n noted) Subject() string { return n.ID }

func addNote(ctx context.Context, tx *db.Tx, id, text string) error {
	_, err := tx.ExecContext(ctx, `insert into note_note (jurisdiction, id, text) values ($1, $2, $3)`, dbtest.Jurisdiction, id, text)
	if err != nil {
		return err
	}
	tx.Record(noted{id, text})
	return nil
}

func write(ctx context.Context, d *db.DB, id, text string) error {
	return d.Write(ctx, func(tx *db.Tx) error { return addNote(ctx, tx, id, text) })
}

// count is what one query for a number gives.
func count(t *testing.T, d *db.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := d.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// both checks that there are n notes and as many facts.
func both(t *testing.T, d *db.DB, n int) {
	t.Helper()
	changes := count(t, d, `select count(*) from note_note`)
	facts := count(t, d, `select count(*) from ledger_entry where name = 'note.noted.v1'`)
	if changes != n || facts != n {
		t.Errorf("got %d notes and %d facts, want %d of each", changes, facts, n)
	}
}

func TestAChangeAndItsFactAreBothThereOrNeither(t *testing.T) {
	errMine := errors.New("no, thanks")
	for _, tt := range []struct {
		name string
		fn   func(ctx context.Context, tx *db.Tx) error
		want func(error) bool
		n    int
	}{
		{"a good write keeps both", func(ctx context.Context, tx *db.Tx) error {
			return addNote(ctx, tx, "1", "a")
		}, isNil, 1},
		{"an error keeps neither, and comes back as it is", func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(addNote(ctx, tx, "1", "a"), errMine)
		}, func(err error) bool { return errors.Is(err, errMine) }, 0},
		{"a panic keeps neither, and becomes an error", func(ctx context.Context, tx *db.Tx) error {
			if err := addNote(ctx, tx, "1", "a"); err != nil {
				return err
			}
			panic("what now")
		}, func(err error) bool {
			return fault.KindOf(err) == fault.Internal && strings.Contains(err.Error(), "what now")
		}, 0},
		{"a second one of the same name is a conflict", func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(addNote(ctx, tx, "1", "a"), addNote(ctx, tx, "1", "b"))
		}, isKind(fault.Conflict), 0},
		{"a unique column conflicts too", func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(addNote(ctx, tx, "1", "a"), addNote(ctx, tx, "2", "a"))
		}, isKind(fault.Conflict), 0},
		{"what a check forbids is invalid", func(ctx context.Context, tx *db.Tx) error {
			return addNote(ctx, tx, "1", "forbidden")
		}, isKind(fault.Invalid), 0},
		{"a failed statement cannot be swallowed", func(ctx context.Context, tx *db.Tx) error {
			if err := addNote(ctx, tx, "1", "a"); err != nil {
				return err
			}
			_ = addNote(ctx, tx, "2", "forbidden")
			return nil
		}, isKind(fault.Invalid), 0},
		{"a change without a fact is refused", func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, `insert into note_note (jurisdiction, id, text) values ('j', '1', 'a')`)
			return err
		}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "no fact") }, 0},
		{"returning does not get round that", func(ctx context.Context, tx *db.Tx) error {
			var id string
			return tx.QueryRowContext(ctx, `insert into note_note (jurisdiction, id, text) values ('j', '1', 'a') returning id`).Scan(&id)
		}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "no fact") }, 0},
		{"a statement that hits no row needs no fact", func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, `delete from note_note where id = 'nobody'`)
			return err
		}, isNil, 0},
		{"a fact without a jurisdiction is refused", func(ctx context.Context, tx *db.Tx) error {
			tx.Record(homeless{})
			return nil
		}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "jurisdiction") }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				ctx := dbtest.Context(t)
				if err := d.Write(ctx, func(tx *db.Tx) error { return tt.fn(ctx, tx) }); !tt.want(err) {
					t.Errorf("got error %v", err)
				}
				both(t, d, tt.n)
			}, notes)
		})
	}
}

type homeless struct{}

func (homeless) Name() string         { return "note.homeless.v1" }
func (homeless) Jurisdiction() string { return "" }

func isNil(err error) bool { return err == nil }

func isKind(k fault.Kind) func(error) bool {
	return func(err error) bool { return fault.KindOf(err) == k }
}

func TestSilentlyNeedsNoFact(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		err := d.Write(ctx, func(tx *db.Tx) error {
			tx.Silently("a cache")
			_, err := tx.ExecContext(ctx, `insert into note_note (jurisdiction, id, text) values ('j', '1', 'a')`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, d, `select count(*) from note_note`); n != 1 {
			t.Errorf("got %d notes, want 1", n)
		}
	}, notes)
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	at := time.Date(2026, 11, 3, 20, 15, 0, 123456789, time.FixedZone("west", -7*3600))
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		err := d.Write(ctx, func(tx *db.Tx) error {
			tx.Silently("values")
			_, err := tx.ExecContext(ctx, `
				insert into note_note (jurisdiction, id, text, count, done, extra, bytes, at)
				values ($1, $2, $3, $4, $5, $6, $7, $8)`,
				"j", "1", "naïve ☃ 'quoted'", int64(1)<<62, true, []byte(nil), []byte{0, 1, 255}, at)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `insert into note_note (jurisdiction, id, text, at) values ('j', '2', 'b', $1)`, (*time.Time)(nil))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var text string
		var n int64
		var done bool
		var bytes []byte
		var got, latest time.Time
		err = d.QueryRowContext(ctx, `select text, count, done, bytes, at from note_note where id = '1'`).Scan(&text, &n, &done, &bytes, &got)
		if err != nil {
			t.Fatal(err)
		}
		want := at.UTC().Truncate(time.Microsecond)
		if text != "naïve ☃ 'quoted'" || n != 1<<62 || !done || fmt.Sprint(bytes) != "[0 1 255]" || got != want {
			t.Errorf("got %q %d %v %v %v, want the time %v", text, n, done, bytes, got, want)
		}
		if err := d.QueryRowContext(ctx, `select max(at) from note_note`).Scan(db.AsTime(&latest)); err != nil || latest != want {
			t.Errorf("max(at): got %v, %v, want %v", latest, err, want)
		}
		if n := count(t, d, `select count(*) from note_note where at = $1 and at < $2 and at > $3`, at, at.Add(time.Microsecond), at.Add(-time.Microsecond)); n != 1 {
			t.Error("a time does not compare with itself")
		}
		var none sql.NullTime
		if err := d.QueryRowContext(ctx, `select at from note_note where id = '2'`).Scan(&none); err != nil || none.Valid {
			t.Errorf("no time: got %v, %v", none, err)
		}
		var id string
		if err := d.QueryRowContext(ctx, `select id from note_note where id = '3'`).Scan(&id); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("no row: got %v, want sql.ErrNoRows", err)
		}
	}, notes)
}

func TestReadSeesOneSnapshot(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		err := d.Read(ctx, func(q db.Reader) error {
			for want := range 3 {
				var n int
				if err := q.QueryRowContext(ctx, `select count(*) from note_note`).Scan(&n); err != nil {
					return err
				}
				if n != 0 {
					t.Errorf("look %d: got %d notes in a snapshot from before, want 0", want, n)
				}
				if err := write(ctx, d, fmt.Sprint(want), fmt.Sprint(want)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		both(t, d, 3)
	}, notes)
}

func TestReadersCannotWrite(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		const sneaky = `insert into note_note (jurisdiction, id, text) values ('j', '1', 'a') returning id`
		var id string
		if err := d.QueryRowContext(ctx, sneaky).Scan(&id); err == nil {
			t.Error("a reader wrote")
		}
		err := d.Read(ctx, func(q db.Reader) error { return q.QueryRowContext(ctx, sneaky).Scan(&id) })
		if err == nil {
			t.Error("a snapshot wrote")
		}
		both(t, d, 0)
	}, notes)
}
