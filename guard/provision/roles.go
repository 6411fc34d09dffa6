// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/web"
	"hustings/kit/who"
)

// soon is how many people's roles follow within the request that changed their
// groups; of more, the rest follows as the fact is heard.
const soon = 50

// longestReason bounds what people type as a reason.
const longestReason = 500

// settle makes an account follow what the program and the groups say: disabled
// or not, and with the roles of its groups. It may be done again at any time.
func (s *Provision) settle(ctx context.Context, account string) error {
	p, err := findPerson(ctx, s.DB, s.Jurisdiction, account)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.settleAccount(ctx, p); err != nil {
		return err
	}
	return s.settleRoles(ctx, p)
}

// follow settles accounts after a write that has told of them. What goes wrong
// here is done again when the fact is heard, so the write stands.
func (s *Provision) follow(ctx context.Context, accounts []string) {
	for _, account := range accounts[:min(len(accounts), soon)] {
		if err := s.settle(ctx, account); err != nil {
			s.Log.WarnContext(ctx, "an account follows its directory later", "account", account, "error", err)
		}
	}
}

// settleAccount disables or enables an account. Only what a program disabled it
// enables.
func (s *Provision) settleAccount(ctx context.Context, p Person) error {
	if !p.disabled {
		return nil
	}
	a, err := s.Accounts.ByID(ctx, p.Account)
	if err != nil {
		return err
	}
	if !p.Active {
		if a.Disabled {
			return nil
		}
		return s.Accounts.Disable(ctx, p.Account, reason)
	}
	if a.Disabled {
		if err := s.Accounts.Enable(ctx, p.Account); err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the account is enabled again, which is recorded; this is only who may do so")
		_, err := hits(ctx, tx, `
			update provision_person set disabled = $3 where jurisdiction = $1 and account = $2 and active`, s.Jurisdiction, p.Account, false)
		return err
	})
}

// settleRoles gives the roles that a person's groups give and that nobody gave
// them, and takes those that a group gave and none gives any more.
func (s *Provision) settleRoles(ctx context.Context, p Person) error {
	ctx = s.acting(ctx)
	wanted := map[string]string{}
	if p.Active && p.Removed.IsZero() {
		var err error
		if wanted, err = rolesOf(ctx, s.DB, s.Jurisdiction, p.Account); err != nil {
			return err
		}
	}
	given, err := givenTo(ctx, s.DB, s.Jurisdiction, p.Account)
	if err != nil || len(given)+len(wanted) == 0 {
		return err
	}
	held, err := s.Roles.Held(ctx, p.Account)
	if err != nil {
		return err
	}
	for _, role := range slices.Sorted(maps.Keys(wanted)) {
		if _, has := held[role]; has {
			continue // by us before, or by people: theirs then
		}
		if err := s.give(ctx, p.Account, role, wanted[role]); err != nil {
			return err
		}
	}
	for _, role := range given {
		if wanted[role] == "" {
			if err := s.take(ctx, p.Account, role, held[role]); err != nil {
				return err
			}
		}
	}
	return nil
}

// give writes down that a role comes by a group before it is given: if this
// process ends in between, it can be taken again.
func (s *Provision) give(ctx context.Context, account, role, group string) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the role is about to be given, which is recorded")
		return insertGiven(ctx, tx, s.Jurisdiction, account, role, s.Now())
	})
	if err != nil {
		return err
	}
	err = s.Roles.Give(ctx, account, role, reason+": "+group)
	if kind := fault.KindOf(err); kind == fault.Invalid || kind == fault.Denied {
		s.Log.WarnContext(ctx, "a group's role was not given", "account", account, "role", role, "error", err)
		return s.forget(ctx, account, role)
	}
	return err
}

// take takes a role that a group gave, where it is still ours: people may have
// taken it, and given it again, since.
func (s *Provision) take(ctx context.Context, account, role string, ours bool) error {
	if ours {
		err := s.Roles.Take(ctx, account, role, reason)
		if err != nil && fault.KindOf(err) != fault.NotFound { // somebody was quicker
			return err
		}
	}
	return s.forget(ctx, account, role)
}

func (s *Provision) forget(ctx context.Context, account, role string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the role is not held any more, which is recorded")
		return deleteGiven(ctx, tx, s.Jurisdiction, account, role)
	})
}

// heard settles everybody whom a fact of this room is about. Facts may come
// again, and long after: settle looks at how things stand.
func (s *Provision) heard(ctx context.Context, e db.Entry) error {
	if e.Jurisdiction != s.Jurisdiction {
		return nil
	}
	ctx = s.acting(ctx)
	var f struct {
		Account, Group string
		Added, Gone    []string
	}
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return err
	}
	about := append(f.Added, f.Gone...)
	if f.Account != "" {
		about = append(about, f.Account)
	}
	if e.Name == (event.GroupMapped{}).Name() {
		members, err := listMembers(ctx, s.DB, s.Jurisdiction, f.Group)
		if err != nil {
			return err
		}
		about = accountsOf(members)
	}
	for _, account := range about {
		if err := s.settle(ctx, account); err != nil {
			return err
		}
	}
	return nil
}

