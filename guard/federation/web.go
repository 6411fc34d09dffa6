// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"net/http"
	"net/url"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
)

// Way is a provider as the pages of the sign-in show it.
type Way struct {
	Name, Path string
	Level      int
}

// Ways are the providers whose word is taken.
func (s *Federation) Ways(ctx context.Context) ([]Way, error) {
	if _, err := s.base(); err != nil {
		return nil, nil // a house that cannot lead back here is no way in
	}
	all, err := s.Providers(ctx)
	var out []Way
	for _, p := range all {
		if p.Active {
			out = append(out, Way{p.Name, "/sign-in/with/" + p.ID, p.Level})
		}
	}
	return out, err
}

// working finds a provider whose word is taken.
func (s *Federation) working(r *http.Request) (Provider, error) {
	p, err := s.Provider(r.Context(), r.PathValue("id"))
	if err == nil {
		p, err = s.open(r.Context(), r, p.Kind)
	}
	return p, err
}

// send begins a flow and says where at the provider it leads.
func (s *Federation) send(w http.ResponseWriter, r *http.Request, p Provider, purpose string, goal url.Values) (to string, err error) {
	at, err := s.addresses(p)
	if err != nil {
		return "", err
	}
	f := s.begin(w, r, purpose, goal)
	if p.Kind == SAML {
		to, err = s.askSAML(p, &f, at)
	} else {
		to, err = s.askOIDC(r.Context(), p, f, at.Back)
	}
	if err != nil {
		return "", err
	}
	return to, s.keep(r.Context(), p.ID, f.state, f, digest(f.browser.Reveal()), f.began.Add(flowLife))
}

// enter leads to a provider to sign in. From another site's page it takes one
// more click: no session begins by somebody else's link alone.
func (s *Federation) enter(w http.ResponseWriter, r *http.Request) error {
	p, err := s.working(r)
	if err != nil {
		return err
	}
	to, err := s.send(w, r, p, toEnter, url.Values{"next": {web.Local(r.URL.Query().Get("next"))}})
	if fault.KindOf(err) == fault.Unavailable {
		s.Log.WarnContext(r.Context(), "single sign-on is not available", "provider", p.ID, "error", told(err))
		return s.Desk.Refused(w, r, nil, err)
	}
	if err != nil {
		return err
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return s.waysOut(w, r, p, to)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// again leads to a provider to prove again that it is them. The browser may not
// follow a form to another site, so a page links there.
func (s *Federation) again(w http.ResponseWriter, r *http.Request) error {
	if who.From(r.Context()).Session == "" {
		return fault.New(fault.Denied, "This is for a person in a browser, not for the key of a program.")
	}
	p, err := s.working(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "This form cannot be read.")
	}
	goal := make(url.Values)
	for _, name := range []string{"next", "level", "within", "to", "held"} {
		goal.Set(name, r.PostForm.Get(name))
	}
	to, err := s.send(w, r, p, toAgain, goal)
	if fault.KindOf(err) == fault.Unavailable {
		s.Log.WarnContext(r.Context(), "single sign-on is not available", "provider", p.ID, "error", told(err))
		return s.Desk.Refused(w, r, goal, fault.New(fault.Invalid, "%s does not answer as it should. Try again in a moment, or prove it in another way.", p.Name))
	}
	if err != nil {
		return err
	}
	return s.waysOut(w, r, p, to)
}

// waysOut is a page that links to the provider.
func (s *Federation) waysOut(w http.ResponseWriter, r *http.Request, p Provider, to string) error {
	t := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: t.T("federation.goto", "name", p.Name), Plain: !who.From(r.Context()).Known(), Body: wayOut(t, p.Name, to)})
}

// back takes an OpenID provider's answer.
func (s *Federation) back(w http.ResponseWriter, r *http.Request) error {
	p, err := s.open(r.Context(), r, OIDC)
	if err != nil {
		return err
	}
	at, err := s.addresses(p)
	if err != nil {
		return err
	}
	answer := r.URL.Query()
	if len(answer["state"]) != 1 || len(answer["code"]) > 1 {
		return s.lost(w, r, errWay)
	}
	f, err := s.returned(r, p.ID, answer.Get("state"))
	if err != nil {
		return s.lost(w, r, err)
	}
	said, err := s.hearOIDC(r.Context(), p, f, answer, at.Back)
	if err != nil {
		return s.refuse(w, r, p, f, refusal{reason: badWord}, err)
	}
	return s.arrive(w, r, p, f, said)
}
