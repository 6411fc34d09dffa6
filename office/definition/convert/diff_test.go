// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
)

// full is the example with something in every field.
func full() *election.Definition {
	def := example()
	def.Units[1].Former = []election.Former{{Election: "2022-11-08-general", Registered: 1100, Ballots: 700, Votes: map[string]int64{"dem": 300, "rep": 390}}}
	def.Units[1].External = map[string]string{"vendor": "7"}
	def.Units[4].Districts = []election.DistrictID{"county"}
	def.Contests[1].Subtitle, def.Contests[1].PrimaryParty, def.Contests[1].Office = election.T("Vote for two"), "dem", "Board member"
	def.Contests[2].Holder, def.Contests[2].External = election.T("Judge Moss"), map[string]string{"vendor": "12"}
	def.Contests[1].Choices[0].External, def.Contests[1].Choices[0].Incumbent = map[string]string{"vendor": "121"}, true
	def.Styles[0].Party = "dem"
	def.Places[1].Line2, def.Places[1].TimeZone, def.Places[1].Lat, def.Places[1].Lon = "Gymnasium", "America/Chicago", 40.2, -83
	def.Places[2].Hours[0].ByAppointment = true
	def.Shapes = []election.Shape{{Unit: "p1", Polygons: []election.Polygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}}}}
	return def
}

// TestNothingChangesUnseen changes every single value in a definition, one at a
// time, and wants to be told each time.
func TestNothingChangesUnseen(t *testing.T) {
	walk(reflect.ValueOf(full()).Elem(), "", func(path string, change func(v reflect.Value)) {
		after := full()
		change(reflect.ValueOf(after).Elem())
		if len(Diff(full(), after)) == 0 {
			t.Errorf("%s changes and nobody is told", path)
		}
	})
}

// walk calls visit for every value that can be changed, with a way to change it
// in a copy.
func walk(v reflect.Value, path string, visit func(path string, change func(root reflect.Value))) {
	var into func(v reflect.Value, path string, get func(root reflect.Value) reflect.Value)
	into = func(v reflect.Value, path string, get func(root reflect.Value) reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				into(v.Elem(), path, func(r reflect.Value) reflect.Value { return get(r).Elem() })
			}
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				visit(path, func(r reflect.Value) { get(r).Set(reflect.ValueOf(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))) })
				return
			}
			for i := range v.NumField() {
				into(v.Field(i), path+"."+v.Type().Field(i).Name, func(r reflect.Value) reflect.Value { return get(r).Field(i) })
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				into(v.Index(i), path+"[]", func(r reflect.Value) reflect.Value { return get(r).Index(i) })
			}
			if v.Kind() == reflect.Slice && v.Len() > 0 {
				visit(path+" shorter", func(r reflect.Value) { f := get(r); f.Set(f.Slice(0, f.Len()-1)) })
			}
		case reflect.Map:
			if v.Len() == 0 {
				return
			}
			visit(path+" emptied", func(r reflect.Value) { f := get(r); f.Set(reflect.Zero(f.Type())) })
		case reflect.String:
			visit(path, func(r reflect.Value) { f := get(r); f.SetString(f.String() + "9") })
		case reflect.Bool:
			visit(path, func(r reflect.Value) { f := get(r); f.SetBool(!f.Bool()) })
		case reflect.Int, reflect.Int64:
			visit(path, func(r reflect.Value) { f := get(r); f.SetInt(f.Int() + 1) })
		case reflect.Float64:
			visit(path, func(r reflect.Value) { f := get(r); f.SetFloat(f.Float() + 1) })
		}
	}
	into(v, path, func(r reflect.Value) reflect.Value { return r })
}

func TestDiff(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(d *election.Definition)
		want   []Change
	}{
		{"nothing", func(*election.Definition) {}, nil},
		{"a candidate is renamed", func(d *election.Definition) { d.Contests[1].Choices[0].Name = election.T("Eva Fox") },
			[]Change{{Changed, "choice", "eve-fox", "Eva Fox · School board, district 3", "name", "Eve Fox", "Eva Fox"}}},
		{"a candidate withdraws", func(d *election.Definition) { d.Contests[1].Choices[0].Withdrawn = true },
			[]Change{{Changed, "choice", "eve-fox", "Eve Fox · School board, district 3", "withdrawn", "", "yes"}}},
		{"two candidates change places", func(d *election.Definition) {
			c := d.Contests[1].Choices
			c[0], c[1] = c[1], c[0]
		}, []Change{{Changed, "contest", "school-board", "School board, district 3", "order of choices", "eve-fox, gus-hill, ida-jones", "gus-hill, eve-fox, ida-jones"}}},
		{"two contests change places", func(d *election.Definition) { d.Contests[0], d.Contests[1] = d.Contests[1], d.Contests[0] },
			[]Change{{Changed, "election", "2026-11-03-general", "General election", "order of contests", "president, school-board, issue-1", "school-board, president, issue-1"}}},
		{"a contest goes, a precinct comes", func(d *election.Definition) {
			d.Contests = d.Contests[:2]
			d.Units = append(d.Units, election.Unit{ID: "p3", Name: "Harbor", Type: election.Precinct, Number: "0003", Parent: "alder"})
		}, []Change{{Removed, "contest", "issue-1", "Issue 1", "", "kind: measure; vote for: 1; elected: 0", ""},
			{Added, "unit", "p3", "Harbor", "", "", "type: precinct; number: 0003; parent: alder"}}},
		{"a place closes later", func(d *election.Definition) { d.Places[0].Hours[0].Close = "20:00" },
			[]Change{{Changed, "place", "courthouse", "Alder County Courthouse", "hours", "2026-11-03 06:30–19:30", "2026-11-03 06:30–20:00"}}},
		{"another language", func(d *election.Definition) { d.Contests[2].Name["es"] = "Asunto 1" },
			[]Change{{Changed, "contest", "issue-1", "[en] Issue 1 [es] Asunto 1", "name", "Issue 1", "[en] Issue 1 [es] Asunto 1"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			after := example()
			tt.change(after)
			if diff := cmp.Diff(tt.want, Diff(example(), after)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDiffOfNew(t *testing.T) {
	def := full()
	list := Diff(nil, def)
	count := make(map[string]int)
	for _, c := range list {
		if c.Kind != Added || c.Name == "" {
			t.Errorf("%+v", c)
		}
		count[c.Noun]++
	}
	want := map[string]int{"election": 1, "contest": 3, "choice": 8, "style": 2, "vote-type": 4, "party": 2, "district": 2, "unit": 5, "place": 3, "shape": 1}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Error(diff)
	}
	if list[0].Noun != "contest" || list[1].Noun != "choice" {
		t.Errorf("first come %s and %s", list[0].Noun, list[1].Noun)
	}
}
