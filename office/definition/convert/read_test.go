// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"io"
	"os"
	"strings"
	"testing"

	"hustings/election"
	"hustings/kit/fault"
)

// testdata reads one of our own files.
func testdata(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	for _, tt := range []struct{ name, file, body, want string }{
		{"nothing", "empty.json", "", "the file is empty"},
		{"JSON of another kind", "a.json", `{"hello": 1}`, "JSON of no known kind"},
		{"JSON that breaks off", "a.json", "{\"election\":\n {\"id\": \"x\"", "damaged near line 2"},
		{"a picture", "a.png", "\x89PNG\r\n\x1a\n\x00\x00", "none of NIST"},
		{"a report without an election", "a.xml", `<ElectionReport xmlns="http://itl.nist.gov/ns/voting/1500-100/v2"><Format>precinct-level</Format></ElectionReport>`, "holds no election"},
		{"XML that breaks off", "a.xml", `<ElectionReport xmlns="http://itl.nist.gov/ns/voting/1500-100/v2"><Election>`, "could not be read"},
		{"a definition with the wrong types", "a.json", `{"election": {"id": "x", "name": 7}}`, "could not be read"},
		{"an archive of pictures", "a.zip", string(csvZip(t, map[string]string{"a.png": "x"})), "holds no file"},
		{"an archive in an archive", "a.zip", string(csvZip(t, map[string]string{"b.xlsx": string(csvZip(t, map[string]string{"c.csv": "x"}))})), "another archive"},
	} {
		_, err := Read(tt.file, []byte(tt.body), nil)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Sentence(err), tt.want) {
			t.Errorf("%s: got %v, want “…%s…”", tt.name, err, tt.want)
		}
	}
}

func TestFieldsOfANewerVersionAreTold(t *testing.T) {
	res := mustRead(t, "a.json", []byte(`{"election": {"id": "2026-11-03-general", "weather": "fair"}}`), nil)
	if !has(res.Problems, "warn unknown_field") || res.Def.Election.ID != "2026-11-03-general" {
		t.Errorf("%v, %+v", res.Problems, res.Def.Election)
	}
}

// TestDirtyReport reads a report with what real ones have: a contest in a
// district of nobody, a candidate who is not there, several primary parties, a
// ward that lies in two counties, an unknown threshold, hours in two offsets.
func TestDirtyReport(t *testing.T) {
	res := mustRead(t, "report.xml", testdata(t, "dirty.nist.xml"), nil)
	def := res.Def
	for _, want := range []string{"hold no_candidate", "warn no_choice_name", "warn one_primary_party", "hold threshold_unread", "warn bad_hours", "info outside", "info left_out_headings", "info shape_format", "warn shape_unread"} {
		if !has(res.Problems, want) {
			t.Errorf("nothing was said of %s: %v", want, keys(res.Problems))
		}
	}
	if def.Election.State != "AZ" || def.Election.TimeZone != "America/Phoenix" {
		t.Errorf("election: %+v", def.Election)
	}
	parents := make(map[election.UnitID]election.UnitID)
	for _, u := range def.Units {
		parents[u.ID] = u.Parent
	}
	for unit, want := range map[election.UnitID]election.UnitID{"co-1": "st", "p1": "ward-1", "ward-1": "co-1", "p2": "co-1", "p3": "co-2", "site": "co-1", "device": "st"} {
		if parent, ok := parents[unit]; !ok || parent != want {
			t.Errorf("%s lies in %q, want %q", unit, parent, want)
		}
	}
	if _, ok := parents["ward-2"]; ok {
		t.Error("a ward in two counties is a unit, so sums over it would be wrong")
	}
	var ward2 []string
	for _, u := range def.Units {
		if strings.Contains(joinList(u.Districts), "ward-2") {
			ward2 = append(ward2, string(u.ID))
		}
	}
	if strings.Join(ward2, " ") != "p2 p3" {
		t.Errorf("voters of ward-2 live in %v", ward2)
	}
	if len(def.Places) != 1 || def.Places[0].City != "Gila Bend" || len(def.Places[0].Hours) != 2 {
		t.Errorf("places: %+v", def.Places)
	}
	if len(def.Shapes) != 1 || def.Shapes[0].Unit != "p1" {
		t.Errorf("shapes: %+v", def.Shapes)
	}
	if len(def.VoteTypes) != 3 || def.VoteTypes[0].Item != election.ElectionDay || def.VoteTypes[2].ID != "curbside" {
		t.Errorf("vote types: %+v", def.VoteTypes)
	}
	same(t, "written and read again", def, again(t, "nist-xml", def))
}

// TestDirtyFeed reads a feed with what real ones have: no name, places nobody is
// assigned to, hours without a day, unstructured addresses, a split precinct.
func TestDirtyFeed(t *testing.T) {
	res := mustRead(t, "feed.xml", testdata(t, "dirty.vip.xml"), nil)
	def := res.Def
	for _, want := range []string{"info election_named", "warn place_unassigned", "warn hours_undated", "warn hours_offset", "info left_out_streets"} {
		if !has(res.Problems, want) {
			t.Errorf("nothing was said of %s: %v", want, keys(res.Problems))
		}
	}
	if e := def.Election; e.ID != "2026-08-04-primary" || e.TimeZone != "America/Denver" || e.Scope != "loc1" || e.Jurisdiction != "ocd-division/country:us/state:nm/county:dona_ana" {
		t.Errorf("election: %+v", e)
	}
	want := map[election.UnitID]string{"loc1": "", "pre1": "loc1", "precinct-0002": "loc1", "pre2a": "precinct-0002", "pre2b": "precinct-0002"}
	for _, u := range def.Units {
		if string(u.Parent) != want[u.ID] {
			t.Errorf("%s lies in %q, want %q", u.ID, u.Parent, want[u.ID])
		}
		delete(want, u.ID)
	}
	if len(want) > 0 {
		t.Errorf("missing units: %v", want)
	}
	for _, p := range def.Places {
		if p.ID == "pl2" && (p.Line1 != "12 Plaza" || p.City != "Las Cruces" || p.State != "NM" || p.Zip != "88001") {
			t.Errorf("address: %+v", p)
		}
	}
	same(t, "written and read again", def, again(t, "vip60", def))
}

