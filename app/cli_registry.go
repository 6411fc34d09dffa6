// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/office/registry/match"
)

type registryCmd struct {
	Match   registryMatch   `cmd:"" help:"Find records of one person, in one file or between two: no database, no server."`
	Check   registryCheck   `cmd:"" help:"Say what rolls and intakes hold, and every line of them that cannot be used."`
	Convert registryConvert `cmd:"" help:"Write a roll or an intake as another kind of file, and say what that cannot carry."`
	Load    registryLoad    `cmd:"" help:"Put a roll into the house."`
	Sample  registrySample  `cmd:"" help:"Make up the roll of a county that does not exist, for trials and rehearsals."`
}

type registryMatch struct {
	Left     string `arg:"" help:"A roll or another file of people (CSV or Excel, also packed with gzip)."`
	Right    string `arg:"" optional:"" help:"A second file, to link with the first; without it, the duplicates inside the first are found."`
	Columns  string `help:"What columns hold, where their headers do not tell (TOML: surname = \"family name\")." placeholder:"FILE"`
	Out      string `help:"Where to write the matches (CSV), pairs of tier auto and review; - for standard output." placeholder:"PATH"`
	Clusters string `help:"Where to write which records are one person (CSV)." placeholder:"PATH"`
	OneToOne bool   `help:"Let each record be in one pair at most: its best."`
	All      bool   `help:"Write pairs of tier none too."`
	Explain  string `help:"Show how the weight of one pair came about." placeholder:"ID,ID"`
	JSON     bool   `name:"json" help:"Say what was read and found as JSON."`
}

// matchReport is what the command says about a run.
type matchReport struct {
	Files      []match.File                  `json:"files"`
	Match      string                        `json:"match"`
	Pairs      int                           `json:"matches"`
	Expected   float64                       `json:"expected_matches"`
	Thresholds map[match.Tier]float64        `json:"thresholds"`
	Tiers      map[match.Tier]match.Estimate `json:"tiers"`
	Keys       []match.Key                   `json:"keys"`
	Explain    []match.Step                  `json:"explain,omitempty"`
	Weight     *float64                      `json:"explained_weight,omitempty"`
}

func (c registryMatch) Run(_ context.Context, t *terminal) error {
	defer t.roomy()()
	if c.Out == "" && c.Clusters == "" && c.Explain == "" {
		return fault.New(fault.Invalid, "say where to write the pairs with --out PATH, or which pair to show with --explain ID,ID")
	}
	res, err := c.match()
	if err != nil {
		return err
	}
	defer res.Close()
	report := matchReport{Files: res.Files, Match: "a pair of tier auto or review, which is a weight of 0 or more", Expected: res.Expected, Tiers: res.Tiers, Keys: res.Keys,
		Thresholds: map[match.Tier]float64{match.Auto: match.AutoWeight, match.Review: match.ReviewWeight}}
	for _, p := range res.Pairs {
		if p.Tier != match.None {
			report.Pairs++
		}
	}
	if c.Out != "" {
		if err := t.write(c.Out, func(w io.Writer) error { return writePairs(w, res) }); err != nil {
			return err
		}
	}
	if c.Clusters != "" {
		if err := t.write(c.Clusters, func(w io.Writer) error { return writeClusters(w, res) }); err != nil {
			return err
		}
	}
	if c.Explain != "" {
		if err := c.explain(res, &report); err != nil {
			return err
		}
	}
	return c.say(t, report)
}

// roomy lets the collector wait until there is something to gain: a run ends
// soon, and what it holds it needs. GOMEMLIMIT says otherwise.
func (t *terminal) roomy() (undo func()) {
	for _, kv := range t.environ {
		if strings.HasPrefix(kv, "GOMEMLIMIT=") {
			return func() {}
		}
	}
	before := debug.SetMemoryLimit(1 << 30)
	return func() { debug.SetMemoryLimit(before) }
}

func (c registryMatch) match() (*match.Result, error) {
	o := match.Options{OneToOne: c.OneToOne, All: c.All}
	var err error
	if o.Columns, err = readColumns(c.Columns); err != nil {
		return nil, err
	}
	left, err := openPeople(c.Left)
	if err != nil {
		return nil, err
	}
	defer left.Close()
	if c.Right == "" {
		res, err := match.Duplicates(match.Source{Name: c.Left, In: left}, o)
		return res, unreadable(err)
	}
	right, err := openPeople(c.Right)
	if err != nil {
		return nil, err
	}
	defer right.Close()
	res, err := match.Link(match.Source{Name: c.Left, In: left}, match.Source{Name: c.Right, In: right}, o)
	return res, unreadable(err)
}

// unreadable is what a reader says of a file, for the person.
func unreadable(err error) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Invalid, err, "%s", err)
}

// openPeople opens a file of people, which may be as large as a whole state's.
func openPeople(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unread(path, err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fault.New(fault.Invalid, "%s is a folder; name the files in it", path)
	}
	return f, nil
}

