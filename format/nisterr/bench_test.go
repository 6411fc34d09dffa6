// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"io"
	"testing"
)

// hundredThousand is a report with 100,000 counts: 20 contests, 5 choices,
// 1,000 precincts.
func hundredThousand() *ElectionReport { return testReport(20, 1000, 5) }

func BenchmarkRead100kCounts(b *testing.B) {
	rep := hundredThousand()
	for name, file := range map[string][]byte{"JSON": writeJSON(b, rep), "XML": writeXML(b, rep)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Read(bytes.NewReader(file), Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWrite100kCounts(b *testing.B) {
	rep := hundredThousand()
	for name, write := range map[string]func(io.Writer, *ElectionReport) error{"JSON": WriteJSON, "XML": WriteXML} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := write(io.Discard, rep); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheck100kCounts(b *testing.B) {
	rep := hundredThousand()
	b.ReportAllocs()
	for b.Loop() {
		Check(rep)
	}
}
