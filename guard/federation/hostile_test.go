// SPDX-License-Identifier: Apache-2.0

package federation_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hustings/fake/idp"
	"hustings/guard/federation"
	"hustings/kit/db/dbtest"
)

// bad stands before a pretend house and answers in its place where a test wants.
type bad struct {
	*idp.House
	instead func(w http.ResponseWriter, r *http.Request) bool
	asked   map[string]*atomic.Int64
}

func (b *bad) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if n := b.asked[r.URL.Path]; n != nil {
		n.Add(1)
	}
	if b.instead == nil || !b.instead(w, r) {
		b.House.ServeHTTP(w, r)
	}
}

func (o *office) bad(people ...idp.Person) (*bad, federation.Provider) {
	o.t.Helper()
	b := &bad{House: idp.New("", "office", "", people...), asked: map[string]*atomic.Int64{"/keys": {}, "/.well-known/openid-configuration": {}}}
	b.House.Now, b.House.As = o.now, people[0].Subject
	server := httptest.NewServer(b)
	o.t.Cleanup(server.Close)
	b.House.URL = server.URL
	return b, o.propose(federation.Change{Settings: federation.Settings{Kind: federation.OIDC, Name: "County", Issuer: server.URL,
		Client: "office", Level: 1, Domains: []string{"vale.example"}}})
}

func text(v any) string {
	body, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(body)
}

// Tokens that are signed by nobody, or by what is public, are worth nothing.
func TestNoOtherAlgorithm(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	b, p := o.bad(ann)
	o.people = append(o.people, staff("ann"))
	public := func() []byte {
		res, err := http.Get(b.URL + "/keys")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var set struct{ Keys []json.RawMessage }
		if err := json.NewDecoder(res.Body).Decode(&set); err != nil {
			t.Fatal(err)
		}
		return set.Keys[0]
	}
	for _, tt := range []struct {
		name string
		sign func(input string) string
		alg  string
	}{
		{"none", func(string) string { return "" }, "none"},
		{"nOnE", func(string) string { return "" }, "nOnE"},
		{"HS256 by the public key", func(input string) string {
			mac := hmac.New(sha256.New, public())
			mac.Write([]byte(input))
			return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		}, "HS256"},
		{"HS256 by nothing", func(input string) string {
			mac := hmac.New(sha256.New, nil)
			mac.Write([]byte(input))
			return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		}, "HS256"},
		{"ES256 of zeros (CVE-2022-21449)", func(string) string { return base64.RawURLEncoding.EncodeToString(make([]byte, 64)) }, "ES256"},
	} {
		b.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/token" {
				return false
			}
			claims := map[string]any{"iss": b.URL, "aud": "office", "sub": "u-ann", "iat": o.now().Unix(), "exp": o.now().Add(time.Hour).Unix(),
				"nonce": b.Asked()[len(b.Asked())-1].Get("nonce"), "email": "ann@vale.example", "email_verified": true}
			input := text(map[string]string{"alg": tt.alg}) + "." + text(claims)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token": "x", "token_type": "Bearer", "id_token": %q}`, input+"."+tt.sign(input))
			return true
		}
		browser := o.browser()
		browser.get(browser.begin(p))
		if len(o.entered) != 0 {
			t.Fatalf("%s: came in", tt.name)
		}
	}
	if !strings.Contains(o.log.String(), "unexpected signature algorithm") {
		t.Errorf("refused for another cause: %s", o.log.String())
	}
}

// A house that changes its keys is believed by the new ones at once and by the
// old ones no more, and cannot make us ask for them all the time.
func TestKeysChange(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	b, p := o.bad(ann)
	o.people = append(o.people, staff("ann"))
	in := func() string {
		browser := o.browser()
		return browser.get(browser.begin(p)).location
	}
	if got := in(); got != "/results" {
		t.Fatal(o.log.String())
	}
	b.Rotate()
	if got := in(); got != "/results" {
		t.Errorf("after new keys: %q %s", got, o.log.String())
	}
	if n := b.asked["/keys"].Load(); n != 2 {
		t.Errorf("keys were fetched %d times", n)
	}
	old := b.LogoutToken("u-ann", "")
	b.Rotate()
	if got := in(); got != "/results" {
		t.Error("after new keys once more")
	}
	browser := o.browser()
	for range 20 {
		if got := browser.post("/federation/"+p.ID+"/logout", map[string][]string{"logout_token": {old}}); got.status != http.StatusBadRequest {
			t.Fatalf("by an old key: %d", got.status)
		}
	}
	if n := b.asked["/keys"].Load(); n > 5 {
		t.Errorf("keys were fetched %d times", n)
	}
	if n := b.asked["/.well-known/openid-configuration"].Load(); n != 1 {
		t.Errorf("the house was asked about itself %d times", n)
	}
	o.late += 2 * time.Hour
	if got := in(); got != "/results" || b.asked["/.well-known/openid-configuration"].Load() != 2 {
		t.Errorf("two hours later: %q, asked %d times", got, b.asked["/.well-known/openid-configuration"].Load())
	}
}

