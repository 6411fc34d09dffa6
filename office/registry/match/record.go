// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"

	"hustings/office/registry/spell"
)

// record is one line of a file, made ready for comparing. Words are numbers in
// the lexicon, 0 where the line has none.
type record struct {
	given, middle, surname     uint32
	house, street, unit, line2 uint32
	city, postcode, state      uint32
	core                       uint32 // hash of the street's name alone
	door                       uint32 // hash of house, street and town or postcode
	email                      uint32
	birth                      day
	line                       uint32
	stamp                      uint32 // hash of all of it, for picking samples in any order of rows
	phone                      code
	ids                        [numIDs]code
	suffix, sex                uint8
}

// The identifiers that are known.
const (
	idSSN4 = iota
	idLicence
	idNational
	numIDs
)

// word is a value that many records share, made ready once.
type word struct {
	folded   string   // as the lexicon knows it
	text     string   // folded, without spaces
	sound    uint32   // hash of how it sounds
	letters  uint32   // which letters it has, a bit for each
	whole    uint32   // hash of text
	families []uint16 // of nicknames, for given names
	parts    []uint32 // hashes of its parts, where it has several
}

// lexicon holds every word once. Word 0 is no word.
type lexicon struct {
	words []word
	by    map[string]uint32
}

func newLexicon() *lexicon {
	return &lexicon{words: make([]word, 1), by: make(map[string]uint32)}
}

// add gives the number of a folded value.
func (l *lexicon) add(folded string) uint32 {
	if folded == "" {
		return 0
	}
	if n, ok := l.by[folded]; ok {
		return n
	}
	folded = strings.Clone(folded)
	n := uint32(len(l.words))
	l.words = append(l.words, makeWord(folded))
	l.by[folded] = n
	return n
}

// particles belong to a name but do not tell it from another.
var particles = func() map[string]bool {
	out := make(map[string]bool)
	for _, p := range strings.Fields("DE LA LAS LOS DEL VAN VON DER DEN TEN TER DI DA DO DOS DAS DU LE MC MAC ST SAN SANTA EL AL BIN BINT IBN ABU Y E") {
		out[p] = true
	}
	return out
}()

func makeWord(folded string) word {
	w := word{folded: folded, text: tight(folded)}
	w.sound, w.whole = hash(sound(w.text)), hash(w.text)
	for i := range len(w.text) {
		w.letters |= 1 << (w.text[i] & 31)
	}
	var room [8]string
	parts := fields(room[:0], folded)
	w.families = spell.Families(w.text)
	if len(parts) == 1 {
		return w
	}
	if w.families == nil {
		w.families = spell.Families(parts[0])
	}
	for _, p := range parts {
		if len(p) > 1 && !particles[p] {
			w.parts = append(w.parts, hash(p))
		}
	}
	return w
}

// root is what the forms of a given name have in common, for finding
// candidates.
func (w *word) root() uint32 {
	if len(w.families) > 0 {
		return uint32(w.families[0])
	}
	return w.sound
}

// initial is the first letter.
func (w *word) initial() byte {
	if w.text == "" {
		return 0
	}
	return w.text[0]
}

// roll is a file after reading.
type roll struct {
	recs []record
	lex  *lexicon
	ids  []byte   // ids one after the other
	ends []uint32 // where each id ends
	File File

	headers []string
	spill   spill
}

// id is what the output calls a record.
func (r *roll) id(i int32) string {
	from := uint32(0)
	if i > 0 {
		from = r.ends[i-1]
	}
	return string(r.ids[from:r.ends[i]])
}

// restamp hashes what a record says. The stamp does not depend on which file
// it came from, nor on the rows before it.
func (r *record) restamp(l *lexicon) {
	h := uint64(r.birth)
	for _, w := range [...]uint32{r.given, r.surname, r.middle, r.house, r.street, r.postcode} {
		h = stir(h, uint64(hash(l.words[w].text)))
	}
	h = stir(h, uint64(r.phone))
	for _, c := range r.ids {
		h = stir(h, uint64(c))
	}
	r.stamp = uint32(h)
}

// wordFields are the fields of a record that are numbers in the lexicon.
func (r *record) wordFields() [10]*uint32 {
	return [...]*uint32{&r.given, &r.middle, &r.surname, &r.house, &r.street, &r.unit, &r.line2, &r.city, &r.postcode, &r.state}
}
