// SPDX-License-Identifier: Apache-2.0

package site

import (
	"math"
	"strings"
	"testing"

	"hustings/election"
	"hustings/office/results/tally"
)

// area is the area that rings enclose, holes taken away.
func area(rings [][]point) float64 {
	sum := 0.0
	for _, ring := range rings {
		for i, p := range ring {
			q := ring[(i+1)%len(ring)]
			sum += float64(p.x)*float64(q.y) - float64(q.x)*float64(p.y)
		}
	}
	return math.Abs(sum) / 2
}

// TestThinningKeepsNeighboursTogether thins two units with a jagged common
// border and checks that the border is the same from both sides.
func TestThinningKeepsNeighboursTogether(t *testing.T) {
	var border []point
	for y := int32(0); y <= 100; y++ {
		border = append(border, point{100 + y*7%5, y})
	}
	left := []point{{0, 0}}
	left = append(left, border...)
	left = append(left, point{0, 100})
	right := []point{{200, 100}}
	for i := len(border) - 1; i >= 0; i-- {
		right = append(right, border[i])
	}
	right = append(right, point{200, 0})
	outlines := []outline{{unit: 1, rings: [][]point{left}}, {unit: 2, rings: [][]point{right}}}
	before := area(outlines[0].rings) + area(outlines[1].rings)
	simplify(outlines, 6)
	if got := len(outlines[0].rings[0]); got > 20 {
		t.Errorf("the left unit still has %d points", got)
	}
	if got := area(outlines[0].rings) + area(outlines[1].rings); got != before {
		t.Errorf("the two units cover %v together, %v before: their border came apart", got, before)
	}
}

func TestWhatAMapShows(t *testing.T) {
	square := func(x, y float64) []election.Polygon {
		return []election.Polygon{{{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}}}
	}
	def := func(shapes ...election.UnitID) *tally.Index {
		d := &election.Definition{Election: election.Election{Scope: "s"}, Units: []election.Unit{{ID: "s", Type: election.State},
			{ID: "a", Type: election.County, Parent: "s"}, {ID: "b", Type: election.County, Parent: "s"},
			{ID: "a1", Parent: "a"}, {ID: "a2", Parent: "a"}, {ID: "b1", Parent: "b"}, {ID: "b2", Parent: "b"}}}
		for i, id := range shapes {
			d.Shapes = append(d.Shapes, election.Shape{Unit: id, Polygons: square(float64(i), 0)})
		}
		return tally.NewIndex(d)
	}
	for _, tt := range []struct {
		name  string
		x     *tally.Index
		state int // units on the state's map
		a     int // and on county a's
	}{
		{"nothing, without shapes", def(), 0, 0},
		{"the counties, where they have shapes", def("a", "b", "a1", "a2"), 2, 2},
		{"all precincts, where the counties have none", def("a1", "a2", "b1", "b2"), 4, 2},
		{"nothing, with a single shape", def("a"), 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := charts(tt.x)
			for u, want := range map[int32]int{0: tt.state, 1: tt.a} {
				n := 0
				if got[u] != nil {
					n = len(got[u].units)
				}
				if n != want {
					t.Errorf("the map of %s shows %d units, want %d", tt.x.Def.Units[u].ID, n, want)
				}
			}
		})
	}
}

func TestAUnitTooSmallForTheGridIsStillDrawn(t *testing.T) {
	shapes := map[int32]election.Shape{
		0: {Polygons: []election.Polygon{{{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}}}},
		1: {Polygons: []election.Polygon{{{{5, 5}, {5.0001, 5}, {5, 5.0001}, {5, 5}}}}},
	}
	c := draw([]int32{0, 1}, shapes)
	if !strings.HasSuffix(c.paths[1], "z") || c.boxes[1].hi.x <= c.boxes[1].lo.x {
		t.Errorf("the small unit is drawn as %q", c.paths[1])
	}
}

func TestLargeMapsAreSharedAndSmallOnesAreInThePage(t *testing.T) {
	c := charts(tally.NewIndex(larkspur()))[0]
	if c.file != "" {
		t.Errorf("a map of %d units is a file of its own", len(c.units))
	}
	c = charts(tally.NewIndex(largeCounty(t)))[0]
	if c.file == "" || len(c.units) != 743 {
		t.Errorf("a map of %d units has the file %q", len(c.units), c.file)
	}
}
