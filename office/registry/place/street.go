// SPDX-License-Identifier: Apache-2.0

package place

import (
	"strings"

	"hustings/office/registry/spell"
)

// way is a street in its parts.
type way struct{ before, name, kind, after string }

// strong are the types that end a street even where it begins in Spanish or a
// city follows.
func strong(word string) bool {
	t, _ := spell.StreetType(word)
	switch t {
	case "ST", "AVE", "RD", "DR", "LN", "BLVD", "CT", "PL", "CIR", "WAY", "PKWY", "HWY", "TRL", "TER":
		return true
	}
	return false
}

// spanish are the words that stand before the name in Spanish, with the short
// forms that people use for them.
var spanish = map[string]string{
	"CALLE": "CALLE", "CLL": "CALLE", "AVENIDA": "AVENIDA", "AVDA": "AVENIDA", "CAMINO": "CAMINO", "CAM": "CAMINO",
	"CAMINITO": "CAMINITO", "CMT": "CAMINITO", "CERRADA": "CERRADA", "CER": "CERRADA", "CIRCULO": "CIRCULO",
	"ENTRADA": "ENTRADA", "ENT": "ENTRADA", "PASEO": "PASEO", "PSO": "PASEO", "PLACITA": "PLACITA", "RANCHO": "RANCHO",
	"RCH": "RANCHO", "VEREDA": "VEREDA", "VER": "VEREDA", "VIA": "VIA", "CARRETERA": "CARRETERA", "CARR": "CARRETERA",
	"PASAJE": "PASAJE", "CALLEJON": "CALLEJON", "BULEVAR": "BULEVAR",
}

// readWay takes directions and type off the name. Something must be left of
// the name: in 12 NORTH ST the street is called North. The words may be
// changed.
func readWay(w []string) (s way) {
	w = twoDirections(w)
	if name, after, ok := highway(w); ok {
		return way{name: name, after: after}
	}
	if n := len(w); n > 1 && isDirection(w[0]) {
		if name, after, ok := highway(w[1:]); ok {
			s.before, _ = spell.Direction(w[0])
			s.name, s.after = name, after
			return s
		}
	}
	if n := len(w); n > 1 && isDirection(w[n-1]) && directionBehind(w) {
		s.after, _ = spell.Direction(w[n-1])
		w = w[:n-1]
	}
	first, inSpanish := spanish[w[0]]
	if n := len(w); n > 1 && (!inSpanish || n > 2 && strong(w[n-1])) {
		if t, ok := spell.StreetType(w[n-1]); ok {
			s.kind, w = t, w[:n-1]
		}
	}
	switch {
	case inSpanish && len(w) > 1:
		w[0] = first
	case len(w) > 1 && (w[0] == "AVE" || w[0] == "AV"): // AVE E is Avenue E
		w[0] = "AVENUE"
	case len(w) > 1 && isDirection(w[0]):
		s.before, _ = spell.Direction(w[0])
		w = w[1:]
	}
	s.name = ordinalName(w)
	return s
}

// directionBehind says whether the last word is a direction behind the street:
// behind its type, behind a bare number (S 500 E), or behind a name that is not
// itself a type (Broadway NW, but not Avenue E).
func directionBehind(w []string) bool {
	n := len(w)
	before := w[n-2]
	switch {
	case n == 2:
		return !isType(before) && !isDirection(before) && spanish[before] == ""
	case isType(before), digits(before) && isDirection(w[0]):
		return true
	}
	return spanish[w[0]] == "" && len(w[n-1]) <= 2
}

// twoDirections makes one of NORTH EAST where a street follows, or where it
// stands behind the type.
func twoDirections(w []string) []string {
	if len(w) > 2 {
		if d := pair(w[0], w[1]); d != "" && !(len(w) == 3 && isType(w[2])) {
			w[1] = d
			w = w[1:]
		}
	}
	if n := len(w); n > 3 && isType(w[n-3]) {
		if d := pair(w[n-2], w[n-1]); d != "" {
			w[n-2] = d
			w = w[:n-1]
		}
	}
	return w
}

func pair(a, b string) string {
	x, ok := spell.Direction(a)
	y, also := spell.Direction(b)
	if !ok || !also || x != "N" && x != "S" || y != "E" && y != "W" {
		return ""
	}
	return x + y
}

var (
	ordinals = map[string]string{"FIRST": "1ST", "SECOND": "2ND", "THIRD": "3RD", "FOURTH": "4TH", "FIFTH": "5TH", "SIXTH": "6TH",
		"SEVENTH": "7TH", "EIGHTH": "8TH", "NINTH": "9TH", "TENTH": "10TH", "ELEVENTH": "11TH", "TWELFTH": "12TH",
		"THIRTEENTH": "13TH", "FOURTEENTH": "14TH", "FIFTEENTH": "15TH", "SIXTEENTH": "16TH", "SEVENTEENTH": "17TH",
		"EIGHTEENTH": "18TH", "NINETEENTH": "19TH", "TWENTIETH": "20TH", "THIRTIETH": "30TH", "FORTIETH": "40TH",
		"FIFTIETH": "50TH", "SIXTIETH": "60TH", "SEVENTIETH": "70TH", "EIGHTIETH": "80TH", "NINETIETH": "90TH", "HUNDREDTH": "100TH"}
	tens = map[string]string{"TWENTY": "2", "THIRTY": "3", "FORTY": "4", "FIFTY": "5", "SIXTY": "6", "SEVENTY": "7", "EIGHTY": "8", "NINETY": "9"}
)

