// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
)

var name = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Check says what is wrong with a declaration. The names go into SQL, so they
// are plain ones.
func (c *Column) Check() error {
	names := append([]string{c.Table, c.Name}, c.Key...)
	for _, optional := range []string{c.Subject, c.Index} {
		if optional != "" {
			names = append(names, optional)
		}
	}
	for _, n := range names {
		if !name.MatchString(n) {
			return fmt.Errorf("seal: %q in the declaration of %s.%s is no plain name", n, c.Table, c.Name)
		}
	}
	if len(c.Key) == 0 || c.Purpose == "" {
		return fmt.Errorf("seal: %s.%s is declared without its key or purpose", c.Table, c.Name)
	}
	return nil
}

// Count is how many fields the column has in a jurisdiction.
func (c *Column) Count(ctx context.Context, q db.Reader, jurisdiction string) (n int64, err error) {
	err = q.QueryRowContext(ctx, `select count(*) from `+c.Table+` where jurisdiction = $1 and `+c.Name+` is not null`, jurisdiction).Scan(&n)
	return n, err
}

// Batch is some rows of a column, read and put under the newest keys; Save
// writes them.
type Batch struct {
	Seen       int      // fields looked at
	Renewed    int      // of those, under an older key
	Unreadable int      // of those, that do not open; they stay as they are
	First      error    // why the first of them does not
	Last       []string // key of the last row; where the next batch begins after
	column     *Column
	in         string
	rows       []renewed
}

// renewed is one row's old and new bytes.
type renewed struct {
	key             []string
	old, sealed     []byte
	oldIndex, index []byte
}

// Renew reads the rows behind after, at most limit of them, and puts what is
// under an older key under the newest. It writes nothing.
func (s *Sealer) Renew(ctx context.Context, d *db.DB, c *Column, jurisdiction string, after []string, limit int) (*Batch, error) {
	b := &Batch{column: c, in: jurisdiction, Last: after}
	rows, subjects, err := c.read(ctx, d, jurisdiction, after, limit)
	if err != nil {
		return nil, err
	}
	ring, err := s.Keys.Ring(ctx, jurisdiction, c.Purpose, 0)
	if err != nil {
		return nil, err
	}
	for i, r := range rows {
		b.Seen++
		b.Last = r.key
		fresh, err := s.renew(ctx, d, ring, c.At(jurisdiction, r.key...).Of(subjects[i]), &r)
		switch {
		case errors.Is(err, ErrUnreadable):
			b.Unreadable++
			if b.First == nil {
				b.First = err
			}
		case err != nil:
			return nil, err
		case fresh:
			b.rows = append(b.rows, r)
		}
	}
	b.Renewed = len(b.rows)
	return b, nil
}

// renew puts one row under the newest keys; false where it is already.
func (s *Sealer) renew(ctx context.Context, d *db.DB, ring *Ring, f Field, r *renewed) (bool, error) {
	number, purpose := KeyNumber(r.old)
	stale := purpose && number != ring.Newest
	staleIndex := len(r.oldIndex) >= 4 && len(ring.Indexes) > 0 && binary.BigEndian.Uint32(r.oldIndex) != ring.Indexes[0].Number
	r.sealed, r.index = r.old, r.oldIndex
	if !stale && !staleIndex {
		return false, nil
	}
	clear, err := s.open(ctx, d, f, r.old)
	if fault.KindOf(err) == fault.Gone {
		return false, nil // its index went with the key
	}
	if err != nil {
		return false, err
	}
	if stale {
		if r.sealed, err = ring.AEAD.Encrypt(clear, f.aad(nil)); err != nil {
			return false, err
		}
	}
	if staleIndex {
		r.index, _, err = s.Index(ctx, f.column, f.jurisdiction, hide.New(string(clear)))
	}
	return true, err
}

