// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
)

// maple is a county with what is hard to tell apart: precincts with numbers,
// two counties with a sheriff each, a name on two party lines, primaries.
func maple() *election.Definition {
	choice := func(id, name string, kind election.ChoiceKind, parties ...election.PartyID) election.Choice {
		return election.Choice{ID: election.ChoiceID(id), Name: election.T(name), Kind: kind, Parties: parties}
	}
	sheriff := func(id election.ContestID, d election.DistrictID, name string) election.Contest {
		return election.Contest{ID: id, Name: election.T("Sheriff"), District: d, VotesAllowed: 1, Choices: []election.Choice{choice("x", name, election.Candidate)}}
	}
	return &election.Definition{
		Election: election.Election{ID: "e", Scope: "s"},
		Parties:  []election.Party{{ID: "d", Name: election.T("Democratic"), Abbr: "DEM"}, {ID: "w", Name: election.T("Working Families"), Abbr: "WFP"}, {ID: "r", Name: election.T("Republican")}},
		Units: []election.Unit{
			{ID: "s", Type: election.State, Name: "Maple"},
			{ID: "oak", Type: election.County, Name: "Oak", Parent: "s", Districts: []election.DistrictID{"oak"}},
			{ID: "elm", Type: election.County, Name: "Elm County", Parent: "s", Districts: []election.DistrictID{"elm"}},
			{ID: "o1", Type: election.Precinct, Name: "ALPINE", Number: "0001", Parent: "oak", Districts: []election.DistrictID{"oak", "h8"}, External: map[string]string{"local-level": "L1"}},
			{ID: "o2", Type: election.Precinct, Name: "Basin  Lake", Number: "0002", Parent: "oak", Districts: []election.DistrictID{"oak"}},
			{ID: "e1", Type: election.Precinct, Name: "ALPINE", Number: "0001", Parent: "elm", Districts: []election.DistrictID{"elm"}},
			{ID: "ob", Type: election.BallotBatch, Name: "Absentee Board", Parent: "oak", Districts: []election.DistrictID{"oak"}},
		},
		Districts: []election.District{{ID: "oak", Name: election.T("Oak"), Type: "county"}, {ID: "elm", Name: election.T("Elm"), Type: "county"}, {ID: "h8", Name: election.T("House 8"), Number: "8"}},
		VoteTypes: []election.VoteType{{ID: "early", Name: election.T("Early voting"), Item: election.Early}, {ID: "ed", Name: election.T("Election day"), Item: election.ElectionDay},
			{ID: "mail", Name: election.T("Mail"), Item: election.AbsenteeMail}},
		Contests: []election.Contest{
			{ID: "pres", Name: election.Text{"en": "President", "es": "Presidente"}, VotesAllowed: 1, External: map[string]string{"nist": "cc-1"}, Choices: []election.Choice{
				choice("ash", "Ash / Birch", election.Candidate, "d"), choice("cedar", "Cedar", election.Candidate, "r"), choice("wi", "Write-in", election.WriteIn)}},
			sheriff("sh-oak", "oak", "Ann Ash"), sheriff("sh-elm", "elm", "Bob Birch"),
			{ID: "h8", Name: election.T("U.S. House, District 8"), Office: "U.S. House", District: "h8", VotesAllowed: 1, Choices: []election.Choice{
				choice("cuomo-d", "Cuomo", election.Candidate, "d"), choice("cuomo-w", "Cuomo", election.Candidate, "w")}},
			{ID: "sen-d", Name: election.T("Senate"), PrimaryParty: "d", VotesAllowed: 1, Choices: []election.Choice{choice("a", "Fir", election.Candidate)}},
			{ID: "sen-r", Name: election.T("Senate"), PrimaryParty: "r", VotesAllowed: 1, Choices: []election.Choice{choice("a", "Gum", election.Candidate)}},
			{ID: "m1", Name: election.T("Measure 1"), Kind: election.MeasureContest, VotesAllowed: 1, Choices: []election.Choice{choice("y", "Sí", election.Yes), choice("n", "No", election.No)}},
		},
	}
}

