// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"cmp"
	"slices"
)

// nearby finds the points in a box. It packs neighbours together by sixteens,
// those packs again by sixteens, and so on; a pack whose points have all been
// removed costs nothing any more.
type nearby struct {
	points []Point
	order  []int32 // points, neighbours together
	place  []int32 // of each point in order
	levels [][]pack
	stack  []step
	visits int // packs and points looked at so far
}

// pack is the box around sixteen points or packs, and how many points are
// left in it.
type pack struct {
	box  Bounds
	left int32
}

// step is a pack that is still to be looked at.
type step struct{ level, index int32 }

const packSize = 16

// mostVisits is how much one search may look at. One that would go further
// counts as a find: the point then stays, which is always right, and no
// drawing takes more than about linear time.
const mostVisits = 4000

func newNearby(points []Point) *nearby {
	b := NoBounds()
	for _, p := range points {
		b.Add(p)
	}
	n := &nearby{points: points, order: make([]int32, len(points)), place: make([]int32, len(points))}
	keys := make([]uint32, len(points))
	for i, p := range points {
		n.order[i] = int32(i)
		keys[i] = zigzag(cellOf(p[0], b.Min[0], b.Max[0]), cellOf(p[1], b.Min[1], b.Max[1]))
	}
	slices.SortFunc(n.order, func(i, j int32) int {
		return cmp.Or(cmp.Compare(keys[i], keys[j]), cmp.Compare(i, j))
	})
	packs := make([]pack, len(points))
	for at, i := range n.order {
		n.place[i] = int32(at)
		packs[at] = pack{Bounds{points[i], points[i]}, 1}
	}
	for len(packs) > 1 {
		packs = packUp(packs)
		n.levels = append(n.levels, packs)
	}
	return n
}

// packUp packs sixteen into one.
func packUp(packs []pack) []pack {
	up := make([]pack, 0, (len(packs)+packSize-1)/packSize)
	for group := range slices.Chunk(packs, packSize) {
		all := group[0]
		for _, p := range group[1:] {
			all.box.Add(p.box.Min)
			all.box.Add(p.box.Max)
			all.left += p.left
		}
		up = append(up, all)
	}
	return up
}

// cellOf is where a number stands between two others, in 65536 steps.
func cellOf(x, least, most float64) uint32 {
	if most <= least {
		return 0
	}
	return uint32(min(max((x-least)/(most-least)*65535, 0), 65535))
}

// zigzag numbers the cells of a square so that neighbours have numbers close
// to each other (Morton's order): the digits of x and y in turn.
func zigzag(x, y uint32) uint32 {
	spread := func(v uint32) uint32 {
		v = (v | v<<8) & 0x00ff00ff
		v = (v | v<<4) & 0x0f0f0f0f
		v = (v | v<<2) & 0x33333333
		return (v | v<<1) & 0x55555555
	}
	return spread(x) | spread(y)<<1
}

// remove takes a point out.
func (n *nearby) remove(i int32) {
	at := n.place[i]
	n.order[at] = -1
	for _, level := range n.levels {
		at /= packSize
		level[at].left--
	}
}

// any tells whether a point in the box passes the test.
func (n *nearby) any(box Bounds, test func(int32) bool) bool {
	if len(n.levels) == 0 {
		return false
	}
	until := n.visits + mostVisits
	n.stack = append(n.stack[:0], step{int32(len(n.levels)) - 1, 0})
	for len(n.stack) > 0 {
		s := n.stack[len(n.stack)-1]
		n.stack = n.stack[:len(n.stack)-1]
		first := int(s.index) * packSize
		if s.level == 0 {
			for _, i := range n.order[first:min(first+packSize, len(n.order))] {
				if n.visits++; i >= 0 && box.Contains(n.points[i]) && test(i) {
					return true
				}
			}
		} else {
			below := n.levels[s.level-1]
			for i := first; i < min(first+packSize, len(below)); i++ {
				if n.visits++; below[i].left > 0 && below[i].box.meets(box) {
					n.stack = append(n.stack, step{s.level - 1, int32(i)})
				}
			}
		}
		if n.visits > until {
			return true
		}
	}
	return false
}

// meets tells whether two boxes share a point.
func (b Bounds) meets(c Bounds) bool {
	return b.Min[0] <= c.Max[0] && c.Min[0] <= b.Max[0] && b.Min[1] <= c.Max[1] && c.Min[1] <= b.Max[1]
}
