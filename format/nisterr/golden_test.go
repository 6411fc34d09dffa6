// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected answers in testdata")

// Each file in testdata/reports holds a report as somebody might send it
// (report.json or report.xml), and what we make of it: the problems of Read,
// those of Check, and the report as JSON or why it cannot be written.
func TestReports(t *testing.T) {
	files, err := filepath.Glob("testdata/reports/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no reports in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			arc := txtar.Parse(raw)
			arc.Files = append(arc.Files[:1], answers(arc.Files[0].Data)...)
			got := txtar.Format(arc)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(raw), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// answers is what the package says about a report.
func answers(report []byte) []txtar.File {
	rep, problems, err := Read(bytes.NewReader(report), Limits{})
	if err != nil {
		return []txtar.File{{Name: "error", Data: []byte(err.Error() + "\n")}}
	}
	var asJSON bytes.Buffer
	var refusal *Refusal
	if err := WriteJSON(&asJSON, rep); errors.As(err, &refusal) {
		asJSON.WriteString("refused\n")
		asJSON.Write(listed(refusal.Problems))
	}
	return []txtar.File{
		{Name: "dialect", Data: []byte(rep.Dialect + "\n")},
		{Name: "problems", Data: listed(problems)},
		{Name: "check", Data: listed(Check(rep))},
		{Name: "json", Data: asJSON.Bytes()},
	}
}

// listed is a list of problems as text, with their rules in front.
func listed(problems []Problem) []byte {
	var out bytes.Buffer
	for _, p := range problems {
		out.WriteString("[" + string(p.Rule) + "] " + p.String() + "\n")
	}
	return out.Bytes()
}
