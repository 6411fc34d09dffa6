// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strconv"

	"hustings/election"
)

func takeElection(r *bookRow, b *book) {
	e := &b.def.Election
	if e.ID != "" {
		r.bad(Block, "one_election", "ID", r.str("id"))
		return
	}
	e.Name, e.Type = r.text("name"), election.Type(r.code("type"))
	e.Start, e.End = day(r.str("start")), day(r.str("end"))
	if e.End == "" {
		e.End = e.Start
	}
	e.Jurisdiction, e.State, e.Scope = r.str("jurisdiction"), r.str("state"), election.UnitID(r.str("scope"))
	e.TimeZone, e.PollsOpen, e.PollsClose = r.str("time_zone"), timeOfDay(r.str("polls_open")), timeOfDay(r.str("polls_close"))
	if st, ok := findState(e.State); ok {
		e.State = st.code
		if e.TimeZone == "" && b.base == nil {
			e.TimeZone = st.zones[0]
		}
	}
	b.def.Derived = r.yes("derived")
	e.ID = election.ID(r.str("id"))
	if e.ID == "" {
		e.ID = electionID(e.End, e.Type, e.Name.String())
	}
}

func takeParty(r *bookRow, b *book) {
	p := election.Party{Name: r.text("name"), Abbr: r.str("abbreviation"), Color: r.str("color")}
	p.ID = election.PartyID(b.id(r, "party", "id", first(p.Abbr, p.Name.String())))
	b.def.Parties = append(b.def.Parties, p)
}

func takeDistrict(r *bookRow, b *book) {
	d := election.District{Name: r.text("name"), Type: r.code("type"), Number: r.str("number"), External: splitPairs(r.str("codes"))}
	d.ID = election.DistrictID(b.id(r, "district", "id", first(d.Name.String(), d.Type+" "+d.Number)))
	d.Name = orElse(d.Name, election.T(string(d.ID)))
	if d.Type == "" {
		d.Type = "other"
	}
	b.def.Districts = append(b.def.Districts, d)
}

func takeUnit(r *bookRow, b *book) {
	u := election.Unit{Type: election.UnitType(r.code("type")), Name: r.str("name"), Number: r.str("number"), Parent: election.UnitID(r.str("parent")),
		Districts: splitList[election.DistrictID](r.str("districts")), Registered: r.count("Registered"), MailOnly: r.yes("mail_only"), External: splitPairs(r.str("codes"))}
	u.ID = election.UnitID(b.id(r, "unit", "id", string(u.Parent), first(u.Number, u.Name)))
	u.Name = first(u.Name, u.Number, string(u.ID))
	if u.Type == "" {
		u.Type = election.Precinct
	}
	b.def.Units = append(b.def.Units, u)
}

func takeContest(r *bookRow, b *book) {
	c := election.Contest{Name: r.text("name"), Kind: election.ContestKind(r.code("kind")), Variation: election.Variation(r.code("variation")),
		District: election.DistrictID(r.str("district")), VotesAllowed: r.whole("Votes allowed", 0), Elected: r.whole("Elected", 0),
		PrimaryParty: election.PartyID(r.str("primary_party")), Office: r.str("office"), Question: r.text("question"), Subtitle: r.text("subtitle"),
		Holder: r.text("holder"), Rotates: r.yes("rotates"), External: splitPairs(r.str("codes"))}
	c.ID = election.ContestID(b.id(r, "contest", "id", c.Name.String(), string(c.PrimaryParty)))
	c.Name = orElse(c.Name, plainText(c.Office), election.T(string(c.ID)))
	if c.Kind == "" {
		c.Kind = election.CandidateContest
	}
	if s := r.str("threshold"); s != "" {
		if t, ok := threshold(s); ok {
			c.Threshold = &t
		} else {
			r.bad(Hold, "threshold_unread", "Threshold", s, "contest", c.Name.String(), "text", s)
		}
	}
	complete(&c)
	b.def.Contests = append(b.def.Contests, c)
}

