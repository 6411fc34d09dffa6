// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/seal"
	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// Version is a voter as they stood from a day on, and as that was recorded.
type Version struct {
	roll.Voter
	Number   int64         // 1 is the first
	From     election.Date // from when it holds
	Recorded time.Time
	By, Why  string // who recorded it, and for what reason
}

// secrets are what of a voter is sealed, as JSON inside.
type secrets struct {
	Identifiers []secret      `json:",omitempty"`
	Home        *roll.Address `json:",omitempty"` // of a protected voter
}

type secret struct {
	Kind  roll.IdentifierKind
	Value string `json:",omitempty"`
	None  bool   `json:",omitempty"`
}

// indexed are the identifiers that have a column of their own in the roll.
var indexed = map[roll.IdentifierKind]*seal.Column{roll.License: &licence, roll.SSN4: &ssn4}

// secretsOf takes what is private out of a voter; without says which
// identifiers are kept elsewhere.
func secretsOf(v roll.Voter, without map[roll.IdentifierKind]*seal.Column) (hide.String, error) {
	var s secrets
	for _, i := range v.Identifiers {
		if i.None || without[i.Kind] == nil {
			s.Identifiers = append(s.Identifiers, secret{i.Kind, i.Value.Reveal(), i.None})
		}
	}
	if v.Protected != "" {
		s.Home = &v.Home
	}
	if len(s.Identifiers) == 0 && s.Home == nil {
		return hide.String{}, nil
	}
	text, err := json.Marshal(s)
	return hide.New(string(text)), err
}

// body is a voter without what is private.
func body(v roll.Voter) (string, error) {
	v.Identifiers = nil
	if v.Protected != "" {
		v.Home = roll.Address{}
	}
	text, err := json.Marshal(v)
	return string(text), err
}

// open puts together what is kept of a voter.
func open(text string, sealed hide.String) (v roll.Voter, err error) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fault.Wrap(fault.Internal, err, "a voter of the roll")
	}
	if sealed.IsZero() {
		return v, nil
	}
	var s secrets
	if err := json.Unmarshal([]byte(sealed.Reveal()), &s); err != nil {
		return v, fault.New(fault.Internal, "what is private of a voter of the roll cannot be read")
	}
	for _, i := range s.Identifiers {
		v.Identifiers = append(v.Identifiers, roll.Identifier{Kind: i.Kind, Value: hide.New(i.Value), None: i.None})
	}
	if s.Home != nil {
		v.Home = *s.Home
	}
	return v, nil
}

// row are the values of a voter's row in the order of voterColumns.
func (s *Registry) row(ctx context.Context, tx *db.Tx, v Version) ([]any, error) {
	text, err := body(v.Voter)
	if err != nil {
		return nil, err
	}
	rest, err := secretsOf(v.Voter, indexed)
	if err != nil {
		return nil, err
	}
	sealed, err := s.Sealer.Seal(ctx, tx, private.At(s.Jurisdiction, string(v.ID)), rest)
	if err != nil {
		return nil, err
	}
	k := keysOf(v.Voter)
	out := []any{s.Jurisdiction, string(v.ID), v.Number, k.last, k.first, string(v.Birth), k.street, k.zip, k.phone, k.email, string(v.Precinct), string(v.Party),
		string(v.State), string(v.Reason), string(v.Source), string(v.Registered), v.Protected != "", string(v.From), v.Recorded, v.By, v.Why, text, sealed}
	for _, kind := range []roll.IdentifierKind{roll.License, roll.SSN4} {
		column, value := indexed[kind], identifier(v.Voter, kind)
		sealed, err := s.Sealer.Seal(ctx, tx, column.At(s.Jurisdiction, string(v.ID)), value)
		if err != nil {
			return nil, err
		}
		index, _, err := s.Sealer.Index(ctx, column, s.Jurisdiction, value)
		if err != nil {
			return nil, err
		}
		out = append(out, sealed, index)
	}
	return out, nil
}

var voterColumns = strings.Fields(`jurisdiction id version last_key first_key birth street_key zip phone email precinct party
	state reason source registered protected valid_from recorded_at recorded_by why body private licence licence_index ssn4 ssn4_index`)

// identifier is a voter's number of a kind; empty for none.
func identifier(v roll.Voter, kind roll.IdentifierKind) hide.String {
	for _, i := range v.Identifiers {
		if i.Kind == kind && !i.None {
			return i.Value
		}
	}
	return hide.String{}
}

// keys are what a voter is found by.
type keys struct{ last, first, street, zip, phone, email string }

// keysOf are the keys of a voter. Those of a protected voter tell nothing of
// where they live.
func keysOf(v roll.Voter) keys {
	k := keys{last: spell.Fold(v.Name.Last), first: spell.Fold(v.Name.First)}
	if k.last == "" {
		k.last = spell.Fold(v.Name.Full)
	}
	for _, c := range v.Contact {
		switch {
		case c.Kind == "email" && k.email == "":
			k.email = strings.ToLower(strings.TrimSpace(c.Value))
		case c.Kind == "phone" && k.phone == "":
			k.phone = plain(c.Value)
		}
	}
	if v.Protected == "" {
		k.street = spell.Fold(strings.Join([]string{v.Home.Street, v.Home.Type, v.Home.Number, v.Home.Unit}, " "))
		k.zip, _, _ = strings.Cut(v.Home.ZIP, "-")
	}
	return k
}

// plain is a number without its spaces and hyphens.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9', 'A' <= r && r <= 'Z':
			return r
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, text)
}
