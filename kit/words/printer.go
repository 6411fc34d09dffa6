// SPDX-License-Identifier: Apache-2.0

package words

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"hustings/kit/fault"
)

// Printer says things in one language. It is safe for concurrent use once the
// catalog is filled.
type Printer struct {
	lang     Language
	tag      language.Tag
	messages map[string]message
	fallback *Printer
}

// message is compiled text: forms by plural category, each cut at its placeholders.
type message struct {
	plain bool
	forms [6][]piece // by plural.Form: Other, Zero, One, Two, Few, Many
}

type piece struct{ text, slot string }

// faultKey begins the keys that translate the sentences of kit/fault, docKey
// those that translate what a manifest says of itself; both by their English.
const (
	faultKey = "fault: "
	docKey   = "doc: "
)

// byEnglish says whether a key is an English sentence and not a name.
func byEnglish(key string) bool {
	return strings.HasPrefix(key, faultKey) || strings.HasPrefix(key, docKey)
}

var categories = map[string]plural.Form{
	"other": plural.Other, "zero": plural.Zero, "one": plural.One,
	"two": plural.Two, "few": plural.Few, "many": plural.Many,
}

func newPrinter(l Language, fallback *Printer) *Printer {
	return &Printer{lang: l, tag: language.Make(l.Tag), messages: make(map[string]message), fallback: fallback}
}

func (p *Printer) add(key string, m Message) error {
	if old, twice := p.messages[key]; twice && p.lang.Tag != pseudo {
		if byEnglish(key) && old.forms[plural.Other][0].text == m.Forms["other"] {
			return nil // two rooms refuse with the same sentence
		}
		return fmt.Errorf("%s: said twice", key)
	}
	out := message{plain: m.Plain}
	for name, text := range m.Forms {
		form, ok := categories[name]
		if !ok {
			return fmt.Errorf("%s: no plural category %q", key, name)
		}
		if byEnglish(key) {
			out.forms[form] = []piece{{text: text}} // a format with verbs; a brace in it is a brace
			continue
		}
		out.forms[form] = cut(text)
	}
	if out.forms[plural.Other] == nil {
		return fmt.Errorf("%s: the form \"other\" is missing", key)
	}
	p.messages[key] = out
	return nil
}

// cut splits a text at its {placeholders}.
func cut(text string) []piece {
	pieces := []piece{}
	for {
		before, rest, open := strings.Cut(text, "{")
		slot, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			return append(pieces, piece{text: text})
		}
		pieces = append(pieces, piece{before, slot})
		text = after
	}
}

// Lang is the printer's language tag, for the lang attribute.
func (p *Printer) Lang() string { return p.lang.Tag }

// Dir is the direction of the script, ltr or rtl, for the dir attribute.
func (p *Printer) Dir() string { return p.lang.Dir }

// Has says whether the language itself knows a key.
func (p *Printer) Has(key string) bool { _, ok := p.messages[key]; return ok }

// Keys lists every key that the language knows, sorted.
func (p *Printer) Keys() []string { return slices.Sorted(maps.Keys(p.messages)) }

// T says a sentence. kv are pairs of placeholder name and value; numbers are
// written as the language writes them. An unknown key shows itself, so that a
// page with a missing sentence still stands; a test keeps that from shipping.
func (p *Printer) T(key string, kv ...any) string {
	m, ok := p.find(key)
	if !ok {
		return key
	}
	return p.fill(m.forms[plural.Other], kv)
}

// N says a sentence about n of something, in the plural form that n asks for.
func (p *Printer) N(key string, n int64, kv ...any) string {
	m, ok := p.find(key)
	if !ok {
		return key
	}
	form := m.forms[p.form(n)]
	if form == nil {
		form = m.forms[plural.Other]
	}
	return p.fill(form, append([]any{"n", n}, kv...))
}

func (p *Printer) find(key string) (message, bool) {
	for ; p != nil; p = p.fallback {
		if m, ok := p.messages[key]; ok {
			return m, true
		}
	}
	return message{}, false
}

// form is the plural category of a number. The rules of CLDR look at a whole
// number's last six digits and at whether it is more than they show, so a
// larger one is made shorter without changing either.
func (p *Printer) form(n int64) plural.Form {
	size := uint64(n)
	if n < 0 {
		size = -size // right for the smallest int64 too, which has no positive twin
	}
	if size > 10_000_000 {
		size = 10_000_000 + size%1_000_000
	}
	return plural.Cardinal.MatchPlural(p.tag, int(size), 0, 0, 0, 0)
}

func (p *Printer) fill(pieces []piece, kv []any) string {
	if len(pieces) == 1 {
		return pieces[0].text
	}
	var b strings.Builder
	for _, piece := range pieces {
		b.WriteString(piece.text)
		if piece.slot != "" {
			p.write(&b, piece.slot, kv)
		}
	}
	return b.String()
}

