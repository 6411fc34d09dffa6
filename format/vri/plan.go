// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A plan is what the struct tags of one class say, worked out once, so that
// readers, writers and checks follow the same grammar.
type plan struct {
	class    string // as the standard calls it
	json     string // what stands in "@type"
	address  bool   // a class of the address standard
	fields   []field
	content  *field // the text inside the XML element
	kind     int    // index of Kind, -1 where the class has no kinds
	kinds    []string
	abstract bool // the class itself cannot stand in a file
}

// shape is what a field looks like.
type shape uint8

const (
	shapeText    shape = iota // string
	shapeTexts                // []string
	shapeFlag                 // *bool
	shapePart                 // *struct
	shapeParts                // []struct
	shapeAddress              // *Address
)

// field is one member of a class.
type field struct {
	name     string // of the Go field and the JSON member
	path     string // with its class in front, for messages
	xml      string // of the XML element
	index    int
	shape    shape
	required bool
	attr     bool
	content  bool
	free     bool   // line breaks mean something
	blank    bool   // a space alone means something
	format   string // date, language, uri, base64, number, integer, digits
	codes    []string
	list     string // the name of the codes
	other    string // the field that says which one "other" is
	class    string // what a part is, where its type does not tell
	only     string // the kind that has the field
	plan     *plan
}

var (
	plans     = map[reflect.Type]*plan{}
	addrTypes = []string{"CompleteLandmarkName", "LandmarkName", "CompletePlaceName", "PlaceName", "CompleteAddressNumber", "CompleteStreetName",
		"CompleteSubaddress", "SubaddressElement", "USPSAddress", "USPSRoute", "USPSBox", "Affix"}

	requestPlan   = planFor[VoterRecordsRequest]()
	ackPlan       = planFor[RequestAcknowledgement]()
	successPlan   = planFor[RequestSuccess]()
	rejectionPlan = planFor[RequestRejection]()
	resultsPlan   = planFor[VoterRecordResults]()
	recordPlan    = planFor[VoterRecord]()
	landmarkPlan  = planFor[CompleteLandmarkName]()
	placePlan     = planFor[CompletePlaceName]()
	numberPlan    = planFor[CompleteAddressNumber]()
	streetPlan    = planFor[CompleteStreetName]()
	subPlan       = planFor[CompleteSubaddress]()
	boxPlan       = planFor[USPSBox]()
	routePlan     = planFor[USPSAddress]()
)

func planFor[T any]() *plan { return planOf(reflect.TypeFor[T]()) }

// planOf works out the plan of a struct and those of the structs in it. It runs
// while the package is set up; a tag it cannot read is a programmer's mistake,
// so it panics.
func planOf(t reflect.Type) *plan {
	if p := plans[t]; p != nil {
		return p
	}
	p := &plan{class: t.Name(), json: "VRI." + t.Name(), kind: -1}
	if p.address = slices.Contains(addrTypes, t.Name()); p.address {
		p.json = "addr_type." + t.Name() + "_type"
	}
	plans[t] = p
	for i := range t.NumField() {
		p.add(t.Field(i), i)
	}
	for i := range p.fields {
		if p.fields[i].content {
			p.content = &p.fields[i]
		}
	}
	return p
}

func (p *plan) add(sf reflect.StructField, i int) {
	f := field{name: sf.Name, path: p.class + "." + sf.Name, xml: sf.Name, index: i}
	for word := range strings.SplitSeq(sf.Tag.Get("vri"), ",") {
		if sf.Name == "Kind" {
			p.readKind(word, i)
			continue
		}
		f.read(word)
	}
	if sf.Name == "Kind" {
		return
	}
	switch t := sf.Type; {
	case t == reflect.TypeFor[*bool]():
		f.shape = shapeFlag
	case t == reflect.TypeFor[[]string]():
		f.shape = shapeTexts
	case t == reflect.TypeFor[*Address]():
		f.shape = shapeAddress
	case t.Kind() == reflect.Slice:
		f.shape, f.plan = shapeParts, planOf(t.Elem())
	case t.Kind() == reflect.Pointer:
		f.shape, f.plan = shapePart, planOf(t.Elem())
	}
	p.fields = append(p.fields, f)
}

func (p *plan) readKind(word string, i int) {
	p.kind = i
	if word == "abstract" {
		p.abstract = true
		return
	}
	p.kinds = strings.Split(strings.TrimPrefix(word, "kind="), "|")
}

// read takes one word of a tag.
func (f *field) read(word string) {
	name, value, _ := strings.Cut(word, "=")
	switch name {
	case "":
	case "required":
		f.required = true
	case "attr":
		f.attr = true
	case "content":
		f.content = true
	case "free":
		f.free = true
	case "blank":
		f.blank = true
	case "date", "language", "uri", "base64", "number", "integer", "digits":
		f.format = name
	case "code":
		f.list, f.codes = value, enumerations[value]
	case "other":
		f.other = value
	case "class":
		f.class = value
	case "only":
		f.only = value
	case "xml":
		f.xml = value
	default:
		panic(fmt.Sprintf("vri: field %s has an unknown tag %q", f.name, word))
	}
}

// in says whether a class of this kind has the field.
func (f *field) in(kind string) bool { return f.only == "" || f.only == kind }

// named finds the field of an element or a member; XML and JSON call one of
// them by different names, and files mix them up.
func (p *plan) named(name string) *field {
	for i := range p.fields {
		if f := &p.fields[i]; f.name == name || f.xml == name {
			return f
		}
	}
	return nil
}

// kindOf is the kind of a part, "" where its class has none.
func (p *plan) kindOf(v reflect.Value) string {
	if p.kind < 0 {
		return ""
	}
	return v.Field(p.kind).String()
}

// isSet says whether a field holds something.
func isSet(f *field, v reflect.Value) bool {
	switch f.shape {
	case shapeText, shapeTexts, shapeParts:
		return v.Len() > 0
	}
	return !v.IsNil()
}
