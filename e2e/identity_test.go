// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"hustings/app"
	"hustings/guard/access"
)

// strict is a house as an office really has it: nobody is in it yet, a password
// alone opens nothing, and its clock can be turned on.
type strict struct {
	*office
	ahead *atomic.Int64
	base  string // http://localhost:PORT, for passkeys belong to a name
}

func openStrict(t *testing.T) *strict {
	t.Helper()
	openOffice(t) // skips where the front end is not built
	cfg := app.Defaults()
	cfg.Data.Folder = t.TempDir()
	cfg.Office.Name, cfg.Office.Jurisdiction = "Alder County Elections", "ocd-division/country:us/state:xx/county:alder"
	cfg.Doors.Public, cfg.Doors.Office, cfg.Doors.Rate = "127.0.0.1:0", "127.0.0.1:0", 0
	ahead := new(atomic.Int64)
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	h, err := app.Open(context.Background(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended; h.Close() })
	<-h.Opened
	base := "http://" + strings.Replace(h.Office, "127.0.0.1", "localhost", 1)
	h.Federation.URL = base + "/" // the port is known only now
	return &strict{&office{h, t, nil}, ahead, base}
}

// window opens a window with a security key in it.
func (s *strict) window() *tab {
	s.t.Helper()
	b := s.tab("")
	b.run(webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
			Transport: webauthn.AuthenticatorTransportUsb, HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true}).Do(ctx)
		return err
	}))
	return b
}

// at opens a page by the house's name.
func (s *strict) at(b *tab, path string) {
	s.t.Helper()
	b.run(chromedp.Navigate(s.base+path), chromedp.WaitReady("main", chromedp.ByQuery))
}

func (b *tab) press(selector string) {
	b.t.Helper()
	b.run(chromedp.Click(selector, chromedp.ByQuery))
}

func (b *tab) typed(selector, text string) {
	b.t.Helper()
	b.run(chromedp.SetValue(selector, text, chromedp.ByQuery))
}

// TestAPasskeyInABrowser walks from the first start of a house to an invitation
// that needs a fresh proof, with the security key that Chromium pretends to have.
func TestAPasskeyInABrowser(t *testing.T) {
	s := openStrict(t)
	b := s.window()
	link, ok, err := s.Identity.FirstLink(context.Background())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	s.at(b, "/welcome?key="+link.Reveal())
	b.typed("#name", "Casey Chief")
	b.typed("#email", "casey@county.example")
	b.press("form[action='/welcome/me'] button")
	b.until(`document.querySelector("form[action='/welcome/passkey']")`)
	b.typed("#passkey-name", "blue key")
	b.press("form[action='/welcome/passkey'] button")
	b.until(`location.pathname === "/account" && document.body.innerText.includes("stays on one device")`)

	b.press("form[action='/sign-out'] button")
	b.until(`location.pathname === "/sign-in"`)
	b.press("form[action='/sign-in/passkey'] button")
	b.until(`location.pathname !== "/sign-in"`)
	s.at(b, "/account")
	b.until(`document.body.innerText.includes("passkey · level 3")`)

	// What was typed survives the proof that has become too old.
	s.at(b, "/staff")
	s.ahead.Add(int64(11 * time.Minute))
	b.typed("form[action='/staff'] #name", "Robin Clerk")
	b.typed("form[action='/staff'] #email", "robin@county.example")
	b.press("form[action='/staff'] button")
	b.until(`document.querySelector("form[action='/sign-in/again']")`)
	b.press("form[action='/sign-in/again'] button")
	b.until(`document.querySelector("form[action='/sign-in/again/passkey']")`)
	b.press("form[action='/sign-in/again/passkey'] button")
	b.until(`document.querySelector("main form[action='/staff']")`)
	b.press("main form[action='/staff'] button")
	b.until(`document.body.innerText.includes("robin@county.example") && document.querySelector("img.identity-code")`)

	// The page's script is led to the proof and back.
	s.ahead.Add(int64(11 * time.Minute))
	s.at(b, "/account")
	b.press("form[action='/account/passkeys'] button")
	b.until(`location.pathname === "/sign-in/again"`)
	b.press("form[action='/sign-in/again/passkey'] button")
	b.until(`location.pathname === "/account"`)
	b.quiet("the server responded with a status of 40") // the form that was held, and the script that was asked to wait
}

