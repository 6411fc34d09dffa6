// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"

	"github.com/cedar-policy/cedar-go"

	"hustings/kit/fault"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
)

// May implements web.Access: nil where the policies permit it to the person in
// their jurisdiction, a fault of kind Denied where they do not, a web.StepUp
// where they do and the person has yet to prove better that it is them.
func (s *Access) May(ctx context.Context, p who.Person, permission string) error {
	v, err := s.decide(ctx, p, permission, p.Jurisdiction, nil)
	if err != nil {
		return err
	}
	if !v.allow {
		return denied(v, permission)
	}
	return s.proved(p, permission)
}

// On asks about one record, for the person who acts: who made it, whose it is
// and where it lies may count. Records of a jurisdiction in which the person may
// not do this at all are for them not there: the fault is NotFound.
func (s *Access) On(ctx context.Context, permission string, rec room.Record) error {
	p := who.From(ctx)
	v, err := s.decide(ctx, p, permission, rec.Jurisdiction, &rec)
	if err != nil {
		return err
	}
	if v.allow {
		return s.proved(p, permission)
	}
	here, err := s.decide(ctx, p, permission, rec.Jurisdiction, nil)
	if err != nil {
		return err
	}
	if !here.allow && !covers(p.Jurisdiction, rec.Jurisdiction) {
		return fault.New(fault.NotFound, "There is no such record.")
	}
	return denied(v, permission)
}

// decide lets the policies that hold where the resource is decide.
func (s *Access) decide(ctx context.Context, p who.Person, permission, where string, rec *room.Record) (verdict, error) {
	if !p.Known() || where == "" {
		return verdict{}, nil
	}
	st, err := s.standing(ctx)
	if err != nil {
		return verdict{}, err
	}
	q := question{me: p, held: st.held(p.ID, where), where: where, action: permission, record: rec, now: s.Now()}
	return st.rulesOf(where).ask(&q), nil
}

// proved asks for a better or fresher proof, where the permission wants one and
// the person could give it: the house and the operator cannot.
func (s *Access) proved(p who.Person, permission string) error {
	c := s.catalogue.Load()
	if !s.StepUp || c == nil {
		return nil
	}
	need := c.byName[permission]
	if need.Level == 0 && need.Fresh == 0 || (&question{me: p}).principal().Type != personType {
		return nil
	}
	if ask := (web.StepUp{Level: need.Level, Within: need.Fresh}); !ask.Met(p, s.Now()) {
		return ask
	}
	return nil
}

// denied says why not: which policy forbids it, or that none permits it.
func denied(v verdict, permission string) error {
	if len(v.by) == 0 {
		return fault.New(fault.Denied, "For this you need a role that includes “%s”. Ask an administrator of your office.", permission)
	}
	return forbidden(v.by[0])
}

func forbidden(policy cedar.PolicyID) error {
	switch policy {
	case "own-report":
		return fault.New(fault.Denied, "You sent this in yourself. A second person must decide.")
	case "own-grant":
		return fault.New(fault.Denied, "Nobody changes or reviews their own roles. Ask another administrator.")
	case "own-request":
		return fault.New(fault.Denied, "You asked for this yourself. A second person must agree.")
	}
	return fault.New(fault.Denied, "The policy “%s” of your office forbids this, whatever roles you hold.", string(policy))
}
