// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/web"
	"hustings/kit/who"
)

// place is where a request comes from.
func (s *Identity) place(r *http.Request) Place {
	p := Place{Address: web.Address(r.Context()), Agent: r.UserAgent()}
	if c, err := r.Cookie(s.browserCookie()); err == nil {
		p.Browser = hide.New(c.Value)
	}
	return p
}

// site is the address at which the browser shows the office's pages.
func (s *Identity) site(r *http.Request) Site {
	if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
		return Site{Host: u.Hostname(), Origin: u.Scheme + "://" + u.Host}
	}
	scheme := "http://"
	if s.Secure {
		scheme = "https://"
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(r.Host); err == nil {
		host = name
	}
	return Site{Host: host, Origin: scheme + r.Host}
}

// cookieName has the __Host- prefix over https, so that no other host and no
// plain connection can set it.
func (s *Identity) cookieName() string { return s.prefixed("hustings") }

func (s *Identity) browserCookie() string { return s.prefixed("hustings-browser") }

func (s *Identity) prefixed(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

// setCookie gives the browser a secret to keep for a while; a negative life
// takes it back.
func (s *Identity) setCookie(w http.ResponseWriter, name string, secret hide.String, life time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: secret.Reveal(), Path: "/", HttpOnly: true,
		Secure: s.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int(life.Seconds())})
}

// browserLife is how long a browser is known again; each sign-in renews it.
const browserLife = 400 * 24 * time.Hour

// admit gives a browser what a sign-in brought.
func (s *Identity) admit(w http.ResponseWriter, e Entry) {
	s.setCookie(w, s.cookieName(), e.Secret, s.Longest)
	s.setCookie(w, s.browserCookie(), e.Browser, browserLife)
}

// enterPage leads on after a sign-in; past the history first where there is
// something in it to look at.
func (s *Identity) enterPage(w http.ResponseWriter, r *http.Request, e Entry, next string) error {
	if old, err := r.Cookie(s.cookieName()); err == nil && old.Value != "" {
		// The session that this browser had ends; another's must not stay open behind it.
		ctx := who.With(r.Context(), s.person(e.Account, who.Browser))
		if err := s.SignOut(ctx, old.Value); err != nil {
			return err
		}
	}
	s.admit(w, e)
	if next = web.Local(next); e.Alerts > 0 && !s.Rehearsal {
		next = "/account/history?" + url.Values{"next": {next}}.Encode()
	}
	return web.Done(w, r, next, "")
}

func (s *Identity) showSignIn(w http.ResponseWriter, r *http.Request) error {
	return s.signInPage(w, r, "", nil)
}

func (s *Identity) signInPage(w http.ResponseWriter, r *http.Request, email string, wrong error) error {
	p := web.Words(r.Context())
	ways, err := s.outside(r.Context())
	if err != nil {
		return err
	}
	v := signInView{email: email, outside: ways, next: web.Local(r.FormValue("next")), wrong: p.Sentence(wrong), alone: s.PasswordAlone || s.Rehearsal}
	return web.Show(w, r, web.Page{Title: p.T("identity.signin"), Plain: true, Status: refusedStatus(wrong), Body: signInForm(p, v)})
}

// refusedStatus is the status of a page that shows a form again.
func refusedStatus(wrong error) int {
	switch fault.KindOf(wrong) {
	case "":
		return 0
	case fault.SignIn:
		return http.StatusUnauthorized
	}
	return http.StatusUnprocessableEntity
}

func (s *Identity) signIn(w http.ResponseWriter, r *http.Request) error {
	email := r.FormValue("email")
	e, err := s.SignIn(r.Context(), email, hide.New(r.FormValue("password")), r.FormValue("code"), s.place(r))
	if fault.KindOf(err) == fault.SignIn {
		return s.signInPage(w, r, email, err)
	}
	if err != nil {
		return err
	}
	return s.enterPage(w, r, e, r.FormValue("next"))
}

// challenge hands a ceremony to the page's script.
func challenge(w http.ResponseWriter, c Challenge, err error) error {
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{"ceremony": c.Ceremony.Reveal(), "options": c.Options})
}

// answered is what the page's script sent back.
func answered(r *http.Request) (key hide.String, answer []byte, err error) {
	if r.FormValue("answer") == "" {
		return key, nil, fault.New(fault.Invalid, "A passkey needs JavaScript in the browser. Without it, sign in with your password and the code of an authenticator app.")
	}
	return hide.New(r.FormValue("ceremony")), []byte(r.FormValue("answer")), nil
}

func (s *Identity) askPasskey(w http.ResponseWriter, r *http.Request) error {
	c, err := s.AskPasskey(r.Context(), s.site(r))
	return challenge(w, c, err)
}

func (s *Identity) signInByPasskey(w http.ResponseWriter, r *http.Request) error {
	key, answer, err := answered(r)
	var e Entry
	if err == nil {
		e, err = s.SignInByPasskey(r.Context(), s.site(r), key, answer, s.place(r))
	}
	switch fault.KindOf(err) {
	case "":
		return s.enterPage(w, r, e, r.FormValue("next"))
	case fault.SignIn, fault.Invalid, fault.Gone:
		return s.signInPage(w, r, "", err)
	}
	return err
}

func (s *Identity) signOut(w http.ResponseWriter, r *http.Request) error {
	to, err := s.Leave(w, r)
	if err != nil {
		return err
	}
	return web.Done(w, r, to, "identity.signedout")
}

// inSession keeps programs out of what only a person does: their account's own
// pages.
func inSession(do web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if who.From(r.Context()).Session == "" {
			return fault.New(fault.Denied, "This is for a person in a browser, not for the key of a program.")
		}
		return do(w, r)
	}
}

// field is what was typed into a line of a form.
func field(r *http.Request, name string) string { return strings.TrimSpace(r.FormValue(name)) }
