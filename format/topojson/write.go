// SPDX-License-Identifier: Apache-2.0

package topojson

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"hustings/format/geojson"
)

// WriteJSON writes a topology, rounded to its grid if it has one. The same
// topology gives the same bytes. A topology that refers to arcs it does not
// have is an error, and nothing is written.
func WriteJSON(w io.Writer, t *Topology) error {
	for _, name := range t.Names() {
		if err := t.check(t.Objects[name], 0); err != nil {
			return fmt.Errorf("object %q: %w", clip(name), err)
		}
	}
	for i, arc := range t.Arcs {
		for _, p := range arc {
			if !finite(p) {
				return fmt.Errorf("arc %d has a point at %v, %v", i, p[0], p[1])
			}
		}
	}
	e := &encoder{w: bufio.NewWriterSize(w, 1<<16), t: t}
	if err := e.topology(); err != nil {
		return err
	}
	return e.w.Flush()
}

// check looks whether a geometry can be written.
func (t *Topology) check(g *Geometry, nesting int) error {
	if nesting > maxNesting {
		return fmt.Errorf("collections stand more than %d deep within one another", maxNesting)
	}
	for _, p := range g.Points {
		if !finite(p) {
			return fmt.Errorf("a point is at %v, %v", p[0], p[1])
		}
	}
	known := func(arcs []int) error {
		for _, n := range arcs {
			if n >= len(t.Arcs) || ^n >= len(t.Arcs) {
				return fmt.Errorf("arc %d is not there", n)
			}
		}
		return nil
	}
	var bad error
	for _, line := range g.Lines {
		bad = errors.Join(bad, known(line))
	}
	for _, rings := range g.Polygons {
		for _, ring := range rings {
			bad = errors.Join(bad, known(ring))
		}
	}
	for i := range g.Geometries {
		bad = errors.Join(bad, t.check(&g.Geometries[i], nesting+1))
	}
	return bad
}

// encoder keeps the first write error in its bufio.Writer.
type encoder struct {
	w      *bufio.Writer
	t      *Topology
	number []byte
}

func (e *encoder) topology() error {
	e.w.WriteString(`{"type":"Topology"`)
	e.bbox()
	if e.t.Transform != nil {
		if err := e.member("transform", e.t.Transform); err != nil {
			return err
		}
	}
	e.w.WriteString(`,"objects":{`)
	for i, name := range e.t.Names() {
		if i > 0 {
			e.w.WriteByte(',')
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return err
		}
		e.w.Write(quoted)
		e.w.WriteByte(':')
		if err := e.geometry(e.t.Objects[name]); err != nil {
			return fmt.Errorf("object %q: %w", clip(name), err)
		}
	}
	e.w.WriteString(`},"arcs":`)
	list(e, e.t.Arcs, e.arc)
	e.w.WriteString("}\n")
	return nil
}

// bbox is the box around all arcs and points.
func (e *encoder) bbox() {
	b := geojson.NoBounds()
	for _, arc := range e.t.Arcs {
		for _, p := range arc {
			b.Add(p)
		}
	}
	for _, g := range e.t.Objects {
		g.addPoints(&b)
	}
	if b.Empty() {
		return
	}
	e.w.WriteString(`,"bbox":[`)
	for i, f := range []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
		if i > 0 {
			e.w.WriteByte(',')
		}
		e.float(f)
	}
	e.w.WriteByte(']')
}

func (g *Geometry) addPoints(b *geojson.Bounds) {
	for _, p := range g.Points {
		b.Add(p)
	}
	for i := range g.Geometries {
		g.Geometries[i].addPoints(b)
	}
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

func (e *encoder) geometry(g *Geometry) error {
	kind := g.Type
	if g.isEmpty() {
		kind = "" // TopoJSON has no empty line
	}
	if kind == "" {
		e.w.WriteString(`{"type":null`)
	} else {
		e.w.WriteString(`{"type":"` + kind + `"`)
	}
	if g.ID != "" {
		if err := e.member("id", geojson.EncodeID(g.ID, g.NumericID)); err != nil {
			return err
		}
	}
	if len(g.Properties) > 0 {
		if err := e.member("properties", g.Properties); err != nil {
			return err
		}
	}
	err := e.shape(g, kind)
	e.w.WriteByte('}')
	return err
}

// isEmpty tells whether a single point, line or polygon is not there.
func (g *Geometry) isEmpty() bool {
	switch g.Type {
	case geojson.TypePoint:
		return len(g.Points) == 0
	case geojson.TypeLineString:
		return len(g.Lines) == 0
	case geojson.TypePolygon:
		return len(g.Polygons) == 0
	}
	return false
}

// shape writes what a geometry is made of.
func (e *encoder) shape(g *Geometry, kind string) error {
	switch kind {
	case "":
	case geojson.TypePoint:
		e.w.WriteString(`,"coordinates":`)
		e.place(g.Points[0])
	case geojson.TypeMultiPoint:
		e.w.WriteString(`,"coordinates":`)
		list(e, g.Points, e.place)
	case geojson.TypeCollection:
		e.w.WriteString(`,"geometries":`)
		var bad error
		list(e, g.Geometries, func(part Geometry) { bad = errors.Join(bad, e.geometry(&part)) })
		return bad
	case geojson.TypeLineString:
		e.w.WriteString(`,"arcs":`)
		e.numbers(g.Lines[0])
	case geojson.TypeMultiLineString:
		e.w.WriteString(`,"arcs":`)
		list(e, g.Lines, e.numbers)
	case geojson.TypePolygon:
		e.w.WriteString(`,"arcs":`)
		e.rings(g.Polygons[0])
	case geojson.TypeMultiPolygon:
		e.w.WriteString(`,"arcs":`)
		list(e, g.Polygons, e.rings)
	default:
		return fmt.Errorf("%q is no type of geometry", clip(kind))
	}
	return nil
}

// list writes a list of anything.
func list[T any](e *encoder, items []T, write func(T)) {
	e.w.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			e.w.WriteByte(',')
		}
		write(item)
	}
	e.w.WriteByte(']')
}

func (e *encoder) rings(rings [][]int) { list(e, rings, e.numbers) }

func (e *encoder) numbers(arcs []int) {
	list(e, arcs, func(n int) { e.w.WriteString(strconv.Itoa(n)) })
}

func (e *encoder) float(f float64) {
	e.number = geojson.AppendNumber(e.number[:0], f, geojson.Exact)
	e.w.Write(e.number)
}

func (e *encoder) pair(p Point) {
	e.w.WriteByte('[')
	e.float(p[0])
	e.w.WriteByte(',')
	e.float(p[1])
	e.w.WriteByte(']')
}

// place writes a point, by its number on the grid if there is one.
func (e *encoder) place(p Point) {
	if e.t.Transform != nil {
		p = e.t.Transform.cell(p)
	}
	e.pair(p)
}

// arc writes an arc: on a grid as its first place and the steps from there,
// standstills left out as long as two points remain.
func (e *encoder) arc(points []Point) {
	if e.t.Transform == nil {
		list(e, points, e.pair)
		return
	}
	var at Point
	steps := make([]Point, 0, len(points))
	for i, p := range points {
		cell := e.t.Transform.cell(p)
		step := Point{cell[0] - at[0], cell[1] - at[1]}
		last := i == len(points)-1
		if i > 0 && step == (Point{}) && !(last && len(steps) == 1) {
			continue
		}
		steps = append(steps, step)
		at = cell
	}
	list(e, steps, e.pair)
}
