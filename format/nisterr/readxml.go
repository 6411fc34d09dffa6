// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
)

// Namespaces of the versions of the standard.
const (
	spaceV2 = "http://itl.nist.gov/ns/voting/1500-100/v2"
	spaceV1 = "NIST_V1_election_results.xsd"
)

// xmlReader fills the structs from XML.
type xmlReader struct {
	*reader
	scan  xmlScan
	space string // namespace of the whole report
	buf   []byte
	left  []unitSummary // ballot counts that stand in units, as they did in version 1
}

func readXML(raw []byte, limits Limits) (*ElectionReport, []Problem, error) {
	text, remark, err := toUTF8(raw, declaredEncoding(raw))
	if err != nil {
		return nil, nil, err
	}
	x := &xmlReader{reader: newReader(text, limits), scan: xmlScan{src: text}}
	if remark != "" {
		x.tell(Problem{Line: 1, Element: reportPlan.class, Rule: RuleEncoding, Say: remark})
	}
	rep := &ElectionReport{}
	if err := x.file(rep); err != nil {
		return nil, nil, x.placed(err)
	}
	x.settleUnits(rep)
	return x.finish(rep, asXML)
}

// placed puts the line in front of an error that has none.
func (x *xmlReader) placed(err error) error {
	if strings.HasPrefix(err.Error(), "line ") {
		return err
	}
	return fmt.Errorf("line %d: %w", x.lines.at(x.scan.pos), err)
}

// file reads the whole text: one element, and nothing after it.
func (x *xmlReader) file(rep *ElectionReport) error {
	token, err := x.scan.next()
	if err != nil {
		return err
	}
	if token != xmlStart {
		return errEmpty
	}
	if name := string(x.scan.name); name != reportPlan.class {
		return fmt.Errorf("the file is a <%s>, not an <%s>", name, reportPlan.class)
	}
	x.space = x.scan.space
	if err := x.element(reportPlan, reflect.ValueOf(rep).Elem()); err != nil {
		return err
	}
	if _, err := x.scan.next(); err != nil {
		return err
	}
	x.nameDialect()
	return nil
}

// nameDialect says which dialect the file turned out to be in. Google's feeds
// have no namespace.
func (x *xmlReader) nameDialect() {
	version := "2"
	switch {
	case x.space == spaceV2:
		return
	case x.space == "" && x.foreign:
		x.dialect = Google
		return
	case x.space == spaceV1 || x.foreign:
		x.dialect, version = NISTv1, "1"
	}
	if x.space != spaceV1 {
		x.tell(Problem{Line: 1, Element: reportPlan.class, Rule: RuleDialect,
			Say: fmt.Sprintf("the namespace is %s where %q should be; the file was read as version %s", quote([]byte(x.space)), spaceV2, version)})
	}
}

// xmlElement is an element while it is read.
type xmlElement struct {
	p        *plan
	v        reflect.Value
	line     int
	problems int    // problems before it started
	seen     uint64 // fields met so far
	buf      int    // where its own text starts in the buffer
}

// element reads the element whose start tag was just taken into a struct.
func (x *xmlReader) element(p *plan, v reflect.Value) error {
	if err := x.enter(x.scan.pos); err != nil {
		return err
	}
	defer x.leave()
	e := xmlElement{p: p, v: v, line: x.lines.at(x.scan.pos), problems: len(x.problems), buf: len(x.buf)}
	if p.line >= 0 {
		v.Field(p.line).SetInt(int64(e.line))
	}
	if err := x.attributes(&e); err != nil {
		return err
	}
	if err := x.children(&e); err != nil {
		return err
	}
	x.settle(p, v, e.line, e.problems, e.seen)
	return nil
}

// children reads what stands between the tags of an element.
func (x *xmlReader) children(e *xmlElement) error {
	for {
		token, err := x.scan.next()
		if err != nil {
			return err
		}
		switch token {
		case xmlEnd:
			return x.content(e)
		case xmlText:
			if e.p.content != nil || len(bytes.TrimSpace(x.scan.text)) > 0 {
				x.buf = append(x.buf, x.scan.text...)
			}
		case xmlStart:
			if err := x.child(e); err != nil {
				return err
			}
		}
	}
}

// content uses the text of an element that is a text, and tells of text
// where none belongs.
func (x *xmlReader) content(e *xmlElement) error {
	b := x.buf[e.buf:]
	x.buf = x.buf[:e.buf]
	if f := e.p.content; f != nil {
		e.seen |= f.bit
		return x.setText(f, e.v.Field(f.index), b)
	}
	if len(b) == 0 {
		return nil
	}
	if to, ok := e.v.Addr().Interface().(*InternationalizedText); ok && to.Text == nil { // <Name>Virginia</Name>
		x.older(e, "Text")
		to.Text = Text(unknownLanguage, string(b)).Text
		return x.spend(int64(len(b)) + textPlan.size)
	}
	x.tellOnce(Problem{Line: e.line, Element: e.p.class, Rule: RuleUnknown,
		Say: fmt.Sprintf("the text %s stands between elements; it was left aside", quote(b))})
	return nil
}

