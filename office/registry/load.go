// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
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
// with its fact or not at all. The larger a part, the fewer times the table of
// keys is gone through; what waits in memory is its keys alone, some 150 MB.
const loadPart = 1_000_000

// loadStep is how many voters are made ready at a time, while those before are
// written.
const loadStep = 2_000

// step is a step of a load that is ready to be written.
type step struct {
	rows    [][]any
	entries []entry
	words   [][2]string
	err     error
}

// Load puts voters into the roll who have their numbers already, such as the
// roll of the program that was used before. It says how many there were. An
// error of the source ends it; the parts before it stay, and the load can be
// taken up behind them.
func (s *Registry) Load(ctx context.Context, from election.Date, voters iter.Seq2[roll.Voter, error]) (n int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	run := id.New()
	ready := make(chan step, 4)
	go s.prepare(ctx, Version{Number: 1, From: from, Recorded: s.Now(), By: who.From(ctx).ID, Why: "load " + run}, voters, ready)
	defer func() {
		cancel()
		for range ready { // until whoever reads the source has seen it
		}
	}()
	for number := 1; ; number++ {
		first, more := <-ready
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

// prepare reads the source and makes it ready, step by step.
func (s *Registry) prepare(ctx context.Context, as Version, voters iter.Seq2[roll.Voter, error], ready chan<- step) {
	defer close(ready)
	next, stop := iter.Pull2(voters)
	defer stop()
	for {
		list, err := take(next)
		if err == nil && len(list) == 0 {
			return
		}
		p := step{err: err}
		if err == nil {
			p = s.makeStep(ctx, as, list)
		}
		select {
		case ready <- p:
		case <-ctx.Done():
			return
		}
		if p.err != nil {
			return
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
		if v.ID == "" {
			return list, fault.New(fault.Invalid, "A voter of the file has no number: %s.", v.Name.Last)
		}
		list = append(list, v)
	}
	return list, nil
}

// makeStep makes the rows of some voters, and their keys.
func (s *Registry) makeStep(ctx context.Context, as Version, list []roll.Voter) step {
	p := step{rows: make([][]any, 0, len(list)), entries: make([]entry, 0, 9*len(list))}
	for i := range list {
		as.Voter = list[i]
		values, err := s.row(ctx, nil, as) // no voter has a key of their own, so nothing is written here
		if err != nil {
			return step{err: err}
		}
		p.rows = append(p.rows, values)
		keys, words := s.keys(&list[i])
		for _, k := range keys {
			p.entries = append(p.entries, entry{k, uint32(i)}) // #nosec G115: of two thousand
		}
		p.words = append(p.words, words...)
	}
	return p
}

var bodyColumn, idColumn = slices.Index(voterColumns, "body"), slices.Index(voterColumns, "id")

// writePart writes steps until a part is full or there are no more, and then
// the part's keys in their order: tables fill fastest from the left to the
// right.
func (s *Registry) writePart(ctx context.Context, run string, number int, first step, ready <-chan step) (n int64, err error) {
	begun := false
	return n, s.DB.Write(ctx, func(tx *db.Tx) error {
		if begun { // what was read of the source is gone
			return fault.New(fault.Conflict, "The load was interrupted by the database. Load what is not in the roll yet again.")
		}
		begun = true
		sum := sha256.New()
		var steps [][]entry
		var ids []string
		words := make(map[[2]string]bool)
		rows := func(yield func([]any, error) bool) {
			for p, more := first, true; more; p, more = <-ready {
				if p.err != nil {
					yield(nil, p.err)
					return
				}
				for _, r := range p.rows {
					sum.Write([]byte(r[bodyColumn].(string)))
					if !yield(r, nil) {
						return
					}
				}
				for i := range p.entries {
					p.entries[i].voter += uint32(len(ids)) // #nosec G115: a part has fewer
				}
				steps = append(steps, p.entries)
				for _, r := range p.rows {
					ids = append(ids, r[idColumn].(string))
				}
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
		entries := slices.Concat(steps...)
		steps = nil
		slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
		if err := s.loadKeys(ctx, tx, entries, ids, words); err != nil {
			return err
		}
		tx.Record(event.RollLoaded{Run: run, Part: number, Voters: n, SHA256: hex.EncodeToString(sum.Sum(nil))})
		return nil
	})
}
