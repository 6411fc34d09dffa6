// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"slices"
	"strings"
	"testing"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/hide"
)

const general = `[[practice]]
from = "2004-01-01"
source = "law"
order = ["license", "ssn4"]
license_names = "lenient"
ssn4_names = "exact"
fields = ["first", "last", "birth"]
standings = ["valid"]
ssn4_matches = ["single-match-alive"]
`

func TestAPracticeHoldsFromItsDay(t *testing.T) {
	list, err := ReadPractices(strings.NewReader(general + `
[[practice]]
state = "AZ"
from = "2010-01-01"
source = "rule"
order = ["ssn4"]
[[practice]]
state = "AZ"
from = "2020-01-01"
source = "rule"
standings = ["valid", "expired"]
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		state     string
		day, from election.Date
		order     []Kind
		standings int
	}{
		{"AZ", "2009-12-31", "2004-01-01", kinds, 1},
		{"AZ", "2010-01-01", "2010-01-01", []Kind{SSN4}, 1},
		{"AZ", "2026-01-01", "2020-01-01", kinds, 2},
		{"CO", "2026-01-01", "2004-01-01", kinds, 1},
	} {
		p := list.On(tt.state, tt.day)
		if p.From != tt.from || !slices.Equal(p.Order, tt.order) || len(p.Standings) != tt.standings || len(p.SSN4Matches) != 1 {
			t.Errorf("%s on %s: got %+v", tt.state, tt.day, p)
		}
	}
}

func TestTablesThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"nothing", "", "no row without a state"},
		{"no TOML", "[[", "line 1"},
		{"an unknown field", general + "reject = true", "reject"},
		{"a matter of rejection", strings.Replace(general, `["single-match-alive"]`, `["no-match"]`, 1), "ssn4_matches"},
		{"the dead verify nobody", strings.Replace(general, `["single-match-alive"]`, `["single-match-deceased"]`, 1), "ssn4_matches"},
		{"no day", strings.Replace(general, "2004-01-01", "2004", 1), "from"},
		{"no order", strings.Replace(general, `["license", "ssn4"]`, `[]`, 1), "order"},
		{"an order with one twice", strings.Replace(general, `["license", "ssn4"]`, `["ssn4", "ssn4"]`, 1), "twice"},
		{"no such comparison", strings.Replace(general, `"exact"`, `"soundex"`, 1), "ssn4_names"},
		{"no source", strings.Replace(general, `"law"`, `""`, 1), "source"},
		{"the same row twice", general + general, "another row"},
		{"a long state", general + "[[practice]]\nstate = \"Arizona\"\nfrom = \"2020-01-01\"\nsource = \"x\"", "two letters"},
		{"too large", strings.Repeat("#", mostPractices+1), "larger"},
	} {
		_, err := ReadPractices(strings.NewReader(tt.text))
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func FuzzReadPractices(f *testing.F) {
	f.Add(string(shipped))
	f.Add(general)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadPractices(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, p := range list {
			if got := list.On(p.State, p.From); len(got.SSN4Matches) > 0 && slices.Contains(got.SSN4Matches, NoMatch) {
				t.Fatalf("%+v", got)
			}
		}
	})
}

func TestNamesAreCompared(t *testing.T) {
	name := func(text string) Record {
		p := strings.Split(text+"||||", "|")
		return Record{First: hide.New(p[0]), Middle: hide.New(p[1]), Last: hide.New(p[2]), Suffix: hide.New(p[3])}
	}
	for _, tt := range []struct {
		name, a, b     string
		exact, lenient []Field
	}{
		{"the same", "Ann||Lee", "ANN||LEE ", nil, nil},
		{"a nickname", "Bill||Lee", "William||Lee", []Field{First}, nil},
		{"two names", "Bill||Lee", "Ann||Lee", []Field{First}, []Field{First}},
		{"a hyphen", "Ann||Garcia-Lopez", "Ann||Garcia Lopez", []Field{Last}, nil},
		{"one part", "Ann||Garcia-Lopez", "Ann||Lopez", []Field{Last}, nil},
		{"an accent", "José||Peña", "Jose||Pena", []Field{First, Last}, nil},
		{"an apostrophe", "Ann||O'Neill", "Ann||ONeill", []Field{Last}, nil},
		{"a suffix in the last name", "Ann||Lee Jr", "Ann||Lee|Jr", []Field{Last, Suffix}, nil},
		{"a suffix in two spellings", "Ann||Lee|2nd", "Ann||Lee|II", []Field{Suffix}, nil},
		{"father and son", "Ann||Lee|Sr", "Ann||Lee|Jr", []Field{Suffix}, []Field{Suffix}},
		{"an initial", "Ann|Marie|Lee", "Ann|M.|Lee", []Field{Middle}, nil},
		{"another initial", "Ann|Marie|Lee", "Ann|K|Lee", []Field{Middle}, []Field{Middle}},
		{"no middle name", "Ann||Lee", "Ann|Marie|Lee", []Field{Middle}, nil},
		{"a last name of marks is nobody's", "Ann||--", "Ann||..", []Field{Last}, []Field{Last}},
		{"an initial is no part", "Ann||Lee", "A||Lee", []Field{First}, []Field{First}},
	} {
		for c, want := range map[Comparison][]Field{Exact: tt.exact, Lenient: tt.lenient} {
			if got := compare(c, name(tt.a), name(tt.b)); !slices.Equal(got, want) {
				t.Errorf("%s, %s: got %v, want %v", tt.name, c, got, want)
			}
		}
	}
}
