// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Read reads a feature collection, a single feature, or a bare geometry (the
// last two as a collection of one). The error is for a file that cannot be
// read at all. A feature whose geometry cannot be used stays in the
// collection, without geometry, and with a Problem. Rings that are not closed
// are closed. Numbers in properties are json.Number.
func Read(r io.Reader, limits Limits) (*Collection, []Problem, error) {
	limits = limits.orDefaults()
	d := &decoder{limits: limits, in: &lineCounter{r: r, left: limits.Bytes, line: 1}}
	c, err := d.read()
	if err != nil {
		return nil, d.problems, d.explain(err)
	}
	if _, say := spaceOf(c.Features); say != "" {
		d.report(-1, "", "%s", say)
	}
	return c, d.problems, nil
}

// decoder keeps count while a file is read.
type decoder struct {
	limits     Limits
	in         *lineCounter
	json       *json.Decoder
	geometries int
	points     int
	problems   []Problem
}

// rawFeature is a feature as the JSON decoder sees it.
type rawFeature struct {
	Type       word            `json:"type"`
	ID         json.RawMessage `json:"id"`
	Properties json.RawMessage `json:"properties"`
	Geometry   *rawGeometry    `json:"geometry"`
}

type rawGeometry struct {
	Type        word            `json:"type"`
	Coordinates coords          `json:"coordinates"`
	Geometries  json.RawMessage `json:"geometries"`
}

// word is a string, or nothing where the file has something else.
type word string

// UnmarshalJSON implements json.Unmarshaler.
func (w *word) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*w = word(s)
	}
	return nil
}

func (d *decoder) report(feature int, id, format string, args ...any) {
	if len(d.problems) < d.limits.Problems {
		d.problems = append(d.problems, Problem{feature, clip(id), fmt.Sprintf(format, args...)})
	}
}

// explain adds the line at which a file stopped making sense.
func (d *decoder) explain(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("line %d: the file ends too early; it was cut off", d.in.line)
	}
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &wrong) {
		return fmt.Errorf("near line %d: the file is not GeoJSON: %w", d.in.line, err)
	}
	return err
}

// read goes through the members of the outermost object. The features are
// decoded one by one, so that only one of them is ever held as text.
func (d *decoder) read() (*Collection, error) {
	in := bufio.NewReader(d.in)
	if bom, _ := in.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		in.Discard(3)
	}
	d.json = json.NewDecoder(in)
	if t, err := d.json.Token(); err != nil {
		return nil, err
	} else if t != json.Delim('{') {
		return nil, errors.New("the file is not GeoJSON; it should begin with { and say \"type\": \"FeatureCollection\"")
	}
	var kind word
	var c Collection
	members := map[string]json.RawMessage{}
	sawFeatures := false
	for d.json.More() {
		key, err := d.json.Token()
		if err != nil {
			return nil, err
		}
		switch key {
		case "features":
			if sawFeatures {
				return nil, errors.New("the file has two lists of features")
			}
			sawFeatures = true
			err = d.features(&c)
		case "type":
			err = d.json.Decode(&kind)
		default:
			var raw json.RawMessage
			err = d.json.Decode(&raw)
			members[key.(string)] = raw
		}
		if err != nil {
			return nil, err
		}
	}
	if _, err := d.json.Token(); err != nil {
		return nil, err
	}
	if _, err := d.json.Token(); err != io.EOF {
		return nil, errors.New("something follows the end of the GeoJSON; are these two files in one?")
	}
	d.checkCRS(members["crs"])
	return d.finish(&c, string(kind), sawFeatures, members)
}

// finish makes sense of the outermost type.
func (d *decoder) finish(c *Collection, kind string, sawFeatures bool, members map[string]json.RawMessage) (*Collection, error) {
	switch kind {
	case "FeatureCollection":
		if !sawFeatures {
			return nil, errors.New("the feature collection has no list of features")
		}
		return c, nil
	case "Topology":
		return nil, errors.New("the file is TopoJSON, not GeoJSON; read it as TopoJSON")
	case "Feature":
		raw := rawFeature{Type: word(kind), ID: members["id"], Properties: members["properties"]}
		if err := unmarshal(members["geometry"], &raw.Geometry); err != nil {
			return nil, err
		}
		c.Features = []Feature{d.feature(0, &raw)}
		return c, nil
	case TypePoint, TypeMultiPoint, TypeLineString, TypeMultiLineString, TypePolygon, TypeMultiPolygon, TypeCollection:
		raw := rawGeometry{Type: word(kind), Geometries: members["geometries"]}
		if err := unmarshal(members["coordinates"], &raw.Coordinates); err != nil {
			return nil, err
		}
		c.Features = []Feature{d.feature(0, &rawFeature{Type: "Feature", Geometry: &raw})}
		return c, nil
	}
	return nil, fmt.Errorf("the file says \"type\": %q, which is no type of GeoJSON", clip(kind))
}

func unmarshal(raw json.RawMessage, into any) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// features reads the list of features.
func (d *decoder) features(c *Collection) error {
	t, err := d.json.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		return errors.New("the member \"features\" is not a list")
	}
	for d.json.More() {
		if len(c.Features) >= d.limits.Features {
			return fmt.Errorf("the file has more than %d features", d.limits.Features)
		}
		var raw rawFeature
		if err := d.json.Decode(&raw); err != nil {
			var wrong *json.UnmarshalTypeError
			if !errors.As(err, &wrong) {
				return err
			}
			// The decoder has read past it and filled in the rest.
			d.report(len(c.Features), "", "a %s stands where an object should; left out", wrong.Value)
			raw.Type = "Feature"
			if raw.Geometry != nil && raw.Geometry.Type == "" {
				raw.Geometry = nil
			}
		}
		c.Features = append(c.Features, d.feature(len(c.Features), &raw))
		if d.points > d.limits.Points {
			return fmt.Errorf("the file has more than %d points", d.limits.Points)
		}
	}
	_, err = d.json.Token()
	return err
}

