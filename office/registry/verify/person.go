// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"strings"
	"time"

	"hustings/kit/hide"
	"hustings/office/registry/roll"
)

// Kind is a kind of number, and the service that knows it.
type Kind string

// The kinds.
const (
	License Kind = "license"
	SSN4    Kind = "ssn4"
)

var kinds = []Kind{License, SSN4}

// Record is what is compared of a person besides a number.
type Record struct {
	First, Middle, Last, Suffix hide.String
	Birth                       hide.String // 1980-02-29
}

// Person is somebody whose numbers are to be checked.
type Person struct {
	Record
	License hide.String // or the number of a state's identification card
	SSN4    hide.String
}

// Question asks a service about one person.
type Question struct {
	ID     string // names this question at both ends; asked twice, it is answered alike
	Record Record
	Number hide.String // the licence number or the four digits
}

// Of takes from a registration what is checked. The last four of a whole social
// security number are taken; the rest never leaves the house.
func Of(v roll.Voter) Person {
	p := Person{Record: Record{First: hide.New(v.Name.First), Middle: hide.New(v.Name.Middle), Last: hide.New(v.Name.Last),
		Suffix: hide.New(v.Name.Suffix), Birth: hide.New(string(v.Birth))}}
	for _, i := range v.Identifiers {
		switch {
		case i.None || i.Value.IsZero():
		case i.Kind == roll.License, i.Kind == roll.StateID && p.License.IsZero():
			p.License = i.Value
		case i.Kind == roll.SSN4:
			p.SSN4 = i.Value
		case i.Kind == roll.SSN && p.SSN4.IsZero():
			p.SSN4 = lastFour(i.Value)
		}
	}
	return p
}

// lastFour are the last four digits of a social security number, and the whole
// of what is none: it is then found to be no number, and a clerk looks at it.
func lastFour(whole hide.String) hide.String {
	digits := strings.NewReplacer("-", "", " ", "").Replace(whole.Reveal())
	if len(digits) != 9 {
		return whole
	}
	return hide.New(digits[5:])
}

// number is what a service is asked about, in the form that goes over the wire;
// empty where the person has given none.
func (p Person) number(k Kind) hide.String {
	if k == SSN4 {
		return hide.New(strings.TrimSpace(p.SSN4.Reveal()))
	}
	return hide.New(strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '*' || r == '.': // as printed on some cards
			return -1
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, p.License.Reveal()))
}

// given says whether the person gave a number of a kind, good or not.
func (p Person) given(k Kind) bool {
	if k == SSN4 {
		return !p.SSN4.IsZero()
	}
	return !p.License.IsZero()
}

// longestLicense is more than any state's number has (25 in AAMVA's card design
// standard).
const longestLicense = 25

// possible says whether a number can be one at all.
func possible(k Kind, number string) bool {
	digits := strings.Trim(number, "0123456789") == ""
	if k == SSN4 {
		return digits && len(number) == 4 && number != "0000" // the administration gives out no 0000
	}
	return number != "" && len(number) <= longestLicense && strings.Trim(number, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// longestName is more than any service takes.
const longestName = 200

// missing are the fields without which no service can be asked.
func (p Person) missing() (out []Field) {
	if last := p.Last.Reveal(); strings.TrimSpace(last) == "" || len(last) > longestName {
		out = append(out, Last)
	}
	for f, text := range map[Field]string{First: p.First.Reveal(), Middle: p.Middle.Reveal(), Suffix: p.Suffix.Reveal()} {
		if len(text) > longestName {
			out = append(out, f)
		}
	}
	if _, err := time.Parse(time.DateOnly, p.Birth.Reveal()); err != nil {
		out = append(out, Birth)
	}
	return out
}
