// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"fmt"
	"reflect"
	"slices"

	"pgregory.net/rapid"
)

// maker makes up reports that are valid and use every corner of the standard.
// It follows the same plans as the readers, so a new field is tested the day
// it is added.
type maker struct {
	t    *rapid.T
	pool map[string][]string // ids by class
	next int
}

// anyReport draws a report.
func anyReport(t *rapid.T) *ElectionReport {
	m := &maker{t: t, pool: map[string][]string{}}
	rep := &ElectionReport{Dialect: NISTv2}
	m.skeleton(rep)
	m.fill(reportPlan, reflect.ValueOf(rep).Elem(), 0)
	return rep
}

// id makes a new id for a class.
func (m *maker) id(class string) string {
	m.next++
	id := fmt.Sprintf("%s-%d", rapid.SampledFrom([]string{"u", "x.y", "_a", "Ü"}).Draw(m.t, "id"), m.next)
	m.pool[class] = append(m.pool[class], id)
	return id
}

// skeleton makes the elements that have ids, so that references have
// something to point to: one or two of each class.
func (m *maker) skeleton(rep *ElectionReport) {
	each := func(classes []string, add func(class, id string)) {
		for _, class := range classes {
			for range rapid.IntRange(1, 2).Draw(m.t, class) {
				add(class, m.id(class))
			}
		}
	}
	each(GpUnitKind("").codes(), func(k, id string) { rep.GpUnit = append(rep.GpUnit, GpUnit{Kind: GpUnitKind(k), ID: id}) })
	each(PartyKind("").codes(), func(k, id string) { rep.Party = append(rep.Party, Party{Kind: PartyKind(k), ID: id}) })
	each([]string{"Person"}, func(_, id string) { rep.Person = append(rep.Person, Person{ID: id}) })
	each([]string{"Office"}, func(_, id string) { rep.Office = append(rep.Office, Office{ID: id}) })
	each([]string{"Header"}, func(_, id string) { rep.Header = append(rep.Header, Header{ID: id}) })
	var e Election
	each([]string{"Candidate"}, func(_, id string) { e.Candidate = append(e.Candidate, Candidate{ID: id}) })
	each(ContestKind("").codes(), func(k, id string) {
		c := Contest{Kind: ContestKind(k), ID: id}
		each(SelectionKind("").codes(), func(k, id string) {
			c.ContestSelection = append(c.ContestSelection, ContestSelection{Kind: SelectionKind(k), ID: id})
		})
		e.Contest = append(e.Contest, c)
	})
	rep.Election = []Election{e}
}

// fill draws the fields of an element.
func (m *maker) fill(p *plan, v reflect.Value, depth int) {
	if p.kind >= 0 && kindOf(p, v) == "" {
		v.Field(p.kind).SetString(rapid.SampledFrom(p.kinds).Draw(m.t, "kind"))
	}
	for i := range p.fields {
		f := &p.fields[i]
		if f.in(kindOf(p, v)) {
			m.field(f, v.Field(f.index), depth)
		}
	}
}

// field draws one field, unless it stays empty.
func (m *maker) field(f *field, v reflect.Value, depth int) {
	if isSet(f, v) && f.shape == shapeParts { // part of the skeleton
		for i := range v.Len() {
			m.fill(f.plan, v.Index(i), depth+1)
		}
		return
	}
	hasID := f.plan != nil && f.plan.id >= 0
	if hasID || !f.required && (depth > 8 || !rapid.Bool().Draw(m.t, f.name)) {
		return
	}
	switch f.shape {
	case shapeText:
		v.SetString(m.text(f))
	case shapeTexts:
		v.Set(reflect.ValueOf(rapid.SliceOfN(rapid.Custom(anyText), 1, 3).Draw(m.t, f.name)))
	case shapeCode:
		v.SetString(rapid.SampledFrom(f.list).Draw(m.t, f.name))
	case shapeRef:
		v.SetString(m.ref(f))
	case shapeRefs:
		v.Set(reflect.ValueOf([]string{m.ref(f), m.ref(f)}[:rapid.IntRange(1, 2).Draw(m.t, f.name)]))
	case shapePart:
		v.Set(reflect.New(v.Type().Elem()))
		m.fill(f.plan, v.Elem(), depth+1)
	case shapeParts:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(1, 2).Draw(m.t, f.name), 2))
		for i := range v.Len() {
			m.fill(f.plan, v.Index(i), depth+1)
		}
	default:
		m.number(f, v)
	}
}

// ref draws an id of one of the classes that a field may point to.
func (m *maker) ref(f *field) string {
	var ids []string
	for _, class := range f.refs {
		ids = append(ids, m.pool[class]...)
	}
	slices.Sort(ids)
	return rapid.SampledFrom(ids).Draw(m.t, f.name)
}

// number draws a flag, a whole number or a number.
func (m *maker) number(f *field, v reflect.Value) {
	switch to := v.Addr().Interface().(type) {
	case *Opt[bool]:
		*to = Some(rapid.Bool().Draw(m.t, f.name))
	case *Opt[int64]:
		*to = Some(rapid.Int64Min(0).Draw(m.t, f.name))
	case *Opt[float64]:
		*to = Some(rapid.OneOf(
			rapid.Float64Range(0, 1e25),
			rapid.Float64Range(0, 1e-9),
			rapid.Map(rapid.IntRange(0, 1e9), func(n int) float64 { return float64(n) }),
		).Draw(m.t, f.name))
	}
}

// anyText draws a text with the characters that go wrong most easily.
func anyText(t *rapid.T) string {
	return rapid.OneOf(
		rapid.StringN(1, 20, -1).Filter(func(s string) bool { return (&checker{enc: asXML}).badText(s) == "" }),
		rapid.SampledFrom([]string{"O'Brien & Søn <3", `"quoted"\back`, " spaced ", "two\nlines", "old\r\nwindows", "tab\t", "]]>", "\u2028", "👍"}),
	).Draw(t, "text")
}

// text draws a text in the format of its field.
func (m *maker) text(f *field) string {
	switch f.format {
	case "date":
		return rapid.SampledFrom([]string{"2026-11-03", "2024-02-29"}).Draw(m.t, f.name)
	case "datetime":
		return rapid.SampledFrom([]string{"2026-11-03T21:42:00-05:00", "2026-11-03T23:59:59Z"}).Draw(m.t, f.name)
	case "time":
		return rapid.SampledFrom([]string{"07:00:00-05:00", "20:00:00Z", "12:30:00+14:00"}).Draw(m.t, f.name)
	case "uri":
		return rapid.SampledFrom([]string{"https://example.org/a?b=c&d=%20#e", "urn:isbn:1", "http://[::1]:80/é"}).Draw(m.t, f.name)
	case "color":
		return rapid.StringMatching(`[0-9a-f]{6}`).Draw(m.t, f.name)
	case "language":
		return rapid.SampledFrom([]string{"en", "es-MX", "zh-Hant"}).Draw(m.t, f.name)
	case "short":
		return rapid.StringMatching(`[a-zé ]{1,32}`).Draw(m.t, f.name)
	}
	return anyText(m.t)
}
