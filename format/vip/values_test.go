// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTimeWithZone(t *testing.T) {
	for _, tt := range []struct {
		in, moment string // on 2020-11-03, in UTC; empty for an error
	}{
		{"06:00:00-07:00", "2020-11-03 13:00"},
		{"19:00:00-07:00", "2020-11-04 02:00"},
		{"00:00:00Z", "2020-11-03 00:00"},
		{"24:00:00-05:00", "2020-11-04 05:00"},
		{"06:30:00+14:00", "2020-11-02 16:30"},
		{"06:30:00-13:59", "2020-11-03 20:29"},
		{"06:30:00+00:00", "2020-11-03 06:30"},
		{"24:00:01-05:00", ""}, {"24:01:00-05:00", ""}, {"25:00:00Z", ""}, {"06:60:00Z", ""}, {"06:00:60Z", ""},
		{"06:00:00", ""}, {"06:00-07:00", ""}, {"6:00:00-07:00", ""}, {"06:00:00-7:00", ""}, {"06:00:00+14:01", ""},
		{"06:00:00-07:60", ""}, {"06:00:00z", ""}, {"", ""}, {"7 AM", ""}, {"06:00:00-07:00 ", ""}, {"٠٦:00:00Z", ""},
	} {
		got, err := ParseTimeWithZone(tt.in)
		if tt.moment == "" {
			if err == nil {
				t.Errorf("%q was read as %v", tt.in, got)
			}
			continue
		}
		moment := got.On(Date{2020, time.November, 3}).UTC().Format("2006-01-02 15:04")
		if err != nil || moment != tt.moment {
			t.Errorf("%q is %s, error %v, want %s", tt.in, moment, err, tt.moment)
		}
		if back, err := ParseTimeWithZone(got.String()); err != nil || back != got {
			t.Errorf("%q is written as %q, which reads as %v, %v", tt.in, got, back, err)
		}
	}
}

func TestDates(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"2020-11-03", "2020-11-03"},
		{"2020-02-29", "2020-02-29"},
		{"2020-11-03Z", "2020-11-03"},
		{"2020-11-03-07:00", "2020-11-03"},
		{"2019-02-29", ""}, {"2020-13-01", ""}, {"2020-00-10", ""}, {"2020-11-00", ""}, {"0000-01-01", ""},
		{"20-11-03", ""}, {"11/03/2020", ""}, {"2020-11-03T00:00:00", ""}, {"", ""},
	} {
		d, err := ParseDate(tt.in)
		if d.String() != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q is %q, error %v, want %q", tt.in, d, err, tt.want)
		}
	}
}

func TestDateTimes(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"2020-08-04T00:00:00", "2020-08-04T00:00:00"},
		{"2020-08-04T00:00:00.25", "2020-08-04T00:00:00.25"},
		{"2020-08-04T00:00:00Z", "2020-08-04T00:00:00Z"},
		{"2020-08-04T00:00:00-07:00", "2020-08-04T00:00:00-07:00"},
		{"2020-08-04T00:00:00+00:00", "2020-08-04T00:00:00Z"},
		{"2020-08-04 00:00:00", ""}, {"2020-08-04", ""}, {"soon", ""}, {"2020-08-32T00:00:00", ""},
	} {
		d, err := ParseDateTime(tt.in)
		if d.String() != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q is %q, error %v, want %q", tt.in, d, err, tt.want)
		}
	}
}

func TestFileNames(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want FileName
	}{
		{"vipfeed-04013-2020-11-03.xml", FileName{"04013", Date{2020, 11, 3}, "", "", "xml"}},
		{"vipFeed-51-2013-11-05.XML", FileName{"51", Date{2013, 11, 5}, "", "", "xml"}},
		{"vipfeed-37-2026-11-03-North_Carolina.zip", FileName{"37", Date{2026, 11, 3}, "North Carolina", "", "zip"}},
		{"vipfeed-24510-2026-11-03-Maryland-Baltimore-City.zip", FileName{"24510", Date{2026, 11, 3}, "Maryland", "Baltimore-City", "zip"}},
		{"feed.xml", FileName{}},
		{"vipfeed-4-2026-11-03.zip", FileName{}},
		{"vipfeed-04-2026-11-31.zip", FileName{}},
		{"vipfeed-04-2026-11-03.pdf", FileName{}},
		{"vipfeed-04-2026-11-03", FileName{}},
	} {
		got, err := ParseFileName(tt.in)
		if got != tt.want || (err == nil) != (tt.want != FileName{}) {
			t.Errorf("%q is %+v, error %v, want %+v", tt.in, got, err, tt.want)
		}
		if err == nil {
			if again, err := ParseFileName(got.String()); err != nil || again != got {
				t.Errorf("%q is written as %q, which reads as %+v, %v", tt.in, got, again, err)
			}
		}
	}
}

