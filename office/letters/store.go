// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

const kept = `id, kind, language, about, cause, state, problem, written_at, written_by, content, batch,
	issued_at, returned_at, returned_why, answered_at, marked_at, forward`

// sealedLetter is a letter's row before it is opened.
type sealedLetter struct {
	Kept
	content, forward []byte
}

func (l *sealedLetter) columns() []any {
	return []any{&l.ID, &l.Kind, &l.Language, &l.About, &l.Cause, &l.State, &l.Problem, db.AsTime(&l.WrittenAt), &l.WrittenBy, &l.content, &l.Batch,
		db.AsTime(&l.IssuedAt), db.AsTime(&l.ReturnedAt), &l.Why, db.AsTime(&l.AnsweredAt), db.AsTime(&l.MarkedAt), &l.forward}
}

func scanLetter(scan func(...any) error) (l sealedLetter, err error) {
	return l, scan(l.columns()...)
}

// open reads what is sealed of a letter.
func (s *Letters) open(ctx context.Context, q db.Reader, l *sealedLetter) (Kept, error) {
	text, err := s.Sealer.Open(ctx, q, content.At(s.Jurisdiction, l.ID), l.content)
	if err != nil {
		return l.Kept, err
	}
	var what said
	if err := json.Unmarshal([]byte(text.Reveal()), &what); err != nil {
		return l.Kept, fault.New(fault.Internal, "the letter %s cannot be read", l.ID)
	}
	l.To, l.Fields = what.To, what.Fields
	if l.forward == nil {
		return l.Kept, nil
	}
	text, err = s.Sealer.Open(ctx, q, forward.At(s.Jurisdiction, l.ID), l.forward)
	if err != nil {
		return l.Kept, err
	}
	l.New = new(roll.Address)
	if err := json.Unmarshal([]byte(text.Reveal()), l.New); err != nil {
		return l.Kept, fault.New(fault.Internal, "the new address of the letter %s cannot be read", l.ID)
	}
	return l.Kept, nil
}

// find reads a letter by its number.
func (s *Letters) find(ctx context.Context, q db.Reader, number string) (Kept, error) {
	l, err := scanLetter(q.QueryRowContext(ctx, `select `+kept+` from letters_letter where jurisdiction = $1 and id = $2`, s.Jurisdiction, number).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return l.Kept, fault.New(fault.NotFound, "There is no such letter.")
	}
	if err != nil {
		return l.Kept, err
	}
	return s.open(ctx, q, &l)
}

// Letter reads a letter by its number.
func (s *Letters) Letter(ctx context.Context, number string) (Kept, error) {
	return s.find(ctx, s.DB, number)
}

// About lists the letters about somebody, the newest first.
func (s *Letters) About(ctx context.Context, about string) ([]Kept, error) {
	return s.list(ctx, s.DB, `about = $2 order by written_at desc, id limit 200`, about)
}

// list reads letters. The rows are read before they are opened: opening may ask
// the database for a key.
func (s *Letters) list(ctx context.Context, q db.Reader, where string, args ...any) ([]Kept, error) {
	rows, err := q.QueryContext(ctx, `select `+kept+` from letters_letter where jurisdiction = $1 and `+where, append([]any{s.Jurisdiction}, args...)...)
	sealed, err := db.Collect(rows, err, scanLetter)
	if err != nil {
		return nil, err
	}
	out := make([]Kept, len(sealed))
	for i := range sealed {
		if out[i], err = s.open(ctx, q, &sealed[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// findCause finds the letter of a kind that was written for a cause.
func (s *Letters) findCause(ctx context.Context, tx *db.Tx, l Letter) (number string, err error) {
	if err := tx.Hold(ctx, "letters.cause."+l.Cause); err != nil {
		return "", err
	}
	err = tx.QueryRowContext(ctx, `
		select id from letters_letter where jurisdiction = $1 and cause = $2 and kind = $3`, s.Jurisdiction, l.Cause, string(l.Kind)).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return number, err
}

// placeholders are $from, $from+1 … for n values.
func placeholders(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("$%d", from+i)
	}
	return strings.Join(list, ", ")
}

// Waiting counts the letters of a kind and language that wait to be printed.
type Waiting struct {
	Kind     Kind
	Language string
	Letters  int64
	Held     int64 // of them, that cannot be printed
	Oldest   time.Time
}

// Queue counts what waits to be printed.
func (s *Letters) Queue(ctx context.Context) ([]Waiting, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select kind, language, count(*), count(*) filter (where problem <> ''), min(written_at)
		from letters_letter
		where jurisdiction = $1 and state = 'written'
		group by kind, language
		order by kind, language`, s.Jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (w Waiting, err error) {
		return w, scan(&w.Kind, &w.Language, &w.Letters, &w.Held, db.AsTime(&w.Oldest))
	})
}

// Held lists the letters that wait and cannot be printed.
func (s *Letters) Held(ctx context.Context) ([]Kept, error) {
	return s.list(ctx, s.DB, `state = 'written' and problem <> '' order by written_at, id limit 200`)
}

// Marked lists the letters whose return or answer somebody took down last.
func (s *Letters) Marked(ctx context.Context, by string) ([]Kept, error) {
	return s.list(ctx, s.DB, `marked_at is not null and marked_by = $2 order by marked_at desc, id limit 12`, by)
}
