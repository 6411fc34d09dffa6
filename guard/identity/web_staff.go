// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"net/http"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
)

func (s *Identity) showStaff(w http.ResponseWriter, r *http.Request) error {
	return s.staffPage(w, r, nil)
}

func (s *Identity) staffPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	p := web.Words(ctx)
	list, err := s.Accounts(ctx)
	if err != nil {
		return err
	}
	v := staffView{wrong: p.Sentence(wrong), email: r.FormValue("email"), name: r.FormValue("name")}
	if v.openings, err = s.Openings(ctx); err != nil {
		return err
	}
	for _, a := range list {
		one := staffRow{Account: a, state: s.state(a)}
		if s.Roles != nil {
			if one.roles, err = s.Roles.Held(ctx, a.ID); err != nil {
				return err
			}
		}
		v.rows = append(v.rows, one)
	}
	return web.Show(w, r, web.Page{Title: p.T("identity.staff"), Wide: true, Status: refusedStatus(wrong), Body: staffPage(p, v)})
}

// state is what a list says of an account, a key of the words.
func (s *Identity) state(a Account) string {
	now := s.Now()
	switch {
	case a.Disabled:
		return "disabled"
	case !a.Expires.IsZero() && !now.Before(a.Expires):
		return "ended"
	case a.Asleep(now, s.Dormant):
		return "asleep"
	case now.Before(a.LockedUntil):
		return "resting"
	case a.Kind == Human && a.Used.IsZero():
		return "invited"
	}
	return "active"
}

// day reads the day that a form gives, its end in UTC; empty: none.
func day(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, fault.On("expires", fault.New(fault.Invalid, "%q is not a day such as 2026-11-30.", clip(text, 40)))
	}
	return at.AddDate(0, 0, 1), nil
}

func (s *Identity) invite(w http.ResponseWriter, r *http.Request) error {
	expires, err := day(field(r, "expires"))
	var a Account
	var link hide.String
	if err == nil {
		a, link, err = s.Invite(r.Context(), r.FormValue("email"), r.FormValue("name"), expires)
	}
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
		return s.staffPage(w, r, err)
	}
	if err != nil {
		return err
	}
	return s.linkPage(w, r, a, link)
}

// linkPage shows a one-time link this once, to be handed over or printed.
func (s *Identity) linkPage(w http.ResponseWriter, r *http.Request, a Account, link hide.String) error {
	p := web.Words(r.Context())
	v := linkView{account: a, url: s.site(r).Origin + "/welcome?key=" + link.Reveal(), until: s.Now().Add(linkLife)}
	picture, err := (App{URL: hide.New(v.url)}).Picture()
	if err != nil {
		return err
	}
	v.picture = picture
	return web.Show(w, r, web.Page{Title: p.T("identity.link"), Body: linkPage(p, v)})
}

func (s *Identity) showPerson(w http.ResponseWriter, r *http.Request) error {
	return s.personPage(w, r, nil)
}

func (s *Identity) personPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	p := web.Words(ctx)
	a, err := s.ByID(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := personView{accountView: accountView{account: a, wrong: p.Sentence(wrong), now: s.Now()}, state: s.state(a), self: a.ID == who.From(ctx).ID}
	if v.factors, err = s.Factors(ctx, a.ID); err != nil {
		return err
	}
	if v.sessions, err = s.Sessions(ctx, a.ID); err != nil {
		return err
	}
	if v.history, err = s.History(ctx, a.ID, 20); err != nil {
		return err
	}
	if v.tokens, err = s.Tokens(ctx, a.ID); err != nil {
		return err
	}
	if s.Roles != nil {
		if v.roles, err = s.Roles.Held(ctx, a.ID); err != nil {
			return err
		}
	}
	return web.Show(w, r, web.Page{Title: a.Name, Status: refusedStatus(wrong), Body: personPage(p, v)})
}

// onPerson is what an administrator does to one account.
func (s *Identity) onPerson(do func(ctx context.Context, r *http.Request, account string) error, said string) web.Handler {
	return inSession(func(w http.ResponseWriter, r *http.Request) error {
		account := r.PathValue("id")
		if _, err := s.ByID(r.Context(), account); err != nil {
			return err
		}
		switch err := do(r.Context(), r, account); fault.KindOf(err) {
		case "":
			return web.Done(w, r, "/staff/"+account, said)
		case fault.Invalid, fault.Conflict, fault.NotFound:
			return s.personPage(w, r, err)
		default:
			return err
		}
	})
}

func (s *Identity) disablePerson(ctx context.Context, r *http.Request, account string) error {
	reason := field(r, "reason")
	if reason == "" {
		return fault.On("reason", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	if account == who.From(ctx).ID {
		return fault.New(fault.Invalid, "Nobody stops their own account; ask another administrator.")
	}
	return s.Disable(ctx, account, clip(reason, 500))
}

func (s *Identity) enablePerson(ctx context.Context, _ *http.Request, account string) error {
	return s.Enable(ctx, account)
}

func (s *Identity) expirePerson(ctx context.Context, r *http.Request, account string) error {
	at, err := day(field(r, "expires"))
	if err != nil {
		return err
	}
	return s.Expire(ctx, account, at)
}

func (s *Identity) signPersonOut(ctx context.Context, _ *http.Request, account string) error {
	_, err := s.EndOthers(ctx, account)
	return err
}

func (s *Identity) endPersonToken(ctx context.Context, r *http.Request, account string) error {
	return s.RevokeToken(ctx, account, r.PathValue("token"))
}

func (s *Identity) relink(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	reset := r.FormValue("reset") != ""
	if a.ID == who.From(r.Context()).ID {
		return s.personPage(w, r, fault.New(fault.Invalid, "Nobody makes a link for themselves; ask another administrator, or change how you sign in under My account."))
	}
	link, err := s.Relink(r.Context(), a.ID, reset)
	if err != nil {
		return err
	}
	return s.linkPage(w, r, a, link)
}

func (s *Identity) addProgram(w http.ResponseWriter, r *http.Request) error {
	a, err := s.AddProgram(r.Context(), r.FormValue("name"))
	if fault.KindOf(err) == fault.Invalid {
		return s.staffPage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/staff/"+a.ID, "identity.program.added")
}

func (s *Identity) makeToken(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := s.ByID(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if a.Kind != Program {
		return s.personPage(w, r, fault.New(fault.Invalid, "On these pages only a program's account is given a key. A person's is made at the machine: hustings account token."))
	}
	until, err := day(field(r, "expires"))
	var secret string
	if err == nil {
		_, secret, err = s.MakeToken(ctx, a.ID, r.FormValue("purpose"), until.Sub(s.Now()), strings.Fields(r.FormValue("scope"))...)
	}
	if fault.KindOf(err) == fault.Invalid {
		return s.personPage(w, r, err)
	}
	if err != nil {
		return err
	}
	p := web.Words(ctx)
	return web.Show(w, r, web.Page{Title: p.T("identity.token"), Body: tokenPage(p, a, secret)})
}

// when is a moment as a page shows it, "—" where there was none.
func when(p *words.Printer, at time.Time) string {
	if at.IsZero() {
		return "—"
	}
	return p.DateTime(at)
}
