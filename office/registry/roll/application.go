// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"time"

	"hustings/election"
)

// Application is what somebody asks of the roll, by whatever door it came: a
// page, a letter, the motor vehicle office, another program.
type Application struct {
	Asks  Ask
	Form  string // nvra, fpca, state, or as the sender calls it
	Voter Voter  // as they say of themselves; ID where they gave a number of the roll
	Was   Was    // what they were registered under before

	Transaction string // the sender's number of it; "" for none
	Drive       string // tracking code of the registration drive that collected it
	Language    string // BCP 47, of the letters they want
	Remarks     string

	Signed    election.Date
	Postmark  election.Date // the day that counts for a deadline, where it came by mail
	Delivered election.Date // the day an agency took it, which counts likewise
	Received  time.Time
}

// Was is what an applicant was registered under before.
type Was struct {
	Name *Name
	Home *Address
}

// Ask is what an application asks for.
type Ask string

// What may be asked for.
const (
	ToRegister    Ask = "register"
	ToUpdate      Ask = "update" // address, name, party or contact of a registration that is there
	ToCancel      Ask = "cancel"
	ToPreRegister Ask = "pre-register"
)

// Outcome is how an application ended. Every one ends in one of them.
type Outcome string

// The outcomes.
const (
	Created     Outcome = "created"
	Updated     Outcome = "updated"
	IsDuplicate Outcome = "duplicate"  // it says what the roll says already
	Lacking     Outcome = "incomplete" // the voter is asked for what is missing
	Rejected    Outcome = "rejected"
)

// Counts is the day that counts for a deadline: the postmark's, the agency's,
// or else the day on which the office received it, in the office's time.
func (a *Application) Counts(at *time.Location) election.Date {
	for _, d := range []election.Date{a.Delivered, a.Postmark} {
		if d != "" {
			return d
		}
	}
	return election.DayOf(a.Received.In(at))
}
