// SPDX-License-Identifier: Apache-2.0

// Package export writes results for others to load, from the same tally that
// the pages show:
//
//	OpenElections  CSV in the columns that archives and newsrooms know
//	NCSBE          tab separated, in the columns of North Carolina
//	Flat           CSV with one number in each row and every id beside its name
//	XLSX           a workbook for people
//	ERRJSON        NIST SP 1500-100 version 2, JSON
//	ERRXML         the same as XML
//
// What is hidden to protect the secrecy of few ballots (tally.Privacy) is
// hidden in all of them alike.
package export

import (
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

// DefaultSmallUnit is the number of ballots below which a unit shows no vote
// types, where an office has not chosen another.
const DefaultSmallUnit = 10

// Input is one version of the results, and what is to be said about it.
type Input struct {
	Tally        *tally.Tally
	Status       election.Status
	Generated    time.Time
	Issuer       string // the office, such as "Alder County Elections"
	Abbreviation string // of the issuer; made from its name where empty
	Definition   string // hash of the definition, so that a reader can hold it against his
	Test         bool
	Notes        string
	Sequence     int // which part of how many this is, from 1; 0 and 0: the only one
	Of           int

	SmallUnit int64          // units with fewer ballots show no vote types; 0: the default; negative: all show them
	Privacy   *tally.Privacy // the same worked out before; nil: worked out here
}

// privacy is what must be hidden.
func (in *Input) privacy() *tally.Privacy {
	if in.Privacy != nil {
		return in.Privacy
	}
	small := in.SmallUnit
	if small == 0 {
		small = DefaultSmallUnit
	}
	return tally.Protect(in.Tally, small)
}
