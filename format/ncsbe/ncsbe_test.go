// SPDX-License-Identifier: Apache-2.0

package ncsbe

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/format/sheet"
)

func open(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadOldNames(t *testing.T) {
	f, err := Read("results_pct_20201103.txt", bytes.NewReader(open(t, "testdata/one_stop.txt")), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2020, 11, 3, 0, 0, 0, 0, time.UTC)
	want := []Row{
		{Line: 2, County: "LARKSPUR", Date: day, Precinct: "01-02", ContestGroupID: "1373", ContestType: Statewide, Contest: "US SENATE", Choice: "Dana O'Quill", ChoiceParty: "UNA",
			VoteFor: sheet.N(1), ElectionDay: sheet.N(120), EarlyVoting: sheet.N(310), AbsenteeByMail: sheet.N(41), Provisional: sheet.N(2), Total: sheet.N(473), RealPrecinct: Precinct},
		{Line: 3, County: "LARKSPUR", Date: day, Precinct: "ABSENTEE", ContestGroupID: "1373", ContestType: Statewide, Contest: "US SENATE", Choice: "Dana O'Quill", ChoiceParty: "UNA",
			VoteFor: sheet.N(1), ElectionDay: sheet.N(0), EarlyVoting: sheet.N(0), AbsenteeByMail: sheet.N(17), Provisional: sheet.N(0), Total: sheet.N(17), RealPrecinct: Pseudo},
		{Line: 4, County: "LARKSPUR", Date: day, Precinct: "01-02", ContestGroupID: "88", ContestType: County, Contest: "SOIL AND WATER", Choice: "Write-In (Miscellaneous)",
			VoteFor: sheet.N(2), ElectionDay: sheet.N(3), AbsenteeByMail: sheet.Count{Is: sheet.Suppressed}, Provisional: sheet.N(0), Total: sheet.N(3), RealPrecinct: Precinct},
	}
	if d := cmp.Diff(want, f.Rows); d != "" {
		t.Error(d)
	}
	if f.EarlyVoting || !f.HasReal || f.Problems.Len() > 0 {
		t.Errorf("early voting: %v, real precincts: %v, problems: %v", f.EarlyVoting, f.HasReal, f.Problems.List)
	}
}

func TestReadInsideAnArchive(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("results_pct_20260303.txt")
	if err != nil {
		t.Fatal(err)
	}
	w.Write(open(t, "testdata/early_voting.txt"))
	z.Close()
	f, err := Read("results_pct_20260303.zip", &b, sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Rows) != 1 || f.Rows[0].EarlyVoting != sheet.N(70) || !f.EarlyVoting {
		t.Errorf("got %+v", f.Rows)
	}
	if f.Name != "results_pct_20260303.zip/results_pct_20260303.txt" {
		t.Errorf("got the name %s", f.Name)
	}
}

func TestReadFilesFromBefore2014(t *testing.T) {
	f, err := Read("old.txt", strings.NewReader("county,precinct,contest_type,contest,choice,winner_status,party,Election Day,One Stop,Absentee by Mail,Provisional,total votes,district\n"+
		"LARKSPUR,01,S,US SENATE,Dana O'Quill,,UNA,1,2,3,4,10,\n"), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := Row{Line: 2, County: "LARKSPUR", Precinct: "01", ContestType: Statewide, Contest: "US SENATE", Choice: "Dana O'Quill", ChoiceParty: "UNA",
		ElectionDay: sheet.N(1), EarlyVoting: sheet.N(2), AbsenteeByMail: sheet.N(3), Provisional: sheet.N(4), Total: sheet.N(10)}
	if d := cmp.Diff([]Row{want}, f.Rows); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"winner_status", "district"}, f.Other); d != "" {
		t.Error(d)
	}
}