// feature turns a raw feature into a Feature.
func (d *decoder) feature(index int, raw *rawFeature) Feature {
	var f Feature
	f.ID, f.NumericID = DecodeID(raw.ID)
	if raw.Type != "Feature" {
		d.report(index, f.ID, "its type is %q, where \"Feature\" should stand", clip(string(raw.Type)))
	}
	var ok bool
	if f.Properties, ok = DecodeProperties(raw.Properties); !ok {
		d.report(index, f.ID, "its properties are not an object; left out")
	}
	if raw.Geometry == nil {
		return f
	}
	say := func(s string) { d.report(index, f.ID, "%s", s) }
	g, err := d.geometry(raw.Geometry, 0, say)
	if err != nil {
		say(err.Error() + "; the geometry was left out")
		return f
	}
	f.Geometry = g
	return f
}

// maxNesting is how deep geometry collections may stand within one another.
const maxNesting = 8

// geometry turns a raw geometry into a Geometry.
func (d *decoder) geometry(raw *rawGeometry, nesting int, say func(string)) (*Geometry, error) {
	c := &raw.Coordinates
	d.points += len(c.points) + c.lists
	if d.points > d.limits.Points {
		return nil, fmt.Errorf("the file has more than %d points", d.limits.Points)
	}
	g := &Geometry{Type: string(raw.Type)}
	depth, ok := depths[g.Type]
	switch {
	case g.Type == TypeCollection:
		return g, d.collection(g, raw.Geometries, nesting, say)
	case !ok:
		return nil, fmt.Errorf("%q is no type of geometry", clip(g.Type))
	case !c.present:
		return nil, errors.New("the geometry has no coordinates")
	case c.bad != nil:
		return nil, c.bad
	case c.depth != 0 && c.depth != depth:
		return nil, fmt.Errorf("the coordinates are nested %d deep, where a %s has %d", c.depth, g.Type, depth)
	case c.depth == 0:
		return g, nil // empty
	}
	switch g.Type {
	case TypePoint, TypeMultiPoint:
		g.Points = c.points
	case TypeLineString:
		g.Lines = [][]Point{c.points}
	case TypeMultiLineString:
		g.Lines = c.lines()
	case TypePolygon:
		g.Polygons = mend([]Polygon{c.lines()}, say)
	case TypeMultiPolygon:
		g.Polygons = mend(c.polygons(), say)
	}
	return g, nil
}

// depths is how deep the lists of each type are nested.
var depths = map[string]int{
	TypePoint: 1, TypeMultiPoint: 2, TypeLineString: 2, TypeMultiLineString: 3, TypePolygon: 3, TypeMultiPolygon: 4, TypeCollection: 0,
}

// collection reads the geometries of a geometry collection one by one.
func (d *decoder) collection(g *Geometry, raw json.RawMessage, nesting int, say func(string)) error {
	if nesting >= maxNesting {
		return fmt.Errorf("geometry collections stand more than %d deep within one another", maxNesting)
	}
	list := json.NewDecoder(bytes.NewReader(raw))
	if t, _ := list.Token(); t != json.Delim('[') {
		return errors.New("the geometry collection has no list of geometries")
	}
	for list.More() {
		if d.geometries++; d.geometries > d.limits.Features {
			return fmt.Errorf("the file has more than %d geometries", d.limits.Features)
		}
		var part rawGeometry
		if err := list.Decode(&part); err != nil {
			return errors.New("the geometry collection holds something that is no geometry")
		}
		one, err := d.geometry(&part, nesting+1, say)
		if err != nil {
			return err
		}
		g.Geometries = append(g.Geometries, *one)
	}
	return nil
}

// mend closes rings that are not closed, and drops those that enclose nothing.
func mend(polygons []Polygon, say func(string)) []Polygon {
	var kept []Polygon
	for _, p := range polygons {
		var rings Polygon
		for i, ring := range p {
			if n := len(ring); n > 0 && ring[0] != ring[n-1] {
				say(fmt.Sprintf("ring %d does not end where it begins; it was closed", i))
				ring = append(ring, ring[0])
			}
			if len(ring) < 4 {
				say(fmt.Sprintf("ring %d has %d points and encloses nothing; it was left out", i, len(ring)))
				if i == 0 {
					break // holes without an outer ring are nothing
				}
				continue
			}
			rings = append(rings, ring)
		}
		if len(rings) > 0 {
			kept = append(kept, rings)
		}
	}
	return kept
}

// checkCRS looks at the member with which older files name their coordinates.
func (d *decoder) checkCRS(raw json.RawMessage) {
	var crs struct {
		Properties struct {
			Name word `json:"name"`
		} `json:"properties"`
	}
	if unmarshal(raw, &crs) != nil {
		return
	}
	name := string(crs.Properties.Name)
	known := name == "" || strings.Contains(name, "CRS84") || strings.HasSuffix(name, ":4326") || strings.HasSuffix(name, ":4269")
	if !known {
		d.report(-1, "", "the file says that its coordinates are in %s; convert it to longitude and latitude (WGS 84)", clip(name))
	}
}

// lineCounter counts lines and stops at the limit.
type lineCounter struct {
	r    io.Reader
	left int64
	line int
}

// Read implements io.Reader.
func (l *lineCounter) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errors.New("the file is larger than the limit")
	}
	l.line += bytes.Count(p[:n], []byte{'\n'})
	return n, err
}
