// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
)

// files makes a source out of names and texts, alternating.
func files(room string, namesAndTexts ...string) db.Source {
	m := fstest.MapFS{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		m[namesAndTexts[i]] = &fstest.MapFile{Data: []byte(namesAndTexts[i+1])}
	}
	return db.Source{Room: room, FS: m}
}

const oneTable = `create table pie_one (jurisdiction text not null, id text not null, primary key (jurisdiction, id));`

func TestMigrateTakesOnlyWhatFits(t *testing.T) {
	first := files("pie", "0001_one.sql", oneTable)
	for _, tt := range []struct {
		name  string
		then  []db.Source
		want  string // part of the error; "" when it works
		table string // that must be there, or with a ! not
	}{
		{"the same again changes nothing", []db.Source{first}, "", "pie_one"},
		{"a new file runs", []db.Source{files("pie", "0001_one.sql", oneTable, "0002_two.sql", "create table pie_two (id text)")}, "", "pie_two"},
		{"files may lie in migrations/", []db.Source{files("pie", "migrations/0001_one.sql", oneTable, "migrations/0002_two.sql", "create table pie_two (id text)")}, "", "pie_two"},
		{"other line ends are no change", []db.Source{files("pie", "0001_one.sql", strings.ReplaceAll(oneTable, "\n", "\r\n"))}, "", "pie_one"},
		{"a room that is not there any more is left alone", []db.Source{files("cake", "0001_one.sql", "create table cake_one (id text)")}, "", "cake_one"},
		{"an altered file is refused", []db.Source{files("pie", "0001_one.sql", oneTable+" -- and more")}, "pie/0001_one.sql was altered", "pie_one"},
		{"a missing file is refused", []db.Source{files("pie", "0002_two.sql", "create table pie_two (id text)")}, "pie/0001_one.sql has run, but the file is missing", "!pie_two"},
		{"a late number is refused", []db.Source{files("pie", "0000_zero.sql", "create table pie_zero (id text)", "0001_one.sql", oneTable)}, "comes too late", "!pie_zero"},
		{"a name that says nothing is refused", []db.Source{files("pie", "0001_one.sql", oneTable, "2.sql", "")}, "must look like 0001_what_it_does.sql", "pie_one"},
		{"one number twice is refused", []db.Source{files("pie", "0001_one.sql", oneTable, "0001_uno.sql", oneTable)}, "have the same number", "pie_one"},
		{"one room twice is refused", []db.Source{first, first}, "room pie brings migrations twice", "pie_one"},
		{"when the second room fails the first is undone too", []db.Source{
			files("cake", "0001_one.sql", "create table cake_one (id text)"),
			files("tart", "0001_one.sql", "create table tart_one (id text); create tabel tart_two (id text);"),
		}, "migration tart/0001_one.sql", "!cake_one"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				err := d.Migrate(t.Context(), tt.then)
				if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				var n int
				name, not := strings.CutPrefix(tt.table, "!")
				err = d.QueryRowContext(t.Context(), `select count(*) from `+name).Scan(&n)
				if (err == nil) == not {
					t.Errorf("table %s: got %v", tt.table, err)
				}
			}, first)
		})
	}
}

func TestPendingListsAndRunsNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		more := []db.Source{files("pie", "0001_one.sql", oneTable, "0002_two.sql", "create table pie_two (id text)")}
		for range 2 {
			list, err := d.Pending(t.Context(), more)
			if err != nil || len(list) != 1 || list[0].Room != "pie" || list[0].Number != 2 || list[0].Name != "0002_two.sql" {
				t.Errorf("got %v, %v, want pie/0002_two.sql", list, err)
			}
		}
		if err := d.Migrate(t.Context(), more); err != nil {
			t.Fatal(err)
		}
		if list, err := d.Pending(t.Context(), more); err != nil || len(list) != 0 {
			t.Errorf("after it ran: got %v, %v, want nothing", list, err)
		}
	}, files("pie", "0001_one.sql", oneTable))
}

func TestAFileForOneEngineTakesThePlaceOfTheOther(t *testing.T) {
	source := files("pie",
		"0001_one.sql", "create table pie_common (id text)",
		"0001_one.sqlite.sql", "create table pie_sqlite (id text)",
		"0001_one.postgres.sql", "create table pie_postgres (id text)",
		"0002_two.postgres.sql", "create table pie_postgres_only (id text)")
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		for name, want := range map[string]bool{
			"pie_common": false, "pie_sqlite": d.Engine() == "sqlite",
			"pie_postgres": d.Engine() == "postgres", "pie_postgres_only": d.Engine() == "postgres",
		} {
			var n int
			if err := d.QueryRowContext(t.Context(), `select count(*) from `+name).Scan(&n); (err == nil) != want {
				t.Errorf("table %s: got %v, want it there: %v", name, err, want)
			}
		}
	}, source)
}

func TestTwoNodesMigrateAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		other := dbtest.Again(t, d)
		source := []db.Source{files("pie", "0001_one.sql", oneTable)}
		var both sync.WaitGroup
		for _, node := range []*db.DB{d, other} {
			both.Go(func() {
				if err := node.Migrate(t.Context(), source); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
	})
}

