// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"testing"

	"hustings/office/results/tally"
)

// BenchmarkRun checks a clean first file. A county of 2,400 precincts is about
// 200,000 numbers; half and double of it show that the time grows in step.
func BenchmarkRun(b *testing.B) {
	for _, precincts := range []int{1200, 2400, 4800} {
		f := newNight(b, 3, precincts)
		f.Sheet = f.sheet()
		b.Run(fmt.Sprintf("%d cells", len(f.Sheet.Cells)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Run(f.Input)
			}
		})
	}
}

// BenchmarkRunUpdate checks a file that follows another of the same size.
func BenchmarkRunUpdate(b *testing.B) {
	f := newNight(b, 3, 2400)
	f.Mine = []*tally.Sheet{f.earlier(0.3), f.earlier(0.6)}
	f.Sheet = f.sheet()
	f.Before, f.After = tally.Merge(f.x, f.Mine[1]), tally.Merge(f.x, f.Sheet)
	b.Run(fmt.Sprintf("%d cells", len(f.Sheet.Cells)), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Run(f.Input)
		}
	})
}
