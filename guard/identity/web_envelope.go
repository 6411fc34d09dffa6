// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"net/http"

	"hustings/kit/fault"
	"hustings/kit/web"
)

func (s *Identity) showEnvelope(w http.ResponseWriter, r *http.Request) error {
	return s.envelopePage(w, r, nil)
}

func (s *Identity) envelopePage(w http.ResponseWriter, r *http.Request, wrong error) error {
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("identity.envelope"), Plain: true, Status: refusedStatus(wrong),
		Body: envelopeForm(p, r.FormValue("person"), r.FormValue("reason"), p.Sentence(wrong))})
}

func (s *Identity) openEnvelope(w http.ResponseWriter, r *http.Request) error {
	e, err := s.OpenEnvelope(r.Context(), r.FormValue("code"), r.FormValue("person"), r.FormValue("reason"), s.place(r))
	if k := fault.KindOf(err); k == fault.SignIn || k == fault.Invalid {
		return s.envelopePage(w, r, err)
	}
	if err != nil {
		return err
	}
	s.admit(w, e)
	return web.Done(w, r, "/staff", "identity.envelope.in")
}

func (s *Identity) sawEnvelope(w http.ResponseWriter, r *http.Request) error {
	err := s.SawOpening(r.Context(), r.FormValue("account"), r.FormValue("note"))
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.NotFound || k == fault.Denied {
		return s.staffPage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/staff", "identity.envelope.seen")
}
