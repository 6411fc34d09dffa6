// SPDX-License-Identifier: Apache-2.0

package place

import (
	"strings"

	"hustings/office/registry/spell"
)

// takeUnit takes the unit off the end of a street's words. The first word is
// the street's whatever it is.
func takeUnit(w []string) (street []string, kind, unit string) {
	for i := 1; i < len(w); i++ {
		if w[i][0] == '#' {
			if unit = unitNumber(w[i:]); unit != "" {
				kind = "#"
			}
			return w[:i], kind, unit
		}
		if kind, n := unitAt(w, i); n > 0 {
			rest := unitNumber(w[i+n:])
			if kind == "FL" && n == 2 { // 2ND FLOOR
				rest = strings.TrimSpace(w[i][:len(w[i])-2] + " " + rest)
			}
			return w[:i], kind, rest
		}
	}
	return w, "", ""
}

// unitAt says whether a unit begins at a word: its kind, and how many words
// say that. Words that are also names of streets need a number behind them.
func unitAt(w []string, i int) (kind string, n int) {
	word, last := w[i], i == len(w)-1
	if !last && isOrdinal(word) && (w[i+1] == "FLOOR" || w[i+1] == "FL") {
		return "FL", 2
	}
	if word == "FL" || word == "FLOOR" {
		if !last && hasDigit(w[i+1]) {
			return "FL", 1
		}
		return "", 0
	}
	if kind, known := spell.UnitKind(word); known && word != "HASH" {
		return knownUnit(w, i, kind)
	}
	kind, alone, known := spell.UnitPart(word)
	switch {
	case !known:
		return "", 0
	case !alone && !last && hasDigit(w[i+1]) && i > 1 && (isType(w[i-1]) || isDirection(w[i-1])):
		return kind, 1
	case alone && last && (plainPart(word) || i > 1 && isType(w[i-1])):
		return kind, 1
	}
	return "", 0
}

// plainPart are parts of a building that are not often names of streets.
func plainPart(word string) bool {
	switch word {
	case "BASEMENT", "BSMT", "REAR", "LOBBY", "LBBY", "FRNT", "LOWR", "UPPR", "OFC":
		return true
	}
	return false
}

func knownUnit(w []string, i int, kind string) (string, int) {
	last := i == len(w)-1
	if last {
		if kind == "PH" && isUnitBefore(w, i) {
			return kind, 1
		}
		return "", 0
	}
	next := w[i+1]
	numbered := hasDigit(next) && !isOrdinal(next)
	switch {
	case kind == "NO" || kind == "NUM":
		if numbered {
			return "#", 1
		}
	case numbered, len(next) == 1 && !(isDirection(next) && i+2 < len(w)):
		return kind, 1
	case i == len(w)-2 && !isType(next) && isUnitBefore(w, i):
		return kind, 1
	}
	return "", 0
}

// isUnitBefore says whether the words before can be a whole street.
func isUnitBefore(w []string, i int) bool {
	return i > 1 || !isDirection(w[0])
}

// unitNumber writes what stands behind the kind: APARTMENT in it is APT, and
// the sign # says nothing more.
func unitNumber(w []string) string {
	var out []string
	for _, x := range w {
		x = strings.Trim(x, "#,")
		if k, ok := spell.UnitKind(x); ok {
			x = k
		}
		if x != "" {
			out = append(out, x)
		}
	}
	return join(out)
}

// bareUnit takes a unit without a word before it off the end: 12 MAIN ST 4B.
func bareUnit(w []string) ([]string, string) {
	n := len(w)
	if n < 3 || !hasDigit(w[n-1]) || isOrdinal(w[n-1]) || !digit(w[n-1][0]) && len(w[n-1]) > 3 {
		return w, ""
	}
	t, known := spell.StreetType(w[n-2])
	if n > 3 && !known && isDirection(w[n-2]) {
		t, known = spell.StreetType(w[n-3])
	}
	if _, _, numbered := highway(w); !known || numbered || !strong(t) || t == "HWY" || t == "RD" && digits(w[n-1]) {
		return w, ""
	}
	if _, _, numbered := highway(w[1:]); numbered {
		return w, ""
	}
	return w[:n-1], w[n-1]
}

// readUnit reads the fields of a unit, whichever of the two the words stand in.
func readUnit(kind, unit string) (string, string) {
	if kind == "" && unit == "" {
		return "", ""
	}
	if k, known := spell.UnitKind(kind); (known && k == kind || kind == "#") && isClean(unit) && strings.IndexByte(unit, ' ') < 0 && unit != "" {
		return kind, unit
	}
	var room [16]string
	w := words(room[:0], clean(kind+" "+unit))
	if len(w) == 0 {
		return "", ""
	}
	w = append([]string{"X"}, w...) // a street, so that the unit is not the first word
	if w[1] == "FL" {
		return "FL", unitNumber(w[2:])
	}
	if k, known := spell.UnitKind(w[1]); known && k != "NO" && k != "NUM" && k != "HASH" {
		return k, unitNumber(w[2:])
	}
	if k, _, known := spell.UnitPart(w[1]); known {
		return k, unitNumber(w[2:])
	}
	if _, k, u := takeUnit(w); k != "" {
		return k, u
	}
	if u := unitNumber(w[1:]); u != "" {
		return "#", u
	}
	return "", ""
}

// door is the unit as it is compared: APT 4B, #4B and Unit 4-B are one door.
func door(kind, unit string) string {
	if unit == "" {
		if kind == "#" {
			return ""
		}
		return kind
	}
	if isClean(unit) && strings.IndexByte(unit, ' ') < 0 {
		return strings.TrimLeft(unit, "0")
	}
	var b []byte
	for _, x := range strings.Fields(clean(unit)) {
		if _, known := spell.UnitKind(x); known && len(b) == 0 {
			continue
		}
		for i := range len(x) {
			if capital(x[i]) || digit(x[i]) || x[i] >= 0x80 {
				b = append(b, x[i])
			}
		}
	}
	return strings.TrimLeft(string(b), "0")
}
