// SPDX-License-Identifier: Apache-2.0

package county

import (
	"slices"

	"hustings/election"
)

// shape is the outline of an area. Neighbours walk the same points, so their
// borders are the same to the last digit.
func (l *land) shape(a *area) []election.Polygon {
	t := &tracer{out: make(map[int32][]int32)}
	for _, i := range a.blocks {
		l.walk(a, i, t)
	}
	var outer, holes []election.Ring
	for _, from := range t.starts {
		for len(t.out[from]) > 0 {
			ring := t.ring(from)
			if signedArea(ring) > 0 {
				outer = append(outer, l.draw(ring))
			} else {
				holes = append(holes, l.draw(ring))
			}
		}
	}
	return []election.Polygon{append(outer, holes...)} // an area hangs together, so there is one outer ring
}

// walk goes around a block, the block on its left hand, and keeps the steps
// that have another area on the right.
func (l *land) walk(a *area, i int, t *tracer) {
	b := l.blocks[i]
	corners := [5][2]int{{b.x, b.y}, {b.x + b.size, b.y}, {b.x + b.size, b.y + b.size}, {b.x, b.y + b.size}, {b.x, b.y}}
	for k := range 4 {
		x, y := corners[k][0], corners[k][1]
		dx, dy := sign(corners[k+1][0]-x), sign(corners[k+1][1]-y)
		from := point(x, y)
		for range b.size {
			x, y = x+dx, y+dy
			if !l.corner[point(x, y)] {
				continue
			}
			if !a.has(l.right(x, y, dx, dy)) {
				t.add(from, point(x, y))
			}
			from = point(x, y)
		}
	}
}

// right is the block on the right hand of the step that has just led to a point.
func (l *land) right(x, y, dx, dy int) int {
	switch {
	case dx > 0:
		return l.block(x-1, y-1)
	case dx < 0:
		return l.block(x, y)
	case dy > 0:
		return l.block(x, y-1)
	}
	return l.block(x-1, y)
}

func (a *area) has(block int) bool {
	_, ok := slices.BinarySearch(a.blocks, block)
	return ok
}

// tracer joins steps of border to rings.
type tracer struct {
	out    map[int32][]int32 // where the steps from each point lead
	starts []int32
}

func (t *tracer) add(from, to int32) {
	t.out[from] = append(t.out[from], to)
	t.starts = append(t.starts, from)
}

// ring walks from a point back to it. Where two steps lead on, it turns right,
// so that a ring that touches itself becomes two.
func (t *tracer) ring(start int32) []int32 {
	ring := []int32{start}
	at, before := start, start
	for {
		steps := t.out[at]
		k := 0
		if len(steps) > 1 && cross(before, at, steps[1]) < cross(before, at, steps[0]) {
			k = 1
		}
		to := steps[k]
		t.out[at] = slices.Delete(steps, k, k+1)
		ring = append(ring, to)
		if to == start {
			return ring
		}
		before, at = at, to
	}
}

// cross is above zero for a turn to the left.
func cross(a, b, c int32) int {
	ax, ay := int(a)%(wide+1), int(a)/(wide+1)
	bx, by := int(b)%(wide+1), int(b)/(wide+1)
	cx, cy := int(c)%(wide+1), int(c)/(wide+1)
	return (bx-ax)*(cy-by) - (by-ay)*(cx-bx)
}

// signedArea is twice the area of a ring on the grid, above zero where it goes
// against the clock.
func signedArea(ring []int32) (n int) {
	for i := 1; i < len(ring); i++ {
		ax, ay := int(ring[i-1])%(wide+1), int(ring[i-1])/(wide+1)
		bx, by := int(ring[i])%(wide+1), int(ring[i])/(wide+1)
		n += ax*by - bx*ay
	}
	return n
}

// draw bends a ring of the grid onto the map.
func (l *land) draw(ring []int32) election.Ring {
	out := make(election.Ring, len(ring))
	for i, p := range ring {
		out[i] = l.degrees(int(p)%(wide+1), int(p)/(wide+1))
	}
	return out
}
