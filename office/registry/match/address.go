// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"
)

// place is the part of an address that names one door.
type place struct {
	house, street, core, unit string
}

// The words that Publication 28 of the Postal Service shortens: types of
// street, directions, and what stands before the number of a unit. Spellings
// that are common in Australia are among them.
var (
	streetTypes = pairs(`ALLEY ALY ALLY ALY ANNEX ANX ARCADE ARC AVENUE AVE AV AVE AVEN AVE AVENU AVE BAYOU BYU BEACH BCH BEND BND
BLUFF BLF BOULEVARD BLVD BOUL BLVD BOULV BLVD BRANCH BR BRIDGE BRG BROOK BRK BYPASS BYP CANYON CYN CAPE CPE CAUSEWAY CSWY
CENTER CTR CENTRE CTR CIRCLE CIR CIRC CIR CIRCUIT CCT CLIFF CLF CLOSE CL COMMON CMN CORNER COR CORNERS CORS COURSE CRSE
COURT CT CRT CT COURTS CTS COVE CV CREEK CRK CRESCENT CRES CRESENT CRES CR CRES CROSSING XING CURVE CURV DALE DL DRIVE DR DRV DR
ESPLANADE ESP ESTATE EST ESTATES ESTS EXPRESSWAY EXPY EXTENSION EXT FALLS FLS FERRY FRY FIELD FLD FIELDS FLDS FORD FRD
FOREST FRST FORGE FRG FORK FRK FREEWAY FWY GARDEN GDN GARDENS GDNS GATEWAY GTWY GLEN GLN GREEN GRN GROVE GRV GR GRV HARBOR HBR
HAVEN HVN HEIGHTS HTS HIGHWAY HWY HIWAY HWY HILL HL HILLS HLS HOLLOW HOLW ISLAND IS JUNCTION JCT KEY KY KNOLL KNL LAKE LK
LAKES LKS LANDING LNDG LANE LN LA LN LODGE LDG LOOP LOOP MALL MALL MANOR MNR MEADOW MDW MEADOWS MDWS MILL ML MILLS MLS
MOUNT MT MOUNTAIN MTN ORCHARD ORCH PARADE PDE PARK PARK PARKWAY PKWY PKY PKWY PASS PASS PATH PATH PIKE PIKE PINE PNE PINES PNES
PLACE PL PLAIN PLN PLAZA PLZ POINT PT PRAIRIE PR RANCH RNCH RIDGE RDG RISE RISE RIVER RIV ROAD RD ROUTE RTE ROW ROW RUN RUN
SHORE SHR SPRING SPG SPRINGS SPGS SQUARE SQ STATION STA STREAM STRM STREET ST STR ST STRT ST SUMMIT SMT TERRACE TER TERR TER TCE TER
TRACE TRCE TRACK TRAK TRAIL TRL TRAILS TRL TURNPIKE TPKE VALLEY VLY VIEW VW VILLAGE VLG VISTA VIS WALK WALK WAY WAY WY WAY WELL WL WELLS WLS`)
	directions = pairs(`NORTH N SOUTH S EAST E WEST W NORTHEAST NE NORTHWEST NW SOUTHEAST SE SOUTHWEST SW N N S S E E W W NE NE NW NW SE SE SW SW`)
	units      = pairs(`APARTMENT APT APT APT UNIT UNIT SUITE STE STE STE FLAT FLAT LOT LOT TRAILER TRLR TRLR TRLR ROOM RM RM RM
BUILDING BLDG BLDG BLDG FLOOR FL SPACE SPC SPC SPC PENTHOUSE PH PH PH DEPARTMENT DEPT DEPT DEPT NO NO NUM NO HASH HASH`)
	typeShort = func() map[string]bool {
		out := make(map[string]bool, len(streetTypes))
		for _, v := range streetTypes {
			out[v] = true
		}
		return out
	}()
)

func pairs(s string) map[string]string {
	f := strings.Fields(s)
	out := make(map[string]string, len(f)/2)
	for i := 0; i+1 < len(f); i += 2 {
		out[f[i]] = f[i+1]
	}
	return out
}

// readDoor takes a line such as "123 N. Main Street Apt 4" apart. The house
// number and the unit are taken from the line only where the file has no
// column of its own for them, or left that one empty.
func readDoor(house, line, unit string) place {
	p := place{house: tight(fold(house)), unit: readUnit(unit)}
	var room [16]string
	words := fields(room[:0], fold(strings.ReplaceAll(line, "#", " HASH ")))
	words, p.unit = takeUnit(words, p.unit)
	if p.house == "" && len(words) > 1 && digit(words[0]) {
		p.house, words = words[0], words[1:]
		if len(words) > 2 && words[0] == "1" && words[1] == "2" { // 12 1/2 Main St
			p.house, words = p.house+"H", words[2:]
		}
	}
	p.house = strings.TrimLeft(p.house, "0")
	p.street, p.core = readStreet(words)
	return p
}

func digit(s string) bool { return s[0] >= '0' && s[0] <= '9' }

// fields is strings.Fields into room that the caller has.
func fields(to []string, s string) []string {
	for s != "" {
		word, rest, _ := strings.Cut(s, " ")
		if word != "" {
			to = append(to, word)
		}
		s = rest
	}
	return to
}

// takeUnit cuts "APT 4 B" off a line.
func takeUnit(words []string, unit string) ([]string, string) {
	for i := 1; i < len(words); i++ {
		_, is := units[words[i]]
		if !is || i+1 == len(words) && words[i] != "PH" {
			continue
		}
		if words[i] == "NO" && !digit(words[i+1]) {
			continue
		}
		if unit == "" {
			unit = readUnit(strings.Join(words[i:], " "))
		}
		return words[:i], unit
	}
	return words, unit
}

// readUnit keeps the number of a unit and not what it is called: APT 4B, #4B
// and Unit 4-B are one door.
func readUnit(s string) string {
	if s == "" {
		return ""
	}
	var room [8]string
	words := fields(room[:0], fold(strings.ReplaceAll(s, "#", " ")))
	for len(words) > 1 {
		if _, is := units[words[0]]; !is {
			break
		}
		words = words[1:]
	}
	return strings.TrimLeft(strings.Join(words, ""), "0")
}

// readStreet writes a street in the short forms of Publication 28, and its
// core: the name alone, without direction and type.
func readStreet(words []string) (street, core string) {
	n := len(words)
	if n == 0 {
		return "", ""
	}
	from, to := 0, n
	var room [16]string
	out := append(room[:0], words...)
	if d, ok := directions[out[0]]; ok && n > 1 {
		out[0], from = d, 1
	}
	if d, ok := directions[out[to-1]]; ok && to-from > 1 {
		to--
		out[to] = d
	}
	if to-from > 1 {
		last := out[to-1]
		if t, ok := streetTypes[last]; ok {
			to--
			out[to] = t
		} else if typeShort[last] {
			to--
		}
	}
	return strings.Join(out, ""), strings.Join(out[from:to], "")
}

// isUnit says whether a second address line is nothing but a unit.
func isUnit(folded string) bool {
	first, rest, more := strings.Cut(folded, " ")
	_, is := units[first]
	return is && more && rest != ""
}
