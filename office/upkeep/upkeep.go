// SPDX-License-Identifier: Apache-2.0

// Package upkeep keeps the roll clean, by the programmes of the National Voter
// Registration Act (52 U.S.C. 20507): changes of address from the Postal
// Service and the motor vehicle office, reports of other states, deaths,
// courts, jury lists, returned mail, and people who are in the roll twice.
//
//	file -> counted at the gate -> (held -> released by a second person)
//	     -> matched with the roll -> candidates -> looked at -> acted on
//	notice written -> issued: the voter is inactive -> answered, or voted: active
//	     -> no word in two federal general elections -> taken off, by a person
//
// A match alone takes nobody off the roll: what comes of a file is an address, a
// notice or a proposal. Only remove.go cancels, for a person who signs for it,
// and for more than a handful two do. Before a federal election no programme
// takes anybody off. Each change carries its run and line as its cause, so that
// a whole run can be taken back.
//
// Tables:  upkeep_run, upkeep_part, upkeep_candidate, upkeep_notice, upkeep_vote, upkeep_removal
// Tells:   upkeep.taken.v1, upkeep.released.v1, upkeep.linked.v1, upkeep.decided.v1, upkeep.acted.v1, upkeep.notice.v1, upkeep.removal.v1, upkeep.removed.v1, upkeep.undone.v1, upkeep.labelled.v1, upkeep.votes.v1
// Hears:   letters.issued.v1, letters.returned.v1, letters.answered.v1, letters.undone.v1
// Asks:    Roll, Desk, Merger, Places, Letters, Elections
package upkeep

import (
	"context"
	"embed"
	"io/fs"
	"iter"
	"log/slog"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/room"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/office/registry/roll"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Roll knows the voters.
type Roll interface {
	Voter(ctx context.Context, id roll.ID) (roll.Voter, error)
	// All are the voters as they stand now, in the order of their numbers.
	All(ctx context.Context) iter.Seq2[roll.Voter, error]
}

// Change says from which day something holds, why, and what it rests on. A
// change for a cause is made once for each voter.
type Change struct {
	From       election.Date
	Why, Cause string
}

// Desk changes voters. TakeBack names the fields that have been changed again
// since and so stay.
type Desk interface {
	Revise(ctx context.Context, id roll.ID, c Change, change func(*roll.Voter) error) error
	TakeBack(ctx context.Context, id roll.ID, cause, why string) (stays []string, err error)
}

// Merger makes one of two registrations of one person, and takes that back.
type Merger interface {
	Merge(ctx context.Context, keep, gone roll.ID, c Change) error
	Unmerge(ctx context.Context, gone roll.ID, why string) (stays []string, err error)
}

// Spot is where an address votes. It is Sure where there is one answer.
type Spot struct {
	Precinct  election.UnitID
	Districts []election.DistrictID
	Sure      bool
}

// Places knows where an address votes; ok is false where it is not of this
// jurisdiction.
type Places interface {
	Place(ctx context.Context, a roll.Address) (spot Spot, ok bool, err error)
}

// Notice is a letter to a voter: a confirmation asks whether they have left, a
// transfer tells that their address was changed.
type Notice struct {
	Kind     string // confirmation or transfer
	Language string
	To       []string
	Address  roll.Address
	About    roll.ID
	Cause    string
	ReplyBy  election.Date // of a confirmation: for the card
	Until    election.Date // and the election until which the registration stays
	From     election.Date // of a transfer: from when it holds
}

// Letters writes to voters. To write again for a cause gives the letter that
// was written then.
type Letters interface {
	Write(ctx context.Context, n Notice) (id string, err error)
	// Withdraw takes a letter back that is not printed yet.
	Withdraw(ctx context.Context, id, why string) error
}

// Elections knows the calendar.
type Elections interface {
	// Primaries are the primary elections for federal offices.
	Primaries(ctx context.Context) ([]FederalElection, error)
}

// Settings are what an office may set.
type Settings struct {
	Alone   int   // how many voters one person may take off the roll at once
	MaxFile int64 // bytes
}

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Now          func() time.Time
	Log          *slog.Logger
	Zone         *time.Location
	Jurisdiction string
	Sealer       *seal.Sealer
	Pairs        pair.Book
	Jobs         *job.Jobs
	Roll         Roll
	Desk         Desk
	Merger       Merger
	Places       Places
	Letters      Letters
	Elections    Elections
	Settings     Settings
}

