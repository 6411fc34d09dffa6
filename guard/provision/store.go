// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
)

const personColumns = `account, external_id, user_name, formatted, given, family, display, mail, active, disabled, version, made_at, changed_at, removed_at`

func scanPerson(scan func(...any) error) (p Person, err error) {
	err = scan(&p.Account, &p.ExternalID, &p.UserName, &p.Formatted, &p.Given, &p.Family, &p.Display, &p.Mail,
		&p.Active, &p.disabled, &p.Version, db.AsTime(&p.Made), db.AsTime(&p.Changed), db.AsTime(&p.Removed))
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.New(fault.NotFound, "There is no such user here.")
	}
	return p, err
}

func findPerson(ctx context.Context, q db.Reader, jurisdiction, account string) (Person, error) {
	return scanPerson(q.QueryRowContext(ctx, `
		select `+personColumns+` from provision_person
		where jurisdiction = $1 and account = $2`, jurisdiction, account).Scan)
}

// wanted narrows a list to the people of a name, and of one of the program's
// names; empty: all.
type wanted struct{ userName, externalID string }

// listPeople lists those who are there.
func listPeople(ctx context.Context, q db.Reader, jurisdiction string, w wanted) ([]Person, error) {
	rows, err := q.QueryContext(ctx, `
		select `+personColumns+` from provision_person
		where jurisdiction = $1 and removed_at is null and ($2 = '' or user_name = $2) and ($3 = '' or external_id = $3)
		order by made_at, account`, jurisdiction, w.userName, w.externalID)
	return db.Collect(rows, err, scanPerson)
}

// insertPerson puts a person under a program's care; one who was removed comes
// back.
func insertPerson(ctx context.Context, tx *db.Tx, jurisdiction string, p Person) error {
	_, err := tx.ExecContext(ctx, `
		insert into provision_person (jurisdiction, account, external_id, user_name, formatted, given, family, display, mail, active, disabled, version, made_at, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict (jurisdiction, account) do update
		set external_id = excluded.external_id, user_name = excluded.user_name, formatted = excluded.formatted, given = excluded.given,
			family = excluded.family, display = excluded.display, mail = excluded.mail, active = excluded.active,
			version = provision_person.version + 1, changed_at = excluded.changed_at, removed_at = null`,
		jurisdiction, p.Account, p.ExternalID, p.UserName, p.Formatted, p.Given, p.Family, p.Display, p.Mail, p.Active, p.disabled, p.Version, p.Made, p.Changed)
	return err
}

// updatePerson writes a person who is still as they were read: of the version
// before.
func updatePerson(ctx context.Context, tx *db.Tx, jurisdiction string, p Person) error {
	return one(tx.ExecContext(ctx, `
		update provision_person
		set external_id = $3, user_name = $4, formatted = $5, given = $6, family = $7, display = $8, mail = $9, active = $10, disabled = $11,
			version = version + 1, changed_at = $12, removed_at = $13
		where jurisdiction = $1 and account = $2 and version = $14`,
		jurisdiction, p.Account, p.ExternalID, p.UserName, p.Formatted, p.Given, p.Family, p.Display, p.Mail, p.Active, p.disabled,
		p.Changed, orNull(p.Removed), p.Version))
}

// orNull is how a time that may be none is kept.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// one wants a statement to have changed a row: else somebody was quicker.
func one(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return errVersion
}

const groupColumns = `id, external_id, display, version, made_at, changed_at`

func scanGroup(scan func(...any) error) (g Group, err error) {
	err = scan(&g.ID, &g.ExternalID, &g.Display, &g.Version, db.AsTime(&g.Made), db.AsTime(&g.Changed))
	if errors.Is(err, sql.ErrNoRows) {
		return g, fault.New(fault.NotFound, "There is no such group here.")
	}
	return g, err
}

func findGroup(ctx context.Context, q db.Reader, jurisdiction, id string) (Group, error) {
	return scanGroup(q.QueryRowContext(ctx, `
		select `+groupColumns+` from provision_group
		where jurisdiction = $1 and id = $2`, jurisdiction, id).Scan)
}

func listGroups(ctx context.Context, q db.Reader, jurisdiction string) ([]Group, error) {
	rows, err := q.QueryContext(ctx, `
		select `+groupColumns+` from provision_group
		where jurisdiction = $1 order by made_at, id`, jurisdiction)
	return db.Collect(rows, err, scanGroup)
}

