// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/office/registry/roll"
	"hustings/office/registry/verify"
)

func (s *Intake) pageRoutes() []web.Route {
	one := "/intake/applications/{application}"
	return []web.Route{
		{Pattern: "GET /intake", Needs: maySee, Do: s.showQueue},
		{Pattern: "GET " + one, Needs: maySee, Do: s.showApplication},
		{Pattern: "GET " + one + "/pictures/{picture}", Needs: maySee, Do: s.showPicture},
		{Pattern: "POST " + one + "/decide", Needs: mayDecide, Do: s.decideForm},
		{Pattern: "GET " + one + "/form", Needs: mayDecide, Do: s.showEntry},
		{Pattern: "POST " + one + "/form", Needs: mayDecide, Do: s.saveEntry},
		{Pattern: "POST /intake/again", Needs: mayDecide, Do: s.sendOn},
		{Pattern: "GET /intake/paper", Needs: mayDecide, Do: s.showPaper},
		{Pattern: "POST /intake/paper", Needs: mayDecide, MaxBody: 64 << 20, Timeout: 2 * time.Minute, Do: s.savePaper},
		{Pattern: "GET /intake/files", Needs: mayLoad, Do: s.showFiles},
		{Pattern: "POST /intake/files", Needs: mayLoad, MaxBody: largestFile, Timeout: 10 * time.Minute, Do: s.saveFile},
		{Pattern: "GET /intake/files/{delivery}", Needs: mayLoad, Do: s.showFile},
		{Pattern: "GET /intake/files/{delivery}/lines.csv", Needs: mayLoad, Do: s.fileLines},
		{Pattern: "POST /intake/files/{delivery}/release", Needs: mayLoad, Do: s.releaseFile},
		{Pattern: "GET /intake/drives", Needs: maySee, Do: s.showDrives},
		{Pattern: "POST /intake/drives", Needs: mayDecide, Do: s.saveDrive},
		{Pattern: "POST /intake/drives/{drive}/forms", Needs: mayDecide, Do: s.saveHanded},
	}
}

// queueView is the page of what waits.
type queueView struct {
	filter Filter
	asked  url.Values
	typed  string
	wrong  string
	counts []Count
	list   []Application
	next   string // the address of the next page; "" for none
	now    time.Time
}

func (s *Intake) showQueue(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	p := web.Words(ctx)
	v := queueView{asked: q, typed: strings.TrimSpace(q.Get("receipt")), now: s.Now(), filter: Filter{Step: Step(q.Get("step")), Doubt: Doubt(q.Get("doubt")), Source: roll.Source(q.Get("source")),
		Batch: q.Get("batch"), Drive: q.Get("drive"), Voter: roll.ID(q.Get("voter")), After: q.Get("after")}}
	if before := election.Date(q.Get("before")); isDay(before) {
		v.filter.Before = before
	}
	if days, err := strconv.Atoi(q.Get("older")); err == nil && days > 0 && days < 10_000 {
		v.filter.Older = s.Now().AddDate(0, 0, -days)
	}
	status := 0
	if v.typed != "" {
		receipt, err := readReceipt(v.typed)
		if err != nil {
			v.wrong, status, receipt = p.Sentence(err), http.StatusUnprocessableEntity, "none"
		}
		v.filter = Filter{Receipt: receipt, Step: Any}
	}
	var err error
	if v.counts, err = s.Counts(ctx); err != nil {
		return err
	}
	if v.list, err = s.Waiting(ctx, v.filter); err != nil {
		return err
	}
	if v.typed != "" && len(v.list) == 1 {
		http.Redirect(w, r, pathOf(v.list[0].ID), http.StatusSeeOther)
		return nil
	}
	if len(v.list) == pageSize {
		next := url.Values{}
		for k, list := range q {
			next[k] = list
		}
		next.Set("after", v.list[pageSize-1].next())
		v.next = "/intake?" + next.Encode()
	}
	return web.Show(w, r, web.Page{Title: p.T("intake.menu"), Wide: true, Status: status, Body: queuePage(p, v)})
}

func pathOf(app ID) string { return "/intake/applications/" + string(app) }

// applicationView is the page of one application.
type applicationView struct {
	Application
	pictures   []Picture
	trail      []Line
	candidates []candidate
	verdict    *verify.Verdict
	choice     []election.UnitID
	wrong      string
}

// candidate is somebody in the roll who may be the applicant.
type candidate struct {
	Likeness
	roll.Voter
	gone bool
}

func (s *Intake) showApplication(w http.ResponseWriter, r *http.Request) error {
	return s.applicationPage(w, r, nil)
}

func (s *Intake) applicationPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	v, err := s.everything(ctx, ID(r.PathValue("application")))
	if err != nil {
		return err
	}
	if err := ledger.Saw(ctx, s.DB, event.RecordsRead{Kind: "application", Records: []string{string(v.ID)}, Why: "an application to the roll"}); err != nil {
		return err
	}
	p, status := web.Words(ctx), 0
	if wrong != nil {
		v.wrong, status = p.Sentence(wrong), http.StatusUnprocessableEntity
	}
	return web.Show(w, r, web.Page{Title: p.T("intake.application") + " " + v.Receipt, Wide: true, Status: status, Body: applicationPage(p, v)})
}

