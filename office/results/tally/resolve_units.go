// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"strconv"
	"strings"

	"hustings/election"
)

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
