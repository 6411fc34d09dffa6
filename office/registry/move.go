// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/who"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

// moveAll moves voters who are on a page of the roll, in the order of their
// numbers. Most have never been changed; for those, what revise would write is
// written of all at once, with one fact.
func (s *Registry) moveAll(ctx context.Context, tx *db.Tx, lines string, c Change, page []Version, moves []place.Move) error {
	simple, err := s.unchanged(ctx, tx, c, page, moves)
	if err != nil {
		return err
	}
	var was, is []Version
	told := event.VotersMoved{Lines: lines, From: c.From}
	now, by := s.Now(), who.From(ctx).ID
	for _, m := range moves {
		v, ok := simple[m.ID]
		if !ok {
			if err := s.revise(ctx, tx, m.ID, c, func(_ election.Date, v *roll.Voter) error {
				v.Precinct, v.Districts = m.To, m.Districts
				return nil
			}); err != nil {
				return err
			}
			continue
		}
		next := *v
		next.Precinct, next.Districts = m.To, m.Districts
		next.Number, next.From, next.Recorded, next.By, next.Why, next.Cause = 2, c.From, now, by, c.Why, c.Cause
		was, is = append(was, *v), append(is, next)
		told.Voters = append(told.Voters, string(m.ID))
	}
	if len(is) == 0 {
		return nil
	}
	rows := func(yield func([]any, error) bool) {
		for i := range is {
			for _, v := range []*Version{&was[i], &is[i]} {
				row, err := s.versionRow(ctx, tx, *v)
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
	if _, err := tx.Load(ctx, "registry_version", versionColumns, rows); err != nil {
		return err
	}
	stands := c.From <= election.DayOf(now)
	for part := range slices.Chunk(is, standAtOnce) {
		if err := s.standAll(ctx, tx, part, stands); err != nil {
			return err
		}
	}
	tx.Record(told)
	return nil
}

// unchanged are those of some voters who have one version still, which holds
// when a change is to be made.
func (s *Registry) unchanged(ctx context.Context, tx *db.Tx, c Change, page []Version, moves []place.Move) (map[roll.ID]*Version, error) {
	if len(moves) == 0 {
		return nil, nil
	}
	rows, err := tx.QueryContext(ctx, `
		select id from registry_voter where jurisdiction = $1 and id >= $2 and id <= $3 and version = 1 and valid_from <= $4`,
		s.Jurisdiction, string(moves[0].ID), string(moves[len(moves)-1].ID), string(c.From))
	ids, err := db.Collect(rows, err, func(scan func(...any) error) (id roll.ID, err error) { err = scan(&id); return id, err })
	if err != nil {
		return nil, err
	}
	now := make(map[roll.ID]bool, len(ids))
	for _, id := range ids {
		now[id] = true
	}
	out := make(map[roll.ID]*Version, len(page))
	for i := range page {
		if v := &page[i]; v.Number == 1 && now[v.ID] {
			out[v.ID] = v
		}
	}
	return out, nil
}

// standAtOnce is how many voters' rows are changed by one statement; the places
// that are not needed repeat the first.
const standAtOnce = 100

var standingAll = `
	update registry_voter set version = 2, valid_from = $1, recorded_at = $2, recorded_by = $3, why = $4, cause = $5, precinct = m.column2, body = m.column3
	from (values ` + tuples(7, standAtOnce, 3) + `) m where jurisdiction = $6 and id = m.column1`

var countingAll = `
	update registry_voter set version = 2 where jurisdiction = $1 and id in (` + from(2, standAtOnce) + `)`

// tuples are n tuples of so many places each, numbered from i on.
func tuples(i, n, width int) string {
	list := make([]string, n)
	for k := range list {
		list[k] = fmt.Sprintf("(%s)", from(i+k*width, width))
	}
	return strings.Join(list, ", ")
}

// standAll puts second versions into the rows of their voters: all of a version
// that stands, or only that there is one.
func (s *Registry) standAll(ctx context.Context, tx *db.Tx, list []Version, stands bool) error {
	query, args := countingAll, []any{s.Jurisdiction}
	if stands {
		v := list[0]
		query, args = standingAll, []any{string(v.From), v.Recorded, v.By, v.Why, v.Cause, s.Jurisdiction}
	}
	for i := range standAtOnce {
		v := list[min(i, len(list)-1)]
		args = append(args, string(v.ID))
		if stands {
			text, _, err := bodyOf(v.Voter)
			if err != nil {
				return err
			}
			args = append(args, string(v.Precinct), text)
		}
	}
	_, err := tx.ExecContext(ctx, query, args...)
	return err
}
