// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"hustings/guard/access"
	"hustings/guard/openid"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
	"hustings/kit/web"
)

// port is a house behind a real address that satellites know it by.
type port struct {
	*House
	t    *testing.T
	base string // without the final slash

	mu    sync.Mutex // guards ahead
	ahead time.Duration
}

func (p *port) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Add(p.ahead)
}

func (p *port) turn(ahead time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ahead = ahead
}

func openPort(t *testing.T, database string) *port {
	t.Helper()
	p := &port{t: t}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	p.base = "http://" + server.Listener.Addr().String()
	cfg := Defaults()
	cfg.Data.Folder, cfg.Data.Database = t.TempDir(), database
	cfg.Office.Jurisdiction = "ocd-division/country:us/state:xx/county:vale"
	cfg.Doors.OfficeURL = p.base + "/"
	cfg.SignIn.PasswordAlone = true
	var err error
	if p.House, err = Open(context.Background(), cfg, slog.New(slog.DiscardHandler), p.now); err != nil {
		if strings.Contains(err.Error(), "front end is not built") {
			t.Skip("the front end is not built; run make web")
		}
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	s, err := p.server()
	if err != nil {
		t.Fatal(err)
	}
	s.Rate = web.Rate{}
	if server.Config.Handler, err = s.Door(web.OfficeDoor); err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	return p
}

// work runs the listeners and jobs of the house.
func (p *port) work() {
	ctx, stop := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() { _ = p.Ledger.Run(ctx, p.hears(true)) })
	parts.Go(func() { _ = p.Jobs.Run(ctx, p.kinds(), nil) })
	p.t.Cleanup(func() { stop(); parts.Wait() })
}

// browser is a person's browser: it keeps cookies and follows redirects and
// refreshes.
type browser struct {
	t *testing.T
	http.Client
}

func newBrowser(t *testing.T) *browser {
	jar, _ := cookiejar.New(nil) // never fails
	return &browser{t, http.Client{Jar: jar, Timeout: 20 * time.Second}}
}

// page is where a browser is.
type page struct {
	at   *url.URL
	body string
}

// open goes to an address, sending a form where there is one.
func (b *browser) open(address string, form url.Values) page {
	b.t.Helper()
	for range 5 {
		var res *http.Response
		var err error
		if form != nil {
			res, err = b.PostForm(address, form)
		} else {
			res, err = b.Get(address)
		}
		if err != nil {
			b.t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			b.t.Fatal(err)
		}
		if form != nil && res.Request.URL.Host != mustParse(b.t, address).Host {
			b.t.Fatalf("a form of %s ends at %s, which browsers refuse", address, res.Request.URL)
		}
		_, to, refreshed := strings.Cut(res.Header.Get("Refresh"), "url=")
		if !refreshed {
			return page{res.Request.URL, string(body)}
		}
		next, err := res.Request.URL.Parse(to)
		if err != nil {
			b.t.Fatal(err)
		}
		address, form = next.String(), nil
	}
	b.t.Fatal("led in circles")
	return page{}
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// read reads what the satellite says on the page.
func (p page) read(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(p.body), v); err != nil {
		t.Fatalf("at %s: %v: %s", p.at, err, p.body)
	}
}

