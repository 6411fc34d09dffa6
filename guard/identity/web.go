// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"net/http"

	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/web"
	"hustings/kit/who"
)

func (s *Identity) showSignIn(w http.ResponseWriter, r *http.Request) error {
	return s.signInPage(w, r, "", "", 0)
}

func (s *Identity) signInPage(w http.ResponseWriter, r *http.Request, email, wrong string, status int) error {
	next := r.FormValue("next")
	return web.Show(w, r, web.Page{Title: web.T(r.Context(), "identity.signin"), Plain: true, Status: status,
		Body: signInForm(web.Words(r.Context()), email, web.Local(next), wrong)})
}

func (s *Identity) signIn(w http.ResponseWriter, r *http.Request) error {
	email, password := r.FormValue("email"), hide.New(r.FormValue("password"))
	secret, err := s.SignIn(r.Context(), email, password, web.Address(r.Context()), r.UserAgent())
	if fault.KindOf(err) == fault.SignIn {
		return s.signInPage(w, r, email, web.Words(r.Context()).Sentence(err), http.StatusUnauthorized)
	}
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: secret, Path: "/", HttpOnly: true,
		Secure: s.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int(s.Longest.Seconds())})
	return web.Done(w, r, web.Local(r.FormValue("next")), "")
}

func (s *Identity) signOut(w http.ResponseWriter, r *http.Request) error {
	c, err := r.Cookie(s.cookieName())
	if err == nil {
		if err := s.SignOut(r.Context(), c.Value); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.Secure})
	return web.Done(w, r, "/sign-in", "identity.signedout")
}

func (s *Identity) showAccount(w http.ResponseWriter, r *http.Request) error {
	return s.accountPage(w, r, "", 0)
}

func (s *Identity) accountPage(w http.ResponseWriter, r *http.Request, wrong string, status int) error {
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("identity.account"), Status: status,
		Body: accountPage(p, who.From(r.Context()).Name, wrong)})
}

func (s *Identity) changePassword(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	me := who.From(ctx)
	phc, err := passwordOf(ctx, s.DB, s.Jurisdiction, me.ID)
	if err != nil {
		return err
	}
	right, err := s.matches(ctx, hide.New(r.FormValue("current")), phc)
	if err != nil {
		return err
	}
	if !right {
		err = fault.New(fault.Invalid, "The current password is not right.")
	} else {
		err = s.SetPassword(ctx, me.ID, hide.New(r.FormValue("password")))
	}
	if fault.KindOf(err) == fault.Invalid {
		return s.accountPage(w, r, web.Words(ctx).Sentence(err), http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/sign-in", "identity.changed")
}
