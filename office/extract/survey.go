// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"context"
	"iter"

	"hustings/election"
	"hustings/office/registry/roll"
)

// Tally is how many applications of a source ended in a way.
type Tally struct {
	Ask     roll.Ask
	Outcome roll.Outcome
	Source  roll.Source
	N       int64
}

// Intakes knows how applications ended.
type Intakes interface {
	// Tally counts what was received from a day to a day, both included.
	Tally(ctx context.Context, from, to election.Date) ([]Tally, error)
}

// Record is what a programme of list maintenance did about a voter.
type Record struct {
	Programme, Run string
	Voter          roll.ID
	Name, Address  string
	Protected      bool
	Notice         string // its kind
	Sent           election.Date
	Answer         string
	Answered       election.Date
	Removed        election.Date
	Reason         roll.Reason // of the removal
}

// Programmes knows what list maintenance has done: 52 U.S.C. 20507(i) lets the
// public see it for two years.
type Programmes interface {
	Records(ctx context.Context, from, to election.Date) iter.Seq2[Record, error]
}
