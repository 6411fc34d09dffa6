// SPDX-License-Identifier: Apache-2.0

package federation_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/fake/idp"
	"hustings/guard/federation"
	"hustings/kit/db/dbtest"
	"hustings/kit/who"
)

// A provider tells of a sign-out: the sessions that its word began end, and no
// others; what is not such a token ends nothing.
func TestSignedOutElsewhere(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		h, p := o.house(nil, ann, idp.Person{Subject: "u-bo", Email: "bo@vale.example", Name: "Bo"})
		o.people = append(o.people, staff("ann"), staff("bo"))
		enter := func(subject string) {
			h.As = subject
			b := o.browser()
			if in := b.get(b.begin(p)); in.location != "/results" {
				t.Fatal(in)
			}
		}
		open := func() (out []string) {
			for _, s := range o.sessions {
				out = append(out, s.ID)
			}
			slices.Sort(out)
			return out
		}
		tell := func(token string) int {
			return o.browser().post("/federation/"+p.ID+"/logout", url.Values{"logout_token": {token}}).status
		}
		enter("u-ann")
		enter("u-ann")
		enter("u-bo")
		bent := func(name string, value any) string {
			h.Bend = func(c map[string]any) {
				if c[name] = value; value == nil {
					delete(c, name)
				}
			}
			defer func() { h.Bend = nil }()
			return h.LogoutToken("u-ann", "")
		}
		const event = "http://schemas.openid.net/event/backchannel-logout"
		for _, tt := range []struct{ name, token string }{
			{"none", ""},
			{"not a token", "a.b.c"},
			{"of another issuer", bent("iss", "https://evil.example")},
			{"for another client", bent("aud", "other")},
			{"for two clients", bent("aud", []string{"office", "other"})},
			{"an ID token", bent("nonce", "x")},
			{"expired", bent("exp", o.now().Add(-time.Minute).Unix())},
			{"without an end", bent("exp", nil)},
			{"made an hour ago", bent("iat", o.now().Add(-time.Hour).Unix())},
			{"made tomorrow", bent("iat", o.now().Add(24*time.Hour).Unix())},
			{"without a time", bent("iat", nil)},
			{"without a name of its own", bent("jti", nil)},
			{"of nobody", bent("sub", nil)},
			{"that tells of something else", bent("events", map[string]any{"other": map[string]any{}})},
			{"that tells of it in another shape", bent("events", map[string]any{event: "yes"})},
			{"of another type", h.Sign(map[string]any{"iss": h.URL, "aud": "office", "iat": o.now().Unix(), "exp": o.now().Add(time.Minute).Unix(), "jti": "1",
				"sub": "u-ann", "events": map[string]any{event: map[string]any{}}})},
			{"that tells of nothing", bent("events", map[string]any{event: nil})},
		} {
			if got := tell(tt.token); got != http.StatusBadRequest {
				t.Errorf("%s: %d", tt.name, got)
			}
		}
		if got := open(); !slices.Equal(got, []string{"ann", "ann", "bo", "mo"}) {
			t.Fatalf("still open: %v", got)
		}
		token := h.LogoutToken("u-ann", "")
		if got := tell(token); got != http.StatusOK {
			t.Errorf("a good one: %d %s", got, o.log.String())
		}
		if got := open(); !slices.Equal(got, []string{"bo", "mo"}) {
			t.Errorf("after Ann signed out there: %v", got)
		}
		enter("u-ann")
		if got := tell(token); got != http.StatusBadRequest || !slices.Contains(open(), "ann") {
			t.Errorf("the same token again: %d, open %v", got, open())
		}
		if got := tell(h.LogoutToken("", "session-of-u-bo")); got != http.StatusOK || slices.Contains(open(), "bo") {
			t.Errorf("by the name of the session there: %d, open %v", got, open())
		}
		if !o.told("federation.left.v1", `"Sessions":2`) || !o.told("federation.left.v1", `"Sessions":1`) {
			t.Error("the record does not tell")
		}
		if got := tell(h.LogoutToken("", "session-of-u-bo")); got != http.StatusOK {
			t.Errorf("nothing to end any more: %d", got)
		}
		if err := o.Stop(o.as(), p.ID, "over"); err != nil || !slices.Equal(open(), []string{"mo"}) {
			t.Errorf("the provider is stopped: %v, open %v", err, open())
		}
		if got := tell(h.LogoutToken("u-ann", "")); got != http.StatusNotFound {
			t.Errorf("a stopped provider tells: %d", got)
		}
		if out := o.browser().get("/sign-in/with/" + p.ID); out.status != http.StatusNotFound {
			t.Errorf("to a stopped provider: %d", out.status)
		}
	})
}

