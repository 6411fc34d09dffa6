// SPDX-License-Identifier: Apache-2.0

package place

import (
	"strings"

	"hustings/office/registry/roll"
)

// Key is one text for one door, however its address is written: number, street,
// unit, and the ZIP code, or the city and state where there is none.
func Key(a roll.Address) string {
	r := Normal(a)
	return key(&r.Address)
}

func key(a *roll.Address) string {
	b := make([]byte, 0, 96)
	b = append(b, houseKey(a.Number)...)
	b = append(b, '|')
	if a.Street != "" {
		b = wayKey(b, way{a.Before, a.Street, a.Type, a.After})
	} else if len(a.Lines) > 0 {
		b = append(b, clean(a.Lines[0][:min(len(a.Lines[0]), maxLine)])...)
	}
	b = append(b, '|')
	b = append(b, door(a.UnitKind, a.Unit)...)
	b = append(b, '|')
	if len(a.ZIP) >= 5 {
		return string(append(b, a.ZIP[:5]...))
	}
	b = append(b, cityName(a.City)...)
	b = append(b, '|')
	return string(append(b, a.State...))
}

// houseKey is the number without zeros that say nothing: 37-08 is 37-8.
func houseKey(number string) string {
	first, second, hyphen := strings.Cut(number, "-")
	if hyphen {
		return first + "-" + short(second)
	}
	return number
}

// wayKey writes a street as it is compared. SAINT and ST in front of a name,
// MOUNT and MT are one; 5 AVE is 5TH AVE.
func wayKey(b []byte, s way) []byte {
	if s.before != "" {
		b = append(append(b, s.before...), ' ')
	}
	b = nameKey(b, s.name, s.kind)
	if s.kind != "" {
		b = append(append(b, ' '), s.kind...)
	}
	if s.after != "" {
		b = append(append(b, ' '), s.after...)
	}
	return b
}

func nameKey(b []byte, name, kind string) []byte {
	first, rest, more := strings.Cut(name, " ")
	switch {
	case more && first == "AVENIDA":
		return append(append(b, "AVENUE "...), rest...)
	case more && saints[first] != "":
		return append(append(append(b, saints[first]...), ' '), rest...)
	case !more && kind != "" && len(name) <= 3 && digits(name):
		return append(append(b, name...), ending(name)...)
	}
	return append(b, name...)
}

// ending is what makes an ordinal of a number.
func ending(n string) string {
	if len(n) > 1 && n[len(n)-2] == '1' {
		return "TH"
	}
	switch n[len(n)-1] {
	case '1':
		return "ST"
	case '2':
		return "ND"
	case '3':
		return "RD"
	}
	return "TH"
}
