// SPDX-License-Identifier: Apache-2.0

// Package pgconnect puts one pgx connection under database/sql.
//
// pgx's own adapter would do, but for three things that kit/db relies on: here
// times come back in UTC whatever the session says; a statement may run while
// the rows of another are still open, as on SQLite; and no second pool of
// connections is linked in below the one of database/sql.
package pgconnect

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Connector opens connections; sql.OpenDB takes it.
type Connector struct {
	Config *pgx.ConnConfig
}

// Connect opens a connection.
func (c Connector) Connect(ctx context.Context) (driver.Conn, error) {
	pg, err := pgx.ConnectConfig(ctx, c.Config.Copy())
	if err != nil {
		return nil, err
	}
	return &Conn{PG: pg, used: time.Now()}, nil
}

// Driver exists because database/sql asks for it; connections come from Connect.
func (c Connector) Driver() driver.Driver { return nameless{} }

type nameless struct{}

func (nameless) Open(string) (driver.Conn, error) {
	return nil, errors.New("pgconnect: use a Connector")
}

// Conn is one connection.
type Conn struct {
	PG   *pgx.Conn
	open *rows     // whose rows the connection is still sending
	used time.Time // when it was last taken from the pool
}

// idleCheck is how long a connection may lie unused before it is asked whether
// it still lives; a server that restarted meanwhile is noticed here, and not
// in the middle of somebody's work.
const idleCheck = time.Second

// ResetSession throws a connection away that is dead or inside a transaction.
func (c *Conn) ResetSession(ctx context.Context) error {
	if c.PG.IsClosed() || c.open != nil || c.PG.PgConn().TxStatus() != 'I' {
		return driver.ErrBadConn
	}
	if time.Since(c.used) > idleCheck && c.PG.Ping(ctx) != nil {
		return driver.ErrBadConn
	}
	c.used = time.Now()
	return nil
}

// IsValid reports whether the connection may go back into the pool.
func (c *Conn) IsValid() bool { return !c.PG.IsClosed() }

// Ping asks the server for a sign of life.
func (c *Conn) Ping(ctx context.Context) error {
	if err := c.PG.Ping(ctx); err != nil {
		return driver.ErrBadConn
	}
	return nil
}

// Close closes the connection.
func (c *Conn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return c.PG.Close(ctx)
}

