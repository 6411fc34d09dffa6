// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hustings/kit/db/internal/pgconnect"
	"hustings/kit/fault"
	"hustings/kit/id"
)

// pgEngine is a PostgreSQL server, or a cluster behind one URL.
type pgEngine struct {
	db      *DB
	writers *sql.DB
	swept   atomic.Int64 // when old commit keys were last swept away, Unix seconds
	sweeps  sync.WaitGroup
	lines   lines
}

func (d *DB) openPostgres(ctx context.Context, rawURL string) error {
	cfg, err := pgx.ParseConfig(rawURL)
	if err != nil {
		// The parser's error shows the URL without its password.
		return fault.Wrap(fault.Invalid, err, "the database URL cannot be read; write postgres://user@host/name")
	}
	prepareConfig(cfg)
	e := &pgEngine{db: d, writers: sql.OpenDB(pgconnect.Connector{Config: cfg})}
	e.writers.SetMaxOpenConns(d.opts.Writers)
	e.writers.SetMaxIdleConns(d.opts.Writers)
	readOnly := cfg.Copy()
	readOnly.RuntimeParams["default_transaction_read_only"] = "on"
	d.readers = sql.OpenDB(pgconnect.Connector{Config: readOnly})
	d.readers.SetMaxOpenConns(d.opts.Readers)
	d.readers.SetMaxIdleConns(d.opts.Readers)
	d.engine = e
	if err := e.suits(ctx); err != nil {
		return errors.Join(err, e.writers.Close(), d.readers.Close())
	}
	return nil
}

// prepareConfig sets what every connection starts with, unless the URL says
// otherwise.
func prepareConfig(cfg *pgx.ConnConfig) {
	for name, value := range map[string]string{
		"application_name": "hustings",
		"timezone":         "UTC",
		// A node that lost its network in the middle of a write must not keep
		// its locks for the hours that TCP takes to notice.
		"idle_in_transaction_session_timeout": "60s",
		"tcp_user_timeout":                    "30s",
	} {
		if _, set := cfg.RuntimeParams[name]; !set {
			cfg.RuntimeParams[name] = value
		}
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second
	}
	// With several hosts in the URL, take the one that can be written: a
	// standby answers reads too, but with what was true a moment ago.
	if cfg.ValidateConnect == nil {
		cfg.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	}
}

// suits refuses a server on which the same query would give another answer
// than on SQLite.
func (e *pgEngine) suits(ctx context.Context) error {
	var version int
	var encoding, collate string
	err := e.writers.QueryRowContext(ctx, `
		select current_setting('server_version_num')::int, pg_encoding_to_char(encoding), datcollate
		from pg_database where datname = current_database()`).Scan(&version, &encoding, &collate)
	if err != nil {
		return e.classify(err)
	}
	switch {
	case version < 130000:
		return fault.New(fault.Invalid, "the PostgreSQL server is version %d; 13 or newer is needed", version/10000)
	case encoding != "UTF8", !slices.Contains([]string{"C", "POSIX", "C.UTF-8", "C.utf8"}, collate):
		return fault.New(fault.Invalid, "the database is %s and sorts by %s; create it with: create database hustings encoding 'UTF8' lc_collate 'C' lc_ctype 'C' template template0", encoding, collate)
	}
	return nil
}

// settle vacuums, which no transaction may.
func (e *pgEngine) settle(ctx context.Context, tables []string) error {
	for _, t := range tables {
		if _, err := e.writers.ExecContext(ctx, `vacuum `+pgx.Identifier{t}.Sanitize()); err != nil {
			return err
		}
	}
	return nil
}

func (e *pgEngine) name() string { return "postgres" }

func (e *pgEngine) close() error {
	e.sweeps.Wait()
	return e.writers.Close()
}

func (e *pgEngine) arg(v any) any {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Truncate(time.Microsecond)
	}
	return v
}

func (e *pgEngine) hasTable(ctx context.Context, on conn, name string) (there bool, err error) {
	err = on.QueryRowContext(ctx, `select to_regclass($1) is not null`, name).Scan(&there)
	return there, err
}

func (e *pgEngine) hold(ctx context.Context, tx *Tx, name string) error {
	_, err := tx.on.ExecContext(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, name)
	return err
}

// clock is the server's.
func (e *pgEngine) clock(ctx context.Context, tx *Tx) (now time.Time, err error) {
	err = tx.on.QueryRowContext(ctx, `select clock_timestamp()`).Scan(&now)
	return now, err
}

