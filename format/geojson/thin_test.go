// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// crossing finds two edges that touch where they should not.
func crossing(rings [][]Point) string {
	type edge struct{ a, b Point }
	var edges []edge
	for _, ring := range rings {
		for i := 0; i+1 < len(ring); i++ {
			edges = append(edges, edge{ring[i], ring[i+1]})
		}
	}
	for i, e := range edges {
		for _, f := range edges[i+1:] {
			shared := e.a == f.a || e.a == f.b || e.b == f.a || e.b == f.b
			same := e.a == f.a && e.b == f.b || e.a == f.b && e.b == f.a
			s1, s2 := side(e.a, e.b, f.a), side(e.a, e.b, f.b)
			s3, s4 := side(f.a, f.b, e.a), side(f.a, f.b, e.b)
			if same || !shared && s1*s2 < 0 && s3*s4 < 0 {
				return fmt.Sprintf("%v-%v meets %v-%v", e.a, e.b, f.a, f.b)
			}
		}
	}
	return ""
}

// star is a ring around a centre whose distance jumps about.
func star(r *rand.Rand, center Point, from, to float64, n int) []Point {
	var ring []Point
	for i := range n {
		angle := 2 * math.Pi * float64(i) / float64(n)
		d := from + (to-from)*r.Float64()
		ring = append(ring, Point{center[0] + d*math.Cos(angle), center[1] + d*math.Sin(angle)})
	}
	return append(ring, ring[0])
}

func TestThinKeepsRingsWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for round := range 30 {
		rings := Polygon{star(r, Point{0, 0}, 5, 9, 200), star(r, Point{0, 0}, 2, 4.9, 100), star(r, Point{0, 0}, 0.1, 1.9, 20)}
		for _, tolerance := range []float64{0, 0.1, 1, 5, 1000} {
			thin := rings.Simplify(tolerance)
			points := 0
			for i, ring := range thin {
				points += len(ring)
				if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
					t.Fatalf("round %d: ring %d is left with %v", round, i, ring)
				}
			}
			if where := crossing(thin); where != "" {
				t.Fatalf("round %d, tolerance %v: %s", round, tolerance, where)
			}
			if tolerance == 0 && points != 323 || tolerance == 1000 && points > 30 {
				t.Errorf("round %d: tolerance %v leaves %d points", round, tolerance, points)
			}
		}
	}
}

func TestThinOnLines(t *testing.T) {
	for _, tt := range []struct {
		name      string
		lines     [][]Point
		tolerance float64
		want      string
	}{
		{"a straight line needs its ends only", [][]Point{{{0, 0}, {1, 0}, {2, 0}, {3, 0}}}, 0.1, "[[[0 0] [3 0]]]"},
		{"a small bump goes", [][]Point{{{0, 0}, {5, 0.1}, {10, 0}}}, 1, "[[[0 0] [10 0]]]"},
		{"a large one stays", [][]Point{{{0, 0}, {5, 5}, {10, 0}}}, 1, "[[[0 0] [5 5] [10 0]]]"},
		{"a bump around a place stays", [][]Point{{{0, 0}, {5, 1}, {10, 0}}, {{5, 0.5}, {5, 0.6}}}, 10, "[[[0 0] [5 1] [10 0]] [[5 0.5] [5 0.6]]]"},
		{"two ways between two places do not become one", [][]Point{{{0, 0}, {5, 1}, {10, 0}}, {{0, 0}, {5, -1}, {10, 0}}}, 100, "[[[0 0] [10 0]] [[0 0] [5 -1] [10 0]]]"},
		{"a triangle stays", [][]Point{{{0, 0}, {1, 0}, {0, 1}, {0, 0}}}, 100, "[[[0 0] [1 0] [0 1] [0 0]]]"},
		{"doubled points go", [][]Point{{{0, 0}, {0, 0}, {1, 1}, {1, 1}, {2, 0}}}, 0.1, "[[[0 0] [1 1] [2 0]]]"},
		{"empty lines", [][]Point{{}, {{1, 1}}, nil}, 1, "[[] [[1 1]] []]"},
		{"no tolerance, no change", [][]Point{{{0, 0}, {1, 0}, {2, 0}}}, 0, "[[[0 0] [1 0] [2 0]]]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := fmt.Sprint(Thin(tt.lines, tt.tolerance)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSimplifyOfAGeometryGoesThroughItsParts(t *testing.T) {
	bump := []Point{{0, 0}, {5, 0.1}, {10, 0}, {10, 9}, {0, 0}}
	g := &Geometry{Type: TypeCollection, Geometries: []Geometry{
		{Type: TypeMultiPolygon, Polygons: []Polygon{{bump}}},
		{Type: TypeLineString, Lines: [][]Point{bump[:3]}},
		{Type: TypePoint, Points: []Point{{1, 2}}},
	}}
	s := g.Simplify(1)
	got := fmt.Sprint(s.Geometries[0].Polygons, s.Geometries[1].Lines, s.Geometries[2].Points)
	if want := "[[[[0 0] [10 0] [10 9] [0 0]]]] [[[0 0] [10 0]]] [[1 2]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestThinTakesAboutLinearTime(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const n = 20_000
	diagonal, wild := make([]Point, n), make([]Point, n)
	for i := range diagonal {
		// The boxes around the slim triangles of a diagonal are large.
		diagonal[i] = Point{float64(i), float64(i) + 1e-9*r.Float64()}
		wild[i] = Point{r.Float64(), r.Float64()}
	}
	for name, line := range map[string][]Point{"a diagonal": diagonal, "a scribble": wild, "one point n times": make([]Point, n), "a long spiral": star(r, Point{}, 1, 1.001, n)} {
		th := newThinner([][]Point{line})
		th.run(1e6)
		t.Logf("%s: %d looks a point, %d points left", name, th.near.visits/n, len(th.result()[0]))
		if th.near.visits > 2500*n {
			t.Errorf("%s of %d points took %d looks", name, n, th.near.visits)
		}
	}
}