// Begin starts a transaction.
func (c *Conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx starts a transaction: a snapshot when it only reads.
func (c *Conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	begin := "begin isolation level read committed"
	if opts.ReadOnly {
		begin = "begin isolation level repeatable read read only"
	}
	if _, err := c.exec(ctx, begin, nil); err != nil {
		return nil, err
	}
	return tx{c}, nil
}

type tx struct{ c *Conn }

// Commit commits, and does not take the server's ROLLBACK for an answer.
func (t tx) Commit() error {
	tag, err := t.c.exec(context.Background(), "commit", nil)
	if err == nil && tag.String() != "COMMIT" {
		return pgx.ErrTxCommitRollback
	}
	return err
}

// Rollback rolls back.
func (t tx) Rollback() error {
	_, err := t.c.exec(context.Background(), "rollback", nil)
	return err
}

// ExecContext runs a statement, or several when there are no arguments.
func (c *Conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	tag, err := c.exec(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

func (c *Conn) exec(ctx context.Context, query string, args []driver.NamedValue) (pgconn.CommandTag, error) {
	if err := c.ready(); err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := c.PG.Exec(ctx, query, plain(args)...)
	return tag, bad(err)
}

// QueryContext runs a query.
func (c *Conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.ready(); err != nil {
		return nil, err
	}
	sent, err := c.PG.Query(ctx, query, plain(args)...)
	if err != nil {
		return nil, bad(err)
	}
	// The first row tells whether the query worked at all, so that its error
	// comes from here and not from a later Next.
	r := &rows{c: c, sent: sent, more: sent.Next()}
	if err := sent.Err(); err != nil {
		return nil, bad(err)
	}
	r.fields = sent.FieldDescriptions()
	if r.more {
		c.open = r
	}
	return r, nil
}

// Batch sends several statements in one go and gives the tag of the last. The
// first that fails ends it.
func (c *Conn) Batch(ctx context.Context, b *pgx.Batch) (tag pgconn.CommandTag, err error) {
	if err := c.ready(); err != nil {
		return tag, err
	}
	results := c.PG.SendBatch(ctx, b)
	for range b.Len() {
		if tag, err = results.Exec(); err != nil {
			results.Close() // says the same again
			return tag, err
		}
	}
	return tag, results.Close()
}

// Copy puts many rows into a table.
func (c *Conn) Copy(ctx context.Context, table pgx.Identifier, columns []string, from pgx.CopyFromSource) (int64, error) {
	if err := c.ready(); err != nil {
		return 0, err
	}
	return c.PG.CopyFrom(ctx, table, columns, from)
}

// ready makes the connection free for the next statement.
func (c *Conn) ready() error {
	if c.PG.IsClosed() {
		return driver.ErrBadConn
	}
	if c.open == nil {
		return nil
	}
	return c.open.drain()
}

// bad turns an error of which the server has seen nothing into the one that
// makes database/sql try again on another connection.
func bad(err error) error {
	if err != nil && pgconn.SafeToRetry(err) {
		return driver.ErrBadConn
	}
	return err
}

func plain(args []driver.NamedValue) []any {
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a.Value
	}
	return list
}

// Prepare keeps the text; pgx prepares and keeps statements by itself.
func (c *Conn) Prepare(query string) (driver.Stmt, error) { return stmt{c, query}, nil }

type stmt struct {
	c     *Conn
	query string
}

// Close has nothing to close.
func (s stmt) Close() error { return nil }

// NumInput leaves the counting to the server.
func (s stmt) NumInput() int { return -1 }

// Exec runs the statement.
func (s stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.c.ExecContext(context.Background(), s.query, numbered(args))
}

// Query runs the query.
func (s stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.c.QueryContext(context.Background(), s.query, numbered(args))
}

func numbered(args []driver.Value) []driver.NamedValue {
	list := make([]driver.NamedValue, len(args))
	for i, a := range args {
		list[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return list
}

// rows are the rows of one query, read from the connection one by one, or
// from memory once the connection was needed for something else.
type rows struct {
	c      *Conn
	sent   pgx.Rows
	fields []pgconn.FieldDescription
	more   bool // sent stands on a row that has not been taken yet
	kept   [][]driver.Value
	err    error // what stopped drain
}

// Columns are the columns' names.
func (r *rows) Columns() []string {
	names := make([]string, len(r.fields))
	for i, f := range r.fields {
		names[i] = f.Name
	}
	return names
}

// Close reads what is left and frees the connection.
func (r *rows) Close() error {
	r.kept = nil
	r.sent.Close()
	r.release()
	return r.sent.Err()
}

func (r *rows) release() {
	if r.c.open == r {
		r.c.open = nil
	}
}

// Next gives the next row.
func (r *rows) Next(dest []driver.Value) error {
	if len(r.kept) > 0 {
		copy(dest, r.kept[0])
		r.kept = r.kept[1:]
		return nil
	}
	if !r.more {
		r.release()
		if r.err != nil {
			return r.err
		}
		if err := r.sent.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	if err := r.take(dest); err != nil {
		return err
	}
	r.more = r.sent.Next()
	return nil
}

// drain takes what is left into memory.
func (r *rows) drain() error {
	for r.more {
		row := make([]driver.Value, len(r.fields))
		if r.err = r.take(row); r.err != nil {
			break
		}
		r.kept = append(r.kept, row)
		r.more = r.sent.Next()
	}
	r.more = false
	r.sent.Close()
	r.release()
	if r.err == nil {
		r.err = r.sent.Err()
	}
	return r.err
}

// take decodes the row that sent stands on.
func (r *rows) take(dest []driver.Value) error {
	types := r.c.PG.TypeMap()
	for i, raw := range r.sent.RawValues() {
		v, err := decode(types, r.fields[i], raw)
		if err != nil {
			return err
		}
		dest[i] = v
	}
	return nil
}

func decode(types *pgtype.Map, f pgconn.FieldDescription, raw []byte) (driver.Value, error) {
	if raw == nil {
		return nil, nil
	}
	t, ok := types.TypeForOID(f.DataTypeOID)
	if !ok {
		return string(raw), nil
	}
	v, err := t.Codec.DecodeDatabaseSQLValue(types, f.DataTypeOID, f.Format, raw)
	if at, ok := v.(time.Time); ok {
		return at.UTC(), err
	}
	return v, err
}
