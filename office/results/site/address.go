// SPDX-License-Identifier: Apache-2.0

package site

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"hustings/election"
	"hustings/office/results/tally"
)

// address gives every contest and unit its path. Paths come from ids alone, so
// that they stay when names are corrected.
func (f *Frame) address(x *tally.Index) {
	contests := make([]string, len(x.Def.Contests))
	for i, c := range x.Def.Contests {
		contests[i] = string(c.ID)
	}
	f.contestSlugs = slugs(contests)
	for _, s := range f.contestSlugs {
		f.contestPaths = append(f.contestPaths, "contest/"+s)
	}
	// Units share one list of slugs, because a contest has pages for units of
	// any kind: contest/mayor/ward-3.
	units := make([]string, len(x.Def.Units))
	for i, u := range x.Def.Units {
		units[i] = string(u.ID)
	}
	for i, s := range slugs(units) {
		f.unitPaths = append(f.unitPaths, folderOf(x, int32(i))+"/"+s)
	}
	parties := make([]string, len(x.Def.Parties))
	for i, p := range x.Def.Parties {
		parties[i] = string(p.ID)
	}
	f.partySlugs = slugs(parties)
}

// folderOf is the folder of a unit's page: precinct for whatever reports
// itself, else the kind of the unit.
func folderOf(x *tally.Index, u int32) string {
	if len(x.Children(u)) == 0 && x.Def.Units[u].Leaf() {
		return "precinct"
	}
	switch t := x.Def.Units[u].Type; t {
	case election.State, election.County, election.City, election.Town, election.Ward:
		return string(t)
	}
	return "area"
}

// slugs turns ids into path segments: lower case letters, digits and hyphens.
// Where two ids would share one, those that had to be changed also carry a few
// digits of their hash.
func slugs(ids []string) []string {
	out := make([]string, len(ids))
	taken := make(map[string]int)
	for i, id := range ids {
		out[i] = tally.Slug(id)
		taken[out[i]]++
	}
	for i, id := range ids {
		if out[i] == "" || taken[out[i]] > 1 && out[i] != id {
			sum := sha256.Sum256([]byte(id))
			out[i] = strings.TrimPrefix(out[i]+"-"+hex.EncodeToString(sum[:4]), "-")
		}
	}
	return out
}
