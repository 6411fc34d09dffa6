// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// plan is what the tags of a struct say, worked out once per type.
type plan struct {
	fields []*field // child elements in schema order, base types first
	attrs  []*field
	text   *field // what stands between the tags, for the few types that have it
	line   []int  // index of the Line field; nil when there is none
	id     []int  // index of the ID field of a top-level element
	byName map[string]*field
}

// field is one XML element or attribute of a struct.
type field struct {
	name     string // in XML
	columns  []string
	flatten  bool // csv:"+": the columns of the struct within are ours
	index    []int
	kind     kind
	required bool
	attr     bool
	since60  bool
	refs     []string // classes an id may belong to
	enum     []string
	within   *plan        // of the struct within
	elem     reflect.Type // of that struct
}

// kind says how a field is read and written.
type kind int

const (
	kString kind = iota
	kEnum
	kRef
	kRefs    // ids with blanks between them, in one element
	kStrings // one element for each
	kBool
	kInt
	kFloat
	kDate
	kDateTime
	kTime
	kStruct  // pointer to a struct
	kStructs // slice of structs
)

var kinds = map[reflect.Type]kind{
	reflect.TypeFor[string]():            kString,
	reflect.TypeFor[ID]():                kRef,
	reflect.TypeFor[[]ID]():              kRefs,
	reflect.TypeFor[[]string]():          kStrings,
	reflect.TypeFor[Opt[bool]]():         kBool,
	reflect.TypeFor[Opt[int]]():          kInt,
	reflect.TypeFor[Opt[float64]]():      kFloat,
	reflect.TypeFor[Date]():              kDate,
	reflect.TypeFor[DateTime]():          kDateTime,
	reflect.TypeFor[Opt[TimeWithZone]](): kTime,
}

var (
	textType      = reflect.TypeFor[Text]()
	annotatedType = reflect.TypeFor[Annotated]()
)

// feedPlan is the plan of the whole feed; its fields are the classes.
var feedPlan = sync.OnceValue(func() *plan {
	return newPlan(reflect.TypeFor[Feed](), map[reflect.Type]*plan{})
})

// newPlan reads the tags of a struct type. Types that are used in many places
// (ContactInformation, Text) share one plan.
func newPlan(t reflect.Type, known map[reflect.Type]*plan) *plan {
	if p := known[t]; p != nil {
		return p
	}
	p := &plan{byName: map[string]*field{}}
	known[t] = p
	for _, sf := range reflect.VisibleFields(t) {
		if sf.Name == "Line" {
			p.line = sf.Index
			continue
		}
		tag, ok := sf.Tag.Lookup("vip")
		if !ok {
			continue // an embedded base type, whose fields come by themselves
		}
		name, rest, _ := strings.Cut(tag, ",")
		options := strings.Split(rest, ",")
		f := &field{name: name, index: sf.Index, required: slices.Contains(options, "required")}
		f.readColumns(sf.Tag.Get("csv"))
		f.readOptions(options)
		f.setKind(sf.Type, known)
		switch {
		case slices.Contains(options, "attr"):
			f.attr = true
			if name == "id" {
				p.id = sf.Index
			}
			p.attrs = append(p.attrs, f)
		case slices.Contains(options, "text"):
			p.text = f
		default:
			p.fields = append(p.fields, f)
			p.byName[name] = f
		}
	}
	return p
}

func (f *field) readColumns(tag string) {
	f.flatten = tag == "+"
	if tag != "" && !f.flatten {
		f.columns = strings.Split(tag, "|")
	}
}

func (f *field) readOptions(options []string) {
	for _, o := range options {
		if refs, ok := strings.CutPrefix(o, "ref="); ok {
			f.refs = strings.Split(refs, "|")
		}
		if o == "since=6.0" {
			f.since60 = true
		}
	}
}

func (f *field) setKind(t reflect.Type, known map[reflect.Type]*plan) {
	if k, ok := kinds[t]; ok {
		f.kind = k
		return
	}
	if list, ok := enums[t]; ok {
		f.kind, f.enum = kEnum, list
		return
	}
	f.kind = kStruct
	if t.Kind() == reflect.Slice {
		f.kind = kStructs
	}
	f.elem = t.Elem()
	f.within = newPlan(f.elem, known)
}

// attribute finds an attribute's field by name.
func (p *plan) attribute(name string) *field {
	for _, f := range p.attrs {
		if f.name == name {
			return f
		}
	}
	return nil
}

// isEmpty tells whether a field was left out.
func (f *field) isEmpty(v reflect.Value) bool {
	switch f.kind {
	case kRefs, kStrings, kStructs:
		return v.Len() == 0
	case kDateTime:
		return v.Addr().Interface().(*DateTime).IsZero()
	}
	return v.IsZero()
}
