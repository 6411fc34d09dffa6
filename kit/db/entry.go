// SPDX-License-Identifier: Apache-2.0

package db

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// Entry is one fact at its place in the ledger.
type Entry struct {
	Jurisdiction string
	Seq          int64     // 1, 2, 3 … within the jurisdiction, without a gap
	ID           string    // UUIDv7; what a listener remembers to notice a repeat
	At           time.Time // by the house's clock, in UTC, to the microsecond
	Actor        string    // who.Person.ID
	OnBehalf     string
	Via          string
	Request      string
	Name         string
	Subject      string
	Data         []byte // JSON, byte for byte as it was hashed
	Prev         []byte // Hash of the entry before; 32 zero bytes for the first
	Hash         []byte
}

var zeroHash = make([]byte, sha256.Size)

// chainVersion starts every hash, so that a later encoding cannot be mistaken
// for this one.
const chainVersion = "hustings ledger entry v1"

// Sum is the hash that belongs to the entry: SHA-256 over these fields, each
// as its length in 8 bytes, most significant first, and then its bytes:
//
//	"hustings ledger entry v1", jurisdiction, seq in decimal, id,
//	at as 2006-01-02T15:04:05.000000Z, actor, on behalf, via, request,
//	name, subject, data, previous hash
//
// The lengths keep one field's end from passing for the next one's start.
func (e *Entry) Sum() []byte {
	var seq, at [32]byte
	size := 13*8 + len(chainVersion) + len(e.Jurisdiction) + len(e.ID) + len(e.Actor) + len(e.OnBehalf) +
		len(e.Via) + len(e.Request) + len(e.Name) + len(e.Subject) + len(e.Data) + len(e.Prev) + 48
	b := make([]byte, 0, size)
	b = field(b, chainVersion)
	b = field(b, e.Jurisdiction)
	b = field(b, fmt.Appendf(seq[:0], "%d", e.Seq))
	b = field(b, e.ID)
	b = field(b, e.At.UTC().AppendFormat(at[:0], timeText))
	for _, s := range []string{e.Actor, e.OnBehalf, e.Via, e.Request, e.Name, e.Subject} {
		b = field(b, s)
	}
	b = field(b, e.Data)
	b = field(b, e.Prev)
	sum := sha256.Sum256(b)
	return sum[:]
}

// SumRaw is Sum over the fields as they stand in the database, in the order
// that Sum names them, from the jurisdiction to the previous hash. It works in
// buf and returns it, grown, for the next entry: who checks millions of them
// neither parses nor allocates.
func SumRaw(buf []byte, fields [][]byte) (sum [sha256.Size]byte, grown []byte) {
	buf = field(buf[:0], chainVersion)
	for _, f := range fields {
		buf = field(buf, f)
	}
	return sha256.Sum256(buf), buf
}

func field[T string | []byte](b []byte, v T) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(v)))
	return append(b, v...)
}
