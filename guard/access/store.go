// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hustings/kit/db"
)

func readStamp(ctx context.Context, q db.Reader) (s stamp, err error) {
	err = q.QueryRowContext(ctx, `
		select count(*), cast(coalesce(sum(n), 0) as bigint) from access_version`).Scan(&s.offices, &s.n)
	return s, err
}

func readVersions(ctx context.Context, q db.Reader) (map[string]int64, error) {
	out := make(map[string]int64)
	return out, each(ctx, q, func(scan func(...any) error) error {
		var j string
		var n int64
		err := scan(&j, &n)
		out[j] = n
		return err
	}, `select jurisdiction, n from access_version`)
}

// each runs a query and hands out its rows.
func each(ctx context.Context, q db.Reader, row func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// changed says that what decisions rest on is another now.
func changed(ctx context.Context, tx *db.Tx, jurisdiction string) error {
	_, err := tx.ExecContext(ctx, `
		insert into access_version (jurisdiction, n) values ($1, 1)
		on conflict (jurisdiction) do update set n = access_version.n + 1`, jurisdiction)
	return err
}

// eachHeld hands out who holds what; in all jurisdictions for "".
func eachHeld(ctx context.Context, q db.Reader, jurisdiction string, take func(Grant)) error {
	return each(ctx, q, func(scan func(...any) error) error {
		var g Grant
		err := scan(&g.Jurisdiction, &g.Person, &g.Role)
		take(g)
		return err
	}, `
		select jurisdiction, person, role from access_grant
		where $1 = '' or jurisdiction = $1 order by jurisdiction, person, role`, jurisdiction)
}

// eachPolicy hands out the own policies in force; of all offices for "".
func eachPolicy(ctx context.Context, q db.Reader, jurisdiction string, take func(jurisdiction, text string) error) error {
	return each(ctx, q, func(scan func(...any) error) error {
		var j, text string
		if err := scan(&j, &text); err != nil {
			return err
		}
		return take(j, text)
	}, `
		select jurisdiction, body from access_policy p
		where ($1 = '' or jurisdiction = $1)
		and version = (select max(version) from access_policy l where l.jurisdiction = p.jurisdiction)`, jurisdiction)
}

// listGrants lists the grants at and below a jurisdiction.
func listGrants(ctx context.Context, q db.Reader, jurisdiction string) ([]Grant, error) {
	var out []Grant
	return out, each(ctx, q, func(scan func(...any) error) error {
		var g Grant
		err := scan(&g.Jurisdiction, &g.Person, &g.Role, &g.By, db.AsTime(&g.At), &g.Reason)
		if covers(jurisdiction, g.Jurisdiction) { // an underscore in an id matches any letter
			out = append(out, g)
		}
		return err
	}, `
		select jurisdiction, person, role, granted_by, granted_at, reason from access_grant
		where jurisdiction = $1 or jurisdiction like $2
		order by jurisdiction, person, role`, jurisdiction, jurisdiction+"/%")
}

// listGrantsOf lists where a person holds which role.
func listGrantsOf(ctx context.Context, q db.Reader, person string) ([]Grant, error) {
	rows, err := q.QueryContext(ctx, `
		select jurisdiction, person, role from access_grant where person = $1`, person)
	return db.Collect(rows, err, func(scan func(...any) error) (g Grant, err error) {
		return g, scan(&g.Jurisdiction, &g.Person, &g.Role)
	})
}

// insertGrant writes a grant down; false where it was there already.
func insertGrant(ctx context.Context, tx *db.Tx, g Grant) (bool, error) {
	return hits(ctx, tx, `
		insert into access_grant (jurisdiction, person, role, granted_by, granted_at, reason)
		values ($1, $2, $3, $4, $5, $6) on conflict do nothing`, g.Jurisdiction, g.Person, string(g.Role), g.By, g.At, g.Reason)
}

func deleteGrant(ctx context.Context, tx *db.Tx, g Grant) (bool, error) {
	return hits(ctx, tx, `
		delete from access_grant where jurisdiction = $1 and person = $2 and role = $3`, g.Jurisdiction, g.Person, string(g.Role))
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

// saveUse notes the last day on which a person used a permission.
func saveUse(ctx context.Context, tx *db.Tx, u use, day string) error {
	_, err := tx.ExecContext(ctx, `
		insert into access_use (jurisdiction, person, permission, day) values ($1, $2, $3, $4)
		on conflict (jurisdiction, person, permission) do update set day = excluded.day
		where access_use.day < excluded.day`, u.jurisdiction, u.person, u.permission, day)
	return err
}

// listUses gives the last day of each use at and below a jurisdiction.
func listUses(ctx context.Context, q db.Reader, jurisdiction string) (map[use]string, error) {
	out := make(map[use]string)
	return out, each(ctx, q, func(scan func(...any) error) error {
		var u use
		var day string
		err := scan(&u.jurisdiction, &u.person, &u.permission, &day)
		if covers(jurisdiction, u.jurisdiction) {
			out[u] = day
		}
		return err
	}, `
		select jurisdiction, person, permission, day from access_use
		where jurisdiction = $1 or jurisdiction like $2`, jurisdiction, jurisdiction+"/%")
}

// none turns the lack of a row into the zero time of whoever asked.
func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// day is a time as a day.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
