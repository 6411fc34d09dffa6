// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"context"
	"math"
	"slices"
	"strconv"

	"hustings/election"
)

// Shapes knows where the precincts of the office are.
type Shapes interface {
	// Precincts gives the shapes and the names of precincts, and what they are a
	// version of; no shapes where none are known.
	Precincts(ctx context.Context) (version string, shapes []election.Shape, names map[election.UnitID]string, err error)
}

// precinctMap is the drawing of the precincts.
type precinctMap struct {
	units []string
	names []string
	paths []string
	high  int // of a drawing that is mapWide wide
}

const mapWide = 800

// shade is a precinct on the map with how many may vote there.
type shade struct {
	name, path string
	n          int64
	strength   int // 0, nobody, to shades
}

const shades = 5

// precinctMap draws the map, once for each version of the shapes.
func (s *Extract) precinctMap(ctx context.Context) (*precinctMap, error) {
	if s.Shapes == nil {
		return nil, nil
	}
	version, shapes, names, err := s.Shapes.Precincts(ctx)
	if err != nil || len(shapes) == 0 {
		return nil, err
	}
	o := &s.outline
	o.Lock()
	defer o.Unlock()
	if o.map_ == nil || o.of != version {
		o.of, o.map_ = version, draw(shapes, names)
	}
	return o.map_, nil
}

// frame is what encloses shapes.
type frame struct{ lo, hi [2]float64 }

func frameOf(shapes []election.Shape) frame {
	f := frame{[2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}}
	for _, s := range shapes {
		for _, polygon := range s.Polygons {
			for _, ring := range polygon {
				for _, at := range ring {
					for k := range at {
						f.lo[k], f.hi[k] = min(f.lo[k], at[k]), max(f.hi[k], at[k])
					}
				}
			}
		}
	}
	return f
}

// draw puts shapes on a grid of a pixel, degrees of longitude narrowed by the
// cosine of the middle latitude.
func draw(shapes []election.Shape, names map[election.UnitID]string) *precinctMap {
	f := frameOf(shapes)
	narrow := math.Cos((f.lo[1] + f.hi[1]) / 2 * math.Pi / 180)
	wide, tall := max((f.hi[0]-f.lo[0])*narrow, 1e-9), max(f.hi[1]-f.lo[1], 1e-9)
	scale := mapWide / max(wide, tall/1.5) // no higher than one and a half times its width
	m := &precinctMap{high: int(math.Ceil(tall*scale)) + 1}
	for _, s := range shapes {
		var path []byte
		for _, polygon := range s.Polygons {
			for _, ring := range polygon {
				path = appendRing(path, ring, func(at [2]float64) [2]int {
					return [2]int{int(math.Round((at[0] - f.lo[0]) * narrow * scale)), int(math.Round((f.hi[1] - at[1]) * scale))}
				})
			}
		}
		if len(path) == 0 {
			continue
		}
		name := names[s.Unit]
		if name == "" {
			name = string(s.Unit)
		}
		m.units, m.names, m.paths = append(m.units, string(s.Unit)), append(m.names, name), append(m.paths, string(path))
	}
	return m
}

// appendRing appends a ring as a path, without the points that fall on the one
// before. A ring that is one point is none.
func appendRing(b []byte, ring [][2]float64, project func([2]float64) [2]int) []byte {
	var last [2]int
	n, start := 0, len(b)
	for _, at := range ring {
		p := project(at)
		if n > 0 && p == last {
			continue
		}
		mark := byte('L')
		if n == 0 {
			mark = 'M'
		}
		b = append(b, mark)
		b = strconv.AppendInt(b, int64(p[0]), 10)
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(p[1]), 10)
		last = p
		n++
	}
	if n < 2 {
		return b[:start]
	}
	return append(b, 'Z')
}

// shaded gives each precinct its shade: a fifth of the precincts each, by how
// many may vote there.
func (m *precinctMap) shaded(count func(unit string) int64) []shade {
	var sorted []int64
	out := make([]shade, len(m.units))
	for i, u := range m.units {
		out[i] = shade{name: m.names[i], path: m.paths[i], n: count(u)}
		if out[i].n > 0 {
			sorted = append(sorted, out[i].n)
		}
	}
	slices.Sort(sorted)
	for i := range out {
		if out[i].n > 0 {
			at, _ := slices.BinarySearch(sorted, out[i].n)
			out[i].strength = 1 + at*shades/len(sorted)
		}
	}
	return out
}

// opacity is how dark a shade is.
func (s shade) opacity() string {
	return strconv.FormatFloat(float64(s.strength)*0.17, 'f', 2, 64)
}
