// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"fmt"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Check says what is wrong with a feed, by the schema and by the rules that
// the specification gives in words. Read does it by itself.
func Check(f *Feed) []Problem {
	ps := &problems{limit: Limits{}.orDefaults().Problems}
	check(f, ps)
	return ps.done()
}

// check walks over every field of every element.
func check(f *Feed, ps *problems) {
	feed, p := reflect.ValueOf(f).Elem(), feedPlan()
	elements := 0
	for _, class := range p.fields {
		elements += feed.FieldByIndex(class.index).Len()
	}
	c := &checker{ps: ps, ids: make(map[ID]place, elements)}
	for _, class := range p.fields {
		c.collect(class, feed.FieldByIndex(class.index))
	}
	for _, class := range p.fields {
		list := feed.FieldByIndex(class.index)
		c.class = class.name
		for i := range list.Len() {
			v := list.Index(i)
			c.id = ID(v.FieldByIndex(class.within.id).String())
			c.structure(class.within, v, 0)
		}
	}
	c.one("Source", len(f.Sources))
	c.one("Election", len(f.Elections))
}

// checker remembers where it is.
type checker struct {
	ps    *problems
	ids   map[ID]place
	class string
	id    ID
	path  []string
}

// place is where an id was given out.
type place struct {
	class string
	line  int
}

func (c *checker) report(line int, kind Kind, blocks bool, format string, args ...any) {
	c.ps.add(Problem{Line: line, Element: c.class, ID: c.id, Field: strings.Join(c.path, "/"),
		Kind: kind, Blocks: blocks, Say: fmt.Sprintf(format, args...)})
}

// one reports a class of which a feed must have exactly one.
func (c *checker) one(class string, n int) {
	c.class, c.id, c.path = class, "", nil
	switch {
	case n == 0:
		c.report(0, Missing, true, "the feed has none; it must have one")
	case n > 1:
		c.report(0, Odd, false, "the feed has %d; it should have one", n)
	}
}

// collect learns the ids of a class.
func (c *checker) collect(class *field, list reflect.Value) {
	for i := range list.Len() {
		v := list.Index(i)
		id := ID(v.FieldByIndex(class.within.id).String())
		line := int(v.FieldByIndex(class.within.line).Int())
		c.class, c.id = class.name, id
		first, taken := c.ids[id]
		switch {
		case id == "": // structure reports it as missing
		case taken:
			c.report(line, Duplicate, true, "%s on line %d has the same id; give one of them another", first.class, first.line)
		default:
			if !isNCName(string(id)) {
				c.report(line, BadValue, true, "an id must begin with a letter and hold only letters, digits, hyphens, dots and underscores")
			}
			c.ids[id] = place{class.name, line}
		}
	}
}

// structure checks the fields of one struct and everything within.
func (c *checker) structure(p *plan, v reflect.Value, line int) {
	if p.line != nil {
		if n := int(v.FieldByIndex(p.line).Int()); n > 0 {
			line = n
		}
	}
	for _, f := range p.attrs {
		c.field(f, v.FieldByIndex(f.index), line)
	}
	for _, f := range p.fields {
		c.field(f, v.FieldByIndex(f.index), line)
	}
	c.rules(v.Addr().Interface(), line)
}

func (c *checker) field(f *field, v reflect.Value, line int) {
	if f.isEmpty(v) {
		if !f.required {
			return
		}
		c.path = append(c.path, f.name)
		// An empty text is no error to the schema, only to people.
		c.report(line, Missing, f.kind != kString || f.attr, "is required and missing")
		c.path = c.path[:len(c.path)-1]
		return
	}
	c.path = append(c.path, f.name)
	defer func() { c.path = c.path[:len(c.path)-1] }()
	switch f.kind {
	case kStruct:
		c.structure(f.within, v.Elem(), line)
	case kStructs:
		for i := range v.Len() {
			c.structure(f.within, v.Index(i), line)
		}
	case kRef:
		if f.name != "id" {
			c.ref(f, ID(v.String()), line)
		}
	case kRefs:
		for _, id := range *v.Addr().Interface().(*[]ID) {
			c.ref(f, id, line)
		}
	case kEnum:
		if !slices.Contains(f.enum, v.String()) {
			c.report(line, BadEnum, true, "%q is not one of: %s", clip(v.String()), strings.Join(f.enum, ", "))
		}
	case kString:
		c.text(f, v.String(), line)
	case kFloat:
		if n := v.Addr().Interface().(*Opt[float64]).Value; math.IsNaN(n) || math.IsInf(n, 0) {
			c.report(line, BadValue, true, "%v is not a number that can be written", n)
		}
	case kTime:
		if t := v.Addr().Interface().(*Opt[TimeWithZone]).Value; !t.isReal() {
			c.report(line, BadValue, true, "%s is not a time of day", t)
		}
	case kDateTime:
		if y := v.Addr().Interface().(*DateTime).Time.Year(); y < 1 || y > 9999 {
			c.report(line, BadValue, true, "the year %d cannot be written", y)
		}
	case kDate:
		if d := v.Addr().Interface().(*Date); !d.isReal() {
			c.report(line, BadValue, true, "%s is not a day of the calendar", *d)
		}
	}
}

