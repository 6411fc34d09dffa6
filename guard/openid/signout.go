// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"net/http"
	"net/url"
	"slices"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
)

// ending is a satellite's wish that its person sign out here, too: OpenID
// Connect RP-Initiated Logout 1.0.
type ending struct {
	client Client // zero where it does not say who it is, or we do not know it
	to     string // where the person goes then; one of its own addresses or empty
	query  url.Values
}

// endingOf reads such a wish. It is granted only once the person says so, and
// who asks matters only for where they go then.
func (s *OpenID) endingOf(r *http.Request, raw string) (e ending, err error) {
	q, err := readQuery(raw, "id_token_hint", "client_id", "post_logout_redirect_uri", "state")
	if err != nil {
		return e, err
	}
	issuer, err := s.Issuer()
	if err != nil {
		return e, err
	}
	ctx := r.Context()
	name := q.Get("client_id")
	if hint := q.Get("id_token_hint"); hint != "" {
		h, ok, err := s.readHint(ctx, hint, issuer)
		if err != nil {
			return e, err
		}
		if ok && name != "" && name != h.Audience {
			return e, fault.New(fault.Invalid, "The program that sent you here gives two names for itself.")
		}
		if ok {
			name = h.Audience
		}
	}
	c, ok, err := findClient(ctx, s.DB, s.Jurisdiction, name)
	if err != nil {
		return e, err
	}
	e.query = make(url.Values)
	if !ok {
		return e, nil
	}
	e.client = c
	e.query.Set("client_id", c.ID)
	if to := q.Get("post_logout_redirect_uri"); slices.Contains(c.SignOuts, to) {
		e.to = to
		e.query.Set("post_logout_redirect_uri", to)
		if state := q.Get("state"); state != "" && len(state) <= mostField {
			e.query.Set("state", state)
		}
	}
	return e, nil
}

// onward is where the person goes after signing out, "" for nowhere.
func (e ending) onward() string {
	if e.to == "" {
		return ""
	}
	q := make(url.Values)
	if state := e.query.Get("state"); state != "" {
		q.Set("state", state)
	}
	return joined(e.to, q)
}

// askSignOut asks the person: a page anywhere could send them here.
func (s *OpenID) askSignOut(w http.ResponseWriter, r *http.Request) error {
	e, err := s.endingOf(r, r.URL.RawQuery)
	if err != nil {
		return err
	}
	if who.From(r.Context()).Session == "" {
		http.Redirect(w, r, "/openid/signed-out?"+e.query.Encode(), http.StatusSeeOther)
		return nil
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("openid.signout.title"), Body: signOutPage(p, e)})
}

// signOut ends the session. Satellites hear of it as of any other end.
func (s *OpenID) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "This form cannot be read.")
	}
	e, err := s.endingOf(r, r.PostForm.Encode())
	if err != nil {
		return err
	}
	path := "/sign-in"
	if who.From(r.Context()).Session != "" {
		if path, err = s.Staff.Leave(w, r); err != nil {
			return err
		}
	}
	if path == "/sign-in" { // else another house vouched for them, and asks first whether they leave it, too
		path = "/openid/signed-out?" + e.query.Encode()
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// signedOut leads a person who has signed out back to the satellite.
func (s *OpenID) signedOut(w http.ResponseWriter, r *http.Request) error {
	e, err := s.endingOf(r, r.URL.RawQuery)
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	if to := e.onward(); to != "" {
		refresh(w, to)
	}
	return web.Show(w, r, web.Page{Title: p.T("openid.signedout.title"), Plain: true, Body: signedOutPage(p, e)})
}
