// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/fault"
)

// replaceDraft puts a draft in the place of the one that is there, and returns
// its number: drafts that were never locked leave no gap.
func replaceDraft(ctx context.Context, tx *db.Tx, jurisdiction string, v Version) (number int64, err error) {
	if _, err := tx.ExecContext(ctx, `
		delete from definition_version where jurisdiction = $1 and election = $2 and state = 'draft'`,
		jurisdiction, string(v.Election)); err != nil {
		return 0, err
	}
	name, err := json.Marshal(v.Name)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `
		insert into definition_version (jurisdiction, election, version, state, name, day, hash, body, source, drafted_by, drafted_at)
		select $1, $2, coalesce(max(version), 0) + 1, 'draft', $3, $4, $5, $6, $7, $8, $9
		from definition_version where jurisdiction = $1 and election = $2
		returning version`,
		jurisdiction, string(v.Election), json.RawMessage(name), string(v.Day), v.Hash, v.body, v.Source, v.draftedBy, v.DraftedAt).Scan(&number)
	return number, err
}

const versionColumns = `election, version, state, name, day, hash, source, drafted_at, locked_at, reason, body`

func scanVersion(scan func(...any) error) (v Version, err error) {
	var name string
	err = scan(&v.Election, &v.Number, &v.State, &name, &v.Day, &v.Hash, &v.Source, db.AsTime(&v.DraftedAt), db.AsTime(&v.LockedAt), &v.Reason, &v.body)
	if errors.Is(err, sql.ErrNoRows) {
		return v, fault.New(fault.NotFound, "There is no such definition.")
	}
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(name), &v.Name)
}

func findVersion(ctx context.Context, q db.Reader, jurisdiction string, e election.ID, st State) (Version, error) {
	return scanVersion(q.QueryRowContext(ctx, `
		select `+versionColumns+` from definition_version
		where jurisdiction = $1 and election = $2 and state = $3`, jurisdiction, string(e), string(st)).Scan)
}

func findByHash(ctx context.Context, q db.Reader, jurisdiction string, e election.ID, hash string) (Version, error) {
	return scanVersion(q.QueryRowContext(ctx, `
		select `+versionColumns+` from definition_version
		where jurisdiction = $1 and election = $2 and hash = $3 and state <> 'draft'
		order by version desc limit 1`, jurisdiction, string(e), hash).Scan)
}

func listVersions(ctx context.Context, q db.Reader, jurisdiction string) ([]Version, error) {
	rows, err := q.QueryContext(ctx, `
		select `+versionColumns+` from definition_version
		where jurisdiction = $1 order by day desc, election, version desc`, jurisdiction)
	return db.Collect(rows, err, scanVersion)
}

func supersede(ctx context.Context, tx *db.Tx, jurisdiction string, v Version, reason string) error {
	return exactly(ctx, tx, `
		update definition_version set state = 'superseded', reason = $4
		where jurisdiction = $1 and election = $2 and version = $3 and state = 'locked'`,
		jurisdiction, string(v.Election), v.Number, reason)
}

func lockDraft(ctx context.Context, tx *db.Tx, jurisdiction string, v Version, by string, at time.Time) error {
	return exactly(ctx, tx, `
		update definition_version set state = 'locked', locked_by = $5, locked_at = $6
		where jurisdiction = $1 and election = $2 and version = $3 and state = 'draft' and hash = $4`,
		jurisdiction, string(v.Election), v.Number, v.Hash, by, at)
}

// exactly runs a statement that must change one row.
func exactly(ctx context.Context, tx *db.Tx, query string, args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fault.New(fault.Conflict, "The definition has changed since you looked. Look at it again.")
}

func upsertAlias(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, a election.Alias, by string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		insert into definition_alias (jurisdiction, election, kind, county, contest, district, name, party, id, set_by, set_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (jurisdiction, election, kind, county, contest, district, name, party)
		do update set id = excluded.id, set_by = excluded.set_by, set_at = excluded.set_at`,
		jurisdiction, string(e), string(a.Kind), a.County, a.Contest, a.District, a.Name, a.Party, a.ID, by, at)
	return err
}

func deleteAlias(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, a election.Alias) error {
	return exactly(ctx, tx, `
		delete from definition_alias
		where jurisdiction = $1 and election = $2 and kind = $3 and county = $4 and contest = $5 and district = $6 and name = $7 and party = $8`,
		jurisdiction, string(e), string(a.Kind), a.County, a.Contest, a.District, a.Name, a.Party)
}

func listAliases(ctx context.Context, q db.Reader, jurisdiction string, e election.ID) ([]election.Alias, error) {
	rows, err := q.QueryContext(ctx, `
		select kind, county, contest, district, name, party, id from definition_alias
		where jurisdiction = $1 and election = $2 order by kind, name, county, contest, party`, jurisdiction, string(e))
	return db.Collect(rows, err, func(scan func(...any) error) (a election.Alias, err error) {
		err = scan(&a.Kind, &a.County, &a.Contest, &a.District, &a.Name, &a.Party, &a.ID)
		return a, err
	})
}
