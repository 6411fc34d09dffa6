// SPDX-License-Identifier: Apache-2.0

// Command audit measures the sealed ledger: how many facts a second are
// recorded and sealed at once, how soon an entry is sealed, and how long it
// takes to verify a ledger of any length.
//
//	go run ./bench/audit                       append and seal for 15 s
//	go run ./bench/audit --entries 1000000     and verify a ledger of a million entries
//
// The bars: 2,000 entries a second with sealing on, sealed within 1 s; ten
// million entries verified in 2 minutes on 2 cores.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"hustings/guard/audit"
	"hustings/guard/audit/tree"
	"hustings/kit/db"
	"hustings/kit/id"
	"hustings/kit/ledger"
	"hustings/kit/who"
)

const jurisdiction = "ocd-division/country:us/state:xx/county:vale"

func main() {
	entries := flag.Int64("entries", 0, "verify a ledger of so many entries")
	appending := flag.Duration("append", 15*time.Second, "how long to append and seal; 0 for not at all")
	writers := flag.Int("writers", 64, "how many record at the same time")
	rate := flag.Int("rate", 2000, "facts a second that are recorded; 0: as many as go")
	database := flag.String("database", "", "append to this database, such as postgres://…; empty: SQLite in a temporary folder")
	folder := flag.String("folder", "", "keep the ledger here, and use the one that is there; empty: a temporary folder")
	flag.Parse()
	ctx := context.Background()
	if *appending > 0 {
		if err := appendAndSeal(ctx, *database, *appending, *writers, *rate); err != nil {
			fail(err)
		}
	}
	if *entries > 0 {
		if err := verify(ctx, *folder, *entries); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "audit:", err)
	os.Exit(1)
}

// happened is a fact of the size that most have.
type happened struct {
	Election, Report, Reason string
	Version                  int64
}

func (happened) Name() string      { return "bench.happened.v1" }
func (h happened) Subject() string { return h.Report }

// house is what is needed of one.
type house struct {
	folder string
	db     *db.DB
	audit  *audit.Audit
}

func open(ctx context.Context, database, folder string) (*house, error) {
	h := &house{folder: folder}
	var err error
	if database == "" {
		database = "sqlite:" + filepath.Join(folder, "hustings.db")
	}
	if h.db, err = db.Open(ctx, database, db.Options{}); err != nil {
		return nil, err
	}
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h.audit = audit.New(audit.Deps{DB: h.db, Ledger: &ledger.Ledger{DB: h.db, Log: quiet}, Now: time.Now, Log: quiet, Jurisdiction: jurisdiction,
		Keys: audit.KeyFile(filepath.Join(folder, "log.key")), Settings: audit.Settings{Folder: filepath.Join(folder, "log"), Origin: "bench.example/log"}})
	return h, h.db.Migrate(ctx, []db.Source{{Room: "audit", FS: h.audit.Room().Migrations}})
}

// sealing seals until the returned func is called.
func (h *house) sealing(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.audit.Seal(ctx) // it reports by its log
	}()
	return func() { cancel(); <-done }
}

// size is how many entries the published checkpoint covers.
func (h *house) size() uint64 {
	text, err := tree.Folder(filepath.Join(h.folder, "log")).Checkpoint()
	if err != nil {
		return 0
	}
	c, err := tree.Open(text, nil)
	if err != nil {
		return 0
	}
	return c.Size
}

