// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/words"
	"hustings/office/results"
	"hustings/office/results/check"
	"hustings/office/results/export"
	"hustings/office/results/site"
	"hustings/office/results/tally"
)

type resultsCmd struct {
	Open    resultsOpen    `cmd:"" help:"Let an election take results; its definition must be locked."`
	Import  resultsImport  `cmd:"" help:"Send result files in, as the browser does; they are held for a second person."`
	Status  resultsStatus  `cmd:"" help:"Show how the night stands."`
	Export  resultsExport  `cmd:"" help:"Write what is published in another format."`
	Check   resultsCheck   `cmd:"" help:"Check result files alone: no database, no server."`
	Convert resultsConvert `cmd:"" help:"Convert result files: no database, no server."`
	Mapping resultsMapping `cmd:"" help:"Propose what the columns of a table are, to look over and give as --mapping."`
	Render  resultsRender  `cmd:"" help:"Write the public site of result files as static files."`
}

type resultsConvert struct {
	JSON       bool     `name:"json" help:"Say what was written, and what the format could not carry, as JSON."`
	In         []string `arg:"" name:"in" help:"Result files in any known format."`
	To         string   `required:"" enum:"nist-json,nist-xml,openelections,ncsbe,csv,xlsx" help:"nist-json, nist-xml, openelections, ncsbe, csv or xlsx."`
	Out        string   `required:"" help:"Where to write; - for standard output." placeholder:"PATH"`
	Definition string   `help:"Definition to resolve names with." placeholder:"DEF"`
	Mapping    string   `help:"What the columns of tables are, where their names do not tell (JSON or TOML, see 'results mapping')." placeholder:"FILE"`
}

// writers are the formats that results can be written in.
var writers = map[string]func(io.Writer, export.Input) error{
	"nist-json": export.ERRJSON, "nist-xml": export.ERRXML, "openelections": export.OpenElections,
	"ncsbe": export.NCSBE, "csv": export.Flat, "xlsx": export.XLSX,
}

func (c resultsConvert) Run(_ context.Context, t *terminal) error {
	defer t.lean()()
	f, err := t.readFiles(reading{files: c.In, definition: c.Definition, mapping: c.Mapping})
	if err != nil {
		return err
	}
	if err := t.refuse(f); err != nil {
		return err
	}
	if strings.HasPrefix(c.To, "nist") && f.def.Election.End == "" {
		return noDay(c.To, c.Definition, c.In[0])
	}
	in := f.exportInput()
	// A file that is converted keeps what it says; hiding small units is for
	// what the public sees.
	in.SmallUnit = -1
	if err := t.write(c.Out, func(w io.Writer) error { return writers[c.To](w, in) }); err != nil {
		return err
	}
	return t.written(c.Out, c.JSON, lostIn(f.printer, c.To, in))
}

// lostIn says what results lost by being written in a format.
func lostIn(p *words.Printer, format string, in export.Input) []string {
	out := []string{}
	for _, l := range export.Lost(format, in) {
		out = append(out, p.Say(l.Key, l.Args))
	}
	return out
}

// noDay says that something cannot be written without the day of the election,
// and where to put it.
func noDay(what, definition, file string) error {
	if definition != "" {
		return fault.New(fault.Invalid, "%s must tell the day of the election, and the definition %s does not; put it there", what, definition)
	}
	return fault.New(fault.Invalid, "%s must tell the day of the election, and %s does not; give --definition, or put the day into the name of the file as in 20261103__az__general.csv", what, file)
}

// refuse stops where a file was read in part only, or stands in two files:
// what is converted must be whole, and nothing in it counted twice.
func (t *terminal) refuse(f *files) error {
	blocked := 0
	for i, found := range f.found {
		if i > 0 {
			found = append(slices.Clone(found), f.across(i, check.Run(f.question(i)))...)
		}
		for _, x := range found {
			if x.Level == tally.Block {
				blocked++
				fmt.Fprintf(t.err, "%s: %s %s\n", f.sts[i].Path, x.Check, f.printer.Say(x.Key, x.Args))
			}
		}
	}
	if blocked > 0 {
		return exitStatus(exitBlocked)
	}
	return nil
}

func (f *files) exportInput() export.Input {
	return export.Input{Tally: tally.Merge(f.index, f.sheets...), Status: f.status(), Generated: f.generated(),
		Issuer: Defaults().Office.Name, Definition: f.def.Hash()}
}

