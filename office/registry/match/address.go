// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"

	"hustings/office/registry/spell"
)

// place is the part of an address that names one door.
type place struct {
	house, street, core, unit string
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
		_, is := spell.UnitKind(words[i])
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
		if _, is := spell.UnitKind(words[0]); !is {
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
	if d, ok := spell.Direction(out[0]); ok && n > 1 {
		out[0], from = d, 1
	}
	if d, ok := spell.Direction(out[to-1]); ok && to-from > 1 {
		to--
		out[to] = d
	}
	if to-from > 1 {
		if t, ok := spell.StreetType(out[to-1]); ok {
			to--
			out[to] = t
		}
	}
	return strings.Join(out, ""), strings.Join(out[from:to], "")
}

// isUnit says whether a second address line is nothing but a unit.
func isUnit(folded string) bool {
	first, rest, more := strings.Cut(folded, " ")
	_, is := spell.UnitKind(first)
	return is && more && rest != ""
}
