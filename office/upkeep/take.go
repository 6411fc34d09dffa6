// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/job"
	"hustings/kit/pair"
	"hustings/kit/who"
	"hustings/office/registry/gate"
)

// linesOfPart is how many lines are sealed together.
const linesOfPart = 250

// Take puts a file through a programme: it is read, counted and held against
// the contract of its source, and then matched with the roll. The same file
// again changes nothing and gives the run that is there.
func (s *Upkeep) Take(ctx context.Context, kind Kind, name string, in io.Reader) (Run, error) {
	if err := kind.known(); err != nil {
		return Run{}, err
	}
	me := who.From(ctx)
	r := Run{ID: id.New(), Kind: kind, File: filepath.Base(name), State: Reading, TakenBy: me.ID, TakenName: me.Name, TakenAt: s.Now()}
	if kind == Duplicates {
		r.File, r.State = "", Linking
		return r, s.DB.Write(ctx, func(tx *db.Tx) error {
			if err := s.noneUnderWay(ctx, tx, kind); err != nil {
				return err
			}
			if err := s.insertRun(ctx, tx, r); err != nil {
				return err
			}
			tx.Record(event.UpkeepTaken{Run: r.ID, Kind: string(kind), Answer: string(gate.Pass)})
			return s.queue(ctx, tx, jobLink, r.ID)
		})
	}
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a file is being read; what becomes of it is told at its end")
		return s.insertRun(ctx, tx, r)
	}); err != nil {
		return r, err
	}
	if err := s.read(ctx, &r, in); err != nil {
		s.forget(ctx, r.ID)
		return r, err
	}
	return s.let(ctx, r)
}

// read reads a file, counts it, and keeps its lines sealed.
func (s *Upkeep) read(ctx context.Context, r *Run, in io.Reader) error {
	contract, err := gate.For(string(r.Kind))
	if err != nil {
		return err
	}
	sum, count := sha256.New(), gate.NewCounter(contract)
	parts := &partWriter{s: s, run: r.ID}
	r.Troubles, err = readLines(r.Kind, r.File, io.TeeReader(in, sum), count, contract, func(l Line) error { return parts.add(ctx, l) })
	if err != nil {
		return err
	}
	if err := parts.flush(ctx); err != nil {
		return err
	}
	if _, err := io.Copy(sum, in); err != nil { // what a reader left behind the end of a table
		return fault.Wrap(fault.Invalid, err, "The file could not be read to its end.")
	}
	earlier, err := s.earlier(ctx, r.Kind)
	if err != nil {
		return err
	}
	r.SHA256, r.Lines, r.Profile = hex.EncodeToString(sum.Sum(nil)), int64(parts.lines), count.Profile()
	r.Verdict = gate.Check(contract, r.Profile, earlier)
	return nil
}

// partWriter seals lines some hundred at a time.
type partWriter struct {
	s     *Upkeep
	run   string
	open  []Line
	parts int
	lines int
}

func (p *partWriter) add(ctx context.Context, l Line) error {
	p.open = append(p.open, l)
	p.lines++
	if len(p.open) < linesOfPart {
		return nil
	}
	return p.flush(ctx)
}

func (p *partWriter) flush(ctx context.Context) error {
	if len(p.open) == 0 {
		return nil
	}
	text, err := pack(p.open...)
	if err != nil {
		return err
	}
	number := fmt.Sprintf("%06d", p.parts)
	err = p.s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("lines of a file that is being read")
		sealed, err := p.s.Sealer.Seal(ctx, tx, partPrivate.At(p.s.Jurisdiction, p.run, number), text)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into upkeep_part (jurisdiction, run, part, private) values ($1, $2, $3, $4)`, p.s.Jurisdiction, p.run, number, sealed)
		return err
	})
	p.open, p.parts = p.open[:0], p.parts+1
	return err
}

// let lets a file in, or holds it; a file that was here before gives its run.
func (s *Upkeep) let(ctx context.Context, r Run) (Run, error) {
	r.State = Linking
	if r.Verdict.Answer == gate.Hold {
		r.State = Held
	}
	var before string
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if before, err = s.runOf(ctx, tx, r.Kind, r.SHA256); err != nil || before != "" {
			tx.Silently("the file was here before; nothing comes of it")
			return err
		}
		if err := s.finishReading(ctx, tx, r); err != nil {
			return err
		}
		var found []string
		for _, f := range r.Verdict.Findings {
			found = append(found, f.String())
		}
		tx.Record(event.UpkeepTaken{Run: r.ID, Kind: string(r.Kind), File: r.File, SHA256: r.SHA256, Lines: r.Lines, Answer: string(r.Verdict.Answer), Findings: found})
		if r.State == Held {
			_, err = s.Pairs.Ask(ctx, tx, pair.Ask{Act: actRelease, Subject: r.ID, Reason: "The file is not as agreed with its sender: " + strings.Join(found, "; ")})
			return err
		}
		return s.queue(ctx, tx, jobLink, r.ID)
	})
	if err != nil || before != "" {
		s.forget(ctx, r.ID)
	}
	if before != "" {
		return s.Run(ctx, before)
	}
	return r, err
}

// queue queues a job about a run.
func (s *Upkeep) queue(ctx context.Context, tx *db.Tx, kind, run string) error {
	one, err := job.Enqueue(ctx, tx, job.Order{Kind: kind, Args: jobArgs{Run: run, By: who.From(ctx).ID}, Key: run})
	if err != nil {
		return err
	}
	return s.setJob(ctx, tx, run, one)
}

// jobArgs is what the room's jobs come with.
type jobArgs struct{ Run, By, Why string }

// Release lets a held file in, or refuses it, with a reason. It must be another
// person than the one who brought the file.
func (s *Upkeep) Release(ctx context.Context, run string, in bool, why string) error {
	if why = strings.TrimSpace(why); why == "" {
		return fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	me := who.From(ctx)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := s.findRun(ctx, tx, run)
		if err != nil {
			return err
		}
		if r.State != Held {
			return fault.New(fault.Conflict, "This file is not held any more.")
		}
		state, decide := Linking, s.Pairs.Agree
		if !in {
			state, decide = Refused, s.Pairs.Refuse
		}
		if _, err := decide(ctx, tx, actRelease, run, why); err != nil {
			return err
		}
		if err := s.release(ctx, tx, run, state, me, why); err != nil {
			return err
		}
		tx.Record(event.UpkeepReleased{Run: run, In: in, Why: why})
		if !in {
			return nil
		}
		return s.queue(ctx, tx, jobLink, run)
	})
}
