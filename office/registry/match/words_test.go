// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"
	"testing"

	"hustings/kit/words"
)

func TestEveryStepIsSaidInEveryLanguage(t *testing.T) {
	c, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Add(Words); err != nil {
		t.Fatal(err)
	}
	en, es := c.In("en"), c.In("es")
	steps := []Step{step("rivals", better, 1), step("doubt", otherwise, 1), {Trait: before, Seen: "any two records", Chance: 1e6}}
	for _, way := range wayNames {
		if way != "" {
			steps = append(steps, step("doubt", way, 1))
		}
	}
	for trait, list := range degrees {
		for _, seen := range list {
			if seen != "" {
				steps = append(steps, step(traitNames[trait], seen, 1))
			}
		}
	}
	for _, s := range steps {
		if got := s.In(en); !strings.HasPrefix(got, s.Seen) {
			t.Errorf("%q is %q in English", s.Seen, got)
		}
		if got := s.In(es); got == s.Say || got == s.In(en) {
			t.Errorf("%q is not said in Spanish", s.Seen)
		}
		for _, p := range []*words.Printer{en, es} {
			if strings.Contains(s.Name(p), "registry.match.trait") {
				t.Errorf("the trait %q has no name", s.Trait)
			}
		}
	}
	rare := step(traitNames[tSurname], "same surname", 9)
	rare.Chance = 123_456
	if got := rare.In(es); got != "el mismo apellido (por azar, un par de cada 123,000)" {
		t.Errorf("got %q", got)
	}
}
