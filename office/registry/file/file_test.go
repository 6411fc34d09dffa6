// SPDX-License-Identifier: Apache-2.0

package file

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/format/vri"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
)

// full is a voter of whom everything is known that a table can hold.
func full() roll.Voter {
	return roll.Voter{
		ID: "V1", Name: roll.Name{Prefix: "DR", First: "ANA", Middle: "M J", Last: "NUÑEZ", Suffix: "JR"}, Birth: "1980-02-29",
		Home:   roll.Address{Number: "12 1/2", Before: "N", Street: "MAIN", Type: "ST", After: "SW", UnitKind: "APT", Unit: "4", City: "MARLOW", State: "XX", ZIP: "00001-1234", Point: &roll.Point{Latitude: 42.5, Longitude: -106.25}},
		Mail:   &roll.Address{Lines: []string{"PO BOX 12"}, City: "STONEBRIDGE", State: "XX", ZIP: "00002"},
		Gender: "F", Race: "W", Ethnic: "NL", Party: "GRE", County: "ALDER", Precinct: "p101",
		Contact:     []roll.Contact{{Kind: "phone", Value: "555-0100"}, {Kind: "email", Value: "ana@example.org"}},
		Langs:       []string{"es"},
		Identifiers: []roll.Identifier{{Kind: roll.License, Value: hide.New("X123")}, {Kind: roll.SSN4, Value: hide.New("0042")}},
		Assertions:  []roll.Assertion{{Kind: "united-states-citizen", Value: "yes"}},
		State:       roll.Active, Reason: roll.Verified, Since: "2020-01-02", Registered: "2010-03-04", Source: roll.ByMail, NeedsID: true,
	}
}

func write(t testing.TB, k Kind, c Choices, list ...roll.Voter) ([]byte, Report) {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, k, c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if err := w.Write(&Record{Voter: list[i]}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), w.Report()
}

func read(t testing.TB, in []byte) (*Source, []roll.Voter) {
	t.Helper()
	var out []roll.Voter
	src, err := Read("in", bytes.NewReader(in), Options{}, func(r *Record) error {
		out = append(out, r.Voter)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return src, out
}

var asTexts = cmp.Comparer(func(a, b hide.String) bool { return a.Reveal() == b.Reveal() })

// TestEveryKindComesBack writes a voter in every kind of file and reads it
// again: what is not there any more was said to be lost.
func TestEveryKindComesBack(t *testing.T) {
	for _, tt := range []struct {
		kind   Kind
		forget func(v *roll.Voter) // what this kind cannot carry
		losses int
	}{
		{CSV, func(v *roll.Voter) {}, 0},
		{XLSX, func(v *roll.Voter) {}, 0},
		{VRIXML, func(v *roll.Voter) {
			v.Reason, v.Since, v.Registered, v.Source, v.Langs, v.Race = "", "", "", "", nil, ""
		}, 6},
		{VRIJSON, func(v *roll.Voter) {
			v.Reason, v.Since, v.Registered, v.Source, v.Langs, v.Race = "", "", "", "", nil, ""
		}, 6},
		{NC, func(v *roll.Voter) {
			v.Name.Prefix, v.Birth, v.Year, v.Home.Point, v.Langs, v.Identifiers, v.Assertions = "", "", 1980, nil, nil, nil, nil
			v.Since, v.Source, v.NeedsID, v.Contact = "", "", false, []roll.Contact{{Kind: "phone", Value: "5550100"}}
		}, 9},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			body, report := write(t, tt.kind, Choices{Private: true}, full())
			src, got := read(t, body)
			if src.Kind != tt.kind || src.LeftOut > 0 || len(src.Troubles) > 0 {
				t.Errorf("%s, %d left out, %v\n%s", src.Kind, src.LeftOut, src.Troubles, body[:min(len(body), 1000)])
			}
			want := full()
			tt.forget(&want)
			if diff := cmp.Diff([]roll.Voter{want}, got, asTexts); diff != "" {
				t.Error(diff)
			}
			if len(report.Losses) != tt.losses || report.Records != 1 {
				t.Errorf("%d losses said, want %d: %+v", len(report.Losses), tt.losses, report)
			}
		})
	}
}

