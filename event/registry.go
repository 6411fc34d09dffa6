// SPDX-License-Identifier: Apache-2.0

package event

import "hustings/election"

// VoterRegistered says that a voter is in the roll who was not.
type VoterRegistered struct {
	Voter, State, Reason, Source string
	From                         election.Date // from when it holds
}

// Name is the fact's name in the ledger.
func (VoterRegistered) Name() string { return "registry.registered.v1" }

// Subject is the voter.
func (e VoterRegistered) Subject() string { return e.Voter }

// VoterRevised says that a voter's registration was changed from a day on. What
// names the fields, not what is in them.
type VoterRevised struct {
	Voter, State, Reason, Why string
	Version                   int64
	From                      election.Date
	What                      []string
}

// Name is the fact's name in the ledger.
func (VoterRevised) Name() string { return "registry.revised.v1" }

// Subject is the voter.
func (e VoterRevised) Subject() string { return e.Voter }

// RollLoaded says that voters were put into the roll from a file, all of a part
// of it at once.
type RollLoaded struct {
	Run    string // the load's
	Part   int
	Voters int64
	SHA256 string // of the digests of the voters as they were kept, two thousand at a time
}

// Name is the fact's name in the ledger.
func (RollLoaded) Name() string { return "registry.loaded.v1" }

// Subject is the load.
func (e RollLoaded) Subject() string { return e.Run }

// VotersMerged says that two registrations are of one person: Gone is
// cancelled, and what only it knew is in Keep.
type VotersMerged struct{ Keep, Gone, Why string }

// Name is the fact's name in the ledger.
func (VotersMerged) Name() string { return "registry.merged.v1" }

// Subject is the registration that stays.
func (e VotersMerged) Subject() string { return e.Keep }

// VotersParted says that a merge was taken back.
type VotersParted struct{ Keep, Gone, Why string }

// Name is the fact's name in the ledger.
func (VotersParted) Name() string { return "registry.parted.v1" }

// Subject is the registration that stayed.
func (e VotersParted) Subject() string { return e.Keep }

// LinesBrought says that street ranges were brought in, as a draft.
type LinesBrought struct {
	Lines, File, SHA256 string
	Ranges              int64
	From                election.Date // from when they are to hold
}

// Name is the fact's name in the ledger.
func (LinesBrought) Name() string { return "registry.lines.brought.v1" }

// Subject is the list of ranges.
func (e LinesBrought) Subject() string { return e.Lines }

// LinesPlanned says what street ranges would do to the roll.
type LinesPlanned struct {
	Lines               string
	Voters, Moved, Left int // Left have no certain answer and stay
}

// Name is the fact's name in the ledger.
func (LinesPlanned) Name() string { return "registry.lines.planned.v1" }

// Subject is the list of ranges.
func (e LinesPlanned) Subject() string { return e.Lines }

// LinesUsed says that street ranges were put to use; voters are moved behind
// it.
type LinesUsed struct {
	Lines string
	From  election.Date
}

// Name is the fact's name in the ledger.
func (LinesUsed) Name() string { return "registry.lines.used.v1" }

// Subject is the list of ranges.
func (e LinesUsed) Subject() string { return e.Lines }

// VotersMoved says that voters vote elsewhere from a day on by street ranges:
// those who were never changed before, some at a time. The others are told of
// by VoterRevised.
type VotersMoved struct {
	Lines  string
	From   election.Date
	Voters []string
}

// Name is the fact's name in the ledger.
func (VotersMoved) Name() string { return "registry.moved.v1" }

// Subject is the list of ranges.
func (e VotersMoved) Subject() string { return e.Lines }

// LinesTakenBack says that what street ranges did is undone.
type LinesTakenBack struct{ Lines, Why string }

// Name is the fact's name in the ledger.
func (LinesTakenBack) Name() string { return "registry.lines.takenback.v1" }

// Subject is the list of ranges.
func (e LinesTakenBack) Subject() string { return e.Lines }

// RollTurned says that what was recorded ahead for a day stands now.
type RollTurned struct {
	Day    election.Date
	Voters int
}

// Name is the fact's name in the ledger.
func (RollTurned) Name() string { return "registry.turned.v1" }

// Subject is the day.
func (e RollTurned) Subject() string { return string(e.Day) }
