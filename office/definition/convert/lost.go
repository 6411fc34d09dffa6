// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strconv"
	"strings"

	"hustings/election"
)

// Lost says what of a definition the format of that name cannot carry.
func Lost(format string, def *election.Definition) []Problem {
	n := &notes{}
	say := func(level Level, key string, count int) {
		if count > 0 {
			n.say(level, key, "", "n", strconv.Itoa(count))
		}
	}
	switch {
	case strings.HasPrefix(format, "vip"):
		say(Info, "lost_styles", severalStyles(def))
		say(Info, "lost_vote_types", len(def.VoteTypes))
		say(Info, "lost_shapes", len(def.Shapes))
		say(Info, "lost_registered", countUnits(def, func(u election.Unit) bool { return u.Registered != nil }))
		say(Info, "lost_batches", countUnits(def, func(u election.Unit) bool { return u.Type == election.BallotBatch }))
		say(Info, "lost_former", countUnits(def, func(u election.Unit) bool { return len(u.Former) > 0 }))
		say(Info, "lost_deadlines", countOf(def.Election.Calendar, func(d election.Deadline) bool { return d.Kind != "registration" && d.Kind != "absentee-request" }))
		say(Info, "lost_offices", countOf(def.Places, func(p election.Place) bool { return p.Kind == election.Office }))
	case strings.HasPrefix(format, "nist"):
		say(Info, "lost_former", countUnits(def, func(u election.Unit) bool { return len(u.Former) > 0 }))
		say(Info, "lost_deadlines", len(def.Election.Calendar))
	case format == "spreadsheet":
		say(Info, "lost_shapes", len(def.Shapes))
	case format == "geojson":
		say(Info, "lost_all_but_shapes", len(def.Contests)+len(def.Styles)+len(def.Places))
	}
	return n.problems()
}

func countOf[T any](list []T, is func(T) bool) int {
	n := 0
	for _, v := range list {
		if is(v) {
			n++
		}
	}
	return n
}

func countUnits(def *election.Definition, is func(election.Unit) bool) int {
	return countOf(def.Units, is)
}

// severalStyles counts the precincts with more than one ballot style.
func severalStyles(def *election.Definition) int {
	t, of, n := treeOf(def), stylesOfUnits(def), 0
	for i, u := range def.Units {
		if len(t.kids[i]) == 0 && u.Type != election.BallotBatch && len(stylesAt(t, i, of)) > 1 {
			n++
		}
	}
	return n
}
