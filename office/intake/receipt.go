// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"crypto/rand"
	"strings"

	"hustings/kit/fault"
)

// letters are Crockford's 32: without I, L, O and U, which are misread or
// misheard.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// drawn is how many letters of a receipt are drawn: 65 bits, so that nobody
// finds one by trying.
const drawn = 13

// newReceipt is a receipt that nobody can guess, with a letter that catches a
// slip, without hyphens.
func newReceipt() string {
	b := make([]byte, drawn)
	rand.Read(b) // never fails: see crypto/rand.Read
	for i := range b {
		b[i] = letters[b[i]%32] // 256 is a multiple of 32: each letter is as likely
	}
	return string(b) + string(check(string(b)))
}

// check is the letter that catches a slip (Luhn's sum over 32 letters): one
// wrong letter always, two neighbours exchanged nearly always.
func check(s string) byte {
	sum, factor := 0, 2
	for i := len(s) - 1; i >= 0; i-- {
		n := factor * strings.IndexByte(letters, s[i])
		sum += n/32 + n%32
		factor = 3 - factor
	}
	return letters[(32-sum%32)%32]
}

// Grouped is a receipt as it is read aloud: 7K3QD-1MZ8X-0A4T.
func Grouped(receipt string) string {
	if len(receipt) != drawn+1 {
		return receipt
	}
	return receipt[:5] + "-" + receipt[5:10] + "-" + receipt[10:]
}

// readReceipt reads a receipt as somebody typed it.
func readReceipt(typed string) (string, error) {
	s := strings.Map(func(r rune) rune {
		switch {
		case r == 'O' || r == 'o':
			return '0'
		case strings.ContainsRune("ILil", r):
			return '1'
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case r == '-' || r == ' ':
			return -1
		}
		return r
	}, typed)
	if len(s) != drawn+1 || strings.Trim(s, letters) != "" || check(s[:drawn]) != s[drawn] {
		return "", fault.On("receipt", fault.New(fault.Invalid, "This is no receipt number: there is a slip in it, or it is not complete."))
	}
	return s, nil
}
