// SPDX-License-Identifier: Apache-2.0

// Package access decides what a person may do. A person holds roles in a
// jurisdiction, a role holds permissions, and what no role of theirs holds is
// denied.
//
//	role granted -> the person may -> role revoked
//
// Tables:  access_grant
// Tells:   access.role-granted.v1, access.role-revoked.v1
// Asks:    nobody
package access

import (
	"context"
	"embed"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/room"
	"hustings/kit/who"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Role is a bundle of permissions with a name that an office would use.
type Role string

// The roles.
const (
	Admin    Role = "admin"
	Editor   Role = "definition-editor"
	Clerk    Role = "results-clerk"
	Approver Role = "results-approver"
	Viewer   Role = "viewer"
	Press    Role = "press" // newsrooms, with a token
)

// roles is what each role may do, readable in one place.
var roles = map[Role][]string{
	Admin: {
		"definition.view", "definition.edit", "definition.lock",
		"results.view", "results.source", "results.settings", "access.grant",
	},
	Editor:   {"definition.view", "definition.edit", "definition.lock", "results.view"},
	Clerk:    {"definition.view", "results.view", "results.upload", "results.enter", "results.map"},
	Approver: {"definition.view", "results.view", "results.approve", "results.certify", "results.withdraw"},
	Viewer:   {"definition.view", "results.view"},
	Press:    {"results.press"},
}

// Roles lists all roles by name.
func Roles() []Role { return slices.Sorted(maps.Keys(roles)) }

// Permissions lists what a role may do.
func Permissions(r Role) []string { return slices.Clone(roles[r]) }

// Deps is what the room needs from the house.
type Deps struct {
	DB  *db.DB
	Now func() time.Time
}

// Access is the room.
type Access struct{ Deps }

// New opens the room.
func New(d Deps) *Access { return &Access{d} }

// Room is everything that access brings into the house.
func (s *Access) Room() room.Room {
	return room.Room{
		Name:        "access",
		Permissions: []room.Permission{{Name: "access.grant", Doc: "grant and revoke roles"}},
		Migrations:  migrations,
		Words:       []fs.FS{sentences},
	}
}

// May implements web.Access: nil where a role of the person in their
// jurisdiction holds the permission, a fault of kind Denied where none does.
// The house's own work (who.System) may do everything; it is recorded as such.
func (s *Access) May(ctx context.Context, p who.Person, permission string) error {
	if p.Via == who.House {
		return nil
	}
	held, err := s.Held(ctx, p)
	if err != nil {
		return err
	}
	for _, r := range held {
		if slices.Contains(roles[r], permission) {
			return nil
		}
	}
	return fault.New(fault.Denied, "For this you need a role that includes “%s”. Ask an administrator of your office.", permission)
}

// Held lists the roles of a person in their jurisdiction.
func (s *Access) Held(ctx context.Context, p who.Person) ([]Role, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select role from access_grant where jurisdiction = $1 and person = $2 order by role`, p.Jurisdiction, p.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Role
	for rows.Next() {
		var r Role
		if err := rows.Scan(&r); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// Grant gives a person a role in the jurisdiction of who grants it. Holding it
// already is no error and changes nothing.
func (s *Access) Grant(ctx context.Context, person string, r Role) error {
	if _, ok := roles[r]; !ok {
		var names []string
		for _, r := range Roles() {
			names = append(names, string(r))
		}
		return fault.On("role", fault.New(fault.Invalid, "There is no role %q; choose from %s.", r, strings.Join(names, ", ")))
	}
	me := who.From(ctx)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		res, err := tx.ExecContext(ctx, `
			insert into access_grant (jurisdiction, person, role, granted_by, granted_at)
			values ($1, $2, $3, $4, $5) on conflict do nothing`, me.Jurisdiction, person, string(r), me.ID, s.Now())
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		tx.Record(event.RoleGranted{Person: person, Role: string(r)})
		return nil
	})
}

// Revoke takes a role from a person in the jurisdiction of who revokes it.
func (s *Access) Revoke(ctx context.Context, person string, r Role) error {
	me := who.From(ctx)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		res, err := tx.ExecContext(ctx, `
			delete from access_grant where jurisdiction = $1 and person = $2 and role = $3`, me.Jurisdiction, person, string(r))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fault.New(fault.NotFound, "The person does not hold this role.")
		}
		tx.Record(event.RoleRevoked{Person: person, Role: string(r)})
		return nil
	})
}
