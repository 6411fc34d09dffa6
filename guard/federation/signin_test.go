// SPDX-License-Identifier: Apache-2.0

package federation_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hustings/fake/idp"
	"hustings/guard/federation"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
)

var ann = idp.Person{Subject: "u-ann", Email: "Ann@vale.example", Name: "Ann", Claims: map[string]any{"groups": []string{"Elections"}, "acr": "mfa"}}

func staff(name string) federation.Person {
	return federation.Person{ID: name, Name: name, Email: name + "@vale.example", Staff: true}
}

func TestSignIn(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		h, p := o.house(func(c *federation.Change) {
			c.Settings.Level, c.Settings.Proofs = 2, []string{"mfa"}
			c.Settings.Rules = []federation.Rule{{Claim: "groups", Value: "Elections", Role: "viewer"}}
		}, ann)
		o.people = append(o.people, staff("ann"))
		b := o.browser()
		in := b.get(b.begin(p))
		if in.status != http.StatusSeeOther || in.location != "/results" {
			t.Fatalf("got %d to %s: %s\n%s", in.status, in.location, in.body, o.log.String())
		}
		if len(o.entered) != 1 || o.entered[0].Account != "ann" || o.entered[0].Level != 2 {
			t.Errorf("entered %+v", o.entered)
		}
		if !o.held["ann"]["viewer"] {
			t.Errorf("roles %v", o.held)
		}
		asked := h.Asked()[0]
		if asked.Get("code_challenge") == "" || asked.Get("nonce") == "" || len(asked.Get("state")) != 43 || asked.Get("acr_values") != "mfa" ||
			asked.Get("scope") != "openid email" || asked.Get("redirect_uri") != o.door.URL+"/sign-in/with/"+p.ID+"/back" {
			t.Errorf("asked %v", asked)
		}
		if !o.told("federation.linked.v1", `"Account":"ann"`, `"How":"address"`) {
			t.Errorf("facts %v", o.facts())
		}
		t.Run("the second time by the link, though the address is another now", func(t *testing.T) {
			h.People[0].Email = "ann.smith@elsewhere.example"
			h.People[0].Claims = map[string]any{"groups": []string{"Parks"}}
			b := o.browser()
			if in := b.get(b.begin(p)); in.location != "/results" || len(o.entered) != 2 || o.entered[1].Account != "ann" {
				t.Errorf("got %+v", in)
			}
			if o.entered[1].Level != 1 {
				t.Errorf("without the word for two factors the level is %d", o.entered[1].Level)
			}
			if _, has := o.held["ann"]["viewer"]; has {
				t.Error("the role stayed though no rule gives it any more")
			}
		})
	})
}

// Nobody comes in by a word that is not theirs, not for us or not of now. The
// page says the same whatever was wrong.
func TestWordsThatAreNotBelieved(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		h, p := o.house(nil, ann)
		o.people = append(o.people, staff("ann"))
		bend := func(name string, value any) func() {
			return func() {
				h.Bend = func(c map[string]any) {
					if c[name] = value; value == nil {
						delete(c, name)
					}
				}
			}
		}
		for _, tt := range []struct {
			name string
			with func()
		}{
			{"another issuer", bend("iss", "https://evil.example")},
			{"for another client", bend("aud", "other")},
			{"for others, too", bend("aud", []string{"office", "other"})},
			{"asked for by another client", bend("azp", "other")},
			{"another nonce", bend("nonce", "abc")},
			{"no nonce", bend("nonce", nil)},
			{"expired", bend("exp", o.now().Add(-time.Minute).Unix())},
			{"no expiry", bend("exp", nil)},
			{"made long ago", bend("iat", o.now().Add(-time.Hour).Unix())},
			{"made tomorrow", bend("iat", o.now().Add(24*time.Hour).Unix())},
			{"no time", bend("iat", nil)},
			{"nobody", bend("sub", "")},
			{"a name with a line break", bend("sub", "a\nb")},
			{"another person than what is said of them", bend("sub", "u-bo")},
			{"an access token of somebody else", bend("at_hash", "AAAA")},
			{"proved tomorrow", bend("auth_time", o.now().Add(24*time.Hour).Unix())},
		} {
			tt.with()
			b := o.browser()
			in := b.get(b.begin(p))
			if in.status == http.StatusSeeOther && in.location == "/results" {
				t.Errorf("%s: came in", tt.name)
			}
		}
		h.Bend = nil
		texts := make(map[string]bool)
		for _, err := range o.refused {
			texts[err.Error()] = true
		}
		if len(texts) != 1 || len(o.entered) != 0 {
			t.Errorf("%d in, told %v", len(o.entered), texts)
		}
		if len(o.refused) != 16 || !o.told("federation.refused.v1", "could not be believed") {
			t.Errorf("%d refused", len(o.refused))
		}
		b := o.browser()
		if in := b.get(b.begin(p)); in.location != "/results" {
			t.Errorf("and with nothing bent: %+v", in)
		}
	})
}

