// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
)

// Receipt is what the printer says of a batch: how many letters went out,
// of which file, and which were spoiled, by their place in it.
type Receipt struct {
	Printed int64
	SHA256  string
	Spoiled []int64
}

// Confirm makes the letters of a batch issued, all but the spoiled ones, which
// wait again. A confirmation whose count or hash is not the batch's is refused,
// and says what differs. The same again does nothing.
func (s *Letters) Confirm(ctx context.Context, batch string, c Receipt) error {
	slices.Sort(c.Spoiled)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		b, err := s.batch(ctx, tx, batch)
		if err != nil {
			return err
		}
		if err := c.fits(b); err != nil {
			return err
		}
		if b.State == Confirmed {
			return s.again(ctx, tx, b, c)
		}
		if b.State != Made {
			return s.notOpen(ctx, tx, batch)
		}
		return s.confirm(ctx, tx, b, c)
	})
}

// fits says what differs between a confirmation and its batch.
func (c *Receipt) fits(b Batch) error {
	if b.State == Making || b.State == Cancelled {
		return nil // the state says more
	}
	if hash := strings.ToLower(strings.TrimSpace(c.SHA256)); hash != b.SHA256 {
		return fault.On("sha256", fault.New(fault.Conflict, "The printer confirms the file %q, and the file of this batch is %s. Was another file printed? Nothing was changed.", hash, b.SHA256))
	}
	if n := c.Printed + int64(len(c.Spoiled)); n != b.Letters {
		return fault.On("printed", fault.New(fault.Conflict, "The printer confirms %d letters and %d spoiled ones, together %d; the batch has %d. Nothing was changed.", c.Printed, len(c.Spoiled), n, b.Letters))
	}
	for i, n := range c.Spoiled {
		if n < 1 || n > b.Letters {
			return fault.On("spoiled", fault.New(fault.Invalid, "There is no letter number %d in this batch; it has 1 to %d. Nothing was changed.", n, b.Letters))
		}
		if i > 0 && c.Spoiled[i-1] == n {
			return fault.On("spoiled", fault.New(fault.Invalid, "Letter number %d is named twice among the spoiled ones. Nothing was changed.", n))
		}
	}
	return nil
}

// again is nil where a batch was confirmed in the same words before.
func (s *Letters) again(ctx context.Context, tx *db.Tx, b Batch, c Receipt) error {
	rows, err := tx.QueryContext(ctx, `
		select sequence from letters_line where jurisdiction = $1 and batch = $2 and spoiled order by sequence`, s.Jurisdiction, b.ID)
	were, err := db.Collect(rows, err, func(scan func(...any) error) (n int64, err error) { return n, scan(&n) })
	if err != nil {
		return err
	}
	if !slices.Equal(were, c.Spoiled) {
		return s.notOpen(ctx, tx, b.ID)
	}
	tx.Silently("the batch was confirmed in the same words before")
	return nil
}

func (s *Letters) confirm(ctx context.Context, tx *db.Tx, b Batch, c Receipt) error {
	n, err := changed(tx.ExecContext(ctx, `
		update letters_batch set state = 'confirmed', confirmed_at = $3, confirmed_by = $4, issued = $5, spoiled = $6
		where jurisdiction = $1 and id = $2 and state = 'made'`,
		s.Jurisdiction, b.ID, s.Now(), who.From(ctx).ID, c.Printed, len(c.Spoiled)))
	if err != nil {
		return err
	}
	if n == 0 {
		return s.notOpen(ctx, tx, b.ID)
	}
	if err := s.spoil(ctx, tx, b, c.Spoiled); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, `
		update letters_letter set state = 'issued', issued_at = $3
		where jurisdiction = $1 and batch = $2 and state = 'batched'
		returning id, kind, about, cause`, s.Jurisdiction, b.ID, s.Now())
	issued, err := db.Collect(rows, err, func(scan func(...any) error) (e event.LetterIssued, err error) {
		e.Batch = b.ID
		return e, scan(&e.Letter, &e.Kind, &e.About, &e.Cause)
	})
	if err != nil {
		return err
	}
	if int64(len(issued)) != c.Printed {
		return fault.New(fault.Internal, "the batch %s has %d letters to issue, and not %d", b.ID, len(issued), c.Printed)
	}
	tx.Record(event.LettersConfirmed{Batch: b.ID, Issued: c.Printed, Spoiled: int64(len(c.Spoiled))})
	slices.SortFunc(issued, func(a, b event.LetterIssued) int { return strings.Compare(a.Letter, b.Letter) })
	for _, e := range issued {
		tx.Record(e)
	}
	return nil
}

// spoil puts spoiled letters back into the queue.
func (s *Letters) spoil(ctx context.Context, tx *db.Tx, b Batch, spoiled []int64) error {
	for part := range slices.Chunk(spoiled, chunk) {
		args := []any{s.Jurisdiction, b.ID}
		for _, n := range part {
			args = append(args, n)
		}
		if _, err := tx.ExecContext(ctx, `
			update letters_line set spoiled = true
			where jurisdiction = $1 and batch = $2 and sequence in (`+placeholders(3, len(part))+`)`, args...); err != nil {
			return err
		}
	}
	n, err := changed(tx.ExecContext(ctx, `
		update letters_letter set state = 'written', batch = ''
		where jurisdiction = $1 and batch = $2 and state = 'batched'
		and id in (select letter from letters_line where jurisdiction = $1 and batch = $2 and spoiled)`, s.Jurisdiction, b.ID))
	if err == nil && n != int64(len(spoiled)) {
		return fault.New(fault.Internal, "of %d spoiled letters of the batch %s, %d could be put back", len(spoiled), b.ID, n)
	}
	return err
}

// ReadPlaces reads numbers as people write them: “3, 17-20 25”.
func ReadPlaces(text string, most int64) (list []int64, err error) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", ;\t\r\n", r) }) {
		from, to, span := strings.Cut(strings.ReplaceAll(w, "–", "-"), "-")
		if !span {
			to = from
		}
		a, err1 := strconv.ParseInt(from, 10, 64)
		b, err2 := strconv.ParseInt(to, 10, 64)
		if err1 != nil || err2 != nil || a < 1 || b < a || b > most {
			return nil, fault.On("spoiled", fault.New(fault.Invalid, "%q is no place in this batch; write numbers from 1 to %d, such as 3, 17-20.", w, most))
		}
		if int64(len(list))+b-a >= most {
			return nil, fault.On("spoiled", fault.New(fault.Invalid, "More letters are named as spoiled than the batch has."))
		}
		for n := a; n <= b; n++ {
			list = append(list, n)
		}
	}
	return list, nil
}
