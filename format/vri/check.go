// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hustings/format/sheet"
)

// Check says what keeps a message from being written in a spelling: everything
// for which the schema would refuse it.
func Check(m Message, as Spelling) []sheet.Problem {
	body, p := m.body()
	if p == nil {
		return []sheet.Problem{{Say: "there is no message to write"}}
	}
	c := checker{as: as}
	c.part(p, body, p.class)
	return c.found
}

// body is the one part of a message that is set.
func (m Message) body() (reflect.Value, *plan) {
	switch {
	case m.Request != nil:
		return reflect.ValueOf(m.Request).Elem(), requestPlan
	case m.Acknowledgement != nil:
		return reflect.ValueOf(m.Acknowledgement).Elem(), ackPlan
	case m.Success != nil:
		return reflect.ValueOf(m.Success).Elem(), successPlan
	case m.Rejection != nil:
		return reflect.ValueOf(m.Rejection).Elem(), rejectionPlan
	case m.Results != nil:
		return reflect.ValueOf(m.Results).Elem(), resultsPlan
	case m.Record != nil:
		return reflect.ValueOf(m.Record).Elem(), recordPlan
	}
	return reflect.Value{}, nil
}

// checker holds a message to the schema.
type checker struct {
	as    Spelling
	found []sheet.Problem
}

func (c *checker) tell(at, say string) {
	c.found = append(c.found, sheet.Problem{Field: at, Say: say})
}

func (c *checker) part(p *plan, v reflect.Value, at string) {
	kind := p.kindOf(v)
	if p.kind >= 0 && !slices.Contains(p.kinds, kind) && (kind != "" || p.abstract) {
		c.tell(at, fmt.Sprintf("%q is not one of %s", short(kind), strings.Join(p.kinds, ", ")))
		return
	}
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		switch {
		case !f.in(kind):
			if isSet(f, fv) {
				c.tell(at+"/"+f.name, fmt.Sprintf("a %s has none", kind))
			}
		case isSet(f, fv):
			c.field(p, f, fv, at)
		case f.required && f.needed():
			c.tell(at+"/"+f.name, "it is missing, and the standard requires it")
		}
	}
}

// needed says whether a field must hold something; where the standard wants a
// text, it is content with an empty one.
func (f *field) needed() bool {
	return f.shape != shapeText || f.codes != nil || f.format != "" && f.format != "base64"
}

func (c *checker) field(p *plan, f *field, v reflect.Value, parent string) {
	if f.shape == shapeText {
		c.text(p, f, v.String(), parent, -1)
		return
	}
	at := parent + "/" + f.name
	switch f.shape {
	case shapeTexts:
		for i := range v.Len() {
			c.text(p, f, v.Index(i).String(), parent, i)
		}
	case shapePart:
		c.part(f.plan, v.Elem(), at)
	case shapeParts:
		for i := range v.Len() {
			c.part(f.plan, v.Index(i), nthPath(at, i))
		}
	case shapeAddress:
		a, _ := reflect.TypeAssert[*Address](v)
		c.found = append(c.found, checkAddress(a, c.as, at)...)
	}
}

func nthPath(at string, i int) string { return at + "[" + strconv.Itoa(i+1) + "]" }

// text checks a text, the i-th of its field where that is a list.
func (c *checker) text(p *plan, f *field, s, parent string, i int) {
	tell := func(say string) {
		at := parent + "/" + f.name
		if i >= 0 {
			at = nthPath(at, i)
		}
		c.tell(at, say)
	}
	if say := badText(s, p.address && !f.free); say != "" {
		tell(say)
	}
	if f.codes != nil && !slices.Contains(f.codes, s) {
		tell(fmt.Sprintf("%q is not one of %s", short(s), strings.Join(f.codes, ", ")))
	}
	if say := badFormat(f.format, s, c.as); say != "" {
		tell(say)
	}
}

// badText tells of what a file cannot hold. Addresses stand on one line.
func badText(s string, oneLine bool) string {
	if plain(s) {
		return ""
	}
	if !utf8.ValidString(s) {
		return "it holds bytes that are not UTF-8"
	}
	for _, r := range s {
		switch {
		case oneLine && (r == '\n' || r == '\r'):
			return "an address must not hold line breaks"
		case r < ' ' && r != '\n' && r != '\r' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			return fmt.Sprintf("it holds the character %U, which XML cannot hold", r)
		}
	}
	return ""
}

