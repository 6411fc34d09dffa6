// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// word is what a house says of a person, its signature and time checked.
type word struct {
	Subject  string
	SID      string // the house's own name for its session
	Email    string
	Verified bool // the house says that the address is the person's
	Name     string
	Level    int
	Proved   time.Time // zero: it does not say
	Claims   Claims
}

// slack is how far clocks may be apart.
const slack = time.Minute

// config is what we are to a provider.
func (s *Federation) config(ctx context.Context, p Provider, h *house, back string) (*oauth2.Config, error) {
	c := &oauth2.Config{ClientID: p.Client, RedirectURL: back, Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...),
		Endpoint: oauth2.Endpoint{AuthURL: h.Authorize, TokenURL: h.Token, AuthStyle: oauth2.AuthStyleInParams}}
	if p.Secret == "" {
		return c, nil
	}
	sealed, err := findSecret(ctx, s.DB, s.Jurisdiction, p.Secret)
	if err != nil {
		return nil, err
	}
	secret, err := s.Sealer.Open(ctx, s.DB, secretColumn.At(s.Jurisdiction, p.Secret), sealed)
	if err != nil {
		return nil, err
	}
	c.ClientSecret = secret.Reveal()
	// OpenID Connect Discovery 1.0, section 3: basic where it does not say.
	if len(h.Methods) == 0 || slices.Contains(h.Methods, "client_secret_basic") {
		c.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return c, nil
}

// askOIDC is the address at an OpenID provider that a flow leads to.
func (s *Federation) askOIDC(ctx context.Context, p Provider, f flow, back string) (string, error) {
	h, err := s.house(ctx, p)
	if err != nil {
		return "", err
	}
	c := &oauth2.Config{ClientID: p.Client, RedirectURL: back, Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...),
		Endpoint: oauth2.Endpoint{AuthURL: h.Authorize}}
	opts := []oauth2.AuthCodeOption{oidc.Nonce(f.nonce()), oauth2.S256ChallengeOption(f.verifier())}
	if p.Level == 2 {
		opts = append(opts, oauth2.SetAuthURLParam("acr_values", strings.Join(p.Proofs, " ")))
	}
	if f.purpose == toAgain {
		opts = append(opts, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return c.AuthCodeURL(f.state.Reveal(), opts...), nil
}

// hearOIDC takes an OpenID provider's answer: the code for tokens, and what they
// say of the person. An error is for the log and the record; whoever failed is
// not told the cause.
func (s *Federation) hearOIDC(ctx context.Context, p Provider, f flow, answer url.Values, back string) (word, error) {
	h, err := s.house(ctx, p)
	if err != nil {
		return word{}, err
	}
	if err := h.answered(answer); err != nil {
		return word{}, err
	}
	c, err := s.config(ctx, p, h, back)
	if err != nil {
		return word{}, err
	}
	ctx = oidc.ClientContext(ctx, s.client)
	tokens, err := c.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(f.verifier()))
	if err != nil {
		return word{}, fmt.Errorf("the code was not exchanged: %w", err)
	}
	claims, err := s.idToken(ctx, p, h, f, tokens)
	if err != nil {
		return word{}, err
	}
	info, err := h.userInfo(ctx, tokens, claims.text("sub"))
	if err != nil {
		return word{}, err
	}
	return wordOf(p, claims, info)
}

// answered checks what came back besides the state. RFC 9207: a provider that
// says who it is must be the one that was asked (mix-up).
func (h *house) answered(answer url.Values) error {
	iss, said := answer["iss"]
	if said && (len(iss) != 1 || iss[0] != h.Issuer) || !said && h.SaysIssuer {
		return fmt.Errorf("the answer is from %q, not from %q", clip(strings.Join(iss, " ")), h.Issuer)
	}
	if problem := answer.Get("error"); problem != "" {
		return fmt.Errorf("the provider says %s: %s", clip(problem), clip(answer.Get("error_description")))
	}
	if answer.Get("code") == "" {
		return errors.New("the answer has no code")
	}
	return nil
}

// object is a JSON object as it came.
type object map[string]any

func (o object) text(name string) string { t, _ := o[name].(string); return t }

