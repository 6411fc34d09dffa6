// SPDX-License-Identifier: Apache-2.0

// Command extract measures how fast lists leave the house: the writers alone on
// voters that are made up, and the whole way from a roll in a database, as it
// stood on a day, into a file.
//
//	go run ./bench/extract                        a million on SQLite
//	go run ./bench/extract --database postgres://…
//	go run ./bench/extract --voters 0             the writers and the counts alone
//
// The bars: a million voters as of a day in 15 s; CSV at 200,000 voters a
// second by the writer alone; the page of the day costs the same at five
// million as at five thousand.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"iter"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"hustings/app"
	"hustings/election"
	"hustings/fake/county"
	fake "hustings/fake/roll"
	"hustings/kit/who"
	"hustings/office/extract"
	"hustings/office/extract/figure"
	"hustings/office/extract/list"
	"hustings/office/registry/roll"
)

func main() {
	voters := flag.Int("voters", 1_000_000, "voters on the roll; 0: no roll")
	alone := flag.Int("alone", 200_000, "voters for the writers alone")
	database := flag.String("database", "", "the database, which must be empty; none: SQLite in a temporary folder")
	flag.Parse()
	if err := run(*voters, *alone, *database); err != nil {
		log.Fatal(err)
	}
}

func run(voters, alone int, database string) error {
	if err := writers(alone); err != nil {
		return err
	}
	if voters == 0 {
		return nil
	}
	return whole(voters, database)
}

// writers measures every format on voters in memory.
func writers(n int) error {
	var people []roll.Voter
	for v, err := range each(made(n)) {
		if err != nil {
			return err
		}
		people = append(people, v)
	}
	entries := func(yield func(list.Entry, error) bool) {
		for i := range people {
			if !yield(list.Entry{Voter: &people[i]}, nil) {
				return
			}
		}
	}
	for _, k := range []list.Kind{list.Public, list.Precinct} {
		for _, f := range list.Formats(k) {
			began, core := time.Now(), coreTime()
			rep, err := list.Make(io.Discard, list.Choices{List: k, Format: f, AsOf: "2026-11-03"}, list.Mark{Number: "E-BENCH"}, entries, nil)
			if err != nil {
				return err
			}
			took, used := time.Since(began).Seconds(), (coreTime() - core).Seconds()
			fmt.Printf("writer alone, %-8s %-8s: %8.0f voters/s, %8.0f in a second of core time; %5.1f MB\n", k, f, float64(rep.Voters)/took, float64(rep.Voters)/used, float64(rep.Bytes)/1e6)
		}
	}
	began := time.Now()
	if _, err := figure.Count("2026-11-03", entries, nil); err != nil {
		return err
	}
	fmt.Printf("counting alone: %.0f voters/s\n", float64(len(people))/time.Since(began).Seconds())
	return nil
}

func made(n int) *fake.Roll {
	return fake.New(county.New(1, "2026-11-03", "America/Denver"), fake.Options{Seed: 1, Voters: n})
}

func each(people *fake.Roll) iter.Seq2[roll.Voter, error] {
	return func(yield func(roll.Voter, error) bool) {
		stopped := false
		err := people.Each(func(p *fake.Person) error {
			if !yield(app.SampleVoter(p), nil) {
				stopped = true
				return io.EOF
			}
			return nil
		})
		if err != nil && !stopped {
			yield(roll.Voter{}, err)
		}
	}
}

// whole measures the way from a database into a file.
func whole(voters int, database string) error {
	folder, err := os.MkdirTemp("", "bench-extract-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
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
	began := time.Now()
	n, err := house.Registry.Load(ctx, "2026-09-01", each(made(voters)))
	if err != nil {
		return err
	}
	fmt.Printf("%d voters loaded in %.1f s\n", n, time.Since(began).Seconds())
	for _, o := range []struct {
		kind   list.Kind
		format list.Format
	}{{list.Public, list.CSV}, {list.Public, list.NC}, {list.Public, list.Parquet}, {list.Precinct, list.CSV}, {list.Jury, list.CSV}} {
		began, core := time.Now(), coreTime()
		one, err := house.Extract.WriteTo(ctx, io.Discard, io.Discard, extract.Order{Choices: list.Choices{List: o.kind, Format: o.format, AsOf: election.DayOf(time.Now()), Draw: 1000},
			Recipient: "bench", Purpose: "bench", Agreed: true}, nil)
		if err != nil {
			return err
		}
		fmt.Printf("as of a day, %-8s %-8s: %7d voters in %.1f s, %.1f s of core time; peak memory %d MB\n", o.kind, o.format, one.Report.Voters, time.Since(began).Seconds(), (coreTime() - core).Seconds(), peak())
	}
	began = time.Now()
	if err := house.Extract.Count(ctx, nil); err != nil {
		return err
	}
	fmt.Printf("the roll counted in %.1f s\n", time.Since(began).Seconds())
	began = time.Now()
	for range 100 {
		if _, err := house.Extract.Counts(ctx); err != nil {
			return err
		}
	}
	fmt.Printf("the counts read in %.2f ms\n", float64(time.Since(began).Microseconds())/1e5)
	return nil
}

// coreTime is what the program has used of the processor's cores.
func coreTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func peak() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss >> 10
}
