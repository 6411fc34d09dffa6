// SPDX-License-Identifier: Apache-2.0

// Package registry keeps the roll: who is registered to vote, where, since when
// and why.
//
//	pending -> active -> inactive (notice sent) -> cancelled, with a reason
//	pending -> denied; pre-registered -> active; active <-> challenged
//
// Every change says from which day it holds and is kept beside what was there
// before, so that the roll can be read as it stood on any day, and as it was
// known on any day; two registrations of one person are merged and taken apart
// again.
//
// Inner packages think and touch no database: roll has the nouns, file reads and
// writes rolls, match finds records of one person, place says where an address
// votes, verify asks other offices about identifiers, spell knows how people
// write.
//
// Tables:  registry_voter, registry_version, registry_key, registry_leaf, registry_word, registry_lines
// Tells:   registry.registered.v1, registry.revised.v1 and their siblings in event/registry.go
// Asks:    Maps for precincts and shapes, Access who may change
package registry

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"hustings/kit/db"
	"hustings/kit/job"
	"hustings/kit/room"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
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
	Maps         Maps
	Access       interface {
		May(ctx context.Context, p who.Person, permission string) error
	}
	Jobs    *job.Jobs
	MaxFile int64 // of street ranges, in bytes; 64 MiB where zero
}

// Registry is the room.
type Registry struct {
	Deps
	known known
	judge judge

	placing assigner
}

// New opens the room.
func New(d Deps) *Registry {
	if d.MaxFile == 0 {
		d.MaxFile = 64 << 20
	}
	return &Registry{Deps: d}
}

// The room's permissions.
const (
	maySee       = "registry.view"
	mayProtected = "registry.protected"
	mayEdit      = "registry.edit"
	mayLines     = "registry.lines"
)

// Room is everything that registry brings into the house.
func (s *Registry) Room() room.Room {
	return room.Room{
		Name: "registry",
		Permissions: []room.Permission{
			{Name: maySee, Doc: "look for voters and see their registration"},
			{Name: "registry.load", Doc: "put a whole roll into the house"},
			{Name: mayEdit, Doc: "change a voter's registration, merge two, and take changes back"},
			{Name: mayLines, Doc: "bring in street ranges and put voters into their precincts by them", Level: 2},
			{Name: mayProtected, Doc: "see where a protected voter lives", Level: 2, Fresh: 15 * time.Minute},
		},
		Migrations: migrations,
		Words:      []fs.FS{sentences, match.Words},
		Sealed:     []seal.Column{licence, ssn4, private, versionPrivate},
		Routes:     s.routes(),
		Jobs:       s.jobs(),
		Repeats:    []job.Repeat{{Kind: turnJob, Jurisdiction: s.Jurisdiction, Every: time.Hour}},
		Menu: []web.Item{{Path: "/registry", Key: "registry.menu", Needs: maySee, Order: 30},
			{Path: "/registry/lines", Key: "registry.lines", Needs: mayLines, Order: 39}},
		Ready: func(ctx context.Context) error { _, err := s.empty(ctx); return err },
	}
}

// The sealed columns. A licence and the last four digits of a social security
// number can be searched for; whatever else is private is in one field.
var (
	licence        = seal.Column{Table: "registry_voter", Name: "licence", Key: []string{"id"}, Purpose: "registry.licence", Index: "licence_index", Normal: roll.Plain}
	ssn4           = seal.Column{Table: "registry_voter", Name: "ssn4", Key: []string{"id"}, Purpose: "registry.ssn", Index: "ssn4_index", Normal: roll.Plain}
	private        = seal.Column{Table: "registry_voter", Name: "private", Key: []string{"id"}, Purpose: "registry.voter"}
	versionPrivate = seal.Column{Table: "registry_version", Name: "private", Key: []string{"voter", "version"}, Purpose: "registry.voter"}
)
