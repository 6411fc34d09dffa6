// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"context"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
)

// Aliases returns what people have said that outside names mean.
func (s *Definition) Aliases(ctx context.Context, e election.ID) ([]election.Alias, error) {
	return listAliases(ctx, s.DB, s.Jurisdiction, e)
}

// SetAlias keeps a person's decision on what an outside name means. What it
// means must be in the election's definition.
func (s *Definition) SetAlias(ctx context.Context, e election.ID, a election.Alias) error {
	a.Name = strings.TrimSpace(a.Name)
	if a.Name == "" {
		return fault.On("name", fault.New(fault.Invalid, "Write the name as it stands in the file."))
	}
	def, err := s.Newest(ctx, e)
	if err != nil {
		return err
	}
	if !has(def, a) {
		return fault.On("id", fault.New(fault.Invalid, "There is no %s %q in this election's definition.", a.Kind, a.ID))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.AliasSet{Election: e, Kind: string(a.Kind), Outside: a.Name, Means: a.ID})
		return upsertAlias(ctx, tx, s.Jurisdiction, e, a, who.From(ctx).ID, s.Now())
	})
}

// RemoveAlias forgets a decision; files that use the name are refused again.
func (s *Definition) RemoveAlias(ctx context.Context, e election.ID, a election.Alias) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.AliasRemoved{Election: e, Kind: string(a.Kind), Outside: a.Name})
		return deleteAlias(ctx, tx, s.Jurisdiction, e, a)
	})
}

// Newest is the locked definition of an election, or its draft where none is
// locked yet. It must not be changed.
func (s *Definition) Newest(ctx context.Context, e election.ID) (*election.Definition, error) {
	v, err := findVersion(ctx, s.DB, s.Jurisdiction, e, Locked)
	if fault.KindOf(err) == fault.NotFound {
		v, err = findVersion(ctx, s.DB, s.Jurisdiction, e, Draft)
	}
	if err != nil {
		return nil, err
	}
	return s.load(ctx, v)
}

// working is what an import adds to: the draft of an election, or its locked
// definition where there is no draft. draft is the draft's hash, empty for none.
func (s *Definition) working(ctx context.Context, e election.ID) (def *election.Definition, draft string, err error) {
	v, err := findVersion(ctx, s.DB, s.Jurisdiction, e, Draft)
	if err == nil {
		def, err = s.load(ctx, v)
		return def, v.Hash, err
	}
	if fault.KindOf(err) != fault.NotFound {
		return nil, "", err
	}
	def, err = s.Newest(ctx, e)
	return def, "", err
}

// has says whether the definition has what an alias points at.
func has(def *election.Definition, a election.Alias) bool {
	switch a.Kind {
	case election.UnitAlias:
		for _, u := range def.Units {
			if string(u.ID) == a.ID {
				return true
			}
		}
	case election.TypeAlias:
		for _, t := range def.VoteTypes {
			if string(t.ID) == a.ID {
				return true
			}
		}
	case election.ContestAlias:
		for _, c := range def.Contests {
			if string(c.ID) == a.ID {
				return true
			}
		}
	case election.ChoiceAlias:
		for _, c := range def.Contests {
			for _, ch := range c.Choices {
				if string(ch.ID) == a.ID && (a.Contest == "" || a.Contest == string(c.ID)) {
					return true
				}
			}
		}
	}
	return false
}