func badFormat(format, s string, as Spelling) string {
	switch format {
	case "date":
		if day, plain := Day(s); day == "" || !plain {
			return "it is not a date; write 2026-11-03"
		}
	case "base64":
		if _, err := base64.StdEncoding.DecodeString(s); err != nil {
			return "it is not a file in base64"
		}
	case "number":
		if !isNumber(s) {
			return "it is not a number"
		}
	case "integer":
		if _, err := strconv.Atoi(s); err != nil || strings.HasPrefix(s, "+") || len(strings.TrimPrefix(s, "-")) > 1 && strings.TrimPrefix(s, "-")[0] == '0' {
			return "it is not a whole number"
		}
	case "digits":
		if as == XML && (s == "" || strings.Trim(s, digits) != "") {
			return "a house number is digits; what stands around them goes into the prefix and the suffix"
		}
	case "language":
		if !language(s) {
			return "it is not a language such as en or es-US"
		}
	case "uri":
		if u, err := url.Parse(s); err != nil || !u.IsAbs() || strings.ContainsAny(s, " \"<>\\^`{|}") {
			return "it is not a whole address on the web"
		}
	}
	return ""
}

// isNumber says whether a text is a number in JSON and in XML alike.
func isNumber(s string) bool {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || x != x || x > 1e300 || x < -1e300 {
		return false
	}
	s = strings.TrimPrefix(s, "-")
	if s == "" || s[0] < '0' || s[0] > '9' || len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		return false
	}
	return strings.Trim(s, digits+".eE+-") == "" && !strings.HasSuffix(s, ".") && !strings.Contains(s, ".e") && !strings.Contains(s, ".E")
}

// checkAddress says what keeps an address from being written.
func checkAddress(a *Address, as Spelling, at string) []sheet.Problem {
	is, ok := classes[a.Class]
	if !ok {
		return []sheet.Problem{{Field: at, Say: fmt.Sprintf("%q is not a class of addresses", short(a.Class))}}
	}
	c := checker{as: as}
	c.counts(a, is, at)
	c.region(a, is, at)
	for _, part := range []struct {
		p   *plan
		v   any
		nil bool
	}{
		{landmarkPlan, a.Landmark, a.Landmark == nil}, {placePlan, a.LandmarkPlace, a.LandmarkPlace == nil},
		{subPlan, a.Subaddress, a.Subaddress == nil}, {boxPlan, a.Box, a.Box == nil}, {routePlan, a.Route, a.Route == nil},
		{placePlan, a.Place, a.Place == nil},
	} {
		if !part.nil {
			c.part(part.p, reflect.ValueOf(part.v).Elem(), at+"/"+part.p.class)
		}
	}
	for i := range a.Number {
		c.part(numberPlan, reflect.ValueOf(&a.Number[i]).Elem(), at+"/"+numberPlan.class)
	}
	for i := range a.Street {
		c.part(streetPlan, reflect.ValueOf(&a.Street[i]).Elem(), at+"/"+streetPlan.class)
	}
	c.facts(a, at)
	return c.found
}

// counts tells of parts that the class wants, or does not have.
func (c *checker) counts(a *Address, is classOf, at string) {
	has := func(s slot) bool { return slices.Contains(is.slots, s) }
	want := func(what string, have, want int) {
		if have != want {
			c.tell(at, fmt.Sprintf("a %s has %d %s, not %d", a.Class, want, what, have))
		}
	}
	want("house numbers", len(a.Number), is.numbers)
	want("street names", len(a.Street), is.streets)
	want("separators", len(a.Separator), is.between)
	for _, x := range []struct {
		what      string
		have, may bool
		must      bool
	}{
		{"landmark", a.Landmark != nil, has(slotFront) || has(slotMark), has(slotMark)},
		{"place in front", a.LandmarkPlace != nil, has(slotFront), false},
		{"subaddress", a.Subaddress != nil, has(slotSub), false},
		{"box", a.Box != nil, has(slotBox), has(slotBox)},
		{"route", a.Route != nil, has(slotRoute), has(slotRoute)},
		{"corner", a.CornerOf != "", has(slotCorner), false},
		{"delivery point", a.DeliveryPoint != "", has(slotPoint), has(slotPoint) && a.General == ""},
		{"general address", a.General != "", a.Class == GeneralAddress, false},
	} {
		switch {
		case x.have && !x.may:
			c.tell(at, fmt.Sprintf("a %s has no %s", a.Class, x.what))
		case x.must && !x.have:
			c.tell(at, fmt.Sprintf("a %s has no %s, which it needs", a.Class, x.what))
		}
	}
	switch {
	case a.Landmark != nil && a.LandmarkPlace != nil:
		c.tell(at, "it has a landmark and a place in front, of which there may be one")
	case is.mustMark && a.Landmark == nil && a.LandmarkPlace == nil:
		c.tell(at, fmt.Sprintf("a %s needs a landmark", a.Class))
	case a.DeliveryPoint != "" && a.General != "":
		c.tell(at, "it has a delivery point and a general address, of which there may be one")
	}
	if a.Action != "" && !slices.Contains(enumerations["Action"], a.Action) {
		c.tell(at+"/action", "it is neither ADD nor DELETE")
	}
}

