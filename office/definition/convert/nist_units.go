// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"slices"
	"strings"

	"hustings/election"
	"hustings/format/nisterr"
)

// rank orders the kinds of units that contain one another on the way from a
// ballot to the nation. Other kinds are districts, which cut across.
var rank = map[nisterr.ReportingUnitType]int{
	nisterr.ReportingUnitTypeBallotBatch: 1, nisterr.ReportingUnitTypeSplitPrecinct: 1, nisterr.ReportingUnitTypeDropBox: 1,
	nisterr.ReportingUnitTypeVoteCenter: 1, nisterr.ReportingUnitTypePollingPlace: 1, nisterr.ReportingUnitTypeBallotStyleArea: 1,
	nisterr.ReportingUnitTypePrecinct: 2, nisterr.ReportingUnitTypeCombinedPrecinct: 3,
	nisterr.ReportingUnitTypeWard: 5, nisterr.ReportingUnitTypeVillage: 6, nisterr.ReportingUnitTypeTown: 6,
	nisterr.ReportingUnitTypeTownship: 6, nisterr.ReportingUnitTypeCity: 6, nisterr.ReportingUnitTypeMunicipality: 6,
	nisterr.ReportingUnitTypeBorough: 6, nisterr.ReportingUnitTypeCounty: 7, nisterr.ReportingUnitTypeState: 8,
	nisterr.ReportingUnitTypeCountry: 9,
}

// The ranks that the rules below name.
const (
	reportsOnly = 1 // splits, batches, sites: contain nothing
	areaRank    = 4 // units of kind other that contain units
	wardRank    = 5
	townRank    = 6
	countyRank  = 7
)

// gpUnit is a unit of a report and what is made of it.
type gpUnit struct {
	*nisterr.GpUnit
	id       string   // ours, where the report came from us
	above    []string // ids of the units that say they are composed of it
	rank     int      // 0: no unit of the tree
	counted  bool     // something is counted in it, or a ballot style names it
	district bool     // a contest is held in it
	place    election.PlaceKind
	parent   string // id of the unit that contains it in the tree
}

// nistUnits sorts the units of a report into the tree of units that report,
// districts, and places.
type nistUnits struct {
	list  []*gpUnit
	byID  map[string]*gpUnit
	scope *gpUnit
	parts map[*gpUnit]map[*gpUnit]bool // what areas are composed of, once worked out
	times timetable
	notes *notes
}

func newNISTUnits(rep *nisterr.ElectionReport, e *nisterr.Election, n *notes) *nistUnits {
	x := &nistUnits{byID: make(map[string]*gpUnit, len(rep.GpUnit)), parts: make(map[*gpUnit]map[*gpUnit]bool), notes: n}
	for i := range rep.GpUnit {
		u := &gpUnit{GpUnit: &rep.GpUnit[i]}
		if x.byID[u.ID] != nil {
			continue // the reader has said that an id is there twice
		}
		u.id = ourID(u.ID, u.ExternalIdentifier)
		x.byID[u.ID] = u
		x.list = append(x.list, u)
	}
	for _, u := range x.list {
		for _, part := range u.ComposingGpUnitIds {
			if p := x.byID[part]; p != nil && part != u.ID {
				p.above = append(p.above, u.ID)
			}
		}
	}
	x.scope = x.byID[e.ElectionScopeId]
	x.use(rep, e)
	for _, u := range x.list {
		x.rankOf(u)
	}
	x.bound()
	x.demote()
	x.adopt()
	return x
}

