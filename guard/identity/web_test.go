// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hustings/guard/identity"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
	"hustings/kit/ledger"
	"hustings/kit/web"
	"hustings/kit/words"
)

// door is the office door with nothing but identity behind it, and a proxy in
// front of it.
func (o *office) door(t *testing.T) http.Handler {
	t.Helper()
	c, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range o.Room().Words {
		if err := c.Add(w); err != nil {
			t.Fatal(err)
		}
	}
	s := &web.Server{Routes: o.Room().Routes, Sessions: o.Identity, Words: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now: func() time.Time { return o.now }, Proxies: []string{"192.0.2.1"}}
	door, err := s.Door(web.OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	return door
}

// post fills in a form behind the proxy.
func post(door http.Handler, path, from, cookie string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.RemoteAddr = "192.0.2.1:4711"
	r.Header.Set("X-Forwarded-For", from)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", cookie)
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return w
}

func TestTheSignInForm(t *testing.T) {
	d := dbtest.SQLite(t)
	o := open(t, d)
	door := o.door(t)
	if _, err := o.Add(o.ctx, "ann@vale.example", "Ann", hide.New(good)); err != nil {
		t.Fatal(err)
	}
	in := post(door, "/sign-in", "198.51.100.7", "", url.Values{"email": {"ann@vale.example"}, "password": {good}, "next": {"/\t/evil.example"}})
	if in.Code != http.StatusSeeOther || in.Header().Get("Location") != "/" {
		t.Fatalf("got %d to %q", in.Code, in.Header().Get("Location"))
	}
	entries, err := (&ledger.Ledger{DB: d}).Tail(o.ctx, o.Jurisdiction, 0, 10)
	if err != nil || len(entries) == 0 {
		t.Fatal(err)
	}
	if last := entries[len(entries)-1]; !strings.Contains(string(last.Data), `"198.51.100.7"`) {
		t.Errorf("the fact does not tell the address behind the proxy: %s", last.Data)
	}
	cookie, _, _ := strings.Cut(in.Header().Get("Set-Cookie"), ";")
	for _, tt := range []struct {
		name, current string
		want          int
	}{
		{"a wrong current password", "wrong", http.StatusUnprocessableEntity},
		{"the right one", good, http.StatusSeeOther},
		{"its session has ended", good, http.StatusUnauthorized},
	} {
		w := post(door, "/account/password", "198.51.100.7", cookie, url.Values{"current": {tt.current}, "password": {good + "!"}})
		if w.Code != tt.want {
			t.Errorf("%s: got %d, want %d: %s", tt.name, w.Code, tt.want, w.Body)
		}
	}
}

func TestOneAddressMayNotKeepTheHashingBusy(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	door := o.door(t)
	form := url.Values{"email": {"ann@vale.example"}, "password": {"wrong"}}
	for i := range 40 {
		if w := post(door, "/sign-in", "198.51.100.7", "", form); w.Code == http.StatusTooManyRequests {
			if i != 30 {
				t.Errorf("refused after %d", i)
			}
			break
		} else if i == 39 {
			t.Error("never refused")
		}
	}
	if w := post(door, "/sign-in", "198.51.100.8", "", form); w.Code != http.StatusUnauthorized {
		t.Errorf("another address: got %d", w.Code)
	}
}

var _ web.Sessions = (*identity.Identity)(nil)
