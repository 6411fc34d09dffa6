// SPDX-License-Identifier: Apache-2.0

package federation_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/fake/idp"
	"hustings/guard/federation"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
)

const here = "ocd-division/country:us/state:xx/county:vale"

// keys is one key for every purpose, in memory.
type keys struct{ tink.AEAD }

// theKeys are the same for all nodes of a house.
var theKeys = sync.OnceValue(func() keys {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		panic(err) // the system has no random numbers
	}
	a, err := aead.New(handle)
	if err != nil {
		panic(err)
	}
	return keys{a}
})

func (k keys) Ring(context.Context, string, string, uint32) (*seal.Ring, error) {
	return &seal.Ring{AEAD: k.AEAD}, nil
}

func (keys) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return nil, errors.New("no subject has a key here")
}

// office is the room behind an office door, with a front desk of the test's own.
type office struct {
	*federation.Federation
	t        *testing.T
	d        *db.DB
	door     *httptest.Server
	late     time.Duration // how far the clock was turned
	log      bytes.Buffer
	people   []federation.Person
	held     map[string]map[string]bool // account -> role -> by a rule
	sessions map[string]who.Person      // cookie -> who
	entered  []federation.Vouched
	proved   []federation.Vouched
	refused  []error
	asked    []pair.Ask
	request  pair.Request // that the page of the request shows
	roles    []string     // that there are
}

func open(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := &office{t: t, d: d, roles: []string{"viewer", "clerk", "admin"}, held: make(map[string]map[string]bool), sessions: make(map[string]who.Person)}
	o.Federation = federation.New(federation.Deps{DB: d, Now: o.now, Log: slog.New(slog.NewTextHandler(&o.log, nil)), Jurisdiction: here,
		Sealer: &seal.Sealer{Keys: theKeys()}, Pairs: o, People: o, Roles: o, Desk: o})
	if err := d.Migrate(t.Context(), []db.Source{{Room: "federation", FS: o.Room().Migrations}}); err != nil {
		t.Fatal(err)
	}
	c, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Add(web.Sentences), c.Add(o.Room().Words[0])); err != nil {
		t.Fatal(err)
	}
	s := &web.Server{Routes: append(o.Room().Routes, web.Route{Pattern: "GET /request", Needs: web.Public, Do: o.showRequest}), Sessions: o, Access: o, Words: c, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: o.now}
	door, err := s.Door(web.OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	o.door = httptest.NewServer(door)
	t.Cleanup(o.door.Close)
	o.URL = o.door.URL + "/"
	o.sessions["manager"] = who.Person{ID: "mo", Name: "Mo", Jurisdiction: here, Via: who.Browser, Session: "s-mo"}
	return o
}

func run(t *testing.T, test func(t *testing.T, o *office)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, open(t, d)) })
}

func (o *office) now() time.Time { return time.Now().UTC().Add(o.late) }

// as is the operator at the machine.
func (o *office) as() context.Context {
	return who.With(o.t.Context(), who.Person{ID: who.Operator, Name: "Operator", Jurisdiction: here, Via: who.CLI})
}

// Who implements web.Sessions.
func (o *office) Who(r *http.Request) (who.Person, bool) {
	c, err := r.Cookie("session")
	if err != nil {
		return who.Person{}, false
	}
	p, ok := o.sessions[c.Value]
	return p, ok
}

// Still implements web.Sessions.
func (o *office) Still(r *http.Request) bool { _, ok := o.Who(r); return ok }

// May implements web.Access.
func (o *office) May(context.Context, who.Person, string) error { return nil }

// All implements federation.Roles.
func (o *office) All(context.Context) ([]string, error) { return o.roles, nil }

// Held implements federation.Roles.
func (o *office) Held(_ context.Context, account string) (map[string]bool, error) {
	return o.held[account], nil
}

