// SPDX-License-Identifier: Apache-2.0

package app

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// readers estimates how many people have a public page open: each page asks
// for its election's current.json about every window, so the questions of one
// window are the readers.
type readers struct {
	clock func() time.Time
	slot  atomic.Int64 // number of the window that is being counted
	open  atomic.Int64 // questions in it
	last  atomic.Int64 // questions in the one before
}

// window is the mean time between two questions of one open page.
const window = 30 * time.Second

func newReaders(clock func() time.Time) *readers { return &readers{clock: clock} }

func (r *readers) turn() {
	slot := r.clock().UnixNano() / int64(window)
	if old := r.slot.Load(); old != slot && r.slot.CompareAndSwap(old, slot) {
		n := r.open.Swap(0)
		if slot != old+1 {
			n = 0 // a whole window passed without a question
		}
		r.last.Store(n)
	}
}

// count passes requests on and counts the questions for a pointer.
func (r *readers) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.served(req.URL.Path)
		next.ServeHTTP(w, req)
	})
}

// served counts a request if it asks for a pointer.
func (r *readers) served(path string) {
	if strings.HasSuffix(path, "/current.json") {
		r.turn()
		r.open.Add(1)
	}
}

// now is how many readers there are, from the last full window or, where more
// have come since, the open one.
func (r *readers) now() int {
	r.turn()
	return int(max(r.last.Load(), r.open.Load()))
}
