// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strconv"
	"time"

	"hustings/election"
)

// Check lists everything that must hold before a definition can be locked, and
// what a person should look at. It is the same for every format.
func Check(def *election.Definition) []Problem {
	c := &checker{def: def, tree: treeOf(def)}
	c.election()
	c.ids()
	c.units()
	c.contests()
	c.styles()
	c.ballots()
	c.places()
	c.shapes()
	c.voteTypes()
	return c.problems()
}

// checker goes through a definition once.
type checker struct {
	notes
	def       *election.Definition
	tree      *tree
	districts map[election.DistrictID]bool
	parties   map[election.PartyID]bool
	contestAt map[election.ContestID]int
}

// election checks what is said about the election itself.
func (c *checker) election() {
	e := c.def.Election
	switch {
	case e.ID == "":
		c.say(Block, "no_election_id", "")
	case !electionIDForm.MatchString(string(e.ID)) || len(e.ID) > 80:
		c.say(Block, "bad_election_id", string(e.ID), "id", string(e.ID))
	}
	if e.Name.String() == "" {
		c.say(Block, "no_election_name", "")
	}
	c.dates()
	switch e.Type {
	case election.General, election.Primary, election.PartisanPrimaryOpen, election.PartisanPrimaryClose, election.Runoff, election.Special, election.OtherType:
	default:
		c.say(Hold, "election_type", "", "type", string(e.Type))
	}
	if _, err := time.LoadLocation(e.TimeZone); err != nil {
		c.say(Block, "bad_zone", "", "zone", e.TimeZone)
	} else if e.TimeZone == "" {
		c.say(Hold, "no_zone", "")
	}
	c.clocks(e.Name.String(), e.PollsOpen, e.PollsClose)
	if e.State != "" {
		if st, ok := findState(e.State); !ok || st.code != e.State {
			c.say(Warn, "bad_state", "", "state", e.State)
		}
	}
	c.calendar()
}

func (c *checker) dates() {
	e := c.def.Election
	for _, d := range []election.Date{e.Start, e.End} {
		if !validDate(d) {
			c.say(Block, "bad_date", "", "date", string(d))
			return
		}
	}
	if e.Start > e.End {
		c.say(Block, "dates_order", "", "start", string(e.Start), "end", string(e.End))
	}
}

// clocks checks a pair of times of day; both may be empty.
func (c *checker) clocks(where, open, shut string) {
	ok := true
	for _, s := range []string{open, shut} {
		if _, fine := minutes(s); s != "" && !fine {
			c.say(Block, "bad_clock", where, "time", s, "place", where)
			ok = false
		}
	}
	if ok && open != "" && shut != "" && open >= shut {
		c.say(Block, "clock_order", where, "open", open, "close", shut, "place", where)
	}
}

// afterElection are deadlines that come after the last day of voting.
var afterElection = map[string]bool{"canvass": true, "certification": true, "recount-request": true, "provisional-cure": true, "cure": true}

func (c *checker) calendar() {
	e := c.def.Election
	closing, err := e.End.In(e.Zone())
	if err != nil {
		return
	}
	over := closing.AddDate(0, 0, 1)
	for _, d := range e.Calendar {
		name := d.Name.String()
		if name == "" {
			name = d.Kind
		}
		switch {
		case d.At.IsZero():
			c.say(Block, "deadline_undated", d.Kind, "deadline", name)
		case d.Kind == "registration" && d.At.After(over), d.Kind == "absentee-request" && d.At.After(over):
			c.say(Hold, "deadline_late", d.Kind, "deadline", name, "day", d.At.In(e.Zone()).Format(time.DateOnly))
		case afterElection[d.Kind] && d.At.Before(closing):
			c.say(Hold, "deadline_early", d.Kind, "deadline", name, "day", d.At.In(e.Zone()).Format(time.DateOnly))
		}
	}
}

