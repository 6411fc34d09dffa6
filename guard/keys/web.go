// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"net/http"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/web"
	"hustings/kit/who"
)

// form is what was typed, shown again when it cannot be used.
type form struct {
	subject, reason string
	wrong           map[string]string // by field; "" for the whole
}

func (k *Keys) show(w http.ResponseWriter, r *http.Request) error { return k.page(w, r, form{}, 0) }

func (k *Keys) page(w http.ResponseWriter, r *http.Request, f form, status int) error {
	s, err := k.Status(r.Context(), who.From(r.Context()).Jurisdiction)
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("keys.title"), Status: status, Body: keysPage(p, s, f, k.Now())})
}

// refused shows the page again with what is wrong.
func (k *Keys) refused(w http.ResponseWriter, r *http.Request, f form, err error) error {
	f.wrong = make(map[string]string)
	for _, one := range fault.All(err) {
		f.wrong[one.Field] = web.Words(r.Context()).Sentence(one)
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.NotFound:
		return k.page(w, r, f, http.StatusUnprocessableEntity)
	case fault.Conflict:
		return k.page(w, r, f, http.StatusConflict)
	}
	return err
}

func (k *Keys) rotate(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	switch r.FormValue("what") {
	case "data":
		if _, err := k.RotateData(ctx); err != nil {
			return k.refused(w, r, form{}, err)
		}
		return web.Done(w, r, "/keys", "keys.rotating")
	case "kek":
		reason := strings.TrimSpace(r.FormValue("why"))
		if reason == "" {
			return k.refused(w, r, form{}, fault.On("why", fault.New(fault.Invalid, "Say why: the request, or the rule.")))
		}
		err := k.ask(ctx, pair.Ask{Act: actKEK, Subject: who.From(ctx).Jurisdiction, Reason: reason})
		if err != nil {
			return k.refused(w, r, form{}, err)
		}
		return web.Done(w, r, "/keys", "keys.asked")
	}
	return fault.On("what", fault.New(fault.Invalid, "Choose what to rotate."))
}

func (k *Keys) shred(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f := form{subject: strings.TrimSpace(r.FormValue("subject")), reason: strings.TrimSpace(r.FormValue("reason"))}
	if f.subject == "" {
		return k.refused(w, r, f, fault.On("subject", fault.New(fault.Invalid, "Name the person or the election.")))
	}
	if f.reason == "" {
		return k.refused(w, r, f, fault.On("reason", fault.New(fault.Invalid, "Say why: the request, or the rule.")))
	}
	if err := k.Known(ctx, who.From(ctx).Jurisdiction, f.subject); err != nil {
		return k.refused(w, r, f, err)
	}
	if err := k.ask(ctx, pair.Ask{Act: actShred, Subject: f.subject, Reason: f.reason}); err != nil {
		return k.refused(w, r, f, err)
	}
	return web.Done(w, r, "/keys", "keys.asked")
}

// days is a key's age.
func days(now, made time.Time) int64 { return int64(now.Sub(made) / (24 * time.Hour)) }

// shown is how far a bar goes: a column that was empty is done.
func (w Walk) shown() int64 {
	if w.done && w.Total == 0 {
		return 1
	}
	return min(w.Seen, max(1, w.Total))
}
