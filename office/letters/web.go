// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/letters/paper"
)

func (s *Letters) routes() []web.Route {
	const big = 33 << 20
	return []web.Route{
		{Pattern: "GET /letters", Needs: maySee, Do: s.showQueue},
		{Pattern: "GET /letters/letters/{letter}", Needs: maySee, Do: s.showLetter},
		{Pattern: "GET /letters/letters/{letter}/file", Needs: maySee, Do: s.showPaper},
		{Pattern: "POST /letters/letters/{letter}/withdraw", Needs: mayWrite, Do: s.withdraw},
		{Pattern: "POST /letters/letters/{letter}/undo", Needs: mayPrint, Do: s.undo},
		{Pattern: "GET /letters/batches", Needs: maySee, Do: s.showBatches},
		{Pattern: "POST /letters/batches", Needs: mayPrint, Timeout: 2 * time.Minute, Do: s.makeBatchOf},
		{Pattern: "GET /letters/batches/{batch}", Needs: maySee, Do: s.showBatch},
		{Pattern: "GET /letters/batches/{batch}/file", Needs: mayPrint, Timeout: 10 * time.Minute, Do: s.fetchFile},
		{Pattern: "GET /letters/batches/{batch}/manifest.csv", Needs: mayPrint, Do: s.fetchCSV},
		{Pattern: "GET /letters/batches/{batch}/manifest.json", Needs: mayPrint, Do: s.fetchJSON},
		{Pattern: "POST /letters/batches/{batch}/confirm", Needs: mayPrint, MaxBody: big, Timeout: 5 * time.Minute, Do: s.confirmBatch},
		{Pattern: "POST /letters/batches/{batch}/cancel", Needs: mayPrint, Do: s.cancelBatch},
		{Pattern: "GET /letters/returned", Needs: mayPrint, Do: s.showMail},
		{Pattern: "POST /letters/returned", Needs: mayPrint, Do: s.takeReturn},
		{Pattern: "POST /letters/returned/file", Needs: mayPrint, MaxBody: big, Timeout: 10 * time.Minute, Do: s.takeReturns},
		{Pattern: "GET /letters/templates", Needs: maySee, Do: s.showTemplates},
		{Pattern: "GET /letters/templates/open", Needs: mayWrite, Do: s.openTemplate},
		{Pattern: "GET /letters/templates/{kind}/{tag}", Needs: mayWrite, Do: s.showTemplate},
		{Pattern: "POST /letters/templates/{kind}/{tag}", Needs: mayWrite, Do: s.saveTemplate},
		{Pattern: "POST /letters/templates/{kind}/{tag}/reset", Needs: mayWrite, Do: s.resetTemplate},
	}
}

func letterPath(number string) string { return "/letters/letters/" + number }

// described are the ids of what explains a field, its error first.
func described(id, wrong string) string {
	if wrong != "" {
		return id + "-wrong " + id + "-hint"
	}
	return id + "-hint"
}

// problemOf says why a letter cannot be printed; nothing where it can.
func problemOf(p *words.Printer, k Kept) string {
	switch k.Problem {
	case "":
		return ""
	case tooLong:
		return p.T("letters.problem.long")
	}
	return p.T("letters.problem.fonts", "missing", k.Problem)
}

func joined(lines []string) string { return strings.Join(lines, ", ") }

// wrongsOf sorts what is wrong by the field that it is about; rest is for what is
// about none. What a person cannot mend is an error.
func wrongsOf(p *words.Printer, err error, rest string) (map[string]string, error) {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict, fault.NotFound, fault.TooLarge:
	default:
		return nil, err
	}
	if f := new(fault.Error); errors.As(err, &f) && f.Field != "" {
		rest = f.Field
	}
	return map[string]string{rest: p.Sentence(err)}, nil
}

// queueView is what waits.
type queueView struct {
	waiting      []Waiting
	held         []Kept
	typed, wrong string
}

// waitingKind counts what waits of a kind, in all languages.
type waitingKind struct {
	kind          Kind
	languages     string
	letters, held int64
	oldest        time.Time
}

func (k waitingKind) ready() int64 { return k.letters - k.held }

func (v queueView) kinds() (list []waitingKind) {
	for _, kind := range Kinds() {
		k := waitingKind{kind: kind}
		for _, w := range v.waiting {
			if w.Kind != kind {
				continue
			}
			k.languages = strings.TrimPrefix(k.languages+", "+w.Language, ", ")
			k.letters, k.held = k.letters+w.Letters, k.held+w.Held
			if k.oldest.IsZero() || w.Oldest.Before(k.oldest) {
				k.oldest = w.Oldest
			}
		}
		if k.letters > 0 {
			list = append(list, k)
		}
	}
	return list
}

func (v queueView) ready() (n int64) {
	for _, k := range v.kinds() {
		n += k.ready()
	}
	return n
}

