// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// table is what LintSchema looks at.
type table struct {
	name    string
	columns []column
	primary []string
	unique  [][]string // of further unique indexes; "" stands for an expression
	refers  []string   // tables that foreign keys point to
}

type column struct {
	name, kind string
	notNull    bool
}

// kinds are the column types that both engines understand alike. In a
// migration they are spelled as on the left; catalogs show those on the right.
var kinds = map[string][]string{
	"text":             {"text"},
	"bigint":           {"bigint"},
	"boolean":          {"boolean"},
	"jsonb":            {"jsonb", "text"},
	"bytea":            {"bytea", "blob"},
	"timestamp":        {"timestamp", "timestamp without time zone"},
	"double precision": {"double precision"},
}

// LintSchema looks at the tables that are really there and says what would
// hurt later: a table whose primary key does not start with the jurisdiction
// (it could not be distributed by it, nor kept apart by it), a reference into
// another room's tables, a type that one engine takes for something else. One
// sentence for each; none is good.
func LintSchema(ctx context.Context, d *DB, sources []Source) ([]string, error) {
	tables, err := d.engine.schema(ctx)
	if err != nil {
		return nil, err
	}
	sources = append(ownSources(), sources...)
	var said []string
	for _, t := range tables {
		said = append(said, lintTable(t, sources)...)
	}
	return append(said, lintShared(tables, sources)...), nil
}

// roomOf is the source whose room the table belongs to; the longest name wins.
func roomOf(name string, sources []Source) (found Source, ok bool) {
	for _, s := range sources {
		if strings.HasPrefix(name, s.Room+"_") && len(s.Room) > len(found.Room) {
			found, ok = s, true
		}
	}
	return found, ok
}

func lintTable(t table, sources []Source) (said []string) {
	say := func(format string, args ...any) {
		said = append(said, fmt.Sprintf("table %s: ", t.name)+fmt.Sprintf(format, args...))
	}
	room, ok := roomOf(t.name, sources)
	if !ok {
		say("its name starts with no room's name")
		return said
	}
	for _, c := range t.columns {
		if !known(c.kind) {
			say("column %s is %s; use text, bigint, boolean, jsonb, bytea, timestamp or double precision", c.name, c.kind)
		}
	}
	for _, to := range t.refers {
		if other, _ := roomOf(to, sources); other.Room != room.Room {
			say("it refers to %s, which is another room's", to)
		}
	}
	switch _, shared := room.Shared[t.name]; {
	case len(t.primary) == 0:
		say("it has no primary key")
	case !shared && t.primary[0] != "jurisdiction":
		say("its primary key starts with %s, not with jurisdiction", t.primary[0])
	case !shared:
		for _, u := range t.unique {
			if u[0] != "jurisdiction" {
				say("its unique index on (%s) does not start with jurisdiction", strings.Join(u, ", "))
			}
		}
		i := slices.IndexFunc(t.columns, func(c column) bool { return c.name == "jurisdiction" })
		if c := t.columns[i]; c.kind != "text" || !c.notNull {
			say("its jurisdiction must be text not null")
		}
	}
	return said
}

func known(kind string) bool {
	for _, shown := range kinds {
		if slices.Contains(shown, kind) {
			return true
		}
	}
	return false
}

// lintShared looks at the exceptions themselves.
func lintShared(tables []table, sources []Source) (said []string) {
	for _, s := range sources {
		for name, why := range s.Shared {
			if why == "" {
				said = append(said, fmt.Sprintf("table %s: say why it belongs to no jurisdiction", name))
			}
			there := slices.ContainsFunc(tables, func(t table) bool { return t.name == name })
			if !there && s.Room != "db" { // db_commit is not on SQLite
				said = append(said, fmt.Sprintf("table %s: it is listed as shared, but is not there", name))
			}
		}
	}
	slices.Sort(said)
	return said
}

