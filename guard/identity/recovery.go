// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
)

// Recovery codes stand in for an app that is lost: ten of 120 bits, each good
// once, beside the password and never instead of it (NIST SP 800-63B-4, section
// 3.1.2: look-up secrets).
const (
	recoveryCodes  = 10
	recoveryLength = 24
)

var b32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// recoveryHash is what is kept of a code. The account is part of it, so that
// equal codes do not look equal.
func recoveryHash(account, plain string) string { return digest(account + " " + plain) }

// readable is a code in groups of four.
func readable(plain string) string {
	var groups []string
	for ; len(plain) > 4; plain = plain[4:] {
		groups = append(groups, plain[:4])
	}
	return strings.Join(append(groups, plain), "-")
}

// RenewCodes makes new recovery codes, shown once; earlier ones end.
func (s *Identity) RenewCodes(ctx context.Context, account string) (codes []hide.String, err error) {
	return codes, s.DB.Write(ctx, func(tx *db.Tx) error {
		app, err := findApp(ctx, tx, s.Jurisdiction, account)
		if err == nil && app.confirmed.IsZero() {
			err = fault.New(fault.Invalid, "Recovery codes stand in for an authenticator app. Set one up first.")
		}
		if err != nil {
			return err
		}
		codes, err = s.renewCodes(ctx, tx, account)
		return err
	})
}

func (s *Identity) renewCodes(ctx context.Context, tx *db.Tx, account string) (codes []hide.String, err error) {
	var hashes []string
	for range recoveryCodes {
		raw := make([]byte, recoveryLength*5/8)
		_, _ = rand.Read(raw) // never fails since Go 1.24
		plain := b32.EncodeToString(raw)
		codes, hashes = append(codes, hide.New(readable(plain))), append(hashes, recoveryHash(account, plain))
	}
	if err := replaceRecovery(ctx, tx, s.Jurisdiction, account, hashes); err != nil {
		return nil, err
	}
	tx.Record(event.RecoveryCodesMade{Account: account, Codes: len(codes)})
	return codes, s.note(ctx, tx, account, entry{What: "codes-made", Alert: true}, Place{})
}
