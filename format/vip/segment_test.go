// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"strings"
	"testing"
)

func TestSegmentCoversAnAddress(t *testing.T) {
	base := StreetSegment{City: "Larkspur", State: "ZZ", StreetName: "Main", StreetSuffix: "St", Zip: "99999",
		OddEvenBoth: BothSides, StartHouseNumber: Some(100), EndHouseNumber: Some(200)}
	home := Address{Number: 150, StreetName: "Main", StreetSuffix: "St", City: "Larkspur", State: "ZZ", Zip: "99999"}
	one := func(s *StreetSegment) { s.StartHouseNumber, s.EndHouseNumber = Some(150), Some(150) }
	for _, tt := range []struct {
		name    string
		segment func(*StreetSegment)
		address func(*Address)
		want    bool
	}{
		{"within the range", nil, nil, true},
		{"the first house", nil, func(a *Address) { a.Number = 100 }, true},
		{"the last house", nil, func(a *Address) { a.Number = 200 }, true},
		{"before the first", nil, func(a *Address) { a.Number = 99 }, false},
		{"after the last", nil, func(a *Address) { a.Number = 201 }, false},
		{"even side, even house", func(s *StreetSegment) { s.OddEvenBoth = EvenSide }, nil, true},
		{"even side, odd house", func(s *StreetSegment) { s.OddEvenBoth = EvenSide }, func(a *Address) { a.Number = 151 }, false},
		{"odd side, odd house", func(s *StreetSegment) { s.OddEvenBoth = OddSide }, func(a *Address) { a.Number = 151 }, true},
		{"odd side, even house", func(s *StreetSegment) { s.OddEvenBoth = OddSide }, nil, false},
		{"no side is said, so readers must ignore it", func(s *StreetSegment) { s.OddEvenBoth = "" }, nil, false},
		{"a side that is no side", func(s *StreetSegment) { s.OddEvenBoth = "left" }, nil, false},
		{"no end is said", func(s *StreetSegment) { s.EndHouseNumber = Opt[int]{} }, nil, false},
		{"start after end", func(s *StreetSegment) { s.StartHouseNumber = Some(300) }, nil, false},
		{"all addresses, whatever the numbers say", func(s *StreetSegment) {
			s.IncludesAllAddresses, s.StartHouseNumber, s.EndHouseNumber = Some(true), Opt[int]{}, Opt[int]{}
		}, func(a *Address) { a.Number = 9999 }, true},
		{"all addresses of another street", func(s *StreetSegment) { s.IncludesAllAddresses = Some(true) }, func(a *Address) { a.StreetName = "Oak" }, false},
		{"all streets, whatever the street and zip say", func(s *StreetSegment) { s.IncludesAllStreets, s.StreetName = Some(true), "" },
			func(a *Address) { a.StreetName, a.Zip = "Oak", "11111" }, true},
		{"all streets of another city", func(s *StreetSegment) { s.IncludesAllStreets = Some(true) }, func(a *Address) { a.City = "Finch" }, false},
		{"all streets of another state", func(s *StreetSegment) { s.IncludesAllStreets = Some(true) }, func(a *Address) { a.State = "YY" }, false},
		{"the star means every street", func(s *StreetSegment) { s.StreetName = "*" }, func(a *Address) { a.StreetName = "Oak" }, true},
		{"capitals, dots and blanks do not matter", nil, func(a *Address) { a.StreetName, a.StreetSuffix, a.City = " MAIN", "st.", "LARKSPUR " }, true},
		{"the whole street in one field", func(s *StreetSegment) { s.StreetDirection, s.StreetName, s.StreetSuffix = "", "E Main St NE", "" },
			func(a *Address) { a.StreetDirection, a.Direction = "E", "NE" }, true},
		{"N Main St is not Main St", nil, func(a *Address) { a.StreetDirection = "N" }, false},
		{"Main Ave is not Main St", nil, func(a *Address) { a.StreetSuffix = "Ave" }, false},
		{"another zip", nil, func(a *Address) { a.Zip = "99998" }, false},
		{"nine digits of the same zip", nil, func(a *Address) { a.Zip = "99999-1234" }, true},
		{"an address without a zip", nil, func(a *Address) { a.Zip = "" }, true},
		{"150 1/2 lies in a plain range", nil, func(a *Address) { a.NumberSuffix = "1/2" }, true},
		{"B150 is another series of numbers", nil, func(a *Address) { a.NumberPrefix = "B" }, false},
		{"a segment for B150 only", func(s *StreetSegment) { one(s); s.HouseNumberPrefix = "B" }, func(a *Address) { a.NumberPrefix = "b" }, true},
		{"a segment for B150 does not cover 150", func(s *StreetSegment) { one(s); s.HouseNumberPrefix = "B" }, nil, false},
		{"a segment for 150 1/2 only", func(s *StreetSegment) { one(s); s.HouseNumberSuffix = "1/2" }, func(a *Address) { a.NumberSuffix = "1/2" }, true},
		{"a segment for 150 1/2 does not cover 150", func(s *StreetSegment) { one(s); s.HouseNumberSuffix = "1/2" }, nil, false},
		{"a suffix over a range makes no sense", func(s *StreetSegment) { s.HouseNumberSuffix = "1/2" }, func(a *Address) { a.NumberSuffix = "1/2" }, false},
		{"a unit on the list", func(s *StreetSegment) { one(s); s.UnitNumbers = []string{"1", "2A"} }, func(a *Address) { a.Unit = "2a" }, true},
		{"a unit that is not", func(s *StreetSegment) { one(s); s.UnitNumbers = []string{"1", "2A"} }, func(a *Address) { a.Unit = "3" }, false},
		{"any unit where none is listed", nil, func(a *Address) { a.Unit = "3" }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, a := base, home
			if tt.segment != nil {
				tt.segment(&s)
			}
			if tt.address != nil {
				tt.address(&a)
			}
			if got := s.Covers(a); got != tt.want {
				t.Errorf("got %t, want %t, for %+v", got, tt.want, a)
			}
		})
	}
}

