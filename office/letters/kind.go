// SPDX-License-Identifier: Apache-2.0

package letters

import "slices"

// Kind is a kind of letter.
type Kind string

// The kinds of letters.
const (
	Acknowledgement Kind = "acknowledgement" // an application led to a registration
	Incomplete      Kind = "incomplete"      // something is missing in an application
	Denial          Kind = "denial"
	Transfer        Kind = "transfer"     // a registration moved with its voter
	IDRequired      Kind = "id-required"  // 52 U.S.C. 21083(b): identification at the first vote
	Confirmation    Kind = "confirmation" // 52 U.S.C. 20507(d)(2): the notice before a removal
	Duplicate       Kind = "duplicate"    // an application that changes nothing
	Cancellation    Kind = "cancellation"
)

// Kinds are all kinds, as lists show them.
func Kinds() []Kind {
	return []Kind{Acknowledgement, Incomplete, Denial, Transfer, IDRequired, Confirmation, Duplicate, Cancellation}
}

// Field is something that differs from letter to letter.
type Field struct {
	Name   string
	Needed bool // whoever asks for a letter must say it
}

// about says what a kind of letter is like.
type about struct {
	fields  []Field  // what whoever asks for a letter may say
	must    []string // fields that a template cannot do without
	card    bool     // it has a card to be sent back
	forward bool     // the mail may forward it; others come back
}

// kinds are the kinds of letters. 52 U.S.C. 20507(d)(2) wants its notice sent
// by forwardable mail, with a card that is addressed and needs no stamp.
var kinds = map[Kind]about{
	Acknowledgement: {fields: list("received*", "effective", "precinct", "place", "party")},
	Incomplete:      {fields: list("received*", "missing*", "deadline"), must: []string{"missing"}},
	Denial:          {fields: list("received*", "reason*", "appeal*"), must: []string{"reason", "appeal"}},
	Transfer:        {fields: list("effective*", "received", "precinct", "place")},
	IDRequired:      {fields: list("received", "election")},
	Confirmation:    {fields: list("reply_by*", "until*", "reason"), must: []string{"reply_by", "until"}, card: true, forward: true},
	Duplicate:       {fields: list("received*", "precinct", "place")},
	Cancellation:    {fields: list("reason*", "effective*", "appeal"), must: []string{"reason"}, forward: true},
}

// house are the fields that every letter has; the house fills them in itself.
var house = list("name", "date", "number", "office", "office_address", "office_phone", "office_email", "office_url")

// list are fields by their names; a needed one has a star.
func list(names ...string) (out []Field) {
	for _, n := range names {
		needed := n[len(n)-1] == '*'
		if needed {
			n = n[:len(n)-1]
		}
		out = append(out, Field{n, needed})
	}
	return out
}

// Fields are what whoever asks for a letter of a kind may say, and must.
func Fields(k Kind) []Field { return slices.Clone(kinds[k].fields) }

// fields are all fields that a template may use.
func (k Kind) fields() []Field { return slices.Concat(house, kinds[k].fields) }

// known says whether there is such a kind.
func (k Kind) known() bool { _, ok := kinds[k]; return ok }

// Forwardable says whether the mail may forward a letter of this kind.
func (k Kind) Forwardable() bool { return kinds[k].forward }
