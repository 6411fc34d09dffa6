// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"hustings/kit/fault"
	"hustings/kit/ledger"
)

type ledgerStatus struct {
	JSON bool `name:"json" help:"As JSON."`
}

// Run lists the listeners, and those that stand still with the reason.
func (c ledgerStatus) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		list, err := h.Ledger.Status(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(append([]ledger.Status{}, list...))
		}
		for _, s := range list {
			fmt.Fprintf(t.out, "%-24s %s  heard %d, %d behind  %s\n", s.Listener, s.Jurisdiction, s.Seq, s.Lag, s.At.Format(time.DateTime))
			if s.Stuck() {
				fmt.Fprintf(t.out, "  stands still before entry %d after %d tries: %s\n", s.Seq+1, s.Tries, s.Error)
			}
		}
		return nil
	})
}

type ledgerSkip struct {
	Listener     string `arg:"" help:"Name of the listener, as ledger status has it."`
	Entry        int64  `arg:"" help:"Number of the entry that it is to pass over, with all before it."`
	Why          string `required:"" help:"Why; it goes into the ledger." placeholder:"REASON"`
	Jurisdiction string `help:"OCD division id; the office's own where none is given." placeholder:"ID"`
}

// Run lets a listener that stands still go on behind an entry.
func (c ledgerSkip) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		in := cmp.Or(c.Jurisdiction, h.Config.Office.Jurisdiction)
		if err := h.Ledger.Skip(ctx, c.Listener, in, c.Entry, c.Why); err != nil {
			if fault.KindOf(err) == fault.Conflict {
				return fault.Wrap(fault.Invalid, err, "%s does not stand still before entry %d of %s; see `hustings ledger status`", c.Listener, c.Entry, in)
			}
			return err
		}
		fmt.Fprintf(t.out, "%s goes on behind entry %d\n", c.Listener, c.Entry)
		return nil
	})
}
