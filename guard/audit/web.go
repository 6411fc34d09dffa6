// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/web"
)

// perPage is how many entries a page has.
const perPage = 50

func (s *Audit) routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /audit", Needs: "audit.view", Do: s.showSearch},
		{Pattern: "GET /audit/entries/{id}", Needs: "audit.view", Do: s.showEntry},
		{Pattern: "GET /audit/entries/{id}/receipt", Needs: "audit.view", Do: s.getReceipt},
		{Pattern: "GET /audit/alarms", Needs: "audit.view", Do: s.showAlarms},
		{Pattern: "POST /audit/alarms/{id}/close", Needs: "audit.watch", MaxBody: 16 << 10, Do: s.postClose},
		{Pattern: "POST /audit/searches", Needs: "audit.view", MaxBody: 16 << 10, Do: s.postSave},
		{Pattern: "POST /audit/searches/{id}/remove", Needs: "audit.view", MaxBody: 16 << 10, Do: s.postForget},
		{Pattern: "POST /audit/export", Needs: "audit.export", MaxBody: 16 << 10, Timeout: 30 * time.Minute, Do: s.postExport},
	}
}

// found is what the page of a search shows.
type found struct {
	search  Search
	wrong   string // what was not right about the search
	field   string // which field that was
	lines   []line
	newer   string // address of the page before
	older   string // address of the page behind
	places  []string
	people  []Person
	actions []field
	saved   []Saved
	sealed  Sealed
}

// line is one entry of a list.
type line struct {
	ledger.Entry
	Says string
}

func (s *Audit) showSearch(w http.ResponseWriter, r *http.Request) error {
	f, err := s.find(r)
	if err != nil {
		return err
	}
	status := 0
	if f.wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("audit.menu"), Wide: true, Status: status, Body: searchPage(p, f)})
}

// find searches for what the address asks for.
func (s *Audit) find(r *http.Request) (f found, err error) {
	ctx := r.Context()
	p := web.Words(ctx)
	if f.places, err = s.places(ctx); err != nil {
		return f, err
	}
	if f.people, err = s.staff(ctx); err != nil {
		return f, err
	}
	if f.saved, err = s.Searches(ctx); err != nil {
		return f, err
	}
	if f.sealed, err = s.Checkpoint(ctx); err != nil {
		return f, err
	}
	f.actions = actions(p)
	q, err := readSearch(r.URL.Query())
	f.search = q
	var filter ledger.Filter
	if err == nil {
		filter, err = s.filter(ctx, q)
	}
	if fault.KindOf(err) == fault.Invalid {
		f.wrong, f.field = p.Sentence(err), fieldOf(err)
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.search.In = filter.Jurisdiction
	return f, s.page(r, &f, filter)
}

func fieldOf(err error) string {
	if list := fault.All(err); len(list) > 0 {
		return list[0].Field
	}
	return ""
}

// page reads one page of entries: those before a sequence, or those behind one.
func (s *Audit) page(r *http.Request, f *found, filter ledger.Filter) error {
	ctx := r.Context()
	before, after := number(r, "before"), number(r, "after")
	var list []ledger.Entry
	var err error
	if after > 0 {
		list, err = s.Ledger.Later(ctx, filter, after, perPage+1)
	} else {
		list, err = s.Ledger.Find(ctx, filter, before, perPage+1)
	}
	if err != nil {
		return err
	}
	more := len(list) > perPage
	switch {
	case more && after > 0:
		list = list[1:]
	case more:
		list = list[:perPage]
	}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	say := speaker{web.Words(ctx), names}
	for _, e := range list {
		f.lines = append(f.lines, line{e, say.sentence(e)})
	}
	if len(list) == 0 {
		return nil
	}
	if before > 0 || after > 0 && more {
		f.newer = f.search.page("after", list[0].Seq)
	}
	if after > 0 || more {
		f.older = f.search.page("before", list[len(list)-1].Seq)
	}
	return nil
}

func number(r *http.Request, name string) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil {
		return 0 // as if it were not there
	}
	return n
}

// page is the address of another page of the search.
func (s Search) page(direction string, seq int64) string {
	q := s.query()
	if q != "" {
		q += "&"
	}
	return "/audit?" + q + direction + "=" + strconv.FormatInt(seq, 10)
}

// at is the address of a search.
func (s Search) at() string { return "/audit?" + s.query() }

// shownEntry is what the page of one entry shows.
type shownEntry struct {
	line
	fields  []field
	changes []change
	was     *ledger.Entry
	leaf    uint64
	sealed  bool
}

// entry finds an entry that the person may see. One that they may not see is
// not there for them.
func (s *Audit) entry(r *http.Request) (ledger.Entry, error) {
	none := fault.New(fault.NotFound, "There is no entry %s in the ledger.", r.PathValue("id"))
	e, ok, err := s.Ledger.ByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return e, err
	}
	if !ok {
		return e, none
	}
	if err := s.mayIn(r.Context(), e.Jurisdiction); fault.KindOf(err) == fault.Denied {
		return e, none
	} else if err != nil {
		return e, err
	}
	return e, nil
}

func (s *Audit) showEntry(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e, err := s.entry(r)
	if err != nil {
		return err
	}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	p := web.Words(ctx)
	say := speaker{p, names}
	out := shownEntry{line: line{e, say.sentence(e)}, fields: fieldsOf(e.Data)}
	was, ok, err := s.Ledger.Before(ctx, e)
	if err != nil {
		return err
	}
	if ok {
		out.was = &was
	}
	out.changes = changes(fieldsOf(was.Data), out.fields, !ok)
	if out.leaf, out.sealed, err = s.leafOf(ctx, e); err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: out.Says, Body: entryPage(p, say, out)})
}

func (s *Audit) getReceipt(w http.ResponseWriter, r *http.Request) error {
	e, err := s.entry(r)
	if err != nil {
		return err
	}
	proof, err := s.prove(r.Context(), e)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", `attachment; filename="receipt-`+e.ID+`.json"`)
	return proof.Write(w)
}

func (s *Audit) postSave(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	q, err := readSearch(r.PostForm)
	if err != nil {
		return err
	}
	if err := s.Save(r.Context(), r.PostForm.Get("title"), q); err != nil {
		return err
	}
	return web.Done(w, r, q.at(), "audit.saved", "title", r.PostForm.Get("title"))
}

func (s *Audit) postForget(w http.ResponseWriter, r *http.Request) error {
	if err := s.Forget(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return web.Done(w, r, "/audit", "audit.forgotten")
}

func (s *Audit) postExport(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	q, err := readSearch(url.Values(r.PostForm))
	if err != nil {
		return err
	}
	form := Form(r.PostForm.Get("form"))
	return s.Export(r.Context(), q, form, func() io.Writer {
		h := w.Header()
		h.Set("Content-Type", kinds[form][0])
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Disposition", `attachment; filename="`+fileName(q.In, form, s.Now().UTC())+`"`)
		return w
	})
}
