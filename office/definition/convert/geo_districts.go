// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"regexp"
	"slices"
	"strings"

	"hustings/election"
	"hustings/format/geojson"
)

// districtColumn is a column of a map that says in which district of one kind
// each area lies.
type districtColumn struct {
	title string // as in the file
	label string // for people: "School district"
	typ   string // as in NIST and VIP
}

// districtTitles are columns by their letters, the most telling first.
var districtTitles = []struct {
	form  *regexp.Regexp
	label string
	typ   string
}{
	{regexp.MustCompile(`^(cd|congdist|congress\w*|cong|uscong\w*|ushouse|cddist)$`), "Congressional district", "congressional"},
	{regexp.MustCompile(`^(sldu|sd|sendist|senate\w*|statesenate|upper\w*)$`), "State senate district", "state-senate"},
	{regexp.MustCompile(`^(sldl|hd|housedist|house\w*|statehouse|assembly\w*|lower\w*|legdist|leg|ld|legislat\w*)$`), "State house district", "state-house"},
	{regexp.MustCompile(`^(hsch\w*|hischool|highsch\w*|hs|hsd|uhsd)$`), "High school district", "school"},
	{regexp.MustCompile(`^(esch\w*|elem\w*)$`), "Elementary school district", "school"},
	{regexp.MustCompile(`^(sch|schdist|school\w*|unified|usd|isd)$`), "School district", "school"},
	{regexp.MustCompile(`^(ctydist|citydist|citycouncil\w*|council\w*|ccd|councildist)$`), "City district", "city-council"},
	{regexp.MustCompile(`^(bos|sup|supdist|superv\w*|commiss\w*|commdist|cntycomm|countycouncil\w*)$`), "Supervisor district", "county-council"},
	{regexp.MustCompile(`^(jp|jpdist|judic\w*|justice\w*|court\w*)$`), "Judicial district", "judicial"},
	{regexp.MustCompile(`^(water\w*|irrig\w*)$`), "Water district", "water"},
	{regexp.MustCompile(`^(fire\w*)$`), "Fire district", "special"},
	{regexp.MustCompile(`^(util\w*)$`), "Utility district", "utility"},
	{regexp.MustCompile(`^(warddist)$`), "Ward", "ward"},
}

var districtTail = regexp.MustCompile(`(dist|dst|district|dists)$`)

// districtColumns are the columns of a map that hold districts: those whose
// title is known, and any whose title ends in DIST. An empty column counts where
// an earlier map had something in it: nobody lives there any more.
func (m *mapJoin) districtColumns(features []geojson.Feature) []districtColumn {
	var out []districtColumn
	for _, title := range columnsOf(features) {
		if title == m.join.column || title == m.join.county || title == m.split || title == ownDistricts {
			continue
		}
		c, ok := districtColumnOf(title)
		before := slices.ContainsFunc(m.def.Districts, func(d election.District) bool { return d.External[title] != "" })
		if filled, codes := isCode(features, title); ok && codes && (filled || before) {
			out = append(out, c)
		}
	}
	return out
}

func districtColumnOf(title string) (districtColumn, bool) {
	k := letters(title)
	for _, t := range districtTitles {
		if t.form.MatchString(k) {
			return districtColumn{title, t.label, t.typ}, true
		}
	}
	root := districtTail.ReplaceAllString(k, "")
	if root == k || root == "" {
		return districtColumn{}, false
	}
	return districtColumn{title, strings.ToUpper(root) + " district", "other"}, true
}

// isCode says whether a column holds anything, and nothing but short codes:
// neither prose nor lists.
func isCode(features []geojson.Feature, title string) (filled, codes bool) {
	for i := range features {
		v := valueOf(&features[i], title)
		if len(v) > 60 || strings.ContainsAny(v, "[{") {
			return true, false
		}
		filled = filled || v != ""
	}
	return filled, true
}

// districtFor finds the district that a value of a column means, or makes it.
func (m *mapJoin) districtFor(c districtColumn, value string) election.DistrictID {
	key := [2]string{c.title, value}
	id, ok := m.known[key]
	if !ok {
		id = m.lookUp(c, value)
		m.known[key] = id
	}
	return id
}

func (m *mapJoin) lookUp(c districtColumn, value string) election.DistrictID {
	for i := range m.def.Districts {
		if d := &m.def.Districts[i]; d.External[c.title] == value {
			return d.ID
		}
	}
	if d := m.numbered(c, value); d != nil {
		d.External = union(d.External, map[string]string{c.title: value})
		return d.ID
	}
	d := election.District{ID: election.DistrictID(m.district.mint("district", c.label, value)), Name: election.T(c.label + " " + value), Type: c.typ,
		Number: value, External: map[string]string{c.title: value}}
	m.def.Districts = append(m.def.Districts, d)
	return d.ID
}

// numbered is a district that the definition has already, by kind and number.
// Kinds that several columns of a map may have are too vague for that.
func (m *mapJoin) numbered(c districtColumn, value string) *election.District {
	same := slices.ContainsFunc(m.columns, func(o districtColumn) bool { return o.title != c.title && o.typ == c.typ })
	if same || c.typ == "other" || c.typ == "special" || c.typ == "school" {
		return nil
	}
	var found *election.District
	for i := range m.def.Districts {
		d := &m.def.Districts[i]
		if d.Type != c.typ || trimZeros(d.Number) != trimZeros(value) {
			continue
		}
		if found != nil {
			return nil
		}
		found = d
	}
	return found
}

// ownDistricts is the property in which our own maps list districts.
const ownDistricts = "districts"
