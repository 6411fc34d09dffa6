// SPDX-License-Identifier: Apache-2.0

package topojson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hustings/format/geojson"
)

func TestSharedBordersAreFound(t *testing.T) {
	square := func(x, y float64) geojson.Feature {
		ring := []Point{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}
		return geojson.Feature{Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{{ring}}}}
	}
	island := []Point{{2, 2}, {3, 2}, {3, 3}, {2, 3}, {2, 2}}
	sea := []Point{{0, 0}, {5, 0}, {5, 5}, {0, 5}, {0, 0}}
	turnedBack := []Point{{3, 3}, {3, 2}, {2, 2}, {2, 3}, {3, 3}}
	polygon := func(rings ...[]Point) geojson.Feature {
		return geojson.Feature{Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{rings}}}
	}
	line := func(points ...Point) geojson.Feature {
		return geojson.Feature{Geometry: &geojson.Geometry{Type: "LineString", Lines: [][]Point{points}}}
	}
	for _, tt := range []struct {
		name     string
		features []geojson.Feature
		arcs     int
		want     string
	}{
		{"one alone", []geojson.Feature{square(0, 0)}, 1, "[[[[0]]]]"},
		{"two side by side", []geojson.Feature{square(0, 0), square(1, 0)}, 3, "[[[[0 1]]] [[[2 -1]]]]"},
		{"two that meet in a corner", []geojson.Feature{square(0, 0), square(1, 1)}, 2, "[[[[0]]] [[[1]]]]"},
		{"four around a corner", []geojson.Feature{square(0, 0), square(1, 0), square(0, 1), square(1, 1)}, 8, ""},
		{"the same one twice", []geojson.Feature{square(0, 0), square(0, 0)}, 1, "[[[[0]]] [[[0]]]]"},
		{"an island in its hole, started elsewhere and run backwards", []geojson.Feature{polygon(sea, turnedBack), polygon(island)}, 2, "[[[[0] [1]]] [[[-2]]]]"},
		{"a line along a border", []geojson.Feature{square(0, 0), line(Point{1, 0}, Point{1, 1})}, 2, ""},
		{"a line that runs past a border", []geojson.Feature{square(0, 0), line(Point{1, -1}, Point{1, 0}, Point{1, 1}, Point{1, 2})}, 4, ""},
		{"a line there and back", []geojson.Feature{line(Point{0, 0}, Point{1, 0}, Point{2, 0}), line(Point{2, 0}, Point{1, 0}, Point{0, 0})}, 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			top := FromGeoJSON("x", tt.features, 0)
			if len(top.Arcs) != tt.arcs {
				t.Errorf("%d arcs, want %d: %v", len(top.Arcs), tt.arcs, top.Arcs)
			}
			var got [][][][]int
			for _, g := range top.Objects["x"].Geometries {
				got = append(got, g.Polygons)
			}
			if tt.want != "" && fmt.Sprint(got) != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.features, top.Features("x"), cmpopts.EquateEmpty(), sameRing); diff != "" {
				t.Errorf("put together again (-was +is):\n%s", diff)
			}
		})
	}
}

// sameRing compares polygons whatever point their rings start at.
var sameRing = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[geojson.Polygon]() }, cmp.Transformer("ring", func(p geojson.Polygon) []string {
	var rings []string
	for _, ring := range p {
		open := slices.Clone(ring[:len(ring)-1])
		at := 0
		for i := range open {
			if open[i][0] < open[at][0] || open[i][0] == open[at][0] && open[i][1] < open[at][1] {
				at = i
			}
		}
		rings = append(rings, fmt.Sprint(slices.Concat(open[at:], open[:at])))
	}
	return rings
}))

// quilt is n by n crooked patches whose borders wiggle, some with an island.
func quilt(r *rand.Rand, n int) []geojson.Feature {
	const steps = 12
	wiggle := func(a, b Point) []Point {
		line := []Point{a}
		for i := 1; i < steps; i++ {
			s := float64(i) / steps
			line = append(line, Point{a[0] + s*(b[0]-a[0]) + 0.05*r.Float64(), a[1] + s*(b[1]-a[1]) + 0.05*r.Float64()})
		}
		return append(line, b)
	}
	corner := func(x, y int) Point { return Point{float64(x), float64(y)} }
	across, up := map[[2]int][]Point{}, map[[2]int][]Point{}
	for x := range n + 1 {
		for y := range n + 1 {
			across[[2]int{x, y}] = wiggle(corner(x, y), corner(x+1, y))
			up[[2]int{x, y}] = wiggle(corner(x, y), corner(x, y+1))
		}
	}
	back := func(line []Point) []Point {
		line = slices.Clone(line)
		slices.Reverse(line)
		return line
	}
	var features []geojson.Feature
	for x := range n {
		for y := range n {
			ring := slices.Concat(across[[2]int{x, y}], up[[2]int{x + 1, y}][1:], back(across[[2]int{x, y + 1}])[1:], back(up[[2]int{x, y}])[1:])
			polygon := geojson.Polygon{ring}
			if (x+y)%3 == 0 {
				cx, cy := float64(x)+0.5, float64(y)+0.5
				island := []Point{{cx, cy}, {cx + 0.1, cy}, {cx + 0.1, cy + 0.12}, {cx + 0.02, cy + 0.1}, {cx, cy}}
				polygon = append(polygon, back(island))
				features = append(features, geojson.Feature{Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{{island}}}})
			}
			features = append(features, geojson.Feature{Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{polygon}}})
		}
	}
	return features
}

func TestSimplifiedNeighboursStillFitTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for round := range 10 {
		features := quilt(r, 6)
		top := FromGeoJSON("quilt", features, 0)
		for _, tolerance := range []float64{0, 0.05, 0.2, 10} {
			s := Simplify(top, tolerance)
			uses, points := make([]int, len(s.Arcs)), 0
			for _, g := range s.Objects["quilt"].Geometries {
				for _, ring := range g.Polygons[0] {
					for _, n := range ring {
						if n < 0 {
							n = ^n
						}
						uses[n]++
					}
				}
			}
			sum := 0.0
			for _, f := range s.Features("quilt") {
				sum += f.Geometry.Area()
			}
			// The outline is what only one patch uses: its area is the sum of the
			// patches, or else there are gaps or overlaps.
			outline := 0.0
			for n, arc := range s.Arcs {
				points += len(arc)
				if uses[n] == 1 {
					outline += under(arc, s, n)
				}
			}
			if math.Abs(sum-math.Abs(outline)) > 1e-9 {
				t.Errorf("round %d, tolerance %v: the patches cover %v, the outline encloses %v", round, tolerance, sum, outline)
			}
			if tolerance == 10 && points > 4*len(s.Arcs) {
				t.Errorf("round %d: %d points are left in %d arcs", round, points, len(s.Arcs))
			}
		}
	}
}

// under is what an arc adds to the area of the outline, run the way its one
// user runs it.
func under(arc []Point, top *Topology, n int) float64 {
	area := 0.0
	for i := 0; i+1 < len(arc); i++ {
		area += (arc[i][0]*arc[i+1][1] - arc[i+1][0]*arc[i][1]) / 2
	}
	for _, g := range top.Objects["quilt"].Geometries {
		for _, ring := range g.Polygons[0] {
			if slices.Contains(ring, ^n) {
				return -area
			}
		}
	}
	return area
}

func TestSimplifiedCountyHasNoGaps(t *testing.T) {
	before := FromGeoJSON("p", precincts(t), 0)
	after := Simplify(before, 0.002)
	count := func(top *Topology) (count func(Point) int) {
		features := top.Features("p")
		boxes := make([]geojson.Bounds, len(features))
		for i := range features {
			boxes[i] = features[i].Geometry.Bounds()
		}
		return func(p Point) int {
			n := 0
			for i := range features {
				if boxes[i].Contains(p) && features[i].Geometry.Contains(p) {
					n++
				}
			}
			return n
		}
	}
	was, is := count(before), count(after)
	b := geojson.BoundsOf(before.Features("p"))
	r := rand.New(rand.NewPCG(11, 12))
	inside, gaps, overlaps := 0, 0, 0
	for range 5000 {
		p := Point{b.Min[0] + r.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + r.Float64()*(b.Max[1]-b.Min[1])}
		if was(p) == 0 {
			continue
		}
		inside++
		switch n := is(p); {
		case n == 0:
			gaps++
		case n > 1 && n > was(p):
			overlaps++
		}
	}
	// What is left of the county's own outline moves a little.
	if inside < 3000 || gaps > inside/500 || overlaps > 2 {
		t.Errorf("of %d points in the county, %d fell out of it and %d into two precincts", inside, gaps, overlaps)
	}
	points := 0
	for _, arc := range after.Arcs {
		points += len(arc)
	}
	t.Logf("%d arcs, %d points", len(after.Arcs), points)
}

func ExampleSimplify() {
	// Two precincts share a crooked border.
	west := []Point{{0, 0}, {2, 0}, {2.1, 1}, {2, 2}, {0, 2}, {0, 0}}
	east := []Point{{2, 0}, {4, 0}, {4, 2}, {2, 2}, {2.1, 1}, {2, 0}}
	var features []geojson.Feature
	for _, ring := range [][]Point{west, east} {
		features = append(features, geojson.Feature{Geometry: &geojson.Geometry{Type: geojson.TypePolygon, Polygons: []geojson.Polygon{{ring}}}})
	}
	top := Simplify(FromGeoJSON("precincts", features, 0), 1)
	for _, f := range top.Features("precincts") {
		fmt.Println(f.Geometry.Polygons[0][0])
	}
	// Output:
	// [[2 0] [2 2] [0 2] [0 0] [2 0]]
	// [[2 0] [4 0] [4 2] [2 2] [2 0]]
}
