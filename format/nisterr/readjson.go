// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// classPrefix stands before the name of each class in "@type".
const classPrefix = "ElectionResults."

// jsonReader fills the structs from JSON.
type jsonReader struct {
	*reader
	scan jsonScan
	root string // "@type" of the whole file
}

func readJSON(raw []byte, limits Limits) (*ElectionReport, []Problem, error) {
	text, remark, err := toUTF8(raw, "")
	if err != nil {
		return nil, nil, err
	}
	j := &jsonReader{reader: newReader(text, limits), scan: jsonScan{src: text}}
	if remark != "" {
		j.tell(Problem{Line: 1, Element: reportPlan.class, Rule: RuleEncoding, Say: remark})
	}
	rep := &ElectionReport{}
	if err := j.file(rep); err != nil {
		return nil, nil, err
	}
	return j.finish(rep, asJSON)
}

// file reads the whole text: one object, and nothing after it.
func (j *jsonReader) file(rep *ElectionReport) error {
	c, err := j.scan.peek()
	switch {
	case err != nil:
		return errEmpty
	case c != '{':
		return errors.New("line 1: the file holds no ElectionReport: JSON results start with {")
	}
	if err := j.object(reportPlan, reflect.ValueOf(rep).Elem()); err != nil {
		return j.placed(err)
	}
	if _, err := j.scan.peek(); err == nil {
		return j.placed(errors.New("there is more text after the end of the report"))
	}
	if j.root == "" && rep.Election == nil && rep.GpUnit == nil && rep.Status == "" {
		return errors.New(`the file is JSON but not an ElectionReport: it has neither "@type" nor elections, units or a status`)
	}
	if j.root != "" && j.root != classPrefix+reportPlan.class && j.root != reportPlan.class {
		return fmt.Errorf("the file is a %s, not an %s%s", j.root, classPrefix, reportPlan.class)
	}
	return nil
}

// placed puts the line in front of an error that has none.
func (j *jsonReader) placed(err error) error {
	if strings.HasPrefix(err.Error(), "line ") {
		return err
	}
	return fmt.Errorf("line %d: %w", j.lines.at(j.scan.pos), err)
}

// object reads the members of an object into a struct.
func (j *jsonReader) object(p *plan, v reflect.Value) error {
	if err := j.scan.take('{'); err != nil {
		return err
	}
	if err := j.enter(j.scan.pos); err != nil {
		return err
	}
	defer j.leave()
	o := jsonObject{p: p, v: v, line: j.lines.at(j.scan.pos), problems: len(j.problems)}
	if p.line >= 0 {
		v.Field(p.line).SetInt(int64(o.line))
	}
	if c, err := j.scan.peek(); err != nil {
		return err
	} else if c == '}' {
		j.scan.pos++
		j.end(&o)
		return nil
	}
	for more := true; more; {
		if err := j.member(&o); err != nil {
			return err
		}
		var err error
		if more, err = j.scan.more('}'); err != nil {
			return err
		}
	}
	j.end(&o)
	return nil
}

// jsonObject is an object while it is read.
type jsonObject struct {
	p        *plan
	v        reflect.Value
	line     int
	problems int    // problems before it started
	seen     uint64 // members met so far
	typed    bool
	named    bool
}

// end settles an object when its last member is read.
func (j *jsonReader) end(o *jsonObject) {
	if !o.typed && o.p.kind < 0 {
		j.tellOnce(Problem{Line: o.line, Element: o.p.class, Field: "@type", Rule: RuleMissing,
			Say: fmt.Sprintf(`"@type" is missing; it should be %q`, classPrefix+o.p.class)})
	}
	j.settle(o.p, o.v, o.line, o.problems, o.seen)
}

// member reads one member of an object.
func (j *jsonReader) member(o *jsonObject) error {
	key, err := j.scan.text()
	if err != nil {
		return err
	}
	f := o.p.byName[string(key)]
	switch {
	case f == nil && string(key) == "@type" && !o.typed:
		o.typed = true
		return j.class(o)
	case f == nil && string(key) == "@id" && o.p.id >= 0 && !o.named:
		o.named = true
		return j.identity(o)
	case f == nil || o.seen&f.bit != 0:
		return j.pass(o, string(key), f != nil)
	}
	o.seen |= f.bit
	if err := j.scan.take(':'); err != nil {
		return err
	}
	return j.value(o, f, o.v.Field(f.index))
}

