// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"strings"
	"testing"

	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/office/letters/paper"
)

// TestOurTemplatesFit reads each template that comes with the program and lays
// it out with sample texts.
func TestOurTemplatesFit(t *testing.T) {
	k := openDesk(t, dbtest.SQLite(t, sources()...))
	for _, kind := range Kinds() {
		for _, lang := range []string{"en", "es"} {
			if _, err := k.try(kind, lang, ours(kind, lang)); err != nil {
				t.Errorf("%s in %s: %v", kind, lang, err)
			}
			tmpl, err := readTemplate(kind, ours(kind, lang))
			k.must(err)
			used := make(map[string]bool)
			for _, p := range append(tmpl.body, tmpl.card...) {
				for _, x := range p.pieces {
					used[x.text] = used[x.text] || x.field
				}
			}
			for _, f := range kinds[kind].fields {
				if !used[f.Name] {
					t.Errorf("%s in %s never says {%s}", kind, lang, f.Name)
				}
			}
			sample := k.sample(kind, lang)
			if pages, err := k.today().paper(k.Words.In(lang), sample, tmpl).Pages(); err != nil || pages > 2 {
				t.Errorf("%s in %s has %d pages: %v", kind, lang, pages, err)
			}
		}
	}
}

func TestReadTemplate(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind Kind
		text string
		says string // of the refusal; empty: it is good
	}{
		{"the least", Duplicate, "# Hello", ""},
		{"lines that end as Windows ends them", Duplicate, "# Hello\r\n\r\n{name}", ""},
		{"a field that is not", Duplicate, "# Hello\n\n{reason}", "name, date, number, office, office_address, office_phone, office_email, office_url, received, precinct, place"},
		{"a field that does not end", Duplicate, "# Hello {name", "without a }"},
		{"a field that does not begin", Duplicate, "# Hello name}", "without a {"},
		{"no title", Duplicate, "Hello", "title"},
		{"nothing", Duplicate, "", "title"},
		{"a reason that is not told", Denial, "# Denied\n\n{appeal}", "must say {reason}"},
		{"a card too many", Duplicate, "# Hello\n\n=== card\n\nback", "no card"},
		{"no card", Confirmation, "# Hello {reply_by} {until}", "=== card"},
		{"too long", Duplicate, "# " + strings.Repeat("x", mostTemplate), "at most"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readTemplate(tt.kind, tt.text)
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(fault.Sentence(err), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
}

func TestFill(t *testing.T) {
	tmpl, err := readTemplate(Incomplete, "# {name}\n\n## Until when\n\nby {deadline}\n\n## What\n\n- missing: {missing}\n\n[ ] tick\n\nName: ____\n\n## When\n\n{deadline}, {received}")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := tmpl.fill(map[string]string{"name": "A {received}", "missing": "one\n\ntwo\n", "received": "today"})
	want := []paper.Block{{Kind: paper.Title, Text: "A {received}"}, {Kind: paper.Heading, Text: "What"}, {Kind: paper.Item, Text: "missing: one"}, {Kind: paper.Item, Text: "missing: two"},
		{Kind: paper.Check, Text: "tick"}, {Kind: paper.Blank, Text: "Name: "}}
	if len(body) != len(want) {
		t.Fatalf("got %+v", body)
	}
	for i := range want {
		if body[i] != want[i] {
			t.Errorf("got %+v, want %+v", body[i], want[i])
		}
	}
}

func FuzzReadTemplate(f *testing.F) {
	for _, kind := range Kinds() {
		f.Add(string(kind), ours(kind, "es"))
	}
	f.Add("duplicate", "# {}\n\n{{name}}\n\n____")
	f.Fuzz(func(t *testing.T, kind, text string) {
		if !Kind(kind).known() {
			kind = string(Duplicate)
		}
		tmpl, err := readTemplate(Kind(kind), text)
		if err != nil {
			return
		}
		body, _ := tmpl.fill(map[string]string{"name": "A", "missing": "one\ntwo"})
		for _, b := range body {
			if strings.Contains(b.Text, "{name}") && !strings.Contains(text, "{{name}") {
				t.Errorf("%q was not filled in", b.Text)
			}
		}
	})
}
