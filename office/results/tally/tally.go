// SPDX-License-Identifier: Apache-2.0

// Package tally is the arithmetic of results, pure: no clock, no disk, no
// network. It knows three shapes of the same counts:
//
//	Statement  what one file says, in the file's own words
//	Sheet      the same, every name resolved to the locked definition
//	Tally      all sources together: what a page may show
//
// A Statement becomes a Sheet by Resolve; sheets become a Tally by Merge. A
// count that was not reported is absent, never zero.
package tally

import (
	"time"

	"hustings/election"
)

// Measure is a number about a unit or a contest that is no choice's votes. It
// stands in the place of a choice, so every Measure is negative.
type Measure = int32

// What a unit or a contest reports besides votes. Ballots, Registered and the
// others down to CheckIns are facts of a unit (Contest is NoContest) or, for
// Ballots, of a contest in a unit ("times cast").
const (
	Over        Measure = -1  // overvotes: votes lost to it (N for each overvoted ballot)
	Under       Measure = -2  // undervotes: votes not used
	Ballots     Measure = -3  // ballots cast
	Registered  Measure = -4  // registered voters
	Blank       Measure = -5  // ballots cast with no vote at all
	Rejected    Measure = -6  // ballots received and not counted
	Outstanding Measure = -7  // ballots received and not yet counted
	CheckIns    Measure = -8  // voters checked in plus mail ballots accepted, as the pollbook says
	Exhausted   Measure = -9  // ranked contests: ballots without a continuing choice in a round
	Subtotal    Measure = -10 // a sum of other lines of the same contest, such as all write-ins: never added
)

// NoContest stands in Cell.Contest for facts of a unit.
const NoContest int32 = -1

// TotalType is the vote type of a number that is not told apart by vote type.
const TotalType int16 = 0

// Statement is what one file says, in the file's own words. Names are stored
// once; counts refer to them by position.
type Statement struct {
	Path        string
	Format      string // nist-json, nist-xml, openelections, clarity, ncsbe, enhanced, ess, mapped, hand …
	Election    string
	State       string // two-letter postal code, empty where the file does not say
	Date        election.Date
	Generated   time.Time // zero where the file does not say
	Status      election.Status
	Test        bool   // the file calls itself a test
	Definition  string // the definition hash that the file claims, if any
	Rows        int    // rows or count elements read
	TotalOnly   bool   // no number is told apart by vote type
	NoTotals    bool   // only vote types are given; totals are their sums
	OverBallots bool   // overvotes are counted in ballots, not in votes

	Units    []NamedUnit
	Contests []NamedContest
	Choices  []NamedChoice
	Types    []NamedType // Types[0] is the total
	Counts   []Count
	Progress []Progress
	Findings []Finding // what could not be read
}

// NamedUnit is a unit as the file names it.
type NamedUnit struct {
	County, Name, Number, Code string
	Type                       election.UnitType
	Parent                     int32 // position of the unit that contains it, -1 if the file does not say
	Line                       int32
}

// NamedContest is a contest as the file names it.
type NamedContest struct {
	Name, District, Party, Code string
	Kind                        election.ContestKind // empty where the file does not say
	Variation                   election.Variation
	VotesAllowed, Elected       int // 0 where the file does not say
	Reported, Expected          int // units reported and in scope; Expected 0 where the file does not say
	Line                        int32
}

// NamedChoice is a choice as the file names it, or a measure.
type NamedChoice struct {
	Contest           int32 // NoContest for a fact of a unit
	Measure           Measure
	Name, Party, Code string
	Kind              election.ChoiceKind
	Line              int32
}

// NamedType is a vote type as the file names it.
type NamedType struct {
	Name string
	Item election.CountItem // empty where the name says nothing known
}

// Count is one number as reported.
type Count struct {
	Unit, Choice int32 // positions in Units and Choices
	Type, Round  int16 // position in Types; round 0 where there are none
	Line         int32
	N            int64
}

// Progress is how far the count has come in one unit for one vote type.
type Progress struct {
	Unit               int32
	Type               int16
	State              election.CountState
	Reported, Expected int // sub-units; Expected 0 where not told
	Percent            int // percent of precincts or sub-units reporting, -1 where not told
}

// Cell is one number of a Sheet or Tally, in the numbering of an Index. Cells
// are sorted by unit, contest, round, choice, type.
type Cell struct {
	Unit, Contest, Choice int32 // Choice: position in the contest, or a Measure
	Type, Round           int16
	Line                  int32 // of the file that said so; 0 in a Tally
	N                     int64
}

// Sheet is one file's counts, every name resolved to the definition.
type Sheet struct {
	Index    *Index
	Source   string
	Path     string
	Format   string
	Status   election.Status
	Test     bool
	Gen      time.Time
	Rows     int
	Types    []int16 // vote types that the file tells apart
	NoTotals bool
	// OverBallots: overvotes are counted in ballots, each worth VotesAllowed votes.
	OverBallots bool
	Cells       []Cell
	Progress    []Progress // Unit and Type in the numbering of the index
}

// Level is what a finding does to a file.
type Level string

// The levels, worst first: a blocked file is refused, a held one needs a
// second person with a reason, a warning is shown to the operator.
const (
	Block Level = "block"
	Hold  Level = "hold"
	Warn  Level = "warn"
	Info  Level = "info"
)

// Rank orders levels, the worst highest.
func (l Level) Rank() int {
	switch l {
	case Block:
		return 3
	case Hold:
		return 2
	case Warn:
		return 1
	}
	return 0
}

// Finding is what a check has to say about a file, a row or a number. Its
// sentence is Key in the words of the results room, filled with Args, so that
// each person reads it in their language.
type Finding struct {
	Check   string            `json:"check"` // I01 … P03, as catalogued
	Level   Level             `json:"level"`
	Key     string            `json:"key"` // words key, such as "check.C01"
	Args    map[string]string `json:"args,omitempty"`
	Unit    string            `json:"unit,omitempty"` // as a person would say it: "Navajo / Alpine"
	Contest string            `json:"contest,omitempty"`
	Choice  string            `json:"choice,omitempty"`
	Line    int               `json:"line,omitempty"`
}
