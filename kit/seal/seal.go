// SPDX-License-Identifier: Apache-2.0

// Package seal keeps private facts unreadable at rest. A room declares its
// sealed columns in its manifest, is handed a Sealer, and in three lines puts
// a hide.String into the database as sealed bytes, finds it again, and gets it
// back:
//
//	var licence = seal.Column{Table: "registry_voter", Name: "licence", Key: []string{"id"},
//		Purpose: "registry.licence", Index: "licence_index", Normal: letters}
//
//	sealed, err := s.Sealer.Seal(ctx, tx, licence.At(j, voter), v.Licence)
//	now, before, err := s.Sealer.Index(ctx, &licence, j, asked) // where licence_index in (now, before)
//	v.Licence, err = s.Sealer.Open(ctx, tx, licence.At(j, voter), sealed)
//
// A field is sealed with AES-256-GCM, in the bytes of Tink, under a data key of
// its jurisdiction and purpose. Jurisdiction, table, column, row and subject are
// bound in, so that bytes moved to another place do not open there. A field
// whose place names a subject is sealed under the subject's own key, whose
// destruction makes the field unreadable for good.
//
// A fact shows a hide.String as its mask. A room whose fact must tell a private
// text seals it under its subject's key into a field of type []byte; the ledger
// is never written again, so no other key would do: purposes' keys are
// destroyed after a rotation, a subject's only with the subject.
//
// Where the keys come from and how they are kept is guard/keys' business.
package seal

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
)

// Column is a sealed column, as its room declares it. Column and index are of
// type bytea and may be null: null stands for an empty text, and the index
// becomes null when the subject's key is destroyed.
type Column struct {
	Table, Name string
	Key         []string            // its table's primary key after jurisdiction; text columns
	Purpose     string              // names its data key: "registry.licence"; columns of one purpose share an index
	Subject     string              // text column that names whose own key seals it; empty: the purpose's key does
	Index       string              // column for exact search; empty: not searchable
	Normal      func(string) string // what makes two texts the same to a search; nil: nothing
}

// At is the place of one field.
func (c *Column) At(jurisdiction string, key ...string) Field {
	return Field{column: c, jurisdiction: jurisdiction, key: key}
}

// Field is the place of one sealed text. The same bytes open in no other place.
type Field struct {
	column       *Column
	jurisdiction string
	key          []string
	subject      string
}

// Of is the field under the subject's own key: "voter:…", "election:…".
func (f Field) Of(subject string) Field { f.subject = subject; return f }