// The way back is good once, in the browser that was sent, from the house that
// was asked.
func TestTheWayBack(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		h, p := o.house(nil, ann)
		_, other := o.house(func(c *federation.Change) { c.Settings.Domains = []string{"other.example"} }, ann)
		o.people = append(o.people, staff("ann"))
		b := o.browser()
		back := b.begin(p)
		other1 := o.browser()
		if in := other1.get(back); in.location == "/results" {
			t.Error("another browser came in by it")
		}
		if in := b.get(back); in.location == "/results" {
			t.Error("it was good a second time, after another browser had it")
		}
		back = b.begin(p)
		if in := b.get(back); in.location != "/results" {
			t.Fatalf("the right browser: %+v", in)
		}
		if in := b.get(back); in.location == "/results" {
			t.Error("the same answer was good twice")
		}
		change := func(back string, do func(u *url.URL, q url.Values)) string {
			u, err := url.Parse(back)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			do(u, q)
			u.RawQuery = q.Encode()
			return u.String()
		}
		for _, tt := range []struct {
			name string
			do   func(u *url.URL, q url.Values)
		}{
			{"another state", func(_ *url.URL, q url.Values) { q.Set("state", strings.Repeat("a", 43)) }},
			{"no state", func(_ *url.URL, q url.Values) { q.Del("state") }},
			{"two states", func(_ *url.URL, q url.Values) { q.Add("state", q.Get("state")) }},
			{"another code", func(_ *url.URL, q url.Values) { q.Set("code", "x") }},
			{"no code", func(_ *url.URL, q url.Values) { q.Del("code") }},
			{"two codes", func(_ *url.URL, q url.Values) { q.Add("code", q.Get("code")) }},
			{"from another house (RFC 9207)", func(_ *url.URL, q url.Values) { q.Set("iss", "https://evil.example") }},
			{"from a house that does not say which", func(_ *url.URL, q url.Values) { q.Del("iss") }},
			{"to another house's address (mix-up)", func(u *url.URL, _ url.Values) { u.Path = strings.Replace(u.Path, p.ID, other.ID, 1) }},
			{"refused there", func(_ *url.URL, q url.Values) { q.Set("error", "access_denied") }},
		} {
			b := o.browser()
			if in := b.get(change(b.begin(p), tt.do)); in.location == "/results" {
				t.Errorf("%s: came in", tt.name)
			}
		}
		t.Run("a way to one house is none to another", func(t *testing.T) {
			back, _ := url.Parse(o.browser().begin(p))
			if _, err := o.TakeFlow(t.Context(), other.ID, back.Query().Get("state")); err == nil {
				t.Error("taken")
			}
		})
		t.Run("a cookie that somebody made up", func(t *testing.T) {
			b, forged := o.browser(), o.browser()
			back := b.begin(p)
			at, _ := url.Parse(o.door.URL)
			forged.Jar.SetCookies(at, []*http.Cookie{{Name: "hustings-way", Value: strings.Repeat("A", 43), Path: "/"}})
			if in := forged.get(back); in.location == "/results" {
				t.Error("came in")
			}
		})
		t.Run("after eleven minutes", func(t *testing.T) {
			b := o.browser()
			back := b.begin(p)
			o.late += 11 * time.Minute
			if in := b.get(back); in.location == "/results" {
				t.Error("came in")
			}
		})
		t.Run("two tabs", func(t *testing.T) {
			b := o.browser()
			one, two := b.begin(p), b.begin(p)
			if in := b.get(one); in.location != "/results" {
				t.Errorf("the first: %+v", in)
			}
			if in := b.get(two); in.location != "/results" {
				t.Errorf("the second: %+v", in)
			}
		})
		t.Run("leads to no other site", func(t *testing.T) {
			for _, next := range []string{"https://evil.example", "//evil.example", "/\t/evil.example", `/\evil.example`, "javascript:alert(1)"} {
				b := o.browser()
				out := b.get("/sign-in/with/" + p.ID + "?" + url.Values{"next": {next}}.Encode())
				if in := b.get(b.get(out.location).location); in.location != "/" {
					t.Errorf("%q leads to %q", next, in.location)
				}
			}
		})
		t.Run("from another site's link it takes a click", func(t *testing.T) {
			r, _ := http.NewRequest(http.MethodGet, o.door.URL+"/sign-in/with/"+p.ID, nil)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			if out := o.browser().do(r); out.status != http.StatusOK || !strings.Contains(out.body, h.URL+"/authorize") {
				t.Errorf("got %d to %s", out.status, out.location)
			}
		})
	})
}

