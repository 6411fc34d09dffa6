// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ID names an element within one feed (xs:ID), or points at one (xs:IDREF).
type ID string

// Opt is a value that a feed may leave out. The zero Opt is left out, and its
// Value is then what the specification tells readers to assume (false for
// every optional yes-or-no but Election.IsStatewide).
type Opt[T any] struct {
	Value T
	Set   bool
}

// Some is a value that is there.
func Some[T any](v T) Opt[T] { return Opt[T]{Value: v, Set: true} }

// Date is a calendar day without a time zone. The zero Date is left out.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// IsZero tells whether the date was left out.
func (d Date) IsZero() bool { return d == Date{} }

// String writes the date as 2020-11-03, and a date left out as nothing.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// Before tells whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.In(time.UTC).Before(e.In(time.UTC)) }

// In is midnight at the start of the day in a time zone.
func (d Date) In(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// ParseDate reads an xs:date: 2020-11-03, where a zone (2020-11-03-07:00) is
// allowed and dropped, for an election day is a day on the wall calendar.
func ParseDate(s string) (Date, error) {
	d, ok := readDay(s)
	if ok && len(s) > 10 {
		_, ok = readOffset(s[10:])
	}
	if !ok {
		return Date{}, fmt.Errorf("%q is not a date; write it as 2020-11-03", clip(s))
	}
	return d, nil
}

// readDay reads the first ten letters as a day. Statewide feeds hold so many
// dates that time.Parse would be the slowest part of reading them.
func readDay(s string) (Date, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return Date{}, false
	}
	century, ok1 := twoDigits(s[0:2])
	year, ok2 := twoDigits(s[2:4])
	month, ok3 := twoDigits(s[5:7])
	day, ok4 := twoDigits(s[8:10])
	d := Date{century*100 + year, time.Month(month), day}
	return d, ok1 && ok2 && ok3 && ok4 && d.isReal()
}

// isReal tells whether the calendar has the day, in a year that XML can write.
func (d Date) isReal() bool {
	t := d.In(time.UTC)
	return t.Day() == d.Day && t.Month() == d.Month && d.Year >= 1 && d.Year <= 9999
}

// parseUSDate reads 11/3/2020, 11-03-2020 and the like, which the CSV samples
// of the specification themselves use.
func parseUSDate(s string) (Date, bool) {
	for _, layout := range []string{"1/2/2006", "1-2-2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 {
			return Date{t.Year(), t.Month(), t.Day()}, true
		}
	}
	return Date{}, false
}

// DateTime is an xs:dateTime. Feeds often leave the zone out; Time is then in
// UTC and NoZone is true. The zero DateTime is left out.
type DateTime struct {
	Time   time.Time
	NoZone bool
}

// IsZero tells whether the time was left out.
func (t DateTime) IsZero() bool { return t.Time.IsZero() }

// Equal tells whether two times are the same moment, written with the same
// offset or both without.
func (t DateTime) Equal(u DateTime) bool { return t.String() == u.String() }

// String writes the time as the feed would.
func (t DateTime) String() string {
	switch {
	case t.IsZero():
		return ""
	case t.NoZone:
		return t.Time.Format("2006-01-02T15:04:05.999999999")
	}
	return t.Time.Format(time.RFC3339Nano)
}

// ParseDateTime reads an xs:dateTime, with or without a zone.
func ParseDateTime(s string) (DateTime, error) {
	if t, err := time.Parse("2006-01-02T15:04:05.999999999", s); err == nil && t.Year() > 0 {
		return DateTime{Time: t, NoZone: true}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() == 0 {
		return DateTime{}, fmt.Errorf("%q is not a date and time; write it as 2020-10-24T14:25:28 or 2020-10-24T14:25:28-07:00", clip(s))
	}
	_, offset := t.Zone()
	if offset == 0 {
		t = t.UTC()
	} else {
		t = t.In(time.FixedZone("", offset))
	}
	return DateTime{Time: t}, nil
}

// TimeWithZone is a time of day with its offset from UTC: 06:00:00-07:00.
type TimeWithZone struct {
	Seconds int // since midnight, 0 to 86400; 24:00:00 is the end of the day
	Offset  int // seconds east of UTC
}

// ParseTimeWithZone reads 06:00:00-07:00, 06:00:00Z and 24:00:00-05:00, to the
// letter of the schema: two digits each, and the zone is required.
func ParseTimeWithZone(s string) (TimeWithZone, error) {
	t, ok := readTime(s)
	if !ok {
		return t, fmt.Errorf("%q is not a time with a zone; write it as 06:00:00-07:00", clip(s))
	}
	return t, nil
}

func readTime(s string) (TimeWithZone, bool) {
	if len(s) < 9 || s[2] != ':' || s[5] != ':' {
		return TimeWithZone{}, false
	}
	h, ok1 := twoDigits(s[0:2])
	m, ok2 := twoDigits(s[3:5])
	sec, ok3 := twoDigits(s[6:8])
	offset, ok4 := readOffset(s[8:])
	if !ok1 || !ok2 || !ok3 || !ok4 || m > 59 || sec > 59 || h > 24 || h == 24 && m+sec > 0 {
		return TimeWithZone{}, false
	}
	return TimeWithZone{Seconds: h*3600 + m*60 + sec, Offset: offset}, true
}

// String writes the time as the schema wants it.
func (t TimeWithZone) String() string {
	return fmt.Sprintf("%02d:%02d:%02d%s", t.Seconds/3600, t.Seconds/60%60, t.Seconds%60, formatOffset(t.Offset))
}

// isReal tells whether the schema has such a time.
func (t TimeWithZone) isReal() bool {
	const farthest = 14 * 3600
	return t.Seconds >= 0 && t.Seconds <= 86400 && t.Offset%60 == 0 && t.Offset >= -farthest && t.Offset <= farthest
}

// On is the moment at which the time falls on a day.
func (t TimeWithZone) On(d Date) time.Time {
	return d.In(time.FixedZone("", t.Offset)).Add(time.Duration(t.Seconds) * time.Second)
}

// readOffset reads Z, +00:00, -07:00 … +14:00 into seconds.
func readOffset(s string) (int, bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	h, ok1 := twoDigits(s[1:3])
	m, ok2 := twoDigits(s[4:6])
	if !ok1 || !ok2 || m > 59 || h*60+m > 14*60 {
		return 0, false
	}
	if s[0] == '-' {
		h, m = -h, -m
	}
	return h*3600 + m*60, true
}

func formatOffset(seconds int) string {
	sign := '+'
	switch {
	case seconds == 0:
		return "Z"
	case seconds < 0:
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60)
}

func twoDigits(s string) (int, bool) {
	if s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return 0, false
	}
	return int(s[0]-'0')*10 + int(s[1]-'0'), true
}

// parseBool reads an xs:boolean, and the words that people write instead. The
// second result says whether the schema would have taken it.
func parseBool(s string) (value, strict bool, err error) {
	switch s {
	case "true", "1":
		return true, true, nil
	case "false", "0":
		return false, true, nil
	}
	switch strings.ToLower(s) {
	case "true", "yes", "y", "t":
		return true, false, nil
	case "false", "no", "n", "f":
		return false, false, nil
	}
	return false, false, fmt.Errorf("%q is neither true nor false", clip(s))
}

func parseInt(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", clip(s))
	}
	return n, nil
}

func parseFloat(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != f || f > 1e300 || f < -1e300 {
		return 0, fmt.Errorf("%q is not a number", clip(s))
	}
	return f, nil
}

// clip shortens a value for a sentence.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
