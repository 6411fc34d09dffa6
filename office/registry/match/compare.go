// SPDX-License-Identifier: Apache-2.0

package match

import (
	mathbits "math/bits"

	"hustings/office/registry/spell"
)

// trait is one thing in which two records are compared.
type trait uint8

// The traits, those first that decide most for the least work.
const (
	tSSN4 trait = iota
	tLicence
	tNational
	tBirth
	tGiven
	tSurname
	tDoor
	tPlace
	tPhone
	tMiddle
	tSuffix
	tSex
	tLine2
	tEmail
	numTraits
)

// levels bounds how many degrees of agreement a trait has.
const levels = 14

// agreement is the degree to which two records agree in each trait; 0 where
// one of them says nothing.
type agreement [numTraits]uint8

// What the degrees are called, by trait. The first is full agreement; the
// order is only for reading.
var degrees = [numTraits][levels]string{
	tSSN4:     {1: "same last four of the social security number", 2: "last four of the social security number one slip apart", 3: "different last four of the social security number"},
	tLicence:  {1: "same licence number", 2: "licence number one slip apart", 3: "different licence number"},
	tNational: {1: "same national number", 2: "national number one slip apart", 3: "different national number"},
	tBirth: {1: "same date of birth", 2: "day and month of birth exchanged", 3: "date of birth one slip apart", 4: "two of day, month and year of birth agree",
		5: "same year of birth, one date is a 1 January", 6: "only the year of birth agrees", 7: "different date of birth", 8: "dates of birth fifteen years or more apart",
		9: "same year of birth, no day known", 10: "years of birth one apart, no day known", 11: "month and day of birth agree, the year does not"},
	tGiven: {1: "same given name", 2: "given names are forms of one", 3: "given name one slip apart", 4: "similar given names", 5: "given name agrees with an initial",
		6: "given name and surname exchanged", 7: "given name is the other's middle name", 8: "different given names", 9: "one given name is part of the other"},
	tSurname: {1: "same surname", 2: "surnames share a part", 3: "surname one slip apart", 4: "similar surnames", 5: "different surnames", 6: "surname is the other's middle name"},
	tDoor: {1: "same house and street", 2: "house and street agree but for a slip", 3: "same house, other unit", 4: "same street, other house", 5: "similar street, other house",
		6: "same house number, other street", 7: "other house and street", 8: "same house, one unit missing", 9: "same street, no house known", 10: "similar street, no house known"},
	tPlace: {1: "same town and postcode", 2: "same postcode", 3: "same town", 4: "postcode one slip apart", 5: "only the state agrees", 6: "other town and postcode",
		7: "same town and postcode, as the house has", 8: "same postcode, as the house has", 9: "same town, as the house has", 10: "postcode one slip apart, same house",
		11: "other town in the same state, same house", 12: "other town and postcode, same house"},
	tPhone:  {1: "same telephone", 2: "telephone one slip apart", 3: "different telephone"},
	tMiddle: {1: "same middle name", 2: "middle initial agrees", 3: "similar middle names", 4: "different middle names"},
	tSuffix: {1: "same generation (JR, SR)", 2: "one has a generation (JR, SR)", 3: "different generation (JR, SR)"},
	tSex:    {1: "same sex", 2: "different sex"},
	tLine2:  {1: "same second address line", 2: "similar second address line", 3: "different second address line"},
	tEmail:  {1: "same e-mail address", 2: "different e-mail address"},
}

// names of the traits, for people.
var traitNames = [numTraits]string{"SSN4", "licence", "national number", "birth date", "given name", "surname", "house and street", "town",
	"telephone", "middle name", "generation", "sex", "second address line", "e-mail"}

// compare fills in how far two records agree. It is the same whichever comes
// first.
func compare(l *lexicon, a, b *record, out *agreement) {
	compareNumbers(a, b, out)
	compareWhoTheyAre(l, a, b, out)
	compareWhereTheyLive(l, a, b, out)
}

// compareNumbers is what costs next to nothing.
func compareNumbers(a, b *record, out *agreement) {
	for i := range numIDs {
		out[i] = compareCodes(a.ids[i], b.ids[i])
	}
	if out[tNational] != 0 {
		out[tSSN4] = 0 // its last four digits say nothing more
	}
	out[tBirth] = compareBirth(a.birth, b.birth)
	out[tPhone] = comparePhones(a.phone, b.phone)
	out[tSuffix] = compareSuffixes(a.suffix, b.suffix)
	out[tSex] = differ(uint32(a.sex), uint32(b.sex))
	out[tEmail] = differ(a.email, b.email)
}