// Whoever came by another house's word is shown where to sign out there.
func TestTheWayOutAfterwards(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	h, p := o.house(nil, ann)
	o.people = append(o.people, staff("ann"))
	b := o.browser()
	b.get(b.begin(p))
	var session string
	for _, s := range o.sessions {
		if s.ID == "ann" {
			session = s.Session
		}
	}
	to, err := o.Left(t.Context(), session)
	if err != nil || to != "/sign-in/left/"+p.ID {
		t.Fatalf("%q, %v", to, err)
	}
	if other, err := o.Left(t.Context(), "s-mo"); err != nil || other != "" {
		t.Errorf("of another session: %q, %v", other, err)
	}
	page := b.get(to)
	want := h.URL + "/end-session?client_id=office&amp;post_logout_redirect_uri=" + url.QueryEscape(o.door.URL+"/sign-in")
	if page.status != http.StatusOK || !strings.Contains(page.body, want) {
		t.Errorf("%d %s", page.status, page.body)
	}
}

// A proof that it is still them: by the same person, made just now.
func TestAgain(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		bo := idp.Person{Subject: "u-bo", Email: "bo@vale.example", Name: "Bo"}
		h, p := o.house(nil, ann, bo)
		o.people = append(o.people, staff("ann"), staff("bo"))
		b := o.browser()
		b.get(b.begin(p))
		goal := url.Values{"next": {"/keys"}, "level": {"2"}, "within": {"600"}, "to": {"/keys/rotate"}, "held": {"what=data"}}
		out := func() string {
			t.Helper()
			page := b.post("/sign-in/with/"+p.ID, goal)
			_, rest, ok := strings.Cut(page.body, `href="`+h.URL)
			to, _, _ := strings.Cut(rest, `"`)
			if page.status != http.StatusOK || !ok {
				t.Fatalf("%d %s", page.status, page.body)
			}
			return strings.ReplaceAll(h.URL+to, "&amp;", "&")
		}
		to := out()
		if q, _ := url.Parse(to); q.Query().Get("prompt") != "login" || q.Query().Get("max_age") != "0" {
			t.Errorf("sent to %s", to)
		}
		if in := b.get(b.get(to).location); in.location != "/keys" || len(o.proved) != 1 || o.proved[0].Account != "ann" {
			t.Errorf("%+v, proved %+v", in, o.proved)
		}
		for _, tt := range []struct {
			name string
			bend func(c map[string]any)
		}{
			{"proved an hour ago", func(c map[string]any) { c["auth_time"] = o.now().Add(-time.Hour).Unix() }},
			{"the house does not say when", func(c map[string]any) { delete(c, "auth_time") }},
			{"somebody whom nobody here knows", func(c map[string]any) { c["sub"] = "u-eve" }},
		} {
			h.Bend = tt.bend
			to := out()
			b.get(b.get(to).location)
			if len(o.proved) != 1 {
				t.Errorf("%s: proved", tt.name)
			}
		}
		h.Bend = nil
		t.Run("in another session", func(t *testing.T) {
			back := b.get(out()).location
			for cookie, s := range o.sessions {
				if s.ID == "ann" {
					s.Session = "another"
					o.sessions[cookie] = s
				}
			}
			b.get(back)
			if len(o.proved) != 1 {
				t.Error("proved")
			}
		})
		t.Run("nobody", func(t *testing.T) {
			if page := o.browser().post("/sign-in/with/"+p.ID, goal); page.status == http.StatusOK {
				t.Errorf("%d %s", page.status, page.body)
			}
		})
		t.Run("a program", func(t *testing.T) {
			o.sessions["key"] = who.Person{ID: "uploader", Jurisdiction: here, Via: who.API}
			if page := o.browser().is("key").post("/sign-in/with/"+p.ID, goal); page.status != http.StatusForbidden {
				t.Errorf("%d", page.status)
			}
		})
	})
}

