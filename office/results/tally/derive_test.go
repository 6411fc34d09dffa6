// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/election"
)

// sketch writes a definition down, as far as Derive makes one.
func sketch(d *election.Definition) []string {
	var out []string
	for _, u := range d.Units {
		s := fmt.Sprintf("%s %s %q", u.Type, u.ID, u.Name)
		if u.Parent != "" {
			s += " in " + string(u.Parent)
		}
		if len(u.Districts) > 0 {
			s += fmt.Sprintf(" %v", u.Districts)
		}
		out = append(out, s)
	}
	for _, c := range d.Contests {
		var choices []string
		for _, ch := range c.Choices {
			s := string(ch.ID)
			if len(ch.Parties) > 0 {
				s += fmt.Sprintf("%v", ch.Parties)
			}
			if ch.Kind != election.Candidate {
				s += " " + string(ch.Kind)
			}
			choices = append(choices, s)
		}
		out = append(out, fmt.Sprintf("%s %s %q vote for %d: %s", c.Kind, c.ID, c.Name, c.VotesAllowed, strings.Join(choices, ", ")))
	}
	for _, t := range d.VoteTypes {
		out = append(out, fmt.Sprintf("type %s %s", t.ID, t.Item))
	}
	return out
}

func TestDerive(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files [][]string
		with  Deriving
		want  []string
		found []string
	}{
		{"a county of precincts",
			[][]string{{"Oak|0002 BASIN|President|||Ash|DEM||5", "Oak|0001 ALPINE|President|||Ash|DEM||6"}}, Deriving{},
			[]string{`county oak "Oak"`, `precinct oak-0001 "0001 ALPINE" in oak`, `precinct oak-0002 "0002 BASIN" in oak`, `candidate president "President" vote for 1: ash[dem]`}, nil},
		{"a lone precinct of which no county is told",
			[][]string{{"|P1|President|||Ash|||5"}}, Deriving{},
			[]string{`other general-election "General election"`, `precinct p1 "P1" in general-election`, `candidate president "President" vote for 1: ash`}, nil},
		{"a state of counties, those that are expected too",
			[][]string{{"Oak|P1|President|||Ash|||5"}, {"Elm|P1|President|||Ash|||5"}}, Deriving{Counties: []string{"Fir County", "oak"}, Election: election.Election{State: "NC"}},
			[]string{`state nc "North Carolina"`, `county elm "Elm" in nc`, `precinct elm-p1 "P1" in elm`, `county fir "Fir" in nc`, `county oak "Oak" in nc`, `precinct oak-p1 "P1" in oak`,
				`candidate president "President" vote for 1: ash`}, nil},
		{"spellings that differ in case, punctuation, party and incumbency are one, and told",
			[][]string{{"Oak|P1|U.S. SENATE|||ASH, ANN (Dem)|Democrat||5", "Oak|P2|U.S. Senate|||Ash Ann (I)|DEM||5", "Oak|P3|US Senate|||Ash, Ann|Dem||7"}}, Deriving{},
			[]string{`county oak "Oak"`, `precinct oak-p1 "P1" in oak`, `precinct oak-p2 "P2" in oak`, `precinct oak-p3 "P3" in oak`, `candidate us-senate "U.S. Senate" vote for 1: ash-ann[dem]`},
			[]string{"contest_merged U.S. SENATE; US Senate", "choice_merged ASH, ANN (Dem); Ash Ann (I); Ash, Ann"}},
		{"names that are merely alike stay apart and are suggested",
			[][]string{{"Oak|P1|President|||Joseph Ash|DEM||5", "Elm|P1|President|||ASH, JOE|DEM||5", "Elm|P1|President|||Ash, Jim|REP||5"}}, Deriving{},
			[]string{`other general-election "General election"`, `county elm "Elm" in general-election`, `precinct elm-p1 "P1" in elm`, `county oak "Oak" in general-election`, `precinct oak-p1 "P1" in oak`,
				`candidate president "President" vote for 1: joseph-ash[dem], ash-joe[dem], ash-jim[rep]`},
			[]string{"alike Joseph Ash + ASH, JOE"}},
		{"a person says that they are the same",
			[][]string{{"Oak|P1|President|||Joseph Ash|DEM||5", "Oak|P2|President|||ASH, JOE|DEM||5"}},
			Deriving{Aliases: Aliases{{Kind: ChoiceAlias, Contest: "president", Name: "ash, joe", ID: "joseph-ash"}}},
			[]string{`county oak "Oak"`, `precinct oak-p1 "P1" in oak`, `precinct oak-p2 "P2" in oak`, `candidate president "President" vote for 1: joseph-ash[dem]`},
			[]string{"choice_merged ASH, JOE"}},
		{"one name on the lines of two parties is two choices",
			[][]string{{"Oak|P1|Governor|||Cuomo|DEM||5", "Oak|P1|Governor|||Cuomo|WFP||6", "Oak|P1|Governor|||Write-ins|||1", "Oak|P1|Governor|||Fir (Write-in)|||1"}}, Deriving{},
			[]string{`county oak "Oak"`, `precinct oak-p1 "P1" in oak`, `candidate governor "Governor" vote for 1: cuomo[dem], cuomo-wfp[wfp], fir write-in, write-in write-in`},
			[]string{"choice_merged Fir (Write-in)"}},
		{"each county's sheriff is a contest of its own",
			[][]string{{"Oak|P1|Sheriff|||Ann Ash|||5", "Oak|P1|Sheriff|||Write-in|||5", "Elm|P1|SHERIFF|||Bob Birch|||6", "Elm|P1|SHERIFF|||Write-in|||6"}}, Deriving{},
			[]string{`other general-election "General election"`, `county elm "Elm" in general-election`, `precinct elm-p1 "P1" in elm [sheriff-elm]`, `county oak "Oak" in general-election`, `precinct oak-p1 "P1" in oak [sheriff-oak]`,
				`candidate sheriff-oak "Sheriff (Oak)" vote for 1: ann-ash, write-in write-in`, `candidate sheriff-elm "Sheriff (Elm)" vote for 1: bob-birch, write-in write-in`},
			[]string{"contest_split", "contest_merged SHERIFF", "contest_split", "contest_merged SHERIFF"}},
		{"districts, measures, retention and vote types",
			[][]string{{"Oak|P1|U.S. House|08||Ash|||5", "Oak|P1|Proposition 1|||YES||early_voting|5", "Oak|P1|Proposition 1|||NO||provisional|5", "Oak|P1|Retain Judge Fir|||Yes||election_day|5"}}, Deriving{},
			[]string{`county oak "Oak"`, `precinct oak-p1 "P1" in oak [us-house-8]`, `candidate us-house-8 "U.S. House, District 8" vote for 1: ash`,
				`measure proposition-1 "Proposition 1" vote for 1: yes yes, no no`, `retention retain-judge-fir "Retain Judge Fir" vote for 1: yes yes`,
				"type election-day election-day", "type early early", "type provisional provisional"}, nil},
		{"for how many to vote, by the account",
			[][]string{{"Oak|P1||||<ballots>|||10", "Oak|P1|Council|||A|||10", "Oak|P1|Council|||B|||6", "Oak|P1|Council|||C|||3", "Oak|P1|Council|||<over>|||0", "Oak|P1|Council|||<under>|||1"}}, Deriving{},
			[]string{`county oak "Oak"`, `precinct oak-p1 "P1" in oak`, `candidate council "Council" vote for 2: a, b, c`}, []string{"votes_allowed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sts []*Statement
			for _, lines := range tt.files {
				st := says(lines...)
				st.Election = "General election"
				sts = append(sts, st)
			}
			got := Derive(sts, tt.with)
			if d := cmp.Diff(tt.want, sketch(got.Definition)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			var found []string
			for _, f := range got.Findings {
				s := strings.TrimPrefix(f.Key, "results.intake.")
				if n := f.Args["names"]; n != "" {
					s += " " + n
				}
				if f.Args["b"] != "" {
					s += " " + f.Args["a"] + " + " + f.Args["b"]
				}
				found = append(found, s)
			}
			if len(found) != len(tt.found) {
				t.Fatalf("found %q, want %q", found, tt.found)
			}
			for i, f := range found {
				if !strings.HasPrefix(f, tt.found[i]) {
					t.Errorf("found %q, want %q", f, tt.found[i])
				}
			}
			x := NewIndex(got.Definition)
			for _, st := range sts {
				sheet, unknown := Resolve(st, x, got.Aliases)
				if len(sheet.Cells) != len(st.Counts) || len(unknown) > 0 {
					t.Errorf("%d of %d numbers found their names again: %v", len(sheet.Cells), len(st.Counts), unknown)
				}
			}
		})
	}
}

