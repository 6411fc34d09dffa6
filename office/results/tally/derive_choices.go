// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
)

// person is a choice in the making: every spelling of one name.
type person struct {
	key       string
	names     map[string]int  // spelling without marks, how often
	raw       map[string]bool // spelling and party as files have them
	parties   map[string]int
	stands    map[int32]bool // counties that count votes for this name
	kind      election.ChoiceKind
	incumbent bool
	code      string
}

// addChoices lists a contest's choices, each person once.
func (d *deriver) addChoices(con *election.Contest, dr *draft, in []int32, counts []usages, c *counties) {
	ids := make(slugs)
	stands := make(map[election.ChoiceID]map[int32]bool)
	for _, p := range d.people(con, dr, in, counts) {
		d.addChoice(con, p, ids)
		stands[con.Choices[len(con.Choices)-1].ID] = p.stands
	}
	// Write-ins stand below the candidates, those without a name last.
	slices.SortStableFunc(con.Choices, func(a, b election.Choice) int { return cmp.Compare(writeInRank(a), writeInRank(b)) })
	d.suggestAlike(con, stands)
}

func writeInRank(c election.Choice) int {
	switch {
	case c.Kind != election.WriteIn:
		return 0
	case GenericWriteIn(c.Name.String()):
		return 2
	case OtherWriteIn(c.Name.String()):
		return 3
	}
	return 1
}

// people groups the choices of all files by name, and by party where one name
// stands on the lines of several.
func (d *deriver) people(con *election.Contest, dr *draft, in []int32, counts []usages) []*person {
	by := make(map[string][]*person)
	var list []*person
	for _, u := range dr.uses {
		st := d.sts[u.st]
		times := make(map[int32]int)
		stands := make(map[int32][]int32)
		for _, k := range counts[u.st][u.contest] {
			if slices.Contains(in, k.county) {
				times[k.choice] += k.n
				stands[k.choice] = append(stands[k.choice], k.county)
			}
		}
		twice := make(map[string]int)
		for i := range times {
			twice[personKey(st.Choices[i])]++
		}
		for _, i := range slices.Sorted(maps.Keys(times)) {
			ch := st.Choices[i]
			if ch.Measure < 0 {
				continue
			}
			key := personKey(ch)
			if twice[key] > 1 && hasCodes(st) {
				key = toldApart(key, ch.Code) // one file tells them apart, so must we
			}
			p := d.personOf(con, ch, key, by, &list)
			p.use(ch, times[i], hasCodes(st))
			for _, county := range stands[i] {
				p.stands[county] = true
			}
		}
	}
	return list
}

// toldApart tells choices of one name apart by the file's code. A code that begins
// with the name, as our own do, says all, so that reading again what we have
// written changes no id.
func toldApart(key, code string) string {
	if strings.HasPrefix(Slug(code), Slug(key)+"-") {
		return code
	}
	return key + " " + code
}

// personOf finds the person a choice stands for, or makes a new one.
func (d *deriver) personOf(con *election.Contest, ch NamedChoice, key string, by map[string][]*person, list *[]*person) *person {
	if id, ok := d.confirmed.find(ChoiceAlias, "", string(con.ID), "", ch.Name, ch.Party); ok {
		key = strings.ReplaceAll(id, "-", " ")
	}
	party := PartyKey(ch.Party)
	for _, p := range by[key] {
		if party == "" && len(by[key]) == 1 || len(p.parties) == 0 || p.parties[party] > 0 {
			return p
		}
	}
	p := &person{key: key, names: make(map[string]int), raw: make(map[string]bool), parties: make(map[string]int), stands: make(map[int32]bool)}
	by[key] = append(by[key], p)
	*list = append(*list, p)
	return p
}

// personKey is a choice's name as Derive compares it.
func personKey(ch NamedChoice) string {
	if GenericWriteIn(ch.Name) {
		return "write in"
	}
	bare, _ := WriteInName(ch.Name)
	bare, _ = BareName(bare, ch.Party)
	return cmp.Or(Squeeze(bare), strings.TrimSpace(ch.Name))
}

