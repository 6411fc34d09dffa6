// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/kit/fault"
)

// valley is a state of two counties in which precinct numbers repeat.
func valley() *election.Definition {
	return &election.Definition{
		Election:  election.Election{ID: "2026-11-03-general", Name: election.T("General"), Type: election.General, Start: "2026-11-03", End: "2026-11-03", Scope: "st", State: "OH"},
		Districts: []election.District{{ID: "cd-2", Name: election.T("Second congressional district"), Type: "congressional", Number: "02"}},
		Units: []election.Unit{
			{ID: "st", Type: election.State, Name: "Ohio"},
			{ID: "alder", Type: election.County, Name: "Alder County", Parent: "st", External: map[string]string{"fips": "39001"}},
			{ID: "a1", Type: election.Precinct, Name: "Courthouse", Number: "0001", Parent: "alder"},
			{ID: "a2", Type: election.Precinct, Name: "Mill Road", Number: "0002", Parent: "alder", Districts: []election.DistrictID{"cd-2"}},
			{ID: "birch", Type: election.County, Name: "Birch County", Parent: "st", External: map[string]string{"fips": "39003"}},
			{ID: "b1", Type: election.Precinct, Name: "Harbor", Number: "0001", Parent: "birch"},
			{ID: "b2", Type: election.Precinct, Name: "Chapel", Number: "0002", Parent: "birch"},
		},
	}
}

// square is a feature with one square, east of longitude x.
func square(x int, properties map[string]any) map[string]any {
	lon := -83 + float64(x)/10
	return map[string]any{"type": "Feature", "properties": properties,
		"geometry": map[string]any{"type": "Polygon", "coordinates": [][][2]float64{{{lon, 40}, {lon + 0.1, 40}, {lon + 0.1, 40.1}, {lon, 40.1}, {lon, 40}}}}}
}

func collection(t testing.TB, features ...map[string]any) []byte {
	t.Helper()
	if features == nil {
		features = []map[string]any{}
	}
	body, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// shaped lists which units have a boundary, in order.
func shaped(def *election.Definition) string {
	var out []string
	for _, s := range def.Shapes {
		out = append(out, string(s.Unit))
	}
	return strings.Join(out, " ")
}

func TestMapsFindTheirUnits(t *testing.T) {
	type p = map[string]any
	for _, tt := range []struct {
		name     string
		features []map[string]any
		want     string
		problems string
	}{
		{"by id", []map[string]any{square(0, p{"unit": "a1", "area": 3.5}), square(1, p{"unit": "b2"})}, "a1 b2", "info joined, warn no_shape"},
		{"by the id of the feature", []map[string]any{{"type": "Feature", "id": "b1", "properties": nil, "geometry": square(0, nil)["geometry"]}}, "b1", "info joined, warn no_shape"},
		{"by name, whatever its case", []map[string]any{square(0, p{"NAME": "COURTHOUSE"}), square(1, p{"NAME": "mill  road"}), square(2, p{"NAME": "Harbor"}), square(3, p{"NAME": "Chapel"})}, "a1 a2 b1 b2", "info joined"},
		{"by number within a county that another column names", []map[string]any{square(0, p{"COUNTY": "Alder", "PCT": "1"}), square(1, p{"COUNTY": "ALDER COUNTY", "PCT": "2"}), square(2, p{"COUNTY": "Birch", "PCT": "1"})},
			"a1 a2 b1", "info joined, warn no_shape"},
		{"by number within a county of a code", []map[string]any{square(0, p{"FIPS": 39001, "PCT": 1}), square(1, p{"FIPS": 39003, "PCT": 2})}, "a1 b2", "info joined, warn no_shape"},
		{"not by counters of rows, though they fit", []map[string]any{square(0, p{"OBJECTID": 1, "COUNTY": "Birch", "NAME": "Chapel"}), square(1, p{"OBJECTID": 2, "COUNTY": "Birch", "NAME": "Harbor"})},
			"b1 b2", "info joined, warn no_shape"},
		{"counties by their code", []map[string]any{square(0, p{"GEOID": "39001"}), square(1, p{"GEOID": "39003"})}, "alder birch", "info joined"},
		{"a feature that joins nothing is told", []map[string]any{square(0, p{"NAME": "Courthouse"}), square(1, p{"NAME": "Lake"})}, "a1", "info joined, warn no_shape, warn no_unit"},
		{"several features of one unit become one boundary", []map[string]any{square(0, p{"NAME": "Harbor"}), square(4, p{"NAME": "Harbor"})}, "b1", "info joined, warn no_shape"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := mustRead(t, "map.geojson", collection(t, tt.features...), valley())
			got := keys(res.Problems)
			if shaped(res.Def) != tt.want || strings.Join(sorted(got), ", ") != tt.problems {
				t.Errorf("got %q, %v, want %q, %s", shaped(res.Def), got, tt.want, tt.problems)
			}
			bare := clone(res.Def)
			bare.Shapes = nil
			same(t, "written and read again", res.Def, mustRead(t, "map.geojson", written(t, "geojson", res.Def), bare).Def)
		})
	}
}

