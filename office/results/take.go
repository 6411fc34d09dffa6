// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"

	"golang.org/x/sync/errgroup"

	"hustings/election"
	"hustings/event"
	"hustings/format/ess"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/pair"
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
	r := Report{Kind: File, Source: src.ID, File: fileName(up.Name), SHA256: hex.EncodeToString(sum[:]), Adds: src.Incremental,
		Correction: strings.TrimSpace(up.Correction), Election: up.Election, Mode: pic.night.Mode}
	if old, err := s.again(ctx, pic, r); err != nil || old.ID != "" {
		return old, err
	}
	// The disk works while the file is read and checked.
	var disk errgroup.Group
	disk.Go(func() error {
		_, err := s.Blobs.Put(ctx, body) // the file itself is kept, whatever becomes of it
		return err
	})
	sheet, st, found, err := s.readSheet(ctx, pic, src, body, &r)
	if err != nil {
		_ = disk.Wait() // what is wrong with the file is what its sender can mend
		return r, err
	}
	var key string
	disk.Go(func() (err error) {
		key, err = s.keepSheet(ctx, sheet)
		return err
	})
	findings, err := s.examine(ctx, pic, r, sheet, st, found)
	if failed := disk.Wait(); err == nil {
		err = failed
	}
	if err != nil {
		return r, err
	}
	r.sheet = key
	return s.admit(ctx, pic.night, r, sheet, findings, found)
}

// fileName is the last part of a path as a browser or a program gives it,
// short enough for a list.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[:119]) + "…"
	}
	return name
}

// again finds the report of the same content that waits or still counts. What
// was approved and replaced since may come again.
func (s *Results) again(ctx context.Context, pic *picture, r Report) (Report, error) {
	for i, old := range pic.reports {
		if old.Source == r.Source && old.SHA256 == r.SHA256 && old.Kind == File {
			old = pic.reports[i]
			old.Again = true
			return old, nil
		}
	}
	old, err := findWaiting(ctx, s.DB, s.Jurisdiction, r)
	old.Again = old.ID != ""
	return old, err
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

// readSheet reads a file into a sheet. found is what there was to say about
// reading it and about its names. A file that cannot be read at all is an error.
func (s *Results) readSheet(ctx context.Context, pic *picture, src Source, body []byte, r *Report) (*tally.Sheet, *tally.Statement, []tally.Finding, error) {
	sts, err := s.statements(src, r.File, body)
	if err != nil {
		return nil, nil, nil, err
	}
	aliases, err := s.Definitions.Aliases(ctx, pic.night.Election)
	if err != nil {
		return nil, nil, nil, err
	}
	var sheet *tally.Sheet
	var st *tally.Statement
	var found []tally.Finding
	for _, st = range sts {
		part, unknown := tally.Resolve(st, pic.index, aliases)
		found = append(append(found, st.Findings...), unknown...)
		r.Format, r.Rows = st.Format, r.Rows+st.Rows
		sheet = join(sheet, part)
	}
	sheet.Source = src.ID
	return sheet, st, found, nil
}

// statements reads a file in the way that its source has declared.
func (s *Results) statements(src Source, name string, body []byte) ([]*tally.Statement, error) {
	opts := intake.Options{OverBallots: src.OverBallots}
	if src.Mapping != nil {
		opts.Mapping = &intake.Mapping{}
		if err := json.Unmarshal(src.Mapping, opts.Mapping); err != nil {
			return nil, err
		}
	}
	if src.Layout != nil {
		layout, err := ess.ReadLayout(bytes.NewReader(src.Layout))
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "%s", err)
		}
		opts.ESS = &layout
	}
	sts, err := intake.Read(name, bytes.NewReader(body), opts)
	switch {
	case errors.Is(err, intake.ErrUnmapped):
		return nil, fault.Wrap(fault.Invalid, err, "%s is a table of no known format. Say what its columns are first.", name)
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, err, "%s", err)
	case len(sts) == 0:
		return nil, fault.New(fault.Invalid, "The file %s holds no election.", name)
	}
	return sts, nil
}

// examine applies every check that has what it needs to a sheet, as of now.
func (s *Results) examine(ctx context.Context, pic *picture, r Report, sheet *tally.Sheet, st *tally.Statement, found []tally.Finding) ([]tally.Finding, error) {
	in, err := s.question(ctx, pic, r)
	if err != nil {
		return nil, err
	}
	in.Sheet, in.Statement, in.Found = sheet, st, found
	in.After = s.with(pic, r, sheet)
	return append(check.Run(in), pic.overlaps(r, sheet)...), nil
}

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

