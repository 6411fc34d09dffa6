// SPDX-License-Identifier: Apache-2.0

//go:build unix

package story

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// program is the real binary, built once for all tests that need it.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaries, "hustings")
	out, err := exec.Command("go", "build", "-o", path, "hustings/cmd/hustings").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("the program cannot be built: %w\n%s", err, out)
	}
	return path, nil
})

// ran is how a run of the program ended.
type ran struct {
	code     int
	out, err string
	memory   int64 // the most that it had at once, in MiB
	took     time.Duration
}

// mostTime ends a run that hangs.
const mostTime = time.Minute

// run runs the program as a process of its own, which as may change.
func run(t testing.TB, as func(*exec.Cmd), args ...string) ran {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &errOut, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	cmd.WaitDelay = time.Second
	if as != nil {
		as(cmd)
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(mostTime, func() { _ = cmd.Process.Kill() })
	most := watched(cmd.Process.Pid)
	err = cmd.Wait()
	if !stop.Stop() {
		t.Fatalf("hustings %q was still at it after %v", args, mostTime)
	}
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	r := ran{code: cmd.ProcessState.ExitCode(), out: out.String(), err: errOut.String(), took: time.Since(begin)}
	r.memory = most()
	if use, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && r.memory == 0 {
		r.memory = use.Maxrss >> 10
		if runtime.GOOS == "darwin" {
			r.memory >>= 10 // there it is told in bytes
		}
	}
	return r
}

// watched follows the most memory of a process, in MiB; 0 where the system does
// not tell. What it tells at the end counts this process in, of which the other
// was a copy before it began.
func watched(pid int) (most func() int64) {
	var memory atomic.Int64
	over := make(chan struct{})
	go func() {
		for {
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
				if f := strings.Fields(rest); len(f) > 0 {
					kib, _ := strconv.ParseInt(f[0], 10, 64)
					memory.Store(kib >> 10)
				}
			}
			select {
			case <-over:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return func() int64 { close(over); return memory.Load() }
}

// mustRun runs the program, which must end with an exit code.
func mustRun(t testing.TB, code int, args ...string) ran {
	t.Helper()
	r := run(t, nil, args...)
	if r.code != code {
		t.Fatalf("hustings %q: exit code %d, want %d\n%s%s", args, r.code, code, r.err, r.out)
	}
	return r
}

// checked is what `results check --json` answers.
type checked struct {
	Files    []checkedFile
	Findings []finding
}

type checkedFile struct {
	Path, Format, Election         string
	Units, Contests, Choices, Rows int
	Votes, Ballots                 int64
	Findings                       []finding
}

type finding struct {
	Check, Level, Unit, Contest, Choice, Message string
	Line                                         int
}

// checkFiles checks files and reads the answer.
func checkFiles(t testing.TB, code int, args ...string) checked {
	t.Helper()
	var c checked
	r := mustRun(t, code, append([]string{"results", "check", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(r.out), &c); err != nil {
		t.Fatalf("%v\n%s", err, r.out)
	}
	return c
}

// count counts findings of a rule and level; "" is any.
func count(list []finding, check, level string) int {
	n := 0
	for _, f := range list {
		if (check == "" || f.Check == check) && (level == "" || f.Level == level) {
			n++
		}
	}
	return n
}
