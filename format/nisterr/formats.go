// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The formats of texts. JSON Schema and XML Schema give the same names to
// slightly different sets; each spelling is held to its own.
var (
	timeForm     = regexp.MustCompile(`^(([01]\d|2[0-3]):[0-5]\d:[0-5]\d|24:00:00)(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))$`)
	zoneForm     = regexp.MustCompile(`^(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))?$`)
	colorForm    = regexp.MustCompile(`^[0-9a-f]{6}$`)
	strayPercent = regexp.MustCompile(`%($|[^0-9A-Fa-f]|.$|.[^0-9A-Fa-f])`)
	langForm     = regexp.MustCompile(`^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$`)
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

// badURI wants an address. XML lets through nearly anything, since it escapes
// what RFC 3986 does not have; JSON wants a whole address, escaped.
func (c *checker) badURI(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || strings.Count(s, "#") > 1 || strayPercent.MatchString(s) || oddHost(s, u.Host):
		return "is not an address on the web"
	case c.enc == asXML:
	case !u.IsAbs():
		return "is not a whole address; write it with https:// in front"
	case strings.ContainsAny(s, " \"<>\\^`{|}"):
		return "is not an address on the web; write %20 for a space"
	}
	return ""
}

// oddHost tells of what url.Parse takes and the schemas do not: brackets that
// are not those around [::1], and two people at one host.
func oddHost(s, host string) bool {
	if strings.HasPrefix(host, "[") {
		s = strings.Replace(s, host, "", 1)
	}
	_, rest, _ := strings.Cut(s, "//")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return strings.ContainsAny(s, "[]") || strings.Count(rest, "@") > 1
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

// nameLetters are letters that may stand in a name. XML Schema goes by an old
// edition of XML, with a long list of ranges; these are the scripts in it that
// somebody might use for an id.
var nameLetters = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 'A', Hi: 'Z', Stride: 1}, {Lo: '_', Hi: '_', Stride: 1}, {Lo: 'a', Hi: 'z', Stride: 1},
		{Lo: 0xC0, Hi: 0xD6, Stride: 1}, {Lo: 0xD8, Hi: 0xF6, Stride: 1}, {Lo: 0xF8, Hi: 0x131, Stride: 1},
		{Lo: 0x134, Hi: 0x13E, Stride: 1}, {Lo: 0x141, Hi: 0x148, Stride: 1}, {Lo: 0x14A, Hi: 0x17E, Stride: 1},
		{Lo: 0x38E, Hi: 0x3A1, Stride: 1}, {Lo: 0x3A3, Hi: 0x3CE, Stride: 1}, // Greek
		{Lo: 0x40E, Hi: 0x44F, Stride: 1}, {Lo: 0x451, Hi: 0x45C, Stride: 1}, // Cyrillic
		{Lo: 0x3041, Hi: 0x3094, Stride: 1}, {Lo: 0x30A1, Hi: 0x30FA, Stride: 1}, // Japanese
		{Lo: 0x4E00, Hi: 0x9FA5, Stride: 1}, // Chinese
		{Lo: 0xAC00, Hi: 0xD7A3, Stride: 1}, // Korean
	},
	LatinOffset: 5,
}

func nameStart(r rune) bool { return unicode.Is(nameLetters, r) }

func nameMore(r rune) bool { return r >= '0' && r <= '9' || r == '-' || r == '.' }
