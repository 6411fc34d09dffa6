// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"slices"
	"strconv"

	"hustings/election"
)

// Resolve finds every name of a statement in the definition: by id, code or
// number, else by the exact name (upper and lower case and spaces aside)
// within its county and contest, else by an alias that a person gave. It never
// guesses: a name that is not found, or could mean two things, is one finding
// that stops the file, with close names as suggestions. So is a number that
// the file gives twice.
func Resolve(st *Statement, x *Index, a Aliases) (*Sheet, []Finding) {
	r := &resolver{st: st, x: x, names: newRoster(x), aliases: newAliasBook(a)}
	r.findTypes()
	r.findUnits()
	r.findContests()
	sheet := &Sheet{
		Index: x, Path: st.Path, Format: st.Format, Status: st.Status, Test: st.Test, Gen: st.Generated,
		Rows: st.Rows, NoTotals: st.NoTotals, OverBallots: st.OverBallots,
	}
	sheet.Cells = r.cells()
	sheet.Types = r.typesUsed(sheet.Cells)
	for _, p := range st.Progress {
		if u, t := r.units[p.Unit], r.types[p.Type]; u >= 0 && t >= 0 {
			p.Unit, p.Type = u, t
			sheet.Progress = append(sheet.Progress, p)
		}
	}
	r.reportUnknown()
	return sheet, r.findings
}

// resolver holds what each name of the statement turned out to be.
type resolver struct {
	st      *Statement
	x       *Index
	names   *roster
	aliases aliasBook

	types    []int16
	units    []int32
	contests []int32        // where it is the same in every county, else several
	inCounty map[pair]int32 // contest by (contest, county), where it is not
	choices  map[choiceAt]int32
	local    bool             // some choice has an alias for one county alone
	within   []map[int32]bool // of each contest, the counties with its district; nil: not known

	unknown  map[unknownKey]*unknown
	findings []Finding
}

type pair struct{ a, b int32 }

// choiceAt is a choice of the file in a contest of the definition; the county
// is none unless an alias is for one county alone.
type choiceAt struct{ choice, contest, county int32 }

type unknownKey struct {
	kind AliasKind
	at   int32
}

// unknown is a name that was not found, and how often the file uses it.
type unknown struct {
	finding  Finding
	lines    int
	lastLine int32
	numbers  int
}

func (r *resolver) findTypes() {
	r.types = make([]int16, len(r.st.Types))
	for i, t := range r.st.Types {
		n, ok := r.typeOf(t)
		r.types[i] = n
		if i == 0 {
			r.types[i] = TotalType
		} else if !ok {
			r.types[i] = int16(none)
		}
	}
}

func (r *resolver) typeOf(t NamedType) (int16, bool) {
	if id, ok := r.aliases.find(TypeAlias, "", "", "", t.Name, ""); ok {
		return r.x.Type(election.VoteTypeID(id))
	}
	for _, k := range []string{Fold(t.Name), typeKey(t.Name)} {
		if n, ok := r.names.types[k]; ok && n >= 0 && k != "" {
			return n, true
		}
	}
	item := t.Item
	if item == "" {
		item = Item(t.Name)
	}
	if item == election.Total {
		return TotalType, true
	}
	n, ok := r.names.items[item]
	return n, ok && n >= 0 && item != "" && item != election.OtherItem
}

// cells turns every count whose names are all known into a cell, sorted.
func (r *resolver) cells() []Cell {
	types := r.types
	together := sharedTypes(types)
	if together {
		// Two columns of the file are one vote type here, such as two kinds of
		// mail: find what is given twice by column, and only then add them up.
		r.types = apart(types)
	}
	out := make([]Cell, 0, len(r.st.Counts))
	for i := range r.st.Counts {
		if c, ok := r.cell(&r.st.Counts[i]); ok {
			out = append(out, c)
		}
	}
	out = inOrder(out)
	r.findRepeated(out)
	if together {
		for i := range out {
			out[i].Type = types[out[i].Type]
		}
		r.types = types
		out = addTypes(inOrder(out))
	}
	return out
}

// sharedTypes says whether two vote types of the file mean the same one.
func sharedTypes(types []int16) bool {
	seen := make(map[int16]bool)
	for _, t := range types {
		if t > TotalType && seen[t] {
			return true
		}
		seen[t] = true
	}
	return false
}