// Who comes in without a link.
func TestWhoIsLinked(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		h, p := o.house(nil, ann)
		o.people = []federation.Person{staff("ann"), staff("bo"), {ID: "cy", Email: "cy@vale.example"}, {ID: "eve", Name: "eve", Email: "eve@elsewhere.example", Staff: true}}
		try := func(as idp.Person) string {
			h.People, h.As = []idp.Person{as}, as.Subject
			before := len(o.entered)
			b := o.browser()
			b.get(b.begin(p))
			if len(o.entered) == before {
				return ""
			}
			return o.entered[before].Account
		}
		for _, tt := range []struct {
			name string
			as   idp.Person
			want string
			why  string
		}{
			{"an address that the house does not vouch for", idp.Person{Subject: "1", Email: "ann@vale.example", Claims: map[string]any{"email_verified": false}}, "", "does not vouch for the person's address"},
			{"no address", idp.Person{Subject: "1"}, "", "does not vouch for the person's address"},
			{"an address of a domain for which it does not speak", idp.Person{Subject: "1", Email: "eve@elsewhere.example"}, "", "does not speak for the domain"},
			{"a domain that ends the same", idp.Person{Subject: "1", Email: "eve@evil-vale.example"}, "", "does not speak for the domain"},
			{"a second at sign", idp.Person{Subject: "1", Email: "x@evil.example@vale.example"}, "", "does not speak for the domain"},
			{"nobody here", idp.Person{Subject: "1", Email: "zoe@vale.example"}, "", "makes no accounts"},
			{"a disabled account", idp.Person{Subject: "1", Email: "cy@vale.example"}, "", "disabled or is no person's"},
			{"the first time", ann, "ann", ""},
			{"a second person of the house by the same address", idp.Person{Subject: "u-2", Email: "ann@vale.example"}, "", "vouches for somebody else in this account"},
			{"as Entra ID writes it", idp.Person{Subject: "3", Email: "bo@vale.example", Claims: map[string]any{"email_verified": nil, "xms_edov": "1"}}, "bo", ""},
		} {
			if got := try(tt.as); got != tt.want {
				t.Errorf("%s: got %q, want %q\n%s", tt.name, got, tt.want, o.log.String())
			}
			if tt.why != "" && !o.told("federation.refused.v1", tt.why) {
				t.Errorf("%s: the record does not say %q", tt.name, tt.why)
			}
		}
		c := federation.Change{Provider: p.ID, Settings: p.Settings}
		c.Settings.Makes = true
		o.propose(c)
		if got := try(idp.Person{Subject: "1", Email: "zoe@vale.example", Name: "Zoe"}); got != "made-Zoe" {
			t.Errorf("a house that makes accounts: %q", got)
		}
		if got := try(idp.Person{Subject: "9", Email: "mallory@elsewhere.example", Name: "M"}); got != "" {
			t.Errorf("outside of its domains it made %q", got)
		}
	})
}

// Two houses that call two people the same are two people.
func TestOneHouseCannotClaimAnothersPeople(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		_, p := o.house(nil, ann)
		impostor := idp.Person{Subject: ann.Subject, Email: ann.Email, Name: "Mallory"}
		_, other := o.house(func(c *federation.Change) {
			c.Settings.Name, c.Settings.Domains, c.Settings.Makes = "Other", []string{"other.example"}, true
		}, impostor)
		o.people = append(o.people, staff("ann"))
		b := o.browser()
		b.get(b.begin(p))
		b = o.browser()
		if in := b.get(b.begin(other)); in.location == "/results" || len(o.entered) != 1 {
			t.Errorf("came in as %+v", o.entered)
		}
		c := federation.Change{Provider: other.ID, Settings: other.Settings}
		c.Settings.Domains = []string{"vale.example"}
		if _, _, err := o.Propose(o.as(), c); err == nil || !strings.Contains(err.Error(), "speaks for vale.example already") {
			t.Errorf("a domain of two houses: %v", err)
		}
		c = federation.Change{Provider: other.ID, Settings: other.Settings}
		c.Settings.Issuer = p.Issuer
		if _, _, err := o.Propose(o.as(), c); err == nil || !strings.Contains(err.Error(), "stays the house that it is") {
			t.Errorf("another issuer: %v", err)
		}
	})
}

