// SPDX-License-Identifier: Apache-2.0

package openid_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"hustings/guard/openid"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
)

// onward is the page within this house that a sign-in or proof leads back to.
func onward(t *testing.T, to *url.URL) *url.URL {
	t.Helper()
	next, err := url.Parse(to.Query().Get("next"))
	if err != nil || next.Path != "/openid/continue" {
		t.Fatalf("sent to %s", to)
	}
	return next
}

// TestAPersonProvesWhatASatelliteAsks walks from the satellite over the sign-in
// and the proof back to it.
func TestAPersonProvesWhatASatelliteAsks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		level  int // of the session; 0: nobody is signed in
		age    time.Duration
		ours   int // what the office asks for this satellite
		change url.Values
		page   string // where the person is sent
		want   string // the level asked there
	}{
		{"nobody is signed in", 0, 0, 1, nil, "/sign-in", ""},
		{"signed in well enough", 2, time.Hour, 2, nil, "", ""},
		{"the office wants more", 1, 0, 2, nil, "/sign-in/again", "2"},
		{"the satellite wants more", 1, 0, 1, url.Values{"acr_values": {"aal3 aal2"}}, "/sign-in/again", "2"},
		{"the office wants more than the satellite", 1, 0, 3, url.Values{"acr_values": {"aal2"}}, "/sign-in/again", "3"},
		{"levels that we do not know", 1, 0, 1, url.Values{"acr_values": {"urn:x phr"}}, "", ""},
		{"a proof that is too old", 2, time.Hour, 1, url.Values{"max_age": {"600"}}, "/sign-in/again", "1"},
		{"a proof that is young enough", 2, time.Minute, 1, url.Values{"max_age": {"600"}}, "", ""},
		{"a proof now", 2, time.Minute, 1, url.Values{"max_age": {"0"}}, "/sign-in/again", "1"},
		{"a proof in any case", 2, time.Minute, 1, url.Values{"prompt": {"login"}}, "/sign-in/again", "1"},
		{"another account", 2, time.Minute, 1, url.Values{"prompt": {"select_account"}}, "/sign-in/again", "1"},
		{"consent, which the office gives", 2, time.Minute, 1, url.Values{"prompt": {"consent"}}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t, dbtest.SQLite(t))
			s := o.satellite("Pollbook", func(c *openid.Client) { c.Level = tt.ours })
			if tt.level > 0 {
				o.signIn("ann", "s1", tt.level)
			}
			o.wait(tt.age)
			w, to := s.authorize("s1", tt.change)
			if tt.page == "" {
				if !strings.HasPrefix(to.String(), redirect) || to.Query().Get("code") == "" {
					t.Fatalf("%d to %s", w.Code, to)
				}
				return
			}
			if to.Path != tt.page || to.Host != "" || to.Query().Get("level") != tt.want {
				t.Fatalf("sent to %s, want %s for level %s", to, tt.page, tt.want)
			}
			next := onward(t, to)
			o.wait(20 * time.Second)
			o.signIn("ann", "s1", max(2, tt.ours)) // the proof
			o.wait(2 * time.Second)
			page := o.ask(next.String(), "s1", nil, nil)
			_, at, _ := strings.Cut(page.Header().Get("Refresh"), "url=")
			if page.Code != http.StatusOK || !strings.HasPrefix(at, "/openid/authorize?") || !strings.Contains(page.Body.String(), "Pollbook") {
				t.Fatalf("the page between: %d, on to %q", page.Code, at)
			}
			back := o.ask(at, "s1", nil, nil).Header().Get("Location")
			u, err := url.Parse(back)
			if err != nil || !strings.HasPrefix(back, redirect) || u.Query().Get("code") == "" {
				t.Fatalf("after the proof: sent to %s", back)
			}
			said, _ := o.verified(s.redeem(u.Query().Get("code"), nil).IDToken)
			if age := said["iat"].(float64) - said["auth_time"].(float64); age > 3 {
				t.Errorf("the satellite is told of a proof %v s ago", age)
			}
		})
	}
}

