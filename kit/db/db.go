// SPDX-License-Identifier: Apache-2.0

// Package db is the one place where state changes, on SQLite in a county and
// on PostgreSQL in a state. A change and the fact that tells of it are written
// in one transaction: both are there, or neither.
//
//	err := d.Write(ctx, func(tx *db.Tx) error {
//		if _, err := tx.ExecContext(ctx, `update voters_voter set status = $3 where jurisdiction = $1 and id = $2`, ...); err != nil {
//			return err
//		}
//		tx.Record(event.VoterCancelled{...})
//		return nil
//	})
//
// The function may run more than once (a deadlock, a lost connection), so it
// does nothing but read and write through its Tx. It must not call Write
// itself: on SQLite that would wait for its own turn.
//
// # SQL
//
// One text for both engines, with $1 placeholders, in the subset that STYLE
// names. What differs is kept here:
//
//   - bytea and jsonb in migrations become blob and text on SQLite;
//   - a time.Time is stored in UTC with microseconds: a timestamp on
//     PostgreSQL, text of a fixed width that sorts like the time on SQLite. A
//     timestamp column scans into a time.Time; an expression over one (max,
//     coalesce) scans through AsTime;
//   - json.RawMessage is stored as text, never as a blob;
//   - after a failed statement the transaction is lost on both engines, as
//     PostgreSQL has it, so that code tried on one does not surprise on the other.
//
// # Isolation
//
// SQLite runs writes strictly one after another. On PostgreSQL a write is
// READ COMMITTED: every writer of one jurisdiction meets at its row of
// ledger_head at the end of the transaction, and under SERIALIZABLE each such
// meeting would be a serialization failure. So a step carries its own guard
// (update … where approved_by is null, then count the rows), and a decision
// that rests on rows it does not change first takes Tx.Hold. Reads through
// Read see one snapshot.
//
// Tables: db_migration, db_commit, ledger_head, ledger_entry, ledger_cursor, ledger_lease
package db

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"log/slog"
	"net/url"
	"runtime"
	"strings"
	"time"

	"hustings/kit/fault"
)

// Options are what Open can be told. The zero Options work.
type Options struct {
	Now     func() time.Time // the house's clock; time.Now when nil
	Log     *slog.Logger     // slog.Default() when nil
	Strict  bool             // a write that changes rows and records no fact fails (tests)
	Readers int              // connections for reading; a number that fits the machine when 0
	Writers int              // PostgreSQL connections for writing; 16 when 0
}

// Reader reads: a DB, a Tx, or the snapshot that Read hands out.
type Reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *Row
}

// DB is an open database.
type DB struct {
	opts    Options
	engine  engine
	readers *sql.DB
	wake    wakers
}

// engine is what differs between SQLite and PostgreSQL.
type engine interface {
	name() string
	write(ctx context.Context, fn func(*Tx) error) error
	arg(v any) any // what the driver gets for an argument
	classify(err error) error
	load(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq2[[]any, error]) (int64, error)
	hold(ctx context.Context, tx *Tx, name string) error
	clock(ctx context.Context, tx *Tx) (time.Time, error)
	migrate(ctx context.Context, fn func(on conn) error) error
	schema(ctx context.Context) ([]table, error)
	hasTable(ctx context.Context, on conn, name string) (bool, error)
	settle(ctx context.Context, tables []string) error
	close() error
}

// conn runs statements: a *sql.Tx, or the SQLite writer's connection.
type conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Open opens the database that rawURL names: sqlite:/path/file.db, or
// postgres://user@host/name with the parameters that libpq knows.
func Open(ctx context.Context, rawURL string, opts Options) (*DB, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Readers == 0 {
		opts.Readers = max(4, 2*runtime.GOMAXPROCS(0))
	}
	if opts.Writers == 0 {
		opts.Writers = 16
	}
	d := &DB{opts: opts}
	scheme, rest, _ := strings.Cut(rawURL, ":")
	switch scheme {
	case "sqlite":
		return opened(d, d.openSQLite(ctx, strings.TrimPrefix(rest, "//")))
	case "postgres", "postgresql":
		return opened(d, d.openPostgres(ctx, rawURL))
	}
	return nil, fault.New(fault.Invalid, "the database URL must start with sqlite: or postgres:, not %q", safeScheme(rawURL))
}

func opened(d *DB, err error) (*DB, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

// safeScheme is the part of a URL that holds no password.
func safeScheme(rawURL string) string {
	if u, err := url.Parse(rawURL); err == nil && u.Scheme != "" {
		return u.Scheme + ":"
	}
	return "something else"
}

// Engine is the engine's name: "sqlite" or "postgres".
func (d *DB) Engine() string { return d.engine.name() }

// Now is the house's clock in UTC.
func (d *DB) Now() time.Time { return d.opts.Now().UTC() }

// Close ends the writes under way and closes the connections.
func (d *DB) Close() error {
	return errors.Join(d.engine.close(), d.readers.Close())
}

// Write runs fn in a transaction and commits what it wrote together with the
// facts it recorded. When Write returns nil, both are on disk. When fn fails
// or panics, nothing of it is kept and the error is fn's. fn may run again
// after a failure that is not its own, so it must touch nothing but its Tx.
func (d *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return d.engine.classify(d.engine.write(ctx, fn))
}

// Settle lets go of what was overwritten in the tables: SQLite's write-ahead
// log is put into the database and emptied (the database itself overwrites),
// PostgreSQL's dead rows are vacuumed. It is for keys that were destroyed, and
// costs too much for anything else.
func (d *DB) Settle(ctx context.Context, tables ...string) error {
	return d.engine.classify(d.engine.settle(ctx, tables))
}

// Read runs fn on one snapshot: however many queries it makes, no write comes
// between them.
func (d *DB) Read(ctx context.Context, fn func(q Reader) error) error {
	tx, err := d.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return d.engine.classify(err)
	}
	defer tx.Rollback() // a snapshot has nothing to commit
	return d.engine.classify(fn(reader{tx, d.engine}))
}

// QueryContext reads outside of any transaction.
func (d *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return reader{d.readers, d.engine}.QueryContext(ctx, query, args...)
}

// QueryRowContext reads one row outside of any transaction.
func (d *DB) QueryRowContext(ctx context.Context, query string, args ...any) *Row {
	return reader{d.readers, d.engine}.QueryRowContext(ctx, query, args...)
}

// reader puts arguments and errors into the house's shape.
type reader struct {
	on     conn
	engine engine
}

func (r reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := r.on.QueryContext(ctx, query, bind(r.engine, args)...)
	return rows, r.engine.classify(err)
}

func (r reader) QueryRowContext(ctx context.Context, query string, args ...any) *Row {
	return &Row{row: r.on.QueryRowContext(ctx, query, bind(r.engine, args)...), engine: r.engine}
}

// Row is one row, or the reason why there is none.
type Row struct {
	row    *sql.Row
	engine engine
	tx     *Tx // whose transaction a failure ends, if any
	err    error
}

// Scan copies the row's columns; sql.ErrNoRows when there is no row.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	err := r.row.Scan(dest...)
	if r.tx != nil && r.row.Err() != nil {
		return r.tx.fail(err)
	}
	return r.engine.classify(err)
}

// Err is the query's own error, before any scan.
func (r *Row) Err() error {
	if r.err != nil {
		return r.err
	}
	return r.engine.classify(r.row.Err())
}
