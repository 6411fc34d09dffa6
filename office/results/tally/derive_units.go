// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"slices"
	"strings"

	"hustings/election"
)

// node is a unit in the making. Its path is the folded names of the units
// above it and its own, the outermost first.
type node struct {
	path []string
	unit election.Unit
	code string
	kids []*node
}

const pathMark = "\x00"

// deriveUnits puts every unit that a file names into one tree: state, counties
// and precincts, or without the state where there is but one county.
func (d *deriver) deriveUnits() {
	d.nodes = make(map[string]*node)
	top := &node{unit: election.Unit{Type: election.State}}
	d.nodes[""] = top
	d.paths = make([][]string, len(d.sts))
	for s, st := range d.sts {
		d.paths[s] = make([]string, len(st.Units))
		for i := range st.Units {
			d.paths[s][i] = strings.Join(d.path(st, int32(i), 0), pathMark)
		}
		for i := range st.Units {
			d.addUnit(st, st.Units[i], strings.Split(d.paths[s][i], pathMark))
		}
	}
	for _, name := range d.with.Counties {
		d.ensure([]string{countyKey(name)}, election.Unit{Type: election.County, Name: countyTitle(name)})
	}
	root := top
	if len(top.kids) == 1 && top.unit.Name == "" && top.kids[0].contains() {
		root = top.kids[0]
	}
	d.nameRoot(root)
	d.unitAt = make(map[string]int)
	ids := make(slugs)
	d.flatten(root, "", ids)
	if root != top {
		d.unitAt[""] = 0
	}
	d.def.Election.Scope = d.def.Units[0].ID
}

// path tells where a unit lies. The state that contains all is not part of it.
func (d *deriver) path(st *Statement, i int32, depth int) []string {
	u := st.Units[i]
	name := Fold(u.Name)
	if u.Type == election.County {
		name = countyKey(u.Name)
	}
	switch {
	case depth > 32 || u.Parent < 0 && (u.Type == election.State || u.Type == "country"):
		return nil
	case u.Parent >= 0:
		above := d.path(st, u.Parent, depth+1)
		if name == "" {
			return above
		}
		return append(slices.Clip(above), name)
	case u.County != "" && u.Name != "" && u.Type != election.County:
		return []string{countyKey(u.County), name}
	case u.County != "":
		return []string{countyKey(u.County)}
	case name == "":
		return nil
	}
	return []string{name}
}

func (d *deriver) addUnit(st *Statement, u NamedUnit, path []string) {
	if path[0] == "" {
		top := d.nodes[""]
		if u.Name != "" && u.Type != election.County {
			top.unit.Name, top.unit.Type = u.Name, u.Type
		}
		top.note(st, u)
		return
	}
	if len(path) == 2 && u.County != "" {
		d.ensure(path[:1], election.Unit{Type: election.County, Name: countyTitle(u.County)})
	}
	unit := election.Unit{Type: u.Type, Name: strings.TrimSpace(u.Name), Number: u.Number}
	if unit.Type == "" {
		unit.Type = election.Precinct
		if len(path) == 1 && u.County != "" {
			unit.Type = election.County
		}
	}
	if len(path) == 1 && u.County != "" && (u.Name == "" || unit.Type == election.County) {
		unit.Name = countyTitle(u.County)
	}
	d.ensure(path, unit).note(st, u)
}

// note keeps the code of formats whose codes name the same unit in every file.
func (n *node) note(st *Statement, u NamedUnit) {
	if hasCodes(st) {
		n.code = cmp.Or(u.Code, n.code)
	}
}

// hasCodes says that a statement's codes are ids of a definition rather than
// the running numbers of one file.
func hasCodes(st *Statement) bool {
	return strings.HasPrefix(st.Format, "nist") || st.Format == "hustings-table"
}

// countyTitle is a county's name without the word County, as files have it.
func countyTitle(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(countyKey(s)) < len(s) && len(Fold(s)) == len(s) {
		s = s[:len(countyKey(s))]
	}
	return s
}

