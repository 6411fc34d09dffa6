// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
	"hustings/office/extract/list"
)

// Saved are choices that were kept under a name, for everybody in the office.
type Saved struct {
	ID, Label string
	Choices   list.Choices
	By        string
	At        time.Time
}

const mostLabel = 80

// Save keeps choices under a name; what had that name before is replaced. The
// day and the seed are not kept: they are of one list.
func (s *Extract) Save(ctx context.Context, label string, c list.Choices) error {
	label = strings.TrimSpace(label)
	if label == "" || len(label) > mostLabel {
		return fault.On("label", fault.New(fault.Invalid, "Give the choices a name of at most %d letters.", mostLabel))
	}
	c.Seed = ""
	if c.AsOf == "" {
		c.AsOf = s.today()
	}
	if err := c.Check(); err != nil {
		return err
	}
	c.AsOf = ""
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	one := id.New()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		err := tx.QueryRowContext(ctx, `
			insert into extract_saved (jurisdiction, id, label, list, choices, saved_by, saved_at) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (jurisdiction, label) do update set list = excluded.list, choices = excluded.choices, saved_by = excluded.saved_by, saved_at = excluded.saved_at
			returning id`, s.Jurisdiction, one, label, string(c.List), string(body), who.From(ctx).ID, s.Now()).Scan(&one)
		if err != nil {
			return err
		}
		tx.Record(event.ExtractChoicesSaved{ID: one, Label: label, List: string(c.List)})
		return nil
	})
}

// Saved lists the choices that are kept, by their names.
func (s *Extract) Saved(ctx context.Context) ([]Saved, error) {
	rows, err := s.DB.QueryContext(ctx, `select id, label, choices, saved_by, saved_at from extract_saved where jurisdiction = $1 order by label limit 500`, s.Jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (v Saved, err error) {
		var body string
		if err := scan(&v.ID, &v.Label, &body, &v.By, db.AsTime(&v.At)); err != nil {
			return v, err
		}
		return v, json.Unmarshal([]byte(body), &v.Choices)
	})
}

// Forget keeps choices no longer.
func (s *Extract) Forget(ctx context.Context, id string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		var label string
		err := tx.QueryRowContext(ctx, `delete from extract_saved where jurisdiction = $1 and id = $2 returning label`, s.Jurisdiction, id).Scan(&label)
		if err != nil {
			return fault.Wrap(fault.NotFound, err, "There are no such choices.")
		}
		tx.Record(event.ExtractChoicesRemoved{ID: id, Label: label})
		return nil
	})
}
