// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"time"

	"hustings/election"
	"hustings/office/registry/roll"
)

// Eligibility is what somebody's age lets them do.
type Eligibility struct {
	May   roll.Ask      // to register or to pre-register; "" for neither
	Turns election.Date // when they are of age
	From  election.Date // from when on they may do the one or the other, where they may not yet
}

// Eligible says what somebody who was born on a day may ask for today. next are
// the days of elections to come; the next general election need not be among
// them. ok is false for a birth date that is none.
func (r *Rules) Eligible(birth, today election.Date, next []election.Date) (e Eligibility, ok bool) {
	born, err := time.Parse(time.DateOnly, string(birth))
	now, bad := time.Parse(time.DateOnly, string(today))
	if err != nil || bad != nil || born.After(now) {
		return e, false
	}
	e.Turns = election.DayOf(born.AddDate(r.Age, 0, 0))
	if e.Turns <= r.ageDay(today, next) {
		e.May = roll.ToRegister
		return e, true
	}
	e.From = e.Turns
	if r.PreRegister != (Age{}) {
		if e.From = election.DayOf(born.AddDate(r.PreRegister.Years, r.PreRegister.Months, 0)); e.From <= today {
			e.May, e.From = roll.ToPreRegister, ""
		}
	}
	return e, true
}

// ageDay is the day on which whoever registers today must be of age.
func (r *Rules) ageDay(today election.Date, next []election.Date) election.Date {
	general := NextGeneral(today)
	switch r.AgeBy {
	case ByGeneral:
		return general
	case ByElection:
		for _, d := range next {
			if d >= today {
				general = min(general, d)
			}
		}
		return general
	}
	return today
}

// NextGeneral is the day of the next federal general election: the Tuesday
// after the first Monday of November of an even year. 2 U.S.C. 7
func NextGeneral(today election.Date) election.Date {
	t, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return today
	}
	for year := t.Year() + t.Year()%2; ; year += 2 {
		if d := election.DayOf(nth(year, time.November, time.Monday, 1).AddDate(0, 0, 1)); d >= today {
			return d
		}
	}
}

// methods are the ways of the sources that have a deadline of their own. Agencies
// and drives take a form in person.
var methods = map[roll.Source]Method{roll.ByInternet: Online, roll.ByMail: Mail, roll.ByEmail: Mail, roll.ByFax: Mail}

// Deadline is the last day on which a registration counts for an election, by
// where it came from; ok is false where the law knows none, as in a state
// without registration.
func (r *Rules) Deadline(e election.Date, from roll.Source) (last election.Date, ok bool) {
	how, known := methods[from]
	if !known {
		how = InPerson
	}
	d, ok := r.Cut(how)
	if !ok {
		return "", false
	}
	at, err := time.Parse(time.DateOnly, string(e))
	if err != nil {
		return "", false
	}
	at = at.AddDate(0, 0, -d.Days)
	for d.Moves == Next && !working(at) {
		at = at.AddDate(0, 0, 1)
	}
	return min(election.DayOf(at), e), true
}

// Cut is the deadline for one way to register.
func (r *Rules) Cut(how Method) (d Deadline, ok bool) {
	i := slices.IndexFunc(r.Deadlines, func(d Deadline) bool { return d.How == how })
	if i < 0 {
		return d, false
	}
	return r.Deadlines[i], true
}

// AtOnce are the days on which one may register in person and vote at once.
func (r *Rules) AtOnce(e election.Date) (from, to election.Date, ok bool) {
	at, err := time.Parse(time.DateOnly, string(e))
	if r.SameDay == nil || err != nil {
		return "", "", false
	}
	return election.DayOf(at.AddDate(0, 0, -r.SameDay.From)), election.DayOf(at.AddDate(0, 0, -r.SameDay.To)), true
}

// nth is the nth weekday of a month.
func nth(year int, m time.Month, w time.Weekday, n int) time.Time {
	first := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, (int(w)-int(first.Weekday())+7)%7+7*(n-1))
}

// working says whether a day is neither of a weekend nor a federal holiday.
// 5 U.S.C. 6103(a)
func working(t time.Time) bool {
	if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || holiday(t) {
		return false
	}
	// One on a Saturday is kept on the Friday before, one on a Sunday on the
	// Monday after. 5 U.S.C. 6103(b), E.O. 11582
	return !(t.Weekday() == time.Friday && holiday(t.AddDate(0, 0, 1))) && !(t.Weekday() == time.Monday && holiday(t.AddDate(0, 0, -1)))
}

// holiday says whether a day is a federal holiday by its date.
func holiday(t time.Time) bool {
	y, m, d := t.Date()
	switch m {
	case time.January:
		return d == 1 || same(t, nth(y, m, time.Monday, 3))
	case time.February:
		return same(t, nth(y, m, time.Monday, 3))
	case time.May:
		return t.Weekday() == time.Monday && d > 24
	case time.June:
		return d == 19
	case time.July:
		return d == 4
	case time.September:
		return same(t, nth(y, m, time.Monday, 1))
	case time.October:
		return same(t, nth(y, m, time.Monday, 2))
	case time.November:
		return d == 11 || same(t, nth(y, m, time.Thursday, 4))
	case time.December:
		return d == 25
	}
	return false
}

func same(a, b time.Time) bool { return a.Month() == b.Month() && a.Day() == b.Day() }
