// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"net/netip"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/web"
)

// The lock: after five wrong passwords an account rests for a minute, then
// twice as long after each further one, up to a quarter of an hour, so that
// guessing is slow and a person on election night is not shut out for long.
// Wrong passwords during the rest are recorded and not counted; they would let
// anyone keep an account shut for good.
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
	email   string
	account Account // zero where there is none of this address
	phc     string
	right   bool
	address netip.Addr
	agent   string
}

// from is what the attempt's address counts as, "" where it has none.
func (a attempt) from() string {
	if !a.address.IsValid() {
		return ""
	}
	return web.Network(a.address).String()
}

func (a attempt) at() string {
	if !a.address.IsValid() {
		return ""
	}
	return a.address.String()
}

// decide lets the attempt in, or takes it down as refused.
func (s *Identity) decide(ctx context.Context, tx *db.Tx, a attempt) (in bool, err error) {
	now, counter := s.Now(), ""
	if a.account.ID == "" {
		tx.Record(event.SignInRefused{Address: a.at(), Reason: "unknown address"})
		return false, nil
	}
	known, err := knowsAddress(ctx, tx, s.Jurisdiction, a.account.ID, a.from(), now.Add(-knownFor))
	if err != nil {
		return false, err
	}
	if known {
		counter = a.from()
	}
	if a.right {
		if in, err = passed(ctx, tx, s.Jurisdiction, a.account.ID, counter, a.phc, now); in || err != nil {
			return in, err
		}
	}
	return false, s.refuse(ctx, tx, a, counter, now)
}

// refuse records why an attempt was not let in and counts a wrong password.
func (s *Identity) refuse(ctx context.Context, tx *db.Tx, a attempt, counter string, now time.Time) error {
	told := event.SignInRefused{Account: a.account.ID, Address: a.at(), Reason: "wrong password"}
	fresh, phc, err := findAccount(ctx, tx, s.Jurisdiction, a.email)
	if err != nil {
		return err
	}
	switch {
	case fresh.Disabled:
		told.Reason = "account disabled"
	case phc != a.phc:
		told.Reason = "password changed meanwhile"
	case a.right:
		told.Reason = "account locked"
	default:
		failures, counted, err := addFailure(ctx, tx, s.Jurisdiction, a.account.ID, counter, now)
		if err != nil {
			return err
		}
		if !counted {
			told.Reason = "wrong password while locked"
		} else if d := lockFor(failures); d > 0 {
			told.LockedUntil = now.Add(d)
			if err := lock(ctx, tx, s.Jurisdiction, a.account.ID, counter, told.LockedUntil); err != nil {
				return err
			}
		}
	}
	tx.Record(told)
	return nil
}
