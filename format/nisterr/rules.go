// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// spelling is JSON or XML: the two schemas differ in what they let through.
type spelling uint8

const (
	asJSON spelling = iota
	asXML
)

// String is the name of the spelling.
func (s spelling) String() string {
	if s == asXML {
		return "XML"
	}
	return "JSON"
}

// checker walks through a report and tells what breaks the standard. It has
// three users: a reader, which reports on what it has read; a writer, which
// refuses; and Check, which looks at the references only.
type checker struct {
	enc       spelling
	tell      func(Problem)
	unread    map[Problem]bool // told before, by the reader
	byRead    bool             // tell of odd counts too; they are valid, so a writer does not mind
	refsOnly  bool
	ids       map[string]element
	used      map[string]bool
	selection map[string]bool // contests whose choices some ballot lists one by one
}

// element is what an id belongs to.
type element struct {
	class string
	line  int
}

// place is where in the report the checker is.
type place struct {
	line  int
	class string
	id    string
}

// report checks a whole report.
func (c *checker) report(rep *ElectionReport) {
	c.collect(rep)
	c.walk(reportPlan, reflect.ValueOf(rep).Elem(), place{})
}

// say tells of a problem with a field.
func (c *checker) say(at place, field string, rule Rule, format string, args ...any) {
	c.tell(Problem{Line: at.line, Element: at.class, ID: at.id, Field: field, Rule: rule, Say: fmt.Sprintf(format, args...)})
}

// walk checks one element and everything in it.
func (c *checker) walk(p *plan, v reflect.Value, at place) {
	at.class = p.class
	if p.line >= 0 {
		if line := int(v.Field(p.line).Int()); line > 0 {
			at.line = line
		}
	}
	kind := kindOf(p, v)
	if id := idOf(p, v); id != "" {
		at.id = id
	}
	if !c.refsOnly {
		c.identity(p, v, at, kind)
	}
	if slices.Contains(p.kinds, kind) {
		at.class = kind
	} else {
		kind = "" // told; any field may stand here
	}
	for i := range p.fields {
		c.field(p, &p.fields[i], v.Field(p.fields[i].index), at, kind)
	}
}

// identity checks the class and the id of an element.
func (c *checker) identity(p *plan, v reflect.Value, at place, kind string) {
	switch {
	case p.kind < 0:
	case kind == "":
		c.say(at, "@type", RuleMissing, "it does not say of which class it is: %s", strings.Join(p.kinds, ", "))
	case !slices.Contains(p.kinds, kind):
		c.say(at, "@type", RuleCode, "its class is %s, which is none of %s", quote([]byte(kind)), strings.Join(p.kinds, ", "))
	}
	if p.id < 0 {
		return
	}
	id := idOf(p, v)
	if id == "" {
		c.say(at, "@id", RuleMissing, "it has no id, so nothing can refer to it")
		return
	}
	if why := c.badID(id); why != "" {
		c.say(at, "@id", RuleFormat, "id %s %s", quote([]byte(id)), why)
	}
}

// field checks one field.
func (c *checker) field(p *plan, f *field, v reflect.Value, at place, kind string) {
	set := isSet(f, v)
	switch {
	case !f.in(kind):
		if set && !c.refsOnly {
			c.say(at, f.name, RuleMisplaced, "a %s has no %s", kind, f.name)
		}
		return
	case !set:
		if f.required && !c.refsOnly && !(f.blank && f.shape == shapeText) && (f.only == nil || kind != "") {
			c.missing(p, f, at)
		}
		return
	}
	switch f.shape {
	case shapePart:
		c.walk(f.plan, v.Elem(), at)
	case shapeParts:
		list, _ := votes(f, v)
		for i := range v.Len() {
			if list == nil || !c.good(&list[i]) {
				c.walk(f.plan, v.Index(i), at)
			}
		}
	case shapeRef:
		c.ref(f, v.String(), at)
	case shapeRefs:
		for i := range v.Len() {
			c.ref(f, v.Index(i).String(), at)
		}
	default:
		if !c.refsOnly {
			c.value(f, v, at)
		}
	}
}

// missing tells of an absent field, unless it is absent because what stands
// there could not be read.
func (c *checker) missing(p *plan, f *field, at place) {
	if !c.unread[Problem{Line: at.line, Element: p.class, Field: f.name}] {
		c.say(at, f.name, RuleMissing, "%s is missing", f.name)
	}
}

