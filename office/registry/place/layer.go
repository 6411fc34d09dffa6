// SPDX-License-Identifier: Apache-2.0

package place

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"hustings/format/geojson"
	"hustings/office/registry/roll"
)

// Layer is a map of areas, such as precincts or the districts of one kind, by
// id. It does not change, and may be asked by many at once.
type Layer struct {
	Name   string
	areas  []area
	min    geojson.Point
	cell   [2]float64
	cells  [][]int32 // areas whose bounds reach into each square
	across int
}

// area is one shape. Its edges lie in rows from south to north, so that only a
// few of them are looked at for one point.
type area struct {
	id       string
	min, max geojson.Point
	row      float64 // height of a row
	rows     [][]edge
}

// edge is a side of a shape, its southern end first, so that two areas that
// share it compute the very same.
type edge struct{ x1, y1, x2, y2 float64 }

const (
	gridSide = 128
	mostRows = 256
	// mostEntries bounds the squares' lists, 16 MB.
	mostEntries = 4 << 20
	// touch is how near to an edge counts as on it: 1e-9 degrees are 0.1 mm.
	touch = 1e-9
	// NearBorder is within how many metres of a border an answer is not certain:
	// geocoders place houses no better.
	NearBorder  = 15.0
	metreDegree = 1 / 111_320.0
)

// NewLayer builds the map from GeoJSON features; id names each one. Features
// without an id or an area are told and left out; several with one id are one
// area.
func NewLayer(name string, features []geojson.Feature, id func(*geojson.Feature) string) (*Layer, []Problem) {
	var problems []Problem
	shapes := map[string][]geojson.Polygon{}
	for i := range features {
		f := &features[i]
		key := id(f)
		var polygons []geojson.Polygon
		if f.Geometry != nil {
			polygons = polygonsOf(f.Geometry, nil)
		}
		switch {
		case key == "":
			problems = append(problems, Problem{name, fmt.Sprintf("feature %d", i+1), "has no id"})
		case len(polygons) == 0:
			problems = append(problems, Problem{name, key, "has no area"})
		default:
			shapes[key] = append(shapes[key], polygons...)
		}
	}
	l := &Layer{Name: name}
	for key, polygons := range shapes {
		l.areas = append(l.areas, newArea(key, polygons))
	}
	slices.SortFunc(l.areas, func(a, b area) int { return cmp.Compare(a.id, b.id) })
	l.index()
	return l, problems
}

func polygonsOf(g *geojson.Geometry, to []geojson.Polygon) []geojson.Polygon {
	to = append(to, g.Polygons...)
	for i := range g.Geometries {
		to = polygonsOf(&g.Geometries[i], to)
	}
	return to
}

func newArea(id string, polygons []geojson.Polygon) area {
	a := area{id: id, min: geojson.Point{math.Inf(1), math.Inf(1)}, max: geojson.Point{math.Inf(-1), math.Inf(-1)}}
	var edges []edge
	for _, p := range polygons {
		for _, ring := range p {
			for i, to := range ring {
				for d := range 2 {
					a.min[d], a.max[d] = min(a.min[d], to[d]), max(a.max[d], to[d])
				}
				from := ring[(i+len(ring)-1)%len(ring)]
				if from[1] > to[1] || from[1] == to[1] && from[0] > to[0] {
					from, to = to, from
				}
				if from != to {
					edges = append(edges, edge{from[0], from[1], to[0], to[1]})
				}
			}
		}
	}
	n := rowsFor(edges, a.max[1]-a.min[1])
	a.row = max((a.max[1]-a.min[1])/float64(n), 1e-12)
	a.rows = make([][]edge, n)
	for _, e := range edges {
		for r := a.rowOf(e.y1 - touch); r <= a.rowOf(e.y2+touch); r++ {
			a.rows[r] = append(a.rows[r], e)
		}
	}
	return a
}

// rowsFor is in how many rows to keep the edges of a shape: many, but so that
// long edges do not lie in more than a few rows each on average.
func rowsFor(edges []edge, height float64) int {
	tall := 0.0
	for _, e := range edges {
		tall += e.y2 - e.y1
	}
	n := min(max(len(edges)/4, 1), mostRows)
	if most := 8 * float64(len(edges)) * height / tall; most < float64(n) {
		n = max(int(most), 1)
	}
	return n
}

func (a *area) rowOf(y float64) int {
	return min(max(int((y-a.min[1])/a.row), 0), len(a.rows)-1)
}