// Trying a provider shows what it says and signs nobody in.
func TestTrying(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	h, p := o.house(func(c *federation.Change) {
		c.Settings.Rules = []federation.Rule{{Claim: "groups", Value: "Elections", Role: "viewer"}}
	}, ann)
	o.people = append(o.people, staff("ann"))
	b := o.browser().is("manager")
	try := func() page {
		out := b.get("/federation/" + p.ID + "/try")
		_, rest, _ := strings.Cut(out.body, `href="`+h.URL)
		to, _, _ := strings.Cut(rest, `"`)
		return b.get(b.get(strings.ReplaceAll(h.URL+to, "&amp;", "&")).location)
	}
	shown := try()
	for _, want := range []string{"u-ann", "Ann@vale.example", "Elections", "viewer", "session-of-u-ann", ">ann<"} {
		if !strings.Contains(strings.ReplaceAll(shown.body, "\n", ""), want) {
			t.Errorf("not shown: %s\n%s", want, shown.body)
		}
	}
	if len(o.entered) != 0 || len(o.held) != 0 || o.told("federation.linked.v1") {
		t.Error("trying changed something")
	}
	h.Bend = func(c map[string]any) { c["aud"] = "other" }
	if shown := try(); !strings.Contains(shown.body, "expected audience") {
		t.Errorf("the cause is not shown: %s", shown.body)
	}
}

// A house that is stopped while it is still answering lets nobody in any more,
// proves nothing, links nobody and gives no role.
func TestStoppedMeanwhile(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		h, p := o.house(func(c *federation.Change) {
			c.Settings.Makes = true
			c.Settings.Rules = []federation.Rule{{Claim: "groups", Value: "Elections", Role: "viewer"}}
		}, ann)
		stop := func(map[string]any) {
			if err := o.Stop(o.as(), p.ID, "broken into"); err != nil {
				t.Error(err)
			}
		}
		start := func() {
			h.Bend = nil
			o.propose(federation.Change{Provider: p.ID, Settings: p.Settings})
		}
		nothing := func(when string) {
			t.Helper()
			if len(o.sessions) != 1 || len(o.entered) != 0 || len(o.held) != 0 || o.told("federation.linked.v1") {
				t.Errorf("%s: %d sessions, entered %v, roles %v, facts %v", when, len(o.sessions), o.entered, o.held, o.facts())
			}
		}
		o.people = append(o.people, staff("ann"))
		b := o.browser()
		back := b.begin(p)
		h.Bend = stop
		if in := b.get(back); in.location == "/results" {
			t.Error("came in the first time")
		}
		nothing("the first time")
		start()
		b = o.browser()
		b.get(b.begin(p))
		if len(o.entered) != 1 {
			t.Fatalf("once it is taken again, nobody comes in: %s", o.log.String())
		}
		t.Run("by a link that there is", func(t *testing.T) {
			b := o.browser()
			back := b.begin(p)
			h.Bend = stop
			if in := b.get(back); in.location == "/results" || len(o.entered) != 1 {
				t.Errorf("came in: %+v", o.entered)
			}
			start()
		})
		t.Run("to prove again", func(t *testing.T) {
			b := o.browser()
			b.get(b.begin(p))
			page := b.post("/sign-in/with/"+p.ID, url.Values{"next": {"/keys"}, "level": {"1"}})
			_, rest, _ := strings.Cut(page.body, `href="`+h.URL)
			to, _, _ := strings.Cut(rest, `"`)
			back := b.get(strings.ReplaceAll(h.URL+to, "&amp;", "&")).location
			var once sync.Once
			h.Bend = func(c map[string]any) { once.Do(func() { stop(c) }) }
			if b.get(back); len(o.proved) != 0 {
				t.Errorf("proved %+v", o.proved)
			}
		})
	})
}

// A stopped house's answer waits under a ticket in vain.
func TestStoppedBeforeTheTicket(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		_, p := o.samlHouse(idp.Person{Subject: "u-ann", Email: "ann@vale.example", Name: "Ann"})
		o.people = append(o.people, staff("ann"))
		b := o.browser()
		ticket := o.sends(p, b.asserted(p))
		if err := o.Stop(o.as(), p.ID, "broken into"); err != nil {
			t.Fatal(err)
		}
		if in := b.get(ticket.location); in.location == "/results" || len(o.entered) != 0 {
			t.Errorf("came in: %+v", in)
		}
	})
}
