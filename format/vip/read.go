// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Read reads a feed in XML as it streams by, then checks it. The error is for
// a file that cannot be read at all; the feed is then nil. Everything less is
// a Problem, and the feed holds what could be used. Blanks at either end of a
// value are dropped.
func Read(r io.Reader, limits Limits) (*Feed, []Problem, error) {
	limits = limits.orDefaults()
	d := &decoder{limits: limits, ps: &problems{limit: limits.Problems}, values: newValues()}
	feed, err := d.read(r)
	if err != nil {
		return nil, d.ps.done(), err
	}
	check(feed, d.ps)
	return feed, d.ps.done(), nil
}

// decoder builds a feed from the tokens of a scanner.
type decoder struct {
	s        *scanner
	limits   Limits
	ps       *problems
	values   *values
	feed     *Feed
	elements int

	class string // of the top-level element at hand
	id    ID
	path  []string // of fields within it
	buf   []byte
}

func (d *decoder) read(r io.Reader) (*Feed, error) {
	s, err := newScanner(r, d.limits)
	if err != nil {
		return nil, err
	}
	d.s = s
	s.stray = func(line int, b byte) {
		p := d.problem(Encoding, fmt.Sprintf("byte 0x%02X is not UTF-8; it was read as Windows-1252 %q", b, windows1252(b)))
		if b < ' ' {
			p.Say = fmt.Sprintf("control character 0x%02X was read as a blank", b)
		}
		p.Line = line
		d.ps.add(p)
	}
	if err := d.root(); err != nil {
		return nil, fmt.Errorf("line %d: %w", s.line, err)
	}
	return d.feed, nil
}

// root reads <VipObject> and everything within.
func (d *decoder) root() error {
	for {
		tok, err := d.s.next()
		if err != nil {
			return err
		}
		switch {
		case tok == tokText && len(bytes.TrimSpace(d.s.text)) == 0:
		case tok == tokStart && string(d.s.name) == "VipObject":
			return d.vipObject()
		case tok == tokStart:
			return fmt.Errorf("the first element is <%s>; a VIP feed begins with <VipObject>", clip(string(d.s.name)))
		case tok == tokEOF:
			return fmt.Errorf("the file is empty; a VIP feed begins with <VipObject>")
		default:
			return fmt.Errorf("the file is not XML; a VIP feed begins with <VipObject>")
		}
	}
}

func (d *decoder) vipObject() error {
	d.feed = &Feed{}
	for _, a := range d.s.attrs {
		if string(a.name) == "schemaVersion" {
			d.feed.Version = strings.TrimSpace(string(a.value))
		}
	}
	if v := d.feed.Version; v != Version52 && v != Version60 {
		p := d.problem(Odd, fmt.Sprintf("schemaVersion is %q; the feed is read as far as it agrees with 5.2 and 6.0", clip(v)))
		p.Element, p.Field = "VipObject", "schemaVersion"
		d.ps.add(p)
	}
	feed, p := reflect.ValueOf(d.feed).Elem(), feedPlan()
	for {
		tok, err := d.s.next()
		switch {
		case err != nil:
			return err
		case tok == tokEOF:
			return fmt.Errorf("the file ends before </VipObject>; it was cut off")
		case tok == tokText:
			d.strayText()
		case tok == tokEnd:
			if err := d.checkEnd("VipObject"); err != nil {
				return err
			}
			return d.afterRoot()
		default:
			if err := d.topLevel(p, feed); err != nil {
				return err
			}
		}
	}
}

// afterRoot makes sure that nothing but blanks follows </VipObject>.
func (d *decoder) afterRoot() error {
	for {
		tok, err := d.s.next()
		if err != nil || tok == tokEOF {
			return err
		}
		if tok != tokText || len(bytes.TrimSpace(d.s.text)) > 0 {
			return fmt.Errorf("something follows </VipObject>; are these two files in one?")
		}
	}
}

