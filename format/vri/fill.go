// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// fill puts what a node holds into a struct, and tells what cannot be used.
func (r *reader) fill(n *node, p *plan, to any) { r.part(n, p, reflect.ValueOf(to).Elem()) }

func (r *reader) part(n *node, p *plan, v reflect.Value) {
	if p.kind >= 0 {
		r.kind(n, p, v)
	}
	if p.content != nil && strings.TrimSpace(n.text) != "" {
		r.set(n, p, p.content, v.Field(p.content.index), v)
	}
	kind := p.kindOf(v)
	for _, k := range n.kids {
		f := p.named(k.name)
		if f == nil {
			r.tellOnce(k.line, p.class+"."+short(k.name), "the standard knows no such element or member here; it was left aside")
			continue
		}
		if !f.in(kind) {
			r.tellOnce(k.line, p.class+"."+k.name, fmt.Sprintf("a %s has none; it was left aside", kind))
			continue
		}
		r.set(k, p, f, v.Field(f.index), v)
	}
	for i := range p.fields {
		if f := &p.fields[i]; f.required && f.in(kind) && !isSet(f, v.Field(f.index)) {
			r.tellOnce(n.line, f.path, "it is missing, and the standard requires it")
		}
	}
}

// kind settles of which kind a part is: as it says, or by the fields it has.
func (r *reader) kind(n *node, p *plan, v reflect.Value) {
	if slices.Contains(p.kinds, n.class) {
		v.Field(p.kind).SetString(n.class)
		return
	}
	guess := ""
	if !p.abstract {
		guess = p.kinds[0]
	}
	for _, f := range p.fields {
		if f.only != "" && n.kid(f.name) != nil {
			guess = f.only
		}
	}
	switch {
	case guess == "" && p.abstract:
		guess = "PermanentBallotRequest"
		fallthrough
	case n.class != "" || p.abstract:
		r.tellOnce(n.line, p.class, fmt.Sprintf("it does not say which kind it is (@type, xsi:type); it was taken for a %s", guess))
	}
	v.Field(p.kind).SetString(guess)
}

// set puts one node into one field.
func (r *reader) set(n *node, p *plan, f *field, v, whole reflect.Value) {
	switch f.shape {
	case shapeText:
		s, ok := r.scalar(n, p, f, whole)
		if !ok {
			return
		}
		if v.Len() > 0 {
			r.tellOnce(n.line, f.path, "it is given twice; the first one counts")
			return
		}
		v.SetString(s)
	case shapeTexts:
		if s, ok := r.scalar(n, p, f, whole); ok {
			v.Set(reflect.Append(v, reflect.ValueOf(s)))
		}
	case shapeFlag:
		r.flag(n, f, v)
	case shapeParts:
		if empty(n) || hollow(n, f.plan) {
			return
		}
		v.Grow(1)
		v.SetLen(v.Len() + 1)
		last := v.Index(v.Len() - 1)
		last.SetZero()
		r.part(n, f.plan, last)
	default:
		r.one(n, f, v)
	}
}

// one makes a part that can be there once.
func (r *reader) one(n *node, f *field, v reflect.Value) {
	if !v.IsNil() {
		r.tellOnce(n.line, f.path, "it is given twice; the first one counts")
		return
	}
	if f.shape == shapeAddress {
		if a := r.address(n, f.path); a != nil {
			v.Set(reflect.ValueOf(a))
		}
		return
	}
	if empty(n) && !f.required && !f.plan.abstract || hollow(n, f.plan) {
		return
	}
	if f.class != "" {
		n.class = bareClass(f.class)
	}
	part := reflect.New(v.Type().Elem())
	r.part(n, f.plan, part.Elem())
	v.Set(part)
}

// empty says whether nothing at all stands in a node: <Name/>, {"@type": …}.
func empty(n *node) bool {
	if strings.TrimSpace(n.text) != "" {
		return false
	}
	return !slices.ContainsFunc(n.kids, func(k *node) bool { return !empty(k) })
}

// hollow says whether a part that is a text has none: <PlaceName PlaceNameType="County"/>.
func hollow(n *node, p *plan) bool {
	if p.content == nil || strings.TrimSpace(n.text) != "" {
		return false
	}
	k := n.kid(p.content.name)
	return k == nil || empty(k)
}

func (r *reader) flag(n *node, f *field, v reflect.Value) {
	var yes bool
	switch strings.ToLower(strings.TrimSpace(n.text)) {
	case "":
		return
	case "true", "1", "yes", "y":
		yes = true
	case "false", "0", "no", "n":
	default:
		r.tellOnce(n.line, f.path, "it is neither true nor false; it was left aside")
		return
	}
	v.Set(reflect.ValueOf(&yes))
}

// scalar reads a text as its field wants it. Values are never told.
func (r *reader) scalar(n *node, p *plan, f *field, whole reflect.Value) (string, bool) {
	name := f.path
	if len(n.kids) > 0 && f != p.content {
		r.tellOnce(n.line, name, "there are parts in it where a text should be; they were left aside")
	}
	s := n.text
	if len(s) > r.lim.Cell && f.format != "base64" {
		r.Problems.Add(n.line, name, "it holds %d bytes, where at most %d make sense; it was left aside", len(s), r.lim.Cell)
		return "", false
	}
	if f.blank && s != "" && strings.Trim(s, " ") == "" {
		return s, true
	}
	s, dropped := clean(s, f.free)
	if dropped > 0 {
		r.Problems.Add(n.line, name, "%d characters cannot be printed and were dropped", dropped)
	}
	switch {
	case s == "":
		return "", false
	case f.codes != nil:
		return r.code(n.line, f, s, whole)
	}
	out, say := readAs(f.format, s)
	if say != "" {
		r.Problems.Add(n.line, name, "%s", say)
	}
	return out, out != ""
}

