// SPDX-License-Identifier: Apache-2.0

package place

import "strings"

// states are the codes of the Postal Service, by code and by name.
var states = func() map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(`AL ALABAMA,AK ALASKA,AZ ARIZONA,AR ARKANSAS,CA CALIFORNIA,CO COLORADO,CT CONNECTICUT,DE DELAWARE,
DC DISTRICT OF COLUMBIA,FL FLORIDA,GA GEORGIA,HI HAWAII,ID IDAHO,IL ILLINOIS,IN INDIANA,IA IOWA,KS KANSAS,KY KENTUCKY,LA LOUISIANA,
ME MAINE,MD MARYLAND,MA MASSACHUSETTS,MI MICHIGAN,MN MINNESOTA,MS MISSISSIPPI,MO MISSOURI,MT MONTANA,NE NEBRASKA,NV NEVADA,
NH NEW HAMPSHIRE,NJ NEW JERSEY,NM NEW MEXICO,NY NEW YORK,NC NORTH CAROLINA,ND NORTH DAKOTA,OH OHIO,OK OKLAHOMA,OR OREGON,
PA PENNSYLVANIA,RI RHODE ISLAND,SC SOUTH CAROLINA,SD SOUTH DAKOTA,TN TENNESSEE,TX TEXAS,UT UTAH,VT VERMONT,VA VIRGINIA,
WA WASHINGTON,WV WEST VIRGINIA,WI WISCONSIN,WY WYOMING,AS AMERICAN SAMOA,GU GUAM,MP NORTHERN MARIANA ISLANDS,PR PUERTO RICO,
VI VIRGIN ISLANDS,AA ARMED FORCES AMERICAS,AE ARMED FORCES EUROPE,AP ARMED FORCES PACIFIC`, ",") {
		code, name, _ := strings.Cut(strings.TrimSpace(pair), " ")
		out[code], out[name] = code, code
	}
	return out
}()

// readZIP writes a ZIP code as five digits or as nine with a hyphen.
func readZIP(s string) (zip string, ok bool) {
	var d [9]byte
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case digit(c) && n < len(d):
			d[n] = c
			n++
		case c == '-' || c == ' ':
		default:
			return "", false
		}
	}
	switch {
	case n == 5 && len(s) == 5:
		return s, true
	case n == 9 && len(s) == 10 && s[5] == '-':
		return s, true
	case n == 5:
		return string(d[:5]), true
	case n == 9:
		return string(d[:5]) + "-" + string(d[5:]), true
	}
	return "", false
}

// cityName is the city as it is compared: SAINT PAUL and St. Paul are one.
func cityName(s string) string {
	s = clean(s)
	first, rest, more := strings.Cut(s, " ")
	if more {
		if short := saints[first]; short != "" {
			return short + " " + rest
		}
	}
	return s
}

var saints = map[string]string{"SAINT": "ST", "SAINTE": "STE", "MOUNT": "MT", "FORT": "FT", "SANTA": "STA"}

// takeTail takes the ZIP code, the state and the city off the end of a line.
// Without a comma a city can be told from the street only behind a type.
func (r *Reading) takeTail(w []string) []string {
	w = trimCommas(w)
	n := len(w)
	if n < 3 {
		return w
	}
	zip, hasZIP := readZIP(w[n-1])
	if hasZIP {
		w = trimCommas(w[:n-1])
	}
	state, used := stateAtEnd(w)
	comma := lastComma(w[:len(w)-used])
	switch {
	case state != "" && len(w)-used >= 2 && (hasZIP || comma > 0):
		r.Address.State = state
		w = trimCommas(w[:len(w)-used])
	case hasZIP && comma > 0:
	case hasZIP: // no state, no comma: it may be part of the street
		return append(w, zip)
	}
	r.Address.ZIP = zip
	if comma = lastComma(w); comma > 0 && comma+1 < len(w) {
		if tail := w[comma+1:]; isCity(tail) {
			r.Address.City = join(tail)
			return trimCommas(w[:comma])
		}
	} else if r.Address.State != "" && comma < 0 {
		return r.cityBehindType(w)
	}
	return w
}

// cityBehindType takes what follows the first type of street for the city.
func (r *Reading) cityBehindType(w []string) []string {
	for i := 2; i < len(w)-1; i++ {
		if !strong(w[i]) || strong(w[i+1]) && i+2 >= len(w) || strong(w[i+1]) && w[i+1] != "ST" {
			continue
		}
		to := i + 1
		for to < len(w)-1 && (isDirection(w[to]) && len(w[to]) <= 2 || hasDigit(w[to]) || unitStarts(w, to)) {
			to++
		}
		if tail := w[to:]; isCity(tail) {
			r.Address.City = join(tail)
			r.problem("city", r.Address.City, "no comma parts it from the street; it was taken from behind the type of the street")
			return w[:to]
		}
	}
	return w
}

func unitStarts(w []string, i int) bool {
	_, n := unitAt(w, i)
	return n > 0 || w[i][0] == '#'
}

// isCity says whether words can name a city and not a unit or a direction.
func isCity(w []string) bool {
	if len(w) == 0 || len(w) == 1 && isDirection(w[0]) {
		return false
	}
	for _, x := range w {
		if hasDigit(x) || x[0] == '#' {
			return false
		}
	}
	kind, _ := readUnit("", join(w))
	return kind == "#" || kind == ""
}

func stateAtEnd(w []string) (code string, used int) {
	for used = min(3, len(w)-1); used > 0; used-- {
		if code = states[join(w[len(w)-used:])]; code != "" {
			return code, used
		}
	}
	return "", 0
}

func lastComma(w []string) int {
	for i := len(w) - 1; i >= 0; i-- {
		if w[i] == "," {
			return i
		}
	}
	return -1
}

func trimCommas(w []string) []string {
	for len(w) > 0 && w[len(w)-1] == "," {
		w = w[:len(w)-1]
	}
	for len(w) > 0 && w[0] == "," {
		w = w[1:]
	}
	return w
}