// use notes which units are counted in, and which are districts.
func (x *nistUnits) use(rep *nisterr.ElectionReport, e *nisterr.Election) {
	count := func(id string) {
		if u := x.byID[id]; u != nil {
			u.counted = true
		}
	}
	for i := range e.BallotStyle {
		for _, id := range e.BallotStyle[i].GpUnitIds {
			count(id)
		}
	}
	for i := range e.BallotCounts {
		count(e.BallotCounts[i].GpUnitId)
	}
	for i := range e.Contest {
		c := &e.Contest[i]
		if u := x.byID[c.ElectionDistrictId]; u != nil && !onlyGroups(rep, c) {
			u.district = true
		}
		for k := range c.OtherCounts {
			count(c.OtherCounts[k].GpUnitId)
		}
		for k := range c.ContestSelection {
			for v := range c.ContestSelection[k].VoteCounts {
				count(c.ContestSelection[k].VoteCounts[v].GpUnitId)
			}
		}
	}
}

// rankOf settles what a unit is: of the tree, a district, or a place.
func (x *nistUnits) rankOf(u *gpUnit) {
	u.rank = rank[u.Type]
	parts := len(u.ComposingGpUnitIds)
	switch {
	case u == x.scope:
	case external(u.ExternalIdentifier, ourArea) != "":
		u.rank, u.district = 0, true
	case external(u.ExternalIdentifier, ourPlace) != "":
		u.rank, u.place = 0, election.PlaceKind(external(u.ExternalIdentifier, ourPlace))
	case placeKinds[u.Type] != "" && parts > 0 && !u.counted:
		u.rank, u.place = 0, placeKinds[u.Type]
	case u.Kind == nisterr.ReportingDevice:
		u.rank = reportsOnly
	case u.Type == nisterr.ReportingUnitTypeOther || u.Type == "":
		u.rank = x.rankOfOther(u)
	case u.rank >= wardRank && u.rank < countyRank && parts == 0 && !u.counted:
		u.rank = 0 // a town without precincts of its own is only a place to elect for
	}
}

// rankOfOther is the rank of a unit whose kind says nothing.
func (x *nistUnits) rankOfOther(u *gpUnit) int {
	switch {
	case len(u.ComposingGpUnitIds) == 0 && (u.counted || len(u.above) > 0 && !u.district):
		return reportsOnly
	case len(u.ComposingGpUnitIds) > 0 && u.counted && !u.district:
		return areaRank
	}
	return 0
}

var placeKinds = map[nisterr.ReportingUnitType]election.PlaceKind{
	nisterr.ReportingUnitTypePollingPlace: election.PollingPlace,
	nisterr.ReportingUnitTypeVoteCenter:   election.Center,
	nisterr.ReportingUnitTypeDropBox:      election.DropBox,
}

// bound leaves out of the tree what lies outside the scope of the election:
// the units that contain it, and their other parts.
func (x *nistUnits) bound() {
	if x.scope == nil {
		x.pickScope()
	}
	if x.scope == nil {
		return
	}
	within := x.below(x.scope)
	around := make(map[*gpUnit]bool) // units above the scope
	x.climb(x.scope, around)
	outside := make(map[*gpUnit]bool)
	for u := range around {
		for part := range x.below(u) {
			outside[part] = !within[part]
		}
	}
	top := rank[x.scope.Type]
	var left []string
	for _, u := range x.list {
		switch {
		case u == x.scope || within[u] || u.rank == 0:
		case around[u] || outside[u] || top > 0 && u.rank >= top:
			u.rank = 0
			left = append(left, nameOf(u.Name, u.ID))
		}
	}
	if len(left) > 0 {
		x.notes.say(Info, "outside", "", "units", few(left), "scope", nameOf(x.scope.Name, x.scope.ID))
	}
}

// below is everything that a unit is composed of, itself included.
func (x *nistUnits) below(u *gpUnit) map[*gpUnit]bool {
	if known := x.parts[u]; known != nil {
		return known
	}
	seen := map[*gpUnit]bool{u: true}
	if len(u.ComposingGpUnitIds) > 0 {
		x.parts[u] = seen
	}
	for queue := []*gpUnit{u}; len(queue) > 0; queue = queue[1:] {
		for _, id := range queue[0].ComposingGpUnitIds {
			if p := x.byID[id]; p != nil && !seen[p] {
				seen[p] = true
				queue = append(queue, p)
			}
		}
	}
	return seen
}

