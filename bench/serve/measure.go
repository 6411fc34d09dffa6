// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// tick is how /proc counts CPU time on Linux: USER_HZ is 100 on every
// architecture that we build for.
const tick = 10 * time.Millisecond

// figures are what one server did under one load.
type figures struct {
	Requests int64   `json:"requests"`
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	Each     float64 `json:"cpu_us_per_request"`
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	Memory   float64 `json:"memory_mb"` // resident after the load, all processes together
	turns    float64
}

func (f figures) perRequest() float64 { return f.CPU * 1e6 / float64(f.Requests) }

// add takes another turn in; latencies are averaged by finish.
func (f *figures) add(g figures) {
	f.Requests += g.Requests
	f.Seconds += g.Seconds
	f.CPU += g.CPU
	f.P50 += g.P50
	f.P99 += g.P99
	f.Memory = max(f.Memory, g.Memory)
	f.turns++
}

func (f *figures) finish() {
	f.Each = f.perRequest()
	f.P50 /= f.turns
	f.P99 /= f.turns
}

func (f figures) String() string {
	return fmt.Sprintf("%.0f\t%.1f\t%.1f ms\t%.1f ms\t%.0f", float64(f.Requests)/f.Seconds, f.Each, f.P50, f.P99, f.Memory)
}

// take gives the server one turn under a load and reads what it cost.
func (s *server) take(l load, d time.Duration) (figures, error) {
	args := []string{"-t1", "-c" + strconv.Itoa(l.Connections), "-d" + strconv.Itoa(max(1, int(d.Seconds()))) + "s", "--latency", "-H", "Accept-Encoding: gzip"}
	if l.NotModified {
		args = append(args, "-H", "If-None-Match: "+s.tag)
	}
	before, err := s.cpu()
	if err != nil {
		return figures{}, err
	}
	out, err := exec.Command("wrk", append(args, s.url)...).CombinedOutput()
	if err != nil {
		return figures{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	after, err := s.cpu()
	if err != nil {
		return figures{}, err
	}
	f, err := readWrk(string(out), l)
	if err != nil {
		return f, fmt.Errorf("%s, %s: %w\n%s", s.name, l.Name, err, out)
	}
	f.CPU = (after - before).Seconds()
	f.Memory, err = s.memory()
	return f, err
}

var (
	wrkRequests = regexp.MustCompile(`(\d+) requests in ([\d.]+)s, `)
	wrkLatency  = regexp.MustCompile(`(?m)^ +(50|99)% +([\d.]+)(us|ms|s)$`)
)

// readWrk reads wrk's report. Refused requests make the figures worthless, so
// they are an error.
func readWrk(out string, l load) (f figures, err error) {
	m := wrkRequests.FindStringSubmatch(out)
	if m == nil {
		return f, fmt.Errorf("no count of requests")
	}
	f.Requests, _ = strconv.ParseInt(m[1], 10, 64)
	f.Seconds, _ = strconv.ParseFloat(m[2], 64)
	if f.Requests == 0 || strings.Contains(out, "Non-2xx or 3xx") {
		return f, fmt.Errorf("requests were refused")
	}
	for _, m := range wrkLatency.FindAllStringSubmatch(out, -1) {
		n, _ := strconv.ParseFloat(m[2], 64)
		n *= map[string]float64{"us": 0.001, "ms": 1, "s": 1000}[m[3]]
		if m[1] == "50" {
			f.P50 = n
		} else {
			f.P99 = n
		}
	}
	return f, nil
}

// processes are the server and its children.
func (s *server) processes() ([]string, error) {
	main := strconv.Itoa(s.cmd.Process.Pid)
	all := []string{main}
	tasks, err := filepath.Glob("/proc/" + main + "/task/*/children")
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		children, err := os.ReadFile(t)
		if err != nil {
			return nil, err
		}
		all = append(all, strings.Fields(string(children))...)
	}
	return all, nil
}

// cpu is the time that the server has spent so far, in user and in system mode.
func (s *server) cpu() (time.Duration, error) {
	pids, err := s.processes()
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, pid := range pids {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			return 0, err
		}
		// The name in parentheses may hold spaces; utime and stime are the 12th
		// and 13th fields after it.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		for _, n := range fields[11:13] {
			ticks, err := strconv.ParseInt(n, 10, 64)
			if err != nil {
				return 0, err
			}
			sum += time.Duration(ticks) * tick
		}
	}
	return sum, nil
}

// memory is what the server holds in RAM, in MB. Pages that nginx's workers
// share count more than once, in nginx's disfavour by about 1 MB each.
func (s *server) memory() (float64, error) {
	pids, err := s.processes()
	if err != nil {
		return 0, err
	}
	var pages int64
	for _, pid := range pids {
		statm, err := os.ReadFile("/proc/" + pid + "/statm")
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
		if err != nil {
			return 0, err
		}
		pages += n
	}
	return float64(pages) * float64(os.Getpagesize()) / 1e6, nil
}
