// SPDX-License-Identifier: Apache-2.0

package topojson

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"hustings/format/geojson"
)

// Limits bound what a file may ask of this machine. A zero field means the
// default beside it.
type Limits struct {
	Bytes      int64 // of the file; 128 MiB
	Geometries int   // 1 million
	Points     int   // of the arcs, and of all shapes put together from them; 20 million
	Problems   int   // listed; 1000
}

// orDefaults fills the zero fields.
func (l Limits) orDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = 128 << 20
	}
	if l.Geometries == 0 {
		l.Geometries = 1_000_000
	}
	if l.Points == 0 {
		l.Points = 20_000_000
	}
	if l.Problems == 0 {
		l.Problems = 1000
	}
	return l
}

// Read reads a topology. The error is for a file that cannot be read at all. A
// geometry that cannot be used stays, without shape, and with a Problem.
// Numbers in properties are json.Number.
func Read(r io.Reader, limits Limits) (*Topology, []Problem, error) {
	d := &decoder{limits: limits.orDefaults(), topology: &Topology{Objects: map[string]*Geometry{}}}
	if err := d.read(r); err != nil {
		return nil, d.problems, err
	}
	return d.topology, d.problems, nil
}

// decoder keeps count while a file is read.
type decoder struct {
	limits     Limits
	topology   *Topology
	raw        rawTopology
	geometries int
	points     int
	problems   []Problem

	object string // the one at hand
	index  int    // of the geometry at hand
	id     string
}

func (d *decoder) report(format string, args ...any) {
	if len(d.problems) < d.limits.Problems {
		d.problems = append(d.problems, Problem{d.object, d.index, clip(d.id), fmt.Sprintf(format, args...)})
	}
}

// rawTopology holds the members until all are known: the grid may stand after
// the arcs that need it.
type rawTopology struct {
	kind      json.RawMessage
	transform json.RawMessage
	objects   map[string]json.RawMessage
	names     []string
}

// rawGeometry is a geometry as the JSON decoder sees it.
type rawGeometry struct {
	Type        any             `json:"type"`
	ID          json.RawMessage `json:"id"`
	Properties  json.RawMessage `json:"properties"`
	Coordinates json.RawMessage `json:"coordinates"`
	Arcs        json.RawMessage `json:"arcs"`
	Geometries  json.RawMessage `json:"geometries"`
}

func (d *decoder) read(r io.Reader) error {
	in := bufio.NewReader(&capped{r, d.limits.Bytes})
	if bom, _ := in.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		in.Discard(3)
	}
	j := json.NewDecoder(in)
	if err := d.members(j); err != nil {
		return explain(err)
	}
	if _, err := j.Token(); err != io.EOF {
		return errors.New("something follows the end of the TopoJSON; are these two files in one?")
	}
	if kind := string(d.raw.kind); kind != `"Topology"` {
		return fmt.Errorf("the file is not TopoJSON: its type is %s, not \"Topology\"", clip(kind))
	}
	if err := d.unpackArcs(); err != nil {
		return err
	}
	for _, name := range d.raw.names {
		if err := d.readObject(name, d.raw.objects[name]); err != nil {
			return err
		}
	}
	return nil
}

// explain says in words what the JSON decoder stumbled over.
func explain(err error) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends too early; it was cut off")
	case errors.As(err, &syntax), errors.As(err, &wrong):
		return fmt.Errorf("the file is not TopoJSON: %w", err)
	}
	return err
}

// members goes through the members of the outermost object.
func (d *decoder) members(j *json.Decoder) error {
	if err := open(j, '{', "the file"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for j.More() {
		t, err := j.Token()
		if err != nil {
			return err
		}
		key := t.(string)
		if seen[key] {
			return fmt.Errorf("the member %q stands there twice", clip(key))
		}
		switch key {
		case "arcs":
			err = d.readArcs(j)
		case "objects":
			err = d.readObjects(j)
		case "transform":
			err = j.Decode(&d.raw.transform)
		case "type":
			err = j.Decode(&d.raw.kind)
		default:
			var skip json.RawMessage
			err = j.Decode(&skip)
			key = ""
		}
		if err != nil {
			return err
		}
		seen[key] = key != ""
	}
	_, err := j.Token()
	return err
}

// open reads the { or [ with which something begins.
func open(j *json.Decoder, want json.Delim, what string) error {
	t, err := j.Token()
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("%s does not begin with %s", what, want)
	}
	return nil
}

