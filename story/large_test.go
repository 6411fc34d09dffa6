// SPDX-License-Identifier: Apache-2.0

//go:build unix

package story

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLargeFiles reads files as large as a state sends them, which must work,
// and larger than any state's, which must be refused: both cost what is kept of
// them and little more. A state's file has some hundred thousand rows.
func TestLargeFiles(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("large files take half a minute")
	}
	for _, tt := range []struct {
		name string
		rows int
		cols int // vote types
		args []string
		code int
		most int64 // MiB
		say  string
	}{
		{"a million rows are checked", 1_000_000, 0, []string{"results", "check", "FILE"}, 3, 500, " 1000000 rows "},
		{"and converted", 1_000_000, 0, []string{"results", "convert", "FILE", "--to", "openelections", "--out", "FILE.out"}, 0, 600, ""},
		{"vote types beyond all measure are refused", 600_000, 24, []string{"results", "check", "FILE"}, 2, 750, `the file holds more counts than the limit of 10000000`},
		{"columns beyond all measure are refused", 10, 900, []string{"results", "check", "FILE"}, 2, 100, "900 columns could be vote types"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "20261103__az__general.csv")
			manyRows(t, path, tt.rows, tt.cols)
			args := append([]string{}, tt.args...)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "FILE", path)
			}
			r := mustRun(t, tt.code, args...)
			if !strings.Contains(r.out+r.err, tt.say) {
				t.Errorf("%q does not say %q", r.out+r.err, tt.say)
			}
			if r.memory > tt.most {
				t.Errorf("%d MiB, want at most %d", r.memory, tt.most)
			}
			t.Logf("%d MiB, %v", r.memory, r.took)
		})
	}
}

// manyRows writes a state of counties with fifty precincts each, and two
// hundred rows in each precinct.
func manyRows(t *testing.T, path string, rows, types int) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	w := bufio.NewWriter(f)
	fmt.Fprint(w, "county,precinct,office,district,party,candidate,votes")
	for i := range types {
		fmt.Fprintf(w, ",votes_%d", i)
	}
	votes := strings.Repeat(",3", types)
	fmt.Fprintln(w)
	for i := range rows {
		unit, row := i/200, i%200
		fmt.Fprintf(w, "County %d,%04d,Office %d,,,Candidate %d,%d%s\n", unit/50, unit, row/4, row%4, i%500, votes)
	}
	must(t, w.Flush())
	must(t, f.Close())
}