var carried = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// send fills in a form of the page that goes to a path.
func (b *browser) send(from page, path string, more url.Values) page {
	b.t.Helper()
	_, form, ok := strings.Cut(from.body, `action="`+path+`"`)
	form, _, _ = strings.Cut(form, "</form>")
	if !ok {
		b.t.Fatalf("no form to %s at %s: %s", path, from.at, from.body)
	}
	for _, m := range carried.FindAllStringSubmatch(form, -1) {
		more.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	to, err := from.at.Parse(path)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.open(to.String(), more)
}

// satellite is ../peers/client.mjs, which stands on openid-client.
type satellite struct {
	id, base string
	say      func(v any)
	heard    *bufio.Scanner
}

func (p *port) satellite(proof string, change func(*openid.Client)) *satellite {
	p.t.Helper()
	folder, err := filepath.Abs("../peers")
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		p.t.Skip("the programs of others are not installed; run npm ci in peers")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		p.t.Skip("node is not installed")
	}
	cmd := exec.CommandContext(p.t.Context(), node, filepath.Join(folder, "client.mjs"))
	cmd.Dir, cmd.Stderr = folder, p.t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		in.Close()
		// The test's context has ended by now, and may have ended the program.
		if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) && !errors.Is(err, context.Canceled) {
			p.t.Error(err)
		}
	})
	s := &satellite{heard: bufio.NewScanner(out)}
	s.say = func(v any) {
		p.t.Helper()
		if err := json.NewEncoder(in).Encode(v); err != nil {
			p.t.Fatal(err)
		}
	}
	s.base = s.hear(p.t)
	c := openid.Client{Name: "Satellite by " + proof, Public: proof == "none", Redirects: []string{s.base + "/back"}, SignOuts: []string{s.base + "/bye"},
		BackChannel: s.base + "/notices", Scopes: openid.Scopes, Level: 1}
	change(&c)
	ctx := operator(p.t.Context(), p.Config)
	added, _, err := p.OpenID.Add(ctx, c, "")
	if err != nil {
		p.t.Fatal(err)
	}
	var secret hide.String
	if !c.Public {
		if secret, err = p.OpenID.MakeSecret(ctx, added.ID); err != nil {
			p.t.Fatal(err)
		}
	}
	s.id = added.ID
	s.say(map[string]string{"issuer": p.base, "id": s.id, "secret": secret.Reveal(), "proof": proof})
	if got := s.hear(p.t); got != "ready" {
		p.t.Fatal(got)
	}
	return s
}

func (s *satellite) hear(t *testing.T) string {
	t.Helper()
	if !s.heard.Scan() {
		t.Fatal("the satellite says nothing more", s.heard.Err())
	}
	return s.heard.Text()
}

// given is what the satellite tells that it was given.
type given struct {
	Error, Refresh, Scope string
	Expires               float64
	Claims, Info          struct {
		Sub, Name, Email, Acr, Sid string
		Amr, Roles                 []string
		AuthTime                   int64 `json:"auth_time"`
	}
}

func (b *browser) given(from page) (g given) {
	b.t.Helper()
	from.read(b.t, &g)
	return g
}

