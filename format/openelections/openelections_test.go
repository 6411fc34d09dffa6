// SPDX-License-Identifier: Apache-2.0

package openelections

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/format/sheet"
)

func TestReadTakesColumnsInAnyOrder(t *testing.T) {
	f, err := Read("x.csv", strings.NewReader(`Candidate,Votes,Mail,party,District,Office,Precinct,County,Election Day
"Smith, Ann",12,7,DEM,3,State House,P-1,Gila,5
Over Votes,,,,3,State House,P-1,Gila,*
`), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Line: 2, County: "Gila", Precinct: "P-1", Office: "State House", District: "3", Party: "DEM", Candidate: "Smith, Ann", Votes: sheet.N(12), Types: []sheet.Count{sheet.N(7), sheet.N(5)}},
		{Line: 3, County: "Gila", Precinct: "P-1", Office: "State House", District: "3", Candidate: "Over Votes", Types: []sheet.Count{{}, {Is: sheet.Suppressed}}, Kind: OverVotes},
	}
	if d := cmp.Diff(want, f.Rows); d != "" {
		t.Error(d)
	}
	if !slices.Equal(f.Types, []string{"mail", "election_day"}) || !f.HasVotes {
		t.Errorf("got types %v and a total: %v", f.Types, f.HasVotes)
	}
}

