// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"slices"

	"hustings/election"
	"hustings/kit/db"
	"hustings/office/results/tally"
)

// picture is what is known about an election at one version: the definition,
// the sheets that count, and their sums. It never changes once made.
type picture struct {
	night      Night
	index      *tally.Index
	reports    []Report // of sheets, in the same order
	sheets     []*tally.Sheet
	tally      *tally.Tally
	sources    []Source
	references []Reference
}

// see returns the picture of an election's last approved version.
func (s *Results) see(ctx context.Context, e election.ID) (*picture, error) {
	n, err := findNight(ctx, s.DB, s.Jurisdiction, e)
	if err != nil {
		return nil, err
	}
	return s.seeAt(ctx, n)
}

// seeAt returns the picture of a night at its Version. The last picture of
// each election is kept, so that the night's many questions read no blobs.
func (s *Results) seeAt(ctx context.Context, n Night) (*picture, error) {
	sources, err := listSources(ctx, s.DB, s.Jurisdiction, n.Election)
	if err != nil {
		return nil, err
	}
	references, err := listReferences(ctx, s.DB, s.Jurisdiction, n.Election)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	last := s.pictures[n.Election]
	s.mu.Unlock()
	if last != nil && last.night.Version == n.Version && last.night.Mode == n.Mode && last.night.Definition == n.Definition {
		p := *last
		p.night, p.sources, p.references = n, sources, references
		return &p, nil
	}
	p := &picture{night: n, sources: sources, references: references}
	if last != nil && last.night.Definition == n.Definition {
		p.index = last.index
	} else {
		def, err := s.Definitions.ByHash(ctx, n.Election, n.Definition)
		if err != nil {
			return nil, err
		}
		p.index = tally.NewIndex(def)
	}
	p.reports, err = approvedReports(ctx, s.DB, s.Jurisdiction, n.Election, n.Mode, n.Version)
	if err != nil {
		return nil, err
	}
	p.reports = counting(p.reports)
	for _, r := range p.reports {
		sheet, err := s.sheetOf(ctx, r, p.index, last)
		if err != nil {
			return nil, err
		}
		p.sheets = append(p.sheets, sheet)
	}
	p.tally = s.recent.sum(p.index, p.sheets...)
	if err := s.name(ctx, p, p.tally, n.Version); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.pictures[n.Election] = p
	s.mu.Unlock()
	return p, nil
}

// name gives each contest the status that was approved for it; a status for
// all takes back what was said of single contests before.
func (s *Results) name(ctx context.Context, p *picture, t *tally.Tally, version int64) error {
	said, err := statusReports(ctx, s.DB, s.Jurisdiction, p.night.Election, p.night.Mode, version)
	if err != nil {
		return err
	}
	for _, r := range said {
		if r.Target == "" {
			clear(t.Status)
		} else if c, ok := p.index.Contest(election.ContestID(r.Target)); ok {
			t.Status[c] = r.Status
		}
	}
	return nil
}

// counting keeps, of each source, the last cumulative report and whatever was
// added since. How a report counts was decided when it came in: changing the
// source later changes no number that was approved.
func counting(all []Report) []Report {
	from := make(map[string]int) // position of each source's last cumulative report
	for i, r := range all {
		if !r.Adds {
			from[r.Source] = i
		}
	}
	var out []Report
	for i, r := range all {
		if i >= from[r.Source] {
			out = append(out, r)
		}
	}
	return out
}

// source finds a source by its id.
func (p *picture) source(id string) Source {
	i := slices.IndexFunc(p.sources, func(s Source) bool { return s.ID == id })
	if i < 0 {
		return Source{ID: id, Name: id}
	}
	return p.sources[i]
}

// with is the tally that the public would see if a sheet were approved.
func (s *Results) with(p *picture, r Report, sheet *tally.Sheet) *tally.Tally {
	var sheets []*tally.Sheet
	for i, old := range p.reports {
		if old.Source != r.Source || r.Adds {
			sheets = append(sheets, p.sheets[i])
		}
	}
	return s.recent.sum(p.index, append(sheets, sheet)...)
}

