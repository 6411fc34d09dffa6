// SPDX-License-Identifier: Apache-2.0

package check

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hustings/kit/words"
)

// sentences are the words of one language: each key with its one or more forms.
func sentences(t *testing.T, lang string) map[string][]string {
	t.Helper()
	b, err := Words.ReadFile("words/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]string)
	for key, m := range raw {
		var one string
		forms := make(map[string]string)
		if json.Unmarshal(m, &one) != nil {
			if err := json.Unmarshal(m, &forms); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			if forms["one"] == "" || forms["other"] == "" {
				t.Errorf("%s in %s: the plural forms are %v, want one and other", key, lang, forms)
			}
			out[key] = slices.Sorted(maps.Values(forms))
			continue
		}
		out[key] = []string{one}
	}
	return out
}

var slot = regexp.MustCompile(`\{[a-z]+\}`)

func slots(forms []string) []string {
	seen := make(map[string]bool)
	for _, text := range forms {
		for _, s := range slot.FindAllString(text, -1) {
			seen[strings.Trim(s, "{}")] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	en, es := sentences(t, "en"), sentences(t, "es")
	for key := range en {
		if es[key] == nil {
			t.Errorf("%s is not said in Spanish", key)
		} else if a, b := slots(en[key]), slots(es[key]); !slices.Equal(a, b) {
			t.Errorf("%s: English uses %v, Spanish %v", key, a, b)
		} else if len(en[key]) != len(es[key]) {
			t.Errorf("%s has plural forms in one language only", key)
		}
	}
	for key := range es {
		if en[key] == nil {
			t.Errorf("%s is not said in English", key)
		}
	}
}

func TestEachCheckExplainsItself(t *testing.T) {
	en := sentences(t, "en")
	for _, rule := range Catalogue {
		for _, key := range []string{rule.Key + ".title", rule.Key + ".why", rule.Key + ".needs", "results.check.family." + rule.Family} {
			if en[key] == nil {
				t.Errorf("%s is missing", key)
			}
		}
	}
}

// TestEverySentenceFits plays all trials: each finding has its sentence and all
// that it asks for, in both languages, none is worse than its check's level,
// and each sentence is said by some rule.
func TestEverySentenceFits(t *testing.T) {
	en := sentences(t, "en")
	said := make(map[string]bool)
	catalog, err := words.New("es")
	if err == nil {
		err = catalog.Add(Words)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range trials {
		for _, f := range tt.play(t) {
			for _, tag := range []string{"en", "es"} {
				if s := catalog.In(tag).Say(f.Key, f.Args); strings.ContainsAny(s, "{}") || strings.Contains(s, "  ") || s == f.Key {
					t.Errorf("in %s: %q", tag, s)
				}
			}
			said[f.Key] = true
			if i := slices.IndexFunc(Catalogue, func(r Rule) bool { return r.ID == f.Check }); f.Level.Rank() > Catalogue[i].Level.Rank() {
				t.Errorf("%s says %s, and its level is %s", f.Key, f.Level, Catalogue[i].Level)
			}
			if en[f.Key] == nil {
				t.Errorf("%s is said by a rule and is not in the words", f.Key)
			}
			for _, s := range slots(en[f.Key]) {
				if _, ok := f.Args[s]; !ok {
					t.Fatalf("%s asks for {%s}, which the finding does not have; it has %v", f.Key, s, f.Args)
				}
			}
		}
	}
	for key := range en {
		last := key[strings.LastIndex(key, ".")+1:]
		if last != "title" && last != "why" && last != "needs" && !strings.HasPrefix(key, "results.check.family.") && !said[key] {
			t.Errorf("%s is in the words and no trial has made a rule say it", key)
		}
	}
}
