// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// The formats of texts. JSON Schema and XML Schema give the same names to
// slightly different sets; each spelling is held to its own.
var (
	timeForm  = regexp.MustCompile(`^(([01]\d|2[0-3]):[0-5]\d:[0-5]\d|24:00:00)(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))$`)
	zoneForm  = regexp.MustCompile(`^(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))?$`)
	colorForm = regexp.MustCompile(`^[0-9a-f]{6}$`)
	langForm  = regexp.MustCompile(`^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$`)
)

// badFormat says what is wrong with the format of a text, "" for nothing.
func (c *checker) badFormat(format, s string) string {
	switch format {
	case "date":
		return c.badDate(s)
	case "datetime":
		return c.badDateTime(s)
	case "time":
		return c.badTime(s)
	case "uri":
		return c.badURI(s)
	case "color":
		if !colorForm.MatchString(s) {
			return "is not a colour; write six digits, such as 00ff7f"
		}
	case "language":
		if c.enc == asXML && !langForm.MatchString(s) {
			return "is not a language; write en, es or zh-Hant"
		}
	case "short":
		if utf8.RuneCountInString(s) > 32 {
			return "is longer than 32 characters"
		}
	}
	return ""
}

// badDate wants 2026-11-03. XML allows a time zone behind it.
func (c *checker) badDate(s string) string {
	const say = "is not a date; write 2026-11-03"
	if len(s) < len(time.DateOnly) {
		return say
	}
	day, zone := s[:len(time.DateOnly)], s[len(time.DateOnly):]
	if _, err := time.Parse(time.DateOnly, day); err != nil || day[:4] == "0000" {
		return say
	}
	if zone != "" && (c.enc == asJSON || !zoneForm.MatchString(zone)) {
		return say
	}
	return ""
}

// badDateTime wants 2026-11-03T21:42:00-05:00, without fractions of seconds.
func (c *checker) badDateTime(s string) string {
	const say = "is not a time with its zone; write 2026-11-03T21:42:00-05:00"
	day, clock, ok := strings.Cut(s, "T")
	if !ok || len(day) != len(time.DateOnly) || c.badDate(day) != "" || c.badTime(clock) != "" {
		return say
	}
	return ""
}

// badTime wants 20:00:00-05:00. XML also has a midnight of 24:00:00.
func (c *checker) badTime(s string) string {
	if !timeForm.MatchString(s) || c.enc == asJSON && strings.HasPrefix(s, "24") {
		return "is not a time of day with its zone; write 20:00:00-05:00"
	}
	return ""
}

// badURI wants an address. JSON wants a whole one.
func (c *checker) badURI(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || strings.ContainsAny(s, " \t\r\n\"<>\\^`{|}"):
		return "is not an address on the web"
	case c.enc == asJSON && !u.IsAbs():
		return "is not a whole address; write it with https:// in front"
	}
	return ""
}

// badText tells of characters that a file cannot hold.
func (c *checker) badText(s string) string {
	if plainASCII(s) {
		return ""
	}
	if !utf8.ValidString(s) {
		return "holds bytes that are not UTF-8"
	}
	if c.enc == asJSON {
		return ""
	}
	for _, r := range s {
		if !xmlRune(r) {
			return fmt.Sprintf("holds the character %U, which XML cannot hold; take it out", r)
		}
	}
	return ""
}

// plainASCII says whether a text is all printable ASCII, as most are.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// badID says what is wrong with an id. XML asks for a name without colons;
// it starts with a letter.
func (c *checker) badID(id string) string {
	if !utf8.ValidString(id) {
		return "holds bytes that are not UTF-8"
	}
	if c.enc == asJSON {
		return ""
	}
	for i, r := range id {
		if !nameStart(r) && (i == 0 || !nameMore(r)) {
			return fmt.Sprintf("cannot stand in XML because of %q; write a letter first, then letters, digits, - _ and .", r)
		}
	}
	return ""
}

// nameStart and nameMore are NameStartChar and NameChar of XML 1.0, fifth
// edition, without the colon.
func nameStart(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_':
		return true
	case r < 0xC0, r == 0xD7, r == 0xF7, r >= 0x300 && r <= 0x36F, r == 0x37E:
		return false
	}
	return r <= 0x1FFF || r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F || r >= 0x2C00 && r <= 0x2FEF ||
		r >= 0x3001 && r <= 0xD7FF || r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFD || r >= 0x10000 && r <= 0xEFFFF
}

func nameMore(r rune) bool {
	return r >= '0' && r <= '9' || r == '-' || r == '.' || r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}
