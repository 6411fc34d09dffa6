// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"net/http"
	"time"

	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
)

// freshFor is how long ago a person may have proved that it is them before they
// change how they sign in.
const freshFor = 10 * time.Minute

// own asks for a fresh proof before an account's way in is changed: as good a
// proof as the account can give, and two factors at most.
func (s *Identity) own(do web.Handler) web.Handler {
	return inSession(func(w http.ResponseWriter, r *http.Request) error {
		me := who.From(r.Context())
		f, err := s.Factors(r.Context(), me.ID)
		if err != nil {
			return err
		}
		need := web.StepUp{Level: min(2, f.Best()), Within: freshFor}
		if !need.Met(me, s.Now()) {
			return need
		}
		return do(w, r)
	})
}

// shownHistory is how much of the history a page shows.
const shownHistory = 100

func (s *Identity) showAccount(w http.ResponseWriter, r *http.Request) error {
	return s.accountPage(w, r, nil)
}

func (s *Identity) accountPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	me, p := who.From(ctx), web.Words(ctx)
	v := accountView{wrong: p.Sentence(wrong), now: s.Now()}
	var err error
	if v.account, err = s.ByID(ctx, me.ID); err != nil {
		return err
	}
	if v.factors, err = s.Factors(ctx, me.ID); err != nil {
		return err
	}
	if v.sessions, err = s.Sessions(ctx, me.ID); err != nil {
		return err
	}
	if v.history, err = s.History(ctx, me.ID, 5); err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: p.T("identity.account"), Status: refusedStatus(wrong), Body: accountPage(p, v)})
}

// afterwards shows the account's page with what was wrong, or goes there.
func (s *Identity) afterwards(w http.ResponseWriter, r *http.Request, err error, key string, kv ...string) error {
	switch fault.KindOf(err) {
	case "":
		return web.Done(w, r, "/account", key, kv...)
	case fault.Invalid, fault.Conflict, fault.Gone, fault.NotFound:
		return s.accountPage(w, r, err)
	}
	return err
}

func (s *Identity) showPassword(w http.ResponseWriter, r *http.Request) error {
	return s.passwordPage(w, r, nil)
}

func (s *Identity) passwordPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	p := web.Words(r.Context())
	f, err := s.Factors(r.Context(), who.From(r.Context()).ID)
	if err != nil {
		return err
	}
	least := shortestAlone
	if !f.App.IsZero() {
		least = shortestBeside
	}
	return web.Show(w, r, web.Page{Title: p.T("identity.newpassword"), Status: refusedStatus(wrong),
		Body: passwordForm(p, passwordView{has: f.Password, least: least, app: !f.App.IsZero(), alone: s.PasswordAlone || s.Rehearsal, wrong: p.Sentence(wrong)})})
}

