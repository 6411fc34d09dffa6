// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"strings"

	"hustings/election"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
)

// asks is what a line of a programme asks for; "" with the reason where it asks
// for nothing.
func asks(kind Kind, l *Line) (Action, string) {
	event := strings.ToLower(l.Event)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(event, w) {
				return true
			}
		}
		return false
	}
	switch kind {
	case NCOA:
		switch {
		case l.Code == "00" || l.Code == "" && l.Move == "" && l.New == nil:
			return "", "no-move"
		case l.Code != "A" && l.Code != "91" && l.Code != "92" && l.Code != "":
			return "", "code"
		case l.Move == "B":
			return "", "business"
		}
		return Update, ""
	case ERIC:
		switch {
		case has("deceas", "death", "died"):
			return Propose, ""
		case l.Other != "" || has("duplicate"):
			return MergeIn, ""
		}
		return Update, ""
	case Deaths:
		return Propose, ""
	case Courts:
		switch {
		case has("restor", "discharg", "completed", "released"):
			return Restore, ""
		case has("convict", "felon", "sentenc", "incapac", "incompet"):
			return Propose, ""
		}
		return "", "unknown-event"
	case DMV:
		if has("surrender") {
			return Notify, ""
		}
		if l.New == nil && !has("move", "address") {
			return "", "no-move"
		}
		return Update, ""
	case Jury:
		return Notify, ""
	}
	return "", "unknown-event"
}

// reasonOf is the reason for which a cancellation is proposed.
func reasonOf(kind Kind, l *Line) roll.Reason {
	event := strings.ToLower(l.Event)
	switch {
	case kind == Courts && (strings.Contains(event, "incapac") || strings.Contains(event, "incompet")):
		return roll.Incapacity
	case kind == Courts:
		return roll.Felony
	}
	return roll.Deceased
}

// judged is what comes of a pair.
type judged struct {
	tier     match.Tier
	action   Action
	cautions []string
	drop     string // why nothing comes of it
}

// judge says what a line may mean for a voter. A tier can only become more
// careful here than the match was.
func judge(kind Kind, l *Line, v *roll.Voter, tier match.Tier, spot Spot, here bool) judged {
	j := judged{tier: tier}
	if j.action, j.drop = asks(kind, l); j.drop != "" {
		return j
	}
	if j.drop = needless(j.action, v); j.drop != "" {
		return j
	}
	if j.action == Update {
		j.moved(l, v, spot, here)
	}
	if j.drop != "" {
		return j
	}
	careful := func(is bool, why string) {
		if is {
			j.cautions = append(j.cautions, why)
			if j.tier == match.Auto {
				j.tier = match.Review
			}
		}
	}
	careful(v.Protected != "", "protected")
	careful(kind == Courts || kind == Jury || j.action == MergeIn, "by-hand")
	careful(l.Move == "F", "family")
	careful(l.Code == "91" || l.Code == "92", "unit")
	careful(kind != Courts && l.Day != "" && v.Since > l.Day && v.State != roll.Inactive, "newer")
	careful(j.action == Update && l.Day == "", "undated")
	careful(j.action == Propose && kind != Courts && !exact(l, v), "inexact")
	return j
}

// needless says why a voter in this state is in no need of an action.
func needless(a Action, v *roll.Voter) string {
	restored := v.State == roll.Cancelled && (v.Reason == roll.Felony || v.Reason == roll.Incapacity)
	switch {
	case a == Restore && !restored:
		return "not-cancelled"
	case a != Restore && (v.State == roll.Cancelled || v.State == roll.Denied):
		return "cancelled"
	case a == Notify && v.State == roll.Inactive:
		return "inactive"
	}
	return ""
}

// moved says what comes of a move: inside the jurisdiction the address is
// changed and the voter told (20507(c)(1)(B)(i) and (f)); whoever seems to have
// left is asked (20507(d)(2)).
func (j *judged) moved(l *Line, v *roll.Voter, spot Spot, here bool) {
	switch {
	case l.New == nil || !here:
		j.action = Notify
		j.drop = needless(Notify, v)
	case sameDoor(*l.New, v.Home):
		j.drop = "known"
	case !spot.Sure:
		j.action, j.cautions = Notify, append(j.cautions, "place")
		if j.tier == match.Auto {
			j.tier = match.Review
		}
		j.drop = needless(Notify, v)
	}
}

// sameDoor says whether two addresses are of one door.
func sameDoor(a, b roll.Address) bool {
	zip := func(z string) string { z, _, _ = strings.Cut(z, "-"); return z }
	return strings.EqualFold(a.Line(), b.Line()) && (zip(a.ZIP) == zip(b.ZIP) || a.ZIP == "" || b.ZIP == "")
}

// exact says whether name, day of birth and the last four digits of the social
// security number are all known and the same: only then may a death be proposed
// without a look at both records.
func exact(l *Line, v *roll.Voter) bool {
	four, theirs := l.Person.NumberOf(roll.SSN4), v.NumberOf(roll.SSN4)
	return !four.IsZero() && four.Equal(theirs) && l.Person.Birth != "" && l.Person.Birth == v.Birth &&
		strings.EqualFold(l.Person.Name.Last, v.Name.Last) && strings.EqualFold(l.Person.Name.First, v.Name.First)
}

// strata are where weights are cut for the sample by which a programme is
// measured; they lie closer where the tiers begin.
var strata = []float64{-3, 0, 3, match.AutoWeight, 10, 20}

// stratum is the stratum of a weight: 0 is below the first cut.
func stratum(weight float64) int {
	n := 0
	for n < len(strata) && weight >= strata[n] {
		n++
	}
	return n
}

// effective is from when a move holds: its own day, never one to come.
func effective(l *Line, today election.Date) election.Date {
	if l.Day == "" || l.Day > today {
		return today
	}
	return l.Day
}
