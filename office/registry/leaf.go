// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"cmp"
	"context"
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

// mostUnder is how many voters of one part of a load are kept under one key.
// Nobody reads more of those who share a first name.
const mostUnder = 500

// entry is a key in its first keyBits, and behind it the place of its voter in
// a step. Entries are ordered as the keys are.
type entry uint64

func newEntry(key int64, place int) entry {
	return entry(uint64(key)>>placeBits<<placeBits | uint64(place)) // #nosec G115: all bits count, whatever the sign
}

func (e entry) key() int64 { return int64(e >> placeBits << placeBits) } // #nosec G115: as above

func (e entry) place() int { return int(e & (1<<placeBits - 1)) } // #nosec G115: of twelve bits

// appendEntry puts a key and its voter behind others.
func appendEntry(leaf []byte, key int64, voter string) []byte {
	tail := uint64(key) >> placeBits // #nosec G115: all bits count, whatever the sign
	for i := tailBytes - 1; i >= 0; i-- {
		leaf = append(leaf, byte(tail>>(8*i))) // #nosec G115: one byte of it
	}
	leaf = append(leaf, byte(len(voter))) // #nosec G115: take takes no longer numbers
	return append(leaf, voter...)
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
const leavesAtOnce = 1 << 10

// leaves makes the rows of registry_leaf of the keys of steps.
func (s *Registry) leaves(run string, steps []stepKeys) iter.Seq2[[]any, error] {
	jobs := func(yield func(func() [][]any) bool) {
		for first := int64(0); first < 1<<bucketBits; first += leavesAtOnce {
			if !yield(func() [][]any { return s.leavesFrom(run, steps, first) }) {
				return
			}
		}
	}
	return func(yield func([]any, error) bool) {
		for rows := range inOrder(stepsAhead, jobs) {
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// leavesFrom makes the rows of the leaves from a bucket on.
func (s *Registry) leavesFrom(run string, steps []stepKeys, first int64) (rows [][]any) {
	type found struct {
		key   int64
		voter string
	}
	buckets := make([][]found, leavesAtOnce)
	for _, step := range steps {
		from := sort.Search(len(step.entries), func(i int) bool { return bucketOf(step.entries[i].key()) >= first })
		for _, e := range step.entries[from:] {
			i := bucketOf(e.key()) - first
			if i >= leavesAtOnce {
				break
			}
			buckets[i] = append(buckets[i], found{e.key(), step.ids[e.place()]})
		}
	}
	for i, list := range buckets {
		slices.SortStableFunc(list, func(a, b found) int { return cmp.Compare(a.key, b.key) })
		leaf := make([]byte, 0, 20*len(list))
		under := 0
		for k, one := range list {
			if under++; k == 0 || list[k-1].key != one.key {
				under = 0
			}
			if under < mostUnder {
				leaf = appendEntry(leaf, one.key, one.voter)
			}
		}
		if len(list) > 0 {
			rows = append(rows, []any{s.Jurisdiction, first + int64(i), run, leaf})
		}
	}
	return rows
}

// appendUnder puts the voters who are under any of some keys in a leaf behind
// others.
func appendUnder(list []roll.ID, leaf []byte, keys []int64) []roll.ID {
	wanted := make([]byte, 0, tailBytes*keysAtOnce)
	for _, k := range keys {
		wanted = append(wanted, appendEntry(nil, k, "")[:tailBytes]...)
	}
	for at, voter := range entriesOf(leaf) {
		for k := 0; k < len(wanted); k += tailBytes {
			if string(leaf[at[0]:at[0]+tailBytes]) == string(wanted[k:k+tailBytes]) {
				list = append(list, roll.ID(voter))
				break
			}
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

// pluck takes a key of a voter out of the leaves. Where another has changed the
// leaf meanwhile, it looks again.
func (s *Registry) pluck(ctx context.Context, tx *db.Tx, key int64, voter roll.ID) error {
	entry := appendEntry(nil, key, string(voter))
	for again := true; again; {
		again = false
		rows, err := tx.QueryContext(ctx, `select run, entries from registry_leaf where jurisdiction = $1 and bucket = $2`, s.Jurisdiction, bucketOf(key))
		type leaf struct {
			run     string
			entries []byte
		}
		list, err := db.Collect(rows, err, func(scan func(...any) error) (l leaf, err error) { return l, scan(&l.run, &l.entries) })
		if err != nil {
			return err
		}
		for _, l := range list {
			for at := range entriesOf(l.entries) {
				if !bytes.Equal(l.entries[at[0]:at[1]], entry) {
					continue
				}
				res, err := tx.ExecContext(ctx, `
					update registry_leaf set entries = $1 where jurisdiction = $2 and bucket = $3 and run = $4 and entries = $5`,
					slices.Delete(bytes.Clone(l.entries), at[0], at[1]), s.Jurisdiction, bucketOf(key), l.run, l.entries)
				if err != nil {
					return err
				}
				n, err := res.RowsAffected()
				if err != nil {
					return err
				}
				again = n == 0
				break
			}
		}
	}
	return nil
}
