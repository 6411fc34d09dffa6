// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
)

const providerColumns = `id, settings, active, made_at, changed_at`

func scanProvider(scan func(...any) error) (p Provider, err error) {
	var settings string
	if err = scan(&p.ID, &settings, &p.Active, &p.Made, &p.Changed); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(settings), &p.Settings)
}

func listProviders(ctx context.Context, q db.Reader, jurisdiction string) ([]Provider, error) {
	rows, err := q.QueryContext(ctx, `
		select `+providerColumns+` from federation_provider
		where jurisdiction = $1
		order by made_at, id`, jurisdiction)
	return db.Collect(rows, err, scanProvider)
}

func findProvider(ctx context.Context, q db.Reader, jurisdiction, id string) (Provider, error) {
	p, err := scanProvider(q.QueryRowContext(ctx, `
		select `+providerColumns+` from federation_provider
		where jurisdiction = $1 and id = $2`, jurisdiction, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Provider{}, fault.New(fault.NotFound, "There is no such provider.")
	}
	return p, err
}

func saveProvider(ctx context.Context, tx *db.Tx, jurisdiction string, p Provider) error {
	settings, err := json.Marshal(p.Settings)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into federation_provider (jurisdiction, id, settings, active, made_at, changed_at)
		values ($1, $2, $3, $4, $5, $5)
		on conflict (jurisdiction, id) do update
		set settings = excluded.settings, active = excluded.active, changed_at = excluded.changed_at`,
		jurisdiction, p.ID, string(settings), p.Active, p.Changed)
	return err
}

func stopProvider(ctx context.Context, tx *db.Tx, jurisdiction, id string, now time.Time) (bool, error) {
	return hits(ctx, tx, `
		update federation_provider set active = false, changed_at = $3
		where jurisdiction = $1 and id = $2 and active`, jurisdiction, id, now)
}

// lockProvider takes the row of a provider, if there is one, so that nobody stops
// it between the look at it and its change.
func lockProvider(ctx context.Context, tx *db.Tx, jurisdiction, id string) error {
	_, err := tx.ExecContext(ctx, `
		update federation_provider set active = active where jurisdiction = $1 and id = $2`, jurisdiction, id)
	return err
}

// holdProvider takes the row of a provider whose word is taken, so that stopping
// it comes wholly before what its word does or after it; ok is false where it
// has been stopped.
func holdProvider(ctx context.Context, tx *db.Tx, jurisdiction, id string) (ok bool, err error) {
	return hits(ctx, tx, `
		update federation_provider set active = active where jurisdiction = $1 and id = $2 and active`, jurisdiction, id)
}

// deleteProvider forgets a provider and all that hangs on it, and says how many
// links that were.
func deleteProvider(ctx context.Context, tx *db.Tx, jurisdiction, id string) (links int, err error) {
	res, err := tx.ExecContext(ctx, `delete from federation_link where jurisdiction = $1 and provider = $2`, jurisdiction, id)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	for _, query := range []string{
		`delete from federation_domain where jurisdiction = $1 and provider = $2`,
		`delete from federation_secret where jurisdiction = $1 and provider = $2`,
		`delete from federation_flow where jurisdiction = $1 and provider = $2`,
		`delete from federation_session where jurisdiction = $1 and provider = $2`,
		`delete from federation_grant where jurisdiction = $1 and provider = $2`,
		`delete from federation_provider where jurisdiction = $1 and id = $2`,
	} {
		if _, err := tx.ExecContext(ctx, query, jurisdiction, id); err != nil {
			return 0, err
		}
	}
	return int(n), nil
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

func dropDomains(ctx context.Context, tx *db.Tx, jurisdiction, provider string) error {
	_, err := tx.ExecContext(ctx, `delete from federation_domain where jurisdiction = $1 and provider = $2`, jurisdiction, provider)
	return err
}

func insertDomain(ctx context.Context, tx *db.Tx, jurisdiction, domain, provider string) (bool, error) {
	return hits(ctx, tx, `
		insert into federation_domain (jurisdiction, domain, provider) values ($1, $2, $3)
		on conflict (jurisdiction, domain) do nothing`, jurisdiction, domain, provider)
}

func insertSecret(ctx context.Context, tx *db.Tx, jurisdiction, id, provider string, sealed []byte) error {
	_, err := tx.ExecContext(ctx, `
		insert into federation_secret (jurisdiction, id, provider, sealed) values ($1, $2, $3, $4)`, jurisdiction, id, provider, sealed)
	return err
}

func findSecret(ctx context.Context, q db.Reader, jurisdiction, id string) (sealed []byte, err error) {
	err = q.QueryRowContext(ctx, `
		select sealed from federation_secret where jurisdiction = $1 and id = $2`, jurisdiction, id).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.Conflict, "The secret has been replaced in the meantime. Ask again, with the secret.")
	}
	return sealed, err
}

// deleteSecrets forgets a provider's secrets but two.
func deleteSecrets(ctx context.Context, tx *db.Tx, jurisdiction, provider, keep, keepToo string) error {
	_, err := tx.ExecContext(ctx, `
		delete from federation_secret
		where jurisdiction = $1 and provider = $2 and id <> $3 and id <> $4`, jurisdiction, provider, keep, keepToo)
	return err
}

// kept is a flow as it is kept.
type kept struct {
	provider, purpose, browser, session, request string
	goal, word                                   []byte
	began, expires                               time.Time
}

// mostFlows bounds how many people are on their way at once; past it those who
// have been for longest begin anew.
const mostFlows = 20_000

func insertFlow(ctx context.Context, tx *db.Tx, jurisdiction, hash string, f kept, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `
		delete from federation_flow where jurisdiction = $1 and expires_at < $2`, jurisdiction, now); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		delete from federation_flow where jurisdiction = $1 and hash in (
			select hash from federation_flow where jurisdiction = $1 order by expires_at desc limit 1000 offset $2)`,
		jurisdiction, mostFlows-1); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		insert into federation_flow (jurisdiction, hash, provider, purpose, browser, session, request, goal, word, began_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		jurisdiction, hash, f.provider, f.purpose, f.browser, f.session, f.request, f.goal, f.word, f.began, f.expires)
	return err
}

// takeFlow ends a flow and hands over what was kept of it; ok is false where
// there is none, or it has been taken before.
func takeFlow(ctx context.Context, tx *db.Tx, jurisdiction, hash string, now time.Time) (f kept, ok bool, err error) {
	err = tx.QueryRowContext(ctx, `
		delete from federation_flow where jurisdiction = $1 and hash = $2 and expires_at > $3
		returning provider, purpose, browser, session, request, goal, word, began_at, expires_at`, jurisdiction, hash, now).
		Scan(&f.provider, &f.purpose, &f.browser, &f.session, &f.request, &f.goal, &f.word, &f.began, &f.expires)
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	return f, err == nil, err
}

// see remembers what is taken once until it is no good any more; fresh is false
// where it was seen before.
func see(ctx context.Context, tx *db.Tx, jurisdiction, provider, hash string, now, until time.Time) (fresh bool, err error) {
	if _, err := tx.ExecContext(ctx, `
		delete from federation_seen where jurisdiction = $1 and until < $2`, jurisdiction, now); err != nil {
		return false, err
	}
	return hits(ctx, tx, `
		insert into federation_seen (jurisdiction, provider, hash, until) values ($1, $2, $3, $4)
		on conflict (jurisdiction, provider, hash) do nothing`, jurisdiction, provider, hash, until)
}
