// SPDX-License-Identifier: Apache-2.0

package openid_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/guard/openid"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
)

// keys is one key for every purpose, in memory.
type keys struct{ tink.AEAD }

func (k keys) Ring(context.Context, string, string, uint32) (*seal.Ring, error) {
	return &seal.Ring{AEAD: k.AEAD}, nil
}

func (keys) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return nil, errors.New("no subject has a key here")
}

func sealer(t testing.TB) *seal.Sealer {
	t.Helper()
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	a, err := aead.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	return &seal.Sealer{Keys: keys{a}}
}

const issuer = "https://office.vale.example"

// office is the room behind its own doors, with staff that the test makes up.
type office struct {
	*openid.OpenID
	t    testing.TB
	ctx  context.Context // of the operator at the machine
	door http.Handler
	log  *strings.Builder

	mu       sync.Mutex // guards what follows
	now      time.Time
	sessions map[string]who.Person // by cookie, which is the session's id
	roles    map[string][]string
	asked    func(session string) // told of each question about a session, before the answer
}

// Session, Leave, Held and All implement what the room asks; Who, Still and May
// what the doors ask.
func (o *office) Session(_ context.Context, jurisdiction, session string) (p openid.Person, ok bool, err error) {
	if o.asked != nil {
		o.asked(session)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	me, ok := o.sessions[session]
	return openid.Person{ID: me.ID, Name: me.Name, Email: me.ID + "@vale.example", Method: "password and app"}, ok && jurisdiction == dbtest.Jurisdiction, nil
}

func (o *office) Leave(_ http.ResponseWriter, r *http.Request) (string, error) {
	o.end(who.From(r.Context()).Session)
	return "/sign-in", nil
}

func (o *office) Held(_ context.Context, _, account string) ([]string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.roles[account], nil
}

func (o *office) All(context.Context, string) ([]string, error) {
	return []string{"admin", "results-clerk", "viewer"}, nil
}

func (o *office) Who(r *http.Request) (p who.Person, ok bool) {
	c, err := r.Cookie("me")
	if err != nil {
		return p, false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	p, ok = o.sessions[c.Value]
	return p, ok
}

func (o *office) Still(r *http.Request) bool                    { _, ok := o.Who(r); return ok }
func (o *office) May(context.Context, who.Person, string) error { return nil }
func (o *office) clock() time.Time                              { o.mu.Lock(); defer o.mu.Unlock(); return o.now }
func (o *office) wait(d time.Duration)                          { o.mu.Lock(); defer o.mu.Unlock(); o.now = o.now.Add(d) }
func (o *office) end(session string)                            { o.mu.Lock(); defer o.mu.Unlock(); delete(o.sessions, session) }
func (o *office) give(account string, roles ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.roles[account] = roles
}
func (o *office) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.Write(p)
}

// signIn begins a session of a level.
func (o *office) signIn(account, session string, level int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sessions[session] = who.Person{ID: account, Name: strings.ToUpper(account[:1]) + account[1:], Jurisdiction: dbtest.Jurisdiction, Via: who.Browser,
		Level: level, Proved: o.now, Session: session}
}

func open(t testing.TB, d *db.DB) *office {
	t.Helper()
	o := &office{t: t, now: time.Now(), log: new(strings.Builder), sessions: make(map[string]who.Person), roles: make(map[string][]string),
		ctx: who.With(t.Context(), who.Person{ID: who.Operator, Name: "Operator", Jurisdiction: dbtest.Jurisdiction, Via: who.CLI})}
	logs := slog.New(slog.NewTextHandler(o, nil))
	o.OpenID = openid.New(openid.Deps{DB: d, Now: o.clock, Log: logs, Jurisdiction: dbtest.Jurisdiction, URL: issuer + "/", Sealer: sealer(t), Staff: o, Roles: o})
	if err := d.Migrate(t.Context(), []db.Source{job.Source(), {Room: "openid", FS: o.Room().Migrations}}); err != nil {
		t.Fatal(err)
	}
	c, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Add(web.Sentences); err != nil {
		t.Fatal(err)
	}
	for _, w := range o.Room().Words {
		if err := c.Add(w); err != nil {
			t.Fatal(err)
		}
	}
	routes := o.Room().Routes
	for i := range routes {
		routes[i].Rate = web.Rate{}
	}
	s := &web.Server{Routes: routes, Sessions: o, Access: o, Words: c, Log: logs, Now: o.clock, TLS: true}
	if o.door, err = s.Door(web.OfficeDoor); err != nil {
		t.Fatal(err)
	}
	return o
}

// satellite is a registered program, as the test plays it.
type satellite struct {
	openid.Client
	*office
	secret string
}

const redirect = "https://pollbook.vale.example/back"

func (o *office) satellite(name string, change func(*openid.Client)) *satellite {
	o.t.Helper()
	c := openid.Client{Name: name, Redirects: []string{redirect}, SignOuts: []string{"https://pollbook.vale.example/bye"}, Scopes: openid.Scopes, Level: 1}
	if change != nil {
		change(&c)
	}
	added, waits, err := o.Add(o.ctx, c, "")
	if err != nil || waits {
		o.t.Fatal(waits, err)
	}
	s := &satellite{Client: added, office: o}
	if !c.Public {
		secret, err := o.MakeSecret(o.ctx, added.ID)
		if err != nil {
			o.t.Fatal(err)
		}
		s.secret = secret.Reveal()
	}
	return s
}

const verifier = "a-verifier-of-forty-three-letters-or-some-more"

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// wish is what the satellite asks for; change says what is different.
func (s *satellite) wish(change url.Values) url.Values {
	q := url.Values{"response_type": {"code"}, "client_id": {s.ID}, "redirect_uri": {redirect}, "scope": {"openid profile email roles"},
		"state": {"st"}, "nonce": {"no"}, "code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"}}
	for name, values := range change {
		if q[name] = values; values == nil {
			q.Del(name)
		}
	}
	return q
}

