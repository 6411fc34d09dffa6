// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"strings"
	"time"

	"hustings/office/registry/roll"
)

// Letter is what a room asks to be written.
type Letter struct {
	Kind     Kind
	Language string // BCP 47; English where empty
	To       To
	Fields   map[string]string // as Fields lists them; a field of several lines is a list
	About    string            // id of whom it is about, such as a voter
	Cause    string            // what led to it: one letter of a kind is written for a cause
}

// To is where a letter goes: the mailing address, never the residence of
// somebody who is protected.
type To struct {
	Name []string
	Mail roll.Address
}

// State is how far a letter is.
type State string

// The states of a letter.
const (
	Written   State = "written"
	Batched   State = "batched" // in a batch that the printer has not confirmed
	Issued    State = "issued"
	Returned  State = "returned"
	Answered  State = "answered"
	Withdrawn State = "withdrawn"
)

// Reason is why a letter came back.
type Reason string

// The reasons.
const (
	Undeliverable Reason = "undeliverable"
	Moved         Reason = "moved"     // left no address
	Forwarded     Reason = "forwarded" // the mail told the new address
	ByCard        Reason = "answered"  // not returned: the voter answered
)

// Reasons are all reasons, as forms show them.
func Reasons() []Reason { return []Reason{Undeliverable, Moved, Forwarded, ByCard} }

// Kept is a letter as the room keeps it.
type Kept struct {
	Letter
	ID         string // the number that stands on it, without hyphens
	State      State
	Problem    string // why it cannot be printed: the characters that the fonts lack, or tooLong
	WrittenAt  time.Time
	WrittenBy  string
	Batch      string
	IssuedAt   time.Time
	ReturnedAt time.Time
	Why        Reason // of the return
	AnsweredAt time.Time
	MarkedAt   time.Time // when the return or answer was taken down
	New        *roll.Address
}

// Number is a letter's number as it stands on the letter.
func (k *Kept) Number() string { return Hyphens(k.ID) }

// letters are the letters of numbers: those of Crockford's base 32, which leaves
// out what is easily mistaken.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// digits of a number, of which the last one checks the others.
const digits = 12

// Hyphens writes a number in groups of four.
func Hyphens(id string) string {
	var b strings.Builder
	for i, r := range id {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ReadNumber reads a number as a person or a scanner types it; ok is false where
// it cannot be one.
func ReadNumber(text string) (id string, ok bool) {
	if len(text) > 4*digits {
		return "", false
	}
	id = strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ', '\t', '\r', '\n':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(text))
	if len(id) != digits || strings.Trim(id, alphabet) != "" {
		return "", false
	}
	return id, id[digits-1] == check(id[:digits-1])
}

// check is the digit that checks the others, by Luhn's rule in base 32: one wrong
// digit, and nearly every swap of two neighbours, does not pass.
func check(number string) byte {
	sum, factor := 0, 2
	for i := len(number) - 1; i >= 0; i-- {
		n := strings.IndexByte(alphabet, number[i]) * factor
		sum += n/len(alphabet) + n%len(alphabet)
		factor = 3 - factor
	}
	return alphabet[(len(alphabet)-sum%len(alphabet))%len(alphabet)]
}
