// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hustings/kit/fault"
	"hustings/kit/who"
)

func TestAProofIsGoodAndFreshEnough(t *testing.T) {
	now := time.Date(2026, 11, 3, 20, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		need   StepUp
		person who.Person
		want   bool
	}{
		{"nothing asked, nothing proved", StepUp{}, who.Person{}, true},
		{"two factors asked, one shown", StepUp{Level: 2}, who.Person{Level: 1, Proved: now}, false},
		{"two factors asked, a passkey shown", StepUp{Level: 2}, who.Person{Level: 3}, true},
		{"within five minutes, four ago", StepUp{Within: 5 * time.Minute}, who.Person{Proved: now.Add(-4 * time.Minute)}, true},
		{"within five minutes, five ago", StepUp{Within: 5 * time.Minute}, who.Person{Proved: now.Add(-5 * time.Minute)}, true},
		{"within five minutes, six ago", StepUp{Within: 5 * time.Minute}, who.Person{Proved: now.Add(-6 * time.Minute)}, false},
		{"within five minutes, never", StepUp{Within: 5 * time.Minute}, who.Person{Level: 3}, false},
	} {
		if got := tt.need.Met(tt.person, now); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

// asker is a browser or a program whose proof is too old for r.do.
type asker struct {
	staff
	via string
}

func (a asker) Who(r *http.Request) (who.Person, bool) {
	return who.Person{ID: "ann", Name: "Ann", Via: a.via}, true
}

func TestWhoHasToProveAgainIsLedThereAndBack(t *testing.T) {
	need := StepUp{Level: 2, Within: 5 * time.Minute}
	s := server(t, Route{Pattern: "/guarded", Needs: SignedIn, Do: func(http.ResponseWriter, *http.Request) error {
		return fmt.Errorf("approve: %w", need)
	}})
	const again = "/sign-in/again?level=2&next=%2Fguarded%3Fx%3D1&within=300"
	form := url.Values{"note": {"a “note”", "two"}, "password": {"secret"}, "code": {"123456"}}.Encode()
	for _, tt := range []struct {
		name, via, method, body string
		header                  map[string]string
		status                  int
		location, want, never   string
	}{
		{name: "a page", method: "GET", status: 303, location: again},
		{name: "a fragment", method: "GET", header: map[string]string{"HX-Request": "true", "HX-Current-URL": "http://example.com/desk"},
			status: 204, location: "/sign-in/again?level=2&next=%2Fdesk&within=300"},
		{name: "a form keeps what was typed, and no secrets", method: "POST", body: form, header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Referer": "http://example.com/desk?y=2"}, status: 403,
			want: `name="held" value="note=a+%E2%80%9Cnote%E2%80%9D&amp;note=two"`, never: "secret"},
		{name: "a form knows the page that it was on", method: "POST", body: form, header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Referer": "http://example.com/desk?y=2"}, status: 403,
			want: `name="next" value="/desk?y=2"`, never: "123456"},
		{name: "a form from a page elsewhere goes home", method: "POST", body: form, header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Referer": "https://evil.example/desk"}, status: 403, want: `name="next" value="/"`},
		{name: "a form longer than is kept", method: "POST", body: "note=" + strings.Repeat("x", mostHeld), header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Referer": "http://example.com/desk"}, status: 303, location: "/sign-in/again?level=2&next=%2Fdesk&within=300"},
		{name: "a file", method: "POST", body: "--x--", header: map[string]string{"Content-Type": "multipart/form-data; boundary=x",
			"Referer": "http://example.com/desk"}, status: 303, location: "/sign-in/again?level=2&next=%2Fdesk&within=300"},
		{name: "a script of the page", method: "GET", header: map[string]string{"Accept": "application/json"}, status: 401, want: `"kind":"step-up"`},
		{name: "a program", via: who.API, method: "GET", header: map[string]string{"Accept": "application/json"}, status: 403, want: "key of a program"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.Sessions = asker{via: tt.via}
			h, err := s.Door(OfficeDoor)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(tt.method, "/guarded?x=1", strings.NewReader(tt.body))
			for k, v := range tt.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			at := w.Header().Get("Location") + w.Header().Get("HX-Redirect")
			if w.Code != tt.status || at != tt.location || !strings.Contains(w.Body.String(), tt.want) ||
				tt.never != "" && strings.Contains(w.Body.String(), tt.never) {
				t.Errorf("got %d to %q: %s", w.Code, at, w.Body)
			}
			if challenge := w.Header().Get("WWW-Authenticate"); (w.Code == 401) != strings.Contains(challenge, "insufficient_user_authentication") {
				t.Errorf("challenge: %q", challenge)
			}
		})
	}
}

func TestAPageThatNeedsAFreshProofStandsInTheMenu(t *testing.T) {
	s := server(t, Route{Pattern: "GET /start", Needs: SignedIn, Do: page("start")})
	s.Menu = []Item{{Path: "/publish", Key: "web.menu", Needs: "r.publish"}}
	s.Access = stale{}
	if w := ask(t, s, OfficeDoor, "GET", "/start", func(r *http.Request) { r.Header.Set("X-Test", "ann") }); !strings.Contains(w.Body.String(), `href="/publish"`) {
		t.Errorf("got %s", w.Body)
	}
}

// stale lets nobody do anything before a fresh proof.
type stale struct{ staff }

func (stale) May(context.Context, who.Person, string) error { return StepUp{Level: 1} }

func TestAStepUpIsARefusalForWhoDoesNotKnowIt(t *testing.T) {
	if got := fault.KindOf(fmt.Errorf("approve: %w", StepUp{Level: 3})); got != fault.Denied {
		t.Errorf("got %q", got)
	}
}
