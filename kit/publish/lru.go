// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"container/list"
	"sync"
)

// lru keeps what was used last, up to a total cost.
type lru[K comparable, V any] struct {
	mu    sync.Mutex // guards everything below
	limit int64
	used  int64
	order *list.List // of *held[K, V], most recent first
	byKey map[K]*list.Element
}

type held[K comparable, V any] struct {
	key   K
	value V
	cost  int64
}

func newLRU[K comparable, V any](limit int64) *lru[K, V] {
	return &lru[K, V]{limit: limit, order: list.New(), byKey: map[K]*list.Element{}}
}

func (c *lru[K, V]) get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[key]
	if e == nil {
		return value, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*held[K, V]).value, true
}

// put keeps a value. One that costs more than a quarter of the whole is not
// kept, because it would push out everything else; with a small limit (a
// handful of editions) one always fits.
func (c *lru[K, V]) put(key K, value V, cost int64) {
	if cost > max(1, c.limit/4) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byKey[key]; e != nil {
		c.drop(e)
	}
	c.byKey[key] = c.order.PushFront(&held[K, V]{key, value, cost})
	for c.used += cost; c.used > c.limit; {
		c.drop(c.order.Back())
	}
}

func (c *lru[K, V]) drop(e *list.Element) {
	h := c.order.Remove(e).(*held[K, V])
	delete(c.byKey, h.key)
	c.used -= h.cost
}
