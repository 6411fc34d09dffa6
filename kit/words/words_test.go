// SPDX-License-Identifier: Apache-2.0

package words

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hustings/kit/fault"
)

func catalog(t testing.TB, files map[string]string) *Catalog {
	t.Helper()
	c, err := New("es", pseudo)
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for name, body := range files {
		fsys["words/"+name] = &fstest.MapFile{Data: []byte(body)}
	}
	if err := c.Add(fsys); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPrinter(t *testing.T) {
	c := catalog(t, map[string]string{
		"en.json": `{"r.hi": "Hello {name}", "r.only": "English only", "r.files": {"one": "{n} file in {where}", "other": "{n} files in {where}"}}`,
		"es.json": `{"r.hi": "Hola, {name}", "r.files": {"one": "{n} archivo en {where}", "other": "{n} archivos en {where}"}, "fault: no report %s": "no hay informe %s"}`,
	})
	en, es, xb := c.In("en"), c.In("es-MX"), c.In(pseudo)
	at := time.Date(2026, 11, 3, 21, 42, 0, 0, time.FixedZone("MST", -7*3600))
	for _, tt := range []struct{ name, got, want string }{
		{"a placeholder is filled", en.T("r.hi", "name", "Ana"), "Hello Ana"},
		{"a regional tag finds its base language", es.T("r.hi", "name", "Ana"), "Hola, Ana"},
		{"what is not translated is said in English", es.T("r.only"), "English only"},
		{"an unknown key shows itself", en.T("r.nothing"), "r.nothing"},
		{"one is singular", en.N("r.files", 1, "where", "X"), "1 file in X"},
		{"numbers are grouped", en.N("r.files", 1234567, "where", "X"), "1,234,567 files in X"},
		{"findings are said from maps", es.Say("r.files", map[string]string{"n": "2", "where": "X"}), "2 archivos en X"},
		{"percent is rounded half up", en.Percent(1, 8), "12.5%"},
		{"percent of nothing is a dash", en.Percent(0, 0), "–"},
		{"a negative number keeps its sign before the first group", en.Number(-123456), "-123,456"},
		{"a date in English", en.DateTime(at), "November 3, 2026, 9:42 p.m. MST"},
		{"a date in Spanish", es.DateTime(at), "3 de noviembre de 2026, 9:42 p. m. MST"},
		{"a fault in Spanish", es.Sentence(fault.New(fault.NotFound, "no report %s", "r9")), "no hay informe r9"},
		{"a fault not translated", en.Sentence(fault.New(fault.NotFound, "no report %s", "r9")), "no report r9"},
		{"an internal error tells nothing", es.Sentence(errors.New("secret path")), fault.Apology},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	if got := c.Match("fr, es;q=0.8, en;q=0.5").Lang(); got != "es" {
		t.Errorf("Accept-Language: got %s, want es", got)
	}
	if got := xb.T("r.hi", "name", "Ana"); !strings.HasPrefix(got, "[Héllö Ana~") {
		t.Errorf("the pseudo-language should mark text and keep placeholders, got %q", got)
	}
	if xb.Dir() != "rtl" {
		t.Error("the pseudo-language is not right to left")
	}
}

func TestLint(t *testing.T) {
	en := map[string]Message{
		"a": {Plain: true, Forms: map[string]string{"other": "{x}"}},
		"b": {Forms: map[string]string{"one": "1", "other": "{n}"}},
		"c": {Plain: true, Forms: map[string]string{"other": "c"}},
	}
	es := map[string]Message{
		"a": {Plain: true, Forms: map[string]string{"other": "{y}"}},
		"b": {Forms: map[string]string{"other": "{n}", "few": "{n}"}},
		"d": {Plain: true, Forms: map[string]string{"other": "d"}},
	}
	got := strings.Join(Lint(en, es, "es"), "\n")
	for _, want := range []string{`a: English has [{x}], "es" has [{y}]`, `b: "es" has no plural form "few"`,
		`b: plural form "one" is missing in "es"`, `c: not said in "es"`, `d: said in "es" and not in English`} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in\n%s", want, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a": "b {c}", "d": {"one": "x", "other": "{n}"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := Parse(body)
		if err != nil {
			return
		}
		p := newPrinter(languages[0], nil)
		for k, v := range m {
			if p.add(k, v) == nil {
				p.N(k, 3, "c", "x")
			}
		}
	})
}

func BenchmarkN(b *testing.B) {
	c := catalog(b, map[string]string{"en.json": `{"r.f": {"one": "{n} file in {w}", "other": "{n} files in {w}"}}`})
	p := c.In("en")
	b.ReportAllocs()
	for b.Loop() {
		_ = p.N("r.f", 12345, "w", "X")
	}
}
