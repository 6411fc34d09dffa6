// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/format/nisterr"
)

// wording is a text of a report as a definition has it.
func wording(t *nisterr.InternationalizedText) election.Text {
	if t == nil {
		return nil
	}
	return text(func(yield func(lang, content string)) {
		for _, s := range t.Text {
			yield(s.Language, s.Content)
		}
	})
}

// nameOf is a text in English, or what stands for it.
func nameOf(t *nisterr.InternationalizedText, instead string) string {
	return cmp.Or(wording(t).String(), instead)
}

// intl is a wording as a report has it, nil for none.
func intl(t election.Text) *nisterr.InternationalizedText {
	if len(t) == 0 {
		return nil
	}
	out := &nisterr.InternationalizedText{}
	for _, tag := range tags(t) {
		if strings.TrimSpace(t[tag]) != "" {
			out.Text = append(out.Text, nisterr.LanguageString{Language: tag, Content: t[tag]})
		}
	}
	if len(out.Text) == 0 {
		return nil
	}
	return out
}

// external is the value of an identifier of one of our own kinds.
func external(list []nisterr.ExternalIdentifier, ours string) string {
	for _, x := range list {
		if x.OtherType == ours {
			return x.Value
		}
	}
	return ""
}

// ourID is the id under which we know an element: ours, where the report came
// from us, else its own.
func ourID(id string, list []nisterr.ExternalIdentifier) string {
	for _, x := range list {
		if x.OtherType == ourMark && !strings.HasPrefix(x.Value, "sha256:") {
			return x.Value
		}
	}
	return unmarkID(id)
}

// externals are the identifiers that are not ours, by kind: fips, ocd-id,
// local-level, or whatever the file calls it. Further ones of a kind are
// numbered.
func externals(list []nisterr.ExternalIdentifier) map[string]string {
	var out map[string]string
	for _, x := range list {
		key := string(x.Type)
		if x.Type == nisterr.IdentifierTypeOther || x.Type == "" {
			key = cmp.Or(strings.TrimSpace(x.OtherType), "other")
		}
		value := strings.TrimSpace(x.Value)
		if value == "" || strings.HasPrefix(key, ourMark) {
			continue
		}
		if out == nil {
			out = make(map[string]string, len(list))
		}
		putNumbered(out, key, value)
	}
	return out
}

// putNumbered keeps a value under its key, or under key#2, key#3 and so on.
func putNumbered(m map[string]string, key, value string) {
	at := key
	for n := 2; ; n++ {
		have, taken := m[at]
		if !taken {
			m[at] = value
			return
		}
		if have == value {
			return
		}
		at = key + "#" + strconv.Itoa(n)
	}
}

// plainKey is a key without the number that putNumbered gave it.
func plainKey(key string) string {
	if base, n, ok := strings.Cut(key, "#"); ok && allDigits(n) {
		return base
	}
	return key
}

// internalKeys are kept in External maps for our own use; they are not codes
// of other systems.
var internalKeys = map[string]bool{candidateKey: true, officeKey: true, nameKey: true, otherTypeKey: true}

// identifiers writes an External map, in order, with marks of our own before.
func identifiers(m map[string]string, ours ...[2]string) []nisterr.ExternalIdentifier {
	var out []nisterr.ExternalIdentifier
	for _, o := range ours {
		if o[1] != "" {
			out = append(out, nisterr.ExternalIdentifier{Type: nisterr.IdentifierTypeOther, OtherType: o[0], Value: o[1]})
		}
	}
	for _, key := range sortedKeys(m) {
		if internalKeys[key] || strings.TrimSpace(m[key]) == "" {
			continue
		}
		x := nisterr.ExternalIdentifier{Type: nisterr.IdentifierType(plainKey(key)), Value: m[key]}
		if !x.Type.Valid() || x.Type == nisterr.IdentifierTypeOther {
			x.Type, x.OtherType = nisterr.IdentifierTypeOther, plainKey(key)
		}
		out = append(out, x)
	}
	return out
}
