// SPDX-License-Identifier: Apache-2.0

package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/who"
)

var quiet = slog.New(slog.DiscardHandler)

// run runs jobs until the returned func is called, which waits for the end.
func run(t *testing.T, d *db.DB, workers int, repeats []job.Repeat, kinds ...job.Kind) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- (&job.Jobs{DB: d, Log: quiet, Workers: workers}).Run(ctx, kinds, repeats) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func enqueue(t *testing.T, d *db.DB, o job.Order) (id string) {
	t.Helper()
	ctx := dbtest.Context(t)
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		id, err = job.Enqueue(ctx, tx, o)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// until waits until the job has come to what is asked.
func until(t *testing.T, d *db.DB, id string, is func(job.Job) bool) (one job.Job) {
	t.Helper()
	for start := time.Now(); time.Since(start) < 40*time.Second; time.Sleep(5 * time.Millisecond) {
		var err error
		if one, err = (&job.Jobs{DB: d}).Get(t.Context(), dbtest.Jurisdiction, id); err != nil {
			t.Fatal(err)
		}
		if is(one) {
			return one
		}
	}
	t.Fatalf("waited 40 s; the job is %+v", one)
	return one
}

func in(states ...job.State) func(job.Job) bool {
	return func(one job.Job) bool {
		for _, s := range states {
			if one.State == s {
				return true
			}
		}
		return false
	}
}

// told are the ledger's facts about jobs, in order.
func told(t *testing.T, d *db.DB) string {
	t.Helper()
	var names []string
	for e, err := range (&ledger.Ledger{DB: d}).All(t.Context(), dbtest.Jurisdiction, 0) {
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(e.Name, "job."), ".v1")
		for _, s := range []job.State{job.Done, job.Failed, job.Cancelled} {
			if strings.Contains(string(e.Data), fmt.Sprintf(`"State":%q`, s)) {
				name += ":" + string(s)
			}
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestAJobIsDoneAsItWasAskedFor(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		type args struct{ Rows int }
		run(t, d, 2, nil, job.Kind{Name: "test.count", Do: func(ctx context.Context, w *job.Work) error {
			var a args
			if err := w.Args(&a); err != nil {
				return err
			}
			if me := who.From(ctx); me.ID != "system:test.count" || me.OnBehalf != "ann" || me.Jurisdiction != dbtest.Jurisdiction || who.Request(ctx) != w.ID() {
				t.Errorf("acting as %+v in %q", me, who.Request(ctx))
			}
			w.Progress(int64(a.Rows), 10, "counting")
			return w.Result(map[string]int{"rows": a.Rows})
		}})
		id := enqueue(t, d, job.Order{Kind: "test.count", Args: args{Rows: 7}})
		one := until(t, d, id, in(job.Done))
		if string(one.Result) != `{"rows":7}` || one.Done != 7 || one.Total != 10 || one.Message != "counting" ||
			one.Tries != 1 || one.Actor != "ann" || one.StartedAt.IsZero() || one.FinishedAt.Before(one.StartedAt) || one.Error != "" {
			t.Errorf("got %+v", one)
		}
		if got, want := told(t, d), "queued finished:done"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}, job.Source())
}

func TestAJobIsQueuedOnlyWithItsWrite(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		errMine := errors.New("changed my mind")
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := job.Enqueue(ctx, tx, job.Order{Kind: "test.any"})
			return errors.Join(err, errMine)
		})
		if !errors.Is(err, errMine) {
			t.Fatal(err)
		}
		list, err := (&job.Jobs{DB: d}).List(ctx, dbtest.Jurisdiction, "", "", 10)
		if err != nil || len(list) != 0 || told(t, d) != "" {
			t.Errorf("got %v, %v, told %q, want nothing", list, err, told(t, d))
		}
	}, job.Source())
}

