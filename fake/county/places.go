// SPDX-License-Identifier: Apache-2.0

package county

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"hustings/election"
)

const (
	pollingPlaces = 60
	earlySites    = 8
	dropBoxes     = 12
)

// addPlaces adds where people vote: polling places for one or two precincts
// each, early sites and drop boxes for everybody, and the election office.
func (c *County) addPlaces() {
	r := c.rand(drawPlaces)
	b := &builder{County: c, r: r, things: shuffled(r, things)}
	b.polling()
	b.early()
	b.boxes()
	b.office()
}

// builder puts up places.
type builder struct {
	*County
	r      *rand.Rand
	things []string
	used   int
}

// thing is a name that no other place has yet.
func (b *builder) thing() string {
	b.used++
	return b.things[(b.used-1)%len(b.things)]
}

// at makes a place in an area, with an address that does not exist.
func (b *builder) at(a *area, nth int, kind election.PlaceKind, id, name string) election.Place {
	p := b.land.home(a, nth)
	city, zip := "Rural Route", 90+a.zone
	if a.zone != rural {
		city = settlements[a.zone].name
	}
	street := b.things[b.r.IntN(len(b.things))] + " " + []string{"Street", "Avenue", "Road", "Lane", "Way"}[b.r.IntN(5)]
	return election.Place{
		ID: election.PlaceID(id), Name: name, Kind: kind, Line1: fmt.Sprintf("%d %s", 100+b.r.IntN(8900), street),
		City: city, State: stateCode, Zip: fmt.Sprintf("000%02d", zip), Lon: p[0], Lat: p[1],
	}
}

// polling adds the polling places. Precincts of a town share some of them, as
// many as it takes to have sixty.
func (b *builder) polling() {
	kinds := []string{"Elementary School", "Fire Station", "Community Center", "Library", "Middle School", "Senior Center"}
	country := []string{"Grange Hall", "Volunteer Fire Hall", "Schoolhouse", "Community Hall"}
	pairs := precincts - pollingPlaces
	for p := 0; p < precincts; p++ {
		a, n := b.land.precincts[p], len(b.def.Places)+1
		kind := kinds[n%len(kinds)]
		if a.zone == rural {
			kind = country[n%len(country)]
		}
		place := b.at(a, 0, election.PollingPlace, fmt.Sprintf("pp%02d", n), b.thing()+" "+kind)
		place.Directions = election.Text{"en": "Use the entrance with the blue flag.", "es": "Use la entrada con la bandera azul."}
		place.Hours = []election.Hours{{Start: b.date(0), End: b.date(0), Open: "07:00", Close: "19:00"}}
		place.Units = b.unitsOf(p)
		if pairs > 0 && p+1 < precincts && b.land.precincts[p+1].zone == a.zone {
			p++
			pairs--
			place.Units = append(place.Units, b.unitsOf(p)...)
		}
		b.def.Places = append(b.def.Places, place)
	}
}

// unitsOf are the units of a precinct that have voters of their own.
func (b *builder) unitsOf(precinct int) (out []election.UnitID) {
	for i := range b.leaves {
		if b.leaves[i].precinct == precinct {
			out = append(out, b.leaves[i].unit)
		}
	}
	return out
}

// spread picks precincts all over the county, the city's first.
func (b *builder) spread(n, of int) *area { return b.land.precincts[(2*n+1)*precincts/(2*of)] }

func (b *builder) early() {
	for n := range earlySites {
		place := b.at(b.spread(n, earlySites), 1, election.EarlySite, fmt.Sprintf("ev%d", n+1), b.thing()+" Early Voting Center")
		place.Directions = election.Text{"en": "Any voter of the county may vote here.", "es": "Aquí puede votar cualquier votante del condado."}
		place.Hours = []election.Hours{
			{Start: b.date(-14), End: b.date(-4), Open: "09:00", Close: "18:00"},
			{Start: b.date(-3), End: b.date(-3), Open: "09:00", Close: "17:00"},
		}
		b.def.Places = append(b.def.Places, place)
	}
}

func (b *builder) boxes() {
	for n := range dropBoxes {
		place := b.at(b.spread(n, dropBoxes), 2, election.DropBox, fmt.Sprintf("db%02d", n+1), b.thing()+" Drop Box")
		place.Directions = election.Text{"en": "Open day and night until the polls close.", "es": "Abierto día y noche hasta el cierre de los centros de votación."}
		place.Hours = []election.Hours{
			{Start: b.date(-27), End: b.date(-1), Open: "00:00", Close: "24:00"},
			{Start: b.date(0), End: b.date(0), Open: "00:00", Close: "19:00"},
		}
		b.def.Places = append(b.def.Places, place)
	}
}

func (b *builder) office() {
	downtown := slices.MinFunc(b.land.precincts, func(x, y *area) int { return cmp.Compare(b.fromCenter(x), b.fromCenter(y)) })
	place := b.at(downtown, 3, election.Office, "office", countyName+" Elections")
	place.Hours = []election.Hours{
		{Start: b.date(-28), End: b.date(-1), Open: "08:00", Close: "17:00"},
		{Start: b.date(0), End: b.date(0), Open: "06:00", Close: "22:00"},
	}
	b.def.Places = append(b.def.Places, place)
}

// fromCenter is how far from the middle of the city an area lies.
func (b *builder) fromCenter(a *area) float64 { return math.Hypot(a.x-b.land.cx, a.y-b.land.cy) }
