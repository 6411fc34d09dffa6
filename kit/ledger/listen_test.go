// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/who"
)

var quiet = slog.New(slog.DiscardHandler)

// ear is what a listener under test has heard.
type ear struct {
	mu    sync.Mutex // guards heard
	heard []ledger.Entry
}

func (e *ear) do(_ context.Context, entry ledger.Entry) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, entry)
	return nil
}

// seqs are the sequences heard of a jurisdiction, in the order they came.
func (e *ear) seqs(j string) (list []int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, entry := range e.heard {
		if entry.Jurisdiction == j {
			list = append(list, entry.Seq)
		}
	}
	return list
}

// run lets l run until the returned func is called, which waits for its end.
func run(t *testing.T, l *ledger.Ledger, hears ...ledger.Hear) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx, hears) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(2 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("waited 30 s: %s", what)
}

func upTo(n int64) (list []int64) {
	for i := range n {
		list = append(list, i+1)
	}
	return list
}

func TestAListenerHearsEverythingOnceAndInOrder(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := &ledger.Ledger{DB: d, Log: quiet}
		say(t, d, "nye", 250) // more than two batches, from before
		var e ear
		stop := run(t, l, ledger.Hear{Listener: "one", Do: e.do})
		say(t, d, "clark", 20)
		eventually(t, "all heard", func() bool { return len(e.seqs("nye")) >= 250 && len(e.seqs("clark")) >= 20 })
		stop()
		say(t, d, "nye", 5)
		run(t, l, ledger.Hear{Listener: "one", Do: e.do})
		eventually(t, "the rest heard after a restart", func() bool { return len(e.seqs("nye")) >= 255 })
		if got := e.seqs("nye"); !slices.Equal(got, upTo(255)) {
			t.Errorf("nye: got %v", got)
		}
		if got := e.seqs("clark"); !slices.Equal(got, upTo(20)) {
			t.Errorf("clark: got %v", got)
		}
	})
}

func TestAListenerHearsOnlyItsNames(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := &ledger.Ledger{DB: d, Log: quiet}
		ctx := who.With(t.Context(), who.Person{ID: "ann", Jurisdiction: "nye"})
		say(t, d, "nye", 3)
		err := d.Write(ctx, func(tx *db.Tx) error { tx.Record(whispered{"hush"}); return nil })
		if err != nil {
			t.Fatal(err)
		}
		say(t, d, "nye", 3)
		var e ear
		run(t, l, ledger.Hear{Listener: "one", Names: []string{"test.whispered.v1", "test.shouted.v1"}, Do: e.do})
		eventually(t, "heard, and the cursor at the end", func() bool {
			all, err := l.Status(ctx)
			return err == nil && len(all) == 1 && all[0].Seq == 7 && all[0].Lag == 0
		})
		if got := e.seqs("nye"); !slices.Equal(got, []int64{4}) {
			t.Errorf("got %v, want only entry 4", got)
		}
	})
}

// Twenty listeners of one process share what is read, yet each hears just its
// own, however the facts come in.
func TestManyListenersEachHearTheirOwn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		const facts = 700 // more than are kept in memory
		ears := make([]ear, 20)
		var hears []ledger.Hear
		for i := range ears {
			var names []string // the first hears everything
			if i > 0 {
				names = []string{fmt.Sprintf("test.numbered.%d.v1", i), "test.all.v1"}
			}
			hears = append(hears, ledger.Hear{Listener: fmt.Sprint("l", i), Names: names, Do: ears[i].do})
		}
		run(t, &ledger.Ledger{DB: d, Log: quiet}, hears...)
		want := make([][]int64, len(ears))
		ctx := who.With(t.Context(), who.Person{ID: "ann", Jurisdiction: "nye"})
		for seq := 1; seq <= facts; {
			burst := min(1+rand.N(90), facts-seq+1)
			err := d.Write(ctx, func(tx *db.Tx) error {
				for range burst {
					n := rand.N(len(ears))
					name := named(fmt.Sprintf("test.numbered.%d.v1", n))
					if n == 0 {
						name = "test.all.v1"
					}
					for i := range want {
						if i == 0 || n == 0 || i == n {
							want[i] = append(want[i], int64(seq))
						}
					}
					tx.Record(name)
					seq++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(rand.N(10 * time.Millisecond))
		}
		for i := range ears {
			eventually(t, fmt.Sprintf("listener %d has heard its own", i), func() bool { return len(ears[i].seqs("nye")) >= len(want[i]) })
			if got := ears[i].seqs("nye"); !slices.Equal(got, want[i]) {
				t.Errorf("listener %d: got %v, want %v", i, got, want[i])
			}
		}
	})
}

// named is a fact that is nothing but its name.
type named string

func (n named) Name() string { return string(n) }

func TestACommitWakesListenersAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var e ear
		run(t, &ledger.Ledger{DB: d, Log: quiet}, ledger.Hear{Listener: "one", Do: e.do})
		say(t, d, "nye", 1)
		eventually(t, "the first heard", func() bool { return len(e.seqs("nye")) == 1 })
		best := time.Hour
		for i := range 5 {
			start := time.Now()
			say(t, d, "nye", 1)
			eventually(t, "the next heard", func() bool { return len(e.seqs("nye")) == i+2 })
			best = min(best, time.Since(start))
		}
		if best > 100*time.Millisecond { // the poll alone takes up to half a second
			t.Errorf("the quickest of five took %v", best)
		}
	})
}

// Two nodes run the same listener, and each is stopped and started at random.
// Whoever is at work: nothing is left out, and nothing comes before what was
// before it.
func TestTwoWorkersShareOneListener(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var e ear
		hear := ledger.Hear{Listener: "one", Do: e.do}
		const each = 150
		finished := make(chan struct{})
		var nodes sync.WaitGroup
		for _, node := range []*db.DB{d, dbtest.Again(t, d)} {
			nodes.Go(func() {
				for {
					stop := run(t, &ledger.Ledger{DB: node, Log: quiet}, hear)
					select {
					case <-finished:
						stop()
						return
					case <-time.After(50*time.Millisecond + rand.N(100*time.Millisecond)):
						stop()
					}
				}
			})
		}
		var writers sync.WaitGroup
		for _, j := range []string{"nye", "clark"} {
			writers.Go(func() {
				for range each {
					say(t, d, j, 1)
					time.Sleep(rand.N(4 * time.Millisecond))
				}
			})
		}
		writers.Wait()
		done := func(j string) bool { s := e.seqs(j); return len(s) > 0 && slices.Max(s) == each }
		eventually(t, "both heard to the end", func() bool { return done("nye") && done("clark") })
		close(finished)
		nodes.Wait()
		for _, j := range []string{"nye", "clark"} {
			if got := slices.Compact(firsts(e.seqs(j))); !slices.Equal(got, upTo(each)) {
				t.Errorf("%s: first heard in the order %v", j, got)
			}
		}
	})
}

// firsts leaves out what had been heard before.
func firsts(seqs []int64) (list []int64) {
	seen := map[int64]bool{}
	for _, s := range seqs {
		if !seen[s] {
			list = append(list, s)
		}
		seen[s] = true
	}
	return list
}

func TestAnEntryThatCannotBeTakenStopsTheListenerInTheOpen(t *testing.T) {
	for _, how := range []struct {
		name string
		fail func() error
	}{
		{"an error", func() error { return errors.New("cannot digest this") }},
		{"a panic", func() error { panic("cannot digest this") }},
	} {
		t.Run(how.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				l := &ledger.Ledger{DB: d, Log: quiet}
				say(t, d, "nye", 6)
				say(t, d, "clark", 6)
				var e ear
				run(t, l, ledger.Hear{Listener: "one", Do: func(ctx context.Context, entry ledger.Entry) error {
					if entry.Jurisdiction == "nye" && entry.Seq == 4 {
						return how.fail()
					}
					return e.do(ctx, entry)
				}})
				var stuck ledger.Status
				eventually(t, "stuck", func() bool {
					all, err := l.Status(t.Context())
					if err != nil || len(all) != 2 {
						return false
					}
					stuck = all[1]
					return all[0].Lag == 0 && stuck.Tries >= 2
				})
				if stuck.Jurisdiction != "nye" || stuck.Seq != 3 || stuck.Lag != 3 || !stuck.Stuck() || !contains(stuck.Error, "entry 4 (test.said.v1)", "cannot digest this") {
					t.Errorf("got %+v", stuck)
				}
				if got := e.seqs("nye"); !slices.Equal(got, upTo(3)) {
					t.Errorf("behind the bad entry: got %v, want 1 to 3", got)
				}
				skipOver(t, l, &e)
			})
		})
	}
}

// skipOver lifts the listener over entry 4 of nye, after trying what must not
// work.
func skipOver(t *testing.T, l *ledger.Ledger, e *ear) {
	t.Helper()
	ctx := dbtest.Context(t)
	if err := l.Skip(ctx, "one", "nye", 4, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("skip without a reason: got %v", err)
	}
	if err := l.Skip(ctx, "one", "nye", 99, "too far"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("skip what has not happened yet: got %v", err)
	}
	if err := l.Skip(ctx, "one", "clark", 6, "not stuck"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("skip where nothing is stuck: got %v", err)
	}
	if err := l.Skip(ctx, "one", "nye", 4, "a bad import"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the rest heard", func() bool { return slices.Equal(e.seqs("nye"), []int64{1, 2, 3, 5, 6, 7}) })
	list, err := l.Tail(ctx, "nye", 6, 1)
	if err != nil || len(list) != 1 || list[0].Name != "ledger.skipped.v1" || list[0].Actor != "ann" || !contains(string(list[0].Data), "a bad import") {
		t.Errorf("in the ledger: got %+v, %v", list, err)
	}
}

func contains(s string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(s, p) })
}

