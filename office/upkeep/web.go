// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/office/registry/roll"
)

func (s *Upkeep) routes() []web.Route {
	const large = 5 * time.Minute
	return []web.Route{
		{Pattern: "GET /upkeep", Needs: maySee, Do: s.showAll},
		{Pattern: "POST /upkeep/runs", Needs: mayRun, MaxBody: s.Settings.MaxFile + 1<<20, Timeout: large, Do: s.takeFile},
		{Pattern: "POST /upkeep/votes", Needs: mayRun, MaxBody: s.Settings.MaxFile + 1<<20, Timeout: large, Do: s.takeVotes},
		{Pattern: "GET /upkeep/runs/{run}", Needs: maySee, Do: s.showRun},
		{Pattern: "POST /upkeep/runs/{run}/release", Needs: mayRun, Do: s.releaseFile},
		{Pattern: "POST /upkeep/runs/{run}/act", Needs: mayRun, Do: s.actOnRun},
		{Pattern: "POST /upkeep/runs/{run}/undo", Needs: mayRun, Do: s.undoRun},
		{Pattern: "GET /upkeep/runs/{run}/review", Needs: mayDecide, Do: s.showNext},
		{Pattern: "GET /upkeep/runs/{run}/pairs/{number}", Needs: mayDecide, Do: s.showPair},
		{Pattern: "POST /upkeep/runs/{run}/pairs/{number}", Needs: mayDecide, Do: s.decidePair},
		{Pattern: "POST /upkeep/runs/{run}/pairs/{number}/back", Needs: mayDecide, Do: s.reconsiderPair},
		{Pattern: "POST /upkeep/runs/{run}/pairs/{number}/label", Needs: mayDecide, Do: s.labelPair},
		{Pattern: "GET /upkeep/runs/{run}/report", Needs: maySee, Do: s.showReport},
		{Pattern: "GET /upkeep/runs/{run}/report.csv", Needs: maySee, Do: s.reportCSV},
		{Pattern: "GET /upkeep/waiting", Needs: maySee, Do: s.showWaiting},
		{Pattern: "POST /upkeep/waiting", Needs: mayDecide, Do: s.answerNotice},
		{Pattern: "GET /upkeep/removals", Needs: maySee, Do: s.showRemovals},
		{Pattern: "POST /upkeep/removals", Needs: mayRemove, Do: s.removeVoters},
	}
}

// calm is what every page says of quiet periods.
type calm struct {
	list []Quiet
	now  *Quiet
}

func (s *Upkeep) calm(r *http.Request) (c calm, err error) {
	c.list, c.now, err = s.Quiets(r.Context())
	return c, err
}

// listView is the first page of the room.
type listView struct {
	calm
	runs   []Run
	stages []Stage
}

func (s *Upkeep) showAll(w http.ResponseWriter, r *http.Request) (err error) {
	var v listView
	if v.calm, err = s.calm(r); err != nil {
		return err
	}
	if v.runs, err = s.Runs(r.Context()); err != nil {
		return err
	}
	if v.stages, err = s.stages(r.Context()); err != nil {
		return err
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("upkeep.menu"), Wide: true, Body: listPage(p, v)})
}

// upload finds the file of a form, and what stands in the fields before it.
func upload(r *http.Request, do func(fields url.Values, name string, in io.Reader) error) error {
	fields := url.Values{}
	for part, err := range web.Parts(r) {
		if err != nil {
			return err
		}
		if part.FormName() == "file" {
			return do(fields, part.FileName(), part)
		}
		text, err := io.ReadAll(io.LimitReader(part, 1<<10))
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The form could not be read.")
		}
		fields.Add(part.FormName(), string(text))
	}
	return do(fields, "", strings.NewReader(""))
}

