// SPDX-License-Identifier: Apache-2.0

package list

import (
	"bytes"
	"cmp"
	"container/heap"
	"crypto/sha256"
	"slices"

	"hustings/office/registry/roll"
)

// A draw gives everybody who may be drawn a lot, which is SHA-256 of the seed, a
// comma and the voter's number, and takes the lowest. So it does not matter in
// which order the roll is read, and whoever has the seed and the roll of that
// day finds the same people with a few lines of any language.

// lot is somebody who is drawn, until others have lower ones.
type lot struct {
	lot  [sha256.Size]byte
	id   roll.ID
	text string // packed cells
}

func lotOf(seed string, id roll.ID) [sha256.Size]byte {
	return sha256.Sum256([]byte(seed + "," + string(id)))
}

// lots is a heap with the highest lot on top.
type lots []lot

func (l lots) Len() int           { return len(l) }
func (l lots) Less(i, j int) bool { return bytes.Compare(l[i].lot[:], l[j].lot[:]) > 0 }
func (l lots) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *lots) Push(x any)        { *l = append(*l, x.(lot)) }
func (l *lots) Pop() any          { last := (*l)[len(*l)-1]; *l = (*l)[:len(*l)-1]; return last }

// drawn keeps the lowest lots.
type drawn struct {
	cutter
	table table
	lots  lots
}

func (d *drawn) take(e *Entry) error {
	mine := lot{lot: lotOf(d.Seed, e.Voter.ID), id: e.Voter.ID}
	if len(d.lots) == d.Draw && bytes.Compare(mine.lot[:], d.lots[0].lot[:]) >= 0 {
		return nil
	}
	mine.text = pack(d.cut(e))
	if len(d.lots) < d.Draw {
		heap.Push(&d.lots, mine)
		return nil
	}
	d.lots[0] = mine
	heap.Fix(&d.lots, 0)
	return nil
}

// close writes those who were drawn, in the order of their lots.
func (d *drawn) close() error {
	slices.SortFunc(d.lots, func(a, b lot) int {
		return cmp.Or(bytes.Compare(a.lot[:], b.lot[:]), cmp.Compare(a.id, b.id))
	})
	for i := range d.lots {
		d.cells = unpack(d.lots[i].text, d.cells)
		if err := d.table.Row(d.cells); err != nil {
			return err
		}
	}
	return d.table.Close()
}
