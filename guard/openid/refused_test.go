// SPDX-License-Identifier: Apache-2.0

package openid_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/guard/openid"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
)

// TestWhatASatelliteAsksWrongly tells it so, and gives no code.
func TestWhatASatelliteAsksWrongly(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s := o.satellite("Pollbook", func(c *openid.Client) { c.Roles = []string{"viewer"} })
	o.signIn("ann", "s1", 1)
	o.signIn("bo", "s2", 1)
	o.give("ann", "viewer")
	long := strings.Repeat("x", 1001)
	for _, tt := range []struct {
		name    string
		session string
		change  url.Values
		want    string // the error, "" for a code
	}{
		{"all is well", "s1", nil, ""},
		{"no response type", "s1", url.Values{"response_type": nil}, "invalid_request"},
		{"the implicit flow", "s1", url.Values{"response_type": {"token"}}, "unsupported_response_type"},
		{"a hybrid flow", "s1", url.Values{"response_type": {"code id_token"}}, "unsupported_response_type"},
		{"an answer in the fragment", "s1", url.Values{"response_mode": {"fragment"}}, "invalid_request"},
		{"an answer in a form", "s1", url.Values{"response_mode": {"form_post"}}, "invalid_request"},
		{"no openid in the scope", "s1", url.Values{"scope": {"profile"}}, "invalid_scope"},
		{"a scope that is none is passed over", "s1", url.Values{"scope": {"openid offline_access phone"}}, ""},
		{"no challenge", "s1", url.Values{"code_challenge": nil}, "invalid_request"},
		{"a plain challenge", "s1", url.Values{"code_challenge_method": {"plain"}}, "invalid_request"},
		{"no method, which would be plain", "s1", url.Values{"code_challenge_method": nil}, "invalid_request"},
		{"a challenge that is no hash", "s1", url.Values{"code_challenge": {"abc"}}, "invalid_request"},
		{"a challenge with padding", "s1", url.Values{"code_challenge": {challenge(verifier) + "="}}, "invalid_request"},
		{"a request object", "s1", url.Values{"request": {"eyJ"}}, "request_not_supported"},
		{"a request elsewhere", "s1", url.Values{"request_uri": {"https://evil.example/"}}, "request_uri_not_supported"},
		{"a registration", "s1", url.Values{"registration": {"{}"}}, "registration_not_supported"},
		{"a nonce twice", "s1", url.Values{"nonce": {"a", "b"}}, "invalid_request"},
		{"a state twice", "s1", url.Values{"state": {"a", "b"}}, "invalid_request"},
		{"a nonce without end", "s1", url.Values{"nonce": {long}}, "invalid_request"},
		{"none beside login", "s1", url.Values{"prompt": {"none login"}}, "invalid_request"},
		{"a prompt that is none", "s1", url.Values{"prompt": {"create"}}, "invalid_request"},
		{"an age that is no number", "s1", url.Values{"max_age": {"-1"}}, "invalid_request"},
		{"asks nothing, and somebody is there", "s1", url.Values{"prompt": {"none"}}, ""},
		{"asks nothing, and nobody is there", "", url.Values{"prompt": {"none"}}, "login_required"},
		{"asks nothing for a level that is not reached", "s1", url.Values{"prompt": {"none"}, "acr_values": {"aal2"}}, "login_required"},
		{"a level that is reached among others", "s1", url.Values{"prompt": {"none"}, "acr_values": {"aal3 aal1 urn:other"}}, ""},
		{"a hint that is no token", "s1", url.Values{"id_token_hint": {"x"}}, "login_required"},
		{"a person without the role", "s2", nil, "access_denied"},
		{"no state, no nonce", "s1", url.Values{"state": nil, "nonce": nil}, ""},
	} {
		w, to := s.authorize(tt.session, tt.change)
		q := to.Query()
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(to.String(), redirect+"?") || q.Get("error") != tt.want || (q.Get("code") == "") == (tt.want == "") {
			t.Errorf("%s: %d to %s, want %q", tt.name, w.Code, to, tt.want)
		}
		if q.Get("iss") != issuer {
			t.Errorf("%s: the answer does not name us", tt.name)
		}
		if state := s.wish(tt.change)["state"]; len(state) == 1 && q.Get("state") != state[0] || len(state) != 1 && q.Has("state") {
			t.Errorf("%s: the state comes back as %q", tt.name, q["state"])
		}
	}
	if n := len(o.told("openid.refused.v1")); n != 1 {
		t.Errorf("%d refusals are recorded, want Bo's", n)
	}
}

