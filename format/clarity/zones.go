// SPDX-License-Identifier: Apache-2.0

package clarity

import (
	"strings"
	"time"
)

// zones is the fixed table of time zone abbreviations that American election
// offices write, in hours from UTC. A machine's own zone database is of no use
// here: it knows places, and an abbreviation names no place.
//
// Some letters mean something else elsewhere, and are read as Americans mean
// them: CST is Central (not China or Cuba), EST and EDT are Eastern (not
// Australian), MST is Mountain (not Malaysia or Moscow; Arizona has it all
// year), AST and ADT are Atlantic as in Puerto Rico (not Arabia; Alaska is AKST
// and AKDT), PST is Pacific (not the Philippines), SST is Samoa (not
// Singapore), HST is Hawaii, ChST is Guam. The short forms ET, CT, MT and PT do
// not say whether it is summer; they are not in the table.
var zones = map[string]int{
	"UTC": 0, "GMT": 0, "Z": 0,
	"AST": -4, "ADT": -3,
	"EST": -5, "EDT": -4,
	"CST": -6, "CDT": -5,
	"MST": -7, "MDT": -6,
	"PST": -8, "PDT": -7,
	"AKST": -9, "AKDT": -8,
	"HST": -10, "HDT": -9, "HAST": -10, "HADT": -9,
	"SST":  -11,
	"CHST": 10,
}

// ZoneOffset gives the hours from UTC of an American time zone abbreviation.
func ZoneOffset(abbreviation string) (hours int, ok bool) {
	hours, ok = zones[strings.ToUpper(abbreviation)]
	return hours, ok
}

// layouts are the ways Clarity writes local time.
var layouts = []string{"1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1/2/2006 15:04:05", "1/2/2006 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"}

// parseTime reads "5/20/2014 8:19:21 PM EDT". Without a zone that is in the
// table there is no telling what moment is meant, and none is made up.
func parseTime(s string) (time.Time, bool) {
	fields := strings.Fields(s)
	if len(fields) < 2 {
		return time.Time{}, false
	}
	last := fields[len(fields)-1]
	hours, ok := ZoneOffset(last)
	if !ok {
		return time.Time{}, false
	}
	local := strings.Join(fields[:len(fields)-1], " ")
	zone := time.FixedZone(strings.ToUpper(last), hours*3600)
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, local, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
