// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/format/sheet"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/office/results/check"
	"hustings/office/results/tally"
)

// ReferenceKind is what a file tells that the count is held against.
type ReferenceKind string

// The kinds of references.
const (
	Deck        ReferenceKind = "deck"        // what the logic-and-accuracy deck must come to (checks D03 and I05)
	Independent ReferenceKind = "independent" // totals that reached the office another way (check C05)
	SecondCount ReferenceKind = "rounds"      // the rounds as a second program counted them (check R01)
	CheckIns    ReferenceKind = "checkins"    // voters checked in and mail ballots accepted, by unit (check C02)
	DueTimes    ReferenceKind = "due"         // when units usually report (check S03)
)

// ReferenceKinds lists them in the order of the page.
func ReferenceKinds() []ReferenceKind {
	return []ReferenceKind{Deck, CheckIns, DueTimes, Independent, SecondCount}
}

// table says whether a kind is a table by unit and not a file of results.
func (k ReferenceKind) table() bool { return k == CheckIns || k == DueTimes }

// Reference is the file of one kind that the count is held against.
type Reference struct {
	Kind     ReferenceKind
	File     string
	Rows     int
	KeptName string
	KeptAt   time.Time

	body string // blob key
}

// SaveReference keeps a file that later files are held against, in place of the
// one of its kind before. A file with names that the definition does not know
// is not kept; what there is to say about it comes back.
func (s *Results) SaveReference(ctx context.Context, e election.ID, kind ReferenceKind, name string, body io.Reader) ([]tally.Finding, error) {
	if !slices.Contains(ReferenceKinds(), kind) {
		return nil, fault.On("kind", fault.New(fault.Invalid, "Say what the file tells."))
	}
	pic, err := s.see(ctx, e)
	if err != nil {
		return nil, err
	}
	all, err := s.read(Upload{Name: name, Body: body})
	if err != nil {
		return nil, err
	}
	ref := Reference{Kind: kind, File: fileName(name), KeptName: who.From(ctx).Name, KeptAt: s.Now()}
	counts, found, err := s.readReference(ctx, pic, ref, all)
	if err != nil {
		return nil, err
	}
	if found = slices.DeleteFunc(found, func(f tally.Finding) bool { return f.Level != tally.Block }); len(found) > 0 {
		return found, nil
	}
	if ref.Rows = counts.Rows; len(counts.Cells) == 0 {
		return nil, fault.On("file", fault.New(fault.Invalid, "The file %s holds no numbers.", ref.File))
	}
	if ref.body, err = s.Blobs.Put(ctx, all); err != nil {
		return nil, err
	}
	return nil, s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.ResultsReferenceKept{Election: e, Kind: string(kind), File: ref.File, SHA256: ref.body, Rows: ref.Rows})
		return upsertReference(ctx, tx, s.Jurisdiction, e, ref)
	})
}

// RemoveReference stops holding the count against a file.
func (s *Results) RemoveReference(ctx context.Context, e election.ID, kind ReferenceKind) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.ResultsReferenceRemoved{Election: e, Kind: string(kind)})
		return exactly(ctx, tx, "There is no such file any more.", `
			delete from results_reference where jurisdiction = $1 and election = $2 and kind = $3`, s.Jurisdiction, string(e), string(kind))
	})
}

// readReference reads a reference by the definition of today. What a table says
// of a unit stands in a cell as its check-ins: their number, or a time in
// seconds.
func (s *Results) readReference(ctx context.Context, pic *picture, ref Reference, body []byte) (*tally.Sheet, []tally.Finding, error) {
	if !ref.Kind.table() {
		r := Report{File: ref.File}
		counts, _, found, err := s.readSheet(ctx, pic, Source{ID: string(ref.Kind)}, body, &r)
		return counts, found, err
	}
	st, err := readTable(ref, body, pic.index.Def.Election)
	if err != nil {
		return nil, nil, err
	}
	aliases, err := s.Definitions.Aliases(ctx, pic.night.Election)
	if err != nil {
		return nil, nil, err
	}
	counts, found := tally.Resolve(st, pic.index, aliases)
	return counts, found, nil
}

