// SPDX-License-Identifier: Apache-2.0

package event

import (
	"time"

	"hustings/election"
)

// ResultsOpened says that an election takes results, in test or live mode.
type ResultsOpened struct {
	Election   election.ID
	Definition string // hash of the locked definition
	Mode       string // test or live
}

// Name is the fact's name in the ledger.
func (ResultsOpened) Name() string { return "results.opened.v1" }

// Subject is the election.
func (e ResultsOpened) Subject() string { return string(e.Election) }

// ResultsSourceSaved says how the files of one source are to be read.
type ResultsSourceSaved struct {
	Election election.ID
	Source   string
	Mode     string // cumulative or incremental
	Split    string // total or types
}

// Name is the fact's name in the ledger.
func (ResultsSourceSaved) Name() string { return "results.source-saved.v1" }

// Subject is the election.
func (e ResultsSourceSaved) Subject() string { return string(e.Election) }

// ResultsMapped says that a person explained the columns of a source's files.
type ResultsMapped struct {
	Election election.ID
	Source   string
}

// Name is the fact's name in the ledger.
func (ResultsMapped) Name() string { return "results.mapped.v1" }

// Subject is the election.
func (e ResultsMapped) Subject() string { return string(e.Election) }

// ResultsHeld says that a file came in and waits for a second person.
type ResultsHeld struct {
	Election election.ID
	Source   string
	Report   string
	File     string // its name
	SHA256   string
	Rows     int
	Holds    int // findings that need a reason
}

// Name is the fact's name in the ledger.
func (ResultsHeld) Name() string { return "results.held.v1" }

// Subject is the report.
func (e ResultsHeld) Subject() string { return e.Report }

// ResultsRefused says that a file came in and could not be taken.
type ResultsRefused struct {
	Election election.ID
	Source   string
	Report   string
	File     string
	SHA256   string
	Blocks   int // findings that refuse it
}

// Name is the fact's name in the ledger.
func (ResultsRefused) Name() string { return "results.refused.v1" }

// Subject is the report.
func (e ResultsRefused) Subject() string { return e.Report }

// ResultsReturned says that a second person sent a report back.
type ResultsReturned struct {
	Election       election.ID
	Report, Reason string
}

// Name is the fact's name in the ledger.
func (ResultsReturned) Name() string { return "results.returned.v1" }

// Subject is the report.
func (e ResultsReturned) Subject() string { return e.Report }

// ResultsApproved says that a second person approved a report: version Version
// of the results exists from now on. The publisher listens for it.
type ResultsApproved struct {
	Election election.ID
	Report   string
	Version  int64
	Kind     string // publish, correction, withdrawal or status
	Status   election.Status
	Mode     string
	Reason   string
	At       time.Time
}

// Name is the fact's name in the ledger.
func (ResultsApproved) Name() string { return "results.approved.v1" }

// Subject is the report.
func (e ResultsApproved) Subject() string { return e.Report }

// ResultsPublished says that a version is in front of the public.
type ResultsPublished struct {
	Election election.ID
	Version  int64
	Status   election.Status
	Mode     string
	Changed  int    // pages that are new or different
	SHA256   string // of the list of all files with their hashes
	At       time.Time
}

// Name is the fact's name in the ledger.
func (ResultsPublished) Name() string { return "results.published.v1" }

// Subject is the election.
func (e ResultsPublished) Subject() string { return string(e.Election) }

// ResultsEntered says that a person typed the numbers of one unit and contest.
// The numbers are in the room's table; only when two people agree do they
// become a report.
type ResultsEntered struct {
	Election election.ID
	Unit     election.UnitID
	Contest  election.ContestID
	Turn     int  // 1 or 2
	Agrees   bool // with the first entry; true for the first
}

// Name is the fact's name in the ledger.
func (ResultsEntered) Name() string { return "results.entered.v1" }

// Subject is the unit.
func (e ResultsEntered) Subject() string { return string(e.Unit) }

// ResultsReferenceKept says that results are held against a file from now on.
type ResultsReferenceKept struct {
	Election election.ID
	Kind     string // deck, independent, rounds, checkins, due
	File     string
	SHA256   string
	Rows     int
}

// Name is the fact's name in the ledger.
func (ResultsReferenceKept) Name() string { return "results.reference-kept.v1" }

// Subject is the election.
func (e ResultsReferenceKept) Subject() string { return string(e.Election) }

// ResultsReferenceRemoved says that results are no longer held against a file.
type ResultsReferenceRemoved struct {
	Election election.ID
	Kind     string
}

// Name is the fact's name in the ledger.
func (ResultsReferenceRemoved) Name() string { return "results.reference-removed.v1" }

// Subject is the election.
func (e ResultsReferenceRemoved) Subject() string { return string(e.Election) }

// ResultsZeroSeen says that a source has shown that it starts from zero.
type ResultsZeroSeen struct {
	Election election.ID
	Source   string
	Report   string
}

// Name is the fact's name in the ledger.
func (ResultsZeroSeen) Name() string { return "results.zero-seen.v1" }

// Subject is the election.
func (e ResultsZeroSeen) Subject() string { return string(e.Election) }
