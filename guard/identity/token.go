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

// MakeToken lets a program act for an account for a while; the secret is
// returned once and kept nowhere.
func (s *Identity) MakeToken(ctx context.Context, account, purpose string, life time.Duration) (tokenID, secret string, err error) {
	if strings.TrimSpace(purpose) == "" {
		return "", "", fault.On("purpose", fault.New(fault.Invalid, "Say what the token is for."))
	}
	tokenID, secret = id.New(), "hustings_"+id.Token(32)
	now := s.Now()
	return tokenID, secret, s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.TokenMade{Account: account, Token: tokenID, Purpose: purpose, Expires: now.Add(life)})
		return insertToken(ctx, tx, s.Jurisdiction, digest(secret), tokenID, account, purpose, now, now.Add(life))
	})
}

// RevokeToken ends a token at once.
func (s *Identity) RevokeToken(ctx context.Context, account, tokenID string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.TokenRevoked{Account: account, Token: tokenID})
		return deleteToken(ctx, tx, s.Jurisdiction, tokenID)
	})
}