// aad is what is bound to the sealed text: each part after its length, so that
// one part's end cannot pass for the next one's start.
func (f Field) aad(b []byte) []byte {
	c := f.column
	for _, s := range [...]string{"hustings field v1", f.jurisdiction, c.Table, c.Name, c.Purpose, f.subject} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	for _, s := range f.key {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

// desks are buffers for a place and its text.
var desks = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

// lay lays the place and the text side by side; done wipes them.
func (f Field) lay(text string) (bound, clear []byte, done func()) {
	desk := desks.Get().(*[]byte)
	b := f.aad((*desk)[:0])
	n := len(b)
	b = append(b, text...)
	return b[:n:n], b[n:], func() {
		wipe(b)
		*desk = b[:0]
		desks.Put(desk)
	}
}

func wipe(b []byte) { clear(b) }

// Ring is the keys of one purpose in one jurisdiction.
type Ring struct {
	AEAD    tink.AEAD // seals with the newest key, opens with every key that is not destroyed
	Newest  uint32    // number of the key that seals
	Indexes []Index   // keys of the blind index, the newest first
}

// Index computes blind indexes with one key.
type Index struct {
	Number uint32
	PRF    interface {
		ComputePRF(input []byte, length uint32) ([]byte, error)
	}
}

// Keys has the keys.
type Keys interface {
	// Ring is the keys of a purpose. Where has is not 0, a key of this number is
	// looked for: another node may have made it a moment ago.
	Ring(ctx context.Context, jurisdiction, purpose string, has uint32) (*Ring, error)
	// Subject is a subject's own key for a purpose. Where q is a *db.Tx, it is
	// made for a subject that has none; where the key was destroyed, the fault
	// is Gone.
	Subject(ctx context.Context, q db.Reader, jurisdiction, subject, purpose string) (tink.AEAD, error)
}

// Sealer seals and opens fields.
type Sealer struct{ Keys Keys }

// The first byte of sealed bytes. Tink's own prefix is 1, then the key's
// number in four bytes.
const (
	byPurpose = 1
	bySubject = 2
)

// maxText is the longest text that a field holds. Larger things are files.
const maxText = 1 << 20

// Seal gives the bytes that go into the database; nil for an empty text. A
// subject's key is made in tx when there is none yet.
func (s *Sealer) Seal(ctx context.Context, tx *db.Tx, f Field, text hide.String) ([]byte, error) {
	if text.IsZero() {
		return nil, nil
	}
	if n := len(text.Reveal()); n > maxText {
		return nil, fault.New(fault.TooLarge, "A private text of %d bytes is more than the %d that a field holds.", n, maxText)
	}
	if err := f.whole(); err != nil {
		return nil, err
	}
	bound, clear, done := f.lay(text.Reveal())
	defer done()
	if f.subject == "" {
		r, err := s.Keys.Ring(ctx, f.jurisdiction, f.column.Purpose, 0)
		if err != nil {
			return nil, err
		}
		return r.AEAD.Encrypt(clear, bound)
	}
	own, err := s.Keys.Subject(ctx, tx, f.jurisdiction, f.subject, f.column.Purpose)
	if err != nil {
		return nil, err
	}
	sealed, err := own.Encrypt(clear, bound)
	return append([]byte{bySubject}, sealed...), err
}

// whole refuses a place that is not one field's alone.
func (f Field) whole() error {
	if f.jurisdiction == "" || len(f.key) != len(f.column.Key) || (f.subject == "") != (f.column.Subject == "") {
		return fmt.Errorf("seal: %s.%s wants a jurisdiction, the key %v and the subject %q", f.column.Table, f.column.Name, f.column.Key, f.column.Subject)
	}
	return nil
}

// Open gives back what Seal sealed. Whatever is wrong with the bytes, the
// answer is the same.
func (s *Sealer) Open(ctx context.Context, q db.Reader, f Field, sealed []byte) (hide.String, error) {
	if len(sealed) == 0 {
		return hide.String{}, nil
	}
	if err := f.whole(); err != nil {
		return hide.String{}, err
	}
	clear, err := s.open(ctx, q, f, sealed)
	if err != nil {
		return hide.String{}, err
	}
	return hide.New(string(clear)), nil
}

func (s *Sealer) open(ctx context.Context, q db.Reader, f Field, sealed []byte) ([]byte, error) {
	var by tink.AEAD
	switch {
	case f.subject == "" && sealed[0] == byPurpose:
		number, _ := KeyNumber(sealed)
		r, err := s.Keys.Ring(ctx, f.jurisdiction, f.column.Purpose, number)
		if err != nil {
			return nil, err
		}
		by = r.AEAD
	case f.subject != "" && sealed[0] == bySubject:
		own, err := s.Keys.Subject(ctx, q, f.jurisdiction, f.subject, f.column.Purpose)
		if err != nil {
			return nil, err
		}
		by, sealed = own, sealed[1:]
	default:
		return nil, f.unreadable()
	}
	bound, _, done := f.lay("")
	defer done()
	clear, err := by.Decrypt(sealed, bound)
	if err != nil {
		return nil, f.unreadable() // without the cause: it would tell a forger how far they came
	}
	return clear, nil
}

// ErrUnreadable is in every error about bytes that do not open.
var ErrUnreadable = fault.New(fault.Internal, "sealed bytes do not open: they are damaged, were moved from another place, or their key is not here")

func (f Field) unreadable() error {
	return fmt.Errorf("%s.%s of %s, row %q: %w", f.column.Table, f.column.Name, f.jurisdiction, f.key, ErrUnreadable)
}

// indexSize is how long a blind index is after its key's number: 128 bits,
// which no two of a nation's texts share by chance.
const indexSize = 16

// Index gives what is stored in the index column and compared in a search: the
// index under the newest key, and under the one before while a rotation is
// under way (the same otherwise). Both are nil for an empty text.
func (s *Sealer) Index(ctx context.Context, c *Column, jurisdiction string, text hide.String) (now, before []byte, err error) {
	clear := text.Reveal()
	if c.Normal != nil {
		clear = c.Normal(clear)
	}
	if clear == "" {
		return nil, nil, nil
	}
	r, err := s.Keys.Ring(ctx, jurisdiction, c.Purpose, 0)
	if err != nil {
		return nil, nil, err
	}
	if len(r.Indexes) == 0 {
		return nil, nil, fmt.Errorf("seal: the purpose %s has no index key", c.Purpose)
	}
	if now, err = r.Indexes[0].of(clear); err != nil || len(r.Indexes) == 1 {
		return now, now, err
	}
	before, err = r.Indexes[1].of(clear)
	return now, before, err
}

func (i Index) of(clear string) ([]byte, error) {
	sum, err := i.PRF.ComputePRF([]byte(clear), indexSize)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+indexSize), i.Number), sum...), nil
}

// KeyNumber is the number of the key that sealed the bytes or made the index;
// ok is false for those under a subject's own key, and for what is neither.
func KeyNumber(sealed []byte) (number uint32, ok bool) {
	if len(sealed) < 5 || sealed[0] != byPurpose {
		return 0, false
	}
	return binary.BigEndian.Uint32(sealed[1:]), true
}
