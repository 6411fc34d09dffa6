// SPDX-License-Identifier: Apache-2.0

package list

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry/file"
	"hustings/office/registry/roll"
)

var update = flag.Bool("update", false, "write the golden files anew")

const today = election.Date("2026-11-03")

// planted is what must be in no output: where a protected voter lives, and who
// they are.
var planted = []string{"Safehouse", "SAFEHOUSE", "Zzyzx", "ZZYZX", "77777", "D-9999999", "6789"}

func home(number, street, unit string) roll.Address {
	a := roll.Address{Number: number, Street: street, Type: "ST", City: "Vale", State: "XX", ZIP: "00501"}
	if unit != "" {
		a.UnitKind, a.Unit = "APT", unit
	}
	return a
}

func voter(id, last, first string, birth election.Date, precinct, party string, h roll.Address) roll.Voter {
	return roll.Voter{ID: roll.ID(id), Name: roll.Name{First: first, Last: last}, Birth: birth, Home: h, Precinct: election.UnitID(precinct), Party: election.PartyID(party),
		State: roll.Active, Reason: roll.Verified, Registered: "2020-01-02", Source: roll.ByMail, Districts: []election.DistrictID{"house:1"},
		Identifiers: []roll.Identifier{{Kind: roll.License, Value: hide.New("D-9999999")}, {Kind: roll.SSN4, Value: hide.New("6789")}}}
}

// people are a small roll with something for every rule.
func people() []Entry {
	all := []roll.Voter{
		voter("1", "Roe", "Ann", "1980-02-29", "P10", "ind", home("12", "ELM", "")),
		voter("2", "Doe", "Bo", "2008-11-03", "P9", "dem", home("2", "ELM", "10")), // 18 on the day
		voter("3", "Poe", "Cy", "2008-11-04", "P9", "dem", home("2", "ELM", "9")),  // not yet
		voter("4", "=HYPERLINK(\"http://x\")", "Di", "1970-01-01", "P9", "ind", home("100", "ELM", "")),
		voter("5", "García", "Éva", "", "P10", "", home("7", "OAK", "")),
		voter("6", "Zzyzx", "Hidden", "1975-05-05", "P10", "ind", home("77777", "SAFEHOUSE", "")),
		voter("7", "Gone", "Gil", "1950-01-01", "P10", "ind", home("1", "OAK", "")),
		voter("8", "Young", "Yu", "2010-01-01", "P10", "", home("3", "OAK", "")),
	}
	all[4].Year = 1960
	all[5].Protected = "acp"
	all[6].State, all[6].Reason = roll.Cancelled, roll.Deceased
	all[7].State, all[7].Reason = roll.PreRegistered, roll.NotOfAge
	all[0].Wishes = []roll.Wish{{How: []string{"mail"}, Permanent: true}}
	all[1].Wishes = []roll.Wish{{How: []string{"email"}, Until: "2026-01-01"}} // over
	all[0].Contact = []roll.Contact{{Kind: "phone", Value: "(555) 010-0199"}}
	all[2].Registered = "2026-10-01"
	out := make([]Entry, len(all))
	for i := range all {
		out[i] = Entry{Voter: &all[i], From: "2020-01-02", Recorded: "2020-01-02"}
	}
	out[6].From, out[6].Recorded = "2026-10-05", "2026-10-06"
	return out
}

func each(list []Entry) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

var mark = Mark{Number: "E-1A2B3C4D", Office: "Vale County", For: "The Paper", Purpose: "news", By: "Ann", When: "2026-11-03T12:00:00Z", Statement: "Elections only."}

// chosen are choices that are enough for a kind of list.
func chosen(k Kind, f Format) Choices {
	c := Choices{List: k, Format: f, AsOf: today}
	switch k {
	case Street:
		c.Street = "elm st"
	case New, Changed:
		c.Since = "2026-09-01"
	case Jury:
		c.Draw, c.Seed = 2, "dice 3 1 4"
	}
	return c
}

