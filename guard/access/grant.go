// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
)

// Grant is a role that a person holds in a jurisdiction and all below it.
type Grant struct {
	Jurisdiction, Person string
	Role                 Role
	Reason               string
	By                   string
	At                   time.Time
}

// record is the grant as the policies see it.
func (g Grant) record() room.Record {
	return room.Record{Room: "access", Kind: "grant", ID: g.Person + " " + string(g.Role), Jurisdiction: g.Jurisdiction, Of: g.Person}
}

// Grant gives a person a role in the jurisdiction of who grants it, as Give
// does.
func (s *Access) Grant(ctx context.Context, person string, r Role) error {
	_, err := s.Give(ctx, Grant{Jurisdiction: who.From(ctx).Jurisdiction, Person: person, Role: r})
	return err
}

// Give gives a person a role. A powerful one waits for a second person: then
// the request is returned, and nothing is granted yet. Holding the role already
// is no error and changes nothing. Whoever acts without an account (the house,
// the operator at the machine) grants at once, for somebody must be the first.
func (s *Access) Give(ctx context.Context, g Grant) (*pair.Request, error) {
	st, alone, err := s.mayChange(ctx, &g)
	if err != nil {
		return nil, err
	}
	rules := st.rulesOf(g.Jurisdiction)
	if known := allRoles(rules); !slices.Contains(known, g.Role) {
		return nil, fault.On("role", fault.New(fault.Invalid, "There is no role %q; choose from %s.", g.Role, join(known)))
	}
	if !alone && s.powerful(rules, g.Role) && !slices.Contains(st.held(g.Person, g.Jurisdiction), g.Role) {
		return s.askGrant(ctx, g)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error { return s.grant(ctx, tx, g) })
	s.memory.forget()
	return nil, err
}

