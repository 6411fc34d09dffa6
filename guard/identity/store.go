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
		insert into identity_account (jurisdiction, id, email, name, password, created_at)
		values ($1, $2, $3, $4, $5, $6)`, jurisdiction, a.ID, a.Email, a.Name, hash, a.Created)
	return err
}

const accountColumns = `id, email, name, created_at, disabled_at is not null, locked_until`

func scanAccount(scan func(...any) error, more ...any) (a Account, err error) {
	to := append([]any{&a.ID, &a.Email, &a.Name, db.AsTime(&a.Created), &a.Disabled, db.AsTime(&a.LockedUntil)}, more...)
	err = scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.NotFound, "There is no such account.")
	}
	return a, err
}

func findAccount(ctx context.Context, q db.Reader, jurisdiction, email string) (a Account, password string, err error) {
	a, err = scanAccount(q.QueryRowContext(ctx, `
		select `+accountColumns+`, password from identity_account
		where jurisdiction = $1 and email = $2`, jurisdiction, email).Scan, &password)
	return a, password, err
}

func listAccounts(ctx context.Context, q db.Reader, jurisdiction string) ([]Account, error) {
	rows, err := q.QueryContext(ctx, `
		select `+accountColumns+` from identity_account
		where jurisdiction = $1 order by name, id`, jurisdiction)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Account
	for rows.Next() {
		a, err := scanAccount(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
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

func setDisabled(ctx context.Context, tx *db.Tx, jurisdiction, account string, at *time.Time) error {
	return one(ctx, tx, `
		update identity_account set disabled_at = $3, failures = 0, locked_until = null
		where jurisdiction = $1 and id = $2`, jurisdiction, account, at)
}

func insertSession(ctx context.Context, tx *db.Tx, jurisdiction string, s session) error {
	_, err := tx.ExecContext(ctx, `
		insert into identity_session (jurisdiction, hash, id, account, level, method, created_at, proved_at, seen_at, address, agent)
		values ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8, $9)`, jurisdiction, s.hash, s.id, s.account.ID, s.level, s.method, s.created, s.address, s.agent)
	return err
}

type session struct {
	hash, id, method, address, agent string
	account                          Account
	level                            int
	created, proved, seen            time.Time
}

func findSession(ctx context.Context, q db.Reader, jurisdiction, hash string) (s session, err error) {
	s.hash = hash
	s.account, err = scanAccount(q.QueryRowContext(ctx, `
		select a.id, a.email, a.name, a.created_at, a.disabled_at is not null, a.locked_until,
			s.id, s.level, s.method, s.created_at, s.proved_at, s.seen_at
		from identity_session s join identity_account a on a.jurisdiction = s.jurisdiction and a.id = s.account
		where s.jurisdiction = $1 and s.hash = $2`, jurisdiction, hash).Scan,
		&s.id, &s.level, &s.method, db.AsTime(&s.created), db.AsTime(&s.proved), db.AsTime(&s.seen))
	return s, err
}

func markSeen(ctx context.Context, tx *db.Tx, jurisdiction, hash string, level int, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update identity_session set seen_at = $3, level = $4 where jurisdiction = $1 and hash = $2`, jurisdiction, hash, at, level)
	return err
}

func endSession(ctx context.Context, tx *db.Tx, jurisdiction, hash string) error {
	_, err := tx.ExecContext(ctx, `
		delete from identity_session where jurisdiction = $1 and hash = $2`, jurisdiction, hash)
	return err
}

func endSessions(ctx context.Context, tx *db.Tx, jurisdiction, account string) error {
	_, err := tx.ExecContext(ctx, `
		delete from identity_session where jurisdiction = $1 and account = $2`, jurisdiction, account)
	return err
}

func passwordOf(ctx context.Context, q db.Reader, jurisdiction, account string) (hash string, err error) {
	err = q.QueryRowContext(ctx, `
		select password from identity_account where jurisdiction = $1 and id = $2`, jurisdiction, account).Scan(&hash)
	return hash, err
}
