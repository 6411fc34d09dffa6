// SPDX-License-Identifier: Apache-2.0

// Package spell knows how people write names and addresses, and how they slip:
// one form in which values are compared, and how near two of them are.
package spell

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold writes a value in the one form that is compared: capital letters without
// accents, digits, and single spaces; apostrophes vanish (O'NEILL is ONEILL),
// every other mark is a space.
func Fold(s string) string {
	if folded(s) {
		return s
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return foldWide(s)
		}
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z' || '0' <= c && c <= '9':
			b = append(b, c)
		case 'a' <= c && c <= 'z':
			b = append(b, c-'a'+'A')
		case c == '\'' || c == '`':
		case len(b) > 0 && b[len(b)-1] != ' ':
			b = append(b, ' ')
		}
	}
	return strings.TrimSuffix(string(b), " ")
}

// folded says whether a value is in its form already, as most are in files of
// capital letters.
func folded(s string) bool {
	space := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && (c != ' ' || space) {
			return false
		}
		space = c == ' '
	}
	return s == "" || !space
}

// wide are the letters that do not fall apart into a plain one and a mark.
var wide = strings.NewReplacer("ß", "ss", "æ", "ae", "Æ", "AE", "ø", "o", "Ø", "O", "œ", "oe", "Œ", "OE",
	"ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "þ", "th", "Þ", "TH", "ð", "d", "Ð", "D", "ı", "i", "’", "", "ʻ", "", "‘", "", "´", "")

func foldWide(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(wide.Replace(s)) {
		switch {
		case unicode.IsMark(r) || r == '\'' || r == '`':
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(unicode.ToUpper(r))
		default:
			gap = true
		}
	}
	return b.String()
}