// without is the tally that the public would see if a report were withdrawn:
// an earlier report of the same cumulative source counts again.
func (s *Results) without(ctx context.Context, p *picture, id string) (*tally.Tally, error) {
	all, err := approvedReports(ctx, s.DB, s.Jurisdiction, p.night.Election, p.night.Mode, p.night.Version)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r Report) bool { return r.ID == id })
	var sheets []*tally.Sheet
	for _, r := range counting(all) {
		sheet, err := s.sheetOf(ctx, r, p.index, p)
		if err != nil {
			return nil, err
		}
		sheets = append(sheets, sheet)
	}
	return tally.Merge(p.index, sheets...), nil
}

// mine lists the sheets that count from one source, the oldest first.
func (p *picture) mine(source string) []*tally.Sheet {
	var out []*tally.Sheet
	for i, r := range p.reports {
		if r.Source == source {
			out = append(out, p.sheets[i])
		}
	}
	return out
}

// sheetOf reads a report's sheet, from memory where it is there.
func (s *Results) sheetOf(ctx context.Context, r Report, x *tally.Index, last *picture) (*tally.Sheet, error) {
	if last != nil && last.index == x {
		for i, old := range last.reports {
			if old.ID == r.ID {
				return last.sheets[i], nil
			}
		}
	}
	if sheet := s.recent.sheet(r.sheet, x); sheet != nil {
		return sheet, nil
	}
	body, err := s.Blobs.Get(ctx, r.sheet)
	if err != nil {
		return nil, err
	}
	sheet := &tally.Sheet{}
	if err := gob.NewDecoder(bytes.NewReader(body)).Decode(sheet); err != nil {
		return nil, err
	}
	sheet.Index = x
	s.recent.keep(r.sheet, sheet)
	return sheet, nil
}

// keep puts a sheet, its findings and what reading it had to say into the blob
// store.
func (s *Results) keep(ctx context.Context, r *Report, sheet *tally.Sheet, findings, found []tally.Finding) (err error) {
	if r.sheet == "" {
		if r.sheet, err = s.keepSheet(ctx, sheet); err != nil {
			return err
		}
	}
	if r.findings, err = s.keepFindings(ctx, findings); err != nil {
		return err
	}
	r.found, err = s.keepFindings(ctx, found)
	return err
}

func (s *Results) keepSheet(ctx context.Context, sheet *tally.Sheet) (key string, err error) {
	bare := *sheet
	bare.Index = nil
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(&bare); err != nil {
		return "", err
	}
	if key, err = s.Blobs.Put(ctx, body.Bytes()); err == nil {
		s.recent.keep(key, sheet)
	}
	return key, err
}

func (s *Results) keepFindings(ctx context.Context, list []tally.Finding) (string, error) {
	body, err := json.Marshal(list)
	if err != nil {
		return "", err
	}
	return s.Blobs.Put(ctx, body)
}

// Findings are what the checks had to say when the report came in.
func (s *Results) Findings(ctx context.Context, r Report) ([]tally.Finding, error) {
	return s.readFindings(ctx, r.findings)
}

func (s *Results) readFindings(ctx context.Context, key string) ([]tally.Finding, error) {
	body, err := s.Blobs.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	var out []tally.Finding
	return out, json.Unmarshal(body, &out)
}

// locate finds a night and a report of it in one snapshot.
func (s *Results) locate(ctx context.Context, q db.Reader, id string) (Night, Report, error) {
	r, err := findReport(ctx, q, s.Jurisdiction, id)
	if err != nil {
		return Night{}, r, err
	}
	n, err := findNight(ctx, q, s.Jurisdiction, r.Election)
	return n, r, err
}

// leaves are the units that report for themselves.
func (p *picture) leaves() []election.Unit {
	var out []election.Unit
	for i, u := range p.index.Def.Units {
		if len(p.index.Children(int32(i))) == 0 {
			out = append(out, u)
		}
	}
	return out
}
