// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// reader is what reading JSON and reading XML have in common: the report
// under construction, the problems met, and the limits.
type reader struct {
	limits   Limits
	lines    lines
	depth    int
	spent    int64
	interned map[string]string
	dialect  Dialect
	foreign  bool // a name from another dialect was met

	problems []Problem
	unlisted int
	again    map[Problem]*repeat // problems that are told once, with a number
	unread   map[Problem]bool    // fields that hold something that cannot be read
}

// repeat is how often a problem was met, and where it is in the list.
type repeat struct{ index, times int }

func newReader(src []byte, limits Limits) *reader {
	return &reader{
		limits:   limits,
		lines:    lines{src: src},
		interned: map[string]string{},
		dialect:  NISTv2,
		again:    map[Problem]*repeat{},
		unread:   map[Problem]bool{},
	}
}

// tell adds a problem, or counts it when the list is full.
func (r *reader) tell(p Problem) {
	if len(r.problems) >= r.limits.Problems {
		r.unlisted++
		return
	}
	r.problems = append(r.problems, p)
}

// tellOnce adds a problem that tends to come in hundreds, such as an element
// that the standard does not know: told where it is first met.
func (r *reader) tellOnce(p Problem) {
	key := Problem{Element: p.Element, Field: p.Field, Rule: p.Rule}
	if seen := r.again[key]; seen != nil {
		seen.times++
		return
	}
	if len(r.problems) < r.limits.Problems { // a hostile file can make up names without end
		r.again[key] = &repeat{index: len(r.problems), times: 1}
	}
	r.tell(p)
}

// bad says that a value cannot be read. The field stays absent, and is not
// called missing as well. start is the line of the element, line that of the
// value.
func (r *reader) bad(p *plan, f *field, start, line int, say string) {
	if len(r.problems) < r.limits.Problems {
		r.unread[Problem{Line: start, Element: p.class, Field: f.name}] = true
	}
	r.tell(Problem{Line: line, Element: p.class, Field: f.name, Rule: RuleValue, Say: say})
}

// finish checks the report that was read and closes the list of problems.
func (r *reader) finish(rep *ElectionReport, enc spelling) (*ElectionReport, []Problem, error) {
	rep.Dialect = r.dialect
	for _, seen := range r.again {
		if seen.times > 1 && seen.index < len(r.problems) {
			r.problems[seen.index].Say += fmt.Sprintf(" (met %d times)", seen.times)
		}
	}
	c := &checker{enc: enc, tell: r.tell, unread: r.unread, byRead: true}
	c.report(rep)
	byLine(r.problems)
	if r.unlisted > 0 {
		r.problems = append(r.problems, Problem{Element: "ElectionReport", Rule: RuleMore,
			Say: fmt.Sprintf("%d more problems are not listed", r.unlisted)})
	}
	return rep, r.problems, nil
}

// enter and leave count how deep the file goes.
func (r *reader) enter(pos int) error {
	r.depth++
	if r.depth > r.limits.Depth {
		return fmt.Errorf("line %d: elements are nested more than %d deep, the most that is read", r.lines.at(pos), r.limits.Depth)
	}
	return nil
}

func (r *reader) leave() { r.depth-- }

// spend counts what the report takes up in memory. Small files can describe
// huge reports ({},{},{}...), so the size of the file is not enough.
func (r *reader) spend(bytes int64) error {
	r.spent += bytes
	if r.spent > r.limits.Memory {
		return fmt.Errorf("line %d: the report takes up more than %d bytes of memory, the most that is allowed",
			r.lines.line+1, r.limits.Memory)
	}
	return nil
}

// grow makes room for one more element at the end of a list.
func (r *reader) grow(list reflect.Value, p *plan) (reflect.Value, error) {
	if err := r.spend(p.size); err != nil {
		return list, err
	}
	n := list.Len()
	list.Grow(1)
	list.SetLen(n + 1)
	return list.Index(n), nil
}

// fresh makes a part, such as the name of a contest.
func (r *reader) fresh(part reflect.Value, p *plan) (reflect.Value, error) {
	if err := r.spend(p.size); err != nil {
		return part, err
	}
	part.Set(reflect.New(part.Type().Elem()))
	return part.Elem(), nil
}

// intern makes a string of an id or a code. Half a million counts share a
// few thousand of them.
func (r *reader) intern(b []byte) (string, error) {
	if s, ok := r.interned[string(b)]; ok {
		return s, nil
	}
	s := string(b)
	r.interned[s] = s
	return s, r.spend(int64(len(b)) + 64)
}

// setText fills a field that holds a single text, code or id.
func (r *reader) setText(f *field, v reflect.Value, b []byte) error {
	if f.shape == shapeText && (f.format == "" || f.format == "short") { // spaces count
		v.SetString(string(b))
		return r.spend(int64(len(b)))
	}
	s, err := r.intern(bytes.TrimSpace(b))
	v.SetString(s)
	return err
}

