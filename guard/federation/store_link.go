// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hustings/kit/db"
)

// Link says that a provider vouches for an account.
type Link struct {
	ID, Provider, Subject, Account string
	Since, Used                    time.Time
}

const linkColumns = `id, provider, subject, account, linked_at, used_at`

func scanLink(scan func(...any) error) (l Link, err error) {
	return l, scan(&l.ID, &l.Provider, &l.Subject, &l.Account, &l.Since, &l.Used)
}

// findLink finds whom a provider means by a subject; ok is false for nobody.
func findLink(ctx context.Context, q db.Reader, jurisdiction, provider, subject string) (l Link, ok bool, err error) {
	l, err = scanLink(q.QueryRowContext(ctx, `
		select `+linkColumns+` from federation_link
		where jurisdiction = $1 and provider = $2 and subject = $3`, jurisdiction, provider, subject).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return l, false, nil
	}
	return l, err == nil, err
}

func listLinks(ctx context.Context, q db.Reader, jurisdiction, account string) ([]Link, error) {
	rows, err := q.QueryContext(ctx, `
		select `+linkColumns+` from federation_link
		where jurisdiction = $1 and account = $2
		order by linked_at, id`, jurisdiction, account)
	return db.Collect(rows, err, scanLink)
}

func countLinks(ctx context.Context, q db.Reader, jurisdiction, provider string) (n int64, err error) {
	err = q.QueryRowContext(ctx, `
		select count(*) from federation_link where jurisdiction = $1 and provider = $2`, jurisdiction, provider).Scan(&n)
	return n, err
}

// insertLink links an account; ok is false where the provider vouches for it, or
// means somebody by this subject, already.
func insertLink(ctx context.Context, tx *db.Tx, jurisdiction string, l Link) (ok bool, err error) {
	return hits(ctx, tx, `
		insert into federation_link (jurisdiction, id, provider, subject, account, linked_at, used_at)
		values ($1, $2, $3, $4, $5, $6, $6)
		on conflict do nothing`, jurisdiction, l.ID, l.Provider, l.Subject, l.Account, l.Since)
}

// useLink marks a link as used, and takes its row, so that unlinking comes
// wholly before a sign-in or after it; ok is false where it has ended.
func useLink(ctx context.Context, tx *db.Tx, jurisdiction, id string, now time.Time) (ok bool, err error) {
	return hits(ctx, tx, `
		update federation_link set used_at = $3 where jurisdiction = $1 and id = $2`, jurisdiction, id, now)
}

// deleteLinks ends a link of an account, or all of them for "".
func deleteLinks(ctx context.Context, tx *db.Tx, jurisdiction, account, link string) ([]Link, error) {
	rows, err := tx.QueryContext(ctx, `
		delete from federation_link
		where jurisdiction = $1 and account = $2 and ($3 = '' or id = $3)
		returning `+linkColumns, jurisdiction, account, link)
	return db.Collect(rows, err, scanLink)
}

// begun is a session that began by a provider's word.
type begun struct{ session, provider, subject, sid, account string }

// insertSession remembers a session, and forgets those that cannot be open any
// more.
func insertSession(ctx context.Context, tx *db.Tx, jurisdiction string, b begun, now, over time.Time) error {
	if _, err := tx.ExecContext(ctx, `
		delete from federation_session where jurisdiction = $1 and began_at < $2`, jurisdiction, over); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		insert into federation_session (jurisdiction, session, provider, subject, sid, account, began_at)
		values ($1, $2, $3, $4, $5, $6, $7)`, jurisdiction, b.session, b.provider, b.subject, b.sid, b.account, now)
	return err
}

func providerOf(ctx context.Context, q db.Reader, jurisdiction, session string) (provider string, err error) {
	err = q.QueryRowContext(ctx, `
		select provider from federation_session where jurisdiction = $1 and session = $2`, jurisdiction, session).Scan(&provider)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return provider, err
}

// listSessions lists the sessions that began by a provider's word: all, those
// of a subject, those of one session there, or of both.
func listSessions(ctx context.Context, q db.Reader, jurisdiction, provider, subject, sid string) ([]begun, error) {
	rows, err := q.QueryContext(ctx, `
		select session, provider, subject, sid, account from federation_session
		where jurisdiction = $1 and provider = $2 and ($3 = '' or subject = $3) and ($4 = '' or sid = $4)
		order by session`, jurisdiction, provider, subject, sid)
	return db.Collect(rows, err, func(scan func(...any) error) (b begun, err error) {
		return b, scan(&b.session, &b.provider, &b.subject, &b.sid, &b.account)
	})
}

func deleteSession(ctx context.Context, tx *db.Tx, jurisdiction, session string) error {
	_, err := tx.ExecContext(ctx, `delete from federation_session where jurisdiction = $1 and session = $2`, jurisdiction, session)
	return err
}

// given is a role that a provider's rules gave.
type given struct{ provider, account, role string }

// listGiven lists what a provider's rules gave to an account; "" stands for all
// of either.
func listGiven(ctx context.Context, q db.Reader, jurisdiction, provider, account string) ([]given, error) {
	rows, err := q.QueryContext(ctx, `
		select provider, account, role from federation_grant
		where jurisdiction = $1 and ($2 = '' or provider = $2) and ($3 = '' or account = $3)
		order by role, provider`, jurisdiction, provider, account)
	return db.Collect(rows, err, func(scan func(...any) error) (g given, err error) {
		return g, scan(&g.provider, &g.account, &g.role)
	})
}

func insertGiven(ctx context.Context, tx *db.Tx, jurisdiction string, g given, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		insert into federation_grant (jurisdiction, provider, account, role, given_at) values ($1, $2, $3, $4, $5)
		on conflict (jurisdiction, provider, account, role) do nothing`, jurisdiction, g.provider, g.account, g.role, now)
	return err
}

func deleteGiven(ctx context.Context, tx *db.Tx, jurisdiction string, g given) error {
	_, err := tx.ExecContext(ctx, `
		delete from federation_grant where jurisdiction = $1 and provider = $2 and account = $3 and role = $4`,
		jurisdiction, g.provider, g.account, g.role)
	return err
}