func made(t testing.TB, c Choices, list []Entry) (string, Report) {
	t.Helper()
	var b bytes.Buffer
	rep, err := Make(&b, c, mark, each(list), nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), rep
}

func TestListsAsFiles(t *testing.T) {
	for _, k := range Kinds() {
		for _, f := range []Format{CSV, JSON} {
			t.Run(string(k)+" as "+string(f), func(t *testing.T) {
				got, rep := made(t, chosen(k, f), people())
				path := filepath.Join("testdata", string(k)+"."+f.Ending())
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s", diff)
				}
				if rep.Seen != 8 || rep.Protected != 1 || rep.SHA256 == "" || rep.Bytes != int64(len(got)) {
					t.Errorf("report %+v", rep)
				}
			})
		}
	}
}

func TestProtectedVotersAreInNoList(t *testing.T) {
	for _, k := range Kinds() {
		for _, f := range Formats(k) {
			c := chosen(k, f)
			if k == Street {
				c.Street = "safehouse"
			}
			for _, col := range Columns(k) {
				c.Columns = append(c.Columns, col.Name)
			}
			if k == Jury {
				c.Draw = 100
			}
			text, _ := made(t, c, people())
			if f == XLSX {
				text = unzipped(t, text)
			}
			for _, secret := range planted {
				if strings.Contains(text, secret) {
					t.Errorf("the list %s as %s holds %s", k, f, secret)
				}
			}
			p, err := Look(c, each(people()), func() bool { return false })
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range planted {
				if strings.Contains(fmt.Sprint(p.Rows), secret) {
					t.Errorf("the preview of %s holds %s", k, secret)
				}
			}
		}
	}
}

// unzipped is what is in all files of an archive.
func unzipped(t *testing.T, text string) string {
	t.Helper()
	z, err := sheet.OpenZip("x", strings.NewReader(text), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range z.Files() {
		r, err := z.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&b, r); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(b.String(), mark.Number) {
		t.Error("the workbook does not bear the number of its extract")
	}
	return b.String()
}

func TestFormulasAreDisarmed(t *testing.T) {
	for _, k := range []Kind{Public, Precinct, Street} {
		for _, f := range []Format{CSV, NC} {
			text, _ := made(t, chosen(k, f), people())
			comma := ','
			if f == NC {
				comma = '\t'
			}
			r := csv.NewReader(strings.NewReader(text))
			r.Comma, r.LazyQuotes = comma, true
			rows, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				for _, cell := range row {
					if strings.HasPrefix(cell, "=") {
						t.Errorf("%s as %s: a cell begins %q", k, f, cell)
					}
				}
			}
		}
	}
}

func TestWhatWeWriteWeReadAgain(t *testing.T) {
	for _, f := range []Format{CSV, XLSX, NC, VRIJSON, VRIXML} {
		text, rep := made(t, chosen(Precinct, f), people())
		var ids []string
		_, err := file.Read("list."+f.Ending(), strings.NewReader(text), file.Options{}, func(r *file.Record) error {
			if r.Voter.NumberOf(roll.License).Reveal() != "" || f != CSV && f != XLSX && r.Voter.Birth != "" {
				t.Errorf("%s tells more than it may of %s", f, r.Voter.ID)
			}
			ids = append(ids, r.Voter.Name.First)
			return nil
		})
		if err != nil || int64(len(ids)) != rep.Voters || len(ids) != 5 {
			t.Errorf("%s: read %v, %d written, %v", f, ids, rep.Voters, err)
		}
	}
}

