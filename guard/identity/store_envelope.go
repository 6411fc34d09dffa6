// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hustings/kit/db"
)

// An envelope's code is kept, as a hash, where a person's account has its
// password; no password has this form, so none can be it.

func sealedEnvelopes(ctx context.Context, q db.Reader, jurisdiction string) ([]string, error) {
	return texts(q.QueryContext(ctx, `
		select id from identity_account
		where jurisdiction = $1 and kind = 'envelope' and disabled_at is null order by id`, jurisdiction))
}

// takeEnvelope uses an envelope's code up.
func takeEnvelope(ctx context.Context, tx *db.Tx, jurisdiction, hash string) (account string, ok bool, err error) {
	err = tx.QueryRowContext(ctx, `
		update identity_account set password = ''
		where jurisdiction = $1 and kind = 'envelope' and password = $2 and disabled_at is null
		returning id`, jurisdiction, hash).Scan(&account)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return account, err == nil, err
}

func listOpenings(ctx context.Context, q db.Reader, jurisdiction string) ([]Opening, error) {
	rows, err := q.QueryContext(ctx, `
		select account, detail, at from identity_history
		where jurisdiction = $1 and what = 'envelope-opened' and seen_at is null order by at, account`, jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (o Opening, err error) {
		err = scan(&o.Account, &o.Detail, db.AsTime(&o.At))
		return o, err
	})
}

func sawOpening(ctx context.Context, tx *db.Tx, jurisdiction, account string, at time.Time) (bool, error) {
	return hits(ctx, tx, `
		update identity_history set seen_at = $3
		where jurisdiction = $1 and account = $2 and what = 'envelope-opened' and seen_at is null`, jurisdiction, account, at)
}