// TestAnotherClientAgrees walks a person's browser through the whole house with
// a satellite that stands on openid-client: discovery, sign-in, proof, tokens,
// sign-out and notices.
func TestAnotherClientAgrees(t *testing.T) {
	for engine, database := range map[string]func(t *testing.T) string{
		"sqlite": func(*testing.T) string { return "" }, "postgres": func(t *testing.T) string { return dbtest.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			p := openPort(t, database(t))
			p.work()
			ctx := operator(t.Context(), p.Config)
			ann, err := p.Identity.Add(ctx, "ann@vale.example", "Ann", hide.New(passwordOfAnn))
			if err == nil {
				err = p.Access.Grant(ctx, ann.ID, access.Clerk)
			}
			if err != nil {
				t.Fatal(err)
			}
			s := p.satellite("basic", func(c *openid.Client) { c.Roles = []string{string(access.Clerk)} })
			b := newBrowser(t)
			password := url.Values{"email": {"ann@vale.example"}, "password": {passwordOfAnn}}

			if g := b.given(b.open(s.base+"/login?prompt=none", nil)); g.Error != "login_required" {
				t.Errorf("nobody is signed in: got %+v", g)
			}
			got := b.given(b.send(b.open(s.base+"/login", nil), "/sign-in", password))
			if got.Error != "" || got.Claims.Sub != ann.ID || got.Info.Sub != ann.ID || got.Info.Name != "Ann" || got.Info.Email != "ann@vale.example" ||
				strings.Join(got.Info.Roles, " ") != string(access.Clerk) || got.Claims.Acr != "aal1" || strings.Join(got.Claims.Amr, " ") != "pwd" || got.Expires > 600 || got.Refresh != "" {
				t.Fatalf("after the sign-in: got %+v", got)
			}
			if g := b.given(b.open(s.base+"/login?prompt=none&max_age=3600", nil)); g.Error != "" || g.Claims.Sid != got.Claims.Sid {
				t.Errorf("a second time: got %+v", g)
			}
			if g := b.given(b.open(s.base+"/again", nil)); g.Error != "invalid_grant" {
				t.Errorf("the code once more: got %+v", g)
			}
			if g := b.given(b.open(s.base+"/end", nil)); g.Error == "" {
				t.Errorf("after a replay the access token opens: %+v", g)
			}
			if g := b.given(b.open(s.base+"/end?now", nil)); g.Error == "" {
				t.Errorf("given back, the access token opens: %+v", g)
			}

			p.turn(-time.Minute)
			app, err := p.Identity.PrepareApp(ctx, ann.ID)
			if err != nil {
				t.Fatal(err)
			}
			code := func() string {
				text, err := totp.GenerateCode(app.Secret.Reveal(), p.now())
				if err != nil {
					t.Fatal(err)
				}
				return text
			}
			if _, err := p.Identity.ConfirmApp(ctx, ann.ID, code()); err != nil {
				t.Fatal(err)
			}
			p.turn(0)
			ask := b.open(s.base+"/login?acr_values=aal2", nil)
			got = b.given(b.send(ask, "/sign-in/again/code", url.Values{"code": {code()}}))
			if got.Error != "" || got.Claims.Acr != "aal2" || time.Since(time.Unix(got.Claims.AuthTime, 0)) > time.Minute {
				t.Errorf("after the proof: got %+v", got)
			}

			if _, err := p.OpenID.RotateKeys(ctx, true); err != nil {
				t.Fatal(err)
			}
			s.say(map[string]string{"issuer": p.base, "id": s.id, "secret": "", "proof": "none"}) // looks the house up again
			if s.hear(t) != "ready" {
				t.Fatal("it is not")
			}
			if g := b.given(b.open(s.base+"/login", nil)); g.Error != "invalid_client" {
				t.Errorf("without its secret: got %+v", g)
			}
			secret, err := p.OpenID.MakeSecret(ctx, s.id)
			if err != nil {
				t.Fatal(err)
			}
			s.say(map[string]string{"issuer": p.base, "id": s.id, "secret": secret.Reveal(), "proof": "post"})
			if s.hear(t) != "ready" {
				t.Fatal("it is not")
			}
			if g := b.given(b.open(s.base+"/login", nil)); g.Error != "" || g.Claims.Sid != got.Claims.Sid {
				t.Errorf("by a new key and with a new secret: got %+v", g)
			}

			var bye struct{ Bye string }
			b.send(b.open(s.base+"/logout", nil), "/openid/sign-out/now", url.Values{}).read(t, &bye)
			if bye.Bye != "the state" {
				t.Errorf("after signing out: %+v", bye)
			}
			if at := b.open(p.base+"/account", nil).at.Path; at != "/sign-in" {
				t.Errorf("still signed in, at %s", at)
			}
			var told []struct{ Sub, Sid string }
			for deadline := time.Now().Add(20 * time.Second); len(told) == 0 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
				b.open(s.base+"/told", nil).read(t, &told)
			}
			if len(told) != 1 || told[0].Sub != ann.ID || told[0].Sid != got.Claims.Sid {
				t.Errorf("the satellite was told %+v", told)
			}

			password.Set("code", "")
			p.turn(40 * time.Second)
			password.Set("code", code())
			p.turn(0)
			if err := p.Identity.Disable(ctx, ann.ID, "left"); err != nil {
				t.Fatal(err)
			}
			if at := b.send(b.open(s.base+"/login", nil), "/sign-in", password).at; at.Host != mustParse(t, p.base).Host || at.Path != "/sign-in" {
				t.Errorf("a disabled account gets to %s", at)
			}
		})
	}
}

