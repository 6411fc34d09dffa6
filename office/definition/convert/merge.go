// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"slices"
	"strconv"

	"hustings/election"
)

// clone copies a definition as far as this package changes one: the lists, and
// of the lists within them the ability to grow.
func clone(def *election.Definition) *election.Definition {
	c := *def
	c.Election.Calendar = slices.Clone(def.Election.Calendar)
	c.Parties, c.Units, c.Districts = slices.Clone(def.Parties), slices.Clone(def.Units), slices.Clone(def.Districts)
	c.Contests, c.Styles, c.Places = slices.Clone(def.Contests), slices.Clone(def.Styles), slices.Clone(def.Places)
	c.VoteTypes, c.Shapes = slices.Clone(def.VoteTypes), slices.Clone(def.Shapes)
	for i := range c.Units {
		c.Units[i].Districts = slices.Clip(c.Units[i].Districts)
	}
	for i := range c.Contests {
		c.Contests[i].Choices = slices.Clip(c.Contests[i].Choices)
	}
	return &c
}

// put adds what is new to a list and replaces what is there already, by key.
func put[T any, K comparable](list []T, add []T, key func(T) K) []T {
	at := make(map[K]int, len(list))
	for i, x := range list {
		at[key(x)] = i
	}
	for _, x := range add {
		if i, ok := at[key(x)]; ok {
			list[i] = x
			continue
		}
		at[key(x)] = len(list)
		list = append(list, x)
	}
	return list
}

// The keys of a definition's nouns.
func partyID(p election.Party) election.PartyID           { return p.ID }
func unitID(u election.Unit) election.UnitID              { return u.ID }
func districtKey(d election.District) election.DistrictID { return d.ID }
func contestID(c election.Contest) election.ContestID     { return c.ID }
func choiceID(c election.Choice) election.ChoiceID        { return c.ID }
func styleID(s election.Style) election.StyleID           { return s.ID }
func placeID(p election.Place) election.PlaceID           { return p.ID }
func voteTypeID(t election.VoteType) election.VoteTypeID  { return t.ID }
func shapeUnit(s election.Shape) election.UnitID          { return s.Unit }

// indexOf is where each key of a list stands, the first time.
func indexOf[T any, K comparable](list []T, key func(T) K) map[K]int {
	at := make(map[K]int, len(list))
	for i, x := range list {
		if _, twice := at[key(x)]; !twice {
			at[key(x)] = i
		}
	}
	return at
}

// merge adds a definition to another: what both have is taken from add, what
// only one has is kept.
func merge(base, add *election.Definition) *election.Definition {
	def := clone(base)
	mergeElection(&def.Election, add.Election)
	def.Parties = put(def.Parties, add.Parties, partyID)
	def.Units = put(def.Units, add.Units, unitID)
	def.Districts = put(def.Districts, add.Districts, districtKey)
	def.Contests = put(def.Contests, add.Contests, contestID)
	def.Styles = put(def.Styles, add.Styles, styleID)
	def.Places = put(def.Places, add.Places, placeID)
	def.VoteTypes = put(def.VoteTypes, add.VoteTypes, voteTypeID)
	def.Shapes = put(def.Shapes, add.Shapes, shapeUnit)
	if len(add.Contests) > 0 {
		def.Derived = add.Derived
	}
	return def
}

// mergeElection takes what add says about the election; its id stays.
func mergeElection(e *election.Election, add election.Election) {
	if len(add.Name) > 0 {
		e.Name = add.Name
	}
	set := func(s *string, v string) {
		if v != "" {
			*s = v
		}
	}
	if add.Type != "" {
		e.Type = add.Type
	}
	if add.Start != "" {
		e.Start = add.Start
	}
	if add.End != "" {
		e.End = add.End
	}
	if add.Scope != "" {
		e.Scope = add.Scope
	}
	set(&e.Jurisdiction, add.Jurisdiction)
	set(&e.State, add.State)
	set(&e.TimeZone, add.TimeZone)
	set(&e.PollsOpen, add.PollsOpen)
	set(&e.PollsClose, add.PollsClose)
	e.Calendar = put(e.Calendar, add.Calendar, func(d election.Deadline) [2]string { return [2]string{d.Kind, d.Name.String()} })
}

// addFeed adds what a VIP feed tells to a definition that has a ballot already:
// places and their hours, precincts and their parts that are missing, districts,
// deadlines. The feed's units are found by id, number and name.
func addFeed(base, feed *election.Definition, n *notes) *election.Definition {
	def := clone(base)
	a := &feedJoin{def: def, feed: feed, find: newFinder(def), notes: n, means: make(map[election.UnitID]election.UnitID), areas: make(map[election.DistrictID]election.DistrictID)}
	a.units()
	a.districts()
	a.places()
	a.rest()
	arrange(def)
	return def
}

// feedJoin adds a feed to a definition.
type feedJoin struct {
	def, feed *election.Definition
	find      *finder
	notes     *notes
	means     map[election.UnitID]election.UnitID         // units of the feed, in the definition
	areas     map[election.DistrictID]election.DistrictID // districts of the feed, likewise
}

