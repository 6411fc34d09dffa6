// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/fault"
)

// FederalElection is a day on which a federal office is voted on.
type FederalElection struct {
	Day     election.Date
	Primary bool
	Name    string // "" for a general election, whose day the law sets
}

// dayOf reads a day; the zero time for none.
func dayOf(d election.Date) time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// after is the day so many days after another.
func after(d election.Date, days int) election.Date {
	return election.DayOf(dayOf(d).AddDate(0, 0, days))
}

// general is the day of a year's general election for federal offices: the
// Tuesday next after the first Monday in November of every even-numbered year
// (2 U.S.C. 7).
func general(year int) election.Date {
	t := time.Date(year, 11, 1, 0, 0, 0, 0, time.UTC)
	for t.Weekday() != time.Monday {
		t = t.AddDate(0, 0, 1)
	}
	return election.DayOf(t.AddDate(0, 0, 1))
}

// nextGeneral is the first federal general election after a day.
func nextGeneral(after election.Date) election.Date {
	year := dayOf(after).Year()
	year += year & 1
	if d := general(year); d > after {
		return d
	}
	return general(year + 2)
}

// due is the first day on which somebody may be taken off the roll who has
// neither answered the notice sent on a day nor voted since. The wait begins
// with the notice and ends on the day after the second federal general election
// that comes after it: 52 U.S.C. 20507(d)(1)(B)(ii).
func due(notice election.Date) election.Date {
	return after(nextGeneral(nextGeneral(notice)), 2)
}

// quietDays is how long before a federal primary or general election no
// programme may take names off the roll: 52 U.S.C. 20507(c)(2)(A).
const quietDays = 90

// Quiet is a stretch in which nobody is taken off the roll by a programme.
type Quiet struct {
	From, Until election.Date
	Election    FederalElection
}

// quiet are the stretches around a day: those that it lies in, and those to
// come within a year. The generals are the law's own; primaries are what the
// office's calendar says.
func quiet(on election.Date, primaries []FederalElection) []Quiet {
	next := nextGeneral(after(on, -1))
	list := append(slices.Clone(primaries), FederalElection{Day: next})
	var out []Quiet
	for _, e := range list {
		if e.Day >= on && e.Day <= after(on, 366) && !slices.ContainsFunc(out, func(q Quiet) bool { return q.Until == e.Day }) {
			out = append(out, Quiet{From: after(e.Day, 1-quietDays), Until: e.Day, Election: e})
		}
	}
	slices.SortFunc(out, func(a, b Quiet) int { return strings.Compare(string(a.From), string(b.From)) })
	return out
}

// Quiets are the quiet stretches to come, and whether one holds today.
func (s *Upkeep) Quiets(ctx context.Context) (list []Quiet, now *Quiet, err error) {
	primaries, err := s.Elections.Primaries(ctx)
	if err != nil {
		return nil, nil, err
	}
	today := s.today()
	list = quiet(today, primaries)
	for i := range list {
		if list[i].From <= today && today <= list[i].Until {
			now = &list[i]
			break
		}
	}
	return list, now, nil
}

// errQuiet refuses a removal that a programme asks for.
func errQuiet(q *Quiet) error {
	return fault.New(fault.Conflict, "From %s until the federal election on %s no programme may take voters off the roll (52 U.S.C. 20507(c)(2)(A)). Nothing was changed.", string(q.From), string(q.Until))
}

// today is the day by the house's clock, in the office's time.
func (s *Upkeep) today() election.Date { return election.DayOf(s.Now().In(s.zone())) }

func (s *Upkeep) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}