func (p *Printer) write(b *strings.Builder, slot string, kv []any) {
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i] != slot {
			continue
		}
		switch v := kv[i+1].(type) {
		case string:
			b.WriteString(v)
		case int:
			b.WriteString(p.Number(int64(v)))
		case int64:
			b.WriteString(p.Number(v))
		default:
			fmt.Fprint(b, v)
		}
		return
	}
	b.WriteString("{" + slot + "}")
}

// Say is T with placeholders from a map, as findings keep them.
func (p *Printer) Say(key string, args map[string]string) string {
	kv := make([]any, 0, 2*len(args))
	for k, v := range args {
		kv = append(kv, k, v)
	}
	if n, err := strconv.ParseInt(args["n"], 10, 64); err == nil {
		return p.N(key, n, kv...)
	}
	return p.T(key, kv...)
}

// Sentence is an error as a person may read it, translated where the language
// knows the sentence. Several joined faults give one line each.
func (p *Printer) Sentence(err error) string {
	faults := fault.All(err)
	lines := make([]string, 0, len(faults))
	for _, f := range faults {
		if line := p.sentence(f); len(lines) == 0 || lines[len(lines)-1] != line {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return fault.Sentence(err)
	}
	return strings.Join(lines, "\n")
}

// Doc is an English sentence of a manifest, such as what a permission allows, in
// the printer's language, or as it is where nobody has translated it.
func (p *Printer) Doc(english string) string {
	if m, ok := p.messages[docKey+english]; ok {
		return m.forms[plural.Other][0].text
	}
	return english
}

func (p *Printer) sentence(f *fault.Error) string {
	switch m, ok := p.messages[faultKey+f.Say]; {
	case fault.KindOf(f) == fault.Internal:
		return fault.Apology
	case f.Say == "" && f.Err != nil:
		return p.Sentence(f.Err)
	case !ok:
		return fault.Sentence(f)
	case len(f.Args) == 0:
		return m.forms[plural.Other][0].text // not a format: "100%" stays as it is
	default:
		return fmt.Sprintf(m.forms[plural.Other][0].text, f.Args...)
	}
}

// Text chooses the wording of a text kept in several languages: the printer's
// language, its base language, English, or whichever comes first, so that a
// name known in one language alone is never left out.
func (p *Printer) Text(t map[string]string) string {
	base, _, _ := strings.Cut(p.lang.Tag, "-")
	for _, tag := range []string{p.lang.Tag, base, "en"} {
		if s, ok := t[tag]; ok {
			return s
		}
	}
	if len(t) == 0 {
		return ""
	}
	return t[slices.Min(slices.Collect(maps.Keys(t)))]
}

// Number writes a whole number with the language's separators.
func (p *Printer) Number(n int64) string {
	if -1000 < n && n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	var buf [32]byte
	digits := strconv.AppendInt(buf[:0], n, 10)
	var b strings.Builder
	for i, d := range digits {
		if left := len(digits) - i; i > 0 && left%3 == 0 && digits[i-1] != '-' {
			b.WriteString(p.lang.Group)
		}
		b.WriteByte(d)
	}
	return b.String()
}

// Percent writes part of whole with one decimal, half rounded away from zero,
// as "54.3%" is written in the language. A whole of zero has no percentage: "–".
func (p *Printer) Percent(part, whole int64) string {
	if whole <= 0 {
		return "–"
	}
	sign := ""
	if part < 0 {
		sign, part = "-", -part
	}
	tenths := (part*2000 + whole) / (2 * whole)
	if tenths == 0 {
		sign = ""
	}
	return sign + p.Number(tenths/10) + p.lang.Decimal + strconv.FormatInt(tenths%10, 10) + "%"
}

// Date writes a day: "November 3, 2026".
func (p *Printer) Date(t time.Time) string {
	return p.T("words.date",
		"month", p.T("words.month."+strconv.Itoa(int(t.Month()))),
		"day", strconv.Itoa(t.Day()), "year", strconv.Itoa(t.Year()))
}

// Clock writes a time of day: "9:42 p.m.".
func (p *Printer) Clock(t time.Time) string {
	hour, half := t.Hour()%12, "words.am"
	if t.Hour() >= 12 {
		half = "words.pm"
	}
	if hour == 0 {
		hour = 12
	}
	return p.T("words.clock", "hour", strconv.Itoa(hour), "minute", fmt.Sprintf("%02d", t.Minute()), "half", p.T(half))
}

// DateTime writes a day and time with its zone: "November 3, 2026, 9:42 p.m. MST".
func (p *Printer) DateTime(t time.Time) string {
	zone, _ := t.Zone()
	return p.T("words.datetime", "date", p.Date(t), "clock", p.Clock(t), "zone", zone)
}
