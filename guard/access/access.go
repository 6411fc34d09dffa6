// SPDX-License-Identifier: Apache-2.0

// Package access decides what a person may do. Cedar policies decide every
// request, and what no policy permits is denied: policies/*.cedar say what the
// roles may do and what nobody may; an office adds its own.
//
//	role asked for -> agreed by a second person, where it is a powerful one -> granted -> revoked
//	policies written -> checked -> compared -> agreed by a second person -> in force -> superseded
//	review opened -> each grant kept or revoked -> attested
//
// It keeps the book of the two-person rule (kit/pair) for all rooms.
//
// Tables:  access_grant, access_version, access_use, access_request, access_policy, access_review, access_review_item
// Tells:   access.role-granted.v1 and its siblings in event/access.go
// Asks:    People (who works here)
package access

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"hustings/kit/db"
	"hustings/kit/pair"
	"hustings/kit/room"
	"hustings/kit/web"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Person is a member of staff as the screens show them.
type Person struct {
	ID, Name, Email string
	Disabled        bool
}

// People knows who works here.
type People interface {
	People(ctx context.Context) ([]Person, error)
	// Works says whether an account is there, and neither disabled nor over.
	Works(ctx context.Context, account string) (bool, error)
}

// Deps is what the room needs from the house.
type Deps struct {
	DB     *db.DB
	Now    func() time.Time
	Log    *slog.Logger
	People People // nil: ids stand for names
	StepUp bool   // ask for a better or fresher proof where a permission wants one
}

// Access is the room.
type Access struct {
	Deps
	memory    memory
	uses      uses
	catalogue atomic.Pointer[catalogue]
}

// New opens the room.
func New(d Deps) *Access {
	s := &Access{Deps: d}
	s.memory.begin = time.Now()
	return s
}

// Learn tells the room what all rooms of the house let people do. Until then
// decisions are made all the same; what needs the whole list is refused.
func (s *Access) Learn(rooms []room.Room) error {
	c, err := newCatalogue(rooms)
	if err != nil {
		return err
	}
	s.catalogue.Store(c)
	return nil
}

// CheckShipped checks the policies that ship against what the rooms let people
// do. They ship with the rooms, so a test asks this, not each start.
func (s *Access) CheckShipped() error {
	c := s.catalogue.Load()
	if c == nil {
		return errNotFurnished
	}
	return c.check(shipped().all)
}

// Schema is what policies may speak of, as Cedar writes it.
func (s *Access) Schema() string {
	if c := s.catalogue.Load(); c != nil {
		return c.schema
	}
	return ""
}

func (s *Access) log() *slog.Logger {
	if s.Log == nil {
		return slog.Default()
	}
	return s.Log
}

// Proofs that the room's own permissions ask for.
const (
	provedLevel = 2
	provedFresh = 15 * time.Minute
)

// Room is everything that access brings into the house.
func (s *Access) Room() room.Room {
	return room.Room{
		Name: "access",
		Permissions: []room.Permission{
			{Name: "access.view", Doc: "see roles, grants, policies and who can do what"},
			{Name: "access.grant", Doc: "grant and revoke roles", Level: provedLevel, Fresh: provedFresh, Powerful: true},
			{Name: "access.agree", Doc: "agree, as the second person, to a powerful role or a policy", Level: provedLevel, Fresh: provedFresh, Powerful: true},
			{Name: "access.policy", Doc: "ask for a change of the office's own policies", Level: provedLevel, Fresh: provedFresh, Powerful: true},
			{Name: "access.review", Doc: "open a review of all grants, decide on each and attest it", Level: provedLevel, Fresh: provedFresh},
		},
		Pairs: []pair.Act{
			{Name: "access.grant", Key: "access.act.grant", Needs: "access.agree", Asks: []string{"access.grant"}, Level: provedLevel, Do: s.doGrant, Show: s.showGrant},
			{Name: "access.policy", Key: "access.act.policy", Needs: "access.agree", Asks: []string{"access.policy"}, Level: provedLevel, Do: s.doPolicy, Show: s.showPolicy},
		},
		Migrations: migrations,
		Routes:     s.routes(),
		Menu:       []web.Item{{Path: "/access", Key: "access.menu", Needs: "access.view", Order: 70, Group: "web.menu.trust"}},
		Words:      []fs.FS{sentences},
		Ready:      func(ctx context.Context) error { _, err := s.standing(ctx); return err },
	}
}
