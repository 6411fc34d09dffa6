// SPDX-License-Identifier: Apache-2.0

// Package intake takes every application to the roll, by whatever door it
// comes, from its acceptance to its end.
//
//	scanned -> entered ┐
//	sent, loaded, made ┴-> accepted -> (a person looks | services are asked) -> ended
//	ended: created, updated, duplicate, incomplete or rejected, with a reason and a letter
//
// Accepting is one durable write and thinks about nothing. What follows is done
// by a job that goes on where it was: is it complete, where does it vote, who is
// it, do the numbers check, and then the roll is changed. The roll's changes
// name the application as their cause, so that nothing happens twice and
// everything can be taken back.
//
// Whatever the order in which applications are processed, the roll becomes the
// same: of each part of a registration (name, residence, party …) the
// application counts whose day is the latest; of one day, the one received last.
//
// Tables:  intake_application, intake_picture, intake_trail, intake_batch, intake_line, intake_drive, intake_handed
// Tells:   intake.accepted.v1 and its siblings in event/intake.go
// Asks:    Roll and People (who is registered), Places (where an address votes), Numbers (other offices about identifiers), Letters (what is written to people)
package intake

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/room"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/office/registry/verify"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Now          func() time.Time
	Log          *slog.Logger
	Jurisdiction string
	Zone         *time.Location // in which a day begins; nil: UTC
	Sealer       *seal.Sealer
	Roll         Roll
	People       People
	Places       Places
	Numbers      Numbers
	Letters      Letters // nil: nothing is written to anybody
	Rules        Book
	Elections    Elections // nil: no deadline holds anybody back
	Access       interface {
		May(ctx context.Context, p who.Person, permission string) error
	}
}

// Elections tells the elections from a day on, the next first.
type Elections interface {
	Upcoming(ctx context.Context, from election.Date) ([]election.Election, error)
}

// Intake is the room.
type Intake struct {
	Deps
	turn sync.Mutex // held while one application changes the roll, so that two of one person see each other
}

// New opens the room.
func New(d Deps) *Intake {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return &Intake{Deps: d}
}

// mayProtected is the registry's permission to see where a protected voter lives.
const mayProtected = "registry.protected"

// The room's permissions.
const (
	maySee    = "intake.view"
	mayDecide = "intake.decide"
	mayLoad   = "intake.load"
)

// Room is everything that intake brings into the house.
func (s *Intake) Room() room.Room {
	return room.Room{
		Name: "intake",
		Permissions: []room.Permission{
			{Name: maySee, Doc: "see applications to the roll and what became of them"},
			{Name: mayDecide, Doc: "enter paper forms and decide about applications to the roll"},
			{Name: mayLoad, Doc: "hand in applications to the roll, one by one or as a file"},
		},
		Migrations: migrations,
		Words:      []fs.FS{sentences, verify.Words},
		Sealed:     []seal.Column{private, picture},
		Routes:     append(s.apiRoutes(), s.pageRoutes()...),
		Menu:       []web.Item{{Path: "/intake", Key: "intake.menu", Needs: maySee, Order: 31}},
		Hears:      []ledger.Hear{{Listener: "intake.process", Names: []string{event.ApplicationAccepted{}.Name()}, Do: s.heard}},
		Jobs:       []job.Kind{{Name: processKind, Do: s.work}, {Name: sweepKind, Do: s.sweep, Tries: 1}},
		Repeats:    []job.Repeat{{Kind: sweepKind, Jurisdiction: s.Jurisdiction, Every: time.Minute}},
		Ready:      func(ctx context.Context) error { _, err := s.Counts(ctx); return err },
	}
}

// The sealed columns.
var (
	private = seal.Column{Table: "intake_application", Name: "private", Key: []string{"id"}, Purpose: "intake.application"}
	picture = seal.Column{Table: "intake_picture", Name: "body", Key: []string{"application", "n"}, Purpose: "intake.picture"}
)
