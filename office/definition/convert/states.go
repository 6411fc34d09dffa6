// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"regexp"
	"strings"
	"time"

	"hustings/election"
)

// state is what is known about a state or territory beforehand.
type state struct {
	code, fips, name string
	zones            []string // IANA time zones, that of most people first
}

// states are the states and territories. Arizona keeps standard time all year,
// but for the Navajo Nation, whose places name their own zone.
var states = []state{
	{"AL", "01", "Alabama", zones("Chicago")}, {"AK", "02", "Alaska", zones("Anchorage Adak")},
	{"AZ", "04", "Arizona", zones("Phoenix")}, {"AR", "05", "Arkansas", zones("Chicago")},
	{"CA", "06", "California", zones("Los_Angeles")}, {"CO", "08", "Colorado", zones("Denver")},
	{"CT", "09", "Connecticut", zones("New_York")}, {"DE", "10", "Delaware", zones("New_York")},
	{"DC", "11", "District of Columbia", zones("New_York")}, {"FL", "12", "Florida", zones("New_York Chicago")},
	{"GA", "13", "Georgia", zones("New_York")}, {"HI", "15", "Hawaii", []string{"Pacific/Honolulu"}},
	{"ID", "16", "Idaho", zones("Boise Los_Angeles")}, {"IL", "17", "Illinois", zones("Chicago")},
	{"IN", "18", "Indiana", zones("Indiana/Indianapolis Chicago")}, {"IA", "19", "Iowa", zones("Chicago")},
	{"KS", "20", "Kansas", zones("Chicago Denver")}, {"KY", "21", "Kentucky", zones("New_York Chicago")},
	{"LA", "22", "Louisiana", zones("Chicago")}, {"ME", "23", "Maine", zones("New_York")},
	{"MD", "24", "Maryland", zones("New_York")}, {"MA", "25", "Massachusetts", zones("New_York")},
	{"MI", "26", "Michigan", zones("Detroit Chicago")}, {"MN", "27", "Minnesota", zones("Chicago")},
	{"MS", "28", "Mississippi", zones("Chicago")}, {"MO", "29", "Missouri", zones("Chicago")},
	{"MT", "30", "Montana", zones("Denver")}, {"NE", "31", "Nebraska", zones("Chicago Denver")},
	{"NV", "32", "Nevada", zones("Los_Angeles Denver")}, {"NH", "33", "New Hampshire", zones("New_York")},
	{"NJ", "34", "New Jersey", zones("New_York")}, {"NM", "35", "New Mexico", zones("Denver")},
	{"NY", "36", "New York", zones("New_York")}, {"NC", "37", "North Carolina", zones("New_York")},
	{"ND", "38", "North Dakota", zones("Chicago Denver")}, {"OH", "39", "Ohio", zones("New_York")},
	{"OK", "40", "Oklahoma", zones("Chicago")}, {"OR", "41", "Oregon", zones("Los_Angeles Boise")},
	{"PA", "42", "Pennsylvania", zones("New_York")}, {"RI", "44", "Rhode Island", zones("New_York")},
	{"SC", "45", "South Carolina", zones("New_York")}, {"SD", "46", "South Dakota", zones("Chicago Denver")},
	{"TN", "47", "Tennessee", zones("Chicago New_York")}, {"TX", "48", "Texas", zones("Chicago Denver")},
	{"UT", "49", "Utah", zones("Denver")}, {"VT", "50", "Vermont", zones("New_York")},
	{"VA", "51", "Virginia", zones("New_York")}, {"WA", "53", "Washington", zones("Los_Angeles")},
	{"WV", "54", "West Virginia", zones("New_York")}, {"WI", "55", "Wisconsin", zones("Chicago")},
	{"WY", "56", "Wyoming", zones("Denver")}, {"AS", "60", "American Samoa", []string{"Pacific/Pago_Pago"}},
	{"GU", "66", "Guam", []string{"Pacific/Guam"}}, {"MP", "69", "Northern Mariana Islands", []string{"Pacific/Guam"}},
	{"PR", "72", "Puerto Rico", zones("Puerto_Rico")}, {"VI", "78", "Virgin Islands", zones("St_Thomas")},
}

func zones(names string) []string {
	list := strings.Fields(names)
	for i, n := range list {
		list[i] = "America/" + n
	}
	return list
}

