// SPDX-License-Identifier: Apache-2.0

package register

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/words"
	"hustings/office/registry/rules"
)

// view is what stands around a page.
type view struct {
	p       *words.Printer
	title   string
	office  Office
	style   string
	script  string
	langs   []words.Language
	path    string // "" where the page has no address of its own
	refresh int    // seconds after which it loads next; 0: never
	next    string
}

func (s *Register) view(r *http.Request, title string) view {
	return view{p: web.Words(r.Context()), title: title, office: s.Office, style: s.Style, script: s.Script, langs: s.Words.Languages(), path: r.URL.Path}
}

func htmlHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
}

// keepLanguage has the browser name its language for as long as it is open: to
// find it out anew from what all a browser speaks costs more than the page.
func (s *Register) keepLanguage(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie("lang"); err == nil {
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: web.Words(r.Context()).Lang(), Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

// show writes a page.
func (s *Register) show(w http.ResponseWriter, r *http.Request, status int, v view, page templ.Component) error {
	s.keepLanguage(w, r)
	htmlHeaders(w)
	w.Header().Set("Content-Language", v.p.Lang())
	if status != 0 {
		w.WriteHeader(status)
	}
	return frame(v, page).Render(r.Context(), w)
}

func see(w http.ResponseWriter, r *http.Request, to string) error {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// fault answers in the room's own frame, for the house's has the office's menu.
func (s *Register) fault(w http.ResponseWriter, r *http.Request, status int, err error) {
	p := web.Words(r.Context())
	v := s.view(r, p.T("web.fault."+string(fault.KindOf(err))))
	v.path = ""
	if err := s.show(w, r, status, v, faultPage(p, v.title, p.Sentence(err))); err != nil && r.Context().Err() == nil {
		s.Log.ErrorContext(r.Context(), "fault page not written", "error", err)
	}
}

// lost leads somebody without a draft back to the first page.
func (s *Register) lost(w http.ResponseWriter, r *http.Request, err error) error {
	if !errors.Is(err, errNoDraft) {
		return err
	}
	if token(r) != "" {
		s.give(w, "")
	}
	return see(w, r, "/register")
}

// form is what the questions of a draft depend on.
func (s *Register) form(r *http.Request, d draft) (*form, error) {
	now, err := s.now(r.Context())
	if err != nil {
		return nil, err
	}
	return &form{answers: d.answers, rules: now.rules, today: now.today, next: now.days, p: web.Words(r.Context()), letters: s.written()}, nil
}

// written are the languages in which the office writes letters.
func (s *Register) written() (list []words.Language) {
	for _, l := range s.Words.Languages() {
		if slices.Contains(words.Shipped(), l.Tag) {
			list = append(list, l)
		}
	}
	return list
}

// begun is the draft and form of a request; one that has not begun has an empty
// draft.
func (s *Register) begun(r *http.Request) (d draft, f *form, err error) {
	d, err = s.mine(r)
	if errors.Is(err, errNoDraft) && token(r) == "" {
		d, err = draft{answers: answers{}}, nil
	}
	if err != nil {
		return d, nil, err
	}
	f, err = s.form(r, d)
	return d, f, err
}

// questionView is the page of a question.
type questionView struct {
	f       *form
	q       *question
	fields  []field
	bad     []wrong
	change  bool
	n, of   int
	back    string
	started bool
}

func (s *Register) questionView(f *form, q *question, change, started bool) questionView {
	v := questionView{f: f, q: q, fields: q.fields(f), change: change, back: "/register", started: started}
	v.n, v.of = f.progress(q)
	if before := f.beforeIt(q); before != nil {
		v.back = questionPath(before)
	}
	if change {
		v.back = "/register/check"
	}
	return v
}

func questionPath(q *question) string { return "/register/question/" + q.id }

// ahead is where somebody goes who has answered what is answered.
func (f *form) ahead() string {
	if why := f.stopped(); why != "" {
		return "/register/stop/" + why
	}
	if q := f.missing(); q != nil {
		return questionPath(q)
	}
	return "/register/check"
}

func (s *Register) showQuestion(w http.ResponseWriter, r *http.Request) error {
	q := find(r.PathValue("question"))
	if q == nil {
		return fault.New(fault.NotFound, "There is no page at this address.")
	}
	if !s.looks.enter() {
		return s.waiting(w, r, "")
	}
	defer s.looks.leave()
	d, f, err := s.begun(r)
	if err != nil {
		return s.lost(w, r, err)
	}
	if to := f.past(d); to != "" {
		return see(w, r, to)
	}
	if !f.reached(q) {
		return see(w, r, f.ahead())
	}
	v := s.questionView(f, q, r.URL.Query().Get("change") != "", d.id != "")
	return s.show(w, r, 0, s.view(r, f.heading(q)), questionPage(v))
}

// past is where somebody belongs whose application was sent.
func past(d draft) string {
	if d.state == sent {
		return "/register/done"
	}
	return ""
}

// past is the same, and the first page where the state takes nothing on the web.
func (f *form) past(d draft) string {
	if len(f.rules.Online.Closed) > 0 {
		return "/register"
	}
	return past(d)
}

// answer keeps the answers of a page and goes on to the next.
func (s *Register) answer(w http.ResponseWriter, r *http.Request) error {
	q := find(r.PathValue("question"))
	if q == nil || q.id == "sign" {
		return fault.New(fault.NotFound, "There is no page at this address.")
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form cannot be read.")
	}
	if !s.saves.enter() {
		return s.holdOn(w, r)
	}
	defer s.saves.leave()
	d, f, err := s.begun(r)
	if err != nil {
		return s.lost(w, r, err)
	}
	if to := f.past(d); to != "" {
		return see(w, r, to)
	}
	if !f.reached(q) {
		return see(w, r, f.ahead())
	}
	change := r.PostForm.Get("change") != ""
	given, bad := f.read(q, r.PostForm)
	if len(bad) > 0 {
		return s.wrong(w, r, d, f, q, given, bad, change)
	}
	f.accept(q, given)
	return s.keep(w, r, d, f, q, func(d draft) error { return s.save(s.somebody(r.Context()), d) })
}

// accept puts the answers of a question among the others. An answer that others
// rest on makes those be asked again.
func (f *form) accept(q *question, given answers) {
	given.put("asked-"+q.id, "yes")
	if was := f.get("number"); q.id == "number" && was != given.get("number") {
		given.put("asked-sign", "")
	}
	if was := f.get("want"); q.id == "want" && was != "" && was != given.get("want") {
		for i := range questions {
			given.put("asked-"+questions[i].id, "")
		}
		given.put("asked-want", "yes")
	}
	f.answers = f.with(given)
}

// keep saves a draft, or begins one, and goes on: to the next question that has
// no answer yet.
func (s *Register) keep(w http.ResponseWriter, r *http.Request, d draft, f *form, q *question, save func(draft) error) error {
	d.answers = f.answers
	var err error
	if d.id == "" {
		var token string
		if token, err = s.begin(s.somebody(r.Context()), d.answers); err == nil {
			s.keepLanguage(w, r)
			s.give(w, token)
		}
	} else {
		err = save(d)
	}
	switch {
	case errors.Is(err, errOvertaken):
		return see(w, r, questionPath(q))
	case fault.KindOf(err) == fault.Unavailable:
		return s.holdOn(w, r)
	case err != nil:
		return err
	}
	return see(w, r, f.ahead())
}

// wrong shows a question again with what was typed and what is wrong with it.
func (s *Register) wrong(w http.ResponseWriter, r *http.Request, d draft, f *form, q *question, given answers, bad []wrong, change bool) error {
	f.answers = f.with(given)
	v := s.questionView(f, q, change, d.id != "")
	v.bad = bad
	around := s.view(r, f.t("error")+" "+f.heading(q))
	around.path = questionPath(q)
	return s.show(w, r, http.StatusUnprocessableEntity, around, questionPage(v))
}

// holdOn answers an answer that there is no room for now with a page that keeps
// it: its button sends the same again.
func (s *Register) holdOn(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r, web.T(r.Context(), "register.busy"))
	v.path = ""
	s.tellWait(w, leastWait+int(s.busy.turn.Add(1)%waitSpread))
	return frame(v, holdPage(v.p, r.URL.Path, r.PostForm)).Render(r.Context(), w)
}

// sign keeps the answer about the signature, whose form brings a picture.
func (s *Register) sign(w http.ResponseWriter, r *http.Request) error {
	q := find("sign")
	if !s.saves.enter() {
		return s.waiting(w, r, questionPath(q))
	}
	defer s.saves.leave()
	d, err := s.mine(r)
	if err != nil {
		return s.lost(w, r, err)
	}
	f, err := s.form(r, d)
	if err != nil {
		return err
	}
	if to := f.past(d); to != "" {
		return see(w, r, to)
	}
	if !f.reached(q) {
		return see(w, r, f.ahead())
	}
	sent, file, err := readUpload(r)
	if err != nil {
		return err
	}
	given, bad := f.read(q, sent)
	png, err := s.drawn(given.get("sign"), sent.Get("drawn"), file, d.signed)
	if f := new(fault.Error); errors.As(err, &f) && f.Kind == fault.Invalid {
		bad = append(bad, wrong{f.Field, web.Words(r.Context()).Sentence(f)})
	} else if err != nil {
		return err
	}
	if len(bad) > 0 {
		return s.wrong(w, r, d, f, q, given, bad, sent.Get("change") != "")
	}
	f.accept(q, given)
	return s.keep(w, r, d, f, q, func(d draft) error {
		if png == nil && given.get("sign") != string(rules.FromLicence) {
			return s.save(s.somebody(r.Context()), d) // the picture from before stays
		}
		return s.saveSigned(s.somebody(r.Context()), d, png)
	})
}

// drawn is the picture that came with the answer about the signature; nil where
// it needs none, or where one from before will do.
func (s *Register) drawn(from, url string, file []byte, has bool) ([]byte, error) {
	switch rules.Signature(from) {
	case rules.Drawn:
		if url == "" && has {
			return nil, nil
		}
		return readDrawn(url)
	case rules.Uploaded:
		if len(file) == 0 && has {
			return nil, nil
		}
		if len(file) == 0 {
			return nil, fault.On("picture", fault.New(fault.Invalid, "Choose the picture of your signature."))
		}
		return readPicture(file)
	}
	return nil, nil
}

// mostParts is how many fields a form with a file has.
const mostParts = 20

// readUpload reads a form with a file, which is kept nowhere.
func readUpload(r *http.Request) (fields url.Values, file []byte, err error) {
	fields = url.Values{}
	n := 0
	for part, err := range web.Parts(r) {
		if n++; err != nil || n > mostParts {
			return nil, nil, cmp.Or(err, error(fault.New(fault.Invalid, "The form could not be read.")))
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		if part.FormName() == "picture" {
			file = text
			continue
		}
		fields.Add(part.FormName(), string(text))
	}
	return fields, file, nil
}

// showStop says why there is nothing to ask any more, and what to do instead.
func (s *Register) showStop(w http.ResponseWriter, r *http.Request) error {
	why := r.PathValue("why")
	p := web.Words(r.Context())
	if !p.Has("register.stop."+why) && !s.Words.In("en").Has("register.stop."+why) {
		return fault.New(fault.NotFound, "There is no page at this address.")
	}
	v := stopView{why: why, back: "/register", office: s.Office}
	if d, f, err := s.begun(r); err == nil && d.id != "" {
		if q := f.stopper(); q != nil {
			v.back = questionPath(q)
		}
		if e, ok := f.rules.Eligible(election.Date(f.get("birth")), f.today, f.next); ok && why == "young" && e.From != "" {
			v.from = dateOf(p, e.From)
		}
	}
	return s.show(w, r, 0, s.view(r, p.T("register.stop."+why)), stopPage(p, v))
}

// stopper is the question whose answer ended the questions.
func (f *form) stopper() *question {
	for i := range questions {
		if q := &questions[i]; q.stop != nil && q.needed(f) && f.asked(q) && q.stop(f) != "" {
			return q
		}
	}
	return nil
}

// stopView is the page that says why there is nothing more to ask.
type stopView struct {
	why, back, from string
	office          Office
}

// showCheck shows all answers, before they are sent.
func (s *Register) showCheck(w http.ResponseWriter, r *http.Request) error {
	if !s.looks.enter() {
		return s.waiting(w, r, "")
	}
	defer s.looks.leave()
	d, err := s.mine(r)
	if err != nil {
		return s.lost(w, r, err)
	}
	if d.state == sent {
		return see(w, r, "/register/done")
	}
	f, err := s.form(r, d)
	if err != nil {
		return err
	}
	if to := f.ahead(); to != "/register/check" {
		return see(w, r, to)
	}
	return s.show(w, r, 0, s.view(r, f.t("check")), checkPage(f, f.summary(d.signed), d))
}

// line is one answer on the page that shows them all.
type line struct{ question, label, value string }

// summary are the answers in words.
func (f *form) summary(signed bool) (list []line) {
	for i := range questions {
		q := &questions[i]
		if !q.needed(f) {
			continue
		}
		var said []string
		for _, fd := range q.fields(f) {
			if v := f.said(fd); v != "" {
				said = append(said, v)
			}
		}
		if q.id == "sign" && signed && !f.is("sign", "licence") {
			said = append(said, f.t("sign.here"))
		}
		if len(said) == 0 {
			said = []string{f.t("nothing")}
		}
		list = append(list, line{q.id, f.heading(q), strings.Join(said, "\n")})
	}
	return list
}

// said is the answer of a field in words. Numbers that others must not see over
// a shoulder are shown by their end.
func (f *form) said(fd field) string {
	v := f.get(fd.name)
	switch fd.kind {
	case date:
		return dateOf(f.p, election.Date(v))
	case radios:
		for _, o := range fd.options {
			if o.value == v {
				return o.label
			}
		}
		return ""
	case checks:
		var on []string
		for _, o := range fd.options {
			if f.is(fd.name+"-"+o.value, "yes") {
				on = append(on, o.label)
			}
		}
		return strings.Join(on, "\n")
	}
	if fd.name == "licence" && len(v) > 4 {
		return strings.Repeat("•", len(v)-4) + v[len(v)-4:]
	}
	return v
}

// heading is the question itself.
func (f *form) heading(q *question) string { return f.t("q." + q.id) }
