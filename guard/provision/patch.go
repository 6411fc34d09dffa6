// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"encoding/json"
	"slices"
	"strings"

	"hustings/kit/fault"
)

// mostOperations bounds the operations of one PATCH.
const mostOperations = 100

// patchRequest is the body of a PATCH. Programs differ in letter case: Entra ID
// writes "Replace".
type patchRequest struct {
	Schemas    []string    `json:"schemas"`
	Operations []operation `json:"Operations"`
}

type operation struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// kind is what a resource is made of: the attributes that are kept, by their
// name in small letters, and those of the standard that programs send along and
// that are passed over.
type kind struct {
	schema string
	keeps  map[string]string   // "username" -> "userName"
	parts  map[string][]string // of complex attributes
	fixed  map[string]bool     // readOnly: only we set them
	passed map[string]bool
}

// tidy gives the attributes of a body their names, and leaves out those that
// are not kept.
func (k kind) tidy(body attributes) attributes {
	out := make(attributes, len(body))
	for name, v := range body {
		low := strings.ToLower(name)
		if kept, ok := k.keeps[low]; ok && v != nil && !k.fixed[low] {
			out[kept] = v
		}
	}
	return out
}

// patch applies the operations of a request, one after another, to a resource.
func (k kind) patch(of attributes, ops []operation) error {
	if len(ops) == 0 {
		return typed("invalidSyntax", fault.New(fault.Invalid, "The request holds no operations."))
	}
	if len(ops) > mostOperations {
		return typed("tooMany", fault.New(fault.TooLarge, "One request takes at most %d operations.", mostOperations))
	}
	for _, op := range ops {
		if err := k.apply(of, op); err != nil {
			return err
		}
	}
	return nil
}

func (k kind) apply(of attributes, op operation) error {
	var value any
	if len(op.Value) > 0 {
		if err := json.Unmarshal(op.Value, &value); err != nil {
			return typed("invalidSyntax", fault.Wrap(fault.Invalid, err, "The value of an operation is not JSON."))
		}
	}
	does := strings.ToLower(op.Op)
	if !slices.Contains([]string{"add", "replace", "remove"}, does) {
		return typed("invalidSyntax", fault.New(fault.Invalid, "An operation is add, replace or remove, and not %q.", clip(op.Op)))
	}
	if op.Path != "" {
		return k.applyAt(of, does, op.Path, value)
	}
	if does == "remove" {
		return typed("noTarget", fault.New(fault.Invalid, "A remove says with its path what it removes."))
	}
	several, ok := value.(attributes)
	if !ok {
		return typed("invalidValue", fault.New(fault.Invalid, "An operation without a path has an object as its value."))
	}
	for _, name := range sorted(several) {
		if strings.EqualFold(name, "schemas") {
			continue
		}
		if err := k.applyAt(of, does, name, several[name]); err != nil {
			return err
		}
	}
	return nil
}

// sorted are the names of an object in an order of their own, so that one
// request does the same each time.
func sorted(of attributes) []string {
	names := make([]string, 0, len(of))
	for n := range of {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (k kind) applyAt(of attributes, does, where string, value any) error {
	p, err := readPath(where)
	if err != nil {
		return err
	}
	kept, known := k.keeps[p.name]
	switch {
	case k.fixed[p.name]:
		return typed("mutability", fault.New(fault.Invalid, "%s is read-only.", clip(where)))
	case !known && (k.passed[p.name] || strings.HasPrefix(p.name, "urn:")):
		return nil // of the standard, and not kept here
	case !known || p.sub != "" && !slices.Contains(k.parts[p.name], p.sub) && !k.passed[p.name+"."+p.sub]:
		return typed("invalidPath", fault.New(fault.Invalid, "There is no attribute %s.", clip(where)))
	}
	switch {
	case p.only != nil:
		return some(of, does, kept, p, value)
	case p.sub != "":
		part(of, does, kept, p.sub, value)
	case does == "remove":
		remove(of, kept, value)
	case does == "add":
		add(of, kept, value)
	default:
		of[kept] = value
	}
	return nil
}

// part changes one part of a complex attribute, of each of its values.
func part(of attributes, does, name, sub string, value any) {
	if of[name] == nil {
		of[name] = attributes{}
	}
	for _, v := range list(of[name]) {
		if one, ok := v.(attributes); ok {
			set(one, does, sub, value)
		}
	}
}

func set(one attributes, does, sub string, value any) {
	for k := range one {
		if strings.EqualFold(k, sub) {
			delete(one, k)
		}
	}
	if does != "remove" {
		one[sub] = value
	}
}

// remove takes an attribute away; with values, as Entra ID sends them for
// members, only those.
func remove(of attributes, name string, value any) {
	some := list(value)
	if len(some) == 0 {
		delete(of, name)
		return
	}
	gone := make(map[any]bool, len(some))
	for _, v := range some {
		gone[valueOf(v)] = true
	}
	of[name] = slices.DeleteFunc(slices.Clone(list(of[name])), func(v any) bool { return gone[valueOf(v)] })
}

// add puts values beside those that are there, each once; a single value takes
// the place of the one before.
func add(of attributes, name string, value any) {
	more, several := value.([]any)
	had, hasSeveral := of[name].([]any)
	if !several && !hasSeveral {
		if one, ok := value.(attributes); ok { // its parts join those that are there
			if was, ok := of[name].(attributes); ok {
				for k, v := range one {
					set(was, "add", k, v)
				}
				return
			}
		}
		of[name] = value
		return
	}
	if !several {
		more = []any{value}
	}
	there := make(map[any]bool, len(had))
	for _, v := range had {
		there[valueOf(v)] = true
	}
	all := slices.Clone(had)
	for _, v := range more {
		if key := valueOf(v); key == nil || !there[key] {
			there[key] = true
			all = append(all, v)
		}
	}
	of[name] = all
}

// valueOf is what tells values of an attribute apart; nil for what cannot be.
func valueOf(v any) any {
	if one, ok := v.(attributes); ok {
		v = get(one, "value")
	}
	if s, ok := v.(string); ok {
		return s
	}
	return nil
}

// some changes those values of an attribute that a filter means.
func some(of attributes, does, name string, p path, value any) error {
	had := slices.Clone(list(of[name]))
	meant := func(v any) bool { one, ok := v.(attributes); return ok && p.only(one) }
	if !slices.ContainsFunc(had, meant) {
		if does == "remove" {
			return nil // it is not there, which is what was asked for
		}
		if p.sub == "" || p.equal == nil || does == "replace" && len(had) > 0 {
			return typed("noTarget", fault.New(fault.Invalid, "No value of %s is meant by the path.", name))
		}
		made := attributes{p.sub: value} // as Entra ID expects for emails[type eq "work"].value
		for k, v := range p.equal {
			made[k] = v
		}
		of[name] = append(had, made)
		return nil
	}
	if does == "remove" && p.sub == "" {
		of[name] = slices.DeleteFunc(had, meant)
		return nil
	}
	for i, v := range had {
		if !meant(v) {
			continue
		}
		if one := v.(attributes); p.sub != "" {
			set(one, does, p.sub, value)
		} else {
			had[i] = value
		}
	}
	of[name] = had
	return nil
}

// clip keeps what a program wrote from filling an answer or a log.
func clip(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "…"
	}
	return s
}
