// SPDX-License-Identifier: Apache-2.0

// Package identity knows who works here and who is asking.
//
//	invited by a one-time link -> passkey, or password and app -> signs in (session)
//	session -> proves again -> signs out, is ended, or ends idle
//	account of a program -> token for some permissions -> expires or is revoked
//
// Passkeys come first: nobody can guess them or be tricked out of them. Beside
// them stands a password (argon2id) with the code of an authenticator app, and
// recovery codes for when the app is lost. Sessions, tokens and links are kept
// as hashes of random secrets. Wrong passwords and codes lock an account for a
// while that doubles, apart from the addresses that have signed it in before,
// which lock alone; passkeys never rest.
//
// Tables:  identity_account and what hangs on it: see migrations
// Tells:   identity.account-added.v1 and its siblings in event/identity.go
// Asks:    Roles (what people may do), Outside (which other houses sign people in here)
package identity

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"hustings/kit/db"
	"hustings/kit/room"
	"hustings/kit/seal"
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
	Office       string // its name, as authenticator apps and passkeys show it
	URL          string // where staff reach its pages; empty: as the browser says
	Secure       bool   // cookies travel over https only
	Sealer       *seal.Sealer
	Roles        Roles
	Outside      Outside // nil: nobody else signs people in here

	Idle          time.Duration // a session ends after this long without a request; 30 minutes where zero
	Longest       time.Duration // and after this long in any case; 12 hours where zero: a shift on election night
	Dormant       time.Duration // an account not used for this long sleeps until somebody wakes it; 90 days where zero
	Shortest      int           // the office's own least length of a password, above what always holds
	PasswordAlone bool          // a password without an app signs in, at level 1
	Rehearsal     bool          // demos and rehearsals: a password alone is as good as any proof, and stays fresh
}

// Identity is the room.
type Identity struct {
	Deps
	hashing chan struct{} // bounds how many passwords are hashed at once, and so their memory
	alarm   atomic.Pointer[alarm]
}

// New opens the room.
func New(d Deps) *Identity {
	if d.Idle == 0 {
		d.Idle = 30 * time.Minute
	}
	if d.Longest == 0 {
		d.Longest = 12 * time.Hour
	}
	if d.Dormant == 0 {
		d.Dormant = 90 * 24 * time.Hour
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
		Name:        "identity",
		Permissions: permissions,
		Migrations:  migrations,
		Words:       []fs.FS{sentences},
		Sealed:      []seal.Column{appSecret, appPending},
		Routes:      slices.Concat(s.doorRoutes(), s.accountRoutes(), s.staffRoutes()),
		Menu: []web.Item{
			{Path: "/staff", Key: "identity.staff", Needs: maySee, Order: 80, Group: "web.menu.trust"},
			{Path: "/account", Key: "identity.menu", Needs: web.SignedIn, Order: 90},
		},
		Ready: func(ctx context.Context) error { _, err := s.Accounts(ctx); return err },
	}
}

// The room's permissions.
const (
	mayStaff = "identity.staff"
	maySee   = "identity.view"
)

var permissions = []room.Permission{
	{Name: mayStaff, Doc: "invite people, stop and wake their accounts, make one-time links and keys of programs", Level: 2, Fresh: 10 * time.Minute, Powerful: true},
	{Name: maySee, Doc: "see who has an account, how they sign in and when they did"},
}

// form is the largest form that these pages send, a passkey's answer included.
const form = 64 << 10

// doorRoutes are how people come in, and prove again that it is them.
func (s *Identity) doorRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /sign-in", Needs: web.Public, Do: s.showSignIn},
		{Pattern: "POST /sign-in", Needs: web.Public, MaxBody: 8 << 10, Rate: tries, Do: s.signIn},
		{Pattern: "POST /sign-in/passkey/begin", Needs: web.Public, MaxBody: form, Rate: tries, Do: s.askPasskey},
		{Pattern: "POST /sign-in/passkey", Needs: web.Public, MaxBody: form, Rate: tries, Do: s.signInByPasskey},
		{Pattern: "GET /sign-in/again", Needs: web.SignedIn, Do: inSession(s.showAgain)},
		{Pattern: "POST /sign-in/again", Needs: web.SignedIn, MaxBody: form, Do: inSession(s.showAgain)},
		{Pattern: "POST /sign-in/again/begin", Needs: web.SignedIn, MaxBody: form, Rate: tries, Do: inSession(s.askAgain)},
		{Pattern: "POST /sign-in/again/passkey", Needs: web.SignedIn, MaxBody: 2 * form, Rate: tries, Do: inSession(s.againByPasskey)},
		{Pattern: "POST /sign-in/again/code", Needs: web.SignedIn, MaxBody: form, Rate: tries, Do: inSession(s.againByCode)},
		{Pattern: "POST /sign-in/again/password", Needs: web.SignedIn, MaxBody: form, Rate: tries, Do: inSession(s.againByPassword)},
		{Pattern: "POST /sign-out", Needs: web.SignedIn, Do: s.signOut},
		{Pattern: "GET /sign-in/envelope", Needs: web.Public, Do: s.showEnvelope},
		{Pattern: "POST /sign-in/envelope", Needs: web.Public, MaxBody: 8 << 10, Rate: tries, Do: s.openEnvelope},
		{Pattern: "GET /welcome", Needs: web.Public, Rate: tries, Do: s.showWelcome},
		{Pattern: "POST /welcome/me", Needs: web.Public, MaxBody: 8 << 10, Rate: tries, Do: s.introduce},
		{Pattern: "POST /welcome/passkey/begin", Needs: web.Public, MaxBody: form, Rate: tries, Do: s.offerWelcome},
		{Pattern: "POST /welcome/passkey", Needs: web.Public, MaxBody: form, Rate: tries, Do: s.welcomeByPasskey},
		{Pattern: "POST /welcome/app", Needs: web.Public, MaxBody: 8 << 10, Rate: tries, Do: s.welcomeApp},
		{Pattern: "POST /welcome/password", Needs: web.Public, MaxBody: 8 << 10, Rate: tries, Do: s.welcomeByPassword},
		{Pattern: "GET /language/{tag}", Needs: web.Public, Do: web.ChooseLanguage},
	}
}

