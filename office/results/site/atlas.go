// SPDX-License-Identifier: Apache-2.0

package site

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strconv"

	"hustings/election"
	"hustings/office/results/tally"
)

// The drawing grid is 2,000 steps wide (a tall map is 2,000 high) and borders
// are thinned to one step: half a pixel on a large screen.
const (
	gridSize      = 2000
	gridTolerance = 1.2
	// Up to this many units the drawing is part of the page. Larger maps are one
	// shared file that the pages refer to, so that a new version of a page costs
	// its readers the colours and not the borders.
	inlineUnits = 150
)

// chart is the drawing of one map: the units that it shows and their borders.
type chart struct {
	units []int32
	paths []string
	boxes []box
	file  string // shared file under assets/, empty where the drawing is in the page
	body  []byte // of that file
}

// box is the corner points of what encloses a unit.
type box struct{ lo, hi point }

func (b box) with(o box) box {
	return box{point{min(b.lo.x, o.lo.x), min(b.lo.y, o.lo.y)}, point{max(b.hi.x, o.hi.x), max(b.hi.y, o.hi.y)}}
}

func boxOf(rings [][]point) box {
	b := box{rings[0][0], rings[0][0]}
	for _, ring := range rings {
		for _, p := range ring {
			b = b.with(box{p, p})
		}
	}
	return b
}

// charts draws a map for each unit that contains others, where shapes are known.
func charts(x *tally.Index) map[int32]*chart {
	shapes := make(map[int32]election.Shape, len(x.Def.Shapes))
	for _, s := range x.Def.Shapes {
		if u, ok := x.Unit(s.Unit); ok && hasPoints(s) {
			shapes[u] = s
		}
	}
	out := make(map[int32]*chart)
	for u := range x.Def.Units {
		if units := drawn(x, int32(u), shapes); len(units) > 1 {
			out[int32(u)] = draw(units, shapes)
		}
	}
	return out
}

// hasPoints says whether a shape begins anywhere.
func hasPoints(s election.Shape) bool {
	return len(s.Polygons) > 0 && len(s.Polygons[0]) > 0 && len(s.Polygons[0][0]) > 0
}

// drawn lists the units on the map of u: those directly below it that have a
// shape, or where most have none, all units further below that do.
func drawn(x *tally.Index, u int32, shapes map[int32]election.Shape) []int32 {
	var direct, below []int32
	kids := x.Children(u)
	for _, k := range kids {
		if _, ok := shapes[k]; ok {
			direct = append(direct, k)
		} else {
			below = append(below, drawn(x, k, shapes)...)
		}
	}
	if len(below) > len(direct) {
		return below
	}
	return direct
}

func draw(units []int32, shapes map[int32]election.Shape) *chart {
	c := &chart{units: units}
	project := projection(units, shapes)
	outlines := make([]outline, len(units))
	for i, u := range units {
		outlines[i] = onGrid(u, shapes[u], project)
		if len(outlines[i].rings) == 0 {
			// Too small for the grid; a dot still tells that it is there.
			p := project(shapes[u].Polygons[0][0][0])
			outlines[i].rings = [][]point{{p, {p.x + 3, p.y}, {p.x + 3, p.y + 3}, {p.x, p.y + 3}}}
		}
	}
	simplify(outlines, gridTolerance)
	for _, o := range outlines {
		c.paths = append(c.paths, pathOf(o.rings))
		c.boxes = append(c.boxes, boxOf(o.rings))
	}
	if len(units) > inlineUnits {
		c.share()
	}
	return c
}

// projection maps longitude and latitude to the grid, degrees of longitude
// narrowed by the cosine of the middle latitude. Coordinates that cannot be
// degrees are taken as already drawn, y pointing down.
func projection(units []int32, shapes map[int32]election.Shape) func([2]float64) point {
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, u := range units {
		for _, polygon := range shapes[u].Polygons {
			for _, ring := range polygon {
				for _, at := range ring {
					for k := range at {
						lo[k], hi[k] = min(lo[k], at[k]), max(hi[k], at[k])
					}
				}
			}
		}
	}
	degrees := lo[0] >= -180 && hi[0] <= 180 && lo[1] >= -90 && hi[1] <= 90
	narrow := 1.0
	if degrees {
		narrow = math.Cos((lo[1] + hi[1]) / 2 * math.Pi / 180)
	}
	wide, high := (hi[0]-lo[0])*narrow, hi[1]-lo[1]
	scale := gridSize / max(wide, high, 1e-9)
	return func(at [2]float64) point {
		y := (at[1] - lo[1]) * scale
		if degrees {
			y = (hi[1] - at[1]) * scale
		}
		return point{int32(math.Round((at[0] - lo[0]) * narrow * scale)), int32(math.Round(y))}
	}
}

// pathOf writes rings as an SVG path, in steps from point to point.
func pathOf(rings [][]point) string {
	var b []byte
	for _, ring := range rings {
		var last point
		for i, p := range ring {
			switch i {
			case 0:
				b = append(b, 'M')
				b = strconv.AppendInt(b, int64(p.x), 10)
				b = appendStep(b, p.y)
			case 1:
				b = append(b, 'l')
				b = strconv.AppendInt(b, int64(p.x-last.x), 10)
				b = appendStep(b, p.y-last.y)
			default:
				b = appendStep(b, p.x-last.x)
				b = appendStep(b, p.y-last.y)
			}
			last = p
		}
		b = append(b, 'z')
	}
	return string(b)
}

// appendStep writes a number after another; a minus sign parts them by itself.
func appendStep(b []byte, n int32) []byte {
	if n >= 0 {
		b = append(b, ' ')
	}
	return strconv.AppendInt(b, int64(n), 10)
}

// share moves the drawing into a file of its own.
func (c *chart) share() {
	b := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><defs>`)
	for i, u := range c.units {
		b = append(b, `<path id="`...)
		b = appendUnitMark(b, u)
		b = append(b, `" d="`...)
		b = append(b, c.paths[i]...)
		b = append(b, `"/>`...)
	}
	b = append(b, "</defs></svg>\n"...)
	sum := sha256.Sum256(b)
	c.file, c.body = "assets/map-"+hex.EncodeToString(sum[:5])+".svg", b
}

// appendUnitMark writes the short name of a unit that ties the map to the table.
func appendUnitMark(b []byte, u int32) []byte {
	return strconv.AppendInt(append(b, 'u'), int64(u), 36)
}
