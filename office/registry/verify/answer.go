// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"slices"
	"time"
)

// Code is what a service says of a question.
type Code string

// The seven answers of the Help America Vote Verification of the Social
// Security Administration.
const (
	NoMatch          Code = "no-match"
	SingleAlive      Code = "single-match-alive"
	SingleDeceased   Code = "single-match-deceased"
	MultipleAlive    Code = "multiple-matches-alive"
	MultipleDeceased Code = "multiple-matches-deceased"
	MultipleMixed    Code = "multiple-matches-mixed"
	InvalidInput     Code = "invalid-input"
)

// The answers of a licence service besides NoMatch (the number is known, and a
// field differs) and InvalidInput.
const (
	Match    Code = "match"
	NotFound Code = "not-found" // the number is not known
)

// codes are what each service may say.
var codes = map[Kind][]Code{
	License: {Match, NoMatch, NotFound, InvalidInput},
	SSN4:    {NoMatch, SingleAlive, SingleDeceased, MultipleAlive, MultipleDeceased, MultipleMixed, InvalidInput},
}

// Standing is whether a licence that was found is current.
type Standing string

// The standings.
const (
	Valid       Standing = "valid"
	Expired     Standing = "expired"
	Surrendered Standing = "surrendered"  // given up, mostly for one of another state
	OutOfState  Standing = "out-of-state" // of another state
)

var standings = []Standing{Valid, Expired, Surrendered, OutOfState}

// Field is a part of a person's record.
type Field string

// The fields.
const (
	First  Field = "first"
	Middle Field = "middle"
	Last   Field = "last"
	Suffix Field = "suffix"
	Birth  Field = "birth"
)

var fields = []Field{First, Middle, Last, Suffix, Birth}

// Answer is what a service says of one question.
type Answer struct {
	Code     Code
	Standing Standing // of a licence that was found
	Differs  []Field  // of a licence: what differs, where the service says so
	OnFile   *Record  // of a licence: what the service has, where it tells; compared and let go
	Err      error    // there is no answer; a *Trouble says why
}

// Trouble is why a service gave no answer that can be used.
type Trouble struct {
	Reason Reason    // Down, Busy, Malformed, NoAnswer or KeyRefused
	After  time.Time // when it makes sense to ask again; zero where nobody knows
	Err    error     // a fault; nothing in it is private or the service's own words
}

// Error is the fault's.
func (t *Trouble) Error() string { return t.Err.Error() }

// Unwrap is the fault.
func (t *Trouble) Unwrap() error { return t.Err }

// found says whether a licence was found, so that it has a standing.
func (a Answer) found(k Kind) bool {
	return k == License && slices.Contains([]Code{Match, NoMatch}, a.Code)
}
