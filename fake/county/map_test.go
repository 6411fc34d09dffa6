// SPDX-License-Identifier: Apache-2.0

package county

import (
	"math"
	"testing"

	"hustings/election"
	"hustings/format/geojson"
)

type corner = [2]float64

// atlas is the map of a county as a test reads it.
type atlas struct {
	def    *election.Definition
	shapes map[election.UnitID]geojson.Polygon
	kind   map[election.UnitID]election.UnitType
	steps  map[[2]corner]election.UnitID // borders of precincts, each with its precinct on the left
}

func readMap(t *testing.T, c *County) *atlas {
	t.Helper()
	m := &atlas{def: c.Definition(), shapes: make(map[election.UnitID]geojson.Polygon), kind: make(map[election.UnitID]election.UnitType),
		steps: make(map[[2]corner]election.UnitID)}
	for _, u := range m.def.Units {
		m.kind[u.ID] = u.Type
	}
	for _, s := range m.def.Shapes {
		if len(s.Polygons) != 1 {
			t.Fatalf("%s lies in %d pieces", s.Unit, len(s.Polygons))
		}
		m.shapes[s.Unit] = polygon(s.Polygons[0])
		for _, ring := range s.Polygons[0] {
			m.border(t, s.Unit, ring)
		}
	}
	return m
}

func polygon(p election.Polygon) (out geojson.Polygon) {
	for _, ring := range p {
		line := make([]geojson.Point, len(ring))
		for i, at := range ring {
			line[i] = at
		}
		out = append(out, line)
	}
	return out
}

func (m *atlas) border(t *testing.T, u election.UnitID, ring election.Ring) {
	t.Helper()
	if ring[0] != ring[len(ring)-1] {
		t.Errorf("a ring of %s is not closed", u)
	}
	seen := make(map[corner]bool)
	for i := 1; i < len(ring); i++ {
		if seen[ring[i]] {
			t.Errorf("a ring of %s touches itself at %v", u, ring[i])
		}
		seen[ring[i]] = true
		step := [2]corner{ring[i-1], ring[i]}
		if m.kind[u] == election.Precinct {
			if other, twice := m.steps[step]; twice {
				t.Errorf("%s and %s lie on the same side of %v", u, other, step)
			}
			m.steps[step] = u
		}
	}
}

func TestPrecinctsFillTheCountyWithoutGapsOrOverlaps(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		m := readMap(t, c)
		all, beside, next := 0.0, 0, make(map[corner]corner)
		for id, p := range m.shapes {
			if p.Area() <= 0 || geojson.RingArea(p[0]) <= 0 {
				t.Errorf("%s has no area, or its outer ring runs with the clock", id)
			}
			if m.kind[id] == election.Precinct {
				all += p.Area()
			}
		}
		for step := range m.steps {
			if _, ok := m.steps[[2]corner{step[1], step[0]}]; !ok {
				beside++
				if _, twice := next[step[0]]; twice {
					t.Errorf("the county touches itself at %v", step[0])
				}
				next[step[0]] = step[1]
			}
		}
		// What no two precincts share is the border of the county: one ring,
		// which encloses as much as the precincts together.
		var ring []geojson.Point
		for start := range next {
			for at := start; len(ring) == 0 || at != start; at = next[at] {
				ring = append(ring, at)
			}
			ring = append(ring, start)
			break
		}
		if len(ring)-1 != beside {
			t.Errorf("the border of the county has %d steps, but one ring of it only %d", beside, len(ring)-1)
		}
		if whole := geojson.RingArea(ring); math.Abs(whole-all) > 1e-9*whole {
			t.Errorf("the county has an area of %g, its precincts of %g", whole, all)
		}
		m.crossings(t)
	})
}