// topLevel reads one Precinct, one PollingLocation and so on.
func (d *decoder) topLevel(p *plan, feed reflect.Value) error {
	if d.elements++; d.elements > d.limits.Elements {
		return fmt.Errorf("the feed has more than %d elements", d.limits.Elements)
	}
	d.class, d.id, d.path = d.className(), "", d.path[:0]
	for _, a := range d.s.attrs {
		if string(a.name) == "id" {
			d.id = ID(bytes.TrimSpace(a.value))
		}
	}
	f := p.byName[d.class]
	if f == nil {
		p := d.problem(Unknown, fmt.Sprintf("<%s> is not an element of VIP; it was left out", clip(d.class)))
		if d.class == "Contest" || d.class == "BallotSelection" {
			p.Say = "does not say of which sort it is (xsi:type); it was left out"
		}
		d.ps.addOnce("class "+d.class, p)
		return d.skip()
	}
	err := d.child(f, feed)
	d.class, d.id = "", ""
	return err
}

// className is the class of the start tag at hand. The schema also allows the
// base types by name, with the real one in xsi:type.
func (d *decoder) className() string {
	name := string(d.s.name)
	if name == "Contest" || name == "BallotSelection" {
		for _, a := range d.s.attrs {
			if string(a.name) == "type" {
				return string(localName(bytes.TrimSpace(a.value)))
			}
		}
	}
	return name
}

// child reads the element whose start tag was just found into its field.
func (d *decoder) child(f *field, parent reflect.Value) error {
	v := parent.FieldByIndex(f.index)
	tag := f.name
	if len(d.path) == 0 {
		tag = string(d.s.name) // may be a base type's
	}
	d.path = append(d.path, f.name)
	defer func() { d.path = d.path[:len(d.path)-1] }()
	if f.kind != kStructs && f.kind != kStrings && !f.isEmpty(v) {
		d.ps.add(d.problem(Odd, "stands here a second time; the first was used"))
		return d.skip()
	}
	switch f.kind {
	case kStructs:
		return d.structure(f.within, oneMore(v), tag)
	case kStruct:
		v.Set(reflect.New(f.elem))
		return d.structure(f.within, v.Elem(), tag)
	}
	line := d.s.startLine
	d.unknownAttrs()
	text, err := d.leaf(tag)
	if err != nil {
		return err
	}
	d.set(f, v, text, line)
	return nil
}

// structure reads an element that has elements within.
func (d *decoder) structure(p *plan, v reflect.Value, tag string) error {
	began := d.s.startLine
	if p.line != nil {
		v.FieldByIndex(p.line).SetInt(int64(began))
	}
	d.setAttrs(p, v)
	if p.text != nil {
		text, err := d.leaf(tag)
		if err != nil {
			return err
		}
		d.set(p.text, v.FieldByIndex(p.text.index), text, began)
		return nil
	}
	for {
		tok, err := d.s.next()
		switch {
		case err != nil:
			return err
		case tok == tokEOF:
			return fmt.Errorf("the file ends within the <%s> that began on line %d; it was cut off", tag, began)
		case tok == tokText:
			d.strayText()
		case tok == tokEnd:
			return d.checkEnd(tag)
		default:
			f := p.byName[string(d.s.name)]
			if f == nil {
				d.unknownElement()
				err = d.skip()
			} else {
				err = d.child(f, v)
			}
			if err != nil {
				return err
			}
		}
	}
}

// leaf reads the text up to the end of an element that has no elements within.
func (d *decoder) leaf(tag string) ([]byte, error) {
	d.buf = d.buf[:0]
	began := d.s.startLine
	for {
		tok, err := d.s.next()
		switch {
		case err != nil:
			return nil, err
		case tok == tokEOF:
			return nil, fmt.Errorf("the file ends within the <%s> that began on line %d; it was cut off", tag, began)
		case tok == tokEnd:
			return bytes.TrimSpace(d.buf), d.checkEnd(tag)
		case tok == tokText:
			if len(d.buf)+len(d.s.text) > d.limits.Value {
				return nil, errTooLong
			}
			d.buf = append(d.buf, d.s.text...)
		default:
			d.unknownElement()
			if err := d.skip(); err != nil {
				return nil, err
			}
		}
	}
}

