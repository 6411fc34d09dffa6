// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"sync"

	"hustings/kit/db"
)

// Turn is the right to do something that only one node does at a time.
type Turn struct{ w *worker }

// Fenced fails, and with it the write, when another node has taken over since
// the turn began. Ask it in every write that must not happen twice.
func (t Turn) Fenced(ctx context.Context, tx *db.Tx) error { return t.w.fenced(ctx, tx) }

// Over reports whether another node may have taken over by now: whoever was
// asleep asks it before touching what is not in the database.
func (t Turn) Over() bool { return t.w.expired() }

// Alone runs do on one node at a time, under a name that never changes, until
// ctx ends. The context that do gets ends when the turn is lost. When do
// returns before that, it is called again after a moment, and after longer and
// longer ones while it fails.
func (l *Ledger) Alone(ctx context.Context, name string, do func(ctx context.Context, turn Turn) error) {
	w := &worker{Hear: Hear{Listener: name}, ledger: l, me: newHolder(), log: l.log().With("turn", name)}
	wait := 2 * poll
	for ctx.Err() == nil {
		ok, err := w.take(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			w.log.Warn("the lease cannot be taken", "error", err)
		case ok && w.alone(ctx, do):
			wait = 2 * poll
		case ok:
			wait = min(2*wait, lastWait)
		}
		pause(ctx, wait)
	}
}

// alone runs do under the lease and reports whether it went well.
func (w *worker) alone(ctx context.Context, do func(ctx context.Context, turn Turn) error) bool {
	var held context.Context
	held, w.lose = context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { w.hold(held) })
	defer func() {
		w.lose()
		renewing.Wait()
		w.release(context.WithoutCancel(ctx))
	}()
	err := do(held, Turn{w})
	if err != nil && held.Err() == nil {
		w.log.Error("the work of one node broke off; it will be tried again", "error", err)
	}
	return err == nil
}
