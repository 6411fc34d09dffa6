// SPDX-License-Identifier: Apache-2.0

package topojson

import (
	"encoding/binary"
	"math"
	"slices"

	"hustings/format/geojson"
)

// FromGeoJSON makes a topology with one object from features, and finds the
// borders that they share point for point. With a grid of n (10,000 is good
// for a screen, 100,000 for print), points are first moved to the nearest of n
// by n places, which also heals borders that miss each other by a hair; with 0
// they stay exactly where they are. A ring that is left with fewer than three
// places is left out.
func FromGeoJSON(name string, features []geojson.Feature, grid int) *Topology {
	b := &builder{topology: &Topology{Objects: map[string]*Geometry{}}, known: map[Point]int32{}}
	if grid > 1 {
		b.topology.Transform = newGrid(geojson.BoundsOf(features), grid)
	}
	object := &Geometry{Type: geojson.TypeCollection, Geometries: make([]Geometry, len(features))}
	for i := range features {
		f := &features[i]
		g := &object.Geometries[i]
		g.ID, g.NumericID, g.Properties = f.ID, f.NumericID, f.Properties
		if f.Geometry != nil {
			b.collect(g, f.Geometry)
		}
	}
	b.topology.Objects[name] = object
	b.findJunctions()
	b.cutAll()
	return b.topology
}

// newGrid lays n by n places over a box.
func newGrid(b geojson.Bounds, n int) *Transform {
	t := &Transform{Scale: [2]float64{1, 1}}
	for i := range 2 {
		if b.Empty() {
			break
		}
		t.Translate[i] = b.Min[i]
		if size := b.Max[i] - b.Min[i]; size > 0 {
			t.Scale[i] = size / float64(n-1)
		}
	}
	return t
}

// snap moves a point to its place on the grid.
func (t *Transform) snap(p Point) Point { return t.at(t.cell(p)) }

// cell is the number of a point's place on the grid.
func (t *Transform) cell(p Point) Point {
	return Point{
		math.Round((p[0] - t.Translate[0]) / t.Scale[0]),
		math.Round((p[1] - t.Translate[1]) / t.Scale[1]),
	}
}

// builder numbers the places that lines pass through, so that a line becomes a
// list of small numbers.
type builder struct {
	topology *Topology
	known    map[Point]int32
	places   []Point
	paths    []path
	junction []bool // a place where lines part
}

// path is a line or ring, and where the numbers of its arcs go.
type path struct {
	places []int32 // the last of a ring is its first again
	ring   bool
	arcs   *[]int
}

// collect takes in the lines and rings of a geometry.
func (b *builder) collect(g *Geometry, from *geojson.Geometry) {
	g.Type = from.Type
	for _, p := range from.Points {
		if b.topology.Transform != nil {
			p = b.topology.Transform.snap(p)
		}
		g.Points = append(g.Points, p)
	}
	g.Lines = make([][]int, 0, len(from.Lines))
	for _, line := range from.Lines {
		if places := b.number(line); len(places) >= 2 {
			g.Lines = append(g.Lines, nil)
			b.paths = append(b.paths, path{places, false, &g.Lines[len(g.Lines)-1]})
		}
	}
	for _, polygon := range from.Polygons {
		rings := make([][]int, 0, len(polygon))
		for i, ring := range polygon {
			places := b.number(ring)
			if n := len(places); n > 0 && places[0] != places[n-1] {
				places = append(places, places[0])
			}
			if len(places) < 4 {
				if i == 0 {
					break // without its outer ring there is no polygon
				}
				continue
			}
			rings = append(rings, nil)
			b.paths = append(b.paths, path{places, true, &rings[len(rings)-1]})
		}
		if len(rings) > 0 {
			g.Polygons = append(g.Polygons, rings)
		}
	}
	g.Geometries = make([]Geometry, len(from.Geometries))
	for i := range from.Geometries {
		b.collect(&g.Geometries[i], &from.Geometries[i])
	}
}

// number turns points into places, leaving out standstills.
func (b *builder) number(line []Point) []int32 {
	places := make([]int32, 0, len(line))
	for _, p := range line {
		if b.topology.Transform != nil {
			p = b.topology.Transform.snap(p)
		}
		n, ok := b.known[p]
		if !ok {
			n = int32(len(b.places))
			b.known[p] = n
			b.places = append(b.places, p)
		}
		if len(places) == 0 || places[len(places)-1] != n {
			places = append(places, n)
		}
	}
	return places
}

// findJunctions marks the places that lines pass through with different
// neighbours on either side, and the ends of lines.
func (b *builder) findJunctions() {
	b.junction = make([]bool, len(b.places))
	type pair struct{ one, other int32 }
	seen := make([]pair, len(b.places))
	for i := range seen {
		seen[i] = pair{-1, -1}
	}
	pass := func(before, at, after int32) {
		now := pair{min(before, after), max(before, after)}
		if seen[at].one >= 0 && seen[at] != now {
			b.junction[at] = true
		}
		seen[at] = now
	}
	for _, p := range b.paths {
		last := len(p.places) - 1
		for i := 1; i < last; i++ {
			pass(p.places[i-1], p.places[i], p.places[i+1])
		}
		if p.ring {
			pass(p.places[last-1], p.places[0], p.places[1])
		} else {
			b.junction[p.places[0]], b.junction[p.places[last]] = true, true
		}
	}
}

// cutAll cuts all paths at the junctions and gives each piece a number, the
// same for the same piece.
func (b *builder) cutAll() {
	arcs := map[string]int{}
	for _, p := range b.paths {
		places := p.places
		if p.ring {
			places = b.turn(places)
		}
		from := 0
		for i := 1; i < len(places); i++ {
			if i == len(places)-1 || b.junction[places[i]] {
				*p.arcs = append(*p.arcs, b.arc(arcs, places[from:i+1]))
				from = i
			}
		}
	}
}

// turn starts a ring at a junction, or, in a ring without one, at its place
// with the lowest number: the hole around an island must start where the
// island does.
func (b *builder) turn(ring []int32) []int32 {
	open := ring[:len(ring)-1]
	at := slices.IndexFunc(open, func(n int32) bool { return b.junction[n] })
	if at < 0 {
		at = slices.Index(open, slices.Min(open))
	}
	turned := make([]int32, 0, len(ring))
	turned = append(turned, open[at:]...)
	turned = append(turned, open[:at]...)
	return append(turned, turned[0])
}

// arc is the number of a piece, ^n when it is known the other way round.
func (b *builder) arc(arcs map[string]int, places []int32) int {
	if n, ok := arcs[key(places)]; ok {
		return n
	}
	back := slices.Clone(places)
	slices.Reverse(back)
	if n, ok := arcs[key(back)]; ok {
		return ^n
	}
	n := len(b.topology.Arcs)
	arcs[key(places)] = n
	points := make([]Point, len(places))
	for i, place := range places {
		points[i] = b.places[place]
	}
	b.topology.Arcs = append(b.topology.Arcs, points)
	return n
}

func key(places []int32) string {
	b := make([]byte, 0, 4*len(places))
	for _, n := range places {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return string(b)
}
