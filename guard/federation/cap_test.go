// SPDX-License-Identifier: Apache-2.0

package federation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"
	"time"

	capoidc "github.com/hashicorp/cap/oidc"

	"hustings/guard/federation"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
)

// proofKey is the PKCE verifier of a way there, as the browser's cookie and the
// state make it.
type proofKey string

func (k proofKey) Verifier() string                { return string(k) }
func (k proofKey) Challenge() string               { return "" }
func (k proofKey) Method() capoidc.ChallengeMethod { return capoidc.S256 }
func (k proofKey) Copy() capoidc.CodeVerifier      { return k }
func (b *browser) proofKey(state string) proofKey {
	at, _ := url.Parse(b.o.door.URL)
	for _, c := range b.Jar.Cookies(at) {
		if c.Name == "hustings-way" {
			mac := hmac.New(sha256.New, []byte(c.Value))
			mac.Write([]byte("verifier\x00" + state))
			return proofKey(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
		}
	}
	return ""
}

// Against a provider for tests that others wrote. The tag goes once the modules
// that its provider brings along are in go.mod.
func TestAgainstAProviderByOthers(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	theirs := capoidc.StartTestProvider(t, capoidc.WithNoTLS())
	theirs.SetClientCreds("office", "s3cret")
	theirs.SetExpectedAuthCode("code")
	theirs.SetExpectedSubject("u-ann")
	said := map[string]any{"sub": "u-ann", "email": "ann@vale.example", "email_verified": true}
	theirs.SetUserInfoReply(said)
	theirs.SetCustomClaims(map[string]any{"email": "ann@vale.example", "email_verified": true})
	p := o.propose(federation.Change{Secret: hide.New("s3cret"), Settings: federation.Settings{Kind: federation.OIDC, Name: "Theirs",
		Issuer: theirs.Addr(), Client: "office", Level: 1, Domains: []string{"vale.example"}}})
	theirs.SetAllowedRedirectURIs([]string{o.door.URL + "/sign-in/with/" + p.ID + "/back"})
	o.people = append(o.people, staff("ann"))
	enter := func(nonce string) bool {
		t.Helper()
		b := o.browser()
		out := b.get("/sign-in/with/" + p.ID + "?next=/results")
		at, err := url.Parse(out.location)
		if err != nil || out.status != http.StatusSeeOther {
			t.Fatalf("%+v", out)
		}
		theirs.SetPKCEVerifier(b.proofKey(at.Query().Get("state")))
		if nonce == "" {
			nonce = at.Query().Get("nonce")
		}
		theirs.SetExpectedAuthNonce(nonce)
		if nonce != at.Query().Get("nonce") {
			// The provider would refuse; whoever stole a code does not ask it.
			return b.get("/sign-in/with/"+p.ID+"/back?code=code&state="+at.Query().Get("state")).location == "/results"
		}
		return b.get(b.get(out.location).location).location == "/results"
	}
	newKey := func() {
		key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		theirs.SetSigningKeys(key, key.Public(), capoidc.ES384, "new")
	}
	for _, tt := range []struct {
		name string
		set  func() (undo func())
		want bool
	}{
		{"a good one", func() func() { return func() {} }, true},
		{"expired", func() func() {
			theirs.SetExpectedExpiry(-time.Hour)
			return func() { theirs.SetExpectedExpiry(5 * time.Minute) }
		}, false},
		{"for others, too", func() func() {
			theirs.SetCustomAudience("other")
			return func() { theirs.SetCustomAudience() }
		}, false},
		{"no ID token", func() func() { theirs.SetOmitIDTokens(true); return func() { theirs.SetOmitIDTokens(false) } }, false},
		{"no tokens at all", func() func() { theirs.SetDisableToken(true); return func() { theirs.SetDisableToken(false) } }, false},
		{"what it says is of somebody else", func() func() {
			theirs.SetUserInfoReply(map[string]any{"sub": "u-bo", "email": "ann@vale.example", "email_verified": true})
			return func() { theirs.SetUserInfoReply(said) }
		}, false},
		{"as good as before", func() func() { return func() {} }, true},
	} {
		undo := tt.set()
		if got := enter(""); got != tt.want {
			t.Errorf("%s: came in %v\n%s", tt.name, got, o.log.String())
		}
		undo()
	}
	if enter("another nonce, of another way there") {
		t.Error("a code of another sign-in came in")
	}
	newKey()
	t.Run("by an algorithm that it had not said", func(t *testing.T) {
		if enter("") {
			t.Error("came in")
		}
	})
	o.late += 2 * time.Hour // what it says of itself is asked for again
	theirs.SetNowFunc(o.now)
	if !enter("") {
		t.Errorf("by new keys: %s", o.log.String())
	}
}
