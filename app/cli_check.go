// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"hustings/office/results/check"
	"hustings/office/results/tally"
)

// question is what the checks know of a file by itself. A file alone declares
// nothing, so it is taken as a complete state of the count.
func (f *files) question(i int) check.Input {
	in := check.Input{Index: f.index, Sheet: f.sheets[i], Statement: f.sts[i], Found: f.found[i],
		Source: check.Source{Counting: check.Cumulative, Detail: check.TotalOnly}}
	if len(f.sheets[i].Types) > 0 {
		in.Source.Detail = check.ByType
	}
	return in
}

type resultsCheck struct {
	Files      []string `arg:"" name:"file" help:"Result files in any known format."`
	Definition string   `help:"Definition to check against; derived from the files where there is none." placeholder:"DEF"`
	Mapping    string   `help:"What the columns of tables are, where their names do not tell (JSON or TOML, see 'results mapping')." placeholder:"FILE"`
	JSON       bool     `name:"json" help:"As JSON."`
}

// checked is the answer about one file.
type checked struct {
	Path     string    `json:"path"`
	Format   string    `json:"format"`
	Election string    `json:"election"`
	Units    int       `json:"units"`
	Contests int       `json:"contests"`
	Choices  int       `json:"choices"`
	Rows     int       `json:"rows"`
	Votes    int64     `json:"votes"`
	Ballots  int64     `json:"ballots"`
	Findings []finding `json:"findings"`
}

type finding struct {
	Check   string      `json:"check"`
	Level   tally.Level `json:"level"`
	Unit    string      `json:"unit,omitempty"`
	Contest string      `json:"contest,omitempty"`
	Choice  string      `json:"choice,omitempty"`
	Line    int         `json:"line,omitempty"`
	Message string      `json:"message"`
}

func (f *files) findings(list []tally.Finding) []finding {
	out := make([]finding, len(list))
	for i, x := range list {
		out[i] = finding{x.Check, x.Level, x.Unit, x.Contest, x.Choice, x.Line, f.printer.Say(x.Key, x.Args)}
	}
	return out
}

// about sums up one file.
func (f *files) about(i int) checked {
	st, sum := f.sts[i], tally.Merge(f.index, f.sheets[i])
	c := checked{Path: st.Path, Format: st.Format, Election: cmp.Or(st.Election, f.def.Election.Name.String()), Units: len(st.Units),
		Contests: len(st.Contests), Rows: st.Rows, Findings: []finding{}}
	for _, ch := range st.Choices {
		if ch.Measure == 0 {
			c.Choices++
		}
	}
	root := f.index.Root()
	if root < 0 {
		return c
	}
	for _, cell := range sum.At(root) {
		if cell.Choice >= 0 && cell.Type == tally.TotalType && cell.Round == 0 {
			c.Votes += cell.N
		}
	}
	c.Ballots, _ = sum.N(root, tally.NoContest, tally.Ballots, tally.TotalType)
	return c
}

func (c resultsCheck) Run(_ context.Context, t *terminal) error {
	defer t.lean()()
	f, err := t.readFiles(reading{files: c.Files, definition: c.Definition, mapping: c.Mapping})
	if err != nil {
		return err
	}
	var answer struct {
		Files    []checked `json:"files"`
		Findings []finding `json:"findings"`
	}
	answer.Findings = []finding{}
	worst := tally.Info
	step := t.progress("checking")
	for i := range f.sts {
		alone := check.Run(f.question(i))
		one := f.about(i)
		one.Findings = f.findings(alone)
		answer.Files = append(answer.Files, one)
		across := f.across(i, alone)
		answer.Findings = append(answer.Findings, f.findings(across)...)
		worst = worse(worse(worst, alone), across)
		step(i+1, len(f.sts))
	}
	missing := f.missing()
	answer.Findings = append(answer.Findings, f.findings(missing)...)
	worst = worse(worst, missing)
	if c.JSON {
		err = t.json(answer)
	} else {
		t.printChecked(answer.Files, answer.Findings)
	}
	if err != nil {
		return err
	}
	switch worst {
	case tally.Block:
		return exitStatus(exitBlocked)
	case tally.Hold:
		return exitStatus(exitHeld)
	}
	return nil
}

