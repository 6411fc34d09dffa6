// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"

	"hustings/office/registry/spell"
)

func fold(s string) string { return spell.Fold(s) }

// tight takes the spaces out.
func tight(s string) string {
	if strings.IndexByte(s, ' ') < 0 {
		return s
	}
	return strings.ReplaceAll(s, " ", "")
}

// hash is FNV-1a with a last stir, so that its low bits are good too. Zero
// means "no value" everywhere, so it is never the answer.
func hash(s string) uint32 { return short(hash64(s)) }

func hash64(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return stir(h, uint64(len(s)))
}

// stir mixes the bits of two numbers into one.
func stir(a, b uint64) uint64 {
	h := a*0x9e3779b97f4a7c15 ^ b
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

func short(h uint64) uint32 {
	if v := uint32(stir(h, 1)); v != 0 {
		return v
	}
	return 1
}

// sound writes roughly how a name is spoken: its first sound and then the
// consonants by class, without doubles. It is coarse on purpose; it only
// gathers candidates.
func sound(s string) string {
	var b [6]byte
	n := 0
	var last byte
	for i := 0; i < len(s) && n < len(b); i++ {
		c := soundOf(s, i)
		if c == 0 || c == last && i > 0 {
			if c == 0 && s[i] != 'H' && s[i] != 'W' {
				last = 0
			}
			if n > 0 || c != 0 {
				continue
			}
			c = '0' // it begins with a vowel
		}
		b[n], last = c, c
		n++
	}
	return string(b[:n])
}

// soundOf is the class of one letter; zero for vowels.
func soundOf(s string, i int) byte {
	c := s[i]
	next := byte(0)
	if i+1 < len(s) {
		next = s[i+1]
	}
	switch c {
	case 'P':
		if next == 'H' {
			return 'F'
		}
		return 'B'
	case 'B':
		return 'B'
	case 'F', 'V':
		return 'F'
	case 'C':
		if next == 'E' || next == 'I' || next == 'Y' {
			return 'S'
		}
		return 'K'
	case 'K', 'Q', 'G':
		if c == 'K' && next == 'N' && i == 0 || c == 'G' && (next == 'H' || next == 'N' && i == 0) {
			return 0
		}
		return 'K'
	case 'J':
		return 'K'
	case 'S', 'Z', 'X':
		return 'S'
	case 'D', 'T':
		return 'T'
	case 'L':
		return 'L'
	case 'M', 'N':
		return 'N'
	case 'R':
		return 'R'
	}
	if '0' <= c && c <= '9' || c >= 0x80 {
		return c
	}
	return 0
}
