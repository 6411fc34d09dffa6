// SPDX-License-Identifier: Apache-2.0

package place

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hustings/office/registry/spell"
)

// maxLine is the most of a line that is read; the longest real address lines
// have some 100 letters.
const maxLine = 512

var signs = strings.NewReplacer("½", " 1/2", "¼", " 1/4", "¾", " 3/4", "№", "#", "º", "", "ª", "", "°", "",
	"–", "-", "—", "-", "‐", "-", "‑", "-", "\u00a0", " ", "’", "'", "‘", "'", "´", "'", "ʻ", "'")

// clean writes a line in capital letters without accents and with single
// spaces between its words. Commas are words of their own, a # begins one.
// Hyphens stay in numbers only (37-18), strokes in fractions, dots in decimals.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			s = plain(s)
			break
		}
	}
	c := cleaner{in: s, out: make([]byte, 0, len(s)+8)}
	for i := range len(s) {
		c.take(i)
	}
	return strings.TrimRight(string(c.out), " #")
}

// isClean says whether nothing needs to be done, as with most addresses of a
// roll.
func isClean(s string) bool {
	space := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !capital(c) && !digit(c) && (c != ' ' || space) {
			return false
		}
		space = c == ' '
	}
	return s == "" || !space
}

func capital(c byte) bool { return 'A' <= c && c <= 'Z' }
func digit(c byte) bool   { return '0' <= c && c <= '9' }
func letter(c byte) bool  { return capital(c) || 'a' <= c && c <= 'z' }

// plain takes the accents off, and writes letters of other kinds as the
// comparison of names does.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(signs.Replace(s)) {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case unicode.IsMark(r):
		case unicode.IsLetter(r):
			b.WriteString(spell.Fold(string(r)))
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

type cleaner struct {
	in    string
	out   []byte
	start int // of the word in out
}

func (c *cleaner) take(i int) {
	b := c.in[i]
	word := c.out[c.start:]
	next := byte(0)
	if i+1 < len(c.in) {
		next = c.in[i+1]
	}
	after := len(word) > 0 && digit(word[len(word)-1])
	switch {
	case capital(b) || digit(b) || b >= utf8.RuneSelf:
		c.out = append(c.out, b)
	case letter(b):
		c.out = append(c.out, b-'a'+'A')
	case b == '\'' || b == '`' || b == '"':
	case b == '.' && after && digit(next), b == '/' && after && digit(next):
		c.out = append(c.out, b)
	case b == '.' && (len(word) < 2 || !letter(next) && !digit(next)): // N.W. is NW
	case b == '-' && len(word) > 0 && (digit(word[0]) || word[0] == '#') && (letter(next) || digit(next)) && word[len(word)-1] != '-':
		c.out = append(c.out, b)
	case b == ',' || b == ';' || b == '\n':
		c.gap()
		if len(c.out) > 0 && !strings.HasSuffix(string(c.out[max(0, len(c.out)-2):]), ", ") {
			c.out = append(c.out, ',')
			c.start = 0
			c.gap()
		}
	case b == '#':
		if string(word) != "#" {
			c.gap()
			c.out = append(c.out, '#')
		}
	case string(word) == "#": // "# 4" is "#4"
	default:
		c.gap()
	}
}

// gap ends the word.
func (c *cleaner) gap() {
	if n := len(c.out); n > 0 && c.out[n-1] != ' ' {
		c.out = append(c.out, ' ')
	}
	c.start = len(c.out)
}

// words cuts a clean line at its spaces, into room that the caller has.
func words(to []string, s string) []string {
	for s != "" {
		word, rest, _ := strings.Cut(s, " ")
		if word != "" {
			to = append(to, word)
		}
		s = rest
	}
	return to
}

func join(w []string) string {
	if len(w) == 1 {
		return w[0]
	}
	return strings.Join(w, " ")
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

func digits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

func isType(s string) bool      { _, ok := spell.StreetType(s); return ok }
func isDirection(s string) bool { _, ok := spell.Direction(s); return ok }
