// SPDX-License-Identifier: Apache-2.0

package federation_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hustings/fake/idp"
	"hustings/guard/federation"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
)

// samlHouse opens a pretend SAML house whose word is taken here.
func (o *office) samlHouse(person idp.Person, change ...func(c *federation.Change)) (*idp.House, federation.Provider) {
	o.t.Helper()
	h := idp.New("", "", "", person)
	h.As = person.Subject
	server := httptest.NewServer(h)
	o.t.Cleanup(server.Close)
	h.URL = server.URL
	metadata := o.browser().get(h.URL + "/saml/metadata")
	c := federation.Change{Settings: federation.Settings{Kind: federation.SAML, Name: "State", Metadata: metadata.body,
		Level: 2, Proofs: []string{"urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"}, Domains: []string{"vale.example"},
		Rules: []federation.Rule{{Claim: "groups", Value: "Elections", Role: "viewer"}}}}
	for _, do := range change {
		do(&c)
	}
	return h, o.propose(c)
}

// field is the value of a hidden field in a page.
func field(page, name string) string {
	_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(value)
}

// asserted goes to the house and stops with the form that its page would send.
func (b *browser) asserted(p federation.Provider) url.Values {
	b.o.t.Helper()
	out := b.get("/sign-in/with/" + p.ID + "?next=/results")
	page := b.get(out.location)
	form := url.Values{"SAMLResponse": {field(page.body, "SAMLResponse")}, "RelayState": {field(page.body, "RelayState")}}
	if out.status != http.StatusSeeOther || form.Get("SAMLResponse") == "" || form.Get("RelayState") == "" {
		b.o.t.Fatalf("%d %s: %s", out.status, out.location, page.body)
	}
	return form
}

// sends is what the browser does with the form: it goes along without cookies,
// as a form from another site's page does.
func (o *office) sends(p federation.Provider, form url.Values) page {
	r, _ := http.NewRequest(http.MethodPost, o.door.URL+"/sign-in/with/"+p.ID+"/saml", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://login.state.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	return o.browser().do(r)
}

func TestSAML(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		_, p := o.samlHouse(idp.Person{Subject: "u-ann", Email: "ann@vale.example", Name: "Ann", Claims: map[string]any{"groups": []string{"Elections", "Parks"}}})
		o.people = append(o.people, staff("ann"))
		b := o.browser()
		form := b.asserted(p)
		ticket := o.sends(p, form)
		if ticket.status != http.StatusSeeOther || !strings.HasPrefix(ticket.location, "/sign-in/with/"+p.ID+"/done?ticket=") {
			t.Fatalf("%+v\n%s", ticket, o.log.String())
		}
		another := o.browser()
		another.get("/sign-in/with/" + p.ID) // it is on a way of its own
		if in := another.get(ticket.location); in.location == "/results" || len(o.entered) != 0 {
			t.Error("another browser came in")
		}
		if in := b.get(ticket.location); in.location == "/results" {
			t.Error("the ticket was good after another browser had it")
		}
		ticket = o.sends(p, b.asserted(p))
		if in := b.get(ticket.location); in.location != "/results" || len(o.entered) != 1 || o.entered[0].Account != "ann" || o.entered[0].Level != 2 {
			t.Fatalf("%+v, entered %+v\n%s", in, o.entered, o.log.String())
		}
		if !o.held["ann"]["viewer"] {
			t.Errorf("roles %v", o.held)
		}
		if in := b.get(ticket.location); in.location == "/results" {
			t.Error("the ticket was good twice")
		}
		for _, tt := range []struct {
			name string
			form func() url.Values
		}{
			{"the same form again", func() url.Values { return form }},
			{"the same assertion in another way", func() url.Values {
				again := b.asserted(p)
				again.Set("SAMLResponse", form.Get("SAMLResponse"))
				return again
			}},
			{"that nobody asked for", func() url.Values {
				f := b.asserted(p)
				f.Del("RelayState")
				return f
			}},
			{"by a state that somebody made up", func() url.Values {
				f := b.asserted(p)
				f.Set("RelayState", strings.Repeat("a", 43))
				return f
			}},
			{"no assertion", func() url.Values {
				f := b.asserted(p)
				f.Del("SAMLResponse")
				return f
			}},
		} {
			if out := o.sends(p, tt.form()); out.status == http.StatusSeeOther {
				t.Errorf("%s: %s", tt.name, out.location)
			}
		}
		t.Run("the same assertion to the very same question", func(t *testing.T) {
			f := b.asserted(p)
			var request string
			if err := o.d.QueryRowContext(t.Context(), `select request from federation_flow where hash = $1`, federation.Digest(f.Get("RelayState"))).Scan(&request); err != nil {
				t.Fatal(err)
			}
			hear := func(purpose string, began time.Time) error {
				return o.HearSAML(o.as(), p, purpose, request, began, f, o.door.URL)
			}
			if err := hear("again", o.now().Add(5*time.Minute)); err == nil || !strings.Contains(err.Error(), "AuthnInstant") {
				t.Errorf("as a proof that was to be made later: %v", err)
			}
			if err := hear("enter", o.now()); err != nil {
				t.Errorf("the first time: %v", err)
			}
			if err := hear("enter", o.now()); err == nil || !strings.Contains(err.Error(), "used before") {
				t.Errorf("the second time: %v", err)
			}
		})
		t.Run("a state is no ticket", func(t *testing.T) {
			f := b.asserted(p)
			if in := b.get("/sign-in/with/" + p.ID + "/done?ticket=" + f.Get("RelayState")); in.location == "/results" {
				t.Error("came in")
			}
		})
		t.Run("a ticket is no state", func(t *testing.T) {
			to := o.sends(p, b.asserted(p))
			_, ticket, _ := strings.Cut(to.location, "ticket=")
			if in := b.get("/sign-in/with/" + p.ID + "/back?code=x&state=" + ticket); in.location == "/results" {
				t.Error("came in")
			}
		})
		t.Run("too late", func(t *testing.T) {
			f := b.asserted(p)
			o.late += 11 * time.Minute
			if out := o.sends(p, f); out.status == http.StatusSeeOther {
				t.Error("came in")
			}
		})
	})
}

