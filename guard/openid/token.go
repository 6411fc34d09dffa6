// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/web"
	"hustings/kit/who"
)

// readForm reads what a satellite sends itself. RFC 6749, section 3.2: nothing
// counts from the address, and nothing may come twice.
func readForm(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); errors.As(err, new(*http.MaxBytesError)) {
		return nil, err
	} else if err != nil {
		return nil, &refusal{"invalid_request", "the form cannot be read"}
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return nil, &refusal{"invalid_request", clip(name) + " came twice"}
		}
	}
	return r.PostForm, nil
}

var errClient = &refusal{"invalid_client", "the client is not known, or its secret is wrong"}

// authenticate finds the satellite that asks, by its secret where it has one.
func (s *OpenID) authenticate(ctx context.Context, r *http.Request, f url.Values) (c Client, err error) {
	name, secret, basic := r.BasicAuth()
	if basic {
		name, secret = unescaped(name), unescaped(secret)
		if f.Get("client_secret") != "" || f.Get("client_id") != "" && f.Get("client_id") != name {
			return c, &refusal{"invalid_request", "the client names itself in two ways"}
		}
	} else {
		name, secret = f.Get("client_id"), f.Get("client_secret")
	}
	c, ok, err := findClient(ctx, s.DB, s.Jurisdiction, name)
	if err != nil {
		return c, err
	}
	right := subtle.ConstantTimeCompare([]byte(digest(secret)), []byte(c.hash)) == 1
	if !ok || !c.Public && !right || c.Public && secret != "" {
		s.Log.WarnContext(ctx, "a satellite was refused", "client", clip(name), "path", r.URL.Path, "address", r.RemoteAddr, "request", who.Request(ctx))
		return Client{}, errClient
	}
	return c, nil
}

// unescaped undoes the form's encoding that RFC 6749, section 2.3.1 wants inside
// of Basic.
func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// answer tells a satellite how its request ended: RFC 6749, section 5.
func answer(w http.ResponseWriter, r *http.Request, body any, err error) error {
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		status := http.StatusBadRequest
		if refused.code == "invalid_client" {
			status = http.StatusUnauthorized
			if r.Header.Get("Authorization") != "" {
				w.Header().Set("WWW-Authenticate", `Basic realm="satellites"`)
			}
		}
		return web.JSON(w, status, map[string]string{"error": refused.code, "error_description": refused.why})
	case err != nil:
		return err
	}
	return web.JSON(w, http.StatusOK, body)
}

// trouble tells a satellite what is wrong other than with its request.
func trouble(w http.ResponseWriter, _ *http.Request, status int, err error) {
	said := refusal{"server_error", "this house could not do it; it has been written down"}
	switch fault.KindOf(err) {
	case fault.TooMany:
		said = refusal{"temporarily_unavailable", "too many requests came from this address"}
	case fault.TooLarge:
		said = refusal{"invalid_request", "the request is too large"}
	}
	_ = web.JSON(w, status, map[string]string{"error": said.code, "error_description": said.why}) // who asked has gone if this fails
}

// token gives an ID token and an access token for a code.
func (s *OpenID) token(w http.ResponseWriter, r *http.Request) error {
	body, err := s.exchange(r)
	return answer(w, r, body, err)
}

func (s *OpenID) exchange(r *http.Request) (any, error) {
	ctx := r.Context()
	f, err := readForm(r)
	if err != nil {
		return nil, err
	}
	c, err := s.authenticate(ctx, r, f)
	if err != nil {
		return nil, err
	}
	switch f.Get("grant_type") {
	case "authorization_code":
	case "":
		return nil, &refusal{"invalid_request", "grant_type is missing"}
	default:
		return nil, &refusal{"unsupported_grant_type", "the only grant_type is authorization_code"}
	}
	by, err := s.signer(ctx, s.Jurisdiction) // before the code is used up
	if err != nil {
		return nil, err
	}
	g, p, accessToken, err := s.redeem(ctx, c, f)
	if err != nil {
		return nil, err
	}
	told, err := s.about(ctx, s.Jurisdiction, p, g.scopes)
	if err != nil {
		return nil, err
	}
	idToken, err := s.idToken(by, told, g, accessToken)
	return map[string]any{"access_token": accessToken, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()),
		"id_token": idToken, "scope": strings.Join(g.scopes, " ")}, err
}

// errGrant does not say what is wrong with a code: whoever holds one that they
// should not hold learns nothing.
var errGrant = &refusal{"invalid_grant", "the code is not good, or not for this client, redirect_uri and code_verifier"}

