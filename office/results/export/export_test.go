// SPDX-License-Identifier: Apache-2.0

package export

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/election"
	"hustings/format/nisterr"
	"hustings/office/results/intake"
	"hustings/office/results/tally"
)

// larkspur is a state of two counties with precincts, a batch, districts, a
// contest of each kind, and names that are hard on files.
func larkspur() *election.Definition {
	d := &election.Definition{
		Election: election.Election{ID: "2026-11-03-general", Name: election.Text{"en": "General Election", "es": "Elección general"}, Type: election.General,
			Start: "2026-11-03", End: "2026-11-03", State: "NC", Scope: "nc", TimeZone: "America/New_York"},
		Parties: []election.Party{{ID: "dem", Name: election.T("Democratic"), Abbr: "DEM", Color: "0000FF"}, {ID: "rep", Name: election.T("Republican"), Abbr: "REP"},
			{ID: "idle", Name: election.T("Nobody's Party")}},
		Districts: []election.District{{ID: "us-house-4", Name: election.T("U.S. House 4"), Type: "congressional", Number: "4"}},
		VoteTypes: []election.VoteType{{ID: "day", Name: election.T("Election Day"), Item: election.ElectionDay}, {ID: "early", Name: election.T("Early"), Item: election.Early},
			{ID: "mail", Name: election.T("Mail"), Item: election.AbsenteeMail}, {ID: "prov", Name: election.T("Provisional"), Item: election.Provisional}},
		Units: []election.Unit{{ID: "nc", Type: election.State, Name: "North Carolina"}},
	}
	for _, c := range []string{"Oak", "St. Elm"} {
		id := election.UnitID(tally.Slug(c))
		d.Units = append(d.Units, election.Unit{ID: id, Type: election.County, Name: c, Parent: "nc"})
		for i, name := range []string{"ALPINE", "=BASIN, \"the\" <&>", "Cañón"} {
			d.Units = append(d.Units, election.Unit{ID: election.UnitID(fmt.Sprintf("%s-%04d", id, i+1)), Type: election.Precinct, Name: name,
				Number: fmt.Sprintf("%04d", i+1), Parent: id, Districts: []election.DistrictID{"us-house-4"}})
		}
		d.Units = append(d.Units, election.Unit{ID: id + "-batch", Type: election.BallotBatch, Name: "Absentee Board", Parent: id})
	}
	cand := func(id, name string, kind election.ChoiceKind, parties ...election.PartyID) election.Choice {
		return election.Choice{ID: election.ChoiceID(id), Name: election.T(name), Kind: kind, Parties: parties}
	}
	d.Contests = []election.Contest{
		{ID: "president", Name: election.T("President"), Kind: election.CandidateContest, Variation: election.Plurality, VotesAllowed: 1, Elected: 1,
			Choices: []election.Choice{cand("ash", "Ash / Birch", election.Candidate, "dem"), cand("cedar", "Cedar, \"C.\" Jr.", election.Candidate, "rep"),
				cand("write-in", "Write-in", election.WriteIn), cand("nq", "NOT QUALIFIED", election.WriteIn)}},
		{ID: "us-house-4", Name: election.T("U.S. House, District 4"), Office: "U.S. House", District: "us-house-4", Kind: election.CandidateContest, Variation: election.NofM,
			VotesAllowed: 2, Elected: 2, Choices: []election.Choice{cand("fir", "Fir", election.Candidate, "dem"), cand("gum", "Gum", election.Candidate, "rep"), cand("ivy", "Ivy", election.Candidate)}},
		{ID: "prop-1", Name: election.T("Proposition 1"), Kind: election.MeasureContest, Variation: election.Majority, VotesAllowed: 1,
			Threshold: &election.Threshold{Numerator: 3, Denominator: 5, Of: "votes"}, Question: election.T("Shall it?"),
			Choices: []election.Choice{cand("yes", "Yes", election.Yes), cand("no", "No", election.No)}},
		{ID: "judge", Name: election.T("Retain Judge Moss"), Kind: election.RetentionContest, VotesAllowed: 1,
			Choices: []election.Choice{cand("yes", "Yes", election.Yes), cand("no", "No", election.No)}},
		{ID: "straight", Name: election.T("Straight party"), Kind: election.PartyContest, VotesAllowed: 1,
			Choices: []election.Choice{cand("dem", "Democratic ticket", election.Ticket, "dem"), cand("rep", "Republican ticket", election.Ticket, "rep")}},
	}
	d.Styles = []election.Style{{ID: "s1", Units: []election.UnitID{"oak-0001", "oak-0002"}, Contests: []election.ContestID{"president", "us-house-4", "prop-1", "judge", "straight"}}}
	return d
}

