// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/registry/roll"
)

func (s *Registry) routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /registry", Needs: maySee, Do: s.showFind},
		{Pattern: "GET /registry/voters/{voter}", Needs: maySee, Do: s.showVoter},
		{Pattern: "GET /registry/voters/{voter}/residence", Needs: mayProtected, Do: s.showResidence},
		{Pattern: "GET /registry/voters/{voter}/edit", Needs: mayEdit, Do: s.showEdit},
		{Pattern: "POST /registry/voters/{voter}/edit", Needs: mayEdit, Do: s.keepEdit},
		{Pattern: "POST /registry/voters/{voter}/takeback", Needs: mayEdit, Do: s.takeBackChange},
		{Pattern: "GET /registry/voters/{voter}/merge", Needs: mayEdit, Do: s.showMerge},
		{Pattern: "POST /registry/voters/{voter}/merge", Needs: mayEdit, Do: s.merge},
		{Pattern: "POST /registry/voters/{voter}/unmerge", Needs: mayEdit, Do: s.unmerge},
		{Pattern: "GET /registry/lines", Needs: mayLines, Do: s.showLines},
		{Pattern: "POST /registry/lines", Needs: mayLines, Do: s.bringLines, MaxBody: s.MaxFile + 1<<20},
		{Pattern: "GET /registry/lines/{lines}", Needs: mayLines, Do: s.showOneLines},
		{Pattern: "POST /registry/lines/{lines}/use", Needs: mayLines, Do: s.useLines},
		{Pattern: "POST /registry/lines/{lines}/back", Needs: mayLines, Do: s.linesBack},
	}
}

// findView is the page on which people are looked for.
type findView struct {
	typed, wrong string
	asked, empty bool
	hits         []Hit
}

func (s *Registry) showFind(w http.ResponseWriter, r *http.Request) error {
	p := web.Words(r.Context())
	v := findView{typed: r.URL.Query().Get("q")}
	v.asked = strings.TrimSpace(v.typed) != ""
	status := 0
	if v.asked {
		var err error
		if v.hits, err = s.Find(r.Context(), v.typed); fault.KindOf(err) == fault.Invalid {
			v.wrong, status = p.Sentence(err), http.StatusUnprocessableEntity
		} else if err != nil {
			return err
		}
	} else {
		var err error
		if v.empty, err = s.empty(r.Context()); err != nil {
			return err
		}
	}
	return web.Show(w, r, web.Page{Title: p.T("registry.menu"), Wide: true, Status: status, Body: findPage(p, v)})
}

// voterView is the page of one voter.
type voterView struct {
	Version
	history   []Version
	residence bool // where a protected voter lives is shown
	edits     bool // whoever looks may change it
}

// changed names what a version of the history changed.
func (v voterView) changed(p *words.Printer, i int) string {
	if i == 0 {
		return ""
	}
	line := timeline(v.history[:i], time.Time{})
	before := line[max(at(line, v.history[i].From), 0)].Voter
	var out []string
	for _, f := range differences(before, v.history[i].Voter) {
		out = append(out, p.T("registry.field."+f))
	}
	return strings.Join(out, ", ")
}

// undoable says whether a version can be taken back by itself, and has not been.
func (v voterView) undoable(i int) bool {
	cause := v.history[i].Cause
	return i > 0 && cause != "" && !strings.HasPrefix(cause, undone("")) &&
		!slices.ContainsFunc(v.history, func(one Version) bool { return one.Cause == undone(cause) })
}

func (s *Registry) showVoter(w http.ResponseWriter, r *http.Request) error {
	return s.voterPage(w, r, false)
}

// showResidence shows where a protected voter lives. That somebody looked is
// recorded before they see it.
func (s *Registry) showResidence(w http.ResponseWriter, r *http.Request) error {
	return s.voterPage(w, r, true)
}

func (s *Registry) voterPage(w http.ResponseWriter, r *http.Request, residence bool) error {
	ctx := r.Context()
	id := roll.ID(r.PathValue("voter"))
	v, err := s.Voter(ctx, id)
	if err != nil {
		return err
	}
	if residence = residence && v.Protected != ""; residence {
		if err := ledger.Saw(ctx, s.DB, event.RecordsRead{Kind: "voter", Records: []string{string(id)}, Why: "residence of a protected voter"}); err != nil {
			return err
		}
	}
	all, err := s.History(ctx, id)
	if err != nil {
		return err
	}
	p := web.Words(ctx)
	return web.Show(w, r, web.Page{Title: v.Name.String(), Body: voterPage(p, voterView{v, all, residence, s.may(ctx, mayEdit)})})
}

// may says whether whoever asks may do something, if need be after proving once
// more that it is them.
func (s *Registry) may(ctx context.Context, permission string) bool {
	err := s.Access.May(ctx, who.From(ctx), permission)
	return err == nil || errors.As(err, new(web.StepUp))
}

// whys says why somebody was found.
func whys(p *words.Printer, list []string) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = p.T("registry.why." + w)
	}
	return strings.Join(out, ", ")
}
