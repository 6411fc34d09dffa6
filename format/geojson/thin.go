// SPDX-License-Identifier: Apache-2.0

package geojson

import "math"

// Thin drops points from lines that belong to one drawing: again and again the
// point that makes the smallest triangle with its two neighbours
// (Visvalingam's method), as long as that triangle is smaller than a square
// whose side is the tolerance.
//
// The first and last point of each line stay. A point also stays if without
// it two lines would come to cross, touch or coincide: a ring remains a ring
// of at least three corners, a hole remains in its polygon, and where lines
// are the borders that neighbours share, all stays in its place. That holds
// for lines that do not cross to begin with; crossings of the input remain.
func Thin(lines [][]Point, tolerance float64) [][]Point {
	t := newThinner(lines)
	if tolerance > 0 {
		t.run(tolerance * tolerance)
	}
	return t.result()
}

// Simplify is the polygon with fewer points; see Thin.
func (p Polygon) Simplify(tolerance float64) Polygon { return Thin(p, tolerance) }

// Simplify is the geometry with fewer points; see Thin. Neighbours that are
// simplified one by one no longer fit together: for a map of many, go through
// a topology.
func (g *Geometry) Simplify(tolerance float64) *Geometry {
	out := *g
	if len(g.Lines) > 0 {
		out.Lines = Thin(g.Lines, tolerance)
	}
	out.Polygons = nil
	var rings [][]Point
	for _, p := range g.Polygons {
		rings = append(rings, p...)
	}
	rings = Thin(rings, tolerance)
	for _, p := range g.Polygons {
		out.Polygons = append(out.Polygons, rings[:len(p):len(p)])
		rings = rings[len(p):]
	}
	out.Geometries = nil
	for i := range g.Geometries {
		out.Geometries = append(out.Geometries, *g.Geometries[i].Simplify(tolerance))
	}
	return &out
}

// thinner holds the points of all lines, each tied to its neighbours on its
// line.
type thinner struct {
	points     []Point
	prev, next []int32 // -1 at the ends of a line
	gone       []bool
	starts     []int32 // of each line; -1 for an empty one
	size       []float64
	heap       []candidate
	near       *nearby
}

// candidate is a point that might go. It is out of date when size has changed
// since.
type candidate struct {
	size  float64
	point int32
}

func newThinner(lines [][]Point) *thinner {
	n := 0
	for _, line := range lines {
		n += len(line)
	}
	t := &thinner{
		points: make([]Point, 0, n), prev: make([]int32, n), next: make([]int32, n),
		gone: make([]bool, n), size: make([]float64, n), starts: make([]int32, len(lines)),
	}
	for i, line := range lines {
		first := int32(len(t.points))
		last := first + int32(len(line)) - 1
		t.starts[i] = first
		if len(line) == 0 {
			t.starts[i] = -1
		}
		for j := first; j <= last; j++ {
			t.prev[j], t.next[j] = j-1, j+1
		}
		if len(line) > 0 {
			t.prev[first], t.next[last] = -1, -1
		}
		t.points = append(t.points, line...)
	}
	return t
}

// run drops points while the smallest triangle is smaller than most.
func (t *thinner) run(most float64) {
	t.near = newNearby(t.points)
	for i := range t.points {
		if t.prev[i] >= 0 && t.next[i] >= 0 {
			t.push(int32(i), 0)
		}
	}
	for len(t.heap) > 0 {
		c := t.pop()
		i := c.point
		if t.gone[i] || t.size[i] != c.size {
			continue
		}
		if c.size > most {
			return
		}
		if t.needed(i) {
			continue
		}
		t.gone[i] = true
		t.near.remove(i)
		a, b := t.prev[i], t.next[i]
		t.next[a], t.prev[b] = b, a
		for _, j := range []int32{a, b} {
			if t.prev[j] >= 0 && t.next[j] >= 0 {
				t.push(j, c.size)
			}
		}
	}
}

// push puts a point up for dropping. Its size never falls below that of the
// point whose going made it a candidate again, so that a curve goes as a
// whole or not at all.
func (t *thinner) push(i int32, least float64) {
	size := max(least, triangle(t.points[t.prev[i]], t.points[i], t.points[t.next[i]]))
	t.size[i] = size
	t.heap = append(t.heap, candidate{size, i})
	for at := len(t.heap) - 1; at > 0; {
		up := (at - 1) / 2
		if !t.heap[at].before(t.heap[up]) {
			break
		}
		t.heap[at], t.heap[up] = t.heap[up], t.heap[at]
		at = up
	}
}

func (t *thinner) pop() candidate {
	top, last := t.heap[0], len(t.heap)-1
	t.heap[0] = t.heap[last]
	t.heap = t.heap[:last]
	for at := 0; ; {
		down := 2*at + 1
		if down >= last {
			return top
		}
		if down+1 < last && t.heap[down+1].before(t.heap[down]) {
			down++
		}
		if !t.heap[down].before(t.heap[at]) {
			return top
		}
		t.heap[at], t.heap[down] = t.heap[down], t.heap[at]
		at = down
	}
}

// before orders by size, then by place: the same drawing always gives the same
// result.
func (c candidate) before(d candidate) bool {
	return c.size < d.size || c.size == d.size && c.point < d.point
}

func triangle(a, b, c Point) float64 {
	return math.Abs((b[0]-a[0])*(c[1]-a[1])-(c[0]-a[0])*(b[1]-a[1])) / 2
}

// needed tells whether a point must stay: because another point lies in the
// triangle that would be cut off, or because the line that would take its
// place is there already.
func (t *thinner) needed(i int32) bool {
	a, b, c := t.points[t.prev[i]], t.points[i], t.points[t.next[i]]
	if a == c {
		return true
	}
	if b == a || b == c {
		return false
	}
	box := NoBounds()
	box.Add(a)
	box.Add(b)
	box.Add(c)
	return t.near.any(box, func(j int32) bool {
		p := t.points[j]
		switch {
		case j == i:
			return false
		case p == a:
			return t.joins(j, c)
		case p == c:
			return false // the line is seen from a
		}
		return inTriangle(a, b, c, p)
	})
}

// joins tells whether a point is next to another on its line.
func (t *thinner) joins(j int32, c Point) bool {
	return t.prev[j] >= 0 && t.points[t.prev[j]] == c || t.next[j] >= 0 && t.points[t.next[j]] == c
}

// inTriangle tells whether p lies within a triangle or on its edge.
func inTriangle(a, b, c, p Point) bool {
	d1, d2, d3 := side(a, b, p), side(b, c, p), side(c, a, p)
	negative := d1 < 0 || d2 < 0 || d3 < 0
	positive := d1 > 0 || d2 > 0 || d3 > 0
	return !negative || !positive
}

func side(a, b, p Point) float64 {
	return (b[0]-a[0])*(p[1]-a[1]) - (p[0]-a[0])*(b[1]-a[1])
}

func (t *thinner) result() [][]Point {
	lines := make([][]Point, len(t.starts))
	for i, start := range t.starts {
		for j := start; j >= 0; j = t.next[j] {
			lines[i] = append(lines[i], t.points[j])
		}
	}
	return lines
}