func (s *Upkeep) takeFile(w http.ResponseWriter, r *http.Request) error {
	return upload(r, func(fields url.Values, name string, in io.Reader) error {
		kind := Kind(fields.Get("kind"))
		if err := kind.known(); err != nil {
			return err
		}
		if kind != Duplicates && name == "" {
			return fault.On("file", fault.New(fault.Invalid, "Choose a file first."))
		}
		run, err := s.Take(r.Context(), kind, name, in)
		if err != nil {
			return err
		}
		key := "upkeep.taken"
		if run.State == Held {
			key = "upkeep.taken.held"
		}
		return web.Done(w, r, runPath(run.ID), key)
	})
}

func (s *Upkeep) takeVotes(w http.ResponseWriter, r *http.Request) error {
	return upload(r, func(_ url.Values, name string, in io.Reader) error {
		if name == "" {
			return fault.On("file", fault.New(fault.Invalid, "Choose a file first."))
		}
		v, err := s.TakeVotes(r.Context(), name, in)
		if err != nil {
			return err
		}
		p := web.Words(r.Context())
		return web.Done(w, r, "/upkeep", "upkeep.votes.taken", "read", p.Number(v.Read), "new", p.Number(v.New), "back", p.Number(v.Back))
	})
}

// runView is the page of a run.
type runView struct {
	calm
	Run
	tallies   []Tally
	quality   Quality
	troubled  []Candidate
	next      string // the next pair to look at
	label     string // the next pair of the sample
	sure      int64  // pairs of the automatic tier on which nobody has acted
	mine      bool   // who looks brought the file
	say       string
	done, all int64
}

func (s *Upkeep) showRun(w http.ResponseWriter, r *http.Request) (err error) {
	ctx := r.Context()
	var v runView
	if v.Run, err = s.Run(ctx, r.PathValue("run")); err != nil {
		return err
	}
	if v.calm, err = s.calm(r); err != nil {
		return err
	}
	if v.tallies, err = s.Tallies(ctx, v.ID); err != nil {
		return err
	}
	if v.quality, err = s.Quality(ctx, v.Run); err != nil {
		return err
	}
	if v.next, err = s.next(ctx, v.ID, ""); err != nil {
		return err
	}
	if v.label, err = s.nextLabel(ctx, v.ID); err != nil {
		return err
	}
	if v.troubled, err = s.candidates(ctx, `and c.run = $2 and c.trouble <> '' order by c.number limit 50`, v.ID); err != nil {
		return err
	}
	for _, t := range v.tallies {
		if t.Tier == "auto" && t.Done == "" && t.Decision == Undecided || t.Decision == Same && t.Done == "" {
			v.sure += t.N
		}
	}
	v.mine = v.TakenBy == me(r)
	if s.Jobs != nil && v.Job != "" {
		if j, err := s.Jobs.Get(ctx, s.Jurisdiction, v.Job); err == nil && (j.State == "queued" || j.State == "running") {
			v.say, v.done, v.all = string(j.State), j.Done, j.Total
		}
	}
	p := web.Words(ctx)
	return web.Show(w, r, web.Page{Title: p.T("upkeep.kind." + string(v.Kind)), Wide: true, Body: runPage(p, v)})
}

func (s *Upkeep) releaseFile(w http.ResponseWriter, r *http.Request) error {
	run, in := r.PathValue("run"), r.FormValue("in") == "yes"
	if err := s.Release(r.Context(), run, in, r.FormValue("why")); err != nil {
		return err
	}
	if !in {
		return web.Done(w, r, runPath(run), "upkeep.release.refused")
	}
	return web.Done(w, r, runPath(run), "upkeep.release.done")
}

func (s *Upkeep) actOnRun(w http.ResponseWriter, r *http.Request) error {
	run := r.PathValue("run")
	if err := s.ActOnSure(r.Context(), run); err != nil {
		return err
	}
	return web.Done(w, r, runPath(run), "upkeep.act.begun")
}

func (s *Upkeep) undoRun(w http.ResponseWriter, r *http.Request) error {
	run := r.PathValue("run")
	if err := s.Undo(r.Context(), run, r.FormValue("why")); err != nil {
		return err
	}
	return web.Done(w, r, runPath(run), "upkeep.undo.begun")
}

