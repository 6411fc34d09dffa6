// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"io"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// WriteJSON writes a report as JSON. What it writes is valid against the
// official schema; a report that cannot be is refused (*Refusal) and nothing
// is written. One report always gives the same bytes.
func WriteJSON(w io.Writer, rep *ElectionReport) error {
	if err := refuse(rep, asJSON); err != nil {
		return err
	}
	j := &jsonWriter{sink{w: w}}
	j.object(reportPlan, reflect.ValueOf(rep).Elem(), 0)
	j.add("\n")
	j.flush()
	return j.err
}

// jsonWriter writes elements as objects. An element without lists of elements
// in it, such as a count, takes one line.
type jsonWriter struct{ sink }

// object writes an element.
func (j *jsonWriter) object(p *plan, v reflect.Value, depth int) {
	class := p.class
	if kind := kindOf(p, v); kind != "" {
		class = kind
	}
	j.add(`{"@type": "` + classPrefix)
	j.add(class)
	j.add(`"`)
	if id := idOf(p, v); id != "" {
		j.add(`, "@id": `)
		j.text(id)
	}
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if !isSet(f, fv) && !f.blank {
			continue
		}
		j.add(",")
		if p.flat {
			j.add(" ")
		} else {
			j.newline(depth + 1)
		}
		j.add(`"`)
		j.add(f.name)
		j.add(`": `)
		j.value(f, fv, depth+1)
	}
	if !p.flat {
		j.newline(depth)
	}
	j.add("}")
	j.flushed()
}

// value writes the value of a field.
func (j *jsonWriter) value(f *field, v reflect.Value, depth int) {
	switch f.shape {
	case shapeText, shapeCode, shapeRef:
		j.text(v.String())
	case shapeTexts, shapeRefs:
		j.texts(v)
	case shapeFlag:
		j.buf = strconv.AppendBool(j.buf, v.Field(0).Bool())
	case shapeWhole:
		j.buf = strconv.AppendInt(j.buf, v.Field(0).Int(), 10)
	case shapeNumber:
		j.addNumber(v.Field(0).Float())
	case shapePart:
		j.object(f.plan, v.Elem(), depth)
	case shapeParts:
		j.parts(f, v, depth)
	}
}

// parts writes a list of elements.
func (j *jsonWriter) parts(f *field, v reflect.Value, depth int) {
	j.add("[")
	if list, ok := votes(f, v); ok {
		j.votes(list, depth+1)
	} else {
		j.objects(f, v, depth+1)
	}
	j.newline(depth)
	j.add("]")
}

func (j *jsonWriter) objects(f *field, v reflect.Value, depth int) {
	for i := range v.Len() {
		if i > 0 {
			j.add(",")
		}
		j.newline(depth)
		j.object(f.plan, v.Index(i), depth)
	}
}

// texts writes a list of texts on one line.
func (j *jsonWriter) texts(v reflect.Value) {
	j.add("[")
	for i := range v.Len() {
		if i > 0 {
			j.add(", ")
		}
		j.text(v.Index(i).String())
		j.flushed()
	}
	j.add("]")
}

const hexDigits = "0123456789abcdef"

// text writes a string. The separators U+2028 and U+2029 are escaped too,
// since they end a line in JavaScript.
func (j *jsonWriter) text(s string) {
	j.buf = append(j.buf, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			j.add(s[start:i])
			j.escape(c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == '\u2028' || r == '\u2029' {
			j.add(s[start:i])
			j.add(`\u202`)
			j.buf = append(j.buf, hexDigits[r&0xf])
			start = i + size
		}
		i += size
	}
	j.add(s[start:])
	j.buf = append(j.buf, '"')
}

// escape writes a character that cannot stand for itself.
func (j *jsonWriter) escape(c byte) {
	switch c {
	case '"', '\\':
		j.buf = append(j.buf, '\\', c)
	case '\n':
		j.add(`\n`)
	case '\r':
		j.add(`\r`)
	case '\t':
		j.add(`\t`)
	default:
		j.add(`\u00`)
		j.buf = append(j.buf, hexDigits[c>>4], hexDigits[c&0xf])
	}
}
