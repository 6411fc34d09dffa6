// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/office/results/check"
	"hustings/office/results/tally"
)

// Numbers are what a person typed for one unit and contest: votes by choice
// id, and over, under and ballots under "over", "under", "ballots". What was
// left empty is absent.
type Numbers map[string]int64

// Entry is one typing of a unit's contest.
type Entry struct {
	Unit     election.UnitID
	Contest  election.ContestID
	Turn     int // 1 or 2
	Numbers  Numbers
	By, Name string
	At       time.Time
	Report   string // the report that the two entries became
}

// measures are the fields of an entry beside the choices.
var measures = []struct {
	name    string
	measure tally.Measure
}{{"over", tally.Over}, {"under", tally.Under}, {"ballots", tally.Ballots}}

// Typing is what a person types of one paper.
type Typing struct {
	Unit       election.UnitID
	Contest    election.ContestID
	Numbers    Numbers
	Correction string // why published numbers may go down
}

// Enter keeps what a person typed. The first entry waits for a second one by
// another person; where the two agree they become a held report, in the same
// transaction, and where they differ both stay to be looked at and typed again
// (check P02).
func (s *Results) Enter(ctx context.Context, e election.ID, typed Typing) (Report, error) {
	pic, err := s.see(ctx, e)
	if err != nil {
		return Report{}, err
	}
	me := who.From(ctx)
	entry := Entry{Unit: typed.Unit, Contest: typed.Contest, Turn: 1, Numbers: typed.Numbers, By: me.ID, Name: me.Name, At: s.Now()}
	if err := pic.checkEntry(entry); err != nil {
		return Report{}, err
	}
	first, err := findEntry(ctx, s.DB, s.Jurisdiction, pic.night, entry.Unit, entry.Contest, 1)
	if err != nil {
		return Report{}, err
	}
	if first.By != "" && first.By != me.ID && first.Report == "" {
		entry.Turn = 2
	}
	if entry.Turn == 2 && same(first.Numbers, entry.Numbers) {
		return s.holdEntry(ctx, pic, first, entry, strings.TrimSpace(typed.Correction))
	}
	return Report{}, s.DB.Write(ctx, func(tx *db.Tx) error { return s.writeEntry(ctx, tx, pic, first, entry, "") })
}

// checkEntry refuses what cannot be counted.
func (p *picture) checkEntry(e Entry) error {
	u, okU := p.index.Unit(e.Unit)
	c, okC := p.index.Contest(e.Contest)
	if !okU || !okC {
		return fault.New(fault.NotFound, "There is no such unit or contest in this election.")
	}
	known := 0
	for _, f := range fieldsOf(p.index, c) {
		if _, ok := e.Numbers[f]; ok {
			known++
		}
	}
	if known == 0 || known < len(e.Numbers) {
		return fault.New(fault.Invalid, "Type at least one number.")
	}
	if p.has(u, c, handSource(e)) {
		return fault.New(fault.Conflict, "A file has numbers for this unit and contest already. Correct or withdraw the file instead.")
	}
	return nil
}

// fieldsOf are the names of what can be typed of a contest.
func fieldsOf(x *tally.Index, c int32) []string {
	var out []string
	for _, ch := range x.Def.Contests[c].Choices {
		out = append(out, string(ch.ID))
	}
	for _, m := range measures {
		out = append(out, m.name)
	}
	return out
}

// writeEntry keeps an entry, on the condition that the first one is still what
// it was compared with.
func (s *Results) writeEntry(ctx context.Context, tx *db.Tx, pic *picture, first, e Entry, report string) error {
	if err := tx.Hold(ctx, handSource(e)); err != nil {
		return err
	}
	now, err := findEntry(ctx, tx, s.Jurisdiction, pic.night, e.Unit, e.Contest, 1)
	if err != nil {
		return err
	}
	if now.By != first.By || now.Report != first.Report || !same(now.Numbers, first.Numbers) {
		return fault.New(fault.Conflict, "Someone else typed these numbers at the same moment. Look at the page again.")
	}
	tx.Record(event.ResultsEntered{Election: pic.night.Election, Unit: e.Unit, Contest: e.Contest, Turn: e.Turn, Agrees: e.Turn == 1 || report != ""})
	if e.Turn == 1 {
		if err := deleteEntry(ctx, tx, s.Jurisdiction, pic.night, e.Unit, e.Contest, 2); err != nil {
			return err
		}
	}
	if err := upsertEntry(ctx, tx, s.Jurisdiction, pic.night, e); err != nil || report == "" {
		return err
	}
	return linkEntries(ctx, tx, s.Jurisdiction, pic.night, e, report)
}

// has says whether anything but the given source reports a contest in a unit.
func (p *picture) has(u, c int32, but string) bool {
	for i, r := range p.reports {
		if r.Source == but {
			continue
		}
		for _, cell := range p.sheets[i].Cells {
			if cell.Unit == u && cell.Contest == c {
				return true
			}
		}
	}
	return false
}

func same(a, b Numbers) bool {
	if len(a) != len(b) {
		return false
	}
	for k, n := range a {
		if m, ok := b[k]; !ok || m != n {
			return false
		}
	}
	return true
}

