// SPDX-License-Identifier: Apache-2.0

// Command serve measures what a published page costs the server: CPU time per
// request of a 30 kB (packed) results page from memory, beside nginx with
// gzip_static in the same run on the same machine. Hustings is measured twice:
// with its fast lane, as it runs, and through net/http alone, which is what a
// request costs that the lane hands on.
//
//	go run ./bench/serve            about 60 seconds, prints a table
//	go run ./bench/serve -json FILE also writes the figures
//
// Requests per second say more about the load generator and the other work of
// the machine than about the server; CPU per request moves far less. Rounds
// alternate between the servers, and the ratio is taken within a round.
//
// The target is 1.1 times nginx. The limit that is accepted today is 2.6
// times, which is what net/http costs; above it the program fails.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

const (
	target = 1.1 // times nginx: where we want to be
	limit  = 2.6 // times nginx: what is accepted today
)

// load is one way of asking.
type load struct {
	Name        string `json:"name"`
	Connections int    `json:"connections"`
	NotModified bool   `json:"not_modified"` // ask with the tag, so that the answer is 304
}

var loads = []load{
	{"200, 64 connections", 64, false},
	{"304, 64 connections", 64, true},
	{"200, 1000 connections", 1000, false},
}

// result is what one load cost one server.
type result struct {
	load
	Server string `json:"server"`
	figures
	Ratios []float64 `json:"ratios"` // to nginx in CPU per request, one for each round
	Ratio  float64   `json:"ratio"`  // their median
}

// report is the whole run.
type report struct {
	At      time.Time `json:"at"`
	Machine string    `json:"machine"`
	Page    int       `json:"page_bytes"` // packed
	Target  float64   `json:"target"`
	Limit   float64   `json:"limit"`
	Results []result  `json:"results"`
}

func main() {
	serveFrom := flag.String("serve", "", "serve this published folder, as the program does to itself")
	lane := flag.Bool("lane", false, "with -serve: put the fast lane in front")
	jsonTo := flag.String("json", "", "write the figures to this file")
	rounds := flag.Int("rounds", 3, "how often each server has its turn")
	each := flag.Duration("each", 2*time.Second, "how long a turn lasts")
	flag.Parse()
	var err error
	if *serveFrom != "" {
		err = serve(*serveFrom, *lane)
	} else {
		err = run(*rounds, *each, *jsonTo)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run(rounds int, each time.Duration, jsonTo string) error {
	dir, err := os.MkdirTemp("", "hustings-serve-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	page, err := makePage(dir)
	if err != nil {
		return err
	}
	servers, err := startAll(dir)
	defer func() {
		for _, s := range servers {
			s.stop()
		}
	}()
	if err != nil {
		return err
	}
	rep := report{At: time.Now().UTC(), Machine: machine(), Page: page, Target: target, Limit: limit}
	for _, l := range loads {
		r, err := measure(l, rounds, each, servers)
		if err != nil {
			return err
		}
		rep.Results = append(rep.Results, r...)
	}
	rep.print()
	if jsonTo != "" {
		if err := rep.write(jsonTo); err != nil {
			return err
		}
	}
	return rep.check()
}

// startAll starts nginx, which the others are compared with, and then the others.
func startAll(dir string) (all []*server, err error) {
	for _, start := range []func() (*server, error){
		func() (*server, error) { return startNginx(dir) },
		func() (*server, error) { return startHustings("Hustings", filepath.Join(dir, "shelf"), true) },
		func() (*server, error) { return startHustings("net/http", filepath.Join(dir, "shelf"), false) },
	} {
		s, err := start()
		if err != nil {
			return all, err
		}
		all = append(all, s)
	}
	return all, nil
}

// measure gives every server the same load in turn; the first is what the
// others are compared with.
func measure(l load, rounds int, each time.Duration, servers []*server) ([]result, error) {
	results := make([]result, len(servers))
	for range rounds {
		var first float64
		for i, s := range servers {
			f, err := s.take(l, each)
			if err != nil {
				return nil, err
			}
			if i == 0 {
				first = f.perRequest()
			}
			results[i].add(f)
			results[i].Ratios = append(results[i].Ratios, f.perRequest()/first)
		}
	}
	for i := range results {
		r := &results[i]
		r.load, r.Server = l, servers[i].name
		sorted := slices.Sorted(slices.Values(r.Ratios))
		r.Ratio = sorted[len(sorted)/2]
		r.finish()
	}
	return results, nil
}

func (rep *report) print() {
	fmt.Printf("A page of %d bytes packed, from memory; server CPU per request.\n%s\n\n", rep.Page, rep.Machine)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "load\tserver\trequests/s\tCPU us/request\tp50\tp99\tmemory MB\tratio\tper round\t")
	for _, r := range rep.Results {
		var rounds []string
		for _, x := range r.Ratios {
			rounds = append(rounds, fmt.Sprintf("%.2f", x))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t%s\t\n", r.Name, r.Server, r.figures, r.Ratio, strings.Join(rounds, " "))
	}
	w.Flush()
	fmt.Printf("\nTarget: %.1f times nginx. Accepted today: %.1f times.\n", rep.Target, rep.Limit)
}

func (rep *report) write(path string) error {
	data, err := json.MarshalIndent(rep, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

func (rep *report) check() error {
	for _, r := range rep.Results {
		if r.Server == "Hustings" && r.Ratio > rep.Limit {
			return fmt.Errorf("%s: %.2f times nginx is above the limit of %.1f", r.Name, r.Ratio, rep.Limit)
		}
	}
	return nil
}

// machine says what the figures were taken on.
func machine() string {
	name := "unknown processor"
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			name = strings.TrimSpace(value)
			break
		}
	}
	busy, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(busy), " ")
	return fmt.Sprintf("%s, %d cores, %s, load average %s before", name, runtime.NumCPU(), runtime.Version(), first)
}
