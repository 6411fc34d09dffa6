// SPDX-License-Identifier: Apache-2.0

package results

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

func insertNight(ctx context.Context, tx *db.Tx, jurisdiction string, n Night) error {
	_, err := tx.ExecContext(ctx, `
		insert into results_election (jurisdiction, election, definition, mode, status, opened_at)
		values ($1, $2, $3, $4, $5, $6)`,
		jurisdiction, string(n.Election), n.Definition, string(n.Mode), string(n.Status), n.Opened)
	return err
}

const nightColumns = `election, definition, mode, status, version, next_at, opened_at`

func scanNight(scan func(...any) error) (n Night, err error) {
	err = scan(&n.Election, &n.Definition, &n.Mode, &n.Status, &n.Version, db.AsTime(&n.Next), db.AsTime(&n.Opened))
	if errors.Is(err, sql.ErrNoRows) {
		return n, fault.New(fault.NotFound, "No results are being taken for this election.")
	}
	return n, err
}

func findNight(ctx context.Context, q db.Reader, jurisdiction string, e election.ID) (Night, error) {
	return scanNight(q.QueryRowContext(ctx, `
		select `+nightColumns+` from results_election
		where jurisdiction = $1 and election = $2`, jurisdiction, string(e)).Scan)
}

func listNights(ctx context.Context, q db.Reader, jurisdiction string) ([]Night, error) {
	rows, err := q.QueryContext(ctx, `
		select `+nightColumns+` from results_election
		where jurisdiction = $1 order by opened_at desc, election`, jurisdiction)
	return db.Collect(rows, err, scanNight)
}

// exactly runs a statement that must change one row; otherwise someone was
// quicker, and the sentence says at what.
func exactly(ctx context.Context, tx *db.Tx, sentence, query string, args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fault.New(fault.Conflict, sentence)
}

// nextVersion moves an election from version n-1 to n; of two people who
// approve at once one gets a conflict. stays is the status of the versions
// after it, which one correction does not change.
func nextVersion(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, v Version, stays election.Status) error {
	err := exactly(ctx, tx, "Another version was approved since you looked. Look at the differences again.", `
		update results_election set version = $3, status = $4
		where jurisdiction = $1 and election = $2 and version = $5 and mode = $6`,
		jurisdiction, string(e), v.Number, string(stays), v.Number-1, string(v.Mode))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into results_version (jurisdiction, election, version, mode, kind, definition, status, report, reason, approved_by, approved_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		jurisdiction, string(e), v.Number, string(v.Mode), v.Kind, v.Definition, string(v.Status), v.Report, v.Reason, v.ApprovedBy, v.ApprovedAt)
	return err
}

func setMode(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, definition string, m Mode, st election.Status) error {
	return exactly(ctx, tx, "No results are being taken for this election.", `
		update results_election set mode = $3, definition = $4, status = $5
		where jurisdiction = $1 and election = $2`, jurisdiction, string(e), string(m), definition, string(st))
}

func setNext(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, at *time.Time) error {
	return exactly(ctx, tx, "No results are being taken for this election.", `
		update results_election set next_at = $3
		where jurisdiction = $1 and election = $2`, jurisdiction, string(e), at)
}

