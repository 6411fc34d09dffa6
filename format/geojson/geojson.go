// SPDX-License-Identifier: Apache-2.0

// Package geojson reads and writes GeoJSON (RFC 7946) in plain types, and
// does the geometry that maps and lookups need.
//
//	Read, Write            feature collections, single features, bare geometries
//	Bounds, Area, Centroid, LabelPoint, Contains
//	Thin, Simplify         fewer points, no crossings
//	Choose, NewFrame       from longitude and latitude to a drawing
//
// Coordinates are longitude, latitude. Files whose coordinates are something
// else (state plane feet, an already projected drawing) are read as they are,
// with a Problem that says so.
package geojson

import "fmt"

// Point is longitude, latitude; in a projected file, x, y.
type Point [2]float64

// Polygon is an outer ring and the holes in it. The last point of a ring is
// its first again.
type Polygon [][]Point

// The types of geometry.
const (
	TypePoint           = "Point"
	TypeMultiPoint      = "MultiPoint"
	TypeLineString      = "LineString"
	TypeMultiLineString = "MultiLineString"
	TypePolygon         = "Polygon"
	TypeMultiPolygon    = "MultiPolygon"
	TypeCollection      = "GeometryCollection"
)

// Geometry is a shape of one of the types. Only the field of its type is used;
// a Point, LineString or Polygon has one entry there, or none when empty.
type Geometry struct {
	Type       string
	Points     []Point
	Lines      [][]Point
	Polygons   []Polygon
	Geometries []Geometry
}

// Feature is a geometry with an id and properties.
type Feature struct {
	ID         string // "" when there is none
	NumericID  bool   // the id is written as a number
	Properties map[string]any
	Geometry   *Geometry // nil when the feature has none
}

// Text is a property as text, whether the file writes "0012", 12 or true. A
// property that is not there, null, or a list gives "".
func (f *Feature) Text(name string) string {
	switch v := f.Properties[name].(type) {
	case string:
		return v
	case nil, map[string]any, []any:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// Collection is a feature collection.
type Collection struct {
	Features []Feature
}

// Bounds is the box around every feature.
func (c *Collection) Bounds() Bounds { return BoundsOf(c.Features) }

// Problem is something in a file that could not be used, or should be looked
// at.
type Problem struct {
	Feature int    // index, from 0; -1 for the file as a whole
	ID      string // of the feature
	Say     string // the sentence
}

// String is the problem in one line.
func (p Problem) String() string {
	switch {
	case p.Feature < 0:
		return p.Say
	case p.ID != "":
		return fmt.Sprintf("feature %d (%s): %s", p.Feature, p.ID, p.Say)
	}
	return fmt.Sprintf("feature %d: %s", p.Feature, p.Say)
}

// Limits bound what a file may ask of this machine. A zero field means the
// default beside it.
type Limits struct {
	Bytes    int64 // of the file; 128 MiB
	Features int   // 1 million, geometries within collections counted too
	Points   int   // 20 million, rings counted too
	Problems int   // listed; 1000
}

// orDefaults fills the zero fields.
func (l Limits) orDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = 128 << 20
	}
	if l.Features == 0 {
		l.Features = 1_000_000
	}
	if l.Points == 0 {
		l.Points = 20_000_000
	}
	if l.Problems == 0 {
		l.Problems = 1000
	}
	return l
}
