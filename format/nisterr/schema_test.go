// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"encoding/json"
	"encoding/xml"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// nistData is where the schemas and samples of NIST lie when they are there.
const nistData = "../../../shared/data/nist-err"

// dataFile reads a file of the standard, or skips the test.
func dataFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(nistData, name))
	if err != nil {
		t.Skipf("the NIST data is not beside the repository: %v", err)
	}
	return raw
}

// grammar is what a schema, or our structs, say about one class.
type grammar struct {
	Fields   []string
	Required []string
	Refs     map[string][]string
	Codes    map[string][]string
}

// ours is the grammar of our structs, by class.
func ours() map[string]grammar {
	out := map[string]grammar{}
	for _, p := range plans {
		classes := p.kinds
		if p.kind < 0 {
			classes = []string{p.class}
		}
		for _, class := range classes {
			out[class] = oursOf(p, class)
		}
	}
	delete(out, "summaryCounts") // not of version 2
	return out
}

func oursOf(p *plan, class string) grammar {
	g := grammar{Refs: map[string][]string{}, Codes: map[string][]string{}}
	if p.id >= 0 {
		g.Fields, g.Required = append(g.Fields, "@id"), append(g.Required, "@id")
	}
	for i := range p.fields {
		f := &p.fields[i]
		if p.kind >= 0 && !f.in(class) {
			continue
		}
		g.Fields = append(g.Fields, f.name)
		if f.required {
			g.Required = append(g.Required, f.name)
		}
		if f.refs != nil {
			g.Refs[f.name] = slices.Sorted(slices.Values(f.refs))
		}
		if f.list != nil {
			g.Codes[f.name] = slices.Sorted(slices.Values(f.list))
		}
	}
	return g
}

// jsonSchema is the part of a JSON Schema that the test looks at.
type jsonSchema struct {
	Definitions map[string]struct {
		Type       string
		Enum       []string
		Required   []string
		Properties map[string]jsonProperty
	}
}

type jsonProperty struct {
	Ref      string `json:"$ref"`
	RefTypes []string
	Items    *jsonProperty
}

func TestStructsSayWhatTheJSONSchemaSays(t *testing.T) {
	var schema jsonSchema
	if err := json.Unmarshal(dataFile(t, "schema/NIST_V2_election_results_reporting.json"), &schema); err != nil {
		t.Fatal(err)
	}
	bare := func(ref string) string { return ref[strings.LastIndexAny(ref, "./")+1:] }
	have := ours()
	for name, def := range schema.Definitions {
		class := bare(name)
		if def.Type != "object" {
			continue
		}
		want := grammar{Refs: map[string][]string{}, Codes: map[string][]string{}}
		for field, p := range def.Properties {
			if p.Items != nil {
				p.RefTypes = p.Items.RefTypes
			}
			if field != "@type" {
				want.Fields = append(want.Fields, field)
			}
			for _, r := range p.RefTypes {
				want.Refs[field] = append(want.Refs[field], bare(r))
			}
			slices.Sort(want.Refs[field])
			if enum := schema.Definitions[strings.TrimPrefix(p.Ref, "#/definitions/")].Enum; enum != nil {
				want.Codes[field] = slices.Sorted(slices.Values(enum))
			}
		}
		want.Fields = slices.Sorted(slices.Values(want.Fields))
		want.Required = slices.Sorted(slices.Values(slices.DeleteFunc(def.Required, func(s string) bool { return s == "@type" })))
		got := have[class]
		got.Fields = slices.Sorted(slices.Values(got.Fields))
		got.Required = slices.Sorted(slices.Values(got.Required))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs from the schema (-schema +ours):\n%s", class, diff)
		}
		delete(have, class)
	}
	if len(have) > 0 {
		t.Errorf("classes that the schema does not know: %v", slices.Sorted(maps.Keys(have)))
	}
}

// xsdFile is the part of an XML Schema that the test looks at.
type xsdFile struct {
	Types []xsdType `xml:"complexType"`
}

type xsdType struct {
	Name     string       `xml:"name,attr"`
	Abstract bool         `xml:"abstract,attr"`
	Elements []xsdElement `xml:"sequence>element"`
	Attrs    []xsdElement `xml:"attribute"`
	Complex  *xsdBase     `xml:"complexContent>extension"`
	Simple   *xsdBase     `xml:"simpleContent>extension"`
}

type xsdBase struct {
	Base     string       `xml:"base,attr"`
	Elements []xsdElement `xml:"sequence>element"`
	Attrs    []xsdElement `xml:"attribute"`
}

type xsdElement struct {
	Name string `xml:"name,attr"`
	Type string `xml:"type,attr"`
	Min  string `xml:"minOccurs,attr"`
	Max  string `xml:"maxOccurs,attr"`
	Use  string `xml:"use,attr"`
}

func TestStructsStandInTheOrderOfTheXMLSchema(t *testing.T) {
	var schema xsdFile
	if err := xml.Unmarshal(dataFile(t, "schema/NIST_V2_election_results_reporting.xsd"), &schema); err != nil {
		t.Fatal(err)
	}
	types := map[string]xsdType{}
	for _, x := range schema.Types {
		types[x.Name] = x
	}
	for _, p := range plans {
		classes := p.kinds
		if p.kind < 0 {
			classes = []string{p.class}
		}
		for _, class := range classes {
			if class == "summaryCounts" {
				continue
			}
			if diff := cmp.Diff(xsdLines(types, class), ourLines(p, class)); diff != "" {
				t.Errorf("%s differs from the schema (-schema +ours):\n%s", class, diff)
			}
		}
	}
}

// xsdLines lists the attributes and elements of a class, in order.
func xsdLines(types map[string]xsdType, class string) []string {
	x := types[class]
	var out []string
	if x.Complex != nil {
		out = xsdLines(types, x.Complex.Base)
		x.Elements = append(x.Elements, x.Complex.Elements...)
	}
	if x.Simple != nil {
		out = append(out, "text")
		x.Attrs = append(x.Attrs, x.Simple.Attrs...)
	}
	for _, e := range x.Elements {
		line := "element " + e.Name
		if e.Max == "unbounded" {
			line += " many"
		}
		if e.Min != "0" {
			line += " required"
		}
		out = append(out, line)
	}
	for _, a := range x.Attrs {
		line := "attribute " + a.Name
		if a.Use == "required" {
			line += " required"
		}
		out = append(out, line)
	}
	slices.SortStableFunc(out, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
	return out
}

// ourLines lists the same of a plan.
func ourLines(p *plan, class string) []string {
	var out []string
	if p.id >= 0 {
		out = append(out, "attribute ObjectId required")
	}
	for i := range p.fields {
		f := &p.fields[i]
		if p.kind >= 0 && !f.in(class) {
			continue
		}
		line := "element " + f.name
		switch {
		case f.content:
			out = append(out, "text")
			continue
		case f.attr:
			line = "attribute " + f.name
		}
		if f.shape == shapeParts || f.shape == shapeTexts {
			line += " many"
		}
		if f.required {
			line += " required"
		}
		out = append(out, line)
	}
	slices.SortStableFunc(out, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
	return out
}

func TestEveryPlanHasRoomForItsFields(t *testing.T) {
	for typ, p := range plans {
		if len(p.fields) > 64 {
			t.Errorf("%s has %d fields; the reader marks them in 64 bits", typ, len(p.fields))
		}
		if typ.Kind() != reflect.Struct {
			t.Errorf("%s is not a struct", typ)
		}
	}
}
