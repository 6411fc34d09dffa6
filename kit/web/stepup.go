// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"hustings/kit/fault"
	"hustings/kit/who"
)

// StepUp is the answer to a person who may do something, and first has to prove
// better or again that it is them. Access.May returns it, or a handler does; the
// office door leads the person through /sign-in/again and back.
type StepUp struct {
	Level  int           // the least who.Person.Level
	Within time.Duration // how long ago the last proof may be; 0: as long as the session lasts
}

// AgainPath is the page where a person proves again that it is them. It takes
// next, the page to go to afterwards, and with a form that was refused also to,
// the address that the form goes to, and held, its fields.
const AgainPath = "/sign-in/again"

// Met says whether a person's proof is as good and as fresh as this asks.
func (n StepUp) Met(p who.Person, now time.Time) bool {
	return p.Level >= n.Level && (n.Within == 0 || now.Sub(p.Proved) <= n.Within)
}

// Error implements error.
func (n StepUp) Error() string {
	return fmt.Sprintf("needs a proof of level %d within %v", n.Level, n.Within)
}

// Unwrap makes of it a fault for whoever does not know about proofs.
func (n StepUp) Unwrap() error {
	return fault.New(fault.Denied, "Before this, confirm once more that it is you: sign in to the office's pages and do it there.")
}

// asksAgain finds the StepUp in an error.
func asksAgain(err error) (need StepUp, ok bool) { ok = errors.As(err, &need); return need, ok }

// stepUp answers a request that was refused for want of a proof.
func (s *Server) stepUp(w http.ResponseWriter, r *http.Request, need StepUp) {
	me := who.From(r.Context())
	if me.Via == who.API || sceneOf(r.Context()).route.Door == PublicDoor {
		s.Fault(w, r, fault.New(fault.Denied, "The key of a program cannot do this. A person has to do it on the office's pages, after proving that it is them."))
		return
	}
	if wantsJSON(r) {
		// The challenge of RFC 9470, section 3.
		challenge := fmt.Sprintf(`Bearer error="insufficient_user_authentication", acr_values="aal%d"`, need.Level)
		if need.Within > 0 {
			challenge += fmt.Sprintf(`, max_age="%d"`, int(need.Within.Seconds()))
		}
		w.Header().Set("WWW-Authenticate", challenge)
		_ = JSON(w, http.StatusUnauthorized, map[string]any{"error": map[string]string{"kind": "step-up",
			"message": sceneOf(r.Context()).printer.Sentence(need), "page": AgainPath + "?" + need.query("").Encode(), "request": who.Request(r.Context())}})
		return
	}
	if next, get := whence(r); get || r.Header.Get("HX-Request") != "" {
		s.again(w, r, need, next)
	} else {
		s.hold(w, r, need, next)
	}
}

// whence is the page that a person is to see after their proof: the one asked
// for, or for a form the page that it was on.
func whence(r *http.Request) (next string, get bool) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		if at, err := url.Parse(r.Header.Get("HX-Current-URL")); r.Header.Get("HX-Request") != "" && err == nil {
			return Local(at.RequestURI()), true // a fragment is no page to go back to
		}
		return Local(r.URL.RequestURI()), true
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host {
		return "/", false
	}
	return Local(from.RequestURI()), false
}

// again leads to the page where the person proves that it is them.
func (s *Server) again(w http.ResponseWriter, r *http.Request, need StepUp, next string) {
	to := AgainPath + "?" + need.query(next).Encode()
	w.Header().Set("Cache-Control", "no-store")
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// query is what the page of the proof is told.
func (n StepUp) query(next string) url.Values {
	q := url.Values{"level": {fmt.Sprint(n.Level)}}
	if next != "" {
		q.Set("next", next)
	}
	if n.Within > 0 {
		q.Set("within", fmt.Sprint(int(n.Within.Seconds())))
	}
	return q
}

// mostHeld bounds what is kept of a form while its sender proves who they are.
const mostHeld = 32 << 10

// hold answers a form with a page that keeps what was typed: its button leads
// to the proof, and from there on to where the form was going. Files and very
// long forms are not kept; their sender goes back to the form's page.
func (s *Server) hold(w http.ResponseWriter, r *http.Request, need StepUp, next string) {
	fields, ok := held(r)
	if !ok {
		s.again(w, r, need, next)
		return
	}
	q := need.query(next)
	q.Set("to", r.URL.RequestURI())
	q.Set("held", fields)
	p := Words(r.Context())
	page := Page{Title: p.T("web.again"), Status: http.StatusForbidden, Body: holdBody(p, q)}
	if err := Show(w, r, page); err != nil {
		s.Log.ErrorContext(r.Context(), "page of a held form not written", "error", err)
	}
}

// held is what was typed into the form of a request. Passwords and codes are
// left out: they would stand in the page for anyone to read.
func held(r *http.Request) (fields string, ok bool) {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if r.Method != http.MethodPost || strings.TrimSpace(kind) != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		return "", false
	}
	kept := make(url.Values, len(r.PostForm))
	for name, values := range r.PostForm {
		if !slices.Contains([]string{"password", "current", "code"}, name) {
			kept[name] = values
		}
	}
	fields = kept.Encode()
	return fields, len(fields) <= mostHeld
}

// Held shows the fields of a held form as hidden inputs.
func Held(fields string) templ.Component {
	values, err := url.ParseQuery(fields)
	if err != nil || len(fields) > mostHeld {
		values = nil
	}
	return hidden(values)
}