func (f *files) status() election.Status {
	for _, st := range f.sts {
		if st.Status.Valid() {
			return st.Status
		}
	}
	return election.UnofficialPartial
}

// generated is when the newest file was made, by its own word, so that the
// same files always give the same output.
func (f *files) generated() time.Time {
	var at time.Time
	for _, st := range f.sts {
		if st.Generated.After(at) {
			at = st.Generated
		}
	}
	if at.IsZero() {
		at, _ = f.def.Election.End.In(f.def.Election.Zone())
	}
	return at
}

// write writes a whole file or none: to standard output, or beside its place
// and then into it.
func (t *terminal) write(path string, do func(io.Writer) error) error {
	if path == "-" {
		return unwritten("the output", do(t.out))
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".hustings-*")
	if err != nil {
		return unwritten(path, err)
	}
	defer os.Remove(tmp.Name())
	err = do(tmp)
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return unwritten(path, err)
}

// unwritten says what could not be written, and why. A fault has said so
// already.
func unwritten(what string, err error) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Invalid, err, "%s cannot be written: %s", what, reason(err))
}

type resultsRender struct {
	In         []string `arg:"" name:"in" help:"Result files in any known format."`
	Out        string   `required:"" help:"Folder for the site." placeholder:"DIR"`
	Definition string   `help:"Definition to resolve names with." placeholder:"DEF"`
	Mapping    string   `help:"What the columns of tables are, where their names do not tell (JSON or TOML, see 'results mapping')." placeholder:"FILE"`
	Geo        string   `help:"Boundaries (GeoJSON or TopoJSON) to draw maps from." placeholder:"FILE"`
}

func (c resultsRender) Run(ctx context.Context, t *terminal) error {
	defer t.lean()()
	f, err := t.readFiles(reading{files: c.In, definition: c.Definition, geo: c.Geo, mapping: c.Mapping})
	if err != nil {
		return err
	}
	if err := t.refuse(f); err != nil {
		return err
	}
	if f.def.Election.End == "" {
		return noDay("the site", c.Definition, c.In[0])
	}
	what := f.exportInput()
	in := site.Input{Frame: site.NewFrame(f.index, f.catalog), Now: what.Tally, Version: 1, At: what.Generated, Status: what.Status,
		SmallUnit: Defaults().Results.SmallUnit, Downloads: results.DownloadLinks(), Office: site.Office{Name: election.T(Defaults().Office.Name)}}
	if in.Style, in.Script, err = siteAssets(); err != nil {
		return err
	}
	first := results.FirstChange(in)
	first.Path = "index.html" // the only version stands at the top
	in.Changes = []site.Change{first}
	n := 0
	put := func(path string, body []byte) error {
		n++
		to := filepath.Join(c.Out, filepath.FromSlash(path))
		err := os.MkdirAll(filepath.Dir(to), 0o755)
		if err == nil {
			err = os.WriteFile(to, body, 0o644)
		}
		return unwritten(to, err)
	}
	if err := site.Render(ctx, in, put); err != nil {
		return err
	}
	if err := results.EachDownload(in, put); err != nil {
		return err
	}
	pointer, err := json.Marshal(map[string]any{"version": 1, "at": in.At, "status": in.Status})
	if err != nil {
		return err
	}
	if err := put("current.json", append(pointer, '\n')); err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%d files in %s\n", n, c.Out)
	return nil
}

type resultsOpen struct {
	Election string   `arg:"" help:"Id of the election."`
	Source   []string `help:"Short names of sources whose files come in; each declares with --by-type and --incremental how." placeholder:"ID"`
	ByType   bool     `help:"The sources tell vote types apart."`
	Add      bool     `name:"incremental" help:"Each file of the sources adds to those before; else it takes their place."`
	Live     bool     `help:"End the logic-and-accuracy test: from now on files count. There is no way back."`
	JSON     bool     `name:"json" help:"As JSON, as results status does."`
}

