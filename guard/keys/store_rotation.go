// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"hustings/guard/keys/root"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
)

type rootKey = root.Root

// Walk is how far a rotation has come in one column.
type Walk struct {
	Field                            string // TABLE.COLUMN
	Total, Seen, Renewed, Unreadable int64
	Problem                          string // the first field that does not open
	after                            []string
	done                             bool
}

func insertRotation(ctx context.Context, tx *db.Tx, me who.Person, rotation, job string) error {
	res, err := tx.ExecContext(ctx, `
		insert into keys_rotation (jurisdiction, id, job, began_at, began_by) values ($1, $2, $3, $4, $5)
		on conflict (jurisdiction) where finished_at is null do nothing`, me.Jurisdiction, rotation, job, tx.Now(), me.ID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "A rotation is under way already; wait until it is over."))
	}
	return nil
}

// lastRotation is the newest rotation; nil where there was none.
func lastRotation(ctx context.Context, q reader, jurisdiction string) (*Rotation, error) {
	r := new(Rotation)
	err := q.QueryRowContext(ctx, `
		select id, job, began_at, began_by, finished_at from keys_rotation
		where jurisdiction = $1 order by began_at desc, id desc limit 1`, jurisdiction).
		Scan(&r.ID, &r.Job, db.AsTime(&r.Began), &r.By, db.AsTime(&r.Finished))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

func finishRotation(ctx context.Context, tx *db.Tx, jurisdiction, rotation string, at time.Time) (bool, error) {
	res, err := tx.ExecContext(ctx, `
		update keys_rotation set finished_at = $3
		where jurisdiction = $1 and id = $2 and finished_at is null`, jurisdiction, rotation, at)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func insertWalk(ctx context.Context, tx *db.Tx, jurisdiction, rotation, field string, total int64) error {
	_, err := tx.ExecContext(ctx, `
		insert into keys_walk (jurisdiction, rotation, field, after, total, seen, renewed, unreadable, problem, done)
		values ($1, $2, $3, '[]', $4, 0, 0, 0, '', false)`, jurisdiction, rotation, field, total)
	return err
}

func readWalks(ctx context.Context, q reader, jurisdiction, rotation string) ([]Walk, error) {
	rows, err := q.QueryContext(ctx, `
		select field, after, total, seen, renewed, unreadable, problem, done from keys_walk
		where jurisdiction = $1 and rotation = $2 order by field`, jurisdiction, rotation)
	return db.Collect(rows, err, func(scan func(...any) error) (w Walk, err error) {
		var after string
		if err := scan(&w.Field, &after, &w.Total, &w.Seen, &w.Renewed, &w.Unreadable, &w.Problem, &w.done); err != nil {
			return w, err
		}
		err = json.Unmarshal([]byte(after), &w.after)
		return w, err
	})
}

func updateWalk(ctx context.Context, tx *db.Tx, jurisdiction, rotation string, w Walk) error {
	after, err := json.Marshal(w.after)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		update keys_walk set after = $4, seen = $5, renewed = $6, unreadable = $7, problem = $8, done = $9
		where jurisdiction = $1 and rotation = $2 and field = $3`,
		jurisdiction, rotation, w.Field, string(after), w.Seen, w.Renewed, w.Unreadable, w.Problem, w.done)
	return err
}

// Ceremony is something that was done with the root key.
type Ceremony struct {
	Kind, Root      string
	Need, Officials int
	By              string
	At              time.Time
}

func insertCeremony(ctx context.Context, tx *db.Tx, c Ceremony) error {
	me := who.From(ctx)
	_, err := tx.ExecContext(ctx, `
		insert into keys_ceremony (jurisdiction, id, kind, root, need, officials, by_person, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, me.Jurisdiction, id.New(), c.Kind, c.Root, c.Need, c.Officials, me.ID, tx.Now())
	return err
}

func readCeremonies(ctx context.Context, q reader, jurisdiction string, limit int) ([]Ceremony, error) {
	rows, err := q.QueryContext(ctx, `
		select kind, root, need, officials, by_person, at from keys_ceremony
		where jurisdiction = $1 order by at desc, id desc limit $2`, jurisdiction, limit)
	return db.Collect(rows, err, func(scan func(...any) error) (c Ceremony, err error) {
		err = scan(&c.Kind, &c.Root, &c.Need, &c.Officials, &c.By, db.AsTime(&c.At))
		return c, err
	})
}
