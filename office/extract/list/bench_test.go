// SPDX-License-Identifier: Apache-2.0

package list

import (
	"fmt"
	"io"
	"iter"
	"testing"
)

// crowd is a roll of n, of a few hundred people.
func crowd(n int) iter.Seq2[Entry, error] {
	var some []Entry
	for i := range 500 {
		v := voter(fmt.Sprint(1000000+i), fmt.Sprintf("Lastname%d", i%97), fmt.Sprintf("First%d", i%53), "1980-01-01", fmt.Sprintf("P%d", i%40), "ind", home(fmt.Sprint(i), fmt.Sprintf("STREET%d", i%11), fmt.Sprint(i%9)))
		some = append(some, Entry{Voter: &v})
	}
	return func(yield func(Entry, error) bool) {
		for i := range n {
			if !yield(some[i%len(some)], nil) {
				return
			}
		}
	}
}

func BenchmarkMake(b *testing.B) {
	for _, k := range []Kind{Public, Precinct, Jury} {
		for _, f := range Formats(k) {
			b.Run(string(k)+"/"+string(f), func(b *testing.B) {
				const voters = 20_000
				for b.Loop() {
					if _, err := Make(io.Discard, chosen(k, f), mark, crowd(voters), nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(voters*b.N)/b.Elapsed().Seconds(), "voters/s")
			})
		}
	}
}