// use notes one more file that names the person.
func (p *person) use(ch NamedChoice, times int, codes bool) {
	bare, written := WriteInName(ch.Name)
	bare, incumbent := BareName(bare, ch.Party)
	p.names[strings.Join(strings.Fields(bare), " ")] += times
	p.raw[ch.Name+pathMark+ch.Party] = true
	p.incumbent = p.incumbent || incumbent
	if ch.Party != "" {
		p.parties[PartyKey(ch.Party)] += times
	}
	if codes {
		p.code = cmp.Or(p.code, ch.Code)
	}
	switch {
	case ch.Kind != "":
		p.kind = cmp.Or(p.kind, ch.Kind)
	case written || GenericWriteIn(ch.Name) || OtherWriteIn(ch.Name):
		p.kind = cmp.Or(p.kind, election.WriteIn)
	}
}

func (d *deriver) addChoice(con *election.Contest, p *person, ids slugs) {
	name := commonest(p.names)
	ch := election.Choice{Name: election.T(name), Kind: p.kind, Incumbent: p.incumbent}
	if ch.Kind == "" {
		ch.Kind = election.Candidate
	}
	parts := []string{p.key}
	for _, key := range slices.Sorted(maps.Keys(p.parties)) {
		ch.Parties = append(ch.Parties, d.partyIDs[key])
	}
	if ids[Slug(p.key)] && len(ch.Parties) > 0 {
		parts = append(parts, string(ch.Parties[0])) // the same name on another party's line
	}
	ch.ID = election.ChoiceID(ids.take("choice", parts...))
	if p.code != "" {
		ch.External = map[string]string{"nist": p.code}
	}
	con.Choices = append(con.Choices, ch)
	d.nameChoice(con, ch, p)
}

// nameChoice notes the spellings that mean the choice, and says so.
func (d *deriver) nameChoice(con *election.Contest, ch election.Choice, p *person) {
	var merged []string
	for _, raw := range slices.Sorted(maps.Keys(p.raw)) {
		name, party, _ := strings.Cut(raw, pathMark)
		if name != ch.Name.String() && !slices.Contains(merged, name) {
			merged = append(merged, name)
		}
		if Fold(name) != Fold(ch.Name.String()) {
			d.alias(Alias{Kind: ChoiceAlias, Contest: string(con.ID), Name: name, Party: party, ID: string(ch.ID)})
		}
	}
	if len(merged) > 0 {
		d.find(Finding{Check: "I01", Level: Info, Key: "results.intake.choice_merged", Contest: con.Name.String(), Choice: ch.Name.String(),
			Args: map[string]string{"contest": con.Name.String(), "choice": ch.Name.String(), "names": strings.Join(merged, "; ")}})
	}
}

// suggestAlike points out choices of one party whose names resemble each
// other and that no county tells apart: perhaps one person, which only a
// person can say.
func (d *deriver) suggestAlike(con *election.Contest, stands map[election.ChoiceID]map[int32]bool) {
	const most = 20 // of one contest; more would not be read
	said := 0
	if len(con.Choices) > mostChoices {
		return
	}
	for i, a := range con.Choices {
		for _, b := range con.Choices[i+1:] {
			if said == most || !mayBeSame(a, b) || overlap(stands[a.ID], stands[b.ID]) {
				continue
			}
			said++
			d.find(Finding{Check: "I01", Level: Info, Key: "results.intake.alike", Contest: con.Name.String(), Choice: a.Name.String(),
				Args: map[string]string{"contest": con.Name.String(), "contest_id": string(con.ID), "a": a.Name.String(), "b": b.Name.String(),
					"a_id": string(a.ID), "b_id": string(b.ID), "percent": strconv.Itoa(int(100 * Likeness(a.Name.String(), b.Name.String())))}})
		}
	}
}

func overlap(a, b map[int32]bool) bool {
	for k := range a {
		if b[k] {
			return true
		}
	}
	return false
}

func mayBeSame(a, b election.Choice) bool {
	an, bn := a.Name.String(), b.Name.String()
	if a.Kind == election.Yes || a.Kind == election.No || OtherWriteIn(an) || OtherWriteIn(bn) || GenericWriteIn(an) || GenericWriteIn(bn) {
		return false
	}
	if len(a.Parties) > 0 && len(b.Parties) > 0 && !slices.Equal(a.Parties, b.Parties) {
		return false
	}
	ra, rb := runner{words: strings.Fields(Squeeze(an))}, runner{words: strings.Fields(Squeeze(bn))}
	return ra.resembles(rb) || Likeness(an, bn) >= 0.8
}