// each runs a query and hands every row to scan.
func each(ctx context.Context, on conn, query string, scan func(dest func(...any) error) error, args ...any) error {
	rows, err := on.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// schema reads SQLite's catalog. A virtual table and its shadows follow their
// own rules.
func (e *sqliteEngine) schema(ctx context.Context) ([]table, error) {
	on := e.db.readers
	var tables []table
	err := each(ctx, on, `select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite\_%' escape '\' order by name`,
		func(dest func(...any) error) error {
			var t table
			err := dest(&t.name)
			tables = append(tables, t)
			return err
		})
	for i := range tables {
		if err == nil {
			err = e.describe(ctx, on, &tables[i])
		}
	}
	return tables, err
}

func (e *sqliteEngine) describe(ctx context.Context, on conn, t *table) error {
	err := each(ctx, on, `select name, lower(type), "notnull", pk from pragma_table_info($1) order by cid`, func(dest func(...any) error) error {
		var c column
		var pk int
		err := dest(&c.name, &c.kind, &c.notNull, &pk)
		t.columns = append(t.columns, c)
		if pk > 0 { // its place in the primary key, counted from 1
			t.primary = append(t.primary, make([]string, max(0, pk-len(t.primary)))...)
			t.primary[pk-1] = c.name
		}
		return err
	}, t.name)
	if err != nil {
		return err
	}
	last := ""
	err = each(ctx, on, `select l.name, coalesce(i.name, '') from pragma_index_list($1) l, pragma_index_info(l.name) i
		where l."unique" and l.origin <> 'pk' order by l.seq, i.seqno`, func(dest func(...any) error) error {
		var index, col string
		err := dest(&index, &col)
		if index != last {
			t.unique = append(t.unique, nil)
			last = index
		}
		n := len(t.unique) - 1
		t.unique[n] = append(t.unique[n], col)
		return err
	}, t.name)
	if err != nil {
		return err
	}
	return each(ctx, on, `select distinct "table" from pragma_foreign_key_list($1)`, func(dest func(...any) error) error {
		var to string
		err := dest(&to)
		t.refers = append(t.refers, to)
		return err
	}, t.name)
}

// schema reads PostgreSQL's catalog.
func (e *pgEngine) schema(ctx context.Context) ([]table, error) {
	on := e.db.readers
	var tables []table
	err := each(ctx, on, `select c.relname from pg_class c
		where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace order by 1`,
		func(dest func(...any) error) error {
			var t table
			err := dest(&t.name)
			tables = append(tables, t)
			return err
		})
	for i := range tables {
		if err == nil {
			err = e.describe(ctx, on, &tables[i])
		}
	}
	return tables, err
}

func (e *pgEngine) describe(ctx context.Context, on conn, t *table) error {
	err := each(ctx, on, `select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute
		where attrelid = $1::text::regclass and attnum > 0 and not attisdropped order by attnum`, func(dest func(...any) error) error {
		var c column
		err := dest(&c.name, &c.kind, &c.notNull)
		t.columns = append(t.columns, c)
		return err
	}, t.name)
	if err != nil {
		return err
	}
	err = each(ctx, on, `select i.indisprimary, string_agg(coalesce(a.attname, ''), ',' order by k.ord)
		from pg_index i
		cross join lateral unnest(i.indkey) with ordinality as k(num, ord)
		left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.num and k.num > 0
		where i.indrelid = $1::text::regclass and i.indisunique
		group by i.indexrelid, i.indisprimary order by i.indexrelid`, func(dest func(...any) error) error {
		var primary bool
		var cols string
		err := dest(&primary, &cols)
		if list := strings.Split(cols, ","); primary {
			t.primary = list
		} else {
			t.unique = append(t.unique, list)
		}
		return err
	}, t.name)
	if err != nil {
		return err
	}
	return each(ctx, on, `select distinct confrelid::regclass::text from pg_constraint
		where conrelid = $1::text::regclass and contype = 'f' order by 1`, func(dest func(...any) error) error {
		var to string
		err := dest(&to)
		t.refers = append(t.refers, to)
		return err
	}, t.name)
}
