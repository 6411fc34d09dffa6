// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"errors"

	"github.com/transparency-dev/tessera"

	"hustings/guard/audit/tree"
	"hustings/kit/ledger"
)

// Misplace gives the entries that wait their leaves, and puts those into the log
// in another order, as two groups that passed each other: the second of two
// first, and the first of them not at all where lost is true.
func (s *Audit) Misplace(ctx context.Context, lost bool) (err error) {
	ctx, stop := context.WithCancel(ctx)
	s.Ledger.Alone(ctx, "audit.seal", func(ctx context.Context, turn ledger.Turn) error {
		defer stop()
		err = s.misplace(ctx, turn, lost)
		return nil
	})
	return err
}

func (s *Audit) misplace(ctx context.Context, turn ledger.Turn, lost bool) error {
	w := &sealer{Audit: s, turn: turn, places: map[string]int64{}}
	if err := w.open(ctx); err != nil {
		return err
	}
	list, err := w.decide(ctx)
	if err != nil {
		return err
	}
	var leaves []byte
	for _, b := range list {
		leaves = append(leaves, b.leaves...)
	}
	half := len(leaves) / len(tree.Hash{}) / 2 * len(tree.Hash{})
	parts := [][]byte{leaves[half:], leaves[:half]}
	if lost {
		parts = parts[:1]
	}
	for _, part := range parts {
		var last tessera.IndexFuture
		for ; len(part) > 0; part = part[len(tree.Hash{}):] {
			last = w.log.appender.Add(ctx, tessera.NewEntry(part[:len(tree.Hash{})]))
		}
		if _, err := last(); err != nil {
			return err
		}
	}
	return errors.Join(err, w.log.close(ctx))
}

// Settle opens the log as sealing does, and closes it again.
func (s *Audit) Settle(ctx context.Context) (err error) {
	ctx, stop := context.WithCancel(ctx)
	s.Ledger.Alone(ctx, "audit.seal", func(ctx context.Context, turn ledger.Turn) error {
		defer stop()
		w := &sealer{Audit: s, turn: turn, places: map[string]int64{}}
		if err = w.open(ctx); err == nil {
			err = w.log.close(ctx)
		}
		return nil
	})
	return err
}
