// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"hustings/guard/audit"
	"hustings/guard/audit/tree"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/ledger"
	"hustings/kit/web"
	"hustings/kit/words"
)

// said is a fact of these tests.
type said struct{ What, in string }

func (said) Name() string           { return "test.said.v1" }
func (s said) Subject() string      { return "subject " + s.What }
func (s said) Jurisdiction() string { return s.in }

// office is the room on a database of its own.
type office struct {
	*audit.Audit
	t      testing.TB
	key    note.Verifier
	folder string
}

func openOffice(t testing.TB, d *db.DB, folder string, change ...func(*audit.Deps)) *office {
	t.Helper()
	deps := depsOf(d, folder, slog.New(slog.NewTextHandler(t.Output(), nil)))
	for _, c := range change {
		c(&deps)
	}
	_, public, err := deps.Keys.LogKey(deps.Origin)
	if err != nil {
		t.Fatal(err)
	}
	key, err := tree.Key(public)
	if err != nil {
		t.Fatal(err)
	}
	return &office{audit.New(deps), t, key, folder}
}

// depsOf is what the room needs, with its key beside its log.
func depsOf(d *db.DB, folder string, l *slog.Logger) audit.Deps {
	keys := audit.KeyFile(filepath.Join(filepath.Dir(folder), "log.key"))
	return audit.Deps{DB: d, Ledger: &ledger.Ledger{DB: d, Log: l}, Now: time.Now, Log: l, Jurisdiction: "nye", Keys: keys,
		Settings: audit.Settings{Folder: folder, Origin: "vale.example/log"}}
}

// source is the room's tables.
func source() db.Source {
	return db.Source{Room: "audit", FS: audit.New(audit.Deps{}).Room().Migrations}
}

// seal seals until the returned func is called.
func (o *office) seal() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- o.Seal(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			o.t.Error(err)
		}
	})
	o.t.Cleanup(stop)
	return stop
}

// say records n facts in a jurisdiction, ten in a write.
func say(t testing.TB, d *db.DB, in string, n int) {
	t.Helper()
	ctx := dbtest.Context(t)
	for i := 0; i < n; i += 10 {
		err := d.Write(ctx, func(tx *db.Tx) error {
			for k := i; k < min(i+10, n); k++ {
				tx.Record(said{What: fmt.Sprintf("<%d> & more", k), in: in})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// sealed waits until n leaves are sealed.
func (o *office) sealed(n uint64) {
	o.t.Helper()
	for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(5 * time.Millisecond) {
		text, err := tree.Folder(o.folder).Checkpoint()
		if err != nil {
			continue
		}
		c, err := tree.Open(text, o.key)
		if err != nil {
			o.t.Fatal(err)
		}
		if c.Size >= n {
			return
		}
	}
	o.t.Fatalf("waited 30 s for %d leaves", n)
}

// remembered waits until the database knows that n leaves are sealed.
func (o *office) remembered(n uint64) {
	o.t.Helper()
	for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(5 * time.Millisecond) {
		if c, err := o.Checkpoint(context.Background()); err == nil && c.Size >= n {
			return
		}
	}
	o.t.Fatalf("waited 30 s for a checkpoint of %d leaves", n)
}

func (o *office) verify() *audit.Report {
	o.t.Helper()
	r, err := audit.Verify(context.Background(), audit.Copy{DB: o.DB, Folder: o.folder, Key: o.key})
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

func TestEveryEntryIsSealed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d, filepath.Join(t.TempDir(), "log"))
		say(t, d, "nye", 300)
		stop := o.seal()
		say(t, d, "clark", 300)
		say(t, d, "nye", 30)
		o.sealed(630)
		stop()
		r := o.verify()
		if !r.Sound() || r.Entries != 630 || r.Leaves != 630 || r.Waiting != 0 {
			t.Fatalf("got %+v", r)
		}
		// what comes later waits, and is sealed by the next who seals
		say(t, d, "nye", 5)
		if r := o.verify(); !r.Sound() || r.Waiting != 5 {
			t.Fatalf("got %+v", r)
		}
		o = openOffice(t, d, o.folder)
		o.seal()
		o.sealed(635)
		if r := o.verify(); !r.Sound() || r.Leaves != 635 {
			t.Fatalf("got %+v", r)
		}
	}, source())
}

func TestAnEntryIsSealedWithinASecond(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := openOffice(t, d, filepath.Join(t.TempDir(), "log"))
	o.seal()
	o.sealed(0)
	var worst time.Duration
	for i := range 5 {
		say(t, d, "nye", 1)
		start := time.Now()
		o.sealed(uint64(i + 1))
		worst = max(worst, time.Since(start))
	}
	t.Logf("the slowest took %v", worst)
	if worst > time.Second {
		t.Errorf("an entry was sealed only after %v", worst)
	}
}

// catalog is what the room says, in all languages.
func catalog(t testing.TB) *words.Catalog {
	t.Helper()
	c, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range append([]fs.FS{web.Sentences}, audit.New(audit.Deps{}).Room().Words...) {
		if err := c.Add(w); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func hash(s string) [sha256.Size]byte { return sha256.Sum256([]byte(s)) }
