// SPDX-License-Identifier: Apache-2.0

package db

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// timeText is how a time is written where it must be the same text on both
// engines, such as in the ledger. Its width is fixed, so it sorts like the time.
const timeText = "2006-01-02T15:04:05.000000Z"

// sqliteTime is how a timestamp column holds a time on SQLite: the same form
// that its own date functions and PostgreSQL write.
const sqliteTime = "2006-01-02 15:04:05.000000"

// FormatTime writes t in UTC with microseconds and a fixed width, such as
// 2026-11-03T20:15:00.000000Z.
func FormatTime(t time.Time) string { return t.UTC().Format(timeText) }

// ParseTime reads what FormatTime wrote.
func ParseTime(s string) (time.Time, error) { return time.Parse(timeText, s) }

// bind puts the arguments into the engine's shape. It changes a copy.
func bind(e engine, args []any) []any {
	if len(args) == 0 {
		return nil
	}
	bound := make([]any, len(args))
	for i, a := range args {
		bound[i] = bindOne(e, a)
	}
	return bound
}

func bindOne(e engine, a any) any {
	switch v := a.(type) {
	case nil, string, int64, int, bool, []byte:
		return a
	case time.Time:
		return e.arg(v)
	case *time.Time:
		if v == nil {
			return nil
		}
		return e.arg(*v)
	case json.RawMessage:
		if v == nil {
			return nil
		}
		return string(v)
	case driver.Valuer:
		// A Valuer may give a time (sql.NullTime); one that fails is left to
		// database/sql, which reports it.
		if given, err := driver.DefaultParameterConverter.ConvertValue(v); err == nil {
			if t, ok := given.(time.Time); ok {
				return e.arg(t)
			}
		}
	}
	return a
}

// AsTime scans into t what the column's type does not mark as a time, such as
// max(at) on SQLite. NULL gives the zero time.
func AsTime(t *time.Time) sql.Scanner { return asTime{t} }

type asTime struct{ t *time.Time }

// Scan reads a time in any form in which an engine hands it out.
func (a asTime) Scan(v any) (err error) {
	switch v := v.(type) {
	case nil:
		*a.t = time.Time{}
	case time.Time:
		*a.t = v.UTC()
	case string:
		*a.t, err = parseAny(v)
	case []byte:
		*a.t, err = parseAny(string(v))
	default:
		err = fmt.Errorf("db: a %T is no time", v)
	}
	return err
}

func parseAny(s string) (t time.Time, err error) {
	for _, layout := range []string{sqliteTime, timeText, time.RFC3339Nano, "2006-01-02 15:04:05.999999"} {
		if t, err = time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return t, fmt.Errorf("db: %q is no time", s)
}
