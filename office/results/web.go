// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/office/results/check"
	"hustings/office/results/intake"
	"hustings/office/results/tally"
)

func (s *Results) routes() []web.Route {
	big := s.Settings.MaxFile + 1<<20
	return []web.Route{
		{Pattern: "GET /results", Needs: "results.view", Do: s.showNights},
		{Pattern: "POST /results", Needs: "results.settings", Do: s.openNight},
		{Pattern: "GET /results/{election}", Needs: "results.view", Do: s.showDesk},
		{Pattern: "GET /results/{election}/events", Needs: "results.view", Timeout: -1, Do: s.listen(s.desks)},
		{Pattern: "GET /results/{election}/upload", Needs: "results.upload", Do: s.showUpload},
		{Pattern: "POST /results/{election}/upload", Needs: "results.upload", MaxBody: big, Timeout: 10 * time.Minute, Do: s.upload},
		{Pattern: "POST /api/results/{election}/sources/{source}/reports", Needs: "results.upload", MaxBody: big, Timeout: 10 * time.Minute, Do: s.apiUpload},
		{Pattern: "GET /results/{election}/reports/{id}", Needs: "results.view", Do: s.showReport},
		{Pattern: "POST /results/{election}/reports/{id}/approve", Needs: "results.approve", Do: s.approve},
		{Pattern: "POST /results/{election}/reports/{id}/return", Needs: "results.approve", Do: s.sendBack},
		{Pattern: "POST /results/{election}/reports/{id}/withdraw", Needs: "results.withdraw", Do: s.withdrawReport},
		{Pattern: "GET /results/{election}/entry", Needs: "results.view", Do: s.showEntry},
		{Pattern: "POST /results/{election}/entry", Needs: "results.enter", Do: s.enter},
		{Pattern: "GET /results/{election}/mapping", Needs: "results.map", Do: s.showMapping},
		{Pattern: "POST /results/{election}/mapping", Needs: "results.map", Do: s.saveMapping},
		{Pattern: "GET /press/{election}/events", Needs: "results.press", Door: web.PublicDoor, Timeout: -1, Do: s.listen(s.press)},
		{Pattern: "GET /results/{election}/sources", Needs: "results.view", Do: s.showSources},
		{Pattern: "POST /results/{election}/sources", Needs: "results.source", Do: s.saveSource},
		{Pattern: "GET /results/{election}/references", Needs: "results.view", Do: s.showReferences},
		{Pattern: "POST /results/{election}/references", Needs: "results.source", MaxBody: big, Timeout: 10 * time.Minute, Do: s.saveReference},
		{Pattern: "POST /results/{election}/references/{kind}/remove", Needs: "results.source", Do: s.removeReference},
		{Pattern: "GET /results/{election}/references/{kind}/table", Needs: "results.view", Do: s.blankTable},
		{Pattern: "POST /results/{election}/live", Needs: "results.settings", Do: s.goLive},
		{Pattern: "POST /results/{election}/next", Needs: "results.settings", Do: s.announce},
		{Pattern: "POST /results/{election}/status", Needs: "results.certify", Do: s.askStatus},
	}
}

func electionOf(r *http.Request) election.ID { return election.ID(r.PathValue("election")) }

func deskPath(e election.ID) string { return "/results/" + string(e) }

func reportPath(r Report) string { return deskPath(r.Election) + "/reports/" + r.ID }

// show writes a page of the room.
func (s *Results) show(w http.ResponseWriter, r *http.Request, title string, body templ.Component) error {
	return web.Show(w, r, web.Page{Title: title, Body: body, Wide: true})
}

func (s *Results) showNights(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	nights, err := listNights(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return err
	}
	ballots, err := s.Definitions.Locked(ctx)
	if err != nil {
		return err
	}
	names := make(map[election.ID]string)
	var waiting []election.Ballot
	for _, b := range ballots {
		names[b.Election] = web.Words(ctx).Text(b.Name)
		if !opened(nights, b.Election) {
			waiting = append(waiting, b)
		}
	}
	p := web.Words(ctx)
	return s.show(w, r, p.T("results.menu"), nightsPage(p, nights, names, waiting))
}

func opened(nights []Night, e election.ID) bool {
	for _, n := range nights {
		if n.Election == e {
			return true
		}
	}
	return false
}

