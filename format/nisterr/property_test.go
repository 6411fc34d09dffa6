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