// A node that was cut off for longer than its lease finds that another has
// taken over: it stops, and its late word does not move the cursor.
func TestAWorkerWhoseLeaseIsGoneStops(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := &ledger.Ledger{DB: d, Log: quiet}
		say(t, d, "nye", 3)
		var e ear
		inside, goOn := make(chan struct{}), make(chan struct{})
		run(t, l, ledger.Hear{Listener: "one", Do: func(ctx context.Context, entry ledger.Entry) error {
			if entry.Seq == 1 {
				close(inside)
				<-goOn
			}
			return e.do(ctx, entry)
		}})
		<-inside
		tamper(t, d, `update ledger_lease set holder = 'another', fence = fence + 1, expires = '2999-01-01T00:00:00.000000Z'`)
		close(goOn)
		eventually(t, "the batch under way heard", func() bool { return len(e.seqs("nye")) == 3 })
		say(t, d, "nye", 2)
		time.Sleep(300 * time.Millisecond)
		if got := e.seqs("nye"); !slices.Equal(got, upTo(3)) {
			t.Errorf("after the lease was gone: got %v, want no more than 1 to 3", got)
		}
		if all, err := l.Status(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("the cursor moved without a lease: %v, %v", all, err)
		}
	})
}

func TestRunRefusesWhatCannotWork(t *testing.T) {
	d := dbtest.SQLite(t)
	do := func(context.Context, ledger.Entry) error { return nil }
	for _, tt := range []struct {
		name  string
		hears []ledger.Hear
	}{
		{"two of one name", []ledger.Hear{{Listener: "a", Do: do}, {Listener: "a", Do: do}}},
		{"no name", []ledger.Hear{{Do: do}}},
		{"nothing to do", []ledger.Hear{{Listener: "a"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := (&ledger.Ledger{DB: d, Log: quiet}).Run(t.Context(), tt.hears); err == nil {
				t.Error("got no error")
			}
		})
	}
}

func BenchmarkListen(b *testing.B) {
	d := dbtest.SQLite(b)
	ctx := dbtest.Context(b)
	const n = 20000
	err := d.Write(ctx, func(tx *db.Tx) error {
		for i := range n {
			tx.Record(said{What: fmt.Sprint(i), in: "nye"})
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	l := &ledger.Ledger{DB: d, Log: quiet}
	for i := 0; b.Loop(); i++ {
		ctx, stop := context.WithCancel(ctx)
		err := l.Run(ctx, []ledger.Hear{{Listener: fmt.Sprint(i), Do: func(_ context.Context, e ledger.Entry) error {
			if e.Seq == n {
				stop()
			}
			return nil
		}}})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// Two nodes want to do what only one may do at a time; when the first is
// stopped the other goes on.
func TestOneNodeAtATimeIsAlone(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var mu sync.Mutex // guards at, most and turns
		at, most, turns := 0, 0, 0
		do := func(ctx context.Context, turn ledger.Turn) error {
			mu.Lock()
			at, turns = at+1, turns+1
			most = max(most, at)
			mu.Unlock()
			err := d.Write(ctx, func(tx *db.Tx) error {
				tx.Silently("a turn is no news")
				return turn.Fenced(ctx, tx)
			})
			if (err != nil || turn.Over()) && ctx.Err() == nil { // a turn may be ended while it writes
				t.Errorf("a fresh turn is not ours: %v", err)
			}
			<-ctx.Done()
			mu.Lock()
			at--
			mu.Unlock()
			return nil
		}
		count := func() int { mu.Lock(); defer mu.Unlock(); return turns }
		one, stopOne := context.WithCancel(t.Context())
		two, stopTwo := context.WithCancel(t.Context())
		var nodes sync.WaitGroup
		for _, ctx := range []context.Context{one, two} {
			nodes.Go(func() { (&ledger.Ledger{DB: d, Log: quiet}).Alone(ctx, "test.alone", do) })
		}
		eventually(t, "somebody is at work", func() bool { return count() == 1 })
		stopOne()
		time.Sleep(20 * time.Millisecond)
		stopTwo()
		nodes.Wait()
		again, stop := context.WithCancel(t.Context())
		nodes.Go(func() { (&ledger.Ledger{DB: d, Log: quiet}).Alone(again, "test.alone", do) })
		eventually(t, "the next is at work", func() bool { return count() >= 2 })
		stop()
		nodes.Wait()
		if most != 1 {
			t.Errorf("%d were at work at once", most)
		}
	})
}
