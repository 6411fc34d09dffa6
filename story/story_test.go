// SPDX-License-Identifier: Apache-2.0

// Package story tests the whole house as an office meets it: files that come
// in and pages that go out.
//
//	testdata/*.txtar  short stories, each with its files, played by TestStories
//	real_*_test.go    the files of real elections, beside the repository
//	hostile_test.go   files made or broken to do harm, within bounded memory
//
// `go test ./story -update` rewrites what the stories expect; read the
// difference like code.
package story

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"
	_ "time/tzdata" // as the program has it

	"github.com/rogpeppe/go-internal/testscript"

	"hustings/app"
)

var update = flag.Bool("update", false, "rewrite what the stories expect")

// binaries is where programs are built that the tests run.
var binaries string

// suite cleans up behind the tests.
type suite struct{ *testing.M }

func (s suite) Run() int {
	var err error
	if binaries, err = os.MkdirTemp("", "hustings-story-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(binaries)
	return s.M.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){
		"hustings": func() { os.Exit(app.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) },
	})
}

// TestStories plays every story. Besides the commands of testscript they know:
//
//	exits N hustings …     runs the program, which must end with that exit code
//	json FILE PATH WANT    a value of a JSON file, such as files.0.votes
//	shorten FILE N         takes the last N bytes off a file
//	links, count           pages in a folder: see site_test.go
//	as, upload, visit …    the running house: see house_test.go
func TestStories(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Setup:         func(e *testscript.Env) error { e.Values[houseKey{}] = &house{env: e}; return nil },
		Cmds: merged(map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "json": jsonValue, "shorten": shorten,
		}, houseCommands, siteCommands),
	})
}

func merged[V any](maps ...map[string]V) map[string]V {
	out := make(map[string]V)
	for _, m := range maps {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// exits runs a command that must end with an exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N command …")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// jsonValue compares one value of a JSON file: a text as it is, anything else
// as JSON.
func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH WANT")
	}
	var v any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &v); err != nil {
		ts.Fatalf("%s is no JSON: %v", args[0], err)
	}
	got, ok := at(v, args[1])
	if !ok {
		if !neg {
			ts.Fatalf("%s has no %s", args[0], args[1])
		}
		return
	}
	var want any = args[2]
	if _, text := got.(string); !text {
		ts.Check(json.Unmarshal([]byte(args[2]), &want))
	}
	if reflect.DeepEqual(got, want) == neg {
		ts.Fatalf("%s is %v", args[1], got)
	}
}

// at walks into a JSON value: keys and positions, with dots between them. The
// word "length" behind a list is how many it has.
func at(v any, path string) (any, bool) {
	for _, step := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[step]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			if step == "length" {
				return float64(len(in)), true
			}
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(in) {
				return nil, false
			}
			v = in[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// shorten takes bytes off the end of a file: it stopped on its way.
func shorten(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: shorten FILE N")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()-n))
}
