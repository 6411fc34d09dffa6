// SPDX-License-Identifier: Apache-2.0

package topojson

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hustings/format/geojson"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

func sharedFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../../shared/data/geo/" + name)
	if err != nil {
		t.Skipf("the public data is not here: %v", err)
	}
	return data
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mustRead(t testing.TB, data []byte) *Topology {
	t.Helper()
	top, problems, err := Read(bytes.NewReader(data), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("unexpected problem: %s", p)
	}
	return top
}

func precincts(t testing.TB) []geojson.Feature {
	t.Helper()
	c, _, err := geojson.Read(bytes.NewReader(sharedFile(t, "maricopa-2020-precincts.geojson")), geojson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return c.Features
}

func written(t testing.TB, top *Topology) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteJSON(&out, top); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestEveryTypeIsReadFromItsArcs(t *testing.T) {
	top := mustRead(t, readFile(t, "testdata/shapes.topojson"))
	west := [][]Point{{{-99, 30}, {-100, 30}, {-100, 35}, {-99, 35}, {-98.9, 32.5}, {-99, 30}}}
	east := [][]Point{{{-99, 35}, {-98, 35}, {-98, 30}, {-99, 30}, {-98.9, 32.5}, {-99, 35}}}
	want := map[string][]geojson.Feature{
		"areas": {
			{ID: "west", Properties: map[string]any{"voters": json.Number("12")}, Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{west}}},
			{ID: "2", NumericID: true, Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{east}}},
			{Geometry: &geojson.Geometry{Type: "MultiPolygon", Polygons: []geojson.Polygon{west,
				{{{-97, 30}, {-96, 30}, {-96, 35}, {-97, 30}}, {{-96.6, 30.5}, {-96.5, 30.5}, {-96.5, 31}, {-96.6, 30.5}}}}}},
			{ID: "nowhere"},
			{ID: "nested", Geometry: &geojson.Geometry{Type: "GeometryCollection", Geometries: []geojson.Geometry{
				{Type: "Point", Points: []Point{{-99, 40}}}, {Type: "MultiPoint", Points: []Point{{-100, 30}, {-99, 35}}}}}},
		},
		"border":  {{Geometry: &geojson.Geometry{Type: "LineString", Lines: [][]Point{{{-99, 35}, {-98.9, 32.5}, {-99, 30}}}}}},
		"borders": {{Geometry: &geojson.Geometry{Type: "MultiLineString", Lines: [][]Point{{{-99, 30}, {-100, 30}, {-100, 35}, {-99, 35}}, {{-99, 35}, {-98.9, 32.5}, {-99, 30}, {-98, 30}, {-98, 35}, {-99, 35}}}}}},
		"absent":  nil,
	}
	got := map[string][]geojson.Feature{"absent": top.Features("absent")}
	for _, name := range top.Names() {
		got[name] = top.Features(name)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsWrittenReadsBackTheSame(t *testing.T) {
	plain := &Topology{
		Arcs: [][]Point{{{0.1, 0.2}, {1.25, 0}, {1, 1}, {0.1, 0.2}}},
		Objects: map[string]*Geometry{
			"a \"b\"": {Type: "GeometryCollection", Geometries: []Geometry{
				{Type: "Polygon", ID: "x", Properties: map[string]any{"k": "v"}, Polygons: [][][]int{{{^0}}}},
				{Type: "MultiPolygon"}, {Type: "MultiLineString"}, {Type: "GeometryCollection"}, {Type: ""},
				{Type: "Point", ID: "7", NumericID: true, Points: []Point{{3, 4.5}}},
			}},
		},
	}
	for _, tt := range []struct {
		name string
		top  func(*testing.T) *Topology
	}{
		{"without a grid", func(*testing.T) *Topology { return plain }},
		{"our own", func(t *testing.T) *Topology { return mustRead(t, readFile(t, "testdata/shapes.topojson")) }},
		{"precincts", func(t *testing.T) *Topology { return mustRead(t, sharedFile(t, "maricopa-2020-precincts.topojson")) }},
		{"states", func(t *testing.T) *Topology { return mustRead(t, sharedFile(t, "states-10m.json")) }},
		{"states, projected", func(t *testing.T) *Topology { return mustRead(t, sharedFile(t, "states-albers-10m.json")) }},
		{"precincts from GeoJSON", func(t *testing.T) *Topology { return FromGeoJSON("p", precincts(t), 20000) }},
		{"precincts from GeoJSON, exactly", func(t *testing.T) *Topology { return FromGeoJSON("p", precincts(t), 0) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			top := tt.top(t)
			out := written(t, top)
			again := mustRead(t, out)
			if !slices.EqualFunc(top.Arcs, again.Arcs, slices.Equal) {
				t.Error("its arcs are different")
			}
			if diff := cmp.Diff(top.Objects, again.Objects, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("its objects are different (-was +is):\n%s", diff)
			}
			if !bytes.Equal(out, written(t, again)) {
				t.Error("written a second time, it has other bytes")
			}
		})
	}
}

func TestEmptyShapesAreWrittenAsNone(t *testing.T) {
	top := FromGeoJSON("x", []geojson.Feature{
		{ID: "speck", Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{{{{0, 0}, {1e-9, 0}, {0, 1e-9}, {0, 0}}}}}},
		{ID: "stub", Geometry: &geojson.Geometry{Type: "LineString", Lines: [][]Point{{{5, 5}}}}},
		{ID: "empty", Geometry: &geojson.Geometry{Type: "Point"}},
		{ID: "area", Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{{{{0, 0}, {9, 0}, {9, 9}, {0, 0}}, {{5, 4}, {5, 4}, {5, 4}, {5, 4}}}}}},
	}, 100)
	var kinds []string
	for _, g := range mustRead(t, written(t, top)).Objects["x"].Geometries {
		kinds = append(kinds, fmt.Sprint(g.ID, " ", g.Type, len(g.Polygons)))
	}
	if diff := cmp.Diff([]string{"speck 0", "stub 0", "empty 0", "area Polygon1"}, kinds); diff != "" {
		t.Error(diff)
	}
}

