// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

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
