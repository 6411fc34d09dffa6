// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
)

// TestNISTSamples imports every public report, before the election and after
// it, and writes it again.
func TestNISTSamples(t *testing.T) {
	for _, name := range samples(t, "nist-err/samples/*/*err*", "nist-err/google-cdf/*_feed*.xml") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			res := mustRead(t, name, sample(t, name), nil)
			if bad := Errors(append(res.Problems, Check(res.Def)...)); len(bad) > 0 {
				t.Errorf("errors: %v", bad)
			}
			for _, format := range []string{"nist-xml", "nist-json", "spreadsheet", "hustings-json"} {
				same(t, format, res.Def, again(t, format, res.Def))
			}
			validJSON(t, written(t, "nist-json", res.Def))
			validXML(t, "nist-err/schema/NIST_V2_election_results_reporting.xsd", written(t, "nist-xml", res.Def))
			validXML(t, "vip/vip_spec_v5.2.xsd", written(t, "vip52", res.Def))
			validXML(t, "vip/vip_spec_v6.0.xsd", written(t, "vip60", res.Def))
			one := again(t, "vip60", res.Def)
			same(t, "VIP, second time", one, again(t, "vip60", one))
		})
	}
}

// TestXMLAndJSONSayTheSame imports both spellings of each report.
func TestXMLAndJSONSayTheSame(t *testing.T) {
	for _, name := range samples(t, "nist-err/samples/*/*err*.json") {
		other := strings.TrimSuffix(name, ".json") + ".xml"
		got := mustRead(t, other, sample(t, other), nil).Def
		for i := range got.Contests { // Cambridge's own two files call the answers bms-… and bmc-…
			for k, ch := range got.Contests[i].Choices {
				if rest, ok := strings.CutPrefix(string(ch.ID), "bmc-question"); ok {
					got.Contests[i].Choices[k].ID = election.ChoiceID("bms-question" + rest)
				}
			}
		}
		same(t, name, mustRead(t, name, sample(t, name), nil).Def, got)
	}
}

// TestGen01 looks closely at one report: a straight-party contest, tickets,
// combined and split precincts, districts.
func TestGen01(t *testing.T) {
	const name = "nist-err/samples/gen-01/pe-err-gen-01.xml"
	def := mustRead(t, name, sample(t, name), nil).Def
	if def.Election.ID != "2000-11-07-general" || def.Election.Scope != "ru-county-1" {
		t.Errorf("election %s, scope %s", def.Election.ID, def.Election.Scope)
	}
	contest := func(id election.ContestID) election.Contest {
		i := slices.IndexFunc(def.Contests, func(c election.Contest) bool { return c.ID == id })
		if i < 0 {
			t.Fatalf("no contest %s", id)
		}
		return def.Contests[i]
	}
	president := contest("cc-president")
	want := election.Choice{ID: "cs-president-gb", Name: election.T("George Bush / Dick Cheney"), Kind: election.Candidate, Parties: []election.PartyID{"par-rep"},
		Ticket: []election.Text{election.T("George Bush"), election.T("Dick Cheney")}, External: map[string]string{candidateKey: "can-gb can-dc"}}
	if diff := cmp.Diff(want, president.Choices[1]); diff != "" {
		t.Error(diff)
	}
	if w := president.Choices[3]; w.Kind != election.WriteIn || w.Name.String() != writeInName {
		t.Errorf("the write-in line is %+v", w)
	}
	if p := contest("spc-1"); p.Kind != election.PartyContest || p.Choices[0].Kind != election.Ticket || p.Choices[0].Name.String() != "Libertarian" {
		t.Errorf("straight party: %+v", p)
	}
	if m := contest("bm-proposal-1"); m.Choices[0].Kind != election.Yes || m.Choices[1].Kind != election.No || m.Question.String() == "" {
		t.Errorf("measure: %+v", m)
	}
	if a := contest("cc-county-assessor"); a.VotesAllowed != 2 || a.Elected != 2 {
		t.Errorf("vote for %d, elect %d", a.VotesAllowed, a.Elected)
	}
	parents := make(map[election.UnitID]election.UnitID)
	districts := make(map[election.UnitID][]election.DistrictID)
	for _, u := range def.Units {
		parents[u.ID], districts[u.ID] = u.Parent, u.Districts
	}
	for unit, parent := range map[election.UnitID]election.UnitID{"ru-county-1": "", "cp-1-4-5-6": "ru-county-1", "prec-4": "cp-1-4-5-6", "prec-2": "ru-county-1", "ps-2a": "prec-2"} {
		if parents[unit] != parent {
			t.Errorf("%s lies in %q, want %q", unit, parents[unit], parent)
		}
	}
	if diff := cmp.Diff([]election.DistrictID{"ru-congress-2", "ru-assembly-2", "ru-county-commisioner-2", "ru-supreme-court-b", "ru-county-1", "ps-2b"}, districts["ps-2b"]); diff != "" {
		t.Error(diff)
	}
	if len(districts["prec-2"]) > 0 {
		t.Errorf("a precinct with parts has districts of its own: %v", districts["prec-2"])
	}
}

