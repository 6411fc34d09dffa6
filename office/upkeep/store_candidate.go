// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/office/registry/match"
)

func (s *Upkeep) insertCandidate(ctx context.Context, tx *db.Tx, c *Candidate) error {
	text, err := pack(c.Line)
	if err != nil {
		return err
	}
	sealed, err := s.Sealer.Seal(ctx, tx, candidatePrivate.At(s.Jurisdiction, c.Run, c.Number), text)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into upkeep_candidate (jurisdiction, run, number, voter, other, line, tier, weight, steps, cautions, action, stratum, sampled, private)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		s.Jurisdiction, c.Run, c.Number, string(c.Voter), string(c.Other), c.Line.Number, string(c.Tier), thousandths(c.Weight), asText(c.Steps),
		strings.Join(c.Cautions, " "), string(c.Action), c.Stratum, c.Sampled, sealed)
	return err
}

// linked opens a run whose candidates are written down.
func (s *Upkeep) linked(ctx context.Context, tx *db.Tx, run string, sum Summary) error {
	return oneRow(tx.ExecContext(ctx, `update upkeep_run set state = 'open', summary = $3 where jurisdiction = $1 and id = $2 and state = 'linking'`,
		s.Jurisdiction, run, asText(sum)))
}

const candidateColumns = `c.run, c.number, r.kind, c.voter, c.other, c.line, c.tier, c.weight, c.steps, c.cautions, c.action, c.decision, c.document, c.decided_by, c.decided_name,
	c.decided_at, c.decided_why, c.done, c.trouble, c.stratum, c.sampled, c.label, c.round, c.private`

const candidateFrom = ` from upkeep_candidate c join upkeep_run r on r.jurisdiction = c.jurisdiction and r.id = c.run where c.jurisdiction = $1 `

// sealedCandidate is a row before it is opened.
type sealedCandidate struct {
	Candidate
	private []byte
}

func scanCandidate(scan func(...any) error) (c sealedCandidate, err error) {
	var weight int64
	var steps, cautions string
	var decided sql.NullTime
	err = scan(&c.Run, &c.Number, &c.Kind, &c.Voter, &c.Other, &c.Line.Number, &c.Tier, &weight, &steps, &cautions, &c.Action, &c.Decision, &c.Document, &c.DecidedBy, &c.DecidedName,
		&decided, &c.Why, &c.Done, &c.Trouble, &c.Stratum, &c.Sampled, &c.Label, &c.Round, &c.private)
	c.Weight, c.Cautions, c.DecidedAt = float64(weight)/1000, strings.Fields(cautions), decided.Time
	return c, errors.Join(err, read(steps, &c.Steps))
}

// openLine reads the line of a candidate.
func (s *Upkeep) openLine(ctx context.Context, q db.Reader, c *sealedCandidate) error {
	text, err := s.Sealer.Open(ctx, q, candidatePrivate.At(s.Jurisdiction, c.Run, c.Number), c.private)
	if err != nil {
		return err
	}
	lines, err := unpack(text)
	if err == nil && len(lines) == 1 {
		c.Line = lines[0]
	}
	return err
}

func (s *Upkeep) findCandidate(ctx context.Context, q db.Reader, run, number string) (Candidate, error) {
	c, err := scanCandidate(q.QueryRowContext(ctx, `select `+candidateColumns+candidateFrom+`and c.run = $2 and c.number = $3`, s.Jurisdiction, run, number).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Candidate{}, fault.New(fault.NotFound, "There is no such pair in this run.")
	}
	if err != nil {
		return Candidate{}, err
	}
	err = s.openLine(ctx, q, &c)
	return c.Candidate, err
}

// Candidate shows one pair.
func (s *Upkeep) Candidate(ctx context.Context, run, number string) (Candidate, error) {
	return s.findCandidate(ctx, s.DB, run, number)
}

// candidates are the pairs for which a condition holds, with their lines. Rows
// are read before they are opened: opening may ask the database for a key.
func (s *Upkeep) candidates(ctx context.Context, where string, args ...any) ([]Candidate, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+candidateColumns+candidateFrom+where, append([]any{s.Jurisdiction}, args...)...)
	list, err := db.Collect(rows, err, scanCandidate)
	if err != nil {
		return nil, err
	}
	out := make([]Candidate, len(list))
	for i := range list {
		if err := s.openLine(ctx, s.DB, &list[i]); err != nil {
			return nil, err
		}
		out[i] = list[i].Candidate
	}
	return out, nil
}

