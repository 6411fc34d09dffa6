// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"strings"
	"time"
)

// Profile is what was counted of a file. It tells nothing of any one person.
type Profile struct {
	Rows     int // that could be used
	Rejected int // that could not
	Columns  map[string]Count
	Births   Births
}

// Count is what was counted of a column.
type Count struct{ Blank, Unreadable int }

// Births is what was counted of days of birth.
type Births struct {
	Counted   bool // the contract has a column of them
	Known     int  // rows with a date that could be read
	Days      int  // how many different ones there are
	Commonest int  // in how many rows the commonest one stands
}

// Counter counts a file while it is read.
type Counter struct {
	contract *Contract
	profile  Profile
	counts   []Count
	has      []bool
	births   map[int32]int32 // at most one entry for each day of two centuries
	birth    int             // the column of the days of birth; -1 for none
}

// NewCounter counts for a contract.
func NewCounter(c *Contract) *Counter {
	k := &Counter{contract: c, counts: make([]Count, len(c.Column)), has: make([]bool, len(c.Column)), births: map[int32]int32{}, birth: -1}
	for i := range c.Column {
		k.has[i] = true
		if c.Column[i].Name == c.Births.Column && c.Births.Column != "" {
			k.birth = i
		}
	}
	return k
}

// Lacks says that the file has no column of that name.
func (k *Counter) Lacks(column string) {
	for i := range k.contract.Column {
		if k.contract.Column[i].Name == column {
			k.has[i] = false
		}
	}
}

// Row counts a row that could be used. value gives what is in a column.
func (k *Counter) Row(value func(column string) string) {
	k.profile.Rows++
	for i := range k.contract.Column {
		if !k.has[i] {
			continue
		}
		c := &k.contract.Column[i]
		text := strings.TrimSpace(value(c.Name))
		switch {
		case text == "":
			k.counts[i].Blank++
		case !c.Format.fits(text):
			k.counts[i].Unreadable++
		case i == k.birth:
			k.born(text)
		}
	}
}

// born counts a day of birth. A year alone is none.
func (k *Counter) born(text string) {
	t, ok := ReadDay(text)
	if !ok {
		return
	}
	k.profile.Births.Known++
	day := int32(t.Unix() / 86400)
	k.births[day]++
	k.profile.Births.Commonest = max(k.profile.Births.Commonest, int(k.births[day]))
}

// Reject counts a row that could not be used.
func (k *Counter) Reject() { k.profile.Rejected++ }

// Profile is what was counted.
func (k *Counter) Profile() Profile {
	p := k.profile
	p.Columns = make(map[string]Count, len(k.counts))
	for i, c := range k.counts {
		if k.has[i] {
			p.Columns[k.contract.Column[i].Name] = c
		}
	}
	p.Births.Counted, p.Births.Days = k.birth >= 0 && k.has[k.birth], len(k.births)
	return p
}

// layouts are the ways in which offices write days, which never overlap.
var layouts = []string{"2006-01-02", "01/02/2006", "1/2/2006", "20060102", "2006/01/02", "01-02-2006"}

// ReadDay reads a day of the last two centuries as offices write days.
func ReadDay(text string) (time.Time, bool) {
	if len(text) < 8 || len(text) > 10 {
		return time.Time{}, false
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, text); err == nil {
			return t, t.Year() >= 1870 && t.Year() <= 2100
		}
	}
	return time.Time{}, false
}

// Format is how the values of a column are written.
type Format string

// The formats. A value of no format may be anything.
const (
	Any   Format = ""
	Day   Format = "day"
	Zip   Format = "zip"
	Four  Format = "four-digits"
	State Format = "state" // two letters
	Code  Format = "code"  // letters and digits
)

func (f Format) known() bool {
	switch f {
	case Any, Day, Zip, Four, State, Code:
		return true
	}
	return false
}

// fits says whether a value is written as the format says.
func (f Format) fits(v string) bool {
	switch f {
	case Day:
		_, ok := ReadDay(v)
		return ok
	case Zip:
		v = strings.ReplaceAll(v, "-", "")
		return (len(v) == 5 || len(v) == 9) && all(v, digit)
	case Four:
		return len(v) == 4 && all(v, digit)
	case State:
		return len(v) == 2 && all(v, letter)
	case Code:
		return all(v, func(b byte) bool { return digit(b) || letter(b) || b == '-' })
	}
	return true
}

func all(v string, is func(byte) bool) bool {
	for i := range len(v) {
		if !is(v[i]) {
			return false
		}
	}
	return true
}

func digit(b byte) bool  { return b >= '0' && b <= '9' }
func letter(b byte) bool { return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' }
