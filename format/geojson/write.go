// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
)

// Exact writes every digit of a coordinate.
const Exact = -1

// Write writes a feature collection as RFC 7946 asks: outer rings run
// counterclockwise and holes clockwise. Coordinates get a number of decimals,
// or Exact; five are about a metre. The same features give the same bytes. A
// feature that GeoJSON cannot hold is an error, and what was written until
// then is no file to keep.
func Write(w io.Writer, c *Collection, decimals int) error {
	e := &encoder{w: bufio.NewWriterSize(w, 1<<16), decimals: decimals}
	e.w.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range c.Features {
		if i > 0 {
			e.w.WriteByte(',')
		}
		e.w.WriteByte('\n')
		if err := e.feature(&c.Features[i]); err != nil {
			return fmt.Errorf("feature %d: %w", i, err)
		}
	}
	e.w.WriteString("\n]}\n")
	return e.w.Flush()
}

// encoder keeps the first write error in its bufio.Writer.
type encoder struct {
	w        *bufio.Writer
	decimals int
	number   []byte
}

func (e *encoder) feature(f *Feature) error {
	e.w.WriteString(`{"type":"Feature"`)
	if f.ID != "" {
		if err := e.member("id", EncodeID(f.ID, f.NumericID)); err != nil {
			return err
		}
	}
	// Keys of a map are written in order, so that the same feature always
	// looks the same. An absent map is null, as the standard asks.
	if err := e.member("properties", f.Properties); err != nil {
		return err
	}
	e.w.WriteString(`,"geometry":`)
	if f.Geometry == nil {
		e.w.WriteString("null}")
		return nil
	}
	if err := e.geometry(f.Geometry, 0); err != nil {
		return err
	}
	return e.w.WriteByte('}')
}

func (e *encoder) member(name string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	e.w.WriteString(`,"` + name + `":`)
	e.w.Write(b)
	return nil
}

func (e *encoder) geometry(g *Geometry, nesting int) error {
	if _, ok := depths[g.Type]; !ok {
		return fmt.Errorf("%q is no type of geometry", clip(g.Type))
	}
	if nesting > maxNesting {
		return fmt.Errorf("geometry collections stand more than %d deep within one another", maxNesting)
	}
	for p := range g.All() {
		if math.IsNaN(p[0]+p[1]) || math.IsInf(p[0]+p[1], 0) {
			return fmt.Errorf("a point is at %v, %v", p[0], p[1])
		}
	}
	e.w.WriteString(`{"type":"` + g.Type + `",`)
	if g.Type == TypeCollection {
		e.w.WriteString(`"geometries":`)
		err := e.each(len(g.Geometries), func(i int) error { return e.geometry(&g.Geometries[i], nesting+1) })
		e.w.WriteByte('}')
		return err
	}
	e.w.WriteString(`"coordinates":`)
	e.coordinates(g)
	return e.w.WriteByte('}')
}

func (e *encoder) coordinates(g *Geometry) {
	switch {
	case g.Type == TypePoint && len(g.Points) > 0:
		e.point(g.Points[0])
	case g.Type == TypeMultiPoint:
		e.line(g.Points)
	case g.Type == TypeLineString && len(g.Lines) > 0:
		e.line(g.Lines[0])
	case g.Type == TypeMultiLineString:
		e.each(len(g.Lines), func(i int) error { e.line(g.Lines[i]); return nil })
	case g.Type == TypePolygon && len(g.Polygons) > 0:
		e.polygon(g.Polygons[0])
	case g.Type == TypeMultiPolygon:
		e.each(len(g.Polygons), func(i int) error { e.polygon(g.Polygons[i]); return nil })
	default:
		e.w.WriteString("[]") // empty
	}
}

// each writes a list.
func (e *encoder) each(n int, write func(int) error) error {
	e.w.WriteByte('[')
	for i := range n {
		if i > 0 {
			e.w.WriteByte(',')
		}
		if err := write(i); err != nil {
			return err
		}
	}
	return e.w.WriteByte(']')
}

func (e *encoder) line(points []Point) {
	e.each(len(points), func(i int) error { e.point(points[i]); return nil })
}

// polygon winds the rings the way the standard asks, without touching them.
func (e *encoder) polygon(p Polygon) {
	e.each(len(p), func(i int) error {
		ring := p[i]
		clockwise, hole := RingArea(ring) < 0, i > 0
		last := len(ring) - 1
		return e.each(len(ring), func(j int) error {
			if clockwise != hole {
				j = last - j
			}
			e.point(ring[j])
			return nil
		})
	})
}

func (e *encoder) point(p Point) {
	e.number = AppendNumber(append(e.number[:0], '['), p[0], e.decimals)
	e.number = AppendNumber(append(e.number, ','), p[1], e.decimals)
	e.w.Write(append(e.number, ']'))
}

// AppendNumber writes a coordinate with so many decimals, or Exact, and
// without the zeros that say nothing.
func AppendNumber(b []byte, f float64, decimals int) []byte {
	start := len(b)
	b = strconv.AppendFloat(b, f, 'f', decimals, 64)
	if decimals > 0 {
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
		if b[len(b)-1] == '.' {
			b = b[:len(b)-1]
		}
	}
	if string(b[start:]) == "-0" {
		return append(b[:start], '0')
	}
	return b
}
