// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"fmt"
	"sync/atomic"
	"testing"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
)

// BenchmarkAccept accepts applications with a signature of 8 KB each, as many
// voters do at once on the last day. The bar is 300 a second on two cores.
func BenchmarkAccept(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB, ...db.Source) *db.DB
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(engine.name, func(b *testing.B) {
			k := openDesk(b, engine.open(b, source()))
			signature := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 8<<10)...)
			var n atomic.Int64
			b.SetParallelism(32)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := k.Accept(k.ctx, fmt.Sprint(n.Add(1)), mary(), signature); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "accepts/s")
		})
	}
}
