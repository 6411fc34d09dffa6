// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"cmp"
	"net/http"
	"strings"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/web"
	"hustings/office/registry/place"
)

// linesView is the page of all street ranges.
type linesView struct {
	all   []Lines
	from  string
	wrong map[string]string
}

func (s *Registry) showLines(w http.ResponseWriter, r *http.Request) error {
	return s.linesPage(w, r, linesView{from: string(election.DayOf(s.Now()))}, 0)
}

func (s *Registry) linesPage(w http.ResponseWriter, r *http.Request, v linesView, status int) (err error) {
	if v.all, err = s.AllLines(r.Context()); err != nil {
		return err
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("registry.lines"), Wide: true, Status: status, Body: linesPage(p, v)})
}

func (s *Registry) bringLines(w http.ResponseWriter, r *http.Request) error {
	name, body, err := web.File(r, s.MaxFile)
	var l Lines
	if err == nil {
		var segments []place.Segment
		if segments, err = place.Ranges(name, body); err == nil {
			l, err = s.BringLines(r.Context(), name, election.Date(strings.TrimSpace(r.FormValue("from"))), segments)
		}
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict, fault.TooLarge:
		v := linesView{from: r.FormValue("from"), wrong: make(map[string]string)}
		for _, one := range fault.All(err) {
			v.wrong[one.Field] = web.Words(r.Context()).Sentence(one)
		}
		return s.linesPage(w, r, v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/registry/lines/"+l.ID, "registry.lines.brought")
}

// oneLinesView is the page of one list of street ranges.
type oneLinesView struct {
	Lines
	job   *job.Job // that is under way, or the last
	names map[election.UnitID]string
}

func (s *Registry) showOneLines(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := s.OneLines(ctx, r.PathValue("lines"))
	if err != nil {
		return err
	}
	v := oneLinesView{Lines: l, names: make(map[election.UnitID]string)}
	for _, kind := range []string{previewJob, assignJob, backJob} {
		list, err := s.Jobs.List(ctx, s.Jurisdiction, kind, "", 50)
		if err != nil {
			return err
		}
		for _, j := range list {
			if j.Key == l.ID {
				v.job = &j
				break
			}
		}
	}
	def, _, err := s.Maps.Newest(ctx)
	if err != nil {
		return err
	}
	if def != nil {
		for _, u := range def.Units {
			v.names[u.ID] = u.Name
		}
	}
	p := web.Words(ctx)
	if v.job != nil && (v.job.State == job.Waiting || v.job.State == job.Running) {
		w.Header().Set("Refresh", "2") // the figures grow while somebody looks
	}
	return web.Show(w, r, web.Page{Title: l.Name, Wide: true, Body: oneLinesPage(p, v)})
}

func (s *Registry) useLines(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("lines")
	if err := s.UseLines(r.Context(), id); err != nil {
		return err
	}
	return web.Done(w, r, "/registry/lines/"+id, "registry.lines.using")
}

func (s *Registry) linesBack(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("lines")
	if err := s.TakeLinesBack(r.Context(), id, cmp.Or(strings.TrimSpace(r.FormValue("why")), "taken back")); err != nil {
		return err
	}
	return web.Done(w, r, "/registry/lines/"+id, "registry.lines.back")
}
