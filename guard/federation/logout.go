// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/web"
)

// Left is the page for a person who has signed out of a session that a
// provider's word began, "" for other sessions.
func (s *Federation) Left(ctx context.Context, session string) (string, error) {
	provider, err := providerOf(ctx, s.DB, s.Jurisdiction, session)
	if err != nil || provider == "" {
		return "", err
	}
	return "/sign-in/left/" + provider, nil
}

// left says that a person is still signed in at the other house, and links to
// where they sign out of it: OpenID Connect RP-Initiated Logout 1.0.
func (s *Federation) left(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.Provider(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	to := ""
	if p.Kind == OIDC && p.Active {
		if h, err := s.house(ctx, p); err == nil && h.EndSession != "" { // without it the page stands, too
			at, err := s.addresses(p)
			if err != nil {
				return err
			}
			if to, err = leaving(h.EndSession, p.Client, at.LeftTo); err != nil {
				return err
			}
		}
	}
	t := web.Words(ctx)
	return web.Show(w, r, web.Page{Title: t.T("federation.left"), Plain: true, Body: leftPage(t, p.Name, to)})
}

// leaving is where a person signs out of a provider.
func leaving(at, client, then string) (string, error) {
	u, err := url.Parse(at)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("client_id", client)
	q.Set("post_logout_redirect_uri", then)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// freshLogout is how old a logout token may be.
const freshLogout = 5 * time.Minute

// leftThere hears from a provider that somebody has signed out there: OpenID
// Connect Back-Channel Logout 1.0.
func (s *Federation) leftThere(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.open(ctx, r, OIDC)
	if err != nil {
		return err
	}
	token, err := s.logoutToken(ctx, p, r.PostFormValue("logout_token"))
	if fault.KindOf(err) == fault.Unavailable {
		return err
	}
	if err != nil {
		s.Log.WarnContext(ctx, "logout token refused", "provider", p.ID, "error", told(err))
		return web.JSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
	}
	n, err := s.endSessions(s.acting(ctx), p, token.Subject, token.SessionID)
	if err != nil {
		return err
	}
	err = s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		tx.Record(event.LeftOutside{Provider: p.ID, House: p.Name, Sessions: n})
		return nil
	})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return nil
}

// loggedOut is what a logout token says.
type loggedOut struct{ Subject, SessionID string }

// logoutToken checks a logout token: section 2.6 of the standard.
func (s *Federation) logoutToken(ctx context.Context, p Provider, raw string) (out loggedOut, err error) {
	if raw == "" {
		return out, errors.New("there is no logout token")
	}
	h, err := s.house(ctx, p)
	if err != nil {
		return out, err
	}
	token, err := h.verifier.VerifyLogout(ctx, raw)
	if err != nil {
		return out, err
	}
	if !logoutTyped(raw) {
		return out, errors.New("the token is of another type than logout+jwt")
	}
	var claims struct {
		Events map[string]json.RawMessage `json:"events"`
	}
	if err := token.Claims(&claims); err != nil {
		return out, err
	}
	var member map[string]any
	now := s.Now()
	switch err := json.Unmarshal(claims.Events["http://schemas.openid.net/event/backchannel-logout"], &member); {
	case err != nil || member == nil:
		return out, errors.New("the token tells of no sign-out")
	case len(token.Audience) != 1:
		return out, errors.New("the token is for others, too")
	case token.IssuedAt.After(now.Add(slack)) || now.Sub(token.IssuedAt) > freshLogout:
		return out, errors.New("the token was not made just now")
	}
	if err := s.once(ctx, p.ID, "logout "+token.TokenID, token.IssuedAt.Add(freshLogout+slack)); err != nil {
		return out, err
	}
	return loggedOut{token.Subject, token.SessionID}, nil
}

// logoutTyped says whether a token that was checked calls itself a logout token.
// The standard recommends it and some houses leave it out; without it a token
// for something else could pass for one some day.
func logoutTyped(raw string) bool {
	signed, err := jose.ParseSigned(raw, algorithms)
	if err != nil || len(signed.Signatures) != 1 {
		return false
	}
	typ, _ := signed.Signatures[0].Protected.ExtraHeaders[jose.HeaderType].(string)
	return strings.TrimPrefix(strings.ToLower(typ), "application/") == "logout+jwt"
}

// endSessions ends sessions that a provider's word began: of a subject, of one
// session there, of both, or all. It says how many.
func (s *Federation) endSessions(ctx context.Context, p Provider, subject, sid string) (n int, err error) {
	list, err := listSessions(ctx, s.DB, s.Jurisdiction, p.ID, subject, sid)
	if err != nil {
		return 0, err
	}
	for _, b := range list {
		switch err := s.People.EndSession(ctx, b.account, b.session); fault.KindOf(err) {
		case "":
			n++
		case fault.NotFound: // it has ended by itself
		default:
			return n, err
		}
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			tx.Silently("the end of the session is recorded where it ended")
			return deleteSession(ctx, tx, s.Jurisdiction, b.session)
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
