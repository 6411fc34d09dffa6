// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// InvalidError says why a feed was not written: the official schema, or the
// people who read feeds, would refuse it.
type InvalidError struct {
	Problems []Problem
}

// Error names the first few problems.
func (e *InvalidError) Error() string {
	const most = 3
	var b strings.Builder
	fmt.Fprintf(&b, "the feed cannot be written: %d problems", len(e.Problems))
	if len(e.Problems) == 1 {
		b.Reset()
		b.WriteString("the feed cannot be written")
	}
	for i, p := range e.Problems {
		if i == most {
			b.WriteString("; and so on")
			break
		}
		b.WriteString("; " + p.String())
	}
	return b.String()
}

// blocking are the problems with which a feed must not be written.
func blocking(f *Feed) []Problem {
	// No limit: among a million remarks there may be one that matters.
	ps := &problems{limit: 1 << 30}
	check(f, ps)
	var bad []Problem
	for _, p := range ps.done() {
		if p.Blocks {
			bad = append(bad, p)
		}
	}
	return bad
}

// WriteXML writes a feed as version 5.2 or 6.0. The same feed gives the same
// bytes. A feed that the schema would refuse is not written: the error is then
// an *InvalidError. What that version cannot carry is left out and returned.
func WriteXML(w io.Writer, f *Feed, version string) (lost []Problem, err error) {
	if version != Version52 && version != Version60 {
		return nil, fmt.Errorf("version %q of VIP cannot be written; ask for %s or %s", clip(version), Version52, Version60)
	}
	e := &encoder{w: bufio.NewWriterSize(w, 1<<16), old: version == Version52, ps: &problems{limit: 1000}}
	if bad := blocking(f); len(bad) > 0 {
		return nil, &InvalidError{bad}
	}
	e.feed(f, version)
	return e.ps.done(), e.w.Flush()
}

// encoder writes structs by their plans. bufio.Writer keeps the first error
// for Flush.
type encoder struct {
	w     *bufio.Writer
	old   bool // write version 5.2
	ps    *problems
	class string // of the top-level element at hand
	id    ID
}

// tooNew tells whether a field must be left out of version 5.2, and says so
// once for each field.
func (e *encoder) tooNew(f *field) bool {
	if !e.old || !f.since60 {
		return false
	}
	p := Problem{Element: e.class, ID: e.id, Field: f.name, Kind: Lost, Say: "version 5.2 does not have this; it was left out"}
	if f.name == e.class {
		p.Field = ""
	}
	e.ps.addOnce(e.class+" "+f.name, p)
	return true
}

func (e *encoder) feed(f *Feed, version string) {
	e.w.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	e.w.WriteString(`<VipObject schemaVersion="` + version + `">` + "\n")
	v := reflect.ValueOf(f).Elem()
	for _, class := range feedPlan().fields {
		list := v.FieldByIndex(class.index)
		for i := range list.Len() {
			e.class, e.id = class.name, ID(list.Index(i).FieldByIndex(class.within.id).String())
			if !e.tooNew(class) {
				e.structure(class, class.within, list.Index(i), 1)
			}
		}
	}
	e.w.WriteString("</VipObject>\n")
}

func (e *encoder) structure(f *field, p *plan, v reflect.Value, depth int) {
	e.indent(depth)
	e.w.WriteString("<" + f.name)
	for _, a := range p.attrs {
		if av := v.FieldByIndex(a.index); !a.isEmpty(av) {
			e.w.WriteString(" " + a.name + `="`)
			e.escape(av.String(), true)
			e.w.WriteString(`"`)
		}
	}
	if p.text != nil {
		e.w.WriteString(">")
		e.escape(v.FieldByIndex(p.text.index).String(), false)
		e.end(f.name)
		return
	}
	skip := ""
	if place, ok := v.Addr().Interface().(*PollingLocation); ok && place.AddressStructured != nil && len(place.AddressLines) > 0 {
		// The schema takes one or the other.
		skip = "AddressLine"
		e.ps.add(Problem{Line: place.Line, Element: f.name, ID: place.ID, Field: skip, Kind: Lost,
			Say: "the place also has AddressStructured, and the schema allows only one of them; left out"})
	}
	e.w.WriteString(">\n")
	for _, child := range p.fields {
		if child.name != skip && (child.isEmpty(v.FieldByIndex(child.index)) || !e.tooNew(child)) {
			e.field(child, v.FieldByIndex(child.index), depth+1)
		}
	}
	e.indent(depth)
	e.end(f.name)
}

func (e *encoder) end(name string) {
	e.w.WriteString("</" + name + ">\n")
}

const blanks = "                    "

func (e *encoder) indent(depth int) {
	e.w.WriteString(blanks[:min(2*depth, len(blanks))])
}

func (e *encoder) field(f *field, v reflect.Value, depth int) {
	if f.isEmpty(v) {
		if f.required && f.kind == kString {
			e.leaf(f.name, "", depth)
		}
		return
	}
	switch f.kind {
	case kStruct:
		e.structure(f, f.within, v.Elem(), depth)
	case kStructs:
		for i := range v.Len() {
			e.structure(f, f.within, v.Index(i), depth)
		}
	case kStrings:
		for _, s := range v.Interface().([]string) {
			e.leaf(f.name, s, depth)
		}
	default:
		e.leaf(f.name, valueText(f, v), depth)
	}
}

func (e *encoder) leaf(name, text string, depth int) {
	e.indent(depth)
	e.w.WriteString("<" + name + ">")
	e.escape(text, false)
	e.end(name)
}

// valueText is a value with one text form, as both XML and CSV write it.
func valueText(f *field, v reflect.Value) string {
	switch f.kind {
	case kString, kEnum, kRef:
		return v.String()
	case kRefs:
		ids := v.Interface().([]ID)
		words := make([]string, len(ids))
		for i, id := range ids {
			words[i] = string(id)
		}
		return strings.Join(words, " ")
	}
	switch x := v.Interface().(type) {
	case Opt[bool]:
		return strconv.FormatBool(x.Value)
	case Opt[int]:
		return strconv.Itoa(x.Value)
	case Opt[float64]:
		return strconv.FormatFloat(x.Value, 'f', -1, 64)
	case Opt[TimeWithZone]:
		return x.Value.String()
	case Date:
		return x.String()
	case DateTime:
		return x.String()
	}
	panic("vip: a field of a kind that has no text form: " + f.name)
}

// escape writes text so that it reads back the same. Characters that XML
// cannot carry at all become the replacement character.
func (e *encoder) escape(s string, inAttr bool) {
	start := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		var with string
		switch {
		case r == '&':
			with = "&amp;"
		case r == '<':
			with = "&lt;"
		case r == '>':
			with = "&gt;"
		case r == '"' && inAttr:
			with = "&quot;"
		case r == '\r':
			with = "&#13;"
		case (r == '\n' || r == '\t') && inAttr:
			with = "&#" + strconv.Itoa(int(r)) + ";"
		case r == utf8.RuneError && n == 1 || !isChar(r):
			with = "\uFFFD"
		default:
			i += n
			continue
		}
		e.w.WriteString(s[start:i])
		e.w.WriteString(with)
		i += n
		start = i
	}
	e.w.WriteString(s[start:])
}