// says makes a statement of lines "county | precinct | contest | district |
// contest party | choice | party | type | votes". A choice in angle brackets is
// a measure.
func says(lines ...string) *Statement {
	st := &Statement{Format: "openelections", Types: []NamedType{{Name: "total", Item: election.Total}}}
	measures := map[string]Measure{"<over>": Over, "<under>": Under, "<ballots>": Ballots, "<registered>": Registered, "<subtotal>": Subtotal}
	for i, line := range lines {
		f := strings.Split(line, "|")
		for k := range f {
			f[k] = strings.TrimSpace(f[k])
		}
		line := int32(i + 2)
		count := Count{Line: line}
		count.Unit = intern(&st.Units, NamedUnit{County: f[0], Name: f[1], Number: leading(f[1]), Parent: -1}, func(a, b NamedUnit) bool { return a.County == b.County && a.Name == b.Name })
		ch := NamedChoice{Contest: NoContest, Name: f[5], Party: f[6], Kind: Answer(f[5])}
		if f[2] != "" {
			ch.Contest = intern(&st.Contests, NamedContest{Name: f[2], District: f[3], Party: f[4]}, func(a, b NamedContest) bool { return a == b })
		}
		if m, ok := measures[f[5]]; ok {
			ch.Measure, ch.Name = m, ""
		}
		count.Choice = intern(&st.Choices, ch, func(a, b NamedChoice) bool { return a == b })
		if f[7] != "" {
			count.Type = int16(intern(&st.Types, NamedType{Name: f[7], Item: Item(f[7])}, func(a, b NamedType) bool { return a == b }))
		}
		fmt.Sscan(f[8], &count.N)
		st.Counts = append(st.Counts, count)
	}
	return st
}

func leading(name string) string {
	n := 0
	for n < len(name) && name[n] >= '0' && name[n] <= '9' {
		n++
	}
	return name[:n]
}

func intern[T any](list *[]T, v T, same func(a, b T) bool) int32 {
	i := slices.IndexFunc(*list, func(have T) bool { return same(have, v) })
	if i < 0 {
		i = len(*list)
		*list = append(*list, v)
	}
	return int32(i)
}

// where writes a cell down by ids.
func where(x *Index, c Cell) string {
	contest, choice := "-", measureNames[c.Choice]
	if c.Contest >= 0 {
		contest = string(x.Def.Contests[c.Contest].ID)
		if c.Choice >= 0 {
			choice = string(x.Def.Contests[c.Contest].Choices[c.Choice].ID)
		}
	}
	typ := "total"
	if c.Type > 0 {
		typ = string(x.Def.VoteTypes[c.Type-1].ID)
	}
	return fmt.Sprintf("%s %s %s %s=%d", x.Def.Units[c.Unit].ID, contest, choice, typ, c.N)
}