// ask sends a request; body is nil for a GET.
func (o *office) ask(path, session string, body url.Values, set func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if body != nil {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(body.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if session != "" {
		r.AddCookie(&http.Cookie{Name: "me", Value: session})
	}
	if set != nil {
		set(r)
	}
	w := httptest.NewRecorder()
	o.door.ServeHTTP(w, r)
	return w
}

// authorize sends a browser to sign in and gives where it is sent then.
func (s *satellite) authorize(session string, change url.Values) (*httptest.ResponseRecorder, *url.URL) {
	s.t.Helper()
	w := s.ask("/openid/authorize?"+s.wish(change).Encode(), session, nil, nil)
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil {
		s.t.Fatal(err)
	}
	return w, to
}

// code is what a browser brings back.
func (s *satellite) code(session string, change url.Values) string {
	s.t.Helper()
	w, to := s.authorize(session, change)
	code := to.Query().Get("code")
	if code == "" {
		s.t.Fatalf("no code: %d to %s %s", w.Code, to, w.Body)
	}
	return code
}

// given is what the token endpoint answers.
type given struct {
	AccessToken string `json:"access_token"`
	IDToken     string `json:"id_token"`
	Error       string
	status      int
}

// redeem brings a code; change says what is different from the right request.
func (s *satellite) redeem(code string, change url.Values) given {
	s.t.Helper()
	f := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier}}
	if s.Public {
		f.Set("client_id", s.ID)
	}
	for name, values := range change {
		if f[name] = values; values == nil {
			f.Del(name)
		}
	}
	return s.tokenAnswer(s.ask("/openid/token", "", f, s.named))
}

func (s *satellite) named(r *http.Request) {
	if s.secret != "" {
		r.SetBasicAuth(url.QueryEscape(s.ID), url.QueryEscape(s.secret))
	}
}

func (s *satellite) tokenAnswer(w *httptest.ResponseRecorder) (g given) {
	s.t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &g); err != nil {
		s.t.Fatalf("%v: %s", err, w.Body)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		s.t.Error("an answer about tokens may be kept")
	}
	g.status = w.Code
	return g
}