// What a house says about itself is read within bounds, and believed only where
// it is about itself.
func TestHousesThatDoNotAnswerAsTheyShould(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { t.Error("another host was asked") }))
	defer elsewhere.Close()
	const config = "/.well-known/openid-configuration"
	says := func(change func(m map[string]any)) func(o *office, b *bad, w http.ResponseWriter) {
		return func(o *office, b *bad, w http.ResponseWriter) {
			m := map[string]any{"issuer": b.URL, "authorization_endpoint": b.URL + "/authorize", "token_endpoint": b.URL + "/token", "jwks_uri": b.URL + "/keys",
				"id_token_signing_alg_values_supported": []string{"ES256"}}
			change(m)
			_ = json.NewEncoder(w).Encode(m)
		}
	}
	long := strings.Repeat("a", 2<<20)
	for _, tt := range []struct {
		name, path string
		answer     func(o *office, b *bad, w http.ResponseWriter)
	}{
		{"says that it is another", config, says(func(m map[string]any) { m["issuer"] = "https://evil.example" })},
		{"says it with a slash more", config, says(func(m map[string]any) { m["issuer"] = m["issuer"].(string) + "/" })},
		{"sends people elsewhere in clear", config, says(func(m map[string]any) { m["authorization_endpoint"] = "http://evil.example/" })},
		{"has its keys in clear elsewhere", config, says(func(m map[string]any) { m["jwks_uri"] = "http://evil.example/keys" })},
		{"leads to a script", config, says(func(m map[string]any) { m["end_session_endpoint"] = "javascript:alert(1)" })},
		{"names no place for tokens", config, says(func(m map[string]any) { delete(m, "token_endpoint") })},
		{"signs with secrets only", config, says(func(m map[string]any) { m["id_token_signing_alg_values_supported"] = []string{"HS256", "none"} })},
		{"takes no PKCE", config, says(func(m map[string]any) { m["code_challenge_methods_supported"] = []string{"plain"} })},
		{"no JSON", config, func(_ *office, _ *bad, w http.ResponseWriter) { fmt.Fprint(w, "<html>") }},
		{"two megabytes", config, says(func(m map[string]any) { m["more"] = long })},
		{"two megabytes without saying so", config, func(_ *office, _ *bad, w http.ResponseWriter) {
			w.(http.Flusher).Flush()
			fmt.Fprint(w, `{"x":"`+long)
		}},
		{"nothing at all", config, func(_ *office, _ *bad, w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }},
		{"elsewhere", config, func(_ *office, _ *bad, w http.ResponseWriter) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(http.StatusFound)
		}},
		{"slowly", config, func(_ *office, _ *bad, w http.ResponseWriter) { time.Sleep(time.Second) }},
		{"two megabytes of keys", "/keys", func(_ *office, _ *bad, w http.ResponseWriter) { fmt.Fprintf(w, `{"keys":[],"x":%q}`, long) }},
		{"too many keys", "/keys", func(_ *office, _ *bad, w http.ResponseWriter) {
			fmt.Fprintf(w, `{"keys":[%s{}]}`, strings.Repeat("{},", 500))
		}},
		{"only a secret for a key", "/keys", func(_ *office, _ *bad, w http.ResponseWriter) { fmt.Fprint(w, `{"keys":[{"kty":"oct","k":"AAAA"}]}`) }},
		{"keys slowly", "/keys", func(_ *office, _ *bad, w http.ResponseWriter) { time.Sleep(time.Second) }},
		{"tokens slowly", "/token", func(_ *office, _ *bad, w http.ResponseWriter) { time.Sleep(time.Second) }},
		{"two megabytes of tokens", "/token", func(_ *office, _ *bad, w http.ResponseWriter) { fmt.Fprintf(w, `{"access_token":%q}`, long) }},
		{"no ID token", "/token", func(_ *office, _ *bad, w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"x","token_type":"Bearer"}`)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t, dbtest.SQLite(t))
			o.Hurry(300 * time.Millisecond)
			b, p := o.bad(ann)
			o.people = append(o.people, staff("ann"))
			b.instead = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == tt.path {
					tt.answer(o, b, w)
				}
				return r.URL.Path == tt.path
			}
			browser := o.browser()
			out := browser.get("/sign-in/with/" + p.ID)
			if out.status == http.StatusSeeOther {
				out = browser.get(browser.get(out.location).location)
			}
			if out.location == "/" || out.location == "/results" || len(o.entered) != 0 || len(o.refused) != 1 {
				t.Errorf("got %d to %q, %d refused: %s", out.status, out.location, len(o.refused), o.log.String())
			}
			if strings.Contains(out.body, "evil") || len(out.body) > 20_000 {
				t.Errorf("the page says too much: %.300s", out.body)
			}
		})
	}
}
