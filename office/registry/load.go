// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// loadPart is how many voters of a load are written at once, each part whole
// with its fact or not at all. The larger a part, the fewer times the leaves of
// the keys are written; what waits in memory is its keys alone, some 100 MB.
const loadPart = 1_000_000

// loadStep is how many voters are made ready at a time, while those before are
// written. Their places fit behind a key.
const loadStep = 2_000

// stepsAhead is how many steps are made ready while one is written.
const stepsAhead = 3

// step is a step of a load that is ready to be written.
type step struct {
	rows  [][]any
	keys  stepKeys
	words [][2]string
	sum   []byte // SHA-256 of the rows' texts
	err   error
}

// Load puts voters into the roll who have their numbers already, such as the
// roll of the program that was used before. It says how many there were. An
// error of the source ends it; the parts before it stay, and the load can be
// taken up behind them.
func (s *Registry) Load(ctx context.Context, from election.Date, voters iter.Seq2[roll.Voter, error]) (n int64, err error) {
	run := id.New()
	as := Version{Number: 1, From: from, Recorded: s.Now(), By: who.From(ctx).ID, Why: "load " + run}
	ready, stop := iter.Pull(inOrder(stepsAhead, s.steps(ctx, as, voters)))
	defer stop()
	for number := 1; ; number++ {
		first, more := ready()
		if !more {
			return n, ctx.Err()
		}
		in, err := s.writePart(ctx, run, number, first, ready)
		if err != nil {
			return n, err
		}
		n += in
	}
}

// steps gives the making of the steps of a load, which can be done side by side.
func (s *Registry) steps(ctx context.Context, as Version, voters iter.Seq2[roll.Voter, error]) iter.Seq[func() step] {
	return func(yield func(func() step) bool) {
		next, stop := iter.Pull2(voters)
		defer stop()
		for {
			list, err := take(next)
			if err == nil && len(list) == 0 {
				return
			}
			work := func() step { return s.makeStep(ctx, as, list) }
			if err != nil {
				work = func() step { return step{err: err} }
			}
			if !yield(work) || err != nil {
				return
			}
		}
	}
}

// take reads a step of the source.
func take(next func() (roll.Voter, error, bool)) (list []roll.Voter, err error) {
	for len(list) < loadStep {
		v, err, ok := next()
		if err != nil || !ok {
			return list, err
		}
		if list == nil {
			list = make([]roll.Voter, 0, loadStep)
		}
		if v.ID == "" {
			return list, fault.New(fault.Invalid, "A voter of the file has no number: %s.", v.Name.Last)
		}
		if len(v.ID) > longestID {
			return list, fault.New(fault.Invalid, "The number of a voter of the file is too long: %.20s….", v.ID)
		}
		list = append(list, v)
	}
	return list, nil
}

// makeStep makes the rows of some voters, and their keys.
func (s *Registry) makeStep(ctx context.Context, as Version, list []roll.Voter) step {
	p := step{rows: make([][]any, 0, len(list)), keys: stepKeys{make([]entry, 0, 10*len(list)), make([]string, 0, len(list))}}
	seen := make(map[[2]string]bool)
	for i := range list {
		as.Voter = list[i]
		values, err := s.row(ctx, nil, as) // no voter has a key of their own, so nothing is written here
		if err != nil {
			return step{err: err}
		}
		p.rows = append(p.rows, values)
		keys, words := s.keys(&list[i])
		for _, k := range keys {
			p.keys.entries = append(p.keys.entries, newEntry(k, i))
		}
		p.keys.ids = append(p.keys.ids, string(list[i].ID))
		for _, w := range words {
			seen[w] = true
		}
	}
	p.words = slices.Collect(maps.Keys(seen))
	slices.Sort(p.keys.entries)
	sum, line := sha256.New(), []byte(nil)
	for _, r := range p.rows {
		line = line[:0]
		for _, value := range r {
			if text, ok := value.(string); ok {
				line = append(append(line, text...), '\n')
			}
		}
		sum.Write(line)
	}
	p.sum = sum.Sum(nil)
	return p
}

// writePart writes steps until a part is full or there are no more, and then
// the part's keys.
func (s *Registry) writePart(ctx context.Context, run string, number int, first step, ready func() (step, bool)) (n int64, err error) {
	begun := false
	return n, s.DB.Write(ctx, func(tx *db.Tx) error {
		if begun { // what was read of the source is gone
			return fault.New(fault.Conflict, "The load was interrupted by the database. Load what is not in the roll yet again.")
		}
		begun = true
		sum := sha256.New()
		var steps []stepKeys
		words := make(map[[2]string]bool)
		rows := func(yield func([]any, error) bool) {
			for p, more := first, true; more; p, more = ready() {
				if p.err != nil {
					yield(nil, p.err)
					return
				}
				sum.Write(p.sum)
				for _, r := range p.rows {
					if !yield(r, nil) {
						return
					}
				}
				steps = append(steps, p.keys)
				for _, w := range p.words {
					words[w] = true
				}
				if n += int64(len(p.rows)); n >= loadPart {
					return
				}
			}
		}
		if _, err := tx.Load(ctx, "registry_voter", voterColumns, rows); err != nil {
			if fault.KindOf(err) == fault.Conflict {
				return fault.Wrap(fault.Conflict, err, "Some of these voters are in the roll already, or twice in the file. Of this part nothing was loaded.")
			}
			return err
		}
		if err := s.loadKeys(ctx, tx, steps, words); err != nil {
			return err
		}
		tx.Record(event.RollLoaded{Run: run, Part: number, Voters: n, SHA256: hex.EncodeToString(sum.Sum(nil))})
		return nil
	})
}