// attributes reads the attributes of an element.
func (x *xmlReader) attributes(e *xmlElement) error {
	if e.p.kind >= 0 {
		e.v.Field(e.p.kind).SetString(defaultKind[e.p.class])
	}
	for _, a := range x.scan.attrs {
		name := string(a.name)
		switch {
		case len(a.prefix) > 0:
			if name == "type" && e.p.kind >= 0 {
				_, class := splitName(bytes.TrimSpace(a.value))
				kind, err := x.intern(class)
				if err != nil {
					return err
				}
				e.v.Field(e.p.kind).SetString(kind)
			}
			continue
		case e.p.id >= 0 && strings.EqualFold(name, "ObjectId"):
			id, err := x.intern(bytes.TrimSpace(a.value))
			if err != nil {
				return err
			}
			e.v.Field(e.p.id).SetString(id)
		default:
			if err := x.attribute(e, name, a.value); err != nil {
				return err
			}
			continue
		}
		if name != "ObjectId" {
			x.older(e, name)
		}
	}
	return nil
}

// attribute reads one attribute into its field.
func (x *xmlReader) attribute(e *xmlElement, name string, value []byte) error {
	f := e.p.attrs[name]
	if f == nil && len(name) > 0 {
		if f = e.p.attrs[strings.ToUpper(name[:1])+name[1:]]; f != nil {
			x.older(e, name)
		}
	}
	if f == nil {
		x.unknown(e, name)
		return nil
	}
	e.seen |= f.bit
	return x.setText(f, e.v.Field(f.index), value)
}

// older notes a name that is not from version 2.
func (x *xmlReader) older(e *xmlElement, name string) {
	x.foreign = true
	if x.space != spaceV2 {
		return // what else would it be
	}
	x.tellOnce(Problem{Line: e.line, Element: e.p.class, Field: name, Rule: RuleDialect,
		Say: fmt.Sprintf("%s is written as in an older version of the standard", name)})
}

// unknown notes something that the standard does not know.
func (x *xmlReader) unknown(e *xmlElement, name string) {
	x.tellOnce(Problem{Line: x.lines.at(x.scan.pos), Element: e.p.class, Field: name, Rule: RuleUnknown,
		Say: fmt.Sprintf("the standard knows no %s here; it was left aside", quote([]byte(name)))})
}

// child reads a child element, whose start tag was just taken.
func (x *xmlReader) child(e *xmlElement) error {
	if x.scan.space != x.space {
		x.unknown(e, string(x.scan.name))
		return x.skip()
	}
	f := e.p.byName[string(x.scan.name)]
	if f == nil || f.attr || f.content {
		return x.otherChild(e, string(x.scan.name))
	}
	return x.field(e, f, "")
}

// field reads a child element into its field. kind is what the element is
// when it does not say so itself.
func (x *xmlReader) field(e *xmlElement, f *field, kind string) error {
	many := f.shape == shapeParts || f.shape == shapeTexts
	if e.seen&f.bit != 0 && !many {
		x.tellOnce(Problem{Line: x.lines.at(x.scan.pos), Element: e.p.class, Field: f.name, Rule: RuleRepeated,
			Say: f.name + " is given twice; the first one counts"})
		return x.skip()
	}
	e.seen |= f.bit
	v := e.v.Field(f.index)
	switch f.shape {
	case shapePart:
		part, err := x.fresh(v, f.plan)
		if err != nil {
			return err
		}
		return x.element(f.plan, part)
	case shapeParts:
		elem, err := x.grow(v, f.plan)
		if err != nil {
			return err
		}
		if err := x.element(f.plan, elem); err != nil {
			return err
		}
		if f.plan.kind >= 0 && kind != "" {
			elem.Field(f.plan.kind).SetString(kind)
		}
		return nil
	}
	return x.simple(e, f, v)
}

// simple reads a child element that holds nothing but text.
func (x *xmlReader) simple(e *xmlElement, f *field, v reflect.Value) error {
	line := x.lines.at(x.scan.pos)
	b, err := x.plainText(e, f)
	if err != nil {
		return err
	}
	switch f.shape {
	case shapeText, shapeCode, shapeRef:
		return x.setText(f, v, x.translate(e, f, b))
	case shapeRefs:
		return x.setRefs(v, b)
	case shapeTexts:
		list, _ := reflect.TypeAssert[[]string](v)
		v.Set(reflect.ValueOf(append(list, string(b))))
		return x.spend(int64(len(b)) + 16)
	}
	x.setNumber(e.p, f, v, b, e.line, line)
	return nil
}

// plainText is the text of the element whose start tag was just taken, up to
// its end tag.
func (x *xmlReader) plainText(e *xmlElement, f *field) ([]byte, error) {
	outer := len(x.buf) // what the parent has gathered so far
	for {
		token, err := x.scan.next()
		if err != nil {
			return nil, err
		}
		switch token {
		case xmlText:
			x.buf = append(x.buf, x.scan.text...)
		case xmlStart:
			x.tellOnce(Problem{Line: x.lines.at(x.scan.pos), Element: e.p.class, Field: f.name, Rule: RuleUnknown,
				Say: fmt.Sprintf("<%s> stands inside %s, which is %s; it was left aside", x.scan.name, f.name, wanted[f.shape])})
			if err := x.skip(); err != nil {
				return nil, err
			}
		case xmlEnd:
			b := x.buf[outer:]
			x.buf = x.buf[:outer]
			return b, nil
		}
	}
}

// skip passes over the element whose start tag was just taken.
func (x *xmlReader) skip() error {
	for depth := 1; depth > 0; {
		token, err := x.scan.next()
		if err != nil {
			return err
		}
		switch token {
		case xmlStart:
			depth++
			if x.depth+depth > x.limits.Depth {
				return fmt.Errorf("elements are nested more than %d deep, the most that is read", x.limits.Depth)
			}
		case xmlEnd:
			depth--
		}
	}
	return nil
}
