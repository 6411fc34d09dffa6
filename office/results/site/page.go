// SPDX-License-Identifier: Apache-2.0

package site

import (
	"strconv"
	"strings"
	"time"

	"hustings/kit/words"
)

// voice is one language of the pages.
type voice struct {
	*words.Printer
	lang   words.Language
	folder string // "" for the language at the root, else "es/"
	rtl    bool

	contests []string   // names, escaped
	choices  [][]string // by contest
	parties  []string
	types    []string // by vote type, the total first
}

// page is a page while it is being written. Text passes through text, name or
// say, which escape it; raw is for markup of our own.
type page struct {
	*Edition
	v   *voice
	pg  pageOf
	b   []byte
	up  string // from this page to the root of its language
	top string // from this page to the root of all pages
	st  standing
}

func (p *page) raw(s string) { p.b = append(p.b, s...) }

// text writes escaped text.
func (p *page) text(s string) { p.b = appendEscaped(p.b, s) }

// say writes a sentence in the page's language.
func (p *page) say(key string, kv ...any) { p.text(p.v.T("results.site."+key, kv...)) }

// tell writes a sentence about n of something.
func (p *page) tell(key string, n int64, kv ...any) { p.text(p.v.N("results.site."+key, n, kv...)) }

// words is a sentence that is used inside another.
func (p *page) words(key string, kv ...any) string { return p.v.T("results.site."+key, kv...) }

// name writes an escaped name from the definition. Amid a right-to-left
// language it is set apart, or its digits and brackets would wander.
func (p *page) name(escaped string) {
	if p.v.rtl {
		p.raw("<bdi>")
		p.raw(escaped)
		p.raw("</bdi>")
		return
	}
	p.raw(escaped)
}

// num writes a whole number as the language does.
func (p *page) num(n int64) { p.b = p.v.appendNumber(p.b, n) }

func (p *page) numOr(n int64, otherwise string) {
	if n == absent {
		p.raw(otherwise)
		return
	}
	p.num(n)
}

// percent writes part of whole with one decimal.
func (p *page) percent(part, whole int64) { p.b = p.v.appendPercent(p.b, part, whole) }

func (p *page) int(n int64) { p.b = strconv.AppendInt(p.b, n, 10) }

// clock writes a time element in the election's time zone.
func (p *page) clock(at time.Time) { p.time(at, p.v.Clock) }

// moment writes a time element with its day.
func (p *page) moment(at time.Time) { p.time(at, p.v.DateTime) }

func (p *page) time(at time.Time, write func(time.Time) string) {
	p.raw(`<time datetime="`)
	p.b = at.UTC().AppendFormat(p.b, time.RFC3339)
	p.raw(`">`)
	p.text(write(p.local(at)))
	p.raw(`</time>`)
}

func (v *voice) appendNumber(b []byte, n int64) []byte {
	if -1000 < n && n < 1000 {
		return strconv.AppendInt(b, n, 10)
	}
	var buf [20]byte
	digits := strconv.AppendInt(buf[:0], n, 10)
	if digits[0] == '-' {
		b, digits = append(b, '-'), digits[1:]
	}
	for i, d := range digits {
		if left := len(digits) - i; i > 0 && left%3 == 0 {
			b = append(b, v.lang.Group...)
		}
		b = append(b, d)
	}
	return b
}

func (v *voice) appendPercent(b []byte, part, whole int64) []byte {
	if whole <= 0 {
		return append(b, "–"...)
	}
	tenths := (part*2000 + whole) / (2 * whole)
	b = v.appendNumber(b, tenths/10)
	b = append(b, v.lang.Decimal...)
	return append(b, byte('0'+tenths%10), '%')
}

// appendEscaped escapes text for HTML, inside an element or an attribute.
func appendEscaped(b []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		var to string
		switch s[i] {
		case '&':
			to = "&amp;"
		case '<':
			to = "&lt;"
		case '>':
			to = "&gt;"
		case '"':
			to = "&quot;"
		case '\'':
			to = "&#39;"
		default:
			continue
		}
		b = append(append(b, s[from:i]...), to...)
		from = i + 1
	}
	return append(b, s[from:]...)
}

func escaped(s string) string {
	if !strings.ContainsAny(s, `&<>"'`) {
		return s
	}
	return string(appendEscaped(nil, s))
}