// accountRoutes are the pages of one's own account. What changes how its owner
// signs in asks for a fresh proof.
func (s *Identity) accountRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /account", Needs: web.SignedIn, Do: inSession(s.showAccount)},
		{Pattern: "GET /account/password", Needs: web.SignedIn, Do: s.own(s.showPassword)},
		{Pattern: "POST /account/password", Needs: web.SignedIn, MaxBody: 8 << 10, Rate: tries, Do: s.own(s.changePassword)},
		{Pattern: "POST /account/password/remove", Needs: web.SignedIn, Do: s.own(s.removePassword)},
		{Pattern: "POST /account/passkeys/begin", Needs: web.SignedIn, MaxBody: form, Rate: tries, Do: s.own(s.offerPasskey)},
		{Pattern: "POST /account/passkeys", Needs: web.SignedIn, MaxBody: form, Rate: tries, Do: s.own(s.addPasskey)},
		{Pattern: "POST /account/passkeys/{id}/name", Needs: web.SignedIn, MaxBody: 8 << 10, Do: inSession(s.renamePasskey)},
		{Pattern: "POST /account/passkeys/{id}/remove", Needs: web.SignedIn, Do: s.own(s.removePasskey)},
		{Pattern: "POST /account/app", Needs: web.SignedIn, Rate: tries, Do: s.own(s.prepareApp)},
		{Pattern: "POST /account/app/confirm", Needs: web.SignedIn, MaxBody: 8 << 10, Rate: tries, Do: s.own(s.confirmApp)},
		{Pattern: "POST /account/app/remove", Needs: web.SignedIn, Do: s.own(s.removeApp)},
		{Pattern: "POST /account/links/{id}/end", Needs: web.SignedIn, Do: s.own(s.endLink)},
		{Pattern: "POST /account/codes", Needs: web.SignedIn, Rate: tries, Do: s.own(s.renewRecovery)},
		{Pattern: "POST /account/sessions/{id}/end", Needs: web.SignedIn, Do: s.own(s.endOne)},
		{Pattern: "POST /account/sessions/end", Needs: web.SignedIn, Do: s.own(s.endOthers)},
		{Pattern: "GET /account/history", Needs: web.SignedIn, Do: inSession(s.showHistory)},
		{Pattern: "POST /account/history/seen", Needs: web.SignedIn, MaxBody: 8 << 10, Do: inSession(s.sawHistory)},
	}
}

// staffRoutes are for who looks after the office's accounts.
func (s *Identity) staffRoutes() []web.Route {
	const small = 8 << 10
	return []web.Route{
		{Pattern: "GET /staff", Needs: maySee, Do: s.showStaff},
		{Pattern: "POST /staff", Needs: mayStaff, MaxBody: small, Do: inSession(s.invite)},
		{Pattern: "POST /staff/programs", Needs: mayStaff, MaxBody: small, Do: inSession(s.addProgram)},
		{Pattern: "POST /staff/envelope", Needs: mayStaff, MaxBody: small, Do: inSession(s.sawEnvelope)},
		{Pattern: "GET /staff/{id}", Needs: maySee, Do: s.showPerson},
		{Pattern: "POST /staff/{id}/link", Needs: mayStaff, MaxBody: small, Do: inSession(s.relink)},
		{Pattern: "POST /staff/{id}/disable", Needs: mayStaff, MaxBody: small, Do: s.onPerson(s.disablePerson, "identity.disabled")},
		{Pattern: "POST /staff/{id}/enable", Needs: mayStaff, MaxBody: small, Do: s.onPerson(s.enablePerson, "identity.enabled")},
		{Pattern: "POST /staff/{id}/expires", Needs: mayStaff, MaxBody: small, Do: s.onPerson(s.expirePerson, "identity.expires.done")},
		{Pattern: "POST /staff/{id}/sessions/end", Needs: mayStaff, MaxBody: small, Do: s.onPerson(s.signPersonOut, "identity.person.signedout")},
		{Pattern: "POST /staff/{id}/tokens", Needs: mayStaff, MaxBody: small, Do: inSession(s.makeToken)},
		{Pattern: "POST /staff/{id}/tokens/{token}/end", Needs: mayStaff, MaxBody: small, Do: s.onPerson(s.endPersonToken, "identity.token.ended")},
	}
}
