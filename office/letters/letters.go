// SPDX-License-Identifier: Apache-2.0

// Package letters is what the office writes to people, from the template to the
// returned envelope, for all rooms.
//
//	written -> batched -> issued (as the printer confirmed) -> returned | answered
//	   |          |
//	   |          +-> written   spoiled, or the batch was cancelled
//	   +-> withdrawn
//
// A letter is issued only by the printer's confirmation, whose count and hash
// must be those of the batch's file. The file is not kept: it is made of the
// sealed letters whenever it is fetched, and is always the same.
//
// The inner package paper lays letters out and writes PDF.
//
// Tables:  letters_letter, letters_batch, letters_line, letters_text, letters_template
// Tells:   letters.issued.v1, letters.returned.v1 and their siblings in event/letters.go
// Asks:    nobody
package letters

import (
	"context"
	"embed"
	"io/fs"
	"sync"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/job"
	"hustings/kit/room"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/words"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Now          func() time.Time
	Jurisdiction string
	Sealer       *seal.Sealer
	Words        *words.Catalog // in the languages of the letters
	Jobs         Jobs
	Office       Office
	Zone         *time.Location // where the office's days end
}

// Jobs knows how far the making of a large batch is; nil: nobody asks.
type Jobs interface {
	Get(ctx context.Context, jurisdiction, id string) (job.Job, error)
}

// Office is who writes.
type Office struct {
	Name              string
	Address           []string // lines
	Phone, Email, URL string
}

// sender is the office as it stands on letters of a day.
type sender struct {
	Office
	Day election.Date
}

// today is the office as it stands on letters of today.
func (s *Letters) today() sender {
	return sender{s.Office, election.DayOf(s.Now().In(s.Zone))}
}

// Letters is the room.
type Letters struct {
	Deps
	sure sync.Map // SHA-256 of files that this process made or checked, by batch
}

// New opens the room.
func New(d Deps) *Letters { return &Letters{Deps: d} }

// The room's permissions.
const (
	maySee   = "letters.view"
	mayWrite = "letters.write"
	mayPrint = "letters.print"
)

// Room is everything that letters brings into the house.
func (s *Letters) Room() room.Room {
	return room.Room{
		Name: "letters",
		Permissions: []room.Permission{
			{Name: maySee, Doc: "see letters, batches and what came back"},
			{Name: mayWrite, Doc: "change the templates of letters, and withdraw letters"},
			{Name: mayPrint, Doc: "make print batches, fetch them, confirm them, and take down returned mail"},
		},
		Migrations: migrations,
		Words:      []fs.FS{sentences},
		Sealed:     []seal.Column{content, forward},
		Jobs:       []job.Kind{{Name: makeJob, Do: s.makeBatch}},
		Routes:     s.routes(),
		Menu:       []web.Item{{Path: "/letters", Key: "letters.menu", Needs: maySee, Order: 34}},
		Ready:      func(ctx context.Context) error { _, err := s.Queue(ctx); return err },
	}
}

// The sealed columns: to whom a letter goes and what it says, and the new
// address that the mail told.
var (
	content = seal.Column{Table: "letters_letter", Name: "content", Key: []string{"id"}, Purpose: "letters.content"}
	forward = seal.Column{Table: "letters_letter", Name: "forward", Key: []string{"id"}, Purpose: "letters.content"}
)
