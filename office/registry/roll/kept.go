// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"encoding/json"
	"slices"

	jsonv2 "github.com/go-json-experiment/json"

	"hustings/kit/fault"
	"hustings/kit/hide"
)

// secrets are what of a voter is kept sealed, as JSON inside.
type secrets struct {
	Identifiers []secret `json:",omitempty"`
	Home        *Address `json:",omitempty"` // of a protected voter
}

type secret struct {
	Kind  IdentifierKind
	Value string `json:",omitempty"`
	None  bool   `json:",omitempty"`
}

// Part takes a voter apart for keeping: clear is JSON of all but what is
// private, and hidden is that, which whoever keeps it must seal; empty where
// there is nothing. Identifiers of the kinds in without, which are kept
// elsewhere, are in neither.
func Part(v Voter, without ...IdentifierKind) (clear string, hidden hide.String, err error) {
	var s secrets
	for _, i := range v.Identifiers {
		if i.None || !slices.Contains(without, i.Kind) {
			s.Identifiers = append(s.Identifiers, secret{i.Kind, i.Value.Reveal(), i.None})
		}
	}
	if v.Protected != "" {
		home := v.Home
		s.Home, v.Home = &home, Address{}
	}
	v.Identifiers = nil
	text, err := json.Marshal(v)
	if err != nil || len(s.Identifiers) == 0 && s.Home == nil {
		return string(text), hidden, err
	}
	all, err := json.Marshal(s)
	return string(text), hide.New(string(all)), err
}

// Whole puts together in v what Part took apart, beside what is there of the
// voter already. A whole roll is read by it, and the reader that encoding/json
// is to have takes a third of the time.
func Whole(v *Voter, clear string, hidden hide.String) error {
	if err := jsonv2.Unmarshal([]byte(clear), v); err != nil {
		return fault.Wrap(fault.Internal, err, "a voter of the roll")
	}
	if hidden.IsZero() {
		return nil
	}
	var s secrets
	if err := jsonv2.Unmarshal([]byte(hidden.Reveal()), &s); err != nil {
		return fault.New(fault.Internal, "what is private of a voter of the roll cannot be read")
	}
	for _, i := range s.Identifiers {
		v.Identifiers = append(v.Identifiers, Identifier{Kind: i.Kind, Value: hide.New(i.Value), None: i.None})
	}
	if s.Home != nil {
		v.Home = *s.Home
	}
	return nil
}