// readArcs reads the arcs as they are written; unpackArcs makes sense of them.
func (d *decoder) readArcs(j *json.Decoder) error {
	if err := open(j, '[', "the list of arcs"); err != nil {
		return err
	}
	for j.More() {
		var raw json.RawMessage
		if err := j.Decode(&raw); err != nil {
			return err
		}
		points, err := geojson.ParsePoints(raw)
		if err != nil {
			return fmt.Errorf("arc %d: %w", len(d.topology.Arcs), err)
		}
		if d.points += len(points) + 1; d.points > d.limits.Points {
			return fmt.Errorf("the arcs have more than %d points", d.limits.Points)
		}
		d.topology.Arcs = append(d.topology.Arcs, points)
	}
	_, err := j.Token()
	return err
}

func (d *decoder) readObjects(j *json.Decoder) error {
	if err := open(j, '{', "the list of objects"); err != nil {
		return err
	}
	d.raw.objects = map[string]json.RawMessage{}
	for j.More() {
		t, err := j.Token()
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := j.Decode(&raw); err != nil {
			return err
		}
		name := t.(string)
		if _, twice := d.raw.objects[name]; !twice {
			d.raw.names = append(d.raw.names, name)
		}
		d.raw.objects[name] = raw
	}
	_, err := j.Token()
	return err
}

// unpackArcs turns steps on a grid into places, and drops standstills. Without
// a grid arcs are places already.
func (d *decoder) unpackArcs() error {
	if err := d.placeArcs(); err != nil {
		return err
	}
	for i, arc := range d.topology.Arcs {
		if d.topology.Arcs[i] = slices.Compact(arc); len(d.topology.Arcs[i]) == 1 && len(arc) > 1 {
			d.topology.Arcs[i] = append(d.topology.Arcs[i], arc[0])
		}
	}
	return nil
}

func (d *decoder) placeArcs() error {
	if d.raw.transform == nil || string(d.raw.transform) == "null" {
		return nil
	}
	var t Transform
	if err := json.Unmarshal(d.raw.transform, &t); err != nil {
		return fmt.Errorf("the transform cannot be read: %w", err)
	}
	if t.Scale[0] == 0 || t.Scale[1] == 0 {
		return errors.New("the transform has a scale of 0; everything would fall into one point")
	}
	d.topology.Transform = &t
	for n, arc := range d.topology.Arcs {
		var at Point
		for i, step := range arc {
			at[0] += step[0]
			at[1] += step[1]
			arc[i] = t.at(at)
			if !finite(arc[i]) {
				return fmt.Errorf("arc %d runs off the map", n)
			}
		}
	}
	return nil
}

func finite(p Point) bool {
	sum := p[0] + p[1]
	return !math.IsInf(sum, 0) && !math.IsNaN(sum)
}

func (d *decoder) readObject(name string, raw json.RawMessage) error {
	d.object, d.index, d.id = name, -1, ""
	var rg rawGeometry
	if err := json.Unmarshal(raw, &rg); err != nil {
		return fmt.Errorf("object %q is no geometry: %w", clip(name), err)
	}
	g, err := d.geometry(&rg, 0)
	d.topology.Objects[name] = g
	return err
}

// maxNesting is how deep collections may stand within one another.
const maxNesting = 8

// geometry reads one geometry. The error is for what ends the whole reading.
func (d *decoder) geometry(raw *rawGeometry, nesting int) (*Geometry, error) {
	if d.geometries++; d.geometries > d.limits.Geometries {
		return nil, fmt.Errorf("the file has more than %d geometries", d.limits.Geometries)
	}
	g := &Geometry{}
	g.ID, g.NumericID = geojson.DecodeID(raw.ID)
	d.id = g.ID
	var ok bool
	if g.Properties, ok = geojson.DecodeProperties(raw.Properties); !ok {
		d.report("its properties are not an object; left out")
	}
	kind, _ := raw.Type.(string)
	if kind == geojson.TypeCollection {
		g.Type = kind
		return g, d.collection(g, raw.Geometries, nesting)
	}
	if raw.Type == nil {
		return g, nil // an area without shape
	}
	if err := d.shape(g, kind, raw); err != nil {
		d.report("%s; the shape was left out", err)
		g.Points, g.Lines, g.Polygons = nil, nil, nil
		return g, nil
	}
	g.Type = kind
	if d.points > d.limits.Points {
		return nil, fmt.Errorf("the shapes of the file have more than %d points in all", d.limits.Points)
	}
	return g, nil
}

