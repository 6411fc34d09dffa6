// SPDX-License-Identifier: Apache-2.0

package county

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"hustings/election"
)

// home is where somebody lives: the districts that they vote in.
type home struct {
	congress, house, supervisor int // from 1
	unified                     bool
	fire                        bool
	town                        election.DistrictID // empty in the country
}

// districts lists them in the order of the ballot.
func (h home) districts() []election.DistrictID {
	out := []election.DistrictID{
		"state", "county", nth("congress", h.congress), nth("house", h.house), nth("supervisor", h.supervisor),
	}
	if h.unified {
		out = append(out, "school-unified")
	} else {
		out = append(out, "school-western")
	}
	if h.fire {
		out = append(out, "fire")
	}
	if h.town != "" {
		out = append(out, h.town)
	}
	return out
}

func nth(id string, n int) election.DistrictID {
	return election.DistrictID(fmt.Sprintf("%s-%d", id, n))
}

// addUnits makes units, districts and shapes of the land.
func (c *County) addUnits() {
	root := election.Unit{ID: countyID, Type: election.County, Name: countyName,
		External: map[string]string{"ocd-id": c.def.Election.Jurisdiction, "fips": "99001"}}
	c.def.Units = []election.Unit{root}
	homes := c.homes()
	all := int64(0)
	for p, name := range c.precinctNames() {
		a := c.land.precincts[p]
		u := election.Unit{ID: election.UnitID("p" + name.number), Type: election.Precinct, Name: name.name, Number: name.number,
			Parent: countyID, Registered: &a.voters}
		c.def.Shapes = append(c.def.Shapes, election.Shape{Unit: u.ID, Polygons: c.land.shape(a)})
		parts := c.land.parts[p]
		if parts == nil {
			u.Districts = homes[p].districts()
			c.leaves = append(c.leaves, leaf{area: a, unit: u.ID, name: u.Name, number: u.Number, precinct: p, home: homes[p]})
		}
		c.def.Units = append(c.def.Units, u)
		for i, part := range parts {
			c.addPart(u, p, part, "AB"[i:i+1], homes[p])
		}
		all += a.voters
	}
	c.def.Units[0].Registered = &all
	c.parent = make(map[election.UnitID]election.UnitID, len(c.def.Units))
	for _, u := range c.def.Units {
		c.parent[u.ID] = u.Parent
	}
	c.def.Districts = districts()
}

// addPart adds a part of a split precinct. Its parts differ in the school
// district alone.
func (c *County) addPart(whole election.Unit, precinct int, a *area, letter string, at home) {
	at.unified = c.land.blocks[a.blocks[0]].east
	u := election.Unit{ID: whole.ID + election.UnitID(letter), Type: election.SplitPrecinct, Name: whole.Name + " " + letter,
		Number: whole.Number + letter, Parent: whole.ID, Districts: at.districts(), Registered: &a.voters}
	c.def.Units = append(c.def.Units, u)
	c.def.Shapes = append(c.def.Shapes, election.Shape{Unit: u.ID, Polygons: c.land.shape(a)})
	c.leaves = append(c.leaves, leaf{area: a, unit: u.ID, name: u.Name, number: u.Number, precinct: precinct, home: at})
}

type precinctName struct{ name, number string }

// precinctNames numbers precincts as maps print them: 101 and up in the city,
// 201 and up in the first town, 601 and up in the country.
func (c *County) precinctNames() []precinctName {
	names := shuffled(c.rand(drawNames+100), countryPlaces)
	out := make([]precinctName, precincts)
	count := make(map[int]int)
	for p, a := range c.land.precincts {
		count[a.zone]++
		n := count[a.zone]
		if a.zone == rural {
			out[p] = precinctName{names[n-1], fmt.Sprintf("%d", 100*(len(settlements)+1)+n)}
			continue
		}
		out[p] = precinctName{fmt.Sprintf("%s %d", settlements[a.zone].name, n), fmt.Sprintf("%d", 100*(a.zone+1)+n)}
	}
	return out
}