// read reads a page of the column in the order of its key.
func (c *Column) read(ctx context.Context, d *db.DB, jurisdiction string, after []string, limit int) (out []renewed, subjects []string, err error) {
	key := strings.Join(c.Key, ", ")
	index, subject := "null", "''"
	if c.Index != "" {
		index = c.Index
	}
	if c.Subject != "" {
		subject = c.Subject
	}
	query, args := `select `+key+`, `+c.Name+`, `+index+`, `+subject+` from `+c.Table+`
		where jurisdiction = $1 and `+c.Name+` is not null`, []any{jurisdiction}
	if len(after) == len(c.Key) {
		marks := make([]string, len(after))
		for i, a := range after {
			args = append(args, a)
			marks[i] = fmt.Sprintf("$%d", len(args))
		}
		query += ` and (` + key + `) > (` + strings.Join(marks, ", ") + `)`
	}
	rows, err := d.QueryContext(ctx, query+fmt.Sprintf(` order by %s limit %d`, key, limit), args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, subject := renewed{key: make([]string, len(c.Key))}, ""
		to := make([]any, 0, len(c.Key)+3)
		for i := range r.key {
			to = append(to, &r.key[i])
		}
		if err := rows.Scan(append(to, &r.old, &r.oldIndex, &subject)...); err != nil {
			return nil, nil, err
		}
		out, subjects = append(out, r), append(subjects, subject)
	}
	return out, subjects, rows.Err()
}

// Save writes what Renew renewed. A row that somebody has changed in the
// meantime is under the newest key already, and is left alone.
func (b *Batch) Save(ctx context.Context, tx *db.Tx) error {
	c := b.column
	for _, r := range b.rows {
		args := []any{b.in, r.old, r.sealed}
		set := c.Name + ` = $3`
		if c.Index != "" && !bytes.Equal(r.oldIndex, r.index) {
			args = append(args, r.index)
			set += fmt.Sprintf(`, %s = $%d`, c.Index, len(args))
		}
		where := ``
		for i, k := range c.Key {
			args = append(args, r.key[i])
			where += fmt.Sprintf(` and %s = $%d`, k, len(args))
		}
		if _, err := tx.ExecContext(ctx, `update `+c.Table+` set `+set+` where jurisdiction = $1 and `+c.Name+` = $2`+where, args...); err != nil {
			return err
		}
	}
	return nil
}

// Forget empties the index of a subject whose key is destroyed: it would still
// tell whoever has the index key which texts they had.
func (c *Column) Forget(ctx context.Context, tx *db.Tx, jurisdiction, subject string) error {
	if c.Subject == "" || c.Index == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `update `+c.Table+` set `+c.Index+` = null where jurisdiction = $1 and `+c.Subject+` = $2`, jurisdiction, subject)
	return err
}

// Under counts the fields, and the indexes, that are under the key of this
// number: while there is one, the key must not be destroyed.
func (c *Column) Under(ctx context.Context, q db.Reader, jurisdiction string, number uint32, index bool) (n int64, err error) {
	column, prefix := c.Name, append([]byte{byPurpose}, binary.BigEndian.AppendUint32(nil, number)...)
	if index {
		if c.Index == "" {
			return 0, nil
		}
		column, prefix = c.Index, prefix[1:]
	}
	err = q.QueryRowContext(ctx, fmt.Sprintf(`select count(*) from %s where jurisdiction = $1 and substr(%s, 1, %d) = $2`, c.Table, column, len(prefix)), jurisdiction, prefix).Scan(&n)
	return n, err
}

// Purposes lists the purposes of the columns, and whether any column of each
// is searched.
func Purposes(columns []Column) (names []string, indexed map[string]bool) {
	indexed = make(map[string]bool)
	for _, c := range columns {
		if _, seen := indexed[c.Purpose]; !seen {
			names = append(names, c.Purpose)
		}
		indexed[c.Purpose] = indexed[c.Purpose] || c.Index != ""
	}
	slices.Sort(names)
	return names, indexed
}
