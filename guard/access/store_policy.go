// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"

	"hustings/kit/db"
)

const policyColumns = `jurisdiction, version, hash, reason, asked_by, asked_name, agreed_by, agreed_name, applied_at`

func scanPolicies(scan func(...any) error, more ...any) (p Policies, err error) {
	err = scan(append([]any{&p.Jurisdiction, &p.Version, &p.Hash, &p.Reason, &p.AskedBy, &p.AskedName, &p.AgreedBy, &p.AgreedName,
		db.AsTime(&p.Applied)}, more...)...)
	return p, err
}

// newestPolicies are those in force; the zero version where there are none.
func newestPolicies(ctx context.Context, q db.Reader, jurisdiction string) (Policies, error) {
	var text string
	p, err := scanPolicies(q.QueryRowContext(ctx, `
		select `+policyColumns+`, body from access_policy
		where jurisdiction = $1 order by version desc limit 1`, jurisdiction).Scan, &text)
	if none(err) {
		return Policies{Jurisdiction: jurisdiction}, nil
	}
	p.Text = text
	return p, err
}

func findPolicies(ctx context.Context, q db.Reader, jurisdiction string, version int64) (Policies, error) {
	var text string
	p, err := scanPolicies(q.QueryRowContext(ctx, `
		select `+policyColumns+`, body from access_policy
		where jurisdiction = $1 and version = $2`, jurisdiction, version).Scan, &text)
	p.Text = text
	return p, err
}

func listPolicies(ctx context.Context, q db.Reader, jurisdiction string) ([]Policies, error) {
	var out []Policies
	return out, each(ctx, q, func(scan func(...any) error) error {
		p, err := scanPolicies(scan)
		out = append(out, p)
		return err
	}, `
		select `+policyColumns+` from access_policy where jurisdiction = $1 order by version desc`, jurisdiction)
}

func insertPolicies(ctx context.Context, tx *db.Tx, p Policies) error {
	_, err := tx.ExecContext(ctx, `
		insert into access_policy (`+policyColumns+`, body)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.Jurisdiction, p.Version, p.Hash, p.Reason, p.AskedBy, p.AskedName, p.AgreedBy, p.AgreedName, p.Applied, p.Text)
	return err
}
