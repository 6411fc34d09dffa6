// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"fmt"
	"math"
)

// Space is what coordinates are.
type Space string

// The spaces that can be told apart by looking.
const (
	LonLat  Space = "longitude and latitude"
	Plane   Space = "a plane map"         // feet or metres from somewhere, y grows northward
	Drawing Space = "a projected drawing" // pixels, y grows downward
)

// spaceOf looks at the coordinates. When they are not longitude and latitude,
// a sentence says so.
func spaceOf(features []Feature) (Space, string) {
	b := BoundsOf(features)
	if b.Empty() {
		return LonLat, ""
	}
	within := func(i int, most float64) bool { return b.Min[i] >= -most && b.Max[i] <= most }
	if within(0, 180) && within(1, 90) {
		return LonLat, ""
	}
	from := fmt.Sprintf("the coordinates run from %.6g, %.6g to %.6g, %.6g, which is not longitude and latitude",
		b.Min[0], b.Min[1], b.Max[0], b.Max[1])
	switch {
	case within(0, 90) && within(1, 180):
		return Plane, from + "; latitude and longitude seem to be swapped"
	case within(0, 5000) && within(1, 5000):
		return Drawing, from + "; it looks like a drawing that is projected already, and points on earth cannot be found in it"
	}
	return Plane, from + "; it looks like a plane map in feet or metres (state plane, UTM): convert it to longitude and latitude (WGS 84)"
}

// Projection turns coordinates into a flat drawing whose y grows downward.
type Projection struct {
	Name    string
	Space   Space
	forward func(Point) Point
}

// XY projects a point.
func (p Projection) XY(pt Point) Point { return p.forward(pt) }

// Choose picks the projection that suits a map: for a county or a state, one
// that keeps shapes as they look from above; for something as large as the
// United States, the equal-area cone (Albers) of atlases; for coordinates that
// are not longitude and latitude, none, and a sentence that says so.
func Choose(features []Feature) (Projection, string) {
	space, say := spaceOf(features)
	switch space {
	case Drawing:
		return Projection{"none", space, func(pt Point) Point { return pt }}, say
	case Plane:
		return Projection{"none", space, func(pt Point) Point { return Point{pt[0], -pt[1]} }}, say
	}
	b := BoundsOf(features)
	if b.Empty() {
		b = Bounds{}
	}
	middle, width := longitudes(features)
	// Beyond that, a plate with one scale would visibly bend the map.
	const tall, wide = 12, 20
	if b.Max[1]-b.Min[1] > tall || width > wide {
		if albers, ok := newAlbers(middle, b.Min[1], b.Max[1]); ok {
			return Projection{"Albers equal-area conic", space, albers.forward}, say
		}
	}
	shrink := math.Cos((b.Min[1] + b.Max[1]) / 2 * radians)
	return Projection{"equirectangular", space, func(pt Point) Point {
		return Point{around(pt[0], middle) * shrink, -pt[1]}
	}}, say
}

const radians = math.Pi / 180

// around is a longitude as seen from a middle one: -180 to 180 degrees away.
func around(lon, middle float64) float64 {
	return lon - middle - 360*math.Floor((lon-middle+180)/360)
}

// longitudes finds the middle and the width of a map in degrees. A map may lie
// across the date line (the Aleutians do): it is what is left of the circle
// without its longest empty stretch.
func longitudes(features []Feature) (middle, width float64) {
	var taken [360]bool
	for p := range PointsOf(features) {
		taken[min(max(int(math.Floor(p[0]))+180, 0), 359)] = true
	}
	var gap, gapEnd, run int
	for i := range 2 * len(taken) {
		if run++; taken[i%len(taken)] {
			run = 0
		}
		if run > gap && run < len(taken) {
			gap, gapEnd = run, i
		}
	}
	width = float64(360 - gap)
	return float64(gapEnd+1-180) + width/2 - 360*math.Floor((float64(gapEnd+1)+width/2)/360), width
}

// albers is the equal-area cone that touches the earth at two parallels.
type albers struct{ middle, n, c float64 }

// newAlbers puts the parallels a sixth from the top and bottom of the map. A
// map that lies evenly around the equator has no such cone.
func newAlbers(middle, south, north float64) (albers, bool) {
	sixth := (north - south) / 6
	p1, p2 := (south+sixth)*radians, (north-sixth)*radians
	n := (math.Sin(p1) + math.Sin(p2)) / 2
	c := math.Cos(p1)*math.Cos(p1) + 2*n*math.Sin(p1)
	return albers{middle, n, c}, math.Abs(n) > 0.01
}

func (a albers) forward(pt Point) Point {
	rho := math.Sqrt(max(0, a.c-2*a.n*math.Sin(pt[1]*radians))) / a.n
	theta := a.n * around(pt[0], a.middle) * radians
	return Point{rho * math.Sin(theta), rho * math.Cos(theta)}
}

// Frame fits a projected map into a drawing.
type Frame struct {
	projection Projection
	scale      float64
	dx, dy     float64
}

// NewFrame fits features into width by height with a margin all around, as
// large as they go, in the middle.
func NewFrame(p Projection, features []Feature, width, height, margin float64) Frame {
	b := NoBounds()
	for pt := range PointsOf(features) {
		b.Add(p.XY(pt))
	}
	if b.Empty() {
		b = Bounds{}
	}
	w, h := b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]
	scale := 1.0
	if w > 0 || h > 0 {
		scale = min((width-2*margin)/w, (height-2*margin)/h) // one of them may be infinite
	}
	return Frame{p, scale, width/2 - scale*(b.Min[0]+w/2), height/2 - scale*(b.Min[1]+h/2)}
}

// XY is where a point stands in the drawing.
func (f Frame) XY(pt Point) Point {
	q := f.projection.XY(pt)
	return Point{f.scale*q[0] + f.dx, f.scale*q[1] + f.dy}
}
