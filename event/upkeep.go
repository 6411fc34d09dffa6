// SPDX-License-Identifier: Apache-2.0

package event

import "hustings/election"

// UpkeepTaken says that a file came in for a programme, and what the gate
// answered.
type UpkeepTaken struct {
	Run, Kind, File, SHA256 string
	Lines                   int64
	Answer                  string
	Findings                []string
}

// Name is the fact's name in the ledger.
func (UpkeepTaken) Name() string { return "upkeep.taken.v1" }

// Subject is the run.
func (e UpkeepTaken) Subject() string { return e.Run }

// UpkeepReleased says that a second person let a file in that the gate held, or
// refused it.
type UpkeepReleased struct {
	Run, Why string
	In       bool
}

// Name is the fact's name in the ledger.
func (UpkeepReleased) Name() string { return "upkeep.released.v1" }

// Subject is the run.
func (e UpkeepReleased) Subject() string { return e.Run }

// UpkeepLinked says that the lines of a run were matched with the roll.
type UpkeepLinked struct {
	Run, Kind                string
	Voters, Auto, Review, No int64
}

// Name is the fact's name in the ledger.
func (UpkeepLinked) Name() string { return "upkeep.linked.v1" }

// Subject is the run.
func (e UpkeepLinked) Subject() string { return e.Run }

// UpkeepDecided says that a person decided whether a line is about a voter; ""
// takes an earlier decision back.
type UpkeepDecided struct{ Run, Number, Voter, Decision, Why string }

// Name is the fact's name in the ledger.
func (UpkeepDecided) Name() string { return "upkeep.decided.v1" }

// Subject is the voter.
func (e UpkeepDecided) Subject() string { return e.Voter }

// UpkeepActed says what came of a line for a voter: updated, noticed, proposed,
// merged, restored, or dropped.
type UpkeepActed struct{ Run, Number, Voter, Done string }

// Name is the fact's name in the ledger.
func (UpkeepActed) Name() string { return "upkeep.acted.v1" }

// Subject is the voter.
func (e UpkeepActed) Subject() string { return e.Voter }

// UpkeepNotice says how far a notice has come: written, waiting, confirmed,
// moved, voted.
type UpkeepNotice struct {
	Notice, Voter, Letter, Stage string
	On, Due                      election.Date
}

// Name is the fact's name in the ledger.
func (UpkeepNotice) Name() string { return "upkeep.notice.v1" }

// Subject is the voter.
func (e UpkeepNotice) Subject() string { return e.Voter }

// UpkeepRemoval says that a person asked for voters to be taken off the roll,
// or that a second one agreed, or that it is done.
type UpkeepRemoval struct {
	Removal, State, Why string
	Voters              int64
}

// Name is the fact's name in the ledger.
func (UpkeepRemoval) Name() string { return "upkeep.removal.v1" }

// Subject is the removal.
func (e UpkeepRemoval) Subject() string { return e.Removal }

// UpkeepRemoved says that a voter was taken off the roll, for whom, and why.
type UpkeepRemoved struct{ Removal, Voter, Reason, By string }

// Name is the fact's name in the ledger.
func (UpkeepRemoved) Name() string { return "upkeep.removed.v1" }

// Subject is the voter.
func (e UpkeepRemoved) Subject() string { return e.Voter }

// UpkeepUndone says that a run was taken back: how many voters are as they were,
// and of how many something stays.
type UpkeepUndone struct {
	Run, Why      string
	Voters, Stays int64
}

// Name is the fact's name in the ledger.
func (UpkeepUndone) Name() string { return "upkeep.undone.v1" }

// Subject is the run.
func (e UpkeepUndone) Subject() string { return e.Run }

// UpkeepLabelled says that a person judged a pair of the sample by which a
// programme is measured.
type UpkeepLabelled struct{ Run, Number, Label string }

// Name is the fact's name in the ledger.
func (UpkeepLabelled) Name() string { return "upkeep.labelled.v1" }

// Subject is the run.
func (e UpkeepLabelled) Subject() string { return e.Run }

// UpkeepVotes says that a file told who voted.
type UpkeepVotes struct {
	File, SHA256      string
	Votes, New, Stays int64
}

// Name is the fact's name in the ledger.
func (UpkeepVotes) Name() string { return "upkeep.votes.v1" }

// Subject is the file.
func (e UpkeepVotes) Subject() string { return e.SHA256 }