// userinfo asks what an access token opens.
func (o *office) userinfo(token string) (int, map[string]any) {
	o.t.Helper()
	w := o.ask("/openid/userinfo", "", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) })
	var said map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
		o.t.Fatalf("%v: %s", err, w.Body)
	}
	return w.Code, said
}

// verified reads a token that is signed by a published key.
func (o *office) verified(token string) (said map[string]any, kind string) {
	o.t.Helper()
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		o.t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(o.ask("/openid/keys", "", nil, nil).Body.Bytes(), &set); err != nil {
		o.t.Fatal(err)
	}
	for _, k := range set.Key(parsed.Signatures[0].Header.KeyID) {
		body, err := parsed.Verify(k)
		if err != nil {
			o.t.Fatal(err)
		}
		if err := json.Unmarshal(body, &said); err != nil {
			o.t.Fatal(err)
		}
		kind, _ = parsed.Signatures[0].Protected.ExtraHeaders[jose.HeaderType].(string)
		return said, kind
	}
	o.t.Fatalf("no published key %s", parsed.Signatures[0].Header.KeyID)
	return nil, ""
}

// told lists the facts of a name.
func (o *office) told(name string) (list []ledger.Entry) {
	o.t.Helper()
	all, err := (&ledger.Ledger{DB: o.DB}).Tail(o.ctx, dbtest.Jurisdiction, 0, 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(e ledger.Entry) bool { return e.Name != name })
}

func TestAPersonSignsInToASatellite(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		s := o.satellite("Pollbook", nil)
		o.signIn("ann", "s1", 2)
		o.give("ann", "viewer")
		w, to := s.authorize("s1", nil)
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(to.String(), redirect+"?") || to.Query().Get("state") != "st" || to.Query().Get("iss") != issuer {
			t.Fatalf("%d to %s", w.Code, to)
		}
		got := s.redeem(to.Query().Get("code"), nil)
		if got.status != http.StatusOK {
			t.Fatalf("%+v", got)
		}
		said, _ := o.verified(got.IDToken)
		sum := sha256.Sum256([]byte(got.AccessToken))
		for name, want := range map[string]any{"iss": issuer, "sub": "ann", "aud": s.ID, "azp": s.ID, "nonce": "no", "acr": "aal2", "sid": "s1", "name": "Ann",
			"email": "ann@vale.example", "at_hash": base64.RawURLEncoding.EncodeToString(sum[:16])} {
			if said[name] != want {
				t.Errorf("%s is %v, want %v", name, said[name], want)
			}
		}
		if life := said["exp"].(float64) - said["iat"].(float64); life != 300 {
			t.Errorf("the ID token lives %v s", life)
		}
		if code, about := o.userinfo(got.AccessToken); code != http.StatusOK || about["sub"] != "ann" || about["roles"].([]any)[0] != "viewer" {
			t.Errorf("userinfo: %d %v", code, about)
		}
		if n := len(o.told("openid.entered.v1")); n != 1 {
			t.Errorf("recorded %d times", n)
		}
		for _, secret := range []string{got.AccessToken, got.IDToken, to.Query().Get("code"), s.secret} {
			if strings.Contains(o.log.String(), secret) {
				t.Error("a secret is in the log")
			}
			for _, e := range append(o.told("openid.entered.v1"), o.told("openid.secret-made.v1")...) {
				if strings.Contains(string(e.Data), secret) {
					t.Error("a secret is in the ledger")
				}
			}
		}
	})
}

func TestScopesAreWhatTheOfficeAllows(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s := o.satellite("Dashboard", func(c *openid.Client) { c.Scopes = []string{"roles"} })
	o.signIn("ann", "s1", 1)
	got := s.redeem(s.code("s1", url.Values{"nonce": nil, "state": nil}), nil)
	said, _ := o.verified(got.IDToken)
	for _, name := range []string{"name", "email", "nonce"} {
		if v, ok := said[name]; ok {
			t.Errorf("%s is said: %v", name, v)
		}
	}
	if _, about := o.userinfo(got.AccessToken); about["email"] != nil || about["roles"] == nil {
		t.Errorf("userinfo says %v", about)
	}
}
