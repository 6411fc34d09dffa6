// SPDX-License-Identifier: Apache-2.0

package access

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
)

func (s *Access) routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /access", Needs: "access.view", Do: s.showPeople},
		{Pattern: "GET /access/people/{person}", Needs: "access.view", Do: s.showPerson},
		{Pattern: "POST /access/people/{person}/grant", Needs: "access.grant", MaxBody: 16 << 10, Do: s.postGrant},
		{Pattern: "POST /access/people/{person}/revoke", Needs: "access.grant", MaxBody: 16 << 10, Do: s.postRevoke},
		{Pattern: "GET /access/roles", Needs: "access.view", Do: s.showRoles},
		{Pattern: "GET /access/who", Needs: "access.view", Do: s.showWho},
		{Pattern: "GET /access/unused", Needs: "access.view", Do: s.showUnused},
		{Pattern: "GET /access/requests", Needs: "access.view", Do: s.showRequests},
		{Pattern: "GET /access/requests/{id}", Needs: "access.view", Do: s.showRequest},
		// What the second person needs is said by the act, and asked there.
		{Pattern: "POST /access/requests/{id}/agree", Needs: "access.view", MaxBody: 16 << 10, Do: s.postDecision(true)},
		{Pattern: "POST /access/requests/{id}/refuse", Needs: "access.view", MaxBody: 16 << 10, Do: s.postDecision(false)},
		{Pattern: "GET /access/policies", Needs: "access.view", Do: s.showPolicies},
		{Pattern: "POST /access/policies/compare", Needs: "access.policy", MaxBody: 256 << 10, Do: s.postCompare},
		{Pattern: "POST /access/policies", Needs: "access.policy", MaxBody: 256 << 10, Do: s.postPolicies},
		{Pattern: "GET /access/policies/{version}", Needs: "access.view", Do: s.showVersion},
		{Pattern: "GET /access/reviews", Needs: "access.view", Do: s.showReviews},
		{Pattern: "POST /access/reviews", Needs: "access.review", MaxBody: 16 << 10, Do: s.postReview},
		{Pattern: "GET /access/reviews/{id}", Needs: "access.view", Do: s.showReview},
		{Pattern: "POST /access/reviews/{id}/decide", Needs: "access.review", MaxBody: 4 << 20, Do: s.postJudge},
		{Pattern: "POST /access/reviews/{id}/attest", Needs: "access.review", MaxBody: 16 << 10, Do: s.postAttest},
	}
}

func show(w http.ResponseWriter, r *http.Request, title string, status int, body templ.Component) error {
	return web.Show(w, r, web.Page{Title: title, Body: body, Wide: true, Status: status})
}

