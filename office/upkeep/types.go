// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hustings/kit/fault"
	"hustings/office/registry/gate"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
)

// Kind is a programme.
type Kind string

// The programmes.
const (
	NCOA       Kind = "ncoa"
	ERIC       Kind = "eric"
	Deaths     Kind = "deaths"
	Courts     Kind = "courts"
	DMV        Kind = "dmv"
	Jury       Kind = "jury"
	Returned   Kind = "returned"   // mail that came back; no file
	Duplicates Kind = "duplicates" // inside of the roll; no file
)

// Kinds are the programmes that a person starts; those of Files with a file.
func Kinds() []Kind { return append(Files(), Duplicates) }

// Files are the programmes that take a file.
func Files() []Kind { return []Kind{NCOA, ERIC, Deaths, Courts, DMV, Jury} }

func (k Kind) known() error {
	if !slices.Contains(Kinds(), k) {
		return fault.On("kind", fault.New(fault.Invalid, "Choose a programme."))
	}
	return nil
}

// State is how far a run is.
type State string

// The states of a run.
const (
	Reading State = "reading"
	Held    State = "held"
	Refused State = "refused"
	Linking State = "linking"
	Open    State = "open"
	Undoing State = "undoing"
	Undone  State = "undone"
)

// Run is one file that was put through a programme.
type Run struct {
	ID, File, SHA256      string
	Kind                  Kind
	State                 State
	Lines                 int64
	Profile               gate.Profile
	Verdict               gate.Verdict
	Troubles              []string
	Summary               Summary
	TakenBy, TakenName    string
	TakenAt               time.Time
	ReleasedBy, Released  string // id and name of the second person
	ReleaseWhy, UndoneWhy string
	UndoneBy              string
	UndoneAt              time.Time
	Stays                 []string
	Job                   string
}

// Summary is what the matching says of itself.
type Summary struct {
	Read, Matched int                           // lines that ask for something, and those with a candidate
	Without       map[string]int                // why lines have none
	Strata        map[int]int                   // how many pairs there are of each stratum
	Tiers         map[match.Tier]match.Estimate // the model's own estimate
}

// Action is what comes of a candidate.
type Action string

// The actions. None of them takes anybody off the roll.
const (
	Update  Action = "update"  // the address, and a notice of it
	Notify  Action = "notice"  // a notice that asks whether the voter has left
	Propose Action = "propose" // that somebody decides about a cancellation
	MergeIn Action = "merge"
	Restore Action = "restore"
)

// Decision is what a person says of a candidate.
type Decision string

// The decisions.
const (
	Undecided Decision = ""
	Same      Decision = "same"
	Different Decision = "different"
	Unsure    Decision = "unsure"
)

// Candidate is somebody of the roll whom a line is taken to be about.
type Candidate struct {
	Run, Number  string
	Kind         Kind
	Voter, Other roll.ID
	Line         Line
	Tier         match.Tier
	Weight       float64
	Steps        []match.Step
	Cautions     []string // words keys, without "upkeep.caution."
	Action       Action
	Decision     Decision
	Document     string
	DecidedBy    string
	DecidedName  string
	DecidedAt    time.Time
	Why          string
	Done         string
	Trouble      string
	Stratum      int
	Sampled      bool
	Round        int // how often a decision was taken back
	Label        Decision
}

// key names a candidate among those of all runs. After a decision was taken
// back it is another one, for a change is made once for a cause.
func (c *Candidate) key() string {
	if c.Round == 0 {
		return c.Run + "/" + c.Number
	}
	return fmt.Sprintf("%s/%s#%d", c.Run, c.Number, c.Round+1)
}

// cause is what the roll keeps as the ground of what was done for a candidate.
func (c *Candidate) cause() string { return "upkeep " + c.key() }

// The causes of what follows from a notice.
const (
	becauseIssued   = " notice"
	becauseAnswered = " answer"
	becauseRemoved  = " removed"
)

// thousandths is a weight as the table has it.
func thousandths(w float64) int64 { return int64(w*1000 + 0.5*sign(w)) }

func sign(x float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}

// asText is a value as a column of JSON has it.
func asText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain data alone
	}
	return string(b)
}
