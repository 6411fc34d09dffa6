// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"

	"hustings/election"
	"hustings/office/registry/match"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
	"hustings/office/registry/verify"
)

// Change says from which day something holds in the roll, why, and what it
// rests on: a change for a cause is made once.
type Change struct {
	From       election.Date
	Why, Cause string
}

// Roll changes the roll of voters.
type Roll interface {
	Register(ctx context.Context, v roll.Voter, c Change) (roll.ID, error)
	Revise(ctx context.Context, id roll.ID, c Change, change func(*roll.Voter) error) error
	// TakeBack undoes what was done for a cause and names the fields that stay
	// because they were changed since; a fault of kind NotFound where nothing was.
	TakeBack(ctx context.Context, id roll.ID, cause, why string) (stays []string, err error)
}

// People knows who is in the roll.
type People interface {
	// Similar are the voters who may be this person, the likeliest first.
	Similar(ctx context.Context, v roll.Voter) ([]Likeness, error)
	// History are all versions of a voter, the first recorded first; a fault of
	// kind NotFound where there is no such voter.
	History(ctx context.Context, id roll.ID) ([]Version, error)
	// Voter is a voter as they stand now.
	Voter(ctx context.Context, id roll.ID) (roll.Voter, error)
}

// Likeness is a voter who may be an applicant, with the steps of the weight.
type Likeness struct {
	ID                  roll.ID
	Weight, Probability float64
	Tier                match.Tier
	Steps               []match.Step
}

// Version is a voter as they stood from a day on.
type Version struct {
	roll.Voter
	From  election.Date
	Cause string
}

// Places knows where an address votes.
type Places interface {
	Place(ctx context.Context, a roll.Address) (place.Answer, error)
}

// Numbers asks other offices about identifiers.
type Numbers interface {
	Many(ctx context.Context, people []verify.Person) []verify.Verdict
}

// Letters writes to people, once for each cause and kind.
type Letters interface {
	Write(ctx context.Context, l Letter) error
}

// Letter is a letter to an applicant.
type Letter struct {
	Kind     string // acknowledgement, id-required, incomplete, denial, transfer, cancellation, duplicate
	Language string
	Name     string
	To       roll.Address
	Fields   map[string]string
	About    string // the voter, or the application where there is none
	Cause    string
}

// Book has the rules of the office's state as of a day.
type Book func(on election.Date) (rules.Rules, error)