func sorted(list []string) []string {
	m := make(map[string]bool)
	for _, s := range list {
		m[s] = true
	}
	return sortedKeys(m)
}

// TestMapOfSplits joins parts of precincts and the districts they lie in.
func TestMapOfSplits(t *testing.T) {
	type p = map[string]any
	def := example()
	def.Units = def.Units[:3] // no parts yet
	def.Units[2].Districts = []election.DistrictID{"county"}
	def.Styles, def.Places = nil, nil
	body := collection(t,
		square(0, p{"PCT_NO": "1", "SPLITID": 0, "SCHDIST": "3", "FIREDIST": "", "COLOR": "WHITE"}),
		square(1, p{"PCT_NO": "2", "SPLITID": 1, "SCHDIST": "3", "FIREDIST": "9", "COLOR": "GOLD"}),
		square(2, p{"PCT_NO": "2", "SPLITID": 2, "SCHDIST": "4", "FIREDIST": "", "COLOR": "GREEN"}))
	res := mustRead(t, "splits.geojson", body, def)
	type unit struct {
		id        election.UnitID
		number    string
		districts string
	}
	var got []string
	for _, u := range res.Def.Units {
		got = append(got, fmt.Sprint(unit{u.ID, u.Number, joinList(u.Districts)}))
	}
	want := []string{"{alder  }", "{p1 0001 county; school-district-3}", "{p2 0002 }", "{p2-1 0002-1 county; school-district-3; fire-district-9}", "{p2-2 0002-2 county; school-district-4}"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s := shaped(res.Def); s != "p1 p2 p2-1 p2-2" {
		t.Errorf("boundaries of %s", s)
	}
	if !has(res.Problems, "info districts_from") || !has(res.Problems, "info split_by") {
		t.Errorf("said: %v", keys(res.Problems))
	}
	if bad := Errors(Check(res.Def)); len(bad) > 0 {
		t.Error(bad)
	}
	same(t, "the same map again", res.Def, mustRead(t, "splits.geojson", body, res.Def).Def)
	moved := collection(t, square(1, p{"PCT_NO": "2", "SPLITID": 1, "SCHDIST": "4", "FIREDIST": ""}))
	after := mustRead(t, "splits.geojson", moved, res.Def).Def
	if got := joinList(after.Units[3].Districts); got != "county; school-district-4" {
		t.Errorf("after the split moved to another district it lies in %s", got)
	}
	if def.Units[2].Districts[0] != "county" || len(def.Units) != 3 {
		t.Error("the base was changed")
	}
}

func TestKnownDistrictsAreFoundByNumber(t *testing.T) {
	body := collection(t, square(0, map[string]any{"NAME": "Courthouse", "CD": "2"}), square(1, map[string]any{"NAME": "Harbor", "CD": "5"}))
	res := mustRead(t, "map.geojson", body, valley())
	if got := joinList(res.Def.Units[2].Districts); got != "cd-2" {
		t.Errorf("Courthouse lies in %s", got)
	}
	if got := joinList(res.Def.Units[5].Districts); got != "congressional-district-5" {
		t.Errorf("Harbor lies in %s", got)
	}
}

func TestMapsThatCannotBeUsed(t *testing.T) {
	feet := square(0, map[string]any{"NAME": "Harbor"})
	feet["geometry"] = map[string]any{"type": "Polygon", "coordinates": [][][2]float64{{{600000, 900000}, {600100, 900000}, {600100, 900100}, {600000, 900000}}}}
	for _, tt := range []struct {
		name string
		body []byte
		base *election.Definition
		want string
	}{
		{"without an election", collection(t, square(0, map[string]any{"NAME": "Harbor"})), nil, "import the election first"},
		{"in feet", collection(t, feet), valley(), "not longitude and latitude"},
		{"of somewhere else", collection(t, square(0, map[string]any{"NAME": "Elsewhere", "AREA": 12})), valley(), "Its columns are: AREA, NAME"},
		{"of nothing", collection(t), valley(), "no features"},
		{"cut short", collection(t, feet)[:80], valley(), "damaged near line 1"},
	} {
		_, err := Read("map.geojson", tt.body, tt.base)
		if err == nil || fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Sentence(err), tt.want) {
			t.Errorf("%s: got %v, want “…%s…”", tt.name, err, tt.want)
		}
	}
}

func TestTopologyPicksTheObjectThatJoins(t *testing.T) {
	body := []byte(`{"type":"Topology","arcs":[[[-83,40],[-82.9,40],[-82.9,40.1],[-83,40]]],"objects":{
		"towns":{"type":"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[0]],"properties":{"NAME":"Somewhere"}}]},
		"zz":{"type":"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[0]],"id":"b2"}]}}}`)
	res := mustRead(t, "map.json", body, valley())
	if res.Format != "TopoJSON" || shaped(res.Def) != "b2" {
		t.Errorf("%s: boundaries of %q", res.Format, shaped(res.Def))
	}
}
