// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// coords is a "coordinates" member of any depth, taken apart in one pass.
// The JSON decoder has made sure that it is JSON; whether it is a list of
// points is for this file to find out. It never fails as far as the decoder
// can see, so that one bad feature does not cost the others.
type coords struct {
	depth    int // 1 for a point, 2 for a line, 3 for a polygon, 4 for polygons; 0 when unknown
	points   []Point
	ends     []int // of each line or ring, in points
	polyEnds []int // of each polygon, in ends
	lists    int   // all lists, against the limit
	present  bool
	bad      error
}

// errCoordinates says that coordinates are no lists of numbers.
var errCoordinates = errors.New("the coordinates are not lists of points; a point is [longitude, latitude]")

// UnmarshalJSON implements json.Unmarshaler.
func (c *coords) UnmarshalJSON(b []byte) error {
	*c = coords{present: string(b) != "null"}
	if !c.present {
		return nil
	}
	p := coordParser{b: b, c: c}
	c.bad = p.list(1)
	return nil
}

// coordParser walks over the text of the coordinates.
type coordParser struct {
	b []byte
	i int
	c *coords
}

const maxDepth = 4

// list reads one list: of lists, or of numbers.
func (p *coordParser) list(depth int) error {
	p.blanks()
	if p.i >= len(p.b) || p.b[p.i] != '[' || depth > maxDepth {
		return errCoordinates
	}
	p.i++
	p.c.lists++
	p.blanks()
	if p.i < len(p.b) && p.b[p.i] != '[' && p.b[p.i] != ']' {
		return p.point(depth)
	}
	for p.i < len(p.b) && p.b[p.i] != ']' {
		if err := p.list(depth + 1); err != nil {
			return err
		}
		p.blanks()
		if p.i < len(p.b) && p.b[p.i] == ',' {
			p.i++
			p.blanks()
		}
	}
	p.i++
	p.close(depth)
	return nil
}

// close notes the end of a ring or polygon. How deep those are is known once a
// point has been seen.
func (p *coordParser) close(depth int) {
	switch p.c.depth - depth {
	case 1:
		p.c.ends = append(p.c.ends, len(p.c.points))
	case 2:
		p.c.polyEnds = append(p.c.polyEnds, len(p.c.ends))
	}
}

// point reads the numbers of a point; beyond the second they are height and
// the like, and dropped.
func (p *coordParser) point(depth int) error {
	if p.c.depth == 0 {
		p.c.depth = depth
	}
	if p.c.depth != depth {
		return errors.New("the coordinates hold points at different depths")
	}
	var pt Point
	for n := 0; ; n++ {
		p.blanks()
		f, err := p.number()
		if err != nil {
			return err
		}
		if n < 2 {
			pt[n] = f
		}
		p.blanks()
		switch {
		case p.i < len(p.b) && p.b[p.i] == ',':
			p.i++
		case p.i < len(p.b) && p.b[p.i] == ']' && n >= 1:
			p.i++
			p.c.points = append(p.c.points, pt)
			return nil
		default:
			return errCoordinates
		}
	}
}

func (p *coordParser) blanks() {
	for p.i < len(p.b) && (p.b[p.i] == ' ' || p.b[p.i] == '\n' || p.b[p.i] == '\t' || p.b[p.i] == '\r') {
		p.i++
	}
}

// number reads a number. A file of precincts is little else than numbers with
// a few digits: those are put together here, exactly as strconv would (an
// integer below 2^53 divided by an exact power of ten rounds only once).
func (p *coordParser) number() (float64, error) {
	start, digits, point := p.i, 0, -1
	var whole uint64
	for ; p.i < len(p.b); p.i++ {
		c := p.b[p.i]
		switch {
		case c >= '0' && c <= '9':
			whole = whole*10 + uint64(c-'0')
			digits++
		case c == '.':
			point = digits
		case c == '-' && p.i == start:
		case c == ',' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t':
			return p.finish(start, digits, point, whole)
		default:
			digits = math.MaxInt32 // an exponent, or no number at all
		}
	}
	return 0, errCoordinates
}

func (p *coordParser) finish(start, digits, point int, whole uint64) (float64, error) {
	if digits > 0 && digits <= 15 {
		f := float64(whole)
		if point >= 0 {
			f /= powers[digits-point]
		}
		if p.b[start] == '-' {
			f = -f
		}
		return f, nil
	}
	text := string(p.b[start:p.i])
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, fmt.Errorf("%q is not a coordinate", clip(text))
	}
	return f, nil
}

var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// lines cuts the points at the ends of the lines or rings.
func (c *coords) lines() [][]Point {
	lines := make([][]Point, len(c.ends))
	from := 0
	for i, to := range c.ends {
		lines[i] = c.points[from:to:to]
		from = to
	}
	return lines
}

// polygons cuts the rings at the ends of the polygons.
func (c *coords) polygons() []Polygon {
	rings := c.lines()
	polygons := make([]Polygon, len(c.polyEnds))
	from := 0
	for i, to := range c.polyEnds {
		polygons[i] = rings[from:to:to]
		from = to
	}
	return polygons
}

// clip shortens a text for a sentence.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// ParsePoints reads the text of a list of points, for formats that borrow it
// from GeoJSON. The text must be JSON.
func ParsePoints(raw []byte) ([]Point, error) {
	c := coords{}
	p := coordParser{b: raw, c: &c}
	if err := p.list(1); err != nil {
		return nil, err
	}
	if c.depth > 2 || c.depth == 1 {
		return nil, errCoordinates
	}
	return c.points, nil
}
