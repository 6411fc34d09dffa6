// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A plan is what the struct tags of one class say, worked out once, so that
// readers, writers and checks all follow the same grammar.
type plan struct {
	class   string // name of the class, or of the family where there is a Kind
	fields  []field
	byName  map[string]*field // JSON members and XML child elements
	attrs   map[string]*field // XML attributes
	content *field            // the text inside the XML element
	line    int               // index of Line, ID and Kind; -1 where there is none
	id      int
	kind    int
	kinds   []string
	flat    bool // no lists of elements in it, so it fits on one line
	size    int64
}

// shape is what a field looks like on the wire.
type shape uint8

const (
	shapeText   shape = iota // string
	shapeTexts               // []string, an element each
	shapeCode                // a code of a closed list
	shapeRef                 // id of another element
	shapeRefs                // ids, in one XML element
	shapeFlag                // Opt[bool]
	shapeWhole               // Opt[int64]
	shapeNumber              // Opt[float64]
	shapePart                // *struct
	shapeParts               // []struct
)

// field is one member of a class.
type field struct {
	name     string
	index    int
	bit      uint64 // marks the field as met while reading
	shape    shape
	attr     bool
	content  bool
	required bool
	blank    bool
	count    bool
	format   string
	refs     []string // classes that the ids may be of
	only     []string // kinds that have the field; nil for all
	codes    map[string]bool
	list     []string // the codes in order, for messages
	plan     *plan    // of the part or parts
}

// in says whether a class of this kind has the field. An unknown kind may
// have any.
func (f *field) in(kind string) bool {
	return f.only == nil || kind == "" || slices.Contains(f.only, kind)
}

var (
	plans      = map[reflect.Type]*plan{}
	reportPlan = planOf(reflect.TypeFor[ElectionReport]())
	sumPlan    = planOf(reflect.TypeFor[summaryCounts]())
)

// planOf works out the plan of a struct, and those of the structs in it. It
// runs while the package is set up; a tag it cannot read is a programmer's
// mistake, so it panics.
func planOf(t reflect.Type) *plan {
	if p := plans[t]; p != nil {
		return p
	}
	p := &plan{
		class:  t.Name(),
		byName: map[string]*field{}, attrs: map[string]*field{},
		line: -1, id: -1, kind: -1, flat: true,
		size: int64(t.Size()),
	}
	plans[t] = p // before the fields, because offices hold offices
	p.fields = make([]field, 0, t.NumField())
	for i := range t.NumField() {
		p.add(t.Field(i), i)
	}
	for i := range p.fields {
		p.index(&p.fields[i], i)
	}
	return p
}

// add takes in one field of the struct.
func (p *plan) add(sf reflect.StructField, i int) {
	tag := sf.Tag.Get("err")
	switch {
	case tag == "-":
		return
	case sf.Name == "Line":
		p.line = i
		return
	case sf.Name == "ID":
		p.id = i
		return
	case sf.Name == "Kind":
		p.kind = i
		p.kinds = codesOf(sf.Type)
		return
	}
	f := field{name: sf.Name, index: i}
	f.read(tag)
	f.shape = f.shapeOf(sf.Type)
	if f.shape == shapeParts || f.shape == shapePart && !f.plan.flat {
		p.flat = false
	}
	p.fields = append(p.fields, f)
}

// index makes a field easy to find.
func (p *plan) index(f *field, i int) {
	f.bit = 1 << i
	if f.attr {
		p.attrs[f.name] = f
	}
	if f.content {
		p.content = f
	}
	p.byName[f.name] = f
}

// read takes the tag apart.
func (f *field) read(tag string) {
	for word := range strings.SplitSeq(tag, ",") {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "":
		case "required":
			f.required = true
		case "blank":
			f.blank = true
		case "count":
			f.count = true
		case "attr":
			f.attr = true
		case "content":
			f.content = true
		case "ref":
			f.refs = strings.Split(value, "|")
		case "only":
			f.only = strings.Split(value, "|")
		case "date", "datetime", "time", "uri", "color", "short", "language":
			f.format = name
		default:
			panic(fmt.Sprintf("nisterr: field %s has an unknown tag %q", f.name, word))
		}
	}
}

// shapeOf says how a Go type looks on the wire.
func (f *field) shapeOf(t reflect.Type) shape {
	switch {
	case t == reflect.TypeFor[Opt[bool]]():
		return shapeFlag
	case t == reflect.TypeFor[Opt[int64]]():
		return shapeWhole
	case t == reflect.TypeFor[Opt[float64]]():
		return shapeNumber
	case t == reflect.TypeFor[[]string]():
		if f.refs != nil {
			return shapeRefs
		}
		return shapeTexts
	case t.Kind() == reflect.Slice:
		f.plan = planOf(t.Elem())
		return shapeParts
	case t.Kind() == reflect.Pointer:
		f.plan = planOf(t.Elem())
		return shapePart
	case f.refs != nil:
		return shapeRef
	}
	if f.list = codesOf(t); f.list != nil {
		f.codes = map[string]bool{}
		for _, c := range f.list {
			f.codes[c] = true
		}
		return shapeCode
	}
	return shapeText
}

// codesOf is the closed list behind a type, nil for a free text.
func codesOf(t reflect.Type) []string {
	if c, ok := reflect.Zero(t).Interface().(interface{ codes() []string }); ok {
		return c.codes()
	}
	return nil
}
