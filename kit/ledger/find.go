// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"hustings/kit/db"
)

// Filter says which entries somebody is looking for. What is zero does not
// matter; the jurisdiction always does.
type Filter struct {
	Jurisdiction string
	Actors       []string // who acted: any of them
	Subject      string
	Name         string // a fact such as "results.approved.v1", or a room such as "results"
	Request      string
	From, To     time.Time // To is not included
}

// where is the condition and its arguments.
func (f Filter) where() (string, []any) {
	args := []any{f.Jurisdiction}
	parts := []string{`jurisdiction = $1`}
	add := func(format string, value any) {
		args = append(args, value)
		parts = append(parts, fmt.Sprintf(format, len(args)))
	}
	if len(f.Actors) > 0 {
		var marks []string
		for _, a := range f.Actors {
			args = append(args, a)
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
		parts = append(parts, `actor in (`+strings.Join(marks, ", ")+`)`)
	}
	if f.Subject != "" {
		add(`subject = $%d`, f.Subject)
	}
	switch {
	case strings.Contains(f.Name, "."):
		add(`name = $%d`, f.Name)
	case f.Name != "":
		add(`name like $%d escape '!'`, strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(f.Name)+".%")
	}
	if f.Request != "" {
		add(`request = $%d`, f.Request)
	}
	if !f.From.IsZero() {
		add(`at >= $%d`, db.FormatTime(f.From))
	}
	if !f.To.IsZero() {
		add(`at < $%d`, db.FormatTime(f.To))
	}
	return strings.Join(parts, " and "), args
}

// order sorts by sequence. Where something narrower than the chain is asked
// for, the plus keeps the engines from walking the whole chain in its order
// instead of using the index of what was asked for.
func (f Filter) order(direction string) string {
	if f.Subject != "" || f.Request != "" || !f.From.IsZero() && !f.To.IsZero() {
		return ` order by +seq ` + direction
	}
	return ` order by seq ` + direction
}

// Find gives the newest entries before a sequence, newest first; before 0 the
// very newest.
func (l *Ledger) Find(ctx context.Context, f Filter, before int64, limit int) ([]Entry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	where, args := f.where()
	n := len(args)
	return query(ctx, l.DB, fmt.Sprintf("%s and seq < $%d%s limit $%d", where, n+1, f.order("desc"), n+2), append(args, before, limit)...)
}

// Later gives the entries next behind a sequence, newest first: the page before
// one that Find gave.
func (l *Ledger) Later(ctx context.Context, f Filter, after int64, limit int) ([]Entry, error) {
	list, err := l.next(ctx, f, after, limit)
	slices.Reverse(list)
	return list, err
}

func (l *Ledger) next(ctx context.Context, f Filter, after int64, limit int) ([]Entry, error) {
	where, args := f.where()
	n := len(args)
	return query(ctx, l.DB, fmt.Sprintf("%s and seq > $%d%s limit $%d", where, n+1, f.order("asc"), n+2), append(args, after, limit)...)
}

// Each goes through what Find would find, oldest first, a page at a time.
func (l *Ledger) Each(ctx context.Context, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		after := int64(0)
		for {
			list, err := l.next(ctx, f, after, page)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, e := range list {
				if !yield(e, nil) {
					return
				}
				after = e.Seq
			}
			if len(list) < page {
				return
			}
		}
	}
}

// Count is how many entries Find would find.
func (l *Ledger) Count(ctx context.Context, f Filter) (n int64, err error) {
	where, args := f.where()
	err = l.DB.QueryRowContext(ctx, `select count(*) from ledger_entry where `+where, args...).Scan(&n)
	return n, err
}

// Before gives the fact of the same name about the same subject that came
// before an entry; ok is false where it is the first.
func (l *Ledger) Before(ctx context.Context, e Entry) (was Entry, ok bool, err error) {
	if e.Subject == "" {
		return was, false, nil
	}
	list, err := query(ctx, l.DB, `jurisdiction = $1 and subject = $2 and seq < $3 and name = $4 order by seq desc limit 1`,
		e.Jurisdiction, e.Subject, e.Seq, e.Name)
	if err != nil || len(list) == 0 {
		return was, false, err
	}
	return list[0], true, nil
}
