// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"hustings/kit/fault"
	"hustings/office/letters"
)

type lettersCmd struct {
	Batch    lettersBatch    `cmd:"" help:"Make a print batch of the letters that wait: the file to be printed and its manifest."`
	Confirm  lettersConfirm  `cmd:"" help:"Take in the printer's confirmation of a batch; its letters are issued."`
	Returned lettersReturned `cmd:"" help:"Take in a table of returned mail."`
}

type lettersBatch struct {
	Kinds []string `arg:"" optional:"" name:"kind" help:"Kinds of letters; none: all."`
	Out   string   `help:"Folder for the file (PDF) and its manifest (CSV, JSON)." required:"" type:"existingdir" placeholder:"FOLDER"`
}

func (c lettersBatch) Run(ctx context.Context, t *terminal) error {
	kinds := letters.Kinds()
	if len(c.Kinds) > 0 {
		kinds = nil
		for _, k := range c.Kinds {
			kinds = append(kinds, letters.Kind(k))
		}
	}
	return t.within(ctx, func(ctx context.Context, h *House) error {
		step := t.progress("letters")
		b, err := h.Letters.MakeNow(ctx, kinds, func(done, total int64) { step(int(done), int(total)) })
		if err != nil {
			return err
		}
		lines, err := h.Letters.Manifest(ctx, b.ID)
		if err != nil {
			return err
		}
		path := filepath.Join(c.Out, "letters-"+b.ID)
		for _, f := range []struct {
			end string
			do  func(io.Writer) error
		}{
			{".pdf", func(w io.Writer) error {
				return h.Letters.Fetch(ctx, b.ID, func(letters.Batch) io.Writer { return w })
			}},
			{".csv", func(w io.Writer) error { return letters.WriteCSV(w, lines) }},
			{".json", func(w io.Writer) error { return letters.WriteJSON(w, b, lines) }},
		} {
			if err := t.write(path+f.end, f.do); err != nil {
				return err
			}
		}
		fmt.Fprintf(t.out, "batch %s: %d letters, %d pages, sha256 %s\n%s.pdf\n", b.ID, b.Letters, b.Pages, b.SHA256, path)
		return nil
	})
}

type lettersConfirm struct {
	Batch   string `arg:"" help:"The batch's id."`
	File    string `help:"The printer's table: columns sequence, result (printed or spoiled), sha256." placeholder:"FILE" type:"existingfile"`
	SHA256  string `name:"sha256" help:"SHA-256 of the file that was printed, where the table does not say it." placeholder:"HEX"`
	Printed int64  `help:"How many letters were printed and went out, without a table." placeholder:"N"`
	Spoiled string `help:"Places of spoiled letters, without a table: 3,17-20." placeholder:"PLACES"`
}

func (c lettersConfirm) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		receipt := letters.Receipt{Printed: c.Printed}
		if c.File != "" {
			f, err := os.Open(c.File) // #nosec G304: the operator names it
			if err != nil {
				return err
			}
			defer f.Close()
			if receipt, err = letters.ReadReceipt(filepath.Base(c.File), f); err != nil {
				return err
			}
		} else {
			b, err := h.Letters.Batch(ctx, c.Batch)
			if err != nil {
				return err
			}
			if receipt.Spoiled, err = letters.ReadPlaces(c.Spoiled, b.Letters); err != nil {
				return err
			}
		}
		receipt.SHA256 = cmp.Or(receipt.SHA256, strings.TrimSpace(c.SHA256))
		if receipt.SHA256 == "" {
			return fault.New(fault.Invalid, "Say with --sha256 which file was printed, or give a table that does.")
		}
		if err := h.Letters.Confirm(ctx, c.Batch, receipt); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%d letters issued, %d spoiled ones wait again\n", receipt.Printed, len(receipt.Spoiled))
		return nil
	})
}

type lettersReturned struct {
	File string `arg:"" help:"A table (CSV, Excel) with the columns letter and reason, and address, city, state, zip for forwarded letters." type:"existingfile"`
	JSON bool   `name:"json" help:"As JSON."`
}

func (c lettersReturned) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		f, err := os.Open(c.File) // #nosec G304: the operator names it
		if err != nil {
			return err
		}
		defer f.Close()
		taken, err := h.Letters.TakeFile(ctx, filepath.Base(c.File), f)
		if err != nil {
			return err
		}
		if c.JSON {
			if err := t.json(taken); err != nil {
				return err
			}
		} else {
			for _, p := range taken.Troubles {
				fmt.Fprintf(t.err, "%s:%d: %s: %s\n", c.File, p.Line, p.Field, p.Say)
			}
			fmt.Fprintf(t.out, "%d lines taken down, %d had been before, %d could not be used\n", taken.Taken, taken.Before, len(taken.Troubles)+taken.More)
		}
		if len(taken.Troubles)+taken.More > 0 {
			return exitStatus(exitHeld)
		}
		return nil
	})
}
