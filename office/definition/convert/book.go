// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strconv"

	"hustings/election"
)

// bookSheet is one sheet of the spreadsheet.
type bookSheet struct {
	name    string
	also    []string // other names that it goes by
	columns []column
	rows    func(def *election.Definition, put func(cells ...any))
	take    func(r *bookRow, b *book)
}

// column is one column of a sheet.
type column struct {
	title string
	help  string
	list  []string // what it may say, where that is a list
}

// sheets are the sheets of the spreadsheet in the order in which an office
// fills them in. The cells that rows puts stand in the order of the columns.
var sheets = []bookSheet{
	{name: "election", columns: []column{
		{title: "ID", help: "lower-case letters, digits and hyphens; stands in addresses that never move, such as 2026-11-03-general"},
		{title: "Name", help: "add a column Name [es] for Spanish, and so on"},
		{title: "Type", list: []string{"general", "primary", "partisan-primary-open", "partisan-primary-closed", "runoff", "special", "other"}},
		{title: "Start", help: "first day of voting at the polls"}, {title: "End", help: "last day; the same as Start for a single day"},
		{title: "Jurisdiction", help: "OCD division id, such as ocd-division/country:us/state:az/county:maricopa"},
		{title: "State", help: "two letters"}, {title: "Scope", help: "id of the unit that contains all others"},
		{title: "Time zone", help: "such as America/Phoenix"},
		{title: "Polls open", help: "local time, such as 07:00, where no place says otherwise"}, {title: "Polls close"},
		{title: "Derived", help: "yes if it was made from results"}},
		rows: func(def *election.Definition, put func(...any)) {
			e := def.Election
			put(e.ID, e.Name, e.Type, e.Start, e.End, e.Jurisdiction, e.State, e.Scope, e.TimeZone, e.PollsOpen, e.PollsClose, def.Derived)
		},
		take: takeElection},
	{name: "parties", also: []string{"party"}, columns: []column{{title: "ID"}, {title: "Name"}, {title: "Abbreviation"}, {title: "Color", help: "six hexadecimal digits"}},
		rows: func(def *election.Definition, put func(...any)) {
			for _, p := range def.Parties {
				put(p.ID, p.Name, p.Abbr, p.Color)
			}
		},
		take: takeParty},
	{name: "districts", also: []string{"district"}, columns: []column{{title: "ID"}, {title: "Name"},
		{title: "Type", help: "as in NIST SP 1500-100: congressional, state-senate, state-house, school, city-council, county, city, judicial, special, other …"},
		{title: "Number"}, {title: "Codes", help: "of other systems: ocd-id=…; fips=…"}},
		rows: func(def *election.Definition, put func(...any)) {
			for _, d := range def.Districts {
				put(d.ID, d.Name, d.Type, d.Number, d.External)
			}
		},
		take: takeDistrict},
	{name: "precincts", also: []string{"precinct", "units", "unit"}, columns: []column{{title: "ID"},
		{title: "Type", list: []string{"state", "county", "city", "town", "ward", "precinct", "split-precinct", "combined-precinct", "vote-center", "polling-place", "ballot-batch", "other"}},
		{title: "Name"}, {title: "Number", help: "as printed on maps, with its zeros"}, {title: "Parent", help: "id of the unit that contains it; empty for the one that contains all"},
		{title: "Districts", help: "ids of the districts whose voters live here, with semicolons between"},
		{title: "Registered", help: "registered voters; empty where not known"}, {title: "Mail only", list: []string{"yes", "no"}}, {title: "Codes"}},
		rows: func(def *election.Definition, put func(...any)) {
			for _, u := range def.Units {
				put(u.ID, u.Type, u.Name, u.Number, u.Parent, u.Districts, u.Registered, u.MailOnly, u.External)
			}
		},
		take: takeUnit},
	{name: "contests", also: []string{"contest"}, columns: []column{{title: "ID"}, {title: "Name"},
		{title: "Kind", list: []string{"candidate", "measure", "retention", "party"}},
		{title: "Variation", list: []string{"plurality", "majority", "n-of-m", "rcv", "super-majority", "approval", "other"}, help: "how votes decide"},
		{title: "District", help: "id of the district"}, {title: "Votes allowed", help: "vote for how many; of ranked choice, how many ranks"},
		{title: "Elected", help: "seats to fill"}, {title: "Primary party", help: "id of the party in a primary"}, {title: "Office"},
		{title: "Threshold", help: "at which a measure passes: majority, 60%, two thirds, 60% of ballots cast"},
		{title: "Question", help: "full text of a measure"}, {title: "Subtitle"}, {title: "Holder", help: "of a retention: the office holder's name"},
		{title: "Rotates", list: []string{"yes", "no"}}, {title: "Codes"}},
		rows: putContests, take: takeContest},
	{name: "choices", also: []string{"choice", "candidates"}, columns: []column{{title: "Contest", help: "id of the contest"}, {title: "ID"}, {title: "Name", help: "as on the ballot"},
		{title: "Kind", list: []string{"candidate", "write-in", "yes", "no", "option", "party"}},
		{title: "Parties", help: "ids; several for a fusion line"}, {title: "Ticket", help: "names of a ticket's members, with a semicolon between"},
		{title: "Incumbent", list: []string{"yes", "no"}}, {title: "Withdrawn", list: []string{"yes", "no"}}, {title: "Codes"}},
		rows: func(def *election.Definition, put func(...any)) {
			for _, c := range def.Contests {
				for _, ch := range c.Choices {
					put(c.ID, ch.ID, ch.Name, ch.Kind, ch.Parties, ch.Ticket, ch.Incumbent, ch.Withdrawn, ch.External)
				}
			}
		},
		take: takeChoice},
	{name: "styles", also: []string{"style", "ballot_styles", "ballot styles"}, columns: []column{{title: "ID"}, {title: "Name"}, {title: "Party", help: "id, in a primary"},
		{title: "Units", help: "ids of the precincts or splits that get this ballot"}, {title: "Contests", help: "ids in the order of the ballot"},
		{title: "Orders", help: "where choices stand in another order: contest=choice\\; choice"}},
		rows: func(def *election.Definition, put func(...any)) {
			for _, s := range def.Styles {
				put(s.ID, s.Name, s.Party, s.Units, s.Contests, ordersCell(s.Orders))
			}
		},
		take: takeStyle},
	{name: "places", also: []string{"place", "polling_places", "polling places"}, columns: []column{{title: "ID"}, {title: "Name"},
		{title: "Kind", list: []string{"polling-place", "vote-center", "early-voting", "drop-box", "election-office"}},
		{title: "Line 1"}, {title: "Line 2"}, {title: "City"}, {title: "State"}, {title: "Zip"}, {title: "Directions"}, {title: "Latitude"}, {title: "Longitude"},
		{title: "Time zone", help: "where it differs from the election's"}, {title: "Units", help: "ids of the precincts assigned here; empty: any voter"}},
		rows: func(def *election.Definition, put func(...any)) {
			for _, p := range def.Places {
				put(p.ID, p.Name, p.Kind, p.Line1, p.Line2, p.City, p.State, p.Zip, p.Directions, p.Lat, p.Lon, p.TimeZone, p.Units)
			}
		},
		take: takePlace},
	{name: "hours", columns: []column{{title: "Place", help: "id of the place"}, {title: "Start", help: "first day"}, {title: "End", help: "last day"},
		{title: "Open", help: "07:00"}, {title: "Close", help: "19:00"}, {title: "By appointment", list: []string{"yes", "no"}}},
		rows: func(def *election.Definition, put func(...any)) {
			for _, p := range def.Places {
				for _, h := range p.Hours {
					put(p.ID, h.Start, h.End, h.Open, h.Close, h.ByAppointment)
				}
			}
		},
		take: takeHours},
	{name: "vote types", also: []string{"vote_types", "vote type", "vote_type"}, columns: []column{{title: "ID"}, {title: "Name"},
		{title: "Item", list: []string{"election-day", "early", "absentee", "absentee-mail", "absentee-in-person", "absentee-fwab", "uocava", "provisional", "write-in", "other"}}},
		rows: func(def *election.Definition, put func(...any)) {
			for _, t := range def.VoteTypes {
				put(t.ID, t.Name, t.Item)
			}
		},
		take: takeVoteType},
	{name: "deadlines", also: []string{"deadline", "calendar"}, columns: []column{
		{title: "Kind", help: "registration, absentee-request, absentee-return, canvass, certification, recount-request …"}, {title: "Name"},
		{title: "At", help: "2026-10-05 17:00, in the election's time zone; a day alone is its end"}},
		rows: func(def *election.Definition, put func(...any)) {
			for _, d := range def.Election.Calendar {
				put(d.Kind, d.Name, instantText(d.At, def.Election))
			}
		},
		take: takeDeadline},
	{name: "former", columns: []column{{title: "Unit"}, {title: "Election", help: "id of the earlier election"}, {title: "Registered"}, {title: "Ballots"},
		{title: "Votes", help: "of the top contest, by party: dem=812; rep=790"}},
		rows: putFormer, take: takeFormer},
}

func putContests(def *election.Definition, put func(...any)) {
	for _, c := range def.Contests {
		share := ""
		if c.Threshold != nil {
			share = thresholdText(*c.Threshold)
		}
		put(c.ID, c.Name, c.Kind, c.Variation, c.District, c.VotesAllowed, c.Elected, c.PrimaryParty, c.Office, share, c.Question, c.Subtitle, c.Holder, c.Rotates, c.External)
	}
}

func putFormer(def *election.Definition, put func(...any)) {
	for _, u := range def.Units {
		for _, f := range u.Former {
			votes := make(map[string]string, len(f.Votes))
			for p, n := range f.Votes {
				votes[p] = strconv.FormatInt(n, 10)
			}
			put(u.ID, f.Election, f.Registered, f.Ballots, votes)
		}
	}
}

func ordersCell(m map[election.ContestID][]election.ChoiceID) map[string]string {
	out := make(map[string]string, len(m))
	for c, list := range m {
		out[string(c)] = joinList(list)
	}
	return out
}
