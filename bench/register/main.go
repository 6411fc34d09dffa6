// SPDX-License-Identifier: Apache-2.0

// Command register measures registration at the public door: how many people it
// serves at once, and what becomes of them when ten times as many come.
//
//	go run ./bench/register                        on SQLite
//	go run ./bench/register --database postgres://…
//
// The bars, with client and server on the same two cores: 3,000 first pages and
// 300 durable submissions a second with 99 of 100 within 200 ms; at ten times
// the submissions nothing that was accepted is lost, and at most one in a
// thousand sees anything but a receipt or the page that asks them to wait.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"hustings/app"
	"hustings/election"
	"hustings/kit/who"
)

var languages = flag.String("languages", "es-US,es;q=0.9,en;q=0.8", "what browsers say that they speak (Accept-Language)")

func main() {
	database := flag.String("database", "", "the database, which must be empty; none: SQLite in a temporary folder")
	seconds := flag.Int("seconds", 10, "how long the bars are held")
	pages := flag.Int("pages", 3000, "first pages a second")
	sends := flag.Int("sends", 300, "submissions a second")
	flood := flag.Int("flood", 2, "for how many seconds ten times the submissions come; 0: not")
	flag.Parse()
	if err := run(*database, *seconds, *pages, *sends, *flood); err != nil {
		log.Fatal(err)
	}
}

// birth is everybody's.
const birth = "1980-02-29"

func run(database string, seconds, pages, sends, flood int) error {
	folder, err := os.MkdirTemp("", "bench-register-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	cfg := app.Defaults()
	cfg.Office.Jurisdiction = "ocd-division/country:us/state:xx/county:alder"
	cfg.Data.Folder, cfg.Data.Database = folder, database
	if database == "" {
		cfg.Data.Database = "sqlite:" + filepath.Join(folder, "register.db")
	}
	cfg.Doors.Public, cfg.Doors.Rate = "127.0.0.1:0", 0
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	house, err := app.Open(ctx, cfg, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})), time.Now)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- house.Run(ctx, app.PublicRole) }()
	select {
	case <-house.Opened:
	case err := <-ended:
		return err
	}
	b := &bench{door: house.Public, house: house, ctx: who.With(ctx, who.System("bench", cfg.Office.Jurisdiction)), receipts: make(map[string]bool)}
	if err = b.measure(seconds, pages, sends, flood); err != nil {
		return err
	}
	stop()
	<-ended
	house.Close()
	return nil
}

// bench is a run.
type bench struct {
	door  string
	house *app.House
	ctx   context.Context

	mu       sync.Mutex // guards receipts
	receipts map[string]bool
}

func (b *bench) measure(seconds, pages, sends, flood int) error {
	steady, err := b.drafts(seconds * sends)
	if err != nil {
		return err
	}
	more, err := b.drafts(10 * sends * flood)
	if err != nil {
		return err
	}
	fmt.Printf("load before: %s\n", load())
	var seen, sent *outcome
	var both sync.WaitGroup
	core := coreTime()
	both.Go(func() {
		seen = b.each(pages, seconds*pages, 64, func(l *line, _ int) (string, error) { return b.look(l) })
	})
	both.Go(func() {
		sent = b.each(sends, len(steady), 128, func(l *line, i int) (string, error) { return b.send(l, steady[i], nil) })
	})
	both.Wait()
	fmt.Printf("first pages, %d a second for %d s: %s\n", pages, seconds, seen)
	fmt.Printf("submissions, %d a second beside them: %s\n", sends, sent)
	fmt.Printf("core time of this program meanwhile, client and server: %.1f s; load after: %s\n", (coreTime() - core).Seconds(), load())
	if flood > 0 {
		var waited atomic.Int64
		began := time.Now()
		out := b.each(10*sends, len(more), len(more), func(l *line, i int) (string, error) { return b.send(l, more[i], &waited) })
		fmt.Printf("ten times as many, %d within %d s: %s; asked to wait %d times; the last had their receipt after %.0f s\n", len(more), flood, out, waited.Load(), time.Since(began).Seconds())
	}
	return b.verify()
}

// verify asks the intake for every receipt that somebody was shown, and counts
// what it has.
func (b *bench) verify() error {
	var kept int
	if err := b.house.DB.QueryRowContext(b.ctx, `select count(*) from intake_application`).Scan(&kept); err != nil {
		return err
	}
	lost := 0
	for receipt := range b.receipts {
		if _, err := b.house.Intake.Status(b.ctx, receipt, election.Date(birth)); err != nil {
			lost++
		}
	}
	fmt.Printf("receipts shown: %d, applications kept: %d, lost: %d\n", len(b.receipts), kept, lost)
	if lost > 0 || kept != len(b.receipts) {
		return fmt.Errorf("receipts and applications differ")
	}
	return nil
}

// each does something so often a second, by as many hands, and measures each
// from the moment at which it was due: who comes late because the one before
// was slow has waited, too.
func (b *bench) each(rate, n, hands int, do func(l *line, i int) (string, error)) *outcome {
	out := &outcome{said: map[string]int{}}
	due := make(chan int, n)
	var busy sync.WaitGroup
	begin := time.Now()
	at := func(i int) time.Time { return begin.Add(time.Duration(i) * time.Second / time.Duration(rate)) }
	for range hands {
		busy.Go(func() {
			l := &line{door: b.door}
			defer l.close()
			for i := range due {
				said, err := do(l, i)
				if err != nil {
					l.close()
					said = err.Error()
				}
				out.add(time.Since(at(i)), said)
			}
		})
	}
	for i := range n {
		time.Sleep(time.Until(at(i)))
		due <- i
	}
	close(due)
	busy.Wait()
	return out
}

// outcome is how long things took and how they ended.
type outcome struct {
	mu   sync.Mutex // guards the rest
	took []time.Duration
	said map[string]int // what was answered, if not what was asked for
}

func (o *outcome) add(took time.Duration, said string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.took = append(o.took, took)
	if said != "" {
		o.said[said]++
	}
}

func (o *outcome) String() string {
	slices.Sort(o.took)
	at := func(share float64) time.Duration {
		return o.took[int(share*float64(len(o.took)-1))].Round(100 * time.Microsecond)
	}
	wrong := 0
	for _, n := range o.said {
		wrong += n
	}
	return fmt.Sprintf("p50 %v, p99 %v, longest %v; %d of %d wrong %v", at(0.5), at(0.99), at(1), wrong, len(o.took), o.said)
}

// coreTime is how long this process has had a core.
func coreTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// load is what else the machine has to do.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "not known"
	}
	return strings.Join(strings.Fields(string(text))[:2], " ")
}