// next is the next pair that waits for a person: the surest first, then what
// somebody was unsure about.
func (s *Upkeep) next(ctx context.Context, run, after string) (number string, err error) {
	err = s.DB.QueryRowContext(ctx, `
		select number from upkeep_candidate
		where jurisdiction = $1 and run = $2 and tier <> 'none' and done = '' and (tier = 'review' or decision = 'unsure') and decision in ('', 'unsure')
		order by case when number > $3 then 0 else 1 end, decision, number limit 1`, s.Jurisdiction, run, after).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return number, err
}

// ToReview is how many pairs wait for a person in the runs that are open, and
// when the oldest of those runs was taken.
func (s *Upkeep) ToReview(ctx context.Context) (n int64, oldest time.Time, err error) {
	err = s.DB.QueryRowContext(ctx, `
		select count(*), min(r.taken_at) from upkeep_candidate c join upkeep_run r on r.jurisdiction = c.jurisdiction and r.id = c.run
		where c.jurisdiction = $1 and r.state = 'open' and c.tier <> 'none' and c.done = '' and (c.tier = 'review' or c.decision = 'unsure') and c.decision in ('', 'unsure')`,
		s.Jurisdiction).Scan(&n, db.AsTime(&oldest))
	return n, oldest, err
}

// Tally is how many pairs of a run are of each tier, and what came of them.
type Tally struct {
	Tier     match.Tier
	Action   Action
	Decision Decision
	Done     string
	N        int64
}

// Tallies counts the pairs of a run.
func (s *Upkeep) Tallies(ctx context.Context, run string) ([]Tally, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select tier, action, decision, done, count(*) from upkeep_candidate where jurisdiction = $1 and run = $2
		group by tier, action, decision, done order by tier, action, decision, done`, s.Jurisdiction, run)
	return db.Collect(rows, err, func(scan func(...any) error) (t Tally, err error) {
		return t, scan(&t.Tier, &t.Action, &t.Decision, &t.Done, &t.N)
	})
}

// decide writes a decision down.
func (s *Upkeep) decide(ctx context.Context, tx *db.Tx, c *Candidate, d Decision, why, document string) error {
	me := who.From(ctx)
	now := s.Now()
	at := &now
	if d == Undecided {
		me, at = who.Person{}, nil
	}
	done := ""
	switch d {
	case Different:
		done = "dropped"
	case Undecided:
		c.Round++
	}
	err := oneRow(tx.ExecContext(ctx, `
		update upkeep_candidate set decision = $4, decided_by = $5, decided_name = $6, decided_at = $7, decided_why = $8, document = $9, done = $10, trouble = '', voter = $11, other = $12, round = $13
		where jurisdiction = $1 and run = $2 and number = $3 and done in ('', 'dropped', 'undone')`,
		s.Jurisdiction, c.Run, c.Number, string(d), me.ID, me.Name, at, why, document, done, string(c.Voter), string(c.Other), c.Round))
	if err == nil {
		tx.Record(event.UpkeepDecided{Run: c.Run, Number: c.Number, Voter: string(c.Voter), Decision: string(d), Why: why})
	}
	return err
}

// setDone writes down what came of a pair.
func (s *Upkeep) setDone(ctx context.Context, tx *db.Tx, c *Candidate, done string, at time.Time) error {
	res, err := tx.ExecContext(ctx, `
		update upkeep_candidate set done = $4, done_at = $5, trouble = '' where jurisdiction = $1 and run = $2 and number = $3`, s.Jurisdiction, c.Run, c.Number, done, at)
	if err := oneRow(res, err); err != nil {
		return err
	}
	tx.Record(event.UpkeepActed{Run: c.Run, Number: c.Number, Voter: string(c.Voter), Done: done})
	return nil
}

// trouble notes why nothing could be done for a pair.
func (s *Upkeep) trouble(ctx context.Context, c *Candidate, say string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("what could not be done is shown on the page of the run")
		_, err := tx.ExecContext(ctx, `update upkeep_candidate set trouble = $4 where jurisdiction = $1 and run = $2 and number = $3`, s.Jurisdiction, c.Run, c.Number, say)
		return err
	})
}
