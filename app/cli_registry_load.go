// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/office/registry/file"
	"hustings/office/registry/roll"
)

type registryLoad struct {
	File string `arg:"" help:"A roll, of any kind that “registry check” reads. Voters keep their numbers."`
	From string `help:"The day from which it holds; empty: today." placeholder:"DAY"`
}

func (c registryLoad) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		in, err := os.Open(c.File) // #nosec G304: the operator names it
		if err != nil {
			return err
		}
		defer in.Close()
		from := c.From
		if from == "" {
			from = h.Now().Format(time.DateOnly)
		}
		var src *file.Source
		n, err := h.Registry.Load(ctx, election.Date(from), voters(func(do func(*file.Record) error) (err error) {
			src, err = file.Read(filepath.Base(c.File), in, file.Options{}, do)
			if unread := (*sheet.Error)(nil); errors.As(err, &unread) {
				return fault.Wrap(fault.Invalid, err, "%s", unread)
			}
			return err
		}))
		if err != nil {
			return fmt.Errorf("%w; %d voters were loaded before", err, n)
		}
		for _, trouble := range src.Troubles {
			fmt.Fprintf(t.err, "%s, %s\n", filepath.Base(c.File), trouble)
		}
		fmt.Fprintf(t.out, "%d voters loaded; %d lines could not be used\n", n, len(src.Troubles))
		return nil
	})
}

// voters are the voters that a reader hands out.
func voters(read func(do func(*file.Record) error) error) iter.Seq2[roll.Voter, error] {
	enough := errors.New("enough")
	return func(yield func(roll.Voter, error) bool) {
		err := read(func(r *file.Record) error {
			if r.Voter.ID == "" {
				return fault.New(fault.Invalid, "Line %d: the voter %s has no number.", r.Line, r.Voter.Name)
			}
			if !yield(r.Voter, nil) {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			yield(roll.Voter{}, err)
		}
	}
}
