// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hustings/kit/db"
)

// use takes down that an account is used, where it stands: not disabled, not
// ended, not asleep.
func use(ctx context.Context, tx *db.Tx, jurisdiction, account string, now, asleep time.Time) (bool, error) {
	return hits(ctx, tx, `
		update identity_account set used_at = $3
		where jurisdiction = $1 and id = $2 and disabled_at is null
		and (expires_at is null or expires_at > $3) and coalesce(used_at, created_at) > $4`, jurisdiction, account, now, asleep)
}

func insertSession(ctx context.Context, tx *db.Tx, jurisdiction string, s session) error {
	_, err := tx.ExecContext(ctx, `
		insert into identity_session (jurisdiction, hash, id, account, level, method, created_at, proved_at, seen_at, address, agent)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $7, $9, $10)`,
		jurisdiction, s.hash, s.id, s.account.ID, s.level, s.method, s.created, s.proved, s.address, s.agent)
	return err
}

const sessionColumns = `s.hash, s.id, s.level, s.method, s.created_at, s.proved_at, s.seen_at, s.address, s.agent`

func (s *session) columns() []any {
	return []any{&s.hash, &s.id, &s.level, &s.method, db.AsTime(&s.created), db.AsTime(&s.proved), db.AsTime(&s.seen), &s.address, &s.agent}
}

func findSession(ctx context.Context, q db.Reader, jurisdiction, hash string) (s session, err error) {
	s.account, err = scanAccount(q.QueryRowContext(ctx, `
		select `+accountColumns+`, `+sessionColumns+`
		from identity_session s join identity_account a on a.jurisdiction = s.jurisdiction and a.id = s.account
		where s.jurisdiction = $1 and s.hash = $2`, jurisdiction, hash).Scan, s.columns()...)
	return s, err
}

// listSessions lists the sessions of an account that began after a moment, the
// latest first.
func listSessions(ctx context.Context, q db.Reader, jurisdiction, account string, since time.Time) ([]session, error) {
	rows, err := q.QueryContext(ctx, `
		select `+sessionColumns+` from identity_session s
		where s.jurisdiction = $1 and s.account = $2 and s.created_at > $3 order by s.seen_at desc, s.id`, jurisdiction, account, since)
	return db.Collect(rows, err, func(scan func(...any) error) (s session, err error) {
		err = scan(s.columns()...)
		return s, err
	})
}

