// SPDX-License-Identifier: Apache-2.0

package results

import (
	"net/http"
	"net/url"
	"strings"

	"hustings/election"
	"hustings/kit/web"
	"hustings/kit/who"
)

func urlQuery(s string) string { return url.QueryEscape(s) }

func (s *Results) showEntry(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	pic, err := s.see(ctx, electionOf(r))
	if err != nil {
		return err
	}
	v := entryView{picture: pic, me: who.From(ctx).ID, unit: election.UnitID(r.URL.Query().Get("unit")),
		contest: election.ContestID(r.URL.Query().Get("contest"))}
	if v.first, err = findEntry(ctx, s.DB, s.Jurisdiction, pic.night, v.unit, v.contest, 1); err != nil {
		return err
	}
	if v.second, err = findEntry(ctx, s.DB, s.Jurisdiction, pic.night, v.unit, v.contest, 2); err != nil {
		return err
	}
	if v.entries, err = s.Entries(ctx, pic.night); err != nil {
		return err
	}
	p := web.Words(ctx)
	return s.show(w, r, p.T("results.entry.title"), entryPage(p, v))
}

func (s *Results) enter(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	e, unit, contest := electionOf(r), election.UnitID(r.PostFormValue("unit")), election.ContestID(r.PostFormValue("contest"))
	numbers := make(Numbers)
	for key, values := range r.PostForm {
		name, ok := strings.CutPrefix(key, "n:")
		if !ok {
			continue
		}
		n, given, err := ParseNumber(strings.TrimSpace(values[0]))
		if err != nil {
			return err
		}
		if given {
			numbers[name] = n
		}
	}
	rep, err := s.Enter(r.Context(), e, Typing{unit, contest, numbers, r.PostFormValue("correction")})
	if err != nil {
		return err
	}
	if rep.ID != "" {
		return web.Done(w, r, reportPath(rep), "results.entry.agree")
	}
	return web.Done(w, r, deskPath(e)+"/entry?unit="+urlQuery(string(unit))+"&contest="+urlQuery(string(contest)), "results.entry.saved")
}
