// SPDX-License-Identifier: Apache-2.0

package results

import (
	"slices"
	"sync"

	"hustings/election"
	"hustings/office/results/tally"
)

// recent keeps the last few sheets and their sums. A report is looked at
// several times within minutes: when it comes in, when it is compared, approved
// and published. Sheets and the cells of a tally never change once made.
type recent struct {
	mu     sync.Mutex
	sheets []keptSheet // the last one used at the end
	sums   []keptSum
}

type keptSheet struct {
	key   string // of the blob
	sheet *tally.Sheet
}

type keptSum struct {
	sheets []*tally.Sheet
	tally  *tally.Tally
}

// How many are kept: a statewide sheet of 50,000 rows takes some 8 MB, its sum
// twice that.
const (
	recentSheets = 8
	recentSums   = 2
)

// sheet finds a sheet of a definition by the key of its blob; nil where it is
// not kept.
func (c *recent) sheet(key string, x *tally.Index) *tally.Sheet {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.sheets {
		if k.key == key && k.sheet.Index == x {
			return k.sheet
		}
	}
	return nil
}

func (c *recent) keep(key string, sheet *tally.Sheet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sheets = slices.DeleteFunc(c.sheets, func(k keptSheet) bool { return k.key == key })
	c.sheets = last(append(c.sheets, keptSheet{key, sheet}), recentSheets)
}

// sum merges sheets. What comes back has a Status of its own to be filled in.
func (c *recent) sum(x *tally.Index, sheets ...*tally.Sheet) *tally.Tally {
	c.mu.Lock()
	at := slices.IndexFunc(c.sums, func(k keptSum) bool { return k.tally.Index == x && slices.Equal(k.sheets, sheets) })
	if at >= 0 {
		defer c.mu.Unlock()
		return c.sums[at].copy()
	}
	c.mu.Unlock()
	k := keptSum{sheets, tally.Merge(x, sheets...)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sums = last(append(c.sums, k), recentSums)
	return k.copy()
}

func (k keptSum) copy() *tally.Tally {
	t := *k.tally
	t.Status = make(map[int32]election.Status)
	return &t
}

// last keeps the last n of a list and lets go of the rest.
func last[T any](list []T, n int) []T {
	if len(list) > n {
		list = slices.Delete(list, 0, len(list)-n)
	}
	return list
}
