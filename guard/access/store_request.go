// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"strings"
	"time"

	"hustings/kit/db"
	"hustings/kit/pair"
)

func insertRequest(ctx context.Context, tx *db.Tx, r pair.Request) (bool, error) {
	return hits(ctx, tx, `
		insert into access_request (jurisdiction, id, act, subject, reason, also, payload, asked_by, asked_name, asked_at, expires_at, state)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (jurisdiction, act, subject) where state = 'asked' do nothing`,
		r.Jurisdiction, r.ID, r.Act, r.Subject, r.Reason, strings.Join(r.Also, " "), string(r.Payload),
		r.AskedBy, r.AskedName, r.AskedAt, r.Expires, string(r.State))
}

// expireRequests ends what nobody has decided in time.
func expireRequests(ctx context.Context, tx *db.Tx, jurisdiction string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update access_request set state = 'expired'
		where jurisdiction = $1 and state = 'asked' and expires_at <= $2`, jurisdiction, now)
	return err
}

const requestColumns = `jurisdiction, id, act, subject, reason, also, payload, asked_by, asked_name, asked_at, expires_at, state,
	decided_by, decided_name, decided_at, answer`

func scanRequest(scan func(...any) error) (r pair.Request, err error) {
	var also, payload string
	err = scan(&r.Jurisdiction, &r.ID, &r.Act, &r.Subject, &r.Reason, &also, &payload, &r.AskedBy, &r.AskedName, db.AsTime(&r.AskedAt),
		db.AsTime(&r.Expires), &r.State, &r.DecidedBy, &r.DecidedName, db.AsTime(&r.DecidedAt), &r.Answer)
	r.Also, r.Payload = strings.Fields(also), []byte(payload)
	return r, err
}

func findWaiting(ctx context.Context, q db.Reader, jurisdiction, act, subject string) (pair.Request, error) {
	return scanRequest(q.QueryRowContext(ctx, `
		select `+requestColumns+` from access_request
		where jurisdiction = $1 and act = $2 and subject = $3 and state = 'asked'`, jurisdiction, act, subject).Scan)
}

func findRequest(ctx context.Context, q db.Reader, jurisdiction, id string) (pair.Request, error) {
	return scanRequest(q.QueryRowContext(ctx, `
		select `+requestColumns+` from access_request where jurisdiction = $1 and id = $2`, jurisdiction, id).Scan)
}

// mostRequests is how far back the list of requests goes; the ledger has all.
const mostRequests = 200

func listRequests(ctx context.Context, q db.Reader, jurisdiction string) ([]pair.Request, error) {
	var out []pair.Request
	return out, each(ctx, q, func(scan func(...any) error) error {
		r, err := scanRequest(scan)
		out = append(out, r)
		return err
	}, `
		select `+requestColumns+` from access_request where jurisdiction = $1 order by id desc limit $2`, jurisdiction, mostRequests)
}

func decideRequest(ctx context.Context, tx *db.Tx, r pair.Request) (bool, error) {
	return hits(ctx, tx, `
		update access_request set state = $3, decided_by = $4, decided_name = $5, decided_at = $6, answer = $7
		where jurisdiction = $1 and id = $2 and state = 'asked'`,
		r.Jurisdiction, r.ID, string(r.State), r.DecidedBy, r.DecidedName, r.DecidedAt, r.Answer)
}
