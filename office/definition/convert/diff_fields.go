// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strconv"
	"strings"
	"time"

	"hustings/election"
)

// The fields of each noun, the name first. Everything that a definition says
// must be here: what is missing would change without being shown.

var electionFields = []field[election.Definition]{
	{"name", func(d election.Definition) string { return wordsOf(d.Election.Name) }},
	{"first day", func(d election.Definition) string { return string(d.Election.Start) }},
	{"last day", func(d election.Definition) string { return string(d.Election.End) }},
	{"time zone", func(d election.Definition) string { return d.Election.TimeZone }},
	{"polls open", func(d election.Definition) string { return d.Election.PollsOpen }},
	{"polls close", func(d election.Definition) string { return d.Election.PollsClose }},
	{"type", func(d election.Definition) string { return string(d.Election.Type) }},
	{"jurisdiction", func(d election.Definition) string { return d.Election.Jurisdiction }},
	{"state", func(d election.Definition) string { return d.Election.State }},
	{"scope", func(d election.Definition) string { return string(d.Election.Scope) }},
	{"deadlines", func(d election.Definition) string { return deadlinesText(d.Election) }},
	{"id", func(d election.Definition) string { return string(d.Election.ID) }},
	{"made from results", func(d election.Definition) string { return cellText(d.Derived) }},
}

func deadlinesText(e election.Election) string {
	var out []string
	for _, d := range e.Calendar {
		out = append(out, d.Kind+" ("+wordsOf(d.Name)+") "+d.At.In(e.Zone()).Format(time.RFC3339))
	}
	return strings.Join(out, "; ")
}

var contestFields = []field[election.Contest]{
	{"name", func(c election.Contest) string { return wordsOf(c.Name) }},
	{"kind", func(c election.Contest) string { return string(c.Kind) }},
	{"vote for", func(c election.Contest) string { return strconv.Itoa(c.VotesAllowed) }},
	{"elected", func(c election.Contest) string { return strconv.Itoa(c.Elected) }},
	{"variation", func(c election.Contest) string { return string(c.Variation) }},
	{"district", func(c election.Contest) string { return string(c.District) }},
	{"primary party", func(c election.Contest) string { return string(c.PrimaryParty) }},
	{"office", func(c election.Contest) string { return c.Office }},
	{"threshold", func(c election.Contest) string {
		if c.Threshold == nil {
			return ""
		}
		return thresholdText(*c.Threshold) + " (" + c.Threshold.Of + ")"
	}},
	{"question", func(c election.Contest) string { return wordsOf(c.Question) }},
	{"subtitle", func(c election.Contest) string { return wordsOf(c.Subtitle) }},
	{"holder", func(c election.Contest) string { return wordsOf(c.Holder) }},
	{"rotates", func(c election.Contest) string { return cellText(c.Rotates) }},
	{"codes", func(c election.Contest) string { return joinPairs(c.External) }},
}

var choiceFields = []field[election.Choice]{
	{"name", func(c election.Choice) string { return wordsOf(c.Name) }},
	{"kind", func(c election.Choice) string { return string(c.Kind) }},
	{"parties", func(c election.Choice) string { return joinList(c.Parties) }},
	{"ticket", func(c election.Choice) string {
		var out []string
		for _, t := range c.Ticket {
			out = append(out, wordsOf(t))
		}
		return strings.Join(out, " / ")
	}},
	{"incumbent", func(c election.Choice) string { return cellText(c.Incumbent) }},
	{"withdrawn", func(c election.Choice) string { return cellText(c.Withdrawn) }},
	{"codes", func(c election.Choice) string { return joinPairs(c.External) }},
}

var styleFields = []field[election.Style]{
	{"name", func(s election.Style) string {
		if s.Name == "" {
			return string(s.ID)
		}
		return s.Name
	}},
	{"contests", func(s election.Style) string { return joinList(s.Contests) }},
	{"units", func(s election.Style) string { return joinList(s.Units) }},
	{"party", func(s election.Style) string { return string(s.Party) }},
	{"orders", func(s election.Style) string { return joinPairs(ordersCell(s.Orders)) }},
}

var voteTypeFields = []field[election.VoteType]{
	{"name", func(t election.VoteType) string { return wordsOf(t.Name) }},
	{"item", func(t election.VoteType) string { return string(t.Item) }},
}

var partyFields = []field[election.Party]{
	{"name", func(p election.Party) string { return wordsOf(p.Name) }},
	{"abbreviation", func(p election.Party) string { return p.Abbr }},
	{"color", func(p election.Party) string { return p.Color }},
}

var districtFields = []field[election.District]{
	{"name", func(d election.District) string { return wordsOf(d.Name) }},
	{"type", func(d election.District) string { return d.Type }},
	{"number", func(d election.District) string { return d.Number }},
	{"codes", func(d election.District) string { return joinPairs(d.External) }},
}

var unitFields = []field[election.Unit]{
	{"name", func(u election.Unit) string { return u.Name }},
	{"type", func(u election.Unit) string { return string(u.Type) }},
	{"number", func(u election.Unit) string { return u.Number }},
	{"parent", func(u election.Unit) string { return string(u.Parent) }},
	{"districts", func(u election.Unit) string { return joinList(u.Districts) }},
	{"registered", func(u election.Unit) string { return cellText(u.Registered) }},
	{"mail only", func(u election.Unit) string { return cellText(u.MailOnly) }},
	{"former results", func(u election.Unit) string { return formerText(u.Former) }},
	{"codes", func(u election.Unit) string { return joinPairs(u.External) }},
}

func formerText(list []election.Former) string {
	var out []string
	for _, f := range list {
		votes := make(map[string]string, len(f.Votes))
		for p, n := range f.Votes {
			votes[p] = strconv.FormatInt(n, 10)
		}
		out = append(out, string(f.Election)+": registered "+strconv.FormatInt(f.Registered, 10)+", ballots "+strconv.FormatInt(f.Ballots, 10)+", "+joinPairs(votes))
	}
	return strings.Join(out, " | ")
}

var placeFields = []field[election.Place]{
	{"name", func(p election.Place) string { return p.Name }},
	{"kind", func(p election.Place) string { return string(p.Kind) }},
	{"address", func(p election.Place) string { return strings.Join(addressLines(p), ", ") }},
	{"hours", func(p election.Place) string { return hoursText(p.Hours) }},
	{"units", func(p election.Place) string { return joinList(p.Units) }},
	{"directions", func(p election.Place) string { return wordsOf(p.Directions) }},
	{"position", func(p election.Place) string {
		if p.Lat == 0 && p.Lon == 0 {
			return ""
		}
		return strconv.FormatFloat(p.Lat, 'f', -1, 64) + ", " + strconv.FormatFloat(p.Lon, 'f', -1, 64)
	}},
	{"time zone", func(p election.Place) string { return p.TimeZone }},
}

func hoursText(list []election.Hours) string {
	var out []string
	for _, h := range list {
		s := string(h.Start)
		if h.End != h.Start {
			s += "–" + string(h.End)
		}
		s += " " + h.Open + "–" + h.Close
		if h.ByAppointment {
			s += " by appointment"
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}
