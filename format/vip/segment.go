// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"slices"
	"strings"
)

// Address is a voter's address in the parts that street segments speak of.
// The words should be abbreviated the way the feed abbreviates them (St, Ave,
// NE); capitals, dots and double blanks do not matter.
type Address struct {
	Number          int
	NumberPrefix    string // B in "B22 Main St"
	NumberSuffix    string // 1/2 in "22 1/2 Main St"
	StreetDirection string // E in "100 E Capitol St NE"
	StreetName      string
	StreetSuffix    string
	Direction       string // NE in "100 E Capitol St NE"
	Unit            string
	City            string
	State           string
	Zip             string
}

// Covers tells whether an address lies on the segment, by the rules of the
// specification:
//
//   - IncludesAllStreets, or the street name "*", covers the whole city;
//   - IncludesAllAddresses covers the whole street;
//   - otherwise the house number must lie between StartHouseNumber and
//     EndHouseNumber, on the side that OddEvenBoth names;
//   - a segment with a prefix, a suffix or units covers only those;
//   - a segment without a suffix covers 22 1/2 as it covers 22, but B22 is
//     another series of numbers than 22.
//
// Where several segments cover an address, the one with the higher Rank knows
// more about it; see Find. Street parts may stand in their own fields or all
// in StreetName, but all of them count: Main St is not N Main St.
func (s *StreetSegment) Covers(a Address) bool {
	if s.unusable() != "" || !same(s.State, a.State) || !same(s.City, a.City) {
		return false
	}
	if s.allStreets() {
		return true
	}
	if !sameZip(s.Zip, a.Zip) || !s.onStreet(a) {
		return false
	}
	if s.IncludesAllAddresses.Value {
		return true
	}
	return s.hasNumber(a) && s.hasUnit(a.Unit)
}

// Rank says how closely a segment describes the addresses it covers.
func (s *StreetSegment) Rank() int {
	switch {
	case s.allStreets():
		return 0
	case s.IncludesAllAddresses.Value:
		return 1
	case len(s.UnitNumbers) > 0:
		return 5
	case s.HouseNumberPrefix != "" || s.HouseNumberSuffix != "":
		return 4
	case s.StartHouseNumber == s.EndHouseNumber:
		return 3
	}
	return 2
}

// Find gives the segments that cover an address and know most about it. More
// than one, in different precincts, means that the feed contradicts itself.
func Find(segments []StreetSegment, a Address) []*StreetSegment {
	var found []*StreetSegment
	for i := range segments {
		s := &segments[i]
		if !s.Covers(a) {
			continue
		}
		if len(found) > 0 && s.Rank() > found[0].Rank() {
			found = found[:0]
		}
		if len(found) == 0 || s.Rank() == found[0].Rank() {
			found = append(found, s)
		}
	}
	return found
}

// unusable says why readers must ignore a segment, or nothing.
func (s *StreetSegment) unusable() string {
	start, end := s.StartHouseNumber, s.EndHouseNumber
	oneHouse := s.HouseNumberPrefix != "" || s.HouseNumberSuffix != "" || len(s.UnitNumbers) > 0
	switch {
	case s.OddEvenBoth != OddSide && s.OddEvenBoth != EvenSide && s.OddEvenBoth != BothSides:
		return "OddEvenBoth does not say which side of the street is meant"
	case s.allStreets():
		return ""
	case s.StreetName == "":
		return "there is no street name"
	case s.IncludesAllAddresses.Value:
		return ""
	case !start.Set || !end.Set:
		return "StartHouseNumber or EndHouseNumber is missing, and IncludesAllAddresses is not true"
	case start.Value > end.Value:
		return "StartHouseNumber is greater than EndHouseNumber"
	case oneHouse && start.Value != end.Value:
		return "a prefix, suffix or unit stands beside more than one house number"
	}
	return ""
}

func (s *StreetSegment) allStreets() bool {
	return s.IncludesAllStreets.Value || s.StreetName == "*"
}

func (s *StreetSegment) hasNumber(a Address) bool {
	if a.Number < s.StartHouseNumber.Value || a.Number > s.EndHouseNumber.Value {
		return false
	}
	odd := a.Number%2 != 0
	if s.OddEvenBoth == OddSide && !odd || s.OddEvenBoth == EvenSide && odd {
		return false
	}
	return same(s.HouseNumberPrefix, a.NumberPrefix) &&
		(s.HouseNumberSuffix == "" || same(s.HouseNumberSuffix, a.NumberSuffix))
}

func (s *StreetSegment) hasUnit(unit string) bool {
	return len(s.UnitNumbers) == 0 || slices.ContainsFunc(s.UnitNumbers, func(u string) bool { return same(u, unit) })
}

// onStreet compares the parts of the street one after the other as words, for
// feeds may put "E Capitol St NE" into StreetName alone.
func (s *StreetSegment) onStreet(a Address) bool {
	return sameWords(
		[4]string{s.StreetDirection, s.StreetName, s.StreetSuffix, s.AddressDirection},
		[4]string{a.StreetDirection, a.StreetName, a.StreetSuffix, a.Direction})
}

func sameWords(a, b [4]string) bool {
	if a[1] != "" && b[1] != "" && same(a[0], b[0]) && same(a[1], b[1]) && same(a[2], b[2]) && same(a[3], b[3]) {
		return true
	}
	return plainWords(strings.Join(a[:], " ")) == plainWords(strings.Join(b[:], " "))
}

// same compares two short texts as people read them.
func same(a, b string) bool {
	return strings.EqualFold(a, b) || plainWords(a) == plainWords(b)
}

// plainWords drops what makes no difference: capitals, dots, double blanks.
func plainWords(s string) string {
	return strings.Join(strings.Fields(strings.ToUpper(strings.ReplaceAll(s, ".", ""))), " ")
}

// sameZip compares five digits, where both sides have them.
func sameZip(a, b string) bool {
	return len(a) < 5 || len(b) < 5 || a[:5] == b[:5]
}
