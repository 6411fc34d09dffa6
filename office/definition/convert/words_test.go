// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hustings/kit/words"
)

// said finds the keys that the sources say: literals of the calls that note
// problems, the two that badShape returns, and the nouns of leftOut.
var (
	saidForm    = regexp.MustCompile(`\b(?:say|at|bad)\((?:[^"\n]*?, )?(?:Block|Hold|Warn|Info|cmp\.Or\([^)]*\)), "([a-z_]+)"`)
	shapeForm   = regexp.MustCompile(`return "((?:shape|off)_[a-z]+)"`)
	leftOutForm = regexp.MustCompile(`\{"([a-z_]+)", (?:len\(|r\.headers|statements|shapes)`)
)

// TestEveryProblemHasASentence compares the keys in the sources with those in
// the words, both ways.
func TestEveryProblemHasASentence(t *testing.T) {
	keys := map[string]bool{"more": true}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range saidForm.FindAllStringSubmatch(string(body), -1) {
			keys[m[1]] = true
		}
		for _, m := range shapeForm.FindAllStringSubmatch(string(body), -1) {
			keys[m[1]] = true
		}
		for _, m := range leftOutForm.FindAllStringSubmatch(string(body), -1) {
			keys["left_out_"+m[1]] = true
		}
	}
	delete(keys, "left_out_") // the part before the noun
	body, err := Words.ReadFile("words/en.json")
	if err != nil {
		t.Fatal(err)
	}
	english, err := words.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if _, ok := english["definition.problem."+key]; !ok {
			t.Errorf("nothing is said for %s", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(english)) {
		if !keys[strings.TrimPrefix(key, "definition.problem.")] {
			t.Errorf("nobody says %s", key)
		}
	}
	spanish, err := Words.ReadFile("words/es.json")
	if err != nil {
		t.Fatal(err)
	}
	other, err := words.Parse(spanish)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range words.Lint(english, other, "es") {
		t.Error(problem)
	}
}