func compareWhoTheyAre(l *lexicon, a, b *record, out *agreement) {
	out[tGiven], out[tSurname] = compareNames(l, a, b)
	out[tMiddle] = compareMiddles(l, a, b, out[tGiven])
}

func compareWhereTheyLive(l *lexicon, a, b *record, out *agreement) {
	out[tDoor] = compareDoors(l, a, b)
	out[tPlace] = comparePlaces(l, a, b)
	if d := out[tDoor]; out[tPlace] > 0 && d > 0 && (d <= 3 || d >= 8) {
		out[tPlace] += 6 // the door says most of it already
	}
	out[tLine2] = compareLines(l, a.line2, b.line2)
}

func differ(a, b uint32) uint8 {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == b:
		return 1
	}
	return 2
}

func compareCodes(a, b code) uint8 {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == b:
		return 1
	case a.nearTo(b):
		return 2
	}
	return 3
}

func comparePhones(a, b code) uint8 {
	if a != 0 && b != 0 && a != b && a.lastSeven() == b.lastSeven() {
		return 1 // one lacks the area code, or the area code was changed
	}
	return compareCodes(a, b)
}

// generation is the least number of years between parents and their children.
const generation = 15

func compareBirth(a, b day) uint8 {
	if a == 0 || b == 0 {
		return 0
	}
	if a == b {
		if !a.whole() {
			return 9
		}
		return 1
	}
	ya, ma, da := a.parts()
	yb, mb, db := b.parts()
	gap := max(ya-yb, yb-ya)
	if ma == 0 || mb == 0 {
		return compareYears(gap)
	}
	switch {
	case ya == yb && ma == db && da == mb:
		return 2
	case slipped(a, b):
		return 3
	case ma == mb && da == db && gap >= generation:
		return 11
	case ya == yb && ma == mb, ya == yb && da == db, ma == mb && da == db:
		if ya == yb && (first(ma, da) || first(mb, db)) {
			return 5
		}
		return 4
	case ya == yb && (first(ma, da) || first(mb, db)):
		return 5
	case ya == yb:
		return 6
	case gap >= generation:
		return 8
	}
	return 7
}

func first(m, d int) bool { return m == 1 && d == 1 }

func compareYears(gap int) uint8 {
	switch {
	case gap == 0:
		return 9
	case gap == 1:
		return 10
	case gap >= generation:
		return 8
	}
	return 7
}

// slipped says whether two dates differ by one digit, or two neighbours
// exchanged.
func slipped(a, b day) bool {
	var x, y [8]uint8
	for i := 7; i >= 0; i-- {
		x[i], y[i] = uint8(a%10), uint8(b%10)
		a, b = a/10, b/10
	}
	wrong, at := 0, 0
	for i := range x {
		if x[i] != y[i] {
			if wrong == 0 {
				at = i
			}
			wrong++
		}
	}
	return wrong == 1 || wrong == 2 && at < 7 && x[at] == y[at+1] && x[at+1] == y[at]
}

func compareNames(l *lexicon, a, b *record) (given, surname uint8) {
	given, surname = compareGiven(l, a, b), compareSurname(l, a, b)
	if given <= 3 || surname <= 3 || a.given == 0 || a.surname == 0 || b.given == 0 || b.surname == 0 {
		return given, surname
	}
	// Given name and surname in one another's place.
	x, y := crossed(l, a.given, b.surname), crossed(l, b.given, a.surname)
	if x >= typo && y >= alike || y >= typo && x >= alike {
		return 6, 0
	}
	if given >= 8 && surname >= 5 && (x == same || y == same) {
		return 6, 0
	}
	return given, surname
}

func crossed(l *lexicon, a, b uint32) closeness {
	if a == b {
		return same
	}
	return closeWords(&l.words[a], &l.words[b])
}

func compareGiven(l *lexicon, a, b *record) uint8 {
	if a.given == 0 || b.given == 0 {
		return 0
	}
	if a.given == b.given {
		return 1
	}
	x, y := &l.words[a.given], &l.words[b.given]
	if x.text == y.text {
		return 1
	}
	if spell.Related(x.families, y.families) {
		return 2
	}
	if len(x.text) == 1 || len(y.text) == 1 {
		if x.text[0] == y.text[0] {
			return 5
		}
		return 8
	}
	if sharePart(x, y) {
		return 9
	}
	near := closeWords(x, y)
	if near >= typo {
		return 3
	}
	if a.given == b.middle && len(x.text) > 1 || b.given == a.middle && len(y.text) > 1 {
		return 7
	}
	if near == alike || x.sound == y.sound && x.text[0] == y.text[0] {
		return 4
	}
	return 8
}

