// SPDX-License-Identifier: Apache-2.0

// Command night measures election night with a statewide file: from the bytes
// of an upload to pages that the public can read, then one precinct's update,
// then ten times the rows.
//
//	go run ./bench/night --file FILE [--times 10]
//
// The bars: validated, compared, and after approval everything published in
// 2 s on 2 cores within 400 MB; one precinct visible in 1 s; ten times the
// rows at most twelve times the cost.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"hustings/app"
	"hustings/election"
	"hustings/guard/access"
	"hustings/kit/who"
	"hustings/office/results"
	"hustings/office/results/intake"
	"hustings/office/results/tally"
)

func main() {
	file := flag.String("file", "../shared/data/results/az-2020-general/20201103__az__general__precinct.csv", "result file in OpenElections columns")
	times := flag.Int("times", 1, "repeat the rows so often, under other precinct names")
	profile := flag.String("cpuprofile", "", "write a profile of the whole run")
	heap := flag.String("memprofile", "", "write a profile of all that was allocated")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "night:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	err := run(*file, *times)
	if err == nil && *heap != "" {
		err = writeHeap(*heap)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "night:", err)
		os.Exit(1)
	}
}

func writeHeap(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}

func run(file string, times int) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	body = repeat(body, times)
	dir, err := os.MkdirTemp("", "night-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	n, err := open(dir, body)
	if err != nil {
		return err
	}
	defer n.stop()
	fmt.Printf("rows %d, bytes %d, cores %d\n", bytes.Count(body, []byte("\n"))-1, len(body), runtime.GOMAXPROCS(0))
	if err := n.round("whole file", body); err != nil {
		return err
	}
	if err := n.round("one precinct", oneMore(body)); err != nil {
		return err
	}
	fmt.Printf("peak memory %d MB\n", used().Maxrss/1024)
	return nil
}

// used is what the system says of this process.
func used() (use syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err) // only a wrong argument can be refused
	}
	return use
}

// busy is the time that cores have worked for this process. On a machine that
// others use too it says more than the clock.
func busy() time.Duration {
	use := used()
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// repeat writes the rows again under other precinct names.
func repeat(body []byte, times int) []byte {
	lines := strings.Split(strings.TrimRight(string(body), "\n"), "\n")
	var out strings.Builder
	out.WriteString(lines[0] + "\n")
	at := column(lines[0], "precinct")
	for i := range times {
		for _, l := range lines[1:] {
			if i > 0 {
				f := strings.SplitN(l, ",", at+2)
				f[at] += " copy " + strconv.Itoa(i)
				l = strings.Join(f, ",")
			}
			out.WriteString(l + "\n")
		}
	}
	return []byte(out.String())
}

func column(header, name string) int {
	for i, h := range strings.Split(header, ",") {
		if h == name {
			return i
		}
	}
	return 0
}

// oneMore adds one vote to the last row that has only digits behind its last
// commas, and to the sum beside it: one precinct's update.
func oneMore(body []byte) []byte {
	lines := strings.Split(strings.TrimRight(string(body), "\n"), "\n")
	votes, day := column(lines[0], "votes"), column(lines[0], "election_day")
	for i := len(lines) - 1; i > 0; i-- {
		f := strings.Split(lines[i], ",")
		if len(f) <= max(votes, day) || strings.Contains(lines[i], `"`) {
			continue
		}
		a, errA := strconv.Atoi(f[votes])
		b, errB := strconv.Atoi(f[day])
		if errA != nil || errB != nil {
			continue
		}
		f[votes], f[day] = strconv.Itoa(a+1), strconv.Itoa(b+1)
		lines[i] = strings.Join(f, ",")
		break
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

type night struct {
	house *app.House
	e     election.ID
	stop  func()
	base  int64
}

// open makes a house whose election is defined by the file itself.
func open(dir string, body []byte) (*night, error) {
	cfg := app.Defaults()
	cfg.Data.Folder = filepath.Join(dir, "data")
	cfg.Doors.Public, cfg.Doors.Office = "127.0.0.1:0", "127.0.0.1:0"
	h, err := app.Open(context.Background(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
	if err != nil {
		return nil, err
	}
	sts, err := intake.Read("night.csv", bytes.NewReader(body), intake.Options{})
	if err != nil {
		return nil, err
	}
	d := tally.Derive(sts, tally.Deriving{Election: election.Election{ID: "night", Name: election.T("Night"), Start: "2020-11-03", End: "2020-11-03", TimeZone: "America/Phoenix", PollsClose: "19:00"}})
	ctx, cancel := context.WithCancel(context.Background())
	n := &night{house: h, e: d.Definition.Election.ID, stop: func() { cancel(); h.Close() }}
	chief := as("chief", cfg)
	v, err := h.Definition.SaveDraft(chief, d.Definition, "derived")
	if err != nil {
		return nil, err
	}
	if err := h.Definition.Lock(chief, n.e, v.Hash, ""); err != nil {
		return nil, err
	}
	for _, a := range d.Aliases {
		if err := h.Definition.SetAlias(chief, n.e, a); err != nil {
			return nil, err
		}
	}
	if err := h.Access.Grant(as("operator", cfg), "approver", access.Approver); err != nil {
		return nil, err
	}
	if err := h.Results.Open(chief, n.e); err != nil {
		return nil, err
	}
	if err := h.Results.GoLive(chief, n.e); err != nil {
		return nil, err
	}
	if err := h.Results.SaveSource(chief, n.e, results.Source{ID: "state", Name: "State", ByType: true}); err != nil {
		return nil, err
	}
	go func() { _ = h.Run(ctx) }()
	return n, nil
}

func as(name string, cfg app.Config) context.Context {
	return who.With(context.Background(), who.Person{ID: name, Name: name, Jurisdiction: cfg.Office.Jurisdiction, Via: who.CLI, Level: 2, Proved: time.Now()})
}

// round takes a file, looks at it as a second person does, approves it, and
// waits until the public can see it.
func (n *night) round(name string, body []byte) error {
	cfg := n.house.Config
	start, worked := time.Now(), busy()
	r, err := n.house.Results.Take(as("clerk", cfg), results.Upload{Election: n.e, Source: "state", Name: "night.csv", Body: bytes.NewReader(body), Correction: "benchmark"})
	if err != nil {
		return err
	}
	if r.State != results.Held {
		return fmt.Errorf("the file is %s", r.State)
	}
	taken := time.Since(start)
	start = time.Now()
	if err := n.house.Results.Compare(as("approver", cfg), r.ID); err != nil {
		return err
	}
	compared := time.Since(start)
	start = time.Now()
	v, err := n.house.Results.Approve(as("approver", cfg), r.ID, n.base, "benchmark")
	if err != nil {
		return err
	}
	n.base = v.Number
	for {
		if p, ok := n.house.Shelf.Current("results/" + string(n.e)); ok && p.Version >= v.Number {
			break
		}
		time.Sleep(time.Millisecond)
	}
	published := time.Since(start)
	fmt.Printf("%-14s validated %6d ms, compared %5d ms, published %6d ms, in all %6d ms (cores busy %6d ms)\n", name,
		taken.Milliseconds(), compared.Milliseconds(), published.Milliseconds(), (taken + compared + published).Milliseconds(),
		(busy() - worked).Milliseconds())
	return nil
}
