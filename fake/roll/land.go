// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"hustings/election"
)

// land hands out addresses on the streets of precincts. Some streets are the
// border of two precincts, with the even numbers here and the odd ones there;
// some go on in the next.
type land struct {
	r        *rand.Rand
	segments []Segment
	later    map[string][]Segment // by ZIP code: what the next precinct takes
	streets  map[string]int       // by ZIP code: how many have a name
	at       int                  // the segment that is being built on
	next     int                  // house number
	unit     *election.Unit
	city     string
	zip      string
	rural    bool

	tower  Address // the house with apartments that is being filled
	floors int
	flats  int // flats on each floor
	flat   int // the next
}

func newLand(r *rand.Rand) *land {
	return &land{r: r, later: map[string][]Segment{}, streets: map[string]int{}, at: -1}
}

// cities by the first digit of the numbers that precincts have, as the map of
// the county has them; ZIP codes are those of its places, which do not exist.
var cities = map[byte]struct{ city, zip string }{
	'1': {"MARLOW", "00090"}, '2': {"FAIRHAVEN", "00091"}, '3': {"CEDAR FORK", "00092"}, '4': {"BRIGHT PRAIRIE", "00093"}, '5': {"STONEBRIDGE", "00094"},
}

// move begins a precinct.
func (l *land) move(u *election.Unit) {
	l.unit, l.at, l.tower = u, -1, Address{}
	place, town := cities[(u.Number + " ")[0]]
	l.city, l.zip, l.rural = place.city, place.zip, !town
	if l.rural {
		l.city, l.zip = "RURAL ROUTE", "00089"
	}
}

// home is the next address where a household lives.
func (l *land) home() Address {
	if l.tower.Number != "" {
		return l.flatIn()
	}
	if l.at < 0 || l.next > l.segments[l.at].High {
		l.open()
	}
	s := &l.segments[l.at]
	a := Address{Number: strconv.Itoa(l.next), Before: s.Before, Street: s.Street, Type: s.Type, City: s.City, State: "XX", ZIP: s.ZIP}
	step := 1
	if s.Side != "both" {
		step = 2
	}
	l.next += step * (1 + l.r.IntN(4))
	if l.rural {
		l.next += 2 * l.r.IntN(40)
	}
	switch {
	case !l.rural && l.r.IntN(100) < 4:
		l.tower = a
		l.floors, l.flats, l.flat = 1+l.r.IntN(4), 2+l.r.IntN(8), 0
		return l.flatIn()
	case l.r.IntN(300) == 0:
		a.Number += " 1/2"
	}
	return a
}

// flatIn is the next flat in a house.
func (l *land) flatIn() Address {
	a := l.tower
	floor, door := 1+l.flat/l.flats, 1+l.flat%l.flats
	a.UnitKind, a.Unit = "APT", fmt.Sprintf("%d%02d", floor, door)
	switch {
	case l.floors == 1 && l.flats < 5:
		a.UnitKind, a.Unit = "UNIT", string(rune('A'+door-1))
	case l.floors == 2:
		a.Unit = strconv.Itoa(l.flat + 1)
	}
	if l.flat++; l.flat >= l.floors*l.flats {
		l.tower = Address{}
	}
	return a
}

// open begins a street, or takes over one that a precinct before has begun.
func (l *land) open() {
	if list := l.later[l.zip]; len(list) > 0 {
		s := list[0]
		l.later[l.zip] = list[1:]
		s.Precinct = l.unit.ID
		l.begin(s)
		return
	}
	s := l.street()
	if !l.rural {
		switch kind := l.r.IntN(100); {
		case kind < 8: // the other side belongs to the next precinct
			other := s
			s.Side, other.Side = "even", "odd"
			other.Low++
			l.later[l.zip] = append(l.later[l.zip], other)
		case kind < 18: // it goes on there
			rest := s
			rest.Low, rest.High = s.High+1, s.High+200
			l.later[l.zip] = append(l.later[l.zip], rest)
		}
	}
	s.Precinct = l.unit.ID
	l.begin(s)
}

