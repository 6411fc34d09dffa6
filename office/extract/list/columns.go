// SPDX-License-Identifier: Apache-2.0

package list

import (
	"slices"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/office/registry/roll"
)

// Column is a column of a list. Its name is what office/registry/file calls it,
// so that what we write we read again.
type Column struct {
	Name    string
	Private bool // in no public file
	as      shape
	value   func(*Entry, election.Date) string
}

// shape is what the cells of a column hold.
type shape uint8

const (
	text shape = iota
	year
	day // YYYY-MM-DD
)

func of(name string, value func(*roll.Voter) string) Column {
	return Column{Name: name, value: func(e *Entry, _ election.Date) string { return value(e.Voter) }}
}

func (c Column) holds(s shape) Column { c.as = s; return c }
func (c Column) private() Column      { c.Private = true; return c }

// all are the columns that there are, in their order.
var all = []Column{
	of("voter_id", func(v *roll.Voter) string { return string(v.ID) }),
	of("name_prefix", func(v *roll.Voter) string { return v.Name.Prefix }),
	of("last_name", lastName),
	of("first_name", func(v *roll.Voter) string { return v.Name.First }),
	of("middle_name", func(v *roll.Voter) string { return v.Name.Middle }),
	of("name_suffix", func(v *roll.Voter) string { return v.Name.Suffix }),
	of("birth_year", birthYear).holds(year),
	of("birth_date", func(v *roll.Voter) string { return string(v.Birth) }).holds(day).private(),
	of("gender", func(v *roll.Voter) string { return v.Gender }),
	of("race", func(v *roll.Voter) string { return v.Race }),
	of("ethnicity", func(v *roll.Voter) string { return v.Ethnic }),
	of("party", func(v *roll.Voter) string { return string(v.Party) }),
	of("status", func(v *roll.Voter) string { return string(v.State) }),
	of("status_reason", func(v *roll.Voter) string { return string(v.Reason) }),
	of("status_date", func(v *roll.Voter) string { return string(v.Since) }).holds(day),
	of("registration_date", func(v *roll.Voter) string { return string(v.Registered) }).holds(day),
	of("source", func(v *roll.Voter) string { return string(v.Source) }),
	of("address", func(v *roll.Voter) string { return v.Home.Line() }),
	of("house_number", func(v *roll.Voter) string { return v.Home.Number }),
	of("street_direction", func(v *roll.Voter) string { return v.Home.Before }),
	of("street_name", func(v *roll.Voter) string { return v.Home.Street }),
	of("street_type", func(v *roll.Voter) string { return v.Home.Type }),
	of("street_post_direction", func(v *roll.Voter) string { return v.Home.After }),
	of("unit_type", func(v *roll.Voter) string { return v.Home.UnitKind }),
	of("unit", func(v *roll.Voter) string { return v.Home.Unit }),
	of("city", func(v *roll.Voter) string { return v.Home.City }),
	of("state", func(v *roll.Voter) string { return v.Home.State }),
	of("zip", func(v *roll.Voter) string { return v.Home.ZIP }),
	of("mail_address", func(v *roll.Voter) string { return mail(v).Line() }),
	of("mail_address_2", secondLine),
	of("mail_city", func(v *roll.Voter) string { return mail(v).City }),
	of("mail_state", func(v *roll.Voter) string { return mail(v).State }),
	of("mail_zip", func(v *roll.Voter) string { return mail(v).ZIP }),
	of("mail_country", func(v *roll.Voter) string { return mail(v).Country }),
	of("phone", func(v *roll.Voter) string { return reach(v, "phone") }).private(),
	of("email", func(v *roll.Voter) string { return reach(v, "email") }).private(),
	of("language", func(v *roll.Voter) string { return strings.Join(v.Langs, " ") }).private(),
	of("county", func(v *roll.Voter) string { return v.County }),
	of("precinct", func(v *roll.Voter) string { return string(v.Precinct) }),
	of("districts", districts),
	{Name: "ballot_by", value: wished(func(w *roll.Wish) string { return strings.Join(w.How, " ") })},
	{Name: "ballot_until", value: wished(until)},
	{Name: "ballot_election", value: wished(func(w *roll.Wish) string { return string(w.Election) })},
	{Name: "changed_on", as: day, value: func(e *Entry, _ election.Date) string { return string(max(e.From, e.Recorded)) }},
}

