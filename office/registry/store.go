// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/seal"
	"hustings/office/registry/roll"
)

var (
	insertVoter = `insert into registry_voter (` + strings.Join(voterColumns, ", ") + `) values (` + from(1, len(voterColumns)) + `)`
	updateVoter = insertVoter + ` on conflict (jurisdiction, id) do update set ` + excluded(voterColumns[2:])
)

// excluded sets columns to the values that were to be inserted.
func excluded(columns []string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c + " = excluded." + c
	}
	return strings.Join(list, ", ")
}

const (
	lightly = `id, birth, precinct, party, state, reason, source, registered, version, valid_from, body`
	kept    = lightly + `, recorded_at, recorded_by, why, cause, private, licence, ssn4`
)

// sealedVoter is a voter's row before it is opened.
type sealedVoter struct {
	Version
	body                   string
	private, licence, ssn4 []byte
}

func (v *sealedVoter) lightly() []any {
	return []any{&v.ID, &v.Birth, &v.Precinct, &v.Party, &v.State, &v.Reason, &v.Source, &v.Registered, &v.Number, &v.From, &v.body}
}

func (v *sealedVoter) columns() []any {
	return append(v.lightly(), db.AsTime(&v.Recorded), &v.By, &v.Why, &v.Cause, &v.private, &v.licence, &v.ssn4)
}

// open reads a voter's row.
func (s *Registry) open(ctx context.Context, q db.Reader, v *sealedVoter) (Version, error) {
	id := v.ID
	rest, err := s.Sealer.Open(ctx, q, private.At(s.Jurisdiction, string(id)), v.private)
	if err != nil {
		return v.Version, err
	}
	if err := roll.Whole(&v.Voter, v.body, rest); err != nil {
		return v.Version, err
	}
	for _, one := range []struct {
		kind   roll.IdentifierKind
		column *seal.Column
		sealed []byte
	}{{roll.SSN4, &ssn4, v.ssn4}, {roll.License, &licence, v.licence}} {
		value, err := s.Sealer.Open(ctx, q, one.column.At(s.Jurisdiction, string(id)), one.sealed)
		if err != nil {
			return v.Version, err
		}
		if !value.IsZero() {
			v.Identifiers = append([]roll.Identifier{{Kind: one.kind, Value: value}}, v.Identifiers...)
		}
	}
	return v.Version, nil
}

var errNoVoter = fault.New(fault.NotFound, "There is no such voter in the roll.")

// find reads a voter as they stand now.
func (s *Registry) find(ctx context.Context, q db.Reader, id roll.ID) (Version, error) {
	var v sealedVoter
	err := q.QueryRowContext(ctx, `select `+kept+` from registry_voter where jurisdiction = $1 and id = $2`, s.Jurisdiction, string(id)).Scan(v.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		return v.Version, errNoVoter
	}
	if err != nil {
		return v.Version, err
	}
	return s.open(ctx, q, &v)
}

// number is a version's number as the table's key has it.
func number(n int64) string { return fmt.Sprintf("%010d", n) }

var (
	versionColumns = strings.Fields(`jurisdiction voter version valid_from recorded_at recorded_by why cause body private`)
	insertVersion  = `insert into registry_version (` + strings.Join(versionColumns, ", ") + `) values (` + from(1, len(versionColumns)) + `)`
)

// versionRow are the values of a row of the history in the order of
// versionColumns.
func (s *Registry) versionRow(ctx context.Context, tx *db.Tx, v Version) ([]any, error) {
	text, all, err := roll.Part(v.Voter)
	if err != nil {
		return nil, err
	}
	sealed, err := s.Sealer.Seal(ctx, tx, versionPrivate.At(s.Jurisdiction, string(v.ID), number(v.Number)), all)
	return []any{s.Jurisdiction, string(v.ID), number(v.Number), string(v.From), v.Recorded, v.By, v.Why, v.Cause, text, sealed}, err
}

// insertVersion keeps a version in the history.
func (s *Registry) insertVersion(ctx context.Context, tx *db.Tx, v Version) error {
	row, err := s.versionRow(ctx, tx, v)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, insertVersion, row...)
	return err
}

const keptVersion = `voter, version, valid_from, recorded_at, recorded_by, why, cause, body, private`

// sealedVersion is a row of the history before it is opened.
type sealedVersion struct {
	Version
	n, body string
	private []byte
}

func (v *sealedVersion) columns() []any {
	return []any{&v.ID, &v.n, &v.From, db.AsTime(&v.Recorded), &v.By, &v.Why, &v.Cause, &v.body, &v.private}
}

// openVersion reads a row of the history.
func (s *Registry) openVersion(ctx context.Context, q db.Reader, v *sealedVersion) (Version, error) {
	rest, err := s.Sealer.Open(ctx, q, versionPrivate.At(s.Jurisdiction, string(v.ID), v.n), v.private)
	if err != nil {
		return v.Version, err
	}
	if v.Number, err = strconv.ParseInt(v.n, 10, 64); err != nil {
		return v.Version, fault.Wrap(fault.Internal, err, "a version of the voter %s", v.ID)
	}
	return v.Version, roll.Whole(&v.Voter, v.body, rest)
}

// versions are all versions of a voter, the first recorded first. The rows are
// read before they are opened: opening may ask the database for a key.
func (s *Registry) versions(ctx context.Context, q db.Reader, id roll.ID) ([]Version, error) {
	rows, err := q.QueryContext(ctx, `
		select `+keptVersion+` from registry_version where jurisdiction = $1 and voter = $2 order by version`, s.Jurisdiction, string(id))
	list, err := db.Collect(rows, err, func(scan func(...any) error) (v sealedVersion, err error) { return v, scan(v.columns()...) })
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		one, err := s.find(ctx, q, id)
		return []Version{one}, err
	}
	out := make([]Version, len(list))
	for i := range list {
		if out[i], err = s.openVersion(ctx, q, &list[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// byIdentifier finds the voters with a number of a kind, by its blind index.
func (s *Registry) byIdentifier(ctx context.Context, q db.Reader, kind roll.IdentifierKind, value hide.String) ([]roll.ID, error) {
	column := indexed[kind]
	now, before, err := s.Sealer.Index(ctx, column, s.Jurisdiction, value)
	if err != nil || now == nil {
		return nil, err
	}
	// An index is keyed by the office, and no condition on the office may lead
	// the database to read the office's roll instead.
	rows, err := q.QueryContext(ctx, `
		select id, jurisdiction from registry_voter where `+column.Index+` in ($1, $2) limit 100`, now, before)
	type found struct{ id, office string }
	list, err := db.Collect(rows, err, func(scan func(...any) error) (f found, err error) { return f, scan(&f.id, &f.office) })
	var out []roll.ID
	for _, f := range list {
		if f.office == s.Jurisdiction {
			out = append(out, roll.ID(f.id))
		}
	}
	return out, err
}

// Count is how many voters there are.
func (s *Registry) Count(ctx context.Context) (n int64, err error) {
	err = s.DB.QueryRowContext(ctx, `select count(*) from registry_voter where jurisdiction = $1`, s.Jurisdiction).Scan(&n)
	return n, err
}

// empty says whether the roll has nobody, without counting.
func (s *Registry) empty(ctx context.Context) (bool, error) {
	var id string
	err := s.DB.QueryRowContext(ctx, `select id from registry_voter where jurisdiction = $1 limit 1`, s.Jurisdiction).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return false, err
}
