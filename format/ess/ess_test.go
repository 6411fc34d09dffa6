// SPDX-License-Identifier: Apache-2.0

package ess

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/format/openelections"
	"hustings/format/sheet"
)

// el45 writes one line in the columns of EL45.
func el45(contest, candidate, precinct, votes, party, contestName, candidateName, precinctName, allowed, referendum string) string {
	return fmt.Sprintf("%4s%3s%4s%6s%-3s%-3s%4s%-56s%-38s%-30s%-25s%2s%1s", contest, candidate, precinct, votes, party, "CNT", "0001",
		contestName, candidateName, precinctName, "Larkspur County", allowed, referendum)
}

func TestReadEL45(t *testing.T) {
	in := strings.Join([]string{
		el45("0001", "001", "0012", "000830", "", "REGISTERED VOTERS - TOTAL", "VOTERS", "OAK 12", "01", ""),
		el45("0002", "001", "0012", "000412", "", "BALLOTS CAST - TOTAL", "BALLOTS CAST", "OAK 12", "01", ""),
		el45("0100", "001", "0012", "000210", "DEM", "SHERIFF", "José Peña", "PEÑA 12", "01", ""),
		el45("0100", "002", "0012", "000003", "", "SHERIFF", "OVER VOTES", "OAK 12", "01", "") + "\r",
		el45("0200", "001", "0012", "000100", "NON", "PROPOSITION 1", "YES", "OAK 12", "01", "1"),
		"\x1a",
	}, "\n")
	want := []Row{
		{Line: 1, ContestNumber: "0001", CandidateNumber: "001", Votes: sheet.N(830), Contest: "REGISTERED VOTERS - TOTAL", Candidate: "VOTERS", Precinct: "OAK 12", Kind: openelections.RegisteredVoters},
		{Line: 2, ContestNumber: "0002", CandidateNumber: "001", Votes: sheet.N(412), Contest: "BALLOTS CAST - TOTAL", Candidate: "BALLOTS CAST", Precinct: "OAK 12", Kind: openelections.BallotsCast},
		{Line: 3, ContestNumber: "0100", CandidateNumber: "001", Votes: sheet.N(210), Party: "DEM", Contest: "SHERIFF", Candidate: "José Peña", Precinct: "PEÑA 12"},
		{Line: 4, ContestNumber: "0100", CandidateNumber: "002", Votes: sheet.N(3), Contest: "SHERIFF", Candidate: "OVER VOTES", Precinct: "OAK 12", Kind: openelections.OverVotes},
		{Line: 5, ContestNumber: "0200", CandidateNumber: "001", Votes: sheet.N(100), Party: "NON", Contest: "PROPOSITION 1", Candidate: "YES", Precinct: "OAK 12", Referendum: true},
	}
	for i := range want {
		want[i].PrecinctNumber, want[i].DistrictType, want[i].DistrictNumber = "0012", "CNT", "0001"
		want[i].District, want[i].VotesAllowed = "Larkspur County", sheet.N(1)
	}
	for _, tt := range []struct{ name, in string }{
		{"UTF-8", in},
		{"Windows-1252", strings.NewReplacer("é", "\xe9", "ñ", "\xf1", "Ñ", "\xd1").Replace(in)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Read("el45.txt", strings.NewReader(tt.in), EL45, sheet.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, f.Rows); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestLinesThatCannotBeUsed(t *testing.T) {
	good := el45("0100", "001", "0012", "000210", "DEM", "SHERIFF", "Ann", "OAK 12", "01", "")
	in := good + "\n\n" + good[:90] + "\n" + strings.Replace(good, "000210", "0002X0", 1) + "\n" + good[:125] + "\n" + strings.TrimRight(good[:176], " ") + "XX\n"
	f, err := Read("x.txt", strings.NewReader(in), EL45, sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range f.Problems.List {
		got = append(got, p.String())
	}
	want := []string{
		"line 3: the line has 88 columns, but precinct stands in column 122; the line was left out",
		`line 4: votes: "0002X0" is not a number, so the columns may not be those of the layout; the line was left out`,
	}
	want[0] = strings.Replace(want[0], "88", fmt.Sprint(len(strings.TrimRight(good[:90], " "))), 1)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if len(f.Rows) != 3 || f.Rows[1].Line != 5 || f.Rows[1].Precinct != "OAK" {
		t.Errorf("got %+v", f.Rows)
	}
}

func TestALineShorterThanTheOthers(t *testing.T) {
	good := el45("0100", "001", "0012", "000210", "DEM", "SHERIFF", "Ann", "OAK 12", "01", "")
	f, err := Read("x.txt", strings.NewReader(strings.Repeat(good+"\n", 15)+good[:125]+"\n"+good+"\n"), EL45, sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := "line 16: the line has 125 columns where the others have 179; what stands at its end may be cut"
	if len(f.Rows) != 17 || len(f.Problems.List) != 1 || f.Problems.List[0].String() != want {
		t.Errorf("got %d rows and %v\nwant 17 and %s", len(f.Rows), f.Problems.List, want)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		layout         Layout
		lim            sheet.Limits
	}{
		{"an empty file", "", "x.txt: the file is empty", EL45, sheet.Limits{}},
		{"a table with commas", "county,votes\nA,1\n", "x.txt: no line of the file fits the layout EL45; the first problem is: line 1: the line has 12 columns, but precinct stands in column 122; the line was left out", EL45, sheet.Limits{}},
		{"a layout that says too little", "x", `x.txt: the layout cannot be used (the layout "L" says nothing about votes, and without it no line can be used)`, Layout{Name: "L"}, sheet.Limits{}},
		{"too many rows", strings.Repeat("1231234\n", 5), `x.txt, line 3: the file has more rows than the limit of 2; if the file is right, raise the import limit "rows", otherwise split the file`, tiny, sheet.Limits{Rows: 2}},
		{"a line without end", strings.Repeat("1", 200<<10), `x.txt, line 1: the row is longer than the limit of 102400 bytes; if the file is right, raise the import limit "line", otherwise split the file`, tiny, sheet.Limits{Line: 100 << 10}},
		{"NUL bytes", "1231234\n\x00\n", "x.txt, line 2: the file holds a NUL byte, so it is not a text file or was damaged on its way; export it again as CSV (UTF-8) or as .xlsx", tiny, sheet.Limits{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read("x.txt", strings.NewReader(tt.in), tt.layout, tt.lim)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// tiny has one column for each number and the votes behind them.
var tiny = Layout{Name: "tiny", Fields: map[Field]Span{ContestNumber: {1, 1}, CandidateNumber: {2, 2}, PrecinctNumber: {3, 3}, Votes: {4, 7}}}

func TestReadLayout(t *testing.T) {
	want := Layout{Name: "tiny", Fields: tiny.Fields}
	for _, tt := range []struct{ name, in, err string }{
		{"TOML", "name = \"tiny\"\n[fields]\ncontest_number = [1, 1]\ncandidate_number = [2, 2]\nprecinct_number = [3, 3]\nvotes = [4, 7]\n", ""},
		{"JSON", ` {"name":"tiny","fields":{"contest_number":[1,1],"candidate_number":[2,2],"precinct_number":[3,3],"votes":[4,7]}}`, ""},
		{"a field nobody knows", "name = \"a\"\n[fields]\nvote = [1, 2]\n", `the layout "a" has the field "vote", which means nothing here; the fields are contest_number, candidate_number, precinct_number, votes, party, district_type, district_number, contest, candidate, precinct, district, votes_allowed, referendum`},
		{"a setting nobody knows", "name = \"a\"\nwidth = 3\n", `the layout file has "width", which means nothing here; it can have name and fields`},
		{"a setting nobody knows in JSON", `{"width":3}`, `the layout file is not correct JSON: json: unknown field "width"`},
		{"columns that overlap", `{"name":"a","fields":{"contest":[1,5],"candidate":[5,9],"precinct":[10,12],"votes":[13,20]}}`, `in the layout "a" the fields contest and candidate overlap in column 5`},
		{"columns that cannot be", `{"name":"a","fields":{"votes":[7,4]}}`, `the layout "a" puts votes into the columns 7 to 4, which cannot be; columns count from 1 to 4096`},
		{"no precinct", `{"name":"a","fields":{"contest":[1,4],"candidate":[5,9],"votes":[13,20]}}`, `the layout "a" says nothing about precinct, and without it no line can be used`},
		{"a huge file", strings.Repeat("#", maxLayout+1), "the layout file is larger than 65536 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadLayout(strings.NewReader(tt.in))
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("got  %v\nwant %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
	if err := EL45.Check(); err != nil {
		t.Errorf("the layout that comes with the house: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(el45("0100", "001", "0012", "000210", "DEM", "SHERIFF", "José", "OAK 12", "01", "")))
	f.Add([]byte("1231234\n12\n\x1a"))
	f.Fuzz(func(t *testing.T, in []byte) {
		lim := sheet.Limits{Bytes: 1 << 16, Unpacked: 1 << 20, Rows: 1000}
		Read("x.txt", bytes.NewReader(in), EL45, lim)
		Read("x.txt", bytes.NewReader(in), tiny, lim)
	})
}

func FuzzReadLayout(f *testing.F) {
	f.Add("name = \"tiny\"\n[fields]\nvotes = [4, 7]\n")
	f.Add(`{"fields":{"votes":[1,2]}}`)
	f.Fuzz(func(t *testing.T, in string) {
		l, err := ReadLayout(strings.NewReader(in))
		if err == nil && l.Check() != nil {
			t.Errorf("%q gives a layout that cannot be used", in)
		}
	})
}

func ExampleRead() {
	layout, err := ReadLayout(strings.NewReader(`
name = "Larkspur County"
[fields]
contest   = [1, 8]
candidate = [9, 19]
precinct  = [20, 25]
votes     = [26, 30]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := Read("night.txt", strings.NewReader(
		"SHERIFF ANN SMITH  OAK 1 00012\n"+
			"SHERIFF UNDER VOTESOAK 1 00003\n"), layout, sheet.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range f.Rows {
		fmt.Println(r.Line, r.Contest, r.Candidate, r.Votes, r.Kind)
	}
	// Output:
	// 1 SHERIFF ANN SMITH 12 choice
	// 2 SHERIFF UNDER VOTES 3 undervotes
}

func BenchmarkRead(b *testing.B) {
	var in bytes.Buffer
	for i := range 50000 {
		in.WriteString(el45("0100", "001", fmt.Sprintf("%04d", i%1000), fmt.Sprintf("%06d", i), "DEM", "SHERIFF", "Ann Smith", fmt.Sprint("OAK ", i%1000), "01", "") + "\n")
	}
	b.SetBytes(int64(in.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read("x.txt", bytes.NewReader(in.Bytes()), EL45, sheet.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
