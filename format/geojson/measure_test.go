// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var (
	square4 = []Point{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}
	hole2   = []Point{{1, 1}, {1, 3}, {3, 3}, {3, 1}, {1, 1}}
	// A U open at the top: its balance point lies outside.
	bent = []Point{{0, 0}, {9, 0}, {9, 9}, {8, 9}, {8, 1}, {1, 1}, {1, 9}, {0, 9}, {0, 0}}
)

func reversed(ring []Point) []Point {
	out := make([]Point, len(ring))
	for i, p := range ring {
		out[len(ring)-1-i] = p
	}
	return out
}

func TestAreaAndCentroid(t *testing.T) {
	far := func(p Polygon) Polygon {
		var out Polygon
		for _, ring := range p {
			var moved []Point
			for _, pt := range ring {
				moved = append(moved, Point{pt[0] - 1e7, pt[1] + 1e7})
			}
			out = append(out, moved)
		}
		return out
	}
	for _, tt := range []struct {
		name     string
		polygon  Polygon
		area     float64
		centroid Point
	}{
		{"a square", Polygon{square4}, 16, Point{2, 2}},
		{"a square drawn clockwise", Polygon{reversed(square4)}, 16, Point{2, 2}},
		{"a square with a hole", Polygon{square4, hole2}, 12, Point{2, 2}},
		{"a square with a hole drawn the wrong way round", Polygon{square4, reversed(hole2)}, 12, Point{2, 2}},
		{"a square with a hole in one corner", Polygon{square4, {{0, 0}, {2, 0}, {2, 2}, {0, 2}, {0, 0}}}, 12, Point{7.0 / 3, 7.0 / 3}},
		{"a square far from the origin", far(Polygon{square4}), 16, Point{2 - 1e7, 2 + 1e7}},
		{"a line that encloses nothing", Polygon{{{0, 0}, {4, 2}, {0, 0}, {0, 0}}}, 0, Point{2, 1}},
		{"nothing", nil, 0, Point{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.polygon.Area(); math.Abs(got-tt.area) > 1e-9 {
				t.Errorf("area %v, want %v", got, tt.area)
			}
			got := tt.polygon.Centroid()
			if math.Hypot(got[0]-tt.centroid[0], got[1]-tt.centroid[1]) > 1e-6 {
				t.Errorf("centroid %v, want %v", got, tt.centroid)
			}
		})
	}
	if RingArea(square4) != 16 || RingArea(reversed(square4)) != -16 {
		t.Errorf("winding: %v and %v", RingArea(square4), RingArea(reversed(square4)))
	}
}

func TestLabelPointLiesWellInside(t *testing.T) {
	for _, tt := range []struct {
		name    string
		polygon Polygon
		far     float64 // at least so far from every edge
	}{
		{"a square", Polygon{square4}, 1.9},
		{"a square with a hole", Polygon{square4, hole2}, 0.5},
		{"a bent shape", Polygon{bent}, 0.49},
		{"a long thin one", Polygon{{{0, 0}, {100, 0}, {100, 1}, {0, 1}, {0, 0}}}, 0.48},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.polygon.LabelPoint()
			if d := tt.polygon.distance(p); d < tt.far {
				t.Errorf("%v lies %v from an edge, want %v", p, d, tt.far)
			}
		})
	}
	// Where a step is smaller than the digits can tell.
	Polygon{{{1e17, 0}, {1e17 + 16, 0}, {1e17 + 16, 0.1}, {1e17, 0.1}, {1e17, 0}}}.LabelPoint()
	g := Geometry{Type: TypeMultiPolygon, Polygons: []Polygon{{{{90, 90}, {91, 90}, {91, 91}, {90, 90}}}, {square4}}}
	if p, ok := g.LabelPoint(); !ok || !g.Polygons[1].Contains(p) {
		t.Errorf("the label stands at %v, not in the largest part", p)
	}
	if _, ok := (&Geometry{Type: TypePolygon}).LabelPoint(); ok {
		t.Error("an empty polygon has a place for a label")
	}
	for i, f := range mustRead(t, sharedFile(t, "maricopa-2020-precincts.geojson")).Features {
		if p, ok := f.Geometry.LabelPoint(); !ok || !f.Geometry.Contains(p) {
			t.Errorf("the label of precinct %d stands outside, at %v", i, p)
		}
	}
}

