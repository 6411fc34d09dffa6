// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"io"
	"reflect"
	"strconv"
)

// WriteXML writes a report as XML. What it writes is valid against the
// official schema; a report that cannot be is refused (*Refusal) and nothing
// is written. One report always gives the same bytes.
func WriteXML(w io.Writer, rep *ElectionReport) error {
	if err := refuse(rep, asXML); err != nil {
		return err
	}
	x := &xmlWriter{sink{w: w}}
	x.add(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<ElectionReport xmlns=\"" + spaceV2 +
		`" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`)
	x.fields(reportPlan, reflect.ValueOf(rep).Elem(), 1)
	x.newline(0)
	x.add("</ElectionReport>\n")
	x.flush()
	return x.err
}

// xmlWriter writes elements. An element without lists of elements in it, such
// as a count, takes one line.
type xmlWriter struct{ sink }

// element writes an element under the name that its field has.
func (x *xmlWriter) element(name string, p *plan, v reflect.Value, depth int) {
	x.add("<")
	x.add(name)
	if id := idOf(p, v); id != "" {
		x.attr("ObjectId", id)
	}
	if kind := kindOf(p, v); kind != defaultKind[p.class] {
		x.attr("xsi:type", kind)
	}
	for i := range p.fields {
		if f := &p.fields[i]; f.attr && v.Field(f.index).Len() > 0 {
			x.attr(f.name, v.Field(f.index).String())
		}
	}
	x.add(">")
	if p.content != nil {
		x.text(v.Field(p.content.index).String(), false)
	} else {
		x.fields(p, v, depth+1)
	}
	if !p.flat {
		x.newline(depth)
	}
	x.close(name)
	x.flushed()
}

// fields writes the child elements, in the order of the schema.
func (x *xmlWriter) fields(p *plan, v reflect.Value, depth int) {
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if f.attr || f.content || !isSet(f, fv) && !f.blank {
			continue
		}
		switch f.shape {
		case shapePart:
			x.start(p, depth)
			x.element(f.name, f.plan, fv.Elem(), depth)
		case shapeParts:
			if list, ok := votes(f, fv); ok {
				x.votes(f.name, list, depth)
				continue
			}
			for k := range fv.Len() {
				x.start(p, depth)
				x.element(f.name, f.plan, fv.Index(k), depth)
			}
		case shapeTexts:
			for k := range fv.Len() {
				x.start(p, depth)
				x.leaf(f.name, fv.Index(k).String())
			}
		default:
			x.start(p, depth)
			x.simple(f, fv)
		}
	}
}

// start begins a line for a child, unless the parent takes only one.
func (x *xmlWriter) start(p *plan, depth int) {
	if !p.flat {
		x.newline(depth)
	}
}

// leaf writes an element that holds a text.
func (x *xmlWriter) leaf(name, text string) {
	x.open(name)
	x.text(text, false)
	x.close(name)
}

// simple writes an element that holds one value.
func (x *xmlWriter) simple(f *field, v reflect.Value) {
	x.open(f.name)
	switch f.shape {
	case shapeText, shapeCode, shapeRef:
		x.text(v.String(), false)
	case shapeRefs:
		for i := range v.Len() {
			if i > 0 {
				x.add(" ")
			}
			x.text(v.Index(i).String(), false)
			x.flushed()
		}
	case shapeFlag:
		x.buf = strconv.AppendBool(x.buf, v.Field(0).Bool())
	case shapeWhole:
		x.buf = strconv.AppendInt(x.buf, v.Field(0).Int(), 10)
	case shapeNumber:
		x.addNumber(v.Field(0).Float())
	}
	x.close(f.name)
}

func (x *xmlWriter) open(name string) {
	x.add("<")
	x.add(name)
	x.add(">")
}

func (x *xmlWriter) close(name string) {
	x.add("</")
	x.add(name)
	x.add(">")
}

func (x *xmlWriter) attr(name, value string) {
	x.add(" ")
	x.add(name)
	x.add(`="`)
	x.text(value, true)
	x.add(`"`)
}

// text writes a text so that it reads back the same: XML turns \r into \n, and
// line ends in attributes into spaces.
func (x *xmlWriter) text(s string, attr bool) {
	start := 0
	for i := range len(s) {
		ref := ""
		switch c := s[i]; {
		case c == '&':
			ref = "&amp;"
		case c == '<':
			ref = "&lt;"
		case c == '>':
			ref = "&gt;"
		case c == '\r':
			ref = "&#13;"
		case c == '"' && attr:
			ref = "&quot;"
		case c == '\n' && attr:
			ref = "&#10;"
		case c == '\t' && attr:
			ref = "&#9;"
		default:
			continue
		}
		x.add(s[start:i])
		x.add(ref)
		start = i + 1
	}
	x.add(s[start:])
}
