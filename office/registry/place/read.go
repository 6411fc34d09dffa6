// SPDX-License-Identifier: Apache-2.0

package place

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hustings/office/registry/roll"
)

// Read takes one line apart, with or without the city, state and ZIP code
// behind it: "12½ N. Main Street, Apt 4, Springfield, IL 62704". A line that
// cannot be read is kept in Lines.
func Read(line string) Reading {
	r := Reading{Typed: line}
	if len(line) > maxLine {
		r.problem("line", line, fmt.Sprintf("has %d letters; at most %d are read", len(line), maxLine))
		return r
	}
	var room [48]string
	w := words(room[:0], clean(line))
	if len(w) == 0 {
		return r
	}
	r.body(r.takeTail(w))
	return r
}

// body reads the line without city, state and ZIP code.
func (r *Reading) body(w []string) {
	w = slices.DeleteFunc(w, mark)
	if kind, line, rest := readBox(w); kind != Unread {
		r.Kind, r.Address.Lines = kind, []string{line}
		if len(rest) > 0 {
			r.problem("line", join(rest), "says nothing about the box or route before it")
		}
		return
	}
	w = r.takeEstate(w)
	w = unitFirst(w)
	if box, before := findBox(w); box != "" {
		r.Address.Lines = append(r.Address.Lines, box)
		r.problem("line", box, "a box stands behind the street; only the street says where they live")
		w = before
	}
	number, rest := takeHouse(w)
	if number == "" && len(w) > 2 && spanish[w[0]] != "" && digits(strings.TrimPrefix(w[len(w)-1], "#")) { // CALLE SOL #150
		number, rest = short(strings.TrimPrefix(w[len(w)-1], "#")), w[:len(w)-1]
		r.problem("number", number, "it stood behind the street")
	}
	if number == "" {
		r.unread(w)
		return
	}
	r.Kind, r.Address.Number = Street, number
	r.street(rest)
}

func (r *Reading) unread(w []string) {
	r.Kind, r.Address.Lines = Unread, append(r.Address.Lines, strings.TrimSpace(r.Typed))
	switch {
	case len(w) == 0:
		r.problem("line", r.Typed, "there is no street in it")
	case len(w) == 1:
		r.problem("line", r.Typed, "there is only one word in it; a house number and a street are needed")
	default:
		r.problem("number", w[0], "is no house number, and a street address begins with one")
	}
}

// street reads what stands behind the house number.
func (r *Reading) street(w []string) {
	a := &r.Address
	w, a.UnitKind, a.Unit = takeUnit(w)
	if a.UnitKind == "" {
		if w, a.Unit = bareUnit(w); a.Unit != "" {
			a.UnitKind = "#"
			r.problem("unit", a.Unit, "no word such as APT stands before it; it was taken for a unit")
		}
	}
	s := readWay(w)
	a.Before, a.Street, a.Type, a.After = s.before, s.name, s.kind, s.after
	r.settle()
}

// settle reads what was read once more until it stays: a street that has lost
// its type may end in another word that can be read.
func (r *Reading) settle() {
	for range 4 {
		was := r.Address
		again := Reading{Address: was}
		again.parts()
		r.Address = again.Address
		a, b := &was, &again.Address
		if a.Number == b.Number && a.Before == b.Before && a.Street == b.Street && a.Type == b.Type && a.After == b.After && a.UnitKind == b.UnitKind && a.Unit == b.Unit {
			return
		}
	}
}

// takeEstate takes the urbanization of a Puerto Rican address off the front.
func (r *Reading) takeEstate(w []string) []string {
	if len(w) < 4 || w[0] != "URB" && w[0] != "URBANIZACION" {
		return w
	}
	for i := 2; i < len(w)-1; i++ {
		if digits(w[i]) {
			r.Address.Lines = append(r.Address.Lines, "URB "+join(w[1:i]))
			return w[i:]
		}
	}
	return w
}

// unitFirst puts a unit that stands before the house number behind the street.
func unitFirst(w []string) []string {
	if len(w) < 4 || !looksLikeHouse(w[2]) {
		return w
	}
	if kind, _ := readUnit(w[0], w[1]); kind == "" || kind == "#" && w[0][0] != '#' || !hasDigit(w[1]) && len(w[1]) > 1 {
		return w
	}
	return append(slices.Clone(w[2:]), w[0], w[1])
}

