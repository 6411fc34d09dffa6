// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

// undone is the cause of the change that takes back what was done for a cause.
func undone(cause string) string { return "undo " + cause }

var errNothing = fault.New(fault.NotFound, "Nothing of this voter was changed for that reason.")

// TakeBack undoes what was changed of a voter for a cause, field by field, from
// the day on that it held from. What was changed again since then stays, and is
// named. A registration that was made for the cause is cancelled as a mistake.
// To take back twice does nothing.
func (s *Registry) TakeBack(ctx context.Context, id roll.ID, cause, why string) (stays []string, err error) {
	return stays, s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		stays, err = s.takeBack(ctx, tx, id, cause, why)
		return err
	})
}

func (s *Registry) takeBack(ctx context.Context, tx *db.Tx, id roll.ID, cause, why string) (stays []string, err error) {
	all, err := s.versions(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	of := func(v Version) bool { return v.Cause == cause }
	first := slices.IndexFunc(all, of)
	if cause == "" || first < 0 {
		return nil, errNothing
	}
	c := Change{From: all[first].From, Why: why, Cause: undone(cause)}
	if first == 0 {
		return nil, s.revise(ctx, tx, id, c, func(from election.Date, v *roll.Voter) error {
			v.State, v.Reason, v.Since = roll.Cancelled, roll.Mistake, from
			return nil
		})
	}
	last := len(all)
	for ; !of(all[last-1]); last-- {
	}
	before, after := timeline(all[:first], time.Time{}), timeline(all[:last], time.Time{})
	kept := map[string]bool{}
	err = s.revise(ctx, tx, id, c, func(from election.Date, v *roll.Voter) error {
		was, is := before[max(at(before, from), 0)].Voter, after[max(at(after, from), 0)].Voter
		for _, name := range restore(v, &was, &is) {
			kept[name] = true
		}
		return nil
	})
	for name := range kept {
		stays = append(stays, name)
	}
	slices.Sort(stays)
	return stays, err
}

// restore puts back what a change from was to is did to a voter, and names the
// fields that were changed again since.
func restore(v, was, is *roll.Voter) (stays []string) {
	to, from := reflect.ValueOf(v).Elem(), reflect.ValueOf(clone(*was))
	for i := range to.NumField() {
		switch {
		case sameField(i, was, is):
		case sameField(i, v, is):
			to.Field(i).Set(from.Field(i))
		case !sameField(i, v, was):
			stays = append(stays, to.Type().Field(i).Name)
		}
	}
	return stays
}

// Changed are the voters of whom something was changed for a cause, in the order
// of their numbers.
func (s *Registry) Changed(ctx context.Context, cause string) ([]roll.ID, error) {
	if strings.TrimSpace(cause) == "" {
		return nil, nil
	}
	rows, err := s.DB.QueryContext(ctx, `
		select voter from registry_version where jurisdiction = $1 and cause = $2
		union select id from registry_voter where jurisdiction = $1 and cause = $2 and version = 1 order by 1`, s.Jurisdiction, cause)
	return db.Collect(rows, err, func(scan func(...any) error) (id roll.ID, err error) { err = scan(&id); return id, err })
}
