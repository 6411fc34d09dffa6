// SPDX-License-Identifier: Apache-2.0

package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

// columbia is a state with 30 contests of which half are the whole state's and
// half a county's.
func columbia(counties, precincts int) *election.Definition {
	d := &election.Definition{
		Election:  election.Election{ID: "s", Name: election.T("General Election"), End: "2026-11-03", Scope: "columbia", TimeZone: "America/Phoenix"},
		Parties:   []election.Party{{ID: "fed", Name: election.T("Federalist"), Abbr: "FED", Color: "1d4f91"}, {ID: "whig", Name: election.T("Whig"), Abbr: "WHG", Color: "b3282d"}},
		Units:     []election.Unit{{ID: "columbia", Type: election.State, Name: "Columbia"}},
		VoteTypes: []election.VoteType{{ID: "early", Name: election.T("Early")}, {ID: "day", Name: election.T("Election day")}, {ID: "provisional", Name: election.T("Provisional")}},
	}
	for k := range counties {
		county := election.UnitID(fmt.Sprintf("county-%02d", k))
		d.Units = append(d.Units, election.Unit{ID: county, Type: election.County, Name: fmt.Sprintf("County %02d", k), Parent: "columbia"})
		for i := range precincts - k%2 {
			registered := int64(900 + 13*i)
			d.Units = append(d.Units, election.Unit{ID: election.UnitID(fmt.Sprintf("p-%02d-%03d", k, i)), Type: election.Precinct, Name: fmt.Sprintf("Precinct %03d", i),
				Parent: county, Registered: &registered, Districts: []election.DistrictID{"all", election.DistrictID(fmt.Sprintf("d-%02d", k))}})
		}
	}
	for c := range 30 {
		con := election.Contest{ID: election.ContestID(fmt.Sprintf("contest-%02d", c)), Name: election.T(fmt.Sprintf("Office No. %d", c)),
			Kind: election.CandidateContest, District: "all", VotesAllowed: 1, Elected: 1}
		if c >= 15 {
			con.District = election.DistrictID(fmt.Sprintf("d-%02d", c-15))
		}
		for i := range 4 {
			con.Choices = append(con.Choices, election.Choice{ID: election.ChoiceID(fmt.Sprint(i)), Name: election.T(fmt.Sprintf("Candidate %d-%d", c, i)), Kind: election.Candidate})
		}
		con.Choices[0].Parties, con.Choices[1].Parties = []election.PartyID{"fed"}, []election.PartyID{"whig"}
		d.Contests = append(d.Contests, con)
	}
	return d
}

// columbiaNight is such a state in mid-count; 15 counties of 100 precincts are
// what Arizona has.
func columbiaNight(t testing.TB, counties, precincts int) Input {
	f := NewFrame(tally.NewIndex(columbia(counties, precincts)), catalog(t, "es"))
	in := Input{Frame: f, Now: tally.Merge(f.Index, counted(f.Index, 0.7)), Version: 1, At: night, Status: election.UnofficialPartial, SmallUnit: 10,
		Style: Asset{Path: "assets/site.css"}, Script: Asset{Path: "assets/site.js"}}
	in.Stamps = after(t, nil, in).now.Stamps
	return in
}