// ref checks that an id belongs to an element, and to the right sort.
func (c *checker) ref(f *field, id ID, line int) {
	target, ok := c.ids[id]
	switch {
	case !ok:
		c.report(line, Dangling, true, "no element has the id %q", clip(string(id)))
	case !slices.Contains(f.refs, target.class):
		c.report(line, WrongClass, false, "%s is a %s; this must be a %s", clip(string(id)), target.class, strings.Join(f.refs, " or a "))
	}
}

// text checks the few patterns that the schema has for texts.
func (c *checker) text(f *field, s string, line int) {
	switch {
	case f.name == "annotation" && utf8.RuneCountInString(s) > 16:
		c.report(line, BadValue, true, "%q is longer than 16 characters", clip(s))
	case f.name == "language" && !isLanguage(s):
		c.report(line, BadValue, true, "%q is not a language; write en, es or zh-Hant", clip(s))
	case f.name == "Color" && !isColor(s):
		c.report(line, BadValue, true, "%q is not a colour; write six digits and small letters such as e91d0e", clip(s))
	case strings.HasSuffix(f.name, "Uri"):
		c.uri(s, line)
	}
}

// rules are what the specification says in words.
func (c *checker) rules(v any, line int) {
	switch v := v.(type) {
	case *PollingLocation:
		if v.AddressStructured == nil && len(v.AddressLines) == 0 {
			c.report(line, Missing, true, "the place has no address; give AddressStructured or AddressLine")
		}
	case *LatLng:
		if v.Latitude.Value < -90 || v.Latitude.Value > 90 || v.Longitude.Value < -180 || v.Longitude.Value > 180 {
			c.report(line, Odd, false, "%v, %v is not a place on earth; are latitude and longitude swapped?", v.Latitude.Value, v.Longitude.Value)
		}
	case *Schedule:
		if !v.StartDate.IsZero() && !v.EndDate.IsZero() && v.EndDate.Before(v.StartDate) {
			c.report(line, Odd, false, "the schedule ends on %s, before it starts on %s", v.EndDate, v.StartDate)
		}
	case *Hours:
		if v.StartTime.Set && v.EndTime.Set && v.EndTime.Value.utc() <= v.StartTime.Value.utc() {
			c.report(line, Odd, false, "closes at %s, not after it opens at %s", v.EndTime.Value, v.StartTime.Value)
		}
	case *Annotated:
		if c.path[len(c.path)-1] == "Uri" {
			c.uri(v.Value, line)
		}
	case *StreetSegment:
		if why := v.unusable(); why != "" {
			c.report(line, Odd, false, "%s; readers ignore this segment", why)
		}
	}
}

// utc is the time as seconds since midnight in UTC.
func (t TimeWithZone) utc() int { return t.Seconds - t.Offset }

// isNCName tells whether the schema takes a text as an id.
func isNCName(s string) bool {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) {
			continue
		}
		if i == 0 || r != '-' && r != '.' && !unicode.IsDigit(r) && r != '·' {
			return false
		}
	}
	return s != ""
}

// isLanguage tells whether a text has the form of a language tag.
func isLanguage(s string) bool {
	for i, part := range strings.Split(s, "-") {
		if part == "" || len(part) > 8 {
			return false
		}
		for _, r := range part {
			letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
			if !letter && (i == 0 || r < '0' || r > '9') {
				return false
			}
		}
	}
	return true
}

func isColor(s string) bool {
	return len(s) == 6 && strings.Trim(s, "0123456789abcdef") == ""
}

// isURI tells whether the schema takes a text as a web address. Where Go and
// the validators differ, the stricter counts.
func isURI(s string) bool {
	u, err := url.Parse(s)
	if err != nil || strings.Count(s, "#") > 1 || strings.HasSuffix(u.Host, ":") {
		return false
	}
	_, authority, _ := strings.Cut(s, "//")
	authority, _, _ = strings.Cut(authority, "/")
	if strings.Count(authority, "@") > 1 {
		return false
	}
	// Brackets may only stand around the number of a host.
	return !strings.ContainsAny(strings.Replace(s, u.Host, "", 1), "[]")
}

// hasBlanks tells whether a web address holds characters that the schema
// takes but browsers and phones stumble over.
func hasBlanks(s string) bool { return strings.ContainsAny(s, " \t\n\"<>\\^`{|}") }

// uri checks a web address.
func (c *checker) uri(s string, line int) {
	switch {
	case !isURI(s):
		c.report(line, BadValue, true, "%q is not a web address; write it as https://example.org/page", clip(s))
	case hasBlanks(s):
		c.report(line, Odd, false, "%q is not a web address; blanks and other special characters must be written as %%20 and so on", clip(s))
	}
}
