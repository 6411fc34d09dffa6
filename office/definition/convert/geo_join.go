// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/format/geojson"
	"hustings/kit/fault"
)

// idColumn stands for the id of a feature among its properties.
const idColumn = "\x00id"

// join is how the features of a map name the units of a definition.
type join struct {
	column string
	way    way
	county string // column that names the county; empty: none is needed
	units  int    // that are named
	hits   int    // features that name one
}

// preferred are words in titles of columns that name precincts, the best
// first. They decide where two columns join as well.
var preferred = []string{"unit", "precinctid", "precinct", "pctnum", "pct", "prec", "vtd", "ward", "number", "num", "code", "geoid", "fips", "name"}

// serialTitle are columns that only number the rows. Their numbers fit those of
// precincts by accident.
var serialTitle = regexp.MustCompile(`^(objectid|fid|gid|oid|rowid|ogcfid|index|row|shapearea|shapelength|shapeleng|area|perimeter|length)$`)

// findJoin looks for the column whose values name the most units. Its title
// decides only between equals. Columns that number rows or the parts of precincts
// are tried only where no other names at least half of the features.
func findJoin(f *finder, features []geojson.Feature) (join, bool) {
	columns := append([]string{idColumn}, columnsOf(features)...)
	var named []string
	for _, c := range columns {
		if !serialTitle.MatchString(letters(c)) && !splitTitle.MatchString(c) {
			named = append(named, c)
		}
	}
	county := countyColumn(f, features, columns)
	best := bestJoin(f, features, named, county)
	if best.hits*2 < len(features) {
		best = bestJoin(f, features, columns, county)
	}
	return best, best.units > 0
}

// bestJoin tries columns in every way. Where there are several counties, numbers
// and names are looked up also within the county that another column names.
func bestJoin(f *finder, features []geojson.Feature, columns []string, county string) join {
	var best join
	for _, column := range columns {
		for _, w := range ways {
			tries := []join{{column: column, way: w}}
			if county != "" && county != column && w != byCode {
				tries = append(tries, join{column: column, way: w, county: county})
			}
			for _, j := range tries {
				named := make(map[int]bool)
				for i := range features {
					if u, ok := j.unit(f, &features[i]); ok {
						named[u] = true
						j.hits++
					}
				}
				j.units = len(named)
				if better(j, best) {
					best = j
				}
			}
		}
	}
	return best
}

// unit is the unit that a feature names.
func (j join) unit(f *finder, feature *geojson.Feature) (int, bool) {
	if j.county == "" {
		return f.find(j.way, valueOf(feature, j.column), nowhere)
	}
	county, ok := countyUnit(f, valueOf(feature, j.county))
	if !ok {
		return 0, false
	}
	return f.find(j.way, valueOf(feature, j.column), county)
}

// countyUnit is the county that a value names, with or without the word.
func countyUnit(f *finder, value string) (int, bool) {
	i, known := f.spoken[value]
	if !known {
		i = f.lookUpCounty(value)
		f.spoken[value] = i
	}
	return i, i != nowhere
}

func (f *finder) lookUpCounty(value string) int {
	k := fold(value)
	for _, v := range []string{value, strings.TrimSuffix(k, " county"), k + " county"} {
		for _, w := range []way{byCode, byName, byTrim} {
			if i, ok := f.find(w, v, nowhere); ok && f.def.Units[i].Type == election.County {
				return i
			}
		}
	}
	return nowhere
}

// countyColumn is the column that names a county in nearly every feature, ""
// for none, or where there is but one county.
func countyColumn(f *finder, features []geojson.Feature, columns []string) string {
	if counties(f.def) < 2 {
		return ""
	}
	best, most := "", len(features)*9/10
	for _, column := range columns {
		hits := 0
		for i := range features {
			if _, ok := countyUnit(f, valueOf(&features[i], column)); ok {
				hits++
			}
		}
		if hits > most {
			best, most = column, hits
		}
	}
	return best
}

// better compares ways to join: more units, then more features, then within a
// county rather than anywhere, then a surer way, then a better title.
func better(a, b join) bool {
	if b.units == 0 {
		return a.units > 0
	}
	return cmp.Or(cmp.Compare(a.units, b.units), cmp.Compare(a.hits, b.hits), compareBool(a.county != "", b.county != ""),
		cmp.Compare(b.way.doubt(), a.way.doubt()), cmp.Compare(titleRank(b.column), titleRank(a.column))) > 0
}

// doubt orders the ways by how easily they fit by accident. Any counter of rows
// fits numbers without their zeros.
func (w way) doubt() int { return slices.Index([]way{byCode, byNumber, byName, byTrim}, w) }

func titleRank(column string) int {
	if column == idColumn {
		return 0
	}
	k := letters(column)
	for i, p := range preferred {
		if k == p {
			return i + 1
		}
	}
	for i, p := range preferred {
		if strings.Contains(k, p) {
			return len(preferred) + i + 1
		}
	}
	return 3 * len(preferred)
}

// letters is a title in lower case without anything but letters.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, s)
}