// TestAnAnswerGoesNowhereElse tries what leads an answer to a thief: the person
// sees a page, and no address gets anything.
func TestAnAnswerGoesNowhereElse(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s := o.satellite("Pollbook", func(c *openid.Client) {
		c.Redirects = append(c.Redirects, "http://127.0.0.1:8123/back", "https://pollbook.vale.example/with?a=b")
	})
	o.signIn("ann", "s1", 1)
	for _, to := range []string{
		"", redirect + "/", redirect + "/../evil", redirect + "/x", redirect + "?", redirect + "?a=b", redirect + "#", redirect + "#frag", redirect + "%2f..",
		"https://pollbook.vale.example/Back", "https://POLLBOOK.vale.example/back", "HTTPS://pollbook.vale.example/back", "https://pollbook.vale.example:443/back",
		"https://pollbook.vale.example:8443/back", "http://pollbook.vale.example/back", "https://pollbook.vale.example./back", "https://pollbook.vale.example/%62ack",
		"https://pollbook.vale.example/back%00", "https://pollbook.vale.example@evil.example/back", "https://evil.example/https://pollbook.vale.example/back",
		"https://pollbook.vale.example.evil.example/back", "https://pollbook.vale.example\\@evil.example/back", "//pollbook.vale.example/back", " " + redirect, redirect + "\n",
		"http://127.0.0.1:8124/back", "http://localhost:8123/back", "http://127.0.0.1:8123/back/", "https://pollbook.vale.example/with?a=b&a=c", "javascript:alert(1)",
	} {
		for _, change := range []url.Values{{"redirect_uri": {to}}, {"redirect_uri": {to, redirect}}, {"redirect_uri": {redirect, to}}} {
			w, at := s.authorize("s1", change)
			if w.Code < 400 || w.Code >= 500 || at.String() != "" || w.Header().Get("Refresh") != "" {
				t.Errorf("%q: %d to %s", change["redirect_uri"], w.Code, at)
			}
		}
		w := o.ask("/openid/continue?"+s.wish(url.Values{"redirect_uri": {to}}).Encode(), "s1", nil, nil)
		if w.Code < 400 || w.Header().Get("Refresh") != "" {
			t.Errorf("continue, %q: %d, %q", to, w.Code, w.Header().Get("Refresh"))
		}
	}
	for _, id := range []string{"", "x", s.ID + "x", "' or 1=1 --"} {
		if w, at := s.authorize("s1", url.Values{"client_id": {id}}); w.Code != http.StatusUnprocessableEntity || at.String() != "" {
			t.Errorf("client %q: %d to %s", id, w.Code, at)
		}
	}
	for _, good := range []string{"http://127.0.0.1:8123/back", "https://pollbook.vale.example/with?a=b"} {
		if _, at := s.authorize("s1", url.Values{"redirect_uri": {good}}); !strings.HasPrefix(at.String(), good) || at.Query().Get("code") == "" {
			t.Errorf("%s: sent to %s", good, at)
		}
	}
}

