// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestRegistrySample makes a roll in every kind of file, and reads it again.
func TestRegistrySample(t *testing.T) {
	for _, out := range []string{"r.csv", "r.txt", "r.xlsx", "r.json", "r.xml"} {
		t.Run(out, func(t *testing.T) {
			code, _, said := onFiles(t, nil, "sample", "--voters", "1000", "--duplicates", "0.02", "--out", out, "--truth", "t.csv", "--ranges", "s.csv")
			if code != exitOK {
				t.Fatalf("exit %d: %s", code, said)
			}
			var answer, bad strings.Builder
			if code := Main([]string{"registry", "check", "--json", out}, strings.NewReader(""), &answer, &bad, nil); code != exitOK {
				t.Fatalf("exit %d: %s%s", code, answer.String(), bad.String())
			}
			var got struct{ Files []holding }
			if err := json.Unmarshal([]byte(answer.String()), &got); err != nil {
				t.Fatal(err)
			}
			h := got.Files[0]
			if h.Records != 1000 || h.LeftOut != 0 || h.Repeated != 0 || len(h.Troubles) != 0 || h.Missing["birth date"]+h.Missing["residence"]+h.Missing["precinct"] != 0 {
				t.Errorf("%+v", h)
			}
			truth, _ := os.ReadFile("t.csv")
			if n := strings.Count(string(truth), "\n"); n != 21 {
				t.Errorf("%d lines of truth, want a header and twenty pairs", n)
			}
			if ranges, _ := os.ReadFile("s.csv"); strings.Count(string(ranges), "\n") < 100 {
				t.Errorf("no ranges of streets: %s", ranges)
			}
		})
	}
	if code, _, said := onFiles(t, nil, "sample", "--out", "r.doc"); code != exitUsage || !strings.Contains(said, "--to") {
		t.Errorf("exit %d: %s", code, said)
	}
	code, out, said := onFiles(t, nil, "sample", "--voters", "1000", "--intakes", "200", "--out", "f.json", "--truth", "t.csv")
	if code != exitOK {
		t.Fatalf("exit %d: %s%s", code, out, said)
	}
	var answer strings.Builder
	if code := Main([]string{"registry", "check", "f.json"}, strings.NewReader(""), &answer, &answer, nil); code != exitOK || !strings.Contains(answer.String(), "requests: registration 200") {
		t.Errorf("exit %d: %s", code, answer.String())
	}
}
