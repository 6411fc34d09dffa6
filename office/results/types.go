// SPDX-License-Identifier: Apache-2.0

package results

import (
	"encoding/json"
	"time"

	"hustings/election"
	"hustings/office/results/check"
	"hustings/office/results/tally"
)

// Mode is whether an election's results are a logic-and-accuracy test or real.
type Mode string

// The modes. Files, versions and pages of a test never mix with live ones.
const (
	Test Mode = "test"
	Live Mode = "live"
)

// State is how far a report has come.
type State string

// The states of a report.
const (
	Blocked  State = "blocked"
	Held     State = "held"
	Returned State = "returned"
	Approved State = "approved"
)

// The kinds of reports.
const (
	File       = "file"       // a file, by browser, command line, program or watched folder
	Hand       = "hand"       // numbers typed twice
	Withdrawal = "withdrawal" // takes back an approved report
	StatusOnly = "status"     // changes how final the results are: certified, recount …
)

// Night is one election that takes results.
type Night struct {
	Election   election.ID
	Definition string // hash
	Mode       Mode
	Status     election.Status
	Version    int64     // the last approved one, 0 for none
	Next       time.Time // when the next update is expected; zero: not announced
	Opened     time.Time
}

// Source is a sender of files and how they are to be read.
type Source struct {
	ID, Name    string
	Incremental bool             // each file adds to the ones before; else it replaces them
	ByType      bool             // numbers are told apart by vote type
	OverBallots bool             // overvotes are counted in ballots, not in votes
	Zero        check.ZeroReport // whether it must show, and has shown, that it starts from zero
	Mapping     json.RawMessage
	Layout      json.RawMessage
	Due         time.Time     // when its next file is expected; zero: no expectation
	Every       time.Duration // and then this often
}

// Report is one file or set of numbers that came in.
type Report struct {
	ID, Source, Kind, File, Format, SHA256 string
	Election                               election.ID
	Mode                                   Mode
	Rows                                   int
	Worst                                  tally.Level
	Holds                                  int
	Correction, Target                     string
	Status                                 election.Status
	State                                  State
	UploadedBy, UploadedName               string
	UploadedAt                             time.Time
	DecidedName                            string
	DecidedAt                              time.Time
	Reason                                 string
	Version                                int64 // 0 until approved
	WithdrawnIn                            int64

	Adds   bool   // its source was incremental when it came in
	Base   int64  // the version that its checks compared with
	AlsoBy string // hand entry: the first of the two who typed
	Again  bool   // the same content was here already; nothing changed

	sheet, findings, found string // blob keys
}

// Version is one state of the results that a second person let out.
type Version struct {
	Number         int64
	Mode           Mode
	Kind           string
	Definition     string // hash
	Status         election.Status
	Report, Reason string
	ApprovedBy     string
	ApprovedAt     time.Time
	PublishedAt    time.Time // zero until the public could see it
}