// closeWords is likeness with a quick way out for words that share too few
// letters.
func closeWords(x, y *word) closeness {
	if mathbits.OnesCount32(x.letters&y.letters)*3 < 2*min(mathbits.OnesCount32(x.letters), mathbits.OnesCount32(y.letters))-1 {
		return apart
	}
	return likeness(x.text, y.text)
}

func sharePart(x, y *word) bool {
	if x.parts == nil && y.parts == nil {
		return false
	}
	if x.parts == nil {
		x, y = y, x
	}
	for _, p := range x.parts {
		if p == y.whole {
			return true
		}
		for _, q := range y.parts {
			if p == q {
				return true
			}
		}
	}
	return false
}

func compareSurname(l *lexicon, a, b *record) uint8 {
	if a.surname == 0 || b.surname == 0 {
		return 0
	}
	if a.surname == b.surname {
		return 1
	}
	x, y := &l.words[a.surname], &l.words[b.surname]
	if x.text == y.text {
		return 1
	}
	if sharePart(x, y) {
		return 2
	}
	near := closeWords(x, y)
	switch {
	case near >= typo:
		return 3
	case a.surname == b.middle || b.surname == a.middle:
		return 6
	case near == alike || x.sound == y.sound && x.text[0] == y.text[0]:
		return 4
	}
	return 5
}

func compareMiddles(l *lexicon, a, b *record, given uint8) uint8 {
	if a.middle == 0 || b.middle == 0 || given == 7 {
		return 0
	}
	if a.middle == b.middle {
		if len(l.words[a.middle].text) == 1 {
			return 2
		}
		return 1
	}
	x, y := &l.words[a.middle], &l.words[b.middle]
	if len(x.text) == 1 || len(y.text) == 1 {
		if x.text[0] == y.text[0] {
			return 2
		}
		return 4
	}
	if x.text == y.text {
		return 1
	}
	if spell.Related(x.families, y.families) || closeWords(x, y) >= alike || sharePart(x, y) {
		return 3
	}
	return 4
}

func compareSuffixes(a, b uint8) uint8 {
	switch {
	case a == 0 && b == 0:
		return 0
	case a == 0 || b == 0:
		return 2
	case a == b:
		return 1
	}
	return 3
}

// compareDoors compares house, street and unit together: they are one piece of
// evidence.
func compareDoors(l *lexicon, a, b *record) uint8 {
	if a.street == 0 || b.street == 0 {
		return 0
	}
	street := compareStreets(l, a, b)
	house := differ(a.house, b.house)
	switch {
	case house == 1 && street == same:
		return compareUnits(a.unit, b.unit)
	case house == 1 && street >= alike:
		return 2
	case house == 2 && street == same && likeness(l.words[a.house].text, l.words[b.house].text) >= typo:
		return 2
	case street == same && house == 0:
		return 9
	case street == same:
		return 4
	case street >= alike && house == 0:
		return 10
	case street >= alike:
		return 5
	case house == 1:
		return 6
	}
	return 7
}

func compareUnits(a, b uint32) uint8 {
	switch {
	case a == b:
		return 1
	case a == 0 || b == 0:
		return 8
	}
	return 3
}

func compareStreets(l *lexicon, a, b *record) closeness {
	if a.street == b.street || a.core == b.core {
		return same
	}
	return closeWords(&l.words[a.street], &l.words[b.street])
}

func comparePlaces(l *lexicon, a, b *record) uint8 {
	city, code := differ(a.city, b.city), differ(a.postcode, b.postcode)
	if city == 0 && code == 0 {
		if s := differ(a.state, b.state); s > 0 {
			return 4 + s
		}
		return 0
	}
	if city == 2 && closeWords(&l.words[a.city], &l.words[b.city]) >= alike {
		city = 1
	}
	switch {
	case city == 1 && code == 1:
		return 1
	case code == 1:
		return 2
	case city == 1:
		return 3
	case code == 2 && likeness(l.words[a.postcode].text, l.words[b.postcode].text) >= typo:
		return 4
	case a.state != 0 && a.state == b.state:
		return 5
	}
	return 6
}

func compareLines(l *lexicon, a, b uint32) uint8 {
	if d := differ(a, b); d != 2 {
		return d
	}
	if closeWords(&l.words[a], &l.words[b]) >= alike {
		return 2
	}
	return 3
}