// insertGroup makes a group, or says that there is one of its name.
func insertGroup(ctx context.Context, tx *db.Tx, jurisdiction string, g Group) error {
	_, err := tx.ExecContext(ctx, `
		insert into provision_group (jurisdiction, id, external_id, display, folded, version, made_at, changed_at)
		values ($1, $2, $3, $4, $5, 1, $6, $6)`, jurisdiction, g.ID, g.ExternalID, g.Display, folded(g.Display), g.Made)
	return taken(err)
}

func updateGroup(ctx context.Context, tx *db.Tx, jurisdiction string, g Group) error {
	return taken(one(tx.ExecContext(ctx, `
		update provision_group set external_id = $3, display = $4, folded = $5, version = version + 1, changed_at = $6
		where jurisdiction = $1 and id = $2 and version = $7`, jurisdiction, g.ID, g.ExternalID, g.Display, folded(g.Display), g.Changed, g.Version)))
}

// taken says in words that a name is not free.
func taken(err error) error {
	var f scimFault
	if fault.KindOf(err) == fault.Conflict && !errors.As(err, &f) {
		return typed("uniqueness", fault.New(fault.Conflict, "There is a group of this name already."))
	}
	return err
}

// deleteGroup forgets a group, its members and the roles that it gave.
func deleteGroup(ctx context.Context, tx *db.Tx, jurisdiction, id string) error {
	for _, query := range []string{
		`delete from provision_member where jurisdiction = $1 and group_id = $2`,
		`delete from provision_mapping where jurisdiction = $1 and group_id = $2`,
		`delete from provision_group where jurisdiction = $1 and id = $2`,
	} {
		if _, err := tx.ExecContext(ctx, query, jurisdiction, id); err != nil {
			return err
		}
	}
	return nil
}

// member is one line of a group; name is the person's, or the group's where a
// person's groups are asked for.
type member struct{ group, account, name string }

// listMembers are all members of all groups, or of one.
func listMembers(ctx context.Context, q db.Reader, jurisdiction, group string) ([]member, error) {
	rows, err := q.QueryContext(ctx, `
		select m.group_id, m.account, coalesce(p.display, ''), coalesce(p.user_name, '') from provision_member m
		left join provision_person p on p.jurisdiction = m.jurisdiction and p.account = m.account
		where m.jurisdiction = $1 and (m.group_id = $2 or $2 = '')
		order by m.group_id, m.account`, jurisdiction, group)
	return db.Collect(rows, err, func(scan func(...any) error) (m member, err error) {
		var userName string
		if err = scan(&m.group, &m.account, &m.name, &userName); m.name == "" {
			m.name = userName
		}
		return m, err
	})
}

// listGroupsOf are the groups of everybody, or of one, under the groups' names.
func listGroupsOf(ctx context.Context, q db.Reader, jurisdiction, account string) ([]member, error) {
	rows, err := q.QueryContext(ctx, `
		select m.group_id, m.account, g.display from provision_member m
		join provision_group g on g.jurisdiction = m.jurisdiction and g.id = m.group_id
		where m.jurisdiction = $1 and (m.account = $2 or $2 = '')
		order by m.account, g.display`, jurisdiction, account)
	return db.Collect(rows, err, func(scan func(...any) error) (m member, err error) {
		return m, scan(&m.group, &m.account, &m.name)
	})
}

func insertMember(ctx context.Context, tx *db.Tx, jurisdiction, group, account string) error {
	_, err := tx.ExecContext(ctx, `
		insert into provision_member (jurisdiction, group_id, account) values ($1, $2, $3)
		on conflict (jurisdiction, group_id, account) do nothing`, jurisdiction, group, account)
	return err
}

func deleteMember(ctx context.Context, tx *db.Tx, jurisdiction, group, account string) error {
	_, err := tx.ExecContext(ctx, `
		delete from provision_member where jurisdiction = $1 and group_id = $2 and account = $3`, jurisdiction, group, account)
	return err
}

// leaveAll takes a person out of all groups.
func leaveAll(ctx context.Context, tx *db.Tx, jurisdiction, account string) error {
	_, err := tx.ExecContext(ctx, `
		delete from provision_member where jurisdiction = $1 and account = $2`, jurisdiction, account)
	return err
}
