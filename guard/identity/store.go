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

func insertAccount(ctx context.Context, tx *db.Tx, jurisdiction string, a Account, hash string) error {
	_, err := tx.ExecContext(ctx, `
		insert into identity_account (jurisdiction, id, email, name, password, created_at, kind, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, jurisdiction, a.ID, a.Email, a.Name, hash, a.Created, string(a.Kind), orNull(a.Expires))
	if fault.KindOf(err) == fault.Conflict {
		return fault.On("email", fault.New(fault.Conflict, "There is an account for %s already.", a.Email))
	}
	return err
}

// orNull is how a time that may be none is kept.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

const accountColumns = `a.id, a.email, a.name, a.kind, a.created_at, a.disabled_at is not null, a.locked_until, a.expires_at, a.used_at`

func scanAccount(scan func(...any) error, more ...any) (a Account, err error) {
	to := append([]any{&a.ID, &a.Email, &a.Name, &a.Kind, db.AsTime(&a.Created), &a.Disabled, db.AsTime(&a.LockedUntil),
		db.AsTime(&a.Expires), db.AsTime(&a.Used)}, more...)
	err = scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.NotFound, "There is no such account.")
	}
	return a, err
}

func findAccount(ctx context.Context, q db.Reader, jurisdiction, email string) (a Account, password string, err error) {
	a, err = scanAccount(q.QueryRowContext(ctx, `
		select `+accountColumns+`, a.password from identity_account a
		where a.jurisdiction = $1 and a.email = $2`, jurisdiction, email).Scan, &password)
	return a, password, err
}

func findByID(ctx context.Context, q db.Reader, jurisdiction, account string) (Account, error) {
	return scanAccount(q.QueryRowContext(ctx, `
		select `+accountColumns+` from identity_account a
		where a.jurisdiction = $1 and a.id = $2`, jurisdiction, account).Scan)
}

func listAccounts(ctx context.Context, q db.Reader, jurisdiction string) ([]Account, error) {
	rows, err := q.QueryContext(ctx, `
		select `+accountColumns+` from identity_account a
		where a.jurisdiction = $1 order by a.name, a.id`, jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (Account, error) { return scanAccount(scan) })
}

// hits runs a statement and says whether it changed a row.
func hits(ctx context.Context, tx *db.Tx, query string, args ...any) (bool, error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// one runs a statement that must change exactly one account.
func one(ctx context.Context, tx *db.Tx, query string, args ...any) error {
	if hit, err := hits(ctx, tx, query, args...); err != nil || hit {
		return err
	}
	return fault.New(fault.NotFound, "There is no such account.")
}

func updatePassword(ctx context.Context, tx *db.Tx, jurisdiction, account, hash string) error {
	return one(ctx, tx, `
		update identity_account set password = $3, failures = 0, locked_until = null
		where jurisdiction = $1 and id = $2`, jurisdiction, account, hash)
}

// rehash keeps a password's new hash, unless the password was changed meanwhile.
func rehash(ctx context.Context, tx *db.Tx, jurisdiction, account, old, phc string) error {
	_, err := hits(ctx, tx, `
		update identity_account set password = $4 where jurisdiction = $1 and id = $2 and password = $3`, jurisdiction, account, old, phc)
	return err
}

func updateName(ctx context.Context, tx *db.Tx, jurisdiction, account, email, name string) error {
	err := one(ctx, tx, `
		update identity_account set email = $3, name = $4 where jurisdiction = $1 and id = $2`, jurisdiction, account, email, name)
	if fault.KindOf(err) == fault.Conflict {
		return fault.On("email", fault.New(fault.Conflict, "There is an account for %s already.", email))
	}
	return err
}

func setDisabled(ctx context.Context, tx *db.Tx, jurisdiction, account string, at *time.Time) error {
	return one(ctx, tx, `
		update identity_account set disabled_at = $3, failures = 0, locked_until = null
		where jurisdiction = $1 and id = $2`, jurisdiction, account, at)
}

// wake lets an account sign in again that was disabled, locked or asleep.
func wake(ctx context.Context, tx *db.Tx, jurisdiction, account string, now time.Time) error {
	return one(ctx, tx, `
		update identity_account set disabled_at = null, failures = 0, locked_until = null, used_at = $3
		where jurisdiction = $1 and id = $2`, jurisdiction, account, now)
}

func setExpiry(ctx context.Context, tx *db.Tx, jurisdiction, account string, at time.Time) error {
	return one(ctx, tx, `
		update identity_account set expires_at = $3 where jurisdiction = $1 and id = $2`, jurisdiction, account, orNull(at))
}

func passwordOf(ctx context.Context, q db.Reader, jurisdiction, account string) (hash string, err error) {
	err = q.QueryRowContext(ctx, `
		select password from identity_account where jurisdiction = $1 and id = $2`, jurisdiction, account).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "There is no such account.")
	}
	return hash, err
}
