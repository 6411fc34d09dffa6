// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"log/slog"
	"slices"
)

// follower hears on one node what is recorded while the node runs: for screens
// that are open there. It has no lease and no cursor, so every node hears, and
// what came before or while the database was away is not heard again.
type follower struct {
	Hear
	ledger *Ledger
	ring   chan struct{}
	log    *slog.Logger
	last   map[string]int64 // by jurisdiction; nil until the first look
}

func (f *follower) wake() {
	select {
	case f.ring <- struct{}{}:
	default:
	}
}

func (f *follower) run(ctx context.Context) {
	for {
		if err := f.look(ctx); err != nil && ctx.Err() == nil {
			f.log.Warn("the ledger cannot be followed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-f.ring:
		}
	}
}

// look passes on what came in since the last look. An entry that Do refuses is
// passed over: the next one brings the screen up to date as well.
func (f *follower) look(ctx context.Context) error {
	heads, err := heads(ctx, f.ledger.DB)
	if err != nil {
		return err
	}
	if f.last == nil {
		f.last = heads
		return nil
	}
	for j, head := range heads {
		for f.last[j] < head {
			list, err := f.ledger.Tail(ctx, j, f.last[j], page)
			if err != nil {
				return err
			}
			for _, e := range list {
				f.last[j] = e.Seq
				if len(f.Names) > 0 && !slices.Contains(f.Names, e.Name) {
					continue
				}
				if err := f.Do(ctx, e); err != nil {
					f.log.Warn("an entry was passed over", "entry", e.ID, "error", err)
				}
			}
			if len(list) == 0 {
				break
			}
		}
	}
	return nil
}