// homes says in which districts each precinct lies. Districts for one office
// have about as many voters each: wedges, cut like a cake around the city, so
// that every one has streets and fields.
func (c *County) homes() []home {
	out := make([]home, precincts)
	house, supervisor := c.wedges(3, 0.6), c.wedges(5, 2.1)
	for p, a := range c.land.precincts {
		out[p] = home{congress: 1 + boolInt(a.y < river), house: house[p], supervisor: supervisor[p], unified: c.inUnified(a)}
		out[p].fire = a.zone == rural && a.y > river && a.x > 230 || a.zone == 1
		if a.zone != rural {
			out[p].town = election.DistrictID(settlements[a.zone].id)
		}
	}
	return out
}

// inUnified says in which of the school districts most voters of an area live.
func (c *County) inUnified(a *area) bool {
	east := int64(0)
	for _, i := range a.blocks {
		if c.land.blocks[i].east {
			east += c.land.blocks[i].voters
		}
	}
	return 2*east >= a.voters
}

// wedges numbers the precincts' districts from 1 to n by where they lie around
// the city, beginning at an angle.
func (c *County) wedges(n int, begin float64) []int {
	angle := func(p int) float64 {
		a := c.land.precincts[p]
		return math.Mod(math.Atan2(a.y-c.land.cy, a.x-c.land.cx)-begin+4*math.Pi, 2*math.Pi)
	}
	order := make([]int, precincts)
	all := int64(0)
	for p, a := range c.land.precincts {
		order[p] = p
		all += a.voters
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(angle(a), angle(b)) })
	out, have := make([]int, precincts), int64(0)
	for _, p := range order {
		v := c.land.precincts[p].voters
		out[p] = min(n, 1+int((have+v/2)*int64(n)/all))
		have += v
	}
	return out
}

func districts() []election.District {
	out := []election.District{
		{ID: "state", Name: election.Text{"en": "State of Meridian", "es": "Estado de Meridian"}, Type: "state",
			External: map[string]string{"ocd-id": "ocd-division/country:us/state:xx"}},
		{ID: "county", Name: election.Text{"en": countyName, "es": "Condado de Alder"}, Type: "county",
			External: map[string]string{"ocd-id": "ocd-division/country:us/state:xx/county:alder"}},
	}
	for _, d := range []struct {
		id, kind, ocd, en, es string
		n                     int
	}{
		{"congress", "congressional", "state:xx/cd:%d", "Congressional District %d", "Distrito congresual %d", 2},
		{"house", "state-house", "state:xx/sldl:%d", "State House District %d", "Distrito %d de la Cámara estatal", 3},
		{"supervisor", "county-council", "state:xx/county:alder/council_district:%d", "Supervisor District %d", "Distrito %d de supervisores", 5},
	} {
		for i := 1; i <= d.n; i++ {
			out = append(out, election.District{ID: nth(d.id, i), Type: d.kind, Number: fmt.Sprint(i),
				Name:     election.Text{"en": fmt.Sprintf(d.en, i), "es": fmt.Sprintf(d.es, i)},
				External: map[string]string{"ocd-id": "ocd-division/country:us/" + fmt.Sprintf(d.ocd, i)}})
		}
	}
	out = append(out,
		election.District{ID: "school-unified", Name: election.Text{"en": "Alder Unified School District", "es": "Distrito Escolar Unificado de Alder"}, Type: "school"},
		election.District{ID: "school-western", Name: election.Text{"en": "Western Valley School District", "es": "Distrito Escolar del Valle Occidental"}, Type: "school"},
		election.District{ID: "fire", Name: election.Text{"en": "North Bench Fire District", "es": "Distrito de Bomberos de North Bench"}, Type: "special"})
	for _, s := range settlements {
		of := map[string][2]string{"city": {"City of ", "Ciudad de "}, "town": {"Town of ", "Pueblo de "}}[s.kind]
		out = append(out, election.District{ID: election.DistrictID(s.id), Name: election.Text{"en": of[0] + s.name, "es": of[1] + s.name}, Type: s.kind,
			External: map[string]string{"ocd-id": "ocd-division/country:us/state:xx/place:" + strings.ReplaceAll(s.id, "-", "_")}})
	}
	return out
}