// TestADisabledAccountLeavesItsSatellites at once, though nobody signed out.
func TestADisabledAccountLeavesItsSatellites(t *testing.T) {
	p := openPort(t, "")
	p.work()
	ctx := operator(t.Context(), p.Config)
	ann, err := p.Identity.Add(ctx, "ann@vale.example", "Ann", hide.New(passwordOfAnn))
	if err != nil {
		t.Fatal(err)
	}
	s := p.satellite("none", func(*openid.Client) {})
	b := newBrowser(t)
	consent := b.send(b.open(s.base+"/login", nil), "/sign-in", url.Values{"email": {"ann@vale.example"}, "password": {passwordOfAnn}})
	if g := b.given(b.send(consent, "/openid/agree", url.Values{})); g.Error != "" || g.Info.Name != "Ann" {
		t.Fatalf("got %+v", g)
	}
	if err := p.Identity.Disable(ctx, ann.ID, "left"); err != nil {
		t.Fatal(err)
	}
	if g := b.given(b.open(s.base+"/end", nil)); g.Error == "" {
		t.Errorf("the access token opens: %+v", g)
	}
	var told []struct{ Sub string }
	for deadline := time.Now().Add(20 * time.Second); len(told) == 0 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		b.open(s.base+"/told", nil).read(t, &told)
	}
	if len(told) != 1 || told[0].Sub != ann.ID {
		t.Errorf("the satellite was told %+v", told)
	}
}

// TestTwoPeopleRegisterASatellite: one asks, another sees on the page of the
// request what they agree to, and it is there.
func TestTwoPeopleRegisterASatellite(t *testing.T) {
	h := openWatched(t, func(c *Config) { c.Doors.OfficeURL = "https://office.vale.example/" })
	h.hire("ann", access.Admin)
	h.hire("bo", access.Security)
	ann, bo := h.signIn("ann", passwordOfAnn), h.signIn("bo", passwordOfAnn)
	wish := url.Values{"name": {"Pollbook"}, "kind": {"confidential"}, "redirects": {"https://pollbook.example/back"}, "scopes": {"roles"}, "level": {"2"}, "reason": {"the new one"}}
	if w := h.send("/openid/clients", wish, ann); w.Code != http.StatusSeeOther {
		t.Fatalf("asking: %d %s", w.Code, w.Body)
	}
	if w := h.send("/openid/clients", wish, bo); w.Code != http.StatusConflict {
		t.Errorf("asking again: %d", w.Code)
	}
	requests, err := h.Access.Requests(operator(t.Context(), h.Config))
	if err != nil || len(requests) != 1 {
		t.Fatal(requests, err)
	}
	page := "/access/requests/" + requests[0].ID
	shown := h.send(page, nil, bo).Body.String()
	for _, want := range []string{"Pollbook", "https://pollbook.example/back", "roles", "all staff", "Level 2"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the second person does not see %q", want)
		}
	}
	ctx := operator(t.Context(), h.Config)
	if w := h.send(page+"/agree", url.Values{"reason": {"seen"}}, ann); w.Code < 400 {
		t.Errorf("the first person agrees: %d", w.Code)
	}
	if list, err := h.OpenID.Clients(ctx, h.Config.Office.Jurisdiction); err != nil || len(list) != 0 {
		t.Errorf("registered by one person: %v, %v", list, err)
	}
	if w := h.send(page+"/agree", url.Values{"reason": {"seen"}}, bo); w.Code >= 400 {
		t.Errorf("the second person agrees: %d %s", w.Code, w.Body)
	}
	if list, err := h.OpenID.Clients(ctx, h.Config.Office.Jurisdiction); err != nil || len(list) != 1 || list[0].Level != 2 {
		t.Errorf("registered: %v, %v", list, err)
	}
}