// draw fills a tally at random: any unit may report any contest, with vote
// types or totals alone.
func draw(r *rapid.T, x *tally.Index) *tally.Tally {
	var cells []tally.Cell
	votes, more := rapid.IntRange(0, 3000), rapid.IntRange(3001, 6000)
	put := func(u, c, choice int32, typed bool) {
		number := votes
		if c == 0 && choice == 3 {
			number = more // never equal to the write-ins, or these would be their sum
		}
		total := int64(0)
		for typ := int16(1); typ <= 4 && typed; typ++ {
			n := int64(number.Draw(r, "votes"))
			total += n
			cells = append(cells, tally.Cell{Unit: u, Contest: c, Choice: choice, Type: typ, N: n})
		}
		if !typed {
			total = int64(number.Draw(r, "votes"))
		}
		cells = append(cells, tally.Cell{Unit: u, Contest: c, Choice: choice, N: total})
	}
	for u, unit := range x.Def.Units {
		if !unit.Leaf() || rapid.IntRange(0, 5).Draw(r, "silent") == 0 {
			continue
		}
		typed := rapid.Bool().Draw(r, "typed")
		put(int32(u), tally.NoContest, tally.Ballots, typed)
		put(int32(u), tally.NoContest, tally.Registered, false)
		for c, con := range x.Def.Contests {
			if rapid.IntRange(0, 3).Draw(r, "not here") == 0 {
				continue
			}
			for ch := range con.Choices {
				put(int32(u), int32(c), int32(ch), typed)
			}
			put(int32(u), int32(c), tally.Over, false)
			put(int32(u), int32(c), tally.Under, false)
		}
	}
	tally.Sort(cells)
	return tally.Merge(x, &tally.Sheet{Index: x, Cells: cells})
}

// formats are the exports that hold everything that draw makes.
var formats = []struct {
	name  string
	write func(io.Writer, Input) error
	loses func(tally.Cell) bool
}{
	{"night.csv", OpenElections, nil},
	{"night.json", ERRJSON, nil},
	{"night.xml", ERRXML, nil},
	{"night.xlsx", func(w io.Writer, in Input) error { return XLSX(w, in) }, nil},
	{"flat.csv", Flat, nil},
	{"results_pct.txt", NCSBE, func(c tally.Cell) bool { return c.Contest == tally.NoContest }},
}