func TestACodeIsGoodOnceForOne(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		s, other := o.satellite("Pollbook", nil), o.satellite("Dashboard", nil)
		for _, tt := range []struct {
			name   string
			before func(session string)
			change url.Values
		}{
			{"a wrong verifier", nil, url.Values{"code_verifier": {verifier + "x"}}},
			{"no verifier", nil, url.Values{"code_verifier": nil}},
			{"the challenge itself", nil, url.Values{"code_verifier": {challenge(verifier)}}},
			{"another redirect address", nil, url.Values{"redirect_uri": {redirect + "/"}}},
			{"no redirect address", nil, url.Values{"redirect_uri": nil}},
			{"after a minute", func(string) { o.wait(time.Minute) }, nil},
			{"after the session", func(s string) { o.end(s) }, nil},
		} {
			session := strings.ReplaceAll(tt.name, " ", "-")
			o.signIn("ann", session, 1)
			code := s.code(session, nil)
			if tt.before != nil {
				tt.before(session)
			}
			if got := s.redeem(code, tt.change); got.status != http.StatusBadRequest || got.Error != "invalid_grant" || got.AccessToken != "" {
				t.Errorf("%s: got %+v", tt.name, got)
			}
			if got := s.redeem(code, nil); got.Error != "invalid_grant" {
				t.Errorf("%s, and then the right request: got %+v", tt.name, got)
			}
		}
		o.signIn("ann", "s1", 1)
		code := s.code("s1", nil)
		if got := other.redeem(code, nil); got.Error != "invalid_grant" {
			t.Errorf("another satellite: got %+v", got)
		}
		got := s.redeem(code, nil)
		if got.status != http.StatusOK {
			t.Fatalf("another's hands used the code up: %+v", got)
		}
		if again := s.redeem(code, nil); again.Error != "invalid_grant" {
			t.Errorf("a second time: got %+v", again)
		}
		if status, _ := o.userinfo(got.AccessToken); status != http.StatusUnauthorized {
			t.Errorf("after a replay the token opens: %d", status)
		}
		if len(o.told("openid.replayed.v1")) == 0 {
			t.Error("no alarm is recorded")
		}
	})
}

// TestACodeInTwoHands has many bring one code at once.
func TestACodeInTwoHands(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		s := o.satellite("Pollbook", nil)
		o.signIn("ann", "s1", 1)
		code := s.code("s1", nil)
		var all sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for range 8 {
			all.Go(func() {
				if got := s.redeem(code, nil); got.status == http.StatusOK {
					mu.Lock()
					defer mu.Unlock()
					good++
				}
			})
		}
		if all.Wait(); good != 1 {
			t.Errorf("the code was good %d times", good)
		}
	})
}

func TestWhoAsksForATokenWrongly(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s := o.satellite("Pollbook", nil)
	app := o.satellite("Tablet", func(c *openid.Client) { c.Public = true })
	bare := openid.Client{Name: "Without a secret", Redirects: []string{redirect}, Level: 1}
	bare, _, err := o.Add(o.ctx, bare, "")
	if err != nil {
		t.Fatal(err)
	}
	right := url.Values{"grant_type": {"authorization_code"}, "code": {"x"}, "code_verifier": {verifier}, "redirect_uri": {redirect}}
	for _, tt := range []struct {
		name   string
		change url.Values
		set    func(*http.Request)
		status int
		want   string
	}{
		{"nobody", nil, nil, 401, "invalid_client"},
		{"a wrong secret", nil, func(r *http.Request) { r.SetBasicAuth(s.ID, "wrong") }, 401, "invalid_client"},
		{"an empty secret of one that has none yet", nil, func(r *http.Request) { r.SetBasicAuth(bare.ID, "") }, 401, "invalid_client"},
		{"the hash of nothing", url.Values{"client_id": {bare.ID}, "client_secret": {""}}, nil, 401, "invalid_client"},
		{"a satellite that does not exist", url.Values{"client_id": {"x"}, "client_secret": {"x"}}, nil, 401, "invalid_client"},
		{"a confidential one without its secret", url.Values{"client_id": {s.ID}}, nil, 401, "invalid_client"},
		{"a public one with a secret", url.Values{"client_id": {app.ID}, "client_secret": {"x"}}, nil, 401, "invalid_client"},
		{"named in two ways", url.Values{"client_secret": {s.secret}}, s.named, 400, "invalid_request"},
		{"named as two", url.Values{"client_id": {app.ID}}, s.named, 400, "invalid_request"},
		{"in the form", url.Values{"client_id": {s.ID}, "client_secret": {s.secret}}, nil, 400, "invalid_grant"},
		{"as Basic", nil, s.named, 400, "invalid_grant"},
		{"a public one", url.Values{"client_id": {app.ID}}, nil, 400, "invalid_grant"},
		{"no grant type", url.Values{"grant_type": nil}, s.named, 400, "invalid_request"},
		{"a password", url.Values{"grant_type": {"password"}}, s.named, 400, "unsupported_grant_type"},
		{"a refresh token", url.Values{"grant_type": {"refresh_token"}}, s.named, 400, "unsupported_grant_type"},
		{"a code twice", url.Values{"code": {"a", "b"}}, s.named, 400, "invalid_request"},
	} {
		f := url.Values{}
		for name, values := range right {
			f[name] = values
		}
		for name, values := range tt.change {
			f[name] = values
		}
		if got := s.tokenAnswer(o.ask("/openid/token", "", f, tt.set)); got.status != tt.status || got.Error != tt.want {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, got.status, got.Error, tt.status, tt.want)
		}
	}
	if strings.Contains(o.log.String(), s.secret) {
		t.Error("a secret is in the log")
	}
	w := o.ask("/openid/token?"+right.Encode()+"&client_id="+s.ID+"&client_secret="+s.secret, "", url.Values{"x": {"y"}}, nil)
	if got := s.tokenAnswer(w); got.Error != "invalid_client" {
		t.Errorf("what stands in the address counts: %+v", got)
	}
}

