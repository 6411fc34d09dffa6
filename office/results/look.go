// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"slices"

	"hustings/office/results/tally"
)

// look is a report as a second person sees it: alarms first, then what changes.
type look struct {
	*picture
	report   Report
	findings []tally.Finding // the worst first
	diff     *Diff           // nil where the report never could change anything
	target   Report
}

// look gathers what there is to see about a report. Of a held report the
// differences are against what is published now; of an approved one, what its
// version changed.
func (s *Results) look(ctx context.Context, id string) (*look, error) {
	n, r, err := s.locate(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	pic, err := s.see(ctx, n.Election)
	if err != nil {
		return nil, err
	}
	v := &look{picture: pic, report: r}
	if v.findings, err = s.Findings(ctx, r); err != nil {
		return nil, err
	}
	if r.State == Held && r.Base != pic.night.Version && r.Mode == pic.night.Mode {
		if err := s.checkAgain(ctx, v); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(v.findings, func(a, b tally.Finding) int { return b.Level.Rank() - a.Level.Rank() })
	if r.Kind == Withdrawal {
		if v.target, err = findReport(ctx, s.DB, s.Jurisdiction, r.Target); err != nil {
			return nil, err
		}
	}
	v.diff, err = s.diffOf(ctx, pic, r)
	return v, err
}

// checkAgain applies the checks to a held report as if it had come in now.
func (s *Results) checkAgain(ctx context.Context, v *look) error {
	if v.report.Kind != File && v.report.Kind != Hand {
		return nil
	}
	sheet, err := s.sheetOf(ctx, v.report, v.index, v.picture)
	if err != nil {
		return err
	}
	found, err := s.readFindings(ctx, v.report.found)
	if err != nil {
		return err
	}
	if v.findings, err = s.examine(ctx, v.picture, v.report, sheet, nil, found); err != nil {
		return err
	}
	v.report.weigh(v.findings)
	return nil
}

func (s *Results) diffOf(ctx context.Context, pic *picture, r Report) (*Diff, error) {
	if r.Kind == StatusOnly || r.Mode != pic.night.Mode {
		return nil, nil
	}
	var before, after *tally.Tally
	var err error
	switch {
	case r.State == Approved:
		if before, err = s.tallyAt(ctx, pic, r.Version-1); err == nil {
			after, err = s.tallyAt(ctx, pic, r.Version)
		}
	case r.State != Held:
		return nil, nil
	case r.Kind == Withdrawal:
		before = pic.tally
		after, err = s.without(ctx, pic, r.Target)
	default:
		before = pic.tally
		var sheet *tally.Sheet
		if sheet, err = s.sheetOf(ctx, r, pic.index, pic); err == nil {
			after = s.with(pic, r, sheet)
		}
	}
	if err != nil {
		return nil, err
	}
	d := Compare(before, after)
	return &d, nil
}

// tallyAt is the tally of an earlier version of the same night.
func (s *Results) tallyAt(ctx context.Context, pic *picture, version int64) (*tally.Tally, error) {
	if version == pic.night.Version {
		return pic.tally, nil
	}
	reports, err := approvedReports(ctx, s.DB, s.Jurisdiction, pic.night.Election, pic.night.Mode, version)
	if err != nil {
		return nil, err
	}
	var sheets []*tally.Sheet
	for _, r := range counting(reports) {
		sheet, err := s.sheetOf(ctx, r, pic.index, pic)
		if err != nil {
			return nil, err
		}
		sheets = append(sheets, sheet)
	}
	t := s.recent.sum(pic.index, sheets...)
	return t, s.name(ctx, pic, t, version)
}

// byCheck groups findings of the same check and level, keeping their order.
func (v *look) byCheck() [][]tally.Finding {
	var out [][]tally.Finding
	at := make(map[[2]string]int)
	for _, f := range v.findings {
		k := [2]string{f.Check, string(f.Level)}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], f)
	}
	return out
}

// Compare works out what a second person sees of a report, and shows it to
// nobody: for measuring.
func (s *Results) Compare(ctx context.Context, id string) error {
	_, err := s.look(ctx, id)
	return err
}