// skip reads past an element whose start tag was just found.
func (d *decoder) skip() error {
	open := []string{string(d.s.name)}
	for len(open) > 0 {
		tok, err := d.s.next()
		if err != nil {
			return err
		}
		switch tok {
		case tokEOF:
			return fmt.Errorf("the file ends within <%s>; it was cut off", clip(open[0]))
		case tokStart:
			if len(open)+len(d.path) >= d.limits.Depth {
				return fmt.Errorf("elements stand more than %d deep within one another", d.limits.Depth)
			}
			open = append(open, string(d.s.name))
		case tokEnd:
			if err := d.checkEnd(open[len(open)-1]); err != nil {
				return err
			}
			open = open[:len(open)-1]
		}
	}
	return nil
}

// checkEnd makes sure that the end tag at hand closes the right element. (A
// tag that closes itself leaves its own name behind.)
func (d *decoder) checkEnd(tag string) error {
	if string(d.s.name) != tag {
		return fmt.Errorf("</%s> stands where </%s> should", clip(string(d.s.name)), clip(tag))
	}
	return nil
}

func (d *decoder) setAttrs(p *plan, v reflect.Value) {
	for _, a := range d.s.attrs {
		f := p.attribute(string(a.name))
		if f == nil {
			d.unknownAttr(a)
			continue
		}
		d.path = append(d.path, f.name)
		d.set(f, v.FieldByIndex(f.index), bytes.TrimSpace(a.value), d.s.startLine)
		d.path = d.path[:len(d.path)-1]
	}
}

// unknownAttrs reports the attributes of an element that should have none.
func (d *decoder) unknownAttrs() {
	for _, a := range d.s.attrs {
		d.unknownAttr(a)
	}
}

func (d *decoder) unknownAttr(a attr) {
	if name := string(a.name); name != "type" && name != "xsi" && name != "xmlns" && name != "noNamespaceSchemaLocation" {
		d.ps.addOnce(fmt.Sprintf("attribute %s %v %s", d.class, d.path, name),
			d.problem(Unknown, fmt.Sprintf("attribute %q is not known here; it was left out", clip(name))))
	}
}

func (d *decoder) unknownElement() {
	name := string(d.s.name)
	d.ps.addOnce(fmt.Sprintf("element %s %v %s", d.class, d.path, name),
		d.problem(Unknown, fmt.Sprintf("<%s> is not known here; it was left out", clip(name))))
}

func (d *decoder) strayText() {
	text := bytes.TrimSpace(d.s.text)
	if len(text) == 0 {
		return
	}
	p := d.problem(Unknown, fmt.Sprintf("the text %q stands between elements; it was left out", clip(string(text))))
	p.Line += bytes.Count(d.s.text[:bytes.Index(d.s.text, text)], []byte{'\n'})
	d.ps.add(p)
}

// set reads a value and reports what is wrong with it.
func (d *decoder) set(f *field, v reflect.Value, text []byte, line int) {
	kind, say := d.values.set(f, v, text)
	if say == "" {
		return
	}
	p := d.problem(kind, say)
	p.Line = line
	if len(text) == 0 {
		d.ps.addOnce(fmt.Sprintf("empty %s %v", d.class, d.path), p)
		return
	}
	d.ps.add(p)
}

// problem is a problem at the place where the decoder is. The first step of
// the path is the class itself.
func (d *decoder) problem(kind Kind, say string) Problem {
	p := Problem{Line: d.s.startLine, Element: d.class, ID: d.id, Kind: kind, Say: say}
	if len(d.path) > 1 {
		p.Field = strings.Join(d.path[1:], "/")
	}
	return p
}
