// SPDX-License-Identifier: Apache-2.0

package place

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hustings/election"
	"hustings/format/vip"
	"hustings/office/registry/roll"
)

// seg is a segment of a street in Larkspur, ZZ 99999: "Elm St".
func seg(id, unit, start, end string, side Side, street string) Segment {
	return Segment{ID: id, Unit: election.UnitID(unit), Start: start, End: end, Side: side,
		Street: roll.Address{Street: street, City: "Larkspur", State: "NC", ZIP: "27999"}}
}

// town are ranges of every kind.
func town() []Segment {
	fraction := seg("s6", "P6", "22", "22", Both, "Oak Ave")
	fraction.Suffix = "1/2"
	flats := seg("s8", "P8", "30", "30", Both, "Oak Ave")
	flats.Units = []UnitRange{{"101", "120"}, {"A", "C"}}
	whole := Segment{ID: "s9", Unit: "P9", Side: Both, AllHouses: true, Street: roll.Address{Street: "Chapel Hill", Type: "Rd", City: "Larkspur", State: "NC"}}
	city := Segment{ID: "s10", Unit: "P10", Side: Both, AllStreets: true, Street: roll.Address{City: "Saint Ives", State: "NC"}}
	return []Segment{
		seg("s1", "P1", "100", "198", Even, "Elm St"), seg("s2", "P2", "301", "399", Odd, "Elm St"),
		seg("s3", "P3", "1", "99", Both, "North Elm Street"), seg("s4", "P4", "1", "201", Both, "Oak Ave"), seg("s5", "P5", "50", "50", Both, "Oak Ave"),
		fraction, seg("s7", "P7", "37-01", "37-99", Odd, "35th Ave"), flats, whole, city,
		seg("s11", "P11", "N6W23000", "N6W23098", Both, "Bluemound Rd"), seg("s12", "P12", "3801", "3899", Odd, "35th Ave"),
		seg("s13", "P13", "1", "9", Both, "First Street"), seg("s14", "P14", "1", "9", Both, "Pine St"), seg("s15", "P15", "1", "9", Both, "Pine Ct"),
	}
}

