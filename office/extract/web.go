// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/words"
	"hustings/office/extract/list"
	"hustings/office/registry/roll"
)

func (s *Extract) routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /registry/today", Needs: mayView, Do: s.showToday},
		{Pattern: "GET /extract", Needs: mayView, Do: s.showAll},
		{Pattern: "GET /extract/public", Needs: mayPublic, Do: s.showForm},
		{Pattern: "POST /extract/public", Needs: mayPublic, Do: s.postForm},
		{Pattern: "GET /extract/public/{id}/file", Needs: mayPublic, Timeout: 30 * time.Minute, Do: s.file(true)},
		{Pattern: "GET /extract/lists/{list}", Needs: mayMake, Do: s.showForm},
		{Pattern: "POST /extract/lists/{list}", Needs: mayMake, Do: s.postForm},
		{Pattern: "GET /extract/lists/{id}/file", Needs: mayMake, Timeout: 30 * time.Minute, Do: s.file(false)},
		{Pattern: "GET /extract/made/{id}", Needs: mayView, Do: s.showOne},
		{Pattern: "GET /extract/survey", Needs: mayView, Do: s.showSurvey},
		{Pattern: "POST /extract/survey", Needs: mayView, Do: s.postSurvey},
		{Pattern: "GET /extract/survey/{year}/file", Needs: mayView, Do: s.surveyFile},
		{Pattern: "GET /extract/programmes", Needs: mayMake, Do: s.showProgrammes},
		{Pattern: "POST /extract/programmes", Needs: mayMake, Timeout: 5 * time.Minute, Do: s.programmesFile},
		{Pattern: "POST /extract/saved/{id}/remove", Needs: mayPublic, Do: s.forget},
	}
}

func (s *Extract) showToday(w http.ResponseWriter, r *http.Request) error {
	p := web.Words(r.Context())
	v, err := s.seeToday(r.Context(), speaker{p})
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: p.T("extract.today"), Wide: true, Body: todayPage(p, v)})
}

// shownAtOnce is how many extracts the page lists.
const shownAtOnce = 100

func (s *Extract) showAll(w http.ResponseWriter, r *http.Request) error {
	p := web.Words(r.Context())
	made, err := s.Made(r.Context(), shownAtOnce)
	if err != nil {
		return err
	}
	saved, err := s.Saved(r.Context())
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: p.T("extract.menu"), Wide: true, Body: allPage(p, made, saved, s.Now())})
}

func (s *Extract) showOne(w http.ResponseWriter, r *http.Request) error {
	p := web.Words(r.Context())
	one, err := s.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: p.T("extract.one", "number", one.Number()), Body: onePage(p, one, s.lines(p, one), s.Now())})
}

// form is the page on which a list is chosen.
type form struct {
	Order
	label     string
	statement string
	kind      list.Kind
	preview   *list.Preview
	wrong     map[string]string
	two       int64
	parties   []string
	today     election.Date
}

// path is where the form goes.
func (f form) path() string {
	if f.kind == list.Public {
		return "/extract/public"
	}
	return "/extract/lists/" + string(f.kind)
}

// kindOf is the list that a request is about.
func kindOf(r *http.Request) (list.Kind, error) {
	k := list.Kind(r.PathValue("list"))
	if k == "" {
		return list.Public, nil
	}
	for _, one := range list.Kinds() {
		if one == k && k != list.Public {
			return k, nil
		}
	}
	return "", errNone
}

// read takes the choices out of a form.
func read(k list.Kind, q url.Values) (Order, error) {
	o := Order{Choices: list.Choices{List: k, Format: list.Format(cmp.Or(q.Get("format"), "csv")), AsOf: election.Date(q.Get("as_of")), Since: election.Date(q.Get("since")),
		Precincts: several(q["precincts"]), Districts: several(q["districts"]), Parties: several(q["parties"]), Street: strings.TrimSpace(q.Get("street")),
		Columns: q["columns"], Seed: strings.TrimSpace(q.Get("seed"))},
		Recipient: q.Get("recipient"), Purpose: q.Get("purpose"), Agreed: q.Get("agreed") != ""}
	for _, s := range q["states"] {
		o.States = append(o.States, roll.State(s))
	}
	if n := strings.TrimSpace(q.Get("draw")); n != "" {
		var err error
		if o.Draw, err = strconv.Atoi(n); err != nil {
			return o, fault.On("draw", fault.New(fault.Invalid, "Write how many as a number."))
		}
	}
	return o, nil
}

// several reads what was typed into one field: a list with commas or line
// breaks, for names may have spaces.
func several(fields []string) (out []string) {
	for _, f := range fields {
		for one := range strings.FieldsFuncSeq(f, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
			if one = strings.TrimSpace(one); one != "" {
				out = append(out, one)
			}
		}
	}
	return out
}