// Rules change what rules gave, and nothing else.
func TestRoles(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		rules := []federation.Rule{{Claim: "groups", Value: "Elections", Role: "viewer"}, {Claim: "groups", Value: "Elections", Role: "clerk"},
			{Claim: "realm.roles", Value: "boss", Role: "admin"}}
		h, p := o.house(func(c *federation.Change) { c.Settings.Rules = rules }, ann)
		o.people = append(o.people, staff("ann"))
		o.held["ann"] = map[string]bool{"clerk": false} // by a person
		enter := func(claims map[string]any) map[string]bool {
			h.People[0].Claims = claims
			b := o.browser()
			if in := b.get(b.begin(p)); in.location != "/results" {
				t.Fatalf("%+v\n%s", in, o.log.String())
			}
			return o.held["ann"]
		}
		for _, tt := range []struct {
			name   string
			claims map[string]any
			want   map[string]bool
		}{
			{"what a rule says is given beside what a person gave", map[string]any{"groups": []string{"Parks", "Elections"}}, map[string]bool{"viewer": true, "clerk": false}},
			{"again: nothing changes", map[string]any{"groups": "Elections"}, map[string]bool{"viewer": true, "clerk": false}},
			{"a claim within a claim", map[string]any{"realm": map[string]any{"roles": []string{"boss"}}}, map[string]bool{"admin": true, "clerk": false}},
			{"nothing: a person's role stays", nil, map[string]bool{"clerk": false}},
			{"a value that only begins the same", map[string]any{"groups": []string{"Elections2"}}, map[string]bool{"clerk": false}},
		} {
			if got := enter(tt.claims); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
			}
		}
		enter(map[string]any{"groups": "Elections"})
		o.roles = []string{"clerk", "admin"}
		if got := enter(map[string]any{"groups": "Elections"}); !reflect.DeepEqual(got, map[string]bool{"clerk": false}) {
			t.Errorf("a role that the office has done away with: %v", got)
		}
		o.roles = append(o.roles, "viewer")
		enter(map[string]any{"groups": "Elections"})
		if err := o.Stop(o.as(), p.ID, "over"); err != nil {
			t.Fatal(err)
		}
		if err := o.Remove(o.as(), p.ID, "over"); err != nil {
			t.Fatal(err)
		}
		if got := o.held["ann"]; !reflect.DeepEqual(got, map[string]bool{"clerk": false}) {
			t.Errorf("after the provider is removed: %v", got)
		}
	})
}

// Of many that come back by one way at once, on two nodes, one comes in.
func TestOneOfManyComesIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		_, p := o.house(nil, ann)
		other := open(t, dbtest.Again(t, d))
		var in atomic.Int64
		take := func(o *office, state string) {
			if _, err := o.TakeFlow(t.Context(), p.ID, state); err == nil {
				in.Add(1)
			}
		}
		for range 5 {
			in.Store(0)
			back, err := url.Parse(o.browser().begin(p))
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() { take(o, back.Query().Get("state")) })
				all.Go(func() { take(other, back.Query().Get("state")) })
			}
			all.Wait()
			if in.Load() != 1 {
				t.Errorf("%d came in", in.Load())
			}
		}
	})
}

// Whoever begins again and again pushes out the oldest, and fills nothing up.
func TestWaysAreLimitedInNumber(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		_, p := o.house(nil, ann)
		now := o.now()
		err := d.Write(o.as(), func(tx *db.Tx) error {
			tx.Silently("test")
			_, err := tx.ExecContext(t.Context(), `
				insert into federation_flow (jurisdiction, hash, provider, purpose, browser, session, request, goal, began_at, expires_at)
				with recursive n(i) as (select 1 union all select i + 1 from n where i < 20300)
				select '`+here+`', 'h' || i, 'p', 'enter', '', '', '', $1, $2, $3 from n`, []byte("x"), now, now.Add(time.Minute))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b := o.browser()
		back := b.begin(p)
		var n int
		if err := d.QueryRowContext(t.Context(), `select count(*) from federation_flow`).Scan(&n); err != nil || n != 20_000 {
			t.Errorf("%d ways, %v", n, err)
		}
		o.people = append(o.people, staff("ann"))
		if in := b.get(back); in.location != "/results" {
			t.Errorf("the newest: %+v", in)
		}
	})
}