// Powerful implements federation.Roles.
func (o *office) Powerful(_ context.Context, account string) (bool, error) {
	_, has := o.held[account]["admin"]
	return has, nil
}

// Give implements federation.Roles.
func (o *office) Give(_ context.Context, account, role, _ string) error {
	if o.held[account] == nil {
		o.held[account] = make(map[string]bool)
	}
	if _, has := o.held[account][role]; !has {
		o.held[account][role] = true
	}
	return nil
}

// Take implements federation.Roles.
func (o *office) Take(_ context.Context, account, role, _ string) error {
	delete(o.held[account], role)
	return nil
}

func (o *office) find(is func(p federation.Person) bool) (federation.Person, error) {
	if i := slices.IndexFunc(o.people, is); i >= 0 {
		return o.people[i], nil
	}
	return federation.Person{}, fault.New(fault.NotFound, "no such account")
}

// ByID implements federation.People.
func (o *office) ByID(_ context.Context, account string) (federation.Person, error) {
	return o.find(func(p federation.Person) bool { return p.ID == account })
}

// ByEmail implements federation.People.
func (o *office) ByEmail(_ context.Context, email string) (federation.Person, error) {
	return o.find(func(p federation.Person) bool { return p.Email == strings.ToLower(email) })
}

// Provide implements federation.People.
func (o *office) Provide(_ context.Context, email, name string) (federation.Person, error) {
	p := federation.Person{ID: "made-" + name, Name: name, Email: email, Staff: true}
	o.people = append(o.people, p)
	return p, nil
}

// Linked implements federation.People.
func (o *office) Linked(context.Context, *db.Tx, string, string) error { return nil }

// EndSession implements federation.People.
func (o *office) EndSession(_ context.Context, account, session string) error {
	for c, p := range o.sessions {
		if p.ID == account && p.Session == session {
			delete(o.sessions, c)
			return nil
		}
	}
	return fault.New(fault.NotFound, "ended already")
}

// Enter implements federation.Desk.
func (o *office) Enter(w http.ResponseWriter, r *http.Request, v federation.Vouched, next string, also func(ctx context.Context, tx *db.Tx, session string) error) error {
	session := id.New()
	if p, err := o.ByID(r.Context(), v.Account); err == nil && !p.Staff {
		return fault.New(fault.SignIn, "disabled")
	}
	ctx := who.With(r.Context(), who.System("desk", here))
	err := o.d.Write(ctx, func(tx *db.Tx) error { tx.Silently("test"); return also(ctx, tx, session) })
	if err != nil {
		return err
	}
	o.entered = append(o.entered, v)
	o.sessions[session] = who.Person{ID: v.Account, Name: v.Account, Jurisdiction: here, Via: who.Browser, Session: session}
	http.SetCookie(w, &http.Cookie{Name: "session", Value: session, Path: "/"})
	http.Redirect(w, r, web.Local(next), http.StatusSeeOther)
	return nil
}

// Again implements federation.Desk.
func (o *office) Again(w http.ResponseWriter, r *http.Request, v federation.Vouched, goal url.Values, also func(ctx context.Context, tx *db.Tx) error) error {
	err := o.d.Write(r.Context(), func(tx *db.Tx) error { tx.Silently("test"); return also(r.Context(), tx) })
	if err == nil {
		o.proved = append(o.proved, v)
		http.Redirect(w, r, web.Local(goal.Get("next")), http.StatusSeeOther)
	}
	return err
}

// Refused implements federation.Desk.
func (o *office) Refused(_ http.ResponseWriter, _ *http.Request, _ url.Values, wrong error) error {
	o.refused = append(o.refused, wrong)
	return wrong
}

// Ask implements pair.Book.
func (o *office) Ask(_ context.Context, tx *db.Tx, a pair.Ask) (pair.Request, error) {
	tx.Silently("test")
	o.asked = append(o.asked, a)
	return pair.Request{}, nil
}