// Normal writes an address whose parts are known in the forms of Publication
// 28. What cannot be read stays as it is. Normal of a normal address changes
// nothing.
func Normal(a roll.Address) Reading {
	r := Reading{Typed: a.Line(), Address: a.Clone()}
	if a.Country != "" && a.Country != "US" && a.Country != "USA" {
		r.problem("line", a.Country, "addresses of other countries are kept as they are")
		return r
	}
	if a.Number == "" && a.Street == "" {
		r.lines()
	} else {
		r.parts()
		r.settle()
	}
	r.locality()
	return r
}

// lines reads an address that is known by its lines only.
func (r *Reading) lines() {
	a := &r.Address
	if len(a.Lines) == 0 {
		if a.Directions != "" {
			r.problem("line", a.Directions, "directions are for people; a map tells where it is")
		}
		return
	}
	first := Read(a.Lines[0])
	r.Kind, r.Problems = first.Kind, first.Problems
	if first.Kind == Unread {
		return
	}
	f := first.Address
	a.Number, a.Before, a.Street, a.Type, a.After = f.Number, f.Before, f.Street, f.Type, f.After
	if f.Unit != "" || f.UnitKind != "" {
		a.UnitKind, a.Unit = f.UnitKind, f.Unit
	}
	a.City, a.State, a.ZIP = cmp.Or(a.City, f.City), cmp.Or(a.State, f.State), cmp.Or(a.ZIP, f.ZIP)
	a.Lines = append(f.Lines, a.Lines[1:]...)
}

// mark says whether a word is a mark of its own, which parts other words.
func mark(word string) bool { return word == "," || word == "#" }

// parts reads the number, the street and the unit from their own fields.
func (r *Reading) parts() {
	a := &r.Address
	if long := len(a.Number) + len(a.Before) + len(a.Street) + len(a.Type) + len(a.After) + len(a.UnitKind) + len(a.Unit); long > maxLine {
		r.problem("line", a.Street, fmt.Sprintf("has %d letters; at most %d are read", long, maxLine))
		return
	}
	number := clean(a.Number)
	if number == "" {
		r.problem("number", "", "there is no house number")
	} else if n, rest := takeHouse(append(strings.Fields(number), "X")); n == "" || len(rest) != 1 {
		r.problem("number", a.Number, "is no house number")
	} else {
		a.Number, r.Kind = n, Street
	}
	var room [24]string
	s, unit := readStreet(room[:0], a)
	if unit[1] != "" || unit[0] != "" {
		a.UnitKind, a.Unit = unit[0], unit[1]
	}
	if s.name == "" {
		r.Kind = Unread
		r.problem("street", a.Street, "there is no name of a street in it")
		return
	}
	a.Before, a.Street, a.Type, a.After = s.before, s.name, s.kind, s.after
	a.UnitKind, a.Unit = readUnit(a.UnitKind, a.Unit)
}

// readStreet reads the fields of a street together, since their words may
// stand in any of them. A unit in them counts where the address has none.
func readStreet(room []string, a *roll.Address) (s way, unit [2]string) {
	w := room
	for _, field := range [...]string{a.Before, a.Street, a.Type, a.After} {
		if field != "" {
			w = words(w, clean(field))
		}
	}
	w = slices.DeleteFunc(w, mark)
	if len(w) == 0 {
		return s, unit
	}
	if a.Unit == "" && a.UnitKind == "" {
		w, unit[0], unit[1] = takeUnit(w)
	}
	return readWay(w), unit
}

// locality reads city, state and ZIP code.
func (r *Reading) locality() {
	a := &r.Address
	if len(a.City) <= maxLine {
		a.City = strings.TrimLeft(strings.TrimRight(clean(a.City), " ,#"), " ,")
	}
	if a.State != "" {
		if code := states[clean(a.State[:min(len(a.State), 64)])]; code != "" {
			a.State = code
		} else {
			r.problem("state", a.State, "is no state of the Postal Service")
		}
	}
	if a.ZIP != "" {
		if zip, ok := readZIP(strings.TrimSpace(a.ZIP)); ok {
			a.ZIP = zip
		} else {
			r.problem("zip", a.ZIP, "a ZIP code has five digits or nine; spreadsheets drop a leading 0")
		}
	}
}
