// SPDX-License-Identifier: Apache-2.0

package enhanced

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/format/sheet"
)

func night(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/night.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func n(count int64, line int) Number { return Number{sheet.N(count), line} }

func wantNight() *Report {
	return &Report{
		Name: "night.json", ElectionName: "2026 General Election",
		ElectionDate: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), CreatedAt: time.Date(2026, 11, 4, 2, 10, 7, 123e6, time.UTC),
		State: &Area{Line: 5, ID: "ST", Name: "State of Larkspur"},
		Locals: []Area{{Line: 10, ID: "7", Name: "Oak County", Items: []Item{{
			Line: 14, ID: "b1", Name: "Sheriff", VoteFor: n(1, 17), Precincts: Reporting{n(2, 18), n(1, 18)},
			Options: []Option{{
				Line: 21, Name: `José 😀 "Pepe" O'Neil`, Party: "Ind", Votes: n(120, 24),
				Groups: []Group{{"Election Day", n(80, 26)}, {"Advance Voting", n(40, 27)}},
				Precincts: []Precinct{
					{Line: 30, ID: "P1", Name: "Elm", Status: "Reported", Votes: n(120, 30), Groups: []Group{{"Election Day", n(80, 31)}}},
					{Line: 32, ID: "P2", Name: "Ash", Status: "Not Reported", Votes: Number{Line: 32}},
					{Line: 33, ID: "P3", Name: "Fir", Votes: Number{Line: 34}},
				},
			}},
		}}}},
		Problems: sheet.Problems{Keep: sheet.DefaultLimits.Problems, List: []sheet.Problem{
			{Line: 34, Field: "voteCount", Say: `"-4" is negative, and a count cannot be; it was read as not reported`},
		}},
	}
}