// setRefs fills a field that holds ids from one text with spaces between.
func (r *reader) setRefs(v reflect.Value, b []byte) error {
	ids, _ := reflect.TypeAssert[[]string](v)
	for id := range bytes.FieldsSeq(b) {
		s, err := r.intern(id)
		if err != nil {
			return err
		}
		if err := r.spend(16); err != nil {
			return err
		}
		ids = append(ids, s)
	}
	v.Set(reflect.ValueOf(ids))
	return nil
}

// setNumber fills a number or a flag from its text.
func (r *reader) setNumber(p *plan, f *field, v reflect.Value, b []byte, start, line int) {
	b = bytes.TrimSpace(b)
	ok := false
	switch to := v.Addr().Interface().(type) {
	case *Opt[bool]:
		to.Value, ok = readFlag(b)
		to.Set = ok
	case *Opt[int64]:
		to.Value, ok = readWhole(b)
		to.Set = ok
	case *Opt[float64]:
		to.Value, ok = readNumber(b)
		to.Set = ok
	}
	if !ok {
		r.bad(p, f, start, line, fmt.Sprintf("%s is %s, which is not %s", f.name, quote(b), wanted[f.shape]))
	}
}

var wanted = map[shape]string{
	shapeText: "a text", shapeTexts: "a list of texts", shapeCode: "a code", shapeRef: "an id", shapeRefs: "a list of ids",
	shapeFlag: "true or false", shapeWhole: "a whole number", shapeNumber: "a number", shapePart: "an element", shapeParts: "a list of elements",
}

func readFlag(b []byte) (value, ok bool) {
	switch string(b) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// readWhole reads a whole number; 12.0 is one, 12.5 is not.
func readWhole(b []byte) (int64, bool) {
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		return n, true
	}
	x, ok := readNumber(b)
	if !ok || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return 0, false
	}
	return int64(x), true
}

// readNumber reads a number. Infinity, not-a-number, hexadecimal and digits
// with underscores, which Go would take, are none.
func readNumber(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > 64 || bytes.IndexFunc(b, notNumeric) >= 0 {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(b), 64)
	return x + 0, err == nil // + 0 turns -0 into 0
}

func notNumeric(c rune) bool { return !strings.ContainsRune("+-.0123456789eE", c) }

// quote is a piece of the file for a message, cut short.
func quote(b []byte) string {
	if len(b) > 40 {
		return strconv.Quote(strings.ToValidUTF8(string(b[:40]), "")) + "…"
	}
	return strconv.Quote(string(b))
}

// settle ends an element: fields that its class does not have are put aside,
// and its problems learn its id, which may have come last. seen are the fields
// that were met; from is how many problems there were before.
func (r *reader) settle(p *plan, v reflect.Value, line, from int, seen uint64) {
	kind, id := kindOf(p, v), idOf(p, v)
	for i := range p.fields {
		if f := &p.fields[i]; f.blank && seen&f.bit == 0 { // once read, an absent text looks like an empty one
			r.tell(Problem{Line: line, Element: p.class, Field: f.name, Rule: RuleMissing, Say: f.name + " is missing"})
		}
	}
	if p.kind >= 0 {
		for i := range p.fields {
			f := &p.fields[i]
			fv := v.Field(f.index)
			if f.in(kind) || !isSet(f, fv) || !slices.Contains(p.kinds, kind) {
				continue
			}
			fv.SetZero()
			r.tellOnce(Problem{Line: line, Element: kind, Field: f.name, Rule: RuleMisplaced,
				Say: fmt.Sprintf("a %s has no %s; it was left aside", kind, f.name)})
		}
	}
	for i := from; id != "" && i < len(r.problems); i++ {
		if r.problems[i].ID == "" {
			r.problems[i].ID = id
		}
	}
}

// kindOf is the kind of an element of a family, "" elsewhere.
func kindOf(p *plan, v reflect.Value) string {
	if p.kind < 0 {
		return ""
	}
	return v.Field(p.kind).String()
}

// idOf is the id of an element, "" where its class has none.
func idOf(p *plan, v reflect.Value) string {
	if p.id < 0 {
		return ""
	}
	return v.Field(p.id).String()
}

// isSet says whether a field holds something.
func isSet(f *field, v reflect.Value) bool {
	switch f.shape {
	case shapeText, shapeCode, shapeRef:
		return v.Len() > 0
	case shapeTexts, shapeRefs, shapeParts:
		return v.Len() > 0
	case shapePart:
		return !v.IsNil()
	}
	return v.Field(1).Bool() // Opt.Set
}
