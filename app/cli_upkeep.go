// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"os"

	"hustings/kit/fault"
	"hustings/office/upkeep"
)

type upkeepCmd struct {
	Run    upkeepRun    `cmd:"" help:"Put a file through a programme and match it with the roll. Nothing is done to any voter yet."`
	Undo   upkeepUndo   `cmd:"" help:"Take a whole run back."`
	Report upkeepReport `cmd:"" help:"Write the public report of a run (52 U.S.C. 20507(i)) as CSV."`
}

type upkeepRun struct {
	Kind string `arg:"" help:"The programme: ncoa, eric, deaths, courts, dmv, jury or duplicates." enum:"ncoa,eric,deaths,courts,dmv,jury,duplicates"`
	File string `arg:"" optional:"" help:"The file, CSV or Excel. To look for duplicates inside of the roll there is none."`
	JSON bool   `name:"json" help:"Say it as JSON."`
}

func (c upkeepRun) Run(ctx context.Context, t *terminal) error {
	if (c.File == "") != (c.Kind == string(upkeep.Duplicates)) {
		return fault.New(fault.Invalid, "give a file for %s, and none for duplicates", c.Kind)
	}
	return t.within(ctx, func(ctx context.Context, h *House) error {
		in, err := os.Open(os.DevNull)
		if c.File != "" {
			in, err = os.Open(c.File) // #nosec G304: the operator names it
		}
		if err != nil {
			return err
		}
		defer in.Close()
		r, err := h.Upkeep.Take(ctx, upkeep.Kind(c.Kind), c.File, in)
		if err != nil {
			return err
		}
		if r.State == upkeep.Linking {
			step := t.progress("matching")
			if err := h.Upkeep.Link(ctx, r.ID, func(done, total int64, _ string) { step(int(done), int(total)) }); err != nil {
				return err
			}
		}
		if r, err = h.Upkeep.Run(ctx, r.ID); err != nil {
			return err
		}
		return c.say(ctx, t, h, r)
	})
}

func (c upkeepRun) say(ctx context.Context, t *terminal, h *House, r upkeep.Run) error {
	tallies, err := h.Upkeep.Tallies(ctx, r.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := t.json(map[string]any{"run": r.ID, "kind": r.Kind, "state": r.State, "lines": r.Lines, "verdict": r.Verdict, "summary": r.Summary, "pairs": tallies, "problems": r.Troubles}); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(t.out, "run %s: %s, %d lines, %d of them ask for something, %d with a voter\n", r.ID, r.State, r.Lines, r.Summary.Read, r.Summary.Matched)
		for _, f := range r.Verdict.Findings {
			fmt.Fprintf(t.out, "  gate: %s\n", f)
		}
		for _, p := range tallies {
			fmt.Fprintf(t.out, "  %s, %s: %d\n", p.Tier, p.Action, p.N)
		}
		for _, problem := range r.Troubles {
			fmt.Fprintf(t.err, "  %s\n", problem)
		}
	}
	if r.State == upkeep.Held {
		return exitStatus(exitHeld)
	}
	return nil
}

type upkeepUndo struct {
	RunID string `arg:"" name:"run" help:"The run's id."`
	Why   string `required:"" help:"Why it is taken back; it is recorded."`
}

func (c upkeepUndo) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		if err := h.Upkeep.Undo(ctx, c.RunID, c.Why); err != nil {
			return err
		}
		step := t.progress("taking back")
		if err := h.Upkeep.Finish(ctx, c.RunID, c.Why, func(done, total int64, _ string) { step(int(done), int(total)) }); err != nil {
			return err
		}
		r, err := h.Upkeep.Run(ctx, c.RunID)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "run %s is taken back; of %d voters something stays\n", r.ID, len(r.Stays))
		for _, s := range r.Stays {
			fmt.Fprintf(t.out, "  %s\n", s)
		}
		return nil
	})
}

type upkeepReport struct {
	RunID string `arg:"" name:"run" help:"The run's id."`
}

func (c upkeepReport) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		rep, err := h.Upkeep.Report(ctx, c.RunID)
		if err != nil {
			return err
		}
		return rep.CSV(t.out)
	})
}
