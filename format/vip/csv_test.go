// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"
)

func zipOf(t testing.TB, files ...txtar.File) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(f.Data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readZipBytes(data []byte, limits Limits) (*Feed, []Problem, error) {
	return ReadZip(bytes.NewReader(data), int64(len(data)), limits)
}

// unlabelled ignores labels: the CSV form needs an id for every part, and a
// part that came without gets one.
var unlabelled = cmpopts.IgnoreFields(Part{}, "Label")

func TestCSVReadsBackTheSameButForWhatItSaysIsLost(t *testing.T) {
	for _, tt := range []struct {
		name string
		xml  func(*testing.T) []byte
		lost map[string]int // sentences about losses, by field
	}{
		{"Maricopa County", func(t *testing.T) []byte { return sharedFile(t, "vipfeed-04013-2020-11-03.xml") }, map[string]int{}},
		{"the sample of 5.2", func(t *testing.T) []byte { return sharedFile(t, "sample_feed_v5.2.xml") }, map[string]int{
			"Election.ElectionType": 1, "State.Type": 1, "Office.Description": 1,
			"BallotMeasureContest.BallotTitle": 1, "BallotMeasureContest.ConStatement": 1, "BallotMeasureContest.EffectOfAbstain": 1,
			"BallotMeasureContest.ProStatement": 1, "RetentionContest.BallotTitle": 1, "BallotMeasureSelection.Selection": 4,
			"ContactInformation.Phone": 1, "ContactInformation.Uri": 1, "PollingLocation.AddressLine": 26,
		}},
		{"our own feed", func(t *testing.T) []byte { return readFile(t, "testdata/full.xml") }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			feed := mustRead(t, tt.xml(t))
			var first, second bytes.Buffer
			lost, err := WriteCSVZip(&first, feed)
			if err != nil {
				t.Fatal(err)
			}
			again, problems, err := readZipBytes(first.Bytes(), Limits{})
			if err != nil || len(problems) > 0 {
				t.Fatalf("the tables do not read back: %v %v", err, problems)
			}
			if tt.lost != nil {
				got := map[string]int{}
				for _, p := range lost {
					got[p.Element+"."+p.Field]++
				}
				if diff := cmp.Diff(tt.lost, got); diff != "" {
					t.Errorf("what was lost (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(feed, again, sameBut(unlabelled, onlyWhatCSVCarries())); diff != "" {
				t.Errorf("reads back different (-was +is):\n%s", diff)
			}
			if len(lost) == 0 {
				if diff := cmp.Diff(feed, again, sameBut(unlabelled)); diff != "" {
					t.Errorf("nothing was said to be lost, but (-was +is):\n%s", diff)
				}
			}
			if _, err := WriteCSVZip(&second, again); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Errorf("a second writing gives other bytes, error %v", err)
			}
		})
	}
}

// onlyWhatCSVCarries compares texts by their English, lists by their first,
// addresses on one line and schedules by their openings.
func onlyWhatCSVCarries() cmp.Option {
	return cmp.Options{
		cmp.Transformer("english", func(t Text) string { return t.In("en") }),
		cmp.Transformer("firstIdentifier", func(x ExternalIdentifiers) string {
			return fmt.Sprint(x.Identifiers[0].Type, x.Identifiers[0].OtherType, x.Identifiers[0].Value)
		}),
		ofSome("first", func(list []Annotated) string {
			if len(list) == 0 {
				return ""
			}
			return list[0].Value
		}),
		ofSome("joined", func(list []string) string {
			return strings.Join(strings.FieldsFunc(strings.Join(list, " "), func(r rune) bool { return r == ' ' || r == ',' }), " ")
		}),
		ofSome("openings", func(list []Schedule) string {
			var days strings.Builder
			for _, s := range list {
				for _, h := range s.Hours {
					fmt.Fprintln(&days, s.StartDate, s.EndDate, s.IsOrByAppointment, h.StartTime.Value, h.EndTime.Value)
				}
			}
			return days.String()
		}),
	}
}

// ofSome transforms lists, unless both are empty.
func ofSome[T any](name string, to func([]T) string) cmp.Option {
	return cmp.FilterValues(func(x, y []T) bool { return len(x)+len(y) > 0 }, cmp.Transformer(name, to))
}

func TestTablesAsOfficesSendThem(t *testing.T) {
	archive := txtar.Parse(readFile(t, "testdata/tables.txtar"))
	// The archive also holds what cannot be seen in an editor.
	for i := range archive.Files {
		f := &archive.Files[i]
		switch f.Name {
		case "feed/state.txt":
			f.Data = append([]byte("\ufeff"), f.Data...)
		case "feed/locality.txt":
			f.Data = bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
		case "feed/precinct.txt":
			f.Data = bytes.ReplaceAll(f.Data, []byte("{n}"), []byte{0xf1})
		}
	}
	feed, problems, err := readZipBytes(zipOf(t, archive.Files...), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(string(p.Kind) + "\t" + p.String() + "\n")
	}
	golden(t, "testdata/tables.problems", b.String())

	office := feed.ElectionAdministrations[0]
	got := []string{
		feed.Version, feed.States[0].Name, feed.Localities[0].Name, feed.Precincts[0].Name,
		feed.Elections[0].Date.String(), feed.Elections[0].Name.In("es"),
		feed.Sources[0].FeedContactInformation.Emails[0].Value,
		office.Departments[0].ContactInformation.Address(),
		office.Departments[0].VoterServices[0].ContactInformation.Phones[0].Value,
		feed.HoursOpen[0].Schedules[1].Hours[0].EndTime.Value.String(),
		feed.PollingLocations[1].Address(),
		feed.Precincts[0].SpatialBoundary.ExternalGeospatialFeature.FeatureIdentifiers[2].Index,
		string(feed.ExternalFiles[0].Checksum.Algorithm),
		feed.Offices[0].ContactInformation[0].Name, string(feed.Offices[0].Term.Type),
		feed.StreetSegments[0].StreetName,
	}
	want := []string{
		"5.2", "Zeeland", "Larkspur, County of", "Doña Mill",
		"2026-11-03", "General Election",
		"feed@larkspur.example",
		"Old Mill, 1 Mill Rd, Larkspur, ZZ 99999",
		"555-0102",
		"19:00:00-07:00",
		"3 Main St, Larkspur ZZ",
		"9",
		"sha-256",
		"Mayor's Office", "full-term",
		"Delaware",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestZipsThatCannotBeReadSayWhy(t *testing.T) {
	xml := txtar.File{Name: "a.xml", Data: []byte("<VipObject></VipObject>")}
	state := txtar.File{Name: "state.txt", Data: []byte("id,name\nst1,Zeeland\n")}
	bomb := txtar.File{Name: "state.txt", Data: append([]byte("id,name\n"), bytes.Repeat([]byte("st1,Zeeland\n"), 100_000)...)}
	many := make([]txtar.File, 20)
	for i := range many {
		many[i].Name = fmt.Sprintf("%d.txt", i)
	}
	for _, tt := range []struct {
		name   string
		data   []byte
		want   string
		limits Limits
	}{
		{"no zip", []byte("id,name"), "the zip: the archive is cut short or damaged", Limits{}},
		{"nothing in it", zipOf(t), "neither an XML feed nor tables", Limits{}},
		{"only pictures", zipOf(t, txtar.File{Name: "a.png"}), "neither an XML feed nor tables", Limits{}},
		{"two feeds", zipOf(t, xml, txtar.File{Name: "b.xml"}), `two XML files, "a.xml" and "b.xml"`, Limits{}},
		{"one table twice", zipOf(t, state, txtar.File{Name: "x/STATE.csv"}), "the table state twice", Limits{}},
		{"more files than allowed", zipOf(t, many...), "holds more files than the limit of 10", Limits{Files: 10}},
		{"more rows than allowed", zipOf(t, bomb), "state.txt, line 1002: the file has more rows than the limit of 1000", Limits{Elements: 1000}},
		{"more text than allowed", zipOf(t, bomb), "unpacks to more than the limit", Limits{Bytes: 100_000}},
		{"a broken feed", zipOf(t, txtar.File{Name: "v/f.xml", Data: []byte("<VipObject>")}), "v/f.xml: line 1: the file ends", Limits{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			feed, _, err := readZipBytes(tt.data, tt.limits)
			if feed != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestAnUnclosedQuotationMarkCostsOneRow(t *testing.T) {
	rows := "id,name\nst1,\"Zee\n" + strings.Repeat("st2,Zeeland\n", 3000)
	feed, problems, err := readZipBytes(zipOf(t, txtar.File{Name: "state.txt", Data: []byte(rows)}, txtar.File{Name: "party.txt"}), Limits{})
	if err != nil || len(feed.States) < 3000 || len(problems) == 0 || !strings.Contains(problems[0].Say, "quot") {
		t.Errorf("%d states, error %v, problems %v", len(feed.States), err, problems[:min(3, len(problems))])
	}
}

func TestZipWithXMLBesideOtherFiles(t *testing.T) {
	data := zipOf(t,
		txtar.File{Name: "__MACOSX/._feed.xml", Data: []byte("x")},
		txtar.File{Name: "readme.txt", Data: []byte("hello")},
		txtar.File{Name: "feed/feed.xml", Data: readFile(t, "testdata/full.xml")},
		txtar.File{Name: "gis.zip", Data: []byte("PK")})
	feed, problems, err := readZipBytes(data, Limits{})
	if err != nil || len(problems) > 0 || len(feed.Precincts) != 1 {
		t.Errorf("got %v, problems %v, error %v", feed, problems, err)
	}
}

func FuzzReadTables(f *testing.F) {
	for _, file := range txtar.Parse(readFile(f, "testdata/tables.txtar")).Files {
		f.Add(strings.TrimSuffix(strings.TrimPrefix(file.Name, "feed/"), ".txt"), file.Data)
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if !isTable(name) {
			return
		}
		limits := Limits{Elements: 1000, Problems: 100, Value: 1 << 12}.orDefaults()
		c := newCSVFeed(limits, &problems{limit: limits.Problems}, func(table string) (io.Reader, error) {
			if table != name {
				return nil, nil
			}
			return bytes.NewReader(data), nil
		})
		if c.readTables() == nil {
			check(c.feed, c.ps)
		}
	})
}

// manySegments is a feed with n street segments.
func manySegments(b *testing.B, n int) *Feed {
	feed := mustRead(b, readFile(b, "testdata/full.xml"))
	feed.StreetSegments = nil
	for i := range n {
		feed.StreetSegments = append(feed.StreetSegments, StreetSegment{
			Element: Element{ID: ID(fmt.Sprintf("ss%d", i))}, City: "Larkspur", State: "ZZ", Zip: "99999", PrecinctID: "pre1",
			StreetName: fmt.Sprintf("Street %d", i/40), StreetSuffix: "St", OddEvenBoth: BothSides,
			StartHouseNumber: Some(i), EndHouseNumber: Some(i + 98),
		})
	}
	return feed
}

func BenchmarkRead48000Segments(b *testing.B) {
	feed := manySegments(b, 48_000)
	var xml, tables bytes.Buffer
	if _, err := WriteXML(&xml, feed, Version60); err != nil {
		b.Fatal(err)
	}
	if _, err := WriteCSVZip(&tables, feed); err != nil {
		b.Fatal(err)
	}
	b.Run("XML", func(b *testing.B) {
		b.SetBytes(int64(xml.Len()))
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := Read(bytes.NewReader(xml.Bytes()), Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("CSV", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := readZipBytes(tables.Bytes(), Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
