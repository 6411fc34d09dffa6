// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"fmt"
	"slices"
	"strings"
)

// Check tells what does not hang together in a report. Read has told some of
// it already (references, ids); Check also works for a report that never was
// a file, and looks further:
//
//   - every reference points to an element of the right class, and every id
//     is there once
//   - candidates, parties, people, offices, units and headers are used by
//     something. So are contests, where the election has ballot styles, and
//     choices, where a ballot style lists choices of that contest one by one;
//     a report that says nothing about ballots uses neither.
//   - no unit is part of itself
//   - nothing is counted twice: one number for each choice, unit, type, round
//     and device
func Check(rep *ElectionReport) []Problem {
	var problems []Problem
	c := &checker{
		refsOnly:  true,
		tell:      func(p Problem) { problems = append(problems, p) },
		used:      map[string]bool{},
		selection: map[string]bool{},
	}
	c.report(rep)
	c.unused(rep)
	c.cycles(rep.GpUnit)
	for i := range rep.Election {
		c.counts(&rep.Election[i])
	}
	byLine(problems)
	return problems
}

// unused tells of elements that nothing refers to.
func (c *checker) unused(rep *ElectionReport) {
	for i := range rep.GpUnit {
		c.use(rep.GpUnit[i].ID)
	}
	for i := range rep.Party {
		c.use(rep.Party[i].ID)
	}
	for i := range rep.Person {
		c.use(rep.Person[i].ID)
	}
	for i := range rep.Office {
		c.use(rep.Office[i].ID)
	}
	for i := range rep.Header {
		c.use(rep.Header[i].ID)
	}
	for i := range rep.Election {
		c.unusedIn(&rep.Election[i])
	}
}

// unusedIn looks at the candidates, contests and choices of an election.
func (c *checker) unusedIn(e *Election) {
	for i := range e.Candidate {
		c.use(e.Candidate[i].ID)
	}
	ballots := false
	for i := range e.BallotStyle {
		ballots = c.listed(e.BallotStyle[i].OrderedContent) || ballots
	}
	for i := range e.Contest {
		con := &e.Contest[i]
		if ballots {
			c.use(con.ID)
		}
		for k := range con.ContestSelection {
			if c.selection[con.ID] {
				c.use(con.ContestSelection[k].ID)
			}
		}
	}
}

// listed notes the contests whose choices a ballot lists, and says whether
// the ballot has any content.
func (c *checker) listed(content []OrderedContent) bool {
	for i := range content {
		o := &content[i]
		if len(o.OrderedContestSelectionIds) > 0 {
			c.selection[o.ContestId] = true
		}
		c.listed(o.OrderedContent)
	}
	return len(content) > 0
}

// use tells of an id that is not used.
func (c *checker) use(id string) {
	if id == "" || c.used[id] {
		return
	}
	el := c.ids[id]
	c.say(place{line: el.line, class: el.class, id: id}, "@id", RuleUnused, "nothing in the file refers to it")
}

// cycles tells of units that are part of themselves.
func (c *checker) cycles(units []GpUnit) {
	byID := make(map[string]*GpUnit, len(units))
	for i := range units {
		byID[units[i].ID] = &units[i]
	}
	done := map[string]bool{}
	for i := range units {
		c.follow(units[i].ID, byID, done)
	}
}

// step is a unit on the way down, and which of its parts comes next.
type step struct {
	id   string
	next int
	told bool // one circle is enough for a unit
}

// follow walks down from a unit through its parts. It keeps its own stack: a
// file decides how deep units go.
func (c *checker) follow(from string, byID map[string]*GpUnit, done map[string]bool) {
	way, on := []step{{id: from}}, map[string]bool{from: true}
	for len(way) > 0 {
		top := &way[len(way)-1]
		unit := byID[top.id]
		if done[top.id] || unit == nil || top.next == len(unit.ComposingGpUnitIds) {
			done[top.id] = true
			delete(on, top.id)
			way = way[:len(way)-1]
			continue
		}
		part := unit.ComposingGpUnitIds[top.next]
		top.next++
		if on[part] {
			if top.told {
				continue
			}
			top.told = true
			c.say(place{line: unit.Line, class: string(unit.Kind), id: unit.ID}, "ComposingGpUnitIds", RuleCycle,
				"a unit is part of itself: %s", circle(way, part))
			continue
		}
		if !done[part] {
			on[part] = true
			way = append(way, step{id: part})
		}
	}
}

