// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/pquerna/otp/totp"
	"rsc.io/qr"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/seal"
)

// The sealed columns of authenticator apps' secrets.
var (
	appSecret  = seal.Column{Table: "identity_app", Name: "secret", Key: []string{"account"}, Purpose: "identity.app"}
	appPending = seal.Column{Table: "identity_app", Name: "pending", Key: []string{"account"}, Purpose: "identity.app"}
)

// sealer is what secrets are sealed with.
func (s *Identity) sealer() (*seal.Sealer, error) {
	if s.Sealer == nil {
		return nil, fault.New(fault.Unavailable, "This house has no keys to keep a secret with. Use a passkey, or ask whoever runs the house.")
	}
	return s.Sealer, nil
}

// App is an authenticator app that is being set up.
type App struct {
	Secret hide.String // as a person types it
	URL    hide.String // as an app reads it
}

// Picture is the URL as a QR code: a PNG in a data: address.
func (a App) Picture() (string, error) {
	code, err := qr.Encode(a.URL.Reveal(), qr.M)
	if err != nil {
		return "", err
	}
	code.Scale = 4
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG()), nil
}

// appLife is how long a prepared app waits for its first code.
const appLife = 30 * time.Minute

// PrepareApp makes the secret of an app. It counts once ConfirmApp has seen a
// code of it; until then an earlier app stays good.
func (s *Identity) PrepareApp(ctx context.Context, account string) (app App, err error) {
	a, err := findByID(ctx, s.DB, s.Jurisdiction, account)
	if err != nil {
		return app, err
	}
	secret := make([]byte, 20)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	if app, err = s.appOf(a, secret); err != nil {
		return app, err
	}
	sealer, err := s.sealer()
	if err != nil {
		return app, err
	}
	return app, s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a secret was prepared; it counts and is recorded once it is confirmed")
		sealed, err := sealer.Seal(ctx, tx, appPending.At(s.Jurisdiction, account), app.Secret)
		if err != nil {
			return err
		}
		return prepareApp(ctx, tx, s.Jurisdiction, account, sealed, s.Now())
	})
}

func (s *Identity) appOf(a Account, secret []byte) (App, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.Office, AccountName: a.Email, Secret: secret})
	if err != nil {
		return App{}, err
	}
	return App{Secret: hide.New(key.Secret()), URL: hide.New(key.URL())}, nil
}

// Prepared is the app that waits for its first code, for a page that is shown
// again after a wrong one.
func (s *Identity) Prepared(ctx context.Context, account string) (app App, err error) {
	kept, err := findApp(ctx, s.DB, s.Jurisdiction, account)
	if err != nil {
		return app, err
	}
	if len(kept.pending) == 0 || s.Now().Sub(kept.prepared) > appLife {
		return app, fault.New(fault.Gone, "This took longer than half an hour. Begin again with a new picture to scan.")
	}
	sealer, err := s.sealer()
	if err != nil {
		return app, err
	}
	secret, err := sealer.Open(ctx, s.DB, appPending.At(s.Jurisdiction, account), kept.pending)
	if err != nil {
		return app, err
	}
	a, err := findByID(ctx, s.DB, s.Jurisdiction, account)
	if err != nil {
		return app, err
	}
	raw, err := b32.DecodeString(secret.Reveal())
	if err != nil {
		return app, err
	}
	return s.appOf(a, raw)
}

var errCode = fault.On("code", fault.New(fault.Invalid, "This is not the app's current code. Wait for the next one; if it is wrong again, see whether the phone's clock is right."))

// confirmed is the step of an app's first code.
func (s *Identity) confirmed(ctx context.Context, account, code string) (app App, step int64, err error) {
	if app, err = s.Prepared(ctx, account); err != nil {
		return app, 0, err
	}
	if step = stepOf(app.Secret, plainCode(code), s.Now()); step == 0 {
		return app, 0, errCode
	}
	return app, step, nil
}

// ConfirmApp makes the prepared app count, given a code of it. It returns new
// recovery codes, shown once, where the account had none.
func (s *Identity) ConfirmApp(ctx context.Context, account, code string) (codes []hide.String, err error) {
	app, step, err := s.confirmed(ctx, account, code)
	if err != nil {
		return nil, err
	}
	return codes, s.DB.Write(ctx, func(tx *db.Tx) error {
		codes, err = s.keepApp(ctx, tx, account, app, step)
		return err
	})
}

// keepApp makes an app count in a transaction.
func (s *Identity) keepApp(ctx context.Context, tx *db.Tx, account string, app App, step int64) (codes []hide.String, err error) {
	sealer, err := s.sealer()
	if err != nil {
		return nil, err
	}
	sealed, err := sealer.Seal(ctx, tx, appSecret.At(s.Jurisdiction, account), app.Secret)
	if err != nil {
		return nil, err
	}
	if err := confirmApp(ctx, tx, s.Jurisdiction, account, sealed, step, s.Now()); err != nil {
		return nil, err
	}
	tx.Record(event.AppAdded{Account: account})
	if err := s.note(ctx, tx, account, entry{What: "app-added", Alert: true}, Place{}); err != nil {
		return nil, err
	}
	left, err := countRecovery(ctx, tx, s.Jurisdiction, account)
	if err != nil || left > 0 {
		return nil, err
	}
	return s.renewCodes(ctx, tx, account)
}

// RemoveApp ends an app and its recovery codes, unless it is the last way in.
func (s *Identity) RemoveApp(ctx context.Context, account string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.leaves(ctx, tx, account, func(f *Factors) { f.App = time.Time{} }); err != nil {
			return err
		}
		gone, err := deleteApp(ctx, tx, s.Jurisdiction, account)
		if err != nil || !gone {
			return err
		}
		tx.Record(event.AppRemoved{Account: account})
		return s.note(ctx, tx, account, entry{What: "app-removed", Alert: true}, Place{})
	})
}
