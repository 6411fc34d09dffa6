// SPDX-License-Identifier: Apache-2.0

package county

import (
	"time"

	"hustings/election"
)

const (
	stateCode  = "XX" // no state has it
	countyID   = election.UnitID("alder")
	countyName = "Alder County"
	openHour   = 7
	closeHour  = 19
)

func (c *County) election(day election.Date, zone string) election.Election {
	return election.Election{
		ID: election.ID(day + "-general"), Name: election.Text{"en": "General Election", "es": "Elecciones generales"},
		Type: election.General, Start: day, End: day,
		Jurisdiction: "ocd-division/country:us/state:xx/county:alder", State: stateCode, Scope: countyID,
		TimeZone: zone, PollsOpen: "07:00", PollsClose: "19:00",
	}
}

// on is a moment so many days from election day, in local time.
func (c *County) on(days, hour int) time.Time {
	t := c.closes
	return time.Date(t.Year(), t.Month(), t.Day()+days, hour, 0, 0, 0, t.Location())
}

// date is the day so many days from election day.
func (c *County) date(days int) election.Date {
	return election.DayOf(c.on(days, 12))
}

func (c *County) calendar() []election.Deadline {
	var out []election.Deadline
	for _, d := range []struct {
		kind       string
		days, hour int
		en, es     string
	}{
		{"registration", -15, 17, "Last day to register to vote", "Último día para inscribirse para votar"},
		{"early-voting-start", -14, 9, "Early voting begins", "Comienza la votación anticipada"},
		{"absentee-request", -11, 17, "Last day to ask for a mail ballot", "Último día para solicitar una boleta por correo"},
		{"early-voting-end", -3, 17, "Early voting ends", "Termina la votación anticipada"},
		{"election-day", 0, closeHour, "Polls close", "Cierran los centros de votación"},
		{"absentee-return", 0, closeHour, "Mail ballots must be in", "Las boletas por correo deben haber llegado"},
		{"signature-cure", 6, 17, "Last day to confirm a signature", "Último día para confirmar una firma"},
		{"canvass", 13, 9, "The canvass begins", "Comienza el escrutinio oficial"},
		{"certification", 20, 10, "Results are certified", "Se certifican los resultados"},
		{"recount-request", 25, 17, "Last day to ask for a recount", "Último día para solicitar un recuento"},
	} {
		out = append(out, election.Deadline{Kind: d.kind, Name: election.Text{"en": d.en, "es": d.es}, At: c.on(d.days, d.hour).UTC()})
	}
	return out
}