// climb collects what contains a unit. Districts are not counted.
func (x *nistUnits) climb(u *gpUnit, seen map[*gpUnit]bool) {
	for _, id := range u.above {
		if p := x.byID[id]; p != x.scope && p.rank > 0 && !seen[p] {
			seen[p] = true
			x.climb(p, seen)
		}
	}
}

// pickScope takes the one unit of the highest rank where the report names no
// scope.
func (x *nistUnits) pickScope() {
	var best []*gpUnit
	for _, u := range x.list {
		switch {
		case len(best) == 0 || u.rank > best[0].rank:
			best = []*gpUnit{u}
		case u.rank == best[0].rank:
			best = append(best, u)
		}
	}
	if len(best) == 1 && best[0].rank > 0 {
		x.scope = best[0]
		x.notes.say(Hold, "scope_taken", best[0].ID, "unit", best[0].Name.In("en"))
	}
}

// demote turns wards, towns and other areas into districts where they do not
// nest: where their parts lie in several counties, or belong to two areas of
// one kind. Sums over them would otherwise count something twice or not at all.
func (x *nistUnits) demote() {
	for _, u := range x.list {
		if u == x.scope || u.rank < areaRank || u.rank > townRank {
			continue
		}
		counties := make(map[*gpUnit]bool)
		for part := range x.below(u) {
			for _, id := range part.above {
				if c := x.byID[id]; c.rank == countyRank {
					counties[c] = true
				}
			}
		}
		if len(counties) > 1 {
			u.rank, u.district = 0, true
		}
	}
	owner := make(map[*gpUnit]map[int]*gpUnit)
	for _, u := range x.list {
		if u == x.scope || u.rank < areaRank || u.rank > townRank {
			continue
		}
		for part := range x.below(u) {
			if part.rank == 0 || part == u {
				continue
			}
			if owner[part] == nil {
				owner[part] = make(map[int]*gpUnit)
			}
			if first := owner[part][u.rank]; first != nil && first.rank > 0 && !x.below(first)[u] && first != u {
				u.rank, u.district = 0, true
				break
			}
			owner[part][u.rank] = u
		}
	}
}

// adopt gives each unit of the tree the smallest unit that contains it, or the
// scope.
func (x *nistUnits) adopt() {
	for _, u := range x.list {
		if u.rank == 0 || u == x.scope {
			continue
		}
		best := (*gpUnit)(nil)
		for _, id := range u.above {
			p := x.byID[id]
			if p != x.scope && p.rank > u.rank && (best == nil || p.rank < best.rank) {
				best = p
			}
		}
		if best == nil {
			best = x.around(u)
		}
		switch {
		case best != nil:
			u.parent = best.ID
		case x.scope != nil:
			u.parent = x.scope.ID
		}
	}
}

// around is the smallest unit that contains every part of u, though the report
// does not say that it contains u: a ward's county. It is nil for none, and for
// units without parts.
func (x *nistUnits) around(u *gpUnit) *gpUnit {
	held := make(map[*gpUnit]int)
	parts := 0
	for _, id := range u.ComposingGpUnitIds {
		part := x.byID[id]
		if part == nil {
			continue
		}
		parts++
		above := make(map[*gpUnit]bool)
		x.climb(part, above)
		for p := range above {
			held[p]++
		}
	}
	if parts == 0 {
		return nil
	}
	var best *gpUnit
	for _, p := range x.list {
		if held[p] == parts && p != u && p.rank > u.rank && (best == nil || p.rank < best.rank) {
			best = p
		}
	}
	return best
}

// inTree says whether a unit became a unit of the definition.
func (x *nistUnits) inTree(u *gpUnit) bool { return u.rank > 0 || u == x.scope }

