// SPDX-License-Identifier: Apache-2.0

// Package extract is the way by which anything of the roll leaves the house:
// lists, files and figures. It knows who has which list, for what, and counts
// the roll for the office's own day and for the federal survey.
//
//	asked -> (second person) -> queued -> made -> fetched … -> expired
//
// Voters of a programme of address confidentiality are in no list. Files are
// sealed, and gone after a week.
//
// Tables:  extract_extract, extract_piece, extract_saved, extract_count, extract_counted, extract_survey
// Tells:   extract.asked.v1, extract.made.v1, extract.fetched.v1 and their siblings in event/extract.go
// Asks:    Roll (the roll as of a day), Shapes (where precincts are), Queues (what waits), Intakes and Programmes (what the survey wants to know)
package extract

import (
	"context"
	"embed"
	"io/fs"
	"iter"
	"log/slog"
	"sync"
	"time"

	"hustings/election"
	"hustings/kit/blob"
	"hustings/kit/db"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/room"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/office/extract/list"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Roll gives the roll as it stood on a day, by what is known now, in the order
// of the voters' numbers.
type Roll interface {
	RollAsOf(ctx context.Context, on election.Date) iter.Seq2[list.Entry, error]
}

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Blobs        blob.Store
	Now          func() time.Time
	Log          *slog.Logger
	Jurisdiction string
	Office       string // its name
	Zone         *time.Location
	Sealer       *seal.Sealer
	Pairs        pair.Book
	Jobs         *job.Jobs
	Roll         Roll
	Shapes       Shapes     // nil: no map
	Intakes      Intakes    // nil: the house has no record of applications
	Programmes   Programmes // nil: nor of list maintenance
	Queues       func(ctx context.Context) ([]Queue, error)
	Deadlines    func(ctx context.Context) ([]Deadline, error)
	Settings
}

// Settings are what an office may set.
type Settings struct {
	TwoFrom   int64         // a list of so many voters that is not the public file takes two people; 1,000 where 0
	Keep      time.Duration // how long a file is kept; 7 days where 0
	Statement string        // what may be done with lists; the house's own words where empty
	FIPS      string        // the jurisdiction's number in the federal survey
}

// Extract is the room.
type Extract struct {
	Deps
	outline struct {
		sync.Mutex // guards what follows
		of         string
		map_       *precinctMap
	}
}

// New opens the room.
func New(d Deps) *Extract {
	if d.TwoFrom == 0 {
		d.TwoFrom = 1000
	}
	if d.Keep == 0 {
		d.Keep = 7 * 24 * time.Hour
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Extract{Deps: d}
}

// The room's permissions.
const (
	mayView   = "extract.view"
	mayPublic = "extract.public"
	mayMake   = "extract.make"
)

// secret is the key under which a file is sealed.
var secret = seal.Column{Table: "extract_extract", Name: "secret", Key: []string{"id"}, Purpose: "extract.file"}

// Room is everything that extract brings into the house.
func (s *Extract) Room() room.Room {
	return room.Room{
		Name: "extract",
		Permissions: []room.Permission{
			{Name: mayView, Doc: "see the roll in figures, and which lists have left the house"},
			{Name: mayPublic, Doc: "make the public voter file and take it out"},
			{Name: mayMake, Doc: "make lists of voters that are not public and take them out", Level: 2, Fresh: 15 * time.Minute},
		},
		Pairs:      []pair.Act{s.act()},
		Migrations: migrations,
		Words:      []fs.FS{sentences},
		Sealed:     []seal.Column{secret},
		Routes:     s.routes(),
		Menu: []web.Item{
			{Path: "/registry/today", Key: "extract.today", Needs: mayView, Order: 29},
			{Path: "/extract", Key: "extract.menu", Needs: mayView, Order: 36},
		},
		Hears: []ledger.Hear{
			{Listener: "extract.counts", Names: []string{"registry.registered.v1", "registry.revised.v1", "registry.moved.v1", "registry.loaded.v1", "registry.merged.v1", "registry.parted.v1"}, Do: s.heardChange},
			{Listener: "extract.refusals", Names: []string{"access.second-refused.v1"}, Do: s.heardRefusal},
		},
		Jobs: []job.Kind{
			{Name: jobMake, Do: s.work, Tries: mostTries},
			{Name: jobExpire, Do: s.expire},
			{Name: jobCount, Do: s.recount},
			{Name: jobSurvey, Do: s.survey},
		},
		Repeats: []job.Repeat{
			{Kind: jobExpire, Jurisdiction: s.Jurisdiction, Every: time.Hour},
			{Kind: jobCount, Jurisdiction: s.Jurisdiction, Every: 24 * time.Hour},
		},
		Ready: func(ctx context.Context) error { _, err := s.Made(ctx, 1); return err },
	}
}

const (
	jobMake   = "extract.make"
	jobExpire = "extract.expire"
	jobCount  = "extract.count"
)

// today is the day in the office's time.
func (s *Extract) today() election.Date {
	return election.DayOf(s.Now().In(s.Zone))
}
