// SPDX-License-Identifier: Apache-2.0

package match

import "strings"

// code is a number or short code, packed: up to twelve letters and digits in
// base 37. A longer one is kept as a hash, with the top bit set, and can then
// only be the same or not.
type code uint64

const (
	codeLength = 12
	longCode   = code(1) << 63
)

// readCode packs the letters and digits of s. Numbers that stand for "none",
// such as 0000 or 999999999, are none.
func readCode(s string) code {
	var c code
	n, zeros := 0, 0
	var first byte
	one := true
	for i := 0; i < len(s); i++ {
		ch := s[i]
		switch {
		case 'a' <= ch && ch <= 'z':
			ch -= 'a' - 'A'
		case 'A' <= ch && ch <= 'Z', '0' <= ch && ch <= '9':
		case ch >= 0x80:
		default:
			continue
		}
		if n == 0 {
			first = ch
		}
		one = one && ch == first
		if ch == '0' {
			zeros++
		}
		n++
		c = c*37 + digitOf(ch)
	}
	switch {
	case n == 0 || zeros == n:
		return 0
	case one && (n > 4 || first == '9') && n > 2:
		return 0
	case n == 1:
		return 0
	case n > codeLength:
		return longCode | code(hash64(s))
	}
	return c
}

func digitOf(ch byte) code {
	switch {
	case '0' <= ch && ch <= '9':
		return code(ch-'0') + 1
	case 'A' <= ch && ch <= 'Z':
		return code(ch-'A') + 11
	}
	return 1 // a letter of another script still takes its place
}

// text unpacks a code into room and says how long it is.
func (c code) text(room *[codeLength]byte) []byte {
	i := len(room)
	for c > 0 && i > 0 {
		i--
		room[i] = byte(c % 37)
		c /= 37
	}
	return room[i:]
}

// nearTo says whether two codes differ by one slip of the finger.
func (c code) nearTo(d code) bool {
	if (c|d)&longCode != 0 {
		return false
	}
	var ra, rb [codeLength]byte
	a, b := c.text(&ra), d.text(&rb)
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(b) < 4 || len(a)-len(b) > 1 {
		return false
	}
	for len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}

// readPhone keeps the digits of a telephone number, without the country.
func readPhone(s string) code {
	var b [codeLength]byte
	n := 0
	for i := 0; i < len(s) && n < len(b); i++ {
		if '0' <= s[i] && s[i] <= '9' {
			b[n] = s[i]
			n++
		}
	}
	d := b[:n]
	if len(d) == 11 && d[0] == '1' {
		d = d[1:]
	}
	if len(d) < 6 {
		return 0
	}
	return readCode(string(d))
}

// lastSeven are the digits of a telephone number within its area.
func (c code) lastSeven() code {
	const seven = 37 * 37 * 37 * 37 * 37 * 37 * 37
	if c&longCode != 0 {
		return c
	}
	return c % seven
}

// lastFour are the last digits of a social security number, whole or masked as
// in XXX-XX-1234, so that a list that has all nine can be held against one that
// has four.
func lastFour(s string) string {
	var b [9]byte
	digits, masked := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9' && digits < len(b):
			b[digits] = c
			digits++
		case c == 'x' || c == 'X' || c == '*':
			masked++
		case c != '-' && c != ' ':
			return ""
		}
	}
	if digits == 9 && masked == 0 || digits == 4 && masked > 0 {
		return string(b[digits-4 : digits])
	}
	return ""
}

// generations are what may follow a surname.
var generations = map[string]uint8{"JR": 1, "JUNIOR": 1, "JNR": 1, "SR": 2, "SENIOR": 2, "SNR": 2, "I": 2, "1ST": 2,
	"II": 3, "2ND": 3, "III": 4, "3RD": 4, "IV": 5, "4TH": 5, "V": 6, "5TH": 6}

// takeGeneration cuts JR off "SMITH JR". A single letter is left: it may be an
// initial.
func takeGeneration(s string) (name string, generation uint8) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 || len(s)-i < 3 {
		return s, 0
	}
	if g := generations[s[i+1:]]; g > 0 {
		return s[:i], g
	}
	return s, 0
}

const (
	male   = 1
	female = 2
)

func readSex(s string) uint8 {
	if s == "" {
		return 0
	}
	switch s[0] | 0x20 {
	case 'm', '1', 'h':
		return male
	case 'f', '2', 'w':
		return female
	}
	return 0
}