// circle shows the way from a unit back to itself.
func circle(way []step, part string) string {
	start := slices.IndexFunc(way, func(s step) bool { return s.id == part })
	var names []string
	for _, s := range way[start:] {
		if len(names) == 6 {
			names = append(names, "…")
			break
		}
		names = append(names, s.id)
	}
	return strings.Join(append(names, part), " > ")
}

// countKey is what there may be only one number for.
type countKey struct {
	number    string // name of the field
	unit      string
	countType CountItemType
	otherType string
	round     Opt[int64]
	device    DeviceClass
}

// counts tells of things that are counted twice.
func (c *checker) counts(e *Election) {
	seen := make(map[countKey]int, len(e.BallotCounts))
	for i := range e.BallotCounts {
		b := &e.BallotCounts[i]
		k := countKey{unit: b.GpUnitId, countType: b.Type, otherType: b.OtherType, round: b.Round}.by(b.DeviceClass)
		at := place{line: b.Line, class: "BallotCounts"}
		c.once(seen, k, "BallotsCast", b.BallotsCast.Set, at)
		c.once(seen, k, "BallotsOutstanding", b.BallotsOutstanding.Set, at)
		c.once(seen, k, "BallotsRejected", b.BallotsRejected.Set, at)
	}
	for i := range e.Contest {
		c.others(&e.Contest[i])
		for k := range e.Contest[i].ContestSelection {
			c.votes(&e.Contest[i].ContestSelection[k])
		}
	}
}

// others looks at what else was counted in a contest.
func (c *checker) others(con *Contest) {
	seen := make(map[countKey]int, len(con.OtherCounts))
	for i := range con.OtherCounts {
		o := &con.OtherCounts[i]
		k := countKey{unit: o.GpUnitId}.by(o.DeviceClass)
		at := place{o.Line, "OtherCounts", con.ID}
		c.once(seen, k, "Overvotes", o.Overvotes.Set, at)
		c.once(seen, k, "Undervotes", o.Undervotes.Set, at)
		c.once(seen, k, "WriteIns", o.WriteIns.Set, at)
	}
}

// votes looks at the votes for one choice.
func (c *checker) votes(s *ContestSelection) {
	seen := make(map[countKey]int, len(s.VoteCounts))
	for i := range s.VoteCounts {
		v := &s.VoteCounts[i]
		k := countKey{unit: v.GpUnitId, countType: v.Type, otherType: v.OtherType, round: v.Round}.by(v.DeviceClass)
		c.once(seen, k, "Count", v.Count.Set, place{v.Line, "VoteCounts", s.ID})
	}
}

// by adds the device that counted.
func (k countKey) by(device *DeviceClass) countKey {
	if device != nil {
		k.device = *device
	}
	return k
}

// once tells of a number that was there before. A number that is absent, or
// of no unit, was told of while reading.
func (c *checker) once(seen map[countKey]int, k countKey, number string, set bool, at place) {
	if !set || k.unit == "" {
		return
	}
	k.number = number
	first, twice := seen[k]
	if !twice {
		seen[k] = at.line
		return
	}
	what := "unit " + k.unit
	if k.countType != "" {
		what += ", type " + string(k.countType)
	}
	if k.round.Set {
		what += fmt.Sprintf(", round %d", k.round.Value)
	}
	c.say(at, number, RuleDuplicateCount, "there is a second %s for %s%s", number, what, firstAt(first))
}

// firstAt says where the first of two is, when it is known.
func firstAt(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("; the first is on line %d", line)
}

// byLine puts problems in the order of the file.
func byLine(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
}