// crossings fails where two borders cross: with all rings turning the same way
// and every step shared, that is what an overlap would look like.
func (m *atlas) crossings(t *testing.T) {
	t.Helper()
	const cell = 0.02 // degrees
	near := make(map[[2]int][][2]corner)
	for s := range m.steps {
		if _, twice := m.steps[[2]corner{s[1], s[0]}]; twice && s[0][0]+s[0][1]*1e3 > s[1][0]+s[1][1]*1e3 {
			continue // once is enough
		}
		for x := int(math.Floor(min(s[0][0], s[1][0]) / cell)); x <= int(math.Floor(max(s[0][0], s[1][0])/cell)); x++ {
			for y := int(math.Floor(min(s[0][1], s[1][1]) / cell)); y <= int(math.Floor(max(s[0][1], s[1][1])/cell)); y++ {
				near[[2]int{x, y}] = append(near[[2]int{x, y}], s)
			}
		}
	}
	for _, list := range near {
		for i, a := range list {
			for _, b := range list[:i] {
				if crosses(a, b) {
					t.Errorf("%v crosses %v", a, b)
				}
			}
		}
	}
}

func crosses(a, b [2]corner) bool {
	for _, p := range a {
		if p == b[0] || p == b[1] {
			return false // they meet, as borders do
		}
	}
	side := func(s [2]corner, p corner) float64 {
		return (s[1][0]-s[0][0])*(p[1]-s[0][1]) - (s[1][1]-s[0][1])*(p[0]-s[0][0])
	}
	return side(a, b[0])*side(a, b[1]) < 0 && side(b, a[0])*side(b, a[1]) < 0
}

func TestEveryPrecinctCanBeReachedFromEveryOther(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		m := readMap(t, c)
		beside := make(map[election.UnitID][]election.UnitID)
		for step, u := range m.steps {
			if other, ok := m.steps[[2]corner{step[1], step[0]}]; ok {
				beside[u] = append(beside[u], other)
			}
		}
		reached := map[election.UnitID]bool{"p101": true}
		for way := []election.UnitID{"p101"}; len(way) > 0; way = way[1:] {
			for _, u := range beside[way[0]] {
				if !reached[u] {
					reached[u] = true
					way = append(way, u)
				}
			}
		}
		if len(reached) != precincts {
			t.Errorf("%d of %d precincts can be reached", len(reached), precincts)
		}
	})
}

func TestPartsFillTheirPrecinct(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		m := readMap(t, c)
		parts, voters := make(map[election.UnitID]float64), make(map[election.UnitID]int64)
		for _, u := range m.def.Units {
			if u.Type == election.SplitPrecinct {
				parts[u.Parent] += m.shapes[u.ID].Area()
				voters[u.Parent] += *u.Registered
			}
		}
		for _, u := range m.def.Units {
			if n, split := voters[u.ID]; split && (n != *u.Registered || math.Abs(parts[u.ID]-m.shapes[u.ID].Area()) > 1e-9) {
				t.Errorf("%s has %d voters and an area of %g, its parts %d and %g", u.Name, *u.Registered, m.shapes[u.ID].Area(), n, parts[u.ID])
			}
		}
	})
}

func TestPlacesLieWhereTheirVotersLive(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		m := readMap(t, c)
		served := make(map[election.UnitID]int)
		for _, p := range m.def.Places {
			inside := 0
			for id, shape := range m.shapes {
				if m.kind[id] == election.Precinct && shape.Contains(geojson.Point{p.Lon, p.Lat}) {
					inside++
				}
			}
			if inside != 1 {
				t.Errorf("%s lies in %d precincts", p.Name, inside)
			}
			if p.Kind != election.PollingPlace {
				continue
			}
			home := false
			for _, u := range p.Units {
				served[u]++
				home = home || m.shapes[u].Contains(geojson.Point{p.Lon, p.Lat})
			}
			if !home {
				t.Errorf("%s serves %v and lies in none of them", p.Name, p.Units)
			}
		}
		for i := range c.leaves {
			if u := c.leaves[i].unit; served[u] != 1 {
				t.Errorf("%s has %d polling places", u, served[u])
			}
		}
	})
}