// ids checks that each id is there once.
func (c *checker) ids() {
	c.districts, c.parties = make(map[election.DistrictID]bool), make(map[election.PartyID]bool)
	for _, d := range c.def.Districts {
		c.districts[d.ID] = true
	}
	for _, p := range c.def.Parties {
		c.parties[p.ID] = true
	}
	c.contestAt = indexOf(c.def.Contests, contestID)
	unique(c, "party", c.def.Parties, partyID)
	unique(c, "unit", c.def.Units, unitID)
	unique(c, "district", c.def.Districts, districtKey)
	unique(c, "contest", c.def.Contests, contestID)
	unique(c, "style", c.def.Styles, styleID)
	unique(c, "place", c.def.Places, placeID)
	unique(c, "vote-type", c.def.VoteTypes, voteTypeID)
	unique(c, "shape", c.def.Shapes, shapeUnit)
	for _, con := range c.def.Contests {
		unique(c, "choice", con.Choices, choiceID)
	}
}

func unique[T any, K ~string](c *checker, noun string, list []T, key func(T) K) {
	seen := make(map[K]bool, len(list))
	for i, x := range list {
		id := key(x)
		switch {
		case id == "":
			c.say(Block, "empty_id", "", "noun", noun, "number", strconv.Itoa(i+1))
		case seen[id]:
			c.say(Block, "dup_id", string(id), "noun", noun, "id", string(id))
		}
		seen[id] = true
	}
}

// missing says that something points at what is not there.
func (c *checker) missing(from, fromID, noun, id string) {
	c.say(Block, "dangling", fromID, "from", from, "id", fromID, "noun", noun, "missing", id)
}

// units checks the tree: one root, which is the scope, and no circles.
func (c *checker) units() {
	if len(c.def.Units) == 0 {
		c.say(Block, "no_units", "")
		return
	}
	scope := c.def.Election.Scope
	root, ok := c.tree.at[scope]
	switch {
	case scope == "":
		c.say(Block, "no_scope", "")
	case !ok:
		c.say(Block, "bad_scope", string(scope), "id", string(scope))
	case c.def.Units[root].Parent != "":
		c.say(Block, "scope_inside", string(scope), "id", string(scope), "parent", string(c.def.Units[root].Parent))
	}
	var roots []string
	for _, u := range c.def.Units {
		c.unit(u)
		if u.Parent == "" && u.ID != scope {
			roots = append(roots, string(u.ID))
		}
	}
	if len(roots) > 0 && ok {
		c.say(Block, "roots", roots[0], "scope", string(scope), "units", few(roots))
	}
	c.circles()
	c.numbers()
}

func (c *checker) unit(u election.Unit) {
	if _, ok := c.tree.at[u.Parent]; !ok && u.Parent != "" {
		c.missing("unit", string(u.ID), "unit", string(u.Parent))
	}
	for _, d := range u.Districts {
		if !c.districts[d] {
			c.missing("unit", string(u.ID), "district", string(d))
		}
	}
	if u.Registered != nil && *u.Registered < 0 {
		c.say(Block, "negative_registered", string(u.ID), "unit", u.Name)
	}
	if u.Name == "" {
		c.say(Warn, "unit_unnamed", string(u.ID), "id", string(u.ID))
	}
}

// circles finds units that contain themselves, each circle once.
func (c *checker) circles() {
	state := make([]byte, len(c.def.Units)) // 1: on the way up now, 2: done
	for i := range c.def.Units {
		var path []int
		for at := i; ; {
			if state[at] == 2 {
				break
			}
			if state[at] == 1 {
				c.say(Block, "circle", string(c.def.Units[at].ID), "unit", string(c.def.Units[at].ID))
				break
			}
			state[at] = 1
			path = append(path, at)
			up, ok := c.tree.at[c.def.Units[at].Parent]
			if !ok || c.def.Units[at].Parent == "" {
				break
			}
			at = up
		}
		for _, at := range path {
			state[at] = 2
		}
	}
}

// numbers finds siblings that a results file could not tell apart.
func (c *checker) numbers() {
	type key struct {
		parent election.UnitID
		number string
	}
	seen := make(map[key]bool)
	var twiceNumbers []string
	for _, u := range c.def.Units {
		k := key{u.Parent, u.Number}
		if u.Number != "" && seen[k] {
			twiceNumbers = append(twiceNumbers, u.Number)
		}
		seen[k] = true
	}
	if len(twiceNumbers) > 0 {
		c.say(Hold, "number_twice", "", "numbers", few(twiceNumbers))
	}
}
