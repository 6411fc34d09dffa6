// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"bufio"
	"reflect"
	"strings"
	"unicode/utf8"
)

// jsonWriter writes objects. Errors of the writer underneath come at the end.
type jsonWriter struct {
	w *bufio.Writer
}

func (j *jsonWriter) raw(s string) { j.w.WriteString(s) }

func (j *jsonWriter) err() error {
	_, err := j.w.Write(nil)
	return err
}

// text writes a string, with < and & as they are: nobody puts a file into a page.
func (j *jsonWriter) text(s string) {
	j.w.WriteByte('"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			_, n := utf8.DecodeRuneInString(s[i:])
			i += n
			continue
		}
		j.raw(s[start:i])
		switch c {
		case '"', '\\':
			j.w.WriteByte('\\')
			j.w.WriteByte(c)
		case '\n':
			j.raw(`\n`)
		default:
			const hex = "0123456789abcdef"
			j.raw(`\u00`)
			j.w.WriteByte(hex[c>>4])
			j.w.WriteByte(hex[c&15])
		}
		i++
		start = i
	}
	j.raw(s[start:])
	j.w.WriteByte('"')
}

func (j *jsonWriter) name(s string) {
	j.raw(`,"`)
	j.raw(s)
	j.raw(`":`)
}

// object writes a part. class is what it is called where its type does not tell.
func (j *jsonWriter) object(p *plan, v reflect.Value, class string) {
	kind := p.kindOf(v)
	switch {
	case class != "":
		if at := strings.IndexByte(class, '.'); class[:at] == "VRI" && p.kind >= 0 {
			kind = class[at+1:]
		}
	case kind != "":
		class = "VRI." + kind
	default:
		class = p.json
		if p.kind >= 0 {
			class = "VRI." + p.kinds[0]
		}
	}
	j.raw(`{"@type":"` + class + `"`)
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if f.in(kind) && (f.required || isSet(f, fv)) {
			j.field(f, fv)
		}
	}
	j.raw("}")
}

func (j *jsonWriter) field(f *field, v reflect.Value) {
	j.name(f.name)
	switch f.shape {
	case shapeText:
		j.scalar(f, v.String())
	case shapeFlag:
		if v.Elem().Bool() {
			j.raw("true")
		} else {
			j.raw("false")
		}
	case shapePart:
		j.object(f.plan, v.Elem(), f.class)
	case shapeAddress:
		a, _ := reflect.TypeAssert[*Address](v)
		j.address(a)
	case shapeTexts, shapeParts:
		j.raw("[")
		for i := range v.Len() {
			if i > 0 {
				j.raw(",")
			}
			if f.shape == shapeParts {
				j.object(f.plan, v.Index(i), f.class)
			} else {
				j.scalar(f, v.Index(i).String())
			}
		}
		j.raw("]")
	}
}

func (j *jsonWriter) scalar(f *field, s string) {
	if f.format == "number" || f.format == "integer" {
		j.raw(s)
		return
	}
	j.text(s)
}

func (j *jsonWriter) part(name string, p *plan, v any) {
	j.name(name)
	j.object(p, reflect.ValueOf(v).Elem(), "")
}

func (j *jsonWriter) address(a *Address) {
	is := classes[a.Class]
	j.raw(`{"@type":"addr.` + a.Class + `"`)
	j.optional("action", a.Action)
	numbered := func(name string, i, of int) string {
		if of > 1 {
			return name + string(rune('1'+i))
		}
		return name
	}
	if a.Landmark != nil {
		j.part("CompleteLandmarkName", landmarkPlan, a.Landmark)
	}
	for i := range a.Number {
		j.part(numbered("CompleteAddressNumber", i, is.numbers), numberPlan, &a.Number[i])
	}
	for i, s := range a.Separator {
		j.name(numbered("SeparatorElement", i, is.between))
		j.text(s)
	}
	for i := range a.Street {
		j.part(numbered("CompleteStreetName", i, is.streets), streetPlan, &a.Street[i])
	}
	j.optional("CornerOf", a.CornerOf)
	if a.Subaddress != nil {
		j.part("CompleteSubaddress", subPlan, a.Subaddress)
	}
	if a.Box != nil {
		j.part("USPSBox", boxPlan, a.Box)
	}
	if a.Route != nil {
		j.part("USPSAddress", routePlan, a.Route)
	}
	j.optional("USPSGeneralDeliveryPoint", a.DeliveryPoint)
	j.optional("GeneralAddress", a.General)
	j.places(a, is)
	j.optional("StateName", a.StateName)
	j.optional("ZipCode", a.ZipCode)
	j.optional("ZipPlus4", a.ZipPlus4)
	j.optional("CountryName", a.CountryName)
	j.list("PlaceStateZip", a.PlaceStateZip, "")
	j.attributes(a)
	j.raw("}")
}

// places writes the place, and the one in front where there is one: the only
// place is number 1, as in the samples of the standard.
func (j *jsonWriter) places(a *Address, is classOf) {
	names := []string{"CompletePlaceName1", "CompletePlaceName2"}
	if !is.split {
		names = []string{"", "CompletePlaceName"}
	} else if a.LandmarkPlace == nil {
		names[1] = names[0]
	}
	if a.LandmarkPlace != nil {
		j.part(names[0], placePlan, a.LandmarkPlace)
	}
	if a.Place != nil {
		j.part(names[1], placePlan, a.Place)
	}
}

func (j *jsonWriter) optional(name, s string) {
	if s != "" {
		j.name(name)
		j.text(s)
	}
}

func (j *jsonWriter) list(name string, list []string, format string) {
	if len(list) == 0 {
		return
	}
	j.name(name)
	j.raw("[")
	for i, s := range list {
		if i > 0 {
			j.raw(",")
		}
		j.scalar(&field{format: format}, s)
	}
	j.raw("]")
}

func (j *jsonWriter) attributes(a *Address) {
	for i := 0; i < len(a.Attributes); {
		name := a.Attributes[i].Name
		var values []string
		for ; i < len(a.Attributes) && a.Attributes[i].Name == name; i++ {
			values = append(values, a.Attributes[i].Value)
		}
		known := addressAttributes[attributeIndex(name)]
		switch {
		case known.many:
			j.list(name, values, known.format)
		case known.format == "system":
			authority, id, _ := strings.Cut(values[0], ":")
			j.name(name)
			j.raw(`{"@type":"addr_type.AddressCoordinateReferenceSystem_type"`)
			j.name("AddressCoordinateReferenceSystemAuthority")
			j.text(authority)
			j.name("AddressCoordinateReferenceSystemID")
			j.raw(id)
			j.raw("}")
		default:
			j.name(name)
			j.scalar(&field{format: known.format}, values[0])
		}
	}
}