func wished(of func(*roll.Wish) string) func(*Entry, election.Date) string {
	return func(e *Entry, on election.Date) string {
		if w := wish(e.Voter, on); w != nil {
			return of(w)
		}
		return ""
	}
}

func until(w *roll.Wish) string {
	if w.Permanent {
		return "permanent"
	}
	return string(w.Until)
}

// Names of columns that one kind of list or another does without.
var (
	ofJury   = strings.Fields("last_name first_name middle_name name_suffix birth_year address city state zip")
	ofWishes = strings.Fields("ballot_by ballot_until ballot_election")
)

// Columns lists the columns that a kind of list may show. A jury list has no
// more than name, address and year of birth.
func Columns(k Kind) []Column {
	return slices.DeleteFunc(slices.Clone(all), func(c Column) bool {
		switch {
		case k == Jury:
			return !slices.Contains(ofJury, c.Name)
		case slices.Contains(ofWishes, c.Name):
			return k != Wishes
		case c.Name == "changed_on":
			return k != Changed
		}
		return k == Public && c.Private
	})
}

// usual are the columns that are shown where none are chosen: of lists that
// people walk or call with, what they need at a door.
func usual(k Kind) []string {
	short := strings.Fields("voter_id last_name first_name middle_name name_suffix birth_year party status address city state zip precinct")
	switch k {
	case Precinct, Street, Party:
		return short
	case Wishes:
		return append(short, append(slices.Clone(ofWishes), "mail_address", "mail_address_2", "mail_city", "mail_state", "mail_zip", "mail_country")...)
	case Changed:
		return append(short, "status_reason", "changed_on")
	case New:
		return append(short, "registration_date", "source")
	}
	var names []string
	for _, c := range Columns(k) {
		if !c.Private {
			names = append(names, c.Name)
		}
	}
	return names
}

// Usual says whether a column is shown where none are chosen.
func (c Column) Usual(k Kind) bool { return slices.Contains(usual(k), c.Name) }

// columns are the ones that are written, in their order.
func (c Choices) columns() []Column {
	names := c.Columns
	if len(names) == 0 {
		names = usual(c.List)
	}
	return slices.DeleteFunc(Columns(c.List), func(x Column) bool { return !slices.Contains(names, x.Name) })
}

func lastName(v *roll.Voter) string {
	if v.Name.Last == "" {
		return v.Name.Full
	}
	return v.Name.Last
}

func birthYear(v *roll.Voter) string {
	switch {
	case len(v.Birth) >= 4:
		return string(v.Birth[:4])
	case v.Year > 0:
		return strconv.Itoa(v.Year)
	}
	return ""
}

func reach(v *roll.Voter, kind string) string {
	for _, c := range v.Contact {
		if c.Kind == kind {
			return c.Value
		}
	}
	return ""
}

var nowhere roll.Address

func mail(v *roll.Voter) *roll.Address {
	if v.Mail == nil {
		return &nowhere
	}
	return v.Mail
}

// secondLine is what of a mailing address stands below the line of its street.
func secondLine(v *roll.Voter) string {
	m := mail(v)
	if m.Street == "" && m.Number == "" {
		return "" // all of it is in the first
	}
	return strings.Join(m.Lines, ", ")
}

func districts(v *roll.Voter) string {
	switch len(v.Districts) {
	case 0:
		return ""
	case 1:
		return string(v.Districts[0])
	}
	list := make([]string, len(v.Districts))
	for i, d := range v.Districts {
		list[i] = string(d)
	}
	return strings.Join(list, " ")
}

// shown is a voter with nothing but what the layouts of others may show: no
// identifiers, nothing of what they said of themselves, and of the birth the
// year, unless the day was chosen. Contacts are left out likewise.
func (c Choices) shown(v *roll.Voter) *roll.Voter {
	has := func(name string) bool {
		return c.List != Public && slices.Contains(c.Columns, name)
	}
	out := *v
	out.Identifiers, out.Assertions, out.Former, out.Contact, out.Wishes, out.Langs = nil, nil, nil, nil, nil, nil
	out.Document, out.Signature, out.Home.Point = "", "", nil
	if !has("birth_date") {
		if len(v.Birth) >= 4 {
			out.Year, _ = strconv.Atoi(string(v.Birth[:4])) // 0 says that it is not known
		}
		out.Birth = ""
	}
	for _, kind := range []string{"phone", "email"} {
		if value := reach(v, kind); value != "" && has(kind) {
			out.Contact = append(out.Contact, roll.Contact{Kind: kind, Value: value})
		}
	}
	return &out
}
