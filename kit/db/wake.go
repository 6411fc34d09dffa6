// SPDX-License-Identifier: Apache-2.0

package db

import "sync"

// wakers are those who want to know of commits in this process at once.
type wakers struct {
	mu   sync.Mutex // guards list
	list map[chan struct{}]bool
}

// Wake returns a channel that receives after each commit in this process that
// recorded facts, and a func that ends it. Commits that come while nobody
// listens are felt as one. Other processes' commits are not seen: poll too.
func (d *DB) Wake() (woken <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	d.wake.mu.Lock()
	defer d.wake.mu.Unlock()
	if d.wake.list == nil {
		d.wake.list = map[chan struct{}]bool{}
	}
	d.wake.list[c] = true
	return c, func() {
		d.wake.mu.Lock()
		defer d.wake.mu.Unlock()
		delete(d.wake.list, c)
	}
}

// all wakes everyone, and waits for nobody.
func (w *wakers) all() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.list {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
