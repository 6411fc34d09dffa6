// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"
	"sort"

	"hustings/kit/db"
	"hustings/office/registry/roll"
)

// A leaf is a row of registry_leaf: some keys with the numbers of their voters,
// in the order of the keys. What a load brings is kept so; a row for each key
// took longer to write than the voters themselves. Of a key a leaf keeps the
// first keyBits.

const (
	// bucketBits is how many bits the keys of a leaf have in common: of a
	// million voters some seventy keys do.
	bucketBits = 17
	keyBits    = 52
	placeBits  = 64 - keyBits
	tailBytes  = (keyBits - bucketBits + 7) / 8 // of a key, beside its bucket
)

// bucketOf is the leaf of a key. It grows as entries do.
func bucketOf(key int64) int64 { return int64(uint64(key) >> (64 - bucketBits)) } // #nosec G115: of seventeen bits

// mostUnder is how many voters a leaf keeps under one key. Nobody reads more of
// those who share a first name.
const mostUnder = 500

// entry is a key in its first keyBits, and behind it the place of its voter in
// a step. Entries are ordered as the keys are.
type entry uint64

func newEntry(key int64, place int) entry {
	return entry(uint64(key)>>placeBits<<placeBits | uint64(place)) // #nosec G115: all bits count, whatever the sign
}

func (e entry) key() int64 { return int64(e >> placeBits << placeBits) } // #nosec G115: as above

func (e entry) place() int { return int(e & (1<<placeBits - 1)) } // #nosec G115: of twelve bits

// tailOf is what a leaf keeps of a key.
func tailOf(key int64) (tail [tailBytes]byte) {
	for i, bits := tailBytes-1, uint64(key)>>placeBits; i >= 0; i, bits = i-1, bits>>8 { // #nosec G115: all bits count, whatever the sign
		tail[i] = byte(bits) // #nosec G115: one byte of it
	}
	return tail
}

// appendEntry puts a voter behind others.
func appendEntry(leaf []byte, one under) []byte {
	leaf = append(leaf, one.tail[:]...)
	leaf = append(leaf, byte(len(one.voter))) // #nosec G115: take takes no longer numbers
	return append(leaf, one.voter...)
}

// longestID bounds a voter's number, so that a leaf can say its length.
const longestID = 200

// entriesOf gives the entries of a leaf: where each begins and ends, and its
// voter.
func entriesOf(leaf []byte) iter.Seq2[[2]int, []byte] {
	return func(yield func([2]int, []byte) bool) {
		for at := 0; at+tailBytes < len(leaf); {
			from := at + tailBytes + 1
			end := min(from+int(leaf[at+tailBytes]), len(leaf))
			if !yield([2]int{at, end}, leaf[from:end]) {
				return
			}
			at = end
		}
	}
}

// stepKeys are the keys of the voters of a step, in order, and their numbers.
type stepKeys struct {
	entries []entry
	ids     []string
}

// leavesAtOnce is how many leaves are made at a time, while those before are
// written.
const leavesAtOnce = 1 << 12

// under is a voter under the tail of a key.
type under struct {
	tail  [tailBytes]byte
	voter string
}

// fresh is what steps bring to a leaf, and the leaf where there was none.
type fresh struct {
	list []under
	leaf []byte
}

// loadLeaves puts the keys of steps into the leaves.
func (s *Registry) loadLeaves(ctx context.Context, tx *db.Tx, steps []stepKeys) error {
	jobs := func(yield func(func() []fresh) bool) {
		for first := int64(0); first < 1<<bucketBits; first += leavesAtOnce {
			if !yield(func() []fresh { return gathered(steps, first) }) {
				return
			}
		}
	}
	var rows [][]any
	first := int64(0)
	for list := range inOrder(stepsAhead, jobs) {
		old, err := s.takeLeaves(ctx, tx, first)
		if err != nil {
			return err
		}
		for i, one := range list {
			bucket, leaf := first+int64(i), one.leaf
			if before := old[bucket]; len(before) > 0 {
				leaf = joined(before, one.list)
			}
			if len(leaf) > 0 {
				rows = append(rows, []any{s.Jurisdiction, bucket, leaf})
			}
		}
		if first += leavesAtOnce; len(rows) < 1<<14 && first < 1<<bucketBits {
			continue
		}
		if _, err := tx.Load(ctx, "registry_leaf", []string{"jurisdiction", "bucket", "entries"}, each(rows)); err != nil {
			return err
		}
		rows = nil
	}
	return nil
}

