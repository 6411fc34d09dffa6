// SPDX-License-Identifier: Apache-2.0

package place

import (
	"strings"
	"testing"
)

func TestRanges(t *testing.T) {
	for _, tt := range []struct{ name, file, body, want string }{
		{"a table", "a.csv", "start,end,side,street,type,precinct\n1,99,odd,Oak,St,p1\n2,98,E,Oak,St,p2\n", ""},
		{"VIP's own columns", "a.csv", "id,start_house_number,end_house_number,odd_even_both,street_name,precinct_id\ns1,1,9,both,Oak,p1\ns2,10,19,,Oak,p1\n", ""},
		{"a feed", "a.xml", `<VipObject xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" schemaVersion="5.2"><StreetSegment id="s1"><City>Vale</City><OddEvenBoth>both</OddEvenBoth><PrecinctId>p1</PrecinctId><StartHouseNumber>1</StartHouseNumber><EndHouseNumber>9</EndHouseNumber><State>NC</State><StreetName>Oak</StreetName><Zip>27601</Zip></StreetSegment><StreetSegment id="s2"><City>Vale</City><OddEvenBoth>both</OddEvenBoth><PrecinctId>p1</PrecinctId><StartHouseNumber>11</StartHouseNumber><EndHouseNumber>19</EndHouseNumber><State>NC</State><StreetName>Oak</StreetName><Zip>27601</Zip></StreetSegment></VipObject>`, ""},
		{"a side that is none", "a.csv", "start,end,side,street,precinct\n1,9,left,Oak,p1\n", "line 2"},
		{"no precinct", "a.csv", "start,end,street,precinct\n1,9,Oak,\n", "line 2"},
		{"a column is missing", "a.csv", "start,end,street\n1,9,Oak\n", "precinct"},
		{"no table", "a.zip", "nothing", "a.zip"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Ranges(tt.file, []byte(tt.body))
			if tt.want == "" && (err != nil || len(got) != 2 || got[0].Unit != "p1") {
				t.Errorf("got %+v, %v", got, err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzRanges(f *testing.F) {
	f.Add("a.csv", []byte("start,end,side,street,precinct\n1,9,odd,Oak,p1\n"))
	f.Add("a.xml", []byte("<VipObject/>"))
	f.Add("a.zip", []byte("PK"))
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		if got, err := Ranges(name, body); err == nil {
			NewStreets(got)
		}
	})
}