// TestGen02 looks at ranked choice, rotation and a recall.
func TestGen02(t *testing.T) {
	const name = "nist-err/samples/gen-02/pe-err-gen-02.json"
	def := mustRead(t, name, sample(t, name), nil).Def
	ranked, rotated := 0, 0
	for _, c := range def.Contests {
		if c.Variation == election.Ranked {
			ranked++
			if c.Elected != 1 {
				t.Errorf("%s elects %d", c.ID, c.Elected)
			}
		}
		if c.Rotates {
			rotated++
		}
	}
	if ranked == 0 || rotated == 0 {
		t.Errorf("%d ranked, %d rotated", ranked, rotated)
	}
	var second election.Style
	for _, s := range def.Styles {
		if s.Name == "Mooring" {
			second = s
		}
	}
	if diff := cmp.Diff([]election.ChoiceID{"co-president-bh", "co-president-as", "co-president-wi"}, second.Orders["cc-president"]); diff != "" {
		t.Errorf("the order on the second ballot: %s", diff)
	}
}

// TestCambridge looks at a real report: places served by precincts, and a
// county around the city that is only a district.
func TestCambridge(t *testing.T) {
	const name = "nist-err/samples/cambridge-2022-general/err-2022-11-08-Massachusetts-Cambridge.json"
	def := mustRead(t, name, sample(t, name), nil).Def
	if len(def.Units) != 43 || len(def.Places) != 30 || len(def.Styles) != 12 || len(def.Contests) != 26 {
		t.Errorf("%d units, %d places, %d styles, %d contests", len(def.Units), len(def.Places), len(def.Styles), len(def.Contests))
	}
	kinds := make(map[election.PlaceKind]int)
	for _, p := range def.Places {
		kinds[p.Kind]++
	}
	if kinds[election.PollingPlace] != 27 || kinds[election.Center] != 3 {
		t.Errorf("places: %v", kinds)
	}
	if u := def.Units[1]; u.Name != "Precinct 1-1" || len(u.Districts) < 5 {
		t.Errorf("first precinct: %+v", u)
	}
}