// TestAnOldProofIsNotMadeFresh by coming back through the page between without
// any proof, or with a moment that was made up.
func TestAnOldProofIsNotMadeFresh(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s := o.satellite("Pollbook", nil)
	o.signIn("ann", "s1", 2)
	o.wait(time.Hour)
	_, to := s.authorize("s1", url.Values{"prompt": {"login"}})
	next := onward(t, to)
	for name, q := range map[string]url.Values{
		"without a proof":           next.Query(),
		"with a moment long ago":    s.wish(url.Values{"prompt": {"login"}, "hustings_since": {"1"}}),
		"with a moment to come":     s.wish(url.Values{"prompt": {"login"}, "hustings_since": {strconv.FormatInt(time.Now().Add(48*time.Hour).UnixMilli(), 10)}}),
		"with what is no moment":    s.wish(url.Values{"prompt": {"login"}, "hustings_since": {"x"}}),
		"with one that is too long": s.wish(url.Values{"prompt": {"login"}, "hustings_since": {"99999999999999999999999"}}),
	} {
		w := o.ask("/openid/authorize?"+q.Encode(), "s1", nil, nil)
		if at := w.Header().Get("Location"); !strings.HasPrefix(at, "/sign-in/again?") {
			t.Errorf("%s: sent to %s", name, at)
		}
	}
}

// TestASatelliteWithoutASecretAsksThePersonEachTime for nobody can be sure who
// it is.
func TestASatelliteWithoutASecretAsksThePersonEachTime(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s := o.satellite("Tablet", func(c *openid.Client) { c.Public, c.Scopes = true, []string{"email"} })
	o.signIn("ann", "s1", 1)
	w, to := s.authorize("s1", nil)
	if body := w.Body.String(); w.Code != http.StatusOK || to.String() != "" || !strings.Contains(body, "Tablet") || !strings.Contains(body, "Your e-mail address") || strings.Contains(body, "Your roles") {
		t.Fatalf("%d to %s: %s", w.Code, to, body)
	}
	if _, to := s.authorize("s1", url.Values{"prompt": {"none"}}); to.Query().Get("error") != "consent_required" {
		t.Errorf("asking nothing: sent to %s", to)
	}
	w = o.ask("/openid/agree", "s1", s.wish(nil), nil)
	_, at, _ := strings.Cut(w.Header().Get("Refresh"), "url=")
	u, err := url.Parse(at)
	if err != nil || w.Code != http.StatusOK || !strings.HasPrefix(at, redirect+"?") {
		t.Fatalf("after agreeing: %d, on to %s", w.Code, at)
	}
	if got := s.redeem(u.Query().Get("code"), nil); got.status != http.StatusOK {
		t.Errorf("got %+v", got)
	}
	if w := o.ask("/openid/agree", "s1", s.wish(url.Values{"redirect_uri": {"https://evil.example/"}}), nil); w.Code != http.StatusUnprocessableEntity || w.Header().Get("Refresh") != "" {
		t.Errorf("to another address: %d, on to %q", w.Code, w.Header().Get("Refresh"))
	}
	if w := o.ask("/openid/agree", "", s.wish(nil), nil); w.Header().Get("Refresh") != "" {
		t.Error("nobody agreed, and there is a code")
	}
	if _, err := o.MakeSecret(o.ctx, s.ID); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a secret for it: got %v", err)
	}
}

// TestAHouseWithoutANameSignsNobodyIn and says what to do.
func TestAHouseWithoutANameSignsNobodyIn(t *testing.T) {
	for _, name := range []string{"", "http://office.vale.example/", "://", "office.vale.example/"} {
		o := open(t, dbtest.SQLite(t))
		s := o.satellite("Pollbook", nil)
		o.URL = name
		o.signIn("ann", "s1", 1)
		for _, path := range []string{"/.well-known/openid-configuration", "/openid/authorize?" + s.wish(nil).Encode(), "/openid/sign-out"} {
			r := o.ask(path, "s1", nil, func(r *http.Request) { r.Host = "evil.example" })
			if r.Code != http.StatusServiceUnavailable || strings.Contains(r.Body.String(), "evil.example") || !strings.Contains(r.Body.String(), "doors.office_url") {
				t.Errorf("%q %s: got %d", name, path, r.Code)
			}
		}
		if w := o.ask("/openid/clients", "s1", nil, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "doors.office_url") {
			t.Errorf("%q: the page says nothing about it: %d", name, w.Code)
		}
	}
}
