// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/words"
)

// mostShown is how many people the page lists: those who changed last.
const mostShown = 50

// pageRoutes are the page on which people look after provisioning.
func (s *Provision) pageRoutes() []web.Route {
	const small = 8 << 10
	return []web.Route{
		{Pattern: "GET /staff/provisioning", Needs: maySee, Do: s.showPage},
		{Pattern: "POST /staff/provisioning/people", Needs: mayManage, MaxBody: small, Do: s.handOver},
		{Pattern: "POST /staff/provisioning/groups/{id}/roles", Needs: mayManage, MaxBody: small, Do: s.setRole},
		{Pattern: "POST /staff/provisioning/groups/{id}/roles/remove", Needs: mayManage, MaxBody: small, Do: s.removeRole},
	}
}

// view is what the page shows.
type view struct {
	base   string
	groups []groupView
	people []Person // those who changed last
	count  int
	roles  []roleView
	wrong  map[string]string // by field, "" for none
	at     string            // the group whose form was sent, or "people"
	typed  map[string]string
}

type groupView struct {
	Group
	roles []string
}

type roleView struct {
	name     string
	powerful bool
}

func (s *Provision) showPage(w http.ResponseWriter, r *http.Request) error {
	return s.page(w, r, "", nil)
}

// page shows everything, with what was wrong with the form of a group or of the
// people.
func (s *Provision) page(w http.ResponseWriter, r *http.Request, at string, wrong error) error {
	v, err := s.view(r.Context())
	if err != nil {
		return err
	}
	t := web.Words(r.Context())
	v.base, v.at = s.base(r), at
	status := 0
	if wrong != nil {
		status, v.wrong = http.StatusUnprocessableEntity, map[string]string{}
		for _, f := range fault.All(wrong) {
			v.wrong[f.Field] = t.Sentence(f)
		}
		v.typed = map[string]string{"email": r.FormValue("email"), "reason": r.FormValue("reason"), "role": r.FormValue("role")}
	}
	return web.Show(w, r, web.Page{Title: t.T("provision.menu"), Status: status, Body: provisioningPage(t, v)})
}

func (s *Provision) view(ctx context.Context) (v view, err error) {
	found, err := s.Groups(ctx)
	if err != nil {
		return v, err
	}
	mappings, err := listMappings(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return v, err
	}
	for _, g := range found {
		one := groupView{Group: g}
		for _, m := range mappings {
			if m.Group == g.ID {
				one.roles = append(one.roles, m.Role)
			}
		}
		v.groups = append(v.groups, one)
	}
	if v.people, err = s.People(ctx); err != nil {
		return v, err
	}
	v.count = len(v.people)
	slices.SortStableFunc(v.people, func(a, b Person) int { return cmp.Or(b.Changed.Compare(a.Changed), cmp.Compare(a.Account, b.Account)) })
	v.people = v.people[:min(len(v.people), mostShown)]
	all, err := s.Roles.All(ctx)
	for _, role := range all {
		powerful, err := s.Roles.Powerful(ctx, role)
		if err != nil {
			return v, err
		}
		v.roles = append(v.roles, roleView{role, powerful})
	}
	return v, err
}

// roleName is what people call a role.
func roleName(p *words.Printer, role string) string {
	if key := "access.role." + role; p.Has(key) {
		return p.T(key)
	}
	return role
}

// done leads back to the page, or shows it again with what was wrong.
func (s *Provision) done(w http.ResponseWriter, r *http.Request, at, said string, err error) error {
	switch fault.KindOf(err) {
	case "":
		return web.Done(w, r, "/staff/provisioning", said)
	case fault.Invalid, fault.Conflict, fault.TooLarge:
		return s.page(w, r, at, err)
	case fault.Denied:
		if all := fault.All(err); len(all) == 1 && all[0].Field != "" {
			return s.page(w, r, at, err)
		}
	}
	return err
}

func (s *Provision) handOver(w http.ResponseWriter, r *http.Request) error {
	return s.done(w, r, "people", "provision.handed", s.HandOver(r.Context(), r.FormValue("email")))
}

func (s *Provision) setRole(w http.ResponseWriter, r *http.Request) error {
	waits, err := s.SetRole(r.Context(), r.PathValue("id"), r.FormValue("role"), r.FormValue("reason"))
	said := "provision.mapped"
	if waits {
		said = "provision.asked"
	}
	return s.done(w, r, r.PathValue("id"), said, err)
}

func (s *Provision) removeRole(w http.ResponseWriter, r *http.Request) error {
	return s.done(w, r, r.PathValue("id"), "provision.unmapped", s.RemoveRole(r.Context(), r.PathValue("id"), r.FormValue("role"), r.FormValue("reason")))
}