// TestAFeedAddsToAnElection adds places and splits to an election that has its
// ballot already; the feed's ids are others, its numbers and names the same.
func TestAFeedAddsToAnElection(t *testing.T) {
	base := &election.Definition{
		Election: election.Election{ID: "2026-08-04-primary", Name: election.T("Primary"), Type: election.Primary, Start: "2026-08-04", End: "2026-08-04", State: "NM", TimeZone: "America/Denver", Scope: "donaana"},
		Units: []election.Unit{{ID: "donaana", Type: election.County, Name: "Doña Ana County"},
			{ID: "one", Type: election.Precinct, Name: "Plaza", Number: "0001", Parent: "donaana"}, {ID: "two", Type: election.Precinct, Name: "Mesilla", Number: "2", Parent: "donaana"}},
		Contests: []election.Contest{{ID: "sheriff", Name: election.T("Sheriff"), Kind: election.CandidateContest, Variation: election.Plurality, VotesAllowed: 1, Elected: 1, Choices: []election.Choice{{ID: "x", Name: election.T("Xi"), Kind: election.Candidate}}}},
	}
	before := base.Hash()
	res := mustRead(t, "feed.xml", testdata(t, "dirty.vip.xml"), base)
	def := res.Def
	if base.Hash() != before {
		t.Error("the base was changed")
	}
	if len(def.Places) != 3 || len(def.Units) != 5 || def.Election.Scope != "donaana" || def.Election.Name.String() != "Primary" || len(def.Contests) != 1 {
		t.Errorf("%d places, %d units, %+v", len(def.Places), len(def.Units), def.Election)
	}
	parents := make(map[election.UnitID]election.UnitID)
	for _, u := range def.Units {
		parents[u.ID] = u.Parent
	}
	if parents["pre2a"] != "two" || parents["pre2b"] != "two" {
		t.Errorf("the parts lie in %v", parents)
	}
	for _, p := range def.Places {
		if p.ID == "pl1" && joinList(p.Units) != "one" {
			t.Errorf("pl1 serves %v", p.Units)
		}
	}
	if !has(res.Problems, "warn units_added") {
		t.Errorf("said: %v", keys(res.Problems))
	}
	same(t, "the same feed again", def, mustRead(t, "feed.xml", testdata(t, "dirty.vip.xml"), def).Def)
}

// TestAReportAddsToAnElection takes what both have from the file.
func TestAReportAddsToAnElection(t *testing.T) {
	base := example()
	changed := example()
	changed.Contests[1].Choices[0].Name = election.T("Eva Fox")
	changed.Contests = changed.Contests[1:2]
	changed.Styles, changed.Places = nil, nil
	res := mustRead(t, "a.nist.xml", written(t, "nist-xml", changed), base)
	if got := res.Def.Contests[1].Choices[0].Name.String(); len(res.Def.Contests) != 3 || got != "Eva Fox" || len(res.Def.Places) != 3 {
		t.Errorf("%d contests, %s, %d places", len(res.Def.Contests), got, len(res.Def.Places))
	}
	changed.Election.End = "2026-11-04"
	if res := mustRead(t, "a.json", written(t, "hustings-json", changed), base); !has(res.Problems, "hold other_day") {
		t.Errorf("another day: %v", keys(res.Problems))
	}
}

// FuzzReadDefinition: whatever bytes come in, Read ends, and what it makes can be
// checked, compared and written without a panic.
func FuzzReadDefinition(f *testing.F) {
	ex := full()
	for _, format := range Formats {
		f.Add("file"+format.Ext, written(f, format.Name, ex), false)
	}
	f.Add("dirty.xml", testdata(f, "dirty.nist.xml"), false)
	f.Add("dirty.xml", testdata(f, "dirty.vip.xml"), true)
	f.Add("files.zip", csvZip(f, clerk), false)
	for name, body := range clerk {
		f.Add(name, []byte(body), true)
	}
	f.Add("map.geojson", collection(f, square(0, map[string]any{"NAME": "Courthouse", "SPLITID": 1, "SCHDIST": "3"})), true)
	f.Add("map.json", []byte(`{"type":"Topology","arcs":[[[-83,40],[-82.9,40],[-82.9,40.1],[-83,40]]],"objects":{"zz":{"type":"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[0]],"id":"p1"}]}}}`), true)
	f.Fuzz(func(t *testing.T, name string, body []byte, add bool) {
		var base *election.Definition
		hash := ""
		if add {
			base = example()
			hash = base.Hash()
		}
		res, err := Read(name, body, base)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("an error that tells the office nothing: %v", err)
			}
			return
		}
		if base != nil && base.Hash() != hash {
			t.Fatal("the base was changed")
		}
		clean := len(Errors(Check(res.Def))) == 0
		Diff(base, res.Def)
		if clean {
			same(t, "JSON", res.Def, again(t, "hustings-json", res.Def))
		}
		for _, name := range []string{"nist-json", "vip60", "geojson"} { // workbooks are slow to write
			f, _ := FormatNamed(name)
			_ = f.Write(io.Discard, res.Def) // a refusal is fine, a panic is not
		}
	})
}
