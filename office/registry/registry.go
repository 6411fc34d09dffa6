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
// Inner packages think and touch no database: roll has the nouns, match finds
// records of one person.
//
// Tables:  registry_voter, registry_version, registry_name, registry_word
// Tells:   registry.registered.v1, registry.revised.v1 and their siblings in event/registry.go
// Asks:    nobody
package registry

import (
	"embed"
	"time"

	"hustings/kit/db"
	"hustings/kit/seal"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Now          func() time.Time
	Jurisdiction string
	Sealer       *seal.Sealer
}

// Registry is the room.
type Registry struct {
	Deps
	known known
}

// New opens the room.
func New(d Deps) *Registry { return &Registry{Deps: d} }

// The sealed columns. A licence and the last four digits of a social security
// number can be searched for; whatever else is private is in one field.
var (
	licence        = seal.Column{Table: "registry_voter", Name: "licence", Key: []string{"id"}, Purpose: "registry.licence", Index: "licence_index", Normal: plain}
	ssn4           = seal.Column{Table: "registry_voter", Name: "ssn4", Key: []string{"id"}, Purpose: "registry.ssn", Index: "ssn4_index", Normal: plain}
	private        = seal.Column{Table: "registry_voter", Name: "private", Key: []string{"id"}, Purpose: "registry.voter"}
	versionPrivate = seal.Column{Table: "registry_version", Name: "private", Key: []string{"voter", "version"}, Purpose: "registry.voter"}
)
