// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"regexp"
	"strconv"

	"hustings/election"
)

var colorForm = regexp.MustCompile(`^[0-9A-Fa-f]{6}$`)

// contests checks each contest and its choices.
func (c *checker) contests() {
	for _, p := range c.def.Parties {
		if p.Color != "" && !colorForm.MatchString(p.Color) {
			c.say(Warn, "party_color", string(p.ID), "party", p.Name.String(), "color", p.Color)
		}
	}
	if len(c.def.Contests) == 0 {
		c.say(Hold, "no_contests", "")
	}
	for i := range c.def.Contests {
		c.contest(&c.def.Contests[i])
	}
}

func (c *checker) contest(con *election.Contest) {
	id, name := string(con.ID), con.Name.String()
	say := func(level Level, key string, kv ...string) {
		c.say(level, key, id, append([]string{"contest", cmp.Or(name, id)}, kv...)...)
	}
	if name == "" {
		say(Block, "contest_unnamed")
	}
	switch con.Kind {
	case election.CandidateContest:
		if con.Elected < 1 {
			say(Block, "elected")
		}
	case election.MeasureContest, election.RetentionContest, election.PartyContest:
	default:
		say(Block, "contest_kind", "kind", string(con.Kind))
	}
	if con.VotesAllowed < 1 {
		say(Block, "votes_allowed")
	}
	if con.District != "" && !c.districts[con.District] {
		c.missing("contest", id, "district", string(con.District))
	}
	if con.PrimaryParty != "" && !c.parties[con.PrimaryParty] {
		c.missing("contest", id, "party", string(con.PrimaryParty))
	}
	c.choices(con, say)
	c.thresholdOf(con, say)
}

func (c *checker) choices(con *election.Contest, say func(Level, string, ...string)) {
	if len(con.Choices) == 0 {
		say(Block, "no_choices")
		return
	}
	names := make(map[string]bool)
	yes, no, options, lines := 0, 0, 0, 0
	for i, ch := range con.Choices {
		name := ch.Name.String()
		if name == "" {
			say(Block, "choice_unnamed", "number", strconv.Itoa(i+1))
		}
		for _, p := range ch.Parties {
			if !c.parties[p] {
				c.missing("choice", string(ch.ID), "party", string(p))
			}
		}
		if k := fold(name) + "\x00" + joinList(ch.Parties); names[k] && !isGenericWriteIn(ch.Name) {
			say(Hold, "choice_twice", "choice", name)
		} else {
			names[k] = true
		}
		switch ch.Kind {
		case election.Yes:
			yes++
		case election.No:
			no++
		case election.Option:
			options++
		case election.Candidate, election.WriteIn, election.Ticket:
			lines++
		default:
			say(Block, "choice_kind", "choice", name, "kind", string(ch.Kind))
		}
	}
	question := con.Kind == election.MeasureContest || con.Kind == election.RetentionContest
	switch {
	case question && (yes == 0 || no == 0) && yes+no+options < 2:
		say(Block, "no_yes_no")
	case question && lines > 0:
		say(Hold, "measure_lines")
	case !question && yes+no > 0:
		say(Hold, "candidate_answers")
	}
	if con.Threshold != nil && yes == 0 {
		say(Block, "threshold_no_yes")
	}
	if con.Kind == election.CandidateContest && con.VotesAllowed > lines && !hasWriteIn(con) && con.Variation != election.Ranked {
		say(Warn, "few_choices", "allowed", strconv.Itoa(con.VotesAllowed), "choices", strconv.Itoa(lines))
	}
}

func hasWriteIn(con *election.Contest) bool {
	for _, ch := range con.Choices {
		if ch.Kind == election.WriteIn {
			return true
		}
	}
	return false
}

func (c *checker) thresholdOf(con *election.Contest, say func(Level, string, ...string)) {
	t := con.Threshold
	if t == nil {
		return
	}
	if t.Numerator <= 0 || t.Denominator <= 0 || t.Numerator > t.Denominator || t.Denominator > 1_000_000 || t.Of != "votes" && t.Of != "ballots" ||
		t.Over && t.Numerator == t.Denominator {
		say(Block, "threshold", "share", strconv.FormatInt(t.Numerator, 10)+"/"+strconv.FormatInt(t.Denominator, 10))
	}
}