// readColumns reads a map of columns: for each column that is known, the
// header or the headers that hold it.
func readColumns(path string) (map[string]match.Column, error) {
	if path == "" {
		return nil, nil
	}
	body, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	if _, err := toml.Decode(string(body), &raw); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s is no column map: %s", path, err)
	}
	out := make(map[string]match.Column)
	for column, headers := range raw {
		if !slices.Contains(match.Columns(), match.Column(column)) {
			return nil, fault.New(fault.Invalid, "%s: there is no column %q; choose from %v", path, column, match.Columns())
		}
		list, ok := headers.([]any)
		if !ok {
			list = []any{headers}
		}
		for _, h := range list {
			name, ok := h.(string)
			if !ok {
				return nil, fault.New(fault.Invalid, "%s: %s must be a header or a list of headers, as in surname = \"family name\"", path, column)
			}
			out[name] = match.Column(column)
		}
	}
	return out, nil
}

func writePairs(w io.Writer, res *match.Result) error {
	out, err := sheet.NewWriter(w, []string{"left_id", "right_id", "weight", "probability", "tier", "reasons"}, sheet.Style{Guard: true})
	if err != nil {
		return err
	}
	const reasons = 4
	for _, p := range res.Pairs {
		if err := out.Write(res.ID(p.A), res.ID(p.B), decimal(p.Weight, 4), decimal(match.Probability(p.Weight), 6), string(p.Tier), res.Reasons(p, reasons)); err != nil {
			return err
		}
	}
	return out.Close()
}

func decimal(x float64, digits int) string { return strconv.FormatFloat(x, 'f', digits, 64) }

func writeClusters(w io.Writer, res *match.Result) error {
	out, err := sheet.NewWriter(w, []string{"cluster", "file", "id"}, sheet.Style{Guard: true})
	if err != nil {
		return err
	}
	sides := [...]string{"left", "right"}
	for i, members := range res.Clusters() {
		for _, m := range members {
			if err := out.Write(strconv.Itoa(i+1), sides[res.Side(m)], res.ID(m)); err != nil {
				return err
			}
		}
	}
	return out.Close()
}

// explain puts the waterfall of a pair into the report.
func (c registryMatch) explain(res *match.Result, report *matchReport) error {
	a, b, ok := strings.Cut(c.Explain, ",")
	if !ok {
		return fault.New(fault.Invalid, "--explain wants two ids with a comma between them")
	}
	second := 0
	if c.Right != "" {
		second = 1
	}
	x, found := res.Find(0, strings.TrimSpace(a))
	if !found {
		return fault.New(fault.NotFound, "no record of %s has the id %s; its ids are from: %s", c.Left, a, res.Files[0].ID)
	}
	y, found := res.Find(second, strings.TrimSpace(b))
	if !found {
		return fault.New(fault.NotFound, "no record of %s has the id %s; its ids are from: %s", res.Files[second].Path, b, res.Files[second].ID)
	}
	p := res.Pair(x, y)
	report.Explain, report.Weight = res.Explain(p), &p.Weight
	return nil
}

// say reports to a person on the error output, so that pairs may go to the
// standard output, or as JSON.
func (c registryMatch) say(t *terminal, r matchReport) error {
	if c.JSON {
		if c.Out == "-" || c.Clusters == "-" {
			return (&terminal{out: t.err}).json(r)
		}
		return t.json(r)
	}
	for _, f := range r.Files {
		sayFile(t.err, f)
	}
	fmt.Fprintf(t.err, "%d matches (%s); %.1f expected among the pairs that were compared\n", r.Pairs, r.Match, r.Expected)
	for _, tier := range []match.Tier{match.Auto, match.Review} {
		e := r.Tiers[tier]
		fmt.Fprintf(t.err, "  %-6s from weight %5.2f: %d pairs, estimated precision %.4f, recall %.4f\n", tier, r.Thresholds[tier], e.Pairs, e.Precision, e.Recall)
	}
	if r.Weight == nil {
		return nil
	}
	at := 0.0
	for _, s := range r.Explain {
		at += s.Bits
		fmt.Fprintf(t.out, "%+8.3f  %8.3f  %s: %s\n", s.Bits, at, s.Trait, s.Say)
	}
	fmt.Fprintf(t.out, "%8s  %8.3f  weight in bits, a probability of %.6f\n", "", *r.Weight, match.Probability(*r.Weight))
	return nil
}

func sayFile(w io.Writer, f match.File) {
	fmt.Fprintf(w, "%s: %d records (%s), ids from: %s\n", f.Path, f.Records, f.Encoding, f.ID)
	var used []string
	for _, u := range f.Used {
		used = append(used, u.Header+" as "+string(u.As))
	}
	fmt.Fprintf(w, "  compared: %s\n", strings.Join(used, ", "))
	if len(f.Ignored) > 0 {
		fmt.Fprintf(w, "  not used: %s\n", strings.Join(f.Ignored, ", "))
	}
	if f.LeftOut > 0 {
		fmt.Fprintf(w, "  %d lines were left out: their cells are shifted\n", f.LeftOut)
	}
	for _, p := range f.Problems {
		fmt.Fprintf(w, "  %s\n", p)
	}
	if f.More > 0 {
		fmt.Fprintf(w, "  and %d more of the like\n", f.More)
	}
}
