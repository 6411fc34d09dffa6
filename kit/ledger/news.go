// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
)

// news is what has come in lately, read once for all listeners of this
// process: forty of them must not cause forty queries at every commit. It is
// written by Run alone; every change is a new map.
type news struct {
	latest atomic.Pointer[map[string]recent]
}

// recent is the end of one jurisdiction's chain.
type recent struct {
	last  int64   // the newest entry's sequence
	list  []Entry // entries up to it without a gap; none at first
	bytes int     // of their data
}

// How much is kept of each jurisdiction. Who is further behind asks the
// database.
const (
	keepEntries = 200
	keepBytes   = 1 << 20
)

// refresh reads what is new.
func (n *news) refresh(ctx context.Context, l *Ledger) error {
	last, err := heads(ctx, l.DB)
	if err != nil {
		return err
	}
	next := map[string]recent{}
	if old := n.latest.Load(); old != nil {
		next = maps.Clone(*old)
	}
	for j, seq := range last {
		had, known := next[j]
		if had.last == seq {
			continue
		}
		if !known || seq-had.last > keepEntries {
			next[j] = recent{last: seq}
			continue
		}
		list, err := l.Tail(ctx, j, had.last, keepEntries)
		if err != nil {
			return err
		}
		next[j] = had.with(list)
	}
	n.latest.Store(&next)
	return nil
}

// with is r and what came behind it, without what is too much to keep.
func (r recent) with(list []Entry) recent {
	r.list = slices.Concat(r.list, list)
	for _, e := range list {
		r.last = e.Seq
		r.bytes += len(e.Data)
	}
	for len(r.list) > keepEntries || r.bytes > keepBytes {
		r.bytes -= len(r.list[0].Data)
		r.list = r.list[1:]
	}
	return r
}

// since gives the entries behind after that have one of the names (or all,
// when there are none). ok says that they are all here.
func (r recent) since(after int64, names []string) (list []Entry, ok bool) {
	if len(r.list) == 0 || r.list[0].Seq > after+1 {
		return nil, false
	}
	for _, e := range r.list {
		if e.Seq > after && (len(names) == 0 || slices.Contains(names, e.Name)) {
			list = append(list, e)
		}
	}
	return list, true
}
