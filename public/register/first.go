// SPDX-License-Identifier: Apache-2.0

package register

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"hustings/election"
	"hustings/kit/web"
	"hustings/kit/words"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
)

// moment is what all pages of a moment share: the day, the rules and the
// elections to come.
type moment struct {
	today election.Date
	rules *rules.Rules
	next  []election.Election
	days  []election.Date
	until time.Time
}

// fresh is how long a moment lasts. Many people look at the first page; none of
// them asks the database.
const fresh = 10 * time.Second

// firstPages keeps the moment and the first page in each language.
type firstPages struct {
	mu    sync.Mutex // guards the rest
	at    *moment
	pages map[string][]byte // by language
}

// now is the present moment.
func (s *Register) now(ctx context.Context) (*moment, error) {
	s.first.mu.Lock()
	defer s.first.mu.Unlock()
	return s.nowLocked(ctx)
}

func (s *Register) nowLocked(ctx context.Context) (*moment, error) {
	at, today := s.Now(), s.today()
	if m := s.first.at; m != nil && at.Before(m.until) && !at.Before(m.until.Add(-fresh)) && m.today == today {
		return m, nil
	}
	r, err := s.Book.For(s.State, today)
	if err != nil {
		return nil, err
	}
	// The request that happens to ask may end; the others need the answer too.
	list, err := s.Elections.Upcoming(context.WithoutCancel(ctx), today)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b election.Election) int { return cmp.Compare(a.End, b.End) })
	m := &moment{today: today, rules: &r, next: list, until: at.Add(fresh)}
	for _, e := range list {
		m.days = append(m.days, e.End)
	}
	s.first.at, s.first.pages = m, make(map[string][]byte)
	return m, nil
}

// showFirst shows the first page: what can be done here, until when, and what
// is needed for it.
func (s *Register) showFirst(w http.ResponseWriter, r *http.Request) error {
	page, err := s.firstPage(r)
	if err != nil {
		return err
	}
	s.keepLanguage(w, r)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", web.Words(r.Context()).Lang())
	h.Set("Cache-Control", "private, max-age=10")
	h.Set("Vary", "Accept-Language, Cookie")
	_, err = w.Write(page)
	return err
}

func (s *Register) firstPage(r *http.Request) ([]byte, error) {
	s.first.mu.Lock()
	defer s.first.mu.Unlock()
	m, err := s.nowLocked(r.Context())
	if err != nil {
		return nil, err
	}
	p := web.Words(r.Context())
	if page := s.first.pages[p.Lang()]; page != nil {
		return page, nil
	}
	var b bytes.Buffer
	v := s.view(r, p.T("register.first"))
	if err := frame(v, firstPage(p, m.first(p, s.Office))).Render(r.Context(), &b); err != nil {
		return nil, err
	}
	s.first.pages[p.Lang()] = b.Bytes()
	return b.Bytes(), nil
}

// firstView is the first page.
type firstView struct {
	office  Office
	rules   *rules.Rules
	name    string // the next election's
	day     string
	cuts    []cut
	late    bool   // on the web it is too late for the next election
	after   string // the election after it, "" where none is known
	atOnce  string // where one may still register and vote at once
	closed  string // why the state takes nothing on the web
	from    string // days on which atOnce holds
	to      string
	licence bool
}

// cut is a deadline on the first page.
type cut struct {
	how, day string
	past     bool
}

// first says what the first page says about the elections to come.
func (m *moment) first(p *words.Printer, o Office) firstView {
	v := firstView{office: o, rules: m.rules, closed: p.Text(m.rules.Online.Closed)}
	if len(m.next) == 0 {
		return v
	}
	e := m.next[0]
	v.name, v.day = p.Text(e.Name), dateOf(p, e.End)
	for _, by := range []struct {
		how  rules.Method
		from roll.Source
	}{{rules.Online, roll.ByInternet}, {rules.Mail, roll.ByMail}, {rules.InPerson, roll.AtOffice}} {
		last, ok := m.rules.Deadline(e.End, by.from)
		if !ok {
			continue
		}
		v.cuts = append(v.cuts, cut{p.T("register.by." + string(by.how)), dateOf(p, last), last < m.today})
		v.late = v.late || by.how == rules.Online && last < m.today
	}
	for _, other := range m.next[1:] {
		if other.End > e.End && v.after == "" {
			v.after = p.Text(other.Name)
		}
	}
	if from, to, ok := m.rules.AtOnce(e.End); ok && to >= m.today {
		v.atOnce, v.from, v.to = p.Text(m.rules.SameDay.Where), dateOf(p, from), dateOf(p, to)
	}
	return v
}

// dateOf writes a day as the language does, "" for none.
func dateOf(p *words.Printer, d election.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return p.Date(t)
}
