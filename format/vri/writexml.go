// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"bufio"
	"reflect"
	"strings"
)

// xmlWriter writes elements, indented. Errors of the writer underneath come at
// the end.
type xmlWriter struct {
	w     *bufio.Writer
	depth int
}

func (x *xmlWriter) err() error {
	_, err := x.w.Write(nil)
	return err
}

var (
	inText  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	inQuote = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\n", "&#10;", "\r", "&#13;", "\t", "&#9;")
)

// root writes the outermost element around what body writes.
func (x *xmlWriter) root(p *plan, body func()) {
	x.begin(p)
	body()
	x.end(p)
}

// rootName is the outermost element: answers are all of one name.
func rootName(p *plan) string {
	if p == requestPlan {
		return p.class
	}
	return "VoterRecordsResponse"
}

func (x *xmlWriter) begin(p *plan) {
	x.w.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<" + rootName(p) +
		` xmlns="` + space + `" xmlns:addr="` + spaceAddr + `" xmlns:addr_type="` + spaceAddrType + `" xmlns:xsi="` + spaceInstance + `"`)
	if p != requestPlan {
		x.w.WriteString(` xsi:type="` + p.class + `"`)
	}
	x.w.WriteString(">\n")
	x.depth = 1
}

func (x *xmlWriter) end(p *plan) {
	x.depth = 0
	x.close(rootName(p))
}

func (x *xmlWriter) indent() {
	for range x.depth {
		x.w.WriteByte('\t')
	}
}

func (x *xmlWriter) close(name string) {
	x.indent()
	x.w.WriteString("</" + name + ">\n")
}

// leaf writes an element with a text.
func (x *xmlWriter) leaf(name, s string) {
	x.indent()
	x.w.WriteString("<" + name + ">")
	inText.WriteString(x.w, s)
	x.w.WriteString("</" + name + ">\n")
}

// prefixed is the name of an element inside of a class: those of the address
// standard have a name space of their own.
func prefixed(p *plan, name string) string {
	if p.address {
		return "addr_type:" + name
	}
	return name
}

// element writes a part. fixed is what the part is called where the element
// does not leave a choice.
func (x *xmlWriter) element(name string, p *plan, v reflect.Value, fixed string) {
	x.indent()
	x.w.WriteString("<" + name)
	if kind := p.kindOf(v); kind != "" && kind != p.class && fixed == "" {
		x.w.WriteString(` xsi:type="` + kind + `"`)
	}
	for i := range p.fields {
		if f := &p.fields[i]; f.attr && isSet(f, v.Field(f.index)) {
			x.w.WriteString(" " + f.xml + `="`)
			inQuote.WriteString(x.w, v.Field(f.index).String())
			x.w.WriteByte('"')
		}
	}
	if f := p.content; f != nil {
		x.w.WriteByte('>')
		inText.WriteString(x.w, v.Field(f.index).String())
		x.w.WriteString("</" + name + ">\n")
		return
	}
	x.w.WriteString(">\n")
	x.depth++
	if _, class, _ := strings.Cut(fixed, "."); class != "" && p.kind >= 0 {
		x.fieldsOf(p, v, class)
	} else {
		x.fields(p, v)
	}
	x.depth--
	x.close(name)
}

func (x *xmlWriter) fields(p *plan, v reflect.Value) { x.fieldsOf(p, v, p.kindOf(v)) }

func (x *xmlWriter) fieldsOf(p *plan, v reflect.Value, kind string) {
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if !f.attr && !f.content && f.in(kind) && (f.required || isSet(f, fv)) {
			x.field(prefixed(p, f.xml), f, fv)
		}
	}
}

func (x *xmlWriter) field(name string, f *field, v reflect.Value) {
	switch f.shape {
	case shapeText:
		x.leaf(name, v.String())
	case shapeTexts:
		for i := range v.Len() {
			x.leaf(name, v.Index(i).String())
		}
	case shapeFlag:
		if v.Elem().Bool() {
			x.leaf(name, "true")
		} else {
			x.leaf(name, "false")
		}
	case shapePart:
		x.element(name, f.plan, v.Elem(), f.class)
	case shapeParts:
		for i := range v.Len() {
			x.element(name, f.plan, v.Index(i), f.class)
		}
	case shapeAddress:
		a, _ := reflect.TypeAssert[*Address](v)
		x.address(name, a)
	}
}

func (x *xmlWriter) part(name string, p *plan, v any) {
	x.element(name, p, reflect.ValueOf(v).Elem(), "")
}

func (x *xmlWriter) address(name string, a *Address) {
	x.indent()
	x.w.WriteString("<" + name + ">\n")
	x.depth++
	x.indent()
	x.w.WriteString("<" + a.Class)
	if a.Action != "" {
		x.w.WriteString(` action="` + a.Action + `"`)
	}
	x.w.WriteString(">\n")
	x.depth++
	var numbers, streets, between int
	for _, s := range classes[a.Class].slots {
		switch s {
		case slotFront, slotMark:
			if a.Landmark != nil {
				x.part("addr:CompleteLandmarkName", landmarkPlan, a.Landmark)
			} else if a.LandmarkPlace != nil {
				x.part("addr:CompletePlaceName", placePlan, a.LandmarkPlace)
			}
		case slotNumber:
			x.part("addr:CompleteAddressNumber", numberPlan, &a.Number[numbers])
			numbers++
		case slotSeparator:
			x.leaf("addr:SeparatorElement", a.Separator[between])
			between++
		case slotCorner:
			x.optional("addr:CornerOf", a.CornerOf)
		case slotStreet:
			x.part("addr:CompleteStreetName", streetPlan, &a.Street[streets])
			streets++
		case slotSub:
			if a.Subaddress != nil {
				x.part("addr:CompleteSubaddress", subPlan, a.Subaddress)
			}
		case slotBox:
			x.part("addr:USPSBox", boxPlan, a.Box)
		case slotRoute:
			x.part("addr:USPSAddress", routePlan, a.Route)
		case slotPoint:
			x.optional("addr:GeneralAddress", a.General)
			x.optional("addr:USPSGeneralDeliveryPoint", a.DeliveryPoint)
		}
	}
	x.region(a)
	x.depth--
	x.close(a.Class)
	x.depth--
	x.close(name)
}

func (x *xmlWriter) optional(name, s string) {
	if s != "" {
		x.leaf(name, s)
	}
}

// region writes the place, the state and what is known about the address.
func (x *xmlWriter) region(a *Address) {
	if a.Place != nil {
		x.part("addr_type:CompletePlaceName", placePlan, a.Place)
		x.leaf("addr_type:StateName", a.StateName) // required, and empty outside of the United States
	}
	x.optional("addr_type:ZipCode", a.ZipCode)
	x.optional("addr_type:ZipPlus4", a.ZipPlus4)
	x.optional("addr_type:CountryName", a.CountryName)
	for _, s := range a.PlaceStateZip {
		x.leaf("addr_type:PlaceStateZip", s)
	}
	for _, f := range a.Attributes {
		if f.Name != "AddressCoordinateReferenceSystem" {
			x.leaf("addr_type:"+f.Name, f.Value)
			continue
		}
		authority, id, _ := strings.Cut(f.Value, ":")
		x.indent()
		x.w.WriteString("<addr_type:" + f.Name + ">\n")
		x.depth++
		x.leaf("addr_type:AddressCoordinateReferenceSystemAuthority", authority)
		x.leaf("addr_type:AddressCoordinateReferenceSystemID", id)
		x.depth--
		x.close("addr_type:" + f.Name)
	}
}
