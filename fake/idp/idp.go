// SPDX-License-Identifier: Apache-2.0

// Package idp is a pretend house that signs people in, for tests and the demo:
// a small OpenID provider, and a SAML identity provider, over real HTTP. It asks
// nobody for a password: whoever As says is there, or the visitor chooses.
package idp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"hustings/kit/id"
)

// Person is somebody whom the house knows.
type Person struct {
	Subject, Email, Name string
	Claims               map[string]any // beside these
}

// House is the pretend house. Fields are set before it is asked, or between
// questions.
type House struct {
	URL            string // its issuer: where it listens
	Client, Secret string // the one application that it knows; Secret empty: PKCE alone
	Now            func() time.Time
	People         []Person
	As             string // subject of who is signed in there; empty: the visitor chooses

	// Bend changes what an ID token or a logout token says before it is signed.
	Bend func(claims map[string]any)
	// Answer changes what goes back to the application's redirect URI.
	Answer func(q url.Values)
	// Lean leaves the address and the name out of ID tokens, as many houses do.
	Lean bool

	mu     sync.Mutex // guards the rest
	key    *ecdsa.PrivateKey
	kid    string
	codes  map[string]code
	tokens map[string]Person
	asked  []url.Values
	saml   *samlHouse
}

type code struct {
	person                     Person
	redirect, nonce, challenge string
	at                         time.Time
}

// New is a house that listens at a URL and knows one application.
func New(url, client, secret string, people ...Person) *House {
	h := &House{URL: url, Client: client, Secret: secret, Now: time.Now, People: people, codes: make(map[string]code), tokens: make(map[string]Person)}
	h.Rotate()
	return h
}

// Rotate gives the house a new signing key; the one before is gone.
func (h *House) Rotate() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // the system has no random numbers
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.key, h.kid = key, id.New()
}

// Asked are the questions that came to where people are sent, the last one last.
func (h *House) Asked() []url.Values {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.asked)
}

// ServeHTTP implements http.Handler.
func (h *House) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		h.discovery(w)
	case "/authorize":
		h.authorize(w, r)
	case "/token":
		h.token(w, r)
	case "/userinfo":
		h.userInfo(w, r)
	case "/keys":
		h.mu.Lock()
		defer h.mu.Unlock()
		reply(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: h.key.Public(), KeyID: h.kid, Algorithm: "ES256", Use: "sig"}}})
	case "/end-session":
		http.Redirect(w, r, r.URL.Query().Get("post_logout_redirect_uri"), http.StatusSeeOther)
	case samlMetadata, samlSSO:
		h.serveSAML(w, r)
	default:
		http.NotFound(w, r)
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone if this fails
}

func (h *House) discovery(w http.ResponseWriter) {
	reply(w, map[string]any{
		"issuer": h.URL, "authorization_endpoint": h.URL + "/authorize", "token_endpoint": h.URL + "/token",
		"userinfo_endpoint": h.URL + "/userinfo", "jwks_uri": h.URL + "/keys", "end_session_endpoint": h.URL + "/end-session",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256"}, "code_challenge_methods_supported": []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "none"},
		"backchannel_logout_supported":          true, "backchannel_logout_session_supported": true,
		"authorization_response_iss_parameter_supported": true,
	})
}

var choose = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><title>Pretend sign-in</title>
<main><h1>Pretend sign-in</h1><p>Nobody is asked for a password here. Who are you?</p>
<ul>{{range .}}<li><a href="{{.To}}">{{.Name}}</a></li>{{end}}</ul></main></html>`))

// whoever is the person who is signed in at the house, or whom the visitor
// chose; ok is false where the visitor was asked.
func (h *House) whoever(w http.ResponseWriter, r *http.Request) (p Person, ok bool) {
	q := r.URL.Query()
	as := h.As
	if as == "" {
		as = q.Get("as")
	}
	type link struct{ Name, To string }
	var links []link
	for _, p := range h.People {
		if p.Subject == as {
			return p, true
		}
		q.Set("as", p.Subject)
		links = append(links, link{p.Name, r.URL.Path + "?" + q.Encode()})
	}
	_ = choose.Execute(w, links) // whoever asked has gone if this fails
	return p, false
}

func (h *House) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != h.Client || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "this is no question that the house answers", http.StatusBadRequest)
		return
	}
	p, ok := h.whoever(w, r)
	if !ok {
		return
	}
	secret := id.Token(32)
	h.mu.Lock()
	h.asked = append(h.asked, q)
	h.codes[secret] = code{p, q.Get("redirect_uri"), q.Get("nonce"), q.Get("code_challenge"), h.Now()}
	h.mu.Unlock()
	back := url.Values{"code": {secret}, "state": {q.Get("state")}, "iss": {h.URL}}
	if h.Answer != nil {
		h.Answer(back)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther)
}

func (h *House) token(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	c, ok := h.codes[r.PostFormValue("code")]
	delete(h.codes, r.PostFormValue("code"))
	h.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || !h.knows(r) || r.PostFormValue("redirect_uri") != c.redirect || base64.RawURLEncoding.EncodeToString(sum[:]) != c.challenge {
		w.WriteHeader(http.StatusBadRequest)
		reply(w, map[string]string{"error": "invalid_grant"})
		return
	}
	now, access := h.Now(), id.Token(32)
	h.mu.Lock()
	h.tokens[access] = c.person
	h.mu.Unlock()
	claims := map[string]any{"iss": h.URL, "aud": h.Client, "sub": c.person.Subject, "sid": "session-of-" + c.person.Subject,
		"nonce": c.nonce, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": c.at.Unix()}
	if !h.Lean {
		maps.Copy(claims, c.person.said())
	}
	reply(w, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": h.Sign(claims)})
}

// knows says whether it is the application that asks.
func (h *House) knows(r *http.Request) bool {
	client, secret, basic := r.BasicAuth()
	if !basic {
		client, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	return client == h.Client && secret == h.Secret
}

func (p Person) said() map[string]any {
	claims := map[string]any{"email": p.Email, "email_verified": true, "name": p.Name}
	maps.Copy(claims, p.Claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil }) // a house that does not say it
	return claims
}

func (h *House) userInfo(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	p, ok := h.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	h.mu.Unlock()
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	claims := p.said()
	claims["sub"] = p.Subject
	reply(w, claims)
}

// Sign signs the claims of an ID token as the house does, after they were bent.
func (h *House) Sign(claims map[string]any) string { return h.sign(claims, "JWT") }

func (h *House) sign(claims map[string]any, typ string) string {
	if h.Bend != nil {
		h.Bend(claims)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: h.key, KeyID: h.kid}}, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
	if err != nil {
		panic(err) // the key was made for this
	}
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err) // claims are texts, numbers and lists
	}
	signed, err := signer.Sign(body)
	if err != nil {
		panic(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return text
}

// LogoutToken says that a person has signed out at the house.
func (h *House) LogoutToken(subject, sid string) string {
	now := h.Now()
	claims := map[string]any{"iss": h.URL, "aud": h.Client, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": id.New(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}
	if subject != "" {
		claims["sub"] = subject
	}
	if sid != "" {
		claims["sid"] = sid
	}
	return h.sign(claims, "logout+jwt")
}
