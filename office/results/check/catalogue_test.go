// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/office/results/tally"
)

func TestTheCatalogueIsWhole(t *testing.T) {
	count := map[string]int{"I": 8, "C": 13, "T": 7, "D": 3, "H": 2, "R": 4, "S": 4, "P": 3}
	var want, got []string
	for _, family := range []string{"I", "C", "T", "D", "H", "R", "S", "P"} {
		for i := range count[family] {
			want = append(want, fmt.Sprintf("%s%02d", family, i+1))
		}
	}
	for _, rule := range Catalogue {
		got = append(got, rule.ID)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(got) != 44 {
		t.Errorf("%d checks, want 44", len(got))
	}
}

func TestAppliedSaysWhatRan(t *testing.T) {
	ran := func(in Input) string {
		var ids []string
		for _, a := range Applied(in) {
			if a.Ran {
				ids = append(ids, a.ID)
			} else if a.Key != "results.check."+a.ID+".needs" {
				t.Errorf("%s did not run and says %q", a.ID, a.Key)
			}
		}
		return strings.Join(ids, " ")
	}
	x := newRanked(t).x
	bare := &tally.Sheet{Index: x, Cells: []tally.Cell{{N: 1}}}
	full := newNight(t, 5, 24)
	full.Sheet = full.sheet()
	for _, tt := range []struct {
		name, want string
		in         Input
	}{
		{"nothing", "", Input{Index: x}},
		{"one number", "I01 I02 I03 I04 I08 C06 C08 C11 T05 D02 S01", Input{Index: x, Sheet: bare}},
		{"what was due", "S03", Input{Index: x, Now: later, Due: []Due{{Unit: "city", At: closes}}}},
		{"a release", "P01", Input{Index: x, Release: &Release{}}},
		{"a county on its first night", "I01 I02 I03 I04 I05 I06 I07 I08 C01 C02 C03 C04 C06 C07 C08 C09 C10 C11 C12 C13 T05 D01 D02 H01 H02 S01 S02", full.Input},
	} {
		if got := ran(tt.in); got != tt.want {
			t.Errorf("%s: %s ran, want %s", tt.name, got, tt.want)
		}
	}
}

func TestRulesReadAndDefault(t *testing.T) {
	var r Rules
	if _, err := toml.Decode("undervote_percent = 7.5\nsame_day_registration = true\ncheck_in_difference = 30", &r); err != nil {
		t.Fatal(err)
	}
	got, want := r.orDefaults(), Rules{}.orDefaults()
	want.UndervotePercent, want.SameDayRegistration, want.CheckInDifference = 7.5, true, 30
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if want.BatchVotes != 500 || want.Deviations != 3 {
		t.Errorf("the defaults are not the catalogue's: %+v", want)
	}
}

func TestC01ListsEveryRow(t *testing.T) {
	f := newNight(t, 5, 60)
	f.Rules.MostFindings = 10
	want := 0
	for k := range f.cells {
		if k.contest == 0 && k.typ == 1 {
			f.cells[k]++
			want++
		}
	}
	got := 0
	for _, c := range f.run() {
		if c.Check == "C01" {
			got++
		}
	}
	if got != want {
		t.Errorf("%d rows listed, want %d", got, want)
	}
}

func TestSummary(t *testing.T) {
	found := []tally.Finding{
		{Check: "C01", Level: tally.Hold, Unit: "A"}, {Check: "C01", Level: tally.Hold, Unit: "A"},
		{Check: "C02", Level: tally.Warn, Unit: "B"}, {Check: "C02", Level: tally.Hold, Unit: "C"}, {Check: "S01", Level: tally.Info},
	}
	want := Sum{
		Worst: tally.Hold, Levels: map[tally.Level]int{tally.Hold: 3, tally.Warn: 1, tally.Info: 1}, Held: []string{"A", "C"},
		Checks: []CheckSum{{"C01", tally.Hold, 2}, {"C02", tally.Hold, 1}, {"C02", tally.Warn, 1}, {"S01", tally.Info, 1}},
	}
	if d := cmp.Diff(want, Summary(found)); d != "" {
		t.Error(d)
	}
	if got := Summary(nil).Worst; got != "" {
		t.Errorf("nothing found is %q, want nothing", got)
	}
}

// TestAFindingSaysAllOfIt keeps the shape of one finding, as the room stores it.
func TestAFindingSaysAllOfIt(t *testing.T) {
	f := newNight(t, 5, 24)
	f.set("p06", "prop", "Yes", 2, f.n("p06", "prop", "Yes", 2)-4)
	yes := f.n("p06", "prop", "Yes", 0)
	i := slices.IndexFunc(f.run(), func(c tally.Finding) bool { return c.Check == "C01" })
	got := f.run()[i]
	line := 0
	for _, c := range f.Sheet.Cells {
		if c.Unit == 6 && c.Contest == f.contest("prop") && c.Choice == 0 {
			line = int(c.Line)
		}
	}
	want := tally.Finding{Check: "C01", Level: tally.Hold, Key: "results.check.C01", Unit: "Precinct 6", Contest: "Proposition 1", Choice: "Yes", Line: line,
		Args: map[string]string{"unit": "Precinct 6", "contest": "Proposition 1", "choice": "Yes", "row": "Proposition 1, Yes", "line": fmt.Sprint(line),
			"sum": fmt.Sprint(yes - 4), "total": fmt.Sprint(yes), "difference": "4"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestDeckByName compares sheets of two numberings: a page whose labels are
// exchanged, read back with its own definition.
func TestDeckByName(t *testing.T) {
	f := newNight(t, 5, 8)
	deck := f.deck()
	page := *f.def
	page.Contests = slices.Clone(f.def.Contests)
	prop := f.contest("prop")
	page.Contests[prop].Choices = []election.Choice{{ID: "yes", Name: election.T("No")}, {ID: "no", Name: election.T("Yes")}}
	shown := *deck
	shown.Index = tally.NewIndex(&page)
	found := CompareDeck(deck, &shown)
	if len(found) != 8*2*2 { // precincts, choices, the type and its total
		t.Errorf("%d differences, want 32", len(found))
	}
	if found := CompareDeck(deck, deck); len(found) > 0 {
		t.Errorf("a deck differs from itself: %v", found)
	}
}
