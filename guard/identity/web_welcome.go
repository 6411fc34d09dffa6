// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"net/http"

	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/web"
)

func linkKey(r *http.Request) hide.String { return hide.New(r.FormValue("key")) }

func (s *Identity) showWelcome(w http.ResponseWriter, r *http.Request) error {
	return s.welcomePage(w, r, nil, nil)
}

// welcomePage asks the first administrator who they are, and everybody how they
// want to sign in.
func (s *Identity) welcomePage(w http.ResponseWriter, r *http.Request, app *App, wrong error) error {
	p, key := web.Words(r.Context()), linkKey(r)
	found, err := s.Welcome(r.Context(), key)
	if err != nil {
		return err
	}
	v := welcomeView{key: key.Reveal(), name: found.Account.Name, email: found.Account.Email, wrong: p.Sentence(wrong)}
	if v.set, err = setting(p, app); err != nil {
		return err
	}
	body := welcomeForm(p, v)
	if found.Account.ID == "" {
		v.name, v.email = r.FormValue("name"), r.FormValue("email")
		body = introduceForm(p, v)
	}
	return web.Show(w, r, web.Page{Title: p.T("identity.welcome"), Plain: true, Status: refusedStatus(wrong), Body: body})
}

func (s *Identity) introduce(w http.ResponseWriter, r *http.Request) error {
	err := s.Introduce(r.Context(), linkKey(r), r.FormValue("email"), r.FormValue("name"))
	if fault.KindOf(err) == fault.Invalid {
		return s.welcomePage(w, r, nil, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/welcome?key="+linkKey(r).Reveal(), "")
}

func (s *Identity) offerWelcome(w http.ResponseWriter, r *http.Request) error {
	found, err := s.Welcome(r.Context(), linkKey(r))
	if err != nil {
		return err
	}
	c, err := s.OfferPasskey(r.Context(), s.site(r), found.Account.ID)
	return challenge(w, c, err)
}

func (s *Identity) welcomeByPasskey(w http.ResponseWriter, r *http.Request) error {
	key, answer, err := answered(r)
	var e Entry
	if err == nil {
		e, err = s.WelcomeByPasskey(r.Context(), s.site(r), linkKey(r), r.FormValue("name"), key, answer, s.place(r))
	}
	if fault.KindOf(err) == fault.Invalid {
		return s.welcomePage(w, r, nil, err)
	}
	if err != nil {
		return err
	}
	s.admit(w, e)
	return web.Done(w, r, "/account", "identity.welcome.in")
}

func (s *Identity) welcomeApp(w http.ResponseWriter, r *http.Request) error {
	found, err := s.Welcome(r.Context(), linkKey(r))
	if err != nil {
		return err
	}
	if found.Account.ID == "" {
		return errLink
	}
	app, err := s.PrepareApp(r.Context(), found.Account.ID)
	if err != nil {
		return err
	}
	return s.welcomePage(w, r, &app, nil)
}

func (s *Identity) welcomeByPassword(w http.ResponseWriter, r *http.Request) error {
	password := r.FormValue("password")
	var e Entry
	var codes []hide.String
	err := errTwice
	if password == r.FormValue("repeat") {
		e, codes, err = s.WelcomeByPassword(r.Context(), linkKey(r), hide.New(password), r.FormValue("code"), s.place(r))
	}
	if fault.KindOf(err) == fault.Invalid {
		found, missing := s.Welcome(r.Context(), linkKey(r))
		if missing != nil {
			return missing
		}
		app, gone := s.Prepared(r.Context(), found.Account.ID)
		if gone != nil {
			return gone
		}
		return s.welcomePage(w, r, &app, err)
	}
	if err != nil {
		return err
	}
	s.admit(w, e)
	return s.codesPage(w, r, codes)
}

var errTwice = fault.On("repeat", fault.New(fault.Invalid, "The two passwords differ. Type the same one twice."))
