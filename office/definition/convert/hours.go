// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hustings/election"
)

// opening is when a place is open on each day from start to end, as a file has
// it.
type opening struct {
	start, end  election.Date // empty where the file does not say
	open, close int           // seconds since midnight
	offset      int           // seconds east of UTC
	zoned       bool          // the file wrote the offset
	appointment bool
}

var clockForm = regexp.MustCompile(`^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$`)

// clock reads a time of day, with or without an offset: 07:00:00-05:00.
func clock(s string) (seconds, offset int, zoned, ok bool) {
	m := clockForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, 0, false, false
	}
	h, _ := strconv.Atoi(m[1])
	min, _ := strconv.Atoi(m[2])
	sec, _ := strconv.Atoi(m[3])
	seconds = h*3600 + min*60 + sec
	if min > 59 || sec > 59 || seconds > 86400 {
		return 0, 0, false, false
	}
	switch z := strings.ReplaceAll(m[4], ":", ""); {
	case z == "Z":
		return seconds, 0, true, true
	case z != "":
		zh, _ := strconv.Atoi(z[1:3])
		zm, _ := strconv.Atoi(z[3:])
		offset = zh*3600 + zm*60
		if z[0] == '-' {
			offset = -offset
		}
		return seconds, offset, true, true
	}
	return seconds, 0, false, true
}

// hourMinute writes seconds since midnight as 07:00; the end of the day is 24:00,
// which some files write as 23:59:59.
func hourMinute(seconds int) string {
	if seconds == 86399 {
		seconds++
	}
	return fmt.Sprintf("%02d:%02d", seconds/3600, seconds/60%60)
}

// minutes reads 07:00, and 24:00 for the end of the day.
func minutes(s string) (int, bool) {
	seconds, _, zoned, ok := clock(s)
	return seconds / 60, ok && !zoned && len(s) == 5
}

// hoursOf makes hours of openings: repetitions are dropped and days that follow
// one another with the same hours become one run.
func hoursOf(list []opening) []election.Hours {
	var out []election.Hours
	for _, o := range list {
		h := election.Hours{Start: o.start, End: o.end, Open: hourMinute(o.open), Close: hourMinute(o.close), ByAppointment: o.appointment}
		if h.End == "" {
			h.End = h.Start
		}
		if h.Start == "" {
			h.Start = h.End
		}
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(a, b election.Hours) int {
		return cmp.Or(cmp.Compare(a.Open, b.Open), cmp.Compare(a.Close, b.Close), compareBool(a.ByAppointment, b.ByAppointment),
			cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	merged := out[:0]
	for _, h := range out {
		if n := len(merged); n > 0 && follows(merged[n-1], h) {
			merged[n-1].End = max(merged[n-1].End, h.End)
			continue
		}
		merged = append(merged, h)
	}
	slices.SortStableFunc(merged, func(a, b election.Hours) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Open, b.Open))
	})
	return merged
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// follows says whether h goes on where prev ends, with the same hours.
func follows(prev, h election.Hours) bool {
	if prev.Open != h.Open || prev.Close != h.Close || prev.ByAppointment != h.ByAppointment {
		return false
	}
	return h.Start <= prev.End || h.Start == addDays(prev.End, 1)
}

// addDays is a date some days later; an empty or unreadable date stays.
func addDays(d election.Date, days int) election.Date {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return election.DayOf(at.AddDate(0, 0, days))
}

// timetable collects the openings of places until the time zone is settled.
type timetable struct {
	seen   map[dayOffset]int
	places []placeOpenings
}

type placeOpenings struct {
	place int // in def.Places
	list  []opening
}

func (t *timetable) add(place int, list []opening) {
	if len(list) == 0 {
		return
	}
	if t.seen == nil {
		t.seen = make(map[dayOffset]int)
	}
	for _, o := range list {
		if o.zoned && o.start != "" {
			t.seen[dayOffset{o.start, o.offset}]++
		}
	}
	t.places = append(t.places, placeOpenings{place, list})
}

// settle gives places their hours. Clocks stay as the file has them: where an
// offset is wrong for the zone, the clock is what the office meant, and a
// problem says so. With many counties a place may lie in another of the state's
// zones; then it names that zone.
func (t *timetable) settle(def *election.Definition, manyZones bool, n *notes) {
	zone := def.Election.Zone()
	st, _ := findState(def.Election.State)
	wrong := make(map[string][]string)
	for _, p := range t.places {
		place := &def.Places[p.place]
		place.Hours = hoursOf(p.list)
		if def.Election.TimeZone == "" || fits(p.list, zone) {
			continue
		}
		if manyZones {
			if name := otherZone(p.list, st.zones); name != "" {
				place.TimeZone = name
				continue
			}
		}
		offset := offsetText(firstWrong(p.list, zone))
		wrong[offset] = append(wrong[offset], string(place.ID))
	}
	for _, offset := range sortedKeys(wrong) {
		n.say(Warn, "hours_offset", "", "offset", offset, "zone", def.Election.TimeZone,
			"count", strconv.Itoa(len(wrong[offset])), "places", few(wrong[offset]))
	}
}

// fits says whether every offset of the openings is right in a zone.
func fits(list []opening, loc *time.Location) bool {
	for _, o := range list {
		if o.zoned && o.start != "" && offsetOn(o.start, loc) != o.offset {
			return false
		}
	}
	return true
}

func firstWrong(list []opening, loc *time.Location) int {
	for _, o := range list {
		if o.zoned && o.start != "" && offsetOn(o.start, loc) != o.offset {
			return o.offset
		}
	}
	return 0
}

// otherZone is the first of a state's zones in which all offsets are right.
func otherZone(list []opening, names []string) string {
	for _, name := range names {
		if loc, err := time.LoadLocation(name); err == nil && fits(list, loc) {
			return name
		}
	}
	return ""
}

func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60)
}

// schedule is a run of days with the same hours and the same offset, as files
// are written.
type schedule struct {
	start, end  election.Date
	open, close string // 07:00:00-07:00
	appointment bool
}

// schedules cuts hours where the clocks change, so that each run has one
// offset. Hours that cannot be read are left out; Check tells of them.
func schedules(list []election.Hours, loc *time.Location) []schedule {
	var out []schedule
	for _, h := range list {
		open, ok1 := minutes(h.Open)
		shut, ok2 := minutes(h.Close)
		if !ok1 || !ok2 {
			continue
		}
		for _, run := range sameOffset(h.Start, h.End, loc) {
			z := offsetText(offsetOn(run[0], loc))
			out = append(out, schedule{run[0], run[1], hourMinute(open*60) + ":00" + z, hourMinute(shut*60) + ":00" + z, h.ByAppointment})
		}
	}
	return out
}

// maxRun is the longest run of days that is looked at for changes of clocks.
const maxRun = 800

// sameOffset cuts a run of days where the offset from UTC changes.
func sameOffset(start, end election.Date, loc *time.Location) [][2]election.Date {
	runs := [][2]election.Date{{start, start}}
	if !validDate(start) || !validDate(end) || end < start {
		return [][2]election.Date{{start, end}}
	}
	offset := offsetOn(start, loc)
	for day, n := addDays(start, 1), 0; day <= end && n < maxRun; day, n = addDays(day, 1), n+1 {
		last := &runs[len(runs)-1]
		if now := offsetOn(day, loc); now != offset {
			offset = now
			runs = append(runs, [2]election.Date{day, day})
			continue
		}
		last[1] = day
	}
	runs[len(runs)-1][1] = end
	return runs
}

func validDate(d election.Date) bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}
