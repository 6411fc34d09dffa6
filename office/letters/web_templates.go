// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/words"
	"hustings/office/letters/paper"
)

func templatePath(k Kind, lang string) string {
	return "/letters/templates/" + string(k) + "/" + url.PathEscape(lang)
}

// whose says whether a template is the office's own.
func whose(p *words.Printer, t Template) string {
	switch {
	case t.Own:
		return p.T("letters.own", "version", strconv.FormatInt(t.Version, 10))
	case t.Text == "":
		return p.T("letters.new")
	}
	return p.T("letters.ours")
}

// templateView is the page on which a template is changed.
type templateView struct {
	Template
	number  string // of a letter to look at it with
	wrongs  map[string]string
	preview *paper.Letter
}

func (s *Letters) showTemplates(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Templates(r.Context())
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("letters.templates"), Body: templatesPage(p, list)})
}

// openTemplate leads to a template of a language that was typed.
func (s *Letters) openTemplate(w http.ResponseWriter, r *http.Request) error {
	kind := Kind(r.URL.Query().Get("kind"))
	lang, err := languageOf(strings.TrimSpace(r.URL.Query().Get("language")))
	if err != nil {
		return err
	}
	if !kind.known() {
		return fault.New(fault.NotFound, "There is no letter of the kind %q.", string(kind))
	}
	http.Redirect(w, r, templatePath(kind, lang), http.StatusSeeOther)
	return nil
}

func (s *Letters) showTemplate(w http.ResponseWriter, r *http.Request) error {
	t, err := s.Template(r.Context(), Kind(r.PathValue("kind")), r.PathValue("tag"))
	if err != nil {
		return err
	}
	v := templateView{Template: t}
	if v.Text == "" { // of another language: the English one to begin with
		v.Text = ours(t.Kind, "en")
	}
	return s.templatePage(w, r, v)
}

// templatePage shows a template beside a letter that is written with it.
func (s *Letters) templatePage(w http.ResponseWriter, r *http.Request, v templateView) error {
	p, status := web.Words(r.Context()), 0
	if v.wrongs == nil {
		l, err := s.tried(r, v)
		if err != nil {
			if v.wrongs, err = wrongsOf(p, err, "text"); err != nil {
				return err
			}
		} else {
			v.preview = &l
		}
	}
	if v.wrongs != nil {
		status = http.StatusUnprocessableEntity
	}
	return web.Show(w, r, web.Page{Title: p.T("letters.kind." + string(v.Kind)), Wide: true, Status: status, Body: templatePage(p, v)})
}

// tried is a sample, or a letter that there is, written with a template that
// may not be kept yet.
func (s *Letters) tried(r *http.Request, v templateView) (l paper.Letter, err error) {
	t, err := readTemplate(v.Kind, v.Text)
	if err != nil {
		return l, err
	}
	k := s.sample(v.Kind, v.Language)
	if v.number != "" {
		number, _ := ReadNumber(v.number)
		found, err := s.Letter(r.Context(), number)
		if err != nil {
			return l, fault.On("number", err)
		}
		if found.Kind != v.Kind {
			return l, fault.On("number", fault.New(fault.Invalid, "The letter %s is of another kind.", found.Number()))
		}
		k = &found
	}
	return s.today().paper(s.Words.In(v.Language), k, t), nil
}

func (s *Letters) saveTemplate(w http.ResponseWriter, r *http.Request) error {
	t, err := s.Template(r.Context(), Kind(r.PathValue("kind")), r.PathValue("tag"))
	if err != nil {
		return err
	}
	v := templateView{Template: t, number: strings.TrimSpace(r.FormValue("number"))}
	v.Text = strings.ReplaceAll(r.FormValue("text"), "\r\n", "\n")
	if r.FormValue("do") != "keep" {
		return s.templatePage(w, r, v)
	}
	err = s.KeepTemplate(r.Context(), t.Kind, t.Language, v.Text)
	if err == nil {
		return web.Done(w, r, templatePath(t.Kind, t.Language), "letters.template.kept")
	}
	if v.wrongs, err = wrongsOf(web.Words(r.Context()), err, "text"); err != nil {
		return err
	}
	return s.templatePage(w, r, v)
}

func (s *Letters) resetTemplate(w http.ResponseWriter, r *http.Request) error {
	kind, lang := Kind(r.PathValue("kind")), r.PathValue("tag")
	if err := s.ResetTemplate(r.Context(), kind, lang); err != nil {
		return err
	}
	return web.Done(w, r, templatePath(kind, lang), "letters.template.back")
}