// across are the findings that a file has only beside the ones before it.
func (f *files) across(i int, alone []tally.Finding) []tally.Finding {
	if i == 0 {
		return nil
	}
	in := f.question(i)
	in.Others = f.sheets[:i]
	seen := make(map[string]bool)
	for _, x := range alone {
		seen[sameness(x)] = true
	}
	var out []tally.Finding
	for _, x := range check.Run(in) {
		if !seen[sameness(x)] {
			out = append(out, x)
		}
	}
	for j, other := range f.sheets[:i] {
		if o := tally.FindOverlap(f.sheets[i], other); o.N > 0 {
			out = append(out, f.index.OverlapFinding(o, filepath.Base(f.sts[j].Path), f.sts[j].Path))
		}
	}
	return out
}

// missing names what the definition has and no file says anything of: a whole
// county, as a rule. Precincts of a county that is in are counted by check S01,
// and held by S02 once the count calls itself complete.
func (f *files) missing() []tally.Finding {
	root := f.index.Root()
	if !f.given || root < 0 {
		return nil
	}
	sum := tally.Merge(f.index, f.sheets...)
	var out []tally.Finding
	var look func(u int32)
	look = func(u int32) {
		kids := f.index.Children(u)
		if !slices.ContainsFunc(kids, func(k int32) bool { return hasVotes(sum, k) }) {
			return // it reports for all below it
		}
		for _, k := range kids {
			switch {
			case hasVotes(sum, k):
				look(k)
			case !f.def.Units[k].Leaf():
				name := f.index.UnitName(k)
				_, n := sum.Reporting(k, tally.NoContest)
				out = append(out, tally.Finding{Check: "S01", Level: tally.Warn, Key: "results.intake.unit_missing", Unit: name,
					Args: map[string]string{"unit": name, "n": strconv.Itoa(n)}})
			}
		}
	}
	look(root)
	return out
}

func hasVotes(sum *tally.Tally, u int32) bool {
	return slices.ContainsFunc(sum.At(u), func(c tally.Cell) bool { return c.Contest >= 0 })
}

func sameness(x tally.Finding) string {
	return fmt.Sprint(x.Check, x.Level, x.Key, x.Unit, x.Contest, x.Choice, x.Line)
}

func worse(than tally.Level, list []tally.Finding) tally.Level {
	for _, x := range list {
		if x.Level.Rank() > than.Rank() {
			than = x.Level
		}
	}
	return than
}

func (t *terminal) printChecked(list []checked, across []finding) {
	for _, c := range list {
		fmt.Fprintf(t.out, "%s\n  %s · %s · %d units · %d contests · %d rows · %d votes · %d ballots\n",
			c.Path, c.Format, c.Election, c.Units, c.Contests, c.Rows, c.Votes, c.Ballots)
		t.printFindings(c.Findings)
	}
	if len(across) > 0 {
		fmt.Fprintln(t.out, "Between the files")
		t.printFindings(across)
	}
}

func (t *terminal) printFindings(list []finding) {
	count := make(map[tally.Level]int)
	for _, x := range list {
		count[x.Level]++
		at := ""
		if x.Line > 0 {
			at = fmt.Sprintf(" line %d", x.Line)
		}
		fmt.Fprintf(t.out, "  %-5s %s%s  %s\n", x.Level, x.Check, at, x.Message)
	}
	if len(list) == 0 {
		fmt.Fprintln(t.out, "  every check that applies has passed")
		return
	}
	fmt.Fprintf(t.out, "  %d refused, %d held, %d to look at, %d notes\n", count[tally.Block], count[tally.Hold], count[tally.Warn], count[tally.Info])
}