func markSeen(ctx context.Context, tx *db.Tx, jurisdiction, hash string, level int, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update identity_session set seen_at = $3, level = $4 where jurisdiction = $1 and hash = $2`, jurisdiction, hash, at, level)
	return err
}

// renewSession gives a session a new secret, level and time of proof.
func renewSession(ctx context.Context, tx *db.Tx, jurisdiction, id, hash string, level int, proved, now time.Time) (bool, error) {
	return hits(ctx, tx, `
		update identity_session set hash = $3, level = $4, proved_at = $5, seen_at = $6, misses = 0
		where jurisdiction = $1 and id = $2`, jurisdiction, id, hash, level, proved, now)
}

// addMiss counts a wrong code in a session.
func addMiss(ctx context.Context, tx *db.Tx, jurisdiction, id string) (misses int, err error) {
	err = tx.QueryRowContext(ctx, `
		update identity_session set misses = misses + 1 where jurisdiction = $1 and id = $2 returning misses`, jurisdiction, id).Scan(&misses)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return misses, err
}

func endSession(ctx context.Context, tx *db.Tx, jurisdiction, hash string) (account, id string, err error) {
	err = tx.QueryRowContext(ctx, `
		delete from identity_session where jurisdiction = $1 and hash = $2 returning account, id`, jurisdiction, hash).Scan(&account, &id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return account, id, err
}

func endSessionByID(ctx context.Context, tx *db.Tx, jurisdiction, account, id string) (bool, error) {
	return hits(ctx, tx, `
		delete from identity_session where jurisdiction = $1 and account = $2 and id = $3`, jurisdiction, account, id)
}

// endSessions ends the sessions of an account but for one, and names them.
func endSessions(ctx context.Context, tx *db.Tx, jurisdiction, account, but string) (ids []string, err error) {
	return texts(tx.QueryContext(ctx, `
		delete from identity_session where jurisdiction = $1 and account = $2 and id <> $3 returning id`, jurisdiction, account, but))
}

// texts reads rows of one text.
func texts(rows *sql.Rows, err error) ([]string, error) {
	return db.Collect(rows, err, func(scan func(...any) error) (text string, err error) {
		err = scan(&text)
		return text, err
	})
}

// knowsBrowser says whether an account knows a browser, and whether it knows
// any.
func knowsBrowser(ctx context.Context, q db.Reader, jurisdiction, account, hash string) (known, any bool, err error) {
	var n, all int
	err = q.QueryRowContext(ctx, `
		select count(*) filter (where hash = $3), count(*) from identity_device
		where jurisdiction = $1 and account = $2`, jurisdiction, account, hash).Scan(&n, &all)
	return n > 0, all > 0, err
}

// rememberBrowser makes a browser known and forgets all but the latest.
func rememberBrowser(ctx context.Context, tx *db.Tx, jurisdiction, account, hash string, at time.Time, most int) error {
	if _, err := tx.ExecContext(ctx, `
		insert into identity_device (jurisdiction, account, hash, used_at) values ($1, $2, $3, $4)
		on conflict (jurisdiction, account, hash) do update set used_at = excluded.used_at`, jurisdiction, account, hash, at); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		delete from identity_device where jurisdiction = $1 and account = $2 and hash not in (
			select hash from identity_device where jurisdiction = $1 and account = $2
			order by used_at desc, hash limit $3)`, jurisdiction, account, most)
	return err
}

// ceremony is a challenge that waits for its answer.
type ceremony struct{ kind, account, data string }

// insertCeremony keeps a ceremony, and forgets those that nobody ended.
func insertCeremony(ctx context.Context, tx *db.Tx, jurisdiction, hash string, c ceremony, now, expires time.Time) error {
	if _, err := tx.ExecContext(ctx, `
		delete from identity_ceremony where jurisdiction = $1 and expires_at < $2`, jurisdiction, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		insert into identity_ceremony (jurisdiction, hash, kind, account, data, expires_at)
		values ($1, $2, $3, $4, $5, $6)`, jurisdiction, hash, c.kind, c.account, c.data, expires)
	return err
}

// takeCeremony ends a ceremony and hands over what was kept of it; ok is false
// where there is none, or where it has been taken before.
func takeCeremony(ctx context.Context, tx *db.Tx, jurisdiction, hash, kind string, now time.Time) (c ceremony, ok bool, err error) {
	c.kind = kind
	err = tx.QueryRowContext(ctx, `
		delete from identity_ceremony where jurisdiction = $1 and hash = $2 and kind = $3 and expires_at > $4
		returning account, data`, jurisdiction, hash, kind, now).Scan(&c.account, &c.data)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	return c, err == nil, err
}

// link is a one-time link, as it is kept.
type link struct {
	account, by string
	expires     time.Time
}

func insertLink(ctx context.Context, tx *db.Tx, jurisdiction, hash string, l link, at time.Time) error {
	if _, err := tx.ExecContext(ctx, `
		delete from identity_link where jurisdiction = $1 and (account = $2 or expires_at < $3)`, jurisdiction, l.account, at); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		insert into identity_link (jurisdiction, hash, account, made_by, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6)`, jurisdiction, hash, l.account, l.by, at, l.expires)
	return err
}

func findLink(ctx context.Context, q db.Reader, jurisdiction, hash string, now time.Time) (l link, ok bool, err error) {
	err = q.QueryRowContext(ctx, `
		select account, made_by, expires_at from identity_link
		where jurisdiction = $1 and hash = $2 and expires_at > $3`, jurisdiction, hash, now).Scan(&l.account, &l.by, db.AsTime(&l.expires))
	if errors.Is(err, sql.ErrNoRows) {
		return l, false, nil
	}
	return l, err == nil, err
}

