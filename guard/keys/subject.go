// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/seal"
	"hustings/kit/who"
)

// subjects keeps the keys of subjects that were used a moment ago.
type subjects struct {
	mu sync.Mutex // guards by
	by map[subjectKey]subjectEntry
}

type subjectKey struct{ jurisdiction, subject, purpose string }

// subjectEntry is a subject's key for a purpose. One that was read inside a
// write is for that write alone: should the write be undone, the key is not in
// the database, and whatever another write sealed with it would be lost.
type subjectEntry struct {
	by   tink.AEAD
	tx   *db.Tx
	read int64
}

const maxSubjects = 8192

func (s *subjects) find(key subjectKey, tx *db.Tx) tink.AEAD {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.by[key]
	if !ok || e.tx != nil && e.tx != tx || since()-e.read > int64(fresh) {
		return nil
	}
	return e.by
}

func (s *subjects) keep(key subjectKey, e subjectEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for old := range s.by {
		if len(s.by) < maxSubjects {
			break
		}
		delete(s.by, old)
	}
	s.by[key] = e
}

func (s *subjects) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.by)
}

// Subject implements seal.Keys.
func (k *Keys) Subject(ctx context.Context, q reader, jurisdiction, subject, purpose string) (tink.AEAD, error) {
	tx, _ := q.(*db.Tx)
	key := subjectKey{jurisdiction, subject, purpose}
	if by := k.subjects.find(key, tx); by != nil {
		return by, nil
	}
	raw, err := k.subjectKey(ctx, q, tx, jurisdiction, subject)
	if err != nil {
		return nil, err
	}
	// One key per purpose, so that a field's bytes never meet another purpose's.
	mine, err := hkdf.Key(sha256.New, raw, nil, "hustings subject key v1 "+purpose, 32)
	if err != nil {
		return nil, err
	}
	by, err := seal.NewGCM(mine)
	if err != nil {
		return nil, err
	}
	k.subjects.keep(key, subjectEntry{by: by, tx: tx, read: since()})
	return by, nil
}

// subjectKey reads the subject's key, or makes it in tx.
func (k *Keys) subjectKey(ctx context.Context, q reader, tx *db.Tx, jurisdiction, subject string) ([]byte, error) {
	sealed, shredded, err := readSubject(ctx, q, jurisdiction, subject)
	if errors.Is(err, sql.ErrNoRows) && tx != nil {
		if err = k.makeSubject(ctx, tx, jurisdiction, subject); err == nil {
			sealed, shredded, err = readSubject(ctx, tx, jurisdiction, subject)
		}
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, seal.ErrUnreadable
	case err != nil:
		return nil, err
	case !shredded.IsZero():
		return nil, fault.New(fault.Gone, "This was destroyed on %s, and cannot be read any more by anyone.", shredded.Format(time.DateOnly))
	}
	text, err := k.Sealer().Open(ctx, q, own.At(jurisdiction, subject), sealed)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text.Reveal())
}

func (k *Keys) makeSubject(ctx context.Context, tx *db.Tx, jurisdiction, subject string) error {
	raw := make([]byte, 32)
	rand.Read(raw)
	sealed, err := k.Sealer().Seal(ctx, tx, own.At(jurisdiction, subject), hide.New(base64.StdEncoding.EncodeToString(raw)))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into keys_subject (jurisdiction, subject, sealed, made_at) values ($1, $2, $3, $4)
		on conflict (jurisdiction, subject) do nothing`, jurisdiction, subject, sealed, tx.Now())
	return err
}

func readSubject(ctx context.Context, q reader, jurisdiction, subject string) (sealed []byte, shredded time.Time, err error) {
	err = q.QueryRowContext(ctx, `
		select sealed, shredded_at from keys_subject where jurisdiction = $1 and subject = $2`, jurisdiction, subject).
		Scan(&sealed, db.AsTime(&shredded))
	return sealed, shredded, err
}

// Shred destroys the key of a person or an election: what was sealed under it
// is unreadable from now on, everywhere, and what made it searchable is
// emptied. The reason goes into the ledger, so it names a request or a rule,
// never the person.
//
// Backups from before still hold the wrapped key. They forget it when they
// expire, or at once when the root key is rotated and the old one forgotten.
func (k *Keys) Shred(ctx context.Context, subject, reason string) error {
	defer k.subjects.drop()
	return k.DB.Write(ctx, func(tx *db.Tx) error { return k.shredIn(ctx, tx, who.From(ctx).Jurisdiction, subject, reason) })
}

func (k *Keys) shredIn(ctx context.Context, tx *db.Tx, jurisdiction, subject, reason string) error {
	if reason == "" {
		return fault.On("reason", fault.New(fault.Invalid, "Say why: the request, or the rule."))
	}
	res, err := tx.ExecContext(ctx, `
		update keys_subject set sealed = null, shredded_at = $3
		where jurisdiction = $1 and subject = $2 and shredded_at is null`, jurisdiction, subject, tx.Now())
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return notThere(ctx, tx, jurisdiction, subject)
	}
	for i := range k.columns {
		if err := k.columns[i].Forget(ctx, tx, jurisdiction, subject); err != nil {
			return err
		}
	}
	k.subjects.drop()
	tx.Record(event.SubjectShredded{Of: subject, Reason: reason})
	return nil
}

// settle has the database let go of keys that were shredded since the last
// round of the hourly job but one.
func (k *Keys) settle(ctx context.Context, jurisdiction string) error {
	var lately bool
	err := k.DB.QueryRowContext(ctx, `
		select count(*) > 0 from keys_subject where jurisdiction = $1 and shredded_at > $2`,
		jurisdiction, k.Now().Add(-2*keepEvery)).Scan(&lately)
	if err != nil || !lately {
		return err
	}
	return k.DB.Settle(ctx, "keys_subject")
}

// Known says whether something is sealed under a subject's key, before anybody
// asks for its destruction.
func (k *Keys) Known(ctx context.Context, jurisdiction, subject string) error {
	_, shredded, err := readSubject(ctx, k.DB, jurisdiction, subject)
	if err == nil && shredded.IsZero() {
		return nil
	}
	return k.DB.Read(ctx, func(q reader) error { return notThere(ctx, q, jurisdiction, subject) })
}

func notThere(ctx context.Context, q reader, jurisdiction, subject string) error {
	_, shredded, err := readSubject(ctx, q, jurisdiction, subject)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.On("subject", fault.New(fault.NotFound, "Nothing here is sealed under a key of %s.", subject))
	case err != nil:
		return err
	}
	return fault.On("subject", fault.New(fault.Conflict, "The key of %s was destroyed on %s already.", subject, shredded.Format(time.DateOnly)))
}
