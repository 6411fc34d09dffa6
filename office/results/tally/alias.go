// SPDX-License-Identifier: Apache-2.0

package tally

import "hustings/election"

// What can have an alias, and an alias itself: nouns that the definition room
// keeps and this package reads.
type (
	AliasKind = election.AliasKind
	Alias     = election.Alias
)

// The kinds of aliases.
const (
	UnitAlias    = election.UnitAlias
	ContestAlias = election.ContestAlias
	ChoiceAlias  = election.ChoiceAlias
	TypeAlias    = election.TypeAlias
)

// Aliases are the names that people have explained.
type Aliases = []Alias

type aliasKey struct {
	kind                            AliasKind
	county, contest, district, name string
}

// aliasBook finds aliases by name.
type aliasBook map[aliasKey][]Alias

func newAliasBook(list Aliases) aliasBook {
	book := make(aliasBook, len(list))
	for _, a := range list {
		k := aliasKey{a.Kind, countyKey(a.County), a.Contest, districtKey(a.District), Fold(a.Name)}
		book[k] = append(book[k], a)
	}
	return book
}

// find returns the id that an alias gives, the most particular one first: one
// for this county before one for any, one with this party before one without.
func (b aliasBook) find(kind AliasKind, county, contest, district, name, party string) (string, bool) {
	if len(b) == 0 {
		return "", false
	}
	county, district, name = countyKey(county), districtKey(district), Fold(name)
	for _, k := range []aliasKey{
		{kind, county, contest, district, name}, {kind, county, "", district, name},
		{kind, "", contest, district, name}, {kind, "", "", district, name},
	} {
		anyParty := ""
		for _, a := range b[k] {
			if a.Party != "" && PartyKey(a.Party) == PartyKey(party) {
				return a.ID, true
			}
			if a.Party == "" {
				anyParty = a.ID
			}
		}
		if anyParty != "" {
			return anyParty, true
		}
	}
	return "", false
}
