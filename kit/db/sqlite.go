// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"hustings/kit/fault"
)

// sqliteEngine is one file, one writer and many readers.
type sqliteEngine struct {
	db    *DB
	path  string
	pool  *sql.DB // of one connection, which the writer holds
	queue *queue
}

// writeCache is how much of the file the writer keeps in memory, in KiB.
const writeCache = "65536"

func (d *DB) openSQLite(ctx context.Context, path string) error {
	if path == "" {
		return fault.New(fault.Invalid, "the database URL names no file; write sqlite:/path/to/hustings.db")
	}
	if err := createPrivate(path); err != nil {
		return fault.Wrap(fault.Unavailable, err, "the database file cannot be opened")
	}
	e := &sqliteEngine{db: d, path: path}
	var err error
	if e.pool, err = sql.Open("sqlite", sqliteDSN(path, "_txlock=immediate&_pragma="+url.QueryEscape("cache_size(-"+writeCache+")"))); err != nil {
		return err
	}
	if d.readers, err = sql.Open("sqlite", sqliteDSN(path, "_pragma=query_only(1)")); err != nil {
		return err
	}
	d.readers.SetMaxOpenConns(d.opts.Readers)
	d.readers.SetMaxIdleConns(d.opts.Readers)
	e.pool.SetMaxOpenConns(1)
	d.engine = e
	c, err := e.pool.Conn(ctx)
	if err != nil {
		return errors.Join(fault.Wrap(fault.Unavailable, err, "the database file cannot be opened"), e.pool.Close(), d.readers.Close())
	}
	e.queue = newQueue(d, c)
	return nil
}

// createPrivate makes the file, readable by its owner alone, before SQLite
// would make one that everybody can read. SQLite gives its -wal and -shm
// files the same permissions.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// sqliteDSN names the file and what every connection to it starts with. The
// order counts: waiting for a lock comes before anything that may need one.
// What is deleted is overwritten, as far as that costs no more writing.
func sqliteDSN(path, more string) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	params := []string{more, "_dqs=0"}
	for _, p := range []string{"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(1)", "trusted_schema(0)", "secure_delete(fast)", "temp_store(memory)", "journal_size_limit(67108864)"} {
		params = append(params, "_pragma="+url.QueryEscape(p))
	}
	return "file:" + escaped + "?" + strings.Join(params, "&")
}

// settle uses a connection of its own, since the writer keeps the other.
func (e *sqliteEngine) settle(ctx context.Context, _ []string) error {
	on, err := sql.Open("sqlite", sqliteDSN(e.path, "_txlock=immediate"))
	if err != nil {
		return err
	}
	defer on.Close()
	var busy bool
	var pages, moved int
	if err := on.QueryRowContext(ctx, `pragma wal_checkpoint(truncate)`).Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy {
		return fault.New(fault.Unavailable, "The database is busy. Please try again in a moment.")
	}
	return nil
}

func (e *sqliteEngine) name() string { return "sqlite" }

func (e *sqliteEngine) close() error {
	e.queue.close()
	return e.pool.Close()
}

func (e *sqliteEngine) write(ctx context.Context, fn func(*Tx) error) error {
	return e.queue.write(ctx, fn)
}

// hold has nothing to do: writes run one after another.
func (e *sqliteEngine) hold(context.Context, *Tx, string) error { return nil }

// clock is the machine's: all who use the file are on it.
func (e *sqliteEngine) clock(context.Context, *Tx) (time.Time, error) {
	return time.Now().UTC(), nil
}

// migrate runs fn as a write that takes no facts down, since the ledger's own
// tables may not be there yet.
func (e *sqliteEngine) migrate(ctx context.Context, fn func(on conn) error) error {
	return e.queue.write(ctx, func(tx *Tx) error {
		tx.Silently("migration")
		return fn(tx.on)
	})
}

func (e *sqliteEngine) hasTable(ctx context.Context, on conn, name string) (there bool, err error) {
	err = on.QueryRowContext(ctx, `select count(*) > 0 from sqlite_schema where type = 'table' and name = $1`, name).Scan(&there)
	return there, err
}

func (e *sqliteEngine) arg(v any) any {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Format(sqliteTime)
	}
	return v
}

// classify gives an error of SQLite its kind.
func (e *sqliteEngine) classify(err error) error {
	var se *sqlite.Error
	var f *fault.Error
	if err == nil || errors.As(err, &f) || !errors.As(err, &se) {
		return err
	}
	switch se.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return exists(err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return tied(err)
	case sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_NOTNULL:
		return unfit(err)
	}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.Wrap(fault.Unavailable, err, "The database is busy. Please try again in a moment.")
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return fault.Wrap(fault.Unavailable, err, "The database cannot be written at the moment.")
	}
	return fmt.Errorf("database: %w", err)
}

func exists(err error) error {
	return fault.Wrap(fault.Conflict, err, "This exists already, or someone else was quicker.")
}

func tied(err error) error {
	return fault.Wrap(fault.Conflict, err, "This belongs to something that is missing, or is still in use.")
}

func unfit(err error) error {
	return fault.Wrap(fault.Invalid, err, "A value is missing or does not fit this record.")
}
