// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"math"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawVotes makes votes of every sort, also such as no report may hold.
func drawVotes(r *rapid.T) VoteCounts {
	text := rapid.SampledFrom([]string{"", "gp-1", "gp-2", "nowhere", "a<&\">\n\u2028b"})
	v := VoteCounts{GpUnitId: text.Draw(r, "unit"), OtherType: rapid.SampledFrom([]string{"", "", "", "kiosk"}).Draw(r, "other"),
		Type: rapid.SampledFrom([]CountItemType{"", CountItemTypeTotal, CountItemTypeEarly, "moon"}).Draw(r, "type")}
	if rapid.Bool().Draw(r, "counted") {
		v.Count = Some(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, 7, 12.5, -3, 1e9, 1 << 53, 1 << 60, 1e300, math.NaN(), math.Inf(1)}).Draw(r, "count"))
	}
	if rapid.Bool().Draw(r, "hidden") {
		v.IsSuppressedForPrivacy = Some(rapid.Bool().Draw(r, "yes"))
	}
	if rapid.Bool().Draw(r, "ranked") {
		v.Round = Some(rapid.Int64Range(-1, 20).Draw(r, "round"))
	}
	if rapid.IntRange(0, 4).Draw(r, "device") == 0 {
		v.DeviceClass = &DeviceClass{Manufacturer: "Acme"}
	}
	return v
}

// TestVotesTakeTheShortWayUnseen writes and checks votes as if they were any
// other element, and as they are.
func TestVotesTakeTheShortWayUnseen(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(drawVotes), 1, 4).Draw(r, "votes")
		var short, long sink
		js, jl := &jsonWriter{short}, &jsonWriter{long}
		xs, xl := &xmlWriter{short}, &xmlWriter{long}
		js.votes(list, 3)
		xs.votes("VoteCounts", list, 3)
		jl.objects(&field{plan: votesPlan}, reflect.ValueOf(list), 3)
		for i := range list {
			xl.newline(3)
			xl.element("VoteCounts", votesPlan, reflect.ValueOf(&list[i]).Elem(), 3)
		}
		if d := cmp.Diff(string(jl.buf), string(js.buf)); d != "" {
			r.Errorf("JSON (-long +short):\n%s", d)
		}
		if d := cmp.Diff(string(xl.buf), string(xs.buf)); d != "" {
			r.Errorf("XML (-long +short):\n%s", d)
		}
		for _, enc := range []spelling{asJSON, asXML} {
			for i := range list {
				var problems []Problem
				c := &checker{enc: enc, tell: func(p Problem) { problems = append(problems, p) }, used: map[string]bool{},
					ids: map[string]element{"gp-1": {"ReportingUnit", 1}, "gp-2": {"ReportingDevice", 2}, "a<&\">\n\u2028b": {"Party", 3}}}
				good := c.good(&list[i])
				c.walk(votesPlan, reflect.ValueOf(&list[i]).Elem(), place{})
				if good && len(problems) > 0 {
					r.Errorf("%v: called good, and %v", list[i], problems)
				}
			}
		}
	})
}
