// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/ledger"
)

// sound checks the whole ledger: no gap, no broken link.
func sound(t *testing.T, d *db.DB) {
	t.Helper()
	r, err := (&ledger.Ledger{DB: d}).Verify(t.Context())
	if err != nil || len(r.Problems) > 0 {
		t.Errorf("the ledger: %v, %v", r.Problems, err)
	}
}

// One writer's failure is its own: those beside it in the same batch keep
// what they wrote, and only that.
func TestManyWritersKeepTheirOwnOutcome(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		errMine := errors.New("changed my mind")
		ways := []struct {
			fn   func(tx *db.Tx, id string) error
			want func(error) bool
			kept bool
		}{
			{func(tx *db.Tx, id string) error { return addNote(ctx, tx, id, id) }, isNil, true},
			{func(tx *db.Tx, id string) error { return errors.Join(addNote(ctx, tx, id, id), errMine) }, func(err error) bool { return errors.Is(err, errMine) }, false},
			{func(tx *db.Tx, id string) error {
				if err := addNote(ctx, tx, id, id); err != nil {
					return err
				}
				panic(id)
			}, func(err error) bool {
				return fault.KindOf(err) == fault.Internal && strings.Contains(err.Error(), "panic")
			}, false},
			{func(tx *db.Tx, id string) error {
				return errors.Join(addNote(ctx, tx, id, id), addNote(ctx, tx, id, "again"))
			}, isKind(fault.Conflict), false},
			{func(tx *db.Tx, id string) error {
				_, err := tx.ExecContext(ctx, `this is no SQL`)
				return errors.Join(addNote(ctx, tx, id, id), err)
			}, func(err error) bool { return err != nil }, false},
		}
		var all sync.WaitGroup
		var kept atomic.Int64
		for i := range 200 {
			all.Go(func() {
				way, id := ways[i%len(ways)], fmt.Sprint(i)
				err := d.Write(ctx, func(tx *db.Tx) error { return way.fn(tx, id) })
				if !way.want(err) {
					t.Errorf("way %d: got error %v", i%len(ways), err)
				}
				if n := count(t, d, `select count(*) from note_note where id = $1`, id); (n == 1) != way.kept {
					t.Errorf("way %d: %d notes", i%len(ways), n)
				}
				if way.kept {
					kept.Add(1)
				}
			})
		}
		all.Wait()
		both(t, d, int(kept.Load()))
		sound(t, d)
	}, notes)
}

// FailNow ends the goroutine in the middle of a write; the house goes on.
func TestAGoroutineThatEndsInsideAWriteTakesNothingWithIt(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		done := make(chan struct{})
		go func() {
			defer close(done)
			d.Write(ctx, func(tx *db.Tx) error {
				if err := addNote(ctx, tx, "1", "a"); err != nil {
					t.Error(err)
				}
				runtime.Goexit()
				return nil
			})
		}()
		<-done
		if err := write(ctx, d, "2", "b"); err != nil {
			t.Fatal(err)
		}
		both(t, d, 1)
	}, notes)
}

func TestACallerWhoLeaves(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		for _, tt := range []struct {
			name  string
			leave func(cancel func(), tx *db.Tx) error
			ctx   func() (context.Context, func())
		}{
			{"before it starts", nil, func() (context.Context, func()) {
				c, cancel := context.WithCancel(ctx)
				cancel()
				return c, cancel
			}},
			{"between two statements", func(cancel func(), _ *db.Tx) error { cancel(); return nil }, func() (context.Context, func()) {
				return context.WithCancel(ctx)
			}},
		} {
			t.Run(tt.name, func(t *testing.T) {
				c, cancel := tt.ctx()
				defer cancel()
				err := d.Write(c, func(tx *db.Tx) error {
					if err := addNote(c, tx, "1", "a"); err != nil {
						return err
					}
					if err := tt.leave(cancel, tx); err != nil {
						return err
					}
					return addNote(c, tx, "2", "b")
				})
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want context.Canceled", err)
				}
				both(t, d, 0)
			})
		}
	}, notes)
}

