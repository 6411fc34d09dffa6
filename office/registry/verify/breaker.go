// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"sync"
	"time"
)

// outcome is how an attempt ended, as far as it tells whether the service works.
type outcome int

const (
	unknown outcome = iota // we gave up ourselves
	worked
	failed
)

// breaker leaves a service alone that keeps failing, so that nobody waits for
// it and it can come up again: after some failures in a row it opens for a
// while; then one attempt is let through, and by how that ends it closes, or
// opens for twice as long.
type breaker struct {
	failures int           // in a row that open it
	first    time.Duration // how long it stays open the first time
	longest  time.Duration
	now      func() time.Time

	mu      sync.Mutex // guards the rest
	row     int        // failures in a row
	pause   time.Duration
	until   time.Time // zero while it is closed
	probing bool
}

// pass is leave to make one attempt. It is given back with done.
type pass struct {
	b     *breaker
	probe bool
}

// enter gives a pass, or says until when the service is left alone.
func (b *breaker) enter() (p pass, until time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	switch {
	case b.until.IsZero():
		return pass{b: b}, time.Time{}, true
	case now.Before(b.until):
		return p, b.until, false
	case b.probing:
		return p, now.Add(time.Second), false // soon we know
	}
	b.probing = true
	return pass{b, true}, time.Time{}, true
}

// change is what an outcome did to the breaker.
type change int

const (
	same change = iota
	opened
	closed
)

// done gives a pass back.
func (p pass) done(o outcome) change {
	b := p.b
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.probe {
		b.probing = false
	}
	switch {
	case o == worked:
		was := b.until
		b.row, b.pause, b.until = 0, 0, time.Time{}
		if !was.IsZero() {
			return closed
		}
	case o == failed:
		b.row++
		if p.probe || b.until.IsZero() && b.row >= b.failures {
			b.pause = min(max(b.first, 2*b.pause), b.longest)
			b.until = b.now().Add(b.pause)
			return opened
		}
	}
	return same
}

// open says until when the service is left alone, if it is.
func (b *breaker) open() (until time.Time, row int, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until, b.row, !b.until.IsZero()
}
