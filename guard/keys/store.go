// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hustings/kit/db"
)

type reader = db.Reader

// kek is a row of keys_kek.
type kek struct {
	jurisdiction, id, root, origin string
	wrapped                        []byte
	made                           time.Time
}

// currentKEKs reads the key-encryption key in use of one jurisdiction, or of
// all where it is empty.
func currentKEKs(ctx context.Context, q reader, jurisdiction string) ([]kek, error) {
	rows, err := q.QueryContext(ctx, `
		select jurisdiction, id, root, origin, wrapped, made_at from keys_kek
		where state = 'current' and (jurisdiction = $1 or $1 = '') order by jurisdiction`, jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (k kek, err error) {
		err = scan(&k.jurisdiction, &k.id, &k.root, &k.origin, &k.wrapped, db.AsTime(&k.made))
		return k, err
	})
}

func insertKEK(ctx context.Context, tx *db.Tx, k kek) error {
	_, err := tx.ExecContext(ctx, `
		insert into keys_kek (jurisdiction, id, root, origin, state, wrapped, made_at)
		values ($1, $2, $3, $4, 'current', $5, $6)`, k.jurisdiction, k.id, k.root, k.origin, k.wrapped, k.made)
	return err
}

// endKEK destroys the key-encryption key in use, which nothing is wrapped by
// any more.
func endKEK(ctx context.Context, tx *db.Tx, jurisdiction string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update keys_kek set state = 'destroyed', wrapped = null, ended_at = $2
		where jurisdiction = $1 and state = 'current'`, jurisdiction, at)
	return err
}

// rewrapKEK puts a key-encryption key under another root key.
func rewrapKEK(ctx context.Context, tx *db.Tx, k kek, root string, wrapped []byte) (bool, error) {
	res, err := tx.ExecContext(ctx, `
		update keys_kek set root = $4, wrapped = $5
		where jurisdiction = $1 and id = $2 and root = $3 and state = 'current'`, k.jurisdiction, k.id, k.root, root, wrapped)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func readVersion(ctx context.Context, q reader, jurisdiction string) (v int64, err error) {
	err = q.QueryRowContext(ctx, `select version from keys_version where jurisdiction = $1`, jurisdiction).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return v, err
}

// nextVersion tells every node that the keys have changed.
func nextVersion(ctx context.Context, tx *db.Tx, jurisdiction string) error {
	_, err := tx.ExecContext(ctx, `
		insert into keys_version (jurisdiction, version) values ($1, 1)
		on conflict (jurisdiction) do update set version = keys_version.version + 1`, jurisdiction)
	return err
}

// openKeys reads the data keys that are not destroyed: by purpose, the current
// first, then the newest.
func openKeys(ctx context.Context, q reader, jurisdiction string) ([]dataKey, error) {
	rows, err := q.QueryContext(ctx, `
		select purpose, kind, number, kek, state, wrapped from keys_key
		where jurisdiction = $1 and state <> 'destroyed'
		order by purpose, kind, case state when 'current' then 0 else 1 end, made_at desc, number`, jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (d dataKey, err error) {
		err = scan(&d.purpose, &d.kind, &d.number, &d.kek, &d.state, &d.wrapped)
		return d, err
	})
}

func insertKey(ctx context.Context, tx *db.Tx, jurisdiction string, d dataKey, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		insert into keys_key (jurisdiction, purpose, kind, number, kek, state, wrapped, made_at)
		values ($1, $2, $3, $4, $5, 'current', $6, $7)`, jurisdiction, d.purpose, d.kind, int64(d.number), d.kek, d.wrapped, at)
	return err
}

// ageKeys makes the current keys old.
func ageKeys(ctx context.Context, tx *db.Tx, jurisdiction string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update keys_key set state = 'old', ended_at = $2
		where jurisdiction = $1 and state = 'current'`, jurisdiction, at)
	return err
}

func rewrapKey(ctx context.Context, tx *db.Tx, jurisdiction string, d dataKey) error {
	_, err := tx.ExecContext(ctx, `
		update keys_key set kek = $5, wrapped = $6
		where jurisdiction = $1 and purpose = $2 and kind = $3 and number = $4 and state <> 'destroyed'`,
		jurisdiction, d.purpose, d.kind, int64(d.number), d.kek, d.wrapped)
	return err
}

// retirable reads the old keys that nobody has sealed with since before.
func retirable(ctx context.Context, q reader, jurisdiction string, before time.Time) ([]dataKey, error) {
	rows, err := q.QueryContext(ctx, `
		select purpose, kind, number from keys_key
		where jurisdiction = $1 and state = 'old' and ended_at <= $2 order by purpose, kind, number`, jurisdiction, before)
	return db.Collect(rows, err, func(scan func(...any) error) (d dataKey, err error) {
		err = scan(&d.purpose, &d.kind, &d.number)
		return d, err
	})
}

func destroyKey(ctx context.Context, tx *db.Tx, jurisdiction string, d dataKey, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update keys_key set state = 'destroyed', wrapped = null, destroyed_at = $5
		where jurisdiction = $1 and purpose = $2 and kind = $3 and number = $4 and state = 'old'`,
		jurisdiction, d.purpose, d.kind, int64(d.number), at)
	return err
}