func (s *Upkeep) showNext(w http.ResponseWriter, r *http.Request) error {
	run := r.PathValue("run")
	if _, err := s.Run(r.Context(), run); err != nil {
		return err
	}
	number, err := s.next(r.Context(), run, "")
	if err != nil {
		return err
	}
	if number == "" {
		return web.Done(w, r, runPath(run), "upkeep.review.none")
	}
	http.Redirect(w, r, pairPath(run, number), http.StatusSeeOther)
	return nil
}

func pairPath(run, number string) string { return runPath(run) + "/pairs/" + number }

// pairView is a pair on a page.
type pairView struct {
	calm
	Candidate
	fields []field
	sample bool // it is judged for the sample alone: its weight is not shown
	keep   [2]roll.Voter
	fixed  bool // it is decided
}

func (s *Upkeep) showPair(w http.ResponseWriter, r *http.Request) (err error) {
	ctx := r.Context()
	var v pairView
	if v.Candidate, err = s.Candidate(ctx, r.PathValue("run"), r.PathValue("number")); err != nil {
		return err
	}
	if v.calm, err = s.calm(r); err != nil {
		return err
	}
	v.sample = r.URL.Query().Get("sample") == "yes" && v.Sampled
	if v.keep[0], err = s.Roll.Voter(ctx, v.Voter); err != nil {
		return err
	}
	right := v.Line.Person
	if v.Other != "" {
		if v.keep[1], err = s.Roll.Voter(ctx, v.Other); err != nil {
			return err
		}
		right = v.keep[1]
	}
	v.fields = compare(&v.keep[0], &right, &v.Line)
	v.fixed = v.Decision == Same || v.Decision == Different || v.Done != ""
	p := web.Words(ctx)
	return web.Show(w, r, web.Page{Title: p.T("upkeep.pair"), Wide: true, Body: pairPage(p, v)})
}

func (s *Upkeep) decidePair(w http.ResponseWriter, r *http.Request) error {
	run, number := r.PathValue("run"), r.PathValue("number")
	if _, err := s.Decide(r.Context(), run, number, Decision(r.FormValue("decision")), roll.ID(r.FormValue("keep")), r.FormValue("why"), r.FormValue("document")); err != nil {
		return err
	}
	next, err := s.next(r.Context(), run, number)
	if err != nil {
		return err
	}
	if next == "" || next == number {
		return web.Done(w, r, runPath(run), "upkeep.review.none")
	}
	return web.Done(w, r, pairPath(run, next), "upkeep.decided")
}

func (s *Upkeep) reconsiderPair(w http.ResponseWriter, r *http.Request) error {
	run, number := r.PathValue("run"), r.PathValue("number")
	stays, err := s.Reconsider(r.Context(), run, number, r.FormValue("why"))
	if err != nil {
		return err
	}
	if len(stays) > 0 {
		return web.Done(w, r, pairPath(run, number), "upkeep.back.stays", "what", strings.Join(stays, ", "))
	}
	return web.Done(w, r, pairPath(run, number), "upkeep.back.done")
}

func (s *Upkeep) labelPair(w http.ResponseWriter, r *http.Request) error {
	run := r.PathValue("run")
	if err := s.Label(r.Context(), run, r.PathValue("number"), Decision(r.FormValue("decision"))); err != nil {
		return err
	}
	next, err := s.nextLabel(r.Context(), run)
	if err != nil {
		return err
	}
	if next == "" {
		return web.Done(w, r, runPath(run), "upkeep.sample.none")
	}
	return web.Done(w, r, pairPath(run, next)+"?sample=yes", "upkeep.labelled")
}

func (s *Upkeep) showReport(w http.ResponseWriter, r *http.Request) error {
	rep, err := s.Report(r.Context(), r.PathValue("run"))
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("upkeep.report"), Wide: true, Body: reportPage(p, rep)})
}

func (s *Upkeep) reportCSV(w http.ResponseWriter, r *http.Request) error {
	rep, err := s.Report(r.Context(), r.PathValue("run"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(rep.Run.Kind)+"-"+rep.Run.ID+`.csv"`)
	return rep.CSV(w)
}
