// SPDX-License-Identifier: Apache-2.0

package site

import (
	"cmp"
	"slices"

	"hustings/election"
)

// point is a place on the drawing grid of a map.
type point struct{ x, y int32 }

func comparePoints(a, b point) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) }

// outline is a unit's boundary on the grid: closed rings without the closing point.
type outline struct {
	unit  int32
	rings [][]point
}

// simplify thins the outlines of neighbours so that their common borders stay
// common: rings are cut where three or more units meet, and each piece of
// border is thinned by itself, the same way whichever unit it is read from.
func simplify(outlines []outline, tolerance float64) {
	meets := junctions(outlines)
	for _, o := range outlines {
		for i, ring := range o.rings {
			o.rings[i] = thinRing(ring, meets, tolerance)
		}
	}
}

// junctions finds the points at which borders meet: those that have other
// neighbours in one ring than in another.
func junctions(outlines []outline) map[point]bool {
	type sides struct{ a, b point }
	seen := make(map[point]sides)
	meets := make(map[point]bool)
	for _, o := range outlines {
		for _, ring := range o.rings {
			for i, p := range ring {
				s := sides{ring[(i+len(ring)-1)%len(ring)], ring[(i+1)%len(ring)]}
				if comparePoints(s.a, s.b) > 0 {
					s.a, s.b = s.b, s.a
				}
				if was, ok := seen[p]; !ok {
					seen[p] = s
				} else if was != s {
					meets[p] = true
				}
			}
		}
	}
	return meets
}

func thinRing(ring []point, meets map[point]bool, tolerance float64) []point {
	start := slices.IndexFunc(ring, func(p point) bool { return meets[p] })
	if start < 0 {
		// A ring that meets no other is cut at its first point in reading order,
		// so that a hole and the island in it are thinned alike.
		start = slices.Index(ring, slices.MinFunc(ring, comparePoints))
	}
	turned := make([]point, 0, len(ring)+1)
	turned = append(append(append(turned, ring[start:]...), ring[:start]...), ring[start])
	out := make([]point, 0, len(ring))
	for i := 0; i < len(turned)-1; {
		j := i + 1
		for j < len(turned)-1 && !meets[turned[j]] {
			j++
		}
		piece := thinBorder(turned[i:j+1], tolerance)
		out = append(out, piece[:len(piece)-1]...)
		i = j
	}
	return out
}

// thinBorder thins one piece of border between two meeting points.
func thinBorder(line []point, tolerance float64) []point {
	line = slices.Clone(line)
	backwards := runsBackwards(line)
	if backwards {
		slices.Reverse(line)
	}
	keep := make([]bool, len(line))
	keep[0], keep[len(line)-1] = true, true
	markKept(line, keep, 0, len(line)-1, tolerance*tolerance)
	out := line[:0]
	for i, p := range line {
		if keep[i] {
			out = append(out, p)
		}
	}
	if backwards {
		slices.Reverse(out)
	}
	return out
}

// runsBackwards chooses one direction for a line, whichever way it was given.
func runsBackwards(line []point) bool {
	for i, j := 0, len(line)-1; i < j; i, j = i+1, j-1 {
		if c := comparePoints(line[i], line[j]); c != 0 {
			return c > 0
		}
	}
	return false
}

// markKept is the method of Douglas and Peucker. It works on a list of its own
// instead of calling itself, so that a long border cannot exhaust the stack.
func markKept(line []point, keep []bool, from, to int, limit float64) {
	type span struct{ from, to int }
	todo := []span{{from, to}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		far, at := limit, -1
		for i := s.from + 1; i < s.to; i++ {
			if d := distance2(line[i], line[s.from], line[s.to]); d > far {
				far, at = d, i
			}
		}
		if at >= 0 {
			keep[at] = true
			todo = append(todo, span{s.from, at}, span{at, s.to})
		}
	}
}

// distance2 is the square of the distance from p to the segment a-b.
func distance2(p, a, b point) float64 {
	px, py := float64(p.x-a.x), float64(p.y-a.y)
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	if length := dx*dx + dy*dy; length > 0 {
		t := max(0, min(1, (px*dx+py*dy)/length))
		px, py = px-t*dx, py-t*dy
	}
	return px*px + py*py
}

// onGrid turns a shape into an outline, without points that fall together.
func onGrid(unit int32, s election.Shape, project func([2]float64) point) outline {
	o := outline{unit: unit}
	for _, polygon := range s.Polygons {
		for _, ring := range polygon {
			var pts []point
			for _, at := range ring {
				if p := project(at); len(pts) == 0 || pts[len(pts)-1] != p {
					pts = append(pts, p)
				}
			}
			if n := len(pts); n > 1 && pts[0] == pts[n-1] {
				pts = pts[:n-1]
			}
			if len(pts) > 2 {
				o.rings = append(o.rings, pts)
			}
		}
	}
	return o
}
