// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/web"
	"hustings/kit/who"
)

// goal is why a person proves again that it is them, and where they go then.
type goal struct {
	next, to, held string
	need           web.StepUp
}

func goalOf(r *http.Request) goal {
	_ = r.ParseForm() // a form that cannot be read holds no goal
	return goalIn(r.Form)
}

func goalIn(form url.Values) goal {
	level, _ := strconv.Atoi(form.Get("level"))
	within, _ := strconv.Atoi(form.Get("within"))
	g := goal{next: web.Local(form.Get("next")), held: form.Get("held"),
		need: web.StepUp{Level: min(max(level, 0), 3), Within: time.Duration(min(max(within, 0), 86400)) * time.Second}}
	if to := form.Get("to"); to != "" {
		g.to = web.Local(to)
	}
	return g
}

func (s *Identity) showAgain(w http.ResponseWriter, r *http.Request) error {
	g := goalOf(r)
	if g.need.Within > 0 && g.need.Met(who.From(r.Context()), s.Now()) {
		return s.goOn(w, r, g)
	}
	return s.againPage(w, r, g, nil)
}

func (s *Identity) againPage(w http.ResponseWriter, r *http.Request, g goal, wrong error) error {
	ctx := r.Context()
	p, me := web.Words(ctx), who.From(ctx)
	f, err := s.Factors(ctx, me.ID)
	if err != nil {
		return err
	}
	ways, err := s.outside(ctx)
	if err != nil {
		return err
	}
	v := againView{goal: g, name: me.Name, wrong: p.Sentence(wrong), app: !f.App.IsZero() && g.need.Level <= 2,
		password: f.Password && g.need.Level <= 1 && me.Level <= 1}
	for _, o := range ways {
		if len(f.Linked) > 0 && o.Level >= g.need.Level {
			v.outside = append(v.outside, o)
		}
	}
	for _, k := range f.Passkeys {
		v.passkey = v.passkey || k.Level() >= g.need.Level
	}
	return web.Show(w, r, web.Page{Title: p.T("identity.again"), Status: refusedStatus(wrong), Body: againForm(p, v)})
}

func (s *Identity) askAgain(w http.ResponseWriter, r *http.Request) error {
	c, err := s.AskAgain(r.Context(), s.site(r), goalOf(r).need.Level)
	return challenge(w, c, err)
}

func (s *Identity) againByPasskey(w http.ResponseWriter, r *http.Request) error {
	key, answer, err := answered(r)
	if err != nil {
		return s.againPage(w, r, goalOf(r), err)
	}
	secret, err := s.AgainByPasskey(r.Context(), s.site(r), key, answer)
	return s.provedPage(w, r, secret, err)
}

func (s *Identity) againByCode(w http.ResponseWriter, r *http.Request) error {
	secret, err := s.AgainByCode(r.Context(), r.FormValue("code"))
	return s.provedPage(w, r, secret, err)
}

func (s *Identity) againByPassword(w http.ResponseWriter, r *http.Request) error {
	secret, err := s.AgainByPassword(r.Context(), hide.New(r.FormValue("password")))
	return s.provedPage(w, r, secret, err)
}

// provedPage goes on after a proof, or asks again.
func (s *Identity) provedPage(w http.ResponseWriter, r *http.Request, secret hide.String, err error) error {
	return s.proofPage(w, r, goalOf(r), secret, err)
}

func (s *Identity) proofPage(w http.ResponseWriter, r *http.Request, g goal, secret hide.String, err error) error {
	switch fault.KindOf(err) {
	case "":
	case fault.Invalid, fault.Gone:
		return s.againPage(w, r, g, err)
	case fault.SignIn: // the session has ended
		s.setCookie(w, s.cookieName(), hide.String{}, -time.Second)
		return web.Done(w, r, "/sign-in", "")
	default:
		return err
	}
	s.setCookie(w, s.cookieName(), secret, s.Longest)
	return s.goOn(w, r, g)
}

// goOn leads a person to where they wanted to go. A form that was held is sent
// by one more click: nothing that matters happens by itself.
func (s *Identity) goOn(w http.ResponseWriter, r *http.Request, g goal) error {
	if g.to == "" {
		http.Redirect(w, r, g.next, http.StatusSeeOther)
		return nil
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("identity.again.done"), Body: heldForm(p, g)})
}