func TestHowAJobFails(t *testing.T) {
	for _, tt := range []struct {
		name  string
		do    func(w *job.Work) error
		state job.State
		tries int
		error string
		told  string
	}{
		{"a passing failure is tried again", func(w *job.Work) error {
			if w.Try() == 1 {
				return errors.New("the printer is out of paper")
			}
			return nil
		}, job.Done, 2, "", "queued finished:done"},
		{"one that goes on failing is given up", func(*job.Work) error { return errors.New("still no paper") },
			job.Failed, 2, "still no paper", "queued finished:failed"},
		{"what would fail the same way again is not tried again", func(*job.Work) error {
			return fault.New(fault.Invalid, "line 3 is bad")
		}, job.Failed, 1, "line 3 is bad", "queued finished:failed"},
		{"a panic is a failure", func(*job.Work) error { panic("what now") },
			job.Failed, 2, "panic: what now", "queued finished:failed"},
		{"arguments that cannot be read", func(w *job.Work) error { return w.Args(new(int)) },
			job.Failed, 1, "the job's arguments cannot be read", "queued finished:failed"},
		{"a result that is too large", func(w *job.Work) error { return w.Result(strings.Repeat("x", 1<<20)) },
			job.Failed, 1, "a job's result of", "queued finished:failed"},
		{"an error with a zero byte and no end", func(*job.Work) error {
			return fault.New(fault.Gone, "\x00\xff"+strings.Repeat("x", 1<<16))
		}, job.Failed, 1, "xxx", "queued finished:failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				run(t, d, 1, nil, job.Kind{Name: "test.any", Tries: 2, Do: func(_ context.Context, w *job.Work) error { return tt.do(w) }})
				id := enqueue(t, d, job.Order{Kind: "test.any", Args: "text"})
				one := until(t, d, id, in(job.Done, job.Failed))
				if one.State != tt.state || one.Tries != tt.tries || !strings.Contains(one.Error, tt.error) || tt.error == "" && one.Error != "" {
					t.Errorf("got %+v", one)
				}
				if got := told(t, d); got != tt.told {
					t.Errorf("told %q, want %q", got, tt.told)
				}
			}, job.Source())
		})
	}
}

func TestStopping(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		jobs := &job.Jobs{DB: d}
		ctx := dbtest.Context(t)
		waits := enqueue(t, d, job.Order{Kind: "test.any"})
		if err := jobs.Stop(ctx, dbtest.Jurisdiction, waits); err != nil {
			t.Fatal(err)
		}
		if one := until(t, d, waits, in(job.Cancelled)); one.FinishedAt.IsZero() {
			t.Error("a job that waited: it was stopped, but never finished")
		}
		if err := jobs.Stop(ctx, dbtest.Jurisdiction, waits); fault.KindOf(err) != fault.Conflict {
			t.Errorf("stop it twice: got %v, want a conflict", err)
		}
		run(t, d, 1, nil, job.Kind{Name: "test.any", Do: func(ctx context.Context, w *job.Work) error {
			w.Progress(1, 0, "under way")
			<-ctx.Done()
			return ctx.Err()
		}})
		runs := enqueue(t, d, job.Order{Kind: "test.any"})
		until(t, d, runs, func(one job.Job) bool { return one.Message == "under way" })
		if err := jobs.Stop(ctx, dbtest.Jurisdiction, runs); err != nil {
			t.Fatal(err)
		}
		if one := until(t, d, runs, in(job.Cancelled)); one.Tries != 1 {
			t.Errorf("a job that ran: got %+v", one)
		}
		if got, want := told(t, d), "queued stopped queued stopped finished:cancelled"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}, job.Source())
}

// The house closes in the middle of a job: the next node does it, and the
// interrupted try does not count.
func TestAJobOutlivesTheHouse(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		started := make(chan struct{})
		stop := run(t, d, 1, nil, job.Kind{Name: "test.any", Tries: 1, Do: func(ctx context.Context, _ *job.Work) error {
			close(started)
			<-ctx.Done()
			return ctx.Err()
		}})
		id := enqueue(t, d, job.Order{Kind: "test.any"})
		<-started
		stop()
		if one := until(t, d, id, in(job.Waiting)); one.Tries != 0 {
			t.Errorf("after closing: got %+v", one)
		}
		run(t, dbtest.Again(t, d), 1, nil, job.Kind{Name: "test.any", Tries: 1, Do: func(context.Context, *job.Work) error { return nil }})
		until(t, d, id, in(job.Done))
	}, job.Source())
}