// value checks a text, a code, a number or a flag.
func (c *checker) value(f *field, v reflect.Value, at place) {
	switch f.shape {
	case shapeCode:
		if s := v.String(); !f.codes[s] {
			c.say(at, f.name, RuleCode, "%s is %s, which is none of %s", f.name, quote([]byte(s)), strings.Join(f.list, ", "))
		}
	case shapeText:
		c.text(f, v.String(), at)
	case shapeTexts:
		for i := range v.Len() {
			c.text(f, v.Index(i).String(), at)
		}
	case shapeWhole:
		c.number(f, float64(v.Field(0).Int()), at)
	case shapeNumber:
		c.number(f, v.Field(0).Float(), at)
	}
}

// text checks the characters and the format of a text.
func (c *checker) text(f *field, s string, at place) {
	if why := c.badText(s); why != "" {
		c.say(at, f.name, RuleFormat, "%s %s", f.name, why)
	}
	if f.format == "" {
		return
	}
	if why := c.badFormat(f.format, s); why != "" {
		c.say(at, f.name, RuleFormat, "%s %s %s", f.name, quote([]byte(s)), why)
	}
}

// number checks a number.
func (c *checker) number(f *field, x float64, at place) {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		c.say(at, f.name, RuleFormat, "%s is not a number", f.name)
	case !f.count || !c.byRead:
	case x < 0:
		c.say(at, f.name, RuleNegative, "%s is %v, and there cannot be fewer than none", f.name, x)
	case x != math.Trunc(x):
		c.say(at, f.name, RuleFraction, "%s is %v, which is not a whole number", f.name, x)
	}
}

// collect makes the list of all ids and tells of those that are there twice.
func (c *checker) collect(rep *ElectionReport) {
	c.ids = map[string]element{}
	for i := range rep.GpUnit {
		u := &rep.GpUnit[i]
		c.add(u.ID, orFamily(u.Kind, "GpUnit"), u.Line)
	}
	for i := range rep.Party {
		p := &rep.Party[i]
		c.add(p.ID, orFamily(p.Kind, "Party"), p.Line)
	}
	for i := range rep.Person {
		c.add(rep.Person[i].ID, "Person", rep.Person[i].Line)
	}
	for i := range rep.Office {
		c.add(rep.Office[i].ID, "Office", rep.Office[i].Line)
	}
	for i := range rep.Header {
		c.add(rep.Header[i].ID, "Header", rep.Header[i].Line)
	}
	for i := range rep.Election {
		c.collectElection(&rep.Election[i])
	}
}

// collectElection adds the ids of an election.
func (c *checker) collectElection(e *Election) {
	for i := range e.Candidate {
		c.add(e.Candidate[i].ID, "Candidate", e.Candidate[i].Line)
	}
	for i := range e.Contest {
		con := &e.Contest[i]
		c.add(con.ID, orFamily(con.Kind, "Contest"), con.Line)
		for k := range con.ContestSelection {
			s := &con.ContestSelection[k]
			c.add(s.ID, orFamily(s.Kind, "ContestSelection"), s.Line)
		}
	}
}

// orFamily is the class of an element, or its family's name where the class
// is not known.
func orFamily[K ~string](kind K, family string) string {
	if kind == "" {
		return family
	}
	return string(kind)
}

// add puts an id on the list.
func (c *checker) add(id, class string, line int) {
	if id == "" {
		return // told elsewhere
	}
	if first, ok := c.ids[id]; ok {
		c.say(place{line: line, class: class, id: id}, "@id", RuleDuplicateID,
			"id %s is also that of the %s%s; references to it are ambiguous", id, first.class, onLine(first.line))
		return
	}
	c.ids[id] = element{class, line}
}

// onLine says where something is, when it is known.
func onLine(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(" on line %d", line)
}

// withArticle puts a or an before the name of a class.
func withArticle(class string) string {
	if strings.ContainsRune("AEIOU", rune(class[0])) {
		return "an " + class
	}
	return "a " + class
}

// ref checks that a reference points to the right sort of thing.
func (c *checker) ref(f *field, id string, at place) {
	if c.used != nil {
		c.used[id] = true
	}
	to, ok := c.ids[id]
	switch {
	case !ok:
		c.say(at, f.name, RuleDangling, "%s points to %s, which is not in the file", f.name, quote([]byte(id)))
	case !slices.Contains(f.refs, to.class):
		c.say(at, f.name, RuleWrongClass, "%s points to %s, which is %s%s; it should be %s",
			f.name, quote([]byte(id)), withArticle(to.class), onLine(to.line), withArticle(strings.Join(f.refs, " or ")))
	}
}
