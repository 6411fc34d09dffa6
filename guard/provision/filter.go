// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"hustings/kit/fault"
)

// Limits of what a program may ask for in one filter.
const (
	longestFilter = 2000 // bytes
	deepestFilter = 20   // brackets within brackets
	mostTerms     = 100
)

// attributes is a resource as SCIM sees it, and as JSON has it.
type attributes = map[string]any

// filter says whether a resource, or one value of an attribute, is meant
// (RFC 7644, 3.4.2.2).
type filter func(of attributes) bool

// attrPath is the name of an attribute: "userName", "name.familyName". Letter
// case does not matter.
type attrPath struct{ name, sub string }

// exact are attributes whose letter case matters.
var exact = map[string]bool{"id": true, "externalid": true, "value": true}

// parser reads a filter, or the path of a PATCH, from left to right.
type parser struct {
	text  string
	at    int
	depth int
	terms int
	types string // the scimType of its faults
}

// readFilter reads the filter of a request.
func readFilter(text string) (filter, error) {
	p := &parser{text: text, types: "invalidFilter"}
	if len(text) > longestFilter {
		return nil, p.wrong()
	}
	f, err := p.either()
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at < len(p.text) {
		return nil, p.wrong()
	}
	return f, nil
}

// path is what an operation of a PATCH is about: an attribute, a part of it, or
// those of its values that a filter means (RFC 7644, 3.5.2).
type path struct {
	attrPath
	only  filter     // nil: all values
	equal attributes // what an only of simple comparisons says, to make such a value
}

// readPath reads the path of an operation.
func readPath(text string) (path, error) {
	p := &parser{text: text, types: "invalidPath"}
	if len(text) > longestFilter {
		return path{}, p.wrong()
	}
	a, err := p.name()
	if err != nil {
		return path{}, err
	}
	out := path{attrPath: a}
	if p.take("[") {
		from := p.at
		if out.only, err = p.either(); err != nil {
			return path{}, err
		}
		to := p.at
		if !p.take("]") || a.sub != "" {
			return path{}, p.wrong()
		}
		out.equal = equals(p.text[from:to])
		if p.at < len(p.text) && p.text[p.at] == '.' {
			p.at++
			if out.sub = strings.ToLower(p.word()); out.sub == "" {
				return path{}, p.wrong()
			}
		}
	}
	if p.skip(); p.at < len(p.text) {
		return path{}, p.wrong()
	}
	return out, nil
}

// equals are the values that a filter of one comparison wants, nil for others.
func equals(text string) attributes {
	p := &parser{text: text}
	a, err := p.name()
	if err != nil || a.sub != "" || !strings.EqualFold(p.word(), "eq") {
		return nil
	}
	v, err := p.value()
	if p.skip(); err != nil || p.at < len(p.text) {
		return nil
	}
	return attributes{a.name: v}
}

func (p *parser) wrong() error {
	if p.types == "invalidPath" {
		return typed(p.types, fault.New(fault.Invalid, "The path cannot be read after character %d.", p.at))
	}
	return typed("invalidFilter", fault.New(fault.Invalid, "The filter cannot be read after character %d.", p.at))
}

func (p *parser) skip() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

// take steps over a sign, if it is next.
func (p *parser) take(sign string) bool {
	p.skip()
	if !strings.HasPrefix(p.text[p.at:], sign) {
		return false
	}
	p.at += len(sign)
	return true
}

