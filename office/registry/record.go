// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/hide"
	"hustings/kit/seal"
	"hustings/office/registry/roll"
)

// Version is a voter as they stood from a day on, and as that was recorded.
type Version struct {
	roll.Voter
	Number   int64         // 1 is the first
	From     election.Date // from when it holds
	Recorded time.Time
	By, Why  string // who recorded it, and for what reason
	Cause    string // what it rests on (Change)
}

// indexed are the identifiers that have a column of their own in the roll.
var indexed = map[roll.IdentifierKind]*seal.Column{roll.License: &licence, roll.SSN4: &ssn4}

// bodyOf is what of a voter has no column: in clear, and what is private.
func bodyOf(v roll.Voter) (clear string, hidden hide.String, err error) {
	v.ID, v.Birth, v.Precinct, v.Party, v.State, v.Reason, v.Source, v.Registered = "", "", "", "", "", "", "", ""
	return roll.Part(v, roll.License, roll.SSN4)
}

// row are the values of a voter's row in the order of voterColumns.
func (s *Registry) row(ctx context.Context, tx *db.Tx, v Version) ([]any, error) {
	text, rest, err := bodyOf(v.Voter)
	if err != nil {
		return nil, err
	}
	sealed, err := s.Sealer.Seal(ctx, tx, private.At(s.Jurisdiction, string(v.ID)), rest)
	if err != nil {
		return nil, err
	}
	out := append(make([]any, 0, len(voterColumns)), s.Jurisdiction, string(v.ID), v.Number, string(v.Birth), string(v.Precinct), string(v.Party),
		string(v.State), string(v.Reason), string(v.Source), string(v.Registered), v.Protected != "", string(v.From), v.Recorded, v.By, v.Why, v.Cause, text, sealed)
	for _, kind := range []roll.IdentifierKind{roll.License, roll.SSN4} {
		column, value := indexed[kind], v.NumberOf(kind)
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

var voterColumns = strings.Fields(`jurisdiction id version birth precinct party
	state reason source registered protected valid_from recorded_at recorded_by why cause body private licence licence_index ssn4 ssn4_index`)
