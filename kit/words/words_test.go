// SPDX-License-Identifier: Apache-2.0

package words

import (
	"errors"
	"fmt"
	"math"
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
		"es.json": `{"r.hi": "Hola, {name}", "r.files": {"one": "{n} archivo en {where}", "other": "{n} archivos en {where}"}, "fault: no report %s": "no hay informe %s",
			"fault: {n} of %d": "{n} de %d", "fault: 5% more": "5% más"}`,
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
		{"braces in a fault are its own", es.Sentence(fault.New(fault.Invalid, "{n} of %d", 3)), "{n} de 3"},
		{"a fault without arguments is no format", es.Sentence(fault.New(fault.Invalid, "5% more")), "5% más"},
		{"joined faults are all translated", es.Sentence(errors.Join(fault.New(fault.NotFound, "no report %s", "r9"), fault.New(fault.Invalid, "5% more"))), "no hay informe r9\n5% más"},
		{"a fault without a sentence says its cause's", es.Sentence(&fault.Error{Kind: fault.Invalid, Err: fault.New(fault.NotFound, "no report %s", "r9")}), "no hay informe r9"},
		{"ten million and one is plural", en.N("r.files", 10_000_001, "where", "X"), "10,000,001 files in X"},
		{"the smallest number there is", en.N("r.files", math.MinInt64, "where", "X"), "-9,223,372,036,854,775,808 files in X"},
		{"minus one is singular", en.N("r.files", -1, "where", "X"), "-1 file in X"},
		{"a negative percentage", en.Percent(-1, 8), "-12.5%"},
		{"a negative percentage below one", en.Percent(-5, 1000), "-0.5%"},
		{"a negative percentage too small to show has no sign", en.Percent(-1, 100_000), "0.0%"},
		{"a name in the language", es.Text(map[string]string{"en": "Mayor", "es": "Alcalde"}), "Alcalde"},
		{"a name in the base language", xb.Text(map[string]string{"en": "Mayor", "ar": "عمدة"}), "عمدة"},
		{"a name in English where the language has none", es.Text(map[string]string{"en": "Mayor", "de": "Bürgermeister"}), "Mayor"},
		{"a name in neither is said in the first", es.Text(map[string]string{"fr": "Maire", "de": "Bürgermeister"}), "Bürgermeister"},
		{"no name at all", es.Text(nil), ""},
		{"an internal error tells nothing", es.Sentence(errors.New("secret path")), fault.Apology},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	for accept, want := range map[string]string{
		"fr, es;q=0.8, en;q=0.5": "es", "ar": "en", "ar-EG, en;q=0.5": "en", "ar, ar-XB;q=0.1": "en", "he, fa": "en", "ar-XB, ar": pseudo, "": "en",
	} {
		if got := c.Match(accept).Lang(); got != want {
			t.Errorf("Accept-Language %q: got %s, want %s", accept, got, want)
		}
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

// Two rooms may refuse with the same sentence, as long as they agree on what
// it is in another language.
func TestASentenceSaidTwice(t *testing.T) {
	for _, tt := range []struct {
		name, key, first, second string
		taken                    bool
	}{
		{"a refusal, in the same words", "fault: The form is bad.", "Mal.", "Mal.", true},
		{"a refusal, in other words", "fault: The form is bad.", "Mal.", "Malo.", false},
		{"any other key", "a.b", "Mal.", "Mal.", false},
	} {
		c, err := New("es")
		if err != nil {
			t.Fatal(err)
		}
		say := func(text string) error {
			return c.Add(fstest.MapFS{"words/en.json": {Data: []byte(`{}`)}, "words/es.json": {Data: fmt.Appendf(nil, `{%q: %q}`, tt.key, text)}})
		}
		if err := say(tt.first); err != nil {
			t.Fatal(err)
		}
		if err := say(tt.second); (err == nil) != tt.taken {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}
