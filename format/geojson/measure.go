// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"container/heap"
	"iter"
	"math"
)

// Bounds is a box. The zero Bounds is a single point at 0, 0; see NoBounds.
type Bounds struct{ Min, Max Point }

// NoBounds is a box around nothing.
func NoBounds() Bounds {
	return Bounds{Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}}
}

// Empty tells whether the box is around nothing.
func (b Bounds) Empty() bool { return b.Min[0] > b.Max[0] || b.Min[1] > b.Max[1] }

// Add makes the box just large enough for a point.
func (b *Bounds) Add(p Point) {
	for i := range p {
		b.Min[i] = min(b.Min[i], p[i])
		b.Max[i] = max(b.Max[i], p[i])
	}
}

// Contains tells whether a point lies in the box or on its edge.
func (b Bounds) Contains(p Point) bool {
	return p[0] >= b.Min[0] && p[0] <= b.Max[0] && p[1] >= b.Min[1] && p[1] <= b.Max[1]
}

// BoundsOf is the box around features.
func BoundsOf(features []Feature) Bounds {
	b := NoBounds()
	for p := range PointsOf(features) {
		b.Add(p)
	}
	return b
}

// PointsOf goes through every point of every feature.
func PointsOf(features []Feature) iter.Seq[Point] {
	return func(yield func(Point) bool) {
		for _, f := range features {
			if f.Geometry != nil && !f.Geometry.each(yield) {
				return
			}
		}
	}
}

// All goes through every point of the geometry.
func (g *Geometry) All() iter.Seq[Point] {
	return func(yield func(Point) bool) { g.each(yield) }
}

func (g *Geometry) each(yield func(Point) bool) bool {
	for _, p := range g.Points {
		if !yield(p) {
			return false
		}
	}
	for _, line := range g.Lines {
		for _, p := range line {
			if !yield(p) {
				return false
			}
		}
	}
	for _, polygon := range g.Polygons {
		for _, ring := range polygon {
			for _, p := range ring {
				if !yield(p) {
					return false
				}
			}
		}
	}
	for i := range g.Geometries {
		if !g.Geometries[i].each(yield) {
			return false
		}
	}
	return true
}

// Bounds is the box around the geometry.
func (g *Geometry) Bounds() Bounds {
	b := NoBounds()
	for p := range g.All() {
		b.Add(p)
	}
	return b
}

// RingArea is the area within a ring in the units of its coordinates:
// positive when the ring runs counterclockwise, negative when clockwise.
func RingArea(ring []Point) float64 {
	if len(ring) < 4 {
		return 0
	}
	// Relative to the first point: the far-off origin would eat the digits.
	o, sum := ring[0], 0.0
	for i := 1; i < len(ring)-1; i++ {
		a, b := ring[i], ring[i+1]
		sum += (a[0]-o[0])*(b[1]-o[1]) - (b[0]-o[0])*(a[1]-o[1])
	}
	return sum / 2
}

// Area is the area of the outer ring without the holes.
func (p Polygon) Area() float64 {
	area := 0.0
	for i, ring := range p {
		if i == 0 {
			area = math.Abs(RingArea(ring))
			continue
		}
		area -= math.Abs(RingArea(ring))
	}
	return area
}

// Area is the area of all polygons of the geometry.
func (g *Geometry) Area() float64 {
	area := 0.0
	for _, p := range g.Polygons {
		area += p.Area()
	}
	for i := range g.Geometries {
		area += g.Geometries[i].Area()
	}
	return area
}

// Centroid is the point on which the polygon would balance. It may lie outside
// of a bent polygon; to place a label, use LabelPoint.
func (p Polygon) Centroid() Point {
	if len(p) == 0 || len(p[0]) == 0 {
		return Point{}
	}
	o := p[0][0]
	var x, y, area float64
	for i, ring := range p {
		rx, ry, a := moments(ring, o)
		if (a < 0) != (i > 0) { // outer rings count up, holes down
			rx, ry, a = -rx, -ry, -a
		}
		x, y, area = x+rx, y+ry, area+a
	}
	if area == 0 {
		return middle(p[0])
	}
	return Point{o[0] + x/(3*area), o[1] + y/(3*area)}
}

// moments sums up a ring around o; area is twice the area.
func moments(ring []Point, o Point) (x, y, area float64) {
	for i := 0; i+1 < len(ring); i++ {
		ax, ay := ring[i][0]-o[0], ring[i][1]-o[1]
		bx, by := ring[i+1][0]-o[0], ring[i+1][1]-o[1]
		cross := ax*by - bx*ay
		x += (ax + bx) * cross
		y += (ay + by) * cross
		area += cross
	}
	return x, y, area
}

func middle(points []Point) Point {
	b := NoBounds()
	for _, p := range points {
		b.Add(p)
	}
	return Point{(b.Min[0] + b.Max[0]) / 2, (b.Min[1] + b.Max[1]) / 2}
}

