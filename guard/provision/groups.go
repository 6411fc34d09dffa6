// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"slices"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
)

// mostMembers bounds a group.
const mostMembers = 2000

// Group is some people, as a directory puts them together.
type Group struct {
	ID, ExternalID, Display string
	Version                 int64
	Made, Changed           time.Time

	members []member
}

// groups are made of these attributes.
var groups = kind{
	schema: groupSchema,
	keeps: map[string]string{"displayname": "displayName", "externalid": "externalId", "members": "members",
		"id": "id", "meta": "meta", "schemas": "schemas"},
	parts: map[string][]string{"members": {"value", "display", "type", "$ref"}},
	fixed: map[string]bool{"id": true, "meta": true, "schemas": true},
}

func folded(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func (g Group) asked() attributes {
	of := attributes{"displayName": g.Display}
	if g.ExternalID != "" {
		of["externalId"] = g.ExternalID
	}
	if len(g.members) > 0 {
		all := make([]any, len(g.members))
		for i, m := range g.members {
			all[i] = attributes{"value": m.account, "display": m.name}
		}
		of["members"] = all
	}
	return of
}

// shown is a group as SCIM answers with it.
func (g Group) shown(base string) attributes {
	of := g.asked()
	for _, m := range list(of["members"]) {
		one := m.(attributes)
		one["type"], one["$ref"] = "User", base+"/Users/"+one["value"].(string)
	}
	of["schemas"], of["id"] = []any{groupSchema}, g.ID
	of["meta"] = meta("Group", base+"/Groups/"+g.ID, g.Version, g.Made, g.Changed)
	return of
}

// take reads what a program says of a group.
func (g *Group) take(of attributes) (err error) {
	if g.Display, err = textOf(of, "displayName"); err != nil {
		return err
	}
	if g.ExternalID, err = textOf(of, "externalId"); err != nil {
		return err
	}
	if g.Display == "" {
		return fault.On("displayName", fault.New(fault.Invalid, "The displayName of the group is missing."))
	}
	said := list(of["members"])
	if len(said) > mostMembers {
		return typed("tooMany", fault.New(fault.TooLarge, "A group has at most %d members.", mostMembers))
	}
	g.members = nil
	for _, v := range said {
		one, _ := v.(attributes)
		account, err := textOf(one, "value")
		if err != nil || account == "" {
			return typed("invalidValue", fault.New(fault.Invalid, "A member of a group is named by the id of a user, in value."))
		}
		g.members = append(g.members, member{group: g.ID, account: account})
	}
	slices.SortFunc(g.members, func(a, b member) int { return strings.Compare(a.account, b.account) })
	g.members = slices.CompactFunc(g.members, func(a, b member) bool { return a.account == b.account })
	return nil
}

// Group is one group with its members.
func (s *Provision) Group(ctx context.Context, group string) (Group, error) {
	g, err := findGroup(ctx, s.DB, s.Jurisdiction, group)
	if err == nil {
		g.members, err = listMembers(ctx, s.DB, s.Jurisdiction, group)
	}
	return g, err
}

// Groups are all groups with their members.
func (s *Provision) Groups(ctx context.Context) ([]Group, error) {
	all, err := listGroups(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return nil, err
	}
	members, err := listMembers(ctx, s.DB, s.Jurisdiction, "")
	at := make(map[string]int, len(all))
	for i, g := range all {
		at[g.ID] = i
	}
	for _, m := range members {
		if i, ok := at[m.group]; ok {
			all[i].members = append(all[i].members, m)
		}
	}
	return all, err
}

// AddGroup makes a group. It gives no roles until people say which.
func (s *Provision) AddGroup(ctx context.Context, body attributes) (Group, error) {
	g := Group{ID: id.New(), Version: 1, Made: s.Now(), Changed: s.Now()}
	if err := g.take(groups.tidy(body)); err != nil {
		return g, err
	}
	added := accountsOf(g.members)
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertGroup(ctx, tx, s.Jurisdiction, g); err != nil {
			return err
		}
		tx.Record(event.GroupProvisioned{Group: g.ID, Display: g.Display, What: "made", Added: added})
		return s.join(ctx, tx, g.ID, added)
	})
	if err != nil {
		return g, err
	}
	return s.Group(ctx, g.ID)
}

func accountsOf(members []member) []string {
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = m.account
	}
	return out
}

// join puts people into a group, who have to be there.
func (s *Provision) join(ctx context.Context, tx *db.Tx, group string, added []string) error {
	for _, account := range added {
		p, err := findPerson(ctx, tx, s.Jurisdiction, account)
		if fault.KindOf(err) == fault.NotFound || err == nil && !p.Removed.IsZero() {
			return typed("invalidValue", fault.New(fault.Invalid, "There is no user %s to be a member of the group.", clip(account)))
		}
		if err != nil {
			return err
		}
		if err := insertMember(ctx, tx, s.Jurisdiction, group, account); err != nil {
			return err
		}
	}
	return nil
}

// ReplaceGroup makes a group what a PUT says.
func (s *Provision) ReplaceGroup(ctx context.Context, group string, given match, body attributes) (Group, error) {
	return s.changeGroup(ctx, group, given, func(g *Group) error { return g.take(groups.tidy(body)) })
}

// PatchGroup changes of a group what a PATCH says.
func (s *Provision) PatchGroup(ctx context.Context, group string, given match, ops []operation) (Group, error) {
	return s.changeGroup(ctx, group, given, func(g *Group) error {
		of := g.asked()
		if err := groups.patch(of, ops); err != nil {
			return err
		}
		return g.take(of)
	})
}

func (s *Provision) changeGroup(ctx context.Context, group string, given match, change func(g *Group) error) (Group, error) {
	was, err := s.Group(ctx, group)
	if err == nil {
		err = given.fits(was.Version)
	}
	if err != nil {
		return was, err
	}
	next := was
	if err := change(&next); err != nil {
		return was, err
	}
	added, gone := without(next.members, was.members), without(was.members, next.members)
	if len(added)+len(gone) == 0 && next.Display == was.Display && next.ExternalID == was.ExternalID {
		return was, nil
	}
	next.Changed = s.Now()
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := updateGroup(ctx, tx, s.Jurisdiction, next); err != nil {
			return err
		}
		for _, account := range gone {
			if err := deleteMember(ctx, tx, s.Jurisdiction, group, account); err != nil {
				return err
			}
		}
		tx.Record(event.GroupProvisioned{Group: group, Display: next.Display, What: "changed", Added: added, Gone: gone})
		return s.join(ctx, tx, group, added)
	})
	if err != nil {
		return was, err
	}
	s.follow(ctx, slices.Concat(added, gone))
	return s.Group(ctx, group)
}

// without are the accounts of one list that are not on the other.
func without(some, others []member) (out []string) {
	there := make(map[string]bool, len(others))
	for _, m := range others {
		there[m.account] = true
	}
	for _, m := range some {
		if !there[m.account] {
			out = append(out, m.account)
		}
	}
	return out
}

// RemoveGroup forgets a group; what it gave its members they lose.
func (s *Provision) RemoveGroup(ctx context.Context, group string, given match) error {
	g, err := s.Group(ctx, group)
	if err == nil {
		err = given.fits(g.Version)
	}
	if err != nil {
		return err
	}
	gone := accountsOf(g.members)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.GroupProvisioned{Group: group, Display: g.Display, What: "removed", Gone: gone})
		return deleteGroup(ctx, tx, s.Jurisdiction, group)
	})
	if err != nil {
		return err
	}
	s.follow(ctx, gone)
	return nil
}