// index lays squares over the map.
func (l *Layer) index() {
	if len(l.areas) == 0 {
		return
	}
	top := l.areas[0].max
	l.min = l.areas[0].min
	for i := range l.areas {
		for d := range 2 {
			l.min[d], top[d] = min(l.min[d], l.areas[i].min[d]), max(top[d], l.areas[i].max[d])
		}
	}
	for l.across = gridSide; ; l.across /= 2 {
		for d := range 2 {
			l.cell[d] = max((top[d]-l.min[d])/float64(l.across), 1e-12)
		}
		if l.across == 1 || l.entries() <= mostEntries {
			break
		}
	}
	l.cells = make([][]int32, l.across*l.across)
	for i := range l.areas {
		x1, y1, x2, y2 := l.span(&l.areas[i])
		for y := y1; y <= y2; y++ {
			for x := x1; x <= x2; x++ {
				l.cells[y*l.across+x] = append(l.cells[y*l.across+x], int32(i))
			}
		}
	}
}

// entries counts how often areas would be written into squares: shapes of the
// size of the whole map lie in all of them.
func (l *Layer) entries() (n int) {
	for i := range l.areas {
		x1, y1, x2, y2 := l.span(&l.areas[i])
		n += (x2 - x1 + 1) * (y2 - y1 + 1)
	}
	return n
}

func (l *Layer) span(a *area) (x1, y1, x2, y2 int) {
	x1, y1 = l.square(geojson.Point{a.min[0] - touch, a.min[1] - touch})
	x2, y2 = l.square(geojson.Point{a.max[0] + touch, a.max[1] + touch})
	return x1, y1, x2, y2
}

func (l *Layer) square(p geojson.Point) (x, y int) {
	in := func(d int) int { return min(max(int((p[d]-l.min[d])/l.cell[d]), 0), l.across-1) }
	return in(0), in(1)
}

// Spot is what a layer says about a point.
type Spot struct {
	ID     string   // the area; "" where there is none
	Others []string // areas that hold or touch the point too
	Near   bool     // a border is within NearBorder metres
}

// At finds the area of a point. A point on a border belongs to the area whose
// id comes first, whatever the order and direction in which the shapes were
// drawn.
func (l *Layer) At(p roll.Point) (s Spot) {
	pt := geojson.Point{p.Longitude, p.Latitude}
	if len(l.areas) == 0 || !(math.Abs(pt[0]) <= 180) || !(math.Abs(pt[1]) <= 90) {
		return s
	}
	x, y := l.square(pt)
	for _, i := range l.cells[y*l.across+x] {
		a := &l.areas[i]
		if pt[0] < a.min[0]-touch || pt[0] > a.max[0]+touch || pt[1] < a.min[1]-touch || pt[1] > a.max[1]+touch {
			continue
		}
		if !a.holds(pt) {
			continue
		}
		if s.ID == "" {
			s.ID, s.Near = a.id, a.borderNear(pt)
		} else {
			s.Others = append(s.Others, a.id)
		}
	}
	return s
}

// holds says whether the point lies in the area or on its border, by the
// even-odd rule: holes are not part of it.
func (a *area) holds(p geojson.Point) bool {
	inside := false
	for _, e := range a.rows[a.rowOf(p[1])] {
		if e.distance(p, 1) <= touch {
			return true
		}
		if e.y1 <= p[1] && p[1] < e.y2 && p[0] < e.x1+(p[1]-e.y1)/(e.y2-e.y1)*(e.x2-e.x1) {
			inside = !inside
		}
	}
	return inside
}

// borderNear says whether a border is within NearBorder metres.
func (a *area) borderNear(p geojson.Point) bool {
	const reach = NearBorder * metreDegree
	narrow := math.Cos(p[1] * math.Pi / 180)
	for r := a.rowOf(p[1] - reach); r <= a.rowOf(p[1]+reach); r++ {
		for _, e := range a.rows[r] {
			if e.distance(p, narrow) <= reach {
				return true
			}
		}
	}
	return false
}

// distance is how far a point is from the edge in degrees of latitude, where
// degrees of longitude are narrower.
func (e *edge) distance(p geojson.Point, narrow float64) float64 {
	dx, dy := (e.x2-e.x1)*narrow, e.y2-e.y1
	px, py := (p[0]-e.x1)*narrow, p[1]-e.y1
	along := 0.0
	if sq := dx*dx + dy*dy; sq > 0 {
		along = min(max((px*dx+py*dy)/sq, 0), 1)
	}
	px, py = px-along*dx, py-along*dy
	return math.Sqrt(px*px + py*py)
}
