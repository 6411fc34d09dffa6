// SPDX-License-Identifier: Apache-2.0

package db

import "database/sql"

// Collect reads all rows of a query, which it closes, with what scan makes of
// each. It takes a query's two results as they come:
//
//	rows, err := q.QueryContext(ctx, …)
//	return db.Collect(rows, err, scanAccount)
//
// Without rows the list is nil.
func Collect[T any](rows *sql.Rows, err error, scan func(scan func(...any) error) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
