// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"hustings/guard/openid"
	"hustings/kit/who"
)

// pollbook is a program of the office at an address of its own: it sends people
// to sign in, and shows what they bring back.
type pollbook struct {
	*httptest.Server
	id, office string
}

// challenge is the hash of some verifier; the program never brings the code.
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

func (p *pollbook) wish() string {
	return p.office + "/openid/authorize?" + url.Values{"response_type": {"code"}, "client_id": {p.id}, "redirect_uri": {p.URL + "/back"}, "scope": {"openid profile email roles"},
		"state": {"the state"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"}}.Encode()
}

func (p *pollbook) goodbye() string {
	return p.office + "/openid/sign-out?" + url.Values{"client_id": {p.id}, "post_logout_redirect_uri": {p.URL + "/bye"}, "state": {"gone"}}.Encode()
}

func (p *pollbook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	fmt.Fprintf(w, "<!doctype html><title>Pollbook</title><main>%s with %d letters and %s</main>", html.EscapeString(r.URL.Path), len(q.Get("code")), html.EscapeString(q.Get("state")))
}

func (o *office) pollbook(name string, change func(*openid.Client)) *pollbook {
	o.t.Helper()
	o.OpenID.URL = "http://" + o.Office + "/" // known since the door is open
	p := &pollbook{office: "http://" + o.Office}
	p.Server = httptest.NewServer(p)
	o.t.Cleanup(p.Close)
	c := openid.Client{Name: name, Redirects: []string{p.URL + "/back"}, SignOuts: []string{p.URL + "/bye"}, Scopes: openid.Scopes, Level: 1}
	change(&c)
	added, _, err := o.OpenID.Add(who.With(o.t.Context(), who.Person{ID: who.Operator, Jurisdiction: o.Config.Office.Jurisdiction, Via: who.CLI}), c, "")
	o.must(err)
	p.id = added.ID
	return p
}

// TestASatelliteInABrowser: pages here may send forms to this house alone, and
// the browser holds redirects after a form to that, too. The person gets to the
// satellite all the same, and back from it.
func TestASatelliteInABrowser(t *testing.T) {
	browser(t)
	o := openOffice(t)
	p := o.pollbook("Pollbook in a browser", func(*openid.Client) {})
	b := o.tab("")
	b.run(chromedp.Navigate(p.wish()), chromedp.WaitReady("form[action='/sign-in']", chromedp.ByQuery),
		chromedp.SetValue("#email", clerk, chromedp.ByQuery), chromedp.SetValue("#password", password, chromedp.ByQuery),
		chromedp.Click("form[action='/sign-in'] button", chromedp.ByQuery))
	b.until(`document.body.innerText.includes("/back with 43 letters and the state")`)
	b.run(chromedp.Navigate(p.goodbye()), chromedp.WaitReady("form[action='/openid/sign-out/now']", chromedp.ByQuery),
		chromedp.Click("form[action='/openid/sign-out/now'] button", chromedp.ByQuery))
	b.until(`document.body.innerText.includes("/bye with 0 letters and gone")`)
	b.visit("/account")
	b.until(`location.pathname === "/sign-in"`)
	b.quiet("favicon")

	app := o.pollbook("Tablet in a browser", func(c *openid.Client) { c.Public = true })
	b = o.tab(clerk)
	b.run(chromedp.Navigate(app.wish()), chromedp.WaitReady("form[action='/openid/agree']", chromedp.ByQuery),
		chromedp.Click("form[action='/openid/agree'] button", chromedp.ByQuery))
	b.until(`document.body.innerText.includes("/back with 43 letters and the state")`)
	b.quiet("favicon")
}

// TestTheSatellitePagesAreAccessible asks axe about each of them.
func TestTheSatellitePagesAreAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	p := o.pollbook("Pollbook that is looked at", func(c *openid.Client) { c.Roles = []string{"admin", "results-approver"} })
	app := o.pollbook("Tablet that is looked at", func(c *openid.Client) { c.Public = true })
	b := o.tab(approver)
	for _, v := range views {
		b.look(v)
		for _, one := range []struct {
			name, at, but string
			then          func(b *tab)
		}{
			{name: "satellites", at: "/openid/clients"},
			{name: "satellites-wrong", at: "/openid/clients", but: "422", then: func(b *tab) {
				b.run(chromedp.SetValue("#name", "Dashboard", chromedp.ByQuery), chromedp.SetValue("#redirects", "http://nowhere.example/", chromedp.ByQuery),
					chromedp.SetValue("#reason", "we need it", chromedp.ByQuery), chromedp.Click("form[action='/openid/clients'] button", chromedp.ByQuery),
					chromedp.WaitReady("#redirects-wrong", chromedp.ByQuery))
			}},
			{name: "satellite", at: "/openid/clients/" + p.id},
			{name: "satellite-secret", at: "/openid/clients/" + p.id, then: func(b *tab) {
				b.run(chromedp.Click("form[action$='/secret'] button", chromedp.ByQuery), chromedp.WaitReady(".usa-alert--success", chromedp.ByQuery))
			}},
			{name: "satellite-consent", at: app.wish()[len(app.office):]},
			{name: "satellite-signout", at: p.goodbye()[len(p.office):]},
			{name: "satellite-signedout", at: "/openid/signed-out"},
			{name: "satellite-unknown", at: "/openid/authorize?client_id=x", but: "422"},
		} {
			t.Run(v.name+"/"+one.name, func(t *testing.T) {
				b := b.in(t)
				b.visit(one.at)
				if one.then != nil {
					one.then(b)
				}
				b.barriers(program, v.wide)
				b.shoot(one.name + "-" + v.name)
				b.quiet(one.but)
			})
		}
	}
}
