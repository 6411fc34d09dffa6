// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"fmt"
	"strings"
	"testing"

	"hustings/office/results/tally"
)

// TestAFileMayNameOnlySoMuch passes each limit by one.
func TestAFileMayNameOnlySoMuch(t *testing.T) {
	for _, tt := range []struct {
		what string
		add  func(b *book, line int)
	}{
		{"units", func(b *book, line int) { b.precinct("Vale", fmt.Sprint(line), line) }},
		{"contests", func(b *book, line int) { b.contest(contestKey{name: fmt.Sprint(line)}, line) }},
		{"choices", func(b *book, line int) { b.choice(tally.NoContest, fmt.Sprint(line), "", "", line) }},
		{"counts", func(b *book, line int) {
			b.count(b.precinct("Vale", "1", line), b.choice(tally.NoContest, "Ann", "", "", line), 0, 0, line, 5)
		}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			for _, n := range []int{3, 5} {
				b := newBook("night.csv", "openelections")
				b.most = limits{units: 3, contests: 3, choices: 3, counts: 3}
				for line := 1; line <= n; line++ {
					tt.add(b, line)
				}
				_, err := b.finish()
				if n == 3 && err != nil {
					t.Errorf("three were refused: %v", err)
				}
				if want := "night.csv, line 4: the file holds more " + tt.what + " than the limit of 3"; n == 5 && !strings.HasPrefix(fmt.Sprint(err), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
		})
	}
}