// migrate runs fn alone: a second node that starts at the same moment waits,
// and then finds nothing left to do.
func (e *pgEngine) migrate(ctx context.Context, fn func(on conn) error) error {
	tx, err := e.writers.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit there is nothing to roll back
	if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock(hashtextextended('hustings migrate', 0))`); err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// tryFor is how long a write goes on trying when the server is away or others
// are in its way. A failover with Patroni takes some 20 seconds. Tests wait less.
var tryFor = 40 * time.Second

const (
	firstPause  = 2 * time.Millisecond
	longestWait = time.Second
)

// write tries until the write is in, or has failed by its own fault, or the
// caller or the time has run out.
func (e *pgEngine) write(ctx context.Context, fn func(*Tx) error) error {
	deadline := time.Now().Add(tryFor)
	for pause := firstPause; ; pause = min(2*pause, longestWait) {
		key := id.New()
		err, doubt := e.attempt(ctx, key, fn)
		if doubt {
			in, unknown := e.resolve(ctx, key, err, deadline)
			switch {
			case unknown != nil:
				return unknown // running it again might write it twice
			case in:
				err = nil
			default:
				err = errLost
			}
		}
		if err == nil {
			e.sweep()
			return nil
		}
		if !again(err) || ctx.Err() != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fault.Wrap(fault.Unavailable, err, "The database cannot be reached, or is too busy. Nothing was changed; please try again later.")
		}
		e.db.opts.Log.Warn("a write runs again", "error", err)
		sleep(ctx, pause/2+rand.N(pause/2))
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// attempt runs fn in a transaction of its own. doubt says that the connection
// died while the server was told to commit: the change may be in or not.
func (e *pgEngine) attempt(ctx context.Context, key string, fn func(*Tx) error) (err error, doubt bool) {
	c, err := e.writers.Conn(ctx)
	if err != nil {
		return err, false
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, `begin isolation level read committed`); err != nil {
		return err, false
	}
	open := true
	defer func() {
		if open { // also when fn's goroutine ends (FailNow in a test)
			e.rollback(c)
		}
	}()
	tx := e.db.newTx(ctx, c)
	if err := tx.run(fn); err != nil {
		if tx.failed != nil && again(tx.failed) {
			err = tx.failed // whatever fn made of it, the cause will pass
		}
		return err, false
	}
	heads := map[string]*head{}
	for _, j := range tx.jurisdictions() {
		leave, err := e.lines.enter(ctx, j)
		if err != nil {
			return err, false
		}
		defer leave()
		if heads[j], err = readHead(ctx, c, j, ` for update`); err != nil {
			return err, false
		}
	}
	if err := ctx.Err(); err != nil {
		return err, false
	}
	err, doubt = e.finish(ctx, c, key, tx.entries(heads, e.db.entryTime()), heads)
	open = err != nil
	if err == nil && len(tx.facts) > 0 {
		e.db.wake.all()
	}
	return err, doubt
}

// lines let the writers of this process come to a jurisdiction's head one at a
// time. The row lock there does the same, but a crowd that waits for one row
// lock costs the server more than the work itself.
type lines struct {
	mu    sync.Mutex               // guards heads
	heads map[string]chan struct{} // of one place: full while somebody is at the head
}

// enter waits for the writer's turn at j. Writers come in the order of their
// jurisdictions and wait for nothing else once they are in, so no two of them
// wait for each other.
func (l *lines) enter(ctx context.Context, j string) (leave func(), err error) {
	l.mu.Lock()
	c, ok := l.heads[j]
	if !ok {
		if l.heads == nil {
			l.heads = map[string]chan struct{}{}
		}
		c = make(chan struct{}, 1)
		l.heads[j] = c
	}
	l.mu.Unlock()
	select {
	case c <- struct{}{}:
		return func() { <-c }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *pgEngine) rollback(c *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := c.ExecContext(ctx, `rollback`); err != nil {
		e.db.opts.Log.Debug("rollback of a write", "error", err) // the server rolls back when the connection is gone
	}
}

const sqlKey = `insert into db_commit (key, at) values ($1, $2)`

// finish sends the entries, the heads, the key and the commit in one go: the
// heads are locked, and others wait for them. A caller who leaves now does
// not stop it, for then nobody would know how it ended.
func (e *pgEngine) finish(ctx context.Context, c *sql.Conn, key string, list []Entry, heads map[string]*head) (err error, doubt bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryFor)
	defer cancel()
	batch := &pgx.Batch{}
	for i := range list {
		batch.Queue(sqlAppend, list[i].args()...)
	}
	for j, h := range heads {
		batch.Queue(sqlMoveHead, j, h.seq, h.hash)
	}
	batch.Queue(sqlKey, key, FormatTime(time.Now()))
	batch.Queue(`commit`)
	err = c.Raw(func(raw any) error {
		tag, err := raw.(*pgconnect.Conn).Batch(ctx, batch)
		if err == nil && tag.String() != "COMMIT" {
			return pgx.ErrTxCommitRollback
		}
		return err
	})
	return err, err != nil && unclear(err)
}

// unclear reports whether an error leaves open what the server did: everything
// but the server's own word that the transaction failed. A server that is
// being stopped may have committed before it said so (class 57P).
func unclear(err error) bool {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return strings.HasPrefix(pe.Code, "57P") || strings.HasPrefix(pe.Code, "08")
	}
	return !errors.Is(err, pgx.ErrTxCommitRollback)
}

// errUnknown is told when the server did not come back in time.
const errUnknown = "The connection to the database was lost while saving, and it is not known whether your change was saved. Please look before you repeat it."

// resolve finds out what became of a commit whose answer got lost. It tries to
// put the write's own key in: that waits for the lost transaction should it
// still be under way, finds the key when it was committed, and takes the key's
// place when it was not, so that it cannot be committed later either.
//
// An error means that it could not be found out.
func (e *pgEngine) resolve(ctx context.Context, key string, cause error, deadline time.Time) (in bool, err error) {
	e.db.opts.Log.Warn("the answer to a commit was lost", "key", key, "error", cause)
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, longestWait) {
		in, err := e.claim(ctx, key)
		if err == nil {
			return in, nil
		}
		if ctx.Err() != nil || !again(err) {
			return false, fault.Wrap(fault.Unavailable, errors.Join(cause, err), errUnknown)
		}
		sleep(ctx, pause/2+rand.N(pause/2))
	}
}

// claim puts the key in as void, unless it is there, and says whether it is
// there as committed. Should its own answer get lost, it can be asked again.
func (e *pgEngine) claim(ctx context.Context, key string) (committed bool, err error) {
	_, err = e.writers.ExecContext(ctx, `
		insert into db_commit (key, at, void) values ($1, $2, true)
		on conflict (key) do nothing`, key, FormatTime(time.Now()))
	if err != nil {
		return false, err
	}
	err = e.writers.QueryRowContext(ctx, `select not void from db_commit where key = $1`, key).Scan(&committed)
	return committed, err
}

// errLost is a commit of which it is now certain that it did not happen.
var errLost = errors.New("the connection was lost and the commit did not happen")

// again reports whether the same write may work when it is run once more.
func again(err error) bool {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind != fault.Unavailable {
		return false
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return passing(pe)
	}
	var ce *pgconn.ConnectError
	var ne net.Error
	return errors.Is(err, errLost) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.As(err, &ce) || errors.As(err, &ne) ||
		pgconn.SafeToRetry(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// passing reports whether the server means "not now".
func passing(pe *pgconn.PgError) bool {
	switch pe.Code {
	case "40001", "40P01", // in each other's way
		"25006",                   // it has become a standby
		"53300", "55006", "55P03": // too many connections; in use; locked
		return true
	case "0A000": // a kept statement met a table that a migration has changed
		return strings.Contains(pe.Message, "cached plan")
	}
	return strings.HasPrefix(pe.Code, "08") || strings.HasPrefix(pe.Code, "57P")
}

// classify gives an error of PostgreSQL its kind.
func (e *pgEngine) classify(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch pe.Code {
		case "23505", "23P01":
			return exists(err)
		case "23503", "23001":
			return tied(err)
		case "23514", "23502", "22001", "22003":
			return unfit(err)
		}
	}
	if again(err) {
		return fault.Wrap(fault.Unavailable, err, "The database is not available at the moment. Please try again.")
	}
	return fmt.Errorf("database: %w", err)
}

// How long commit keys are kept, and how often old ones are swept away. A
// doubt is resolved within tryFor.
const (
	keepKeys   = time.Hour
	sweepEvery = 10 * time.Minute
)

// sweep throws old commit keys away, beside the writes and now and then. The
// keys' times are the machine's: a rehearsal's clock has no part in this.
func (e *pgEngine) sweep() {
	last, now := e.swept.Load(), time.Now()
	if now.Unix()-last < int64(sweepEvery/time.Second) || !e.swept.CompareAndSwap(last, now.Unix()) {
		return
	}
	e.sweeps.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := e.writers.ExecContext(ctx, `delete from db_commit where at < $1`, FormatTime(now.Add(-keepKeys))); err != nil {
			e.db.opts.Log.LogAttrs(ctx, slog.LevelWarn, "sweep commit keys", slog.Any("error", err))
		}
	})
}