func TestResolve(t *testing.T) {
	for _, tt := range []struct {
		name    string
		lines   []string
		aliases Aliases
		want    []string // cells
		found   []string // findings
	}{
		{"names in any case and spacing",
			[]string{"OAK|alpine|PRESIDENT||| ash  /  birch |DEM||5", "oak|basin lake|presidente|||CEDAR|||6"}, nil,
			[]string{"o1 pres ash total=5", "o2 pres cedar total=6"}, nil},
		{"a county with and without the word County",
			[]string{"Oak County|ALPINE|President|||Cedar|||5", "Elm|ALPINE|President|||Cedar|||6"}, nil,
			[]string{"o1 pres cedar total=5", "e1 pres cedar total=6"}, nil},
		{"a county that reports itself",
			[]string{"Oak||President|||Cedar|||5"}, nil, []string{"oak pres cedar total=5"}, nil},
		{"a precinct by its number and name",
			[]string{"Oak|0001 ALPINE|President|||Cedar|||5", "Oak|0002|President|||Cedar|||6"}, nil,
			[]string{"o1 pres cedar total=5", "o2 pres cedar total=6"}, nil},
		{"a precinct whose number fits and whose name has changed is told",
			[]string{"Oak|0001 ALPINE HEIGHTS|President|||Cedar|||5"}, nil,
			[]string{"o1 pres cedar total=5"}, []string{"warn unit_by_number"}},
		{"a number and a name of two precincts are refused",
			[]string{"Oak|0001 Basin Lake|President|||Cedar|||5"}, nil, nil, []string{"block unit_conflict", "block unknown_unit_near Basin"}},
		{"a precinct of another county is not taken",
			[]string{"Elm|Basin Lake|President|||Cedar|||5"}, nil, nil, []string{"block unknown_unit"}},
		{"a contest by office and district",
			[]string{"Oak|ALPINE|U.S. House|08||Cuomo|WFP||5", "Oak|ALPINE|U.S. House, District 8|||Cuomo|Dem.||6"}, nil,
			[]string{"o1 h8 cuomo-d total=6", "o1 h8 cuomo-w total=5"}, nil},
		{"one name on two party lines needs the party",
			[]string{"Oak|ALPINE|U.S. House|8||Cuomo|||5"}, nil, nil, []string{"block unknown_choice_near Cuomo; Cuomo"}},
		{"the sheriff of each county",
			[]string{"Oak|ALPINE|Sheriff|||Ann Ash|||5", "Elm|ALPINE|Sheriff|||Bob Birch|||6"}, nil,
			[]string{"o1 sh-oak x total=5", "e1 sh-elm x total=6"}, nil},
		{"a candidate of the other county's sheriff is not known here",
			[]string{"Oak|ALPINE|Sheriff|||Bob Birch|||5"}, nil, nil, []string{"block unknown_choice"}},
		{"a primary by its party",
			[]string{"Oak|ALPINE|Senate||Republican|Gum|||5"}, nil, []string{"o1 sen-r a total=5"}, nil},
		{"a primary without its party could be either",
			[]string{"Oak|ALPINE|Senate|||Gum|||5"}, nil, nil, []string{"block unknown_contest_near Senate; Senate"}},
		{"a candidate under another party is refused",
			[]string{"Oak|ALPINE|President|||Cedar|DEM||5"}, nil, nil, []string{"block unknown_choice_near Cedar"}},
		{"yes and write-ins need no exact name",
			[]string{"Oak|ALPINE|Measure 1|||YES|||5", "Oak|ALPINE|President|||Write-In Totals|||6"}, nil,
			[]string{"o1 pres wi total=6", "o1 m1 y total=5"}, nil},
		{"a misspelt name is never guessed, only suggested",
			[]string{"Oak|ALPINE|President|||Ceder|||5", "Oak|Basin Lake|President|||Ceder|||7"}, nil, nil, []string{"block unknown_choice_near Cedar"}},
		{"an alias explains it",
			[]string{"Oak|ALPINE|President|||Ceder|||5"}, Aliases{{Kind: ChoiceAlias, Contest: "pres", Name: "CEDER", ID: "cedar"}}, []string{"o1 pres cedar total=5"}, nil},
		{"an alias of one party or county does not serve another",
			[]string{"Oak|ALPINE|President|||Trees|REP||5", "Elm|ALPINE|President|||Trees|REP||6", "Oak|ALPINE|President|||Trees|DEM||7"},
			Aliases{{Kind: ChoiceAlias, County: "Oak", Name: "Trees", Party: "R", ID: "cedar"}},
			[]string{"o1 pres cedar total=5"}, []string{"block unknown_choice", "block unknown_choice"}},
		{"aliases of units, contests and vote types",
			[]string{"Oak|Alpine Rd|Präsident|||Cedar||Curbside|5"},
			Aliases{{Kind: UnitAlias, County: "oak", Name: "alpine rd", ID: "o1"}, {Kind: ContestAlias, Name: "präsident", ID: "pres"}, {Kind: TypeAlias, Name: "curbside", ID: "ed"}},
			[]string{"o1 pres cedar ed=5"}, nil},
		{"vote types by name, id and meaning",
			[]string{"Oak|ALPINE|President|||Cedar||early_voting|1", "Oak|ALPINE|President|||Cedar||ED|2", "Oak|ALPINE|President|||Cedar||absentee_by_mail_votes|3", "Oak|ALPINE|President|||Cedar||Drone|4"}, nil,
			[]string{"o1 pres cedar early=1", "o1 pres cedar ed=2", "o1 pres cedar mail=3"}, []string{"block unknown_type"}},
		{"two columns that mean one vote type are added",
			[]string{"Oak|ALPINE|President|||Cedar||Advanced Votes|10", "Oak|ALPINE|President|||Cedar||One Stop|5"}, nil, []string{"o1 pres cedar early=15"}, nil},
		{"a second total is not added to the first",
			[]string{"Oak|ALPINE|President|||Cedar|||10", "Oak|ALPINE|President|||Cedar||Total Votes|10"}, nil,
			[]string{"o1 pres cedar total=10", "o1 pres cedar total=10"}, []string{"block given_twice"}},
		{"numbers that are given twice are told and not added",
			[]string{"Oak|ALPINE|President|||Cedar|||10", "Oak|Alpine|President|||Cedar|||11", "Oak|ALPINE|President|||CEDAR|||12"}, nil,
			[]string{"o1 pres cedar total=10", "o1 pres cedar total=11", "o1 pres cedar total=12"}, []string{"block given_twice"}},
		{"facts and subtotals are kept",
			[]string{"Oak|ALPINE||||<registered>|||400", "Oak|ALPINE|President|||<over>|||1", "Oak|ALPINE|President|||<subtotal>|||9"}, nil,
			[]string{"o1 - Registered voters total=400", "o1 pres Subtotal total=9", "o1 pres Overvotes total=1"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := NewIndex(maple())
			sheet, findings := Resolve(says(tt.lines...), x, tt.aliases)
			var cells, found []string
			for _, c := range sheet.Cells {
				cells = append(cells, where(x, c))
			}
			for _, f := range findings {
				if f.Check != "I01" {
					t.Errorf("finding of check %s", f.Check)
				}
				s := string(f.Level) + " " + strings.TrimPrefix(f.Key, "results.intake.")
				if near := f.Args["near"]; near != "" {
					s += " " + strings.TrimPrefix(near, "0002 ")
				}
				found = append(found, s)
			}
			if d := cmp.Diff(tt.want, cells); d != "" {
				t.Errorf("cells (-want +got):\n%s", d)
			}
			for i := range max(len(found), len(tt.found)) {
				if i >= len(found) || i >= len(tt.found) || !strings.HasPrefix(found[i], tt.found[i]) {
					t.Fatalf("findings: got %q, want %q", found, tt.found)
				}
			}
		})
	}
}