// Contains tells whether a point lies in the polygon and not in a hole. A
// point on the border between two polygons that share it point for point is
// in exactly one of them.
func (p Polygon) Contains(pt Point) bool {
	in := false
	for _, ring := range p {
		for i := 0; i+1 < len(ring); i++ {
			if crosses(ring[i], ring[i+1], pt) {
				in = !in
			}
		}
	}
	return in
}

// crosses tells whether an edge passes to the right of a point. It looks at
// the edge from its lower end, whichever way the ring runs, so that neighbours
// reach the same answer.
func crosses(a, b, pt Point) bool {
	if a[1] > b[1] {
		a, b = b, a
	}
	if pt[1] < a[1] || pt[1] >= b[1] {
		return false
	}
	return (b[0]-a[0])*(pt[1]-a[1]) > (pt[0]-a[0])*(b[1]-a[1])
}

// Contains tells whether a point lies in a polygon of the geometry.
func (g *Geometry) Contains(pt Point) bool {
	for _, p := range g.Polygons {
		if p.Contains(pt) {
			return true
		}
	}
	for i := range g.Geometries {
		if g.Geometries[i].Contains(pt) {
			return true
		}
	}
	return false
}

// LabelPoint is a good place for a label: in the largest polygon, far from its
// edges. Without polygons it is the middle of the bounds; an empty geometry
// has none.
func (g *Geometry) LabelPoint() (Point, bool) {
	largest := g.largest()
	if largest != nil {
		return largest.LabelPoint(), true
	}
	b := g.Bounds()
	if b.Empty() {
		return Point{}, false
	}
	return Point{(b.Min[0] + b.Max[0]) / 2, (b.Min[1] + b.Max[1]) / 2}, true
}

func (g *Geometry) largest() Polygon {
	var best Polygon
	consider := func(p Polygon) {
		if p != nil && (best == nil || p.Area() > best.Area()) {
			best = p
		}
	}
	for _, p := range g.Polygons {
		consider(p)
	}
	for i := range g.Geometries {
		consider(g.Geometries[i].largest())
	}
	return best
}

// LabelPoint is the point of the polygon that lies farthest from its edges, to
// within a fiftieth of the polygon's width. It looks at squares, the most
// promising first, and cuts those in four that could still hold a better point.
func (p Polygon) LabelPoint() Point {
	if len(p) == 0 || len(p[0]) == 0 {
		return Point{}
	}
	b := NoBounds()
	for _, pt := range p[0] {
		b.Add(pt)
	}
	width, height := b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]
	side := min(width, height)
	best := p.square(p.Centroid(), 0)
	if side <= 0 || max(width, height)/side > 1000 {
		return best.center // a line, near enough
	}
	var open squares
	for i := range int(math.Ceil(width / side)) {
		for j := range int(math.Ceil(height / side)) {
			open = append(open, p.square(Point{b.Min[0] + (float64(i)+0.5)*side, b.Min[1] + (float64(j)+0.5)*side}, side/2))
		}
	}
	heap.Init(&open)
	const most = 2000 // squares; enough for any precinct that was ever drawn
	for n := 0; len(open) > 0 && n < most; n++ {
		s := heap.Pop(&open).(square)
		if s.inside > best.inside {
			best = s
		}
		if s.hope-best.inside <= side/50 {
			break
		}
		h := s.half / 2
		for _, d := range []Point{{-h, -h}, {h, -h}, {-h, h}, {h, h}} {
			heap.Push(&open, p.square(Point{s.center[0] + d[0], s.center[1] + d[1]}, h))
		}
	}
	return best.center
}

// square is a candidate: how far inside the polygon its centre lies (negative
// when outside), and how far a point of it might.
type square struct {
	center       Point
	half         float64
	inside, hope float64
}

func (p Polygon) square(center Point, half float64) square {
	inside := p.distance(center)
	return square{center, half, inside, inside + half*math.Sqrt2}
}

// distance is how far a point lies from the nearest edge, negative outside.
func (p Polygon) distance(pt Point) float64 {
	nearest := math.Inf(1)
	for _, ring := range p {
		for i := 0; i+1 < len(ring); i++ {
			nearest = min(nearest, squaredDistance(ring[i], ring[i+1], pt))
		}
	}
	if p.Contains(pt) {
		return math.Sqrt(nearest)
	}
	return -math.Sqrt(nearest)
}

// squaredDistance is the square of the distance of a point from a line
// between a and b.
func squaredDistance(a, b, pt Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	if length := dx*dx + dy*dy; length > 0 {
		t := max(0, min(1, ((pt[0]-a[0])*dx+(pt[1]-a[1])*dy)/length))
		a = Point{a[0] + t*dx, a[1] + t*dy}
	}
	dx, dy = pt[0]-a[0], pt[1]-a[1]
	return dx*dx + dy*dy
}

// squares is a heap with the most hopeful on top.
type squares []square

func (s squares) Len() int           { return len(s) }
func (s squares) Less(i, j int) bool { return s[i].hope > s[j].hope }
func (s squares) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// Push implements heap.Interface.
func (s *squares) Push(x any) { *s = append(*s, x.(square)) }

// Pop implements heap.Interface.
func (s *squares) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}
