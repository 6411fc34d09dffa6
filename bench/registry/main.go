// SPDX-License-Identifier: Apache-2.0

// Command registry measures the roll: how long it takes to load a million
// voters with all that they are found by, to find people as clerks type them,
// to read the whole roll as it stood on a day, and to move every voter to
// another precinct by new street ranges.
//
//	go run ./bench/registry                        a million on SQLite
//	go run ./bench/registry --database postgres://…
//	go run ./bench/registry --folder /var/tmp/roll   keeps the roll, and uses it again
//
// The bars: a million loaded in 30 s and 1 GB, read as of a day in 15 s, assigned
// anew in 60 s; people found in 20 ms (p99) on five million.
package main

import (
	"context"
	"flag"
	"fmt"
	"iter"
	"log"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"hustings/app"
	"hustings/election"
	"hustings/fake/county"
	fake "hustings/fake/roll"
	"hustings/kit/job"
	"hustings/kit/who"
	"hustings/office/registry"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

func main() {
	voters := flag.Int("voters", 1_000_000, "voters on the roll")
	database := flag.String("database", "", "the database, which must be empty; none: SQLite in a temporary folder")
	finds := flag.Int("finds", 3000, "how many people are looked for")
	folder := flag.String("folder", "", "where the roll is kept; none: it goes away")
	flag.Parse()
	if err := run(*voters, *database, *finds, *folder); err != nil {
		log.Fatal(err)
	}
}

func run(voters int, database string, finds int, folder string) (err error) {
	if folder == "" {
		if folder, err = os.MkdirTemp("", "bench-registry-"); err != nil {
			return err
		}
		defer os.RemoveAll(folder)
	}
	cfg := app.Defaults()
	cfg.Data.Folder, cfg.Data.Database = folder, database
	if database == "" {
		cfg.Data.Database = "sqlite:" + filepath.Join(folder, "roll.db")
	}
	house, err := app.Open(context.Background(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		return err
	}
	defer house.Close()
	ctx := who.With(context.Background(), who.System("bench", cfg.Office.Jurisdiction))
	r := house.Registry
	town := county.New(1, "2026-11-03", "America/Denver")
	people := fake.New(town, fake.Options{Seed: 1, Voters: voters})
	rnd := rand.New(rand.NewPCG(1, 2))
	var known []roll.Voter
	made := each(people, func(v roll.Voter) {
		if rnd.IntN(voters/finds+1) == 0 {
			known = append(known, v)
		}
	})
	there, err := r.Count(ctx)
	if err != nil {
		return err
	}
	if there > 0 {
		for range made {
		}
	} else if err := load(ctx, r, made); err != nil {
		return err
	}
	if err := find(ctx, r, known); err != nil {
		return err
	}
	if err := asOf(ctx, r); err != nil {
		return err
	}
	return move(ctx, house, town, people.Segments())
}

func load(ctx context.Context, r *registry.Registry, voters iter.Seq2[roll.Voter, error]) error {
	began, core := time.Now(), coreTime()
	n, err := r.Load(ctx, "2026-09-01", voters)
	if err != nil {
		return err
	}
	fmt.Printf("load: %d voters in %.1f s, %.1f s of core time; peak memory %d MB\n", n, time.Since(began).Seconds(), (coreTime() - core).Seconds(), peak())
	return nil
}

// each makes the voters one by one.
func each(people *fake.Roll, look func(roll.Voter)) iter.Seq2[roll.Voter, error] {
	return func(yield func(roll.Voter, error) bool) {
		stop := fmt.Errorf("enough")
		_ = people.Each(func(p *fake.Person) error {
			v := app.SampleVoter(p)
			look(v)
			if !yield(v, nil) {
				return stop
			}
			return nil
		})
	}
}

// typed are the ways in which a clerk looks for somebody.
var typed = []struct {
	name string
	as   func(v roll.Voter) string
}{
	{"first and last name", func(v roll.Voter) string { return v.Name.First + " " + v.Name.Last }},
	{"last name, beginning of the first", func(v roll.Voter) string { return v.Name.Last + ", " + v.Name.First[:min(2, len(v.Name.First))] }},
	{"name with a slip, and the year of birth", func(v roll.Voter) string {
		return v.Name.First + " " + slip(v.Name.Last) + " " + string(v.Birth[:4])
	}},
	{"birth date and last name", func(v roll.Voter) string { return v.Name.Last + " " + string(v.Birth) }},
	{"house and street", func(v roll.Voter) string { return v.Home.Number + " " + v.Home.Street }},
	{"number", func(v roll.Voter) string { return string(v.ID) }},
}

// slip exchanges two letters in the middle.
func slip(name string) string {
	if i := len(name) / 2; len(name) > 3 {
		return name[:i-1] + name[i:i+1] + name[i-1:i] + name[i+1:]
	}
	return name
}

func find(ctx context.Context, r *registry.Registry, known []roll.Voter) error {
	if _, err := r.Find(ctx, "somebody"); err != nil { // the words are read once
		return err
	}
	for _, way := range typed {
		var took []time.Duration
		found, asked := 0, 0
		for _, v := range known {
			text := way.as(v)
			if v.Protected != "" || strings.TrimSpace(text) == "" {
				continue
			}
			began := time.Now()
			hits, err := r.Find(ctx, text)
			if err != nil {
				return err
			}
			took = append(took, time.Since(began))
			asked++
			if slices.ContainsFunc(hits, func(h registry.Hit) bool { return h.ID == v.ID }) {
				found++
			}
		}
		slices.Sort(took)
		fmt.Printf("find by %-40s p50 %8s  p99 %8s  the person is in the list %5.1f %%\n", way.name, took[len(took)/2].Round(10*time.Microsecond),
			took[len(took)*99/100].Round(10*time.Microsecond), 100*float64(found)/float64(asked))
	}
	return nil
}

func asOf(ctx context.Context, r *registry.Registry) error {
	began, core, n := time.Now(), coreTime(), 0
	for _, err := range r.RollAsOf(ctx, election.Date("2026-09-15"), time.Time{}) {
		if err != nil {
			return err
		}
		n++
	}
	fmt.Printf("as of a day: %d voters in %.1f s, %.1f s of core time; peak memory %d MB\n", n, time.Since(began).Seconds(), (coreTime() - core).Seconds(), peak())
	return nil
}

// drawn is a definition in the place of those that an office locks.
type drawn struct{ def *election.Definition }

func (d drawn) Newest(context.Context) (*election.Definition, string, error) {
	return d.def, "bench", nil
}

// move brings in street ranges by which everybody votes in the precinct behind
// theirs, and puts them to use.
func move(ctx context.Context, house *app.House, town *county.County, segments []fake.Segment) error {
	r := house.Registry
	r.Maps = drawn{town.Definition()}
	go func() { _ = house.Jobs.Run(ctx, r.Room().Jobs, nil) }()
	var units []election.UnitID
	for _, s := range segments {
		if !slices.Contains(units, s.Precinct) {
			units = append(units, s.Precinct)
		}
	}
	var ranges []place.Segment
	for i, s := range segments {
		next := units[(slices.Index(units, s.Precinct)+1)%len(units)]
		ranges = append(ranges, place.Segment{ID: fmt.Sprint(i), Unit: next, Start: fmt.Sprint(s.Low), End: fmt.Sprint(s.High), Side: place.Side(s.Side),
			Street: roll.Address{Before: s.Before, Street: s.Street, Type: s.Type, City: s.City, ZIP: s.ZIP}})
	}
	began, core := time.Now(), coreTime()
	l, err := r.BringLines(ctx, "bench.csv", "2026-09-20", ranges)
	if err != nil {
		return err
	}
	for l.Plan == nil {
		time.Sleep(50 * time.Millisecond)
		if l, err = r.OneLines(ctx, l.ID); err != nil {
			return err
		}
	}
	fmt.Printf("street ranges tried on the roll: %d of %d voters would move, %.1f s, %.1f s of core time\n", l.Plan.Moved, l.Plan.Voters, time.Since(began).Seconds(), (coreTime() - core).Seconds())
	began, core = time.Now(), coreTime()
	if err := r.UseLines(ctx, l.ID); err != nil {
		return err
	}
	for done := false; !done; {
		time.Sleep(200 * time.Millisecond)
		list, err := house.Jobs.List(ctx, r.Jurisdiction, "registry.assign", "", 1)
		if err != nil {
			return err
		}
		if list[0].State == job.Failed {
			return fmt.Errorf("the voters were not moved: %s", list[0].Error)
		}
		done = list[0].State == job.Done
	}
	fmt.Printf("moved: %d voters in %.1f s, %.1f s of core time; peak memory %d MB\n", l.Plan.Moved, time.Since(began).Seconds(), (coreTime() - core).Seconds(), peak())
	return nil
}

func coreTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func peak() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Maxrss >> 10
}
