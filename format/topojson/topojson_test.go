// SPDX-License-Identifier: Apache-2.0

package topojson

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
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

func TestSharedBordersAreFound(t *testing.T) {
	square := func(x, y float64) geojson.Feature {
		ring := []Point{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}
		return geojson.Feature{Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{{ring}}}}
	}
	island := []Point{{2, 2}, {3, 2}, {3, 3}, {2, 3}, {2, 2}}
	sea := []Point{{0, 0}, {5, 0}, {5, 5}, {0, 5}, {0, 0}}
	turnedBack := []Point{{3, 3}, {3, 2}, {2, 2}, {2, 3}, {3, 3}}
	polygon := func(rings ...[]Point) geojson.Feature {
		return geojson.Feature{Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{rings}}}
	}
	line := func(points ...Point) geojson.Feature {
		return geojson.Feature{Geometry: &geojson.Geometry{Type: "LineString", Lines: [][]Point{points}}}
	}
	for _, tt := range []struct {
		name     string
		features []geojson.Feature
		arcs     int
		want     string
	}{
		{"one alone", []geojson.Feature{square(0, 0)}, 1, "[[[[0]]]]"},
		{"two side by side", []geojson.Feature{square(0, 0), square(1, 0)}, 3, "[[[[0 1]]] [[[2 -1]]]]"},
		{"two that meet in a corner", []geojson.Feature{square(0, 0), square(1, 1)}, 2, "[[[[0]]] [[[1]]]]"},
		{"four around a corner", []geojson.Feature{square(0, 0), square(1, 0), square(0, 1), square(1, 1)}, 8, ""},
		{"the same one twice", []geojson.Feature{square(0, 0), square(0, 0)}, 1, "[[[[0]]] [[[0]]]]"},
		{"an island in its hole, started elsewhere and run backwards", []geojson.Feature{polygon(sea, turnedBack), polygon(island)}, 2, "[[[[0] [1]]] [[[-2]]]]"},
		{"a line along a border", []geojson.Feature{square(0, 0), line(Point{1, 0}, Point{1, 1})}, 2, ""},
		{"a line that runs past a border", []geojson.Feature{square(0, 0), line(Point{1, -1}, Point{1, 0}, Point{1, 1}, Point{1, 2})}, 4, ""},
		{"a line there and back", []geojson.Feature{line(Point{0, 0}, Point{1, 0}, Point{2, 0}), line(Point{2, 0}, Point{1, 0}, Point{0, 0})}, 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			top := FromGeoJSON("x", tt.features, 0)
			if len(top.Arcs) != tt.arcs {
				t.Errorf("%d arcs, want %d: %v", len(top.Arcs), tt.arcs, top.Arcs)
			}
			var got [][][][]int
			for _, g := range top.Objects["x"].Geometries {
				got = append(got, g.Polygons)
			}
			if tt.want != "" && fmt.Sprint(got) != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.features, top.Features("x"), cmpopts.EquateEmpty(), sameRing); diff != "" {
				t.Errorf("put together again (-was +is):\n%s", diff)
			}
		})
	}
}

// sameRing compares polygons whatever point their rings start at.
var sameRing = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[geojson.Polygon]() }, cmp.Transformer("ring", func(p geojson.Polygon) []string {
	var rings []string
	for _, ring := range p {
		open := slices.Clone(ring[:len(ring)-1])
		at := 0
		for i := range open {
			if open[i][0] < open[at][0] || open[i][0] == open[at][0] && open[i][1] < open[at][1] {
				at = i
			}
		}
		rings = append(rings, fmt.Sprint(slices.Concat(open[at:], open[:at])))
	}
	return rings
}))

// quilt is n by n crooked patches whose borders wiggle, some with an island.
func quilt(r *rand.Rand, n int) []geojson.Feature {
	const steps = 12
	wiggle := func(a, b Point) []Point {
		line := []Point{a}
		for i := 1; i < steps; i++ {
			s := float64(i) / steps
			line = append(line, Point{a[0] + s*(b[0]-a[0]) + 0.05*r.Float64(), a[1] + s*(b[1]-a[1]) + 0.05*r.Float64()})
		}
		return append(line, b)
	}
	corner := func(x, y int) Point { return Point{float64(x), float64(y)} }
	across, up := map[[2]int][]Point{}, map[[2]int][]Point{}
	for x := range n + 1 {
		for y := range n + 1 {
			across[[2]int{x, y}] = wiggle(corner(x, y), corner(x+1, y))
			up[[2]int{x, y}] = wiggle(corner(x, y), corner(x, y+1))
		}
	}
	back := func(line []Point) []Point {
		line = slices.Clone(line)
		slices.Reverse(line)
		return line
	}
	var features []geojson.Feature
	for x := range n {
		for y := range n {
			ring := slices.Concat(across[[2]int{x, y}], up[[2]int{x + 1, y}][1:], back(across[[2]int{x, y + 1}])[1:], back(up[[2]int{x, y}])[1:])
			polygon := geojson.Polygon{ring}
			if (x+y)%3 == 0 {
				cx, cy := float64(x)+0.5, float64(y)+0.5
				island := []Point{{cx, cy}, {cx + 0.1, cy}, {cx + 0.1, cy + 0.12}, {cx + 0.02, cy + 0.1}, {cx, cy}}
				polygon = append(polygon, back(island))
				features = append(features, geojson.Feature{Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{{island}}}})
			}
			features = append(features, geojson.Feature{Geometry: &geojson.Geometry{Type: "Polygon", Polygons: []geojson.Polygon{polygon}}})
		}
	}
	return features
}

func TestSimplifiedNeighboursStillFitTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for round := range 10 {
		features := quilt(r, 6)
		top := FromGeoJSON("quilt", features, 0)
		for _, tolerance := range []float64{0, 0.05, 0.2, 10} {
			s := Simplify(top, tolerance)
			uses, points := make([]int, len(s.Arcs)), 0
			for _, g := range s.Objects["quilt"].Geometries {
				for _, ring := range g.Polygons[0] {
					for _, n := range ring {
						if n < 0 {
							n = ^n
						}
						uses[n]++
					}
				}
			}
			sum := 0.0
			for _, f := range s.Features("quilt") {
				sum += f.Geometry.Area()
			}
			// The outline is what only one patch uses: its area is the sum of the
			// patches, or else there are gaps or overlaps.
			outline := 0.0
			for n, arc := range s.Arcs {
				points += len(arc)
				if uses[n] == 1 {
					outline += under(arc, s, n)
				}
			}
			if math.Abs(sum-math.Abs(outline)) > 1e-9 {
				t.Errorf("round %d, tolerance %v: the patches cover %v, the outline encloses %v", round, tolerance, sum, outline)
			}
			if tolerance == 10 && points > 4*len(s.Arcs) {
				t.Errorf("round %d: %d points are left in %d arcs", round, points, len(s.Arcs))
			}
		}
	}
}

// under is what an arc adds to the area of the outline, run the way its one
// user runs it.
func under(arc []Point, top *Topology, n int) float64 {
	area := 0.0
	for i := 0; i+1 < len(arc); i++ {
		area += (arc[i][0]*arc[i+1][1] - arc[i+1][0]*arc[i][1]) / 2
	}
	for _, g := range top.Objects["quilt"].Geometries {
		for _, ring := range g.Polygons[0] {
			if slices.Contains(ring, ^n) {
				return -area
			}
		}
	}
	return area
}

func TestSimplifiedCountyHasNoGaps(t *testing.T) {
	before := FromGeoJSON("p", precincts(t), 0)
	after := Simplify(before, 0.002)
	count := func(top *Topology) (count func(Point) int) {
		features := top.Features("p")
		boxes := make([]geojson.Bounds, len(features))
		for i := range features {
			boxes[i] = features[i].Geometry.Bounds()
		}
		return func(p Point) int {
			n := 0
			for i := range features {
				if boxes[i].Contains(p) && features[i].Geometry.Contains(p) {
					n++
				}
			}
			return n
		}
	}
	was, is := count(before), count(after)
	b := geojson.BoundsOf(before.Features("p"))
	r := rand.New(rand.NewPCG(11, 12))
	inside, gaps, overlaps := 0, 0, 0
	for range 5000 {
		p := Point{b.Min[0] + r.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + r.Float64()*(b.Max[1]-b.Min[1])}
		if was(p) == 0 {
			continue
		}
		inside++
		switch n := is(p); {
		case n == 0:
			gaps++
		case n > 1 && n > was(p):
			overlaps++
		}
	}
	// What is left of the county's own outline moves a little.
	if inside < 3000 || gaps > inside/500 || overlaps > 2 {
		t.Errorf("of %d points in the county, %d fell out of it and %d into two precincts", inside, gaps, overlaps)
	}
	points := 0
	for _, arc := range after.Arcs {
		points += len(arc)
	}
	t.Logf("%d arcs, %d points", len(after.Arcs), points)
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

func ExampleSimplify() {
	// Two precincts share a crooked border.
	west := []Point{{0, 0}, {2, 0}, {2.1, 1}, {2, 2}, {0, 2}, {0, 0}}
	east := []Point{{2, 0}, {4, 0}, {4, 2}, {2, 2}, {2.1, 1}, {2, 0}}
	var features []geojson.Feature
	for _, ring := range [][]Point{west, east} {
		features = append(features, geojson.Feature{Geometry: &geojson.Geometry{Type: geojson.TypePolygon, Polygons: []geojson.Polygon{{ring}}}})
	}
	top := Simplify(FromGeoJSON("precincts", features, 0), 1)
	for _, f := range top.Features("precincts") {
		fmt.Println(f.Geometry.Polygons[0][0])
	}
	// Output:
	// [[2 0] [2 2] [0 2] [0 0] [2 0]]
	// [[2 0] [4 0] [4 2] [2 2] [2 0]]
}