func (a *feedJoin) units() {
	ids := make(taken, len(a.def.Units))
	for _, u := range a.def.Units {
		ids[string(u.ID)] = true
	}
	var added []string
	known := len(a.def.Units)
	for _, u := range a.feed.Units { // each after what contains it
		county := nowhere
		if up, ok := a.find.find(byCode, string(a.means[u.Parent]), nowhere); ok {
			county = a.find.county[up]
		}
		at, ok := a.county(u)
		if !ok {
			at, ok = a.find.any(county, map[way]string{byCode: string(u.ID), byNumber: u.Number, byTrim: u.Number, byName: u.Name})
		}
		if !ok && county != nowhere {
			at, ok = a.find.find(byCode, string(u.ID), nowhere)
		}
		switch {
		case ok:
			a.means[u.ID] = a.def.Units[at].ID
			a.def.Units[at].External = union(u.External, a.def.Units[at].External)
			a.def.Units[at].MailOnly = u.MailOnly || a.def.Units[at].MailOnly
		case u.ID == a.feed.Election.Scope:
			a.means[u.ID] = a.def.Election.Scope
		default:
			id := election.UnitID(u.ID)
			if ids[string(id)] {
				id = election.UnitID(ids.mint("unit", string(u.ID)))
			}
			ids[string(id)] = true
			a.means[u.ID] = id
			u.ID, u.Parent, u.Districts = id, a.means[u.Parent], nil
			a.def.Units = append(a.def.Units, u)
			added = append(added, u.Name)
		}
	}
	if len(added) > 0 && known > 1 {
		a.notes.say(Warn, "units_added", "", "count", strconv.Itoa(len(added)), "units", few(added))
	}
}

// county is the county of the definition that a feed's is.
func (a *feedJoin) county(u election.Unit) (int, bool) {
	if u.Type != election.County {
		return 0, false
	}
	if i, ok := countyUnit(a.find, u.External["fips"]); ok {
		return i, true
	}
	return countyUnit(a.find, u.Name)
}

// districts adds districts that are new, and who lives in them.
func (a *feedJoin) districts() {
	for _, d := range a.feed.Districts {
		id := a.district(d)
		if id == "" {
			id = d.ID
			a.def.Districts = append(a.def.Districts, d)
		}
		a.areas[d.ID] = id
	}
	at := treeOf(a.def).at
	for _, u := range a.feed.Units {
		i, ok := at[a.means[u.ID]]
		if !ok {
			continue
		}
		unit := &a.def.Units[i]
		for _, d := range u.Districts {
			if id := a.areas[d]; id != "" && !slices.Contains(unit.Districts, id) {
				unit.Districts = append(unit.Districts, id)
			}
		}
	}
}

// district is the district of the definition that a feed's is, by id, by
// division, or by kind and number; "" for none.
func (a *feedJoin) district(d election.District) election.DistrictID {
	for _, have := range a.def.Districts {
		ocd := have.External["ocd-id"]
		if have.ID == d.ID || ocd != "" && ocd == d.External["ocd-id"] ||
			have.Type == d.Type && d.Number != "" && trimZeros(have.Number) == trimZeros(d.Number) && fold(have.Name.String()) == fold(d.Name.String()) {
			return have.ID
		}
	}
	return ""
}

func (a *feedJoin) places() {
	list := slices.Clone(a.feed.Places)
	for i := range list {
		var units []election.UnitID
		for _, u := range list[i].Units {
			if id := a.means[u]; id != "" {
				units = append(units, id)
			}
		}
		list[i].Units = units
	}
	a.def.Places = put(a.def.Places, list, placeID)
}

// rest takes what only fills gaps: deadlines, hours, and the ballot where there
// is none yet.
func (a *feedJoin) rest() {
	e, f := &a.def.Election, a.feed.Election
	gap := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	gap(&e.TimeZone, f.TimeZone)
	gap(&e.State, f.State)
	gap(&e.Jurisdiction, f.Jurisdiction)
	gap(&e.PollsOpen, f.PollsOpen)
	gap(&e.PollsClose, f.PollsClose)
	for _, d := range f.Calendar {
		if !slices.ContainsFunc(e.Calendar, func(have election.Deadline) bool { return have.Kind == d.Kind }) {
			e.Calendar = append(e.Calendar, d)
		}
	}
	switch {
	case len(a.feed.Contests) == 0:
	case len(a.def.Contests) > 0:
		a.notes.say(Info, "contests_kept", "", "count", strconv.Itoa(len(a.feed.Contests)))
	default:
		a.ballot()
	}
	if f.End != "" && e.End != "" && f.End != e.End {
		a.notes.say(Hold, "other_day", "", "day", string(f.End), "want", string(e.End))
	}
}

// ballot takes the feed's contests and styles into a definition without any.
func (a *feedJoin) ballot() {
	a.def.Parties = put(a.def.Parties, a.feed.Parties, partyID)
	for _, c := range a.feed.Contests {
		c.District = a.areas[c.District]
		a.def.Contests = append(a.def.Contests, c)
	}
	for _, s := range a.feed.Styles {
		for i, u := range s.Units {
			s.Units[i] = a.means[u]
		}
		a.def.Styles = append(a.def.Styles, s)
	}
}