// everything is all that is known about an application.
func (s *Intake) everything(ctx context.Context, app ID) (v applicationView, err error) {
	if v.Application, err = s.Application(ctx, app); err != nil {
		return v, err
	}
	if v.pictures, err = s.Pictures(ctx, app); err != nil {
		return v, err
	}
	if v.trail, err = s.Trail(ctx, app); err != nil {
		return v, err
	}
	v.verdict, v.choice = lastVerdict(v.trail), lastChoice(v.trail)
	if v.Step == Looking && v.VoterID == "" && s.People != nil {
		v.candidates, err = s.candidates(ctx, &v.Application)
	}
	return v, err
}

// candidates are the voters who may be an applicant, as the roll is now.
func (s *Intake) candidates(ctx context.Context, a *Application) (out []candidate, err error) {
	f, err := s.whose(ctx, a)
	if err != nil {
		return nil, err
	}
	if f.decision.Voter != "" && !slices.ContainsFunc(f.candidates, func(l Likeness) bool { return l.ID == f.decision.Voter }) {
		f.candidates = append(f.candidates, Likeness{ID: f.decision.Voter})
	}
	for _, l := range f.candidates[:min(len(f.candidates), 5)] {
		v, err := s.People.Voter(ctx, l.ID)
		if err != nil {
			return nil, err
		}
		if v.Protected != "" {
			v.Home = roll.Address{}
		}
		out = append(out, candidate{l, v, !v.State.Votes()})
	}
	return out, nil
}

// onPaper is an application as the form has it, which tells where the applicant
// lives. Of a protected voter it is shown to those alone who may see that.
func (s *Intake) onPaper(r *http.Request) (Application, error) {
	ctx := r.Context()
	a, err := s.Application(ctx, ID(r.PathValue("application")))
	if err == nil && a.Voter.Protected != "" {
		err = s.Access.May(ctx, who.From(ctx), mayProtected)
	}
	return a, err
}

func (s *Intake) showPicture(w http.ResponseWriter, r *http.Request) error {
	ctx, app := r.Context(), ID(r.PathValue("application"))
	if r.PathValue("picture") != signaturePicture {
		if _, err := s.onPaper(r); err != nil {
			return err
		}
	}
	media, body, err := s.OpenPicture(ctx, app, r.PathValue("picture"))
	if err != nil {
		return err
	}
	if err := ledger.Saw(ctx, s.DB, event.RecordsRead{Kind: "application", Records: []string{string(app)}, Why: "a picture of an application"}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", "inline")
	_, err = w.Write(body)
	return err
}

// decideForm takes down what a person decided on the page of an application.
func (s *Intake) decideForm(w http.ResponseWriter, r *http.Request) error {
	ctx, app := r.Context(), ID(r.PathValue("application"))
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	f := r.PostForm
	version, _ := strconv.ParseInt(f.Get("version"), 10, 64)
	why := strings.TrimSpace(f.Get("why"))
	if len(why) > mostNote {
		return s.applicationPage(w, r, fault.On("why", fault.New(fault.Invalid, "The note is longer than %d letters.", mostNote)))
	}
	said := "intake.said.decided"
	var err error
	switch f.Get("do") {
	case "new":
		err = s.AsNew(ctx, app, version, why)
	case "voter":
		err = s.IsVoter(ctx, app, version, roll.ID(strings.TrimSpace(f.Get("voter"))), why)
	case "precinct":
		err = s.Votes(ctx, app, version, election.UnitID(strings.TrimSpace(f.Get("precinct"))), why)
	case "numbers":
		err = s.Prove(ctx, app, version, verify.Step(f.Get("numbers")), why)
	case "ask":
		err = s.AskFor(ctx, app, version, f["missing"], why)
	case "reject":
		err = s.Reject(ctx, app, version, Reason(f.Get("reason")), why)
	case "same":
		err = s.Same(ctx, app, version, why)
	case "again":
		err = s.GoOn(ctx, app, version)
	case "reopen":
		said = "intake.said.reopened"
		_, err = s.Reopen(ctx, app, version, why)
	default:
		err = fault.New(fault.Invalid, "Choose what is to be done.")
	}
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
		return s.applicationPage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, pathOf(app), said)
}

// sendOn lets all go on that wait for one reason.
func (s *Intake) sendOn(w http.ResponseWriter, r *http.Request) error {
	n, err := s.SendOn(r.Context(), Doubt(r.FormValue("doubt")))
	if err != nil {
		return err
	}
	return web.Done(w, r, "/intake", "intake.said.again.all", "n", strconv.FormatInt(n, 10))
}

// mostNote is how long a note may be.
const mostNote = 1000
