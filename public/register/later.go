// SPDX-License-Identifier: Apache-2.0

package register

import (
	"net/http"

	"hustings/kit/fault"
	"hustings/kit/web"
)

// showLater says how long a draft is kept, and offers a code for another
// device.
func (s *Register) showLater(w http.ResponseWriter, r *http.Request) error {
	return s.laterPage(w, r, "")
}

// makeCode makes the code and shows it, once.
func (s *Register) makeCode(w http.ResponseWriter, r *http.Request) error {
	d, err := s.mine(r)
	if err != nil {
		return s.lost(w, r, err)
	}
	if to := past(d); to != "" {
		return see(w, r, to)
	}
	code, err := s.newCode(s.somebody(r.Context()), d)
	if err != nil {
		return err
	}
	return s.laterPage(w, r, code)
}

func (s *Register) laterPage(w http.ResponseWriter, r *http.Request, code string) error {
	d, f, err := s.begun(r)
	if err != nil {
		return s.lost(w, r, err)
	}
	if to := past(d); to != "" || d.id == "" {
		return see(w, r, "/register")
	}
	p := web.Words(r.Context())
	return s.show(w, r, 0, s.view(r, p.T("register.later")), laterPage(p, code, f.ahead()))
}

// leave takes a draft away, from a device that others use too.
func (s *Register) leave(w http.ResponseWriter, r *http.Request) error {
	d, err := s.mine(r)
	if err != nil {
		return s.lost(w, r, err)
	}
	if err := s.forget(s.somebody(r.Context()), d); err != nil {
		return err
	}
	s.give(w, "")
	return see(w, r, "/register")
}

func (s *Register) showContinue(w http.ResponseWriter, r *http.Request) error {
	p := web.Words(r.Context())
	return s.show(w, r, 0, s.view(r, p.T("register.continue")), continuePage(p, "", ""))
}

// continueHere takes a draft over from the device on which it was begun.
func (s *Register) continueHere(w http.ResponseWriter, r *http.Request) error {
	p := web.Words(r.Context())
	token, err := s.take(s.somebody(r.Context()), r.PostFormValue("code"))
	if fault.KindOf(err) == fault.Invalid {
		return s.show(w, r, http.StatusUnprocessableEntity, s.view(r, p.T("register.error")+" "+p.T("register.continue")), continuePage(p, r.PostFormValue("code"), p.Sentence(err)))
	}
	if err != nil {
		return err
	}
	s.give(w, token)
	return see(w, r, "/register/check")
}
