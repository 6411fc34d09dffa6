// SPDX-License-Identifier: Apache-2.0

package event

import "hustings/election"

// ExtractAsked says that somebody asked for a list out of the roll: which, for
// whom and for what.
type ExtractAsked struct {
	Extract, Number, List, Format string
	Recipient, Purpose            string
	AsOf                          election.Date
	Seed                          string // of a draw
	Second                        bool   // a second person must agree
}

// Name is the fact's name in the ledger.
func (ExtractAsked) Name() string { return "extract.asked.v1" }

// Subject is the extract.
func (e ExtractAsked) Subject() string { return e.Extract }

// ExtractMade says that the list was made, and what its file's fingerprint is.
type ExtractMade struct {
	Extract, Number, List string
	Voters, Bytes         int64
	SHA256                string
}

// Name is the fact's name in the ledger.
func (ExtractMade) Name() string { return "extract.made.v1" }

// Subject is the extract.
func (e ExtractMade) Subject() string { return e.Extract }

// ExtractFailed says that a list could not be made, or that the second person
// did not agree.
type ExtractFailed struct{ Extract, Number, Why string }

// Name is the fact's name in the ledger.
func (ExtractFailed) Name() string { return "extract.failed.v1" }

// Subject is the extract.
func (e ExtractFailed) Subject() string { return e.Extract }

// ExtractFetched says that somebody took the file out of the house.
type ExtractFetched struct{ Extract, Number, List string }

// Name is the fact's name in the ledger.
func (ExtractFetched) Name() string { return "extract.fetched.v1" }

// Subject is the extract.
func (e ExtractFetched) Subject() string { return e.Extract }

// ExtractExpired says that the file was deleted after its time.
type ExtractExpired struct{ Extract, Number string }

// Name is the fact's name in the ledger.
func (ExtractExpired) Name() string { return "extract.expired.v1" }

// Subject is the extract.
func (e ExtractExpired) Subject() string { return e.Extract }

// ExtractLooked says that somebody saw how a list would begin.
type ExtractLooked struct{ List, Format string }

// Name is the fact's name in the ledger.
func (ExtractLooked) Name() string { return "extract.looked.v1" }

// SurveyAsked says that somebody had the federal survey of a year computed.
type SurveyAsked struct {
	Year     string
	From, To election.Date
	Excluded string // codes that do not apply here
}

// Name is the fact's name in the ledger.
func (SurveyAsked) Name() string { return "extract.survey-asked.v1" }

// Subject is the year.
func (e SurveyAsked) Subject() string { return e.Year }

// ExtractChoicesSaved says that choices were kept under a name.
type ExtractChoicesSaved struct{ ID, Label, List string }

// Name is the fact's name in the ledger.
func (ExtractChoicesSaved) Name() string { return "extract.choices-saved.v1" }

// Subject is what was kept.
func (e ExtractChoicesSaved) Subject() string { return e.ID }

// ExtractChoicesRemoved says that choices are kept no longer.
type ExtractChoicesRemoved struct{ ID, Label string }

// Name is the fact's name in the ledger.
func (ExtractChoicesRemoved) Name() string { return "extract.choices-removed.v1" }

// Subject is what was kept.
func (e ExtractChoicesRemoved) Subject() string { return e.ID }