func TestTextInALanguage(t *testing.T) {
	text := &Text{Texts: []LanguageString{{"fr", "maire"}, {"en", "mayor"}, {"es-MX", "alcalde"}}}
	for _, tt := range []struct{ language, want string }{
		{"fr", "maire"}, {"es", "alcalde"}, {"es-MX", "alcalde"}, {"en-US", "mayor"}, {"zh", "mayor"}, {"", "mayor"}, {"EN", "mayor"},
	} {
		if got := text.In(tt.language); got != tt.want {
			t.Errorf("in %q: got %q, want %q", tt.language, got, tt.want)
		}
	}
	if got := (*Text)(nil).In("en"); got != "" {
		t.Errorf("no text at all: got %q", got)
	}
}

func TestChecksums(t *testing.T) {
	const empty256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, tt := range []struct {
		name  string
		sum   Checksum
		file  string
		want  bool
		fails bool
	}{
		{"the right file", Checksum{Algorithm: SHA256, Value: empty256}, "", true, false},
		{"in capitals", Checksum{Algorithm: SHA256, Value: strings.ToUpper(empty256)}, "", true, false},
		{"another file", Checksum{Algorithm: SHA256, Value: empty256}, "x", false, false},
		{"the other algorithm", Checksum{Algorithm: SHA512, Value: empty256}, "", false, false},
		{"no algorithm of VIP", Checksum{Algorithm: "md5"}, "", false, true},
	} {
		got, err := tt.sum.Matches(strings.NewReader(tt.file))
		if got != tt.want || (err != nil) != tt.fails {
			t.Errorf("%s: got %t, %v", tt.name, got, err)
		}
	}
	feed := mustRead(t, sharedFile(t, "vipfeed-04013-2020-11-03.xml"))
	if ok, err := feed.ExternalFiles[0].Checksum.Matches(bytes.NewReader(sharedFile(t, "gis_maricopa1103.zip"))); !ok || err != nil {
		t.Errorf("the boundaries of Maricopa County: %t, %v", ok, err)
	}
}

func ExampleRead() {
	const xml = `<VipObject schemaVersion="6.0">
	  <State id="st99"><Name>Zeeland</Name></State>
	  <Locality id="loc1"><Name>Larkspur</Name><StateId>st98</StateId></Locality>
	</VipObject>`
	feed, problems, err := Read(strings.NewReader(xml), Limits{})
	fmt.Println(feed.States[0].Name, err)
	fmt.Println(problems[0])
	// Output:
	// Zeeland <nil>
	// line 3: Locality loc1 StateId: no element has the id "st98"
}

func ExampleStreetSegment_Covers() {
	oddSide := StreetSegment{City: "Washington", State: "DC", StreetName: "Delaware", StreetSuffix: "St",
		OddEvenBoth: OddSide, StartHouseNumber: Some(101), EndHouseNumber: Some(199)}
	home := Address{Number: 150, StreetName: "Delaware", StreetSuffix: "St", City: "Washington", State: "DC"}
	fmt.Println(oddSide.Covers(home))
	home.Number = 151
	fmt.Println(oddSide.Covers(home))
	// Output:
	// false
	// true
}

func ExampleParseTimeWithZone() {
	opens, _ := ParseTimeWithZone("06:00:00-07:00")
	fmt.Println(opens.On(Date{2020, time.November, 3}).UTC())
	// Output: 2020-11-03 13:00:00 +0000 UTC
}

func ExampleFileName_String() {
	name := FileName{FIPS: "04013", Date: Date{2020, time.November, 3}, State: "Arizona", Locality: "Maricopa", Ext: "zip"}
	fmt.Println(name)
	// Output: vipfeed-04013-2020-11-03-Arizona-Maricopa.zip
}
