// SPDX-License-Identifier: Apache-2.0

// Package federation takes other houses' word for who somebody is: single
// sign-on by OpenID Connect or SAML 2.0.
//
//	provider asked for -> agreed by a second person -> in force -> stopped -> removed
//	sent to the provider (flow) -> back with its word -> checked -> linked account -> roles -> session
//
// A person is known by the provider and its name for them, never by an address
// alone: one provider cannot claim another's people. What a provider's rules
// gave they take away again; what people gave they never touch.
//
// Tables:  federation_provider and what hangs on it: see migrations
// Tells:   federation.provider-set.v1 and its siblings in event/federation.go
// Asks:    People (accounts), Roles (who may do what), Desk (where sessions begin)
package federation

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"hustings/guard/federation/saml"
	"hustings/kit/db"
	"hustings/kit/pair"
	"hustings/kit/room"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/who"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Person is somebody with an account here.
type Person struct {
	ID, Name, Email string
	Staff           bool // a person who may sign in, not a program, and no disabled, ended or sleeping account
}

// People are the accounts of those who work here.
type People interface {
	ByID(ctx context.Context, account string) (Person, error)
	ByEmail(ctx context.Context, email string) (Person, error)
	Provide(ctx context.Context, email, name string) (Person, error)
	Linked(ctx context.Context, tx *db.Tx, account, house string) error
	EndSession(ctx context.Context, account, session string) error
}

// Roles knows what people may do here and changes it.
type Roles interface {
	All(ctx context.Context) ([]string, error)
	// Held are the roles of an account, and of each whether it was given by who
	// asks.
	Held(ctx context.Context, account string) (map[string]bool, error)
	// Powerful says whether an account holds a role that takes two people to give.
	Powerful(ctx context.Context, account string) (bool, error)
	Give(ctx context.Context, account, role, reason string) error
	Take(ctx context.Context, account, role, reason string) error
}

// Desk is where sessions begin, and where people prove again that it is them.
type Desk interface {
	// Enter answers with a session for a checked word, and does also in the
	// write that begins it. Where the fault is of kind SignIn, nothing has been
	// answered yet.
	Enter(w http.ResponseWriter, r *http.Request, v Vouched, next string, also func(ctx context.Context, tx *db.Tx, session string) error) error
	// Again answers a proof that it is still the person of the session.
	Again(w http.ResponseWriter, r *http.Request, v Vouched, goal url.Values, also func(ctx context.Context, tx *db.Tx) error) error
	// Refused shows the page that the person came from with what is wrong; goal
	// is nil for one who was signing in.
	Refused(w http.ResponseWriter, r *http.Request, goal url.Values, wrong error) error
}

// Vouched is whom a word was checked to be for.
type Vouched struct {
	Account string
	Level   int
	Proved  time.Time
}

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Now          func() time.Time
	Log          *slog.Logger
	Jurisdiction string // the office whose staff signs in here
	URL          string // where staff reach its pages; empty: no single sign-on
	Secure       bool   // cookies travel over https only
	Longest      time.Duration
	Sealer       *seal.Sealer
	Pairs        pair.Book
	People       People
	Roles        Roles
	Desk         Desk
}

// Federation is the room.
type Federation struct {
	Deps
	houses houses
	client *http.Client
}

// New opens the room.
func New(d Deps) *Federation {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Longest == 0 {
		d.Longest = 12 * time.Hour
	}
	return &Federation{Deps: d, client: outgoing()}
}

// The room's permissions.
const (
	mayManage = "federation.manage"
	maySee    = "federation.view"
)

// The room's sealed columns.
var (
	secretColumn = seal.Column{Table: "federation_secret", Name: "sealed", Key: []string{"id"}, Purpose: "federation.secret"}
	goalColumn   = seal.Column{Table: "federation_flow", Name: "goal", Key: []string{"hash"}, Purpose: "federation.flow"}
	wordColumn   = seal.Column{Table: "federation_flow", Name: "word", Key: []string{"hash"}, Purpose: "federation.flow"}
)

