// SPDX-License-Identifier: Apache-2.0

package register

import (
	"slices"
	"strings"

	"github.com/a-h/templ"
)

// wrongOf is what is wrong with a field, "" for nothing.
func wrongOf(bad []wrong, name string) string {
	for _, w := range bad {
		if w.field == name {
			return w.say
		}
	}
	return ""
}

// problem is what is wrong with the one field of a page.
func problem(name, say string) []wrong {
	if say == "" {
		return nil
	}
	return []wrong{{name, say}}
}

// anchor is the id of the input that a sentence about a field leads to.
func anchor(fields []field, name string) string {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return name
	}
	switch fd := fields[i]; fd.kind {
	case date:
		return name + "-" + dateParts[0]
	case radios, checks:
		return name + "-" + fd.options[0].value
	}
	return name
}

// hasUnder says whether an option has fields below it.
func hasUnder(fields []field, value string) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.under == value })
}

// describedBy are the ids of what a group of inputs is described by.
func describedBy(name string, intro bool, wrong string) string {
	var ids []string
	if intro {
		ids = append(ids, name+"-intro")
	}
	if wrong != "" {
		ids = append(ids, name+"-wrong")
	}
	return strings.Join(ids, " ")
}

// fieldAttributes are those of an input that not every field has.
func fieldAttributes(fd field, bad []wrong) templ.OrderedAttributes {
	var a templ.OrderedAttributes
	add := func(name, value string) {
		if value != "" {
			a = append(a, templ.KeyValue[string, any]{Key: name, Value: value})
		}
	}
	add("autocomplete", fd.auto)
	add("inputmode", fd.mode)
	var ids []string
	if fd.hint != "" {
		ids = append(ids, fd.name+"-hint")
	}
	if wrongOf(bad, fd.name) != "" {
		ids = append(ids, fd.name+"-wrong")
		add("aria-invalid", "true")
	}
	add("aria-describedby", strings.Join(ids, " "))
	return a
}

// lacks says what an application lacks, by the key that the office has for it.
func (f *form) lacks(key string) string {
	if f.p.Has("register.missing." + key) {
		return f.t("missing." + key)
	}
	return f.t("missing.other")
}
