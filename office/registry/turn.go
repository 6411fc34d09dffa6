// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/job"
	"hustings/office/registry/roll"
)

// turnJob brings the roll up to the day: what was recorded ahead, such as a move
// or an eighteenth birthday, stands from its day on.
const turnJob = "registry.turn"

// turnsAtOnce is how many voters are turned in one write.
const turnsAtOnce = 200

func (s *Registry) turn(ctx context.Context, _ *job.Work) error {
	for {
		ids, err := s.due(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := s.DB.Write(ctx, func(tx *db.Tx) error {
			for _, id := range ids {
				all, err := s.versions(ctx, tx, id)
				if err != nil {
					return err
				}
				if err := s.stand(ctx, tx, all); err != nil {
					return err
				}
			}
			tx.Record(event.RollTurned{Day: election.DayOf(s.Now()), Voters: len(ids)})
			return nil
		}); err != nil {
			return err
		}
	}
}

// due are voters of whom something holds by now that their row does not say yet.
func (s *Registry) due(ctx context.Context) ([]roll.ID, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select distinct v.voter from registry_version v join registry_voter r on r.jurisdiction = v.jurisdiction and r.id = v.voter
		where v.jurisdiction = $1 and v.valid_from <= $2 and v.valid_from > r.valid_from limit $3`, s.Jurisdiction, string(election.DayOf(s.Now())), turnsAtOnce)
	return db.Collect(rows, err, func(scan func(...any) error) (id roll.ID, err error) { err = scan(&id); return id, err })
}

// ofAge is the eighteenth birthday; of those born on 29 February, the first of
// March where there is none.
func ofAge(birth election.Date) (election.Date, bool) {
	t, err := time.Parse(time.DateOnly, string(birth))
	if err != nil {
		return "", false
	}
	return election.DayOf(t.AddDate(18, 0, 0)), true
}
