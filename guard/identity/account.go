// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"net/mail"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
)

// Account is a member of staff.
type Account struct {
	ID, Email, Name string
	Created         time.Time
	Disabled        bool
	LockedUntil     time.Time // zero where not locked
}

// Add makes an account and returns it. The address must not be taken.
func (s *Identity) Add(ctx context.Context, email, name string, password hide.String) (Account, error) {
	a := Account{ID: id.New(), Email: strings.ToLower(strings.TrimSpace(email)), Name: strings.TrimSpace(name), Created: s.Now()}
	if parsed, err := mail.ParseAddress(a.Email); err != nil || parsed.Address != a.Email {
		return a, fault.On("email", fault.New(fault.Invalid, "%q is not an e-mail address.", email))
	}
	if a.Name == "" {
		return a, fault.On("name", fault.New(fault.Invalid, "The person's name is missing."))
	}
	if err := checkPassword(password); err != nil {
		return a, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return a, err
	}
	return a, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertAccount(ctx, tx, s.Jurisdiction, a, hash); err != nil {
			if fault.KindOf(err) == fault.Conflict {
				return fault.On("email", fault.New(fault.Conflict, "There is an account for %s already.", a.Email))
			}
			return err
		}
		tx.Record(event.AccountAdded{Account: a.ID, Person: a.Name})
		return nil
	})
}

// SetPassword gives an account a new password and ends all its sessions and
// tokens: whoever may have had the old password loses what they had from it.
func (s *Identity) SetPassword(ctx context.Context, account string, password hide.String) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := updatePassword(ctx, tx, s.Jurisdiction, account, hash); err != nil {
			return err
		}
		tx.Record(event.PasswordChanged{Account: account})
		return s.endAll(ctx, tx, account)
	})
}

// Disable stops an account at once: it cannot sign in, and its sessions and
// tokens end.
func (s *Identity) Disable(ctx context.Context, account, reason string) error {
	at := s.Now()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := setDisabled(ctx, tx, s.Jurisdiction, account, &at); err != nil {
			return err
		}
		tx.Record(event.AccountDisabled{Account: account, Reason: reason})
		return s.endAll(ctx, tx, account)
	})
}

// endAll ends an account's sessions and tokens and lifts its locks. The
// account's row has just been changed, so a sign-in or a new token comes wholly
// before this and is ended with the rest, or comes after and sees the change.
func (s *Identity) endAll(ctx context.Context, tx *db.Tx, account string) error {
	if err := unlockAddresses(ctx, tx, s.Jurisdiction, account); err != nil {
		return err
	}
	tokens, err := deleteTokens(ctx, tx, s.Jurisdiction, account)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		tx.Record(event.TokenRevoked{Account: account, Token: t})
	}
	return endSessions(ctx, tx, s.Jurisdiction, account)
}

// Enable lets a disabled or locked account sign in again.
func (s *Identity) Enable(ctx context.Context, account string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := setDisabled(ctx, tx, s.Jurisdiction, account, nil); err != nil {
			return err
		}
		tx.Record(event.AccountEnabled{Account: account})
		return unlockAddresses(ctx, tx, s.Jurisdiction, account)
	})
}

// Accounts lists all accounts by name.
func (s *Identity) Accounts(ctx context.Context) ([]Account, error) {
	return listAccounts(ctx, s.DB, s.Jurisdiction)
}

// ByEmail finds an account by its address.
func (s *Identity) ByEmail(ctx context.Context, email string) (Account, error) {
	a, _, err := findAccount(ctx, s.DB, s.Jurisdiction, strings.ToLower(strings.TrimSpace(email)))
	return a, err
}