// TestSigningInWithoutScripts goes from an invitation to a session by plain
// forms: a password, an authenticator app, a recovery code.
func TestSigningInWithoutScripts(t *testing.T) {
	s := openStrict(t)
	_, link, err := s.Identity.Invite(s.as(""), "robin@county.example", "Robin", time.Time{})
	s.must(err)
	p := s.stranger()
	if body := p.get("/welcome?key=" + link.Reveal()); !strings.Contains(body, "need JavaScript") {
		t.Error("the page does not say what a passkey needs")
	}
	body := p.post("/welcome/app", url.Values{"key": {link.Reveal()}})
	secret := strings.ReplaceAll(piece(t, body, `<code class="office-hash">`, `</code>`), "-", "")
	code := func() string {
		c, err := totp.GenerateCode(secret, s.Now())
		s.must(err)
		return c
	}
	body = p.post("/welcome/password", url.Values{"key": {link.Reveal()}, "password": {"quarp-7k"}, "repeat": {"quarp-7k"}, "code": {code()}})
	recovery := piece(t, body, `<li><code>`, `</code>`)
	if body := p.get("/account"); !strings.Contains(body, "level 2") {
		t.Errorf("not signed in with two factors: %s", body)
	}
	p.post("/sign-out", nil)
	alone, err := p.client.PostForm("http://"+p.Office+"/sign-in", url.Values{"email": {"robin@county.example"}, "password": {"quarp-7k"}})
	s.must(err)
	_ = alone.Body.Close()
	if alone.StatusCode != http.StatusUnauthorized {
		t.Errorf("a password alone: %s", alone.Status)
	}
	p.post("/sign-in", url.Values{"email": {"robin@county.example"}, "password": {"quarp-7k"}, "code": {recovery}})
	if body := p.get("/account"); !strings.Contains(body, "password and recovery code") {
		t.Errorf("not signed in by a recovery code: %s", body)
	}
	// A change of how one signs in asks for a fresh proof, and comes back.
	s.ahead.Add(int64(11 * time.Minute))
	if body := p.get("/account/password"); !strings.Contains(body, "Confirm that it is you") {
		t.Errorf("no proof is asked for: %s", body)
	}
	body = p.post("/sign-in/again/code", url.Values{"next": {"/account/password"}, "level": {"2"}, "within": {"600"}, "code": {code()}})
	if !strings.Contains(body, `action="/account/password"`) {
		t.Errorf("the proof does not lead back: %s", body)
	}
}

// TestIdentityPagesAreAccessible asks axe about the pages of signing in.
func TestIdentityPagesAreAccessible(t *testing.T) {
	program := axe(t)
	s := openStrict(t)
	b := s.window()
	first, _, err := s.Identity.FirstLink(context.Background())
	s.must(err)
	casey, link, err := s.Identity.Invite(s.as(""), "casey@county.example", "Casey", s.Now().Add(90*24*time.Hour))
	s.must(err)
	s.must(s.Access.Grant(s.as(""), casey.ID, access.Admin))
	program2, err := s.Identity.AddProgram(s.as(""), "uploader")
	s.must(err)
	_, _, err = s.Identity.MakeToken(s.as(""), program2.ID, "uploads", time.Hour, "results.upload")
	s.must(err)
	look := func(name string) {
		for _, v := range views {
			b.run(emulation.SetDeviceMetricsOverride(v.wide, 900, 1, false),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}),
				network.SetCookie("lang", v.lang).WithDomain("localhost").WithPath("/"))
			if !strings.HasPrefix(name, "answer") { // a page that answers a form cannot be asked for again
				b.run(chromedp.Reload(), chromedp.WaitReady("main", chromedp.ByQuery))
			} else {
				b.run(chromedp.Sleep(300 * time.Millisecond)) // until its colours have changed
			}
			t.Run(v.name+"/"+name, func(t *testing.T) {
				b.in(t).barriers(program, v.wide)
				b.in(t).shoot("identity-" + name + "-" + v.name)
			})
		}
	}
	s.at(b, "/sign-in")
	look("sign-in")
	s.at(b, "/welcome?key="+first.Reveal())
	look("introduce")
	s.at(b, "/welcome?key="+link.Reveal())
	look("welcome")
	b.press("form[action='/welcome/app'] button")
	b.until(`document.querySelector("img.identity-code")`)
	look("answer-app")
	s.at(b, "/welcome?key="+link.Reveal())
	b.press("form[action='/welcome/passkey'] button")
	b.until(`location.pathname === "/account"`)
	for _, page := range []struct{ name, path string }{
		{"account", "/account"}, {"history", "/account/history"}, {"password", "/account/password"}, {"again", "/sign-in/again?level=3&next=/account"},
		{"again-without", "/sign-in/again?level=2&next=/account"}, {"staff", "/staff"}, {"person", "/staff/" + casey.ID}, {"program", "/staff/" + program2.ID},
	} {
		s.at(b, page.path)
		look(page.name)
	}
	s.at(b, "/account")
	b.press("form[action='/account/app'] button")
	b.until(`document.querySelector("img.identity-code")`)
	look("answer-own-app")
	s.at(b, "/staff")
	b.typed("form[action='/staff'] #name", "Robin")
	b.typed("form[action='/staff'] #email", "robin@county.example")
	b.press("form[action='/staff'] button")
	b.until(`document.querySelector("img.identity-code")`)
	look("answer-link")
}

// piece is the text between two others.
func piece(t *testing.T, body, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, from)
	text, _, ends := strings.Cut(rest, to)
	if !ok || !ends {
		t.Fatalf("no %s…%s in %s", from, to, body)
	}
	return text
}
