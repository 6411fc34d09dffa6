// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hustings/election"
	"hustings/office/extract/figure"
)

// Queue is what waits for somebody in a room of the house.
type Queue struct {
	Key    string // words key of what waits there
	Count  int64
	Oldest time.Time // zero where nothing waits
	Path   string    // where it is worked off
}

// Add adds what waits, and since when the oldest of it.
func (q *Queue) Add(n int64, oldest time.Time) {
	q.Count += n
	if n > 0 && (q.Oldest.IsZero() || oldest.Before(q.Oldest)) {
		q.Oldest = oldest
	}
}

// Deadline is a day that comes.
type Deadline struct {
	Key      string // words key of what happens on it
	Election string // its name
	Day      election.Date
}

// todayView is the registry's day.
type todayView struct {
	counts    Counted
	queues    []Queue
	deadlines []Deadline
	today     election.Date
	now       time.Time
	days      chart
	bars      []chart // by state, source, party, age
	map_      *precinctMap
	shades    []shade
	precincts []bar
}

// seeToday gathers what the page of the day shows.
func (s *Extract) seeToday(ctx context.Context, say speaker) (v todayView, err error) {
	v.today, v.now = s.today(), s.Now()
	if v.counts, err = s.Counts(ctx); err != nil {
		return v, err
	}
	if s.Queues != nil {
		if v.queues, err = s.Queues(ctx); err != nil {
			return v, err
		}
	}
	if s.Deadlines != nil {
		if v.deadlines, err = s.Deadlines(ctx); err != nil {
			return v, err
		}
		v.deadlines = slices.DeleteFunc(v.deadlines, func(d Deadline) bool { return d.Day < v.today })
		slices.SortStableFunc(v.deadlines, func(a, b Deadline) int { return cmp.Compare(a.Day, b.Day) })
	}
	if v.counts.At.IsZero() {
		return v, nil
	}
	v.days = say.days(v.counts.Counts)
	v.bars = []chart{say.states(v.counts.Counts), say.sources(v.counts.Counts), say.parties(v.counts.Counts), say.ages(v.counts.Counts)}
	v.precincts = say.precincts(v.counts.Counts)
	if v.map_, err = s.precinctMap(ctx); err != nil || v.map_ == nil {
		return v, err
	}
	v.shades = v.map_.shaded(func(unit string) int64 { return v.counts.Of(figure.Precinct, unit, figure.Registered...) })
	return v, nil
}

// Away is how many days a deadline is away.
func (v todayView) away(d election.Date) int64 {
	a, errA := time.Parse(time.DateOnly, string(v.today))
	b, errB := time.Parse(time.DateOnly, string(d))
	if errA != nil || errB != nil {
		return 0
	}
	return int64(b.Sub(a).Hours() / 24)
}

// waits is how many days the oldest of a queue has waited.
func (v todayView) waits(q Queue) int64 { return int64(v.now.Sub(q.Oldest).Hours() / 24) }
