// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// told are the problems that a made-up report may have: counts in fractions.
func told(problems []Problem) []Problem {
	var out []Problem
	for _, p := range problems {
		if p.Rule != RuleFraction {
			out = append(out, p)
		}
	}
	return out
}

func TestAnyReportComesBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rep := anyReport(t)
		for _, spelling := range []struct {
			name  string
			write func(*bytes.Buffer) error
		}{
			{"JSON", func(b *bytes.Buffer) error { return WriteJSON(b, rep) }},
			{"XML", func(b *bytes.Buffer) error { return WriteXML(b, rep) }},
		} {
			var out bytes.Buffer
			if err := spelling.write(&out); err != nil {
				t.Fatal(err)
			}
			back, problems, err := Read(bytes.NewReader(out.Bytes()), Limits{})
			if err != nil {
				t.Fatalf("%s: %v\n%s", spelling.name, err, out.Bytes())
			}
			if diff := difference(rep, back); diff != "" || told(problems) != nil {
				t.Fatalf("%s: %v (-written +read):\n%s", spelling.name, told(problems), diff)
			}
		}
	})
}

func TestAnyReportIsValidJSON(t *testing.T) {
	if _, err := officialSchema(); err != nil {
		t.Skipf("the JSON Schema of NIST is not beside the repository: %v", err)
	}
	rapid.Check(t, func(r *rapid.T) {
		var out bytes.Buffer
		if err := WriteJSON(&out, anyReport(r)); err != nil {
			r.Fatal(err)
		}
		if err := validJSON(t, out.Bytes()); err != nil {
			r.Fatalf("%v\n%s", err, out.Bytes())
		}
	})
}

func TestAnyReportIsValidXML(t *testing.T) {
	dir := t.TempDir()
	var files []string
	gen := rapid.Custom(anyReport)
	for i := range 40 {
		name := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(name, writeXML(t, gen.Example(i)), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	checkXML(t, files...)
}

// What the writer lets through and what the schema lets through must be the
// same, character by character, for addresses and for ids.
func TestOddAddressesAndIdsAreValidXML(t *testing.T) {
	rep := testReport(1, 1, 1)
	c := &checker{enc: asXML}
	party := Party{Kind: SingleParty, ID: "party", Name: Text("en", "Oak")}
	for _, form := range []string{"http://example.org/x%sy", "http://example.org/?x%sy", "http://example.org/#x%sy", "x%sy", "http://h%s.org/", "%sabc", "http://u%s@h/"} {
		for r := rune(' '); r < 0x180; r++ {
			if uri := fmt.Sprintf(form, string(r)); r != 0x7f && c.badURI(uri) == "" && c.badText(uri) == "" {
				party.LogoUri = append(party.LogoUri, AnnotatedUri{Content: uri})
			}
		}
	}
	rep.Party = []Party{party}
	for r := rune(' '); r < 0x10000; r++ {
		for _, id := range []string{string(r) + "-first", "more-" + string(r)} {
			if c.badID(id) == "" {
				rep.Person = append(rep.Person, Person{ID: id})
			}
		}
	}
	if len(party.LogoUri) < 2000 || len(rep.Person) < 60_000 {
		t.Fatalf("only %d addresses and %d ids are let through", len(party.LogoUri), len(rep.Person))
	}
	name := filepath.Join(t.TempDir(), "odd.xml")
	if err := os.WriteFile(name, writeXML(t, rep), 0o600); err != nil {
		t.Fatal(err)
	}
	checkXML(t, name)
}
