// SPDX-License-Identifier: Apache-2.0

package place

import (
	"cmp"
	"fmt"
	"strings"

	"hustings/election"
	"hustings/format/vip"
	"hustings/office/registry/roll"
)

// Side is a side of a street by its house numbers.
type Side string

// The sides.
const (
	Both Side = "both"
	Even Side = "even"
	Odd  Side = "odd"
)

// Segment is a part of a street that lies in one precinct or split.
type Segment struct {
	ID         string
	Unit       election.UnitID // the precinct, or the split of one
	Start, End string          // house numbers: "100", "37-01", "N6W23001"
	Side       Side
	Suffix     string      // "1/2": this house alone
	Units      []UnitRange // apartments; none means all
	Street     roll.Address
	AllHouses  bool // the whole street
	AllStreets bool // the whole city
}

// UnitRange is one apartment, or all from one to another.
type UnitRange struct{ From, To string }

// FromVIP takes the street segments of a feed.
func FromVIP(in []vip.StreetSegment) []Segment {
	out := make([]Segment, len(in))
	for i := range in {
		s := &in[i]
		out[i] = Segment{ID: string(s.ID), Unit: election.UnitID(s.PrecinctID), Side: Side(s.OddEvenBoth), Suffix: s.HouseNumberSuffix,
			AllHouses: s.IncludesAllAddresses.Value, AllStreets: s.IncludesAllStreets.Value || s.StreetName == "*",
			Street: roll.Address{Before: s.StreetDirection, Street: s.StreetName, Type: s.StreetSuffix, After: s.AddressDirection, City: s.City, State: s.State, ZIP: s.Zip}}
		if s.StartHouseNumber.Set {
			out[i].Start = fmt.Sprintf("%s%d", s.HouseNumberPrefix, s.StartHouseNumber.Value)
		}
		if s.EndHouseNumber.Set {
			out[i].End = fmt.Sprintf("%s%d", s.HouseNumberPrefix, s.EndHouseNumber.Value)
		}
		for _, u := range s.UnitNumbers {
			out[i].Units = append(out[i].Units, UnitRange{u, u})
		}
	}
	return out
}

// stretch is a segment as it is searched.
type stretch struct {
	at         int32 // in the list of segments
	from, to   int
	prefix     string
	suffix     string
	side       Side
	units      []unitSpan
	zip        uint32
	rank       uint8
	city       string // with ST for SAINT
	state      string
	furthest   int // the highest number of this and all before it
	allHouses  bool
	allStreets bool
}

type unitSpan struct{ from, to House }

// read makes a segment searchable, or says why it cannot be used.
func (s *Segment) read() (t stretch, street string, why string) {
	t = stretch{side: s.Side, suffix: clean(s.Suffix), city: cityName(s.Street.City), allHouses: s.AllHouses, allStreets: s.AllStreets}
	t.state = cmp.Or(states[clean(s.Street.State)], clean(s.Street.State))
	if zip, ok := readZIP(strings.TrimSpace(s.Street.ZIP)); ok {
		t.zip = fiveDigits(zip)
	}
	if s.Unit == "" {
		return t, "", "names no precinct"
	}
	if t.side != Both && t.side != Even && t.side != Odd {
		return t, "", "does not say which side of the street is meant: even, odd or both"
	}
	if s.AllStreets {
		if t.city == "" {
			return t, "", "covers all streets of a city, and names no city"
		}
		return t, "", ""
	}
	var room [24]string
	w, _ := readStreet(room[:0], &s.Street)
	if w.name == "" || len(s.Street.Street) > maxLine {
		return t, "", "names no street"
	}
	street = string(wayKey(nil, w))
	if s.AllHouses {
		t.rank = 1
		return t, street, ""
	}
	return t, street, t.readRange(s)
}

// readRange reads the house numbers and the apartments.
func (t *stretch) readRange(s *Segment) (why string) {
	from, ok := ReadHouse(s.Start)
	to, also := ReadHouse(s.End)
	switch {
	case !ok || !also:
		return fmt.Sprintf("has no house numbers to go by (%q to %q)", s.Start, s.End)
	case from.Prefix != to.Prefix:
		return fmt.Sprintf("begins in one series of numbers and ends in another (%s to %s)", s.Start, s.End)
	case from.Number > to.Number:
		return fmt.Sprintf("begins at %s, behind its end at %s", s.Start, s.End)
	}
	t.from, t.to, t.prefix = from.Number, to.Number, from.Prefix
	t.suffix = cmp.Or(t.suffix, from.Suffix)
	one := from.Number == to.Number
	if (t.suffix != "" || len(s.Units) > 0) && !one {
		return "names a fraction or units beside more than one house number"
	}
	if t.side == Odd && one && t.from%2 == 0 || t.side == Even && one && t.from%2 != 0 {
		return fmt.Sprintf("is of the %s side, and %s is not on it", t.side, s.Start)
	}
	for _, u := range s.Units {
		t.units = append(t.units, unitSpan{unitHouse(u.From), unitHouse(cmp.Or(u.To, u.From))})
	}
	switch {
	case len(t.units) > 0:
		t.rank = 5
	case t.suffix != "":
		t.rank = 4
	case one:
		t.rank = 3
	default:
		t.rank = 2
	}
	return ""
}

// unitHouse takes the number of a unit apart as if it were a house: 4B, B12.
func unitHouse(unit string) House {
	d := door("", unit)
	if h, ok := readHouse(d); ok {
		return h
	}
	return House{Prefix: d}
}

func (u unitSpan) has(unit string) bool {
	h := unitHouse(unit)
	if h.Prefix == u.from.Prefix && h.Prefix == u.to.Prefix && h.Number >= u.from.Number && h.Number <= u.to.Number {
		return u.from.Number < u.to.Number || h.Suffix >= u.from.Suffix && h.Suffix <= u.to.Suffix
	}
	// A to F: letters alone
	return h.Number == 0 && len(h.Prefix) == 1 && len(u.from.Prefix) == 1 && len(u.to.Prefix) == 1 && u.from.Number == 0 && u.to.Number == 0 &&
		h.Prefix >= u.from.Prefix && h.Prefix <= u.to.Prefix
}

// covers says whether the stretch holds a house of its street.
func (t *stretch) covers(h House, unit string) bool {
	if t.allHouses || t.allStreets {
		return true
	}
	if h.Number < t.from || h.Number > t.to || h.Prefix != t.prefix || !t.side.has(h.Number) {
		return false
	}
	if t.suffix != "" && t.suffix != h.Suffix {
		return false
	}
	if len(t.units) == 0 {
		return true
	}
	for _, u := range t.units {
		if unit != "" && u.has(unit) {
			return true
		}
	}
	return false
}

func (s Side) has(n int) bool { return s == Both || (s == Odd) == (n%2 != 0) }

// String says the segment as people read ranges: "100-198 even".
func (s *Segment) String() string {
	switch {
	case s.AllStreets:
		return "all of " + s.Street.City
	case s.AllHouses:
		return "all houses"
	case s.Start == s.End:
		return s.Start + s.Suffix
	case s.Side == Both:
		return s.Start + "–" + s.End
	}
	return s.Start + "–" + s.End + " " + string(s.Side)
}

func fiveDigits(zip string) (n uint32) {
	if len(zip) < 5 {
		return 0
	}
	for i := range 5 {
		if !digit(zip[i]) {
			return 0
		}
		n = n*10 + uint32(zip[i]-'0')
	}
	return n
}