func (s *Identity) changePassword(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	me := who.From(ctx)
	f, err := s.Factors(ctx, me.ID)
	if err != nil {
		return err
	}
	right := true
	if f.Password {
		if right, err = s.isPassword(ctx, me.ID, hide.New(r.FormValue("current"))); err != nil {
			return err
		}
	}
	switch {
	case !right:
		err = fault.On("current", fault.New(fault.Invalid, "The current password is not right."))
	case r.FormValue("repeat") != "" && r.FormValue("repeat") != r.FormValue("password"):
		err = errTwice
	default:
		err = s.SetPassword(ctx, me.ID, hide.New(r.FormValue("password")))
	}
	if fault.KindOf(err) == fault.Invalid {
		return s.passwordPage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/sign-in", "identity.changed")
}

func (s *Identity) removePassword(w http.ResponseWriter, r *http.Request) error {
	return s.afterwards(w, r, s.RemovePassword(r.Context(), who.From(r.Context()).ID), "identity.passwordgone")
}

func (s *Identity) offerPasskey(w http.ResponseWriter, r *http.Request) error {
	c, err := s.OfferPasskey(r.Context(), s.site(r), who.From(r.Context()).ID)
	return challenge(w, c, err)
}

func (s *Identity) addPasskey(w http.ResponseWriter, r *http.Request) error {
	key, answer, err := answered(r)
	var k Passkey
	if err == nil {
		k, err = s.AddPasskey(r.Context(), s.site(r), who.From(r.Context()).ID, r.FormValue("name"), key, answer)
	}
	return s.afterwards(w, r, err, "identity.passkey.added", "name", k.Name)
}

func (s *Identity) renamePasskey(w http.ResponseWriter, r *http.Request) error {
	return s.afterwards(w, r, s.RenamePasskey(r.Context(), who.From(r.Context()).ID, r.PathValue("id"), r.FormValue("name")), "identity.passkey.renamed")
}

func (s *Identity) removePasskey(w http.ResponseWriter, r *http.Request) error {
	return s.afterwards(w, r, s.RemovePasskey(r.Context(), who.From(r.Context()).ID, r.PathValue("id")), "identity.passkey.removed")
}

// setting is an app as a page shows it, nil for none.
func setting(p *words.Printer, app *App) (*appView, error) {
	if app == nil {
		return nil, nil
	}
	picture, err := app.Picture()
	return &appView{picture: picture, secret: readable(app.Secret.Reveal()), url: app.URL.Reveal()}, err
}

func (s *Identity) prepareApp(w http.ResponseWriter, r *http.Request) error {
	app, err := s.PrepareApp(r.Context(), who.From(r.Context()).ID)
	if err != nil {
		return err
	}
	return s.appPage(w, r, app, nil)
}

func (s *Identity) appPage(w http.ResponseWriter, r *http.Request, app App, wrong error) error {
	p := web.Words(r.Context())
	v, err := setting(p, &app)
	if err != nil {
		return err
	}
	v.wrong = p.Sentence(wrong)
	return web.Show(w, r, web.Page{Title: p.T("identity.app.set"), Status: refusedStatus(wrong), Body: appForm(p, *v)})
}

func (s *Identity) confirmApp(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	me := who.From(ctx)
	codes, err := s.ConfirmApp(ctx, me.ID, r.FormValue("code"))
	if fault.KindOf(err) == fault.Invalid {
		app, gone := s.Prepared(ctx, me.ID)
		if gone != nil {
			return gone
		}
		return s.appPage(w, r, app, err)
	}
	if err != nil || len(codes) == 0 {
		return s.afterwards(w, r, err, "identity.app.added")
	}
	return s.codesPage(w, r, codes)
}

func (s *Identity) removeApp(w http.ResponseWriter, r *http.Request) error {
	return s.afterwards(w, r, s.RemoveApp(r.Context(), who.From(r.Context()).ID), "identity.app.removed")
}

func (s *Identity) endLink(w http.ResponseWriter, r *http.Request) error {
	return s.afterwards(w, r, s.Unlink(r.Context(), who.From(r.Context()).ID, r.PathValue("id")), "identity.links.ended")
}

func (s *Identity) renewRecovery(w http.ResponseWriter, r *http.Request) error {
	codes, err := s.RenewCodes(r.Context(), who.From(r.Context()).ID)
	if err != nil {
		return s.afterwards(w, r, err, "")
	}
	return s.codesPage(w, r, codes)
}

// codesPage shows recovery codes this once.
func (s *Identity) codesPage(w http.ResponseWriter, r *http.Request, codes []hide.String) error {
	p := web.Words(r.Context())
	shown := make([]string, len(codes))
	for i, c := range codes {
		shown[i] = c.Reveal()
	}
	return web.Show(w, r, web.Page{Title: p.T("identity.codes"), Body: codesPage(p, s.Office, shown)})
}

func (s *Identity) endOne(w http.ResponseWriter, r *http.Request) error {
	return s.afterwards(w, r, s.EndSession(r.Context(), who.From(r.Context()).ID, r.PathValue("id")), "identity.session.ended")
}

func (s *Identity) endOthers(w http.ResponseWriter, r *http.Request) error {
	_, err := s.EndOthers(r.Context(), who.From(r.Context()).ID)
	return s.afterwards(w, r, err, "identity.session.othersended")
}

func (s *Identity) showHistory(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := web.Words(ctx)
	list, err := s.History(ctx, who.From(ctx).ID, shownHistory)
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: p.T("identity.history"), Body: historyPage(p, list, web.Local(r.FormValue("next")))})
}

func (s *Identity) sawHistory(w http.ResponseWriter, r *http.Request) error {
	if err := s.Seen(r.Context(), who.From(r.Context()).ID); err != nil {
		return err
	}
	return web.Done(w, r, web.Local(r.FormValue("next")), "")
}