// collection reads the geometries of a collection one by one.
func (d *decoder) collection(g *Geometry, raw json.RawMessage, nesting int) error {
	if nesting >= maxNesting {
		return fmt.Errorf("object %q: collections stand more than %d deep within one another", clip(d.object), maxNesting)
	}
	list := json.NewDecoder(bytes.NewReader(raw))
	if t, _ := list.Token(); t != json.Delim('[') {
		d.report("the collection has no list of geometries")
		return nil
	}
	for list.More() {
		if nesting == 0 {
			d.index = len(g.Geometries)
		}
		var part rawGeometry
		if err := list.Decode(&part); err != nil {
			return fmt.Errorf("object %q, geometry %d: %w", clip(d.object), d.index, err)
		}
		one, err := d.geometry(&part, nesting+1)
		if err != nil {
			return err
		}
		g.Geometries = append(g.Geometries, *one)
	}
	return nil
}

// shape reads points or numbers of arcs, by the type.
func (d *decoder) shape(g *Geometry, kind string, raw *rawGeometry) (err error) {
	switch kind {
	case geojson.TypePoint:
		var points []Point
		points, err = geojson.ParsePoints(append(append([]byte{'['}, raw.Coordinates...), ']'))
		if err == nil && len(points) != 1 {
			err = errors.New("the point has no coordinates")
		}
		g.Points = points
	case geojson.TypeMultiPoint:
		g.Points, err = geojson.ParsePoints(raw.Coordinates)
	case geojson.TypeLineString:
		g.Lines = make([][]int, 1)
		err = numbers(raw.Arcs, &g.Lines[0])
	case geojson.TypeMultiLineString:
		err = numbers(raw.Arcs, &g.Lines)
	case geojson.TypePolygon:
		g.Polygons = make([][][]int, 1)
		err = numbers(raw.Arcs, &g.Polygons[0])
	case geojson.TypeMultiPolygon:
		err = numbers(raw.Arcs, &g.Polygons)
	default:
		return fmt.Errorf("%q is no type of geometry", clip(kind))
	}
	if err != nil {
		return err
	}
	return d.checkShape(g)
}

// numbers reads numbers of arcs in lists of lists.
func numbers(raw json.RawMessage, into any) error {
	if len(raw) == 0 || json.Unmarshal(raw, into) != nil {
		return errors.New("its arcs are not lists of numbers as the type demands")
	}
	return nil
}

// checkShape puts points on the grid and looks whether the arcs are there and
// meet.
func (d *decoder) checkShape(g *Geometry) error {
	d.points += len(g.Points)
	for i, p := range g.Points {
		if t := d.topology.Transform; t != nil {
			g.Points[i] = t.at(p)
		}
		if !finite(g.Points[i]) {
			return errors.New("a point lies off the map")
		}
	}
	for _, line := range g.Lines {
		if err := d.checkLine(line, false); err != nil {
			return err
		}
	}
	for _, rings := range g.Polygons {
		if d.points++; len(rings) == 0 {
			return errors.New("a polygon has no rings")
		}
		for _, ring := range rings {
			if err := d.checkLine(ring, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkLine also counts: a small file can name one long arc a million times.
func (d *decoder) checkLine(arcs []int, ring bool) error {
	if d.points++; len(arcs) == 0 {
		return errors.New("a line or ring has no arcs")
	}
	var first, at Point
	for i, n := range arcs {
		last := len(d.topology.Arcs) - 1
		if n > last || ^n > last {
			return fmt.Errorf("arc %d is not there; the last is %d", n, last)
		}
		if len(d.topology.arc(n)) < 2 {
			return fmt.Errorf("arc %d has fewer than two points", n)
		}
		d.points += len(d.topology.arc(n))
		from, to := d.topology.ends(n)
		if i == 0 {
			first = from
		} else if from != at {
			d.report("arc %d does not begin where the one before it ends; the gap was bridged", n)
		}
		at = to
	}
	if ring && at != first {
		d.report("a ring does not end where it begins; it was closed")
	}
	return nil
}

// clip shortens a text for a sentence.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// capped stops a reader at the limit.
type capped struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (c *capped) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, errors.New("the file is larger than the limit")
	}
	return n, err
}
