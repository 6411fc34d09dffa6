// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"
)

// day is a date of birth as written: year*10000 + month*100 + day. Month and
// day are 0 where only the year is known. An impossible date such as 30
// February stays as it is: beside the right one it is a slip of the finger.
type day uint32

// turnable marks a date such as 03/04/1980 while it is not yet known whether
// the file writes the month or the day first.
const turnable day = 1 << 31

func (d day) parts() (y, m, dd int) { return int(d) / 10000, int(d) / 100 % 100, int(d) % 100 }
func (d day) year() int             { return int(d) / 10000 }
func (d day) whole() bool           { return d%10000 != 0 }

func makeDay(y, m, d int) day { return day(y*10000 + m*100 + d) }

// turned is the same date with month and day exchanged.
func (d day) turned() day {
	y, m, dd := d.parts()
	return makeDay(y, dd, m)
}

// possible says whether the calendar has such a day.
func (d day) possible() bool {
	y, m, dd := d.parts()
	if !d.whole() {
		return true
	}
	if m < 1 || m > 12 || dd < 1 {
		return m >= 1 && m <= 12 && dd == 0
	}
	longest := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m-1]
	if m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		longest = 29
	}
	return dd <= longest
}

// oldest and youngest bound the years in which a person on a roll can be born.
const (
	oldest   = 1850
	youngest = 2099
)

var months = map[string]int{"JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6, "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
	"ENE": 1, "ABR": 4, "AGO": 8, "DIC": 12}

// readDay reads a date of birth in the layouts that files use. The answer is 0
// when it cannot be one.
func readDay(s string) day {
	var n [3]int
	var width [3]int
	k, month := 0, -1
	for i := 0; i < len(s) && k < 3; {
		c := s[i]
		switch {
		case '0' <= c && c <= '9':
			start := i
			for i < len(s) && '0' <= s[i] && s[i] <= '9' && i-start < 9 {
				n[k] = n[k]*10 + int(s[i]-'0')
				i++
			}
			width[k] = i - start
			k++
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			start := i
			for i < len(s) && s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' {
				i++
			}
			if c == 'T' && i-start == 1 {
				continue // 1980-01-31T00:00:00
			}
			m, ok := months[strings.ToUpper(s[start:min(start+3, i)])]
			if !ok || i-start < 3 || month >= 0 {
				return 0
			}
			n[k], width[k], month = m, 0, k
			k++
		default:
			i++
		}
	}
	return within(arrange(n, width, k, month))
}

func within(d day) day {
	if y := (d &^ turnable).year(); y < oldest || y > youngest {
		return 0
	}
	return d
}

// arrange decides which number is the year, the month and the day.
func arrange(n, width [3]int, k, month int) day {
	switch {
	case k == 1 && width[0] == 8:
		return eight(n[0])
	case k == 1 && width[0] == 4:
		return makeDay(n[0], 0, 0)
	case k == 2 && width[1] == 4 && n[0] <= 12:
		return makeDay(n[1], n[0], 0)
	case k == 2 && width[0] == 4 && n[1] <= 12:
		return makeDay(n[0], n[1], 0)
	case k >= 2 && width[0] == 8:
		return eight(n[0])
	case k < 3:
		return 0
	case width[0] == 4:
		return part(n[0], n[1], n[2])
	case month == 0:
		return part(century(n[2], width[2]), n[0], n[1])
	case month == 1:
		return part(century(n[2], width[2]), n[1], n[0])
	case n[0] > 12:
		return part(century(n[2], width[2]), n[1], n[0])
	}
	d := part(century(n[2], width[2]), n[0], n[1])
	if d != 0 && n[1] <= 12 {
		d |= turnable
	}
	return d
}

// eight reads eight digits without marks: the year first, or last.
func eight(n int) day {
	if y := n / 10000; y >= oldest && y <= youngest {
		return day(n)
	}
	return part(n%10000, n/1000000, n/10000%100)
}

func part(y, m, d int) day {
	if m > 99 || d > 99 {
		return 0
	}
	return makeDay(y, m, d)
}

// century takes 78 as 1978 and 05 as 2005: nobody on a roll is younger than
// sixteen or so, and few are older than a hundred.
func century(y, width int) int {
	switch {
	case width > 2:
		return y
	case y <= 10:
		return 2000 + y
	}
	return 1900 + y
}