func (l *land) begin(s Segment) {
	l.segments = append(l.segments, s)
	l.at, l.next = len(l.segments)-1, s.Low
	if s.Side == "both" {
		l.next += l.r.IntN(2)
	}
	if l.next > s.High {
		l.next = s.High
	}
}

// street names a street that its town does not have yet.
func (l *land) street() Segment {
	n := l.streets[l.zip]
	l.streets[l.zip]++
	s := Segment{Low: 100, High: 100 + 100*(1+l.r.IntN(6)) - 1, Side: "both", City: l.city, ZIP: l.zip}
	if l.rural {
		s.Low, s.High = 1000+l.r.IntN(20)*100, 9999
	}
	words, types := strings.Fields(streetNames), strings.Fields(streetTypes)
	i := (n*37 + 11) % (len(words) * len(types))
	round := n / (len(words) * len(types))
	s.Street, s.Type = strings.ReplaceAll(words[i%len(words)], "_", " "), types[i/len(words)]
	switch {
	case l.rural && n%3 == 0:
		s.Street, s.Type = fmt.Sprintf("COUNTY ROAD %d", 1+n/3), ""
	case n%9 == 4:
		s.Street, s.Type = ordinal(1+n/9), []string{"ST", "AVE"}[n%2]
	case round > 0:
		s.Before = []string{"N", "E", "S", "W", "NE", "SE", "SW", "NW"}[(round-1)%8]
	}
	if round > 8 {
		s.Street += " " + strconv.Itoa(round/8)
	}
	return s
}

func ordinal(n int) string {
	end := "TH"
	if n%100 < 11 || n%100 > 13 {
		end = map[int]string{1: "ST", 2: "ND", 3: "RD"}[n%10]
		if end == "" {
			end = "TH"
		}
	}
	return strconv.Itoa(n) + end
}

const streetTypes = `ST AVE DR LN RD CT WAY CIR PL BLVD TER TRL`

const streetNames = `MAIN OAK ELM MAPLE CEDAR PINE WALNUT CHESTNUT BIRCH ASPEN WILLOW SPRUCE ACACIA ALDER ARROWHEAD BEECH BLUEBELL BLUESTEM BOXELDER BUCKEYE CANYON CARDINAL
	CATALPA CHERRY CHURCH CLOVER COLUMBINE COTTONWOOD CREEKSIDE CRESTVIEW CYPRESS DEPOT DOGWOOD EAGLE ELDERBERRY FAIRVIEW FALCON FERN FOREST FOXGLOVE FRONT GARDEN GARFIELD GOOSEBERRY GRANITE GRANT
	HAWTHORN HAZEL HERON HICKORY HIGH HILLCREST HILLTOP HUCKLEBERRY INDIGO JACKSON JEFFERSON JUNIPER KESTREL KINGBIRD LAKE_VIEW LARCH LARKSPUR LAUREL LIBERTY LILAC LINCOLN LINDEN
	LOCUST LUPINE MADISON MAGPIE MARIGOLD MARKET MEADOW MEADOWLARK MILL MONROE MULBERRY NUTHATCH OLD_MILL ORCHARD ORIOLE OSPREY OVERLOOK PAINTBRUSH PARK PARKSIDE PHEASANT PLEASANT PLUM POPLAR PRIMROSE
	PROSPECT QUAIL RAILROAD RAVEN REDWOOD RIDGE RIVER ROBIN ROSE ROSEWOOD ROWAN SAGE SCHOOL SERVICEBERRY SPARROW SPRING STATE SUMAC SUNFLOWER SUNSET SWALLOW SYCAMORE TAMARACK TAYLOR THISTLE
	TULIP UNION VALLEY_VIEW WARBLER WASHINGTON WATER WILSON WINDSOR WISTERIA WREN YARROW YUCCA ZINNIA`
