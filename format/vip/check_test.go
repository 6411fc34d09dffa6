// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
)

// A feed that is made in memory, not read, can hold what no file can.
func TestFeedsMadeInMemoryAreCheckedBeforeTheyAreWritten(t *testing.T) {
	for _, tt := range []struct {
		name string
		harm func(*Feed)
		want string // empty: it may be written
	}{
		{"nothing wrong", func(*Feed) {}, ""},
		{"no source", func(f *Feed) { f.Sources = nil }, "Source the feed has none"},
		{"no election", func(f *Feed) { f.Elections = nil }, "Election the feed has none"},
		{"two elections are odd but can be written", func(f *Feed) {
			second := f.Elections[0]
			second.ID = "ele2"
			f.Elections = append(f.Elections, second)
		}, ""},
		{"the 30th of February", func(f *Feed) { f.Elections[0].Date = Date{2026, time.February, 30} }, "not a day of the calendar"},
		{"the year 10000", func(f *Feed) { f.Elections[0].Date = Date{10000, time.February, 3} }, "not a day of the calendar"},
		{"a feed made in the year 12026", func(f *Feed) { f.Sources[0].DateTime = DateTime{Time: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)} }, "cannot be written"},
		{"a time before midnight", func(f *Feed) { f.HoursOpen[0].Schedules[0].Hours[0].StartTime = Some(TimeWithZone{Seconds: -1}) }, "not a time of day"},
		{"a time with an odd offset", func(f *Feed) { f.HoursOpen[0].Schedules[0].Hours[0].StartTime = Some(TimeWithZone{Offset: 90}) }, "not a time of day"},
		{"a place that is no number", func(f *Feed) { f.PollingLocations[0].LatLng.Latitude = Some(math.NaN()) }, "not a number"},
		{"an id with a blank", func(f *Feed) { f.ExternalFiles[0].ID = "ef 1" }, "an id must begin with a letter"},
		{"no id at all", func(f *Feed) { f.PartySelections[0].ID = "" }, "id: is required"},
		{"one id twice", func(f *Feed) { f.Parties[0].ID = "off1" }, "has the same id"},
		{"an id of nothing", func(f *Feed) { f.Precincts[0].LocalityID = "loc9" }, `no element has the id "loc9"`},
		{"an id of the wrong sort is odd but can be written", func(f *Feed) { f.Precincts[0].LocalityID = "st99" }, ""},
		{"a word that is not on its list", func(f *Feed) { f.Localities[0].Type = "shire" }, `"shire" is not one of`},
		{"no address", func(f *Feed) { f.PollingLocations[0].AddressStructured = nil }, "no address"},
		{"an office without departments", func(f *Feed) { f.ElectionAdministrations[0].Departments = nil }, "Department: is required"},
		{"hours without a schedule", func(f *Feed) { f.HoursOpen[0].Schedules = nil }, "Schedule: is required"},
		{"a boundary without shapes", func(f *Feed) {
			f.Precincts[0].SpatialBoundary.ExternalGeospatialFeature.FeatureIdentifiers = nil
		}, "FeatureIdentifier: is required"},
		{"a text in no language", func(f *Feed) { f.Parties[0].Name.Texts[0].Language = "" }, "language: is required"},
		{"a name left empty is odd but can be written", func(f *Feed) { f.Localities[0].Name = "" }, ""},
		{"a web address that is none", func(f *Feed) { f.Sources[0].OrganizationURI = "http://[bad" }, "not a web address"},
		{"a web address with a blank is odd but can be written", func(f *Feed) { f.Sources[0].OrganizationURI = "http://a.example/a b" }, ""},
		{"letters that XML cannot carry", func(f *Feed) { f.Localities[0].Name = "a\x00b\xff & <c> \"d\"" }, ""},
		{"address lines beside a structured address", func(f *Feed) { f.PollingLocations[0].AddressLines = []string{"1 Main St"} }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			feed := mustRead(t, readFile(t, "testdata/full.xml"))
			tt.harm(feed)
			var out bytes.Buffer
			_, err := WriteXML(&out, feed, Version60)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				validate(t, out.Bytes(), Version60)
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || out.Len() > 0 {
				t.Errorf("got %v and %d bytes, want an error with %q", err, out.Len(), tt.want)
			}
		})
	}
	if _, err := WriteXML(&bytes.Buffer{}, &Feed{}, "7.0"); err == nil || !strings.Contains(err.Error(), `"7.0"`) {
		t.Errorf("version 7.0: %v", err)
	}
}
