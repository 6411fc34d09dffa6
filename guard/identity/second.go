// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/hide"
)

// An app's codes are those that every authenticator app makes: six digits, a new
// one every 30 seconds, SHA-1 (RFC 6238). One step before and after is taken,
// for clocks that are a little off.
const (
	appStep = 30
	appSkew = 1
)

// second is what a code was found to be, before it is spent.
type second struct {
	has      bool   // the account has an app
	step     int64  // the app's step that the code is of; 0: none
	recovery string // hash of the code, where it has the form of a recovery code
}

// second finds what a code is.
func (s *Identity) second(ctx context.Context, account, code string) (out second, err error) {
	code = plainCode(code)
	if len(code) == recoveryLength {
		out.recovery = recoveryHash(account, code)
	}
	app, err := findApp(ctx, s.DB, s.Jurisdiction, account)
	if err != nil || app.confirmed.IsZero() {
		return out, err
	}
	out.has = true
	sealer, err := s.sealer()
	if err != nil {
		return out, err
	}
	secret, err := sealer.Open(ctx, s.DB, appSecret.At(s.Jurisdiction, account), app.secret)
	if err != nil {
		return out, err
	}
	out.step = stepOf(secret, code, s.Now())
	return out, nil
}

// plainCode is a code as it was meant: people type spaces and hyphens.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(clip(strings.TrimSpace(code), 64)))
}

// stepOf is the step whose code this is, or 0.
func stepOf(secret hide.String, code string, now time.Time) (step int64) {
	for i := -appSkew; i <= appSkew; i++ {
		at := now.Add(time.Duration(i) * appStep * time.Second)
		want, err := totp.GenerateCodeCustom(secret.Reveal(), at, totp.ValidateOpts{Period: appStep, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && hide.New(want).Equal(hide.New(code)) {
			step = at.Unix() / appStep
		}
	}
	return step
}

// spend takes a code so that it is good only this once. A level of 0 says that
// it was not good.
func (s *Identity) spend(ctx context.Context, tx *db.Tx, account string, code second) (by proof, err error) {
	if code.step > 0 {
		if ok, err := takeStep(ctx, tx, s.Jurisdiction, account, code.step); err != nil || ok {
			return proof{method: byApp, level: 2}, err
		}
	}
	if code.recovery == "" {
		return by, nil
	}
	ok, left, err := takeRecovery(ctx, tx, s.Jurisdiction, account, code.recovery, s.Now())
	if err != nil || !ok {
		return by, err
	}
	tx.Record(event.RecoveryCodeUsed{Account: account, Left: left})
	return proof{method: byCode, level: 2}, s.note(ctx, tx, account, entry{What: "recovery-code-used", Alert: true}, Place{})
}
