// SPDX-License-Identifier: Apache-2.0

package ncsbe

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/format/sheet"
)

// TestLayoutIsTheBoards holds the columns and the codes to the layout of the
// Board.
func TestLayoutIsTheBoards(t *testing.T) {
	const dir = "../../../shared/data/ncsbe/"
	rows := func(file string) [][]string {
		f, err := os.Open(dir + file)
		if err != nil {
			t.Skip("the layout of the Board is not on this machine")
		}
		defer f.Close()
		list, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return list[1:]
	}
	for i, r := range rows("ncvoter_layout.csv") {
		if VoterHeader()[i] != r[1] || r[2] != "int" && fmt.Sprint(voterLayout.most[i]) != r[2] {
			t.Errorf("column %d: got %s of %d, want %v", i, VoterHeader()[i], voterLayout.most[i], r)
		}
	}
	for i, r := range rows("ncvhis_layout.csv") {
		if HistoryHeader()[i] != r[0] {
			t.Errorf("column %d: got %s, want %s", i, HistoryHeader()[i], r[0])
		}
	}
	for _, r := range rows("ncvoter_codes.csv") {
		if have := map[string]map[string]string{"status": Statuses, "reason": Reasons}[r[0]][r[1]]; !strings.EqualFold(have, r[2]) {
			t.Errorf("%v: got %q", r, have)
		}
	}
}

