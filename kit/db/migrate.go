// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hustings/kit/fault"
)

// Source is one room's migrations: numbered files such as 0001_report.sql, at
// the root of FS or in its folder migrations/.
//
// Where the engines truly differ, 0002_search.sqlite.sql and
// 0002_search.postgres.sql take the place of 0002_search.sql.
type Source struct {
	Room string // also the prefix of its tables
	FS   fs.FS
	// Shared names the tables that belong to no single jurisdiction, each
	// with the reason; LintSchema asks a jurisdiction of all others.
	Shared map[string]string
}

// Migration is one numbered file.
type Migration struct {
	Room   string
	Number int
	Name   string // the file's name

	sql      string
	checksum string
}

//go:embed migrations
var ownFiles embed.FS

// ownSources are the tables of this package and of kit/ledger. They come first.
func ownSources() []Source {
	sub := func(dir string) fs.FS {
		f, err := fs.Sub(ownFiles, "migrations/"+dir)
		if err != nil {
			panic(err) // the name is ours and valid
		}
		return f
	}
	return []Source{
		{Room: "db", FS: sub("db"), Shared: map[string]string{
			"db_migration": "the schema belongs to the house",
			"db_commit":    "one write may touch several jurisdictions",
		}},
		{Room: "ledger", FS: sub("ledger"), Shared: map[string]string{
			"ledger_lease": "a listener hears all jurisdictions",
		}},
	}
}

// Migrate runs the migrations that have not run yet, all in one transaction:
// either the whole schema is new, or none of it. It refuses when a file that
// has run before is missing or altered.
func (d *DB) Migrate(ctx context.Context, sources []Source) error {
	all, err := d.read(sources)
	if err != nil {
		return err
	}
	return d.engine.classify(d.engine.migrate(ctx, func(on conn) error {
		todo, err := d.pending(ctx, on, all)
		if err != nil {
			return err
		}
		for _, m := range todo {
			if _, err := on.ExecContext(ctx, m.sql); err != nil {
				return fmt.Errorf("migration %s/%s: %w", m.Room, m.Name, err)
			}
			_, err := on.ExecContext(ctx, `
				insert into db_migration (room, number, name, checksum, applied_at)
				values ($1, $2, $3, $4, $5)`, m.Room, m.Number, m.Name, m.checksum, FormatTime(d.Now()))
			if err != nil {
				return fmt.Errorf("note migration %s/%s: %w", m.Room, m.Name, err)
			}
		}
		return nil
	}))
}

// Pending lists what Migrate would run, and runs nothing.
func (d *DB) Pending(ctx context.Context, sources []Source) ([]Migration, error) {
	all, err := d.read(sources)
	if err != nil {
		return nil, err
	}
	return d.pending(ctx, d.readers, all)
}

// applied is what db_migration says of one file.
type applied struct{ name, checksum string }

func (d *DB) pending(ctx context.Context, on conn, all []Migration) ([]Migration, error) {
	done, err := d.applied(ctx, on)
	if err != nil {
		return nil, err
	}
	var todo []Migration
	newest := map[string]int{} // per room, the highest number that has run
	for key := range done {
		newest[key.room] = max(newest[key.room], key.number)
	}
	for _, m := range all {
		key := step{m.Room, m.Number}
		was, ok := done[key]
		delete(done, key)
		switch {
		case !ok && m.Number < newest[m.Room]:
			return nil, fault.New(fault.Invalid, "migration %s/%s comes too late: number %d has run already; give it a higher number", m.Room, m.Name, newest[m.Room])
		case !ok:
			todo = append(todo, m)
		case was.checksum != m.checksum:
			return nil, fault.New(fault.Invalid, "migration %s/%s was altered after it had run; restore the file and put the change into a new one", m.Room, m.Name)
		}
	}
	for key, was := range done {
		if slices.ContainsFunc(all, func(m Migration) bool { return m.Room == key.room }) {
			return nil, fault.New(fault.Invalid, "migration %s/%s has run, but the file is missing; this program is older than its database, or the file was deleted", key.room, was.name)
		}
	}
	return todo, nil
}

type step struct {
	room   string
	number int
}

// applied reads what has run; nothing, when even the first file has not.
func (d *DB) applied(ctx context.Context, on conn) (map[step]applied, error) {
	done := map[step]applied{}
	if there, err := d.engine.hasTable(ctx, on, "db_migration"); err != nil || !there {
		return done, err
	}
	rows, err := on.QueryContext(ctx, `select room, number, name, checksum from db_migration`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key step
		var a applied
		if err := rows.Scan(&key.room, &key.number, &a.name, &a.checksum); err != nil {
			return nil, err
		}
		done[key] = a
	}
	return done, rows.Err()
}

// read reads every source's files for this engine, our own first.
func (d *DB) read(sources []Source) ([]Migration, error) {
	var all []Migration
	seen := map[string]bool{}
	for _, s := range append(ownSources(), sources...) {
		if seen[s.Room] {
			return nil, fault.New(fault.Invalid, "room %s brings migrations twice", s.Room)
		}
		seen[s.Room] = true
		list, err := readSource(s, d.engine.name())
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

var fileName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)(?:\.(sqlite|postgres))?\.sql$`)

// readSource reads one room's files in the order of their numbers.
func readSource(s Source, engine string) ([]Migration, error) {
	names, err := sqlFiles(s.FS)
	if err != nil {
		return nil, fmt.Errorf("migrations of %s: %w", s.Room, err)
	}
	byNumber := map[int]Migration{}
	special := map[int]bool{} // numbers that have a file for this engine alone
	for _, name := range names {
		parts := fileName.FindStringSubmatch(path.Base(name))
		if parts == nil {
			return nil, fault.New(fault.Invalid, "migration %s/%s: the name must look like 0001_what_it_does.sql", s.Room, path.Base(name))
		}
		number, _ := strconv.Atoi(parts[1]) // four digits
		own := parts[3] == engine
		if parts[3] != "" && !own || special[number] && !own {
			continue
		}
		if old, twice := byNumber[number]; twice && own == special[number] {
			return nil, fault.New(fault.Invalid, "migrations %s/%s and %s have the same number", s.Room, old.Name, path.Base(name))
		}
		m, err := readFile(s, name, number, engine)
		if err != nil {
			return nil, err
		}
		byNumber[number], special[number] = m, own
	}
	list := make([]Migration, 0, len(byNumber))
	for _, m := range byNumber {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Migration) int { return a.Number - b.Number })
	return list, nil
}

func sqlFiles(files fs.FS) ([]string, error) {
	root, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	inFolder, err := fs.Glob(files, "migrations/*.sql")
	return append(root, inFolder...), err
}

func readFile(s Source, name string, number int, engine string) (Migration, error) {
	text, err := fs.ReadFile(s.FS, name)
	if err != nil {
		return Migration{}, fmt.Errorf("migrations of %s: %w", s.Room, err)
	}
	m := Migration{Room: s.Room, Number: number, Name: path.Base(name), sql: translate(string(text), engine)}
	// The checksum is of what was written, with line ends evened out, so that
	// a checkout on another system is not taken for a change.
	sum := sha256.Sum256([]byte(strings.ReplaceAll(string(text), "\r\n", "\n")))
	m.checksum = hex.EncodeToString(sum[:])
	return m, nil
}