// word is the next run of letters, digits, - and _.
func (p *parser) word() string {
	p.skip()
	from := p.at
	for p.at < len(p.text) && (p.text[p.at] == '-' || p.text[p.at] == '_' || p.text[p.at] == '$' || alphanumeric(p.text[p.at])) {
		p.at++
	}
	return p.text[from:p.at]
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// next says whether a word is next, and steps over it.
func (p *parser) next(word string) bool {
	at := p.at
	if strings.EqualFold(p.word(), word) {
		return true
	}
	p.at = at
	return false
}

// either reads terms with "or" between them; "and" binds closer.
func (p *parser) either() (filter, error) {
	a, err := p.both()
	for err == nil && p.next("or") {
		var b filter
		if b, err = p.both(); err == nil {
			left := a
			a = func(of attributes) bool { return left(of) || b(of) }
		}
	}
	return a, err
}

func (p *parser) both() (filter, error) {
	a, err := p.term()
	for err == nil && p.next("and") {
		var b filter
		if b, err = p.term(); err == nil {
			left := a
			a = func(of attributes) bool { return left(of) && b(of) }
		}
	}
	return a, err
}

// term reads a comparison, or a filter in brackets, with "not" before it or
// without.
func (p *parser) term() (filter, error) {
	if p.terms++; p.terms > mostTerms {
		return nil, p.wrong()
	}
	at := p.at
	not := p.next("not")
	if p.take("(") {
		f, err := p.inside(")")
		if err == nil && not {
			return func(of attributes) bool { return !f(of) }, nil
		}
		return f, err
	}
	p.at = at
	return p.comparison()
}

// inside reads a filter up to the bracket that closes it.
func (p *parser) inside(end string) (filter, error) {
	if p.depth++; p.depth > deepestFilter {
		return nil, p.wrong()
	}
	f, err := p.either()
	if err == nil && !p.take(end) {
		err = p.wrong()
	}
	p.depth--
	return f, err
}

// name reads an attribute, with the schema that it is of before it or without.
func (p *parser) name() (a attrPath, err error) {
	p.skip()
	rest := p.text[p.at:]
	for _, urn := range []string{userSchema, groupSchema} {
		if len(rest) > len(urn) && strings.EqualFold(rest[:len(urn)], urn) && rest[len(urn)] == ':' {
			p.at += len(urn) + 1
		}
	}
	if len(rest) > 4 && strings.EqualFold(rest[:4], "urn:") && p.text[p.at:] == rest {
		// Of a schema that we do not keep: the whole is its name.
		end := strings.IndexAny(rest, " [])")
		if end < 0 {
			end = len(rest)
		}
		p.at += end
		return attrPath{name: strings.ToLower(rest[:end])}, nil
	}
	if a.name = strings.ToLower(p.word()); a.name == "" {
		return a, p.wrong()
	}
	if p.at < len(p.text) && p.text[p.at] == '.' {
		p.at++
		if a.sub = strings.ToLower(p.word()); a.sub == "" {
			return a, p.wrong()
		}
	}
	return a, nil
}

func (p *parser) comparison() (filter, error) {
	a, err := p.name()
	if err != nil {
		return nil, err
	}
	if a.sub == "" && p.take("[") {
		f, err := p.inside("]")
		if err != nil {
			return nil, err
		}
		return func(of attributes) bool {
			for _, v := range list(get(of, a.name)) {
				if one, ok := v.(attributes); ok && f(one) {
					return true
				}
			}
			return false
		}, nil
	}
	op := strings.ToLower(p.word())
	if op == "pr" {
		return func(of attributes) bool { return len(a.values(of)) > 0 }, nil
	}
	holds, known := operators[op]
	if !known {
		return nil, p.wrong()
	}
	want, err := p.value()
	if err != nil {
		return nil, err
	}
	return func(of attributes) bool {
		got := a.values(of)
		if op == "ne" { // none of several values is it
			for _, v := range got {
				if same(a, v, want) {
					return false
				}
			}
			return true
		}
		if want == nil && op == "eq" {
			return len(got) == 0
		}
		for _, v := range got {
			if holds(a, v, want) {
				return true
			}
		}
		return false
	}, nil
}

// value reads a JSON string, number, true, false or null.
func (p *parser) value() (v any, err error) {
	p.skip()
	d := json.NewDecoder(strings.NewReader(p.text[p.at:]))
	if p.at >= len(p.text) || strings.IndexByte(`"-0123456789tfnTFN`, p.text[p.at]) < 0 {
		return nil, p.wrong()
	}
	at := p.at
	if w := strings.ToLower(p.word()); w == "true" || w == "false" { // some write them large
		return w == "true", nil
	}
	p.at = at
	if err := d.Decode(&v); err != nil {
		return nil, p.wrong()
	}
	p.at += int(d.InputOffset())
	return v, nil
}

// values are what a resource holds under a name; of complex ones their value.
func (a attrPath) values(of attributes) (out []any) {
	for _, v := range list(get(of, a.name)) {
		one, complex := v.(attributes)
		switch {
		case complex && a.sub != "":
			v = get(one, a.sub)
		case complex:
			v = get(one, "value")
		case a.sub != "":
			v = nil
		}
		if v != nil && v != "" {
			out = append(out, v)
		}
	}
	return out
}

// get finds an attribute whatever its letter case.
func get(of attributes, name string) any {
	if v, ok := of[name]; ok {
		return v
	}
	for k, v := range of {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

// list is one value, several, or none.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

var operators = map[string]func(a attrPath, got, want any) bool{
	"eq": same,
	"ne": func(a attrPath, got, want any) bool { return !same(a, got, want) },
	"co": texts(strings.Contains),
	"sw": texts(strings.HasPrefix),
	"ew": texts(strings.HasSuffix),
	"gt": func(a attrPath, got, want any) bool { n, ok := order(a, got, want); return ok && n > 0 },
	"ge": func(a attrPath, got, want any) bool { n, ok := order(a, got, want); return ok && n >= 0 },
	"lt": func(a attrPath, got, want any) bool { n, ok := order(a, got, want); return ok && n < 0 },
	"le": func(a attrPath, got, want any) bool { n, ok := order(a, got, want); return ok && n <= 0 },
}

func texts(holds func(got, want string) bool) func(a attrPath, got, want any) bool {
	return func(a attrPath, got, want any) bool {
		g, ok := got.(string)
		w, too := want.(string)
		return ok && too && holds(a.folded(g), a.folded(w))
	}
}

// folded takes letter case away where it does not matter.
func (a attrPath) folded(s string) string {
	if exact[a.name] && a.sub == "" || exact[a.sub] && a.name == "members" {
		return s
	}
	return strings.ToLower(s)
}

func same(a attrPath, got, want any) bool {
	n, ok := order(a, got, want)
	return ok && n == 0
}

// order compares two values of one kind; texts that are both times by when.
func order(a attrPath, got, want any) (int, bool) {
	switch g := got.(type) {
	case string:
		w, ok := want.(string)
		if !ok {
			return 0, false
		}
		if t, err := time.Parse(time.RFC3339, g); err == nil {
			if u, err := time.Parse(time.RFC3339, w); err == nil {
				return t.Compare(u), true
			}
		}
		return strings.Compare(a.folded(g), a.folded(w)), true
	case float64:
		w, ok := want.(float64)
		return cmp.Compare(g, w), ok
	case bool:
		w, ok := want.(bool)
		if g == w {
			return 0, ok
		}
		return 1, ok
	}
	return 0, false
}
