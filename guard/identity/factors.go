// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
)

// Factors is everything that an account can sign in with.
type Factors struct {
	Passkeys []Passkey
	Password bool
	App      time.Time // since when; zero: none
	Codes    int       // recovery codes left
	Linked   []Link    // other houses that vouch for it
}

// Best is the highest level that the account can prove.
func (f Factors) Best() int {
	best := 0
	switch {
	case f.Password && !f.App.IsZero():
		best = 2
	case f.Password:
		best = 1
	}
	for _, k := range f.Passkeys {
		best = max(best, k.Level())
	}
	for _, l := range f.Linked {
		best = max(best, l.Level)
	}
	return best
}

// ways counts the ways into the account.
func (f Factors) ways(alone bool) int {
	n := len(f.Passkeys) + len(f.Linked)
	if f.Password && (alone || !f.App.IsZero()) {
		n++
	}
	return n
}

// Factors lists what an account can sign in with.
func (s *Identity) Factors(ctx context.Context, account string) (Factors, error) {
	return s.factorsOf(ctx, s.DB, account)
}

func (s *Identity) factorsOf(ctx context.Context, q db.Reader, account string) (f Factors, err error) {
	if f.Passkeys, err = listPasskeys(ctx, q, s.Jurisdiction, account); err != nil {
		return f, err
	}
	phc, err := passwordOf(ctx, q, s.Jurisdiction, account)
	if err != nil {
		return f, err
	}
	f.Password = phc != ""
	app, err := findApp(ctx, q, s.Jurisdiction, account)
	if err != nil {
		return f, err
	}
	f.App = app.confirmed
	if f.Codes, err = countRecovery(ctx, q, s.Jurisdiction, account); err != nil {
		return f, err
	}
	f.Linked, err = s.links(ctx, q, account)
	return f, err
}

// leaves refuses a step after which nobody could sign in to the account. The
// account's row is taken, so that two such steps do not pass each other.
func (s *Identity) leaves(ctx context.Context, tx *db.Tx, account string, without func(*Factors)) error {
	if err := touchAccount(ctx, tx, s.Jurisdiction, account); err != nil {
		return err
	}
	f, err := s.factorsOf(ctx, tx, account)
	if err != nil {
		return err
	}
	alone := s.PasswordAlone || s.Rehearsal
	if without(&f); f.ways(alone) == 0 {
		return fault.New(fault.Conflict, "This is the last way into the account. Add another first, then remove this one.")
	}
	return nil
}

// RemovePassword takes an account's password away, unless it is the last way
// in.
func (s *Identity) RemovePassword(ctx context.Context, account string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.leaves(ctx, tx, account, func(f *Factors) { f.Password = false }); err != nil {
			return err
		}
		if err := updatePassword(ctx, tx, s.Jurisdiction, account, ""); err != nil {
			return err
		}
		tx.Record(event.PasswordRemoved{Account: account})
		return s.note(ctx, tx, account, entry{What: "password-removed", Alert: true}, Place{})
	})
}

// forget takes away all that an account signs in with, and ends what it has
// open.
func (s *Identity) forget(ctx context.Context, tx *db.Tx, account string) error {
	keys, err := listPasskeys(ctx, tx, s.Jurisdiction, account)
	if err != nil {
		return err
	}
	for _, k := range keys {
		tx.Record(event.PasskeyRemoved{Account: account, Passkey: k.ID, Label: k.Name})
	}
	if err := deleteFactors(ctx, tx, s.Jurisdiction, account); err != nil {
		return err
	}
	if s.Outside != nil {
		if err := s.Outside.Unlink(ctx, tx, account, ""); err != nil {
			return err
		}
	}
	return s.endAll(ctx, tx, account)
}
