// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
)

// keptApp is an authenticator app as it is kept.
type keptApp struct {
	secret, pending     []byte
	prepared, confirmed time.Time
}

// findApp is the zero app where the account has none.
func findApp(ctx context.Context, q db.Reader, jurisdiction, account string) (a keptApp, err error) {
	err = q.QueryRowContext(ctx, `
		select secret, pending, prepared_at, confirmed_at from identity_app
		where jurisdiction = $1 and account = $2`, jurisdiction, account).Scan(&a.secret, &a.pending, db.AsTime(&a.prepared), db.AsTime(&a.confirmed))
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return a, err
}

func prepareApp(ctx context.Context, tx *db.Tx, jurisdiction, account string, sealed []byte, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		insert into identity_app (jurisdiction, account, pending, prepared_at) values ($1, $2, $3, $4)
		on conflict (jurisdiction, account) do update set pending = excluded.pending, prepared_at = excluded.prepared_at`,
		jurisdiction, account, sealed, at)
	return err
}

func confirmApp(ctx context.Context, tx *db.Tx, jurisdiction, account string, sealed []byte, step int64, at time.Time) error {
	ok, err := hits(ctx, tx, `
		update identity_app set secret = $3, pending = null, confirmed_at = $4, step = $5
		where jurisdiction = $1 and account = $2 and pending is not null`, jurisdiction, account, sealed, at, step)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "This app was set up already.")
	}
	return err
}

// takeStep makes a step the last one whose code was taken. A code that was
// taken before, or is older than one that was, is not taken again.
func takeStep(ctx context.Context, tx *db.Tx, jurisdiction, account string, step int64) (bool, error) {
	return hits(ctx, tx, `
		update identity_app set step = $3
		where jurisdiction = $1 and account = $2 and confirmed_at is not null and step < $3`, jurisdiction, account, step)
}

func deleteApp(ctx context.Context, tx *db.Tx, jurisdiction, account string) (bool, error) {
	if _, err := tx.ExecContext(ctx, `
		delete from identity_recovery where jurisdiction = $1 and account = $2`, jurisdiction, account); err != nil {
		return false, err
	}
	return hits(ctx, tx, `
		delete from identity_app where jurisdiction = $1 and account = $2`, jurisdiction, account)
}

func countRecovery(ctx context.Context, q db.Reader, jurisdiction, account string) (n int, err error) {
	err = q.QueryRowContext(ctx, `
		select count(*) from identity_recovery
		where jurisdiction = $1 and account = $2 and used_at is null`, jurisdiction, account).Scan(&n)
	return n, err
}

func replaceRecovery(ctx context.Context, tx *db.Tx, jurisdiction, account string, hashes []string) error {
	if _, err := tx.ExecContext(ctx, `
		delete from identity_recovery where jurisdiction = $1 and account = $2`, jurisdiction, account); err != nil {
		return err
	}
	for _, h := range hashes {
		if _, err := tx.ExecContext(ctx, `
			insert into identity_recovery (jurisdiction, account, hash) values ($1, $2, $3)`, jurisdiction, account, h); err != nil {
			return err
		}
	}
	return nil
}

// takeRecovery uses a recovery code up and says how many are left.
func takeRecovery(ctx context.Context, tx *db.Tx, jurisdiction, account, hash string, at time.Time) (ok bool, left int, err error) {
	ok, err = hits(ctx, tx, `
		update identity_recovery set used_at = $4
		where jurisdiction = $1 and account = $2 and hash = $3 and used_at is null`, jurisdiction, account, hash, at)
	if err != nil || !ok {
		return false, 0, err
	}
	left, err = countRecovery(ctx, tx, jurisdiction, account)
	return true, left, err
}

// deleteFactors takes away all that an account signs in with, its single
// sign-ons excepted: what another house says of the person still holds.
func deleteFactors(ctx context.Context, tx *db.Tx, jurisdiction, account string) error {
	if err := updatePassword(ctx, tx, jurisdiction, account, ""); err != nil {
		return err
	}
	if _, err := deleteApp(ctx, tx, jurisdiction, account); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		delete from identity_device where jurisdiction = $1 and account = $2`, jurisdiction, account); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		delete from identity_passkey where jurisdiction = $1 and account = $2`, jurisdiction, account)
	return err
}

// touchAccount takes an account's row, so that steps that rest on what belongs
// to the account come one after another.
func touchAccount(ctx context.Context, tx *db.Tx, jurisdiction, account string) error {
	return one(ctx, tx, `
		update identity_account set failures = failures where jurisdiction = $1 and id = $2`, jurisdiction, account)
}

const passkeyColumns = `id, account, name, key, aaguid, transports, counter, synced, backed_up, cloned, created_at, used_at`

func scanPasskey(scan func(...any) error) (k Passkey, err error) {
	err = scan(&k.ID, &k.Account, &k.Name, &k.key, &k.aaguid, &k.transports, &k.counter, &k.Synced, &k.backedUp, &k.Cloned, db.AsTime(&k.Created), db.AsTime(&k.Used))
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "There is no such passkey.")
	}
	return k, err
}

func insertPasskey(ctx context.Context, tx *db.Tx, jurisdiction string, k Passkey) error {
	_, err := tx.ExecContext(ctx, `
		insert into identity_passkey (jurisdiction, id, account, name, key, aaguid, transports, counter, synced, backed_up, cloned, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		jurisdiction, k.ID, k.Account, k.Name, k.key, k.aaguid, k.transports, k.counter, k.Synced, k.backedUp, false, k.Created)
	if fault.KindOf(err) == fault.Conflict {
		return fault.New(fault.Conflict, "This passkey is known already.")
	}
	return err
}