// readBack reads an export and makes a tally of it.
func readBack(t interface{ Fatalf(string, ...any) }, x *tally.Index, name string, body []byte) *tally.Tally {
	sts, err := intake.Read(name, bytes.NewReader(body), intake.Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	s, findings := tally.Resolve(sts[0], x, nil)
	for _, f := range append(findings, sts[0].Findings...) {
		if f.Level == tally.Block || f.Level == tally.Hold {
			t.Fatalf("%s: %s %s %v", name, f.Level, f.Key, f.Args)
		}
	}
	return tally.Merge(x, s)
}

// cellsOf lists a tally's cells for comparison.
func cellsOf(t *tally.Tally, leave func(tally.Cell) bool) []tally.Cell {
	var out []tally.Cell
	for u := range t.Index.Def.Units {
		for _, c := range t.At(int32(u)) {
			if leave == nil || !leave(c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// TestEveryExportReadsBackTheSame writes a random tally in each format, reads
// it with our own reader and compares every number.
func TestEveryExportReadsBackTheSame(t *testing.T) {
	x := tally.NewIndex(larkspur())
	rapid.Check(t, func(r *rapid.T) {
		want := draw(r, x)
		in := Input{Tally: want, Status: election.UnofficialPartial, Generated: time.Unix(1793750400, 0), Issuer: "State Board", SmallUnit: -1}
		f := rapid.SampledFrom(formats).Draw(r, "format")
		var b bytes.Buffer
		if err := f.write(&b, in); err != nil {
			r.Fatalf("%v", err)
		}
		if len(want.At(0)) == 0 {
			return // a table without rows is no file of results
		}
		got := readBack(r, x, f.name, b.Bytes())
		if d := cmp.Diff(cellsOf(want, f.loses), cellsOf(got, f.loses)); d != "" {
			r.Fatalf("%s (-want +got):\n%s", f.name, d)
		}
	})
}

// few is a tally with one precinct of seven ballots among large ones.
func few(x *tally.Index) *tally.Tally {
	var cells []tally.Cell
	for i, id := range []election.UnitID{"oak-0001", "oak-0002", "oak-0003"} {
		u, _ := x.Unit(id)
		for typ := int16(1); typ <= 2; typ++ {
			size := []int64{3, 40, 400}[i] + int64(typ)
			cells = append(cells, tally.Cell{Unit: u, Contest: tally.NoContest, Choice: tally.Ballots, Type: typ, N: size - int64(typ)*int64(i+1)/3},
				tally.Cell{Unit: u, Contest: 0, Choice: 0, Type: typ, N: size / 2}, tally.Cell{Unit: u, Contest: 0, Choice: 1, Type: typ, N: size / 3})
		}
	}
	tally.Sort(cells)
	return tally.Merge(x, &tally.Sheet{Index: x, Cells: cells})
}

// TestSmallUnitsShowNoVoteTypes looks for the vote types of a small precinct,
// and of the one that hides it, in every export.
func TestSmallUnitsShowNoVoteTypes(t *testing.T) {
	x := tally.NewIndex(larkspur())
	in := Input{Tally: few(x), Status: election.UnofficialPartial, Generated: time.Unix(1793750400, 0), Issuer: "State Board"}
	small, _ := x.Unit("oak-0001")
	cover, _ := x.Unit("oak-0002")
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := f.write(&b, in); err != nil {
				t.Fatal(err)
			}
			got := readBack(t, x, f.name, b.Bytes())
			for _, u := range []int32{small, cover} {
				for _, c := range got.At(u) {
					if c.Type != tally.TotalType {
						t.Errorf("%s shows %d votes of type %d", x.UnitName(u), c.N, c.Type)
					}
				}
				want, _ := in.Tally.N(u, 0, 0, tally.TotalType)
				if n, ok := got.N(u, 0, 0, tally.TotalType); !ok || n != want {
					t.Errorf("%s: total %d, %v; want %d", x.UnitName(u), n, ok, want)
				}
			}
		})
	}
	rep := Report(in)
	flags := 0
	for _, s := range rep.Election[0].Contest[0].ContestSelection {
		for _, v := range s.VoteCounts {
			if v.IsSuppressedForPrivacy.Value {
				flags++
			}
		}
	}
	if flags != 4 { // two choices with votes in two precincts
		t.Errorf("%d totals say that their vote types are hidden, want 4", flags)
	}
}

// TestReportHangsTogether checks a report as NIST does.
func TestReportHangsTogether(t *testing.T) {
	x := tally.NewIndex(larkspur())
	rep := Report(Input{Tally: few(x), Status: election.Certified, Generated: time.Unix(1793750400, 0), Issuer: "State Board", Test: true,
		Definition: x.Def.Hash(), Sequence: 1, Of: 1, Notes: "Recounted by hand."})
	for _, p := range nisterr.Check(rep) {
		t.Error(p)
	}
	var b bytes.Buffer
	if err := nisterr.WriteXML(&b, rep); err != nil {
		t.Fatal(err)
	}
	sts, err := intake.Read("x.xml", &b, intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st := sts[0]
	if st.Definition != x.Def.Hash() || !st.Test || st.Status != election.Certified || st.Date != "2026-11-03" || st.Generated.Unix() != 1793750400 {
		t.Errorf("got definition %q, test %v, status %s, date %s, generated %s", st.Definition, st.Test, st.Status, st.Date, st.Generated)
	}
}

// TestRankedRounds writes a ranked contest round by round.
func TestRankedRounds(t *testing.T) {
	def := larkspur()
	def.Contests[0].Variation = election.Ranked
	x := tally.NewIndex(def)
	u, _ := x.Unit("oak-0001")
	var cells []tally.Cell
	for round := int16(1); round <= 3; round++ {
		for ch := range int32(3) {
			cells = append(cells, tally.Cell{Unit: u, Contest: 0, Choice: ch, Round: round, N: int64(round)*100 + int64(ch)})
		}
	}
	want := tally.Merge(x, &tally.Sheet{Index: x, Cells: cells})
	in := Input{Tally: want, Status: election.UnofficialComplete, Generated: time.Unix(1793750400, 0), Issuer: "State Board", SmallUnit: -1}
	for _, f := range formats {
		if f.name != "night.json" && f.name != "night.xml" && f.name != "flat.csv" {
			continue // the others have no rounds
		}
		var b bytes.Buffer
		if err := f.write(&b, in); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(cellsOf(want, nil), cellsOf(readBack(t, x, f.name, b.Bytes()), nil)); d != "" {
			t.Errorf("%s (-want +got):\n%s", f.name, d)
		}
	}
	var b bytes.Buffer
	if err := OpenElections(&b, in); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "\n"); got != 4 {
		t.Errorf("a table without rounds has %d lines, want a header and the 3 first choices:\n%s", got, b.String())
	}
	b.Reset()
	if err := Flat(&b, in); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "ash,candidate,DEM,3,total,300") {
		t.Errorf("the third round is missing:\n%s", b.String())
	}
}

// TestLostSaysWhatHasNoRoom holds each format against results that have some of
// everything.
func TestLostSaysWhatHasNoRoom(t *testing.T) {
	def := larkspur()
	def.VoteTypes = append(def.VoteTypes, election.VoteType{ID: "uocava", Name: election.T("Overseas"), Item: election.UOCAVA},
		election.VoteType{ID: "kiosk", Name: election.T("Kiosk"), Item: election.OtherItem})
	def.Contests[0].Variation = election.Ranked
	x := tally.NewIndex(def)
	u, _ := x.Unit("oak-0001")
	cells := []tally.Cell{
		{Unit: u, Contest: tally.NoContest, Choice: tally.Rejected, N: 2},
		{Unit: u, Contest: tally.NoContest, Choice: tally.Ballots, N: 9},
		{Unit: u, Contest: 0, Choice: 0, Round: 1, N: 4}, {Unit: u, Contest: 0, Choice: 0, Round: 2, N: 5},
		{Unit: u, Contest: 0, Choice: tally.Exhausted, Round: 2, N: 1},
		{Unit: u, Contest: 1, Choice: 0, N: 4}, {Unit: u, Contest: 1, Choice: tally.Over, N: 3}, {Unit: u, Contest: 1, Choice: tally.Over, Type: 1, N: 3},
	}
	tally.Sort(cells)
	full := tally.Merge(x, &tally.Sheet{Index: x, Cells: cells, Progress: []tally.Progress{{Unit: u, State: election.Completed}}})
	for format, want := range map[string][]string{
		"csv":           {"progress"},
		"xlsx":          {"rounds", "progress"},
		"nist-json":     {"numbers", "other_types"},
		"nist-xml":      {"numbers", "other_types"},
		"openelections": {"numbers", "rounds", "progress"},
		"ncsbe":         {"numbers", "rounds", "types_joined", "types", "progress"},
	} {
		var got []string
		for _, l := range Lost(format, Input{Tally: full}) {
			got = append(got, strings.TrimPrefix(l.Key, "results.export.lost."))
			if l.Args["n"] == "" {
				t.Errorf("%s: %v has no number", format, l)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", format, d)
		}
	}
	plain := tally.Merge(x, &tally.Sheet{Index: x, Cells: []tally.Cell{{Unit: u, Contest: 1, Choice: 0, N: 4}}})
	for format := range carried {
		if format != "ncsbe" && len(Lost(format, Input{Tally: plain})) > 0 {
			t.Errorf("%s: nothing is lost of plain votes, got %v", format, Lost(format, Input{Tally: plain}))
		}
	}
}

// TestFlat compares the flat table with the tally, number by number.
func TestFlat(t *testing.T) {
	x := tally.NewIndex(larkspur())
	in := Input{Tally: few(x), Status: election.UnofficialPartial, Generated: time.Unix(1793750400, 0)}
	var b bytes.Buffer
	if err := Flat(&b, in); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	hidden, shown := 0, 0
	col := func(row []string, name string) string { return row[slices.Index(flatHeader, name)] }
	for _, row := range rows[1:] {
		u, _ := x.Unit(election.UnitID(col(row, "unit_id")))
		c, ok := x.Contest(election.ContestID(col(row, "contest_id")))
		choice := tally.Ballots
		if !ok {
			c = tally.NoContest
		} else {
			choice = int32(slices.IndexFunc(x.Def.Contests[c].Choices, func(ch election.Choice) bool { return string(ch.ID) == col(row, "choice_id") }))
		}
		typ, _ := x.Type(election.VoteTypeID(col(row, "vote_type")))
		want, _ := in.Tally.N(u, c, choice, typ)
		switch got := col(row, "votes"); {
		case got == "*":
			hidden++
		case got != fmt.Sprint(want):
			t.Errorf("%v: got %s, want %d", row, got, want)
		default:
			shown++
		}
	}
	// 3 precincts with a total and 2 types of ballots and 2 choices; 2 of the 3 hide their types.
	if hidden != 12 || shown != 15 {
		t.Errorf("%d hidden and %d shown, want 12 and 15", hidden, shown)
	}
}

func TestGuardedCells(t *testing.T) {
	def := larkspur()
	def.Contests[0].Choices[0].Name = election.T("=HYPERLINK(\"http://x\")")
	x := tally.NewIndex(def)
	for _, f := range []func(io.Writer, Input) error{OpenElections, Flat, NCSBE} {
		var b bytes.Buffer
		if err := f(&b, Input{Tally: few(x), Generated: time.Unix(1793750400, 0)}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), ",=HYPER") || strings.Contains(b.String(), "\t=HYPER") || !strings.Contains(b.String(), "'=HYPER") {
			t.Error("a spreadsheet would run the name of a candidate as a formula")
		}
	}
}

func TestARefusalWritesNothing(t *testing.T) {
	def := larkspur()
	def.Contests[0].Name = election.T("")
	x := tally.NewIndex(def)
	var b bytes.Buffer
	if err := ERRJSON(&b, Input{Tally: few(x), Generated: time.Unix(1793750400, 0)}); err == nil || b.Len() > 0 {
		t.Errorf("got error %v and %d bytes", err, b.Len())
	}
}