func TestFind(t *testing.T) {
	s, flaws := NewStreets(town())
	for _, f := range flaws {
		if f.Kind != Gap {
			t.Errorf("%s: %s", f.Kind, f.Why)
		}
	}
	for _, tt := range []struct {
		name, line, want string
		sure             Confidence
	}{
		{"the first even house", "100 Elm Street, Larkspur, NC 27999", "P1", Certain},
		{"the last even house", "198 ELM ST, LARKSPUR, NC", "P1", Certain},
		{"the odd side has nobody", "199 Elm St, Larkspur, NC 27999", "", None},
		{"the other end of the street", "301 Elm St, Larkspur, NC 27999", "P2", Certain},
		{"another street", "7 N Elm St, Larkspur, NC 27999", "P3", Certain},
		{"one house within a range", "50 Oak Ave, Larkspur, NC 27999", "P5", Certain},
		{"a fraction of its own", "22 1/2 Oak Av, Larkspur, NC 27999", "P6", Certain},
		{"the house beside it", "22 Oak Av, Larkspur, NC 27999", "P4", Certain},
		{"a letter counts as its number", "24A Oak Av, Larkspur, NC 27999", "P4", Certain},
		{"an apartment of a range", "30 Oak Ave Apt 110, Larkspur, NC 27999", "P8", Certain},
		{"an apartment with a letter", "30 Oak Ave #B, Larkspur, NC 27999", "P8", Certain},
		{"an apartment of none", "30 Oak Ave Apt 121, Larkspur, NC 27999", "P4", Certain},
		{"Queens", "37-17 35th Avenue, Larkspur, NC 27999", "P7", Certain},
		{"Queens in a list without hyphens", "38-17 35th Avenue, Larkspur, NC 27999", "P12", Likely},
		{"a grid", "N6 W23001 Bluemound Rd, Larkspur, NC 27999", "P11", Certain},
		{"another series of numbers", "23001 Bluemound Rd, Larkspur, NC 27999", "", None},
		{"a whole street", "9000 Chapel Hill Rd, Larkspur, NC 27999", "P9", Certain},
		{"a whole city, spelled otherwise", "1 Anything Ln, St. Ives, NC 27001", "P10", Certain},
		{"a number in words", "3 1st St, Larkspur, NC 27999", "P13", Certain},
		{"the ZIP code is the same", "100 Elm St, Lark Spur, NC 27999", "P1", Likely},
		{"the city is the same", "100 Elm St, Larkspur, NC 27111", "P1", Likely},
		{"another state", "100 Elm St, Larkspur, VA 27999", "", None},
		{"another place", "100 Elm St, Durham, NC 27701", "", None},
		{"the type is left out", "100 Oak, Larkspur, NC 27999", "P4", Likely},
		{"the type is left out of two streets", "5 Pine, Larkspur, NC 27999", "", Unsure},
		{"another type is another street", "100 Oak St, Larkspur, NC 27999", "", None},
		{"a box", "PO Box 100, Larkspur, NC 27999", "", None},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := s.Find(Read(tt.line).Address)
			if string(m.Unit) != tt.want || m.Confidence != tt.sure {
				t.Errorf("%s is in %q (%s, %s), want %q (%s)", tt.line, m.Unit, m.Confidence, m.Note, tt.want, tt.sure)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	s, _ := NewStreets(town())
	for _, tt := range []struct{ name, line, want string }{
		{"the other side", "199 Elm St, Larkspur, NC 27999", "ELM ST has 100–198 even here; 199 is odd"},
		{"within a range of the other side", "151 Elm St, Larkspur, NC 27999", "ELM ST has 100–198 even here; 151 is odd"},
		{"past the end", "500 Elm St, Larkspur, NC 27999", "ELM ST has 301–399 odd, 100–198 even here, and not 500"},
		{"another series", "5 Bluemound Rd, Larkspur, NC 27999", "no number of the kind of 5"},
		{"another type", "5 Elm Ct, Larkspur, NC 27999", "there is ELM ST, N ELM ST"},
		{"a typing error", "5 Chapil Hill Rd, Larkspur, NC 27999", "there is CHAPEL HILL RD"},
		{"no such street", "5 Quux Blvd, Larkspur, NC 27999", "no street here is called QUUX BLVD"},
		{"elsewhere", "5 Elm St, Durham, NC 27701", "ELM ST is known in LARKSPUR 27999, and not here"},
		{"no number", "Elm St", "is no house number"},
		{"found", "100 Elm St, Larkspur, NC 27999", "segment s1 has it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := s.Explain(Read(tt.line).Address); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestFlaws(t *testing.T) {
	half := seg("a", "P1", "10", "20", Both, "Elm St")
	half.Suffix = "1/2"
	noUnit := seg("a", "", "10", "20", Both, "Elm St")
	flat := func(id, unit, from, to string) Segment {
		s := seg(id, unit, "10", "10", Both, "Elm St")
		s.Units = []UnitRange{{from, to}}
		return s
	}
	for _, tt := range []struct {
		name string
		in   []Segment
		want string // kind: part of why, by line
	}{
		{"nothing wrong", []Segment{seg("a", "P1", "100", "198", Even, "Elm St"), seg("b", "P2", "101", "199", Odd, "Elm St"), seg("c", "P1", "200", "298", Even, "Elm St")}, ""},
		{"two precincts claim a house", []Segment{seg("a", "P1", "100", "200", Even, "Elm St"), seg("b", "P2", "199", "299", Both, "Elm Street")}, "overlap: ELM ST: segment a (100–200 even) is in P1"},
		{"only the other side", []Segment{seg("a", "P1", "100", "198", Even, "Elm St"), seg("b", "P2", "99", "199", Odd, "Elm St")}, ""},
		{"the same twice", []Segment{seg("a", "P1", "100", "198", Even, "Elm St"), seg("b", "P1", "198", "298", Even, "Elm St")}, "double:"},
		{"one house of a range is another's", []Segment{seg("a", "P1", "100", "198", Both, "Elm St"), seg("b", "P2", "150", "150", Both, "Elm St")}, ""},
		{"a gap", []Segment{seg("a", "P1", "100", "198", Even, "Elm St"), seg("b", "P2", "300", "398", Even, "Elm St")}, "gap: ELM ST: nobody has the even numbers from 200 to 298"},
		{"another series has no gap", []Segment{seg("a", "P1", "N1W100", "N1W200", Both, "Elm St"), seg("b", "P1", "N2W900", "N2W999", Both, "Elm St")}, ""},
		{"apartments of both", []Segment{flat("a", "P1", "1", "20"), flat("b", "P2", "20", "30")}, "overlap:"},
		{"apartments of each", []Segment{flat("a", "P1", "1", "19"), flat("b", "P2", "20", "30")}, ""},
		{"from the end to the beginning", []Segment{seg("a", "P1", "200", "100", Both, "Elm St")}, "unusable: segment a begins at 200"},
		{"no numbers", []Segment{seg("a", "P1", "", "100", Both, "Elm St")}, "unusable: segment a has no house numbers"},
		{"no side", []Segment{seg("a", "P1", "1", "100", "left", "Elm St")}, "which side"},
		{"no street", []Segment{seg("a", "P1", "1", "100", Both, " ")}, "names no street"},
		{"no precinct", []Segment{noUnit}, "names no precinct"},
		{"a fraction of many houses", []Segment{half}, "a fraction or units"},
		{"an odd house on the even side", []Segment{seg("a", "P1", "7", "7", Even, "Elm St")}, "is not on it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, flaws := NewStreets(tt.in)
			var said []string
			for _, f := range flaws {
				said = append(said, string(f.Kind)+": "+f.Why)
			}
			if got := strings.Join(said, "\n"); tt.want == "" && got != "" || !strings.Contains(got, tt.want) || len(said) > 1 {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// An address inside exactly one segment gets that segment; one inside several
// of one rank is left to people; one inside none has no answer.
func TestEveryAddressGetsItsSegment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in []Segment
		for i := range rapid.IntRange(1, 12).Draw(t, "segments") {
			from := rapid.IntRange(1, 60).Draw(t, "from")
			in = append(in, seg(fmt.Sprint(i), fmt.Sprint("P", i), fmt.Sprint(from), fmt.Sprint(from+rapid.IntRange(1, 20).Draw(t, "length")),
				rapid.SampledFrom([]Side{Both, Even, Odd}).Draw(t, "side"), rapid.SampledFrom([]string{"Elm St", "N Elm St", "Elm Ct"}).Draw(t, "street")))
		}
		s, _ := NewStreets(in)
		a := roll.Address{Number: fmt.Sprint(rapid.IntRange(1, 90).Draw(t, "number")), Street: "ELM", Type: "ST", City: "LARKSPUR", State: "NC", ZIP: "27999"}
		var n int
		fmt.Sscan(a.Number, &n)
		var want []election.UnitID
		for _, x := range in {
			var from, to int
			fmt.Sscan(x.Start, &from)
			fmt.Sscan(x.End, &to)
			if x.Street.Street == "Elm St" && from <= n && n <= to && (x.Side == Both || (x.Side == Odd) == (n%2 == 1)) {
				want = append(want, x.Unit)
			}
		}
		slices.Sort(want)
		switch m := s.Find(a); {
		case len(want) == 1 && (m.Unit != want[0] || m.Confidence != Certain):
			t.Fatalf("%s is in %v alone, got %+v", a.Number, want, m)
		case len(want) > 1 && (m.Confidence != Unsure || !slices.Equal(m.Units, want)):
			t.Fatalf("%s is in %v, got %+v", a.Number, want, m)
		case len(want) == 0 && m.Confidence == Certain:
			t.Fatalf("%s is in none, got %+v", a.Number, m)
		}
	})
}

// The ways that the index and the specification's own rule find segments agree
// on the sample feed.
func TestTheSampleFeed(t *testing.T) {
	f, err := os.Open("../../../../shared/data/vip/sample_feed_v5.2.xml")
	if err != nil {
		t.Skip("needs ../shared/data/vip")
	}
	defer f.Close()
	feed, _, err := vip.Read(f, vip.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, flaws := NewStreets(FromVIP(feed.StreetSegments))
	for _, flaw := range flaws {
		t.Errorf("%+v", flaw)
	}
	for _, tt := range []struct{ line, want string }{
		{"B1 1/2 Misty Mountain Road, Greenwood, VA 22943", "pre92145"},
		{"77 Misty Mountain Rd, Greenwood, VA 22943", "pre92145"},
		{"12 Chapel Hill Rd, Charlottesville, VA 22901", "pre99999"},
		{"31 Vincennes Court, Charlottesville, Virginia 22911", "pre90994sp0000"},
		{"33 Vincennes Court, Charlottesville, VA 22911", "pre00000"}, // all streets of the city
		{"5 Garnett Center Dr, Charlottesville, VA", "pre90994sp0001"},
		{"100 Georgetown Green, Charlottesville, VA 22901", "pre90348sp0000"},
		{"522 Patterson Mill Ln, Crozet, VA 22932", ""},
	} {
		if m := s.Find(Read(tt.line).Address); string(m.Unit) != tt.want {
			t.Errorf("%s is in %q, want %q", tt.line, m.Unit, tt.want)
		}
	}
	if len(feed.StreetSegments) != 13 {
		t.Errorf("%d segments, want 13", len(feed.StreetSegments))
	}
}
