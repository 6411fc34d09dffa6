// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
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

func mustRead(t testing.TB, data []byte) *Collection {
	t.Helper()
	c, problems, err := Read(bytes.NewReader(data), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("unexpected problem: %s", p)
	}
	return c
}

func TestEveryTypeIsReadAndWrittenBack(t *testing.T) {
	c := mustRead(t, readFile(t, "testdata/shapes.geojson"))
	want := []Feature{
		{ID: "0012", Properties: map[string]any{"name": "Mill", "voters": json.Number("1200"), "share": json.Number("0.25"), "open": true, "note": nil, "tags": []any{"a"}},
			Geometry: &Geometry{Type: TypePoint, Points: []Point{{-104.25, 39.5}}}},
		{ID: "7", NumericID: true, Geometry: &Geometry{Type: TypeMultiPoint, Points: []Point{{-104, 39}, {-104.5, 39.5}}}},
		{Geometry: &Geometry{Type: TypeLineString, Lines: [][]Point{{{-104, 39}, {-104.5, 39.5}, {-104.5, 40}}}}},
		{Geometry: &Geometry{Type: TypeMultiLineString, Lines: [][]Point{{{-104, 39}, {-104.5, 39.5}}, {{-104, 40}, {-104.123456789012345, 40}}}}},
		{Geometry: &Geometry{Type: TypePolygon, Polygons: []Polygon{{{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}, {{1, 1}, {1, 2}, {2, 2}, {2, 1}, {1, 1}}}}}},
		{Geometry: &Geometry{Type: TypeMultiPolygon, Polygons: []Polygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}, {{{5, 5}, {6, 5}, {6, 6}, {5, 5}}}}}},
		{Geometry: &Geometry{Type: TypeCollection, Geometries: []Geometry{
			{Type: TypePoint, Points: []Point{{1, 2}}},
			{Type: TypeCollection, Geometries: []Geometry{{Type: TypeLineString, Lines: [][]Point{{{1, 2}, {3, 4}}}}}}}}},
		{Properties: map[string]any{"name": "nowhere"}},
		{Geometry: &Geometry{Type: TypePolygon}},
	}
	if diff := cmp.Diff(want, c.Features, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("read (-want +got):\n%s", diff)
	}
	var out bytes.Buffer
	if err := Write(&out, c, Exact); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, mustRead(t, out.Bytes()), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("written and read back (-was +is):\n%s", diff)
	}
}

func TestDirtyFeaturesAreNamedAndTheRestIsRead(t *testing.T) {
	c, problems, err := Read(bytes.NewReader(readFile(t, "testdata/dirty.geojson")), Limits{})
	if err != nil || len(c.Features) != 15 {
		t.Fatalf("got %v, error %v", c, err)
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
	if got := c.Features[0].Geometry.Area(); got != 16 {
		t.Errorf("the ring that was closed has area %v", got)
	}
	if got := c.Features[14].Geometry.Points[0]; got != (Point{652000.5, 893000}) {
		t.Errorf("feet were read as %v", got)
	}
}

func TestFilesThatAreNoCollection(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"a single feature", `{"geometry":{"type":"Point","coordinates":[1,2]},"id":"x","properties":{"a":"b"},"type":"Feature"}`, "x b [[1 2]]"},
		{"a bare geometry", "\ufeff" + `{"coordinates":[1,2],"type":"Point"}`, "  [[1 2]]"},
		{"a bare collection", `{"type":"GeometryCollection","geometries":[]}`, "  []"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustRead(t, []byte(tt.in))
			f := c.Features[0]
			if got := fmt.Sprint(f.ID, " ", f.Text("a"), " ", f.Geometry.Points); got != tt.want || len(c.Features) != 1 {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFilesThatCannotBeReadSayWhy(t *testing.T) {
	point := `{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}`
	nested := strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 50) + strings.Repeat("]}", 50)
	for _, tt := range []struct {
		name, in, want string
		limits         Limits
	}{
		{"an empty file", "", "cut off", Limits{}},
		{"a table", "id,name", "not GeoJSON", Limits{}},
		{"a list", "[1]", "not GeoJSON; it should begin with {", Limits{}},
		{"another sort of JSON", `{"precincts":[]}`, `"type": ""`, Limits{}},
		{"TopoJSON", `{"type":"Topology","arcs":[],"objects":{}}`, "TopoJSON", Limits{}},
		{"no features", `{"type":"FeatureCollection"}`, "no list of features", Limits{}},
		{"features that are no list", `{"type":"FeatureCollection","features":7}`, "not a list", Limits{}},
		{"cut off", "{\"type\":\"FeatureCollection\",\n\"features\":[" + point, "line 2: the file ends too early", Limits{}},
		{"two in one", `{"type":"FeatureCollection","features":[]}{}`, "two files in one", Limits{}},
		{"features twice", `{"type":"FeatureCollection","features":[],"features":[]}`, "two lists", Limits{}},
		{"a comma too many", "{\"type\":\"FeatureCollection\",\n\"features\":[,]}", "near line 2", Limits{}},
		{"too large", `{"type":"FeatureCollection","features":[` + strings.Repeat(" ", 100) + `]}`, "larger than the limit", Limits{Bytes: 100}},
		{"too many features", `{"type":"FeatureCollection","features":[` + strings.Repeat(point+",", 10) + point + `]}`, "more than 10 features", Limits{Features: 10}},
		{"too many points", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"MultiPoint","coordinates":[[1,2],[1,2],[1,2]]}}]}`, "more than 5 points", Limits{Points: 5}},
		{"too many empty rings", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[],[],[],[],[],[]]}}]}`, "more than 5 points", Limits{Points: 5}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _, err := Read(strings.NewReader(tt.in), tt.limits)
			if c != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want an error with %q", c, err, tt.want)
			}
		})
	}
	c, problems, err := Read(strings.NewReader(nested), Limits{})
	if err != nil || c.Features[0].Geometry != nil || len(problems) != 1 || !strings.Contains(problems[0].Say, "8 deep") {
		t.Errorf("deep nesting: got %v, problems %v, error %v", c, problems, err)
	}
}

