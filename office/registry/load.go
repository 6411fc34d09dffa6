// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// loadPart is how many voters of a load are written at once, each part whole
// with its fact or not at all.
const loadPart = 50_000

// Load puts voters into the roll who have their numbers already, such as the
// roll of the program that was used before. It says how many there were. An
// error of the source ends it; the parts before it stay, and the load can be
// taken up behind them.
func (s *Registry) Load(ctx context.Context, from election.Date, voters iter.Seq2[roll.Voter, error]) (n int64, err error) {
	run := id.New()
	next, stop := iter.Pull2(voters)
	defer stop()
	for part := 1; ; part++ {
		list, err := take(next)
		if err != nil || len(list) == 0 {
			return n, err
		}
		if err := s.loadPart(ctx, run, part, from, list); err != nil {
			return n, err
		}
		n += int64(len(list))
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

func (s *Registry) loadPart(ctx context.Context, run string, part int, from election.Date, list []roll.Voter) error {
	now, by := s.Now(), who.From(ctx).ID
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		// The keys are made, and read, before rows stream through the connection.
		if _, err := s.row(ctx, tx, Version{Voter: sample, Recorded: now}); err != nil {
			return err
		}
		sum := sha256.New()
		rows := func(yield func([]any, error) bool) {
			for _, v := range list {
				values, err := s.row(ctx, tx, Version{Voter: v, Number: 1, From: from, Recorded: now, By: by, Why: "load " + run})
				if err == nil {
					sum.Write([]byte(values[bodyColumn].(string)))
				}
				if !yield(values, err) || err != nil {
					return
				}
			}
		}
		n, err := tx.Load(ctx, "registry_voter", voterColumns, rows)
		if err != nil {
			return err
		}
		if err := s.loadNames(ctx, tx, list); err != nil {
			return err
		}
		tx.Record(event.RollLoaded{Run: run, Part: part, Voters: n, SHA256: hex.EncodeToString(sum.Sum(nil))})
		return nil
	})
}

// sample has something in every sealed column.
var sample = roll.Voter{ID: "0", Protected: "x", Identifiers: []roll.Identifier{
	{Kind: roll.License, Value: hide.New("0")}, {Kind: roll.SSN4, Value: hide.New("0")}, {Kind: roll.SSN, Value: hide.New("0")}}}

var bodyColumn = slices.Index(voterColumns, "body")

// loadNames keeps the further names and the words of many voters.
func (s *Registry) loadNames(ctx context.Context, tx *db.Tx, list []roll.Voter) error {
	words := make(map[[2]string]bool)
	var names [][]any
	for _, v := range list {
		k := keysOf(v)
		words[[2]string{"l", k.last}], words[[2]string{"f", k.first}] = true, true
		for _, one := range found(v) {
			names = append(names, []any{s.Jurisdiction, one[0], one[1], string(v.ID)})
			words[[2]string{"l", one[0]}], words[[2]string{"f", one[1]}] = true, true
		}
	}
	if _, err := tx.Load(ctx, "registry_name", []string{"jurisdiction", "last_key", "first_key", "voter"}, each(names)); err != nil {
		return err
	}
	known, err := s.words(ctx, tx)
	if err != nil {
		return err
	}
	var fresh [][]any
	for _, w := range slices.SortedFunc(maps.Keys(words), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }) {
		if w[1] != "" && !known[w] {
			fresh = append(fresh, []any{s.Jurisdiction, w[0], w[1]})
		}
	}
	_, err = tx.Load(ctx, "registry_word", []string{"jurisdiction", "kind", "word"}, each(fresh))
	return err
}

func each(list [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// words are the words of the roll's names, by kind.
func (s *Registry) words(ctx context.Context, q db.Reader) (map[[2]string]bool, error) {
	rows, err := q.QueryContext(ctx, `select kind, word from registry_word where jurisdiction = $1`, s.Jurisdiction)
	list, err := db.Collect(rows, err, func(scan func(...any) error) (w [2]string, err error) { return w, scan(&w[0], &w[1]) })
	out := make(map[[2]string]bool, len(list))
	for _, w := range list {
		out[w] = true
	}
	return out, err
}