// TestVIPSample imports the specification's own feed: two counties, split
// precincts, contests and styles.
func TestVIPSample(t *testing.T) {
	res := mustRead(t, "feed.xml", sample(t, "vip/sample_feed_v5.2.xml"), nil)
	def := res.Def
	if bad := Errors(append(res.Problems, Check(def)...)); len(bad) > 0 {
		t.Fatal(bad)
	}
	if e := def.Election; e.ID != "2013-11-05-general" || e.Scope != "st51" || e.State != "VA" || e.TimeZone != "America/New_York" || e.PollsOpen != "06:00" || e.PollsClose != "19:00" || len(e.Calendar) != 2 {
		t.Errorf("election: %+v", e)
	}
	if got := instantText(def.Election.Calendar[0].At, def.Election); got != "2013-10-15 23:59:59" {
		t.Errorf("the registration deadline is %s", got)
	}
	if len(def.Contests) != 17 || len(def.Styles) != 12 || len(def.Places) != 27 || len(def.Districts) != 9 {
		t.Errorf("%d contests, %d styles, %d places, %d districts", len(def.Contests), len(def.Styles), len(def.Places), len(def.Districts))
	}
	splits := 0
	for _, u := range def.Units {
		if u.Type == election.SplitPrecinct {
			splits++
			if u.Name == "201 - JACK JOUETT (0001)" && (u.Number != "0201-0001" || u.Parent != "precinct-0201" || len(u.Districts) != 3) {
				t.Errorf("split: %+v", u)
			}
		}
	}
	if splits == 0 {
		t.Error("no split precincts")
	}
	if c := def.Contests[0]; c.ID != "cc20002" || c.Name.String() != "President and Vice-President of the United States" || c.External[nameKey] != "President and Vice-President" || len(c.Choices[0].Ticket) != 2 {
		t.Errorf("first contest: %+v", c)
	}
	for _, format := range []string{"vip52", "vip60", "spreadsheet", "hustings-json"} {
		same(t, format, def, again(t, format, def))
	}
	one := again(t, "vip-csv", def)
	same(t, "tables, second time", one, again(t, "vip-csv", one))
	validXML(t, "vip/vip_spec_v5.2.xsd", written(t, "vip52", def))
	validXML(t, "vip/vip_spec_v6.0.xsd", written(t, "vip60", def))
	validXML(t, "nist-err/schema/NIST_V2_election_results_reporting.xsd", written(t, "nist-xml", def))
	validJSON(t, written(t, "nist-json", def))
	nist := again(t, "nist-json", def)
	same(t, "NIST, second time", nist, again(t, "nist-xml", nist))
}

// maricopa is the real feed of a county with its maps: 748 precincts.
func maricopa(t testing.TB) *election.Definition {
	t.Helper()
	return mustRead(t, "vipfeed-04013-2020-11-03.xml", sample(t, "vip/vipfeed-04013-2020-11-03.xml"), nil).Def
}

func TestMaricopa(t *testing.T) {
	res := mustRead(t, "vipfeed-04013-2020-11-03.xml", sample(t, "vip/vipfeed-04013-2020-11-03.xml"), nil)
	def := res.Def
	if bad := Errors(append(res.Problems, Check(def)...)); len(bad) > 0 {
		t.Fatal(bad)
	}
	if e := def.Election; e.ID != "2020-11-03-general" || e.Jurisdiction != "ocd-division/country:us/state:az/county:maricopa" || e.TimeZone != "America/Phoenix" || e.Scope != "loc04013" {
		t.Errorf("election: %+v", e)
	}
	if len(def.Units) != 749 || len(def.Places) != 560 {
		t.Errorf("%d units, %d places", len(def.Units), len(def.Places))
	}
	kinds := make(map[election.PlaceKind]int)
	for _, p := range def.Places {
		kinds[p.Kind]++
	}
	if diff := cmp.Diff(map[election.PlaceKind]int{election.DropBox: 210, election.EarlySite: 175, election.Center: 175}, kinds); diff != "" {
		t.Error(diff)
	}
	last, err := def.LastClose()
	if err != nil || last.Format("2006-01-02T15:04:05Z07:00") != "2020-11-03T19:00:00-07:00" {
		t.Errorf("the last poll closes at %v, %v", last, err)
	}
	if !has(res.Problems, "warn hours_offset") {
		t.Error("nothing was said of the hours in another zone's offset")
	}
	for _, format := range []string{"vip60", "vip52", "vip-csv", "spreadsheet", "hustings-json"} {
		same(t, format, def, again(t, format, def))
	}
	validXML(t, "vip/vip_spec_v6.0.xsd", written(t, "vip60", def))
	validXML(t, "vip/vip_spec_v5.2.xsd", written(t, "vip52", def))
}

