// SPDX-License-Identifier: Apache-2.0

package openid_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"hustings/kit/db/dbtest"
)

// FuzzReadRequest sends any query to the door as somebody who is signed in: no
// answer goes anywhere but to the satellite's own address, and nothing breaks.
func FuzzReadRequest(f *testing.F) {
	o := open(f, dbtest.SQLite(f))
	s := o.satellite("Pollbook", nil)
	o.signIn("ann", "s1", 2)
	whole := s.wish(nil).Encode()
	for _, seed := range []string{whole, "", "client_id=" + s.ID, whole + "&client_id=x", whole + "&redirect_uri=https://evil.example/", whole + "&prompt=none&max_age=5&acr_values=aal1",
		whole + "&hustings_since=1700000000000", whole + "&id_token_hint=e30.e30.e30", "a=%zz", "a;b=c", strings.ReplaceAll(whole, "S256", "plain")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/openid/authorize", nil)
		r.URL.RawQuery = query
		r.Header.Set("Cookie", "me=s1")
		w := httptest.NewRecorder()
		o.door.ServeHTTP(w, r)
		to := w.Header().Get("Location")
		if u, err := url.Parse(to); err != nil || to != "" && !strings.HasPrefix(to, redirect+"?") && (u.Host != "" || !strings.HasPrefix(u.Path, "/sign-in")) {
			t.Fatalf("%q: sent to %q", query, to)
		}
		if w.Code >= 500 || w.Code < 300 {
			t.Fatalf("%q: got %d", query, w.Code)
		}
	})
}

// FuzzReadToken sends any form to the token door: without a good code there is
// no token.
func FuzzReadToken(f *testing.F) {
	o := open(f, dbtest.SQLite(f))
	s := o.satellite("Pollbook", nil)
	for _, seed := range []string{"", "grant_type=authorization_code&code=x&code_verifier=" + verifier, "grant_type=authorization_code&grant_type=x", "a=%zz", "client_id=" + s.ID + "&client_secret=x"} {
		f.Add(seed, "Basic "+s.ID, true)
		f.Add(seed, "", false)
	}
	f.Fuzz(func(t *testing.T, form, header string, named bool) {
		r := httptest.NewRequest("POST", "/openid/token", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header["Authorization"] = []string{header}
		if named {
			s.named(r)
		}
		w := httptest.NewRecorder()
		o.door.ServeHTTP(w, r)
		if w.Code != 400 && w.Code != 401 || strings.Contains(w.Body.String(), "access_token") {
			t.Fatalf("%q: got %d %s", form, w.Code, w.Body)
		}
	})
}