// TestForgedForms come from pages of other sites, and change nothing.
func TestForgedForms(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s := o.satellite("Pollbook", nil)
	o.signIn("ann", "s1", 1)
	for _, path := range []string{"/openid/token", "/openid/revoke", "/openid/agree", "/openid/sign-out/now", "/openid/userinfo", "/openid/clients", "/openid/clients/" + s.ID + "/secret"} {
		w := o.ask(path, "s1", s.wish(nil), func(r *http.Request) {
			r.Header.Set("Origin", "https://evil.example")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		})
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: got %d", path, w.Code)
		}
	}
	for _, path := range []string{"/openid/authorize", "/openid/sign-out"} {
		w := o.ask(path, "s1", s.wish(nil), func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, path+"?") || strings.Contains(to, "&code=") {
			t.Errorf("%s: got %d to %s", path, w.Code, to)
		}
	}
	for _, path := range []string{"/openid/token", "/openid/userinfo", "/openid/keys", "/.well-known/openid-configuration"} {
		w := o.ask(path, "", nil, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") })
		for name := range w.Header() {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: a page of another site may read it: %s", path, name)
			}
		}
	}
	if code, _ := o.userinfo("x"); code != http.StatusUnauthorized {
		t.Errorf("a made-up token: got %d", code)
	}
}

// TestWhatAnAccessTokenOpensEnds by time, session, role, satellite or wish.
func TestWhatAnAccessTokenOpensEnds(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		for _, tt := range []struct {
			name string
			then func(o *office, s *satellite, token string)
		}{
			{"after ten minutes", func(o *office, _ *satellite, _ string) { o.wait(10 * time.Minute) }},
			{"with the session", func(o *office, _ *satellite, _ string) { o.end("s1") }},
			{"with the role", func(o *office, _ *satellite, _ string) { o.give("ann", "admin") }},
			{"with the satellite", func(o *office, s *satellite, _ string) {
				if err := o.Remove(o.ctx, s.ID, "over"); err != nil {
					t.Fatal(err)
				}
			}},
			{"when it is given back", func(o *office, s *satellite, token string) {
				if w := o.ask("/openid/revoke", "", url.Values{"token": {token}}, s.named); w.Code != http.StatusOK {
					t.Fatal(w.Code)
				}
			}},
		} {
			s := o.satellite(tt.name, func(c *openid.Client) { c.Roles = []string{"viewer"} })
			o.signIn("ann", "s1", 1)
			o.give("ann", "viewer")
			token := s.redeem(s.code("s1", nil), nil).AccessToken
			if status, _ := o.userinfo(token); status != http.StatusOK {
				t.Fatalf("%s: before it, got %d", tt.name, status)
			}
			tt.then(o, s, token)
			if status, _ := o.userinfo(token); status != http.StatusUnauthorized {
				t.Errorf("%s: got %d", tt.name, status)
			}
		}
	})
}