// BenchmarkStatewide renders every page of a state in two languages.
func BenchmarkStatewide(b *testing.B) {
	in := columbiaNight(b, 15, 100)
	before := processorTime(b)
	defer func() {
		b.ReportMetric(float64((processorTime(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
	}()
	for b.Loop() {
		files, size := 0, 0
		if err := Render(context.Background(), in, func(_ string, body []byte) error { files++; size += len(body); return nil }); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(files), "files")
		b.ReportMetric(float64(size)/1e6, "MB")
	}
}

// processorTime is what this process has used of all processors: wall time
// means little on a machine that others use too.
func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkOnePrecinct renders what one more precinct changes in a state.
func BenchmarkOnePrecinct(b *testing.B) {
	prev := columbiaNight(b, 15, 100)
	next := prev
	s := onePrecinct(prev.Frame.Index, "p-03-001")
	next.Now = tally.Merge(prev.Frame.Index, counted(prev.Frame.Index, 0.7), s)
	for b.Loop() {
		files := 0
		if err := after(b, &prev, next).Render(context.Background(), func(string, []byte) error { files++; return nil }); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(files), "files")
	}
}

func TestAStateComparesCountiesAndACountyItsPrecincts(t *testing.T) {
	pages := rendered(t, columbiaNight(t, 5, 9))
	for _, tt := range []struct{ name, path, has, lacks string }{
		{"a statewide contest compares counties", "contest/contest-00.html", `href="../contest/contest-00/county-03.html"`, "precinct/"},
		{"and has a page for each county", "contest/contest-00/county-03.html", `href="../../precinct/p-03-007.html"`, "p-04-007"},
		{"a county's own contest compares precincts at once", "contest/contest-18.html", `href="../precinct/p-03-007.html"`, "county-04"},
		{"a precinct leads back to its county's page of the contest", "precinct/p-03-007.html", `href="../contest/contest-00.html"`, ""},
		{"in Spanish too", "es/contest/contest-00/county-03.html", `href="../../precinct/p-03-007.html"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page, ok := pages[tt.path]
			if !ok {
				t.Fatalf("no page %s", tt.path)
			}
			if !bytes.Contains(page, []byte(tt.has)) {
				t.Errorf("%s lacks %s", tt.path, tt.has)
			}
			if tt.lacks != "" && bytes.Contains(page, []byte(tt.lacks)) {
				t.Errorf("%s has %s", tt.path, tt.lacks)
			}
		})
	}
	if _, there := pages["contest/contest-18/county-03.html"]; there {
		t.Error("a contest of one county has its page twice")
	}
}

const maricopa = "../../../../shared/data/geo/maricopa-2020-precincts.geojson"

// largeCounty is a county of 743 real precinct shapes and made-up votes.
func largeCounty(t testing.TB) *election.Definition {
	raw, err := os.ReadFile(maricopa)
	if err != nil {
		t.Skipf("the public data sets are not here: %v", err)
	}
	var geo struct {
		Features []struct {
			Geometry struct {
				Type        string
				Coordinates json.RawMessage
			}
			Properties struct{ Precinct string }
		}
	}
	if err := json.Unmarshal(raw, &geo); err != nil {
		t.Fatal(err)
	}
	d := larkspur()
	d.Units, d.Shapes = d.Units[:1], nil
	r := rand.New(rand.NewSource(1))
	for _, f := range geo.Features {
		registered := int64(200 + r.Intn(6000))
		u := election.Unit{ID: election.UnitID("m-" + f.Properties.Precinct), Type: election.Precinct, Name: "Precinct " + f.Properties.Precinct,
			Number: f.Properties.Precinct, Parent: "larkspur", Registered: &registered, Districts: []election.DistrictID{"county"}}
		d.Units = append(d.Units, u)
		s := election.Shape{Unit: u.ID}
		if f.Geometry.Type == "Polygon" {
			s.Polygons = make([]election.Polygon, 1)
			err = json.Unmarshal(f.Geometry.Coordinates, &s.Polygons[0])
		} else {
			err = json.Unmarshal(f.Geometry.Coordinates, &s.Polygons)
		}
		if err != nil {
			t.Fatal(err)
		}
		d.Shapes = append(d.Shapes, s)
	}
	return d
}

func zipped(body []byte) int {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(body)
	_ = z.Close()
	return b.Len()
}

// TestPagesAreSmall holds every page, with its style sheets and script, to 60 kB
// as sent, in a county of 743 precincts; and the map that they share to 100 kB.
func TestPagesAreSmall(t *testing.T) {
	f := NewFrame(tally.NewIndex(largeCounty(t)), catalog(t, "es"))
	in := last(evening(t, f, 0, 0.8))
	dress(t, &in)
	files := rendered(t, in)
	shared := zipped(in.Style.Body) + zipped(in.Script.Body) + zipped(f.palette.Body)
	worst, at := 0, ""
	for path, body := range files {
		switch {
		case strings.HasPrefix(path, "assets/map-"):
			t.Logf("%s: %d kB, %d kB as sent", path, len(body)/1000, zipped(body)/1000)
			if n := zipped(body); n > 100_000 {
				t.Errorf("%s is %d bytes as sent, want at most 100,000", path, n)
			}
		case strings.HasSuffix(path, ".html"):
			if n := zipped(body) + shared; n > worst {
				worst, at = n, path
			}
		}
	}
	t.Logf("sheets and script %d kB; the largest page is %s, %d kB with them", shared/1000, at, worst/1000)
	if worst > 60_000 {
		t.Errorf("%s is %d bytes as sent with its sheets and script, want at most 60,000", at, worst)
	}
}
