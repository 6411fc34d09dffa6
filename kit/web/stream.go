// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"hustings/kit/fault"
)

// Stream sends events to the desks and the press that keep a page open
// (server-sent events). It is the first thing to give way under load: past
// its cap newcomers are told to poll instead, and a reader too slow to take
// an event is dropped rather than waited for.
type Stream struct {
	cap  int
	beat time.Duration
	mu   sync.Mutex // guards subs
	subs map[chan event]struct{}
}

type event struct{ name, data string }

// beat is how often a stream says that it is alive, so that dead readers are
// noticed, and asks whether its reader may still listen.
const beat = 20 * time.Second

// NewStream returns a stream for at most limit readers.
func NewStream(limit int) *Stream {
	return &Stream{cap: limit, beat: beat, subs: make(map[chan event]struct{})}
}

// Send offers an event to every reader. data must be a single line. It never
// waits: a reader whose queue is full loses the connection and, on coming
// back, reads the current state.
func (s *Stream) Send(name, data string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.subs {
		select {
		case sub <- event{name, data}:
		default:
			delete(s.subs, sub)
			close(sub)
		}
	}
}

// Readers is how many are listening.
func (s *Stream) Readers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.subs)
}

// Shed drops every reader; they are told to come back by polling.
func (s *Stream) Shed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.subs {
		delete(s.subs, sub)
		close(sub)
	}
}

// Serve is a Handler: it keeps the connection open and writes events to it. A
// reader who signs out, is disabled, or loses the permission or the token that
// opened the stream is let go at the next beat.
func (s *Stream) Serve(w http.ResponseWriter, r *http.Request) error {
	sub := make(chan event, 16)
	s.mu.Lock()
	if len(s.subs) >= s.cap {
		s.mu.Unlock()
		w.Header().Set("Retry-After", "30")
		return fault.New(fault.TooMany, "Too many are listening; please poll instead.")
	}
	s.subs[sub] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.subs, sub)
		s.mu.Unlock()
	}()

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	tick := time.NewTicker(s.beat)
	defer tick.Stop()
	for line := ": hello\nretry: 5000\n\n"; ; {
		_ = control.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if _, err := fmt.Fprint(w, line); err != nil {
			return nil // the reader has gone
		}
		if err := control.Flush(); err != nil {
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-tick.C:
			if !still(r) {
				return nil // on coming back, the reader hears why
			}
			line = ": alive\n\n"
		case e, open := <-sub:
			if !open {
				return nil
			}
			line = fmt.Sprintf("event: %s\ndata: %s\n\n", e.name, e.data)
		}
	}
}
