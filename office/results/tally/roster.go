// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"strings"

	"hustings/election"
)

// none and several stand for a name that means nothing, or more than one thing.
const (
	none    int32 = -1
	several int32 = -2
)

// roster finds a definition's units, contests, choices and vote types by the
// names that a file may use for them.
type roster struct {
	x        *Index
	county   []int32              // the county that each unit lies in, none where it lies in no county
	codes    map[string]int32     // unit by id or external code
	numbers  map[placed]int32     // unit by number in a county
	places   map[placed]int32     // unit by name in a county
	counties map[string]int32     // unit by a county's name
	contests map[string][]int32   // contest by name, see contestKeys
	ccodes   map[string]int32     // contest by id or external code
	choices  []map[string][]int32 // of each contest, choice by name
	types    map[string]int16     // vote type by name
	items    map[election.CountItem]int16
	parties  map[election.PartyID]string // the key of each party
}

// placed is a name or number within a county.
type placed struct {
	county int32
	name   string
}

func newRoster(x *Index) *roster {
	r := &roster{x: x, choices: make([]map[string][]int32, len(x.Def.Contests))}
	r.listUnits()
	r.listContests()
	r.listTypes()
	return r
}

func (r *roster) listUnits() {
	n := len(r.x.Def.Units)
	r.county = make([]int32, n)
	r.codes, r.counties = make(map[string]int32, n), make(map[string]int32)
	r.numbers, r.places = make(map[placed]int32, n), make(map[placed]int32, n)
	whole := inPlaceOfCounties(r.x)
	for i, u := range r.x.Def.Units {
		u32 := int32(i)
		r.county[i] = r.countyOf(u32)
		for _, code := range codesOf(string(u.ID), u.External) {
			once(r.codes, code, u32)
		}
		if u.Type == election.County || u32 == whole {
			once(r.counties, countyKey(u.Name), u32)
			continue
		}
		once(r.places, placed{r.county[i], Fold(u.Name)}, u32)
		if above := r.x.Parent(u32); above >= 0 && above != r.county[i] {
			once(r.places, placed{r.county[i], Fold(r.x.Def.Units[above].Name + " / " + u.Name)}, u32)
		}
		if u.Number != "" {
			once(r.numbers, placed{r.county[i], u.Number}, u32)
		}
	}
}

// inPlaceOfCounties is what files name in their county column where there are
// no counties: whatever contains all others.
func inPlaceOfCounties(x *Index) int32 {
	for _, u := range x.Def.Units {
		if u.Type == election.County {
			return none
		}
	}
	return x.Root()
}

// codesOf lists an element's codes, each with the system it comes from: its
// own id, and what others call it.
func codesOf(id string, external map[string]string) []string {
	out := []string{"id:" + id}
	for system, code := range external {
		out = append(out, system+":"+code)
	}
	return out
}

// fileCodes are the ways in which a statement's code may be one of those. Of
// most formats codes are the running numbers of one file, and mean something
// only to a definition that keeps them for this very format.
func fileCodes(st *Statement, code string) []string {
	switch {
	case code == "":
		return nil
	case hasCodes(st):
		return []string{"id:" + code, "nist:" + code, "ocd-id:" + code, "fips:" + code, "local-level:" + code}
	}
	return []string{st.Format + ":" + code}
}

// once notes what a name means; a name that means two things means neither.
func once[K comparable, V int16 | int32](m map[K]V, k K, v V) {
	if have, ok := m[k]; ok && have != v {
		v = V(several)
	}
	m[k] = v
}

// countyOf is the nearest county at or above a unit, else the root.
func (r *roster) countyOf(u int32) int32 {
	for at, steps := u, 0; at >= 0 && steps < 64; at, steps = r.x.Parent(at), steps+1 {
		if r.x.Def.Units[at].Type == election.County {
			return at
		}
	}
	return r.x.Root()
}

// countyKey is a county's name without the word County.
func countyKey(s string) string {
	k := Fold(s)
	for _, tail := range []string{" county", " parish", " borough", " census area"} {
		if cut, ok := strings.CutSuffix(k, tail); ok && cut != "" {
			return cut
		}
	}
	return k
}

