// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Slug makes an id of names: lower-case letters and digits with hyphens
// between the words, accents dropped, so that it can stand in an address.
func Slug(names ...string) string {
	var b strings.Builder
	gap := false
	for _, name := range names {
		gap = b.Len() > 0
		for _, r := range norm.NFD.String(strings.ToLower(name)) {
			switch {
			case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				if gap {
					b.WriteByte('-')
					gap = false
				}
				b.WriteRune(r)
			case unicode.IsMark(r) || strings.ContainsRune("'’‘.\"“”", r):
			default:
				gap = b.Len() > 0
			}
		}
	}
	const most = 72 // long measure titles would make addresses nobody can read out
	s := b.String()
	if len(s) > most {
		s = strings.TrimRight(s[:most], "-")
	}
	return s
}

// slugs hands out ids, each once.
type slugs map[string]bool

// take returns the slug of names, or with a number behind it if that is gone.
// A name without a letter or digit of the alphabet is called what it is.
func (s slugs) take(what string, names ...string) string {
	base := Slug(names...)
	if base == "" {
		base = what
	}
	id := base
	for n := 2; s[id]; n++ {
		id = base + "-" + strconv.Itoa(n)
	}
	s[id] = true
	return id
}
