// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"hustings/kit/fault"
	"hustings/office/intake"
)

type intakeCmd struct {
	Load    intakeLoad    `cmd:"" help:"Take in a file of applications of an agency; the same file again changes nothing."`
	Process intakeProcess `cmd:"" help:"Take on every application whose turn it is, here and now."`
	Status  intakeStatus  `cmd:"" help:"Say how many applications wait, for what, and since when."`
}

type intakeLoad struct {
	File   string `arg:"" help:"Voter Records Interchange (JSON or XML), CSV or Excel." type:"existingfile"`
	Source string `help:"Who it comes from: dmv, agency, assistance, disability, recruitment, drive, internet, mail or office." required:"" placeholder:"WHO"`
	Lines  string `help:"Where to write every line with what became of it (CSV)." placeholder:"PATH"`
}

func (c intakeLoad) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		in, err := os.Open(c.File) // #nosec G304: the operator names it
		if err != nil {
			return unread(c.File, err)
		}
		defer in.Close()
		b, err := h.Intake.Load(ctx, filepath.Base(c.File), c.Source, in)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s: %d records, %d of them new; %d lines could not be used\n", c.File, b.Records, b.Fresh, b.Failed)
		if c.Lines != "" {
			if err := t.write(c.Lines, intake.LinesOf(ctx, h.Intake, b.ID)); err != nil {
				return err
			}
		}
		if b.State != "held" {
			return nil
		}
		for _, f := range b.Findings {
			fmt.Fprintf(t.err, "  %s\n", f)
		}
		return fault.New(fault.Conflict, "The file is held: it is not as agreed with its source. A second person releases it on the page of files, and it is then loaded again.")
	})
}

type intakeProcess struct{}

func (intakeProcess) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		n, err := h.Intake.Process(ctx)
		fmt.Fprintf(t.out, "%d applications taken on\n", n)
		return err
	})
}

type intakeStatus struct {
	JSON bool `name:"json" help:"As JSON."`
}

func (c intakeStatus) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		counts, err := h.Intake.Counts(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(counts)
		}
		for _, n := range counts {
			fmt.Fprintf(t.out, "%-10s %-9s %7d  oldest %s\n", n.Step, n.Doubt, n.N, n.Oldest.Format("2006-01-02 15:04"))
		}
		return nil
	})
}