func (r *roster) listContests() {
	r.contests, r.ccodes = make(map[string][]int32), make(map[string]int32)
	districts := make(map[election.DistrictID]election.District, len(r.x.Def.Districts))
	for _, d := range r.x.Def.Districts {
		districts[d.ID] = d
	}
	r.parties = make(map[election.PartyID]string, len(r.x.Def.Parties))
	for _, p := range r.x.Def.Parties {
		r.parties[p.ID] = partyKeyOf(p)
	}
	for i, c := range r.x.Def.Contests {
		for _, code := range codesOf(string(c.ID), c.External) {
			once(r.ccodes, code, int32(i))
		}
		seen := make(map[string]bool)
		for _, k := range contestKeys(c, districts[c.District]) {
			if !seen[k] {
				seen[k] = true
				r.contests[k] = append(r.contests[k], int32(i))
			}
		}
		r.choices[i] = choiceKeys(c)
	}
}

// partyKeyOf is the key of a party by whichever of its names is well known.
func partyKeyOf(p election.Party) string {
	for _, s := range []string{p.Abbr, p.Name.String(), string(p.ID)} {
		if k, ok := parties[Squeeze(s)]; ok {
			return k
		}
	}
	if p.Abbr != "" {
		return PartyKey(p.Abbr)
	}
	return PartyKey(p.Name.String())
}

// contestKeys are the names that a file may use for a contest: its name alone,
// and its name or office together with the district.
func contestKeys(c election.Contest, d election.District) []string {
	var keys []string
	for _, name := range c.Name {
		keys = append(keys, contestKey(name, ""))
	}
	if c.Office == "" && d.ID == "" {
		return keys
	}
	names := []string{c.Office}
	for _, name := range c.Name {
		names = append(names, name)
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if d.Number == "" && len(d.Name) == 0 {
			keys = append(keys, contestKey(name, ""))
			continue
		}
		for _, district := range append([]string{d.Number}, values(d.Name)...) {
			if district != "" {
				keys = append(keys, contestKey(name, district))
			}
		}
	}
	return keys
}

func values(t election.Text) []string {
	out := make([]string, 0, len(t))
	for _, s := range t {
		out = append(out, s)
	}
	return out
}

func contestKey(name, district string) string {
	if k := districtKey(district); k != "" {
		return Fold(name) + "\x00" + k
	}
	return Fold(name)
}

// districtKey is a district as a file numbers it: "District 08" is "8".
func districtKey(s string) string {
	k := Fold(s)
	for _, head := range []string{"district ", "dist. ", "dist ", "no. ", "ward "} {
		k = strings.TrimPrefix(k, head)
	}
	if cut := strings.TrimLeft(k, "0"); cut != "" && cut != k && allDigits(cut) {
		return cut
	}
	return k
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// The names under which choices are listed besides their own.
const (
	allWriteIns = "\x00write-in"
	anyYes      = "\x00yes"
	anyNo       = "\x00no"
	anyTicket   = "\x00ticket"
)

// choiceKeys lists a contest's choices by id, code and name.
func choiceKeys(c election.Contest) map[string][]int32 {
	m := make(map[string][]int32, len(c.Choices)*2)
	put := func(k string, i int32) {
		if list := m[k]; len(list) == 0 || list[len(list)-1] != i {
			m[k] = append(list, i)
		}
	}
	for i, ch := range c.Choices {
		for _, name := range ch.Name {
			put(Fold(name), int32(i))
			if ch.Kind == election.WriteIn && GenericWriteIn(name) {
				put(allWriteIns, int32(i))
			}
		}
		for _, code := range codesOf(string(ch.ID), ch.External) {
			put("\x01"+code, int32(i))
		}
		switch ch.Kind {
		case election.Yes:
			put(anyYes, int32(i))
		case election.No:
			put(anyNo, int32(i))
		case election.Ticket:
			put(anyTicket, int32(i))
		}
	}
	return m
}

func (r *roster) listTypes() {
	r.types = map[string]int16{"total": TotalType}
	r.items = make(map[election.CountItem]int16)
	for i, t := range r.x.Def.VoteTypes {
		n := int16(i + 1)
		once(r.types, Fold(string(t.ID)), n)
		once(r.types, typeKey(string(t.ID)), n)
		for _, name := range t.Name {
			once(r.types, Fold(name), n)
			once(r.types, typeKey(name), n)
		}
		once(r.items, t.Item, n)
	}
}
