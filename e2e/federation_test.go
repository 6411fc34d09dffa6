// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hustings/fake/idp"
	"hustings/guard/federation"
	"hustings/kit/hide"
)

// TestSingleSignOnPagesAreAccessible asks axe about the pages of other houses:
// before there is one, while one is written, and of one that works.
func TestSingleSignOnPagesAreAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	b := o.tab(approver)
	look := func(some []view, pages map[string]string) {
		t.Helper()
		for _, v := range some {
			b.look(v)
			for name, path := range pages {
				t.Run(name+"-"+v.name, func(t *testing.T) {
					b := b.in(t)
					b.visit(path)
					b.barriers(program, v.wide)
					b.shoot("federation-" + name + "-" + v.name)
					b.quiet("")
				})
			}
		}
	}
	look(views, map[string]string{"empty": "/federation", "new": "/federation/new?kind=oidc", "new-saml": "/federation/new?kind=saml"})

	o.House.Federation.URL = "http://" + o.House.Office + "/" // the port is known only now
	house := idp.New("", "office", "s3cret")
	server := httptest.NewServer(house)
	defer server.Close()
	house.URL = server.URL
	id, _, err := o.House.Federation.Propose(o.as(""), federation.Change{Secret: hide.New("s3cret"), Settings: federation.Settings{Kind: federation.OIDC,
		Name: "County of Vale sign-in", Issuer: house.URL, Client: strings.Repeat("client-of-a-long-name-", 6), Level: 2, Proofs: []string{"mfa"},
		Domains: []string{"vale.example"}, Makes: true, Rules: []federation.Rule{{Claim: "groups", Value: "Elections", Role: "viewer"}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the house serves other tests, too
		if err := errors.Join(o.House.Federation.Stop(o.as(""), id, "over"), o.House.Federation.Remove(o.as(""), id, "over")); err != nil {
			t.Error(err)
		}
	})
	look(views, map[string]string{"list": "/federation", "one": "/federation/" + id, "try": "/federation/" + id + "/try",
		"left": "/sign-in/left/" + id})
}

// TestSingleSignOnInABrowser walks to other houses on another site and back, as
// browsers guard the way: cookies that stay behind when a page of another site
// sends a form, and forms that may lead nowhere else.
func TestSingleSignOnInABrowser(t *testing.T) {
	s := openStrict(t)
	pretend := func(p idp.Person) *idp.House {
		house := idp.New("", "office", "s3cret", p)
		house.Now, house.As = s.Now, p.Subject
		server := httptest.NewServer(house)
		t.Cleanup(server.Close)
		house.URL = server.URL // 127.0.0.1, while the office is localhost: another site
		return house
	}
	county := pretend(idp.Person{Subject: "u-ann", Email: "ann@county.example", Name: "Ann Clark", Claims: map[string]any{"amr": []string{"otp"}, "groups": "admins"}})
	one, _, err := s.Federation.Propose(s.as(""), federation.Change{Secret: hide.New("s3cret"), Settings: federation.Settings{Kind: federation.OIDC, Name: "County",
		Issuer: county.URL, Client: "office", Level: 2, Proofs: []string{"otp"}, Domains: []string{"county.example"}, Makes: true,
		Rules: []federation.Rule{{Claim: "groups", Value: "admins", Role: "admin"}}}})
	s.must(err)
	state := pretend(idp.Person{Subject: "u-bo", Email: "bo@state.example", Name: "Bo Rivera"})
	res, err := http.Get(state.URL + "/saml/metadata")
	s.must(err)
	metadata, err := io.ReadAll(res.Body)
	res.Body.Close()
	s.must(err)
	two, _, err := s.Federation.Propose(s.as(""), federation.Change{Settings: federation.Settings{Kind: federation.SAML, Name: "State",
		Metadata: string(metadata), Level: 1, Domains: []string{"state.example"}, Makes: true}})
	s.must(err)

	b := s.tab("")
	s.at(b, "/sign-in?next=/keys")
	b.press(`a[href^="/sign-in/with/` + one + `"]`)
	b.until(`location.pathname === "/account/history"`) // it is new that the house vouches for Ann
	b.press(`form[action="/account/history/seen"] button`)
	b.until(`location.pathname === "/keys"`)

	s.ahead.Add(int64(11 * time.Minute))
	s.at(b, "/keys")
	b.press(`form[aria-labelledby="rotate-data"] button`)
	b.until(`document.querySelector('form[action="/sign-in/again"]')`)
	b.press(`form[action="/sign-in/again"] button`)
	b.until(`document.querySelector('form[action="/sign-in/with/` + one + `"]')`)
	b.press(`form[action="/sign-in/with/` + one + `"] button`)
	b.until(`document.querySelector('a[href^="` + county.URL + `"]')`)
	b.press(`a[href^="` + county.URL + `"]`)
	b.until(`document.querySelector('main form[action="/keys/rotate"] input[value="data"]') && location.pathname.endsWith("/back")`)
	b.press(`main form[action="/keys/rotate"] button`)
	b.until(`location.pathname === "/keys" && document.body.innerText.includes("New data keys")`)

	b.press(`form[action="/sign-out"] button`)
	b.until(`location.pathname === "/sign-in/left/` + one + `"`)
	b.press(`a[href^="` + county.URL + `/end-session"]`)
	b.until(`location.pathname === "/sign-in"`)

	s.ahead.Store(0) // the pretend SAML house knows no other clock
	b.press(`a[href^="/sign-in/with/` + two + `"]`)
	b.until(`location.pathname !== "/sign-in" && document.querySelector(".office-who")?.innerText === "Bo Rivera"`)
	b.quiet("403") // the form that was held
}