func markPublished(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, version int64, at time.Time) (first bool, err error) {
	res, err := tx.ExecContext(ctx, `
		update results_version set published_at = $4
		where jurisdiction = $1 and election = $2 and version = $3 and published_at is null`,
		jurisdiction, string(e), version, at)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func listVersions(ctx context.Context, q db.Reader, jurisdiction string, e election.ID) ([]Version, error) {
	rows, err := q.QueryContext(ctx, `
		select version, mode, kind, definition, status, report, reason, approved_by, approved_at, published_at
		from results_version where jurisdiction = $1 and election = $2 order by version`, jurisdiction, string(e))
	return db.Collect(rows, err, func(scan func(...any) error) (v Version, err error) {
		err = scan(&v.Number, &v.Mode, &v.Kind, &v.Definition, &v.Status, &v.Report, &v.Reason, &v.ApprovedBy,
			db.AsTime(&v.ApprovedAt), db.AsTime(&v.PublishedAt))
		return v, err
	})
}

func upsertSource(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, s Source) error {
	var due *time.Time
	if !s.Due.IsZero() {
		due = &s.Due
	}
	_, err := tx.ExecContext(ctx, `
		insert into results_source (jurisdiction, election, id, name, mode, split, mapping, layout, overvotes, due_at, every_s, zero)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (jurisdiction, election, id) do update set
			name = excluded.name, mode = excluded.mode, split = excluded.split, mapping = excluded.mapping,
			layout = excluded.layout, overvotes = excluded.overvotes, due_at = excluded.due_at, every_s = excluded.every_s, zero = excluded.zero`,
		jurisdiction, string(e), s.ID, s.Name, pick(s.Incremental, "incremental", "cumulative"), pick(s.ByType, "types", "total"),
		s.Mapping, s.Layout, pick(s.OverBallots, "ballots", "votes"), due, int64(s.Every.Seconds()), string(s.Zero))
	return err
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// setMapping keeps what a person said of the columns of a source's files.
func setMapping(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, source string, mapping json.RawMessage) error {
	return exactly(ctx, tx, "There is no such source for this election.", `
		update results_source set mapping = $4
		where jurisdiction = $1 and election = $2 and id = $3`, jurisdiction, string(e), source, mapping)
}

func listSources(ctx context.Context, q db.Reader, jurisdiction string, e election.ID) ([]Source, error) {
	rows, err := q.QueryContext(ctx, `
		select id, name, mode = 'incremental', split = 'types', overvotes = 'ballots', mapping, layout, due_at, every_s, zero
		from results_source where jurisdiction = $1 and election = $2 order by name, id`, jurisdiction, string(e))
	return db.Collect(rows, err, func(scan func(...any) error) (s Source, err error) {
		var mapping, layout sql.NullString
		var every int64
		err = scan(&s.ID, &s.Name, &s.Incremental, &s.ByType, &s.OverBallots, &mapping, &layout, db.AsTime(&s.Due), &every, &s.Zero)
		s.Every = time.Duration(every) * time.Second
		if mapping.Valid {
			s.Mapping = json.RawMessage(mapping.String)
		}
		if layout.Valid {
			s.Layout = json.RawMessage(layout.String)
		}
		return s, err
	})
}

func insertReport(ctx context.Context, tx *db.Tx, jurisdiction string, r Report) error {
	_, err := tx.ExecContext(ctx, `
		insert into results_report (jurisdiction, id, election, mode, source, kind, file, format, sha256, sheet, findings,
			row_count, worst, holds, correction, target, status, state, uploaded_by, uploaded_name, uploaded_at, adds, base, found, also_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
		jurisdiction, r.ID, string(r.Election), string(r.Mode), r.Source, r.Kind, r.File, r.Format, r.SHA256, r.sheet, r.findings,
		r.Rows, string(r.Worst), r.Holds, r.Correction, r.Target, string(r.Status), string(r.State), r.UploadedBy, r.UploadedName, r.UploadedAt,
		r.Adds, r.Base, r.found, r.AlsoBy)
	return err
}

const reportColumns = `id, election, mode, source, kind, file, format, sha256, sheet, findings, row_count, worst, holds,
	correction, target, status, state, uploaded_by, uploaded_name, uploaded_at, decided_name, decided_at, reason,
	coalesce(version, 0), coalesce(withdrawn_in, 0), adds, base, found, also_by`

func scanReport(scan func(...any) error) (r Report, err error) {
	err = scan(&r.ID, &r.Election, &r.Mode, &r.Source, &r.Kind, &r.File, &r.Format, &r.SHA256, &r.sheet, &r.findings,
		&r.Rows, &r.Worst, &r.Holds, &r.Correction, &r.Target, &r.Status, &r.State, &r.UploadedBy, &r.UploadedName,
		db.AsTime(&r.UploadedAt), &r.DecidedName, db.AsTime(&r.DecidedAt), &r.Reason, &r.Version, &r.WithdrawnIn, &r.Adds, &r.Base, &r.found, &r.AlsoBy)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "There is no such report.")
	}
	return r, err
}

func findReport(ctx context.Context, q db.Reader, jurisdiction, id string) (Report, error) {
	return scanReport(q.QueryRowContext(ctx, `
		select `+reportColumns+` from results_report where jurisdiction = $1 and id = $2`, jurisdiction, id).Scan)
}

// listReports lists an election's reports of a mode, the newest first.
func listReports(ctx context.Context, q db.Reader, jurisdiction string, e election.ID, m Mode) ([]Report, error) {
	rows, err := q.QueryContext(ctx, `
		select `+reportColumns+` from results_report
		where jurisdiction = $1 and election = $2 and mode = $3 order by uploaded_at desc, id desc`,
		jurisdiction, string(e), string(m))
	return db.Collect(rows, err, scanReport)
}

// approvedReports lists the files and hand entries that count in a version,
// in the order in which they were approved.
func approvedReports(ctx context.Context, q db.Reader, jurisdiction string, e election.ID, m Mode, version int64) ([]Report, error) {
	rows, err := q.QueryContext(ctx, `
		select `+reportColumns+` from results_report
		where jurisdiction = $1 and election = $2 and mode = $3 and state = 'approved' and kind in ('file', 'hand')
		  and version <= $4 and (withdrawn_in is null or withdrawn_in > $4)
		order by version`, jurisdiction, string(e), string(m), version)
	return db.Collect(rows, err, scanReport)
}

func decide(ctx context.Context, tx *db.Tx, jurisdiction, id string, to State, by, name string, at time.Time, reason string, version int64) error {
	var v *int64
	if to == Approved {
		v = &version
	}
	return exactly(ctx, tx, "Someone else has decided about this report already.", `
		update results_report set state = $3, decided_by = $4, decided_name = $5, decided_at = $6, reason = $7, version = $8
		where jurisdiction = $1 and id = $2 and state = 'held'`, jurisdiction, id, string(to), by, name, at, reason, v)
}

func withdraw(ctx context.Context, tx *db.Tx, jurisdiction, id string, version int64) error {
	return exactly(ctx, tx, "This report has been withdrawn already.", `
		update results_report set withdrawn_in = $3
		where jurisdiction = $1 and id = $2 and state = 'approved' and withdrawn_in is null`, jurisdiction, id, version)
}

// madeKeys lists the blobs of what the versions before one left, oldest first.
func madeKeys(ctx context.Context, q db.Reader, jurisdiction string, e election.ID, m Mode, before int64) ([]string, error) {
	rows, err := q.QueryContext(ctx, `
		select made from results_version
		where jurisdiction = $1 and election = $2 and mode = $3 and version < $4 and made <> '' order by version`,
		jurisdiction, string(e), string(m), before)
	return db.Collect(rows, err, func(scan func(...any) error) (key string, err error) {
		err = scan(&key)
		return key, err
	})
}

func setMade(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, version int64, key string) error {
	return exactly(ctx, tx, "There is no such version.", `
		update results_version set made = $4
		where jurisdiction = $1 and election = $2 and version = $3`, jurisdiction, string(e), version, key)
}

// statusReports lists the changes of status that count in a version, in the
// order in which they were approved.
func statusReports(ctx context.Context, q db.Reader, jurisdiction string, e election.ID, m Mode, version int64) ([]Report, error) {
	rows, err := q.QueryContext(ctx, `
		select `+reportColumns+` from results_report
		where jurisdiction = $1 and election = $2 and mode = $3 and state = 'approved' and kind = 'status' and version <= $4
		order by version`, jurisdiction, string(e), string(m), version)
	return db.Collect(rows, err, scanReport)
}

// definitionOf is the hash of the definition that a version's counts refer to.
func definitionOf(ctx context.Context, q db.Reader, jurisdiction string, e election.ID, version int64) (hash string, err error) {
	err = q.QueryRowContext(ctx, `
		select definition from results_version where jurisdiction = $1 and election = $2 and version = $3`,
		jurisdiction, string(e), version).Scan(&hash)
	return hash, err
}