// TestRequest writes voters as requests and reads them again.
func TestRequest(t *testing.T) {
	for _, wishes := range [][]roll.Wish{
		nil, {{How: []string{"mail", "email"}, Permanent: true}}, {{How: []string{"mail"}, From: "2026-01-01", Until: "2026-12-31"}},
		{{Election: "General", From: "2026-11-03", Until: "2026-11-03"}},
	} {
		want := full()
		want.Wishes = wishes
		want.Race, want.County, want.Precinct, want.State, want.Reason, want.Since, want.Registered, want.NeedsID = "", "", "", "", "", "", "", false
		var out bytes.Buffer
		if err := vri.Write(&out, vri.XML, vri.Message{Request: Request(&want, "t-1", "2026-10-01", "registration")}); err != nil {
			t.Fatal(err)
		}
		_, err := Read("in", &out, Options{}, func(r *Record) error {
			if diff := cmp.Diff(want, r.Voter, asTexts); diff != "" || r.Transaction != "t-1" || r.Asks[0] != "registration" {
				t.Errorf("%+v\n%s", r, diff)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestProtectedVotersStayOut keeps them out of every kind of file, and private
// facts out of the public ones.
func TestProtectedVotersStayOut(t *testing.T) {
	hidden := full()
	hidden.ID, hidden.Protected, hidden.Home.Street = "V2", "acp", "SECRETSTREET"
	for _, k := range Kinds() {
		body, report := write(t, k, Choices{}, full(), hidden)
		if report.Protected != 1 || report.Records != 1 {
			t.Errorf("%s: %+v", k, report)
		}
		_, got := read(t, body)
		if len(got) != 1 || got[0].ID != "V1" {
			t.Errorf("%s: %d voters", k, len(got))
		}
		public := k == NC || k == CSV || k == XLSX
		if public && (len(got[0].Identifiers) > 0 || got[0].Birth != "" || got[0].Year != 1980) {
			t.Errorf("%s carries a birth date or an identifier", k)
		}
	}
}

// TestFormulasAreDisarmed in what a spreadsheet may open.
func TestFormulasAreDisarmed(t *testing.T) {
	v := full()
	v.Name.Last = "=HYPERLINK(\"http://x\")"
	for _, k := range []Kind{CSV, NC} {
		body, _ := write(t, k, Choices{}, v)
		if !bytes.Contains(body, []byte("'=HYPERLINK")) {
			t.Errorf("%s: %s", k, body)
		}
		if _, got := read(t, body); k == CSV && got[0].Name.Last != v.Name.Last {
			t.Errorf("%s: it comes back as %q", k, got[0].Name.Last)
		}
	}
}

// TestBadRows are told with line, field and remedy, and never with a value.
func TestBadRows(t *testing.T) {
	const header = "voter_id,last_name,first_name,dob,zip,status,registr_dt,res_street_address\n"
	for _, tt := range []struct {
		name, row, want string
		records         int
	}{
		{"an impossible date", `1,DOE,JO,02/30/1980,00001,A,,`, "line 2: dob: it is no day of the calendar", 1},
		{"a blank date is nothing to tell", `1,DOE,JO, / / ,00001,A,,`, "", 1},
		{"a delimiter too many", `1,DOE,JR,JO,02/03/1980,00001,A,1/2/2020,5 ELM ST`, "the row has 9 cells and the header 8", 0},
		{"a row cut off", `1,DOE`, "the row has 2 cells and the header 8", 0},
		{"shifted cells", `JO,1980-02-03,00001,A,MARLOW,12/01/2001,12 MAIN ST,`, "cells seem to be shifted", 0},
		{"nobody", `,,,1980-02-03,00001,A,,`, "neither a name nor a number", 0},
		{"a status of nobody", `1,DOE,JO,,00001,ZOMBIE,,`, "line 2: status: it is no status", 1},
		{"a field of ten megabytes", `1,"` + strings.Repeat("x", 10<<20) + `",JO,,00001,A,,`, "last_name: it holds 10485760 bytes", 1},
		{"control characters", "1,DO\x07E,JO,,00001,A,,", "cannot be printed", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, got := read(t, []byte(header+tt.row+"\n9,ROE,AL,1/2/1990,00002,I,1/2/2020,5 ELM ST\n"))
			var all []string
			for _, x := range src.Troubles {
				all = append(all, x.String())
			}
			told := strings.Join(all, "\n")
			if len(got) != tt.records+1 || src.LeftOut != 1-tt.records {
				t.Errorf("%d records, %d left out\n%s", len(got), src.LeftOut, told)
			}
			if !strings.Contains(told, tt.want) || tt.want == "" && told != "" {
				t.Errorf("%q is not in\n%s", tt.want, told)
			}
			if strings.Contains(told, "1980") {
				t.Errorf("a birth date is told:\n%s", told)
			}
			if last := got[len(got)-1]; last.Name.Last != "ROE" || last.Birth != "1990-01-02" || last.State != roll.Inactive {
				t.Errorf("the line behind it was not read: %+v", last)
			}
		})
	}
}

// TestHeadersOfAllKinds are recognised.
func TestHeadersOfAllKinds(t *testing.T) {
	for _, header := range []string{
		"LastName;FirstName;DateOfBirth;StreetAddress;City;Zip", "surname\tgiven_name\tdate_of_birth\taddress_1\tsuburb\tpostcode",
		"Residence City,Last Name,First Name,DOB,Residence Zip,Residential Address",
	} {
		comma := strings.IndexAny(header, ";\t,")
		row := strings.NewReplacer("LastName", "DOE", "surname", "DOE", "Last Name", "DOE", "FirstName", "JO", "given_name", "JO", "First Name", "JO",
			"DateOfBirth", "1/2/1980", "date_of_birth", "1/2/1980", "DOB", "1/2/1980", "StreetAddress", "1 ELM ST", "address_1", "1 ELM ST", "Residential Address", "1 ELM ST",
			"Residence City", "X", "City", "X", "suburb", "X", "Residence Zip", "00001", "Zip", "00001", "postcode", "00001").Replace(header)
		src, got := read(t, []byte(header+"\n"+row+"\n"))
		v := got[0]
		if v.Name.Last != "DOE" || v.Birth != "1980-01-02" || v.Home.Street != "ELM" || v.Home.City != "X" || v.Home.ZIP != "00001" || len(src.Ignored) > 0 {
			t.Errorf("%s (%c): %+v, not used: %v", header, header[comma], v, src.Ignored)
		}
	}
}

func TestNoRollAtAll(t *testing.T) {
	for _, in := range []string{"", "a,b\n1,2\n", "{\"a\":1}", "\x00\x01\x02", "<html/>"} {
		_, err := Read("in", strings.NewReader(in), Options{}, func(*Record) error { return nil })
		if err == nil {
			t.Errorf("%q was read", in)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, k := range Kinds() {
		body, _ := write(f, k, Choices{Private: true}, full())
		f.Add(body)
	}
	f.Add([]byte("voter_id,last_name,dob,address,zip\n1,DOE,02/30/1980,12 N MAIN ST,1\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		lim := Limits
		lim.Bytes, lim.Unpacked, lim.Cell, lim.Line = 1<<20, 4<<20, 1<<16, 1<<18
		var list []roll.Voter
		if _, err := Read("in", bytes.NewReader(in), Options{Limits: lim}, func(r *Record) error {
			list = append(list, r.Voter)
			return nil
		}); err != nil || len(list) == 0 {
			return
		}
		for _, k := range Kinds() {
			body, report := write(t, k, Choices{Private: true}, list...)
			if report.Records+report.LeftOut != len(list) {
				t.Fatalf("%s: %d voters, and %+v", k, len(list), report)
			}
			if report.Records > 0 {
				if src, again := read(t, body); len(again)+src.LeftOut != report.Records {
					t.Fatalf("%s: %d written, %d read, %d left out: %v", k, report.Records, len(again), src.LeftOut, src.Troubles)
				}
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	list := make([]roll.Voter, 2000)
	for i := range list {
		list[i] = full()
		list[i].ID = roll.ID(fmt.Sprint("V", i))
	}
	for _, k := range Kinds() {
		body, _ := write(b, k, Choices{Private: true}, list...)
		b.Run(string(k), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := Read("in", bytes.NewReader(body), Options{}, func(*Record) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(list))/b.Elapsed().Seconds(), "voters/s")
		})
	}
}