// Agree implements pair.Book.
func (o *office) Agree(context.Context, *db.Tx, string, string, string) (r pair.Request, err error) {
	return r, errors.ErrUnsupported
}

// Refuse implements pair.Book.
func (o *office) Refuse(context.Context, *db.Tx, string, string, string) (r pair.Request, err error) {
	return r, errors.ErrUnsupported
}

// house opens a pretend house whose word is taken here.
func (o *office) house(change func(c *federation.Change), people ...idp.Person) (*idp.House, federation.Provider) {
	o.t.Helper()
	h := idp.New("", "office", "s3cret", people...)
	h.Now = o.now
	server := httptest.NewServer(h)
	o.t.Cleanup(server.Close)
	h.URL = server.URL
	if len(people) > 0 {
		h.As = people[0].Subject
	}
	c := federation.Change{Secret: hide.New("s3cret"), Settings: federation.Settings{Kind: federation.OIDC, Name: "County", Issuer: h.URL,
		Client: "office", Scopes: []string{"email"}, Level: 1, Domains: []string{"vale.example"}}}
	if change != nil {
		change(&c)
	}
	return h, o.propose(c)
}

func (o *office) propose(c federation.Change) federation.Provider {
	o.t.Helper()
	provider, waits, err := o.Propose(o.as(), c)
	if err != nil || waits {
		o.t.Fatalf("%v, waits %v", err, waits)
	}
	p, err := o.Provider(o.as(), provider)
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

// browser keeps cookies and follows nothing by itself.
type browser struct {
	*http.Client
	o *office
}

func (o *office) browser() *browser {
	jar, _ := cookiejar.New(nil) // never fails
	return &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, o}
}

// page is an answer, read.
type page struct {
	status   int
	location string
	body     string
	header   http.Header
}

func (b *browser) do(r *http.Request) page {
	b.o.t.Helper()
	res, err := b.Do(r)
	if err != nil {
		b.o.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.o.t.Fatal(err)
	}
	return page{res.StatusCode, res.Header.Get("Location"), string(body), res.Header}
}

func (b *browser) get(to string) page {
	b.o.t.Helper()
	if strings.HasPrefix(to, "/") {
		to = b.o.door.URL + to
	}
	r, err := http.NewRequest(http.MethodGet, to, nil)
	if err != nil {
		b.o.t.Fatal(err)
	}
	return b.do(r)
}

func (b *browser) post(to string, form url.Values) page {
	b.o.t.Helper()
	if strings.HasPrefix(to, "/") {
		to = b.o.door.URL + to
	}
	r, err := http.NewRequest(http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		b.o.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// is makes the browser one that is signed in.
func (b *browser) is(session string) *browser {
	at, _ := url.Parse(b.o.door.URL)
	b.Jar.SetCookies(at, []*http.Cookie{{Name: "session", Value: session, Path: "/"}})
	return b
}

// begin goes from the sign-in page to the house and stops with its answer, the
// address that leads back.
func (b *browser) begin(p federation.Provider) (back string) {
	b.o.t.Helper()
	out := b.get("/sign-in/with/" + p.ID + "?next=/results")
	if out.status != http.StatusSeeOther {
		b.o.t.Fatalf("the way out: %d %s", out.status, out.body)
	}
	at := b.get(out.location)
	if at.status != http.StatusSeeOther {
		b.o.t.Fatalf("the house: %d %s", at.status, at.body)
	}
	return at.location
}

// facts are the names and data of what was recorded.
func (o *office) facts() (out []string) {
	o.t.Helper()
	for e, err := range (&ledger.Ledger{DB: o.d}).All(o.as(), here, 0) {
		if err != nil {
			o.t.Fatal(err)
		}
		out = append(out, e.Name+" "+string(e.Data))
	}
	return out
}

func (o *office) told(parts ...string) bool {
	o.t.Helper()
	return slices.ContainsFunc(o.facts(), func(f string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(f, p) })
	})
}