func TestContains(t *testing.T) {
	holed := Polygon{square4, hole2}
	for _, tt := range []struct {
		name    string
		polygon Polygon
		point   Point
		want    bool
	}{
		{"inside", Polygon{square4}, Point{1, 1}, true},
		{"outside", Polygon{square4}, Point{5, 1}, false},
		{"level with a corner", Polygon{square4}, Point{-1, 4}, false},
		{"beside the hole", holed, Point{0.5, 2}, true},
		{"in the hole", holed, Point{2, 2}, false},
		{"between the arms", Polygon{bent}, Point{4, 5}, false},
		{"in an arm", Polygon{bent}, Point{8.5, 5}, true},
		{"in nothing", nil, Point{0, 0}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.polygon.Contains(tt.point); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestAPointOnABorderIsInExactlyOnePrecinct(t *testing.T) {
	// Crooked cells that share their corners, each wound at random.
	r := rand.New(rand.NewPCG(1, 2))
	const n = 8
	var corner [n + 1][n + 1]Point
	for x := range corner {
		for y := range corner[x] {
			corner[x][y] = Point{float64(x) + 0.4*r.Float64(), float64(y) + 0.4*r.Float64()}
		}
	}
	var cells []Polygon
	for x := range n {
		for y := range n {
			ring := []Point{corner[x][y], corner[x+1][y], corner[x+1][y+1], corner[x][y+1], corner[x][y]}
			if r.IntN(2) == 0 {
				ring = reversed(ring)
			}
			cells = append(cells, Polygon{ring})
		}
	}
	check := func(p Point, where string) {
		in := 0
		for _, c := range cells {
			if c.Contains(p) {
				in++
			}
		}
		if in != 1 {
			t.Errorf("%s at %v is in %d cells", where, p, in)
		}
	}
	for x := 1; x < n; x++ {
		for y := 1; y < n; y++ {
			a, b := corner[x][y], corner[x+1][y]
			check(a, "a corner")
			for range 20 {
				s := r.Float64()
				check(Point{a[0] + s*(b[0]-a[0]), a[1] + s*(b[1]-a[1])}, "a point on a border")
			}
		}
	}
}

func TestNoPointOfTheCountyIsInTwoSplits(t *testing.T) {
	c := mustRead(t, sharedFile(t, "maricopa-2020-precinct-splits.geojson"))
	boxes := make([]Bounds, len(c.Features))
	for i := range c.Features {
		boxes[i] = c.Features[i].Geometry.Bounds()
	}
	b := c.Bounds()
	r := rand.New(rand.NewPCG(3, 4))
	none, one, more := 0, 0, 0
	for range 5000 {
		p := Point{b.Min[0] + r.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + r.Float64()*(b.Max[1]-b.Min[1])}
		in := 0
		for i := range c.Features {
			if boxes[i].Contains(p) && c.Features[i].Geometry.Contains(p) {
				in++
			}
		}
		switch in {
		case 0:
			none++
		case 1:
			one++
		default:
			more++
		}
	}
	// The README speaks of 30 places where the borders cross each other.
	if more > 5 || one < 3000 {
		t.Errorf("of 5000 points %d lie in one split, %d in more, %d in none", one, more, none)
	}
}

func TestPropertiesAsText(t *testing.T) {
	f := mustRead(t, readFile(t, "testdata/shapes.geojson")).Features[0]
	got := fmt.Sprintf("%q %q %q %q %q %q", f.Text("name"), f.Text("voters"), f.Text("open"), f.Text("note"), f.Text("tags"), f.Text("missing"))
	if want := `"Mill" "1200" "true" "" "" ""`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func ExamplePolygon_Contains() {
	county := Polygon{{{-113, 33}, {-111, 33}, {-111, 34}, {-113, 34}, {-113, 33}}}
	fmt.Println(county.Contains(Point{-112.07, 33.45}))
	// Output: true
}
