// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
)

// counted is how many open alarms there were, and when.
type counted struct {
	read time.Time
	n    int
}

// bannerAge is how long a page may be behind with the number of alarms.
const bannerAge = 5 * time.Second

// Banner tells those who may see the record that there are alarms that nobody
// has looked into.
func (s *Audit) Banner(r *http.Request) (b web.Banner, ok bool) {
	ctx := r.Context()
	me := who.From(ctx)
	if !me.Known() || me.Jurisdiction != s.Jurisdiction {
		return b, false
	}
	if err := s.Access.May(ctx, me, "audit.view"); err != nil && !errors.As(err, new(web.StepUp)) {
		return b, false
	}
	last, now := s.alarm.Load(), time.Now()
	if last == nil || now.Sub(last.read) > bannerAge {
		n, err := s.open(ctx, s.Jurisdiction)
		if err != nil {
			return b, false // the page has other means to say that the database is down
		}
		last = &counted{now, n}
		s.alarm.Store(last)
	}
	if last.n == 0 {
		return b, false
	}
	return web.Banner{Text: web.Words(ctx).N("audit.alarms.count", int64(last.n)), Path: "/audit/alarms"}, true
}

// mostAlarms is how many alarms the page shows, those last that an outsider can
// raise as many of as they like; older ones are in the record.
const mostAlarms = 500

// raised is an alarm as the page shows it.
type raised struct {
	Alarm
	Says, About, Person string
}

func (s *Audit) showAlarms(w http.ResponseWriter, r *http.Request) error {
	return s.alarmsPage(w, r, "", nil)
}

func (s *Audit) alarmsPage(w http.ResponseWriter, r *http.Request, tried string, wrong error) error {
	ctx := r.Context()
	list, err := s.Alarms(ctx, mostAlarms)
	if err != nil {
		return err
	}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	p := web.Words(ctx)
	say := speaker{p, names}
	v := alarmsView{wrong: p.Sentence(wrong), tried: tried}
	for _, a := range list {
		one := raised{Alarm: a, About: say.person(a.Subject), Person: say.person(a.By)}
		if e, ok, err := s.Ledger.ByID(ctx, a.Entry); err != nil {
			return err
		} else if ok {
			one.Says = say.sentence(e)
		}
		if a.Seen.IsZero() {
			v.open = append(v.open, one)
		} else {
			v.closed = append(v.closed, one)
		}
	}
	status := 0
	if wrong != nil {
		status = http.StatusUnprocessableEntity
	}
	return web.Show(w, r, web.Page{Title: p.T("audit.alarms"), Status: status, Body: alarmsPage(p, v)})
}

func (s *Audit) postClose(w http.ResponseWriter, r *http.Request) error {
	seq, _ := strconv.ParseInt(r.FormValue("seq"), 10, 64) // none closes nothing
	err := s.Close(r.Context(), r.PathValue("id"), seq, r.FormValue("found"))
	if fault.KindOf(err) == fault.Invalid {
		return s.alarmsPage(w, r, r.PathValue("id"), err)
	}
	if err != nil {
		return err
	}
	s.alarm.Store(nil)
	return web.Done(w, r, "/audit/alarms", "audit.alarms.done")
}