func TestReadProblems(t *testing.T) {
	head := strings.Join(Header(true), "\t") + "\n"
	for _, tt := range []struct{ name, row, want string }{
		{"a date that is none", "W\t13/45/2026\tP\t1\tS\tC\tX\t\t1\t1\t1\t1\t1\t4\tY", `line 2: Election Date: "13/45/2026" is not a date like 11/03/2026; it was left out here and in every row that has it`},
		{"a contest type nobody knows", "W\t11/03/2026\tP\t1\tQ\tC\tX\t\t1\t1\t1\t1\t1\t4\tY", `line 2: Contest Type: "Q" is neither S (statewide) nor C (county); it was left out`},
		{"neither real nor not", "W\t11/03/2026\tP\t1\tS\tC\tX\t\t1\t1\t1\t1\t1\t4\tmaybe", `line 2: Real Precinct: "MAYBE" is neither Y nor N; it was left out`},
		{"a count that cannot be", "W\t11/03/2026\tP\t1\tS\tC\tX\t\t1\t1\t-1\t1\t1\t4\tY", `line 2: Early Voting: "-1" is negative, and a count cannot be; it was read as not reported`},
		{"nobody to count for", "W\t11/03/2026\tP\t1\tS\tC\t\t\t1\t1\t1\t1\t1\t4\tY", `line 2: Choice: the cell is empty`},
		{"a row cut short", "W\t11/03/2026\tP\t1\tS\tC\tX\t\t1\t1", `line 2: the row has 10 cells but the header has 15; the missing ones were read as empty`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Read("x.txt", strings.NewReader(head+tt.row+"\n"), sheet.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if len(f.Rows) != 1 || len(f.Problems.List) != 1 || f.Problems.List[0].String() != tt.want {
				t.Errorf("got %d rows and %v\nwant one row and %s", len(f.Rows), f.Problems.List, tt.want)
			}
		})
	}
}

func TestReadRefusesAnotherTable(t *testing.T) {
	_, err := Read("x.txt", strings.NewReader("County\tPrecinct\tVotes\nA\tB\t1\n"), sheet.Limits{})
	want := "x.txt, line 1: the header lacks the column Contest Name, Choice; it has: county, precinct, votes"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestWriteReadsBack(t *testing.T) {
	for _, path := range []string{"testdata/one_stop.txt", "testdata/early_voting.txt"} {
		first, err := Read(path, bytes.NewReader(open(t, path)), sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Write(&b, first.Rows, first.EarlyVoting); err != nil {
			t.Fatal(err)
		}
		again, err := Read(path, &b, sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(first.Rows, again.Rows); d != "" || again.Problems.Len() > 0 || again.EarlyVoting != first.EarlyVoting {
			t.Errorf("%s: %s %v", path, d, again.Problems)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(strings.Join(Header(true), "\t") + "\nW\t11/03/2026\tP\t1\tS\tC\tX\t\t1\t1\t1\t1\t1\t4\tY\n"))
	f.Add([]byte("county,precinct,contest,choice,votes\nA,B,C,D,*\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		file, err := Read("x.txt", bytes.NewReader(in), sheet.Limits{Bytes: 1 << 16, Unpacked: 1 << 20, Rows: 1000, Columns: 50})
		if err != nil {
			return
		}
		if err := Write(io.Discard, file.Rows, true); err != nil {
			t.Errorf("what was read from %q cannot be written: %v", in, err)
		}
	})
}

func ExampleRead() {
	f, err := Read("results_pct_20260303.txt", strings.NewReader(
		"County\tPrecinct\tContest Name\tChoice\tEarly Voting\tTotal Votes\tReal Precinct\n"+
			"MARLOWE\tP7\tSHERIFF\tLee Fenn\t70\t130\tY\n"+
			"MARLOWE\tONESTOP\tSHERIFF\tLee Fenn\t5\t5\tN\n"), sheet.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range f.Rows {
		fmt.Println(r.Precinct, r.Choice, r.Total, r.RealPrecinct == Pseudo)
	}
	// Output:
	// P7 Lee Fenn 130 false
	// ONESTOP Lee Fenn 5 true
}

func BenchmarkRead(b *testing.B) {
	var in bytes.Buffer
	rows := make([]Row, 50000)
	for i := range rows {
		rows[i] = Row{County: "MARLOWE", Date: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), Precinct: fmt.Sprint("P", i%300), ContestGroupID: "1", ContestType: Statewide,
			Contest: "US SENATE", Choice: "Lee Fenn", VoteFor: sheet.N(1), Total: sheet.N(int64(i)), RealPrecinct: Precinct}
	}
	if err := Write(&in, rows, true); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(in.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read("x.txt", bytes.NewReader(in.Bytes()), sheet.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