// ordinalName writes FIRST as 1ST and TWENTY SECOND as 22ND, where that is the
// whole name. Names of letters and digits that a blank parts are not joined.
func ordinalName(w []string) string {
	switch len(w) {
	case 1:
		if o := ordinals[w[0]]; o != "" {
			return o
		}
		if isOrdinal(w[0]) {
			return short(w[0])
		}
	case 2:
		if t, o := tens[w[0]], ordinals[w[1]]; t != "" && len(o) == 3 {
			return t + o
		}
	}
	return join(w)
}

// roads are the ways in which people write numbered roads, and how Publication
// 28 does (appendix F). The longest forms come first.
var roads = func() map[string][]road {
	out := map[string][]road{}
	for line := range strings.Lines(`COUNTY HIGHWAY: COUNTY HIGHWAY, COUNTY HWY, CNTY HWY, CTY HWY, CO HWY, CTH
COUNTY ROAD: COUNTY ROAD, COUNTY RD, CNTY RD, CTY RD, CO ROAD, CO RD, CR
COUNTY ROUTE: COUNTY ROUTE, COUNTY RTE, COUNTY RT, CO RTE, CO RT
STATE HIGHWAY: STATE HIGHWAY, STATE HWY, ST HIGHWAY, ST HWY, SH, STH
STATE ROAD: STATE ROAD, STATE RD, ST ROAD, ST RD
STATE ROUTE: STATE ROUTE, STATE RTE, STATE RT, ST ROUTE, ST RTE, ST RT, SR
US HIGHWAY: US HIGHWAY, US HWY, U S HIGHWAY, U S HWY, US ROUTE, US RTE, US RT, HIGHWAY US, HWY US, U S, USH, US
INTERSTATE: INTERSTATE HIGHWAY, INTERSTATE HWY, INTERSTATE, IH, I
FM: FARM TO MARKET ROAD, FARM TO MARKET RD, FARM TO MARKET, FM ROAD, FM RD, FM
RANCH ROAD: RANCH TO MARKET ROAD, RANCH TO MARKET RD, RANCH TO MARKET, RANCH ROAD, RANCH RD, RM
TOWNSHIP ROAD: TOWNSHIP ROAD, TOWNSHIP RD, TWP ROAD, TWP RD, TR
PARISH ROAD: PARISH ROAD, PARISH RD
FOREST ROAD: FOREST SERVICE ROAD, FOREST SERVICE RD, FOREST ROAD, FOREST RD
HIGHWAY: HIGHWAY, HWY
ROUTE: ROUTE, RTE, RT
ROAD: ROAD, RD
LOOP: LOOP
`) {
		to, forms, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for form := range strings.SplitSeq(forms, ", ") {
			w := strings.Fields(form)
			out[w[0]] = append(out[w[0]], road{w, to})
		}
	}
	return out
}()

type road struct {
	words []string
	to    string
}

// highway reads a numbered road from the front of its words: US 44, CR 20,
// FM 187, NC HWY 54, OLD HIGHWAY 11 BYPASS.
func highway(w []string) (name, after string, ok bool) {
	if len(w) < 2 {
		return "", "", false
	}
	lead := ""
	if w[0] == "OLD" || w[0] == "NEW" {
		lead, w = w[0]+" ", w[1:]
	}
	to, n := roadKind(w)
	if n == 0 && len(w) > 1 && states[w[0]] == w[0] && w[0] != "CO" && w[0] != "LA" {
		if to, n = roadKind(w[1:]); n > 0 {
			to, n = w[0]+" "+to, n+1
		} else if digits(w[1]) && len(w[1]) < 5 {
			to, n = w[0]+" HIGHWAY", 1
		}
	}
	if n == 0 {
		return "", "", false
	}
	number, rest := short(strings.TrimPrefix(w[n], "#")), w[n+1:]
	if len(rest) == 1 && isDirection(rest[0]) {
		after, _ = spell.Direction(rest[0])
		rest = nil
	}
	name = lead + to + " " + number
	for _, x := range rest {
		switch x {
		case "BYP":
			x = "BYPASS"
		case "BUS":
			x = "BUSINESS"
		}
		name += " " + x
	}
	return name, after, true
}

// roadKind finds how many words say the kind of a numbered road; a number must
// follow, or one letter or two (COUNTY ROAD KK, HIGHWAY J).
func roadKind(w []string) (to string, n int) {
	for _, r := range roads[w[0]] {
		n := len(r.words)
		if n >= len(w) || !startsWith(w, r.words) {
			continue
		}
		next := strings.TrimPrefix(w[n], "#")
		lettered := n > 1 && (strings.HasPrefix(r.to, "COUNTY") || strings.HasPrefix(r.to, "STATE")) || r.to == "HIGHWAY" && !isDirection(next)
		switch {
		case next == "" || isOrdinal(next):
		case digit(next[0]), lettered && (len(next) == 1 || len(next) == 2 && next[0] == next[1]):
			return r.to, n
		}
	}
	return "", 0
}

func startsWith(w, head []string) bool {
	for i, h := range head {
		if w[i] != h {
			return false
		}
	}
	return true
}
