// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"regexp"
	"strings"
	"unicode"
)

// words reads pairs of long and short forms.
func words(s string) map[string]string {
	f := strings.Fields(s)
	out := make(map[string]string, len(f))
	for i := 0; i+1 < len(f); i += 2 {
		out[f[i]], out[f[i+1]] = f[i+1], f[i+1]
	}
	return out
}

// What the Postal Service shortens in an address (Publication 28): directions,
// types of streets, and what stands before the number of a unit.
var (
	directions = words(`NORTH N SOUTH S EAST E WEST W NORTHEAST NE NORTHWEST NW SOUTHEAST SE SOUTHWEST SW`)
	types      = words(`ALLEY ALY AVENUE AVE AV AVE BEND BND BLUFF BLF BOULEVARD BLVD BRANCH BR BRIDGE BRG BYPASS BYP CANYON CYN
		CAUSEWAY CSWY CENTER CTR CIRCLE CIR COMMON CMN CORNER COR COURT CT COVE CV CREEK CRK CRESCENT CRES CROSSING XING DALE DL
		DRIVE DR ESTATES ESTS EXPRESSWAY EXPY EXTENSION EXT FIELD FLD FORK FRK FREEWAY FWY GARDENS GDNS GLEN GLN GREEN GRN GROVE GRV
		HARBOR HBR HEIGHTS HTS HIGHWAY HWY HILL HL HILLS HLS HOLLOW HOLW ISLAND IS JUNCTION JCT KNOLL KNL LAKE LK LANDING LNDG LANE LN
		LOOP LOOP MANOR MNR MEADOW MDW MEADOWS MDWS MILL ML MOUNT MT MOUNTAIN MTN PARK PARK PARKWAY PKWY PASS PASS PATH PATH PIKE PIKE
		PLACE PL PLAZA PLZ POINT PT RANCH RNCH RIDGE RDG RIVER RIV ROAD RD ROUTE RTE ROW ROW RUN RUN SHORE SHR SPRING SPG SPRINGS SPGS
		SQUARE SQ STREET ST STATION STA TERRACE TER TRACE TRCE TRAIL TRL TURNPIKE TPKE VALLEY VLY VIEW VW VILLAGE VLG VISTA VIS
		WALK WALK WAY WAY WELLS WLS`)
	units = words(`APARTMENT APT BUILDING BLDG DEPARTMENT DEPT FLOOR FL LOT LOT PENTHOUSE PH ROOM RM SPACE SPC SUITE STE TRAILER TRLR UNIT UNIT`)

	houseNumber = regexp.MustCompile(`^(\d+[A-Z]?|\d+-\d+|[NSEW]\d+[NSEW]\d+)$`)
)

// isNumber says whether a word is a house number. Nearly all are digits.
func isNumber(s string) bool {
	return strings.Trim(s, "0123456789") == "" || houseNumber.MatchString(s)
}

// isFraction says whether a word is the half of 12 1/2.
func isFraction(s string) bool {
	return len(s) == 3 && s[1] == '/' && s[0] >= '0' && s[0] <= '9' && s[2] >= '0' && s[2] <= '9'
}

// ReadLine takes the line of an address apart: number, directions, street, type
// and unit, in the forms of Publication 28. A line that does not begin with a
// house number stays one of the Lines.
func ReadLine(line string) Address {
	var a Address
	w := strings.FieldsFunc(strings.ToUpper(line), func(r rune) bool { return r == ',' || r == '.' || unicode.IsSpace(r) })
	if len(w) < 2 || !isNumber(w[0]) {
		if line = strings.TrimSpace(line); line != "" {
			a.Lines = []string{line}
		}
		return a
	}
	a.Number, w = w[0], w[1:]
	if isFraction(w[0]) && len(w) > 1 {
		a.Number, w = a.Number+" "+w[0], w[1:]
	}
	w = a.takeUnit(w)
	a.takeStreet(w)
	return a
}

// takeUnit takes the unit off the end.
func (a *Address) takeUnit(w []string) []string {
	for i := 1; i < len(w); i++ {
		kind, known := units[w[i]]
		switch {
		case strings.HasPrefix(w[i], "#"):
			a.UnitKind, a.Unit = "#", strings.TrimSpace(strings.TrimPrefix(strings.Join(w[i:], " "), "#"))
			return w[:i]
		case known && i == len(w)-2 && !street(w[i+1]):
			a.UnitKind, a.Unit = kind, strings.TrimPrefix(w[i+1], "#")
			return w[:i]
		case known && i < len(w)-2 && isType(w[i-1]): // BLDG 2 APT 4
			a.UnitKind, a.Unit = kind, strings.Join(w[i+1:], " ")
			return w[:i]
		case kind == "PH" && i == len(w)-1:
			a.UnitKind = kind
			return w[:i]
		}
	}
	return w
}

// street says whether what follows a unit word shows that it was none: LAKE
// UNIT ROAD.
func street(next string) bool { return isType(next) && len(next) > 1 }

func isType(s string) bool { return types[s] != "" }

// takeStreet takes directions and type off the street's name. Something must be
// left of the name: in 12 NORTH ST the street is called North.
func (a *Address) takeStreet(w []string) {
	if n := len(w); n > 2 && directions[w[n-1]] != "" && isType(w[n-2]) {
		a.After, w = directions[w[n-1]], w[:n-1]
	}
	if n := len(w); n > 1 && isType(w[n-1]) {
		a.Type, w = types[w[n-1]], w[:n-1]
	}
	if len(w) > 1 && directions[w[0]] != "" {
		a.Before, w = directions[w[0]], w[1:]
	}
	a.Street = strings.Join(w, " ")
}

// Line writes the line of an address with the number and the street, as it
// stands on an envelope.
func (a Address) Line() string {
	parts := []string{a.Number, a.Before, a.Street, a.Type, a.After}
	switch {
	case a.UnitKind == "#":
		parts = append(parts, "#"+a.Unit)
	case a.Unit != "" || a.UnitKind != "":
		parts = append(parts, a.UnitKind, a.Unit)
	}
	line := join(parts)
	if line == "" {
		line = join(a.Lines)
	}
	if line == "" {
		line = a.Directions
	}
	return line
}

// Whole is the whole of an address on one line, with its town.
func (a Address) Whole() string {
	town := join([]string{a.City, a.State, a.ZIP})
	line := a.Line()
	if a.Street == "" && len(a.Lines) > 0 {
		line = strings.Join(a.Lines, ", ")
	}
	if line != "" && town != "" {
		line += ", "
	}
	return line + town
}

// Empty says whether nothing at all is known of an address.
func (a Address) Empty() bool {
	return a.Line() == "" && a.City == "" && a.State == "" && a.ZIP == "" && a.Country == "" && a.Point == nil
}

func join(parts []string) string {
	out := make([]byte, 0, 64)
	for _, p := range parts {
		if p == "" {
			continue
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, p...)
	}
	return string(out)
}
