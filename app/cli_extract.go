// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/office/extract"
	"hustings/office/extract/list"
	"hustings/office/registry/roll"
)

type extractCmd struct {
	Make   extractMake   `cmd:"" help:"Write a list of voters into a file: public, precinct, party, jury, street, new, changed or wishes."`
	Count  extractCount  `cmd:"" help:"Count the roll, for the page of the day, and say how many there are of each state."`
	Survey extractSurvey `cmd:"" help:"Compute what the roll knows of the federal survey (EAVS), and write it in the commission's layout."`
}

type extractMake struct {
	List      string   `arg:"" help:"public, precinct, party, jury, street, new, changed or wishes."`
	Format    string   `help:"csv, xlsx, json, jsonl, parquet, nc, vri-json or vri-xml." default:"csv"`
	Out       string   `required:"" help:"Where to write. Beside it, PATH.about.txt says whose list it is." placeholder:"PATH"`
	For       string   `required:"" help:"Who gets the list; it is recorded." placeholder:"NAME"`
	Purpose   string   `required:"" help:"What the list is for; it is recorded." placeholder:"TEXT"`
	AsOf      string   `help:"The day as of which the roll is read; empty: today." placeholder:"DAY"`
	Since     string   `help:"Of new and changed registrations: since which day." placeholder:"DAY"`
	Precincts []string `help:"These precincts only." placeholder:"P,P"`
	Districts []string `help:"These districts only." placeholder:"D,D"`
	Parties   []string `help:"These parties only." placeholder:"P,P"`
	States    []string `help:"Registrations in these states only, such as active." placeholder:"S,S"`
	Street    string   `help:"Of a street list: which street." placeholder:"NAME"`
	Columns   []string `help:"These columns only." placeholder:"C,C"`
	Draw      int      `help:"Of a jury list: how many are drawn." placeholder:"N"`
	Seed      string   `help:"Of a draw: its seed; empty: a random one, which is said." placeholder:"TEXT"`
	Quiet     bool     `help:"Say nothing while it is written."`
}

func (c extractMake) order() extract.Order {
	o := extract.Order{Choices: list.Choices{List: list.Kind(c.List), Format: list.Format(c.Format), AsOf: election.Date(c.AsOf), Since: election.Date(c.Since),
		Precincts: c.Precincts, Districts: c.Districts, Parties: c.Parties, Street: c.Street, Columns: c.Columns, Draw: c.Draw, Seed: c.Seed},
		Recipient: c.For, Purpose: c.Purpose, Agreed: true}
	for _, s := range c.States {
		o.States = append(o.States, roll.State(s))
	}
	return o
}

func (c extractMake) Run(ctx context.Context, t *terminal) error {
	if c.Out == "-" {
		return fault.New(fault.Invalid, "a list of voters goes into a file of its own; name it with --out PATH")
	}
	return t.within(ctx, func(ctx context.Context, h *House) error {
		var about strings.Builder
		var one extract.One
		err := t.private(c.Out, func(w io.Writer) (err error) {
			one, err = h.Extract.WriteTo(ctx, w, &about, c.order(), func(seen int64) {
				if !c.Quiet && seen%100_000 == 0 {
					fmt.Fprintf(t.err, "%d registrations read\n", seen)
				}
			})
			return err
		})
		if err != nil {
			return err
		}
		if err := t.private(c.Out+".about.txt", func(w io.Writer) error { _, err := io.WriteString(w, about.String()); return err }); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s: %d voters of %d registrations, %d protected left out; SHA-256 %s\n", one.Number(), one.Report.Voters, one.Report.Seen, one.Report.Protected, one.Report.SHA256)
		if one.Choices.List == list.Jury {
			fmt.Fprintf(t.out, "drawn from %d with the seed %s\n", one.Report.Eligible, one.Choices.Seed)
		}
		return nil
	})
}

// private writes a file that nobody else at the machine reads. One that could
// not be written whole is removed.
func (t *terminal) private(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // #nosec G304: the operator names it
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s cannot be written: %s", path, err)
	}
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(path) // the first error says more
	}
	return err
}

type extractCount struct{}

func (extractCount) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		if err := h.Extract.Count(ctx, nil); err != nil {
			return err
		}
		c, err := h.Extract.Counts(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%d registrations as of %s\n", c.Voters, c.AsOf)
		for _, s := range extract.States() {
			if n := c.Of("all", "", s); n > 0 {
				fmt.Fprintf(t.out, "  %-15s %d\n", s, n)
			}
		}
		return nil
	})
}

type extractSurvey struct {
	Year     string   `arg:"" help:"Year of the general election."`
	From     string   `required:"" help:"The day after the general election before." placeholder:"DAY"`
	To       string   `required:"" help:"The day as of which the roll is counted." placeholder:"DAY"`
	Excluded []string `help:"Codes that do not apply here; A2 stands for all that begins with it." placeholder:"CODE,CODE"`
	Out      string   `required:"" help:"Where to write; - for standard output." placeholder:"PATH"`
}

func (c extractSurvey) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		asked := extract.SurveyAsked{Year: c.Year, From: election.Date(c.From), To: election.Date(c.To), Excluded: c.Excluded}
		if err := h.Extract.AskSurvey(ctx, asked); err != nil {
			return err
		}
		if err := h.Extract.Compute(ctx, asked); err != nil {
			return err
		}
		v, _, err := h.Extract.Surveyed(ctx, c.Year)
		if err != nil {
			return err
		}
		return t.write(c.Out, func(w io.Writer) error { return h.Extract.WriteSurvey(w, v) })
	})
}