// mayChange asks whether who acts may change a grant, and completes it. alone
// says that nobody can be asked to be the second person.
func (s *Access) mayChange(ctx context.Context, g *Grant) (st *standing, alone bool, err error) {
	me := who.From(ctx)
	g.Reason, g.By, g.At = strings.TrimSpace(g.Reason), me.ID, s.Now()
	alone = (&question{me: me}).principal().Type != personType
	if err := s.On(ctx, "access.grant", g.record()); err != nil {
		return nil, alone, err
	}
	if g.Reason == "" && !alone {
		return nil, alone, fault.On("reason", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	if len(g.Reason) > mostReason {
		return nil, alone, fault.On("reason", fault.New(fault.TooLarge, "The reason is longer than %d letters.", mostReason))
	}
	st, err = s.standing(ctx)
	return st, alone, err
}

// mostReason bounds what people type as a reason.
const mostReason = 2000

func join(roles []Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// allRoles are the roles of some policies, by name.
func allRoles(r *rules) []Role { return slices.Sorted(slices.Values(r.roles())) }

// powerful says whether a role may do what can open all other doors.
func (s *Access) powerful(r *rules, role Role) bool {
	c := s.catalogue.Load()
	if c == nil {
		return false
	}
	return slices.ContainsFunc(c.permissions, func(p room.Permission) bool {
		return p.Powerful && r.ask(sample(role, p.Name)).allow
	})
}

// PowerfulPerson says whether a person holds a role, in their jurisdiction, that
// takes two people to grant.
func (s *Access) PowerfulPerson(ctx context.Context, p who.Person) (bool, error) {
	st, err := s.standing(ctx)
	if err != nil {
		return false, err
	}
	rules := st.rulesOf(p.Jurisdiction)
	return slices.ContainsFunc(st.held(p.ID, p.Jurisdiction), func(r Role) bool { return s.powerful(rules, r) }), nil
}

// HoldsPowerful says whether a person holds, anywhere, a role that takes two
// people to grant. It reads what is written, so that it can be part of a write.
func (s *Access) HoldsPowerful(ctx context.Context, q db.Reader, person string) (bool, error) {
	grants, err := listGrantsOf(ctx, q, person)
	if err != nil {
		return false, err
	}
	st, err := s.standing(ctx)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(grants, func(g Grant) bool { return s.powerful(st.rulesOf(g.Jurisdiction), g.Role) }), nil
}

// grant writes a grant and its fact.
func (s *Access) grant(ctx context.Context, tx *db.Tx, g Grant) error {
	if hit, err := insertGrant(ctx, tx, g); err != nil || !hit {
		return err
	}
	tx.Record(event.RoleGranted{Person: g.Person, Role: string(g.Role), Reason: g.Reason, Where: g.Jurisdiction})
	return changed(ctx, tx, g.Jurisdiction)
}

// askGrant writes down that somebody wants a person to hold a powerful role.
func (s *Access) askGrant(ctx context.Context, g Grant) (*pair.Request, error) {
	payload, err := json.Marshal(g)
	if err != nil {
		return nil, err
	}
	var req pair.Request
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		// The person who is to get the role cannot be the one who agrees.
		req, err = s.Ask(ctx, tx, pair.Ask{Act: "access.grant", Subject: g.Person + " " + string(g.Role) + " " + g.Jurisdiction,
			Reason: g.Reason, Also: []string{g.Person}, Payload: payload})
		return err
	})
	return &req, err
}

// doGrant carries out a grant that a second person has agreed to.
func (s *Access) doGrant(ctx context.Context, tx *db.Tx, r pair.Request) error {
	g, err := pair.Wanted[Grant](r)
	if err != nil {
		return err
	}
	asker := who.Person{ID: r.AskedBy, Jurisdiction: r.Jurisdiction, Via: who.Browser}
	rec := g.record()
	if v, err := s.decide(ctx, asker, "access.grant", g.Jurisdiction, &rec); err != nil {
		return err
	} else if !v.allow {
		return fault.New(fault.Conflict, "Whoever asked for this may not grant roles any more. Refuse the request.")
	}
	g.By, g.At = r.AskedBy, s.Now()
	return s.grant(ctx, tx, g)
}

// showGrant says in words what a request for a role asks for.
func (s *Access) showGrant(ctx context.Context, r pair.Request) ([]string, error) {
	g, err := pair.Wanted[Grant](r)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	p := web.Words(ctx)
	return []string{p.T("access.request.grant", "person", names.of(g.Person), "role", roleName(p, g.Role), "place", place(g.Jurisdiction))}, nil
}

// Revoke takes a role from a person in the jurisdiction of who revokes it.
func (s *Access) Revoke(ctx context.Context, person string, r Role) error {
	return s.Take(ctx, Grant{Jurisdiction: who.From(ctx).Jurisdiction, Person: person, Role: r})
}

// Take takes a role from a person. It needs nobody else: taking away must be
// quick.
func (s *Access) Take(ctx context.Context, g Grant) error {
	if _, _, err := s.mayChange(ctx, &g); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.revoke(ctx, tx, g) })
	s.memory.forget()
	return err
}

func (s *Access) revoke(ctx context.Context, tx *db.Tx, g Grant) error {
	hit, err := deleteGrant(ctx, tx, g)
	if err != nil {
		return err
	}
	if !hit {
		return fault.New(fault.NotFound, "The person does not hold this role.")
	}
	tx.Record(event.RoleRevoked{Person: g.Person, Role: string(g.Role), Reason: g.Reason, Where: g.Jurisdiction})
	return changed(ctx, tx, g.Jurisdiction)
}

// Held lists the roles of a person in their jurisdiction, those from above it
// too.
func (s *Access) Held(ctx context.Context, p who.Person) ([]Role, error) {
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	held := st.held(p.ID, p.Jurisdiction)
	slices.Sort(held)
	return slices.Compact(held), nil
}

// Grants lists all grants at and below a jurisdiction.
func (s *Access) Grants(ctx context.Context, jurisdiction string) ([]Grant, error) {
	return listGrants(ctx, s.DB, jurisdiction)
}

// Apart lists the roles that a person holds in a jurisdiction and that should
// not be with a further one, with the policy that says so.
func (s *Access) Apart(ctx context.Context, person string, r Role, jurisdiction string) (map[Role]string, error) {
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	held := st.held(person, jurisdiction)
	out := make(map[Role]string)
	for _, two := range st.rulesOf(jurisdiction).apart() {
		switch {
		case two.A == r && slices.Contains(held, two.B):
			out[two.B] = two.Policy
		case two.B == r && slices.Contains(held, two.A):
			out[two.A] = two.Policy
		}
	}
	return out, nil
}