// An assertion that one node has taken, no other takes: here the two nodes share
// a database, and the way there has been planted anew.
func TestAnAssertionIsGoodOnceOnAllNodes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		for i, want := range []bool{true, false} {
			err := o.Once(o.as(), "p", "assertion a1", o.now().Add(time.Hour))
			if (err == nil) != want {
				t.Errorf("time %d: %v", i+1, err)
			}
		}
		other := open(t, dbtest.Again(t, d))
		if err := other.Once(other.as(), "p", "assertion a1", o.now().Add(time.Hour)); err == nil {
			t.Error("another node took it again")
		}
		if err := other.Once(other.as(), "q", "assertion a1", o.now().Add(time.Hour)); err != nil {
			t.Errorf("another house may call another assertion the same: %v", err)
		}
		o.late += 2 * time.Hour
		if err := o.Once(o.as(), "p", "assertion a1", o.now().Add(time.Hour)); err != nil {
			t.Errorf("what is over is forgotten: %v", err)
		}
	})
}

// What a SAML house is told about us is what others can read, and what it says
// about itself is looked at before anybody agrees to it.
func TestSAMLSettings(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	_, p := o.samlHouse(ann)
	told := o.browser().get("/sign-in/with/" + p.ID + "/metadata")
	for _, want := range []string{o.door.URL + "/sign-in/with/" + p.ID + "/saml", "AssertionConsumerService", `entityID="` + o.door.URL} {
		if !strings.Contains(told.body, want) {
			t.Errorf("%s is not in %s", want, told.body)
		}
	}
	if !strings.HasSuffix(p.Issuer, "/saml/metadata") {
		t.Errorf("the house is called %s", p.Issuer)
	}
	for _, tt := range []struct{ name, metadata, want string }{
		{"nothing", "", "metadata"},
		{"no XML", "hello", "metadata"},
		{"an application's metadata", told.body, "metadata"},
		{"a bomb", `<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>`, "metadata"},
		{"too large", strings.Repeat("<a/>", 50_000), "metadata"},
	} {
		_, _, err := o.Propose(o.as(), federation.Change{Settings: federation.Settings{Kind: federation.SAML, Name: "X", Level: 1, Metadata: tt.metadata}})
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