// holdEntry makes a held report of two entries that agree.
func (s *Results) holdEntry(ctx context.Context, pic *picture, first, e Entry, correction string) (Report, error) {
	u, _ := pic.index.Unit(e.Unit)
	c, _ := pic.index.Contest(e.Contest)
	sheet := &tally.Sheet{Index: pic.index, Source: handSource(e), Format: "hand", Rows: len(e.Numbers), Cells: cells(pic.index, u, c, e.Numbers)}
	r := Report{Kind: Hand, Source: handSource(e), File: pic.index.UnitName(u) + " · " + pic.index.Def.Contests[c].Name.String(), Format: "hand",
		Rows: len(e.Numbers), Correction: correction, Election: pic.night.Election, Mode: pic.night.Mode, AlsoBy: first.By}
	in, err := s.question(ctx, pic, r)
	if err != nil {
		return r, err
	}
	in.Sheet, in.After = sheet, s.with(pic, r, sheet)
	in.Typed = &check.Typed{By: first.By, Second: sheet, SecondBy: e.By}
	findings := append(check.Run(in), pic.overlaps(r, sheet)...)
	return s.admit(ctx, pic.night, r, sheet, findings, nil, func(tx *db.Tx, r Report) error {
		return s.writeEntry(ctx, tx, pic, first, e, r.ID)
	})
}

// handSource is the source of a unit's contest typed by hand: typing it again
// replaces it.
func handSource(e Entry) string { return fmt.Sprintf("hand:%q:%q", e.Unit, e.Contest) }

// cells are typed numbers as counts.
func cells(x *tally.Index, u, c int32, n Numbers) []tally.Cell {
	var out []tally.Cell
	for i, ch := range x.Def.Contests[c].Choices {
		if votes, ok := n[string(ch.ID)]; ok {
			out = append(out, tally.Cell{Unit: u, Contest: c, Choice: int32(i), N: votes})
		}
	}
	for _, m := range measures {
		if votes, ok := n[m.name]; ok {
			out = append(out, tally.Cell{Unit: u, Contest: c, Choice: m.measure, N: votes})
		}
	}
	tally.Sort(out)
	return out
}

// ParseNumber reads a typed number: empty is not reported, which is not zero.
func ParseNumber(text string) (n int64, given bool, err error) {
	if text == "" {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > 1<<31 {
		return 0, false, fault.New(fault.Invalid, "“%s” is not a whole number from 0 up.", text)
	}
	return n, true, nil
}

func findEntry(ctx context.Context, q db.Reader, jurisdiction string, n Night, unit election.UnitID, contest election.ContestID, turn int) (Entry, error) {
	e, err := scanEntry(q.QueryRowContext(ctx, `
		select unit, contest, turn, numbers, entered_by, entered_name, entered_at, report from results_entry
		where jurisdiction = $1 and election = $2 and mode = $3 and unit = $4 and contest = $5 and turn = $6`,
		jurisdiction, string(n.Election), string(n.Mode), string(unit), string(contest), turn).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, nil
	}
	return e, err
}

func scanEntry(scan func(...any) error) (e Entry, err error) {
	var numbers string
	if err = scan(&e.Unit, &e.Contest, &e.Turn, &numbers, &e.By, &e.Name, db.AsTime(&e.At), &e.Report); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(numbers), &e.Numbers)
}

// Entries lists what has been typed, in the order of units.
func (s *Results) Entries(ctx context.Context, n Night) ([]Entry, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select unit, contest, turn, numbers, entered_by, entered_name, entered_at, report from results_entry
		where jurisdiction = $1 and election = $2 and mode = $3 order by unit, contest, turn`,
		s.Jurisdiction, string(n.Election), string(n.Mode))
	return db.Collect(rows, err, scanEntry)
}

func upsertEntry(ctx context.Context, tx *db.Tx, jurisdiction string, n Night, e Entry) error {
	numbers, err := json.Marshal(e.Numbers)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into results_entry (jurisdiction, election, mode, unit, contest, turn, numbers, entered_by, entered_name, entered_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (jurisdiction, election, mode, unit, contest, turn) do update set
			numbers = excluded.numbers, entered_by = excluded.entered_by, entered_name = excluded.entered_name,
			entered_at = excluded.entered_at, report = ''`,
		jurisdiction, string(n.Election), string(n.Mode), string(e.Unit), string(e.Contest), e.Turn, json.RawMessage(numbers), e.By, e.Name, e.At)
	return err
}

func deleteEntry(ctx context.Context, tx *db.Tx, jurisdiction string, n Night, unit election.UnitID, contest election.ContestID, turn int) error {
	_, err := tx.ExecContext(ctx, `
		delete from results_entry where jurisdiction = $1 and election = $2 and mode = $3 and unit = $4 and contest = $5 and turn = $6`,
		jurisdiction, string(n.Election), string(n.Mode), string(unit), string(contest), turn)
	return err
}

func linkEntries(ctx context.Context, tx *db.Tx, jurisdiction string, n Night, e Entry, report string) error {
	_, err := tx.ExecContext(ctx, `
		update results_entry set report = $6
		where jurisdiction = $1 and election = $2 and mode = $3 and unit = $4 and contest = $5`,
		jurisdiction, string(n.Election), string(n.Mode), string(e.Unit), string(e.Contest), report)
	return err
}

// differing lists the fields in which two entries differ.
func differing(a, b Numbers) []string {
	var out []string
	for k := range union(a, b) {
		x, okX := a[k]
		y, okY := b[k]
		if okX != okY || x != y {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

func union(a, b Numbers) map[string]bool {
	out := make(map[string]bool)
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}