// redeem takes a code. From the satellite that it was made for it is taken even
// where the rest is wrong; another's hands do not use it up.
func (s *OpenID) redeem(ctx context.Context, c Client, f url.Values) (g grant, p Person, accessToken string, err error) {
	hash := digest(f.Get("code"))
	g, ok, err := findCode(ctx, s.DB, s.Jurisdiction, hash)
	if err == nil && (!ok || g.client != c.ID) {
		err = errGrant
	}
	if err != nil {
		return g, p, "", err
	}
	p, stands, err := s.Staff.Session(ctx, s.Jurisdiction, g.session)
	if err != nil {
		return g, p, "", err
	}
	good := stands && f.Get("redirect_uri") == g.redirect && solves(f.Get("code_verifier"), g.challenge) && s.Now().Before(g.expires)
	accessToken = id.Token(32)
	ctx = who.With(ctx, who.Person{ID: g.account, Name: p.Name, Jurisdiction: s.Jurisdiction, Via: who.API})
	first := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if first, err = useCode(ctx, tx, s.Jurisdiction, hash, s.Now()); err != nil {
			return err
		}
		if !first {
			tx.Record(event.CodeReplayed{Account: g.account, Client: c.ID, Label: c.Name})
			return deleteTokensOf(ctx, tx, s.Jurisdiction, hash)
		}
		if !good {
			tx.Record(event.SatelliteRefused{Account: g.account, Client: c.ID, Label: c.Name, Reason: "a code came back too late or with the wrong proof"})
			return nil
		}
		return s.enter(ctx, tx, c, g, hash, accessToken)
	})
	if err == nil && (!first || !good) {
		err = errGrant
	}
	if err == nil {
		err = s.stillThere(ctx, g)
	}
	return g, p, accessToken, err
}

// stillThere looks at the session once more. Where it ended while the visit was
// being written, whoever heard of its end found no visit yet; where it ends from
// now on, they find one.
func (s *OpenID) stillThere(ctx context.Context, g grant) error {
	_, stands, err := s.Staff.Session(ctx, s.Jurisdiction, g.session)
	if err != nil || stands {
		return err
	}
	if err := s.leave(ctx, s.Jurisdiction, g.session, ""); err != nil {
		return err
	}
	return errGrant
}

// enter writes down that a person is signed in to a satellite.
func (s *OpenID) enter(ctx context.Context, tx *db.Tx, c Client, g grant, code, accessToken string) error {
	now := s.Now()
	tx.Record(event.SatelliteEntered{Account: g.account, Client: c.ID, Label: c.Name, Session: g.session, Scopes: g.scopes, Level: g.level})
	if err := insertToken(ctx, tx, s.Jurisdiction, digest(accessToken), code, g, now.Add(tokenLife)); err != nil {
		return err
	}
	return upsertVisit(ctx, tx, s.Jurisdiction, visit{c.ID, g.session, g.account, g.issuer}, now)
}

// solves says whether a verifier answers a challenge: RFC 7636, section 4.6.
func solves(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// revoke ends an access token: RFC 7009. A token that is none is ended already.
func (s *OpenID) revoke(w http.ResponseWriter, r *http.Request) error {
	return answer(w, r, map[string]any{}, s.endToken(r))
}

func (s *OpenID) endToken(r *http.Request) error {
	ctx := r.Context()
	f, err := readForm(r)
	if err != nil {
		return err
	}
	c, err := s.authenticate(ctx, r, f)
	if err != nil {
		return err
	}
	if f.Get("token") == "" {
		return &refusal{"invalid_request", "token is missing"}
	}
	ctx = who.With(ctx, who.System("openid", s.Jurisdiction))
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		account, ok, err := deleteToken(ctx, tx, s.Jurisdiction, digest(f.Get("token")), c.ID)
		if err != nil || !ok {
			tx.Silently("there was no token to end")
			return err
		}
		tx.Record(event.SatelliteTokenEnded{Account: account, Client: c.ID, Label: c.Name})
		return nil
	})
}

// userinfo says about a person what an access token is for.
func (s *OpenID) userinfo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	kind, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || secret == "" {
		w.Header().Set("WWW-Authenticate", "Bearer")
		return web.JSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_request", "error_description": "send the access token in the header Authorization: Bearer"})
	}
	told, ok, err := s.told(ctx, secret)
	if err != nil {
		return err
	}
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return web.JSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token", "error_description": "the access token is not good, or not any more"})
	}
	return web.JSON(w, http.StatusOK, told)
}

// told is what an access token opens, as things stand now: the session may have
// ended and the person may have lost the role since it was given.
func (s *OpenID) told(ctx context.Context, secret string) (c claims, ok bool, err error) {
	a, ok, err := findToken(ctx, s.DB, s.Jurisdiction, digest(secret), s.Now())
	if err != nil || !ok {
		return nil, false, err
	}
	client, ok, err := findClient(ctx, s.DB, s.Jurisdiction, a.client)
	if err != nil || !ok {
		return nil, false, err
	}
	p, ok, err := s.Staff.Session(ctx, s.Jurisdiction, a.session)
	if err != nil || !ok {
		return nil, false, err
	}
	held, err := s.Roles.Held(ctx, s.Jurisdiction, p.ID)
	if err != nil || !client.allows(held) {
		return nil, false, err
	}
	c, err = s.about(ctx, s.Jurisdiction, p, a.scopes)
	return c, err == nil, err
}