// readAs reads a text in a format. say is what to tell; out is empty where the
// text cannot be used.
func readAs(format, s string) (out, say string) {
	switch format {
	case "date":
		day, plain := Day(s)
		switch {
		case day == "":
			return "", "it is no day of the calendar; its shape is " + shapeOf(s) + "; it was left aside"
		case !plain:
			return day, "it is not written as 2026-11-03; its shape is " + shapeOf(s) + "; it was read all the same"
		}
		return day, ""
	case "base64":
		s = strings.Join(strings.Fields(s), "")
		if _, rest, ok := strings.Cut(s, ";base64,"); ok { // a data: address
			s = rest
		}
		if _, err := base64.StdEncoding.DecodeString(s); err != nil {
			return "", "it is not a file in base64; it was left aside"
		}
	case "number":
		if x, err := strconv.ParseFloat(s, 64); err != nil || x != x || x > 1e300 || x < -1e300 || strings.ContainsAny(s, "xX_pPnN") {
			return "", "it is not a number; it was left aside"
		}
	case "integer":
		if _, err := strconv.Atoi(s); err != nil {
			return "", "it is not a whole number; it was left aside"
		}
		return strings.TrimPrefix(s, "+"), ""
	case "language":
		if out := strings.ReplaceAll(s, "_", "-"); language(out) {
			return out, ""
		}
		return "", "it is not a language such as en or es-US; it was left aside"
	}
	return s, ""
}

func (r *reader) code(line int, f *field, s string, whole reflect.Value) (string, bool) {
	name := f.path
	c, ok := codeFor(f.codes, s)
	if ok {
		if c != s {
			r.tellOnce(line, name, fmt.Sprintf("%q was read as %s", short(s), c))
		}
		return c, true
	}
	if f.other == "" || !slices.Contains(f.codes, "other") {
		r.tellOnce(line, name, fmt.Sprintf("%q is not one of %s; it was left aside", short(s), strings.Join(f.codes, ", ")))
		return "", false
	}
	if other := whole.FieldByName(f.other); other.Len() == 0 {
		other.SetString(s)
	}
	r.tellOnce(line, name, fmt.Sprintf("%q is not one of %s; it was read as other", short(s), strings.Join(f.codes, ", ")))
	return "other", true
}

// clean takes blanks off the ends, makes one space of every run of blanks, and
// drops what neither spelling can hold. Free texts keep their lines.
func clean(s string, free bool) (out string, dropped int) {
	if plain(s) {
		return s, 0
	}
	var b strings.Builder
	blank := false
	for _, c := range s {
		switch {
		case free && c == '\n':
			b.WriteRune(c)
			continue
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0:
			blank = true
			continue
		case !printable(c):
			dropped++
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(c)
	}
	return strings.TrimSpace(b.String()), dropped
}

// plain says whether a text needs no cleaning: ASCII without odd blanks.
func plain(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return s == "" || before != ' '
}

func printable(c rune) bool {
	return c >= ' ' && c != 0x7F && !(c >= 0x80 && c < 0xA0) && c != utf8.RuneError && c != 0xFEFF && c != 0xFFFE && c != 0xFFFF
}

// Day reads a date in the layouts that files use and gives it as 2026-11-03;
// plain says whether it was written so. It is "" for what is no day of the
// calendar. A date with the month first is read as in the United States, and
// with the day first only where it cannot be otherwise.
func Day(s string) (day string, plain bool) {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		if _, err := time.Parse(time.DateOnly, s); err == nil {
			return s, s[:4] != "0000"
		}
		return "", false
	}
	if i := strings.IndexByte(s, 'T'); i >= 8 && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
		s = s[:i]
	} else if i := strings.IndexByte(s, ' '); i >= 8 && strings.IndexByte(s[i:], ':') > 0 {
		s = s[:i] // a time of day behind it
	}
	if i := strings.LastIndexAny(s, "Z+"); i == 10 {
		s = s[:i]
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 {
			return t.Format(time.DateOnly), false
		}
	}
	return "", false
}

var layouts = []string{time.DateOnly, "2006-1-2", "1/2/2006", "20060102", "1-2-2006", "2006/1/2", "01022006", "2-Jan-2006", "Jan 2, 2006", "January 2, 2006", "2 Jan 2006", "2/1/2006", "2.1.2006"}

// shapeOf tells how a private text is built and not what it says.
func shapeOf(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9':
			return '9'
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c > '~':
			return 'a'
		}
		return c
	}, short(s))
}

// language says whether a text is a language tag as XML Schema wants it.
func language(s string) bool {
	for i, part := range strings.Split(s, "-") {
		if len(part) == 0 || len(part) > 8 || strings.Trim(strings.ToLower(part), letters) != "" && (i == 0 || strings.Trim(strings.ToLower(part), letters+digits) != "") {
			return false
		}
	}
	return true
}

const (
	letters = "abcdefghijklmnopqrstuvwxyz"
	digits  = "0123456789"
)
