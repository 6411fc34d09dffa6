// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"context"
	"errors"
	"testing"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/ledger"
)

// TestEveryNodeHearsForItsScreens has two nodes on one database. Both hear what
// is recorded while they run, in order and once, and nothing from before; an
// entry that is refused holds up nothing.
func TestEveryNodeHearsForItsScreens(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := &ledger.Ledger{DB: d, Log: quiet}
		say(t, d, "nye", 5)
		var ears [2]ear
		for i := range ears {
			run(t, l, ledger.Hear{Listener: "desk", Here: true, Do: func(ctx context.Context, e ledger.Entry) error {
				_ = ears[i].do(ctx, e)
				return errors.New("the screen is gone")
			}})
		}
		eventually(t, "both nodes heard three entries", func() bool {
			say(t, d, "nye", 1)
			return len(ears[0].seqs("nye")) >= 3 && len(ears[1].seqs("nye")) >= 3
		})
		for i := range ears {
			heard := ears[i].seqs("nye")
			for k, seq := range heard {
				if seq <= 5 || k > 0 && seq != heard[k-1]+1 {
					t.Errorf("node %d heard %v", i, heard)
				}
			}
		}
		status, err := l.Status(t.Context())
		if err != nil || len(status) > 0 {
			t.Errorf("something was remembered: %v, %v", status, err)
		}
	})
}