// findState finds a state by its postal code, FIPS code (of the state, or of a
// county in it) or name.
func findState(s string) (state, bool) {
	s = strings.TrimSpace(s)
	k := fold(s)
	for _, pre := range []string{"state of ", "commonwealth of "} {
		k = strings.TrimPrefix(k, pre)
	}
	for _, st := range states {
		byFIPS := (len(s) == 2 || len(s) == 5) && s[:2] == st.fips && allDigits(s)
		if byFIPS || len(s) == 2 && strings.EqualFold(s, st.code) || k == fold(st.name) {
			return st, true
		}
	}
	return state{}, false
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

var ocdState = regexp.MustCompile(`^ocd-division/country:us/(?:state|district|territory):([a-z]{2})(?:/|$)`)

// settle fills in what the units tell about where an election is held: the
// state, the jurisdiction and, by the state, the time zone.
func settle(def *election.Definition, hint string) {
	e := &def.Election
	root := rootOf(def)
	if e.Jurisdiction == "" && root != nil {
		e.Jurisdiction = root.External["ocd-id"]
	}
	if e.State == "" {
		e.State = stateOf(def, root, hint)
	}
	st, known := findState(e.State)
	if !known {
		return
	}
	if e.Jurisdiction == "" && root != nil {
		e.Jurisdiction = divisionOf(st, root)
	}
	if e.TimeZone == "" {
		e.TimeZone = st.zones[0]
	}
}

// stateOf looks for the state in division ids, codes and names.
func stateOf(def *election.Definition, root *election.Unit, hint string) string {
	candidates := []string{def.Election.Jurisdiction}
	if root != nil {
		candidates = append(candidates, root.External["ocd-id"])
	}
	for _, d := range def.Districts {
		candidates = append(candidates, d.External["ocd-id"])
	}
	for _, u := range def.Units {
		candidates = append(candidates, u.External["ocd-id"])
	}
	found := ""
	for _, c := range candidates {
		m := ocdState.FindStringSubmatch(c)
		if m == nil {
			continue
		}
		if code := strings.ToUpper(m[1]); found == "" {
			found = code
		} else if found != code {
			return "" // several states: a national file
		}
	}
	if found != "" {
		return found
	}
	names := []string{hint}
	if root != nil {
		names = append(names, root.External["fips"])
		if root.Type == election.State {
			names = append(names, root.Name)
		}
	}
	for _, n := range names {
		if st, ok := findState(n); ok {
			return st.code
		}
	}
	return ""
}

// divisionOf is the OCD division id of a state or county, where its name tells.
func divisionOf(st state, root *election.Unit) string {
	kind := "state"
	switch st.code {
	case "DC":
		kind = "district"
	case "AS", "GU", "MP", "PR", "VI":
		kind = "territory"
	}
	id := "ocd-division/country:us/" + kind + ":" + strings.ToLower(st.code)
	switch root.Type {
	case election.State:
		return id
	case election.County:
		what := "county"
		name := fold(root.Name)
		if st.code == "LA" {
			what = "parish"
		}
		for _, tail := range []string{" county", " parish"} {
			name = strings.TrimSuffix(name, tail)
		}
		if name == "" {
			return ""
		}
		return id + "/" + what + ":" + strings.NewReplacer(" ", "_", "'", "~").Replace(name)
	}
	return ""
}

// rootOf is the unit that contains all others, nil where there is none.
func rootOf(def *election.Definition) *election.Unit {
	for i := range def.Units {
		if def.Units[i].ID == def.Election.Scope {
			return &def.Units[i]
		}
	}
	return nil
}

// zoneFor picks the time zone of a state in which most of the offsets that a
// file wrote are right. seen counts them by day.
func zoneFor(st state, seen map[dayOffset]int) string {
	best, most := st.zones[0], 0
	for _, name := range st.zones {
		loc, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		right := 0
		for o, n := range seen {
			if offsetOn(o.day, loc) == o.seconds {
				right += n
			}
		}
		if right > most {
			best, most = name, right
		}
	}
	return best
}

// dayOffset is an offset from UTC that a file wrote for a day.
type dayOffset struct {
	day     election.Date
	seconds int // east of UTC
}

// offsetOn is a zone's offset from UTC at noon of a day.
func offsetOn(day election.Date, loc *time.Location) int {
	at, err := day.In(loc)
	if err != nil {
		return 0
	}
	_, seconds := at.Add(12 * time.Hour).Zone()
	return seconds
}
