// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
)

// The lock: after five wrong passwords or codes an account rests for a minute,
// then twice as long after each further one, up to a quarter of an hour, so that
// guessing is slow and a person on election night is not shut out for long.
// Wrong ones during the rest are recorded and not counted; they would let
// anyone keep an account shut for good. Passkeys cannot be guessed and do not
// rest.
//
// An address that has signed the account in before has a count and a lock of
// its own; all others share the account's. So whoever guesses elsewhere cannot
// keep the office's own people out, and gets no more guesses for having many
// addresses. A day after a lock the count begins anew.
const (
	allowedFailures = 5
	firstLock       = time.Minute
	longestLock     = 15 * time.Minute
	forgiven        = 24 * time.Hour
)

// An address is known to an account for a season after its last sign-in; an
// account knows the last ten.
const (
	knownFor  = 90 * 24 * time.Hour
	mostKnown = 10
)

func lockFor(failures int64) time.Duration {
	if failures < allowedFailures {
		return 0
	}
	d := firstLock
	for range min(failures-allowedFailures, 10) {
		d *= 2
	}
	return min(d, longestLock)
}

// attempt is one try to sign in, with its password already checked against the
// hash that the account had then. What the account is by now, only the
// transaction knows that decides.
type attempt struct {
	Place
	email   string
	account Account // zero where there is none of this address
	phc     string
	right   bool
	renewed string // the password hashed anew, where the hash is an old one
	code    string
	second  second
}

// decide lets the attempt in, or takes it down as refused.
func (s *Identity) decide(ctx context.Context, tx *db.Tx, a attempt) (by proof, in bool, err error) {
	now, counter := s.Now(), ""
	if a.account.ID == "" {
		tx.Record(event.SignInRefused{Address: a.at(), Reason: "unknown address"})
		return by, false, nil
	}
	known, err := knowsAddress(ctx, tx, s.Jurisdiction, a.account.ID, a.network(), now.Add(-knownFor))
	if err != nil {
		return by, false, err
	}
	if known {
		counter = a.network()
	}
	why := "wrong password"
	if a.right {
		open, err := unlocked(ctx, tx, s.Jurisdiction, a.account.ID, counter, a.phc, now)
		if err != nil {
			return by, false, err
		}
		if open {
			if by, why, err = s.factors(ctx, tx, a); err != nil {
				return by, false, err
			}
			if why == "" {
				return by, true, forgive(ctx, tx, s.Jurisdiction, a.account.ID, counter)
			}
		}
	}
	return by, false, s.refuse(ctx, tx, a, counter, why, now)
}

// factors says how good the proof of an attempt with the right password is, or
// why it is not enough. A code that was right counts as used from here on.
func (s *Identity) factors(ctx context.Context, tx *db.Tx, a attempt) (by proof, why string, err error) {
	if a.account.Ended(s.Now(), s.Dormant) {
		return by, "account ended or asleep", nil
	}
	if a.second.has {
		by, err = s.spend(ctx, tx, a.account.ID, a.second)
		if err == nil && by.level == 0 {
			why = "wrong code"
		}
		return by, why, err
	}
	if !s.PasswordAlone && !s.Rehearsal {
		return by, "a password alone is not enough here", nil
	}
	return proof{method: byPassword, level: 1}, "", nil
}

// refuse records why an attempt was not let in and counts a wrong password or
// code.
func (s *Identity) refuse(ctx context.Context, tx *db.Tx, a attempt, counter, why string, now time.Time) error {
	told := event.SignInRefused{Account: a.account.ID, Address: a.at(), Reason: why}
	fresh, phc, err := findAccount(ctx, tx, s.Jurisdiction, a.email)
	if fault.KindOf(err) == fault.NotFound { // its address was changed meanwhile
		tx.Record(told)
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case fresh.Disabled:
		told.Reason = "account disabled"
	case phc != a.phc:
		told.Reason = "password changed meanwhile"
	case a.right && why == "wrong password":
		told.Reason = "account locked"
	case why == "wrong password" || why == "wrong code":
		failures, counted, err := addFailure(ctx, tx, s.Jurisdiction, a.account.ID, counter, now)
		if err != nil {
			return err
		}
		if !counted {
			told.Reason = why + " while locked"
		} else if d := lockFor(failures); d > 0 {
			told.LockedUntil = now.Add(d)
			if err := lock(ctx, tx, s.Jurisdiction, a.account.ID, counter, told.LockedUntil); err != nil {
				return err
			}
		}
	}
	tx.Record(told)
	return s.note(ctx, tx, a.account.ID, entry{What: "refused", Detail: told.Reason, Alert: a.right && why == "wrong code" || !told.LockedUntil.IsZero()}, a.Place)
}