// TestIdsDoNotDependOnTheOrderOfFiles derives from the same files in another
// order: the same ids come out.
func TestIdsDoNotDependOnTheOrderOfFiles(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var files []*Statement
		for i := range rapid.IntRange(1, 4).Draw(r, "files") {
			var lines []string
			for range rapid.IntRange(1, 6).Draw(r, "lines") {
				lines = append(lines, fmt.Sprintf("%s|%s|%s|%s||%s|%s||%d", rapid.SampledFrom([]string{"Oak", "OAK", "Elm"}).Draw(r, "county"),
					rapid.SampledFrom([]string{"0001 A", "0002 B", "C"}).Draw(r, "precinct"), rapid.SampledFrom([]string{"President", "U.S. House"}).Draw(r, "contest"),
					rapid.SampledFrom([]string{"", "1"}).Draw(r, "district"), rapid.SampledFrom([]string{"ASH, ANN", "Ash, Ann", "Birch", "Write-in"}).Draw(r, "choice"),
					rapid.SampledFrom([]string{"DEM", "Democrat"}).Draw(r, "party"), i))
			}
			files = append(files, says(lines...))
		}
		ids := func(files []*Statement) []string {
			var out []string
			d := Derive(files, Deriving{}).Definition
			for _, u := range d.Units {
				out = append(out, "unit "+string(u.ID))
			}
			for _, c := range d.Contests {
				for _, ch := range c.Choices {
					out = append(out, fmt.Sprintf("choice %s %s", c.ID, ch.ID))
				}
			}
			slices.Sort(out)
			return out
		}
		want := ids(files)
		slices.Reverse(files)
		if d := cmp.Diff(want, ids(files)); d != "" {
			r.Fatalf("(-in order +reversed):\n%s", d)
		}
	})
}

