// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
)

// values turns text into values. It keeps one copy of short texts that come
// again and again (cities, states, ids of precincts): a statewide feed fits
// in a fraction of the memory.
type values struct {
	known map[string]string
}

func newValues() *values { return &values{known: map[string]string{}} }

// text is b as a string.
func (x *values) text(b []byte) string {
	const longest, most = 40, 100_000
	if len(b) > longest {
		return string(b)
	}
	if s, ok := x.known[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(x.known) < most {
		x.known[s] = s
	}
	return s
}

// oneMore makes a list one longer and gives its new, empty element.
func oneMore(list reflect.Value) reflect.Value {
	list.Grow(1)
	list.SetLen(list.Len() + 1)
	last := list.Index(list.Len() - 1)
	last.SetZero()
	return last
}

// set reads text into a field. What it says is empty when all is well. A value
// that cannot be read leaves the field as if it had been left out, except for
// a word that is not on its list, which is kept for people to see.
func (x *values) set(f *field, v reflect.Value, text []byte) (Kind, string) {
	if len(text) == 0 && f.kind != kString && f.kind != kStrings {
		return Odd, "is empty; it was read as left out"
	}
	switch f.kind {
	case kString:
		v.SetString(x.text(text))
	case kStrings:
		if len(text) > 0 {
			list := v.Addr().Interface().(*[]string)
			*list = append(*list, x.text(text))
		}
	case kRef:
		v.SetString(x.text(text))
	case kRefs:
		list := v.Addr().Interface().(*[]ID)
		*list = slices.Grow(*list, 1+bytes.Count(text, []byte{' '}))
		for id := range bytes.FieldsSeq(text) {
			*list = append(*list, ID(x.text(id)))
		}
	case kEnum:
		return x.setEnum(f, v, x.text(text))
	case kDate:
		return setDate(v, string(text))
	default:
		if say := setNumber(f, v, string(text)); say != "" {
			return BadValue, say
		}
		return x.loose(f, text)
	}
	return "", ""
}

// loose remarks on a yes or no that a strict reader would refuse.
func (x *values) loose(f *field, text []byte) (Kind, string) {
	if f.kind != kBool {
		return "", ""
	}
	value, strict, _ := parseBool(string(text))
	if strict {
		return "", ""
	}
	return Odd, fmt.Sprintf("%q was read as %t; write it as %t", clip(string(text)), value, value)
}

func (x *values) setEnum(f *field, v reflect.Value, text string) (Kind, string) {
	spelled, ok := enumSpelling(f.enum, text)
	if !ok {
		v.SetString(text) // the checker reports it
		return "", ""
	}
	v.SetString(spelled)
	if spelled != text {
		return Odd, fmt.Sprintf("%q was read as %q; write it so", clip(text), spelled)
	}
	return "", ""
}

func setDate(v reflect.Value, text string) (Kind, string) {
	into := v.Addr().Interface().(*Date)
	d, err := ParseDate(text)
	if err == nil {
		*into = d
		return "", ""
	}
	if d, ok := parseUSDate(text); ok {
		*into = d
		return Odd, fmt.Sprintf("%q was read as month, day, year; write it as %s", text, d)
	}
	return BadValue, err.Error()
}

// setNumber reads the kinds that have one strict form.
func setNumber(f *field, v reflect.Value, text string) (say string) {
	var err error
	switch into := v.Addr().Interface().(type) {
	case *Opt[bool]:
		into.Value, _, err = parseBool(text)
		into.Set = err == nil
	case *Opt[int]:
		into.Value, err = parseInt(text)
		into.Set = err == nil
	case *Opt[float64]:
		into.Value, err = parseFloat(text)
		into.Set = err == nil
	case *Opt[TimeWithZone]:
		into.Value, err = ParseTimeWithZone(text)
		into.Set = err == nil
	case *DateTime:
		*into, err = ParseDateTime(text)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
