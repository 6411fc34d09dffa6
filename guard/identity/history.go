// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"time"

	"hustings/kit/db"
	"hustings/kit/id"
)

// The history is what an account's owner sees: sign-ins, refusals, and what
// changed in how they sign in. The ledger has all of it and more; this is the
// owner's part, kept for a little over a year.
const (
	historyKept = 400 * 24 * time.Hour
	historyMost = 500
)

// entry is something that happened to an account.
type entry struct {
	What, Detail string
	Alert        bool // the owner should look at it
}

// Happened is an entry of the history.
type Happened struct {
	ID, What, Detail, Address, Agent string
	At                               time.Time
	Times                            int64 // refusals of a kind within an hour are one entry
	Alert                            bool  // not yet looked at
}

// note writes something into an account's history.
func (s *Identity) note(ctx context.Context, tx *db.Tx, account string, e entry, from Place) error {
	now := s.Now()
	if e.What == "refused" {
		again, err := againHappened(ctx, tx, s.Jurisdiction, account, e, from.at(), now.Add(-time.Hour))
		if err != nil || again {
			return err
		}
	}
	h := Happened{ID: id.New(), What: e.What, Detail: e.Detail, Address: from.at(), Agent: from.agent(), At: now, Times: 1, Alert: e.Alert}
	if err := insertHappened(ctx, tx, s.Jurisdiction, account, h); err != nil {
		return err
	}
	return pruneHistory(ctx, tx, s.Jurisdiction, account, now.Add(-historyKept), historyMost)
}

// History is what happened to an account, the latest first.
func (s *Identity) History(ctx context.Context, account string, most int) ([]Happened, error) {
	return listHistory(ctx, s.DB, s.Jurisdiction, account, most)
}

// Seen takes down that the owner has looked at their history.
func (s *Identity) Seen(ctx context.Context, account string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the owner looked at the history of their own account")
		return markHistorySeen(ctx, tx, s.Jurisdiction, account, s.Now())
	})
}