// takeLeaves takes leaves out of their table, from a bucket on.
func (s *Registry) takeLeaves(ctx context.Context, tx *db.Tx, first int64) (map[int64][]byte, error) {
	rows, err := tx.QueryContext(ctx, `
		delete from registry_leaf where jurisdiction = $1 and bucket >= $2 and bucket < $3 returning bucket, entries`,
		s.Jurisdiction, first, first+leavesAtOnce)
	type leaf struct {
		bucket  int64
		entries []byte
	}
	list, err := db.Collect(rows, err, func(scan func(...any) error) (l leaf, err error) { return l, scan(&l.bucket, &l.entries) })
	out := make(map[int64][]byte, len(list))
	for _, l := range list {
		out[l.bucket] = l.entries
	}
	return out, err
}

// gathered are the entries of steps by their buckets, from one on.
func gathered(steps []stepKeys, first int64) []fresh {
	out := make([]fresh, leavesAtOnce)
	for _, step := range steps {
		from := sort.Search(len(step.entries), func(i int) bool { return bucketOf(step.entries[i].key()) >= first })
		for _, e := range step.entries[from:] {
			i := bucketOf(e.key()) - first
			if i >= leavesAtOnce {
				break
			}
			out[i].list = append(out[i].list, under{tailOf(e.key()), step.ids[e.place()]})
		}
	}
	for i := range out {
		out[i].leaf = leafOf(out[i].list)
	}
	return out
}

// joined is a leaf with more voters in it.
func joined(leaf []byte, more []under) []byte {
	if len(more) == 0 {
		return leaf
	}
	var list []under
	for at, voter := range entriesOf(leaf) {
		list = append(list, under{[tailBytes]byte(leaf[at[0]:]), string(voter)})
	}
	return leafOf(append(list, more...))
}

// leafOf is a leaf of a list, which it puts in order.
func leafOf(list []under) []byte {
	slices.SortStableFunc(list, func(a, b under) int { return bytes.Compare(a.tail[:], b.tail[:]) })
	leaf := make([]byte, 0, 20*len(list))
	n := 0
	for i, one := range list {
		if n++; i == 0 || list[i-1].tail != one.tail {
			n = 0
		}
		if n < mostUnder {
			leaf = appendEntry(leaf, one)
		}
	}
	return leaf
}

// appendUnder puts the voters who are under any of some keys in a leaf behind
// others.
func appendUnder(list []roll.ID, leaf []byte, keys []int64) []roll.ID {
	wanted := make([][tailBytes]byte, len(keys))
	for i, k := range keys {
		wanted[i] = tailOf(k)
	}
	for at, voter := range entriesOf(leaf) {
		if slices.Contains(wanted, [tailBytes]byte(leaf[at[0]:])) {
			list = append(list, roll.ID(voter))
		}
	}
	return list
}

// behind are voters of the leaves from a bucket on.
func (s *Registry) behind(ctx context.Context, bucket int64, most int) (out []roll.ID, err error) {
	rows, err := s.DB.QueryContext(ctx, `
		select entries from registry_leaf where jurisdiction = $1 and bucket >= $2 order by bucket limit $3`, s.Jurisdiction, bucket, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for len(out) < most && rows.Next() {
		var leaf []byte
		if err := rows.Scan(&leaf); err != nil {
			return nil, err
		}
		for _, voter := range entriesOf(leaf) {
			out = append(out, roll.ID(voter))
		}
	}
	return out[:min(len(out), most)], rows.Err()
}

// pluck takes a key of a voter out of its leaf. Where another has changed the
// leaf meanwhile, it looks again.
func (s *Registry) pluck(ctx context.Context, tx *db.Tx, key int64, voter roll.ID) error {
	entry := appendEntry(nil, under{tailOf(key), string(voter)})
	for {
		var leaf []byte
		err := tx.QueryRowContext(ctx, `select entries from registry_leaf where jurisdiction = $1 and bucket = $2`, s.Jurisdiction, bucketOf(key)).Scan(&leaf)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		from, end := 0, 0
		for at := range entriesOf(leaf) {
			if bytes.Equal(leaf[at[0]:at[1]], entry) {
				from, end = at[0], at[1]
			}
		}
		if end == 0 {
			return nil
		}
		res, err := tx.ExecContext(ctx, `
			update registry_leaf set entries = $1 where jurisdiction = $2 and bucket = $3 and entries = $4`,
			slices.Delete(bytes.Clone(leaf), from, end), s.Jurisdiction, bucketOf(key), leaf)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
	}
}
