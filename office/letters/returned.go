// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"hustings/event"
	"hustings/format/sheet"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// Return is what came back: a letter by its number, why, and the new address
// where the mail told one.
type Return struct {
	Number string
	Why    Reason
	New    *roll.Address
}

// Return takes down that a letter came back, or was answered. The same again
// does nothing; a letter that was returned may still be answered.
func (s *Letters) Return(ctx context.Context, r Return) (Kept, error) {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		news, err := s.take(ctx, tx, r)
		if !news {
			tx.Silently("this was taken down before")
		}
		return err
	})
	if err != nil {
		return Kept{}, err
	}
	number, _ := ReadNumber(r.Number)
	return s.Letter(ctx, number)
}

// take takes down one return; news is false where it was taken down before.
func (s *Letters) take(ctx context.Context, tx *db.Tx, r Return) (news bool, err error) {
	number, ok := ReadNumber(r.Number)
	if !ok {
		return false, fault.On("number", fault.New(fault.Invalid, "This is no number of a letter; it has twelve digits and letters, such as 4F7K-92MX-0QAZ. Was one mistyped?"))
	}
	if !slices.Contains(Reasons(), r.Why) {
		return false, fault.On("reason", fault.New(fault.Invalid, "%q is no reason; these are: undeliverable, moved, forwarded, answered.", shorten(string(r.Why))))
	}
	if r.Why == Forwarded && (r.New == nil || r.New.Empty()) {
		return false, fault.On("address", fault.New(fault.Invalid, "A letter that was forwarded has a new address; write it down, or choose that the voter moved and left none."))
	}
	k, err := s.find(ctx, tx, number)
	if err != nil {
		return false, fault.On("number", err)
	}
	if k.State == Answered || k.State == Returned && k.Why == r.Why {
		return false, nil
	}
	return true, s.mark(ctx, tx, &k, r)
}

// shorten is a text that may stand in a sentence.
func shorten(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return text
}

// Taken is what became of a file of returned mail.
type Taken struct {
	Taken, Before int // taken down now, and before
	Troubles      []sheet.Problem
	More          int // further troubles that were only counted
}

// mostTroubles are told word by word.
const mostTroubles = 1000

func (t *Taken) trouble(p sheet.Problem) {
	if len(t.Troubles) < mostTroubles {
		t.Troubles = append(t.Troubles, p)
	} else {
		t.More++
	}
}

// TakeFile takes down what a file of returned mail says. Each line stands for
// itself: those that cannot be used are told, and the others count.
func (s *Letters) TakeFile(ctx context.Context, name string, r io.Reader) (Taken, error) {
	lines, troubles, err := ReadReturns(name, r)
	if err != nil {
		return Taken{}, err
	}
	out := Taken{Troubles: troubles.List, More: troubles.More}
	for part := range slices.Chunk(lines, chunk) {
		var now Taken
		if err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			now, err = s.takeLines(ctx, tx, part)
			return err
		}); err != nil {
			return out, err
		}
		out.Taken, out.Before = out.Taken+now.Taken, out.Before+now.Before
		for _, p := range now.Troubles {
			out.trouble(p)
		}
	}
	slices.SortStableFunc(out.Troubles, func(a, b sheet.Problem) int { return a.Line - b.Line })
	return out, nil
}

func (s *Letters) takeLines(ctx context.Context, tx *db.Tx, lines []ReturnLine) (out Taken, err error) {
	tx.Silently("nothing of these lines was news")
	for _, l := range lines {
		news, err := s.take(ctx, tx, l.Return)
		var f *fault.Error
		switch kind := fault.KindOf(err); {
		case err == nil && news:
			out.Taken++
		case err == nil:
			out.Before++
		case kind == fault.Internal || kind == fault.Unavailable || !errors.As(err, &f):
			return out, err
		default:
			out.Troubles = append(out.Troubles, sheet.Problem{Line: l.Line, Field: f.Field, Say: shorten(l.Number) + ": " + fault.Sentence(err)})
		}
	}
	return out, nil
}

// mark takes a return or an answer down.
func (s *Letters) mark(ctx context.Context, tx *db.Tx, k *Kept, r Return) error {
	now, by := s.Now(), who.From(ctx).ID
	var n int64
	var err error
	if r.Why == ByCard {
		n, err = changed(tx.ExecContext(ctx, `
			update letters_letter set state = 'answered', answered_at = $3, marked_at = $3, marked_by = $4
			where jurisdiction = $1 and id = $2 and state in ('issued', 'returned')`, s.Jurisdiction, k.ID, now, by))
	} else {
		sealed, err2 := s.sealAddress(ctx, tx, k.ID, r)
		if err2 != nil {
			return err2
		}
		n, err = changed(tx.ExecContext(ctx, `
			update letters_letter set state = 'returned', returned_at = $3, returned_why = $5, forward = $6, marked_at = $3, marked_by = $4
			where jurisdiction = $1 and id = $2 and state in ('issued', 'returned')`, s.Jurisdiction, k.ID, now, by, string(r.Why), sealed))
	}
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.On("number", notOut(k))
	}
	if r.Why == ByCard {
		tx.Record(event.LetterAnswered{Letter: k.ID, Kind: string(k.Kind), About: k.About, Cause: k.Cause})
	} else {
		tx.Record(event.LetterReturned{Letter: k.ID, Kind: string(k.Kind), About: k.About, Cause: k.Cause, Why: string(r.Why)})
	}
	return nil
}

// sealAddress seals the new address of a letter that was forwarded.
func (s *Letters) sealAddress(ctx context.Context, tx *db.Tx, number string, r Return) ([]byte, error) {
	if r.Why != Forwarded {
		return nil, nil
	}
	text, err := json.Marshal(r.New)
	if err != nil {
		return nil, err
	}
	return s.Sealer.Seal(ctx, tx, forward.At(s.Jurisdiction, number), hide.New(string(text)))
}

// notOut says why a letter cannot have come back.
func notOut(k *Kept) error {
	switch k.State {
	case Withdrawn:
		return fault.New(fault.Conflict, "The letter %s was withdrawn and never printed.", k.Number())
	case Batched:
		return fault.New(fault.Conflict, "The letter %s is in a batch that the printer has not confirmed. Confirm the batch first.", k.Number())
	default:
		return fault.New(fault.Conflict, "The letter %s still waits to be printed, so it cannot have come back.", k.Number())
	}
}

// Undo takes back what was taken down last of a letter's return or answer.
func (s *Letters) Undo(ctx context.Context, number string) (Kept, error) {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var e event.LetterReturnUndone
		err := tx.QueryRowContext(ctx, `
			update letters_letter set
				state = case when state = 'answered' and returned_at is not null then 'returned' else 'issued' end,
				returned_at = case when state = 'answered' then returned_at end,
				returned_why = case when state = 'answered' then returned_why else '' end,
				forward = case when state = 'answered' then forward end,
				answered_at = null, marked_at = null, marked_by = ''
			where jurisdiction = $1 and id = $2 and state in ('returned', 'answered')
			returning id, kind, about, cause, state`, s.Jurisdiction, number).Scan(&e.Letter, &e.Kind, &e.About, &e.Cause, &e.State)
		if errors.Is(err, sql.ErrNoRows) {
			if _, err := s.find(ctx, tx, number); err != nil {
				return err
			}
			return fault.New(fault.Conflict, "Nothing was taken down of this letter's return.")
		}
		if err != nil {
			return err
		}
		tx.Record(e)
		return nil
	})
	if err != nil {
		return Kept{}, err
	}
	return s.Letter(ctx, number)
}