// ensure finds or makes the node of a path and those above it.
func (d *deriver) ensure(path []string, unit election.Unit) *node {
	key := strings.Join(path, pathMark)
	if n, ok := d.nodes[key]; ok {
		n.unit.Number = cmp.Or(n.unit.Number, unit.Number)
		if n.unit.Name == path[len(path)-1] { // made for a unit below it, before it was named
			n.unit.Name, n.unit.Type = unit.Name, unit.Type
		}
		return n
	}
	above := d.nodes[""]
	if len(path) > 1 {
		above = d.ensure(path[:len(path)-1], election.Unit{Type: election.County, Name: path[len(path)-2]})
	}
	n := &node{path: slices.Clone(path), unit: unit}
	above.kids = append(above.kids, n)
	d.nodes[key] = n
	return n
}

// contains says whether a unit can be the one that all others lie in: a county,
// or whatever has parts. A lone precinct lies in something that no file names.
func (n *node) contains() bool { return n.unit.Type == election.County || len(n.kids) > 0 }

// nameRoot gives the outermost unit its name and type.
func (d *deriver) nameRoot(root *node) {
	if root.unit.Name != "" {
		return
	}
	state := d.def.Election.State
	root.unit.Name = cmp.Or(stateNames[state], state, d.def.Election.Name.String())
	if stateNames[state] == "" && state == "" {
		root.unit.Type = election.OtherUnit
	}
}

// flatten lists a unit and all below it, counties by name and precincts by
// number, so that the order of the files does not show.
func (d *deriver) flatten(n *node, parent election.UnitID, ids slugs) {
	u := n.unit
	u.Parent = parent
	u.ID = election.UnitID(d.unitSlug(n, ids))
	if n.code != "" {
		u.External = map[string]string{"nist": n.code}
	}
	d.unitAt[strings.Join(n.path, pathMark)] = len(d.def.Units)
	d.def.Units = append(d.def.Units, u)
	slices.SortStableFunc(n.kids, func(a, b *node) int {
		return cmp.Or(compareNatural(a.unit.Name, b.unit.Name), slices.Compare(a.path, b.path))
	})
	for _, k := range n.kids {
		d.flatten(k, u.ID, ids)
	}
}

// unitSlug is the county and the precinct's number as printed on the map, or
// else its name.
func (d *deriver) unitSlug(n *node, ids slugs) string {
	if len(n.path) == 0 {
		if n.unit.Type != election.State {
			return ids.take("all", n.unit.Name)
		}
		return ids.take("all", cmp.Or(d.def.Election.State, n.unit.Name))
	}
	above := n.path[:len(n.path)-1]
	name := n.path[len(n.path)-1]
	if num := n.unit.Number; num != "" && len(above) > 0 {
		if id := Slug(append(slices.Clone(above), num)...); !ids[id] {
			ids[id] = true
			return id
		}
	}
	return ids.take("unit", append(slices.Clone(above), name)...)
}

// compareNatural orders names so that "Precinct 9" comes before "Precinct 10".
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		da, db := digitRun(a), digitRun(b)
		if da > 0 && db > 0 {
			na, nb := strings.TrimLeft(a[:da], "0"), strings.TrimLeft(b[:db], "0")
			if c := cmp.Or(cmp.Compare(len(na), len(nb)), cmp.Compare(na, nb)); c != 0 {
				return c
			}
			a, b = a[da:], b[db:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digitRun(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// stateNames are the states and territories by postal code.
var stateNames = map[string]string{
	"AL": "Alabama", "AK": "Alaska", "AS": "American Samoa", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
	"CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida",
	"GA": "Georgia", "GU": "Guam", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa",
	"KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
	"MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska",
	"NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
	"NC": "North Carolina", "ND": "North Dakota", "MP": "Northern Mariana Islands", "OH": "Ohio", "OK": "Oklahoma",
	"OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island", "SC": "South Carolina",
	"SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VI": "Virgin Islands",
	"VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}

// StateCode is the postal code of a state by its code or name, empty if there
// is no such state.
func StateCode(s string) string {
	up := strings.ToUpper(strings.TrimSpace(s))
	if _, ok := stateNames[up]; ok {
		return up
	}
	for code, name := range stateNames {
		if strings.EqualFold(name, strings.TrimSpace(s)) {
			return code
		}
	}
	return ""
}
