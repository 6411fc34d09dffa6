// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

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

func (r *resolver) findUnits() {
	r.units = make([]int32, len(r.st.Units))
	for i := range r.units {
		r.units[i] = several // not looked at yet
	}
	for i := range r.st.Units {
		r.unit(int32(i), 0)
	}
}

// unit finds one unit, after the unit that contains it.
func (r *resolver) unit(i int32, depth int) int32 {
	if r.units[i] != several || depth > 32 {
		return max(r.units[i], none)
	}
	r.units[i] = none
	u := r.st.Units[i]
	parent := none
	if u.Parent >= 0 {
		parent = r.unit(u.Parent, depth+1)
	}
	r.units[i] = r.lookUpUnit(u, parent)
	return r.units[i]
}

func (r *resolver) lookUpUnit(u NamedUnit, parent int32) int32 {
	if id, ok := r.aliases.find(UnitAlias, u.County, "", "", u.Name, ""); ok {
		if n, ok := r.x.Unit(election.UnitID(id)); ok {
			return n
		}
	}
	named := r.unitByName(u, parent)
	coded := none
	for _, code := range fileCodes(r.st, u.Code) {
		coded = max(coded, lookUp(r.names.codes, code))
	}
	switch {
	case coded < 0:
		return named
	case named >= 0 && named != coded:
		r.conflict(u, coded, named)
		return none
	}
	return coded
}

// unitByName finds a unit by number and name in its county.
func (r *resolver) unitByName(u NamedUnit, parent int32) int32 {
	if u.County == "" && parent < 0 && u.Type == election.State {
		return r.x.Root()
	}
	county := r.county(u, parent)
	if u.Type == election.County || u.Name == "" {
		if u.County == "" {
			return lookUp(r.names.counties, countyKey(u.Name))
		}
		return county
	}
	if county == none {
		return none
	}
	byName := lookUp(r.names.places, placed{county, Fold(u.Name)})
	if byName >= 0 || u.Number == "" {
		return byName
	}
	return r.unitByNumber(u, county)
}

// unitByNumber takes "0042" of "0042 ALPINE" for the precinct that has this
// number, unless the rest of the name is another precinct's.
func (r *resolver) unitByNumber(u NamedUnit, county int32) int32 {
	n := lookUp(r.names.numbers, placed{county, u.Number})
	rest, ok := strings.CutPrefix(strings.TrimSpace(u.Name), u.Number)
	rest = Fold(strings.TrimLeft(rest, " -–:"))
	if n < 0 || !ok || rest == "" {
		return n
	}
	have := Fold(r.x.Def.Units[n].Name)
	if have == rest {
		return n
	}
	if other := lookUp(r.names.places, placed{county, rest}); other != none && other != n {
		r.conflict(u, n, other)
		return none
	}
	r.findings = append(r.findings, Finding{
		Check: "I01", Level: Warn, Key: "results.intake.unit_by_number", Unit: r.x.UnitName(n), Line: int(u.Line),
		Args: map[string]string{"name": u.Name, "number": u.Number, "unit": r.x.UnitName(n)},
	})
	return n
}

// county is the county that a unit's name is to be understood in.
func (r *resolver) county(u NamedUnit, parent int32) int32 {
	switch {
	case u.County != "":
		if id, ok := r.aliases.find(UnitAlias, "", "", "", u.County, ""); ok {
			if n, ok := r.x.Unit(election.UnitID(id)); ok {
				return n
			}
		}
		return lookUp(r.names.counties, countyKey(u.County))
	case parent >= 0:
		return r.names.county[parent]
	}
	only := none
	for i := range r.x.Def.Units {
		if r.x.Def.Units[i].Type == election.County {
			if only >= 0 {
				return r.x.Root() // several counties: only what lies in none of them
			}
			only = int32(i)
		}
	}
	if only >= 0 {
		return only
	}
	return r.x.Root()
}

func lookUp[K comparable](m map[K]int32, k K) int32 {
	if n, ok := m[k]; ok {
		return n
	}
	return none
}

