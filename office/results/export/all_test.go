// SPDX-License-Identifier: Apache-2.0

package export

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/office/results/tally"
)

// gather keeps what All writes.
func gather(t testing.TB, in Input) map[string][]byte {
	t.Helper()
	var mu sync.Mutex
	out := make(map[string][]byte)
	err := All(in, func(name string, write func(io.Writer) error) error {
		var b bytes.Buffer
		err := write(&b)
		mu.Lock()
		defer mu.Unlock()
		out[name] = b.Bytes()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAllIsEachOnItsOwn compares the files that are written side by side with
// those written one by one.
func TestAllIsEachOnItsOwn(t *testing.T) {
	x := tally.NewIndex(larkspur())
	in := Input{Tally: few(x), Status: election.UnofficialPartial, Generated: time.Unix(1793750400, 0), Issuer: "State Board"}
	want := make(map[string][]byte)
	for name, write := range map[string]func(io.Writer, Input) error{
		"results.csv": OpenElections, "results-ncsbe.tsv": NCSBE, "results-flat.csv": Flat, "results.xlsx": XLSX,
		"results-err.json": ERRJSON, "results-err.xml": ERRXML,
	} {
		var b bytes.Buffer
		if err := write(&b, in); err != nil {
			t.Fatal(err)
		}
		want[name] = b.Bytes()
	}
	for range 5 {
		got := gather(t, in)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
		for _, name := range Names() {
			if len(got[name]) == 0 {
				t.Errorf("%s is named and was not written", name)
			}
		}
	}
}

func TestAllTellsOfTheFirstError(t *testing.T) {
	x := tally.NewIndex(larkspur())
	full := errors.New("no space left")
	err := All(Input{Tally: few(x), Generated: time.Unix(1793750400, 0)}, func(name string, write func(io.Writer) error) error {
		if name == "results.xlsx" {
			return full
		}
		return write(io.Discard)
	})
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	def := larkspur()
	def.Contests[0].Name = election.T("")
	err = All(Input{Tally: few(tally.NewIndex(def)), Generated: time.Unix(1793750400, 0)}, func(_ string, write func(io.Writer) error) error { return write(io.Discard) })
	if err == nil || !strings.Contains(err.Error(), "Name") {
		t.Errorf("a contest without a name: got %v", err)
	}
}

// BenchmarkAll writes all files of a state, as a publication does.
func BenchmarkAll(b *testing.B) {
	in := input(public(b, arizona))
	in.SmallUnit = 0
	b.ReportAllocs()
	for b.Loop() {
		if err := All(in, func(_ string, write func(io.Writer) error) error { return write(io.Discard) }); err != nil {
			b.Fatal(err)
		}
	}
}
