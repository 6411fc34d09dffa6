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

// moved is what is written of a voter who was never changed before: two rows of
// the history, and what changes in their own.
type moved struct {
	was, is        []any
	precinct, body string
}

// readyToMove makes ready what is written of the voters of a page who have one
// version, which holds on the day of the change.
func (s *Registry) readyToMove(ctx context.Context, c Change, page []Version, moves []place.Move) (map[roll.ID]moved, error) {
	to := make(map[roll.ID]place.Move, len(moves))
	for _, m := range moves {
		to[m.ID] = m
	}
	second := Version{Number: 2, From: c.From, Recorded: s.Now(), By: who.From(ctx).ID, Why: c.Why, Cause: c.Cause}
	out := make(map[roll.ID]moved, len(moves))
	for _, v := range page {
		m, moves := to[v.ID]
		if !moves || v.Number > 1 || v.From > c.From {
			continue
		}
		one, err := s.readyOne(ctx, v, second, m)
		if err != nil {
			return nil, err
		}
		out[v.ID] = one
	}
	return out, nil
}

func (s *Registry) readyOne(ctx context.Context, first, second Version, m place.Move) (out moved, err error) {
	second.Voter = first.Voter
	second.Precinct, second.Districts = m.To, m.Districts
	out.precinct = string(m.To)
	if out.was, err = s.versionRow(ctx, nil, first); err != nil { // no voter has a key of their own, so nothing is written here
		return out, err
	}
	if out.is, err = s.versionRow(ctx, nil, second); err != nil {
		return out, err
	}
	out.body, _, err = bodyOf(second.Voter)
	return out, err
}

// moveAll moves voters in the order of their numbers. Most have never been
// changed; for those, what revise would write is ready, and is written of all at
// once, with one fact.
func (s *Registry) moveAll(ctx context.Context, tx *db.Tx, lines string, c Change, moves []place.Move, ready map[roll.ID]moved) error {
	unchanged, err := s.unchanged(ctx, tx, moves)
	if err != nil {
		return err
	}
	told := event.VotersMoved{Lines: lines, From: c.From}
	var rows [][]any
	var ids []roll.ID
	for _, m := range moves {
		one, ok := ready[m.ID]
		if ok && unchanged[m.ID] {
			rows, ids = append(rows, one.was, one.is), append(ids, m.ID)
			told.Voters = append(told.Voters, string(m.ID))
			continue
		}
		if err := s.revise(ctx, tx, m.ID, c, func(_ election.Date, v *roll.Voter) error {
			v.Precinct, v.Districts = m.To, m.Districts
			return nil
		}); err != nil {
			return err
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.Load(ctx, "registry_version", versionColumns, each(rows)); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, standAtOnce) {
		if err := s.standAll(ctx, tx, c, part, ready); err != nil {
			return err
		}
	}
	tx.Record(told)
	return nil
}

// unchanged are those of some voters who have one version still.
func (s *Registry) unchanged(ctx context.Context, tx *db.Tx, moves []place.Move) (map[roll.ID]bool, error) {
	out := make(map[roll.ID]bool)
	if len(moves) == 0 {
		return out, nil
	}
	rows, err := tx.QueryContext(ctx, `select id from registry_voter where jurisdiction = $1 and id >= $2 and id <= $3 and version = 1`,
		s.Jurisdiction, string(moves[0].ID), string(moves[len(moves)-1].ID))
	ids, err := db.Collect(rows, err, func(scan func(...any) error) (id roll.ID, err error) { err = scan(&id); return id, err })
	for _, id := range ids {
		out[id] = true
	}
	return out, err
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

// standAll puts second versions into the rows of their voters: all of it where
// it stands today, or only that there is one.
func (s *Registry) standAll(ctx context.Context, tx *db.Tx, c Change, ids []roll.ID, ready map[roll.ID]moved) error {
	now := s.Now()
	stands := c.From <= election.DayOf(now)
	query, args := countingAll, []any{s.Jurisdiction}
	if stands {
		query, args = standingAll, []any{string(c.From), now, who.From(ctx).ID, c.Why, c.Cause, s.Jurisdiction}
	}
	for i := range standAtOnce {
		id := ids[min(i, len(ids)-1)]
		args = append(args, string(id))
		if stands {
			args = append(args, ready[id].precinct, ready[id].body)
		}
	}
	_, err := tx.ExecContext(ctx, query, args...)
	return err
}
