// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"slices"
	"time"

	"hustings/election"
)

// Step is what the roll does next.
type Step string

// The steps. None of them turns a voter away.
const (
	Verified   Step = "verified"
	NeedsID    Step = "needs-id"    // 52 U.S.C. 21083(b): identification with the first vote
	AsksPerson Step = "asks-person" // a clerk looks at it; the registration waits for nothing
	TryLater   Step = "try-later"   // a service is down; ask again
)

// Reason is why.
type Reason string

// The reasons, by the step that they lead to.
const (
	LicenseMatches Reason = "license-matches" // verified
	SSN4Matches    Reason = "ssn4-matches"

	NoNumber         Reason = "no-number" // needs ID: the state gives the voter a number of its own
	LicenseNotFound  Reason = "license-not-found"
	LicenseExpired   Reason = "license-expired"
	SSN4DoesNotMatch Reason = "ssn4-does-not-match"
	NoService        Reason = "no-service" // nobody can be asked about such a number

	Incomplete         Reason = "incomplete" // asks a person: name or birth date cannot be asked about
	NumberImpossible   Reason = "number-impossible"
	FieldsDiffer       Reason = "fields-differ"
	LicenseSurrendered Reason = "license-surrendered"
	LicenseOutOfState  Reason = "license-out-of-state"
	Deceased           Reason = "deceased"
	SeveralPeople      Reason = "several-people"

	Down       Reason = "down" // try later
	Busy       Reason = "busy"
	Malformed  Reason = "malformed"
	NoAnswer   Reason = "no-answer"
	KeyRefused Reason = "key-refused"
)

// reasons are those of each step.
var reasons = map[Step][]Reason{
	Verified:   {LicenseMatches, SSN4Matches},
	NeedsID:    {NoNumber, LicenseNotFound, LicenseExpired, SSN4DoesNotMatch, NoService},
	AsksPerson: {Incomplete, NumberImpossible, FieldsDiffer, LicenseSurrendered, LicenseOutOfState, Deceased, SeveralPeople},
	TryLater:   {Down, Busy, Malformed, NoAnswer, KeyRefused},
}

// Verdict is what the roll does next, why, and what of it may be kept: nothing
// in it is private.
type Verdict struct {
	Step     Step          `json:"step"`
	Reason   Reason        `json:"reason"`
	Fields   []Field       `json:"fields,omitempty"`   // that differ, or are missing
	Numbers  []Kind        `json:"numbers,omitempty"`  // that cannot be numbers of their kind
	Evidence []Evidence    `json:"evidence,omitempty"` // what was asked, in order
	Practice election.Date `json:"practice"`           // from when the practice holds that was followed
	After    time.Time     `json:"after,omitzero"`     // with try-later: not before; zero where nobody knows
	Err      error         `json:"-"`                  // with try-later: for the operator
}

// ShowsID says whether the voter shows identification with their first vote as
// things stand. All do whom nobody has verified yet; the roll knows who is
// exempt for another cause.
func (v Verdict) ShowsID() bool { return v.Step != Verified }

// Evidence is one answer of a service, without what was asked.
type Evidence struct {
	Service  Kind      `json:"service"`
	Request  string    `json:"request"` // by which the service finds it too
	Answer   Code      `json:"answer"`
	Standing Standing  `json:"standing,omitempty"`
	Differs  []Field   `json:"differs,omitempty"`
	Respelt  bool      `json:"respelt,omitempty"` // asked with another spelling of the name
	At       time.Time `json:"at"`
}

// inquiry is the check of one person while it goes on.
type inquiry struct {
	person   Person
	practice Practice
	ways     []way // what is to be asked, in order; empty once the verdict stands
	verdict  Verdict
}

// way is one question to ask.
type way struct {
	kind    Kind
	name    Record
	respelt bool
}

// begin lays out what to ask about a person.
func begin(p Person, practice Practice) *inquiry {
	q := &inquiry{person: p, practice: practice}
	q.verdict = Verdict{Step: NeedsID, Reason: NoNumber, Practice: practice.From}
	for _, k := range practice.Order {
		switch {
		case !p.given(k):
		case !possible(k, p.number(k).Reveal()):
			q.verdict.Numbers = append(q.verdict.Numbers, k)
			q.note(AsksPerson, NumberImpossible)
		default:
			q.ways = append(q.ways, way{kind: k, name: p.Record})
		}
	}
	if missing := p.missing(); len(missing) > 0 && len(q.ways) > 0 {
		q.ways = nil
		q.verdict.Fields = missing
		q.note(AsksPerson, Incomplete)
	}
	return q
}

// attention is how much each step asks of the office, of those that end a check
// that has not succeeded.
var attention = map[Step]int{NeedsID: 1, AsksPerson: 2}

// note keeps a step unless one that asks for more has been noted.
func (q *inquiry) note(s Step, r Reason) {
	if attention[s] >= attention[q.verdict.Step] {
		q.verdict.Step, q.verdict.Reason = s, r
	}
}

// skip goes on where nobody can be asked.
func (q *inquiry) skip() {
	q.ways = q.ways[1:]
	if len(q.verdict.Evidence) == 0 {
		q.note(NeedsID, NoService)
	}
}

// hear takes the answer to the first of the ways.
func (q *inquiry) hear(a Answer, request string, at time.Time) {
	w := q.ways[0]
	q.ways = q.ways[1:]
	if a.Err != nil {
		q.wait(a.Err)
		return
	}
	f := q.practice.weigh(q.person.Record, w.kind, a)
	q.verdict.Evidence = append(q.verdict.Evidence, Evidence{Service: w.kind, Request: request, Answer: a.Code,
		Standing: a.Standing, Differs: f.differs, Respelt: w.respelt, At: at})
	if f.final {
		q.ways = nil
		q.verdict.Step, q.verdict.Reason, q.verdict.Fields = f.step, f.reason, nil
		if f.reason == FieldsDiffer {
			q.verdict.Fields = f.differs
		}
		return
	}
	q.note(f.step, f.reason)
	if w.kind == SSN4 && a.Code == NoMatch && !w.respelt && q.practice.SSN4Names == Lenient {
		var more []way
		for _, name := range spellings(w.name) {
			more = append(more, way{SSN4, name, true})
		}
		q.ways = slices.Concat(more, q.ways)
	}
}

// wait ends the check for now.
func (q *inquiry) wait(err error) {
	q.ways = nil
	q.verdict.Step, q.verdict.Reason, q.verdict.Fields, q.verdict.Err = TryLater, Down, nil, err
	var t *Trouble
	if errors.As(err, &t) && slices.Contains(reasons[TryLater], t.Reason) {
		q.verdict.Reason, q.verdict.After = t.Reason, t.After
	}
}