func TestMaricopaMaps(t *testing.T) {
	county := maricopa(t)
	before := county.Hash()
	for _, name := range []string{"geo/maricopa-2020-precincts.geojson", "geo/maricopa-2020-precincts.topojson"} {
		res := mustRead(t, name, sample(t, name), county)
		if n := len(res.Def.Shapes); n != 743 {
			t.Errorf("%s: %d shapes", name, n)
		}
		if len(res.Def.Units) != len(county.Units) || has(res.Problems, "warn no_unit") || !has(res.Problems, "warn no_shape") {
			t.Errorf("%s: %d units; %v", name, len(res.Def.Units), keys(res.Problems))
		}
		bare := clone(res.Def)
		bare.Shapes = nil
		same(t, name+" written and read again", res.Def, mustRead(t, "map.geojson", written(t, "geojson", res.Def), bare).Def)
	}
	if county.Hash() != before {
		t.Error("the base was changed")
	}
}

// TestMaricopaSplits joins the map of ballot splits: parts of precincts, and the
// school, city and fire districts they lie in.
func TestMaricopaSplits(t *testing.T) {
	county := mustRead(t, "p.geojson", sample(t, "geo/maricopa-2020-precincts.geojson"), maricopa(t)).Def
	body := sample(t, "geo/maricopa-2020-precinct-splits.geojson")
	res := mustRead(t, "splits.geojson", body, county)
	def := res.Def
	if bad := Errors(append(res.Problems, Check(def)...)); len(bad) > 0 {
		t.Fatal(bad)
	}
	if has(res.Problems, "warn no_unit") {
		t.Error("some features joined nothing")
	}
	types := make(map[string]int)
	for _, d := range def.Districts {
		types[d.External["SCHDIST"]+"|"+d.Type]++
	}
	by := make(map[string]int)
	for _, d := range def.Districts {
		for _, column := range []string{"SCHDIST", "HSCHDST", "CTYDIST", "EVITDIST", "FIREDIST"} {
			if d.External[column] != "" {
				by[column]++
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"SCHDIST": 35, "HSCHDST": 5, "CTYDIST": 35, "EVITDIST": 2, "FIREDIST": 2}, by); diff != "" {
		t.Error(diff)
	}
	shapes := make(map[election.UnitID]bool)
	for _, s := range def.Shapes {
		shapes[s.Unit] = true
	}
	splits, precincts := 0, 0
	for _, u := range def.Units {
		switch {
		case u.Type == election.SplitPrecinct:
			splits++
			if !shapes[u.ID] {
				t.Errorf("%s has no boundary", u.ID)
			}
		case u.Type == election.Precinct && shapes[u.ID]:
			precincts++
		}
		if u.Number == "0002-1" {
			if diff := cmp.Diff([]election.DistrictID{"city-district-o3", "school-district-11"}, u.Districts); diff != "" || u.Parent != "pr0002" || u.Name != "ACOMA (1)" {
				t.Errorf("%+v %s", u, diff)
			}
		}
	}
	if splits != 568 || precincts != 743 {
		t.Errorf("%d splits, %d precincts with boundaries", splits, precincts)
	}
	same(t, "the same map once more", def, mustRead(t, "splits.geojson", body, def).Def)
	nist := again(t, "nist-json", def)
	same(t, "NIST, second time", nist, again(t, "nist-xml", nist))
	if len(nist.Shapes) != len(def.Shapes) {
		t.Errorf("NIST carries %d of %d boundaries", len(nist.Shapes), len(def.Shapes))
	}
	vip := again(t, "vip60", def)
	same(t, "VIP, second time", vip, again(t, "vip60", vip))
}

func BenchmarkMaricopa(b *testing.B) {
	feed, precincts := sample(b, "vip/vipfeed-04013-2020-11-03.xml"), sample(b, "geo/maricopa-2020-precincts.geojson")
	splits := sample(b, "geo/maricopa-2020-precinct-splits.geojson")
	for b.Loop() {
		def := mustRead(b, "feed.xml", feed, nil).Def
		def = mustRead(b, "precincts.geojson", precincts, def).Def
		def = mustRead(b, "splits.geojson", splits, def).Def
		if len(Errors(Check(def))) > 0 {
			b.Fatal("errors")
		}
		Diff(nil, def)
	}
}
