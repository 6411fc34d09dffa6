// SPDX-License-Identifier: Apache-2.0

package access

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
)

// requestView is a request as its page shows it.
type requestView struct {
	pair.Request
	Act    pair.Act
	Lines  []string
	Mine   bool // who looks has asked for it
	Text   string
	Diff   []Change
	Names  names
	Docs   docs
	Answer string
	Wrong  string
}

func (s *Access) showRequests(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Requests(r.Context())
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	keys := make(map[string]string)
	for _, q := range list {
		if act, err := s.act(q.Act); err == nil {
			keys[q.Act] = act.Key
		}
	}
	return show(w, r, p.T("access.requests"), 0, requestsPage(p, list, keys))
}

func (s *Access) showRequest(w http.ResponseWriter, r *http.Request) error {
	return s.requestPage(w, r, "", nil)
}

func (s *Access) requestPage(w http.ResponseWriter, r *http.Request, answer string, wrong error) error {
	ctx := r.Context()
	req, err := s.Request(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := requestView{Docs: s.docs(), Request: req, Mine: req.AskedBy == who.From(ctx).ID, Answer: answer}
	if v.Act, err = s.act(req.Act); err != nil {
		return err
	}
	if v.Names, err = s.names(ctx); err != nil {
		return err
	}
	if v.Act.Show != nil && req.State == pair.Asked {
		if v.Lines, err = v.Act.Show(ctx, req); err != nil {
			return err
		}
	}
	if req.Act == "access.policy" {
		if err := s.compareFor(r, &v); err != nil {
			return err
		}
	}
	p := web.Words(ctx)
	if wrong != nil {
		v.Wrong = p.Sentence(wrong)
	}
	return show(w, r, p.T("access.request"), statusOf(wrong), requestPage(p, v))
}

// compareFor puts beside a request for other policies what they would change.
func (s *Access) compareFor(r *http.Request, v *requestView) error {
	asked, err := pair.Wanted[proposal](v.Request)
	if err != nil {
		return err
	}
	v.Text = asked.Text
	if v.State == pair.Asked {
		v.Diff, err = s.Diff(r.Context(), v.Jurisdiction, asked.Text)
	}
	return err
}

func (s *Access) postDecision(agree bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, answer := r.PathValue("id"), r.FormValue("reason")
		_, err := s.Decide(r.Context(), id, agree, answer)
		if typed(err) {
			return s.requestPage(w, r, answer, err)
		}
		if err != nil {
			return err
		}
		said := "access.request.refused"
		if agree {
			said = "access.request.agreed"
		}
		return web.Done(w, r, "/access/requests/"+url.PathEscape(id), said)
	}
}

// policiesView is the page of the office's own policies.
type policiesView struct {
	Own      Policies
	Versions []Policies
	Shipped  []file
	Schema   string
	Text     string // in the form
	Wrong    string
}

type file struct{ Name, Text string }

func (s *Access) showPolicies(w http.ResponseWriter, r *http.Request) error {
	where := who.From(r.Context()).Jurisdiction
	own, err := s.Own(r.Context(), where)
	if err != nil {
		return err
	}
	return s.policiesPage(w, r, own.Text, nil)
}

func (s *Access) policiesPage(w http.ResponseWriter, r *http.Request, text string, wrong error) error {
	ctx := r.Context()
	where := who.From(ctx).Jurisdiction
	v := policiesView{Text: text, Schema: s.Schema()}
	var err error
	if v.Own, err = s.Own(ctx, where); err != nil {
		return err
	}
	if v.Versions, err = s.OwnVersions(ctx, where); err != nil {
		return err
	}
	names, shipped := shippedText()
	for _, n := range names {
		v.Shipped = append(v.Shipped, file{n, shipped[n]})
	}
	p := web.Words(ctx)
	if wrong != nil {
		v.Wrong = p.Sentence(wrong)
	}
	return show(w, r, p.T("access.policies"), statusOf(wrong), policiesPage(p, v))
}

// compareView is the page that says who would gain and lose what.
type compareView struct {
	Text, Reason, Wrong string
	Diff                []Change
	Names               names
	Docs                docs
}

func (s *Access) postCompare(w http.ResponseWriter, r *http.Request) error {
	return s.comparePage(w, r, nil)
}

func (s *Access) comparePage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	v := compareView{Docs: s.docs(), Text: r.FormValue("text"), Reason: r.FormValue("reason")}
	var err error
	if v.Diff, err = s.Diff(ctx, who.From(ctx).Jurisdiction, strings.ReplaceAll(v.Text, "\r\n", "\n")); typed(err) {
		return s.policiesPage(w, r, v.Text, err)
	}
	if err != nil {
		return err
	}
	if v.Names, err = s.names(ctx); err != nil {
		return err
	}
	p := web.Words(ctx)
	if wrong != nil {
		v.Wrong = p.Sentence(wrong)
	}
	return show(w, r, p.T("access.compare"), statusOf(wrong), comparePage(p, v))
}

func (s *Access) postPolicies(w http.ResponseWriter, r *http.Request) error {
	asked, err := s.Propose(r.Context(), r.FormValue("text"), r.FormValue("reason"))
	if typed(err) {
		return s.comparePage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/access/requests/"+asked.ID, "access.policy.asked")
}

func (s *Access) showVersion(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "There is no such version.")
	}
	where := who.From(r.Context()).Jurisdiction
	v, err := s.OwnVersion(r.Context(), where, n)
	if err != nil {
		return err
	}
	now, err := s.Own(r.Context(), where)
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return show(w, r, p.T("access.policies.version", "n", n), 0, versionPage(p, v, now.Version))
}

// subjectOf says in words whom a change is about.
func subjectOf(p *words.Printer, c Change, n names) string {
	switch {
	case len(c.People) > 0:
		list := make([]string, len(c.People))
		for i, id := range c.People {
			list[i] = n.of(id)
		}
		slices.Sort(list)
		return strings.Join(list, ", ")
	case c.Role != "":
		return p.T("access.compare.role", "role", roleName(p, c.Role))
	}
	return p.T("access.compare.anybody")
}

// casesOf says in words in which situations a change counts.
func casesOf(p *words.Printer, list []Case) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = p.T("access.case."+c.Name, "text", c.Text)
	}
	return strings.Join(out, "; ")
}

// butOf says in which situations it is the other way round.
func butOf(p *words.Printer, c Can) string {
	if len(c.But) == 0 {
		return ""
	}
	list := make([]Case, len(c.But))
	for i, name := range c.But {
		list[i].Name = name
	}
	if c.Usually {
		return p.T("access.can.but", "cases", casesOf(p, list))
	}
	return p.T("access.can.only", "cases", casesOf(p, list))
}

// split are changes by what they do.
func split(all []Change) (gains, losses []Change) {
	for _, c := range all {
		if c.Gains {
			gains = append(gains, c)
		} else {
			losses = append(losses, c)
		}
	}
	return gains, losses
}