// On SQLite callers wait for their turn; one who stops waiting is not run.
func TestACallerWhoLeavesTheQueueIsNotRun(t *testing.T) {
	d := dbtest.SQLite(t, notes)
	ctx := dbtest.Context(t)
	inside, goOn, first := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		first <- d.Write(ctx, func(tx *db.Tx) error {
			close(inside)
			<-goOn
			return addNote(ctx, tx, "1", "a")
		})
	}()
	<-inside
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if err := write(short, d, "2", "b"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	both(t, d, 1)
}

// Cancelling a running statement must not hurt the others in the batch.
func TestCancellingInTheMiddleOfAStatementHurtsNobodyElse(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				id := fmt.Sprint(i)
				if i%2 == 0 {
					if err := write(ctx, d, id, id); err != nil {
						t.Error(err)
					}
					return
				}
				short, cancel := context.WithTimeout(ctx, time.Duration(i)*100*time.Microsecond)
				defer cancel()
				d.Write(short, func(tx *db.Tx) error {
					_, err := tx.ExecContext(short, `
						insert into note_note (jurisdiction, id, text)
						with recursive c(n) as (select 1 union all select n + 1 from c where n < 20000)
						select 'j', 'x' || n, 'x' || n from c`)
					return errors.Join(err, errors.New("never kept"))
				})
			})
		}
		all.Wait()
		both(t, d, 20)
		sound(t, d)
	}, notes)
}

// Writers on two nodes hold their transactions open between the fact and the
// commit, while readers tail the ledger. A reader that has seen entry n must have seen all
// before it: none may turn up late.
func TestAReaderNeverSkipsALateCommit(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		l := &ledger.Ledger{DB: d}
		nodes := []*db.DB{d, dbtest.Again(t, d, notes)}
		const writers, each = 8, 25
		var all, readers sync.WaitGroup
		finished := make(chan struct{})
		for range 3 {
			readers.Go(func() { tailAll(t, l, finished, writers*each) })
		}
		for w := range writers {
			all.Go(func() {
				for i := range each {
					err := nodes[w%2].Write(ctx, func(tx *db.Tx) error {
						id := fmt.Sprintf("%d-%d", w, i)
						err := addNote(ctx, tx, id, id)
						time.Sleep(rand.N(3 * time.Millisecond))
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		close(finished)
		readers.Wait()
		both(t, d, writers*each)
		sound(t, d)
	}, notes)
}

// tailAll reads the ledger as it grows, and fails at a gap.
func tailAll(t *testing.T, l *ledger.Ledger, finished chan struct{}, want int64) {
	var last int64
	for end := false; ; {
		list, err := l.Tail(context.Background(), dbtest.Jurisdiction, last, 7)
		if err != nil {
			t.Error(err)
			return
		}
		for _, e := range list {
			if e.Seq != last+1 {
				t.Errorf("entry %d came after %d", e.Seq, last)
				return
			}
			last = e.Seq
		}
		if end && len(list) == 0 {
			if last != want {
				t.Errorf("the reader stopped at %d of %d", last, want)
			}
			return
		}
		select {
		case <-finished:
			end = true
		default:
		}
	}
}

// A step that carries its own guard is won by exactly one.
func TestAGuardedStepIsWonOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		if err := write(ctx, d, "1", "a"); err != nil {
			t.Fatal(err)
		}
		var won atomic.Int64
		race(16, func() {
			err := d.Write(ctx, func(tx *db.Tx) error {
				res, err := tx.ExecContext(ctx, `update note_note set done = true where id = '1' and not done`)
				if err != nil {
					return err
				}
				if n, err := res.RowsAffected(); err != nil || n == 0 {
					return fault.New(fault.Conflict, "someone else was quicker")
				}
				tx.Record(noted{"1", "done"})
				return nil
			})
			switch {
			case err == nil:
				won.Add(1)
			case fault.KindOf(err) != fault.Conflict:
				t.Error(err)
			}
		})
		if won.Load() != 1 {
			t.Errorf("%d won, want 1", won.Load())
		}
	}, notes)
}

func race(n int, do func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(do)
	}
	all.Wait()
}

