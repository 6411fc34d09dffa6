// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"

	"hustings/kit/db"
)

func insertReview(ctx context.Context, tx *db.Tx, r Review) error {
	_, err := tx.ExecContext(ctx, `
		insert into access_review (jurisdiction, id, reason, opened_by, opened_name, opened_at, due)
		values ($1, $2, $3, $4, $5, $6, $7)`, r.Jurisdiction, r.ID, r.Reason, r.OpenedBy, r.OpenedName, r.Opened, r.Due)
	return err
}

func insertItem(ctx context.Context, tx *db.Tx, r Review, it Item) error {
	_, err := tx.ExecContext(ctx, `
		insert into access_review_item (jurisdiction, review, place, person, name, role, granted_by, granted_at, last_used)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.Jurisdiction, r.ID, it.Jurisdiction, it.Person, it.Name, string(it.Role), it.By, it.At, it.LastUsed)
	return err
}

const reviewColumns = `jurisdiction, id, reason, opened_by, opened_name, opened_at, due, closed_by, closed_name, closed_at, hash`

func scanReview(scan func(...any) error, more ...any) (r Review, err error) {
	err = scan(append([]any{&r.Jurisdiction, &r.ID, &r.Reason, &r.OpenedBy, &r.OpenedName, db.AsTime(&r.Opened), &r.Due,
		&r.ClosedBy, &r.ClosedName, db.AsTime(&r.Closed), &r.Hash}, more...)...)
	return r, err
}

func findReview(ctx context.Context, q db.Reader, jurisdiction, id string) (Review, error) {
	return scanReview(q.QueryRowContext(ctx, `
		select `+reviewColumns+` from access_review where jurisdiction = $1 and id = $2`, jurisdiction, id).Scan)
}

func listReviews(ctx context.Context, q db.Reader, jurisdiction string) ([]Review, error) {
	var out []Review
	return out, each(ctx, q, func(scan func(...any) error) error {
		var items, decided int
		r, err := scanReview(scan, &items, &decided)
		r.Items, r.Decided = items, decided
		out = append(out, r)
		return err
	}, `
		select `+reviewColumns+`,
		  (select count(*) from access_review_item i where i.jurisdiction = r.jurisdiction and i.review = r.id),
		  (select count(*) from access_review_item i where i.jurisdiction = r.jurisdiction and i.review = r.id and i.decision <> '')
		from access_review r where jurisdiction = $1 order by id desc`, jurisdiction)
}

func listItems(ctx context.Context, q db.Reader, jurisdiction, review string) ([]Item, error) {
	var out []Item
	return out, each(ctx, q, func(scan func(...any) error) error {
		var it Item
		err := scan(&it.Jurisdiction, &it.Person, &it.Name, &it.Role, &it.By, db.AsTime(&it.At), &it.LastUsed,
			&it.Decision, &it.Note, &it.DecidedBy, &it.DecidedName, db.AsTime(&it.DecidedAt))
		out = append(out, it)
		return err
	}, `
		select place, person, name, role, granted_by, granted_at, last_used, decision, note, decided_by, decided_name, decided_at
		from access_review_item where jurisdiction = $1 and review = $2
		order by place, name, person, role`, jurisdiction, review)
}

// judgeItem decides on a grant in a review that is open. What was kept may still
// be revoked; what was revoked is gone.
func judgeItem(ctx context.Context, tx *db.Tx, jurisdiction, review string, it Item) (bool, error) {
	return hits(ctx, tx, `
		update access_review_item set decision = $6, note = $7, decided_by = $8, decided_name = $9, decided_at = $10
		where jurisdiction = $1 and review = $2 and place = $3 and person = $4 and role = $5 and decision <> 'revoked'
		and exists (select 1 from access_review r where r.jurisdiction = $1 and r.id = $2 and r.closed_at is null)`,
		jurisdiction, review, it.Jurisdiction, it.Person, string(it.Role), it.Decision, it.Note, it.DecidedBy, it.DecidedName, it.DecidedAt)
}

func closeReview(ctx context.Context, tx *db.Tx, r Review) (bool, error) {
	return hits(ctx, tx, `
		update access_review set closed_by = $3, closed_name = $4, closed_at = $5, hash = $6
		where jurisdiction = $1 and id = $2 and closed_at is null`,
		r.Jurisdiction, r.ID, r.ClosedBy, r.ClosedName, r.Closed, r.Hash)
}
