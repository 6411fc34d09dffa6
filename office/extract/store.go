// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
)

var errNone = fault.New(fault.NotFound, "There is no such list.")

// insert writes an extract down as it was asked for.
func (s *Extract) insert(ctx context.Context, tx *db.Tx, o One) error {
	choices, err := json.Marshal(o.Choices)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into extract_extract (jurisdiction, id, list, choices, recipient, purpose, state, second, asked_by, asked_name, asked_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		s.Jurisdiction, o.ID, string(o.Choices.List), string(choices), o.Recipient, o.Purpose, string(o.State), o.Second, o.AskedBy, o.AskedName, o.AskedAt)
	return err
}

const columns = `id, choices, recipient, purpose, state, second, asked_by, asked_name, asked_at, agreed_by, job, report, problem, made_at, expires, secret`

func scan(dest func(...any) error) (o One, err error) {
	var choices, report string
	var made, expires sql.NullTime
	if err := dest(&o.ID, &choices, &o.Recipient, &o.Purpose, &o.State, &o.Second, &o.AskedBy, &o.AskedName, db.AsTime(&o.AskedAt), &o.AgreedBy, &o.Job, &report, &o.Problem, &made, &expires, &o.secret); err != nil {
		return o, err
	}
	o.MadeAt, o.Expires = made.Time, expires.Time
	if err := json.Unmarshal([]byte(choices), &o.Choices); err != nil {
		return o, fault.Wrap(fault.Internal, err, "the choices of the extract %s", o.ID)
	}
	if report != "" {
		if err := json.Unmarshal([]byte(report), &o.Report); err != nil {
			return o, fault.Wrap(fault.Internal, err, "the report of the extract %s", o.ID)
		}
	}
	return o, nil
}

// Find finds an extract.
func (s *Extract) Find(ctx context.Context, id string) (One, error) {
	o, err := scan(s.DB.QueryRowContext(ctx, `select `+columns+` from extract_extract where jurisdiction = $1 and id = $2`, s.Jurisdiction, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return o, errNone
	}
	return o, err
}

// Made lists extracts, the newest first.
func (s *Extract) Made(ctx context.Context, limit int) ([]One, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+columns+` from extract_extract where jurisdiction = $1 order by id desc limit $2`, s.Jurisdiction, limit)
	return db.Collect(rows, err, scan)
}

// due are the extracts whose time is over.
func (s *Extract) due(ctx context.Context, now time.Time) ([]One, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+columns+` from extract_extract where jurisdiction = $1 and state = 'made' and expires <= $2`, s.Jurisdiction, now)
	return db.Collect(rows, err, scan)
}

// leftOver are the extracts that have pieces of a file and none that counts.
func (s *Extract) leftOver(ctx context.Context) ([]string, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select distinct p.extract from extract_piece p
		join extract_extract e on e.jurisdiction = p.jurisdiction and e.id = p.extract
		where p.jurisdiction = $1 and e.state not in ('made', 'queued')`, s.Jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (id string, err error) { err = scan(&id); return id, err })
}

// step runs an update that is one extract's step from one state to the next.
func step(ctx context.Context, tx *db.Tx, query string, args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, fault.New(fault.Conflict, "This list is not where it was a moment ago. Look at it again."))
	}
	return nil
}

func (s *Extract) markQueued(ctx context.Context, tx *db.Tx, id, work, agreedBy string) error {
	return step(ctx, tx, `
		update extract_extract set state = 'queued', job = $3, agreed_by = $4
		where jurisdiction = $1 and id = $2 and (state = 'waiting' and second or state = 'queued' and not second)`, s.Jurisdiction, id, work, agreedBy)
}

func (s *Extract) markMade(ctx context.Context, tx *db.Tx, o One) error {
	report, err := json.Marshal(o.Report)
	if err != nil {
		return err
	}
	return step(ctx, tx, `
		update extract_extract set state = 'made', report = $3, made_at = $4, expires = $5
		where jurisdiction = $1 and id = $2 and state = 'queued'`, s.Jurisdiction, o.ID, string(report), o.MadeAt, o.Expires)
}

func (s *Extract) markWritten(ctx context.Context, tx *db.Tx, o One) error {
	report, err := json.Marshal(o.Report)
	if err != nil {
		return err
	}
	return step(ctx, tx, `update extract_extract set report = $3, made_at = $4 where jurisdiction = $1 and id = $2 and state = 'written'`,
		s.Jurisdiction, o.ID, string(report), o.MadeAt)
}

func (s *Extract) markFailed(ctx context.Context, tx *db.Tx, id, problem string) error {
	return step(ctx, tx, `update extract_extract set state = 'failed', problem = $3, secret = null where jurisdiction = $1 and id = $2 and state = 'queued'`,
		s.Jurisdiction, id, problem)
}

func (s *Extract) markRefused(ctx context.Context, tx *db.Tx, id, problem string) (done bool, err error) {
	res, err := tx.ExecContext(ctx, `update extract_extract set state = 'refused', problem = $3 where jurisdiction = $1 and id = $2 and state = 'waiting'`,
		s.Jurisdiction, id, problem)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func (s *Extract) markExpired(ctx context.Context, tx *db.Tx, id string) error {
	return step(ctx, tx, `update extract_extract set state = 'expired', secret = null where jurisdiction = $1 and id = $2 and state = 'made'`, s.Jurisdiction, id)
}

func (s *Extract) setSecret(ctx context.Context, tx *db.Tx, id string, sealed []byte) error {
	return step(ctx, tx, `update extract_extract set secret = $3 where jurisdiction = $1 and id = $2 and state = 'queued'`, s.Jurisdiction, id, sealed)
}

func (s *Extract) insertPiece(ctx context.Context, tx *db.Tx, extract string, number int64, blob string) error {
	_, err := tx.ExecContext(ctx, `insert into extract_piece (jurisdiction, extract, number, blob) values ($1, $2, $3, $4)`, s.Jurisdiction, extract, number, blob)
	return err
}

// pieces are the blobs of an extract's file, in their order.
func (s *Extract) pieces(ctx context.Context, extract string) ([]string, error) {
	rows, err := s.DB.QueryContext(ctx, `select blob from extract_piece where jurisdiction = $1 and extract = $2 order by number`, s.Jurisdiction, extract)
	return db.Collect(rows, err, func(scan func(...any) error) (b string, err error) { err = scan(&b); return b, err })
}

func (s *Extract) dropPieces(ctx context.Context, tx *db.Tx, extract string) error {
	_, err := tx.ExecContext(ctx, `delete from extract_piece where jurisdiction = $1 and extract = $2`, s.Jurisdiction, extract)
	return err
}
