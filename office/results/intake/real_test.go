// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/office/results/tally"
)

// The public data that these tests read is not part of the repository.
const shared = "../../../../shared/data"

func publicFile(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(shared, name))
	if err != nil {
		t.Skipf("the public data is not here: %v", err)
	}
	return body
}

// night is a file all the way to a tally, by a definition derived from itself.
type night struct {
	st    *tally.Statement
	x     *tally.Index
	sheet *tally.Sheet
	tally *tally.Tally
	found []tally.Finding
}

func read(t testing.TB, name string, with tally.Deriving) night {
	t.Helper()
	sts, err := Read(filepath.Base(name), bytes.NewReader(publicFile(t, name)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := night{st: sts[0]}
	d := tally.Derive(sts, with)
	n.x = tally.NewIndex(d.Definition)
	var unknown []tally.Finding
	n.sheet, unknown = tally.Resolve(n.st, n.x, d.Aliases)
	for _, f := range unknown {
		t.Errorf("a name of the file is not in the definition made from it: %s %v", f.Key, f.Args)
	}
	n.found = slices.Concat(n.st.Findings, d.Findings)
	for _, f := range n.found {
		sentence(t, f)
	}
	n.tally = tally.Merge(n.x, n.sheet)
	return n
}

func (n night) unit(t testing.TB, id election.UnitID) int32 {
	t.Helper()
	u, ok := n.x.Unit(id)
	if !ok {
		t.Fatalf("no unit %s", id)
	}
	return u
}

// votes is one number of the tally by ids.
func (n night) votes(t testing.TB, unit election.UnitID, contest election.ContestID, choice election.ChoiceID) int64 {
	t.Helper()
	c, ok := n.x.Contest(contest)
	if !ok {
		t.Fatalf("no contest %s", contest)
	}
	for i, ch := range n.x.Def.Contests[c].Choices {
		if ch.ID == choice {
			v, _ := n.tally.N(n.unit(t, unit), c, int32(i), tally.TotalType)
			return v
		}
	}
	t.Fatalf("no choice %s in %s", choice, contest)
	return 0
}

// count counts findings by key.
func (n night) count(key string) int {
	c := 0
	for _, f := range n.found {
		if f.Key == "results.intake."+key {
			c++
		}
	}
	return c
}

// oddSums counts, by county, the rows whose vote types do not make their total.
func (n night) oddSums() map[string]int {
	out := make(map[string]int)
	for i := 0; i < len(n.sheet.Cells); {
		c, sum, j := n.sheet.Cells[i], int64(0), i+1
		for ; j < len(n.sheet.Cells) && sameRow(c, n.sheet.Cells[j]); j++ {
			sum += n.sheet.Cells[j].N
		}
		if c.Type == tally.TotalType && j-i > 1 && sum != c.N {
			county := n.x.Parent(c.Unit)
			if n.x.Def.Units[c.Unit].Type == election.County {
				county = c.Unit
			}
			out[n.x.Def.Units[county].Name]++
		}
		i = j
	}
	return out
}

func sameRow(a, b tally.Cell) bool {
	return a.Unit == b.Unit && a.Contest == b.Contest && a.Round == b.Round && a.Choice == b.Choice
}

func TestArizona2020(t *testing.T) {
	n := read(t, "results/az-2020-general/20201103__az__general__precinct.csv", tally.Deriving{})
	if n.st.Rows != 47960 {
		t.Errorf("%d rows, want 47,960", n.st.Rows)
	}
	if d := cmp.Diff(map[string]int{"Navajo": 331, "Yuma": 237, "Cochise": 1}, n.oddSums()); d != "" {
		t.Errorf("rows whose vote types do not make their total (-want +got):\n%s", d)
	}
	if got := n.count("write_ins_subtotal"); got != 16 {
		t.Errorf("%d contests with a write-in row that is the sum of others, want 11 in Maricopa and 5 in Santa Cruz", got)
	}
	counties, precincts := 0, 0
	for _, u := range n.x.Def.Units {
		switch u.Type {
		case election.County:
			counties++
		case election.Precinct:
			precincts++
		}
	}
	if counties != 15 || precincts != 1489 || n.x.Def.Election.Scope != "az" || n.x.Def.Election.Start != "2020-11-03" {
		t.Errorf("%d counties, %d precincts, scope %s on %s", counties, precincts, n.x.Def.Election.Scope, n.x.Def.Election.Start)
	}
	for _, tt := range []struct {
		contest election.ContestID
		choice  election.ChoiceID
		want    int64
	}{
		{"president", "biden-harris", 1040774}, {"president", "trump-pence", 995665}, {"president", "jorgensen-cohen", 31705},
		{"president", "not-qualified", 6611}, {"us-senate", "kelly-mark", 1064396},
	} {
		if got := n.votes(t, "maricopa", tt.contest, tt.choice); got != tt.want {
			t.Errorf("Maricopa, %s %s: %d votes, want %d", tt.contest, tt.choice, got, tt.want)
		}
	}
	n.balances(t, "maricopa", "president", 743, 2089563)
}

// balances checks that votes, overvotes and undervotes make the ballots of
// every precinct of a county.
func (n night) balances(t *testing.T, county election.UnitID, contest election.ContestID, precincts int, ballots int64) {
	t.Helper()
	c, _ := n.x.Contest(contest)
	exact := 0
	for _, u := range n.x.Children(n.unit(t, county)) {
		sum := int64(0)
		for _, cell := range n.tally.Contest(u, c) {
			if cell.Type == tally.TotalType {
				sum += cell.N
			}
		}
		if b, ok := n.tally.N(u, tally.NoContest, tally.Ballots, tally.TotalType); ok && b == sum {
			exact++
		}
	}
	all, _ := n.tally.N(n.unit(t, county), tally.NoContest, tally.Ballots, tally.TotalType)
	if exact != precincts || all != ballots {
		t.Errorf("%s: the account is exact in %d precincts of %d ballots, want %d of %d", county, exact, all, precincts, ballots)
	}
}

func TestPima2020(t *testing.T) {
	n := read(t, "results/az-2020-general/20201103__az__general__pima__precinct.csv", tally.Deriving{})
	if n.st.Rows != 24987 {
		t.Errorf("%d rows, want 24,987", n.st.Rows)
	}
	// Registered voters come without vote types; every other row adds up.
	if got := n.oddSums(); len(got) != 0 {
		t.Errorf("rows whose vote types do not make their total: %v", got)
	}
	kinds := make(map[election.ContestKind]int)
	for _, c := range n.x.Def.Contests {
		kinds[c.Kind]++
	}
	if kinds[election.RetentionContest] != 20 || kinds[election.MeasureContest] != 8 {
		t.Errorf("contests by kind: %v", kinds)
	}
	if c, _ := n.x.Contest("corporation-commissioner"); n.x.Def.Contests[c].VotesAllowed != 3 {
		t.Errorf("corporation commissioner: vote for %d, want 3", n.x.Def.Contests[c].VotesAllowed)
	}
}

// georgia lists the four counties that the file of 2021 lacks and some others.
var georgia = []string{"Camden", "Chattooga", "Grady", "Greene", "Appling", "Fulton"}

func TestGeorgia2021(t *testing.T) {
	n := read(t, "results/ga-2021-runoff/20210105__ga__runoff.csv", tally.Deriving{Counties: georgia})
	missing := make(map[string]bool)
	for _, u := range n.x.Children(n.x.Root()) {
		if !n.tally.Reported(u) {
			missing[n.x.Def.Units[u].Name] = true
		}
	}
	if d := cmp.Diff([]string{"Camden", "Chattooga", "Grady", "Greene"}, slices.Sorted(maps.Keys(missing))); d != "" {
		t.Errorf("missing counties (-want +got):\n%s", d)
	}
	if got := len(n.x.Children(n.x.Root())); got != 159 {
		t.Errorf("%d counties, want 159", got)
	}
	if n.st.Rows != 15666 || !n.st.NoTotals || len(n.x.Def.Contests) != 3 || len(n.x.Def.VoteTypes) != 4 {
		t.Errorf("%d rows, totals missing %v, %d contests, %d vote types", n.st.Rows, n.st.NoTotals, len(n.x.Def.Contests), len(n.x.Def.VoteTypes))
	}
}

func TestGeorgia2022(t *testing.T) {
	n := read(t, "results/ga-2022-runoff/20221206__ga__general_runoff__precinct.csv", tally.Deriving{})
	for choice, want := range map[election.ChoiceID]int64{"raphael-warnock": 1820633, "herschel-walker": 1721244} {
		if got := n.votes(t, "ga", "us-senate", choice); got != want {
			t.Errorf("%s: %d votes, want the certified %d", choice, got, want)
		}
	}
	if got := n.count("choice_merged"); got != 2 {
		t.Errorf("%d merges are reported, want 2", got)
	}
	for _, c := range n.x.Def.Contests[0].Choices {
		if c.Incumbent != (c.ID == "raphael-warnock") {
			t.Errorf("%s: incumbent %v", c.ID, c.Incumbent)
		}
	}
}

// TestClarity compares the file's own totals with the sums of its parts.
func TestClarity(t *testing.T) {
	for _, tt := range []struct {
		file            string
		units, progress int
		state           election.UnitType
		odd             []string
	}{
		// The total for Cotton has 15,611 votes of no vote type and no county.
		{"ar-2014-general-county-level.xml", 75, 75, election.State, []string{"Tom Cotton total 477734, parts 462123"}},
		{"ky-greenup-2014-primary-precinct-level-partial.xml", 33, 33, election.County, nil},
	} {
		n := read(t, "results/clarity-xml/"+tt.file, tally.Deriving{})
		root := n.x.Root()
		if got := len(n.x.Children(root)); got != tt.units || len(n.sheet.Progress) != tt.progress || n.x.Def.Units[root].Type != tt.state {
			t.Errorf("%s: %d units, %d with progress, in a %s", tt.file, got, len(n.sheet.Progress), n.x.Def.Units[root].Type)
		}
		own := 0
		var odd []string
		for _, c := range n.sheet.Cells {
			if c.Unit != root || c.Contest == tally.NoContest {
				continue
			}
			own++
			if got, _ := n.tally.N(root, c.Contest, c.Choice, c.Type); got != c.N {
				odd = append(odd, fmt.Sprintf("%s %s %d, parts %d", n.x.ChoiceName(c.Contest, c.Choice), n.st.Types[c.Type].Name, c.N, got))
			}
		}
		if d := cmp.Diff(tt.odd, odd); d != "" || own == 0 {
			t.Errorf("%s: %d totals; those that the parts do not make (-want +got):\n%s", tt.file, own, d)
		}
	}
}

func TestSamplesOfNIST(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join(shared, "nist-err/samples/*/*err-*.*"))
	feeds, _ := filepath.Glob(filepath.Join(shared, "nist-err/google-cdf/*feed*.xml"))
	if len(names) == 0 {
		t.Skip("the public data is not here")
	}
	for _, name := range append(names, feeds...) {
		rel, _ := filepath.Rel(shared, name)
		t.Run(filepath.Base(name), func(t *testing.T) {
			n := read(t, rel, tally.Deriving{})
			for _, f := range n.found {
				if f.Level == tally.Block || f.Level == tally.Hold {
					t.Errorf("%s %s line %d: %s", f.Level, f.Check, f.Line, sentence(t, f))
				}
			}
			if len(n.sheet.Cells) != len(n.st.Counts) {
				t.Errorf("%d counts, %d cells", len(n.st.Counts), len(n.sheet.Cells))
			}
		})
	}
}

// TestCambridgeSaysTheSameInJSONAndXML resolves both files with the definition
// made from one.
func TestCambridgeSaysTheSameInJSONAndXML(t *testing.T) {
	const base = "nist-err/samples/cambridge-2022-general/err-2022-11-08-Massachusetts-Cambridge"
	one := read(t, base+".json", tally.Deriving{})
	sts, err := Read("c.xml", bytes.NewReader(publicFile(t, base+".xml")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	other, findings := tally.Resolve(sts[0], one.x, nil)
	for _, f := range findings {
		t.Errorf("%s %v", f.Key, f.Args)
	}
	without := func(cells []tally.Cell) []tally.Cell {
		cells = slices.Clone(cells)
		for i := range cells {
			cells[i].Line = 0
		}
		return cells
	}
	if d := cmp.Diff(without(one.sheet.Cells), without(other.Cells)); d != "" {
		t.Errorf("(-json +xml):\n%s", d)
	}
	if len(other.Cells) != 2160+660+42 {
		t.Errorf("%d cells, want 2,160 votes, 660 over- and undervotes and 42 ballots", len(other.Cells))
	}
}

// BenchmarkArizona reads a statewide file of 47,960 rows, finds every name in
// the definition and adds everything up.
func BenchmarkArizona(b *testing.B) {
	body := publicFile(b, "results/az-2020-general/20201103__az__general__precinct.csv")
	sts, err := Read("20201103__az__general__precinct.csv", bytes.NewReader(body), Options{})
	if err != nil {
		b.Fatal(err)
	}
	d := tally.Derive(sts, tally.Deriving{})
	x := tally.NewIndex(d.Definition)
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"read", func() { Read("az.csv", bytes.NewReader(body), Options{}) }},
		{"derive", func() { tally.Derive(sts, tally.Deriving{}) }},
		{"resolve", func() { tally.Resolve(sts[0], x, d.Aliases) }},
		{"bytes to tally", func() {
			sts, err := Read("az.csv", bytes.NewReader(body), Options{})
			if err != nil {
				b.Fatal(err)
			}
			sheet, _ := tally.Resolve(sts[0], x, d.Aliases)
			tally.Merge(x, sheet)
		}},
		{"protect", func() {
			sheet, _ := tally.Resolve(sts[0], x, d.Aliases)
			tally.Protect(tally.Merge(x, sheet), 10)
		}},
	} {
		b.Run(step.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				step.do()
			}
		})
	}
}
