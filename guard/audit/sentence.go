// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hustings/kit/db"
	"hustings/kit/words"
)

// speaker puts entries into words.
type speaker struct {
	p     *words.Printer
	names map[string]string // of people, by id
}

var version = regexp.MustCompile(`\.v[0-9]+$`)

// action is a fact's name in words: what its room says, or what we say for it,
// or the name itself.
func action(p *words.Printer, fact string) string {
	if key, ok := factKey(p, "action", fact); ok {
		return p.T(key)
	}
	return version.ReplaceAllString(fact, "")
}

// factKey finds the words for a fact. A room says them under its own name:
// "results.fact.approved"; for rooms that do not, we say
// "audit.fact.results.approved".
func factKey(p *words.Printer, kind, fact string) (string, bool) {
	bare := version.ReplaceAllString(fact, "")
	room, rest, _ := strings.Cut(bare, ".")
	for _, key := range []string{room + "." + kind + "." + rest, "audit." + kind + "." + bare} {
		if p.Has(key) {
			return key, true
		}
	}
	return "", false
}

// sentence tells what happened in one readable sentence.
func (s speaker) sentence(e db.Entry) string {
	key, ok := factKey(s.p, "fact", e.Name)
	if !ok {
		key = "audit.fact"
		if e.Subject == "" {
			key = "audit.fact.alone"
		}
	}
	kv := []any{"actor", s.person(e.Actor), "subject", s.person(e.Subject), "action", action(s.p, e.Name)}
	for _, f := range fieldsOf(e.Data) {
		kv = append(kv, f.Name, s.person(f.Value))
	}
	return unsaid.ReplaceAllString(s.p.T(key, kv...), "–")
}

// unsaid is a placeholder for which the fact had nothing.
var unsaid = regexp.MustCompile(`\{[A-Z][A-Za-z0-9]*\}`)

// person is a person's name where the text is the id of one.
func (s speaker) person(text string) string {
	if name := s.names[text]; name != "" {
		return name
	}
	if job, ok := strings.CutPrefix(text, "system:"); ok {
		return s.p.T("audit.system", "job", job)
	}
	if text == "" {
		return s.p.T("audit.nobody")
	}
	return text
}

// field is one field of a fact's data.
type field struct{ Name, Value string }

// maxShown is how much of one value is shown.
const maxShown = 500

// fieldsOf are the fields of a fact's data, in their order. Data that is no
// object has none.
func fieldsOf(data []byte) (list []field) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return list
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return list
		}
		list = append(list, field{fmt.Sprint(name), shown(raw)})
	}
	return list
}

// shown is a value as a person reads it.
func shown(raw json.RawMessage) string {
	var text string
	var list []string
	switch {
	case json.Unmarshal(raw, &text) == nil:
	case json.Unmarshal(raw, &list) == nil:
		text = strings.Join(list, ", ")
	default:
		text = string(raw)
	}
	if len(text) > maxShown {
		return strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}

// change is one field before and after.
type change struct{ Name, Was, Is string }

// pairs are names of fields that a fact itself has before and after.
var pairs = [][2]string{{"From", "To"}, {"Was", "Is"}, {"Old", "New"}, {"Before", "After"}, {"Version", "New"}}

// changes says what is different: from the fact of the same kind about the same
// subject before it, and between fields that are pairs.
func changes(was, is []field, first bool) (list []change) {
	value := func(list []field, name string) (string, bool) {
		i := slices.IndexFunc(list, func(f field) bool { return f.Name == name })
		if i < 0 {
			return "", false
		}
		return list[i].Value, true
	}
	for _, p := range pairs {
		a, okA := value(is, p[0])
		b, okB := value(is, p[1])
		if okA && okB && a != b {
			return append(list, change{p[0] + " → " + p[1], a, b})
		}
	}
	if first {
		return nil
	}
	for _, f := range is {
		if old, ok := value(was, f.Name); ok && old != f.Value {
			list = append(list, change{f.Name, old, f.Value})
		}
	}
	return list
}
