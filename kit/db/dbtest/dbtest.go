// SPDX-License-Identifier: Apache-2.0

// Package dbtest opens real databases for tests: SQLite in a temporary folder,
// and a PostgreSQL server of the test's own where one is installed.
//
//	dbtest.Run(t, func(t *testing.T, d *db.DB) { … }, voters.Migrations)
package dbtest

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hustings/kit/db"
	"hustings/kit/who"
)

// Jurisdiction is where the person of Context acts.
const Jurisdiction = "ocd-division/country:us/state:zz/county:test"

// Context is that of somebody known, acting in Jurisdiction, in a request.
func Context(t testing.TB) context.Context {
	return who.WithRequest(As(t.Context()), t.Name())
}

// As puts the person of Context into ctx.
func As(ctx context.Context) context.Context {
	return who.With(ctx, who.Person{ID: "ann", Name: "Ann", Jurisdiction: Jurisdiction, Via: who.Browser})
}

// Run runs test on every engine that is here, each time on a fresh database
// with the sources' tables. It opens them strictly: a write that changes rows
// and tells nobody fails.
func Run(t *testing.T, test func(t *testing.T, d *db.DB), sources ...db.Source) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t, sources...)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t, sources...)) })
}

// SQLite opens a fresh SQLite database that goes away with the test.
func SQLite(t testing.TB, sources ...db.Source) *db.DB {
	t.Helper()
	return Open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), sources...)
}

// urls remembers which database each DB is, for Again.
var urls sync.Map // *db.DB -> string

// URL is where d's database is, for a child process.
func URL(t testing.TB, d *db.DB) string {
	t.Helper()
	url, ok := urls.Load(d)
	if !ok {
		t.Fatal("this DB was not opened by dbtest")
	}
	return url.(string)
}

// Again opens d's database a second time, as another node would.
func Again(t testing.TB, d *db.DB, sources ...db.Source) *db.DB {
	t.Helper()
	return Open(t, URL(t, d), sources...)
}

// Open opens the database at url for the length of the test.
func Open(t testing.TB, url string, sources ...db.Source) *db.DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d, err := db.Open(ctx, url, db.Options{Strict: true, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	urls.Store(d, url)
	t.Cleanup(func() {
		urls.Delete(d)
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if err := d.Migrate(ctx, sources); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return d
}