// asks is how often one address may begin or end a way to another house: enough
// for an office behind one address that comes to work at once.
var asks = web.Rate{PerSecond: 5, Burst: 100}

// tries is how often one network may send us an answer to believe: each costs
// signatures, questions to the other house and lines in the record.
var tries = web.Rate{PerSecond: 1, Burst: 50}

// Room is everything that federation brings into the house.
func (s *Federation) Room() room.Room {
	const form = 256 << 10
	return room.Room{
		Name: "federation",
		Permissions: []room.Permission{
			{Name: maySee, Doc: "see which other houses sign people in here, and for whom they speak"},
			{Name: mayManage, Doc: "ask for, agree to, stop and remove other houses that sign people in here", Level: 2, Fresh: 10 * time.Minute, Powerful: true},
		},
		Pairs:      []pair.Act{{Name: actProvider, Key: "federation.act", Needs: mayManage, Level: 2, Do: s.doProvider, Show: s.showAsked}},
		Migrations: migrations,
		Words:      []fs.FS{sentences, saml.Words},
		Sealed:     []seal.Column{secretColumn, goalColumn, wordColumn},
		Routes: []web.Route{
			{Pattern: "GET /sign-in/with/{id}", Needs: web.Public, Rate: asks, Do: s.enter},
			{Pattern: "POST /sign-in/with/{id}", Needs: web.SignedIn, MaxBody: 64 << 10, Rate: asks, Do: s.again},
			{Pattern: "GET /sign-in/with/{id}/back", Needs: web.Public, Rate: tries, Do: s.back},
			{Pattern: "POST /sign-in/with/{id}/saml", Needs: web.Public, MaxBody: 512 << 10, Rate: tries, Cross: true, Do: s.backBySAML},
			{Pattern: "GET /sign-in/with/{id}/done", Needs: web.Public, Rate: asks, Do: s.done},
			{Pattern: "GET /sign-in/with/{id}/metadata", Needs: web.Public, Rate: asks, Do: s.metadata},
			{Pattern: "GET /sign-in/left/{id}", Needs: web.Public, Rate: asks, Do: s.left},
			{Pattern: "POST /federation/{id}/logout", Needs: web.Public, MaxBody: 64 << 10, Rate: web.Rate{PerSecond: 10, Burst: 100}, Do: s.leftThere},
			{Pattern: "GET /federation", Needs: maySee, Do: s.showAll},
			{Pattern: "GET /federation/new", Needs: mayManage, Do: s.showNew},
			{Pattern: "POST /federation", Needs: mayManage, MaxBody: form, Do: s.add},
			{Pattern: "GET /federation/{id}", Needs: maySee, Do: s.showOne},
			{Pattern: "POST /federation/{id}", Needs: mayManage, MaxBody: form, Do: s.change},
			{Pattern: "GET /federation/{id}/try", Needs: mayManage, Rate: asks, Do: s.try},
			{Pattern: "POST /federation/{id}/stop", Needs: mayManage, MaxBody: 8 << 10, Do: s.stop},
			{Pattern: "POST /federation/{id}/remove", Needs: mayManage, MaxBody: 8 << 10, Do: s.remove},
		},
		Menu:  []web.Item{{Path: "/federation", Key: "federation.menu", Needs: maySee, Order: 82, Group: "web.menu.trust"}},
		Ready: func(ctx context.Context) error { _, err := s.Providers(ctx); return err },
	}
}

// acting is the room itself at work, for what no person does: linking at a
// sign-in, and roles by rules.
func (s *Federation) acting(ctx context.Context) context.Context {
	return who.With(ctx, who.System("federation", s.Jurisdiction))
}

// alone says whether whoever acts has no second person: the operator at the
// machine, the house itself.
func alone(p who.Person) bool { return p.Via == who.House || p.ID == who.Operator }
