// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
)

// longestToken is how long a token may live: a year and the weeks in which the
// next election's programs are set up.
const longestToken = 400 * 24 * time.Hour

// Token lets a program act for an account. Its secret is kept nowhere.
type Token struct {
	ID, Account, Purpose string
	Scope                string // permissions that it is good for, apart by spaces; empty: all that the account may
	Created, Expires     time.Time
	Used                 time.Time // to the day; zero before the first time
}

// MakeToken lets a program act for an account for a while; the secret is
// returned once. With a scope the token is good for those permissions only.
func (s *Identity) MakeToken(ctx context.Context, account, purpose string, life time.Duration, scope ...string) (tokenID, secret string, err error) {
	purpose = strings.TrimSpace(purpose)
	if purpose == "" {
		return "", "", fault.On("purpose", fault.New(fault.Invalid, "Say what the token is for."))
	}
	if life <= 0 || life > longestToken {
		return "", "", fault.On("life", fault.New(fault.Invalid, "A token lives for more than nothing and at most %d days.", int(longestToken.Hours()/24)))
	}
	now := s.Now()
	t := Token{ID: id.New(), Account: account, Purpose: purpose, Created: now, Expires: now.Add(life), Scope: strings.Join(scope, " ")}
	secret = "hustings_" + id.Token(32)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, err := insertToken(ctx, tx, s.Jurisdiction, digest(secret), t)
		if err == nil && !made {
			err = fault.New(fault.NotFound, "There is no such account, or it is disabled.")
		}
		if err != nil {
			return err
		}
		tx.Record(event.TokenMade{Account: account, Token: t.ID, Purpose: purpose, Expires: t.Expires, Scope: t.Scope})
		return nil
	})
	if err != nil {
		return "", "", err
	}
	return t.ID, secret, nil
}

// Tokens lists the tokens of an account, the oldest first. Those that have
// expired are among them until they are revoked.
func (s *Identity) Tokens(ctx context.Context, account string) ([]Token, error) {
	return listTokens(ctx, s.DB, s.Jurisdiction, account)
}

// RevokeToken ends a token of an account at once.
func (s *Identity) RevokeToken(ctx context.Context, account, tokenID string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		gone, err := deleteToken(ctx, tx, s.Jurisdiction, account, tokenID)
		if err == nil && !gone {
			err = fault.New(fault.NotFound, "The account has no such token.")
		}
		if err != nil {
			return err
		}
		tx.Record(event.TokenRevoked{Account: account, Token: tokenID})
		return nil
	})
}
