// SPDX-License-Identifier: Apache-2.0

package site

import (
	"time"

	"hustings/election"
	"hustings/kit/words"
	"hustings/office/results/tally"
)

// Frame is what stays the same from version to version: addresses, names in
// every language, colours and maps. It is made once for a definition and is
// safe to share.
type Frame struct {
	Index *tally.Index

	voices       []*voice
	zone         *time.Location
	unitNames    []string // escaped
	unitPaths    []string // without language and extension: precinct/0042
	contestPaths []string // contest/mayor
	contestSlugs []string
	focus        []int32 // by contest: the unit whose parts its page compares
	areaNames    []string
	parents      []int32
	partySlugs   []string
	parties      map[election.PartyID]int
	tones        [][]string // by contest and choice: the class of its colour
	palette      Asset
	charts       map[int32]*chart
}

// NewFrame prepares a definition for its pages in the languages of a catalog
// that holds the words of this package.
func NewFrame(x *tally.Index, catalog *words.Catalog) *Frame {
	def := x.Def
	f := &Frame{Index: x, voices: voices(catalog), zone: def.Election.Zone(), charts: charts(x)}
	f.address(x)
	for u := range def.Units {
		f.unitNames = append(f.unitNames, escaped(unitName(def.Units[u])))
		f.parents = append(f.parents, x.Parent(int32(u)))
	}
	for c := range def.Contests {
		f.focus = append(f.focus, focusOf(x, int32(c)))
	}
	f.paint()
	for _, v := range f.voices {
		v.learn(def)
	}
	return f
}

// unitName is a unit as its page calls it: with its number, unless the name
// says it already.
func unitName(u election.Unit) string {
	switch {
	case u.Name == "":
		return string(u.ID)
	case u.Number == "" || containsWord(u.Name, u.Number):
		return u.Name
	}
	return u.Number + " " + u.Name
}

func containsWord(s, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i:i+len(word)] == word {
			return true
		}
	}
	return false
}

// learn keeps the names of a definition in the voice's language.
func (v *voice) learn(def *election.Definition) {
	tag := v.Lang()
	v.types = append(v.types, escaped(v.T("results.site.total")))
	for _, t := range def.VoteTypes {
		v.types = append(v.types, escaped(orElse(t.Name.In(tag), string(t.ID))))
	}
	for _, c := range def.Contests {
		v.contests = append(v.contests, escaped(orElse(c.Name.In(tag), string(c.ID))))
		names := make([]string, len(c.Choices))
		for i, choice := range c.Choices {
			names[i] = escaped(orElse(choice.Name.In(tag), string(choice.ID)))
		}
		v.choices = append(v.choices, names)
	}
	for _, party := range def.Parties {
		v.parties = append(v.parties, escaped(orElse(party.Name.In(tag), string(party.ID))))
	}
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// focusOf finds the unit whose parts a contest's page compares: the smallest
// one that holds all of the contest. A council race within one county compares
// its precincts, a statewide one the counties.
func focusOf(x *tally.Index, c int32) int32 {
	u := x.Root()
	for u >= 0 {
		var with []int32
		unsure := false
		for _, k := range x.Children(u) {
			on, known := x.OnBallot(k, c)
			if on {
				with = append(with, k)
			}
			unsure = unsure || !known
		}
		if unsure || len(with) != 1 || len(x.Children(with[0])) == 0 {
			return u
		}
		u = with[0]
	}
	return u
}