func (s *Results) openNight(w http.ResponseWriter, r *http.Request) error {
	e := election.ID(r.FormValue("election"))
	if err := s.Open(r.Context(), e); err != nil {
		return err
	}
	return web.Done(w, r, deskPath(e), "results.opened")
}

func (s *Results) showDesk(w http.ResponseWriter, r *http.Request) error {
	d, err := s.deskOf(r.Context(), electionOf(r))
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return s.show(w, r, p.Text(d.index.Def.Election.Name), deskPage(p, d))
}

func (s *Results) showUpload(w http.ResponseWriter, r *http.Request) error {
	pic, err := s.see(r.Context(), electionOf(r))
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return s.show(w, r, p.T("results.upload.title"), uploadPage(p, pic, r.URL.Query().Get("source")))
}

func (s *Results) upload(w http.ResponseWriter, r *http.Request) error {
	up := Upload{Election: electionOf(r)}
	var rep Report
	for part, err := range web.Parts(r) {
		if err != nil {
			return err
		}
		rep, err = s.uploadPart(r.Context(), part, &up, rep)
		if errors.Is(err, intake.ErrUnmapped) && !wantsJSON(r) {
			http.Redirect(w, r, mappingPath(rep), http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return err
		}
	}
	if rep.ID == "" {
		return fault.On("file", fault.New(fault.Invalid, "Choose a file first."))
	}
	if wantsJSON(r) {
		return web.JSON(w, http.StatusCreated, apiReport(r.Context(), rep, nil))
	}
	return web.Done(w, r, reportPath(rep), saidOf(rep), "file", rep.File)
}

// mappingPath is where the columns of a refused flat file are explained.
func mappingPath(r Report) string {
	return deskPath(r.Election) + "/mapping?source=" + urlQuery(r.Source) + "&name=" + urlQuery(r.File) + "&key=" + r.SHA256
}

// uploadPart takes one part of the form: a field that says how to read the
// files after it, or a file.
func (s *Results) uploadPart(ctx context.Context, part *multipart.Part, up *Upload, last Report) (Report, error) {
	switch part.FormName() {
	case "source":
		up.Source = textOf(part)
	case "correction":
		up.Correction = textOf(part)
	case "file":
		if part.FileName() == "" {
			return last, nil
		}
		up.Name, up.Body = part.FileName(), part
		rep, err := s.Take(ctx, *up)
		return rep, err
	}
	return last, nil
}

// textOf reads a short text field of a form.
func textOf(part *multipart.Part) string {
	buf := make([]byte, 4096)
	n := 0
	for n < len(buf) {
		k, err := part.Read(buf[n:])
		n += k
		if err != nil {
			break
		}
	}
	return string(buf[:n])
}

func saidOf(rep Report) string {
	switch {
	case rep.Again:
		return "results.upload.again"
	case rep.State == Blocked:
		return "results.upload.blocked"
	}
	return "results.upload.held"
}

func wantsJSON(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }

// apiUpload takes a file as the body of a request, for programs with a token.
func (s *Results) apiUpload(w http.ResponseWriter, r *http.Request) error {
	name := r.Header.Get("X-Filename")
	if name == "" {
		name = r.URL.Query().Get("filename")
	}
	rep, err := s.Take(r.Context(), Upload{Election: electionOf(r), Source: r.PathValue("source"), Name: name,
		Body: r.Body, Correction: r.Header.Get("X-Correction")})
	if err != nil {
		return err
	}
	findings, err := s.Findings(r.Context(), rep)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if rep.Again {
		status = http.StatusOK
	}
	return web.JSON(w, status, apiReport(r.Context(), rep, findings))
}

// apiReport is a report as programs see it.
func apiReport(ctx context.Context, rep Report, findings []tally.Finding) map[string]any {
	type finding struct {
		tally.Finding
		Message string `json:"message"`
	}
	list := make([]finding, len(findings))
	for i, f := range findings {
		list[i] = finding{f, web.Words(ctx).Say(f.Key, f.Args)}
	}
	return map[string]any{"id": rep.ID, "state": rep.State, "worst": rep.Worst, "holds": rep.Holds, "rows": rep.Rows,
		"sha256": rep.SHA256, "again": rep.Again, "findings": list, "href": reportPath(rep)}
}

func (s *Results) showReport(w http.ResponseWriter, r *http.Request) error {
	v, err := s.look(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if v.report.Election != electionOf(r) {
		return fault.New(fault.NotFound, "There is no such report.")
	}
	p := web.Words(r.Context())
	return s.show(w, r, p.T("results.report.title", "file", v.report.File), reportPage(p, v, who.From(r.Context())))
}

func (s *Results) approve(w http.ResponseWriter, r *http.Request) error {
	base, err := strconv.ParseInt(r.FormValue("base"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "The form is incomplete; open the report again.")
	}
	v, err := s.Approve(r.Context(), r.PathValue("id"), base, r.FormValue("reason"))
	if err != nil {
		return err
	}
	return web.Done(w, r, deskPath(electionOf(r)), "results.approved", "version", strconv.FormatInt(v.Number, 10))
}

func (s *Results) sendBack(w http.ResponseWriter, r *http.Request) error {
	if err := s.Return(r.Context(), r.PathValue("id"), r.FormValue("reason")); err != nil {
		return err
	}
	return web.Done(w, r, deskPath(electionOf(r)), "results.returned")
}

func (s *Results) withdrawReport(w http.ResponseWriter, r *http.Request) error {
	rep, err := s.AskWithdrawal(r.Context(), r.PathValue("id"), r.FormValue("reason"))
	if err != nil {
		return err
	}
	return web.Done(w, r, reportPath(rep), "results.asked")
}

func (s *Results) showSources(w http.ResponseWriter, r *http.Request) error {
	pic, err := s.see(r.Context(), electionOf(r))
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return s.show(w, r, p.T("results.sources"), sourcesPage(p, pic, pic.source(r.URL.Query().Get("id"))))
}

func (s *Results) saveSource(w http.ResponseWriter, r *http.Request) error {
	e := electionOf(r)
	pic, err := s.see(r.Context(), e)
	if err != nil {
		return err
	}
	src := pic.source(r.FormValue("id")) // keeps its mapping and layout
	src.Name = r.FormValue("name")
	src.Incremental = r.FormValue("mode") == "incremental"
	src.ByType = r.FormValue("split") == "types"
	src.OverBallots = r.FormValue("overvotes") == "ballots"
	switch asked := r.FormValue("zero") == "yes"; {
	case !asked:
		src.Zero = ""
	case src.Zero == "":
		src.Zero = check.ZeroAwaits
	}
	zone := pic.index.Def.Election.Zone()
	if src.Due, err = localTime(r.FormValue("due"), zone); err != nil {
		return err
	}
	minutes, _ := strconv.Atoi(r.FormValue("every"))
	src.Every = time.Duration(max(0, minutes)) * time.Minute
	if err := s.SaveSource(r.Context(), e, src); err != nil {
		return err
	}
	return web.Done(w, r, deskPath(e)+"/sources", "results.source.saved", "name", src.Name)
}

// localTime reads the value of a datetime-local field; empty is the zero time.
func localTime(v string, zone *time.Location) (time.Time, error) {
	if v == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", v, zone)
	if err != nil {
		return t, fault.Wrap(fault.Invalid, err, "%q is not a date and time such as 2026-11-03T20:30.", v)
	}
	return t, nil
}

func (s *Results) goLive(w http.ResponseWriter, r *http.Request) error {
	if err := s.GoLive(r.Context(), electionOf(r)); err != nil {
		return err
	}
	return web.Done(w, r, deskPath(electionOf(r)), "results.live.done")
}

func (s *Results) announce(w http.ResponseWriter, r *http.Request) error {
	pic, err := s.see(r.Context(), electionOf(r))
	if err != nil {
		return err
	}
	at, err := localTime(r.FormValue("next"), pic.index.Def.Election.Zone())
	if err != nil {
		return err
	}
	if err := s.Announce(r.Context(), electionOf(r), at); err != nil {
		return err
	}
	return web.Done(w, r, deskPath(electionOf(r)), "results.announced")
}

func (s *Results) askStatus(w http.ResponseWriter, r *http.Request) error {
	rep, err := s.AskStatus(r.Context(), electionOf(r), election.ContestID(r.FormValue("contest")), election.Status(r.FormValue("status")), r.FormValue("reason"))
	if err != nil {
		return err
	}
	return web.Done(w, r, reportPath(rep), "results.asked")
}
