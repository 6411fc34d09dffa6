// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func spots(points ...Point) []Feature {
	return []Feature{{Geometry: &Geometry{Type: TypeMultiPoint, Points: points}}}
}

func TestChooseNoticesWhatTheCoordinatesAre(t *testing.T) {
	for _, tt := range []struct {
		name       string
		points     []Point
		projection string
		say        string
	}{
		{"a county", []Point{{-113.3, 32.5}, {-111, 34}}, "equirectangular", ""},
		{"the United States", []Point{{-179.1, 51}, {179.8, 52}, {-67, 45}, {-80, 25}}, "Albers equal-area conic", ""},
		{"a band around the equator", []Point{{-60, -20}, {60, 20}}, "equirectangular", ""},
		{"state plane feet", []Point{{400000, 600000}, {800000, 1200000}}, "none", "plane map in feet or metres"},
		{"a drawing", []Point{{-57, 12}, {957, 606}}, "none", "drawing"},
		{"swapped", []Point{{32.5, -113.3}, {34, -111}}, "none", "swapped"},
		{"nothing", nil, "equirectangular", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, say := Choose(spots(tt.points...))
			if p.Name != tt.projection || (say == "") != (tt.say == "") || !strings.Contains(say, tt.say) {
				t.Errorf("got %s, %q", p.Name, say)
			}
			for _, pt := range tt.points {
				if q := p.XY(pt); math.IsNaN(q[0]+q[1]) || math.IsInf(q[0]+q[1], 0) {
					t.Errorf("%v is drawn at %v", pt, q)
				}
			}
		})
	}
}

func TestNorthIsUpAndEastIsRight(t *testing.T) {
	for _, tt := range []struct {
		name                string
		features            []Feature
		origin, north, east Point
		northIsDown         bool
	}{
		{"a county", spots(Point{-113, 32}, Point{-111, 34}), Point{-112, 33}, Point{-112, 33.1}, Point{-111.9, 33}, false},
		{"a country", spots(Point{-125, 25}, Point{-67, 49}), Point{-96, 37}, Point{-96, 38}, Point{-95, 37}, false},
		{"across the date line", spots(Point{170, 50}, Point{-160, 60}), Point{179.9, 55}, Point{179.9, 56}, Point{-179.9, 55}, false},
		{"feet", spots(Point{400000, 600000}, Point{800000, 1200000}), Point{5e5, 7e5}, Point{5e5, 8e5}, Point{6e5, 7e5}, false},
		{"a drawing", spots(Point{0, 0}, Point{957, 606}), Point{100, 100}, Point{100, 200}, Point{200, 100}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := Choose(tt.features)
			o, n, e := p.XY(tt.origin), p.XY(tt.north), p.XY(tt.east)
			if (n[1] > o[1]) != tt.northIsDown || e[0] <= o[0] {
				t.Errorf("origin %v, north %v, east %v", o, n, e)
			}
			if math.Abs(e[1]-o[1]) > math.Abs(e[0]-o[0]) {
				t.Errorf("east of %v lies at %v", o, e)
			}
		})
	}
}

func TestAlbersKeepsAreas(t *testing.T) {
	country := spots(Point{-125, 25}, Point{-67, 49})
	p, _ := Choose(country)
	cell := func(lon, lat float64) float64 {
		const d = 0.1
		ring := []Point{{lon, lat}, {lon + d, lat}, {lon + d, lat + d}, {lon, lat + d}, {lon, lat}}
		for i := range ring {
			ring[i] = p.XY(ring[i])
		}
		return math.Abs(RingArea(ring)) / math.Cos((lat+d/2)*radians)
	}
	want := cell(-96, 37)
	for _, at := range []Point{{-120, 26}, {-70, 45}, {-100, 48}} {
		if got := cell(at[0], at[1]); math.Abs(got/want-1) > 0.001 {
			t.Errorf("a cell at %v is drawn %v times its size", at, got/want)
		}
	}
}

func TestFrameFitsTheDrawing(t *testing.T) {
	for _, tt := range []struct {
		name     string
		features []Feature
		want     string // bounds in a drawing of 200 by 100 with a margin of 10
	}{
		{"wide", spots(Point{0, 0}, Point{2000, 10000}, Point{8000, 10000}), "[68 10] [132 90]"},
		{"tall", spots(Point{0, 0}, Point{6000, 12000}), "[80 10] [120 90]"},
		{"flat", spots(Point{0, 6000}, Point{9000, 6000}), "[10 50] [190 50]"},
		{"one point", spots(Point{6000, 6000}), "[100 50] [100 50]"},
		{"nothing", nil, "[+Inf +Inf] [-Inf -Inf]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := Choose(tt.features)
			frame := NewFrame(p, tt.features, 200, 100, 10)
			b := NoBounds()
			for pt := range PointsOf(tt.features) {
				q := frame.XY(pt)
				b.Add(Point{math.Round(q[0]), math.Round(q[1])})
			}
			if got := fmt.Sprint(b.Min, " ", b.Max); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