// pass skips a member that cannot be used.
func (j *jsonReader) pass(o *jsonObject, key string, known bool) error {
	p := Problem{Line: j.lines.at(j.scan.pos), Element: o.p.class, Field: key, Rule: RuleUnknown,
		Say: fmt.Sprintf("the standard knows no %s here; it was left aside", quote([]byte(key)))}
	if known || key == "@type" || key == "@id" && o.p.id >= 0 {
		p.Rule, p.Say = RuleRepeated, key+" is given twice; the first one counts"
	}
	j.tellOnce(p)
	if err := j.scan.take(':'); err != nil {
		return err
	}
	return j.scan.skip(j.limits.Depth - j.depth)
}

// class reads "@type", which says of which class an object is.
func (j *jsonReader) class(o *jsonObject) error {
	b, err := j.plainText(o, "@type")
	if b == nil {
		return err
	}
	name := bytes.TrimPrefix(b, []byte(classPrefix))
	switch {
	case o.p == reportPlan:
		j.root = string(b)
	case o.p.kind >= 0:
		kind, err := j.intern(name)
		o.v.Field(o.p.kind).SetString(kind)
		return err
	case string(name) != o.p.class:
		j.tellOnce(Problem{Line: o.line, Element: o.p.class, Field: "@type", Rule: RuleCode,
			Say: fmt.Sprintf(`"@type" is %s where only %q can stand; it was read as one`, quote(b), classPrefix+o.p.class)})
	}
	return nil
}

// identity reads "@id".
func (j *jsonReader) identity(o *jsonObject) error {
	b, err := j.plainText(o, "@id")
	if b == nil {
		return err
	}
	id, err := j.intern(b)
	o.v.Field(o.p.id).SetString(id)
	return err
}

// plainText reads the value of "@type" or "@id". It is nil, and told, where
// there is no text.
func (j *jsonReader) plainText(o *jsonObject, key string) ([]byte, error) {
	if err := j.scan.take(':'); err != nil {
		return nil, err
	}
	c, err := j.scan.peek()
	if err != nil {
		return nil, err
	}
	p := Problem{Line: o.line, Element: o.p.class, Field: key, Rule: RuleValue, Say: key + " is not a text"}
	switch c {
	case '"':
		return j.scan.text()
	case '{', '[', 'n':
		j.tell(p)
		return nil, j.scan.skip(j.limits.Depth - j.depth)
	}
	j.tellOnce(p) // a number; references to it are probably numbers too
	return j.scan.word()
}

// value reads one value into a field.
func (j *jsonReader) value(o *jsonObject, f *field, v reflect.Value) error {
	c, err := j.scan.peek()
	if err != nil {
		return err
	}
	many := f.shape == shapeParts || f.shape == shapeRefs || f.shape == shapeTexts
	switch {
	case c == '[' && many:
		return j.list(func(int) error { return j.item(o, f, v) })
	case c == '[':
		return j.first(o, f, v)
	case many && c != 'n':
		j.odd(o, f, "is one value where a list is asked for")
		return j.item(o, f, v)
	}
	return j.item(o, f, v)
}

// first reads the first value of a list that should not be one.
func (j *jsonReader) first(o *jsonObject, f *field, v reflect.Value) error {
	j.odd(o, f, "is a list where one value is asked for; the first counts")
	if err := j.enter(j.scan.pos); err != nil {
		return err
	}
	defer j.leave()
	return j.list(func(i int) error {
		if i > 0 {
			return j.scan.skip(j.limits.Depth - j.depth)
		}
		return j.value(o, f, v)
	})
}

// null takes a null, which says as much as leaving the member out.
func (j *jsonReader) null(o *jsonObject, f *field) error {
	b, err := j.scan.word()
	if err != nil {
		return err
	}
	if string(b) != "null" {
		return fmt.Errorf("%q stands where a value should be", b)
	}
	j.odd(o, f, "is null; leave it out instead")
	return nil
}

// odd tells of a value of an unusual form that could be used all the same.
func (j *jsonReader) odd(o *jsonObject, f *field, say string) {
	j.tellOnce(Problem{Line: j.lines.at(j.scan.pos), Element: o.p.class, Field: f.name, Rule: RuleValue, Say: f.name + " " + say})
}