func (c resultsOpen) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		e := election.ID(c.Election)
		err := h.Results.Open(ctx, e)
		if fault.KindOf(err) == fault.Conflict && (c.Live || len(c.Source) > 0) {
			if known, _ := h.Results.Standing(ctx, e); len(known) > 0 {
				err = nil // it is open already; there is more to do
			}
		}
		for _, id := range c.Source {
			if err == nil {
				err = h.Results.SaveSource(ctx, e, results.Source{ID: id, Name: id, ByType: c.ByType, Incremental: c.Add})
			}
		}
		if err == nil && c.Live {
			err = h.Results.GoLive(ctx, e)
		}
		if err != nil {
			return err
		}
		return resultsStatus{Election: c.Election, JSON: c.JSON}.show(ctx, t, h)
	})
}

type resultsImport struct {
	Election   string   `arg:"" help:"Id of the election."`
	Source     string   `arg:"" help:"Short name of the source."`
	Files      []string `arg:"" name:"file" help:"Result files."`
	Correction string   `help:"Why numbers may go down; the public will read it."`
	JSON       bool     `name:"json" help:"As JSON."`
}

func (c resultsImport) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		worst := exitOK
		type line struct {
			Path     string    `json:"path"`
			Report   string    `json:"report"`
			State    string    `json:"state"`
			Again    bool      `json:"again"`
			Findings []finding `json:"findings"`
		}
		var lines []line
		p := h.Words.In("en")
		for _, path := range c.Files {
			body, err := openFile(path)
			if err != nil {
				return err
			}
			rep, err := h.Results.Take(ctx, results.Upload{Election: election.ID(c.Election), Source: c.Source, Name: filepath.Base(path), Body: body, Correction: c.Correction})
			_ = body.Close() // it was only read
			if err != nil {
				return err
			}
			found, err := h.Results.Findings(ctx, rep)
			if err != nil {
				return err
			}
			one := line{Path: path, Report: rep.ID, State: string(rep.State), Again: rep.Again, Findings: []finding{}}
			for _, x := range found {
				one.Findings = append(one.Findings, finding{x.Check, x.Level, x.Unit, x.Contest, x.Choice, x.Line, p.Say(x.Key, x.Args)})
			}
			lines = append(lines, one)
			if rep.State == results.Blocked {
				worst = exitBlocked
			} else if rep.Holds > 0 && worst == exitOK {
				worst = exitHeld
			}
		}
		if c.JSON {
			if err := t.json(lines); err != nil {
				return err
			}
		} else {
			for _, l := range lines {
				fmt.Fprintf(t.out, "%s: %s (report %s)\n", l.Path, l.State, l.Report)
				t.printFindings(l.Findings)
			}
		}
		if worst != exitOK {
			return exitStatus(worst)
		}
		return nil
	})
}

type resultsStatus struct {
	Election string `arg:"" optional:"" help:"Id of the election; all where none is given."`
	JSON     bool   `name:"json" help:"As JSON."`
}

func (c resultsStatus) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error { return c.show(ctx, t, h) })
}

func (c resultsStatus) show(ctx context.Context, t *terminal, h *House) error {
	list, err := h.Results.Standing(ctx, election.ID(c.Election))
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(list)
	}
	for _, n := range list {
		fmt.Fprintf(t.out, "%s  %s  %s  version %d (published %d)  %d/%d units  %d held\n",
			n.Election, n.Mode, n.Status, n.Version, n.Published, n.Reported, n.Expected, n.Held)
	}
	return nil
}

type resultsExport struct {
	JSON     bool   `name:"json" help:"Say what was written, and what the format could not carry, as JSON."`
	Election string `arg:"" help:"Id of the election."`
	To       string `required:"" enum:"nist-json,nist-xml,openelections,ncsbe,csv,xlsx" help:"nist-json, nist-xml, openelections, ncsbe, csv or xlsx."`
	Out      string `required:"" help:"Where to write; - for standard output." placeholder:"PATH"`
}

func (c resultsExport) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		in, err := h.Results.ExportInput(ctx, election.ID(c.Election))
		if err != nil {
			return err
		}
		list, err := h.Results.Standing(ctx, election.ID(c.Election))
		if err != nil {
			return err
		}
		if len(list) == 0 || list[0].Version == 0 {
			return fault.New(fault.NotFound, "nothing of %s has been approved yet, so there is nothing to export", c.Election)
		}
		if err := t.write(c.Out, func(w io.Writer) error { return writers[c.To](w, in) }); err != nil {
			return err
		}
		if err := h.Words.Add(export.Words); err != nil {
			return err
		}
		return t.written(c.Out, c.JSON, lostIn(h.Words.In("en"), c.To, in))
	})
}
