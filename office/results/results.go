// SPDX-License-Identifier: Apache-2.0

// Package results takes in counts on election night, holds them until a second
// person agrees, and puts them in front of the public.
//
//	file or hand entry -> checked -> held -> approved by a second person -> published
//	                         \-> blocked   \-> returned with a reason
//	approved -> withdrawn, by two people, as a new version
//
// Inner packages do the thinking, pure: intake reads outside formats, tally
// adds up, check holds the 44 rules, site writes the public pages, export the
// downloads. This folder is what people in the office do with them.
//
// Tables:  results_election, results_source, results_reference, results_report, results_version, results_entry
// Tells:   results.held.v1, results.approved.v1, results.published.v1 and their siblings
// Asks:    Definitions (what is on the ballot, what outside names mean), Pairs (the two-person rule),
// Checkpoint (where the sealed log stands)
package results

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"hustings/election"
	"hustings/kit/blob"
	"hustings/kit/db"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/publish"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/words"
	"hustings/office/results/check"
	"hustings/office/results/intake"
	"hustings/office/results/site"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Sentences are what the room says.
//
//go:embed words/*.json
var Sentences embed.FS

// Definitions knows what is on the ballot.
type Definitions interface {
	// Locked lists the elections whose definition is locked.
	Locked(ctx context.Context) ([]election.Ballot, error)
	// ByHash returns a definition that was locked once.
	ByHash(ctx context.Context, e election.ID, hash string) (*election.Definition, error)
	// Aliases returns what people have said that outside names mean.
	Aliases(ctx context.Context, e election.ID) ([]election.Alias, error)
}

// Settings are what an office may set about results.
type Settings struct {
	Rules     check.Rules
	SmallUnit int64         // units with fewer ballots show no vote types
	Recount   *site.Recount // when the law asks for a recount
	Office    site.Office
	Update    time.Duration // how often updates are announced on the night
	MaxFile   int64         // bytes of one file
	Listeners int           // desks and press keys that may keep a stream open
	URL       string        // where the public finds the published folder
	Early     bool          // rehearsal: publish before the last poll closes (never for a real election)
}

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Blobs        blob.Store
	Shelf        *publish.Shelf
	Words        *words.Catalog
	Now          func() time.Time
	Log          *slog.Logger
	Jurisdiction string
	Definitions  Definitions
	Pairs        pair.Book
	Style        site.Asset
	Script       site.Asset
	Viewers      func() int                            // how many are reading the public pages
	Checkpoint   func(context.Context) (string, error) // the sealed log's newest signed note; "" where there is none
	Settings     Settings
}

// Results is the room.
type Results struct {
	Deps
	mu       sync.Mutex // guards the maps
	desks    map[election.ID]*web.Stream
	press    map[election.ID]*web.Stream
	pictures map[election.ID]*picture
	frames   map[string]*site.Frame   // by definition hash
	shown    map[string]*site.Edition // what each published site shows now
	recent   recent                   // sheets and sums that were worked out last
}

// New opens the room.
func New(d Deps) *Results {
	if d.Settings.SmallUnit == 0 {
		d.Settings.SmallUnit = 10
	}
	if d.Settings.MaxFile == 0 {
		d.Settings.MaxFile = 256 << 20
	}
	if d.Settings.Listeners == 0 {
		d.Settings.Listeners = 500
	}
	if d.Settings.Update == 0 {
		d.Settings.Update = 15 * time.Minute
	}
	return &Results{Deps: d, desks: make(map[election.ID]*web.Stream), press: make(map[election.ID]*web.Stream),
		pictures: make(map[election.ID]*picture), frames: make(map[string]*site.Frame), shown: make(map[string]*site.Edition)}
}

// Room is everything that results brings into the house.
func (s *Results) Room() room.Room {
	return room.Room{
		Name: "results",
		Permissions: []room.Permission{
			{Name: "results.view", Doc: "see the desk, reports and their checks"},
			{Name: "results.upload", Doc: "send in result files"},
			{Name: "results.enter", Doc: "type numbers by hand"},
			{Name: "results.map", Doc: "say how the columns of a flat file are read"},
			{Name: "results.source", Doc: "say who sends files and how they count"},
			{Name: "results.approve", Doc: "let a held report out, or send it back", Level: 2, Fresh: 30 * time.Minute},
			{Name: "results.withdraw", Doc: "ask for an approved report to be taken back", Level: 2, Fresh: 30 * time.Minute},
			{Name: "results.certify", Doc: "ask for the results to be called certified, a recount, complete", Level: 2, Fresh: 30 * time.Minute},
			{Name: "results.press", Doc: "listen to each new version as it is published"},
			{Name: "results.settings", Doc: "open an election for results, switch from test to live, announce the next update"},
		},
		Pairs: []pair.Act{{Name: letOut, Key: "results.pair.approve", Needs: "results.approve", Life: 365 * 24 * time.Hour, Path: pairPath,
			Asks: []string{"results.upload", "results.enter", "results.withdraw", "results.certify"}}},
		Migrations: migrations,
		Words:      []fs.FS{Sentences, check.Words, intake.Words, site.Words},
		Routes:     s.routes(),
		Menu:       []web.Item{{Path: "/results", Key: "results.menu", Needs: "results.view", Order: 10}},
		Hears: []ledger.Hear{
			{Listener: "results.publisher", Names: []string{"results.approved.v1"}, Do: s.publishApproved},
			{Listener: "results.desk", Here: true, Names: []string{"results.held.v1", "results.refused.v1", "results.returned.v1",
				"results.approved.v1", "results.published.v1"}, Do: s.tellDesk},
		},
	}
}
