// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hustings/kit/db"
)

// Where wrong passwords are counted is told by address: that of a known
// address's row, or "" for the account's own row, which all others share.

func knowsAddress(ctx context.Context, q db.Reader, jurisdiction, account, address string, since time.Time) (known bool, err error) {
	err = q.QueryRowContext(ctx, `
		select count(*) > 0 from identity_address
		where jurisdiction = $1 and account = $2 and address = $3 and signed_in_at > $4`, jurisdiction, account, address, since).Scan(&known)
	return known, err
}

// unlocked is the step of a right password: it goes on where the account still
// has that password, is not disabled, and is not locked for who asks. The row is
// taken by an update that changes nothing: counting the rows here, and not
// reading before, keeps a burst of guesses from slipping past a lock that sets
// in meanwhile, and a new password comes wholly before or wholly after this.
func unlocked(ctx context.Context, tx *db.Tx, jurisdiction, account, address, phc string, now time.Time) (bool, error) {
	if address == "" {
		return hits(ctx, tx, `
			update identity_account set failures = failures
			where jurisdiction = $1 and id = $2 and password = $3 and disabled_at is null
			and (locked_until is null or locked_until <= $4)`, jurisdiction, account, phc, now)
	}
	in, err := hits(ctx, tx, `
		update identity_account set failures = failures
		where jurisdiction = $1 and id = $2 and password = $3 and disabled_at is null`, jurisdiction, account, phc)
	if err != nil || !in {
		return false, err
	}
	return hits(ctx, tx, `
		update identity_address set failures = failures
		where jurisdiction = $1 and account = $2 and address = $3
		and (locked_until is null or locked_until <= $4)`, jurisdiction, account, address, now)
}

// forgive forgets the wrong passwords that were counted here.
func forgive(ctx context.Context, tx *db.Tx, jurisdiction, account, address string) error {
	query, args := `
		update identity_account set failures = 0, locked_until = null
		where jurisdiction = $1 and id = $2`, []any{jurisdiction, account}
	if address != "" {
		query, args = `
			update identity_address set failures = 0, locked_until = null
			where jurisdiction = $1 and account = $2 and address = $3`, append(args, address)
	}
	_, err := tx.ExecContext(ctx, query, args...)
	return err
}

// addFailure counts a wrong password unless the lock is on; the count begins
// anew where the last lock ended long ago.
func addFailure(ctx context.Context, tx *db.Tx, jurisdiction, account, address string, now time.Time) (failures int64, counted bool, err error) {
	query, args := `
		update identity_account set failures = case when locked_until < $4 then 1 else failures + 1 end
		where jurisdiction = $1 and id = $2 and (locked_until is null or locked_until <= $3)
		returning failures`, []any{jurisdiction, account, now, now.Add(-forgiven)}
	if address != "" {
		query, args = `
			update identity_address set failures = case when locked_until < $4 then 1 else failures + 1 end
			where jurisdiction = $1 and account = $2 and address = $5 and (locked_until is null or locked_until <= $3)
			returning failures`, append(args, address)
	}
	err = tx.QueryRowContext(ctx, query, args...).Scan(&failures)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return failures, err == nil, err
}

func lock(ctx context.Context, tx *db.Tx, jurisdiction, account, address string, until time.Time) error {
	if address == "" {
		return one(ctx, tx, `
			update identity_account set locked_until = $3
			where jurisdiction = $1 and id = $2`, jurisdiction, account, until)
	}
	_, err := tx.ExecContext(ctx, `
		update identity_address set locked_until = $4
		where jurisdiction = $1 and account = $2 and address = $3`, jurisdiction, account, address, until)
	return err
}

// rememberAddress makes an address known and forgets all but the latest.
func rememberAddress(ctx context.Context, tx *db.Tx, jurisdiction, account, address string, at time.Time) error {
	if _, err := tx.ExecContext(ctx, `
		insert into identity_address (jurisdiction, account, address, signed_in_at) values ($1, $2, $3, $4)
		on conflict (jurisdiction, account, address) do update
		set signed_in_at = excluded.signed_in_at, failures = 0, locked_until = null`, jurisdiction, account, address, at); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		delete from identity_address where jurisdiction = $1 and account = $2 and address not in (
			select address from identity_address where jurisdiction = $1 and account = $2
			order by signed_in_at desc, address limit $3)`, jurisdiction, account, mostKnown)
	return err
}

func unlockAddresses(ctx context.Context, tx *db.Tx, jurisdiction, account string) error {
	_, err := tx.ExecContext(ctx, `
		update identity_address set failures = 0, locked_until = null
		where jurisdiction = $1 and account = $2`, jurisdiction, account)
	return err
}
