// SPDX-License-Identifier: Apache-2.0

package county

import (
	"fmt"
	"slices"
	"strings"

	"hustings/election"
)

// The vote types, and their places in tables.
const (
	earlyType = iota
	mailType
	dayType
	provisionalType
	types
)

var voteTypes = []election.VoteType{
	{ID: "early", Name: election.Text{"en": "Early voting", "es": "Votación anticipada"}, Item: election.Early},
	{ID: "mail", Name: election.Text{"en": "Absentee by mail", "es": "Voto por correo"}, Item: election.AbsenteeMail},
	{ID: "election-day", Name: election.Text{"en": "Election day", "es": "Día de las elecciones"}, Item: election.ElectionDay},
	{ID: "provisional", Name: election.Text{"en": "Provisional", "es": "Voto provisional"}, Item: election.Provisional},
}

// addStyles gives every unit its ballot: the contests of its districts. Units
// with the same contests share a ballot style. In contests that rotate, every
// style begins with another candidate, so that nobody is always first.
func (c *County) addStyles() {
	at := make(map[string]int)
	for i := range c.leaves {
		l := &c.leaves[i]
		var contests []election.ContestID
		for r := range c.races {
			if slices.Contains(l.districts(), c.races[r].District) {
				l.races = append(l.races, r)
				contests = append(contests, c.races[r].ID)
			}
		}
		key := fmt.Sprint(contests)
		n, ok := at[key]
		if !ok {
			n = len(c.def.Styles)
			at[key] = n
			c.def.Styles = append(c.def.Styles, election.Style{ID: election.StyleID(fmt.Sprintf("s%02d", n+1)), Name: fmt.Sprintf("Style %d", n+1),
				Contests: contests, Orders: c.rotated(l.races, n)})
		}
		c.def.Styles[n].Units = append(c.def.Styles[n].Units, l.unit)
	}
}

// rotated is the order of choices of a style where it is not the contest's.
func (c *County) rotated(races []int, by int) map[election.ContestID][]election.ChoiceID {
	var out map[election.ContestID][]election.ChoiceID
	for _, r := range races {
		con := c.races[r].Contest
		printed := slices.IndexFunc(con.Choices, func(ch election.Choice) bool { return ch.Kind == election.WriteIn })
		if !con.Rotates || by%printed == 0 {
			continue
		}
		var order []election.ChoiceID
		for i := range con.Choices {
			k := i
			if i < printed { // names that are written in stay last
				k = (i + by) % printed
			}
			order = append(order, con.Choices[k].ID)
		}
		if out == nil {
			out = make(map[election.ContestID][]election.ChoiceID)
		}
		out[con.ID] = order
	}
	return out
}

// partyAbbr is how tabulators write the parties of a choice: the first one.
func partyAbbr(ch election.Choice) string {
	if len(ch.Parties) == 0 {
		return ""
	}
	i := slices.IndexFunc(parties, func(p election.Party) bool { return p.ID == ch.Parties[0] })
	return strings.ToUpper(parties[i].Abbr)
}
