// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
	"hustings/office/results/check"
	"hustings/office/results/intake"
	"hustings/office/results/tally"
)

// Upload is a file that comes in.
type Upload struct {
	Election   election.ID
	Source     string
	Name       string
	Body       io.Reader
	Correction string // why numbers may go down; empty where they may not
}

// Take reads a file, checks it, and holds it for a second person or refuses
// it. It is all or nothing, and the same content again changes nothing: the
// report that is there is returned, marked Again.
func (s *Results) Take(ctx context.Context, up Upload) (Report, error) {
	pic, err := s.see(ctx, up.Election)
	if err != nil {
		return Report{}, err
	}
	if up.Source == "" {
		return Report{}, fault.On("source", fault.New(fault.Invalid, "Choose which source the file comes from."))
	}
	src := pic.source(up.Source)
	if src.Name == src.ID && !pic.knows(up.Source) {
		return Report{}, fault.On("source", fault.New(fault.NotFound, "There is no source %q for this election. Add it first.", up.Source))
	}
	body, err := s.read(up)
	if err != nil {
		return Report{}, err
	}
	sum := sha256.Sum256(body)
	r := Report{Kind: File, Source: src.ID, File: path.Base(strings.ReplaceAll(up.Name, "\\", "/")), SHA256: hex.EncodeToString(sum[:]),
		Correction: strings.TrimSpace(up.Correction), Status: pic.night.Status, Election: up.Election, Mode: pic.night.Mode}
	if old, err := findContent(ctx, s.DB, s.Jurisdiction, r); err != nil || old.ID != "" {
		old.Again = true
		return old, err
	}
	if _, err := s.Blobs.Put(ctx, body); err != nil {
		return r, err // the file itself is kept, whatever becomes of it
	}
	sheet, findings, err := s.readSheet(ctx, pic, src, r.File, body, &r)
	if err != nil {
		return r, err
	}
	if r.Correction != "" {
		r.Status = election.Correction
	}
	return s.admit(ctx, r, sheet, findings)
}

// knows says whether a source has been set up.
func (p *picture) knows(id string) bool {
	for _, s := range p.sources {
		if s.ID == id {
			return true
		}
	}
	return false
}

// read takes the whole file into memory, which results.max_file bounds.
func (s *Results) read(up Upload) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(up.Body, s.Settings.MaxFile+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(body)) > s.Settings.MaxFile:
		return nil, fault.On("file", fault.New(fault.TooLarge, "The file %s is larger than %d MB, the limit results.max_file.", up.Name, s.Settings.MaxFile>>20))
	case len(body) == 0:
		return nil, fault.On("file", fault.New(fault.Invalid, "The file %s is empty.", up.Name))
	}
	return body, nil
}

// readSheet reads a file into a sheet and applies every check that has what it
// needs. A file that cannot be read at all is an error.
func (s *Results) readSheet(ctx context.Context, pic *picture, src Source, name string, body []byte, r *Report) (*tally.Sheet, []tally.Finding, error) {
	opts := intake.Options{OverBallots: src.OverBallots}
	if src.Mapping != nil {
		opts.Mapping = &intake.Mapping{}
		if err := json.Unmarshal(src.Mapping, opts.Mapping); err != nil {
			return nil, nil, err
		}
	}
	sts, err := intake.Read(name, bytes.NewReader(body), opts)
	if errors.Is(err, intake.ErrUnmapped) {
		return nil, nil, &fault.Error{Kind: fault.Invalid, Say: unmapped, Args: []any{name}, Err: err}
	}
	if err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, err, "%s", err)
	}
	aliases, err := s.Definitions.Aliases(ctx, pic.night.Election)
	if err != nil {
		return nil, nil, err
	}
	in := s.question(pic, src, r)
	for _, st := range sts {
		sheet, unknown := tally.Resolve(st, pic.index, aliases)
		in.Found = append(append(in.Found, st.Findings...), unknown...)
		r.Format, r.Rows = st.Format, r.Rows+st.Rows
		in.Statement = st
		in.Sheet = join(in.Sheet, sheet)
	}
	in.Sheet.Source = src.ID
	in.After = pic.with(*r, in.Sheet)
	return in.Sheet, check.Run(in), nil
}

