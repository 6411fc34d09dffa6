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

// Kind is whose an account is.
type Kind string

// The kinds of accounts.
const (
	Human    Kind = "person"
	Program  Kind = "service"  // signs in with tokens only
	Envelope Kind = "envelope" // for emergencies, sealed
)

// Account is a member of staff, a program, or the envelope for emergencies.
type Account struct {
	ID, Email, Name string
	Kind            Kind
	Created         time.Time
	Disabled        bool
	LockedUntil     time.Time // zero where not locked
	Expires         time.Time // zero where it does not
	Used            time.Time // last sign-in; zero before the first
}

// Asleep says whether an account was not used for so long that it has to be
// woken by somebody before it can sign in.
func (a Account) Asleep(now time.Time, dormant time.Duration) bool {
	last := a.Used
	if last.IsZero() {
		last = a.Created
	}
	return a.Kind == Human && now.Sub(last) >= dormant
}

// Ended says whether an account cannot sign in because its time is over, it was
// disabled, or it is asleep.
func (a Account) Ended(now time.Time, dormant time.Duration) bool {
	return a.Disabled || !a.Expires.IsZero() && !now.Before(a.Expires) || a.Asleep(now, dormant)
}

func (s *Identity) newPerson(email, name string) Account {
	return Account{ID: id.New(), Email: strings.ToLower(strings.TrimSpace(email)), Name: cleanName(name), Kind: Human, Created: s.Now()}
}

// check says what is wrong with a new account.
func (a Account) check(now time.Time) error {
	if parsed, err := mail.ParseAddress(a.Email); err != nil || parsed.Address != a.Email || len(a.Email) > 254 {
		return fault.On("email", fault.New(fault.Invalid, "%q is not an e-mail address.", clip(a.Email, 254)))
	}
	if a.Name == "" {
		return fault.On("name", fault.New(fault.Invalid, "The person's name is missing."))
	}
	if !a.Expires.IsZero() && !a.Expires.After(now) {
		return fault.On("expires", fault.New(fault.Invalid, "The account would end before it begins. Choose a day that is still to come."))
	}
	return nil
}

// Add makes an account with a password and returns it. The address must not be
// taken.
func (s *Identity) Add(ctx context.Context, email, name string, password hide.String) (Account, error) {
	a := s.newPerson(email, name)
	if err := a.check(s.Now()); err != nil {
		return a, err
	}
	if err := s.checkPassword(password, shortestAlone, a); err != nil {
		return a, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return a, err
	}
	return a, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertAccount(ctx, tx, s.Jurisdiction, a, hash); err != nil {
			return err
		}
		tx.Record(event.AccountAdded{Account: a.ID, Person: a.Name})
		return nil
	})
}

// SetPassword gives an account a new password and ends all its sessions and
// tokens: whoever may have had the old password loses what they had from it.
func (s *Identity) SetPassword(ctx context.Context, account string, password hide.String) error {
	hash, err := s.newPassword(ctx, account, password)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := updatePassword(ctx, tx, s.Jurisdiction, account, hash); err != nil {
			return err
		}
		tx.Record(event.PasswordChanged{Account: account})
		if err := s.note(ctx, tx, account, entry{What: "password-changed", Alert: true}, Place{}); err != nil {
			return err
		}
		return s.endAll(ctx, tx, account)
	})
}

// newPassword checks a new password for an account and hashes it. Beside an app
// it may be shorter.
func (s *Identity) newPassword(ctx context.Context, account string, password hide.String) (hash string, err error) {
	a, err := findByID(ctx, s.DB, s.Jurisdiction, account)
	if fault.KindOf(err) == fault.NotFound {
		a, err = Account{}, nil // the write will say so, once it is this password's turn
	}
	if err != nil {
		return "", err
	}
	app, err := findApp(ctx, s.DB, s.Jurisdiction, account)
	if err != nil {
		return "", err
	}
	least := shortestAlone
	if !app.confirmed.IsZero() {
		least = shortestBeside
	}
	if err := s.checkPassword(password, least, a); err != nil {
		return "", err
	}
	return s.hash(ctx, password)
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

// endAll ends an account's sessions, links and tokens and lifts its locks. The
// account's row has just been changed, so a sign-in or a new token comes wholly
// before this and is ended with the rest, or comes after and sees the change.
func (s *Identity) endAll(ctx context.Context, tx *db.Tx, account string) error {
	if err := unlockAddresses(ctx, tx, s.Jurisdiction, account); err != nil {
		return err
	}
	if err := deleteLinks(ctx, tx, s.Jurisdiction, account); err != nil {
		return err
	}
	tokens, err := deleteTokens(ctx, tx, s.Jurisdiction, account)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		tx.Record(event.TokenRevoked{Account: account, Token: t})
	}
	_, err = endSessions(ctx, tx, s.Jurisdiction, account, "")
	return err
}

// Enable lets an account sign in again that was disabled, is locked, or has
// fallen asleep.
func (s *Identity) Enable(ctx context.Context, account string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := wake(ctx, tx, s.Jurisdiction, account, s.Now()); err != nil {
			return err
		}
		tx.Record(event.AccountEnabled{Account: account})
		return unlockAddresses(ctx, tx, s.Jurisdiction, account)
	})
}

// Expire lets an account end at a moment; the zero time lets it go on.
func (s *Identity) Expire(ctx context.Context, account string, at time.Time) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := setExpiry(ctx, tx, s.Jurisdiction, account, at); err != nil {
			return err
		}
		tx.Record(event.AccountExpires{Account: account, At: at})
		return nil
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

// ByID finds an account by its id.
func (s *Identity) ByID(ctx context.Context, account string) (Account, error) {
	return findByID(ctx, s.DB, s.Jurisdiction, account)
}
