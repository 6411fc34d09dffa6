// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"slices"
	"strings"

	"hustings/kit/fault"
	"hustings/kit/room"
	"hustings/kit/who"
)

// Holder is a person who can do something, and through which roles.
type Holder struct {
	Person Person
	Roles  []Role
	Can
}

// WhoCan lists who can do something in a jurisdiction, by asking the policies
// about each person who holds a role there.
func (s *Access) WhoCan(ctx context.Context, permission, where string) ([]Holder, error) {
	c, err := s.known(permission)
	if err != nil {
		return nil, err
	}
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	var out []Holder
	for _, id := range st.mentioned(where) {
		q := question{me: signedIn(who.Person{ID: id, Jurisdiction: where}), held: st.held(id, where), where: where, action: c.Name, now: sampleTime}
		if can := can(c.Name, situations, st.rulesOf(where).in(situations, q)); can.Ever() {
			out = append(out, Holder{names.person(id), q.held, can})
		}
	}
	slices.SortFunc(out, func(a, b Holder) int { return compareText(a.Person.Name+a.Person.ID, b.Person.Name+b.Person.ID) })
	return out, nil
}

// mentioned are the people who hold a role in a jurisdiction or above it, and
// those whom the policies in force there name.
func (st *standing) mentioned(where string) []string {
	out := st.people(where)
	for _, r := range st.ownFor(where) {
		for _, m := range personNamed.FindAllStringSubmatch(string(r.policy.MarshalCedar()), -1) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// WhatCan lists what a person can do in a jurisdiction.
func (s *Access) WhatCan(ctx context.Context, person, where string) ([]Can, error) {
	c := s.catalogue.Load()
	if c == nil {
		return nil, errNotFurnished
	}
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	q := question{me: signedIn(who.Person{ID: person, Jurisdiction: where}), held: st.held(person, where), where: where, now: sampleTime}
	var out []Can
	for _, p := range c.permissions {
		q.action = p.Name
		if can := can(p.Name, situations, st.rulesOf(where).in(situations, q)); can.Ever() {
			out = append(out, can)
		}
	}
	return out, nil
}

// RoleCan lists what somebody can do who holds only this role in a jurisdiction.
func (s *Access) RoleCan(ctx context.Context, role Role, where string) ([]Can, error) {
	c := s.catalogue.Load()
	if c == nil {
		return nil, errNotFurnished
	}
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	var out []Can
	for _, p := range c.permissions {
		q := sample(role, p.Name)
		q.where, q.me.Jurisdiction = where, where
		if can := can(p.Name, situations, st.rulesOf(where).in(situations, *q)); can.Ever() {
			out = append(out, can)
		}
	}
	return out, nil
}

// RolesIn lists the roles that there are in a jurisdiction: those that ship, and
// those that its own policies speak of.
func (s *Access) RolesIn(ctx context.Context, where string) ([]Role, error) {
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	return allRoles(st.rulesOf(where)), nil
}

// Powerful says whether a role takes two people to grant.
func (s *Access) Powerful(ctx context.Context, role Role, where string) (bool, error) {
	st, err := s.standing(ctx)
	if err != nil {
		return false, err
	}
	return s.powerful(st.rulesOf(where), role), nil
}

var errNotFurnished = fault.New(fault.Internal, "the house has not said yet what its rooms let people do")

// docs say what permissions allow, by their names.
type docs map[string]room.Permission

func (d docs) of(permission string) string { return d[permission].Doc }

// docs are those of all rooms.
func (s *Access) docs() docs {
	if c := s.catalogue.Load(); c != nil {
		return c.byName
	}
	return nil
}

// known finds a permission by its name.
func (s *Access) known(permission string) (p struct{ Name, Doc string }, err error) {
	c := s.catalogue.Load()
	if c == nil {
		return p, errNotFurnished
	}
	if one, ok := c.byName[permission]; ok {
		return struct{ Name, Doc string }{one.Name, one.Doc}, nil
	}
	return p, fault.On("permission", fault.New(fault.NotFound, "There is no permission %q; docs/permissions.md lists all.", permission))
}

// names are the people of the office by their ids.
type names map[string]Person

func (s *Access) names(ctx context.Context) (names, error) {
	out := make(names)
	if s.People == nil {
		return out, nil
	}
	list, err := s.People.People(ctx)
	for _, p := range list {
		out[p.ID] = p
	}
	return out, err
}

// person is who has an id; the id stands for the name of nobody we know.
func (n names) person(id string) Person {
	if p, ok := n[id]; ok {
		return p
	}
	return Person{ID: id, Name: id}
}

// of is the name that people know somebody by.
func (n names) of(id string) string { return n.person(id).Name }

// sorted lists the people who work here by name.
func (n names) sorted() []Person {
	var out []Person
	for _, p := range n {
		if !p.Disabled {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Person) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return out
}