func (s *Letters) showQueue(w http.ResponseWriter, r *http.Request) error {
	ctx, p := r.Context(), web.Words(r.Context())
	v, status := queueView{typed: r.URL.Query().Get("number")}, 0
	if strings.TrimSpace(v.typed) != "" {
		number, ok := ReadNumber(v.typed)
		if ok {
			if _, err := s.Letter(ctx, number); err == nil {
				http.Redirect(w, r, letterPath(number), http.StatusSeeOther)
				return nil
			} else if fault.KindOf(err) != fault.NotFound {
				return err
			}
		}
		v.wrong, status = p.T("letters.find.none"), http.StatusNotFound
	}
	var err error
	if v.waiting, err = s.Queue(ctx); err != nil {
		return err
	}
	if v.held, err = s.Held(ctx); err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: p.T("letters.menu"), Wide: true, Status: status, Body: queuePage(p, v)})
}

func (s *Letters) showLetter(w http.ResponseWriter, r *http.Request) error {
	k, err := s.Letter(r.Context(), r.PathValue("letter"))
	if err != nil {
		return err
	}
	l, lang, err := s.Paper(r.Context(), &k)
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: k.Number(), Body: letterPage(p, k, l, lang)})
}

// showPaper is a letter as it is printed.
func (s *Letters) showPaper(w http.ResponseWriter, r *http.Request) error {
	k, err := s.Letter(r.Context(), r.PathValue("letter"))
	if err != nil {
		return err
	}
	l, _, err := s.Paper(r.Context(), &k)
	if err != nil {
		return err
	}
	if _, err := l.Pages(); err != nil {
		return err
	}
	attach(w, "application/pdf", "letter-"+k.Number()+".pdf")
	out := paper.New(w)
	if _, err := out.Letter(l); err != nil {
		return err
	}
	return out.Close()
}

// attach has the browser save what follows.
func attach(w http.ResponseWriter, kind, name string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
}

func (s *Letters) withdraw(w http.ResponseWriter, r *http.Request) error {
	number := r.PathValue("letter")
	if err := s.Withdraw(r.Context(), number, "withdrawn at the desk"); err != nil {
		return err
	}
	return web.Done(w, r, letterPath(number), "letters.withdrawn")
}

// mailView is the page on which returned mail is taken down.
type mailView struct {
	reason        Reason
	typed, wrongs map[string]string
	last          []Kept
	taken         *Taken
}

// marked is what was taken down last of a letter.
func (k *Kept) marked() Reason {
	if k.State == Answered {
		return ByCard
	}
	return k.Why
}

func (s *Letters) mail(w http.ResponseWriter, r *http.Request, v mailView, status int) (err error) {
	if !slices.Contains(Reasons(), v.reason) {
		v.reason = Undeliverable
	}
	if v.last, err = s.Marked(r.Context(), who.From(r.Context()).ID); err != nil {
		return err
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("letters.mail"), Wide: true, Status: status, Body: mailPage(p, v)})
}

func (s *Letters) showMail(w http.ResponseWriter, r *http.Request) error {
	return s.mail(w, r, mailView{reason: Reason(r.URL.Query().Get("reason"))}, 0)
}

// takeReturn takes one letter down and asks for the next, for the same reason.
func (s *Letters) takeReturn(w http.ResponseWriter, r *http.Request) error {
	v := mailView{reason: Reason(r.FormValue("reason")), typed: make(map[string]string)}
	for _, f := range []string{"number", "street", "city", "state", "zip"} {
		v.typed[f] = r.FormValue(f)
	}
	back := Return{Number: v.typed["number"], Why: v.reason}
	if v.reason == Forwarded {
		back.New = newAddress(v.typed["street"], v.typed["city"], v.typed["state"], v.typed["zip"])
	}
	k, err := s.Return(r.Context(), back)
	if err == nil {
		return web.Done(w, r, "/letters/returned?reason="+string(v.reason), "letters.mail.taken", "number", k.Number())
	}
	if v.wrongs, err = wrongsOf(web.Words(r.Context()), err, "number"); err != nil {
		return err
	}
	if wrong := v.wrongs["number"]; wrong != "" { // the next scan must not land behind this one
		v.wrongs["number"], v.typed["number"] = shorten(back.Number)+": "+wrong, ""
	}
	return s.mail(w, r, v, http.StatusUnprocessableEntity)
}

func (s *Letters) takeReturns(w http.ResponseWriter, r *http.Request) error {
	body, name, err := formFile(r)
	if err != nil {
		return err
	}
	if body == nil {
		return fault.On("file", fault.New(fault.Invalid, "Choose a file first."))
	}
	defer body.Close()
	taken, err := s.TakeFile(r.Context(), name, body)
	if err == nil {
		return s.mail(w, r, mailView{taken: &taken}, 0)
	}
	v := mailView{}
	if v.wrongs, err = wrongsOf(web.Words(r.Context()), err, "file"); err != nil {
		return err
	}
	return s.mail(w, r, v, http.StatusUnprocessableEntity)
}

func (s *Letters) undo(w http.ResponseWriter, r *http.Request) error {
	k, err := s.Undo(r.Context(), r.PathValue("letter"))
	if err != nil {
		return err
	}
	return web.Done(w, r, "/letters/returned", "letters.undone", "number", k.Number())
}
