// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// column is one CSV column and the way from a row's struct to its value.
type column struct {
	names []string // the first is written, all are read
	path  []*field // through the structs whose columns the row takes in
	line  int      // of address_line_3: 3
}

// leaf is the field that holds the value.
func (c column) leaf() *field { return c.path[len(c.path)-1] }

// addressLines is how many address_line_# columns the CSV form has.
const addressLines = 3

// columnsOf lists the columns of a struct, the parts taken in where they stand.
func columnsOf(p *plan) []column {
	var list []column
	for _, f := range append(append([]*field(nil), p.attrs...), p.fields...) {
		switch {
		case f.flatten:
			for _, c := range columnsOf(f.within) {
				c.path = append([]*field{f}, c.path...)
				list = append(list, c)
			}
		case len(f.columns) > 0 && strings.HasSuffix(f.columns[0], "_#"):
			for n := 1; n <= addressLines; n++ {
				list = append(list, column{[]string{strings.TrimSuffix(f.columns[0], "#") + strconv.Itoa(n)}, []*field{f}, n})
			}
		case len(f.columns) > 0:
			list = append(list, column{f.columns, []*field{f}, 0})
		}
	}
	return list
}

// columnNamed finds the column for a name in a header. Address lines may go
// on beyond the third.
func columnNamed(list []column, name string) (column, bool) {
	for _, c := range list {
		for _, n := range c.names {
			if n == name {
				return c, true
			}
		}
	}
	for _, c := range list {
		f := c.leaf()
		if f.kind != kStrings {
			continue
		}
		for _, n := range f.columns {
			n = strings.TrimSuffix(n, "_#")
			rest, ok := strings.CutPrefix(name, n)
			if ok && (rest == "" || isLineNumber(rest)) {
				return column{[]string{name}, c.path, 0}, true
			}
		}
	}
	return column{}, false
}

func isLineNumber(s string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(s, "_"))
	return err == nil && strings.HasPrefix(s, "_") && n > 0 && n < 100
}

// setCell puts the text of a cell where it belongs, making the structs on the
// way.
func (x *values) setCell(c column, row reflect.Value, text []byte) (Kind, string) {
	v := row
	for _, f := range c.path[:len(c.path)-1] {
		v = within(f, v.FieldByIndex(f.index))
	}
	f := c.leaf()
	v = v.FieldByIndex(f.index)
	switch {
	case f.elem == textType:
		v.Set(reflect.ValueOf(English(x.text(text))))
		return "", ""
	case f.elem == annotatedType:
		v.Set(reflect.Append(v, reflect.ValueOf(Annotated{Value: x.text(text)})))
		return "", ""
	}
	return x.set(f, v, text)
}

// within is the struct that a field holds, made if need be; of a list, the
// first.
func within(f *field, v reflect.Value) reflect.Value {
	if f.kind == kStructs {
		if v.Len() == 0 {
			v.Set(reflect.Append(v, reflect.Zero(f.elem)))
		}
		return v.Index(0)
	}
	if v.IsNil() {
		v.Set(reflect.New(f.elem))
	}
	return v.Elem()
}

// cell is the text of a column, and a sentence about what it cannot carry.
func cell(c column, row reflect.Value) (text, lost string) {
	v := row
	for _, f := range c.path[:len(c.path)-1] {
		v = v.FieldByIndex(f.index)
		if f.isEmpty(v) {
			return "", ""
		}
		if f.kind == kStructs {
			first := f.within.fields[0] == c.leaf()                // say it once, not for each column
			if n := v.Len(); n > 1 && first && f.name != "Hours" { // hours get a row each
				lost = fmt.Sprintf("the CSV form has room for one %s; %d left out", f.name, n-1)
			}
			v = v.Index(0)
		} else {
			v = v.Elem()
		}
	}
	f := c.leaf()
	v = v.FieldByIndex(f.index)
	if f.isEmpty(v) {
		return "", lost
	}
	switch x := v.Interface().(type) {
	case *Text:
		text, also := textCell(x)
		return text, both(lost, also)
	case []Annotated:
		text, also := annotatedCell(x)
		return text, both(lost, also)
	case []string:
		text, also := stringsCell(c, x)
		return text, both(lost, also)
	}
	return valueText(f, v), lost
}

func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

func textCell(t *Text) (text, lost string) {
	text = t.In("en")
	var others []string
	english := false
	for _, s := range t.Texts {
		if !english && s.Value == text && baseLanguage(s.Language) == "en" {
			english = true
			continue
		}
		others = append(others, s.Language)
	}
	switch {
	case len(t.Texts) > 0 && !english:
		lost = fmt.Sprintf("the CSV form is in English only; this is in %q and will be taken for English", t.Texts[0].Language)
	case len(others) > 0:
		lost = "the CSV form is in English only; left out: " + strings.Join(others, ", ")
	}
	return text, lost
}

func annotatedCell(list []Annotated) (text, lost string) {
	if len(list) > 1 {
		lost = fmt.Sprintf("the CSV form has room for one; %d left out", len(list)-1)
	}
	if a := list[0].Annotation; a != "" {
		lost = both(lost, fmt.Sprintf("the CSV form has no room for the remark %q", a))
	}
	return list[0].Value, lost
}

// stringsCell joins a list that has one column. A contact's address has three,
// and the last takes the lines beyond.
func stringsCell(c column, list []string) (text, lost string) {
	between := ", "
	if c.leaf().name != "AddressLine" {
		between = " "
	}
	if c.line > 0 {
		if c.line > len(list) {
			return "", ""
		}
		if c.line < addressLines {
			return list[c.line-1], ""
		}
		list = list[c.line-1:]
	}
	if len(list) > 1 {
		lost = fmt.Sprintf("%d values were joined into one cell", len(list))
	}
	return strings.Join(list, between), lost
}