// fill writes units, districts and places into the definition.
func (x *nistUnits) fill(def *election.Definition) {
	for _, u := range x.list {
		if x.inTree(u) {
			def.Units = append(def.Units, x.unitOf(u))
		}
		if u.district || !x.inTree(u) && u.place == "" && rank[u.Type] == 0 {
			def.Districts = append(def.Districts, districtOf(u))
		}
	}
	x.root(def)
	t := treeOf(def)
	for _, u := range x.list {
		if u.place != "" {
			def.Places = append(def.Places, x.placeOf(u, def, t))
		}
		if u.district || !x.inTree(u) && u.place == "" && rank[u.Type] == 0 {
			x.join(def, t, u)
		}
		x.shape(def, u)
	}
}

// root makes sure that one unit contains all others.
func (x *nistUnits) root(def *election.Definition) {
	if x.scope != nil {
		def.Election.Scope = election.UnitID(x.scope.id)
		return
	}
	ids := make(taken, len(def.Units))
	for _, u := range def.Units {
		ids[string(u.ID)] = true
	}
	root := election.Unit{ID: election.UnitID(ids.mint("all", def.Election.Name.String())), Type: election.OtherUnit, Name: def.Election.Name.String()}
	x.notes.say(Hold, "scope_made", string(root.ID), "unit", root.Name)
	for i := range def.Units {
		if def.Units[i].Parent == "" {
			def.Units[i].Parent = root.ID
		}
	}
	def.Units = append([]election.Unit{root}, def.Units...)
	def.Election.Scope = root.ID
}

func (x *nistUnits) unitOf(u *gpUnit) election.Unit {
	out := election.Unit{
		ID: election.UnitID(u.id), Type: election.UnitType(u.Type), Name: nameOf(u.Name, u.id), Number: strings.TrimSpace(u.Number),
		MailOnly: u.IsMailOnly.Value, External: externals(u.ExternalIdentifier),
	}
	if out.Type == "" {
		out.Type = election.OtherUnit
	}
	if u.OtherType != "" {
		out.External = union(out.External, map[string]string{otherTypeKey: u.OtherType})
	}
	if p := x.byID[u.parent]; p != nil {
		out.Parent = election.UnitID(p.id)
	}
	if u.VotersRegistered.Set {
		n := u.VotersRegistered.Value
		out.Registered = &n
	}
	return out
}

// otherTypeKey is where a kind of unit is kept that NIST calls other.
const otherTypeKey = "other-type"

func districtOf(u *gpUnit) election.District {
	out := election.District{
		ID: districtID(u), Name: wording(u.Name), Type: string(u.Type), Number: strings.TrimSpace(u.Number),
		External: externals(u.ExternalIdentifier),
	}
	if out.Type == "" {
		out.Type = "other"
	}
	if len(out.Name) == 0 {
		out.Name = election.T(u.id)
	}
	if u.OtherType != "" {
		out.External = union(out.External, map[string]string{otherTypeKey: u.OtherType})
	}
	return out
}

func districtID(u *gpUnit) election.DistrictID {
	if id := external(u.ExternalIdentifier, ourArea); id != "" {
		return election.DistrictID(id)
	}
	return election.DistrictID(u.id)
}

// join lists a district with every unit at the bottom of the tree whose voters
// live in it.
func (x *nistUnits) join(def *election.Definition, t *tree, u *gpUnit) {
	id := districtID(u)
	put := func(leaf int) {
		if !slices.Contains(def.Units[leaf].Districts, id) {
			def.Units[leaf].Districts = append(def.Units[leaf].Districts, id)
		}
	}
	for part := range x.below(u) {
		if at, ok := t.at[election.UnitID(part.id)]; ok && x.inTree(part) {
			t.leaves(at, put)
		}
	}
	if x.scope == nil || len(u.ComposingGpUnitIds) > 0 || x.inTree(u) || external(u.ExternalIdentifier, ourArea) != "" {
		return
	}
	if rank[u.Type] > rank[x.scope.Type] { // a state without parts around a county
		t.leaves(t.at[election.UnitID(x.scope.id)], put)
	}
}
