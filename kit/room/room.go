// SPDX-License-Identifier: Apache-2.0

// Package room says what a room brings into the house: its manifest. It is
// plain data in a list; nothing registers itself, so that app/rooms.go read
// from top to bottom is the whole house.
package room

import (
	"context"
	"io/fs"
	"time"

	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/seal"
	"hustings/kit/web"
)

// Room is the manifest of one room.
type Room struct {
	Name        string        // one word; also the prefix of its tables, routes and permissions
	Permissions []Permission  // what people may be allowed to do here
	Pairs       []pair.Act    // what here needs two people
	Migrations  fs.FS         // numbered .sql files
	Routes      []web.Route   // its addresses
	Menu        []web.Item    // its entries in the office's menu
	Hears       []ledger.Hear // what it does when other rooms tell it something
	Words       []fs.FS       // words/*.json in every language
	Sealed      []seal.Column // columns that hold private facts
	Jobs        []job.Kind    // work that takes longer than a request
	Repeats     []job.Repeat  // work that is done again and again
	Ready       func(ctx context.Context) error
}

// Permission is one thing that a person may be allowed to do. Its name is an
// action in the policies of guard/access, and which roles have it is said
// there.
type Permission struct {
	Name string // "results.approve"
	Doc  string // what it allows, one sentence

	// Level is how well a person must have proved who they are (who.Person),
	// and Fresh how lately; a person who has not is asked to (web.StepUp).
	// Zero: as they signed in.
	Level int
	Fresh time.Duration

	// Powerful is what can open all other doors. A role that has it is granted
	// by two people.
	Powerful bool
}

// Record is one thing that a room keeps, as the policies see it: where it is,
// and what a decision may rest on. A room that finds a record by an id from a
// request asks about it, not only about its route:
//
//	err := s.Access.On(ctx, "results.approve", room.Record{Room: "results", Kind: "report",
//		ID: r.ID, Jurisdiction: r.Jurisdiction, By: r.UploadedBy, Election: string(r.Election)})
type Record struct {
	Room         string // whose record it is
	Kind         string // "report", "voter"
	ID           string
	Jurisdiction string // the office whose record it is
	By           string // id of the person who made it or sent it in
	Of           string // id of the member of staff whom it is about
	Election     string
	State        string // "held"
	Protected    bool   // of a protected voter
}