// appendAndSeal records facts with many writers while the log is sealed.
func appendAndSeal(ctx context.Context, database string, long time.Duration, writers, rate int) error {
	folder, err := os.MkdirTemp("", "bench-audit-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	h, err := open(ctx, database, folder)
	if err != nil {
		return err
	}
	defer h.db.Close()
	stop := h.sealing(ctx)
	defer stop()
	var written atomic.Int64
	lag := watch(ctx, h, &written, long)
	start, cpu := time.Now(), cpuTime()
	if err := write(ctx, h.db, &written, long, writers, rate); err != nil {
		return err
	}
	took := time.Since(start)
	n := written.Load()
	for h.size() < uint64(n) {
		time.Sleep(10 * time.Millisecond)
		if time.Since(start) > long+time.Minute {
			return errors.New("the log was not sealed within a minute")
		}
	}
	rest := time.Since(start) - took
	worst := <-lag
	fmt.Printf("append: %d facts in %.1f s, %.0f a second with sealing on, %.0f µs of core time each; an entry was sealed after %d ms at the latest, all of them %d ms after the last\n",
		n, took.Seconds(), float64(n)/took.Seconds(), float64((cpuTime()-cpu).Microseconds())/float64(n), worst.Milliseconds(), rest.Milliseconds())
	return nil
}

// write records facts, each in a write of its own.
func write(ctx context.Context, d *db.DB, written *atomic.Int64, long time.Duration, writers, rate int) error {
	ctx = who.WithRequest(who.With(ctx, who.Person{ID: id.New(), Jurisdiction: jurisdiction, Via: who.Browser}), id.New())
	var all sync.WaitGroup
	failed := make(chan error, writers)
	end := time.Now().Add(long)
	for w := range writers {
		all.Go(func() {
			next := time.Now().Add(time.Duration(w) * time.Millisecond)
			for i := 0; time.Now().Before(end); i++ {
				f := happened{Election: "2026-11-03-general", Report: fmt.Sprintf("report-%d-%d", w, i), Reason: "the numbers of the night", Version: int64(i)}
				if err := ledger.Saw(ctx, d, f); err != nil {
					failed <- err
					return
				}
				written.Add(1)
				if rate > 0 {
					next = next.Add(time.Duration(writers) * time.Second / time.Duration(rate))
					time.Sleep(time.Until(next))
				}
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

// watch measures how long entries wait for their seal: each twentieth of a
// second it notes how many are in, and waits until so many are sealed.
func watch(ctx context.Context, h *house, written *atomic.Int64, long time.Duration) <-chan time.Duration {
	out := make(chan time.Duration, 1)
	go func() {
		type mark struct {
			n  int64
			at time.Time
		}
		var marks []mark
		var worst time.Duration
		for start := time.Now(); time.Since(start) < long+5*time.Second && ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
			now := time.Now()
			if n := written.Load(); len(marks) == 0 || now.Sub(marks[len(marks)-1].at) > 50*time.Millisecond {
				marks = append(marks, mark{n, now})
			}
			size := int64(h.size())
			for len(marks) > 0 && marks[0].n <= size {
				worst = max(worst, now.Sub(marks[0].at))
				marks = marks[1:]
			}
		}
		if len(marks) > 20 {
			worst = time.Hour // it never caught up
		}
		out <- worst
	}()
	return out
}

// verify makes a ledger of n entries, seals it, and measures the verifier.
func verify(ctx context.Context, folder string, n int64) error {
	if folder == "" {
		temp, err := os.MkdirTemp("", "bench-audit-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		folder = temp
	}
	h, err := open(ctx, "", folder)
	if err != nil {
		return err
	}
	defer h.db.Close()
	if err := fill(ctx, h, n); err != nil {
		return err
	}
	_, public, err := audit.KeyFile(filepath.Join(folder, "log.key")).LogKey("")
	if err != nil {
		return err
	}
	key, err := tree.Key(public)
	if err != nil {
		return err
	}
	runtime.GC()
	start, cpu := time.Now(), cpuTime()
	r, err := audit.Verify(ctx, audit.Copy{DB: h.db, Folder: filepath.Join(folder, "log"), Key: key})
	if err != nil {
		return err
	}
	took, core := time.Since(start), cpuTime()-cpu
	if !r.Sound() || r.Entries != n || r.Leaves != uint64(n) {
		return fmt.Errorf("it is not sound: %d entries, %d leaves, %v", r.Entries, r.Leaves, r.Problems)
	}
	fmt.Printf("verify: %d entries in %.1f s, %.0f a second, %.1f s of core time; peak memory of the process %d MB\n",
		n, took.Seconds(), float64(n)/took.Seconds(), core.Seconds(), peak()/(1<<20))
	return nil
}

// fill makes the ledger longer until it has n entries, and seals it.
func fill(ctx context.Context, h *house, n int64) error {
	heads, err := (&ledger.Ledger{DB: h.db}).Jurisdictions(ctx)
	if err != nil {
		return err
	}
	if err := plain(ctx, h.db); err != nil {
		return err
	}
	start := time.Now()
	for at := heads[jurisdiction]; at < n; {
		step := min(20_000, n-at)
		if err := lengthen(ctx, h.db, at, step); err != nil {
			return err
		}
		at += step
	}
	filled := time.Since(start)
	stop := h.sealing(ctx)
	defer stop()
	for h.size() < uint64(n) {
		time.Sleep(50 * time.Millisecond)
	}
	fmt.Printf("a ledger of %d entries: written in %.0f s, sealed in %.0f s\n", n, filled.Seconds(), (time.Since(start) - filled).Seconds())
	return nil
}

// plain takes away the indexes that people search by: filling ten million
// entries is quicker without, and the verifier does not use them.
func plain(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a benchmark prepares its ledger")
		for _, name := range []string{"id", "at", "actor", "request", "subject", "name"} {
			if _, err := tx.ExecContext(ctx, `drop index if exists ledger_entry_`+name); err != nil {
				return err
			}
		}
		return nil
	})
}

// lengthen puts entries behind those that are there, as the ledger itself
// would, many at a time.
func lengthen(ctx context.Context, d *db.DB, at, n int64) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a benchmark fills the ledger")
		prev := make([]byte, 32)
		if at > 0 {
			if err := tx.QueryRowContext(ctx, `select hash from ledger_head where jurisdiction = $1`, jurisdiction).Scan(&prev); err != nil {
				return err
			}
		}
		columns := []string{"jurisdiction", "seq", "id", "at", "actor", "on_behalf", "via", "request", "name", "subject", "data", "prev", "hash"}
		if _, err := tx.Load(ctx, "ledger_entry", columns, rows(at, n, &prev)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `insert into ledger_head (jurisdiction, seq, hash) values ($1, $2, $3)
			on conflict (jurisdiction) do update set seq = excluded.seq, hash = excluded.hash`, jurisdiction, at+n, prev)
		return err
	})
}

func rows(at, n int64, prev *[]byte) iter.Seq2[[]any, error] {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	actor := id.New()
	return func(yield func([]any, error) bool) {
		for i := at + 1; i <= at+n; i++ {
			e := db.Entry{Jurisdiction: jurisdiction, Seq: i, ID: id.New(), At: day.Add(time.Duration(i) * time.Second), Actor: actor, Via: who.Browser,
				Request: id.New(), Name: "bench.happened.v1", Subject: fmt.Sprintf("report-%d", i),
				Data: fmt.Appendf(nil, `{"Election":"2026-11-03-general","Report":"report-%d","Reason":"the numbers of the night","Version":%d}`, i, i), Prev: *prev}
			e.Hash = e.Sum()
			*prev = e.Hash
			row := []any{e.Jurisdiction, e.Seq, e.ID, db.FormatTime(e.At), e.Actor, e.OnBehalf, e.Via, e.Request, e.Name, e.Subject, string(e.Data), e.Prev, e.Hash}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// cpuTime is the time that cores have worked for this process.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most memory that the process has had.
func peak() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss << 10
}