// Upkeep is the room.
type Upkeep struct{ Deps }

// New opens the room.
func New(d Deps) *Upkeep {
	if d.Settings.Alone == 0 {
		d.Settings.Alone = 25
	}
	if d.Settings.MaxFile == 0 {
		d.Settings.MaxFile = 256 << 20
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return &Upkeep{d}
}

// The room's permissions.
const (
	maySee    = "upkeep.view"
	mayRun    = "upkeep.run"
	mayDecide = "upkeep.decide"
	mayRemove = "upkeep.remove"
)

// The room's kinds of jobs.
const (
	jobLink   = "upkeep.link"
	jobAct    = "upkeep.act"
	jobUndo   = "upkeep.undo"
	jobRemove = "upkeep.remove"
	jobShed   = "upkeep.shed"
)

// The acts for which the room needs two people.
const (
	actRelease = "upkeep.release"
	actRemove  = "upkeep.remove"
)

// Room is everything that upkeep brings into the house.
func (s *Upkeep) Room() room.Room {
	return room.Room{
		Name: "upkeep",
		Permissions: []room.Permission{
			{Name: maySee, Doc: "see the programmes that keep the roll clean, and their reports"},
			{Name: mayRun, Doc: "run a programme with a file, act on what is sure, and take a run back"},
			{Name: mayDecide, Doc: "decide whether two records are one person, and what comes of it"},
			{Name: mayRemove, Doc: "take voters off the roll", Level: 2, Fresh: 30 * time.Minute},
		},
		Pairs: []pair.Act{
			{Name: actRelease, Key: "upkeep.pair.release", Needs: mayRun, Path: runPath, Life: 30 * 24 * time.Hour},
			{Name: actRemove, Key: "upkeep.pair.remove", Needs: mayRemove, Level: 2, Do: s.agreed, Show: s.showRemoval, Life: 14 * 24 * time.Hour},
		},
		Migrations: migrations,
		Words:      []fs.FS{sentences},
		Sealed:     []seal.Column{partPrivate, candidatePrivate},
		Routes:     s.routes(),
		Menu:       []web.Item{{Path: "/upkeep", Key: "upkeep.menu", Needs: maySee, Order: 34}},
		Jobs: []job.Kind{
			{Name: jobLink, Do: s.linkJob}, {Name: jobAct, Do: s.actJob},
			{Name: jobUndo, Do: s.undoJob}, {Name: jobRemove, Do: s.removeJob},
			{Name: jobShed, Do: func(ctx context.Context, _ *job.Work) error { return s.shed(ctx) }},
		},
		Repeats: []job.Repeat{{Kind: jobShed, Jurisdiction: s.Jurisdiction, Every: 24 * time.Hour}},
		Hears:   []ledger.Hear{{Listener: "upkeep.letters", Names: []string{"letters.issued.v1", "letters.returned.v1", "letters.answered.v1", "letters.undone.v1"}, Do: s.heard}},
		Ready:   func(ctx context.Context) error { _, err := s.Runs(ctx); return err },
	}
}

func runPath(id string) string { return "/upkeep/runs/" + id }

// The sealed columns: what a file says of people.
var (
	partPrivate      = seal.Column{Table: "upkeep_part", Name: "private", Key: []string{"run", "part"}, Purpose: "upkeep.lines"}
	candidatePrivate = seal.Column{Table: "upkeep_candidate", Name: "private", Key: []string{"run", "number"}, Purpose: "upkeep.lines"}
)
