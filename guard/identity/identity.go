// SPDX-License-Identifier: Apache-2.0

// Package identity knows who works here and who is asking.
//
//	account added -> signs in (session) -> signs out, or the session ends idle
//	account added -> token made for a program -> expires or is revoked
//
// Passwords are kept as argon2id hashes; sessions and tokens as hashes of
// random secrets. Wrong passwords lock an account for a while that doubles,
// apart from the addresses that have signed it in before, which lock alone.
//
// Tables:  identity_account, identity_address, identity_session, identity_token
// Tells:   identity.account-added.v1 and its siblings in event/identity.go
// Asks:    nobody
package identity

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"hustings/kit/db"
	"hustings/kit/room"
	"hustings/kit/web"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Now          func() time.Time
	Jurisdiction string // the office whose staff signs in here
	Secure       bool   // cookies travel over https only
	Idle         time.Duration
	Longest      time.Duration
	Rehearsal    bool // demos and rehearsals: a password alone is as good as any proof, and stays fresh
}

// Identity is the room.
type Identity struct {
	Deps
	hashing chan struct{} // bounds how many passwords are hashed at once, and so their memory
}

// New opens the room. A session ends after Idle without a request (30 minutes
// where zero) and after Longest in any case (12 hours where zero: a shift on
// election night).
func New(d Deps) *Identity {
	if d.Idle == 0 {
		d.Idle = 30 * time.Minute
	}
	if d.Longest == 0 {
		d.Longest = 12 * time.Hour
	}
	return &Identity{Deps: d, hashing: make(chan struct{}, 4)}
}

// tries is how often one address may have a password checked: enough for an
// office behind one address that comes to work at once, and too little to keep
// the hashing busy.
var tries = web.Rate{PerSecond: 1, Burst: 30}

// Room is everything that identity brings into the house.
func (s *Identity) Room() room.Room {
	return room.Room{
		Name:       "identity",
		Migrations: migrations,
		Words:      []fs.FS{sentences},
		Routes: []web.Route{
			{Pattern: "GET /sign-in", Needs: web.Public, Do: s.showSignIn},
			{Pattern: "POST /sign-in", Needs: web.Public, MaxBody: 8 << 10, Rate: tries, Do: s.signIn},
			{Pattern: "POST /sign-out", Needs: web.SignedIn, Do: s.signOut},
			{Pattern: "GET /account", Needs: web.SignedIn, Do: s.showAccount},
			{Pattern: "POST /account/password", Needs: web.SignedIn, MaxBody: 8 << 10, Rate: tries, Do: s.changePassword},
			{Pattern: "GET /language/{tag}", Needs: web.Public, Do: web.ChooseLanguage},
		},
		Menu:  []web.Item{{Path: "/account", Key: "identity.menu", Needs: web.SignedIn, Order: 90}},
		Ready: func(ctx context.Context) error { _, err := s.Accounts(ctx); return err },
	}
}
