// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/geojson"
	"hustings/format/nisterr"
)

// placeOf makes a place of a unit that nothing is counted in: a polling place
// or vote center that says which precincts it serves.
func (x *nistUnits) placeOf(u *gpUnit, def *election.Definition, t *tree) election.Place {
	p := election.Place{ID: election.PlaceID(u.id), Name: nameOf(u.Name, u.id), Kind: u.place}
	// Others list every precinct where any voter may come; we list none.
	all := x.scope != nil && external(u.ExternalIdentifier, ourPlace) == "" && x.coversAll(u, t)
	for _, id := range u.ComposingGpUnitIds {
		part := x.byID[id]
		if part == nil || !x.inTree(part) || all {
			continue
		}
		p.Units = append(p.Units, election.UnitID(part.id))
	}
	if c := u.ContactInformation; c != nil {
		setAddress(&p, c.AddressLine)
		p.Directions = wording(c.Directions)
		if c.LatLng != nil {
			p.Lat, p.Lon, _ = point(c.LatLng.Latitude.Value, c.LatLng.Longitude.Value, c.LatLng.Latitude.Set && c.LatLng.Longitude.Set)
		}
		x.times.add(len(def.Places), x.openings(c.Schedule))
	}
	return p
}

// coversAll says whether a place serves every precinct there is.
func (x *nistUnits) coversAll(u *gpUnit, t *tree) bool {
	served := make(map[int]bool)
	for part := range x.below(u) {
		if at, ok := t.at[election.UnitID(part.id)]; ok && x.inTree(part) {
			t.leaves(at, func(leaf int) { served[leaf] = true })
		}
	}
	every := true
	if root, ok := t.at[election.UnitID(x.scope.id)]; ok {
		t.leaves(root, func(leaf int) { every = every && served[leaf] })
	}
	return every
}

// openings reads the schedules of a place. A weekday is looked up in the
// calendar.
func (x *nistUnits) openings(list []nisterr.Schedule) []opening {
	var out []opening
	for _, s := range list {
		for _, h := range s.Hours {
			open, offset, zoned, ok1 := clock(h.StartTime)
			shut, _, _, ok2 := clock(h.EndTime)
			if !ok1 || !ok2 {
				x.notes.at(h.Line, Warn, "bad_hours", "", "value", h.StartTime+"–"+h.EndTime)
				continue
			}
			o := opening{start: election.Date(s.StartDate), end: election.Date(s.EndDate), open: open, close: shut, offset: offset,
				zoned: zoned, appointment: s.IsOnlyByAppointment.Value}
			out = append(out, onDays(o, h.Day)...)
		}
	}
	return out
}

// onDays keeps the days of a run that fall on a weekday.
func onDays(o opening, day nisterr.DayType) []opening {
	wanted := weekdays(day)
	start, err1 := time.Parse(time.DateOnly, string(o.start))
	end, err2 := time.Parse(time.DateOnly, string(o.end))
	if wanted == nil || err1 != nil || err2 != nil {
		return []opening{o}
	}
	var out []opening
	for at, n := start, 0; !at.After(end) && n < maxRun; at, n = at.AddDate(0, 0, 1), n+1 {
		if wanted[at.Weekday()] {
			one := o
			one.start = election.DayOf(at)
			one.end = one.start
			out = append(out, one)
		}
	}
	return out
}

// weekdays are the days that a day type stands for, nil for all.
func weekdays(day nisterr.DayType) map[time.Weekday]bool {
	switch day {
	case nisterr.DayTypeAll, "":
		return nil
	case nisterr.DayTypeWeekend:
		return map[time.Weekday]bool{time.Saturday: true, time.Sunday: true}
	case nisterr.DayTypeWeekday:
		return map[time.Weekday]bool{time.Monday: true, time.Tuesday: true, time.Wednesday: true, time.Thursday: true, time.Friday: true}
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String(), string(day)) {
			return map[time.Weekday]bool{d: true}
		}
	}
	return nil
}

