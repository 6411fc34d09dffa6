// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"net/url"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
)

// Saved is a search that a person keeps.
type Saved struct{ ID, Title, Query string }

// maxSaved bounds how many searches a person keeps.
const maxSaved = 100

// Save keeps a search for the person who asks, under a name.
func (s *Audit) Save(ctx context.Context, title string, q Search) error {
	me, title := who.From(ctx), strings.TrimSpace(title)
	if title == "" || len(title) > maxField {
		return fault.On("title", fault.New(fault.Invalid, "Give the search a name of at most %d letters.", maxField))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `select count(*) from audit_search where jurisdiction = $1 and person = $2`, me.Jurisdiction, me.ID).Scan(&n); err != nil {
			return err
		}
		if n >= maxSaved {
			return fault.New(fault.Conflict, "You keep %d searches already; remove one first.", n)
		}
		one := id.New()
		_, err := tx.ExecContext(ctx, `
			insert into audit_search (jurisdiction, id, person, name, query, at) values ($1, $2, $3, $4, $5, $6)`,
			me.Jurisdiction, one, me.ID, title, q.query(), s.Now())
		if err != nil {
			return err
		}
		tx.Record(event.AuditSearchSaved{Search: one, Title: title, Query: q.query()})
		return nil
	})
}

// Forget removes a search of the person who asks.
func (s *Audit) Forget(ctx context.Context, search string) error {
	me := who.From(ctx)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			delete from audit_search where jurisdiction = $1 and id = $2 and person = $3 returning name`, me.Jurisdiction, search, me.ID)
		if err != nil {
			return err
		}
		defer rows.Close()
		if !rows.Next() {
			return fault.New(fault.NotFound, "You keep no such search.")
		}
		var title string
		if err := rows.Scan(&title); err != nil {
			return err
		}
		tx.Record(event.AuditSearchRemoved{Search: search, Title: title})
		return rows.Err()
	})
}

// Searches are those that the person who asks keeps, by name.
func (s *Audit) Searches(ctx context.Context) ([]Saved, error) {
	me := who.From(ctx)
	rows, err := s.DB.QueryContext(ctx, `
		select id, name, query from audit_search where jurisdiction = $1 and person = $2 order by name, id`, me.Jurisdiction, me.ID)
	return db.Collect(rows, err, func(scan func(...any) error) (one Saved, err error) {
		if err := scan(&one.ID, &one.Title, &one.Query); err != nil {
			return one, err
		}
		if _, err := url.ParseQuery(one.Query); err != nil {
			one.Query = "" // somebody changed it by hand
		}
		return one, nil
	})
}
