// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/web"
	"hustings/kit/who"
)

// asking is a request of a satellite that we know, for an address that is its
// own: from here on it can be told what is wrong.
type asking struct {
	request
	Client
	query url.Values
	wrong error // what is wrong with the rest of the request
}

// asked finds out whose request it is. Its faults are for the person: where a
// satellite or its address is not known, an answer might go to a thief.
func (s *OpenID) asked(ctx context.Context, raw string) (a asking, err error) {
	if a.query, err = readQuery(raw, "client_id", "redirect_uri"); err != nil {
		return a, err
	}
	c, ok, err := findClient(ctx, s.DB, s.Jurisdiction, a.query.Get("client_id"))
	if err != nil {
		return a, err
	}
	if !ok {
		return a, fault.New(fault.Invalid, "The program that sent you here is not registered with this office. Tell whoever looks after it.")
	}
	if to := a.query.Get("redirect_uri"); !slices.Contains(c.Redirects, to) {
		return a, fault.New(fault.Invalid, "%s wants you to come back to an address that is not registered for it. Tell whoever looks after it.", c.Name)
	}
	a.Client = c
	a.request, a.wrong = readRequest(a.query)
	return a, nil
}

// authorize is where a satellite sends a person to sign in.
func (s *OpenID) authorize(w http.ResponseWriter, r *http.Request) error {
	issuer, err := s.Issuer()
	if err != nil {
		return err
	}
	ctx := r.Context()
	a, err := s.asked(ctx, r.URL.RawQuery)
	if err != nil {
		return err
	}
	to, err := s.decide(ctx, a, issuer)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		to = back(a, issuer, url.Values{"error": {refused.code}, "error_description": {refused.why}})
	case errors.Is(err, errConsent):
		return s.consentPage(w, r, a)
	case err != nil:
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// errConsent is for a satellite that can keep no secret: nobody can be sure who
// asks, so the person says each time that it is what they want.
var errConsent = errors.New("the person has to agree first")

// decide says where the browser goes: to our sign-in, or back with a code.
func (s *OpenID) decide(ctx context.Context, a asking, issuer string) (to string, err error) {
	if a.wrong != nil {
		return "", a.wrong
	}
	me, now := who.From(ctx), s.Now()
	if !me.Known() || me.Session == "" {
		if a.silent {
			return "", &refusal{"login_required", "nobody is signed in"}
		}
		return "/sign-in?" + url.Values{"next": {a.onward(now)}}.Encode(), nil
	}
	if need, ok := a.need(me, a.Level, now); ok {
		if a.silent {
			return "", &refusal{"login_required", "the person has to prove who they are better, or again"}
		}
		return againFor(need, a.onward(now)), nil
	}
	if err := s.mayEnter(ctx, a, issuer); err != nil {
		return "", err
	}
	if a.Public {
		if a.silent {
			return "", &refusal{"consent_required", "the person agrees each time to a satellite that keeps no secret"}
		}
		return "", errConsent
	}
	return s.giveCode(ctx, a, issuer)
}

// onward is the page through which a person comes back after a proof.
func (a asking) onward(now time.Time) string {
	q := make(url.Values)
	for _, name := range known {
		if v := a.query.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	q.Set(sinceField, fmt.Sprint(now.UnixMilli()))
	return "/openid/continue?" + q.Encode()
}

// againFor is the page of the house where a person proves again who they are.
func againFor(need web.StepUp, next string) string {
	return web.AgainPath + "?" + url.Values{"level": {fmt.Sprint(need.Level)}, "next": {next}}.Encode()
}

// mayEnter asks whether a satellite is for the person who acts, and whether they
// are whom it expects.
func (s *OpenID) mayEnter(ctx context.Context, a asking, issuer string) error {
	me := who.From(ctx)
	if a.hint != "" {
		h, ok, err := s.readHint(ctx, a.hint, issuer)
		if err != nil {
			return err
		}
		if !ok || h.Subject != me.ID {
			return &refusal{"login_required", "somebody else is signed in, or the id_token_hint is none of ours"}
		}
	}
	held, err := s.Roles.Held(ctx, s.Jurisdiction, me.ID)
	if err != nil || a.allows(held) {
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.SatelliteRefused{Account: me.ID, Client: a.ID, Label: a.Name, Reason: "none of the roles that it is for"})
		return nil
	})
	if err != nil {
		return err
	}
	return &refusal{"access_denied", "the person holds none of the roles that this satellite is for"}
}

// giveCode makes a code and says where the browser takes it.
func (s *OpenID) giveCode(ctx context.Context, a asking, issuer string) (to string, err error) {
	me := who.From(ctx)
	p, ok, err := s.Staff.Session(ctx, s.Jurisdiction, me.Session)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", &refusal{"login_required", "the session has just ended"}
	}
	code, now := id.Token(32), s.Now()
	g := grant{client: a.ID, redirect: a.redirect, challenge: a.challenge, nonce: a.nonce, scopes: a.granted(a.scopes), account: me.ID,
		session: me.Session, issuer: issuer, level: max(1, me.Level), method: p.Method, proved: me.Proved, expires: now.Add(codeLife)}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a code was made; what it opens is recorded once it comes back")
		return insertCode(ctx, tx, s.Jurisdiction, digest(code), g)
	})
	return back(a, issuer, url.Values{"code": {code}}), err
}

// back is the satellite's address with our answer, which names us (RFC 9207) so
// that nobody can pass another's answer off as ours.
func back(a asking, issuer string, answer url.Values) string {
	answer.Set("iss", issuer)
	if a.state != "" {
		answer.Set("state", a.state)
	}
	return joined(a.query.Get("redirect_uri"), answer)
}

// joined adds fields to an address that may have some.
func joined(address string, more url.Values) string {
	if len(more) == 0 {
		return address
	}
	if strings.Contains(address, "?") {
		return address + "&" + more.Encode()
	}
	return address + "?" + more.Encode()
}

// goOn is a page of this house between a form (the sign-in) and a redirect to a
// satellite: our pages may send forms to this house alone, and browsers apply
// that to redirects that follow a form, too.
func (s *OpenID) goOn(w http.ResponseWriter, r *http.Request) error {
	a, err := s.asked(r.Context(), r.URL.RawQuery)
	if err != nil {
		return err
	}
	return passage(w, r, a.Name, "/openid/authorize?"+a.query.Encode())
}

// agree gives a code to a satellite that keeps no secret, after its person has
// said that they want that.
func (s *OpenID) agree(w http.ResponseWriter, r *http.Request) error {
	issuer, err := s.Issuer()
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "This form cannot be read.")
	}
	ctx := r.Context()
	a, err := s.asked(ctx, r.PostForm.Encode())
	if err != nil {
		return err
	}
	to, err := s.decide(ctx, a, issuer)
	if errors.Is(err, errConsent) {
		to, err = s.giveCode(ctx, a, issuer)
	}
	var refused *refusal
	if errors.As(err, &refused) {
		to, err = back(a, issuer, url.Values{"error": {refused.code}, "error_description": {refused.why}}), nil
	}
	if err != nil {
		return err
	}
	return passage(w, r, a.Name, to)
}

// asLink asks anew by a link what another site's form asked: to that form no
// cookie of ours came along, and nothing may change by it.
func asLink(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "This form cannot be read.")
	}
	q := r.PostForm.Encode()
	if len(q) > mostQuery {
		return fault.New(fault.TooLarge, "The program that sent you here asked in more words than we read.")
	}
	http.Redirect(w, r, r.URL.Path+"?"+q, http.StatusSeeOther)
	return nil
}
