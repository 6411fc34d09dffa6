// SPDX-License-Identifier: Apache-2.0

// Package provision lets a directory, such as that of the county or the state,
// keep the accounts of those who work here: SCIM 2.0 (RFC 7642 to 7644).
//
//	a program with a token -> /scim/v2/Users  -> accounts of guard/identity
//	                       -> /scim/v2/Groups -> roles, as people have mapped them
//
// A person who leaves is out at once: their account is disabled, its sessions
// end, and the roles that came by groups go. Accounts are never deleted, for
// the record speaks of them; a removed one is hidden from the program.
//
// What people made stays theirs: an account that was not made by a program is
// touched only once somebody has handed it over, roles that people gave are
// never taken, and an account that people disabled stays so. An account that can
// open all other doors keeps its address: by another one, somebody else could
// sign in with it.
//
// Tables:  provision_person, _group, _member, _mapping, _unmapped, _given
// Tells:   provision.person.v1 and its siblings in event/provision.go
// Hears:   its own facts, so that roles follow even after a crash
// Asks:    Accounts (who works here), Roles (who may do what)
package provision

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Account is somebody who may sign in here.
type Account struct {
	ID, Email, Name string
	Disabled        bool
	Human           bool // not a program, not the envelope for emergencies
}

// Accounts are those of everybody who works here.
type Accounts interface {
	All(ctx context.Context) ([]Account, error)
	ByID(ctx context.Context, account string) (Account, error)
	ByEmail(ctx context.Context, email string) (Account, error)
	// Provide makes an account without a password, and does also in the same
	// write.
	Provide(ctx context.Context, email, name string, also func(tx *db.Tx, account string) error) error
	// Rename asks may, in the same write, where something changes; moves says
	// that the address does.
	Rename(ctx context.Context, account, email, name string, may func(tx *db.Tx, moves bool) error) error
	Disable(ctx context.Context, account, reason string) error
	Enable(ctx context.Context, account string) error
}

// Roles knows what people may do here and changes it.
type Roles interface {
	All(ctx context.Context) ([]string, error)
	Powerful(ctx context.Context, role string) (bool, error)
	// Opens says whether an account holds a powerful role, as q has it.
	Opens(ctx context.Context, q db.Reader, account string) (bool, error)
	// Held are the roles of an account; true for one that whoever acts gave.
	Held(ctx context.Context, account string) (map[string]bool, error)
	Give(ctx context.Context, account, role, reason string) error
	Take(ctx context.Context, account, role, reason string) error
}

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Now          func() time.Time
	Log          *slog.Logger
	Jurisdiction string
	URL          string // where the office door is found, with a final slash; empty: as the request says
	Secure       bool   // the doors are reached over https
	Accounts     Accounts
	Roles        Roles
	Pairs        pair.Book
}

// Provision is the room.
type Provision struct{ Deps }

// New opens the room.
func New(d Deps) *Provision {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return &Provision{Deps: d}
}

// The room's permissions.
const (
	mayProvision = "provision.people"
	maySee       = "provision.view"
	mayManage    = "provision.manage"
)

// actMapping is a powerful role for a group, which waits for a second person.
const actMapping = "provision.mapping"

// Room is everything that provisioning brings into the house.
func (s *Provision) Room() room.Room {
	return room.Room{
		Name: "provision",
		Permissions: []room.Permission{
			{Name: mayProvision, Doc: "keep people's accounts and groups by SCIM: for the program of a directory", Powerful: true},
			{Name: maySee, Doc: "see which accounts and groups a directory keeps, and which roles they give"},
			{Name: mayManage, Doc: "say which roles a directory's groups give, and hand accounts over to it", Level: 2, Fresh: 10 * time.Minute, Powerful: true},
		},
		Pairs:      []pair.Act{{Name: actMapping, Key: "provision.act", Needs: mayManage, Level: 2, Do: s.doMapping, Show: s.showMapping}},
		Migrations: migrations,
		Words:      []fs.FS{sentences},
		Routes:     append(s.scimRoutes(), s.pageRoutes()...),
		Menu:       []web.Item{{Path: "/staff/provisioning", Key: "provision.menu", Needs: maySee, Order: 83, Group: "web.menu.trust"}},
		Hears: []ledger.Hear{{Listener: "provision-roles", Do: s.heard, Names: []string{
			event.PersonProvisioned{}.Name(), event.GroupProvisioned{}.Name(), event.GroupMapped{}.Name()}}},
		Ready: func(ctx context.Context) error { _, err := listGroups(ctx, s.DB, s.Jurisdiction); return err },
	}
}

// acting is the room itself at work: roles that groups give, it gives.
func (s *Provision) acting(ctx context.Context) context.Context {
	return who.With(ctx, who.System("provision", s.Jurisdiction))
}
