// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"hustings/election"
	"hustings/format/vip"
)

// openings reads the hours that an element points at.
func (r *vipReader) openings(id vip.ID) []opening {
	h := r.hours[id]
	if h == nil {
		return nil
	}
	var out []opening
	for _, s := range h.Schedules {
		for _, t := range s.Hours {
			if !t.StartTime.Set || !t.EndTime.Set {
				continue
			}
			o := opening{open: t.StartTime.Value.Seconds, close: t.EndTime.Value.Seconds, offset: t.StartTime.Value.Offset, zoned: true,
				appointment: s.IsOnlyByAppointment.Value}
			if !s.StartDate.IsZero() {
				o.start = election.Date(s.StartDate.String())
			}
			if !s.EndDate.IsZero() {
				o.end = election.Date(s.EndDate.String())
			}
			out = append(out, o)
		}
	}
	return out
}

// places makes places of the polling locations.
func (r *vipReader) places() {
	serves := make(map[vip.ID][]election.UnitID)
	wide := make(map[vip.ID]bool) // any voter of a locality or state
	only := len(r.feed.Localities) == 1
	for i := range r.feed.States {
		for _, p := range r.feed.States[i].PollingLocationIDs {
			wide[p] = true
		}
	}
	for i := range r.feed.Localities {
		l := &r.feed.Localities[i]
		for _, p := range l.PollingLocationIDs {
			wide[p] = true
			if !only {
				serves[p] = append(serves[p], r.units[l.ID])
			}
		}
	}
	for i := range r.feed.Precincts {
		pr := &r.feed.Precincts[i]
		for _, p := range pr.PollingLocationIDs {
			serves[p] = append(serves[p], r.units[pr.ID])
		}
	}
	for i := range r.feed.PollingLocations {
		l := &r.feed.PollingLocations[i]
		out := r.place(l, wide[l.ID] || len(serves[l.ID]) == 0)
		out.Units = slices.Clone(serves[l.ID])
		if !wide[l.ID] && len(out.Units) == 0 {
			r.notes.at(l.Line, Warn, "place_unassigned", string(l.ID), "place", cmp.Or(out.Name, string(out.ID)))
		}
		r.times.add(len(r.def.Places), r.dated(l, r.openings(l.HoursOpenID)))
		r.def.Places = append(r.def.Places, out)
	}
}

func (r *vipReader) place(l *vip.PollingLocation, wide bool) election.Place {
	p := election.Place{ID: election.PlaceID(unmarkID(string(l.ID))), Name: strings.TrimSpace(l.Name), Kind: election.PollingPlace, Directions: vipText(l.Directions)}
	switch {
	case l.IsDropBox.Value:
		p.Kind = election.DropBox
	case l.IsEarlyVoting.Value:
		p.Kind = election.EarlySite
	case wide:
		p.Kind = election.Center
	}
	if a := l.AddressStructured; a != nil {
		p.Line1, p.Line2 = strings.TrimSpace(a.Line1), strings.TrimSpace(a.Line2)
		if l3 := strings.TrimSpace(a.Line3); l3 != "" {
			p.Line2 = strings.TrimPrefix(p.Line2+", "+l3, ", ")
		}
		p.City, p.State, p.Zip = strings.TrimSpace(a.City), strings.TrimSpace(a.State), strings.TrimSpace(a.Zip)
	} else {
		setAddress(&p, l.AddressLines)
	}
	if p.Name == "" {
		p.Name = cmp.Or(p.Line1, string(p.ID))
	}
	if l.LatLng != nil {
		p.Lat, p.Lon, _ = point(l.LatLng.Latitude.Value, l.LatLng.Longitude.Value, l.LatLng.Latitude.Set && l.LatLng.Longitude.Set)
	}
	return p
}

// dated gives openings without a day the day of the election.
func (r *vipReader) dated(l *vip.PollingLocation, list []opening) []opening {
	for i, o := range list {
		if o.start == "" && o.end == "" {
			list[i].start, list[i].end = r.def.Election.End, r.def.Election.End
			r.notes.at(l.Line, Warn, "hours_undated", string(l.ID), "place", cmp.Or(l.Name, string(l.ID)))
		}
	}
	return list
}

// pollHours takes the hours of the polls from the places, where the feed says
// nothing of the whole election and every place says something of that day.
func (r *vipReader) pollHours() {
	e := &r.def.Election
	if e.PollsClose != "" {
		return
	}
	seen := make(map[[2]string]int)
	for _, p := range r.def.Places {
		if p.Kind != election.PollingPlace && p.Kind != election.Center {
			continue
		}
		open := false
		for _, h := range p.Hours {
			if h.Start <= e.End && e.End <= h.End && !h.ByAppointment {
				seen[[2]string{h.Open, h.Close}]++
				open = true
			}
		}
		if !open {
			return
		}
	}
	most := 0
	for _, hours := range slices.SortedFunc(maps.Keys(seen), func(a, b [2]string) int { return slices.Compare(b[:], a[:]) }) {
		if seen[hours] > most {
			most, e.PollsOpen, e.PollsClose = seen[hours], hours[0], hours[1]
		}
	}
	if most > 0 {
		r.notes.say(Info, "polls_from_places", "", "open", e.PollsOpen, "close", e.PollsClose)
	}
}
