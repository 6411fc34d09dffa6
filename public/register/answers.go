// SPDX-License-Identifier: Apache-2.0

package register

import (
	"encoding/json"
	"maps"

	"hustings/kit/fault"
	"hustings/kit/hide"
)

// answers are what somebody has answered, by the name of the field. Each is
// hidden, for most of them are private.
type answers map[string]hide.String

// get is what was answered, "" for nothing. Each use shows it to its sender or
// puts it into their application.
func (a answers) get(name string) string { return a[name].Reveal() }

// is says whether a field was answered so.
func (a answers) is(name, value string) bool { return a[name].Reveal() == value }

// put keeps an answer; an empty one takes the place of one from before.
func (a answers) put(name, value string) { a[name] = hide.New(value) }

// with is a copy with others on top.
func (a answers) with(other answers) answers {
	out := maps.Clone(a)
	if out == nil {
		out = answers{}
	}
	maps.Copy(out, other)
	return out
}

// pack writes answers for sealing.
func (a answers) pack() (hide.String, error) {
	clear := make(map[string]string, len(a))
	for name, v := range a {
		if !v.IsZero() {
			clear[name] = v.Reveal()
		}
	}
	text, err := json.Marshal(clear)
	return hide.New(string(text)), err
}

// unpack reads what pack wrote.
func unpack(text hide.String) (answers, error) {
	a := answers{}
	if text.IsZero() {
		return a, nil
	}
	if err := json.Unmarshal([]byte(text.Reveal()), &a); err != nil {
		return nil, fault.New(fault.Internal, "the answers of a draft cannot be read")
	}
	return a, nil
}