// valueOf is a property of a feature as text, or its id.
func valueOf(f *geojson.Feature, column string) string {
	if column == idColumn {
		return strings.TrimSpace(f.ID)
	}
	return strings.TrimSpace(f.Text(column))
}

var splitTitle = regexp.MustCompile(`(?i)split|portion|sub_?(precinct|pct|prec)|\bpart\b|partid`)

// splitColumn is the column that tells the parts of one precinct apart, ""
// for none.
func splitColumn(features []geojson.Feature, j join) string {
	titles := make(map[string]bool)
	for i := range features {
		for name := range features[i].Properties {
			if name != j.column && splitTitle.MatchString(name) {
				titles[name] = true
			}
		}
	}
	for _, name := range sortedKeys(titles) {
		return name
	}
	return ""
}

// wholeUnit says whether a value of a split column means the whole precinct.
func wholeUnit(value string) bool { return strings.Trim(value, "0") == "" }

// mapJoin adds what a map says to a definition.
type mapJoin struct {
	def      *election.Definition
	find     *finder
	join     join
	split    string
	columns  []districtColumn
	notes    *notes
	shapes   map[election.UnitID][]election.Polygon
	members  map[election.UnitID][]election.DistrictID // by the columns of the map
	touched  []election.UnitID                         // units with features, in order
	missing  []string                                  // features that name no unit
	kids     map[election.UnitID][]election.UnitID     // parts made or found, of a precinct
	unitAt   map[election.UnitID]int
	below    map[election.UnitID][]int // units directly below another
	district taken                     // ids of districts
	known    map[[2]string]election.DistrictID
}

// addMap adds the boundaries of a map to a copy of a definition, and where it
// tells them, the parts of split precincts and the districts they lie in.
func addMap(base *election.Definition, features []geojson.Feature, n *notes) (*election.Definition, error) {
	if err := lonLat(features); err != nil {
		return nil, err
	}
	def := clone(base)
	m := &mapJoin{def: def, find: newFinder(def), notes: n, shapes: make(map[election.UnitID][]election.Polygon),
		members: make(map[election.UnitID][]election.DistrictID), kids: make(map[election.UnitID][]election.UnitID), unitAt: make(map[election.UnitID]int),
		below: make(map[election.UnitID][]int), district: make(taken), known: make(map[[2]string]election.DistrictID)}
	var ok bool
	if m.join, ok = findJoin(m.find, features); !ok {
		return nil, fault.New(fault.Invalid, "No column of this map names units of the election %s. Its columns are: %s. One of them must hold the ids, numbers or names of precincts.",
			string(base.Election.ID), few(columnsOf(features)))
	}
	m.split = splitColumn(features, m.join)
	m.columns = m.districtColumns(features)
	for i, u := range def.Units {
		m.unitAt[u.ID] = i
		m.below[u.Parent] = append(m.below[u.Parent], i)
	}
	for _, d := range def.Districts {
		m.district[string(d.ID)] = true
	}
	for i := range features {
		m.feature(i, &features[i])
	}
	m.settle()
	m.tell(features)
	arrange(def)
	return def, nil
}

// lonLat refuses maps in other coordinates: joined, they would lie in the ocean.
func lonLat(features []geojson.Feature) error {
	for p := range geojson.PointsOf(features) {
		if !(p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90) {
			return fault.New(fault.Invalid, "The coordinates of this map are not longitude and latitude (one is %g, %g). Export it again in WGS 84 (EPSG:4326).", p[0], p[1])
		}
	}
	return nil
}

func columnsOf(features []geojson.Feature) []string {
	seen := make(map[string]bool)
	for i := range features {
		for name := range features[i].Properties {
			seen[name] = true
		}
	}
	return sortedKeys(seen)
}

// feature adds one feature to the unit it names, or to a part of it.
func (m *mapJoin) feature(i int, f *geojson.Feature) {
	at, ok := m.join.unit(m.find, f)
	if !ok {
		name := valueOf(f, m.join.column)
		m.missing = append(m.missing, name)
		m.notes.say(Warn, "no_unit", name, "feature", strconv.Itoa(i+1), "column", m.columnName(), "value", name)
		return
	}
	unit := m.def.Units[at].ID
	if m.split != "" {
		if part := valueOf(f, m.split); !wholeUnit(part) {
			unit = m.part(at, part)
		}
	}
	if _, seen := m.shapes[unit]; !seen {
		m.touched = append(m.touched, unit)
	}
	m.shapes[unit] = append(m.shapes[unit], polygonsOf(f.Geometry)...)
	for _, c := range m.columns {
		value := valueOf(f, c.title)
		if value == "" {
			continue
		}
		if id := m.districtFor(c, value); !slices.Contains(m.members[unit], id) {
			m.members[unit] = append(m.members[unit], id)
		}
	}
}

func (m *mapJoin) columnName() string {
	if m.join.column == idColumn {
		return "id"
	}
	return m.join.column
}