func TestReadProblems(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		types    []string
		problems []string
	}{
		{"a clean file", "county,precinct,office,candidate,votes\nGila,1,Sheriff,A,1\n", nil, nil},
		{"no total, only types", "county,precinct,office,candidate,early,late\nGila,1,Sheriff,A,1,2\n", []string{"early", "late"}, nil},
		{"an empty cell is not reported and no mistake", "county,precinct,office,candidate,votes,early\nGila,1,Sheriff,A,,\n", []string{"early"}, nil},
		{"counts that cannot be", "county,precinct,office,candidate,votes,early\nGila,1,Sheriff,A,12.5,1\nGila,1,Sheriff,B,-3,x\nGila,2,Sheriff,B,1,2\n", []string{"early"}, []string{
			`line 2: votes: "12.5" is not a whole number; it was read as not reported`,
			`line 3: votes: "-3" is negative, and a count cannot be; it was read as not reported`,
			`line 3: early: "x" is not a number; it was read as not reported`}},
		{"a column of words is no vote type", "county,precinct,office,candidate,votes,color\nGila,1,Sheriff,A,1,red\nGila,1,Sheriff,B,1,blue\n", nil, []string{
			"line 1: the columns color were not used"}},
		{"columns of numbers that are no votes", "county,precinct,precinct_code,office,candidate,votes,percent\nGila,1,001,Sheriff,A,1,50\n", nil, []string{
			"line 1: the columns precinct_code, percent were not used"}},
		{"turnout is a percentage", "county,precinct,office,candidate,votes\nGila,1,Voter Turnout - Total,,42.03%\n", nil, nil},
		{"rows for nobody", "county,precinct,office,party,candidate,votes\nGila,1,Sheriff,,,1\nGila,1,,,A,1\nGila,1,Straight Party,DEM,,5\n", nil, []string{
			"line 2: candidate: the row names no candidate and no party", "line 3: office: the row names no office"}},
		{"a parish is a county", "parish,precinct,office,candidate,votes\nOrleans,1,Sheriff,A,1\n", nil, nil},
		{"Windows-1252", "county,precinct,office,candidate,votes\nDo\xf1a Ana,1,Sheriff,A,1\n", nil, []string{
			"line 2: from here on 1 bytes are not UTF-8; they were read as Windows-1252: check the accents, or save the file as UTF-8"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Read("x.csv", strings.NewReader(tt.in), sheet.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var problems []string
			for _, p := range f.Problems.List {
				problems = append(problems, p.String())
			}
			if d := cmp.Diff(tt.problems, problems); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.types, f.Types); d != "" {
				t.Errorf("vote types (-want +got):\n%s", d)
			}
			for _, r := range f.Rows {
				if len(r.Types) != len(f.Types) {
					t.Errorf("line %d has %d counts for %d types", r.Line, len(r.Types), len(f.Types))
				}
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"a table without the columns", "a,b\n1,2\n", "x.csv, line 1: the header lacks the column office, candidate, precinct; it has: a, b"},
		{"no votes at all", "county,office,candidate\nGila,Sheriff,A\n", "x.csv, line 1: the header lacks the column votes; it has: county, office, candidate"},
		{"a header as wide as a barn", "county,office,candidate" + strings.Repeat(",x", 25) + "\na,b,c,1\n", "x.csv, line 1: 25 columns could be vote types, and no results have more than 24; keep the columns of the votes and remove the rest"},
		{"an empty file", "", "x.csv: the file is empty: it has no header and no rows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read("x.csv", strings.NewReader(tt.in), sheet.Limits{})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestFits(t *testing.T) {
	for header, want := range map[string]bool{
		"county,precinct,office,district,party,candidate,votes": true,
		"county,office,candidate,early_voting,election_day":     true,
		"precinct,office,candidate,total_votes":                 true,
		"county,office,candidate,address,phone,email":           false,
		"county,precinct,contest,choice,votes":                  false,
		"office,candidate,votes":                                false,
	} {
		if got := Fits(strings.Split(header, ",")); got != want {
			t.Errorf("Fits(%s): got %v, want %v", header, got, want)
		}
	}
}

func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		office, candidate string
		want              Kind
	}{
		{"President", "BIDEN, JOE", Choice},
		{"President", "None of these candidates", Choice},
		{"Proposition 1", "NO", Choice},
		{"Proposition 1", "FOR THE BONDS, YES", Choice},
		{"Registered Voters", "", RegisteredVoters},
		{"Registered Voters - Total", "", RegisteredVoters},
		{"REGISTERED VOTERS - DEMOCRATIC", "", RegisteredPart},
		{"Ballots Cast", "", BallotsCast},
		{"Ballots Cast - Total", "", BallotsCast},
		{"Ballots Cast - Nonpartisan", "", BallotsPart},
		{"Ballots Cast - Blank", "", BlankBallots},
		{"Ballots Cast Blank", "", BlankBallots},
		{"Voter Turnout - Total", "", Turnout},
		{"PRECINCTS COUNTED (OF 33)", "", PrecinctsCounted},
		{"Sheriff", "Over Votes", OverVotes},
		{"Sheriff", "Overvotes", OverVotes},
		{"Sheriff", "OVER VOTES", OverVotes},
		{"Sheriff", "Times Over Voted", OverVotes},
		{"Sheriff", "Under Votes", UnderVotes},
		{"Sheriff", "Number of Under Votes", UnderVotes},
		{"Sheriff", "Over/Under Votes", Residual},
		{"Sheriff", "Write-in", WriteIns},
		{"Sheriff", "Write-ins", WriteIns},
		{"Sheriff", "WRITE-IN TOTALS", WriteIns},
		{"Sheriff", "Write-In Totals", WriteIns},
		{"Sheriff", "NOT QUALIFIED", NotQualified},
		{"Sheriff", "Times Cast", TimesCast},
		{"Sheriff", "Blanks", Blank},
		{"Sheriff", "Void", Void},
		{"Sheriff", "Total Votes Cast", TotalVotes},
		{"Sheriff", "Scattering", Scattering},
		{"Sheriff", "Registered Voters", RegisteredVoters},
		{"Sheriff", "Underwood, Ann", Choice},
		{"Sheriff", "Blankenship", Choice},
		{"Sheriff", "", Choice},
	} {
		if got := Classify(tt.office, tt.candidate); got != tt.want {
			t.Errorf("Classify(%q, %q): got %v, want %v", tt.office, tt.candidate, got, tt.want)
		}
	}
}

func TestEveryRuleIsFolded(t *testing.T) {
	for name := range offices {
		if fold(name) != name {
			t.Errorf("office rule %q can never match, it must read %q", name, fold(name))
		}
	}
	for name := range candidates {
		if fold(name) != name {
			t.Errorf("candidate rule %q can never match, it must read %q", name, fold(name))
		}
	}
	for name := range places {
		if fold(name) != name {
			t.Errorf("place rule %q can never match, it must read %q", name, fold(name))
		}
	}
	if kindNames[Scattering] != "scattering" || placeNames[Total] != "total" {
		t.Error("the names are out of step with the kinds")
	}
}

func TestPlaceOf(t *testing.T) {
	for _, tt := range []struct {
		county, precinct string
		want             Place
	}{
		{"Pima", "12", InPrecinct},
		{"Navajo", "86 WIDE RUINS", InPrecinct},
		{"Gila", "Total Wine Plaza", InPrecinct},
		{"Gila", "Countywide", Countywide},
		{"Gila", "COUNTY-WIDE", Countywide},
		{"Gila", "Total", Total},
		{"Gila", "Totals:", Total},
		{"Gila", "Gila County Total", Total},
		{"Gila", "GILA TOTALS", Total},
		{"Gila", "Gila", InPrecinct},
		{"Gila", "", InPrecinct},
		{"Total", "", Total},
		{"Statewide", "", Total},
	} {
		if got := PlaceOf(tt.county, tt.precinct); got != tt.want {
			t.Errorf("PlaceOf(%q, %q): got %v, want %v", tt.county, tt.precinct, got, tt.want)
		}
	}
}

func realResults(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../../shared/data/results/" + path)
	if err != nil {
		t.Skip("the public results are not beside the repository: " + path)
	}
	return b
}

// tallied is what a real file should add up to.
type tallied struct{ Rows, Counties, Precincts, EmptyVotes, NoTypes, TypesDiffer int }

func tally(f *File) tallied {
	counties, precincts := map[string]bool{}, map[[2]string]bool{}
	got := tallied{Rows: len(f.Rows)}
	for _, r := range f.Rows {
		counties[r.County] = true
		precincts[[2]string{r.County, r.Precinct}] = true
		if !r.Votes.Known() {
			got.EmptyVotes++
		}
		switch sum := r.Sum(); {
		case !sum.Known() && r.Votes.Known():
			got.NoTypes++
		case sum.Known() && r.Votes.Known() && sum != r.Votes:
			got.TypesDiffer++
		}
	}
	got.Counties, got.Precincts = len(counties), len(precincts)
	return got
}

// The counts are those that the data set's own notes give, but for one: the
// notes count 248 rows in the Pima file whose types do not add up. These are
// the rows of registered voters, which have no types at all; only if a missing
// type were a 0 would they differ (all but the one with no voters).
func TestReadRealResults(t *testing.T) {
	for _, tt := range []struct {
		path string
		want tallied
	}{
		{"az-2020-general/20201103__az__general__precinct.csv", tallied{Rows: 47960, Counties: 15, Precincts: 1489, EmptyVotes: 94, NoTypes: 5141, TypesDiffer: 569}},
		{"az-2020-general/20201103__az__general__pima__precinct.csv", tallied{Rows: 24987, Counties: 1, Precincts: 249, NoTypes: 249}},
		{"ga-2021-runoff/20210105__ga__runoff.csv", tallied{Rows: 15666, Counties: 155, Precincts: 2611, EmptyVotes: 15666}},
		{"ga-2022-runoff/20221206__ga__general_runoff__precinct.csv", tallied{Rows: 5422, Counties: 159, Precincts: 2711, EmptyVotes: 5422}},
	} {
		t.Run(tt.path, func(t *testing.T) {
			f, err := Read(tt.path, bytes.NewReader(realResults(t, tt.path)), sheet.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, tally(f)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if f.Problems.Len() > 0 {
				t.Errorf("problems in a file that reads well: %v", f.Problems.List)
			}
			if f.HasVotes != strings.HasPrefix(tt.path, "az") {
				t.Errorf("a column with totals: %v", f.HasVotes)
			}
		})
	}
}

func TestGeorgia2022AddsUpToTheCertifiedTotals(t *testing.T) {
	f, err := Read("ga.csv", bytes.NewReader(realResults(t, "ga-2022-runoff/20221206__ga__general_runoff__precinct.csv")), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, r := range f.Rows {
		name, _, _ := strings.Cut(r.Candidate, " (")
		got[name] += r.Sum().N
	}
	if d := cmp.Diff(map[string]int64{"Raphael Warnock": 1820633, "Herschel Walker": 1721244}, got); d != "" {
		t.Error(d)
	}
	if want := []string{"election_day_votes", "advanced_votes", "absentee_by_mail_votes", "provisional_votes"}; !slices.Equal(f.Types, want) {
		t.Errorf("vote types: got %v, want %v", f.Types, want)
	}
}

// In Maricopa candidates, overvotes, undervotes and write-ins that do not
// qualify make up the ballots cast, once the subtotal "Write-in" is left out.
func TestMaricopaBalances(t *testing.T) {
	f, err := Read("az.csv", bytes.NewReader(realResults(t, "az-2020-general/20201103__az__general__precinct.csv")), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ballots, votes := map[string]int64{}, map[string]int64{}
	for _, r := range f.Rows {
		switch {
		case r.County != "Maricopa":
		case r.Kind == BallotsCast:
			ballots[r.Precinct] += r.Votes.N
		case r.Office == "President" && r.Kind != WriteIns:
			votes[r.Precinct] += r.Votes.N
		}
	}
	if len(ballots) != 743 {
		t.Errorf("got ballots for %d precincts, want 743", len(ballots))
	}
	if d := cmp.Diff(ballots, votes); d != "" {
		t.Error(d)
	}
}

func TestWriteReadsBack(t *testing.T) {
	word := rapid.StringMatching(`[A-Za-zñé"', ]{0,12}[a-z]`)
	count := rapid.Custom(func(t *rapid.T) sheet.Count {
		return rapid.SampledFrom([]sheet.Count{{}, {Is: sheet.Suppressed}, sheet.N(0), sheet.N(rapid.Int64Range(0, sheet.MaxCount).Draw(t, "n"))}).Draw(t, "count")
	})
	rapid.Check(t, func(t *rapid.T) {
		types := []string{"early_voting", "election_day"}
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
			return Row{
				County: strings.TrimSpace(word.Draw(t, "county")), Precinct: strings.TrimSpace(word.Draw(t, "precinct")), Office: "Sheriff",
				Candidate: strings.TrimSpace(word.Draw(t, "candidate")), Party: "DEM", Votes: count.Draw(t, "votes"), Types: []sheet.Count{count.Draw(t, "early"), count.Draw(t, "day")},
			}
		}), 1, 10).Draw(t, "rows")
		var b bytes.Buffer
		if err := Write(&b, types, rows, sheet.Style{}); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		f, err := Read("x.csv", &b, sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Rows {
			f.Rows[i].Line, f.Rows[i].Kind, f.Rows[i].Place = 0, 0, 0
		}
		if d := cmp.Diff(rows, f.Rows); d != "" || f.Problems.Len() > 0 {
			t.Fatalf("%s\n%s\n%v", text, d, f.Problems)
		}
	})
}

func TestWriteRefusesARowWithTheWrongTypes(t *testing.T) {
	err := Write(io.Discard, []string{"early"}, []Row{{County: "Gila"}}, sheet.Style{})
	if err == nil || err.Error() != "row 2 has 7 cells but the header has 8" {
		t.Errorf("got %v", err)
	}
}

func TestLimitsHold(t *testing.T) {
	_, err := Read("x.csv", strings.NewReader("county,office,candidate,votes\n"+strings.Repeat("Gila,Sheriff,A,1\n", 20)), sheet.Limits{Rows: 10})
	var e *sheet.Error
	if !errors.As(err, &e) || e.Limit != "rows" {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("county,precinct,office,district,party,candidate,votes,mail\nGila,1,Sheriff,,DEM,A,1,1\n"))
	f.Add([]byte("candidate;office;county;x\nA;B;C;*\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		file, err := Read("x.csv", bytes.NewReader(in), sheet.Limits{Bytes: 1 << 16, Columns: 50, Rows: 1000})
		if err != nil {
			return
		}
		if err := Write(io.Discard, file.Types, file.Rows, sheet.Style{}); err != nil {
			t.Errorf("what was read from %q cannot be written: %v", in, err)
		}
	})
}

func ExampleRead() {
	f, err := Read("night.csv", strings.NewReader(`county,precinct,office,district,party,candidate,votes,mail
Gila,Payson 1,Sheriff,,DEM,Ann Smith,12,7
Gila,Payson 1,Sheriff,,,Write-ins,,
Gila,Payson 1,Registered Voters,,,,830,
`), sheet.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range f.Rows {
		fmt.Printf("line %d: %s, %s: %q\n", r.Line, r.Office, r.Kind, r.Votes)
	}
	// Output:
	// line 2: Sheriff, choice: "12"
	// line 3: Sheriff, write-ins: ""
	// line 4: Registered Voters, registered voters: "830"
}

func BenchmarkReadArizona(b *testing.B) {
	in := realResults(b, "az-2020-general/20201103__az__general__precinct.csv")
	b.ReportAllocs()
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := Read("az.csv", bytes.NewReader(in), sheet.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