// styles checks ballot styles.
func (c *checker) styles() {
	for _, s := range c.def.Styles {
		id := string(s.ID)
		if s.Party != "" && !c.parties[s.Party] {
			c.missing("style", id, "party", string(s.Party))
		}
		for _, u := range s.Units {
			if _, ok := c.tree.at[u]; !ok {
				c.missing("style", id, "unit", string(u))
			}
		}
		on := make(map[election.ContestID]bool, len(s.Contests))
		for _, con := range s.Contests {
			if _, ok := c.contestAt[con]; !ok {
				c.missing("style", id, "contest", string(con))
			}
			if on[con] {
				c.say(Block, "style_twice", id, "style", id, "contest", string(con))
			}
			on[con] = true
		}
		if len(s.Units) == 0 {
			c.say(Hold, "style_no_units", id, "style", cmp.Or(s.Name, id))
		}
		if len(s.Contests) == 0 {
			c.say(Hold, "style_no_contests", id, "style", cmp.Or(s.Name, id))
		}
		c.styleOrders(&s, on)
	}
}

func (c *checker) styleOrders(s *election.Style, on map[election.ContestID]bool) {
	for _, con := range sortedKeys(s.Orders) {
		at, ok := c.contestAt[con]
		if !ok || !on[con] {
			c.missing("style", string(s.ID), "contest", string(con))
			continue
		}
		have := indexOf(c.def.Contests[at].Choices, choiceID)
		for _, ch := range s.Orders[con] {
			if _, ok := have[ch]; !ok {
				c.missing("style", string(s.ID), "choice", string(ch))
			}
		}
	}
}

// ballots checks that every contest is on a ballot, and that every precinct has
// one. A definition made from results knows neither.
func (c *checker) ballots() {
	if c.def.Derived {
		return
	}
	onStyle := make(map[election.ContestID]bool)
	for _, s := range c.def.Styles {
		for _, con := range s.Contests {
			onStyle[con] = true
		}
	}
	lived := make(map[election.DistrictID]bool)
	for _, u := range c.def.Units {
		for _, d := range u.Districts {
			lived[d] = true
		}
	}
	for _, con := range c.def.Contests {
		if len(c.def.Styles) > 0 && !onStyle[con.ID] {
			c.say(Hold, "contest_no_style", string(con.ID), "contest", con.Name.String())
		}
		switch {
		case len(c.def.Styles) > 0 || lived[con.District]:
		case con.District == "":
			c.say(Hold, "contest_no_district", string(con.ID), "contest", con.Name.String())
		default:
			c.say(Hold, "contest_nowhere", string(con.ID), "contest", con.Name.String(), "district", string(con.District))
		}
	}
	if len(c.def.Styles) > 0 {
		c.uncovered()
	}
}

// uncovered lists the precincts that get no ballot style, neither themselves nor
// through a unit above or below them.
func (c *checker) uncovered() {
	covered := make([]bool, len(c.def.Units))
	for _, s := range c.def.Styles {
		for _, u := range s.Units {
			at, ok := c.tree.at[u]
			if !ok {
				continue
			}
			c.tree.walk(at, 0, func(u, _ int) { covered[u] = true })
			c.tree.above(at, func(u election.Unit) bool {
				covered[c.tree.at[u.ID]] = true
				return false
			})
		}
	}
	var bare []string
	for i, u := range c.def.Units {
		if covered[i] {
			continue
		}
		switch u.Type {
		case election.Precinct, election.SplitPrecinct, election.CombinedPrecinct:
			bare = append(bare, cmp.Or(u.Number, u.Name, string(u.ID)))
		}
	}
	if len(bare) > 0 {
		c.say(Hold, "no_style", "", "count", strconv.Itoa(len(bare)), "units", few(bare))
	}
}