// A node that died without a word leaves its lease behind; when that has run
// out the job is taken up again, and the dead one's late word changes nothing.
func TestAJobWhoseNodeDied(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		inside, goOn := make(chan struct{}), make(chan struct{})
		var first atomic.Bool
		kind := job.Kind{Name: "test.any", Do: func(_ context.Context, w *job.Work) error {
			if first.CompareAndSwap(false, true) {
				close(inside)
				<-goOn
				return w.Result("from the dead")
			}
			return w.Result("from the living")
		}}
		run(t, d, 1, nil, kind)
		id := enqueue(t, d, job.Order{Kind: "test.any"})
		<-inside
		// As if the lease had not been renewed for long.
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			tx.Silently("the node is dead")
			_, err := tx.ExecContext(t.Context(), `update job_job set fence = fence + 1, expires = '2000-01-01T00:00:00.000000Z' where id = $1`, id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		run(t, dbtest.Again(t, d), 1, nil, kind)
		one := until(t, d, id, in(job.Done))
		close(goOn)
		time.Sleep(200 * time.Millisecond)
		one = until(t, d, id, in(job.Done))
		if string(one.Result) != `"from the living"` || one.Tries != 2 {
			t.Errorf("got %+v", one)
		}
	}, job.Source())
}

func TestAJobThatKillsItsNodeEveryTimeIsGivenUp(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		id := enqueue(t, d, job.Order{Kind: "test.any"})
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			tx.Silently("three nodes died of it")
			_, err := tx.ExecContext(t.Context(), `update job_job set state = 'running', tries = 3, fence = 3, expires = '2000-01-01T00:00:00.000000Z'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		run(t, d, 1, nil, job.Kind{Name: "test.any", Tries: 3, Do: func(context.Context, *job.Work) error {
			t.Error("it ran a fourth time")
			return nil
		}})
		one := until(t, d, id, in(job.Failed))
		if !strings.Contains(one.Error, "broke off 3 times") || told(t, d) != "queued finished:failed" {
			t.Errorf("got %+v, told %q", one, told(t, d))
		}
	}, job.Source())
}

func TestAKeyIsUnfinishedOnlyOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		one := enqueue(t, d, job.Order{Kind: "test.any", Key: "k"})
		if again := enqueue(t, d, job.Order{Kind: "test.any", Key: "k"}); again != one {
			t.Errorf("the same key: got %s, want %s", again, one)
		}
		if other := enqueue(t, d, job.Order{Kind: "test.any", Key: "l"}); other == one {
			t.Error("another key gave the same job")
		}
		if other := enqueue(t, d, job.Order{Kind: "test.other", Key: "k"}); other == one {
			t.Error("another kind gave the same job")
		}
		run(t, d, 1, nil, job.Kind{Name: "test.any", Do: func(context.Context, *job.Work) error { return nil }})
		until(t, d, one, in(job.Done))
		if next := enqueue(t, d, job.Order{Kind: "test.any", Key: "k"}); next == one {
			t.Error("a finished job still holds its key")
		}
	}, job.Source())
}

// Many jobs, two nodes with several workers each: each job is done once.
func TestManyWorkersShareTheJobs(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var mu sync.Mutex
		done := map[string]int{}
		kind := job.Kind{Name: "test.any", Do: func(_ context.Context, w *job.Work) error {
			mu.Lock()
			defer mu.Unlock()
			done[w.ID()]++
			return nil
		}}
		var ids []string
		for range 40 {
			ids = append(ids, enqueue(t, d, job.Order{Kind: "test.any"}))
		}
		run(t, d, 3, nil, kind)
		run(t, dbtest.Again(t, d), 3, nil, kind)
		for _, id := range ids {
			until(t, d, id, in(job.Done))
		}
		mu.Lock()
		defer mu.Unlock()
		for _, id := range ids {
			if done[id] != 1 {
				t.Errorf("job %s was done %d times", id, done[id])
			}
		}
	}, job.Source())
}

// clock is a house's clock that a test moves.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(0, c.at.Load()) }

func TestWorkThatRepeats(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, first *db.DB) {
		var c clock
		c.at.Store(time.Date(2026, 11, 3, 7, 0, 0, 0, time.UTC).UnixNano())
		d, err := db.Open(t.Context(), dbtest.URL(t, first), db.Options{Now: c.now, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		var runs atomic.Int64
		kind := job.Kind{Name: "test.sweep", Do: func(context.Context, *job.Work) error { runs.Add(1); return nil }}
		repeats := []job.Repeat{{Kind: "test.sweep", Jurisdiction: dbtest.Jurisdiction, Every: time.Hour}}
		stops := []func(){run(t, d, 1, repeats, kind), run(t, d, 1, repeats, kind)} // two nodes
		for want, after := range []time.Duration{0, 61 * time.Minute, 5 * time.Hour} {
			c.at.Add(int64(after))
			for start := time.Now(); runs.Load() <= int64(want) && time.Since(start) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
			}
			time.Sleep(50 * time.Millisecond)
			if got := runs.Load(); got != int64(want)+1 {
				t.Errorf("after %v: ran %d times, want %d", after, got, want+1)
			}
		}
		for _, stop := range stops {
			stop()
		}
	}, job.Source())
}

func TestAJobWaitsForItsTime(t *testing.T) {
	d := dbtest.SQLite(t, job.Source())
	run(t, d, 1, nil, job.Kind{Name: "test.any", Do: func(context.Context, *job.Work) error { return nil }})
	later := enqueue(t, d, job.Order{Kind: "test.any", NotBefore: time.Now().Add(time.Hour)})
	soon := enqueue(t, d, job.Order{Kind: "test.any"})
	until(t, d, soon, in(job.Done))
	if one := until(t, d, later, in(job.Waiting, job.Running, job.Done)); one.State != job.Waiting {
		t.Errorf("got %+v, want it waiting", one)
	}
}

func TestListShowsTheNewestFirst(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		jobs := &job.Jobs{DB: d}
		var ids []string
		for i := range 5 {
			ids = append(ids, enqueue(t, d, job.Order{Kind: fmt.Sprintf("test.%d", i%2)}))
		}
		for _, tt := range []struct {
			name, jurisdiction, kind, before string
			limit                            int
			want                             []string
		}{
			{"all", dbtest.Jurisdiction, "", "", 10, []string{ids[4], ids[3], ids[2], ids[1], ids[0]}},
			{"a page", dbtest.Jurisdiction, "", "", 2, []string{ids[4], ids[3]}},
			{"the next page", dbtest.Jurisdiction, "", ids[3], 2, []string{ids[2], ids[1]}},
			{"one kind", dbtest.Jurisdiction, "test.1", "", 10, []string{ids[3], ids[1]}},
			{"another office sees none of them", "elsewhere", "", "", 10, nil},
		} {
			list, err := jobs.List(t.Context(), tt.jurisdiction, tt.kind, tt.before, tt.limit)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, one := range list {
				got = append(got, one.ID)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
			}
		}
		if _, err := jobs.Get(t.Context(), "elsewhere", ids[0]); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another office's job: got %v, want not found", err)
		}
	}, job.Source())
}

func TestAHiddenArgumentIsRefusedAndNotLost(t *testing.T) {
	d := dbtest.SQLite(t, job.Source())
	type args struct{ Licence hide.String }
	run(t, d, 1, nil, job.Kind{Name: "test.any", Do: func(_ context.Context, w *job.Work) error { return w.Args(new(args)) }})
	id := enqueue(t, d, job.Order{Kind: "test.any", Args: args{hide.New("D1234567")}})
	if one := until(t, d, id, in(job.Done, job.Failed)); one.State != job.Failed || strings.Contains(one.Error, "D1234567") {
		t.Errorf("got %+v, want it failed", one)
	}
}

func TestRunRefusesWhatCannotWork(t *testing.T) {
	d := dbtest.SQLite(t, job.Source())
	do := func(context.Context, *job.Work) error { return nil }
	for _, tt := range []struct {
		name    string
		kinds   []job.Kind
		repeats []job.Repeat
	}{
		{"a kind twice", []job.Kind{{Name: "a", Do: do}, {Name: "a", Do: do}}, nil},
		{"a kind without a name", []job.Kind{{Do: do}}, nil},
		{"a kind with nothing to do", []job.Kind{{Name: "a"}}, nil},
		{"repeating what is not there", nil, []job.Repeat{{Kind: "a", Jurisdiction: "j", Every: time.Hour}}},
		{"repeating all the time", []job.Kind{{Name: "a", Do: do}}, []job.Repeat{{Kind: "a", Jurisdiction: "j"}}},
		{"repeating nowhere", []job.Kind{{Name: "a", Do: do}}, []job.Repeat{{Kind: "a", Every: time.Hour}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := (&job.Jobs{DB: d}).Run(t.Context(), tt.kinds, tt.repeats); err == nil {
				t.Error("got no error")
			}
		})
	}
}

func TestTheTablesAreInOrder(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		said, err := db.LintSchema(t.Context(), d, []db.Source{job.Source()})
		if err != nil || len(said) > 0 {
			t.Errorf("got %q, %v", said, err)
		}
	}, job.Source())
}
