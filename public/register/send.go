// SPDX-License-Identifier: Apache-2.0

package register

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"hustings/kit/fault"
	"hustings/kit/web"
)

// pressed is the cookie of somebody who has pressed the button and found many
// people before them: it holds the version of the draft that they saw. The
// waiting page comes back by itself, and no other site can set it.
const pressed = "registration-pressed"

// send takes the application: the button of the page with all answers.
func (s *Register) send(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form cannot be read.")
	}
	version, err := strconv.ParseInt(r.PostForm.Get("version"), 10, 64)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The form cannot be read.")
	}
	return s.sendVersion(w, r, version)
}

// sendAgain is what the waiting page loads: the same for somebody who has
// pressed the button before.
func (s *Register) sendAgain(w http.ResponseWriter, r *http.Request) error {
	c, err := r.Cookie(pressed)
	if err != nil {
		return see(w, r, "/register/check")
	}
	version, err := strconv.ParseInt(c.Value, 10, 64)
	if err != nil {
		return see(w, r, "/register/check")
	}
	return s.sendVersion(w, r, version)
}

func (s *Register) sendVersion(w http.ResponseWriter, r *http.Request, version int64) error {
	if !s.sends.enter() {
		return s.askToWait(w, r, version)
	}
	defer s.sends.leave()
	// Whoever leaves now must not stop what is half done.
	ctx := context.WithoutCancel(s.somebody(r.Context()))
	d, err := s.mine(r)
	if err != nil {
		return s.lost(w, r, err)
	}
	if d.state == open && d.version != version {
		return see(w, r, "/register/check") // changed since they looked
	}
	if d.state != sent {
		err = s.hand(ctx, r, d)
	}
	switch fault.KindOf(err) {
	case "":
		http.SetCookie(w, s.pressedCookie("", -1))
		return see(w, r, "/register/done")
	case fault.Invalid:
		return see(w, r, "/register/check")
	case fault.Unavailable:
		return s.askToWait(w, r, version)
	}
	return err
}

// hand hands an application to the intake, by a key that is that of these
// answers: a house that dies anywhere in between, or a second press of the
// button, comes to the same receipt. Answers that were changed since are another
// application, and the later one counts.
func (s *Register) hand(ctx context.Context, r *http.Request, d draft) error {
	f, err := s.form(r, d)
	if err != nil {
		return err
	}
	if f.missing() != nil || f.stopped() != "" {
		return fault.New(fault.Invalid, "Some questions have no answer yet.")
	}
	png, err := s.signature(ctx, d)
	if err != nil {
		return err
	}
	receipt, err := s.Intake.Accept(ctx, fmt.Sprintf("register:%s:%d", d.id, d.version), f.application(), png)
	if err != nil {
		return err
	}
	kept := answers{}
	for name, v := range map[string]string{"receipt": receipt, "asks": string(f.asks()), "letters": f.get("letters"), "email": f.get("email")} {
		kept.put(name, v)
	}
	if s.Texts != nil && f.is("texts-yes", "yes") {
		kept.put("text", f.get("phone"))
	}
	return s.finish(ctx, d, kept)
}

// askToWait remembers that the button was pressed, and asks for patience.
func (s *Register) askToWait(w http.ResponseWriter, r *http.Request, version int64) error {
	http.SetCookie(w, s.pressedCookie(strconv.FormatInt(version, 10), int(codeLife.Seconds())))
	return s.waiting(w, r, "/register/sending")
}

func (s *Register) pressedCookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: pressed, Value: value, Path: "/register", MaxAge: age, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode}
}

// showDone shows the receipt.
func (s *Register) showDone(w http.ResponseWriter, r *http.Request) error {
	d, err := s.mine(r)
	if err != nil {
		return s.lost(w, r, err)
	}
	if d.state != sent {
		return see(w, r, "/register/check")
	}
	p := web.Words(r.Context())
	return s.show(w, r, 0, s.view(r, p.T("register.done")), donePage(p, s.Office, d.answers, s.Post != nil, s.Texts != nil))
}
