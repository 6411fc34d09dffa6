// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/web"
	"hustings/kit/who"
)

// Policies is one version of an office's own policies. The zero version is that
// of an office that never had any.
type Policies struct {
	Jurisdiction         string
	Version              int64
	Text, Hash, Reason   string
	AskedBy, AskedName   string
	AgreedBy, AgreedName string
	Applied              time.Time
}

// proposal is what a request for other policies carries.
type proposal struct {
	Text string
	Base int64 // the version that was in force when it was compared
}

// Own is the version of the own policies that is in force in an office.
func (s *Access) Own(ctx context.Context, where string) (Policies, error) {
	return newestPolicies(ctx, s.DB, where)
}

// OwnVersion finds an earlier version.
func (s *Access) OwnVersion(ctx context.Context, where string, n int64) (Policies, error) {
	p, err := findPolicies(ctx, s.DB, where, n)
	if none(err) {
		return p, fault.New(fault.NotFound, "There is no such version.")
	}
	return p, err
}

// OwnVersions lists all versions, the newest first, without their text.
func (s *Access) OwnVersions(ctx context.Context, where string) ([]Policies, error) {
	return listPolicies(ctx, s.DB, where)
}

// Check reads an office's policies and validates them against what the rooms of
// the house really let people do. It refuses what would lock out whoever could
// mend it.
func (s *Access) Check(where, text string) error {
	_, err := s.checked(where, text)
	return err
}

func (s *Access) checked(where, text string) ([]rule, error) {
	c := s.catalogue.Load()
	if c == nil {
		return nil, errNotFurnished
	}
	own, err := s.ownRules(where, text)
	if err != nil {
		return nil, fault.On("text", err)
	}
	if err := c.check(own); err != nil {
		return nil, fault.On("text", err)
	}
	return own, mendable(own)
}

// mendable refuses forbids that would keep the house from its work, or the
// operator at the machine from mending who may do what. It looks at what a
// policy says it is about, so that no condition gets around it.
func mendable(own []rule) error {
	for _, one := range own {
		if one.policy.Effect() == cedar.Permit {
			continue
		}
		actions, every := actionsOf(one.policy)
		access := every || slices.ContainsFunc(actions, func(a string) bool { return groupOf(a) == "access" })
		switch t, all := principalType(one.policy); {
		case all || t == houseType:
			return fault.On("text", fault.New(fault.Invalid, "%s line %d: this forbid would keep the house itself from its work; say “principal is Person”.", one.file, one.policy.Position().Line))
		case t == operatorType && access:
			return fault.On("text", fault.New(fault.Invalid, "%s line %d: this forbid would lock out the operator at the machine, and then nobody could mend it.", one.file, one.policy.Position().Line))
		}
	}
	return nil
}

// principalType is the type that a policy's scope names; all says that it names
// none.
func principalType(p *cedar.Policy) (t cedar.EntityType, all bool) {
	switch scope := (*ast.Policy)(p.AST()).Principal.(type) {
	case ast.ScopeTypeEq:
		return scope.Entity.Type, false
	case ast.ScopeTypeIn:
		return scope.Entity.Type, false
	case ast.ScopeTypeIs:
		return scope.Type, false
	case ast.ScopeTypeIsIn:
		return scope.Type, false
	}
	return "", true
}

// Diff says who gains and who loses what if an office had these policies.
func (s *Access) Diff(ctx context.Context, where, text string) ([]Change, error) {
	own, err := s.checked(where, text)
	if err != nil {
		return nil, err
	}
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	now, err := s.Own(ctx, where)
	if err != nil {
		return nil, err
	}
	return st.compare(s.catalogue.Load(), where, now.Text, text, own), nil
}

// Propose asks for other policies in the office of who acts. They come into
// force when a second person agrees.
func (s *Access) Propose(ctx context.Context, text, reason string) (pair.Request, error) {
	me := who.From(ctx)
	text = strings.ReplaceAll(text, "\r\n", "\n") // as a browser sends it
	if err := s.Check(me.Jurisdiction, text); err != nil {
		return pair.Request{}, err
	}
	now, err := s.Own(ctx, me.Jurisdiction)
	if err != nil {
		return pair.Request{}, err
	}
	if now.Text == text {
		return pair.Request{}, fault.On("text", fault.New(fault.Invalid, "These are the policies that are in force already."))
	}
	payload, err := json.Marshal(proposal{text, now.Version})
	if err != nil {
		return pair.Request{}, err
	}
	var r pair.Request
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err = s.Ask(ctx, tx, pair.Ask{Act: "access.policy", Subject: me.Jurisdiction, Reason: reason, Payload: payload})
		return err
	})
	return r, err
}

// doPolicy puts policies into force that a second person has agreed to. They
// are checked once more: the program may have changed since.
func (s *Access) doPolicy(ctx context.Context, tx *db.Tx, r pair.Request) error {
	p, err := pair.Wanted[proposal](r)
	if err != nil {
		return err
	}
	if err := s.Check(r.Jurisdiction, p.Text); err != nil {
		return err
	}
	now, err := newestPolicies(ctx, tx, r.Jurisdiction)
	if err != nil {
		return err
	}
	if now.Version != p.Base {
		return fault.New(fault.Conflict, "Other policies came into force since this was asked for. Refuse it, compare again and ask again.")
	}
	sum := sha256.Sum256([]byte(p.Text))
	next := Policies{Jurisdiction: r.Jurisdiction, Version: p.Base + 1, Text: p.Text, Hash: hex.EncodeToString(sum[:]), Reason: r.Reason,
		AskedBy: r.AskedBy, AskedName: r.AskedName, AgreedBy: r.DecidedBy, AgreedName: r.DecidedName, Applied: s.Now()}
	if err := insertPolicies(ctx, tx, next); err != nil {
		return err
	}
	tx.Record(event.PolicyApplied{Version: next.Version, Hash: next.Hash, AskedBy: r.AskedBy, Reason: r.Reason})
	return changed(ctx, tx, r.Jurisdiction)
}

// showPolicy says in words what a request for other policies asks for.
func (s *Access) showPolicy(ctx context.Context, r pair.Request) ([]string, error) {
	p, err := pair.Wanted[proposal](r)
	if err != nil {
		return nil, err
	}
	return []string{web.T(ctx, "access.request.policy", "base", strconv.FormatInt(p.Base, 10), "next", strconv.FormatInt(p.Base+1, 10))}, nil
}
