// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"time"

	"hustings/election"
	"hustings/office/registry/roll"
)

// holds is the day from which a new registration holds: the day that counts, or,
// where the deadline of an election has passed by then, the day after that
// election. Who may register and vote at once, in person, is not held back.
func (s *Intake) holds(ctx context.Context, a *Application) (election.Date, error) {
	if s.Elections == nil {
		return a.CountsOn, nil
	}
	law, err := s.Rules(a.CountsOn)
	if err != nil {
		return "", err
	}
	list, err := s.Elections.Upcoming(ctx, a.CountsOn)
	if err != nil {
		return "", err
	}
	for _, e := range list {
		last, known := law.Deadline(e.End, a.Voter.Source)
		if !known || a.CountsOn <= last {
			continue
		}
		if from, to, may := law.AtOnce(e.End); may && a.Voter.Source == roll.AtOffice && from <= a.CountsOn && a.CountsOn <= to {
			continue
		}
		at, err := e.End.In(time.UTC)
		if err != nil {
			return "", err
		}
		return election.DayOf(at.AddDate(0, 0, 1)), nil
	}
	return a.CountsOn, nil
}