// readTable reads a table with a unit and a number or a time in each row.
func readTable(ref Reference, body []byte, e election.Election) (*tally.Statement, error) {
	t, err := sheet.Open(ref.File, bytes.NewReader(body), sheet.Limits{})
	if err != nil {
		return nil, fault.On("file", fault.Wrap(fault.Invalid, err, "%s", err))
	}
	name, county, code := t.Col("precinct", "unit", "name"), t.Col("county"), t.Col("precinct_id", "unit_id", "id", "code")
	value, what := t.Col("check_ins", "checkins", "voters", "count"), "check_ins"
	if ref.Kind == DueTimes {
		value, what = t.Col("due", "time", "at"), "due"
	}
	if name < 0 && code < 0 || value < 0 {
		return nil, fault.On("file", fault.New(fault.Invalid, "The file %s needs the columns precinct (or id) and %s. Download the table to fill in.", ref.File, what))
	}
	st := &tally.Statement{Path: ref.File, Format: "reference", Types: []tally.NamedType{{Name: "total", Item: election.Total}},
		Choices: []tally.NamedChoice{{Contest: tally.NoContest, Measure: tally.CheckIns}}}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, fault.On("file", fault.Wrap(fault.Invalid, err, "%s", err))
		}
		if row.Cell(value) == "" {
			continue // a row of the table that nobody filled in
		}
		n, err := valueOf(ref.Kind, row.Cell(value), e)
		if err != nil {
			return nil, fault.On("file", fault.New(fault.Invalid, "%s, line %d, %s: %s", ref.File, row.Line, what, err))
		}
		st.Rows++
		st.Counts = append(st.Counts, tally.Count{Unit: int32(len(st.Units)), Line: int32(row.Line), N: n})
		st.Units = append(st.Units, tally.NamedUnit{County: row.Cell(county), Name: row.Cell(name), Code: row.Cell(code), Parent: -1, Line: int32(row.Line)})
	}
	return st, nil
}

// valueOf is a number, or a time of the election's day in seconds.
func valueOf(kind ReferenceKind, cell string, e election.Election) (int64, error) {
	if kind == CheckIns {
		n, err := sheet.ParseCount(cell)
		if err != nil || !n.Known() {
			return 0, fmt.Errorf("%q is no number of voters", cell)
		}
		return n.N, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "15:04", "3:04 PM", "3:04PM"} {
		text, as := cell, layout
		if !strings.HasPrefix(layout, "2006") {
			text, as = string(e.End)+" "+strings.ToUpper(cell), "2006-01-02 "+layout
		}
		if at, err := time.ParseInLocation(as, text, e.Zone()); err == nil {
			return at.Unix(), nil
		}
	}
	return 0, fmt.Errorf("%q is no time such as 21:30 or 2026-11-03 21:30", cell)
}

// holdAgainst hands the checks what the count is held against.
func (s *Results) holdAgainst(ctx context.Context, pic *picture, in *check.Input) error {
	for _, ref := range pic.references {
		counts, err := s.reference(ctx, pic, ref)
		if err != nil {
			return err
		}
		switch ref.Kind {
		case Deck:
			in.Deck = counts
		case Independent:
			in.Independent = counts
		case SecondCount:
			in.Second = counts
		case CheckIns:
			in.CheckIns = make(map[election.UnitID]int64, len(counts.Cells))
			for _, c := range counts.Cells {
				in.CheckIns[pic.index.Def.Units[c.Unit].ID] = c.N
			}
		case DueTimes:
			for _, c := range counts.Cells {
				in.Due = append(in.Due, check.Due{Unit: pic.index.Def.Units[c.Unit].ID, At: time.Unix(c.N, 0)})
			}
		}
	}
	return nil
}

// reference reads a kept reference, from memory where it is there. Names that
// the definition has lost since are left out.
func (s *Results) reference(ctx context.Context, pic *picture, ref Reference) (*tally.Sheet, error) {
	key := string(ref.Kind) + "/" + ref.body
	if counts := s.recent.sheet(key, pic.index); counts != nil {
		return counts, nil
	}
	body, err := s.Blobs.Get(ctx, ref.body)
	if err != nil {
		return nil, err
	}
	counts, _, err := s.readReference(ctx, pic, ref, body)
	if err == nil {
		s.recent.keep(key, counts)
	}
	return counts, err
}

func upsertReference(ctx context.Context, tx *db.Tx, jurisdiction string, e election.ID, r Reference) error {
	_, err := tx.ExecContext(ctx, `
		insert into results_reference (jurisdiction, election, kind, file, body, row_count, kept_name, kept_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (jurisdiction, election, kind) do update set file = excluded.file, body = excluded.body,
			row_count = excluded.row_count, kept_name = excluded.kept_name, kept_at = excluded.kept_at`,
		jurisdiction, string(e), string(r.Kind), r.File, r.body, r.Rows, r.KeptName, r.KeptAt)
	return err
}

func listReferences(ctx context.Context, q db.Reader, jurisdiction string, e election.ID) ([]Reference, error) {
	rows, err := q.QueryContext(ctx, `
		select kind, file, body, row_count, kept_name, kept_at
		from results_reference where jurisdiction = $1 and election = $2 order by kind`, jurisdiction, string(e))
	return db.Collect(rows, err, func(scan func(...any) error) (r Reference, err error) {
		err = scan(&r.Kind, &r.File, &r.body, &r.Rows, &r.KeptName, db.AsTime(&r.KeptAt))
		return r, err
	})
}
