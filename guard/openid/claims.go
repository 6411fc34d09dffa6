// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"hustings/kit/id"
)

// The lives of what is given out.
const (
	codeLife   = time.Minute
	tokenLife  = 10 * time.Minute
	idLife     = 5 * time.Minute
	logoutLife = 2 * time.Minute // OpenID Connect Back-Channel Logout 1.0, section 4
)

// claims are what a satellite is told.
type claims map[string]any

// about is what a satellite may know about a person: an id of this office that
// never changes and tells nothing, and what the scopes are for.
func (s *OpenID) about(ctx context.Context, jurisdiction string, p Person, scopes []string) (claims, error) {
	c := claims{"sub": p.ID}
	if slices.Contains(scopes, "profile") {
		c["name"] = p.Name
	}
	if slices.Contains(scopes, "email") {
		c["email"] = p.Email
	}
	if slices.Contains(scopes, "roles") {
		held, err := s.Roles.Held(ctx, jurisdiction, p.ID)
		if err != nil {
			return nil, err
		}
		c["roles"] = append([]string{}, held...)
	}
	return c, nil
}

// idToken says who signed in, how and when, to one satellite.
func (s *OpenID) idToken(by jose.SigningKey, c claims, g grant, accessToken string) (string, error) {
	now := s.Now()
	c["iss"], c["aud"], c["azp"] = g.issuer, g.client, g.client
	c["iat"], c["exp"], c["auth_time"] = now.Unix(), now.Add(idLife).Unix(), g.proved.Unix()
	c["acr"], c["amr"], c["sid"] = levels[g.level], methods(g.method, g.level), g.session
	if g.nonce != "" {
		c["nonce"] = g.nonce
	}
	sum := sha256.Sum256([]byte(accessToken))
	c["at_hash"] = base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
	return sign(by, "JWT", c)
}

// methods says in the words of RFC 8176 how somebody signed in.
func methods(method string, level int) []string {
	out := []string{}
	if strings.HasPrefix(method, "password") {
		out = append(out, "pwd")
	}
	switch method {
	case "password and app", "password and recovery code":
		out = append(out, "otp")
	case "passkey":
		out = append(out, "pop", "user")
	}
	if level >= 2 {
		out = append(out, "mfa")
	}
	return out
}

// logoutToken says to one satellite that a session is over.
func (s *OpenID) logoutToken(by jose.SigningKey, v visit) (string, error) {
	now := s.Now()
	return sign(by, "logout+jwt", claims{"iss": v.issuer, "aud": v.client, "sub": v.account, "sid": v.session,
		"iat": now.Unix(), "exp": now.Add(logoutLife).Unix(), "jti": id.Token(16),
		"events": claims{"http://schemas.openid.net/event/backchannel-logout": claims{}}})
}

func sign(by jose.SigningKey, kind jose.ContentType, c claims) (string, error) {
	signer, err := jose.NewSigner(by, (&jose.SignerOptions{}).WithType(kind))
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(body)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// hinted is what an ID token of ours says that comes back as a hint.
type hinted struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Session  string `json:"sid"`
}

// readHint reads an ID token that comes back. It may be over; ok is false where
// it is none of ours.
func (s *OpenID) readHint(ctx context.Context, text, issuer string) (h hinted, ok bool, err error) {
	if text == "" || len(text) > mostQuery {
		return h, false, nil
	}
	token, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return h, false, nil
	}
	if kind, _ := token.Signatures[0].Protected.ExtraHeaders[jose.HeaderType].(string); kind != "JWT" {
		return h, false, nil // a logout token is no ID token
	}
	keys, err := listKeys(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return h, false, err
	}
	for _, k := range keys {
		if k.id != token.Signatures[0].Protected.KeyID {
			continue
		}
		var public jose.JSONWebKey
		if err := public.UnmarshalJSON([]byte(k.public)); err != nil {
			return h, false, err
		}
		body, err := token.Verify(public)
		if err != nil || json.Unmarshal(body, &h) != nil || h.Issuer != issuer {
			return hinted{}, false, nil
		}
		return h, true, nil
	}
	return h, false, nil
}
