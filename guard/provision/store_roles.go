// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"time"

	"hustings/kit/db"
)

// Mapping says that a group gives a role.
type Mapping struct {
	Group, Role, By string
	At              time.Time
}

func listMappings(ctx context.Context, q db.Reader, jurisdiction string) ([]Mapping, error) {
	rows, err := q.QueryContext(ctx, `
		select group_id, role, set_by, set_at from provision_mapping
		where jurisdiction = $1 order by group_id, role`, jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (m Mapping, err error) {
		return m, scan(&m.Group, &m.Role, &m.By, db.AsTime(&m.At))
	})
}

// insertMapping says whether it is new.
func insertMapping(ctx context.Context, tx *db.Tx, jurisdiction string, m Mapping) (bool, error) {
	return hits(ctx, tx, `
		insert into provision_mapping (jurisdiction, group_id, role, set_by, set_at) values ($1, $2, $3, $4, $5)
		on conflict (jurisdiction, group_id, role) do nothing`, jurisdiction, m.Group, m.Role, m.By, m.At)
}

// deleteMapping says whether it was there, and counts it then.
func deleteMapping(ctx context.Context, tx *db.Tx, jurisdiction, group, role string) (bool, error) {
	hit, err := hits(ctx, tx, `
		delete from provision_mapping where jurisdiction = $1 and group_id = $2 and role = $3`, jurisdiction, group, role)
	if err != nil || !hit {
		return hit, err
	}
	return hits(ctx, tx, `
		insert into provision_unmapped (jurisdiction, group_id, role, times) values ($1, $2, $3, 1)
		on conflict (jurisdiction, group_id, role) do update set times = provision_unmapped.times + 1`, jurisdiction, group, role)
}

// timesUnmapped says how often a group's role was taken from it.
func timesUnmapped(ctx context.Context, q db.Reader, jurisdiction, group, role string) (int64, error) {
	rows, err := q.QueryContext(ctx, `
		select times from provision_unmapped where jurisdiction = $1 and group_id = $2 and role = $3`, jurisdiction, group, role)
	times, err := db.Collect(rows, err, func(scan func(...any) error) (n int64, err error) { return n, scan(&n) })
	if len(times) == 0 {
		return 0, err
	}
	return times[0], err
}

func hits(ctx context.Context, tx *db.Tx, query string, args ...any) (bool, error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// rolesOf are the roles that the groups of a person give, each with a group that
// gives it.
func rolesOf(ctx context.Context, q db.Reader, jurisdiction, account string) (map[string]string, error) {
	rows, err := q.QueryContext(ctx, `
		select p.role, g.display from provision_member m
		join provision_mapping p on p.jurisdiction = m.jurisdiction and p.group_id = m.group_id
		join provision_group g on g.jurisdiction = m.jurisdiction and g.id = m.group_id
		where m.jurisdiction = $1 and m.account = $2 order by p.role, g.display desc`, jurisdiction, account)
	pairs, err := db.Collect(rows, err, func(scan func(...any) error) (r [2]string, err error) { return r, scan(&r[0], &r[1]) })
	out := make(map[string]string, len(pairs))
	for _, r := range pairs {
		out[r[0]] = r[1]
	}
	return out, err
}

// givenTo are the roles that a person got by groups.
func givenTo(ctx context.Context, q db.Reader, jurisdiction, account string) ([]string, error) {
	rows, err := q.QueryContext(ctx, `
		select role from provision_given where jurisdiction = $1 and account = $2 order by role`, jurisdiction, account)
	return db.Collect(rows, err, func(scan func(...any) error) (role string, err error) { return role, scan(&role) })
}

func insertGiven(ctx context.Context, tx *db.Tx, jurisdiction, account, role string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		insert into provision_given (jurisdiction, account, role, given_at) values ($1, $2, $3, $4)
		on conflict (jurisdiction, account, role) do nothing`, jurisdiction, account, role, at)
	return err
}

func deleteGiven(ctx context.Context, tx *db.Tx, jurisdiction, account, role string) error {
	_, err := tx.ExecContext(ctx, `
		delete from provision_given where jurisdiction = $1 and account = $2 and role = $3`, jurisdiction, account, role)
	return err
}
