// SPDX-License-Identifier: Apache-2.0

package db

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"iter"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"hustings/kit/db/internal/pgconnect"
	"hustings/kit/fault"
)

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Load puts many rows into a table, several times faster than one statement
// each: a voter roll, say. It returns how many there were. The first error, of
// a row or of the rows' own source, ends the write.
//
// A roll that replaces another goes into a table beside it first, and from
// there with insert … select … on conflict.
func (tx *Tx) Load(ctx context.Context, table string, columns []string, rows iter.Seq2[[]any, error]) (int64, error) {
	if err := tx.usable(ctx); err != nil {
		return 0, err
	}
	for _, name := range append([]string{table}, columns...) {
		if !plainName.MatchString(name) {
			return 0, tx.fail(fault.New(fault.Internal, "%q is no name of a table or column", name))
		}
	}
	n, err := tx.db.engine.load(ctx, tx, table, columns, tx.checked(ctx, columns, rows))
	if err != nil {
		return n, tx.fail(err)
	}
	if n > 0 {
		tx.noteChange("insert by Load into " + table)
	}
	return n, nil
}

// checked puts each row's values into the engine's shape, and stops when the
// caller has left.
func (tx *Tx) checked(ctx context.Context, columns []string, rows iter.Seq2[[]any, error]) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		n := 0
		bound := make([]any, len(columns))
		for row, err := range rows {
			n++
			if err == nil && n%1000 == 0 {
				err = tx.usable(ctx)
			}
			if err == nil && len(row) != len(columns) {
				err = fault.New(fault.Internal, "row %d has %d values for %d columns", n, len(row), len(columns))
			}
			for i := 0; err == nil && i < len(row); i++ {
				if bound[i], err = driver.DefaultParameterConverter.ConvertValue(bindOne(tx.db.engine, row[i])); err != nil {
					err = fmt.Errorf("row %d, %s: %w", n, columns[i], err)
				}
			}
			if !yield(bound, err) || err != nil {
				return
			}
		}
	}
}

// loadCache is how much of the file a load keeps in memory at most, in KiB.
const loadCache = "163840"

// loadAtOnce is how many values go into one statement on SQLite. More gain
// nothing, and the statement would be too long to be kept.
const loadAtOnce = 600

// load puts many rows at a time into one statement. It has room for more of the
// file than other writes: rows come in no order of their indexes', and a page
// that must leave early is written again and again.
func (e *sqliteEngine) load(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq2[[]any, error]) (n int64, err error) {
	ctx = tx.shield(ctx)
	if _, err := tx.on.ExecContext(ctx, "pragma cache_size(-"+loadCache+")"); err != nil {
		return 0, err
	}
	defer func() {
		_, back := tx.on.ExecContext(ctx, "pragma cache_size(-"+writeCache+")")
		err = cmp.Or(err, back)
	}()
	atOnce := max(1, loadAtOnce/len(columns))
	full := insertText(table, columns, atOnce)
	waiting := make([]any, 0, atOnce*len(columns))
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		waiting = append(waiting, row...)
		n++
		if len(waiting) < cap(waiting) {
			continue
		}
		if _, err := tx.on.ExecContext(ctx, full, waiting...); err != nil {
			return n, err
		}
		waiting = waiting[:0]
	}
	if len(waiting) == 0 {
		return n, nil
	}
	_, err = tx.on.ExecContext(ctx, insertText(table, columns, len(waiting)/len(columns)), waiting...)
	return n, err
}

// insertText is an insert of so many rows. Its places have no numbers: SQLite
// looks a number up among all that came before it. And a row that is refused
// fails the write as a whole, so SQLite need not keep, for each statement, what
// would take back that statement alone: that grows until the write ends.
func insertText(table string, columns []string, rows int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "insert or fail into %s (%s) values ", table, strings.Join(columns, ", "))
	for i := range rows * len(columns) {
		switch {
		case i > 0 && i%len(columns) == 0:
			b.WriteString("), (")
		case i == 0:
			b.WriteString("(")
		default:
			b.WriteString(", ")
		}
		b.WriteString("?")
	}
	b.WriteString(")")
	return b.String()
}

// manyRows is how many rows change what PostgreSQL should know of a table.
const manyRows = 10_000

// load uses COPY. Behind many rows it has the table looked at, lest plans are
// made for an empty one until somebody else does.
func (e *pgEngine) load(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq2[[]any, error]) (n int64, err error) {
	next, stop := iter.Pull2(rows)
	defer stop()
	from := &puller{next: next}
	err = tx.on.(*sql.Conn).Raw(func(raw any) error {
		n, err = raw.(*pgconnect.Conn).Copy(ctx, pgx.Identifier{table}, columns, from)
		return err
	})
	if from.err != nil {
		return n, from.err // what COPY says then is only that it was broken off
	}
	if err == nil && n >= manyRows {
		_, err = tx.on.ExecContext(ctx, `analyze `+pgx.Identifier{table}.Sanitize())
	}
	return n, err
}

// puller gives COPY its rows.
type puller struct {
	next func() ([]any, error, bool)
	row  []any
	err  error
}

// Next goes to the next row.
func (p *puller) Next() bool {
	row, err, ok := p.next()
	p.row, p.err = row, err
	return ok && err == nil
}

// Values gives the row.
func (p *puller) Values() ([]any, error) { return p.row, nil }

// Err is why there are no more rows, if not because they have ended.
func (p *puller) Err() error { return p.err }