func voterFile(t testing.TB, lines ...map[VoterColumn]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewVoterWriter(&out)
	for _, l := range lines {
		var v Voter
		for c, s := range l {
			v.Cells[c] = s
		}
		if err := w.Voter(&v); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readVoters(t testing.TB, in []byte) (*Voters, []Voter) {
	t.Helper()
	var out []Voter
	f, err := EachVoter("ncvoter.txt", bytes.NewReader(in), sheet.Limits{}, func(v *Voter) error {
		out = append(out, *v)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, out
}

func TestVoterFile(t *testing.T) {
	ann := map[VoterColumn]string{CountyID: "1", NCID: "AA1", LastName: "NUÑEZ \"N\"", FirstName: "=cmd|' /C calc'!A0", Status: "A", Reason: "AV", Registered: "01/02/2020", BirthYear: "1980", Confidential: "N"}
	in := voterFile(t, ann)
	if !bytes.Contains(in, []byte("NU\xd1EZ")) || !bytes.Contains(in, []byte(`"'=cmd`)) {
		t.Errorf("the name is not in Windows-1252, or the formula is not disarmed: %q", in[len(in)-400:])
	}
	f, got := readVoters(t, in)
	want := Voter{Line: 2}
	for c, s := range ann {
		want.Cells[c] = s
	}
	if diff := cmp.Diff([]Voter{want}, got); diff != "" {
		t.Error(diff)
	}
	if f.Encoding != sheet.Windows1252 || f.Count != 1 || f.LeftOut != 0 {
		t.Errorf("%+v", f)
	}
}

// TestBadLines tells every line that cannot be used, with its number, its
// column and without its value.
func TestBadLines(t *testing.T) {
	good := voterFile(t, map[VoterColumn]string{NCID: "AA1"})
	for _, tt := range []struct {
		name, want string
		in         []byte
		count      int
	}{
		{"a line without a number", "line 2: ncid: the line was left out: it has no number", voterFile(t, map[VoterColumn]string{LastName: "X"}), 0},
		{"a day that does not exist", "line 2: registr_dt: it is no day", voterFile(t, map[VoterColumn]string{NCID: "AA1", Registered: "02/30/2020"}), 1},
		{"a status of nobody", `line 2: status_cd: "Z" is no status`, voterFile(t, map[VoterColumn]string{NCID: "AA1", Status: "Z"}), 1},
		{"a year of birth in words", "line 2: birth_year", voterFile(t, map[VoterColumn]string{NCID: "AA1", BirthYear: "MCM"}), 1},
		{"a line shifted by one cell", "line 2: the line was left out: so many of its cells", voterFile(t, map[VoterColumn]string{NCID: "AA1", Status: "SM", Reason: "AC", Registered: "Y", BirthYear: "M", Confidential: "5"}), 0},
		{"a line that is cut off", "line 3: the line was left out: its cells do not stand", append(bytes.Clone(good), "\"AA2\"\t\"X\"\r\n"...), 1},
		{"a line with one tab too many", "line 3: the line was left out", append(bytes.Clone(good), bytes.Repeat([]byte("x\t"), 67)...), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := tt.in
			if strings.HasSuffix(tt.name, "too many") {
				in = append(in, 'x', '\n')
			}
			f, got := readVoters(t, in)
			var all []string
			for _, p := range f.Problems.List {
				all = append(all, p.String())
			}
			if len(got) != tt.count || !strings.Contains(strings.Join(all, "\n"), tt.want) {
				t.Errorf("%d lines, want %d; %q is not in\n%s", len(got), tt.count, tt.want, strings.Join(all, "\n"))
			}
		})
	}
}

func TestFitSaysWhatItCuts(t *testing.T) {
	var v Voter
	v.Cells[LastName] = strings.Repeat("Ñ", 30)
	if err := NewVoterWriter(&bytes.Buffer{}).Voter(&v); err == nil {
		t.Error("a name of thirty letters was written into twenty-five")
	}
	if diff := cmp.Diff([]VoterColumn{LastName}, v.Fit()); diff != "" {
		t.Error(diff)
	}
	w := NewVoterWriter(&bytes.Buffer{})
	v.Cells[FirstName] = "Łódź"
	if err := w.Voter(&v); err != nil || w.Replaced != 2 {
		t.Errorf("%v, %d replaced", err, w.Replaced)
	}
}

func TestHistory(t *testing.T) {
	var out bytes.Buffer
	w := NewHistoryWriter(&out)
	want := History{Line: 2}
	want.Cells[HistoryNCID], want.Cells[ElectionDay], want.Cells[VotingMethod] = "AA1", "11/03/2026", "IN-PERSON"
	if err := w.History(&want); err != nil {
		t.Fatal(err)
	}
	w.Close()
	_, err := EachHistory("h", &out, sheet.Limits{}, func(h *History) error {
		if diff := cmp.Diff(&want, h); diff != "" {
			t.Error(diff)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAnotherTableIsRefused(t *testing.T) {
	_, err := EachVoter("x.csv", strings.NewReader("a,b\n1,2\n"), sheet.Limits{}, func(*Voter) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "ncid") {
		t.Errorf("got %v", err)
	}
	if IsVoterHeader([]string{"ncid", "last_name"}) || !IsVoterHeader(VoterHeader()) || IsVoterHeader(HistoryHeader()) || !IsHistoryHeader(HistoryHeader()) {
		t.Error("headers are not told apart")
	}
}

func FuzzReadVoters(f *testing.F) {
	f.Add(voterFile(f, map[VoterColumn]string{NCID: "AA1", LastName: "NUÑEZ", FirstName: "-1+1", Registered: "1/2/2020"}))
	f.Add([]byte(strings.Join(VoterHeader(), "\t") + "\n\"a\"\tb\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var kept []Voter
		_, err := EachVoter("in", bytes.NewReader(in), sheet.Limits{Bytes: 1 << 20}, func(v *Voter) error {
			v.Fit()
			kept = append(kept, *v)
			return nil
		})
		if err != nil || len(kept) == 0 {
			return
		}
		var out bytes.Buffer
		w := NewVoterWriter(&out)
		for i := range kept {
			if err := w.Voter(&kept[i]); err != nil {
				t.Fatal(err)
			}
		}
		w.Close()
		n := 0
		if _, err := EachVoter("again", &out, sheet.Limits{}, func(v *Voter) error { n++; return nil }); err != nil || n != len(kept) {
			t.Fatalf("%d of %d lines come back: %v", n, len(kept), err)
		}
	})
}

func BenchmarkVoters(b *testing.B) {
	lines := make([]map[VoterColumn]string, 10_000)
	for i := range lines {
		lines[i] = map[VoterColumn]string{CountyID: "1", CountyName: "ALDER", NCID: fmt.Sprint("AA", i), RegistrationNumber: fmt.Sprint(i), LastName: "SMITH", FirstName: "MARY", MiddleName: "ANN",
			Status: "A", StatusName: "ACTIVE", Reason: "AV", ReasonName: "VERIFIED", Residence: "12 N MAIN ST", ResidenceCity: "MARLOW", ResidenceState: "NC", ResidenceZip: "27000",
			Registered: "01/02/2020", PartyCode: "DEM", Gender: "F", BirthYear: "1980", Age: "46", PrecinctCode: "01", PrecinctName: "NORTH", Confidential: "N"}
	}
	in := voterFile(b, lines...)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := EachVoter("in", bytes.NewReader(in), sheet.Limits{}, func(*Voter) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(lines))/b.Elapsed().Seconds(), "lines/s")
}