// question is what the checks need to know about a report tonight.
func (s *Results) question(ctx context.Context, pic *picture, r Report) (check.Input, error) {
	src := pic.source(r.Source)
	in := check.Input{
		Index: pic.index, Rules: s.Settings.Rules, Reason: r.Correction, Now: s.Now(), Mode: check.Live,
		Mine: pic.mine(r.Source), DefinitionHash: pic.night.Definition,
		Source: check.Source{Counting: check.Cumulative, Detail: check.TotalOnly},
	}
	in.Source.Zero = src.Zero
	if pic.night.Mode == Test {
		in.Mode = check.Test
	}
	if r.Adds {
		in.Source.Counting = check.Incremental
	}
	if src.ByType {
		in.Source.Detail = check.ByType
	}
	if err := s.holdAgainst(ctx, pic, &in); err != nil {
		return in, err
	}
	if pic.night.Version > 0 {
		in.Before = pic.tally
	}
	for i, old := range pic.reports {
		if old.Source != r.Source {
			in.Others = append(in.Others, pic.sheets[i])
		}
	}
	if s.Settings.Early || pic.night.Mode == Test {
		return in, nil
	}
	var err error
	if in.PollsClose, err = pic.index.Def.LastClose(); err != nil {
		return in, fault.Wrap(fault.Conflict, err, "It is not known when the last poll closes, so nothing may be published: %s. Mend the definition.", err)
	}
	return in, nil
}

// weigh takes the worst level and the number of holds from findings, and says
// how many refuse the report.
func (r *Report) weigh(findings []tally.Finding) (blocks int) {
	r.Worst, r.Holds = tally.Info, 0
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
	return blocks
}

// admit writes a checked report down: blocked where a check refuses it, held
// otherwise. more, if any, is written in the same transaction.
func (s *Results) admit(ctx context.Context, n Night, r Report, sheet *tally.Sheet, findings, found []tally.Finding, more ...func(*db.Tx, Report) error) (Report, error) {
	me := who.From(ctx)
	r.ID, r.UploadedBy, r.UploadedName, r.UploadedAt, r.State = id.New(), me.ID, me.Name, s.Now(), Held
	r.Base = n.Version
	if r.Status == "" {
		r.Status = n.Status
	}
	blocks := r.weigh(findings)
	if blocks > 0 {
		r.State = Blocked
	}
	if err := s.keep(ctx, &r, sheet, findings, found); err != nil {
		return r, err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertReport(ctx, tx, s.Jurisdiction, r); err != nil {
			return err
		}
		for _, do := range more {
			if err := do(tx, r); err != nil {
				return err
			}
		}
		if blocks == 0 {
			ask := pair.Ask{Act: letOut, Subject: pairSubject(r), Reason: cmp.Or(r.Correction, r.File, r.Kind)}
			if r.AlsoBy != "" {
				ask.Also = []string{r.AlsoBy}
			}
			if _, err := s.Pairs.Ask(ctx, tx, ask); err != nil {
				return err
			}
		}
		if blocks > 0 {
			tx.Record(event.ResultsRefused{Election: r.Election, Source: r.Source, Report: r.ID, File: r.File, SHA256: r.SHA256, Blocks: blocks})
		} else {
			tx.Record(event.ResultsHeld{Election: r.Election, Source: r.Source, Report: r.ID, File: r.File, SHA256: r.SHA256, Rows: r.Rows, Holds: r.Holds})
		}
		return nil
	})
	if fault.KindOf(err) == fault.Conflict && r.Kind == File {
		// The same content came in twice at the same moment; the other one won.
		if old, findErr := findWaiting(ctx, s.DB, s.Jurisdiction, r); findErr == nil && old.ID != "" {
			old.Again = true
			return old, nil
		}
	}
	return r, err
}

// hold writes down a report that is no file: a withdrawal, a change of status.
func (s *Results) hold(ctx context.Context, n Night, r Report, findings []tally.Finding) (Report, error) {
	r.Election, r.Mode = n.Election, n.Mode
	return s.admit(ctx, n, r, &tally.Sheet{}, findings, nil)
}

// findWaiting finds a held report of the same source and content; its ID is
// empty where there is none.
func findWaiting(ctx context.Context, q db.Reader, jurisdiction string, r Report) (Report, error) {
	old, err := scanReport(q.QueryRowContext(ctx, `
		select `+reportColumns+` from results_report
		where jurisdiction = $1 and election = $2 and mode = $3 and source = $4 and sha256 = $5
		  and kind = 'file' and state = 'held'`,
		jurisdiction, string(r.Election), string(r.Mode), r.Source, r.SHA256).Scan)
	if fault.KindOf(err) == fault.NotFound {
		return Report{}, nil
	}
	return old, err
}
