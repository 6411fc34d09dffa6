// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// loadPart is how many voters of a load are written at once, each part whole
// with its fact or not at all.
const loadPart = 20_000

// part is a part of a load that is ready to be written.
type part struct {
	rows    [][]any
	entries []entry
	words   map[[2]string]bool
	sum     string
	err     error
}

// Load puts voters into the roll who have their numbers already, such as the
// roll of the program that was used before. It says how many there were. An
// error of the source ends it; the parts before it stay, and the load can be
// taken up behind them. While one part is written, the next is made ready.
func (s *Registry) Load(ctx context.Context, from election.Date, voters iter.Seq2[roll.Voter, error]) (n int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	run := id.New()
	ready := make(chan part)
	go s.prepare(ctx, Version{Number: 1, From: from, Recorded: s.Now(), By: who.From(ctx).ID, Why: "load " + run}, voters, ready)
	defer func() {
		cancel()
		for range ready { // until whoever reads the source has seen it
		}
	}()
	number := 0
	for p := range ready {
		if p.err != nil {
			return n, p.err
		}
		number++
		if err := s.writePart(ctx, run, number, &p); err != nil {
			return n, err
		}
		n += int64(len(p.rows))
	}
	return n, ctx.Err()
}

// prepare reads the source and makes its parts ready.
func (s *Registry) prepare(ctx context.Context, as Version, voters iter.Seq2[roll.Voter, error], ready chan<- part) {
	defer close(ready)
	next, stop := iter.Pull2(voters)
	defer stop()
	for {
		list, err := take(next)
		if err == nil && len(list) == 0 {
			return
		}
		p := part{err: err}
		if err == nil {
			p = s.makePart(ctx, as, list)
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

// take reads a part of the source.
func take(next func() (roll.Voter, error, bool)) (list []roll.Voter, err error) {
	for len(list) < loadPart {
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

// makePart makes the rows of a part, in the order of the voters' numbers, and
// its keys, in theirs: tables fill fastest from the left to the right.
func (s *Registry) makePart(ctx context.Context, as Version, list []roll.Voter) part {
	slices.SortStableFunc(list, func(a, b roll.Voter) int { return strings.Compare(string(a.ID), string(b.ID)) })
	p := part{rows: make([][]any, 0, len(list)), entries: make([]entry, 0, 8*len(list)), words: make(map[[2]string]bool)}
	sum := sha256.New()
	for i := range list {
		as.Voter = list[i]
		values, err := s.row(ctx, nil, as) // no voter has a key of their own, so nothing is written here
		if err != nil {
			return part{err: err}
		}
		sum.Write([]byte(values[bodyColumn].(string)))
		p.rows = append(p.rows, values)
		keys, words := s.keys(&list[i])
		for _, k := range keys {
			p.entries = append(p.entries, entry{k, string(list[i].ID)})
		}
		for _, w := range words {
			p.words[w] = true
		}
	}
	slices.SortFunc(p.entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.key, b.key), strings.Compare(a.voter, b.voter)) })
	p.sum = hex.EncodeToString(sum.Sum(nil))
	return p
}

var bodyColumn = slices.Index(voterColumns, "body")

func (s *Registry) writePart(ctx context.Context, run string, number int, p *part) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Load(ctx, "registry_voter", voterColumns, each(p.rows))
		if err != nil {
			return err
		}
		if err := s.loadKeys(ctx, tx, p.entries, p.words); err != nil {
			return err
		}
		tx.Record(event.RollLoaded{Run: run, Part: number, Voters: n, SHA256: p.sum})
		return nil
	})
}