func TestTypesAreTranslatedOnlyWhereTheyAreTypes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var text, kept string
		var raw []byte
		err := d.QueryRowContext(t.Context(), `select note, "jsonb", data from pie_one`).Scan(&text, &kept, &raw)
		if err != nil || text != "jsonb and bytea, it's" || kept != "1e3" || string(raw) != "\x00\x01" {
			t.Errorf("got %q, %q, %q, %v", text, kept, raw, err)
		}
	}, files("pie", "0001_one.sql", `
		-- a comment on jsonb and bytea, it's ignored
		create table pie_one (note text, "jsonb" text, data BYTEA, extra jsonb); /* jsonb */
		insert into pie_one (note, "jsonb", data) values ('jsonb and bytea, it''s', '1e3', cast('' as bytea));
		`, "0002_bytes.sqlite.sql", `update pie_one set data = x'0001'`,
		"0002_bytes.postgres.sql", `update pie_one set data = '\x0001'`))
}

func TestLintSchema(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		shared    map[string]string
		want      []string
	}{
		{"a good table", oneTable, nil, nil},
		{"every type there is", `create table pie_one (jurisdiction text not null, a text, b bigint, c boolean, d jsonb, e bytea, f timestamp, g double precision, primary key (jurisdiction, a))`, nil, nil},
		{"no primary key", `create table pie_one (jurisdiction text not null)`, nil, []string{"table pie_one: it has no primary key"}},
		{"the id first in the key, though not in the table", `create table pie_one (jurisdiction text not null, id text not null, primary key (id, jurisdiction))`, nil,
			[]string{"table pie_one: its primary key starts with id, not with jurisdiction"}},
		{"a unique column alone", `create table pie_one (jurisdiction text not null, id text not null, code text unique, primary key (jurisdiction, id))`, nil,
			[]string{"table pie_one: its unique index on (code) does not start with jurisdiction"}},
		{"a unique index alone", oneTable + `create unique index pie_i on pie_one (id, jurisdiction)`, nil,
			[]string{"table pie_one: its unique index on (id, jurisdiction) does not start with jurisdiction"}},
		{"an index that is not unique may start with anything", oneTable + `create index pie_i on pie_one (id)`, nil, nil},
		{"a jurisdiction by number", `create table pie_one (jurisdiction bigint not null, id text not null, primary key (jurisdiction, id))`, nil,
			[]string{"table pie_one: its jurisdiction must be text not null"}},
		{"a foreign type", `create table pie_one (jurisdiction text not null, id varchar(20) not null, n integer, primary key (jurisdiction, id))`, nil,
			[]string{"table pie_one: column id is ", "table pie_one: column n is integer"}},
		{"nobody's table", oneTable + `create table pies (jurisdiction text not null primary key)`, nil,
			[]string{"table pies: its name starts with no room's name"}},
		{"a reference within the room", oneTable + `create table pie_two (jurisdiction text not null, id text not null, primary key (jurisdiction, id), foreign key (jurisdiction, id) references pie_one)`, nil, nil},
		{"a reference into another room", `create table pie_one (jurisdiction text not null primary key references ledger_head (jurisdiction))`, nil,
			[]string{"table pie_one: it refers to ledger_head, which is another room's"}},
		{"shared with a reason", `create table pie_one (id text not null primary key)`, map[string]string{"pie_one": "recipes are the same everywhere"}, nil},
		{"shared without a reason", `create table pie_one (id text not null primary key)`, map[string]string{"pie_one": ""},
			[]string{"table pie_one: say why it belongs to no jurisdiction"}},
		{"shared but not there", oneTable, map[string]string{"pie_none": "gone"},
			[]string{"table pie_none: it is listed as shared, but is not there"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source := files("pie", "0001_one.sql", tt.sql)
			source.Shared = tt.shared
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				got, err := db.LintSchema(t.Context(), d, []db.Source{source})
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != len(tt.want) {
					t.Fatalf("got %q, want %q", got, tt.want)
				}
				for i := range got {
					if !strings.HasPrefix(got[i], tt.want[i]) {
						t.Errorf("got %q, want %q", got[i], tt.want[i])
					}
				}
			}, source)
		})
	}
}

func TestABadURLIsExplained(t *testing.T) {
	for _, tt := range []struct{ name, url, want string }{
		{"another kind", "mysql://root:secret@host/db", `must start with sqlite: or postgres:, not "mysql:"`},
		{"no kind", "hustings.db", `must start with sqlite: or postgres:`},
		{"no file", "sqlite:", "names no file"},
		{"no such folder can be made", "sqlite:/dev/null/x.db", "cannot be opened"},
		{"not a URL", "postgres://host:port:5432/x", "cannot be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := db.Open(t.Context(), tt.url, db.Options{})
			if got := fmt.Sprint(err); !strings.Contains(got, tt.want) || strings.Contains(got, "secret") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.Unavailable {
				t.Errorf("got kind %q", k)
			}
		})
	}
}
