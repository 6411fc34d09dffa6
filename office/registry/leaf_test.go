// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/office/registry/roll"
)

// loaded puts voters into a roll, some of whom share much.
func loaded(k *desk, first, n int) (list []roll.Voter) {
	for i := first; i < first+n; i++ {
		v := mary()
		v.ID = roll.ID(fmt.Sprintf("%09d", i))
		v.Name = roll.Name{First: "JOHN", Last: fmt.Sprintf("SMITH%c%c", 'A'+i%26, 'A'+i/26%26)}
		v.Birth = election.Date(fmt.Sprintf("19%02d-0%d-1%d", i%90+10, i%9+1, i%10))
		v.Home.Number = fmt.Sprint(i)
		v.Contact = []roll.Contact{{Kind: "phone", Value: fmt.Sprintf("555%07d", i)}}
		list = append(list, v)
	}
	got, err := k.Load(k.ctx, "2026-09-01", func(yield func(roll.Voter, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	})
	if err != nil || got != int64(len(list)) {
		k.t.Fatalf("%d were loaded, %v", got, err)
	}
	return list
}

func TestWhoeverIsLoadedIsUnderEachOfTheirKeys(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		all := slices.Concat(loaded(k, 0, 2*loadStep+100), loaded(k, 10_000, 300))
		john := k.key(byFirst, "JOHN")
		for i := range all {
			if i%7 != 0 {
				continue
			}
			keys, _ := k.keys(&all[i])
			for _, key := range keys {
				ids, err := k.keyed(k.ctx, []int64{key}, 2*mostUnder)
				if err != nil {
					t.Fatal(err)
				}
				if key != john && !slices.Contains(ids, all[i].ID) {
					t.Fatalf("voter %s is not under the key %x", all[i].ID, key)
				}
				if key == john && len(ids) != mostUnder {
					t.Fatalf("%d are kept under what all share, want %d", len(ids), mostUnder)
				}
			}
		}
		if ids, err := k.sample(k.ctx); err != nil || len(ids) < 1000 {
			t.Errorf("a sample has %d voters, %v", len(ids), err)
		}
	}, source())
}

func TestWhoeverMovesLeavesTheirOldKeys(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		all := loaded(k, 0, 300)
		was := all[17]
		k.revise(was.ID, "2026-09-01", func(v *roll.Voter) { v.Home.Street, v.Name.Last = "ELSEWHERE", "JONES" })
		is := k.asOf(was.ID, "2026-09-01", time.Time{})
		old, _ := k.keys(&was)
		now, _ := k.keys(&is.Voter)
		for _, key := range slices.Concat(old, now) {
			ids, err := k.keyed(k.ctx, []int64{key}, 2*mostUnder)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := slices.Contains(ids, was.ID), slices.Contains(now, key); got != want {
				t.Errorf("under the key %x: %v, want %v", key, got, want)
			}
		}
		other, _ := k.keys(&all[18])
		for _, key := range other {
			if ids, err := k.keyed(k.ctx, []int64{key}, 2*mostUnder); err != nil || !slices.Contains(ids, all[18].ID) {
				t.Errorf("another voter is gone from under %x, %v", key, err)
			}
		}
	}, source())
}

func TestALeafIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.Custom(func(t *rapid.T) under {
			return under{tailOf(rapid.Int64().Draw(t, "key")), rapid.StringN(0, 50, longestID).Draw(t, "voter")}
		})).Draw(t, "list")
		var leaf []byte
		for _, e := range list {
			leaf = appendEntry(leaf, e)
		}
		n := 0
		for at, voter := range entriesOf(leaf) {
			if string(voter) != list[n].voter || !slices.Equal(leaf[at[0]:at[1]], appendEntry(nil, list[n])) {
				t.Fatalf("entry %d: got %q", n, voter)
			}
			n++
		}
		if n != len(list) {
			t.Fatalf("%d of %d entries", n, len(list))
		}
	})
}

// FuzzLeaf reads leaves that no load has written.
func FuzzLeaf(f *testing.F) {
	f.Add(appendEntry(appendEntry(nil, under{tailOf(1), "1"}), under{tailOf(-1), "200000001"}))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		end := 0
		for at := range entriesOf(leaf) {
			if at[0] != end || at[1] <= at[0] || at[1] > len(leaf) {
				t.Fatalf("an entry from %d to %d behind %d", at[0], at[1], end)
			}
			end = at[1]
		}
	})
}