// query is choices as a form sends them.
func query(c list.Choices) string {
	q := url.Values{"format": {string(c.Format)}}
	for name, v := range map[string]string{"as_of": string(c.AsOf), "since": string(c.Since), "street": c.Street} {
		if v != "" {
			q.Set(name, v)
		}
	}
	for name, v := range map[string][]string{"precincts": c.Precincts, "districts": c.Districts, "parties": c.Parties} {
		if len(v) > 0 {
			q.Set(name, strings.Join(v, ", "))
		}
	}
	for _, s := range c.States {
		q.Add("states", string(s))
	}
	q["columns"] = c.Columns
	if c.Draw > 0 {
		q.Set("draw", strconv.Itoa(c.Draw))
	}
	return q.Encode()
}

func (s *Extract) showForm(w http.ResponseWriter, r *http.Request) error {
	k, err := kindOf(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	o, err := read(k, q)
	f := form{Order: o, kind: k}
	if err == nil && q.Get("look") != "" {
		var p list.Preview
		if p, err = s.Look(r.Context(), o.Choices); err == nil {
			f.preview = &p
		}
	}
	return s.formPage(w, r, f, err)
}

// formPage shows the form, with what is wrong where something is.
func (s *Extract) formPage(w http.ResponseWriter, r *http.Request, f form, err error) error {
	p := web.Words(r.Context())
	status := 0
	f.wrong = make(map[string]string)
	if err != nil {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
			return err
		}
		status = http.StatusUnprocessableEntity
		for _, one := range fault.All(err) {
			f.wrong[one.Field] = p.Sentence(one)
		}
	}
	f.statement, f.two, f.today = s.statementIn(p), s.TwoFrom, s.today()
	title := p.T("extract.list." + string(f.kind))
	return web.Show(w, r, web.Page{Title: title, Wide: f.preview != nil, Status: status, Body: formPage(p, f)})
}

// statementIn is what may be done with lists, in the language of the page where
// the words are the house's own.
func (s *Extract) statementIn(p *words.Printer) string {
	return cmp.Or(s.Settings.Statement, p.T("extract.statement"))
}

func (s *Extract) postForm(w http.ResponseWriter, r *http.Request) error {
	k, err := kindOf(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return &fault.Error{Kind: fault.Invalid, Err: err}
	}
	o, err := read(k, r.PostForm)
	f := form{Order: o, kind: k, label: r.PostForm.Get("label")}
	if err == nil && r.PostForm.Get("do") == "save" {
		if err = s.Save(r.Context(), f.label, o.Choices); err == nil {
			return web.Done(w, r, "/extract", "extract.saved.done", "label", strings.TrimSpace(f.label))
		}
	} else if err == nil {
		var one One
		if one, err = s.Ask(r.Context(), o); err == nil {
			key := "extract.asked"
			if one.Second {
				key = "extract.askedtwo"
			}
			return web.Done(w, r, "/extract/made/"+one.ID, key, "number", one.Number())
		}
	}
	return s.formPage(w, r, f, err)
}

func (s *Extract) forget(w http.ResponseWriter, r *http.Request) error {
	if err := s.Forget(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return web.Done(w, r, "/extract", "extract.saved.gone")
}

// file hands over the file of an extract.
func (s *Extract) file(public bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return s.Fetch(r.Context(), r.PathValue("id"), public, func(one One) io.Writer {
			h := w.Header()
			h.Set("Content-Type", "application/zip")
			h.Set("Content-Disposition", `attachment; filename="`+strings.TrimSuffix(one.file(), one.Choices.Format.Ending())+`zip"`)
			h.Set("Cache-Control", "no-store")
			return w
		})
	}
}

// lines say what an extract is, a line each.
func (s *Extract) lines(p *words.Printer, o One) []string {
	c := o.Choices
	out := []string{p.T("extract.line.list", "list", p.T("extract.list."+string(c.List)), "format", p.T("extract.format."+string(c.Format)), "day", string(c.AsOf)),
		p.T("extract.line.for", "recipient", o.Recipient, "purpose", o.Purpose)}
	for _, one := range []struct{ key, value string }{
		{"since", string(c.Since)}, {"street", c.Street}, {"precincts", strings.Join(c.Precincts, ", ")}, {"districts", strings.Join(c.Districts, ", ")},
		{"parties", strings.Join(c.Parties, ", ")}, {"states", s.stateNames(p, c.States)}, {"columns", strings.Join(c.Columns, ", ")}, {"seed", c.Seed}} {
		if one.value != "" {
			out = append(out, p.T("extract."+one.key)+": "+one.value)
		}
	}
	if c.Draw > 0 {
		out = append(out, p.T("extract.draw")+": "+p.Number(int64(c.Draw)))
	}
	return out
}

func (s *Extract) stateNames(p *words.Printer, list []roll.State) string {
	var names []string
	for _, one := range list {
		names = append(names, p.T("extract.state."+string(one)))
	}
	return strings.Join(names, ", ")
}