func takeChoice(r *bookRow, b *book) {
	ch := election.Choice{Name: r.text("name"), Kind: election.ChoiceKind(r.code("kind")), Parties: splitList[election.PartyID](r.str("parties")),
		Ticket: r.ticket(), Incumbent: r.yes("incumbent"), Withdrawn: r.yes("withdrawn"), External: splitPairs(r.str("codes"))}
	contest := r.str("contest")
	ch.ID = election.ChoiceID(b.id(r, "choice of "+contest, "id", ch.Name.String()))
	ch.Name = orElse(ch.Name, election.T(string(ch.ID)))
	b.choices = append(b.choices, looseChoice{r.rowAt, contest, ch})
}

// ticket reads the names of a ticket's members, a column for each language.
func (r *bookRow) ticket() []election.Text {
	var out []election.Text
	for _, lang := range sortedKeys(r.columns["ticket"]) {
		cell := r.row.Cell(r.columns["ticket"][lang])
		if cell == "" {
			continue
		}
		for i, part := range cut(cell, ';') {
			for len(out) <= i {
				out = append(out, nil)
			}
			if name := unescape(part); name != "" {
				if out[i] == nil {
					out[i] = make(election.Text)
				}
				out[i][lang] = name
			}
		}
	}
	return out
}

func takeStyle(r *bookRow, b *book) {
	s := election.Style{Name: r.str("name"), Party: election.PartyID(r.str("party")), Units: splitList[election.UnitID](r.str("units")),
		Contests: splitList[election.ContestID](r.str("contests"))}
	s.ID = election.StyleID(b.id(r, "style", "id", s.Name))
	for contest, list := range splitPairs(r.str("orders")) {
		if s.Orders == nil {
			s.Orders = make(map[election.ContestID][]election.ChoiceID)
		}
		s.Orders[election.ContestID(contest)] = splitList[election.ChoiceID](list)
	}
	b.def.Styles = append(b.def.Styles, s)
}

func takePlace(r *bookRow, b *book) {
	p := election.Place{Name: r.str("name"), Kind: election.PlaceKind(r.code("kind")), Line1: r.str("line_1"), Line2: r.str("line_2"), City: r.str("city"),
		State: r.str("state"), Zip: r.str("zip"), Directions: r.text("directions"), Lat: r.number("Latitude"), Lon: r.number("Longitude"),
		TimeZone: r.str("time_zone"), Units: splitList[election.UnitID](r.str("units"))}
	p.ID = election.PlaceID(b.id(r, "place", "id", p.Name))
	p.Name = first(p.Name, p.Line1, string(p.ID))
	if p.Kind == "" {
		p.Kind = election.PollingPlace
		if len(p.Units) == 0 {
			p.Kind = election.Center
		}
	}
	b.def.Places = append(b.def.Places, p)
}

func takeHours(r *bookRow, b *book) {
	h := election.Hours{Start: day(r.str("start")), End: day(r.str("end")), Open: timeOfDay(r.str("open")), Close: timeOfDay(r.str("close")), ByAppointment: r.yes("by_appointment")}
	if h.End == "" {
		h.End = h.Start
	}
	b.hours = append(b.hours, looseHours{r.rowAt, r.str("place"), h})
}

func takeVoteType(r *bookRow, b *book) {
	t := election.VoteType{Name: r.text("name"), Item: election.CountItem(r.code("item"))}
	t.ID = election.VoteTypeID(b.id(r, "vote-type", "id", first(t.Name.String(), string(t.Item))))
	t.Name = orElse(t.Name, election.T(string(t.ID)))
	b.def.VoteTypes = append(b.def.VoteTypes, t)
}

func takeDeadline(r *bookRow, b *book) {
	b.dates = append(b.dates, looseDeadline{r.rowAt, election.Deadline{Kind: r.code("kind"), Name: r.text("name")}, r.str("at")})
}

func takeFormer(r *bookRow, b *book) {
	f := election.Former{Election: election.ID(r.str("election"))}
	if n := r.count("Registered"); n != nil {
		f.Registered = *n
	}
	if n := r.count("Ballots"); n != nil {
		f.Ballots = *n
	}
	for party, s := range splitPairs(r.str("votes")) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			r.bad(Warn, "cell_number", "Votes", s)
			continue
		}
		if f.Votes == nil {
			f.Votes = make(map[string]int64)
		}
		f.Votes[party] = n
	}
	b.former = append(b.former, looseFormer{r.rowAt, r.str("unit"), f})
}