// list reads the values of a list.
func (j *jsonReader) list(item func(i int) error) error {
	j.scan.pos++
	c, err := j.scan.peek()
	if err != nil {
		return err
	}
	if c == ']' {
		j.scan.pos++
		return nil
	}
	for i, more := 0, true; more; i++ {
		if err := item(i); err != nil {
			return err
		}
		if more, err = j.scan.more(']'); err != nil {
			return err
		}
	}
	return nil
}

// item reads a single value, or one value of a list.
func (j *jsonReader) item(o *jsonObject, f *field, v reflect.Value) error {
	c, err := j.scan.peek()
	if err != nil {
		return err
	}
	switch {
	case c == 'n':
		return j.null(o, f)
	case f.plan != nil && c == '{':
		return j.part(f, v)
	case f.plan == textPlan && c == '"' && f.shape == shapePart:
		return j.bareText(o, f, v)
	case f.plan != nil || c == '{' || c == '[':
		return j.unfit(o, f)
	case c == '"':
		return j.quoted(o, f, v)
	}
	return j.unquoted(o, f, v)
}

// part reads an object into a part, or into a new element of a list.
func (j *jsonReader) part(f *field, v reflect.Value) error {
	var to reflect.Value
	var err error
	if f.shape == shapeParts {
		to, err = j.grow(v, f.plan)
	} else {
		to, err = j.fresh(v, f.plan)
	}
	if err != nil {
		return err
	}
	return j.object(f.plan, to)
}

// bareText reads a text that should have been an InternationalizedText.
func (j *jsonReader) bareText(o *jsonObject, f *field, v reflect.Value) error {
	j.odd(o, f, "is a plain text; its language is not known")
	b, err := j.scan.text()
	if err != nil {
		return err
	}
	v.Set(reflect.ValueOf(Text(unknownLanguage, string(b))))
	return j.spend(int64(len(b)) + textPlan.size)
}

// unfit skips a value that has nothing to do with what is asked for.
func (j *jsonReader) unfit(o *jsonObject, f *field) error {
	j.bad(o.p, f, o.line, j.lines.at(j.scan.pos), fmt.Sprintf("%s is not %s; it was left aside", f.name, wanted[f.shape]))
	return j.scan.skip(j.limits.Depth - j.depth)
}

// quoted reads a JSON string.
func (j *jsonReader) quoted(o *jsonObject, f *field, v reflect.Value) error {
	b, err := j.scan.text()
	if err != nil {
		return err
	}
	switch f.shape {
	case shapeText, shapeCode, shapeRef:
		return j.setText(f, v, b)
	case shapeRefs, shapeTexts:
		return j.addText(f, v, b)
	}
	j.odd(o, f, "stands in quotation marks, though it is "+wanted[f.shape])
	j.setNumber(o.p, f, v, b, o.line, j.lines.at(j.scan.pos))
	return nil
}

// addText puts one more text or id on a list.
func (j *jsonReader) addText(f *field, v reflect.Value, b []byte) error {
	list, _ := reflect.TypeAssert[[]string](v)
	if f.shape == shapeTexts {
		v.Set(reflect.ValueOf(append(list, string(b))))
		return j.spend(int64(len(b)) + 16)
	}
	id, err := j.intern(b)
	if err != nil {
		return err
	}
	v.Set(reflect.ValueOf(append(list, id)))
	return j.spend(16)
}

// unquoted reads a number, true or false.
func (j *jsonReader) unquoted(o *jsonObject, f *field, v reflect.Value) error {
	b, err := j.scan.word()
	if err != nil {
		return err
	}
	switch f.shape {
	case shapeFlag:
		if len(b) == 1 { // 1 and 0 are flags in XML only
			j.odd(o, f, "is a number, though it is "+wanted[f.shape])
		}
		j.setNumber(o.p, f, v, b, o.line, j.lines.at(j.scan.pos))
		return nil
	case shapeWhole, shapeNumber:
		j.setNumber(o.p, f, v, b, o.line, j.lines.at(j.scan.pos))
		return nil
	case shapeText, shapeCode, shapeRef:
		j.odd(o, f, "is a bare word or number, though it is "+wanted[f.shape])
		return j.setText(f, v, b)
	}
	j.odd(o, f, "has a bare word or number in it")
	return j.addText(f, v, b)
}
