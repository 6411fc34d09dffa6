// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/office/registry/roll"
)

// Filter says which applications somebody wants to see. What is zero does not
// matter.
type Filter struct {
	Step    Step // with "": those that have not ended; Any: all
	Doubt   Doubt
	Source  roll.Source
	Batch   string
	Drive   string
	Voter   roll.ID
	Receipt string
	Before  election.Date // those that count for a day before it: what is due by a deadline
	Older   time.Time     // received before
	After   string        // the last of the page before
	Limit   int           // 0: pageSize
}

// Any is every step.
const Any Step = "any"

// pageSize is how many applications a page of the queue shows.
const pageSize = 50

// Waiting lists applications, what counts for the earliest day first. What is
// private stays closed.
func (s *Intake) Waiting(ctx context.Context, f Filter) ([]Application, error) {
	where, args := []string{"jurisdiction = $1"}, []any{s.Jurisdiction}
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	for _, one := range []struct{ column, value string }{{"step", strings.TrimPrefix(string(f.Step), string(Any))}, {"doubt", string(f.Doubt)}, {"source", string(f.Source)},
		{"batch", f.Batch}, {"drive", f.Drive}, {"voter", string(f.Voter)}} {
		if one.value != "" {
			add(one.column+" = ?", one.value)
		}
	}
	if f.Step == "" && f.Receipt == "" && f.Voter == "" {
		where = append(where, "step in ('entering', 'accepted', 'look', 'verifying')")
	}
	if f.Receipt != "" {
		add("receipt = ?", f.Receipt)
	}
	if f.Before != "" {
		add("counts_on < ?", string(f.Before))
	}
	if !f.Older.IsZero() {
		add("received_at < ?", f.Older)
	}
	if day, app, ok := strings.Cut(f.After, "."); ok {
		add("counts_on >= ?", day)
		add("(counts_on > ? or id > "+"$"+strconv.Itoa(len(args)+2)+")", day)
		args = append(args, app)
	}
	if f.Limit == 0 {
		f.Limit = pageSize
	}
	rows, err := s.DB.QueryContext(ctx, `select `+applicationRow+` from intake_application
		where `+strings.Join(where, " and ")+` order by counts_on, id limit `+strconv.Itoa(f.Limit), args...)
	list, err := db.Collect(rows, err, func(scan func(...any) error) (a sealedApplication, err error) { return a, scan(a.columns()...) })
	if err != nil {
		return nil, err
	}
	out := make([]Application, len(list))
	for i := range list {
		if out[i], err = s.open(ctx, s.DB, &list[i], false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// next is where the page after this application begins.
func (a Application) next() string { return string(a.CountsOn) + "." + string(a.ID) }