// TestUnknownNamesAreOneFindingEach counts what a clerk has to read.
func TestUnknownNamesAreOneFindingEach(t *testing.T) {
	x := NewIndex(maple())
	var lines []string
	for range 30 {
		lines = append(lines, "Oak|Nowhere|President|||Cedar|||1")
	}
	for i := range mostUnknown + 7 {
		lines = append(lines, fmt.Sprintf("Oak|Lost %d|President|||Cedar|||1", i))
	}
	_, findings := Resolve(says(lines...), x, nil)
	if len(findings) != mostUnknown+1 {
		t.Fatalf("%d findings, want %d", len(findings), mostUnknown+1)
	}
	if f := findings[0]; f.Line != 2 || f.Args["lines"] != "30" || f.Args["n"] != "30" || f.Unit != "Oak / Nowhere" {
		t.Errorf("the first name: %+v", f)
	}
	if f := findings[mostUnknown]; f.Key != "results.intake.unknown_more" || f.Args["n"] != "8" {
		t.Errorf("the rest: %+v", f)
	}
}

// TestCodes finds things by the ids of the definition in reports that carry
// them, and only there.
func TestCodes(t *testing.T) {
	x := NewIndex(maple())
	coded := func(format string) *Statement {
		st := says("Oak|Alpine (moved)|President|||Somebody|||5")
		st.Format = format
		st.Units[0].Code, st.Contests[0].Code, st.Choices[0].Code = "o1", "cc-1", "ash"
		return st
	}
	sheet, findings := Resolve(coded("nist-json"), x, nil)
	if len(findings) > 0 || len(sheet.Cells) != 1 || where(x, sheet.Cells[0]) != "o1 pres ash total=5" {
		t.Errorf("by id: %v %v", sheet.Cells, findings)
	}
	if sheet, _ := Resolve(coded("clarity"), x, nil); len(sheet.Cells) != 0 {
		t.Errorf("the running numbers of one file were taken for ids: %s", where(x, sheet.Cells[0]))
	}
	st := coded("nist-xml")
	st.Units[0].Name, st.Choices[0].Name = "ALPINE", "Cedar"
	_, findings = Resolve(st, x, nil)
	if len(findings) == 0 || findings[0].Key != "results.intake.choice_conflict" {
		t.Errorf("swapped labels: got %v", findings)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "abc": "abc", "  A  b ": "a b", "Cañón": "cañón", "a\u00a0b": "a b", "x ": "x", "\ufeffx": "x", "Déjà\tVu": "déjà vu",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
		if got := Fold(Fold(in)); got != want {
			t.Errorf("folding %q twice gives %q", in, got)
		}
	}
}