// apart gives each known vote type its own position; a second total stays one.
func apart(types []int16) []int16 {
	own := make([]int16, len(types))
	for i, t := range types {
		own[i] = t
		if t > TotalType {
			own[i] = int16(i)
		}
	}
	return own
}

func inOrder(cells []Cell) []Cell {
	if !slices.IsSortedFunc(cells, Compare) {
		slices.SortStableFunc(cells, Compare)
	}
	return cells
}

// addTypes adds up sorted cells that have become the same by their vote type.
func addTypes(cells []Cell) []Cell {
	out := cells[:0]
	for _, c := range cells {
		if n := len(out); n > 0 && Compare(out[n-1], c) == 0 {
			out[n-1].N += c.N
			continue
		}
		out = append(out, c)
	}
	return out
}

// cell resolves one count; every name of it that is not known is noted.
func (r *resolver) cell(n *Count) (Cell, bool) {
	u, t := r.units[n.Unit], r.types[n.Type]
	ok := true
	if u < 0 {
		ok = r.miss(UnitAlias, n.Unit, n.Line)
	}
	if t < 0 {
		ok = r.miss(TypeAlias, int32(n.Type), n.Line)
	}
	ch := &r.st.Choices[n.Choice]
	if ch.Contest == NoContest {
		return Cell{Unit: u, Contest: NoContest, Choice: ch.Measure, Type: t, Round: n.Round, Line: n.Line, N: n.N}, ok
	}
	county, name := none, ""
	if u >= 0 {
		county, name = r.names.county[u], r.st.Units[n.Unit].County
	}
	contest := r.contestIn(ch.Contest, county, name)
	if contest < 0 {
		return Cell{}, r.miss(ContestAlias, ch.Contest, n.Line)
	}
	choice := r.choice(n.Choice, contest, county, name)
	if choice == unknownChoice {
		return Cell{}, r.miss(ChoiceAlias, n.Choice, n.Line)
	}
	return Cell{Unit: u, Contest: contest, Choice: choice, Type: t, Round: n.Round, Line: n.Line, N: n.N}, ok
}

// findRepeated reports numbers that the file gives twice, once for each
// contest. They stay in the sheet as they are in the file, which is blocked:
// to add them up could count the same ballots twice.
func (r *resolver) findRepeated(cells []Cell) {
	at := make(map[int32]int)
	for i, c := range cells {
		if i == 0 || Compare(cells[i-1], c) != 0 {
			continue
		}
		if n, ok := at[c.Contest]; ok {
			f := &r.findings[n]
			times, _ := strconv.Atoi(f.Args["n"])
			f.Args["n"] = strconv.Itoa(times + 1)
			continue
		}
		at[c.Contest] = len(r.findings)
		r.findings = append(r.findings, r.givenTwice(cells[i-1], c))
	}
}

func (r *resolver) givenTwice(first, again Cell) Finding {
	f := Finding{
		Check: "I01", Level: Block, Key: "results.intake.given_twice", Line: int(again.Line),
		Unit: r.x.UnitName(again.Unit),
		Args: map[string]string{"n": "1", "line": strconv.Itoa(int(first.Line)), "again": strconv.Itoa(int(again.Line)),
			"first_votes": strconv.FormatInt(first.N, 10), "again_votes": strconv.FormatInt(again.N, 10)},
	}
	f.Choice = measureNames[again.Choice]
	if again.Contest != NoContest {
		f.Contest = r.x.Def.Contests[again.Contest].Name.String()
		f.Choice = r.x.ChoiceName(again.Contest, again.Choice)
	}
	f.Args["unit"], f.Args["contest"], f.Args["choice"] = f.Unit, f.Contest, f.Choice
	return f
}

// typesUsed lists the vote types that the cells tell apart.
func (r *resolver) typesUsed(cells []Cell) []int16 {
	seen := make([]bool, len(r.x.Def.VoteTypes)+1)
	for _, c := range cells {
		seen[c.Type] = true
	}
	var out []int16
	for t := 1; t < len(seen); t++ {
		if seen[t] {
			out = append(out, int16(t))
		}
	}
	return out
}