func TestFindPrefersTheSegmentThatKnowsMost(t *testing.T) {
	xml := `<VipObject schemaVersion="6.0">` + strings.Join([]string{
		`<StreetSegment id="city"><City>L</City><IncludesAllStreets>true</IncludesAllStreets><OddEvenBoth>both</OddEvenBoth><State>ZZ</State></StreetSegment>`,
		`<StreetSegment id="street"><City>L</City><IncludesAllAddresses>true</IncludesAllAddresses><OddEvenBoth>both</OddEvenBoth><State>ZZ</State><StreetName>Main</StreetName></StreetSegment>`,
		`<StreetSegment id="range"><City>L</City><OddEvenBoth>both</OddEvenBoth><StartHouseNumber>1</StartHouseNumber><EndHouseNumber>99</EndHouseNumber><State>ZZ</State><StreetName>Main</StreetName></StreetSegment>`,
		`<StreetSegment id="range2"><City>L</City><OddEvenBoth>odd</OddEvenBoth><StartHouseNumber>1</StartHouseNumber><EndHouseNumber>9</EndHouseNumber><State>ZZ</State><StreetName>Main</StreetName></StreetSegment>`,
		`<StreetSegment id="house"><City>L</City><OddEvenBoth>both</OddEvenBoth><StartHouseNumber>22</StartHouseNumber><EndHouseNumber>22</EndHouseNumber><State>ZZ</State><StreetName>Main</StreetName></StreetSegment>`,
		`<StreetSegment id="half"><City>L</City><OddEvenBoth>both</OddEvenBoth><StartHouseNumber>22</StartHouseNumber><EndHouseNumber>22</EndHouseNumber><HouseNumberSuffix>1/2</HouseNumberSuffix><State>ZZ</State><StreetName>Main</StreetName></StreetSegment>`,
		`<StreetSegment id="unit"><City>L</City><OddEvenBoth>both</OddEvenBoth><StartHouseNumber>22</StartHouseNumber><EndHouseNumber>22</EndHouseNumber><State>ZZ</State><StreetName>Main</StreetName><UnitNumber>7</UnitNumber></StreetSegment>`,
	}, "") + `</VipObject>`
	feed, _, err := Read(strings.NewReader(xml), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	main := Address{StreetName: "Main", City: "L", State: "ZZ"}
	for _, tt := range []struct {
		name    string
		address func(*Address)
		want    string
	}{
		{"another street falls back on the city", func(a *Address) { a.StreetName = "Oak" }, "city"},
		{"a number in no range falls back on the street", func(a *Address) { a.Number = 500 }, "street"},
		{"a number in a range", func(a *Address) { a.Number = 50 }, "range"},
		{"two ranges contradict each other", func(a *Address) { a.Number = 5 }, "range range2"},
		{"one house", func(a *Address) { a.Number = 22 }, "house"},
		{"the house behind it", func(a *Address) { a.Number, a.NumberSuffix = 22, "1/2" }, "half"},
		{"one unit of the house", func(a *Address) { a.Number, a.Unit = 22, "7" }, "unit"},
		{"another state", func(a *Address) { a.State = "YY" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := main
			tt.address(&a)
			var got []string
			for _, s := range Find(feed.StreetSegments, a) {
				got = append(got, string(s.ID))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