// unmapped is said of a table whose columns nobody has explained yet.
const unmapped = "%s is a table of no known format. Say what its columns are first."

// join adds the counts of a further part of the same file.
func join(a, b *tally.Sheet) *tally.Sheet {
	if a == nil {
		return b
	}
	a.Cells = append(a.Cells, b.Cells...)
	tally.Sort(a.Cells)
	a.Progress = append(a.Progress, b.Progress...)
	a.Rows += b.Rows
	return a
}

// question is what the checks need to know about a file of a source tonight.
func (s *Results) question(pic *picture, src Source, r *Report) check.Input {
	in := check.Input{
		Index: pic.index, Rules: s.Settings.Rules, Reason: r.Correction, Now: s.Now(), Mode: check.Live,
		Mine: pic.mine(src.ID), DefinitionHash: pic.night.Definition,
		Source: check.Source{Counting: check.Cumulative, Detail: check.TotalOnly},
	}
	if pic.night.Mode == Test {
		in.Mode = check.Test
	}
	if src.Incremental {
		in.Source.Counting = check.Incremental
	}
	if src.ByType {
		in.Source.Detail = check.ByType
	}
	if pic.night.Version > 0 {
		in.Before = pic.tally
	}
	for i, old := range pic.reports {
		if old.Source != src.ID {
			in.Others = append(in.Others, pic.sheets[i])
		}
	}
	if closes, err := pic.index.Def.LastClose(); err == nil && !s.Settings.Early {
		in.PollsClose = closes
	}
	return in
}

// admit writes a checked report down: blocked where a check refuses it, held
// otherwise.
func (s *Results) admit(ctx context.Context, r Report, sheet *tally.Sheet, findings []tally.Finding) (Report, error) {
	me := who.From(ctx)
	r.ID, r.UploadedBy, r.UploadedName, r.UploadedAt, r.State = id.New(), me.ID, me.Name, s.Now(), Held
	r.Worst = tally.Info
	blocks := 0
	for _, f := range findings {
		if f.Level.Rank() > r.Worst.Rank() {
			r.Worst = f.Level
		}
		switch f.Level {
		case tally.Block:
			blocks++
		case tally.Hold:
			r.Holds++
		}
	}
	if blocks > 0 {
		r.State = Blocked
	}
	if err := s.keep(ctx, &r, sheet, findings); err != nil {
		return r, err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertReport(ctx, tx, s.Jurisdiction, r); err != nil {
			return err
		}
		if blocks > 0 {
			tx.Record(event.ResultsRefused{Election: r.Election, Source: r.Source, Report: r.ID, File: r.File, SHA256: r.SHA256, Blocks: blocks})
		} else {
			tx.Record(event.ResultsHeld{Election: r.Election, Source: r.Source, Report: r.ID, File: r.File, SHA256: r.SHA256, Rows: r.Rows, Holds: r.Holds})
		}
		return nil
	})
	if fault.KindOf(err) == fault.Conflict {
		// The same content came in twice at the same moment; the other one won.
		if old, findErr := findContent(ctx, s.DB, s.Jurisdiction, r); findErr == nil && old.ID != "" {
			old.Again = true
			return old, nil
		}
	}
	return r, err
}

// hold writes down a report that is no file: a withdrawal, a change of status.
func (s *Results) hold(ctx context.Context, n Night, r Report) (Report, error) {
	r.Election, r.Mode = n.Election, n.Mode
	return s.admit(ctx, r, &tally.Sheet{}, nil)
}

// findContent finds a report of the same source and content that waits or
// counts; its ID is empty where there is none.
func findContent(ctx context.Context, q db.Reader, jurisdiction string, r Report) (Report, error) {
	old, err := scanReport(q.QueryRowContext(ctx, `
		select `+reportColumns+` from results_report
		where jurisdiction = $1 and election = $2 and mode = $3 and source = $4 and sha256 = $5
		  and kind = 'file' and state in ('held', 'approved') and withdrawn_in is null`,
		jurisdiction, string(r.Election), string(r.Mode), r.Source, r.SHA256).Scan)
	if fault.KindOf(err) == fault.NotFound || errors.Is(err, sql.ErrNoRows) {
		return Report{}, nil
	}
	return old, err
}
