// SPDX-License-Identifier: Apache-2.0

package election

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Hash names the definition by its content: "sha256:" and 64 hexadecimal
// digits over its JSON. Order counts, the ballot's as much as the units':
// counts are kept by position, so what has the same hash has the same order.
func (d *Definition) Hash() string {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(d); err != nil {
		// Only NaN or an infinite coordinate cannot be written as JSON, and
		// nothing that came out of JSON holds one.
		return ""
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// LastClose returns the instant at which the last poll in scope closes: the
// latest closing time on the last day of voting over all places that take
// voters in person, each in its own time zone, and the election's own closing
// time. Nothing may be published before it.
func (d *Definition) LastClose() (time.Time, error) {
	if _, err := time.LoadLocation(d.Election.TimeZone); err != nil || d.Election.TimeZone == "" {
		return time.Time{}, fmt.Errorf("election %s: unknown time zone %q", d.Election.ID, d.Election.TimeZone)
	}
	last, err := closing(d.Election.End, d.Election.PollsClose, d.Election.Zone())
	if err != nil {
		return time.Time{}, fmt.Errorf("closing time of election %s: %w", d.Election.ID, err)
	}
	for _, p := range d.Places {
		if p.Kind == DropBox || p.Kind == Office {
			continue
		}
		at, err := p.Closes(d.Election)
		if err != nil {
			return time.Time{}, err
		}
		if at.After(last) {
			last = at
		}
	}
	return last, nil
}

// Closes returns when the place closes on the last day of voting; where its
// hours do not cover that day it returns the zero time.
func (p Place) Closes(e Election) (time.Time, error) {
	zone := e.Zone()
	if p.TimeZone != "" {
		loc, err := time.LoadLocation(p.TimeZone)
		if err != nil {
			return time.Time{}, fmt.Errorf("place %s: unknown time zone %q", p.ID, p.TimeZone)
		}
		zone = loc
	}
	var last time.Time
	for _, h := range p.Hours {
		if h.ByAppointment || h.Start > e.End || h.End < e.End {
			continue
		}
		at, err := closing(e.End, h.Close, zone)
		if err != nil {
			return time.Time{}, fmt.Errorf("closing time of place %s: %w", p.ID, err)
		}
		if at.After(last) {
			last = at
		}
	}
	return last, nil
}

func closing(day Date, clock string, loc *time.Location) (time.Time, error) {
	if clock == "" {
		clock = "24:00"
	}
	if clock == "24:00" {
		start, err := day.In(loc)
		return start.AddDate(0, 0, 1), err
	}
	return time.ParseInLocation(time.DateOnly+" 15:04", string(day)+" "+clock, loc)
}
