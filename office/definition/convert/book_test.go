// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hustings/election"
	"hustings/kit/fault"
)

// TestTemplate reads the downloadable template back: it is the example, and its
// help explains every column.
func TestTemplate(t *testing.T) {
	body, err := Template()
	if err != nil {
		t.Fatal(err)
	}
	res := mustRead(t, "template.xlsx", body, nil)
	same(t, "template", example(), res.Def)
	if len(res.Problems) > 0 {
		t.Errorf("problems: %v", res.Problems)
	}
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	want := append([]string{"help"}, sheetNames()...)
	if diff := cmp.Diff(want, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	rows, err := f.GetRows("help")
	if err != nil {
		t.Fatal(err)
	}
	columns := 0
	for _, s := range sheets {
		columns += len(s.columns)
		offered, err := f.GetDataValidations(s.name)
		if err != nil {
			t.Fatal(err)
		}
		lists := 0
		for _, c := range s.columns {
			if len(c.list) > 0 {
				lists++
			}
		}
		if len(offered) != lists {
			t.Errorf("sheet %s offers %d lists, want %d", s.name, len(offered), lists)
		}
	}
	if len(rows) < columns {
		t.Errorf("help has %d rows for %d columns", len(rows), columns)
	}
	again, err := Template()
	if err != nil || !bytes.Equal(body, again) {
		t.Errorf("the template differs from time to time, or %v", err)
	}
}

// csvZip packs tables as an office would send them.
func csvZip(t testing.TB, tables map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range sortedKeys(tables) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(tables[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// clerk is what a clerk fills in who leaves out all that can be left out.
var clerk = map[string]string{
	"election.csv": "Name,Type,Start,State,Polls close\nGeneral election,General,11/3/2026,oh,7:30 pm\n",
	"precincts.csv": "ID,Type,Name,Number,Parent,Districts,Registered,Notes\n" +
		"alder,County,Alder County,,,,,the whole\n,,Courthouse,0001,alder,school,\"1,240\",\n,precinct,Mill Road,0002,alder,\"school; fire\",,\n",
	"districts.csv":  "ID,Name,Type\nschool,School District 3,school\nfire,Fire District,special\n",
	"contests.csv":   "Name,Name [es],District,Votes allowed,Threshold,Kind\nSchool board,Junta escolar,school,2,,\nBonds,,fire,,60%,measure\n",
	"choices.csv":    "Contest,Name,Parties\nSchool board,Eve Fox,\nSchool board,Gus Hill,\nschool-board,Write-in,\nBonds,Yes,\nBonds,No,\n",
	"places.csv":     "Name,Line 1,City,State,Zip,Units\nCourthouse,1 Court Sq,Alder,OH,43999,alder-0001\nLibrary,2 Main St,Alder,OH,43999,\n",
	"hours.csv":      "Place,Start,Open,Close\nLibrary,2026-11-03,6:30,7:30 PM\n",
	"vote types.csv": "Item\nelection-day\nearly\n",
	"deadlines.csv":  "Kind,Name,At\nregistration,Last day to register,10/5/2026\n",
	"readme.csv":     "hello\nworld\n",
}

func TestWhatAClerkFillsIn(t *testing.T) {
	res := mustRead(t, "files.zip", csvZip(t, clerk), nil)
	def := res.Def
	if bad := Errors(append(res.Problems, Check(def)...)); len(bad) > 0 {
		t.Fatal(bad)
	}
	e := def.Election
	if e.ID != "2026-11-03-general" || e.End != "2026-11-03" || e.TimeZone != "America/New_York" || e.State != "OH" || e.Scope != "alder" || e.PollsClose != "19:30" {
		t.Errorf("election: %+v", e)
	}
	if at := e.Calendar[0].At.Format("2006-01-02T15:04:05"); at != "2026-10-06T03:59:59" {
		t.Errorf("the deadline is at %s UTC", at)
	}
	if u := def.Units[1]; u.ID != "alder-0001" || u.Type != election.Precinct || *u.Registered != 1240 {
		t.Errorf("precinct: %+v", u)
	}
	if got := joinList(def.Units[2].Districts); got != "school; fire" {
		t.Errorf("districts: %s", got)
	}
	board, bonds := def.Contests[0], def.Contests[1]
	if board.ID != "school-board" || board.Name["es"] != "Junta escolar" || board.VotesAllowed != 2 || board.Elected != 2 || board.Variation != election.NofM || len(board.Choices) != 3 {
		t.Errorf("contest: %+v", board)
	}
	if board.Choices[2].Kind != election.WriteIn || bonds.Choices[0].Kind != election.Yes || bonds.Choices[1].Kind != election.No || bonds.Threshold == nil {
		t.Errorf("choices: %+v; %+v", board.Choices, bonds.Choices)
	}
	if p := def.Places; p[0].Kind != election.PollingPlace || p[1].Kind != election.Center || p[1].Hours[0].Close != "19:30" || p[1].Hours[0].End != "2026-11-03" {
		t.Errorf("places: %+v", p)
	}
	for _, want := range []string{"info column_passed", "info sheet_passed"} {
		if !has(res.Problems, want) {
			t.Errorf("nothing was said of %s: %v", want, keys(res.Problems))
		}
	}
}

// TestTypedCells reads days, times and shares as a spreadsheet program keeps them.
func TestTypedCells(t *testing.T) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	put := func(sheet string, rows ...[]any) {
		if _, err := f.NewSheet(sheet); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := f.SetSheetRow(sheet, "A"+string(rune('1'+i)), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	form := func(sheet, cell string, format int) {
		style, err := f.NewStyle(&excelize.Style{NumFmt: format})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle(sheet, cell, cell, style); err != nil {
			t.Fatal(err)
		}
	}
	day := time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	put("election", []any{"Name", "Type", "Start", "State", "Polls open", "Polls close"}, []any{"General", "general", day, "OH", 6.5 / 24, 19.5 / 24})
	form("election", "C2", 14) // m/d/yyyy
	form("election", "E2", 20) // h:mm
	form("election", "F2", 18) // h:mm AM/PM
	put("precincts", []any{"ID", "Type", "Registered"}, []any{"alder", "county", 1240})
	put("contests", []any{"Name", "Kind", "Threshold", "Votes allowed"}, []any{"Bonds", "measure", 0.6, 1})
	form("contests", "C2", 9) // 0%
	put("deadlines", []any{"Kind", "At"}, []any{"registration", time.Date(2026, 10, 5, 17, 0, 0, 0, time.UTC)})
	form("deadlines", "B2", 22) // m/d/yyyy h:mm
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	def := mustRead(t, "typed.xlsx", b.Bytes(), nil).Def
	e := def.Election
	if e.Start != "2026-11-03" || e.PollsOpen != "06:30" || e.PollsClose != "19:30" || *def.Units[0].Registered != 1240 {
		t.Errorf("%+v, %+v", e, def.Units)
	}
	if want := (election.Threshold{Numerator: 3, Denominator: 5, Of: "votes"}); def.Contests[0].Threshold == nil || *def.Contests[0].Threshold != want {
		t.Errorf("threshold: %+v", def.Contests[0].Threshold)
	}
	if got := instantText(e.Calendar[0].At, e); got != "2026-10-05 17:00:00" {
		t.Errorf("the deadline is %s", got)
	}
}

func TestOneTableAlone(t *testing.T) {
	base := mustRead(t, "files.zip", csvZip(t, clerk), nil).Def
	for _, tt := range []struct {
		name, file, body string
		check            func(d *election.Definition) bool
	}{
		{"known by its name", "places.csv", "Name,Zip\nCourthouse,44000\n", func(d *election.Definition) bool { return len(d.Places) == 2 && d.Places[0].Zip == "44000" }},
		{"known by its columns", "export (3).csv", "ID,Name,Abbreviation,Color\ngreen,Green,GRN,17aa5c\n", func(d *election.Definition) bool { return len(d.Parties) == 1 && d.Parties[0].ID == "green" }},
		{"choices for a contest that is there", "candidates.csv", "Contest,Name\nschool-board,Ida Jones\n", func(d *election.Definition) bool {
			return len(d.Contests) == 2 && len(d.Contests[0].Choices) == 4 && d.Contests[0].Choices[3].Name.String() == "Ida Jones"
		}},
		{"a contest keeps the choices it has", "contests.csv", "ID,Name,Votes allowed,District\nschool-board,Board of education,1,school\n", func(d *election.Definition) bool {
			return d.Contests[0].Name.String() == "Board of education" && len(d.Contests[0].Choices) == 3 && d.Contests[0].Name["es"] == ""
		}},
		{"hours in place of those that are there", "hours.csv", "Place,Start,End,Open,Close\nlibrary,2026-11-02,2026-11-03,7 am,8 pm\n", func(d *election.Definition) bool {
			return len(d.Places[1].Hours) == 1 && d.Places[1].Hours[0] == election.Hours{Start: "2026-11-02", End: "2026-11-03", Open: "07:00", Close: "20:00"}
		}},
		{"only a time zone", "election.csv", "Time zone\nAmerica/Chicago\n", func(d *election.Definition) bool {
			return d.Election.TimeZone == "America/Chicago" && d.Election.Name.String() == "General election" && d.Election.ID == "2026-11-03-general"
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := base.Hash()
			res := mustRead(t, tt.file, []byte(tt.body), base)
			if !tt.check(res.Def) {
				t.Errorf("got %+v", res.Def)
			}
			if bad := Errors(append(res.Problems, Check(res.Def)...)); len(bad) > 0 {
				t.Error(bad)
			}
			if base.Hash() != before {
				t.Error("the base was changed")
			}
		})
	}
}

func TestDirtyTables(t *testing.T) {
	for _, tt := range []struct {
		name, table, body, want string
		line                    int
	}{
		{"a number in words", "contests.csv", "Name,District,Votes allowed\nMayor,school,two\n", "block cell_number", 2},
		{"a negative number", "contests.csv", "Name,District,Votes allowed\nMayor,school,-1\n", "block cell_number", 2},
		{"voters in words", "precincts.csv", "ID,Type,Parent,Registered\nalder,county,,\np1,precinct,alder,many\n", "warn cell_number", 3},
		{"a position that is none", "places.csv", "Name,Latitude\nLibrary,NaN\n", "warn cell_number", 2},
		{"a choice of no contest", "choices.csv", "Contest,Name\nSheriff,Ann Lee\n", "block row_orphan", 2},
		{"hours of no place", "hours.csv", "Place,Start,Open,Close\nTent,2026-11-03,7:00,19:00\n", "block row_orphan", 2},
		{"a deadline on no day", "deadlines.csv", "Kind,Name,At\ncanvass,Canvass,soon\n", "block cell_date", 2},
		{"a threshold that nobody understands", "contests.csv", "Name,District,Threshold,Kind\nBonds,fire,as usual,measure\n", "hold threshold_unread", 2},
		{"two elections", "election.csv", "Name,Type,Start,State\nOne,general,2026-11-03,OH\nTwo,general,2026-11-03,OH\n", "block one_election", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tables := make(map[string]string)
			for k, v := range clerk {
				tables[k] = v
			}
			tables[tt.table] = tt.body
			res := mustRead(t, "files.zip", csvZip(t, tables), nil)
			found := slices.IndexFunc(res.Problems, func(p Problem) bool { return has([]Problem{p}, tt.want) })
			if found < 0 {
				t.Fatalf("got %v, want %s", keys(res.Problems), tt.want)
			}
			if p := res.Problems[found]; p.Line != tt.line || p.Args["sheet"] == "" || p.Args["column"] == "" {
				t.Errorf("got %+v, want line %d", p, tt.line)
			}
		})
	}
}

func TestTablesThatCannotBeUsed(t *testing.T) {
	for _, tt := range []struct{ name, file, body, want string }{
		{"no election, and none chosen", "places.csv", "Name,Line 1,City\nLibrary,2 Main St,Alder\n", "does not say which election"},
		{"nothing that is known", "list.csv", "a,b,c\n1,2,3\n", "is one of the spreadsheet's"},
	} {
		_, err := Read(tt.file, []byte(tt.body), nil)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Sentence(err), tt.want) {
			t.Errorf("%s: got %v, want “…%s…”", tt.name, err, tt.want)
		}
	}
}

func TestCellsComeBack(t *testing.T) {
	for _, list := range [][]string{nil, {"a"}, {"a;b", `c\d`, "e=f"}, {`\`, ";", "="}} {
		if diff := cmp.Diff(list, splitList[string](joinList(list))); diff != "" {
			t.Error(diff)
		}
	}
	for _, m := range []map[string]string{nil, {"fips": "04013"}, {"a=b": "c;d", `e\`: `\f`}} {
		if diff := cmp.Diff(m, splitPairs(joinPairs(m))); diff != "" {
			t.Error(diff)
		}
	}
	for text, want := range map[string]string{"7:00": "07:00", "07:00:00": "07:00", "7 am": "07:00", "12:30 p.m.": "12:30", "12 AM": "00:00", "24:00": "24:00", "7:30PM": "19:30", "noon": "noon", "13 pm": "13 pm", "7:99": "7:99"} {
		if got := timeOfDay(text); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestACellTooLongIsRefused(t *testing.T) {
	def := example()
	def.Contests[2].Question = election.T(strings.Repeat("whereas ", 5000))
	err := writeBook(&bytes.Buffer{}, def)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "sheet contests: the Question is longer") {
		t.Errorf("got %v", err)
	}
}
