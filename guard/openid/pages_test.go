// SPDX-License-Identifier: Apache-2.0

package openid_test

import (
	"context"
	"encoding/base64"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hustings/guard/openid"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/who"
)

func request(session string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "me", Value: session})
	return r
}

var field = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// hidden are the hidden fields of a page's form.
func hidden(page string) url.Values {
	f := make(url.Values)
	for _, m := range field.FindAllStringSubmatch(page, -1) {
		f.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return f
}

func decoded(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// book is a book of the two-person rule that holds one request.
type book struct{ asked []pair.Ask }

func (b *book) Ask(_ context.Context, tx *db.Tx, a pair.Ask) (pair.Request, error) {
	if a.Reason == "" {
		return pair.Request{}, fault.On("reason", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	tx.Silently("the book is a test's")
	b.asked = append(b.asked, a)
	return pair.Request{Ask: a}, nil
}

func (*book) Agree(context.Context, *db.Tx, string, string, string) (pair.Request, error) {
	return pair.Request{}, nil
}

func (*book) Refuse(context.Context, *db.Tx, string, string, string) (pair.Request, error) {
	return pair.Request{}, nil
}

// TestTwoPeopleRegisterASatellite: one asks on the page, another agrees, and
// what is registered is what both saw.
func TestTwoPeopleRegisterASatellite(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		b := &book{}
		o.Pairs = b
		o.signIn("ann", "s1", 2)
		good := url.Values{"name": {"  Pollbook   server "}, "kind": {"confidential"}, "redirects": {redirect + "\r\nhttps://two.example/back\r\n"}, "signouts": {"https://two.example/bye"},
			"backchannel": {"https://two.example/notices"}, "scopes": {"profile", "roles"}, "roles": {"viewer"}, "level": {"2"}, "reason": {"the new pollbook"}}
		for _, tt := range []struct {
			name   string
			change url.Values
			status int
			says   string
		}{
			{"without a name", url.Values{"name": {" "}}, 422, "Give the satellite a name"},
			{"without an address", url.Values{"redirects": {""}}, 422, "redirect address"},
			{"with an address that is none", url.Values{"redirects": {"http://two.example/"}}, 422, "want https"},
			{"with a role that is none", url.Values{"roles": {"king"}}, 422, "There is no role"},
			{"with a scope that is none", url.Values{"scopes": {"secrets"}}, 422, "There is no scope"},
			{"with a level that is none", url.Values{"level": {"9"}}, 422, "The level is"},
			{"without a reason", url.Values{"reason": {" "}}, 422, "Say why"},
			{"as it should be", nil, 303, ""},
		} {
			f := url.Values{}
			for name, values := range good {
				f[name] = values
			}
			for name, values := range tt.change {
				f[name] = values
			}
			w := o.ask("/openid/clients", "s1", f, nil)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%s: got %d %s", tt.name, w.Code, w.Body)
			}
			if tt.status == 422 && tt.name != "without a name" && !strings.Contains(w.Body.String(), "Pollbook") {
				t.Errorf("%s: what was typed is lost", tt.name)
			}
		}
		if list, err := o.Clients(o.ctx, dbtest.Jurisdiction); err != nil || len(list) != 0 || len(b.asked) != 1 {
			t.Fatalf("%d satellites before anybody agreed, %d requests, %v", len(list), len(b.asked), err)
		}
		act := o.Room().Pairs[0]
		r := pair.Request{Jurisdiction: dbtest.Jurisdiction, Ask: b.asked[0]}
		agree := func() error {
			return o.DB.Write(o.ctx, func(tx *db.Tx) error { return act.Do(o.ctx, tx, r) })
		}
		if err := agree(); err != nil {
			t.Fatal(err)
		}
		if err := agree(); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the same name twice: got %v", err)
		}
		list, err := o.Clients(o.ctx, dbtest.Jurisdiction)
		if err != nil || len(list) != 1 || list[0].Name != "Pollbook server" || len(list[0].Redirects) != 2 || list[0].Level != 2 || !list[0].SecretMade.IsZero() {
			t.Fatalf("registered %+v, %v", list, err)
		}
		page := "/openid/clients/" + list[0].ID
		for _, want := range []string{issuer, list[0].ID, "It has no secret yet", "openid profile roles"} {
			if body := o.ask(page, "s1", nil, nil).Body.String(); !strings.Contains(body, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		w := o.ask(page+"/secret", "s1", url.Values{}, nil)
		secret := regexp.MustCompile(`usa-alert__text"><code class="office-hash">([^<]+)`).FindStringSubmatch(w.Body.String())
		if w.Code != http.StatusOK || secret == nil || w.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("no secret is shown: %d %s", w.Code, w.Body)
		}
		if strings.Contains(o.ask(page, "s1", nil, nil).Body.String(), secret[1]) {
			t.Error("the secret is shown again")
		}
		s := &satellite{Client: list[0], office: o, secret: secret[1]}
		o.give("ann", "viewer")
		if got := s.redeem(s.code("s1", nil), nil); got.status != http.StatusOK {
			t.Errorf("with the secret from the page: %+v", got)
		}
		if w := o.ask(page+"/remove", "s1", url.Values{"reason": {""}}, nil); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("removed without a reason: %d", w.Code)
		}
		if w := o.ask(page+"/remove", "s1", url.Values{"reason": {"over"}}, nil); w.Code != http.StatusSeeOther {
			t.Errorf("not removed: %d", w.Code)
		}
		if err := agree(); fault.KindOf(err) != fault.Conflict {
			t.Errorf("agreed to after it was removed, by a request of before: got %v", err)
		}
		ann := who.With(o.ctx, who.Person{ID: "ann", Name: "Ann", Jurisdiction: dbtest.Jurisdiction, Via: who.Browser})
		if _, waits, err := o.Add(ann, openid.Client{Name: "Pollbook server", Redirects: []string{"https://pollbook.example/"}}, "after all"); err != nil || !waits {
			t.Fatalf("asked again: waits %v, %v", waits, err)
		}
		r.Ask = b.asked[1]
		if err := agree(); err != nil {
			t.Errorf("asked again: %v", err)
		}
		if w := o.ask(page, "s1", nil, nil); w.Code != http.StatusNotFound {
			t.Errorf("after it was removed: %d", w.Code)
		}
	})
}

// TestPagesInBothLanguages show no word's key and no empty address.
func TestPagesInBothLanguages(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	o.signIn("ann", "s1", 2)
	look := func(path string) {
		t.Helper()
		for _, lang := range []string{"en", "es"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			w := o.ask(path+sep+"lang="+lang, "s1", nil, nil)
			if body := w.Body.String(); w.Code != http.StatusOK || regexp.MustCompile(`>[^<]*openid\.[a-z]+`).MatchString(body) || strings.Count(body, "<h1") != 1 || strings.Contains(body, "{") {
				t.Errorf("%s in %s: %d %s", path, lang, w.Code, body)
			}
		}
	}
	look("/openid/clients") // empty: it says what to do
	s := o.satellite("Pollbook", nil)
	app := o.satellite("Tablet", func(c *openid.Client) { c.Public = true })
	s.redeem(s.code("s1", nil), nil)
	for _, path := range []string{"/openid/clients", "/openid/clients/" + s.ID, "/openid/clients/" + app.ID, "/openid/continue?" + s.wish(nil).Encode(),
		"/openid/authorize?" + app.wish(nil).Encode(), "/openid/sign-out?client_id=" + s.ID + "&post_logout_redirect_uri=https://pollbook.vale.example/bye", "/openid/signed-out"} {
		look(path)
	}
}