func TestRead(t *testing.T) {
	got, err := Read("night.json", strings.NewReader("\ufeff"+night(t)), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(wantNight(), got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Written in one line, only the line numbers change.
func TestReadWithoutLineEnds(t *testing.T) {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(night(t))); err != nil {
		t.Fatal(err)
	}
	got, err := Read("night.json", &b, sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if p := got.Locals[0].Items[0].Options[0].Precincts; len(p) != 3 || p[0].Votes != n(120, 1) {
		t.Errorf("got %+v", p)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		lim            sheet.Limits
	}{
		{"an empty file", " \n", "x.json: the file is empty", sheet.Limits{}},
		{"another kind of JSON", `{"type":"FeatureCollection"}`, "x.json: the file has neither results nor localResults, so it is not Enhanced Voting JSON", sheet.Limits{}},
		{"a list", `[1,2]`, "x.json: the file has neither results nor localResults, so it is not Enhanced Voting JSON", sheet.Limits{}},
		{"a file that is cut short", night(t)[:700], "x.json, line 22: the file is cut short; fetch or export the file again", sheet.Limits{}},
		{"a missing comma", "{\"results\":{}\n\"x\":1}", "x.json, line 2: '\"' stands where ',' should be, so this is not correct JSON; fetch or export the file again", sheet.Limits{}},
		{"a word that means nothing", `{"results":{"name":maybe}}`, `x.json, line 1: "maybe" is neither a number nor true, false or null, so this is not correct JSON; fetch or export the file again`, sheet.Limits{}},
		{"something behind the end", "{\"results\":{}}\n{}", "x.json, line 2: '{' stands behind the end of the JSON; fetch or export the file again", sheet.Limits{}},
		{"a text over two lines", "{\"results\":{\"name\":\"a\nb\"}}", "x.json, line 1: a text runs over the end of a line, so this is not correct JSON; fetch or export the file again", sheet.Limits{}},
		{"values nested without end", `{"x":` + strings.Repeat("[", 1000), "x.json, line 1: the values are nested more than 64 deep; fetch or export the file again", sheet.Limits{}},
		{"a text that is too long", `{"e":"123456"}`, `x.json, line 1: a text is longer than the limit of 5 bytes; if the file is right, raise the import limit "cell", otherwise split the file`, sheet.Limits{Cell: 5}},
		{"more entries than allowed", night(t), `x.json, line 26: the file holds more entries than the limit of 4; if the file is right, raise the import limit "rows", otherwise split the file`, sheet.Limits{Rows: 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read("x.json", strings.NewReader(tt.in), tt.lim)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			var e *sheet.Error
			if !errors.As(err, &e) {
				t.Errorf("%v does not say which file", err)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	in := "{\"electionDate\":\"soon\",\n\"results\":{\"ballotItems\":[{\n\"ballotOptions\":[{\"name\":\"A\",\"voteCount\":[1]},\n{\"voteCount\":1.5}]}]}}"
	r, err := Read("x.json", strings.NewReader(in), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range r.Problems.List {
		got = append(got, p.String())
	}
	want := []string{
		`line 1: electionDate: "soon" is not a date; it was left out`,
		`line 3: voteCount: a list stands where a count should be; it was read as not reported`,
		`line 4: voteCount: "1.5" is not a whole number; it was read as not reported`,
		`line 4: ballotOptions: the entry has no name`,
		`line 2: ballotItems: the entry has no name`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Whatever a name holds, it is read as encoding/json wrote it.
func TestNamesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := strings.TrimSpace(rapid.StringMatching(`[ -~é😀\n\t"\\/\x00-\x1f]{1,20}x`).Draw(t, "name"))
		b, err := json.Marshal(map[string]any{"electionName": name, "results": map[string]any{}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Read("x.json", bytes.NewReader(b), sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if r.ElectionName != name {
			t.Fatalf("%q reads back as %q from %s", name, r.ElectionName, b)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(night(f)))
	f.Add([]byte(`{"localResults":[{"ballotItems":[{"ballotOptions":[{"voteCount":"1,234"}]}]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		_, err := Read("x.json", bytes.NewReader(in), sheet.Limits{Bytes: 1 << 18, Unpacked: 1 << 20, Rows: 1000, Cell: 1000})
		utf16 := bytes.IndexByte(in, 0) >= 0 || bytes.HasPrefix(in, []byte("\xff\xfe")) || bytes.HasPrefix(in, []byte("\xfe\xff"))
		if err == nil && !utf16 && !sheet.IsZip(in) && !json.Valid(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf"))) {
			t.Errorf("taken although it is not JSON: %q", in)
		}
	})
}

func ExampleRead() {
	r, err := Read("night.json", strings.NewReader(`{"localResults":[{"name":"Oak County","ballotItems":[{"name":"Sheriff","ballotOptions":[
{"name":"Ann Smith","voteCount":12},
{"name":"Bo Jones","voteCount":null}]}]}]}`), sheet.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range r.Locals[0].Items[0].Options {
		fmt.Printf("%s: %q from line %d\n", o.Name, o.Votes, o.Votes.Line)
	}
	// Output:
	// Ann Smith: "12" from line 2
	// Bo Jones: "" from line 3
}

// A state of 100 counties, 10 contests of 3 choices and 20 precincts of 4 ways
// of voting.
func BenchmarkRead(b *testing.B) {
	var in bytes.Buffer
	in.WriteString(`{"localResults":[`)
	for c := range 100 {
		fmt.Fprintf(&in, "%s{\"name\":\"County %d\",\"ballotItems\":[", []string{"", ","}[min(c, 1)], c)
		for i := range 10 {
			fmt.Fprintf(&in, "%s{\"name\":\"Office %d\",\"ballotOptions\":[", []string{"", ","}[min(i, 1)], i)
			for o := range 3 {
				fmt.Fprintf(&in, "%s{\"name\":\"Option %d\",\"voteCount\":100,\"precinctResults\":[", []string{"", ","}[min(o, 1)], o)
				for p := range 20 {
					fmt.Fprintf(&in, "%s{\"id\":\"P%d\",\"name\":\"Precinct %d\",\"voteCount\":10,\"reportingStatus\":\"Reported\",\"groupResults\":[{\"groupName\":\"Election Day\",\"voteCount\":5},{\"groupName\":\"Advance Voting\",\"voteCount\":3},{\"groupName\":\"Absentee by Mail\",\"voteCount\":2},{\"groupName\":\"Provisional\",\"voteCount\":0}]}\n", []string{"", ","}[min(p, 1)], p, p)
				}
				in.WriteString("]}")
			}
			in.WriteString("]}")
		}
		in.WriteString("]}")
	}
	in.WriteString("]}")
	b.SetBytes(int64(in.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read("x.json", bytes.NewReader(in.Bytes()), sheet.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