// TestNamesStayWhenWhatWeWroteIsReadAgain derives a definition from a file and
// again from one that carries the names and ids of the first.
func TestNamesStayWhenWhatWeWroteIsReadAgain(t *testing.T) {
	file := &Statement{Format: "nist-json", Types: []NamedType{{Name: "total", Item: election.Total}},
		Units:    []NamedUnit{{County: "Oak", Name: "P1", Parent: -1}},
		Contests: []NamedContest{{Name: "Sheriff", Party: "Whig", Code: "co-1"}},
		Choices: []NamedChoice{{Name: "Ann Ash", Code: "c-1"}, {Name: "Write-in", Kind: election.WriteIn, Code: "c-wi"},
			{Name: "Write-in", Kind: election.WriteIn, Code: "c-wi2"}},
		Counts: []Count{{Choice: 0, N: 5, Line: 1}, {Choice: 1, N: 2, Line: 2}, {Choice: 2, N: 1, Line: 3}}}
	first := sketch(Derive([]*Statement{file}, Deriving{}).Definition)
	con := Derive([]*Statement{file}, Deriving{}).Definition.Contests[0]
	if len(con.Choices) != 3 {
		t.Fatalf("two write-in lines that the file tells apart became %d choices", len(con.Choices)-1)
	}
	file.Contests[0].Name, file.Contests[0].Code = con.Name.String(), string(con.ID)
	for i, ch := range con.Choices {
		file.Choices[i].Code = string(ch.ID)
	}
	if d := cmp.Diff(first, sketch(Derive([]*Statement{file}, Deriving{}).Definition)); d != "" {
		t.Errorf("(-first +second):\n%s", d)
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"St. John's": "st-johns", "Cañón / Río": "canon-rio", "  A--B  ": "a-b", "0042": "0042", "北京": "", strings.Repeat("long ", 40): strings.TrimSuffix(strings.Repeat("long-", 14), "-") + "-lo",
	} {
		if got := Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
	ids := make(slugs)
	got := []string{ids.take("unit", "A b"), ids.take("unit", "a-B"), ids.take("unit", "北京"), ids.take("unit", "东京")}
	if d := cmp.Diff([]string{"a-b", "a-b-2", "unit", "unit-2"}, got); d != "" {
		t.Error(d)
	}
}

func TestNaturalOrder(t *testing.T) {
	names := []string{"Precinct 10", "Precinct 9", "precinct", "Precinct 09", "A", "Precinct 9A"}
	slices.SortFunc(names, compareNatural)
	want := []string{"A", "Precinct 9", "Precinct 09", "Precinct 9A", "Precinct 10", "precinct"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
}