func TestNumbersAreReadExactly(t *testing.T) {
	for _, s := range []string{"0", "-0", "1", "-1.5", "33.61371", "-112.11669", "0.1", "123456789012345", "1234567890123456789", "-104.123456789012345",
		"0.000000000000001", "1e2", "-1.5E-3", "179.77847", "9007199254740993", "4.9e-324", "0.30000000000000004"} {
		var want float64
		if err := json.Unmarshal([]byte(s), &want); err != nil {
			t.Fatal(err)
		}
		var c coords
		if err := json.Unmarshal([]byte("["+s+", 0]"), &c); err != nil || c.bad != nil || c.points[0][0] != want {
			t.Errorf("%s was read as %v, %v, %v", s, c.points, err, c.bad)
		}
	}
}

func TestWritingWindsRingsTheStandardWay(t *testing.T) {
	clockwise := []Point{{0, 0}, {0, 4}, {4, 4}, {4, 0}, {0, 0}}
	counter := []Point{{1, 1}, {2, 1}, {2, 2}, {1, 2}, {1, 1}}
	c := &Collection{[]Feature{{Geometry: &Geometry{Type: TypePolygon, Polygons: []Polygon{{clockwise, counter}}}}}}
	var out bytes.Buffer
	if err := Write(&out, c, 2); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":null,"geometry":{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[1,2],[2,2],[2,1],[1,1]]]}}
]}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if clockwise[1] != (Point{0, 4}) {
		t.Error("writing turned the ring itself")
	}
}

func TestDecimals(t *testing.T) {
	for _, tt := range []struct {
		f        float64
		decimals int
		want     string
	}{
		{-112.116694, 5, "-112.11669"}, {33.5, 5, "33.5"}, {33, 5, "33"}, {-0.000001, 5, "0"}, {100, 0, "100"}, {0.30000000000000004, Exact, "0.30000000000000004"}, {1e21, 2, "1000000000000000000000"},
	} {
		if got := string(AppendNumber(nil, tt.f, tt.decimals)); got != tt.want {
			t.Errorf("%v with %d decimals is %s, want %s", tt.f, tt.decimals, got, tt.want)
		}
	}
}

func TestWhatGeoJSONCannotHoldIsNotWritten(t *testing.T) {
	inf := Point{math.Inf(1), 0}
	for name, f := range map[string]Feature{
		"a point at infinity":   {Geometry: &Geometry{Type: TypePoint, Points: []Point{inf}}},
		"a type of its own":     {Geometry: &Geometry{Type: "Circle"}},
		"an id that is no JSON": {ID: "seven", NumericID: true},
		"a property of no JSON": {Properties: map[string]any{"f": func() {}}},
	} {
		if err := Write(&bytes.Buffer{}, &Collection{[]Feature{f}}, Exact); err == nil || !strings.Contains(err.Error(), "feature 0") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestRealFilesHoldWhatTheirReadmeSays(t *testing.T) {
	for _, tt := range []struct {
		name            string
		features        int
		property, first string
	}{
		{"maricopa-2020-precincts.geojson", 743, "precinct", "0001"},
		{"maricopa-2020-precinct-splits.geojson", 1077, "ELECTPCT", "0001"},
	} {
		c := mustRead(t, sharedFile(t, tt.name))
		b := c.Bounds()
		if len(c.Features) != tt.features || c.Features[0].Text(tt.property) != tt.first {
			t.Errorf("%s: %d features, the first is %v", tt.name, len(c.Features), c.Features[0].Properties)
		}
		if got := fmt.Sprintf("%.3f %.3f", b.Min, b.Max); got != "[-113.334 32.505] [-111.040 34.048]" {
			t.Errorf("%s: bounds %s", tt.name, got)
		}
		var out bytes.Buffer
		if err := Write(&out, c, 5); err != nil {
			t.Fatal(err)
		}
		again := mustRead(t, out.Bytes())
		for i := range c.Features {
			if was, is := c.Features[i].Geometry.Area(), again.Features[i].Geometry.Area(); was-is > 1e-12 || is-was > 1e-12 {
				t.Errorf("%s: feature %d had area %v, has %v", tt.name, i, was, is)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(readFile(f, "testdata/shapes.geojson"))
	f.Add(readFile(f, "testdata/dirty.geojson"))
	f.Add([]byte(`{"type":"MultiPolygon","coordinates":[[[]],[[[1,2],[1,3],[2,3]]]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, _, err := Read(bytes.NewReader(data), Limits{Points: 10_000, Features: 1000})
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := Write(&out, c, Exact); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, _, err := Read(bytes.NewReader(out.Bytes()), Limits{})
		if err != nil || len(again.Features) != len(c.Features) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		var second bytes.Buffer
		if err := Write(&second, again, Exact); err != nil || !bytes.Equal(out.Bytes(), second.Bytes()) {
			t.Fatalf("written a second time, it is different: %v\n%s\n%s", err, out.Bytes(), second.Bytes())
		}
		for i := range c.Features {
			if g := c.Features[i].Geometry; g != nil {
				g.LabelPoint()
				g.Simplify(1)
			}
		}
	})
}

func BenchmarkReadPrecincts(b *testing.B) {
	data := sharedFile(b, "maricopa-2020-precincts.geojson")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Read(bytes.NewReader(data), Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