// Hold protects a decision that rests on rows the write does not change: at
// most three notes, say.
func TestHoldProtectsADecision(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		var n atomic.Int64
		race(16, func() {
			id := fmt.Sprint(n.Add(1))
			err := d.Write(ctx, func(tx *db.Tx) error {
				if err := tx.Hold(ctx, "notes"); err != nil {
					return err
				}
				var have int
				if err := tx.QueryRowContext(ctx, `select count(*) from note_note`).Scan(&have); err != nil {
					return err
				}
				time.Sleep(time.Millisecond)
				if have >= 3 {
					return fault.New(fault.Conflict, "three are enough")
				}
				return addNote(ctx, tx, id, id)
			})
			if err != nil && fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		})
		both(t, d, 3)
	}, notes)
}

// Two that wait for each other are a deadlock on PostgreSQL; one is run again.
func TestADeadlockIsRunAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		for _, id := range []string{"1", "2"} {
			if err := write(ctx, d, id, id); err != nil {
				t.Fatal(err)
			}
		}
		var all sync.WaitGroup
		for _, order := range [][]string{{"1", "2"}, {"2", "1"}} {
			all.Go(func() {
				err := d.Write(ctx, func(tx *db.Tx) error {
					for _, id := range order {
						if _, err := tx.ExecContext(ctx, `update note_note set count = count + 1 where id = $1`, id); err != nil {
							return err
						}
						if d.Engine() == "postgres" { // on SQLite only one is in here at a time
							time.Sleep(100 * time.Millisecond)
						}
					}
					tx.Record(noted{"both", "counted"})
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := count(t, d, `select sum(count) from note_note`); n != 4 {
			t.Errorf("counted %d, want 4", n)
		}
		sound(t, d)
	}, notes)
}

// Facts of several jurisdictions in one write keep each chain whole, in
// whatever order they are named.
func TestWritesAcrossJurisdictions(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		race(8, func() {
			for range 10 {
				places := []string{"clark", "nye", "washoe"}
				rand.Shuffle(3, func(i, j int) { places[i], places[j] = places[j], places[i] })
				err := d.Write(ctx, func(tx *db.Tx) error {
					for _, p := range places {
						tx.Record(there{p})
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
		last, err := (&ledger.Ledger{DB: d}).Jurisdictions(ctx)
		if err != nil || last["clark"] != 80 || last["nye"] != 80 || last["washoe"] != 80 {
			t.Errorf("got %v, %v, want 80 in each", last, err)
		}
		sound(t, d)
	})
}

type there struct{ Place string }

func (there) Name() string           { return "note.there.v1" }
func (n there) Jurisdiction() string { return n.Place }

// While the rows of one query are open, another may run, as rooms do in a loop.
func TestAStatementInsideAnotherQuerysRows(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := dbtest.Context(t)
		for i := range 10 {
			if err := write(ctx, d, fmt.Sprint(i), fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		var seen []string
		err := d.Write(ctx, func(tx *db.Tx) error {
			rows, err := tx.QueryContext(ctx, `select id from note_note where jurisdiction = $1 order by id`, dbtest.Jurisdiction)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id string
				if err := rows.Scan(&id); err != nil {
					return err
				}
				seen = append(seen, id)
				var n int
				if err := tx.QueryRowContext(ctx, `select count from note_note where id = $1`, id).Scan(&n); err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, `update note_note set count = $2 where id = $1`, id, n+1); err != nil {
					return err
				}
			}
			tx.Record(noted{"all", "counted"})
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
		if !slices.Equal(seen, want) {
			t.Errorf("saw %v, want %v", seen, want)
		}
		if n := count(t, d, `select sum(count) from note_note`); n != 10 {
			t.Errorf("counted %d, want 10", n)
		}
	}, notes)
}

func TestAfterCloseAWriteSaysSo(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, first *db.DB) {
		d, err := db.Open(t.Context(), dbtest.URL(t, first), db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if err := write(dbtest.Context(t), d, "1", "a"); err == nil {
			t.Error("got no error")
		}
	}, notes)
}

func BenchmarkWrite(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB, ...db.Source) *db.DB
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		for _, writers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/%d", engine.name, writers), func(b *testing.B) {
				d := engine.open(b, notes)
				ctx := dbtest.Context(b)
				var next atomic.Int64
				b.ResetTimer()
				race(writers, func() {
					for {
						n := next.Add(1)
						if n > int64(b.N) {
							return
						}
						id := fmt.Sprint(n)
						if err := write(ctx, d, id, id); err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
			})
		}
	}
}
