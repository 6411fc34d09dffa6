// SPDX-License-Identifier: Apache-2.0

// Command match measures the matching of people on rolls that it makes up:
//
//	go run ./bench/match                      two files of 500,000
//	go run ./bench/match --dedupe --people 10000000
//	go run ./bench/match --one --people 5000000
//
// It prints seconds, core seconds, the most memory that was held, and how good
// the matches are.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"hustings/office/registry/match"
	"hustings/office/registry/match/matchtest"
)

func main() {
	people := flag.Int("people", 500_000, "people on a list")
	dedupe := flag.Bool("dedupe", false, "one file, and the duplicates in it")
	one := flag.Bool("one", false, "one roll, and records that are looked up in it one by one")
	folder := flag.String("folder", os.TempDir(), "where the files are made")
	flag.Parse()
	do := func() error { return run(*people, *dedupe, *folder) }
	if *one {
		do = func() error { return lookUp(*people, *folder) }
	}
	if err := do(); err != nil {
		log.Fatal(err)
	}
}

func run(people int, dedupe bool, folder string) error {
	town := matchtest.Town{Seed: 1, People: people, Errors: 1, Shared: 0.5}
	if dedupe {
		town.Duplicates = 0.05
	}
	left, err := made(folder, fmt.Sprintf("hustings-match-%d-%v-left.csv", people, dedupe), town.Left)
	if err != nil {
		return err
	}
	var right string
	if !dedupe {
		if right, err = made(folder, fmt.Sprintf("hustings-match-%d-right.csv", people), town.Right); err != nil {
			return err
		}
	}
	debug.SetMemoryLimit(1 << 30)
	began, cores := time.Now(), coreSeconds()
	res, err := find(left, right)
	if err != nil {
		return err
	}
	defer res.Close()
	out, err := os.Create(filepath.Join(folder, "hustings-match-pairs.csv"))
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 1<<16)
	for _, p := range res.Pairs {
		fmt.Fprintf(w, "%s,%s,%.4f,%s,%s\n", res.ID(p.A), res.ID(p.B), p.Weight, p.Tier, res.Reasons(p, 4))
	}
	if err := cmp.Or(w.Flush(), out.Close()); err != nil {
		return err
	}
	fmt.Printf("%d people, dedupe %v: %.1f s, %.1f core s, %d MiB at most; load %s\n", people, dedupe, time.Since(began).Seconds(), coreSeconds()-cores, peak(), load())
	judge(res)
	return nil
}

func find(left, right string) (*match.Result, error) {
	l, err := os.Open(left)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if right == "" {
		return match.Duplicates(match.Source{Name: left, In: l}, match.Options{})
	}
	r, err := os.Open(right)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return match.Link(match.Source{Name: left, In: l}, match.Source{Name: right, In: r}, match.Options{})
}

// lookUp measures how long one record takes against a roll. The records are of
// a second list of the same people, with the usual mistakes.
func lookUp(people int, folder string) error {
	town := matchtest.Town{Seed: 1, People: people, Errors: 1, Shared: 0.5}
	left, err := made(folder, fmt.Sprintf("hustings-match-%d-false-left.csv", people), town.Left)
	if err != nil {
		return err
	}
	f, err := os.Open(left)
	if err != nil {
		return err
	}
	defer f.Close()
	debug.SetMemoryLimit(2 << 30)
	began := time.Now()
	x, err := match.NewIndex(match.Source{Name: left, In: f}, match.Options{})
	if err != nil {
		return err
	}
	defer x.Close()
	fmt.Printf("%d people, index ready after %.1f s, %d MiB at most\n", people, time.Since(began).Seconds(), peak())
	in, out := io.Pipe()
	go func() { out.CloseWithError(town.Right(out)) }()
	rows := csv.NewReader(in)
	header, err := rows.Read()
	if err != nil {
		return err
	}
	var took []time.Duration
	found := 0
	for len(took) < 20_000 {
		row, err := rows.Read()
		if err != nil {
			break
		}
		id, values := row[0], map[match.Column]string{}
		for i, h := range header[1:] {
			values[columnOf[h]] = row[i+1]
		}
		start := time.Now()
		hits, _, err := x.Lookup(values, false)
		if err != nil {
			return err
		}
		took = append(took, time.Since(start))
		if len(hits) > 0 && matchtest.Who(hits[0].ID) == matchtest.Who(id) {
			found++
		}
	}
	in.Close()
	slices.Sort(took)
	at := func(share float64) time.Duration { return took[int(float64(len(took)-1)*share)] }
	fmt.Printf("%d lookups: p50 %v, p99 %v, worst %v; the right person first in %d; load %s\n", len(took), at(.5), at(.99), at(1), found, load())
	return nil
}

var columnOf = map[string]match.Column{"last_name": match.Surname, "first_name": match.Given, "middle_name": match.Middle, "suffix": match.Suffix, "sex": match.Sex,
	"dob": match.Birth, "house_number": match.House, "street": match.Street, "unit": match.Unit, "city": match.City, "zip": match.Postcode, "state": match.State,
	"phone": match.Phone, "ssn4": match.SSN4, "dl_number": match.Licence}

// judge compares the matches with who is who, which the ids tell.
func judge(res *match.Result) {
	good, bad, auto, autoBad := 0, 0, 0, 0
	for _, p := range res.Pairs {
		ok := matchtest.Who(res.ID(p.A)) == matchtest.Who(res.ID(p.B))
		if ok {
			good++
		} else {
			bad++
		}
		if p.Tier == match.Auto {
			auto++
			if !ok {
				autoBad++
			}
		}
	}
	truth := 0
	seen := make([]bool, 2*res.Records()+2)
	for i := range res.Records() {
		who, err := strconv.Atoi(matchtest.Who(res.ID(int32(i))))
		if err != nil || who >= len(seen) {
			continue
		}
		if seen[who] {
			truth++
		}
		seen[who] = true
	}
	p, r := float64(good)/float64(max(1, good+bad)), float64(good)/float64(max(1, truth))
	fmt.Printf("true pairs %d, precision %.5f, recall %.5f, F1 %.5f; auto: precision %.6f, recall %.5f\n", truth, p, r, 2*p*r/(p+r),
		1-float64(autoBad)/float64(max(1, auto)), float64(auto-autoBad)/float64(max(1, truth)))
	for _, k := range res.Keys {
		fmt.Printf("  %-40s %11d pairs, %d blocks skipped\n", k.Name, k.Pairs, k.Skipped)
	}
}

// made makes a file once.
func made(folder, name string, write func(io.Writer) error) (string, error) {
	path := filepath.Join(folder, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	return path, cmp.Or(write(f), f.Close())
}

func coreSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func peak() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss >> 10
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(bytes.TrimSpace(b)), " ")
	return one
}