func TestParquetIsReadBack(t *testing.T) {
	text, rep := made(t, chosen(Public, Parquet), people())
	f, err := parquet.OpenFile(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	if number, _ := f.Lookup("hustings.extract"); f.NumRows() != rep.Voters || number != mark.Number {
		t.Errorf("%d rows of %d, marked %q", f.NumRows(), rep.Voters, number)
	}
	type row struct {
		Last  *string `parquet:"last_name"`
		Year  *int32  `parquet:"birth_year"`
		Since *int32  `parquet:"registration_date,date"`
		Party *string `parquet:"party"`
	}
	rows, err := parquet.Read[row](strings.NewReader(text), int64(len(text)))
	if err != nil || len(rows) != 6 {
		t.Fatal(len(rows), err)
	}
	if r := rows[0]; *r.Last != "Roe" || *r.Year != 1980 || *r.Since != 18263 || *r.Party != "ind" {
		t.Errorf("the first row is %v %v %v", *r.Last, *r.Year, *r.Since)
	}
	if rows[4].Party != nil {
		t.Errorf("no party is %q", *rows[4].Party)
	}
}

func TestJSONIsValid(t *testing.T) {
	rude := people()
	rude[0].Voter.Name.First = "A\"\\\n\x01\xff<é"
	text, _ := made(t, chosen(Public, JSON), rude)
	var rows []map[string]any
	if err := json.Unmarshal([]byte(text), &rows); err != nil || len(rows) != 6 {
		t.Fatal(len(rows), err)
	}
	if rows[0]["first_name"] != "A\"\\\n\x01\ufffd<é" || rows[0]["birth_year"] != 1980.0 {
		t.Errorf("the first is %v", rows[0])
	}
	lines, _ := made(t, chosen(Public, Lines), rude)
	for line := range strings.Lines(lines) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
}

func TestADrawCanBeMadeAgain(t *testing.T) {
	list := people()
	first, rep := made(t, chosen(Jury, CSV), list)
	slices.Reverse(list)
	second, _ := made(t, chosen(Jury, CSV), list)
	if first != second {
		t.Errorf("in another order of the roll others were drawn:\n%s\n%s", first, second)
	}
	if rep.Eligible != 4 || rep.Voters != 2 {
		t.Errorf("%d of %d were drawn", rep.Voters, rep.Eligible)
	}
	c := chosen(Jury, CSV)
	c.Draw = 3
	more, _ := made(t, c, list)
	if !strings.HasPrefix(more, first) {
		t.Errorf("three drawn do not begin with the two:\n%s", more)
	}
}

// TestEverybodyIsDrawnAsOften draws one of ten with many seeds.
func TestEverybodyIsDrawnAsOften(t *testing.T) {
	times := map[int]int{}
	const draws = 20_000
	for seed := range draws {
		best, low := 0, lotOf(fmt.Sprint(seed), "0")
		for id := 1; id < 10; id++ {
			if l := lotOf(fmt.Sprint(seed), roll.ID(fmt.Sprint(id))); bytes.Compare(l[:], low[:]) < 0 {
				best, low = id, l
			}
		}
		times[best]++
	}
	chi := 0.0
	for id := range 10 {
		d := float64(times[id]) - draws/10
		chi += d * d / (draws / 10)
	}
	if chi > 27.9 { // one in a thousand, of nine degrees of freedom
		t.Errorf("chi-square %.1f: %v", chi, times)
	}
}

func TestChecks(t *testing.T) {
	for _, tt := range []struct {
		name, field string
		change      func(*Choices)
	}{
		{"no such list", "list", func(c *Choices) { c.List = "all" }},
		{"a jury list as NC would show too much", "format", func(c *Choices) { *c = chosen(Jury, NC) }},
		{"a day that is none", "as_of", func(c *Choices) { c.AsOf = "yesterday" }},
		{"new since when", "since", func(c *Choices) { c.List = New }},
		{"which street", "street", func(c *Choices) { c.List = Street }},
		{"how many are drawn", "draw", func(c *Choices) { c.List = Jury }},
		{"birth dates are in no public file", "columns", func(c *Choices) { c.Columns = []string{"birth_date"} }},
		{"no licence is in any list", "columns", func(c *Choices) { c.List, c.Columns = Precinct, []string{"drivers_license"} }},
		{"minors are in no public file", "states", func(c *Choices) { c.States = []roll.State{roll.PreRegistered} }},
		{"too much", "precincts", func(c *Choices) { c.Precincts = make([]string, mostChosen+1) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := chosen(Public, CSV)
			tt.change(&c)
			var f *fault.Error
			if _, err := Make(io.Discard, c, mark, each(nil), nil); !errors.As(err, &f) || f.Field != tt.field || f.Kind != fault.Invalid {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPreviewsBeginLikeTheList(t *testing.T) {
	for _, k := range Kinds() {
		if k == Jury {
			continue
		}
		text, rep := made(t, chosen(k, CSV), people())
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		p, err := Look(chosen(k, CSV), each(people()), func() bool { return false })
		if err != nil || p.Voters != rep.Voters || !p.Whole {
			t.Errorf("%s: %d looked at, %d made, %v", k, p.Voters, rep.Voters, err)
		}
		for i, row := range p.Rows {
			for j := range row {
				row[j] = sheet.Guard(row[j])
			}
			if diff := cmp.Diff(rows[i+1], row); diff != "" {
				t.Errorf("%s, row %d: %s", k, i, diff)
			}
		}
	}
	if p, err := Look(chosen(Jury, CSV), each(people()), func() bool { return false }); err != nil || p.Voters != 4 || len(p.Rows) != 0 {
		t.Errorf("a look at a draw shows %v, %v", p.Rows, err)
	}
}

// TestPartsMakeTheWhole: the lists of the precincts together are the list of all.
func TestPartsMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "voters")
		var entries []Entry
		for i := range n {
			v := voter(fmt.Sprint(i), "L", "F", "1980-01-01", rapid.SampledFrom([]string{"P1", "P2", "P10", ""}).Draw(t, "precinct"), "x", home(fmt.Sprint(i%7), "ELM", ""))
			v.State = rapid.SampledFrom([]roll.State{roll.Active, roll.Inactive, roll.Cancelled}).Draw(t, "state")
			entries = append(entries, Entry{Voter: &v})
		}
		lines := func(c Choices) []string {
			var b bytes.Buffer
			if _, err := Make(&b, c, mark, each(entries), nil); err != nil {
				t.Fatal(err)
			}
			return slices.Sorted(strings.Lines(b.String()))
		}
		whole := lines(chosen(Precinct, Lines))
		var parts []string
		for _, p := range []string{"P1", "P2", "P10", ""} {
			c := chosen(Precinct, Lines)
			c.Precincts = []string{p}
			parts = append(parts, lines(c)...)
		}
		slices.Sort(parts)
		if !slices.Equal(whole, parts) {
			t.Fatalf("%d in the whole, %d in the parts", len(whole), len(parts))
		}
	})
}

func TestNatural(t *testing.T) {
	in := []string{"10", "9", "9A", "010", "100", "P9", "P10", "", "12 1/2", "12"}
	slices.SortStableFunc(in, func(a, b string) int { return strings.Compare(natural(a), natural(b)) })
	if want := []string{"", "9", "9A", "10", "010", "12", "12 1/2", "100", "P9", "P10"}; !slices.Equal(in, want) {
		t.Errorf("got %q", in)
	}
}

func TestPacking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOf(rapid.OneOf(rapid.String(), rapid.StringN(0, -1, 40000))).Draw(t, "cells")
		if got := unpack(pack(cells), nil); !slices.Equal(got, cells) {
			t.Fatalf("got %q", got)
		}
	})
}

// TestCSVIsWhatTheHouseWrites reads every table back with the readers of others
// and of our own.
func TestCSVIsWhatTheHouseWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "=1+1", "-3", "+x", "@a", "\t=a", "a,b", "\"", "a\nb", "\r", `\.`, " a", "a ", "É", "12 1/2", "\xff"}))
		row := rapid.SliceOfN(cell, 3, 3).Draw(t, "row")
		var ours bytes.Buffer
		table := &csvTable{out: &ours}
		if err := errors.Join(table.Row([]string{"a", "b", "c"}), table.Row(row), table.Close()); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&ours).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for i, s := range rows[1] {
			want := strings.ReplaceAll(sheet.Guard(strings.ToValidUTF8(row[i], "\ufffd")), "\r\n", "\n")
			if s != want {
				t.Fatalf("%q was read as %q", row[i], s)
			}
		}
	})
}