// conflict reports a unit whose code or number means one unit and whose name
// means another: one of the two is wrong, and only a person can say which.
func (r *resolver) conflict(u NamedUnit, coded, named int32) {
	code := cmp.Or(u.Code, u.Number)
	r.findings = append(r.findings, Finding{
		Check: "I01", Level: Block, Key: "results.intake.unit_conflict", Line: int(u.Line),
		Args: map[string]string{"line": strconv.Itoa(int(u.Line)), "name": u.Name, "code": code, "a": r.x.UnitName(coded), "b": r.x.UnitName(named)},
	})
}

// findContests looks each contest up once for the whole state; where that
// leaves more than one, each county is looked up by itself when it comes.
func (r *resolver) findContests() {
	r.listDistricts()
	r.contests = make([]int32, len(r.st.Contests))
	r.inCounty, r.choices = make(map[pair]int32), make(map[choiceAt]int32)
	perCounty := make(map[string]bool)
	for k := range r.aliases {
		if k.kind == ContestAlias && k.county != "" {
			perCounty[k.name] = true
		}
		r.local = r.local || k.kind == ChoiceAlias && k.county != ""
	}
	for i, c := range r.st.Contests {
		if perCounty[Fold(c.Name)] {
			r.contests[i] = several
			continue
		}
		r.contests[i] = r.lookUpContest(c, "", none)
	}
}

// listDistricts works out in which counties each contest can be voted on.
func (r *resolver) listDistricts() {
	in := make(map[election.DistrictID]map[int32]bool)
	for u, unit := range r.x.Def.Units {
		for _, d := range unit.Districts {
			if in[d] == nil {
				in[d] = make(map[int32]bool)
			}
			in[d][r.names.county[u]] = true
		}
	}
	r.within = make([]map[int32]bool, len(r.x.Def.Contests))
	for i, c := range r.x.Def.Contests {
		if c.District != "" {
			r.within[i] = in[c.District]
		}
	}
}

// contestIn is the contest that a name means in a county.
func (r *resolver) contestIn(contest, county int32, countyName string) int32 {
	if n := r.contests[contest]; n != several {
		return n
	}
	k := pair{contest, county}
	n, ok := r.inCounty[k]
	if !ok {
		n = r.lookUpContest(r.st.Contests[contest], countyName, county)
		r.inCounty[k] = n
	}
	return n
}

func (r *resolver) lookUpContest(c NamedContest, countyName string, county int32) int32 {
	if id, ok := r.aliases.find(ContestAlias, countyName, "", c.District, c.Name, c.Party); ok {
		if n, ok := r.x.Contest(election.ContestID(id)); ok {
			return n
		}
	}
	for _, code := range fileCodes(r.st, c.Code) {
		if n := lookUp(r.names.ccodes, code); n >= 0 && r.sameContest(n, c) {
			return n
		}
	}
	for _, k := range fileContestKeys(c) {
		if n := r.choose(r.names.contests[k], c, county); n != none {
			return n
		}
	}
	return none
}

// sameContest says that a contest found by its code also bears the name, or
// that nothing else does: a code of another system may mean something else.
func (r *resolver) sameContest(n int32, c NamedContest) bool {
	for _, k := range fileContestKeys(c) {
		if list := r.names.contests[k]; len(list) > 0 {
			return slices.Contains(list, n)
		}
	}
	return true
}

// fileContestKeys are the ways to write a file's contest, the closest first.
func fileContestKeys(c NamedContest) []string {
	if c.District == "" {
		return []string{contestKey(c.Name, "")}
	}
	return []string{
		contestKey(c.Name, c.District),
		Fold(c.Name + " " + c.District), Fold(c.Name + " District " + c.District),
		Fold(c.Name + ", District " + c.District), Fold(c.Name + " - District " + c.District),
	}
}

