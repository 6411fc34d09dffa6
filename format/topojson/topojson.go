// SPDX-License-Identifier: Apache-2.0

// Package topojson reads and writes TopoJSON, in which a border that two
// areas share is written once, as an arc. That makes maps small, and lets them
// be simplified without gaps between neighbours.
//
//	Read, WriteJSON   a topology from and to a file
//	FromGeoJSON       finds the shared borders of any features
//	Simplify          fewer points; neighbours keep sharing their borders
//	Topology.Features the areas of one object, ready to draw or search
package topojson

import (
	"fmt"
	"maps"
	"slices"

	"hustings/format/geojson"
)

// Point is longitude, latitude, or x, y of a projected drawing.
type Point = geojson.Point

// Topology is a set of objects whose lines are made of common arcs.
type Topology struct {
	Objects   map[string]*Geometry
	Arcs      [][]Point  // coordinates as they are on the map
	Transform *Transform // the grid that a file rounds to; nil for none
}

// Transform is a grid: a point of a file stands at translate + scale * point.
type Transform struct {
	Scale     [2]float64 `json:"scale"`
	Translate [2]float64 `json:"translate"`
}

// at is the place of a grid point.
func (t *Transform) at(p Point) Point {
	return Point{p[0]*t.Scale[0] + t.Translate[0], p[1]*t.Scale[1] + t.Translate[1]}
}

// Geometry is an object or a part of one. Its type is one of GeoJSON's, or
// empty for an area without shape.
type Geometry struct {
	Type       string
	ID         string
	NumericID  bool
	Properties map[string]any
	Points     []Point
	Lines      [][]int   // the arcs of each line
	Polygons   [][][]int // the arcs of each ring of each polygon
	Geometries []Geometry
}

// An arc's number n is meant to run the way the arc is written; ^n, which is
// negative, the other way round.

// Problem is something in a file that could not be used, or should be looked
// at.
type Problem struct {
	Object   string // name of the object; "" for the file as a whole
	Geometry int    // index in the object; -1 for the object itself
	ID       string
	Say      string
}

// String is the problem in one line.
func (p Problem) String() string {
	where := ""
	if p.Object != "" {
		where = fmt.Sprintf("object %q: ", p.Object)
	}
	if p.Object != "" && p.Geometry >= 0 {
		where = fmt.Sprintf("object %q, geometry %d: ", p.Object, p.Geometry)
		if p.ID != "" {
			where = fmt.Sprintf("object %q, geometry %d (%s): ", p.Object, p.Geometry, p.ID)
		}
	}
	return where + p.Say
}

// Names lists the objects in order.
func (t *Topology) Names() []string { return slices.Sorted(maps.Keys(t.Objects)) }

// Features gives the areas of an object: one for each geometry of a
// collection, or a single one. An object that is not there has none.
func (t *Topology) Features(name string) []geojson.Feature {
	object := t.Objects[name]
	if object == nil {
		return nil
	}
	parts := []Geometry{*object}
	if object.Type == geojson.TypeCollection {
		parts = object.Geometries
	}
	features := make([]geojson.Feature, len(parts))
	for i := range parts {
		g := &parts[i]
		features[i] = geojson.Feature{ID: g.ID, NumericID: g.NumericID, Properties: g.Properties}
		if g.Type != "" {
			shape := t.shape(g)
			features[i].Geometry = &shape
		}
	}
	return features
}

// shape puts a geometry together from its arcs.
func (t *Topology) shape(g *Geometry) geojson.Geometry {
	out := geojson.Geometry{Type: g.Type, Points: g.Points}
	for _, arcs := range g.Lines {
		out.Lines = append(out.Lines, t.join(arcs))
	}
	for _, rings := range g.Polygons {
		var polygon geojson.Polygon
		for _, arcs := range rings {
			ring := t.join(arcs)
			if n := len(ring); n > 0 && ring[0] != ring[n-1] {
				ring = append(ring, ring[0])
			}
			polygon = append(polygon, ring)
		}
		out.Polygons = append(out.Polygons, polygon)
	}
	for i := range g.Geometries {
		out.Geometries = append(out.Geometries, t.shape(&g.Geometries[i]))
	}
	return out
}

// join strings arcs together. Where one ends and the next begins is one point.
func (t *Topology) join(arcs []int) []Point {
	n := 0
	for _, arc := range arcs {
		n += len(t.arc(arc))
	}
	line := make([]Point, 0, n)
	for _, arc := range arcs {
		points := t.arc(arc)
		for i := range points {
			p := points[i]
			if arc < 0 {
				p = points[len(points)-1-i]
			}
			if i == 0 && len(line) > 0 && line[len(line)-1] == p {
				continue
			}
			line = append(line, p)
		}
	}
	return line
}

// arc is the arc with a number, whichever way it is meant to run.
func (t *Topology) arc(n int) []Point {
	if n < 0 {
		n = ^n
	}
	return t.Arcs[n]
}

// ends is where an arc begins and ends, the way it is meant to run.
func (t *Topology) ends(n int) (first, last Point) {
	points := t.arc(n)
	first, last = points[0], points[len(points)-1]
	if n < 0 {
		return last, first
	}
	return first, last
}

// Simplify is the topology with fewer points. The tolerance is a length in
// the units of the coordinates; see geojson.Thin for what it means and what
// never happens. Each shared border is simplified once, so that neighbours
// still fit together.
func Simplify(t *Topology, tolerance float64) *Topology {
	return &Topology{Objects: t.Objects, Arcs: geojson.Thin(t.Arcs, tolerance), Transform: t.Transform}
}