// part finds the part of a precinct, or makes it.
func (m *mapJoin) part(whole int, value string) election.UnitID {
	w := m.def.Units[whole]
	number := splitNumber(w.Number, value)
	name := splitName(w.Name, value)
	id := election.UnitID(string(w.ID) + "-" + cmp.Or(slug(value), value))
	for _, i := range m.below[w.ID] {
		if u := m.def.Units[i]; u.ID == id || u.Number != "" && u.Number == number || u.Name == name {
			m.keepKid(w.ID, u.ID)
			return u.ID
		}
	}
	for n := 2; ; n++ {
		if _, gone := m.unitAt[id]; !gone {
			break
		}
		id = election.UnitID(string(w.ID) + "-" + slug(value) + "-" + strconv.Itoa(n))
	}
	m.unitAt[id] = len(m.def.Units)
	m.below[w.ID] = append(m.below[w.ID], len(m.def.Units))
	m.def.Units = append(m.def.Units, election.Unit{ID: id, Type: election.SplitPrecinct, Name: name, Number: number, Parent: w.ID, MailOnly: w.MailOnly})
	m.keepKid(w.ID, id)
	return id
}

func (m *mapJoin) keepKid(whole, part election.UnitID) {
	if !slices.Contains(m.kids[whole], part) {
		m.kids[whole] = append(m.kids[whole], part)
	}
}

// settle writes shapes and memberships into the definition.
func (m *mapJoin) settle() {
	for _, whole := range sortedKeys(m.kids) { // a precinct covers what its parts cover
		if len(m.shapes[whole]) > 0 || m.hasShape(whole) {
			continue
		}
		for _, part := range m.kids[whole] {
			m.shapes[whole] = append(m.shapes[whole], m.shapes[part]...)
		}
	}
	kept := m.def.Shapes[:0:0]
	for _, s := range m.def.Shapes {
		if len(m.shapes[s.Unit]) == 0 {
			kept = append(kept, s)
		}
	}
	for _, unit := range sortedKeys(m.shapes) {
		if len(m.shapes[unit]) > 0 {
			kept = append(kept, election.Shape{Unit: unit, Polygons: m.shapes[unit]})
		}
	}
	m.def.Shapes = kept
	if len(m.columns) == 0 {
		return
	}
	told := m.told()
	for _, unit := range m.touched {
		u := &m.def.Units[m.unitAt[unit]]
		u.Districts = append(except(u.Districts, told), m.members[unit]...)
	}
	m.handDown(told)
}

func (m *mapJoin) hasShape(unit election.UnitID) bool {
	return slices.ContainsFunc(m.def.Shapes, func(s election.Shape) bool { return s.Unit == unit })
}

// told are the districts that come from the columns of this map.
func (m *mapJoin) told() map[election.DistrictID]bool {
	out := make(map[election.DistrictID]bool)
	for _, d := range m.def.Districts {
		if slices.ContainsFunc(m.columns, func(c districtColumn) bool { return d.External[c.title] != "" }) {
			out[d.ID] = true
		}
	}
	return out
}

// except is a new list of the districts that are not told by the map.
func except(list []election.DistrictID, told map[election.DistrictID]bool) []election.DistrictID {
	var out []election.DistrictID
	for _, id := range list {
		if !told[id] {
			out = append(out, id)
		}
	}
	return out
}

// handDown gives the parts of a precinct the districts of the whole: they are
// what voters live in.
func (m *mapJoin) handDown(told map[election.DistrictID]bool) {
	for _, whole := range sortedKeys(m.kids) {
		w := &m.def.Units[m.unitAt[whole]]
		for _, part := range m.kids[whole] {
			u := &m.def.Units[m.unitAt[part]]
			for _, d := range except(w.Districts, told) {
				if !slices.Contains(u.Districts, d) {
					u.Districts = append(u.Districts, d)
				}
			}
		}
		w.Districts = nil
	}
}

// tell says how the map was read, and what it left without a boundary.
func (m *mapJoin) tell(features []geojson.Feature) {
	m.notes.say(Info, "joined", "", "column", m.columnName(), "way", string(m.join.way), "features", strconv.Itoa(len(features)-len(m.missing)),
		"units", strconv.Itoa(len(m.touched)))
	if m.split != "" {
		m.notes.say(Info, "split_by", "", "column", m.split)
	}
	if len(m.columns) > 0 {
		var names []string
		for _, c := range m.columns {
			names = append(names, c.title+" → "+c.label)
		}
		m.notes.say(Info, "districts_from", "", "columns", strings.Join(names, ", "))
	}
	m.withoutShape()
}

// withoutShape lists the precincts that have no boundary now.
func (m *mapJoin) withoutShape() {
	has := make(map[election.UnitID]bool, len(m.def.Shapes))
	for _, s := range m.def.Shapes {
		has[s.Unit] = true
	}
	kinds := make(map[election.UnitType]bool) // of what the map draws
	for _, u := range m.touched {
		kinds[m.def.Units[m.unitAt[u]].Type] = true
	}
	var bare []string
	for _, u := range m.def.Units {
		if !has[u.ID] && kinds[u.Type] {
			bare = append(bare, cmp.Or(u.Number, u.Name, string(u.ID)))
		}
	}
	if len(bare) > 0 {
		m.notes.say(Warn, "no_shape", "", "count", strconv.Itoa(len(bare)), "units", few(bare))
	}
}
