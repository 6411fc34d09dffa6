// SPDX-License-Identifier: Apache-2.0

package register

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"hustings/kit/web"
)

// gate lets so many in at a time. Whoever finds it full is told at once: a
// queue of requests that wait would hold what the others need.
type gate chan struct{}

func newGate(n int) gate { return make(gate, n) }

// enter says whether there is room; whoever came in leaves again.
func (g gate) enter() bool {
	select {
	case g <- struct{}{}:
		return true
	default:
		return false
	}
}

func (g gate) leave() { <-g }

// busyPages are the pages of a full gate, rendered once for each language and
// way on: when many come, they must cost next to nothing.
type busyPages struct {
	pages sync.Map     // busyKey -> []byte
	turn  atomic.Int64 // spreads those who wait over the seconds
}

type busyKey struct {
	lang, next string
	wait       int
}

// Whoever is asked to wait comes back after so many seconds, one after another.
const (
	leastWait  = 5
	waitSpread = 10
)

// waiting answers with the page that says that many people are here. It loads
// next by itself; "" is this page again.
func (s *Register) waiting(w http.ResponseWriter, r *http.Request, next string) error {
	p := web.Words(r.Context())
	key := busyKey{p.Lang(), next, leastWait + int(s.busy.turn.Add(1)%waitSpread)}
	page, ok := s.busy.pages.Load(key)
	if !ok {
		var b bytes.Buffer
		v := s.view(r, p.T("register.busy"))
		v.refresh, v.next, v.path = key.wait, next, ""
		if err := frame(v, busyPage(p, next)).Render(context.WithoutCancel(r.Context()), &b); err != nil {
			return err
		}
		page, _ = s.busy.pages.LoadOrStore(key, b.Bytes())
	}
	s.tellWait(w, key.wait)
	_, err := w.Write(page.([]byte))
	return err
}

func (s *Register) tellWait(w http.ResponseWriter, seconds int) {
	htmlHeaders(w)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	w.WriteHeader(http.StatusServiceUnavailable)
}