// shape takes a unit's boundary, where the report holds it as GeoJSON.
func (x *nistUnits) shape(def *election.Definition, u *gpUnit) {
	if u.SpatialDimension == nil || u.SpatialDimension.SpatialExtent == nil || !x.inTree(u) {
		return
	}
	extent := u.SpatialDimension.SpatialExtent
	if extent.Format != nisterr.GeoSpatialFormatGeoJson {
		x.notes.at(u.Line, Info, "shape_format", u.ID, "format", string(extent.Format), "unit", u.ID)
		return
	}
	c, _, err := geojson.Read(strings.NewReader(extent.Coordinates), geojson.Limits{})
	if err != nil {
		x.notes.at(u.Line, Warn, "shape_unread", u.ID, "unit", u.ID, "why", err.Error())
		return
	}
	s := election.Shape{Unit: election.UnitID(u.id)}
	for _, f := range c.Features {
		s.Polygons = append(s.Polygons, polygonsOf(f.Geometry)...)
	}
	if len(s.Polygons) > 0 {
		def.Shapes = append(def.Shapes, s)
	}
}

// placeUnits writes places as units of a report.
func (w *nistWriter) placeUnits() []nisterr.GpUnit {
	var out []nisterr.GpUnit
	for _, p := range w.def.Places {
		id := w.ids.take("pl", string(p.ID))
		u := nisterr.GpUnit{Kind: nisterr.ReportingUnit, ID: id, Name: nisterr.Text("en", p.Name),
			ExternalIdentifier: identifiers(nil, [2]string{ourPlace, string(p.Kind)}, [2]string{ourMark, changed(id, string(p.ID))}),
			ContactInformation: w.contact(p)}
		u.Type, u.OtherType = placeType(p.Kind)
		for _, unit := range p.Units {
			if xid, ok := w.units[unit]; ok {
				u.ComposingGpUnitIds = append(u.ComposingGpUnitIds, xid)
			}
		}
		out = append(out, u)
	}
	return out
}

// placeType is the kind of a place in the words of NIST, which has none for
// offices.
func placeType(kind election.PlaceKind) (nisterr.ReportingUnitType, string) {
	for t, k := range placeKinds {
		if k == kind {
			return t, ""
		}
	}
	if kind == election.EarlySite {
		return nisterr.ReportingUnitTypePollingPlace, ""
	}
	return nisterr.ReportingUnitTypeOther, string(kind)
}

// contact is a place's address, position and hours.
func (w *nistWriter) contact(p election.Place) *nisterr.ContactInformation {
	c := &nisterr.ContactInformation{AddressLine: addressLines(p), Directions: intl(p.Directions)}
	if lat, lon, ok := point(p.Lat, p.Lon, true); ok {
		c.LatLng = &nisterr.LatLng{Latitude: nisterr.Some(lat), Longitude: nisterr.Some(lon)}
	}
	for _, s := range schedules(p.Hours, zoneOf(p, w.def.Election)) {
		shut := strings.Replace(s.close, "24:00:00", "23:59:59", 1) // its JSON has no end of the day
		run := nisterr.Schedule{StartDate: string(s.start), EndDate: string(s.end), Hours: []nisterr.Hours{{StartTime: s.open, EndTime: shut}}}
		if s.appointment {
			run.IsOnlyByAppointment = nisterr.Some(true)
		}
		c.Schedule = append(c.Schedule, run)
	}
	if len(c.AddressLine) == 0 && c.Directions == nil && c.LatLng == nil && len(c.Schedule) == 0 {
		return nil
	}
	return c
}

// zoneOf is the time zone that a place's hours are in.
func zoneOf(p election.Place, e election.Election) *time.Location {
	if p.TimeZone != "" {
		if loc, err := time.LoadLocation(p.TimeZone); err == nil {
			return loc
		}
	}
	return e.Zone()
}

// extent writes a boundary into a report.
func extent(s election.Shape) *nisterr.SpatialDimension {
	var b bytes.Buffer
	b.WriteString(`{"type":"MultiPolygon","coordinates":[`)
	number := make([]byte, 0, 32)
	for i, poly := range s.Polygons {
		comma(&b, i)
		b.WriteByte('[')
		for k, ring := range poly {
			comma(&b, k)
			b.WriteByte('[')
			for j, pt := range ring {
				comma(&b, j)
				b.WriteByte('[')
				number = strconv.AppendFloat(number[:0], pt[0], 'f', -1, 64)
				number = append(number, ',')
				number = strconv.AppendFloat(number, pt[1], 'f', -1, 64)
				b.Write(number)
				b.WriteByte(']')
			}
			b.WriteByte(']')
		}
		b.WriteByte(']')
	}
	b.WriteString("]}")
	return &nisterr.SpatialDimension{SpatialExtent: &nisterr.SpatialExtent{Coordinates: b.String(), Format: nisterr.GeoSpatialFormatGeoJson}}
}

func comma(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

// changed is our id where the file has it in another form.
func changed(written, id string) string {
	if written == id {
		return ""
	}
	return id
}
