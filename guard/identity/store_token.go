// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"time"

	"hustings/kit/db"
)

// insertToken says whether it did: not where the account is unknown or
// disabled. It changes nothing in the account but takes its row, so that
// disabling it comes wholly before or wholly after.
func insertToken(ctx context.Context, tx *db.Tx, jurisdiction, hash string, t Token) (bool, error) {
	if stands, err := hits(ctx, tx, `
		update identity_account set failures = failures
		where jurisdiction = $1 and id = $2 and disabled_at is null`, jurisdiction, t.Account); err != nil || !stands {
		return false, err
	}
	return hits(ctx, tx, `
		insert into identity_token (jurisdiction, hash, id, account, purpose, scope, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, jurisdiction, hash, t.ID, t.Account, t.Purpose, t.Scope, t.Created, t.Expires)
}

func findByToken(ctx context.Context, q db.Reader, jurisdiction, hash string, now time.Time) (a Account, t Token, err error) {
	a, err = scanAccount(q.QueryRowContext(ctx, `
		select `+accountColumns+`, t.id, t.scope, t.used_at
		from identity_token t join identity_account a on a.jurisdiction = t.jurisdiction and a.id = t.account
		where t.jurisdiction = $1 and t.hash = $2 and t.expires_at > $3`, jurisdiction, hash, now).Scan, &t.ID, &t.Scope, db.AsTime(&t.Used))
	return a, t, err
}

func markTokenUsed(ctx context.Context, tx *db.Tx, jurisdiction, id string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update identity_token set used_at = $3 where jurisdiction = $1 and id = $2`, jurisdiction, id, at)
	return err
}

func listTokens(ctx context.Context, q db.Reader, jurisdiction, account string) ([]Token, error) {
	rows, err := q.QueryContext(ctx, `
		select id, account, purpose, scope, created_at, expires_at, used_at from identity_token
		where jurisdiction = $1 and account = $2 order by created_at, id`, jurisdiction, account)
	return db.Collect(rows, err, func(scan func(...any) error) (t Token, err error) {
		err = scan(&t.ID, &t.Account, &t.Purpose, &t.Scope, db.AsTime(&t.Created), db.AsTime(&t.Expires), db.AsTime(&t.Used))
		return t, err
	})
}

func deleteToken(ctx context.Context, tx *db.Tx, jurisdiction, account, id string) (bool, error) {
	return hits(ctx, tx, `
		delete from identity_token where jurisdiction = $1 and account = $2 and id = $3`, jurisdiction, account, id)
}

// deleteTokens ends all tokens of an account and names them.
func deleteTokens(ctx context.Context, tx *db.Tx, jurisdiction, account string) (ids []string, err error) {
	return texts(tx.QueryContext(ctx, `
		delete from identity_token where jurisdiction = $1 and account = $2 returning id`, jurisdiction, account))
}
