// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"cmp"
	"io"
	"net/http"
	"strings"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/office/extract/eavs"
)

// surveyView is the page of the federal survey.
type surveyView struct {
	asked    SurveyAsked // what the form shows
	done     Surveyed
	waiting  bool
	book     *eavs.Book
	mapped   string
	findings []eavs.Finding
	wrong    map[string]string
}

func (s *Extract) showSurvey(w http.ResponseWriter, r *http.Request) error {
	a := s.lastSurvey()
	if y := r.URL.Query().Get("year"); y != "" {
		a.Year = y
	}
	return s.surveyPage(w, r, a, nil)
}

func (s *Extract) postSurvey(w http.ResponseWriter, r *http.Request) error {
	a := SurveyAsked{Year: strings.TrimSpace(r.FormValue("year")), From: election.Date(r.FormValue("from")), To: election.Date(r.FormValue("to")),
		Excluded: strings.FieldsFunc(r.FormValue("excluded"), func(c rune) bool { return c == ',' || c == ' ' })}
	if err := s.AskSurvey(r.Context(), a); err != nil {
		return s.surveyPage(w, r, a, err)
	}
	return web.Done(w, r, "/extract/survey?year="+a.Year, "extract.survey.asked", "year", a.Year)
}

func (s *Extract) surveyPage(w http.ResponseWriter, r *http.Request, a SurveyAsked, wrong error) error {
	p := web.Words(r.Context())
	v := surveyView{asked: a, wrong: make(map[string]string)}
	status := 0
	if wrong != nil {
		if fault.KindOf(wrong) != fault.Invalid {
			return wrong
		}
		status = http.StatusUnprocessableEntity
		for _, one := range fault.All(wrong) {
			v.wrong[one.Field] = p.Sentence(one)
		}
	}
	var err error
	if v.book, err = eavs.Survey(); err != nil {
		return err
	}
	done, ok, err := s.Surveyed(r.Context(), a.Year)
	if err != nil {
		return err
	}
	v.done, v.waiting, v.mapped = done, ok && done.Computed.IsZero(), v.book.Mapped(a.Year)
	if ok && wrong == nil {
		v.asked = done.SurveyAsked
	}
	if !done.Computed.IsZero() {
		v.findings = v.book.Check(done.Answers)
	}
	return web.Show(w, r, web.Page{Title: p.T("extract.survey"), Wide: true, Status: status, Body: surveyPage(p, v)})
}

func (s *Extract) surveyFile(w http.ResponseWriter, r *http.Request) error {
	v, ok, err := s.Surveyed(r.Context(), r.PathValue("year"))
	if err != nil {
		return err
	}
	if !ok || v.Computed.IsZero() {
		return fault.New(fault.NotFound, "This survey has not been computed.")
	}
	attach(w, "text/csv; charset=utf-8", "eavs-"+v.Year+".csv")
	return s.WriteSurvey(w, v)
}

func attach(w http.ResponseWriter, media, name string) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
}

func (s *Extract) showProgrammes(w http.ResponseWriter, r *http.Request) error {
	return s.programmesPage(w, r, nil)
}

func (s *Extract) programmesPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	p := web.Words(r.Context())
	t := s.Now().In(s.Zone)
	f := map[string]string{"from": cmp.Or(r.FormValue("from"), t.AddDate(-2, 0, 0).Format("2006-01-02")), "to": cmp.Or(r.FormValue("to"), t.Format("2006-01-02"))}
	said, status := make(map[string]string), 0
	for _, one := range fault.All(wrong) {
		said[one.Field], status = p.Sentence(one), http.StatusUnprocessableEntity
	}
	return web.Show(w, r, web.Page{Title: p.T("extract.programmes"), Status: status, Body: programmesPage(p, f, said, s.Programmes != nil)})
}

func (s *Extract) programmesFile(w http.ResponseWriter, r *http.Request) error {
	from, to := r.FormValue("from"), r.FormValue("to")
	err := s.Inspect(r.Context(), election.Date(from), election.Date(to), func() io.Writer {
		attach(w, "text/csv; charset=utf-8", "programmes-"+from+"-"+to+".csv")
		return w
	})
	if fault.KindOf(err) == fault.Invalid {
		return s.programmesPage(w, r, err)
	}
	return err
}
