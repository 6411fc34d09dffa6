// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/office/registry/roll"
)

// Merge makes one registration of two that are of one person. What only the one
// that goes knew (names, numbers, contacts, an earlier day of registration) is
// put into the one that stays; the other is cancelled as a duplicate and says
// into which it went. Unmerge restores both exactly.
func (s *Registry) Merge(ctx context.Context, keep, gone roll.ID, c Change) error {
	if c.Cause == "" {
		c.Cause = "merge " + id.New()
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		k, err := s.latest(ctx, tx, keep)
		if err != nil {
			return err
		}
		g, err := s.latest(ctx, tx, gone)
		if err != nil {
			return err
		}
		if g.Cause == c.Cause && g.Into == keep {
			return nil
		}
		if err := mayMerge(&k.Voter, &g.Voter); err != nil {
			return err
		}
		if err := s.revise(ctx, tx, gone, c, func(from election.Date, v *roll.Voter) error {
			v.State, v.Reason, v.Since, v.Into = roll.Cancelled, roll.Duplicate, from, keep
			return nil
		}); err != nil {
			return err
		}
		if err := s.revise(ctx, tx, keep, c, func(_ election.Date, v *roll.Voter) error {
			absorb(v, &g.Voter)
			return nil
		}); err != nil {
			return err
		}
		tx.Record(event.VotersMerged{Keep: string(keep), Gone: string(gone), Why: c.Why})
		return nil
	})
}

// latest is a voter as they stand on the last day from which anything holds.
func (s *Registry) latest(ctx context.Context, q db.Reader, id roll.ID) (Version, error) {
	all, err := s.versions(ctx, q, id)
	if err != nil {
		return Version{}, err
	}
	line := timeline(all, time.Time{})
	return line[len(line)-1], nil
}

// mayMerge says why two registrations cannot be made one: nobody must lose a
// vote by it.
func mayMerge(keep, gone *roll.Voter) error {
	switch {
	case keep.ID == gone.ID:
		return fault.New(fault.Invalid, "These are one registration already.")
	case gone.Into != "":
		return fault.New(fault.Conflict, "%s was merged into %s already; take that back first.", gone.ID, gone.Into)
	case keep.Into != "":
		return fault.New(fault.Conflict, "%s was merged into %s already; merge with that one.", keep.ID, keep.Into)
	case gone.State.Votes() && !keep.State.Votes():
		return fault.New(fault.Conflict, "%s may vote and %s may not; keep the one that may.", gone.ID, keep.ID)
	case gone.State == roll.Active && keep.State != roll.Active:
		return fault.New(fault.Conflict, "%s is active and %s is not; keep the active one.", gone.ID, keep.ID)
	}
	return nil
}

// absorb puts into a voter what only the other registration of theirs knows.
func absorb(v, other *roll.Voter) {
	known := func(n roll.Name) bool { return n == v.Name || slices.Contains(v.Former, n) }
	for _, n := range append([]roll.Name{other.Name}, other.Former...) {
		if !known(n) {
			v.Former = append(v.Former, n)
		}
	}
	for _, c := range other.Contact {
		if !slices.ContainsFunc(v.Contact, func(have roll.Contact) bool { return have.Kind == c.Kind && strings.EqualFold(have.Value, c.Value) }) {
			v.Contact = append(v.Contact, c)
		}
	}
	for _, i := range other.Identifiers {
		if !i.None && v.NumberOf(i.Kind).IsZero() {
			v.Identifiers = append(slices.DeleteFunc(v.Identifiers, func(have roll.Identifier) bool { return have.Kind == i.Kind }), i)
		}
	}
	if v.Mail == nil && other.Mail != nil {
		mail := other.Mail.Clone()
		v.Mail = &mail
	}
	if other.Registered != "" && (v.Registered == "" || other.Registered < v.Registered) {
		v.Registered = other.Registered
	}
	for _, f := range []struct{ to, from *string }{{(*string)(&v.Birth), (*string)(&other.Birth)}, {&v.Gender, &other.Gender}, {&v.Race, &other.Race},
		{&v.Ethnic, &other.Ethnic}, {&v.Signature, &other.Signature}, {&v.Protected, &other.Protected}} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	if len(v.Langs) == 0 {
		v.Langs = slices.Clone(other.Langs)
	}
	v.NeedsID = v.NeedsID && other.NeedsID
}

// Unmerge takes a merge back: both registrations are what they were, but for
// what was changed in the meantime, which stays.
func (s *Registry) Unmerge(ctx context.Context, gone roll.ID, why string) (stays []string, err error) {
	return stays, s.DB.Write(ctx, func(tx *db.Tx) error {
		all, err := s.versions(ctx, tx, gone)
		if err != nil {
			return err
		}
		i := len(all) - 1
		for ; i > 0 && (all[i].Into == "" || all[i-1].Into != ""); i-- {
		}
		if all[len(all)-1].Into == "" || i == 0 {
			return fault.New(fault.Conflict, "%s is not merged into another registration.", gone)
		}
		keep, cause := all[i].Into, all[i].Cause
		stays = nil
		for _, one := range []roll.ID{gone, keep} {
			more, err := s.takeBack(ctx, tx, one, cause, why)
			if err != nil {
				return err
			}
			stays = append(stays, more...)
		}
		tx.Record(event.VotersParted{Keep: string(keep), Gone: string(gone), Why: why})
		return nil
	})
}