func TestATokenIsGivenBackByItsOwnSatelliteOnly(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s, other := o.satellite("Pollbook", nil), o.satellite("Dashboard", nil)
	o.signIn("ann", "s1", 1)
	token := s.redeem(s.code("s1", nil), nil).AccessToken
	if w := o.ask("/openid/revoke", "", url.Values{"token": {token}}, other.named); w.Code != http.StatusOK {
		t.Errorf("another satellite: got %d", w.Code)
	}
	if status, _ := o.userinfo(token); status != http.StatusOK {
		t.Error("another satellite ended the token")
	}
	if w := o.ask("/openid/revoke", "", url.Values{"token": {token}}, nil); w.Code != http.StatusUnauthorized {
		t.Errorf("nobody: got %d", w.Code)
	}
}

// TestAddressesOfSatellites are such that they can be compared letter by letter.
func TestAddressesOfSatellites(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	for _, tt := range []struct {
		address string
		ok      bool
	}{
		{"https://a.example/back", true}, {"https://a.example", true}, {"https://a.example:8443/b?c=d", true}, {"http://localhost:8080/b", true}, {"http://127.0.0.1/b", true}, {"http://[::1]:9/b", true},
		{"http://a.example/b", false}, {"http://127.0.0.1.evil.example/b", false}, {"ftp://a.example/b", false}, {"javascript:alert(1)", false}, {"app.pollbook:/back", false}, {"https:a.example", false},
		{"//a.example/b", false}, {"/b", false}, {"https:///b", false}, {"https://a.example/b#", false}, {"https://a.example/b#c", false}, {"https://ann@a.example/b", false}, {"https://a.example\\b", false},
		{"https://*.example/b", false}, {"https://A.example/b", false}, {"https://a.example:/b", false}, {"https://a.example/../b", false}, {"https://a.example/b?code=x", false}, {"https://bücher.example/b", false},
		{"https://a.example/b\tc", false}, {"https://a.example/" + strings.Repeat("x", 1000), false},
	} {
		_, _, err := o.Add(o.ctx, openid.Client{Name: clean(tt.address), Redirects: []string{tt.address}, Level: 1}, "")
		if (err == nil) != tt.ok || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: got %v", tt.address, err)
		}
		c := openid.Client{Name: "x", Redirects: []string{redirect}, Level: 1}
		if tt.ok {
			continue
		}
		c.BackChannel = tt.address
		if _, _, err := o.Add(o.ctx, c, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q as the address for notices: got %v", tt.address, err)
		}
	}
	if list, err := o.Clients(o.ctx, dbtest.Jurisdiction); err != nil || !slices.ContainsFunc(list, func(c openid.Client) bool { return c.Level == 1 }) {
		t.Error(list, err)
	}
}

// clean makes a name of an address.
func clean(address string) string { return "at " + address[:min(len(address), 60)] }

// TestTroubleIsToldInTheSatellitesWords: not in a page for people.
func TestTroubleIsToldInTheSatellitesWords(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s := o.satellite("Pollbook", nil)
	big := o.ask("/openid/token", "", url.Values{"code": {strings.Repeat("x", 20<<10)}}, s.named)
	if got := s.tokenAnswer(big); got.status != http.StatusRequestEntityTooLarge || got.Error != "invalid_request" {
		t.Errorf("too large: got %+v", got)
	}
	if err := o.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*httptest.ResponseRecorder{o.ask("/openid/token", "", url.Values{"grant_type": {"authorization_code"}, "code": {"x"}}, s.named),
		o.ask("/openid/userinfo", "", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") })} {
		if got := s.tokenAnswer(w); got.status != http.StatusInternalServerError || got.Error != "server_error" || strings.Contains(w.Body.String(), "database") {
			t.Errorf("without a database: got %+v %s", got, w.Body)
		}
	}
}