func TestDirtyGeometriesAreNamedAndTheRestIsRead(t *testing.T) {
	top, problems, err := Read(bytes.NewReader(readFile(t, "testdata/dirty.topojson")), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintln(&b, p)
	}
	const name = "testdata/dirty.problems"
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(readFile(t, name)), b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	features := top.Features("areas")
	if len(features) != 16 || features[0].Geometry.Area() != 16 || features[5].Geometry.Area() != 8 {
		t.Errorf("%d features: %v", len(features), features)
	}
}

func TestFilesThatCannotBeReadSayWhy(t *testing.T) {
	long := "[" + strings.Repeat("[0,0],[1,0],", 500) + "[0,0]]"
	nested := strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 50) + strings.Repeat("]}", 50)
	for _, tt := range []struct {
		name, in, want string
		limits         Limits
	}{
		{"an empty file", "", "cut off", Limits{}},
		{"a list", "[]", "does not begin with {", Limits{}},
		{"GeoJSON", `{"type":"FeatureCollection","features":[]}`, `its type is "FeatureCollection"`, Limits{}},
		{"cut off", `{"type":"Topology","arcs":[[[0,0]`, "cut off", Limits{}},
		{"broken", `{"type":"Topology",,}`, "not TopoJSON", Limits{}},
		{"two in one", `{"type":"Topology"}{}`, "two files in one", Limits{}},
		{"arcs twice", `{"type":"Topology","arcs":[],"arcs":[]}`, `"arcs" stands there twice`, Limits{}},
		{"arcs of words", `{"type":"Topology","arcs":[["a"]]}`, "arc 0: ", Limits{}},
		{"a scale of nothing", `{"type":"Topology","arcs":[],"transform":{"scale":[0,1],"translate":[0,0]}}`, "scale of 0", Limits{}},
		{"a grid without bounds", `{"type":"Topology","arcs":[[[1e308,0],[1e308,0]]],"transform":{"scale":[10,1],"translate":[0,0]}}`, "off the map", Limits{}},
		{"objects in a list", `{"type":"Topology","objects":[]}`, "list of objects", Limits{}},
		{"an object that is a word", `{"type":"Topology","objects":{"a":"b"}}`, `object "a"`, Limits{}},
		{"deep nesting", `{"type":"Topology","objects":{"a":` + nested + `}}`, "more than 8 deep", Limits{}},
		{"too large", `{"type":"Topology","arcs":[` + long + `]}`, "larger than the limit", Limits{Bytes: 100}},
		{"too many points", `{"type":"Topology","arcs":[` + long + `]}`, "more than 100 points", Limits{Points: 100}},
		{"too many geometries", `{"type":"Topology","objects":{"a":{"type":"GeometryCollection","geometries":[{},{},{},{}]}}}`, "more than 3 geometries", Limits{Geometries: 3}},
		{"one arc used over and over", `{"type":"Topology","arcs":[` + long + `],"objects":{"a":{"type":"MultiLineString","arcs":[` + strings.Repeat("[0],", 99) + `[0]]}}}`, "more than 50000 points in all", Limits{Points: 50_000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			top, _, err := Read(strings.NewReader(tt.in), tt.limits)
			if top != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestRealFilesHoldWhatTheirReadmeSays(t *testing.T) {
	for _, tt := range []struct {
		file   string
		counts map[string]int
		flaws  []string // found in the file, and rightly so
	}{
		{"maricopa-2020-precincts.topojson", map[string]int{"BallotBoundariesNov2020": 743}, nil},
		{"states-10m.json", map[string]int{"states": 56, "nation": 1}, nil},
		{"states-albers-10m.json", map[string]int{"states": 51, "nation": 1}, nil},
		// Illinois and Nebraska end one grid step beside where they begin.
		{"counties-10m.json", map[string]int{"counties": 3231, "states": 56, "nation": 1}, []string{"17", ""}},
		{"counties-albers-10m.json", map[string]int{"counties": 3142, "states": 51, "nation": 1}, []string{"31", ""}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			top, problems, err := Read(bytes.NewReader(sharedFile(t, tt.file)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var flaws []string
			for _, p := range problems {
				flaws = append(flaws, p.ID)
			}
			if diff := cmp.Diff(tt.flaws, flaws); diff != "" {
				t.Errorf("problems: %v", problems)
			}
			got := map[string]int{}
			for _, name := range top.Names() {
				features := top.Features(name)
				got[name] = len(features)
				for _, f := range features {
					// The smallest cities of Virginia are flat at this scale.
					if f.Geometry == nil || f.Geometry.Bounds().Empty() {
						t.Errorf("%s %s has no shape", name, f.ID)
					}
				}
			}
			if diff := cmp.Diff(tt.counts, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMaricopaInTopoJSONIsMaricopaInGeoJSON(t *testing.T) {
	top := mustRead(t, sharedFile(t, "maricopa-2020-precincts.topojson"))
	got := top.Features(top.Names()[0])
	want := precincts(t)
	byID := map[string]*geojson.Geometry{}
	for _, f := range got {
		byID[f.ID] = f.Geometry
	}
	if len(byID) != 743 || len(want) != 743 {
		t.Fatalf("%d and %d precincts", len(byID), len(want))
	}
	for _, f := range want {
		g := byID[f.ID]
		if g == nil {
			t.Fatalf("precinct %s is not in the TopoJSON", f.ID)
		}
		if ratio := g.Area() / f.Geometry.Area(); math.Abs(ratio-1) > 0.03 {
			t.Errorf("precinct %s has %.3f of its area", f.ID, ratio)
		}
	}
	a, b := geojson.BoundsOf(got), geojson.BoundsOf(want)
	for i := range 2 {
		if math.Abs(a.Min[i]-b.Min[i]) > 0.001 || math.Abs(a.Max[i]-b.Max[i]) > 0.001 {
			t.Errorf("bounds %v and %v", a, b)
		}
	}
}

func TestMapOfTheCountyIsSmall(t *testing.T) {
	top := Simplify(FromGeoJSON("precincts", precincts(t), 20000), 0.0005)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(written(t, top))
	z.Close()
	t.Logf("%d bytes", packed.Len())
	if packed.Len() > 100_000 {
		t.Errorf("the map of 743 precincts takes %d bytes", packed.Len())
	}
	for _, f := range top.Features("precincts") {
		if f.Geometry.Area() <= 0 {
			t.Errorf("precinct %s is gone", f.ID)
		}
	}
}

func TestWhatTopoJSONCannotHoldIsNotWritten(t *testing.T) {
	for name, top := range map[string]*Topology{
		"an arc that is not there":          {Objects: map[string]*Geometry{"x": {Type: "LineString", Lines: [][]int{{0}}}}},
		"one that is not there, backwards":  {Objects: map[string]*Geometry{"x": {Type: "Polygon", Polygons: [][][]int{{{^0}}}}}},
		"a point at infinity":               {Arcs: [][]Point{{{math.Inf(1), 0}, {0, 0}}}},
		"a place at infinity":               {Objects: map[string]*Geometry{"x": {Type: "Point", Points: []Point{{math.NaN(), 0}}}}},
		"a type of its own":                 {Objects: map[string]*Geometry{"x": {Type: "Circle"}}},
		"a property that cannot be written": {Objects: map[string]*Geometry{"x": {Properties: map[string]any{"f": func() {}}}}},
	} {
		var out bytes.Buffer
		if err := WriteJSON(&out, top); err == nil {
			t.Errorf("%s was written: %s", name, out.String())
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(readFile(f, "testdata/shapes.topojson"))
	f.Add(readFile(f, "testdata/dirty.topojson"))
	f.Fuzz(func(t *testing.T, data []byte) {
		top, _, err := Read(bytes.NewReader(data), Limits{Points: 10_000, Geometries: 1000})
		if err != nil {
			return
		}
		for _, name := range top.Names() {
			features := top.Features(name)
			again := FromGeoJSON(name, features, 100)
			if n := len(again.Features(name)); n != len(features) {
				t.Fatalf("%d features became %d", len(features), n)
			}
			Simplify(again, 1)
		}
		Simplify(top, 1)
		var out bytes.Buffer
		if WriteJSON(&out, top) != nil {
			return
		}
		if _, _, err := Read(&out, Limits{}); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

func BenchmarkReadCounties(b *testing.B) {
	data := sharedFile(b, "counties-10m.json")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Read(bytes.NewReader(data), Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFromGeoJSON(b *testing.B) {
	features := precincts(b)
	for b.Loop() {
		FromGeoJSON("p", features, 20000)
	}
}

func BenchmarkSimplify(b *testing.B) {
	top := FromGeoJSON("p", precincts(b), 20000)
	for b.Loop() {
		Simplify(top, 0.001)
	}
}
