// SPDX-License-Identifier: Apache-2.0

// Package place reads addresses and says where they vote. It thinks only: no
// clock, no disk, no database.
//
//	Read, Normal    an address in the forms of USPS Publication 28; what was
//	                typed is kept, and what could not be read is said
//	Key             one text for one door, however it was written
//	Streets         street ranges (the street segments of VIP): which precinct
//	                or split an address lies in; overlaps and gaps in the ranges
//	Layer           precincts, splits or districts as shapes on the map
//	Assigner        both together: precinct, districts, how it was decided and
//	                how sure that is; Reassign for a whole roll
//
// Where ranges and shapes disagree the ranges win, as the specification of VIP
// asks, and the answer says so.
package place

import (
	"fmt"

	"hustings/office/registry/roll"
)

// Kind is what sort of address was read.
type Kind string

// The kinds of addresses.
const (
	Street   Kind = "street"           // a number on a street
	Box      Kind = "po-box"           // nobody lives in one
	Rural    Kind = "rural-route"      // RR 2 BOX 18
	Contract Kind = "highway-contract" // HC 72 BOX 293A
	General  Kind = "general-delivery"
	Military Kind = "military" // PSC, CMR or UNIT with a box
	Unread   Kind = ""
)

// Reading is an address as it was typed and as it was read.
type Reading struct {
	Typed    string
	Kind     Kind
	Address  roll.Address // in the forms of Publication 28
	Problems []Problem
}

// Problem is something that could not be read or had to be guessed.
type Problem struct {
	Field string // number, street, unit, city, state, zip or line
	Value string // what stood there
	Why   string
}

// String says the problem in a sentence.
func (p Problem) String() string {
	if p.Value == "" {
		return fmt.Sprintf("%s: %s", p.Field, p.Why)
	}
	return fmt.Sprintf("%s %q: %s", p.Field, p.Value, p.Why)
}

func (r *Reading) problem(field, value, why string) {
	if len(value) > 80 {
		value = value[:80] + "…"
	}
	r.Problems = append(r.Problems, Problem{field, value, why})
}

// Key is the address as one text that is the same for every way of writing it.
func (r *Reading) Key() string { return key(&r.Address) }

// Confidence is how sure an answer is.
type Confidence int

// How sure an answer is. Only what is Certain should change a registration
// without a person looking at it.
const (
	None    Confidence = iota // no answer
	Unsure                    // several answers, or two sources that contradict one another
	Likely                    // one answer, with something left out of account
	Certain                   // one answer
)

// String is the confidence in a word.
func (c Confidence) String() string { return [...]string{"none", "unsure", "likely", "certain"}[c] }
