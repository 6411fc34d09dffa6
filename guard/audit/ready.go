// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"time"

	"hustings/guard/audit/tree"
	"hustings/kit/fault"
)

// patience is how long an entry may wait to be sealed before somebody should
// look.
const patience = time.Minute

// ready says whether entries are being sealed and, where witnesses are set,
// whether enough of them have signed.
func (s *Audit) ready(ctx context.Context) error {
	now, err := readSealed(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return err
	}
	n, err := assigned(ctx, s.DB)
	if err != nil {
		return err
	}
	if n > now.Size && s.Now().Sub(now.At) > patience {
		return fault.New(fault.Unavailable, "the ledger is not being sealed: %d entries wait; is a node with the role jobs running?", n-now.Size)
	}
	if now.Size == 0 || s.Witness == "" {
		return nil
	}
	policy, err := ReadPolicy(s.Witness)
	if err == nil && !policy.Met(now.Checkpoint) {
		cp, _ := tree.Open([]byte(now.Checkpoint), nil) // only for its size
		return fault.New(fault.Unavailable, "the checkpoint of %d entries lacks the signatures of enough witnesses", cp.Size)
	}
	return err
}
