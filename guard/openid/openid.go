// SPDX-License-Identifier: Apache-2.0

// Package openid lets people sign in to the office's other programs, its
// satellites (a pollbook server, a call centre's screen, a dashboard), with
// their account here: it is a small OpenID provider.
//
//	satellite asked for -> agreed by a second person -> registered -> removed
//	person asks to sign in -> code, good once for a minute -> ID token and access token -> told when the session ends
//	signing key: published -> signs -> kept until what it signed is over
//
// One flow only: the code flow with PKCE. Nothing here lives longer than ten
// minutes, so there are no refresh tokens: a satellite keeps its own session,
// asks again when it wants to know, and is told when the session here ends.
//
// Tables:  openid_client, openid_code, openid_token, openid_visit, openid_key, openid_removed
// Tells:   openid.added.v1 and its siblings in event/openid.go
// Asks:    Staff (whose session it is), Roles (who holds which role)
package openid

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/reach"
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
	Pairs        pair.Book
	Now          func() time.Time
	Log          *slog.Logger
	Jurisdiction string
	URL          string // where staff find the office's pages: the name by which satellites know this house
	Sealer       *seal.Sealer
	Staff        Staff
	Roles        Roles
	Client       *http.Client // reaches satellites; nil: one with our limits
}

// Person is whose session it is, and how they signed in.
type Person struct {
	ID, Name, Email string
	Method          string
}

// Staff knows who is signed in.
type Staff interface {
	// Session finds a session of an office by its id; ok is false once it has
	// ended, or its account has.
	Session(ctx context.Context, jurisdiction, session string) (p Person, ok bool, err error)
	// Leave ends the session of a request. The path is where its person goes
	// then if not back to the satellite.
	Leave(w http.ResponseWriter, r *http.Request) (path string, err error)
}

// Roles knows who holds which role in an office.
type Roles interface {
	Held(ctx context.Context, jurisdiction, account string) ([]string, error)
	All(ctx context.Context, jurisdiction string) ([]string, error)
}

// OpenID is the room.
type OpenID struct{ Deps }

// New opens the room.
func New(d Deps) *OpenID {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Client == nil {
		d.Client = reach.Client(10*time.Second, nil)
	}
	return &OpenID{d}
}

// The room's permissions.
const (
	maySee    = "openid.view"
	mayManage = "openid.manage"
)

// Room is everything that openid brings into the house.
func (s *OpenID) Room() room.Room {
	return room.Room{
		Name: "openid",
		Permissions: []room.Permission{
			{Name: maySee, Doc: "see which satellites sign people in with their account here"},
			{Name: mayManage, Doc: "register and remove satellites and make their secrets", Level: 2, Fresh: 10 * time.Minute, Powerful: true},
		},
		Pairs:      []pair.Act{{Name: actClient, Key: "openid.act", Needs: mayManage, Level: 2, Do: s.doAdd, Show: s.showAdd}},
		Migrations: migrations,
		Words:      []fs.FS{sentences},
		Sealed:     []seal.Column{half},
		Jobs:       []job.Kind{{Name: tellKind, Do: s.tell, Tries: tellTries}, {Name: keepKind, Do: s.keep, Tries: 1}},
		Repeats:    []job.Repeat{{Kind: keepKind, Jurisdiction: s.Jurisdiction, Every: time.Hour}},
		Hears:      []ledger.Hear{{Listener: "openid.leave", Names: ends, Do: s.heard}},
		Routes:     append(s.doorRoutes(), s.pageRoutes()...),
		Menu:       []web.Item{{Path: "/openid/clients", Key: "openid.menu", Needs: maySee, Order: 84, Group: "web.menu.trust"}},
		Ready:      func(ctx context.Context) error { _, err := s.Clients(ctx, s.Jurisdiction); return err },
	}
}

// form is the largest form that these doors take.
const form = 16 << 10

// often is how often one address may ask: a satellite asks from one address for
// everybody who comes to work at once.
var often = web.Rate{PerSecond: 10, Burst: 100}

// doorRoutes are what satellites and the browsers that they send ask for. Two of
// them take forms from other sites and do no more than ask anew with a link.
func (s *OpenID) doorRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /.well-known/openid-configuration", Needs: web.Public, Do: s.discovery},
		{Pattern: "GET /openid/keys", Needs: web.Public, Do: s.published},
		{Pattern: "GET /openid/authorize", Needs: web.Public, Rate: often, Do: s.authorize},
		{Pattern: "POST /openid/authorize", Needs: web.Public, MaxBody: form, Rate: often, Cross: true, Do: asLink},
		{Pattern: "GET /openid/continue", Needs: web.Public, Rate: often, Do: s.goOn},
		{Pattern: "POST /openid/agree", Needs: web.SignedIn, MaxBody: form, Rate: often, Do: s.agree},
		{Pattern: "POST /openid/token", Needs: web.Public, MaxBody: form, Rate: often, Fault: trouble, Do: s.token},
		{Pattern: "POST /openid/revoke", Needs: web.Public, MaxBody: form, Rate: often, Fault: trouble, Do: s.revoke},
		{Pattern: "GET /openid/userinfo", Needs: web.Public, Rate: often, Fault: trouble, Do: s.userinfo},
		{Pattern: "POST /openid/userinfo", Needs: web.Public, MaxBody: form, Rate: often, Fault: trouble, Do: s.userinfo},
		{Pattern: "GET /openid/sign-out", Needs: web.Public, Rate: often, Do: s.askSignOut},
		{Pattern: "POST /openid/sign-out", Needs: web.Public, MaxBody: form, Rate: often, Cross: true, Do: asLink},
		{Pattern: "POST /openid/sign-out/now", Needs: web.Public, MaxBody: form, Rate: often, Do: s.signOut},
		{Pattern: "GET /openid/signed-out", Needs: web.Public, Rate: often, Do: s.signedOut},
	}
}

// pageRoutes are where the office looks after its satellites.
func (s *OpenID) pageRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /openid/clients", Needs: maySee, Do: s.list},
		{Pattern: "POST /openid/clients", Needs: mayManage, MaxBody: form, Do: s.add},
		{Pattern: "GET /openid/clients/{id}", Needs: maySee, Do: s.show},
		{Pattern: "POST /openid/clients/{id}/secret", Needs: mayManage, MaxBody: form, Do: s.secret},
		{Pattern: "POST /openid/clients/{id}/remove", Needs: mayManage, MaxBody: form, Do: s.remove},
	}
}

// Issuer is the name by which satellites know this house. It comes from the
// settings alone: a name taken from a request would be anybody's to choose.
func (s *OpenID) Issuer() (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil || !reach.Safe(u) {
		return "", fault.New(fault.Unavailable, "Satellites cannot sign people in yet. Set doors.office_url to where staff find these pages, with https://, and start the house again.")
	}
	return strings.TrimSuffix(s.URL, "/"), nil
}
