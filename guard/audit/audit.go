// SPDX-License-Identifier: Apache-2.0

// Package audit seals the ledger and shows it. Every entry, of every
// jurisdiction of the node, becomes a salted leaf of a Merkle tree whose root
// is signed about once a second and, where witnesses are set, countersigned
// by others. Tiles and checkpoint are public files; they hold no personal data.
//
//	entry committed -> leaf assigned (in the database) -> in the tree -> under a signed checkpoint
//	                                                  \-> salt shredded, the leaf stays
//
// Staff search the ledger, read it as sentences, keep searches and take it out
// as CSV, NIST SP 1500-101 event log or OCSF. Rules look at entries as they come
// and raise alarms, which somebody looks into.
//
//	alarm raised -> counted while nobody has looked -> closed, with what was found
//
// Inner packages think and touch no database: tree knows the log's files,
// receipt the proof of one entry.
//
// Tables:  audit_batch, audit_sealed, audit_search, audit_alarm, audit_sent
// Tells:   audit.exported.v1, audit.salts-shredded.v1 and their siblings in event/audit.go
// Asks:    Keys (the log's signing key), Access (who may see another jurisdiction's entries),
//
//	People (the names of those who work here), Powers (who can open all doors)
package audit

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/ledger"
	"hustings/kit/publish"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Access knows what a person may do.
type Access interface {
	May(ctx context.Context, p who.Person, permission string) error
}

// Settings are what an office may set about the log.
type Settings struct {
	Collector Collector // who is sent a copy of every entry
	Folder    string    // of tiles and checkpoint
	Origin    string    // the log's name, as it stands in every checkpoint; it never changes
	Witness   string    // path of the witness policy; "" for none
}

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Ledger       *ledger.Ledger
	Shelf        *publish.Shelf
	Words        *words.Catalog
	Now          func() time.Time
	Log          *slog.Logger
	Jurisdiction string // the office whose log it is
	Office       string // its name
	Keys         Keys
	Access       Access
	People       People // nil: ids stay ids
	Powers       Powers // nil: nobody can open all doors
	Style        Asset  // of the public page; no page is published without it
	Settings
}

// Audit is the room.
type Audit struct {
	Deps
	keys   keyOnce
	sealed atomic.Pointer[Sealed] // the newest that this process knows of
	alarm  atomic.Pointer[counted]
	asked  atomic.Int64 // when the database was last asked for it, Unix nanoseconds
}

// New opens the room. Sealing begins with Seal.
func New(d Deps) *Audit { return &Audit{Deps: d} }

// Room is everything that audit brings into the house.
func (s *Audit) Room() room.Room {
	return room.Room{
		Name: "audit",
		Permissions: []room.Permission{
			{Name: "audit.view", Doc: "search the record of everything that happened"},
			{Name: "audit.watch", Doc: "look into alarms and say what came of them"},
			{Name: "audit.export", Doc: "take entries of the record out of the house", Level: 2, Fresh: 15 * time.Minute},
		},
		Migrations: migrations,
		Words:      []fs.FS{sentences},
		Routes:     append(s.routes(), PublicRoutes(s.Folder)...),
		Hears: []ledger.Hear{
			{Listener: "audit.alarms", Names: watched(), Do: s.watch},
			{Listener: "audit.receipts", Names: []string{event.ResultsPublished{}.Name()}, Do: s.publishReceipt},
		},
		Ready: s.ready,
		Menu:  []web.Item{{Path: "/audit", Key: "audit.menu", Needs: "audit.view", Order: 80, Group: "web.menu.trust"}},
	}
}
