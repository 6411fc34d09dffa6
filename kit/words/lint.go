// SPDX-License-Identifier: Apache-2.0

package words

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

var slots = regexp.MustCompile(`\{[^}]*\}|%[a-z]`)

// Lint compares a language's messages with the English ones and says what is
// missing, what is left over, where the plural forms are not the language's,
// and where the placeholders differ.
func Lint(english, other map[string]Message, tag string) []string {
	var out []string
	need := needed(tag)
	for _, key := range slices.Sorted(maps.Keys(english)) {
		en, m := english[key], other[key]
		switch {
		case m.Forms == nil:
			out = append(out, fmt.Sprintf("%s: not said in %q", key, tag))
			continue
		case en.Plain != m.Plain:
			out = append(out, fmt.Sprintf("%s: plural in one language and plain in %q", key, tag))
			continue
		}
		for form := range m.Forms {
			if form != "other" && !slices.Contains(need, form) {
				out = append(out, fmt.Sprintf("%s: %q has no plural form %q", key, tag, form))
			}
		}
		for _, form := range need {
			if _, ok := m.Forms[form]; !m.Plain && !ok {
				out = append(out, fmt.Sprintf("%s: plural form %q is missing in %q", key, form, tag))
			}
		}
		if a, b := placeholders(en), placeholders(m); !slices.Equal(a, b) {
			out = append(out, fmt.Sprintf("%s: English has %v, %q has %v", key, a, tag, b))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(other)) {
		if _, ok := english[key]; !ok && !byEnglish(key) {
			out = append(out, fmt.Sprintf("%s: said in %q and not in English", key, tag))
		}
	}
	return out
}

func placeholders(m Message) []string {
	seen := make(map[string]bool)
	for _, text := range m.Forms {
		for _, s := range slots.FindAllString(text, -1) {
			seen[s] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// needed lists the plural categories that whole numbers below a thousand ask
// for in a language. Spanish "many" (millions followed by "de") is left out:
// no sentence of ours counts in words.
func needed(tag string) []string {
	seen := make(map[string]bool)
	for n := range 1000 {
		form := plural.Cardinal.MatchPlural(language.Make(tag), n, 0, 0, 0, 0)
		for name, f := range categories {
			if f == form {
				seen[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