// region checks the place, the state and the ZIP code, which XML wants together.
func (c *checker) region(a *Address, is classOf, at string) {
	loose := a.StateName + a.ZipCode + a.ZipPlus4 + a.CountryName
	switch {
	case c.as == JSON:
	case len(a.PlaceStateZip) > 0 && (a.Place != nil || loose != ""):
		c.tell(at, "it has a PlaceStateZip beside its parts, of which there may be one")
	case a.Place == nil && loose != "" && a.General == "":
		c.tell(at+"/CompletePlaceName", "it is missing, and the standard requires it beside a state or ZIP code")
	case a.ZipPlus4 != "" && a.ZipCode == "":
		c.tell(at+"/ZipCode", "it is missing, and the standard requires it beside ZipPlus4")
	case is.mustZip && a.General == "" && a.Place == nil && len(a.PlaceStateZip) == 0:
		c.tell(at+"/CompletePlaceName", "it is missing, and the standard requires it or a PlaceStateZip")
	case a.General != "" && (a.Place != nil || loose != "" || len(a.PlaceStateZip) > 0 || len(a.Attributes) > 0):
		c.tell(at+"/GeneralAddress", "nothing may stand beside it")
	}
	if c.as == XML && a.ZipCode != "" && badRegion(a.ZipCode, 5) {
		c.tell(at+"/ZipCode", "it is not five digits")
	}
	if c.as == XML && a.ZipPlus4 != "" && badRegion(a.ZipPlus4, 4) {
		c.tell(at+"/ZipPlus4", "it is not four digits")
	}
	for _, s := range append([]string{a.StateName, a.CountryName, a.DeliveryPoint, a.General, a.CornerOf}, append(a.PlaceStateZip, a.Separator...)...) {
		if say := badText(s, true); say != "" {
			c.tell(at, say)
		}
	}
}

func (c *checker) facts(a *Address, at string) {
	last, seen := -1, map[string]int{}
	for _, x := range a.Attributes {
		i := attributeIndex(x.Name)
		if i < 0 {
			c.tell(at, fmt.Sprintf("the standard knows no %s of an address", short(x.Name)))
			continue
		}
		known := addressAttributes[i]
		at := at + "/" + x.Name
		seen[x.Name]++
		switch {
		case i < last:
			c.tell(at, "it stands out of order")
		case seen[x.Name] > 1 && (!known.many || known.format == "code" && seen[x.Name] > 2 && x.Name != "AddressRangeSpan"):
			c.tell(at, "it stands there too often")
		case known.format == "code" && !slices.Contains(enumerations[x.Name], x.Value):
			c.tell(at, fmt.Sprintf("%q is not one of %s", short(x.Value), strings.Join(enumerations[x.Name], ", ")))
		case known.format == "system":
			if _, id, _ := strings.Cut(x.Value, ":"); badFormat("integer", id, c.as) != "" {
				c.tell(at, "it is not an authority and a number such as EPSG:4326")
			}
		default:
			if say := badFormat(known.format, x.Value, c.as); say != "" {
				c.tell(at, say)
			}
		}
		if say := badText(x.Value, true); say != "" {
			c.tell(at, say)
		}
		last = i
	}
}

func attributeIndex(name string) int {
	for i := range addressAttributes {
		if addressAttributes[i].name == name {
			return i
		}
	}
	return -1
}
