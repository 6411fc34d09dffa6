// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"net/http"
	"net/url"

	"hustings/guard/access"
	"hustings/guard/federation"
	"hustings/guard/identity"
	"hustings/kit/db"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// outside tells guard/identity which other houses sign people in here.
type outside struct{ federation *federation.Federation }

// Ways implements identity.Outside.
func (o outside) Ways(ctx context.Context) ([]identity.Way, error) {
	ways, err := o.federation.Ways(ctx)
	out := make([]identity.Way, len(ways))
	for i, w := range ways {
		out[i] = identity.Way(w)
	}
	return out, err
}

// Links implements identity.Outside.
func (o outside) Links(ctx context.Context, q db.Reader, account string) ([]identity.Link, error) {
	links, err := o.federation.Links(ctx, q, account)
	if err != nil || len(links) == 0 {
		return nil, err
	}
	providers, err := o.federation.Named(ctx, q)
	out := make([]identity.Link, 0, len(links))
	for _, l := range links {
		if p := providers[l.Provider]; p.Active { // a house that is stopped is no way in
			out = append(out, identity.Link{ID: l.ID, Name: p.Name, Level: p.Level, Since: l.Since})
		}
	}
	return out, err
}

// Unlink implements identity.Outside.
func (o outside) Unlink(ctx context.Context, tx *db.Tx, account, link string) error {
	return o.federation.Unlink(ctx, tx, account, link)
}

// Left implements identity.Outside.
func (o outside) Left(ctx context.Context, session string) (string, error) {
	return o.federation.Left(ctx, session)
}

// vouched tells guard/federation who works here.
type vouched struct{ identity *identity.Identity }

func (v vouched) person(a identity.Account, err error) (federation.Person, error) {
	now := v.identity.Now()
	stands := !a.Disabled && (a.Expires.IsZero() || a.Expires.After(now)) && !a.Asleep(now, v.identity.Dormant)
	return federation.Person{ID: a.ID, Name: a.Name, Email: a.Email, Staff: a.Kind == identity.Human && stands}, err
}

// ByID implements federation.People.
func (v vouched) ByID(ctx context.Context, account string) (federation.Person, error) {
	return v.person(v.identity.ByID(ctx, account))
}

// ByEmail implements federation.People.
func (v vouched) ByEmail(ctx context.Context, email string) (federation.Person, error) {
	return v.person(v.identity.ByEmail(ctx, email))
}

// Provide implements federation.People.
func (v vouched) Provide(ctx context.Context, email, name string) (federation.Person, error) {
	return v.person(v.identity.Provide(ctx, email, name))
}

// Linked implements federation.People.
func (v vouched) Linked(ctx context.Context, tx *db.Tx, account, house string) error {
	return v.identity.Linked(ctx, tx, account, house)
}

// EndSession implements federation.People.
func (v vouched) EndSession(ctx context.Context, account, session string) error {
	return v.identity.EndSession(ctx, account, session)
}

// ruled tells guard/federation which roles there are, and changes who has them.
type ruled struct{ access *access.Access }

// All implements federation.Roles.
func (r ruled) All(ctx context.Context) ([]string, error) {
	roles, err := r.access.RolesIn(ctx, who.From(ctx).Jurisdiction)
	out := make([]string, len(roles))
	for i, one := range roles {
		out[i] = string(one)
	}
	return out, err
}

// Held implements federation.Roles.
func (r ruled) Held(ctx context.Context, account string) (map[string]bool, error) {
	me := who.From(ctx)
	grants, err := r.access.Grants(ctx, me.Jurisdiction)
	out := make(map[string]bool)
	for _, g := range grants {
		if g.Person == account && g.Jurisdiction == me.Jurisdiction {
			out[string(g.Role)] = g.By == me.ID
		}
	}
	return out, err
}

// Powerful implements federation.Roles.
func (r ruled) Powerful(ctx context.Context, account string) (bool, error) {
	return r.access.PowerfulPerson(ctx, who.Person{ID: account, Jurisdiction: who.From(ctx).Jurisdiction})
}

// Give implements federation.Roles.
func (r ruled) Give(ctx context.Context, account, role, reason string) error {
	_, err := r.access.Give(ctx, access.Grant{Jurisdiction: who.From(ctx).Jurisdiction, Person: account, Role: access.Role(role), Reason: reason})
	return err
}

// Take implements federation.Roles.
func (r ruled) Take(ctx context.Context, account, role, reason string) error {
	return r.access.Take(ctx, access.Grant{Jurisdiction: who.From(ctx).Jurisdiction, Person: account, Role: access.Role(role), Reason: reason})
}

// desk begins sessions for guard/federation.
type desk struct{ identity *identity.Identity }

// Enter implements federation.Desk.
func (d desk) Enter(w http.ResponseWriter, r *http.Request, v federation.Vouched, next string, also func(ctx context.Context, tx *db.Tx, session string) error) error {
	e, err := d.identity.EnterVouched(r.Context(), identity.Vouched(v), d.identity.Place(r),
		func(ctx context.Context, tx *db.Tx, e identity.Entry) error { return also(ctx, tx, e.Session) })
	if err != nil {
		return err
	}
	return d.identity.Admit(w, r, e, next)
}

// Again implements federation.Desk.
func (d desk) Again(w http.ResponseWriter, r *http.Request, v federation.Vouched, goal url.Values, also func(ctx context.Context, tx *db.Tx) error) error {
	secret, err := d.identity.AgainVouched(r.Context(), identity.Vouched(v), also)
	return d.identity.Proved(w, r, goal, secret, err)
}

// Refused implements federation.Desk.
func (d desk) Refused(w http.ResponseWriter, r *http.Request, goal url.Values, wrong error) error {
	if goal != nil {
		return d.identity.Proved(w, r, goal, hide.String{}, wrong)
	}
	return d.identity.Refused(w, r, wrong)
}