// statusOf is the status of a page that says what was wrong above its form.
func statusOf(err error) int {
	switch fault.KindOf(err) {
	case "":
		return 0
	case fault.Conflict:
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// typed says whether an error is about what was typed, so that the form is
// shown again with it.
func typed(err error) bool {
	k := fault.KindOf(err)
	return k == fault.Invalid || k == fault.TooLarge || k == fault.Conflict
}

// roleName is what a role is called; an office's own role has the name that the
// office gave it.
func roleName(p *words.Printer, r Role) string {
	key := "access.role." + string(r)
	if name := p.T(key); name != key {
		return name
	}
	return string(r)
}

// scope is the jurisdiction that a page is about: the one asked for, which lies
// in the person's own, or the person's own.
func (s *Access) scope(r *http.Request) (string, error) {
	me := who.From(r.Context())
	in := strings.TrimSpace(r.FormValue("in"))
	if in == "" || in == me.Jurisdiction {
		return me.Jurisdiction, nil
	}
	if !covers(me.Jurisdiction, in) || len(in) > 300 {
		return "", fault.New(fault.NotFound, "There is no such jurisdiction in your office.")
	}
	return in, s.On(r.Context(), "access.view", room.Record{Room: "access", Kind: "office", ID: in, Jurisdiction: in})
}

// places are the jurisdictions that a person may choose from.
func (s *Access) places(ctx context.Context) ([]string, error) {
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	me := who.From(ctx).Jurisdiction
	out := st.below(me)
	if !slices.Contains(out, me) {
		out = append([]string{me}, out...)
	}
	return out, nil
}

// member is a person and what they hold, for the list.
type member struct {
	Person
	Grants []Grant
}

func (s *Access) showPeople(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	me := who.From(ctx)
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	grants, err := s.Grants(ctx, me.Jurisdiction)
	if err != nil {
		return err
	}
	requests, err := s.Requests(ctx)
	if err != nil {
		return err
	}
	waiting := 0
	for _, q := range requests {
		if q.State == pair.Asked {
			waiting++
		}
	}
	p := web.Words(ctx)
	return show(w, r, p.T("access.menu"), 0, peoplePage(p, me.Jurisdiction, members(names, grants), waiting))
}

// members are all who work here or hold a role here, by name.
func members(names names, grants []Grant) []member {
	byID := make(map[string]*member)
	for id, p := range names {
		byID[id] = &member{Person: p}
	}
	for _, g := range grants {
		if byID[g.Person] == nil {
			byID[g.Person] = &member{Person: names.person(g.Person)}
		}
		byID[g.Person].Grants = append(byID[g.Person].Grants, g)
	}
	out := make([]member, 0, len(byID))
	for _, m := range byID {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b member) int { return cmp.Or(compareText(a.Name, b.Name), compareText(a.ID, b.ID)) })
	return out
}

// personView is what the page of a person shows.
type personView struct {
	Person
	Where  string
	Here   string // the office of who looks
	Places []string
	Grants []Grant
	By     names
	Can    []Can
	Docs   docs
	Roles  []choice
	Form   grantForm
	Wrong  string
	Apart  map[Role]string // what warns against the role in the form
}

// choice is a role that may be granted.
type choice struct {
	Role     Role
	Powerful bool
	Apart    []Role // roles of the person that should not be together with it
}

type grantForm struct {
	Role   Role
	Reason string
}

func (s *Access) showPerson(w http.ResponseWriter, r *http.Request) error {
	return s.personPage(w, r, grantForm{}, nil, nil)
}

// personOf finds the person whom a page is about: somebody who works here or
// holds a role here.
func (s *Access) personOf(ctx context.Context, id string) (Person, []Grant, names, error) {
	names, err := s.names(ctx)
	if err != nil {
		return Person{}, nil, nil, err
	}
	all, err := s.Grants(ctx, who.From(ctx).Jurisdiction)
	if err != nil {
		return Person{}, nil, nil, err
	}
	grants := slices.DeleteFunc(all, func(g Grant) bool { return g.Person != id })
	if _, works := names[id]; !works && len(grants) == 0 {
		return Person{}, nil, nil, fault.New(fault.NotFound, "There is no such person in your office.")
	}
	return names.person(id), grants, names, nil
}

func (s *Access) personPage(w http.ResponseWriter, r *http.Request, form grantForm, apart map[Role]string, wrong error) error {
	ctx := r.Context()
	where, err := s.scope(r)
	if err != nil {
		return err
	}
	v := personView{Docs: s.docs(), Where: where, Here: who.From(ctx).Jurisdiction, Form: form, Apart: apart}
	if v.Person, v.Grants, v.By, err = s.personOf(ctx, r.PathValue("person")); err != nil {
		return err
	}
	if v.Places, err = s.places(ctx); err != nil {
		return err
	}
	if v.Can, err = s.WhatCan(ctx, v.ID, where); err != nil {
		return err
	}
	if v.Roles, err = s.choices(ctx, v.ID, where); err != nil {
		return err
	}
	p := web.Words(ctx)
	if wrong != nil {
		v.Wrong = p.Sentence(wrong)
	}
	status := statusOf(wrong)
	if len(apart) > 0 {
		status = http.StatusConflict
	}
	return show(w, r, v.Name, status, personPage(p, v))
}

// choices are the roles that a person does not hold yet.
func (s *Access) choices(ctx context.Context, person, where string) ([]choice, error) {
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	rules, held := st.rulesOf(where), st.held(person, where)
	var out []choice
	for _, role := range allRoles(rules) {
		if slices.Contains(held, role) {
			continue
		}
		apart, err := s.Apart(ctx, person, role, where)
		if err != nil {
			return nil, err
		}
		c := choice{Role: role, Powerful: s.powerful(rules, role)}
		for other := range apart {
			c.Apart = append(c.Apart, other)
		}
		slices.Sort(c.Apart)
		out = append(out, c)
	}
	return out, nil
}

func personPath(id, where, here string) string {
	path := "/access/people/" + url.PathEscape(id)
	if where != here {
		path += "?in=" + url.QueryEscape(where)
	}
	return path
}

func (s *Access) postGrant(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	where, err := s.scope(r)
	if err != nil {
		return err
	}
	person, _, _, err := s.personOf(ctx, r.PathValue("person"))
	if err != nil {
		return err
	}
	form := grantForm{Role: Role(r.FormValue("role")), Reason: r.FormValue("reason")}
	apart, err := s.Apart(ctx, person.ID, form.Role, where)
	if err != nil {
		return err
	}
	if len(apart) > 0 && r.FormValue("sure") != "yes" {
		return s.personPage(w, r, form, apart, nil)
	}
	asked, err := s.Give(ctx, Grant{Jurisdiction: where, Person: person.ID, Role: form.Role, Reason: form.Reason})
	if typed(err) {
		return s.personPage(w, r, form, nil, err)
	}
	if err != nil {
		return err
	}
	p := web.Words(ctx)
	if asked != nil {
		return web.Done(w, r, "/access/requests/"+asked.ID, "access.grant.asked", "person", person.Name, "role", roleName(p, form.Role))
	}
	return web.Done(w, r, personPath(person.ID, where, who.From(ctx).Jurisdiction), "access.grant.done", "person", person.Name, "role", roleName(p, form.Role))
}

func (s *Access) postRevoke(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	where, err := s.scope(r)
	if err != nil {
		return err
	}
	person, _, _, err := s.personOf(ctx, r.PathValue("person"))
	if err != nil {
		return err
	}
	role := Role(r.FormValue("role"))
	err = s.Take(ctx, Grant{Jurisdiction: where, Person: person.ID, Role: role, Reason: r.FormValue("reason")})
	if typed(err) {
		return s.personPage(w, r, grantForm{}, nil, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, personPath(person.ID, where, who.From(ctx).Jurisdiction), "access.revoke.done", "person", person.Name, "role", roleName(web.Words(ctx), role))
}

// roleView is a role and what it permits.
type roleView struct {
	Role     Role
	Powerful bool
	Can      []Can
	Policies []string // as they are written
	Holders  int
}

func (s *Access) showRoles(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	where, err := s.scope(r)
	if err != nil {
		return err
	}
	st, err := s.standing(ctx)
	if err != nil {
		return err
	}
	rules := st.rulesOf(where)
	holders := make(map[Role]int)
	for _, id := range st.people(where) {
		for _, role := range st.held(id, where) {
			holders[role]++
		}
	}
	var list []roleView
	for _, role := range allRoles(rules) {
		v := roleView{Role: role, Powerful: s.powerful(rules, role), Holders: holders[role]}
		if v.Can, err = s.RoleCan(ctx, role, where); err != nil {
			return err
		}
		for _, one := range rules.all {
			if one.role == role {
				v.Policies = append(v.Policies, string(one.policy.MarshalCedar()))
			}
		}
		list = append(list, v)
	}
	p := web.Words(ctx)
	return show(w, r, p.T("access.roles"), 0, rolesPage(p, list, rules.apart(), s.docs()))
}

// whoView is what the page "who can do this?" shows.
type whoView struct {
	Where, Here, Permission string
	Places                  []string
	Permissions             []room.Permission
	Holders                 []Holder
	Asked                   bool
}

func (s *Access) showWho(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	where, err := s.scope(r)
	if err != nil {
		return err
	}
	c := s.catalogue.Load()
	if c == nil {
		return errNotFurnished
	}
	v := whoView{Where: where, Here: who.From(ctx).Jurisdiction, Permission: r.FormValue("permission"), Permissions: c.permissions}
	if v.Places, err = s.places(ctx); err != nil {
		return err
	}
	if v.Permission != "" {
		v.Asked = true
		if v.Holders, err = s.WhoCan(ctx, v.Permission, where); err != nil {
			return err
		}
	}
	p := web.Words(ctx)
	return show(w, r, p.T("access.who"), 0, whoPage(p, v))
}

// unusedDays is how long a grant may lie idle before the page lists it, where
// nobody says otherwise: a role for elections is used at elections.
const unusedDays = 90

func (s *Access) showUnused(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	days := unusedDays
	if text := r.FormValue("days"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 3650 {
			return fault.On("days", fault.New(fault.Invalid, "Give a number of days from 1 to 3650."))
		}
		days = n
	}
	me := who.From(ctx)
	list, err := s.Unused(ctx, me.Jurisdiction, days)
	if err != nil {
		return err
	}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	p := web.Words(ctx)
	return show(w, r, p.T("access.unused"), 0, unusedPage(p, me.Jurisdiction, days, list, names))
}

// dateOf is a day of the database as the language writes it.
func dateOf(p *words.Printer, day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return p.Date(at)
}

func sortedRoles(m map[Role]string) []Role { return slices.Sorted(maps.Keys(m)) }

// choiceName is a role in a list to choose from, with what to know about it.
func choiceName(p *words.Printer, c choice) string {
	name := roleName(p, c.Role)
	if c.Powerful {
		name += " · " + p.T("access.powerful")
	}
	for _, other := range c.Apart {
		name += " · " + p.T("access.apart.not", "role", roleName(p, other))
	}
	return name
}

// actName is what a kind of request is called.
func actName(p *words.Printer, key, name string) string {
	if key == "" {
		return name
	}
	return p.T(key)
}

// tint is how a request's state is coloured.
func tint(s pair.State) string {
	switch s {
	case pair.Asked:
		return "held"
	case pair.Agreed:
		return "approved"
	}
	return "returned"
}