// verified says whether the house has seen that the address is the person's.
// xms_edov is Entra ID's name for it.
func (o object) verified() bool {
	for _, name := range []string{"email_verified", "xms_edov"} {
		if text, ok := plain(o[name]); ok && (text == "true" || text == "1") {
			return true
		}
	}
	return false
}

// at reads a NumericDate; zero where there is none.
func (o object) at(name string) time.Time {
	n, ok := o[name].(json.Number)
	if !ok {
		return time.Time{}
	}
	seconds, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || seconds < 0 || seconds > 1e11 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

func readObject(body []byte) (o object, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return o, dec.Decode(&o)
}

// idToken checks an ID token: OpenID Connect Core 1.0, section 3.1.3.7.
func (s *Federation) idToken(ctx context.Context, p Provider, h *house, f flow, tokens *oauth2.Token) (object, error) {
	raw, _ := tokens.Extra("id_token").(string)
	if raw == "" {
		return nil, errors.New("the provider sent no ID token")
	}
	token, err := h.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	var body json.RawMessage
	if err := token.Claims(&body); err != nil {
		return nil, err
	}
	claims, err := readObject(body)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	switch azp := claims.text("azp"); {
	case token.Nonce == "" || token.Nonce != f.nonce():
		return nil, errors.New("the ID token is of another sign-in (nonce)")
	case len(token.Audience) != 1 || azp != "" && azp != p.Client:
		return nil, errors.New("the ID token is for others, too (aud, azp)")
	case token.Subject == "" || token.Subject != claims.text("sub") || len(token.Subject) > mostText || !printable(token.Subject):
		return nil, errors.New("the ID token names nobody (sub)")
	case token.IssuedAt.IsZero() || token.IssuedAt.After(now.Add(slack)) || token.IssuedAt.Before(f.began.Add(-slack)):
		return nil, errors.New("the ID token was not made for this sign-in (iat)")
	case f.purpose == toAgain && claims.at("auth_time").Before(f.began.Add(-slack)):
		return nil, errors.New("the provider did not have the person prove again who they are (auth_time)")
	case claims.at("auth_time").After(now.Add(slack)):
		return nil, errors.New("the person has yet to prove who they are (auth_time)")
	}
	if token.AccessTokenHash != "" {
		if err := token.VerifyAccessToken(tokens.AccessToken); err != nil {
			return nil, err
		}
	}
	return claims, nil
}

// userInfo asks a provider for what it does not put into ID tokens; nil where it
// has no place to ask.
func (h *house) userInfo(ctx context.Context, tokens *oauth2.Token, subject string) (object, error) {
	if h.UserInfo == "" || tokens.AccessToken == "" {
		return nil, nil
	}
	provider := (&oidc.ProviderConfig{IssuerURL: h.Issuer, UserInfoURL: h.UserInfo, JWKSURL: h.discovery.Keys}).NewProvider(ctx)
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: tokens.AccessToken}))
	if err != nil {
		return nil, fmt.Errorf("what the provider says of the person: %w", err)
	}
	if info.Subject != subject {
		return nil, errors.New("the provider speaks of somebody else than the ID token (sub)")
	}
	var body json.RawMessage
	if err := info.Claims(&body); err != nil {
		return nil, err
	}
	return readObject(body)
}

// wordOf brings claims into the form that both kinds of houses share.
func wordOf(p Provider, token, info object) (word, error) {
	claims, err := readClaims(token, info)
	if err != nil {
		return word{}, err
	}
	w := word{Subject: token.text("sub"), SID: token.text("sid"), Claims: claims, Proved: token.at("auth_time"), Level: 1,
		Email: claims.first("email"), Name: claims.first("name", "preferred_username")}
	for _, o := range []object{token, info} { // an address and whether it is theirs are said in one breath
		if email := o.text("email"); email != "" && o.verified() {
			w.Email, w.Verified = email, true
			break
		}
	}
	// How the person was seen is taken from what is signed for this sign-in only.
	signed, err := readClaims(token)
	if err != nil {
		return word{}, err
	}
	if p.Level == 2 && slices.ContainsFunc(append(slices.Clone(signed["acr"]), signed["amr"]...), func(v string) bool { return slices.Contains(p.Proofs, v) }) {
		w.Level = 2
	}
	return w, nil
}