// choose takes the one contest of a list that fits the party and the county.
func (r *resolver) choose(list []int32, c NamedContest, county int32) int32 {
	fit := none
	for _, n := range list {
		party := r.names.parties[r.x.Def.Contests[n].PrimaryParty]
		if c.Party != "" && party != "" && party != PartyKey(c.Party) {
			continue
		}
		if c.Party == "" && party != "" && len(list) > 1 {
			continue // which party's primary, the file does not say
		}
		if in := r.within[n]; county >= 0 && len(list) > 1 && in != nil && !in[county] {
			continue
		}
		if fit >= 0 {
			return several
		}
		fit = n
	}
	return fit
}

// choice finds a choice within the contest that its contest turned out to be.
func (r *resolver) choice(choice, contest, county int32, countyName string) int32 {
	ch := &r.st.Choices[choice]
	if ch.Measure < 0 {
		return ch.Measure
	}
	k := choiceAt{choice, contest, none}
	if r.local {
		k.county = county
	}
	n, ok := r.choices[k]
	if !ok {
		n = r.lookUpChoice(ch, contest, countyName)
		r.choices[k] = n
	}
	return n
}

const unknownChoice int32 = math.MinInt32

func (r *resolver) lookUpChoice(ch *NamedChoice, contest int32, county string) int32 {
	def := r.x.Def.Contests[contest]
	if id, ok := r.aliases.find(ChoiceAlias, county, string(def.ID), "", ch.Name, ch.Party); ok {
		for i, c := range def.Choices {
			if string(c.ID) == id {
				return int32(i)
			}
		}
	}
	keys := r.names.choices[contest]
	named := r.oneChoice(keys[Fold(ch.Name)], def, ch)
	if named == unknownChoice {
		named = r.choiceByKind(keys, def, ch)
	}
	var coded []int32
	for _, code := range fileCodes(r.st, ch.Code) {
		if coded = keys["\x01"+code]; len(coded) > 0 {
			break
		}
	}
	switch {
	case len(coded) != 1:
		return named
	case named != unknownChoice && named != coded[0]:
		r.choiceConflict(ch, def, coded[0], named)
		return unknownChoice
	}
	return coded[0]
}

// choiceByKind finds the choices that need no name: yes, no, a party's ticket,
// all write-ins.
func (r *resolver) choiceByKind(keys map[string][]int32, def election.Contest, ch *NamedChoice) int32 {
	switch {
	case ch.Kind == election.Yes:
		return r.oneChoice(keys[anyYes], def, ch)
	case ch.Kind == election.No:
		return r.oneChoice(keys[anyNo], def, ch)
	case ch.Kind == election.Ticket && ch.Party != "":
		return r.oneChoice(keys[anyTicket], def, ch)
	case GenericWriteIn(ch.Name):
		return r.oneChoice(keys[allWriteIns], def, ch)
	}
	return unknownChoice
}

// oneChoice takes the only choice of a list, or the only one of the party.
func (r *resolver) oneChoice(list []int32, def election.Contest, ch *NamedChoice) int32 {
	fit := unknownChoice
	for _, n := range list {
		if !r.partyFits(def.Choices[n], ch.Party) {
			continue
		}
		if fit != unknownChoice {
			return unknownChoice
		}
		fit = n
	}
	return fit
}

func (r *resolver) partyFits(c election.Choice, party string) bool {
	if party == "" || len(c.Parties) == 0 {
		return true
	}
	k := PartyKey(party)
	for _, p := range c.Parties {
		if have, ok := r.names.parties[p]; have == k || !ok && PartyKey(string(p)) == k {
			return true
		}
	}
	return false
}

func (r *resolver) choiceConflict(ch *NamedChoice, def election.Contest, coded, named int32) {
	r.findings = append(r.findings, Finding{
		Check: "I01", Level: Block, Key: "results.intake.choice_conflict", Line: int(ch.Line),
		Contest: def.Name.String(), Choice: ch.Name,
		Args: map[string]string{"line": strconv.Itoa(int(ch.Line)), "name": ch.Name, "code": ch.Code, "contest": def.Name.String(),
			"a": def.Choices[coded].Name.String(), "b": def.Choices[named].Name.String()},
	})
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
