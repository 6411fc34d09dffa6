// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"hustings/format/sheet"
)

const samples = "../../../shared/data/vri"

// dirty are the samples of NIST that do not keep to its own schema.
var dirty = []string{"NIST-WG-OVF-Exportable_data.xml", "va_absentee_annual.xml", "va_absentee_excuse_2c.xml"}

func sampleFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"nvra-examples/*", "va-examples/*"} {
		list, _ := filepath.Glob(filepath.Join(samples, pattern))
		out = append(out, list...)
	}
	if len(out) == 0 {
		t.Skip("the samples of NIST SP 1500-102 are not on this machine")
	}
	return out
}

func readSample(t *testing.T, path string) (*Source, Message) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	src, list, err := Read(filepath.Base(path), f, sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 {
		t.Fatalf("%s: %d messages, want 1", path, len(list))
	}
	list[0].Line = 0
	return src, list[0]
}

// TestSamplesRoundTrip reads every sample of the standard and writes it in both
// spellings: what is written is valid, and says the same.
func TestSamplesRoundTrip(t *testing.T) {
	files := sampleFiles(t)
	var written []string
	schema := jsonSchema(t)
	dir := t.TempDir()
	for i, path := range files {
		src, m := readSample(t, path)
		name := filepath.Base(path)
		isDirty := slices.Contains(dirty, name)
		if name != "ohio_registration.json" && !isDirty && src.Problems.Len() > 0 {
			t.Errorf("%s is valid, and yet: %v", name, src.Problems.List)
		}
		if (name == "ohio_registration.json" || isDirty) && src.Problems.Len() == 0 {
			t.Errorf("%s is not valid, and nothing is said of it", name)
		}
		repair(&m)
		for _, as := range []Spelling{XML, JSON} {
			var out bytes.Buffer
			if err := Write(&out, as, m); err != nil {
				t.Errorf("%s as %s: %v", name, as, err)
				continue
			}
			if as == JSON {
				inst, err := jsonschema.UnmarshalJSON(bytes.NewReader(out.Bytes()))
				if err == nil {
					err = schema.Validate(inst)
				}
				if err != nil {
					t.Errorf("%s as JSON: %v\n%s", name, err, out.Bytes())
				}
			} else {
				file := filepath.Join(dir, fmt.Sprintf("%02d_%s.xml", i, name))
				os.WriteFile(file, out.Bytes(), 0o600)
				written = append(written, file)
			}
			again, list, err := Read("again", bytes.NewReader(out.Bytes()), sheet.Limits{})
			if err != nil || again.Problems.Len() > 0 {
				t.Fatalf("%s as %s cannot be read again: %v %v", name, as, err, again.Problems.List)
			}
			list[0].Line = 0
			if diff := cmp.Diff(m, list[0]); diff != "" {
				t.Errorf("%s as %s does not say the same again:\n%s", name, as, diff)
			}
			if as == XML && !isDirty && strings.HasSuffix(name, ".xml") {
				original, _ := os.ReadFile(path)
				if diff := cmp.Diff(leaves(t, original), leaves(t, out.Bytes())); diff != "" {
					t.Errorf("%s lost or changed something:\n%s", name, diff)
				}
			}
		}
	}
	lint(t, written)
}

// repair gives the dirty samples what the standard requires and they lack.
func repair(m *Message) {
	if r := m.Request; r != nil {
		for _, a := range []*Address{r.Subject.ResidenceAddress, r.Subject.PreviousResidenceAddress, r.Subject.MailingAddress} {
			if a != nil {
				a.Loosen()
			}
		}
	}
}

func lint(t *testing.T, files []string) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not on this machine, so the XML was not held to its schema")
	}
	args := append([]string{"--noout", "--nonet", "--schema", filepath.Join(samples, "schema/flattened/NIST_V0_voter_records_interchange.xsd")}, files...)
	if out, err := exec.Command("xmllint", args...).CombinedOutput(); err != nil {
		var bad []string
		for line := range strings.Lines(string(out)) {
			if !strings.HasSuffix(strings.TrimSpace(line), "validates") {
				bad = append(bad, line)
			}
		}
		t.Errorf("xmllint: %v\n%s", err, strings.Join(bad, ""))
	}
}

func jsonSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(filepath.Join(samples, "schema/NIST_V0_voter_records_interchange.json"))
	if err != nil {
		t.Skip("the schema of NIST SP 1500-102 is not on this machine")
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.AssertFormat()
	if err := c.AddResource("vri.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("vri.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// leaves lists every text and attribute of an XML file with its path, blanks
// made one, what is empty left out. Prefixes and the order of siblings mean
// nothing.
func leaves(t *testing.T, body []byte) []string {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(body))
	var path, out []string
	var text strings.Builder
	note := func(s string) {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			out = append(out, strings.Join(path, "/")+" = "+s)
		}
	}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			path = append(path, x.Name.Local)
			text.Reset()
			for _, a := range x.Attr {
				if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" || a.Name.Local == "schemaLocation" {
					continue
				}
				path = append(path, "@"+a.Name.Local)
				note(a.Value[strings.IndexByte(a.Value, ':')+1:])
				path = path[:len(path)-1]
			}
		case xml.CharData:
			text.Write(x)
		case xml.EndElement:
			s := text.String()
			if x.Name.Local == "FileValue" {
				s = strings.Join(strings.Fields(s), "")
			}
			note(s)
			text.Reset()
			path = path[:len(path)-1]
		}
	}
	slices.Sort(out)
	return out
}
