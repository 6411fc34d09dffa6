// SPDX-License-Identifier: Apache-2.0

package place

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/election"
	"hustings/format/geojson"
	"hustings/office/registry/roll"
)

// square is a shape with corners at x, y and x+1, y+1, drawn one way or the
// other; scaled so that a border is a metre or so wide.
func square(id string, x, y float64, backwards bool) geojson.Feature {
	ring := []geojson.Point{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}
	if backwards {
		slices.Reverse(ring)
	}
	return geojson.Feature{ID: id, Geometry: &geojson.Geometry{Type: geojson.TypePolygon, Polygons: []geojson.Polygon{{ring}}}}
}

func byID(f *geojson.Feature) string { return f.ID }

func quarters() []geojson.Feature {
	return []geojson.Feature{square("A", 0, 0, false), square("B", 1, 0, true), square("C", 0, 1, true), square("D", 1, 1, false)}
}

func TestPointsOnTheMap(t *testing.T) {
	hole := geojson.Feature{ID: "H", Geometry: &geojson.Geometry{Polygons: []geojson.Polygon{{
		{{10, 0}, {14, 0}, {14, 4}, {10, 4}, {10, 0}}, {{11, 1}, {13, 1}, {13, 3}, {11, 3}, {11, 1}}}}}}
	forward := append(quarters(), hole)
	backward := slices.Clone(forward)
	slices.Reverse(backward)
	for _, tt := range []struct {
		name     string
		lon, lat float64
		want     Spot
	}{
		{"inside", 0.5, 0.5, Spot{ID: "A"}},
		{"inside another", 1.5, 1.5, Spot{ID: "D"}},
		{"on a border: the first id", 1, 0.5, Spot{ID: "A", Others: []string{"B"}, Near: true}},
		{"on a level border", 0.5, 1, Spot{ID: "A", Others: []string{"C"}, Near: true}},
		{"on the corner of four", 1, 1, Spot{ID: "A", Others: []string{"B", "C", "D"}, Near: true}},
		{"on the edge of the map", 2, 1.5, Spot{ID: "D", Near: true}},
		{"10 m from a border", 1.00009, 0.5, Spot{ID: "B", Near: true}},
		{"30 m from a border", 1.00030, 0.5, Spot{ID: "B"}},
		{"outside", 3, 3, Spot{}},
		{"in a hole", 12, 2, Spot{}},
		{"around the hole", 10.5, 2, Spot{ID: "H"}},
		{"no number", math.NaN(), 1, Spot{}},
		{"no place on earth", 1, math.Inf(1), Spot{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, features := range [][]geojson.Feature{forward, backward} {
				l, problems := NewLayer("precincts", features, byID)
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				if diff := cmp.Diff(tt.want, l.At(roll.Point{Latitude: tt.lat, Longitude: tt.lon})); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestShapesThatCannotBeUsed(t *testing.T) {
	l, problems := NewLayer("precincts", []geojson.Feature{{ID: "", Geometry: quarters()[0].Geometry}, {ID: "x"}, {ID: "p", Geometry: &geojson.Geometry{Points: []geojson.Point{{1, 1}}}},
		{ID: "flat", Geometry: &geojson.Geometry{Polygons: []geojson.Polygon{{{{1, 1}, {2, 1}, {1, 1}}}}}}}, byID)
	if len(problems) != 3 {
		t.Errorf("problems %v, want three", problems)
	}
	if s := l.At(roll.Point{Latitude: 5, Longitude: 5}); s.ID != "" {
		t.Errorf("got %+v", s)
	}
	empty, _ := NewLayer("none", nil, byID)
	if s := empty.At(roll.Point{}); s.ID != "" {
		t.Errorf("got %+v", s)
	}
}

// Every point of a plane that is cut in triangles is in one of them, and in the
// one that a plain even-odd test finds.
func TestEveryPointHasItsArea(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := func(name string) geojson.Point {
			return geojson.Point{rapid.Float64Range(0.1, 0.9).Draw(t, name), rapid.Float64Range(0.1, 0.9).Draw(t, name)}
		}
		mid := at("middle")
		corners := []geojson.Point{{0, 0}, {1, 0}, {1, 1}, {0, 1}}
		var features []geojson.Feature
		for i, c := range corners {
			d := corners[(i+1)%4]
			features = append(features, geojson.Feature{ID: fmt.Sprint(i), Geometry: &geojson.Geometry{Type: geojson.TypePolygon, Polygons: []geojson.Polygon{{{c, d, mid, c}}}}})
		}
		l, _ := NewLayer("x", features, byID)
		p := at("point")
		s := l.At(roll.Point{Latitude: p[1], Longitude: p[0]})
		if s.ID == "" {
			t.Fatalf("%v is nowhere", p)
		}
		for _, f := range features {
			if !s.Near && f.Geometry.Contains(p) != (f.ID == s.ID) {
				t.Fatalf("%v is in %s, got %+v", p, f.ID, s)
			}
		}
	})
}

// The real splits: the middle of each is found in it, and the plain test says
// the same of points between.
func TestTheSplitsOfMaricopa(t *testing.T) {
	f, err := os.Open("../../../../shared/data/geo/maricopa-2020-precinct-splits.geojson")
	if err != nil {
		t.Skip("needs ../shared/data/geo")
	}
	defer f.Close()
	c, _, err := geojson.Read(f, geojson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	split := func(f *geojson.Feature) string { return f.Text("ELECTPCT") + "." + f.Text("SPLITID") }
	l, problems := NewLayer("splits", c.Features, split)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	right := 0
	for i := range c.Features {
		f := &c.Features[i]
		p, ok := f.Geometry.LabelPoint()
		if !ok {
			continue
		}
		s := l.At(roll.Point{Latitude: p[1], Longitude: p[0]})
		if s.ID == split(f) || slices.Contains(s.Others, split(f)) {
			right++
		}
	}
	if right != len(c.Features) {
		t.Errorf("%d of %d splits are found at their middle", right, len(c.Features))
	}
}

// shire has ranges, splits and districts that meet and differ.
func shire() *Assigner {
	streets, _ := NewStreets([]Segment{seg("s1", "A", "1", "99", Both, "Elm St"), seg("s2", "B", "101", "199", Both, "Elm St"),
		seg("s3", "B", "150", "150", Both, "Oak St"), seg("s4", "A", "150", "150", Both, "Oak St")})
	splits, _ := NewLayer("splits", []geojson.Feature{square("A.1", 0, 0, false), square("A.2", 0, 1, false), square("B", 1, 0, false)}, byID)
	water, _ := NewLayer("water", []geojson.Feature{square("water-1", 0.5, 0, false)}, byID)
	return &Assigner{Streets: streets, Areas: splits, Districts: []*Layer{water},
		Parent: map[election.UnitID]election.UnitID{"A.1": "A", "A.2": "A"},
		Of:     map[election.UnitID][]election.DistrictID{"A": {"house-1"}, "A.1": {"school-1"}, "A.2": {"school-2"}, "B": {"house-2"}}}
}

func home(line string, at ...float64) roll.Address {
	a := Read(line + ", Larkspur, NC 27999").Address
	if len(at) == 2 {
		a.Point = &roll.Point{Longitude: at[0], Latitude: at[1]}
	}
	return a
}

func TestAssign(t *testing.T) {
	s := shire()
	for _, tt := range []struct {
		name      string
		a         roll.Address
		unit      election.UnitID
		how       How
		sure      Confidence
		districts []election.DistrictID
	}{
		{"the range alone", home("5 Elm St"), "A", ByRange, Certain, []election.DistrictID{"house-1"}},
		{"the map knows the split", home("5 Elm St", 0.2, 1.5), "A.2", ByBoth, Certain, []election.DistrictID{"house-1", "school-2"}},
		{"at the border of the split", home("5 Elm St", 0.2, 1.00001), "A.2", ByBoth, Likely, []election.DistrictID{"house-1", "school-2"}},
		{"a district with its own map", home("5 Elm St", 0.7, 0.5), "A.1", ByBoth, Certain, []election.DistrictID{"house-1", "school-1", "water-1"}},
		{"the map alone", home("5 Unknown Ln", 0.2, 0.5), "A.1", ByMap, Likely, []election.DistrictID{"house-1", "school-1"}},
		{"a border alone", home("5 Unknown Ln", 1, 0.5), "A.1", ByMap, Unsure, []election.DistrictID{"house-1", "school-1", "water-1"}},
		{"they differ", home("5 Elm St", 1.8, 0.5), "A", ByRange, Unsure, []election.DistrictID{"house-1"}},
		{"they differ by the width of a street", home("105 Elm St", 0.99995, 0.5), "B", ByRange, Likely, []election.DistrictID{"house-2", "water-1"}},
		{"on the border they agree", home("105 Elm St", 1, 0.5), "B", ByRange, Certain, []election.DistrictID{"house-2", "water-1"}},
		{"the ranges leave a choice, the map decides", home("150 Oak St", 1.8, 0.5), "B", ByBoth, Likely, []election.DistrictID{"house-2"}},
		{"the ranges leave a choice", home("150 Oak St"), "", ByRange, Unsure, nil},
		{"nobody knows", home("5 Unknown Ln"), "", ByNobody, None, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := s.Assign(tt.a)
			if got.Unit != tt.unit || got.How != tt.how || got.Confidence != tt.sure || !slices.Equal(got.Districts, tt.districts) {
				t.Errorf("got %+v", got)
			}
			if (got.Confidence != Certain) != (got.Note != "") {
				t.Errorf("confidence %s with note %q", got.Confidence, got.Note)
			}
		})
	}
	if got := new(Assigner).Assign(home("5 Elm St", 1, 1)); got.Confidence != None {
		t.Errorf("without lines: %+v", got)
	}
}

func TestCompare(t *testing.T) {
	voters := func(yield func(roll.ID, roll.Address) bool) {
		_ = yield("agree", home("5 Elm St", 0.2, 0.5)) && yield("no point", home("5 Elm St")) && yield("differ", home("5 Elm St", 1.8, 0.5)) &&
			yield("near", home("105 Elm St", 0.99995, 0.5)) && yield("border", home("105 Elm St", 1, 0.5)) && yield("choice", home("150 Oak St", 1.8, 0.5))
	}
	list, both := shire().Compare(voters)
	want := []Disagreement{{Voter: "differ", Range: "A", Map: "B", Segment: "s1"}, {Voter: "near", Range: "B", Map: "A.1", Segment: "s2", NearBorder: true}}
	if diff := cmp.Diff(want, list); diff != "" || both != 5 {
		t.Errorf("%d have both; %s", both, diff)
	}
}

func TestReassign(t *testing.T) {
	voters := []Placed{
		{"stays", home("5 Elm St"), "A", []election.DistrictID{"house-1"}},
		{"moves", home("105 Elm St"), "A", []election.DistrictID{"house-1"}},
		{"new district", home("7 Elm St"), "A", []election.DistrictID{"house-9"}},
		{"unknown", home("5 Unknown Ln"), "B", nil},
		{"unsure", home("150 Oak St"), "B", nil},
	}
	var told []int
	plan, err := shire().Reassign(each(voters, nil), func(n int) { told = append(told, n) })
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{Voters: 5, Stay: 1,
		Moved: []Move{{"moves", "A", "B", []election.DistrictID{"house-2"}, ByRange, Certain}, {"new district", "A", "A", []election.DistrictID{"house-1"}, ByRange, Certain}},
		Left: []Left{{"unknown", "B", None, nil, "neither a street range nor the map has this address"},
			{"unsure", "B", Unsure, []election.UnitID{"A", "B"}, "the list of streets has this address in more than one precinct"}},
		Before: map[election.UnitID]int{"A": 3, "B": 2}, After: map[election.UnitID]int{"A": 2, "B": 3},
		ByHow: map[How]int{ByRange: 4, ByNobody: 1}}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(told, []int{5}) {
		t.Errorf("progress %v", told)
	}
	broken := errors.New("the connection is gone")
	first, err := shire().Reassign(each(voters[:2], broken), nil)
	if !errors.Is(err, broken) || first.Voters != 2 {
		t.Errorf("%d voters, %v", first.Voters, err)
	}
	rest, _ := shire().Reassign(each(voters[2:], nil), nil)
	first.Add(rest)
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("in two parts: %s", diff)
	}
	if !slices.Equal(plan.Units(), []election.UnitID{"A", "B"}) {
		t.Errorf("units %v", plan.Units())
	}
}

func each(voters []Placed, then error) iter.Seq2[Placed, error] {
	return func(yield func(Placed, error) bool) {
		for _, v := range voters {
			if !yield(v, nil) {
				return
			}
		}
		if then != nil {
			yield(Placed{}, then)
		}
	}
}
