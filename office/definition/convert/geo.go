// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"slices"

	"hustings/election"
	"hustings/format/geojson"
)

// polygonsOf takes the areas of a geometry: outer rings counterclockwise and
// holes clockwise, as RFC 7946 has them, so that writing and reading again
// changes nothing.
func polygonsOf(g *geojson.Geometry) []election.Polygon {
	if g == nil {
		return nil
	}
	var out []election.Polygon
	for _, p := range g.Polygons {
		var poly election.Polygon
		for i, ring := range p {
			if len(ring) < 4 {
				if i == 0 {
					break // holes of nothing
				}
				continue
			}
			r := make(election.Ring, len(ring))
			for k, pt := range ring {
				r[k] = pt
			}
			if area := geojson.RingArea(ring); i == 0 && area < 0 || i > 0 && area > 0 {
				slices.Reverse(r)
			}
			poly = append(poly, r)
		}
		if len(poly) > 0 {
			out = append(out, poly)
		}
	}
	for i := range g.Geometries {
		out = append(out, polygonsOf(&g.Geometries[i])...)
	}
	return out
}

// geometryOf is a boundary as GeoJSON.
func geometryOf(s election.Shape) *geojson.Geometry {
	g := &geojson.Geometry{Type: geojson.TypeMultiPolygon}
	if len(s.Polygons) == 1 {
		g.Type = geojson.TypePolygon
	}
	for _, p := range s.Polygons {
		var poly geojson.Polygon
		for _, ring := range p {
			r := make([]geojson.Point, len(ring))
			for i, pt := range ring {
				r[i] = pt
			}
			poly = append(poly, r)
		}
		g.Polygons = append(g.Polygons, poly)
	}
	return g
}