// mapping is what a second person agrees to.
type mapping struct {
	Group  string `json:"group"`
	Role   string `json:"role"`
	Reason string `json:"reason"`
	Before int64  `json:"before,omitempty"` // how often it had been taken from the group by then
}

// SetRole says that a group gives a role from now on. A role that can open all
// other doors waits for a second person.
func (s *Provision) SetRole(ctx context.Context, group, role, why string) (waits bool, err error) {
	m := mapping{Group: group, Role: role, Reason: strings.TrimSpace(why)}
	if err := checkReason(m.Reason); err != nil {
		return false, err
	}
	all, err := s.Roles.All(ctx)
	if err != nil {
		return false, err
	}
	if !slices.Contains(all, role) {
		return false, fault.On("role", fault.New(fault.Invalid, "Choose a role from the list."))
	}
	me := who.From(ctx)
	if waits, err = s.Roles.Powerful(ctx, role); err != nil {
		return false, err
	}
	if waits = waits && me.Via != who.House && me.ID != who.Operator; waits {
		return true, s.askMapping(ctx, m)
	}
	if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.putInForce(ctx, tx, m, me.ID) }); err != nil {
		return false, err
	}
	return false, s.settleGroup(ctx, group)
}

func checkReason(why string) error {
	switch {
	case why == "":
		return fault.On("reason", fault.New(fault.Invalid, "Say why; it is recorded."))
	case len(why) > longestReason:
		return fault.On("reason", fault.New(fault.TooLarge, "The reason is longer than %d letters.", longestReason))
	}
	return nil
}

func (s *Provision) askMapping(ctx context.Context, m mapping) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := findGroup(ctx, tx, s.Jurisdiction, m.Group)
		if err != nil {
			return err
		}
		if m.Before, err = timesUnmapped(ctx, tx, s.Jurisdiction, m.Group, m.Role); err != nil {
			return err
		}
		payload, err := json.Marshal(m)
		if err != nil {
			return err
		}
		_, err = s.Pairs.Ask(ctx, tx, pair.Ask{Act: actMapping, Subject: m.Group + " " + m.Role, Reason: m.Reason, Payload: payload})
		return err
	})
}

// putInForce lets a group give a role.
func (s *Provision) putInForce(ctx context.Context, tx *db.Tx, m mapping, by string) error {
	g, err := findGroup(ctx, tx, s.Jurisdiction, m.Group)
	if err != nil {
		return err
	}
	isNew, err := insertMapping(ctx, tx, s.Jurisdiction, Mapping{Group: m.Group, Role: m.Role, By: by, At: s.Now()})
	if err == nil && !isNew {
		err = fault.On("role", fault.New(fault.Conflict, "The group gives this role already."))
	}
	if err != nil {
		return err
	}
	tx.Record(event.GroupMapped{Group: m.Group, Display: g.Display, Role: m.Role, Gives: true, Reason: m.Reason})
	return nil
}

// doMapping puts in force what a second person has agreed to. The members get
// the role as the fact is heard.
func (s *Provision) doMapping(ctx context.Context, tx *db.Tx, r pair.Request) error {
	m, err := pair.Wanted[mapping](r)
	if err != nil {
		return err
	}
	before, err := timesUnmapped(ctx, tx, s.Jurisdiction, m.Group, m.Role)
	if err != nil {
		return err
	}
	if before != m.Before {
		return fault.New(fault.Conflict, "This role was taken from the group meanwhile. Refuse the request, and ask again if the group should give it.")
	}
	return s.putInForce(ctx, tx, m, r.AskedBy)
}

// showMapping says in words what a request asks for.
func (s *Provision) showMapping(ctx context.Context, r pair.Request) ([]string, error) {
	m, err := pair.Wanted[mapping](r)
	if err != nil {
		return nil, err
	}
	g, err := s.Group(ctx, m.Group)
	if fault.KindOf(err) == fault.NotFound {
		return []string{web.T(ctx, "provision.request.gone")}, nil
	}
	if err != nil {
		return nil, err
	}
	return []string{web.N(ctx, "provision.request", len(g.members), "group", g.Display, "role", roleName(web.Words(ctx), m.Role))}, nil
}

// RemoveRole says that a group gives a role no more. It needs nobody else:
// taking away must be quick.
func (s *Provision) RemoveRole(ctx context.Context, group, role, why string) error {
	why = strings.TrimSpace(why)
	if err := checkReason(why); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		g, err := findGroup(ctx, tx, s.Jurisdiction, group)
		if err != nil {
			return err
		}
		hit, err := deleteMapping(ctx, tx, s.Jurisdiction, group, role)
		if err != nil {
			return err
		}
		if !hit {
			return fault.New(fault.NotFound, "The group does not give this role.")
		}
		tx.Record(event.GroupMapped{Group: group, Display: g.Display, Role: role, Reason: why})
		return nil
	})
	if err != nil {
		return err
	}
	return s.settleGroup(ctx, group)
}

// settleGroup lets the members of a group follow a change of its roles.
func (s *Provision) settleGroup(ctx context.Context, group string) error {
	members, err := listMembers(ctx, s.DB, s.Jurisdiction, group)
	if err != nil {
		return err
	}
	s.follow(ctx, accountsOf(members))
	return nil
}