func TestBareName(t *testing.T) {
	for _, tt := range []struct {
		name, party, want string
		incumbent         bool
	}{
		{"Herschel Walker", "Republican", "Herschel Walker", false},
		{"Herschel Walker (Rep)", "Republican", "Herschel Walker", false},
		{"Raphael Warnock (I) (Dem)", "Democrat", "Raphael Warnock", true},
		{"Raphael Warnock (Dem) (I)", "DEM", "Raphael Warnock", true},
		{"Smith (I)", "Independent", "Smith", true},
		{"Smith (Ind)", "Independent", "Smith", false},
		{"Smith (Rep)", "", "Smith (Rep)", false},
		{"Smith (Rep)", "Democratic", "Smith (Rep)", false},
		{"J. (Jay) Smith", "DEM", "J. (Jay) Smith", false},
		{"(Rep)", "Rep", "(Rep)", false},
	} {
		if got, inc := BareName(tt.name, tt.party); got != tt.want || inc != tt.incumbent {
			t.Errorf("BareName(%q, %q) = %q, %v; want %q, %v", tt.name, tt.party, got, inc, tt.want, tt.incumbent)
		}
	}
}

func TestAnswer(t *testing.T) {
	for name, want := range map[string]election.ChoiceKind{
		"YES": election.Yes, "no": election.No, "YES/SÍ": election.Yes, "BOND APPROVAL, YES": election.Yes, "BUDGET OVERRIDE CONTINUATION, NO": election.No,
		"BASE EXPENDITURE LIMIT ADJUSTMENT YES": election.Yes, "No - against the tax": election.No, "Against": election.No,
		"Joon No": "", "NOLAN, ANN": "", "Yesenia Diaz": "", "Write-in": "", "": "",
	} {
		if got := Answer(name); got != want {
			t.Errorf("Answer(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestWriteInNames(t *testing.T) {
	for name, want := range map[string]string{
		"Write-in": "all", "WRITE-INS": "all", "Write-In Totals": "all", "Write-In (Miscellaneous)": "all", "NOT QUALIFIED": "other", "Not Assigned": "other",
		"scattering": "other", "Write-In: Invalid Write-in (2)": "other", "Write-In: Gibson, Christina": "Gibson, Christina", "Ann Ash (Write-In)": "Ann Ash",
		"Ann Ash": "", "Wright, Ina": "",
	} {
		got := ""
		if bare, is := WriteInName(name); is {
			got = bare
		}
		if OtherWriteIn(name) {
			got = "other"
		}
		if GenericWriteIn(name) {
			got = "all"
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