// An office that does not know its own address takes nobody's word: what a
// browser calls it may be an attacker's site, which an answer would be sent to.
func TestNoSingleSignOnWithoutAnAddress(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		_, oidc := o.house(nil, ann)
		_, state := o.samlHouse(ann, func(c *federation.Change) { c.Settings.Domains = nil })
		o.people = append(o.people, staff("ann"))
		form := o.browser().asserted(state)
		home := o.URL
		evil := func(method, path string, form url.Values) page {
			r, err := http.NewRequest(method, o.door.URL+path, strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Host = "evil.example"
			return o.browser().do(r)
		}
		for _, p := range []federation.Provider{oidc, state} {
			if out := evil(http.MethodGet, "/sign-in/with/"+p.ID, nil); strings.Contains(out.location, "evil.example") {
				t.Errorf("%s: a browser's name for us went out: %s", p.Kind, out.location)
			}
		}
		if told := evil(http.MethodGet, "/sign-in/with/"+state.ID+"/metadata", nil); strings.Contains(told.body, "evil.example") || !strings.Contains(told.body, home) {
			t.Errorf("a browser's name for us is in our metadata: %s", told.body)
		}
		o.URL = ""
		for _, tt := range []struct{ name, method, path string }{
			{"the way out by OpenID Connect", http.MethodGet, "/sign-in/with/" + oidc.ID},
			{"the way out by SAML", http.MethodGet, "/sign-in/with/" + state.ID},
			{"the way back by OpenID Connect", http.MethodGet, "/sign-in/with/" + oidc.ID + "/back?state=x&code=y"},
			{"the way back by SAML", http.MethodPost, "/sign-in/with/" + state.ID + "/saml"},
			{"the ticket", http.MethodGet, "/sign-in/with/" + state.ID + "/done?ticket=x"},
			{"our metadata", http.MethodGet, "/sign-in/with/" + state.ID + "/metadata"},
		} {
			if got := evil(tt.method, tt.path, form); got.location != "" || strings.Contains(got.body, "evil.example") || !strings.Contains(got.body, "doors.office_url") {
				t.Errorf("%s: %d to %s: %s", tt.name, got.status, got.location, got.body)
			}
		}
		if _, _, err := o.Propose(o.as(), federation.Change{Provider: oidc.ID, Settings: oidc.Settings}); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("a provider was taken: %v", err)
		}
		if ways, err := o.Ways(o.as()); err != nil || len(ways) != 0 {
			t.Errorf("the page of the sign-in shows %v, %v", ways, err)
		}
		for _, path := range []string{"/federation", "/federation/" + oidc.ID, "/federation/new?kind=saml"} {
			if got := o.browser().is("manager").get(path); got.status != http.StatusOK || !strings.Contains(got.body, "doors.office_url") || strings.Contains(got.body, "/back") {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
	})
}

// A disabled account gets no roles by the word that does not let it in.
func TestRolesAreForThoseWhoComeIn(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		_, p := o.house(func(c *federation.Change) {
			c.Settings.Rules = []federation.Rule{{Claim: "groups", Value: "Elections", Role: "admin"}}
		}, ann)
		o.people = append(o.people, staff("ann"))
		b := o.browser()
		b.get(b.begin(p))
		if !o.held["ann"]["admin"] {
			t.Fatal("no role by the rule")
		}
		delete(o.held, "ann")
		o.people[0].Staff = false
		b = o.browser()
		if in := b.get(b.begin(p)); in.location == "/results" || len(o.held["ann"]) != 0 {
			t.Errorf("to %q, roles %v", in.location, o.held)
		}
		if !o.told("federation.refused.v1", `"Account":"ann"`, "disabled, ended or asleep") {
			t.Errorf("the record does not say whose it was: %v", o.facts())
		}
	})
}

// An address opens no account that can open all other doors; its link is made by
// hand.
func TestPowerfulAccountsAreLinkedByHand(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		_, p := o.house(nil, ann)
		o.people = append(o.people, staff("ann"), staff("bo"))
		o.held["ann"] = map[string]bool{"admin": false}
		b := o.browser()
		if in := b.get(b.begin(p)); in.location == "/results" || !o.told("federation.refused.v1", `"Account":"ann"`, "hustings sso link") {
			t.Fatalf("to %q, facts %v", in.location, o.facts())
		}
		if err := o.Link(o.as(), p.ID, ann.Subject, "ann"); err != nil {
			t.Fatal(err)
		}
		b = o.browser()
		if in := b.get(b.begin(p)); in.location != "/results" || len(o.entered) != 1 || !o.told("federation.linked.v1", `"How":"hand"`) {
			t.Errorf("to %q, entered %v", in.location, o.entered)
		}
		if err := o.Link(o.as(), p.ID, ann.Subject, "bo"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("another account by the same name: %v", err)
		}
	})
}
