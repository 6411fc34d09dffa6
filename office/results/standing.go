// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"

	"hustings/election"
	"hustings/office/results/export"
)

// Standing is how an election's night stands, for programs and the command line.
type Standing struct {
	Election  election.ID     `json:"election"`
	Mode      Mode            `json:"mode"`
	Status    election.Status `json:"status"`
	Version   int64           `json:"version"`
	Published int64           `json:"published"`
	Reported  int             `json:"reported"` // units
	Expected  int             `json:"expected"`
	Held      int             `json:"held"` // reports that wait for a second person
	Overdue   int             `json:"overdue"`
}

// Standing says how one election stands, or all where e is empty.
func (s *Results) Standing(ctx context.Context, e election.ID) ([]Standing, error) {
	nights, err := listNights(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return nil, err
	}
	out := []Standing{}
	for _, n := range nights {
		if e != "" && n.Election != e {
			continue
		}
		d, err := s.deskOf(ctx, n.Election)
		if err != nil {
			return nil, err
		}
		out = append(out, Standing{n.Election, n.Mode, n.Status, n.Version, d.published.Number, d.reported, d.expected, len(d.held), d.overdue()})
	}
	return out, nil
}

// ExportInput is the last approved version, to be written in another format.
func (s *Results) ExportInput(ctx context.Context, e election.ID) (export.Input, error) {
	pic, err := s.see(ctx, e)
	if err != nil {
		return export.Input{}, err
	}
	return export.Input{Tally: pic.tally, Status: pic.night.Status, Generated: s.Now(), Issuer: s.Settings.Office.Name.String(),
		Test: pic.night.Mode == Test, SmallUnit: s.Settings.SmallUnit, Definition: pic.night.Definition}, nil
}