// bindLink gives the first administrator's link its account.
func bindLink(ctx context.Context, tx *db.Tx, jurisdiction, hash, account string) (bool, error) {
	return hits(ctx, tx, `
		update identity_link set account = $3 where jurisdiction = $1 and hash = $2 and account = ''`, jurisdiction, hash, account)
}

func takeLink(ctx context.Context, tx *db.Tx, jurisdiction, hash string, now time.Time) (bool, error) {
	return hits(ctx, tx, `
		delete from identity_link where jurisdiction = $1 and hash = $2 and expires_at > $3`, jurisdiction, hash, now)
}

func deleteLinks(ctx context.Context, tx *db.Tx, jurisdiction, account string) error {
	_, err := tx.ExecContext(ctx, `
		delete from identity_link where jurisdiction = $1 and account = $2`, jurisdiction, account)
	return err
}

// hasWay says whether any person can sign in: the house has its people.
func hasWay(ctx context.Context, q db.Reader, jurisdiction string) (has bool, err error) {
	err = q.QueryRowContext(ctx, `
		select count(*) > 0 from identity_account a
		where a.jurisdiction = $1 and a.kind = 'person' and (a.password <> '' or exists (
			select 1 from identity_passkey k where k.jurisdiction = a.jurisdiction and k.account = a.id))`, jurisdiction).Scan(&has)
	return has, err
}

func insertHappened(ctx context.Context, tx *db.Tx, jurisdiction, account string, h Happened) error {
	_, err := tx.ExecContext(ctx, `
		insert into identity_history (jurisdiction, account, id, at, what, detail, address, agent, times, alert)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		jurisdiction, account, h.ID, h.At, h.What, h.Detail, h.Address, h.Agent, h.Times, h.Alert)
	return err
}

// againHappened counts what happened since a moment in the same way.
func againHappened(ctx context.Context, tx *db.Tx, jurisdiction, account string, e entry, address string, since time.Time) (bool, error) {
	return hits(ctx, tx, `
		update identity_history set times = times + 1
		where jurisdiction = $1 and account = $2 and what = $3 and detail = $4 and address = $5 and at > $6 and alert = $7`,
		jurisdiction, account, e.What, e.Detail, address, since, e.Alert)
}

func pruneHistory(ctx context.Context, tx *db.Tx, jurisdiction, account string, before time.Time, most int) error {
	_, err := tx.ExecContext(ctx, `
		delete from identity_history where jurisdiction = $1 and account = $2 and (at < $3 or id <= coalesce((
			select id from identity_history where jurisdiction = $1 and account = $2 order by id desc limit 1 offset $4), ''))`,
		jurisdiction, account, before, most)
	return err
}

func listHistory(ctx context.Context, q db.Reader, jurisdiction, account string, most int) ([]Happened, error) {
	rows, err := q.QueryContext(ctx, `
		select id, at, what, detail, address, agent, times, alert and seen_at is null from identity_history
		where jurisdiction = $1 and account = $2 order by id desc limit $3`, jurisdiction, account, most)
	return db.Collect(rows, err, func(scan func(...any) error) (h Happened, err error) {
		err = scan(&h.ID, db.AsTime(&h.At), &h.What, &h.Detail, &h.Address, &h.Agent, &h.Times, &h.Alert)
		return h, err
	})
}

func countAlerts(ctx context.Context, q db.Reader, jurisdiction, account string) (n int, err error) {
	err = q.QueryRowContext(ctx, `
		select count(*) from identity_history
		where jurisdiction = $1 and account = $2 and alert and seen_at is null`, jurisdiction, account).Scan(&n)
	return n, err
}

func markHistorySeen(ctx context.Context, tx *db.Tx, jurisdiction, account string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update identity_history set seen_at = $3
		where jurisdiction = $1 and account = $2 and alert and seen_at is null and what <> 'envelope-opened'`, jurisdiction, account, at)
	return err
}