func findPasskey(ctx context.Context, q db.Reader, jurisdiction, id string) (Passkey, error) {
	return scanPasskey(q.QueryRowContext(ctx, `
		select `+passkeyColumns+` from identity_passkey where jurisdiction = $1 and id = $2`, jurisdiction, id).Scan)
}

func listPasskeys(ctx context.Context, q db.Reader, jurisdiction, account string) ([]Passkey, error) {
	rows, err := q.QueryContext(ctx, `
		select `+passkeyColumns+` from identity_passkey
		where jurisdiction = $1 and account = $2 order by created_at, id`, jurisdiction, account)
	return db.Collect(rows, err, scanPasskey)
}

// usePasskey takes down that a passkey signed. A counter that stands still or
// goes back, where there is one, changes nothing: another signature passed this
// one, or there is a copy.
func usePasskey(ctx context.Context, tx *db.Tx, jurisdiction string, k Passkey, counter int64, backedUp bool, at time.Time) (bool, error) {
	return hits(ctx, tx, `
		update identity_passkey set counter = $3, backed_up = $4, used_at = $5
		where jurisdiction = $1 and id = $2 and (counter < $3 or counter = 0 and $3 = 0)`, jurisdiction, k.ID, counter, backedUp, at)
}

func markCloned(ctx context.Context, tx *db.Tx, jurisdiction, id string) error {
	_, err := tx.ExecContext(ctx, `
		update identity_passkey set cloned = true where jurisdiction = $1 and id = $2`, jurisdiction, id)
	return err
}

func renamePasskey(ctx context.Context, tx *db.Tx, jurisdiction, account, id, name string) (bool, error) {
	return hits(ctx, tx, `
		update identity_passkey set name = $4
		where jurisdiction = $1 and account = $2 and id = $3`, jurisdiction, account, id, name)
}

func deletePasskey(ctx context.Context, tx *db.Tx, jurisdiction, account, id string) (bool, error) {
	return hits(ctx, tx, `
		delete from identity_passkey where jurisdiction = $1 and account = $2 and id = $3`, jurisdiction, account, id)
}
