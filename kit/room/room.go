// SPDX-License-Identifier: Apache-2.0

// Package room says what a room brings into the house: its manifest. It is
// plain data in a list; nothing registers itself, so that app/rooms.go read
// from top to bottom is the whole house.
package room

import (
	"context"
	"io/fs"

	"hustings/kit/ledger"
	"hustings/kit/web"
)

// Room is the manifest of one room.
type Room struct {
	Name        string        // one word; also the prefix of its tables, routes and permissions
	Permissions []Permission  // what people may be allowed to do here
	Migrations  fs.FS         // numbered .sql files
	Routes      []web.Route   // its addresses
	Menu        []web.Item    // its entries in the office's menu
	Hears       []ledger.Hear // what it does when other rooms tell it something
	Words       []fs.FS       // words/*.json in every language
	Ready       func(ctx context.Context) error
}

// Permission is one thing that a person may be allowed to do.
type Permission struct {
	Name string // "results.approve"
	Doc  string // what it allows, one sentence
}
