// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/words"
	"hustings/office/definition/convert"
)

type definitionCmd struct {
	Import  definitionImport  `cmd:"" help:"Import a file as the draft of an election."`
	Export  definitionExport  `cmd:"" help:"Write an election's definition in another format."`
	Show    definitionShow    `cmd:"" help:"List the elections, or one with its contests."`
	Lock    definitionLock    `cmd:"" help:"Lock the draft of an election."`
	Check   definitionCheck   `cmd:"" help:"Check definition files alone: no database, no server."`
	Convert definitionConvert `cmd:"" help:"Convert a definition file: no database, no server."`
	Derive  definitionDerive  `cmd:"" help:"Make a definition from result files, for want of a better one."`
}

// exportFormats are the names of the formats that definitions are written in.
func exportFormats() string {
	var names []string
	for _, f := range convert.Formats {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// formatNamed finds a format by its name or, as people will, by the ending of
// its files: xlsx is the spreadsheet.
func formatNamed(name string) (convert.Format, error) {
	if f, ok := convert.FormatNamed(name); ok {
		return f, nil
	}
	for _, f := range convert.Formats {
		if f.Ext == "."+name {
			return f, nil
		}
	}
	return convert.Format{}, fault.New(fault.Invalid, "there is no format %q; choose from %s", name, exportFormats())
}

// readDefinitions reads files one onto another: the first names the election,
// the others add to it.
func readDefinitions(paths []string) (def *election.Definition, problems []convert.Problem, err error) {
	for _, p := range paths {
		body, err := readWhole(p)
		if err != nil {
			return nil, nil, err
		}
		res, err := convert.Read(filepath.Base(p), body, def)
		if err != nil {
			return nil, nil, naming(p, err)
		}
		def, problems = res.Def, append(problems, res.Problems...)
	}
	return def, append(problems, convert.Check(def)...), nil
}

type definitionCheck struct {
	Files []string `arg:"" name:"file" help:"The definition, then files that add to it (boundaries, places)."`
	JSON  bool     `name:"json" help:"As JSON."`
}

func (c definitionCheck) Run(_ context.Context, t *terminal) error {
	defer t.lean()()
	def, problems, err := readDefinitions(c.Files)
	if err != nil {
		return err
	}
	catalog, err := words.New()
	if err != nil {
		return err
	}
	if err := catalog.Add(convert.Words); err != nil {
		return err
	}
	type row struct {
		Level   convert.Level `json:"level"`
		Line    int           `json:"line,omitempty"`
		Where   string        `json:"where,omitempty"`
		Message string        `json:"message"`
	}
	answer := struct {
		Election  election.ID `json:"election"`
		Hash      string      `json:"hash"`
		Contests  int         `json:"contests"`
		Units     int         `json:"units"`
		Districts int         `json:"districts"`
		Styles    int         `json:"styles"`
		Places    int         `json:"places"`
		Shapes    int         `json:"shapes"`
		Problems  []row       `json:"problems"`
	}{def.Election.ID, def.Hash(), len(def.Contests), len(def.Units), len(def.Districts), len(def.Styles), len(def.Places), len(def.Shapes), []row{}}
	for _, p := range problems {
		answer.Problems = append(answer.Problems, row{p.Level, p.Line, p.Where, catalog.In("en").Say(p.Key, p.Args)})
	}
	if c.JSON {
		err = t.json(answer)
	} else {
		fmt.Fprintf(t.out, "%s %s\n%d contests, %d units, %d districts, %d ballot styles, %d places, %d boundaries\n", answer.Election, answer.Hash,
			answer.Contests, answer.Units, answer.Districts, answer.Styles, answer.Places, answer.Shapes)
		for _, p := range answer.Problems {
			fmt.Fprintf(t.out, "%-5s line %d  %s\n", p.Level, p.Line, p.Message)
		}
	}
	if err == nil && len(convert.Errors(problems)) > 0 {
		return exitStatus(exitBlocked)
	}
	return err
}

type definitionConvert struct {
	JSON bool     `name:"json" help:"Say what was written, and what the format could not carry, as JSON."`
	In   []string `arg:"" name:"in" help:"The definition, then files that add to it."`
	To   string   `required:"" help:"nist-xml, nist-json, vip60, vip52, vip-csv, geojson, spreadsheet or hustings-json."`
	Out  string   `required:"" help:"Where to write; - for standard output." placeholder:"PATH"`
}

func (c definitionConvert) Run(_ context.Context, t *terminal) error {
	defer t.lean()()
	f, err := formatNamed(c.To)
	if err != nil {
		return err
	}
	def, _, err := readDefinitions(c.In)
	if err != nil {
		return err
	}
	return t.writeDefinition(c.Out, c.JSON, f, def)
}

// writeDefinition writes a definition, and tells what the format could not
// carry and what must be put right before it can be locked, as `definition
// check` would.
func (t *terminal) writeDefinition(path string, asJSON bool, f convert.Format, def *election.Definition) error {
	catalog, err := words.New()
	if err == nil {
		err = catalog.Add(convert.Words)
	}
	if err == nil {
		err = t.write(path, func(w io.Writer) error { return f.Write(w, def) })
	}
	if err != nil {
		return err
	}
	p, lost := catalog.In("en"), []string{}
	for _, l := range convert.Lost(f.Name, def) {
		lost = append(lost, p.Say(l.Key, l.Args))
	}
	for _, x := range convert.Errors(convert.Check(def)) {
		fmt.Fprintf(t.err, "%s cannot be locked yet: %s\n", path, p.Say(x.Key, x.Args))
	}
	return t.written(path, asJSON, lost)
}

type definitionDerive struct {
	JSON    bool     `name:"json" help:"Say what was written, and what the format could not carry, as JSON."`
	In      []string `arg:"" name:"in" help:"Result files in any known format."`
	To      string   `default:"hustings-json" help:"nist-xml, nist-json, vip60, vip52, vip-csv, geojson, spreadsheet or hustings-json."`
	Out     string   `required:"" help:"Where to write; - for standard output." placeholder:"PATH"`
	Mapping string   `help:"What the columns of tables are, where their names do not tell (JSON or TOML, see 'results mapping')." placeholder:"FILE"`
}

func (c definitionDerive) Run(_ context.Context, t *terminal) error {
	defer t.lean()()
	f, err := formatNamed(c.To)
	if err != nil {
		return err
	}
	files, err := t.readFiles(reading{files: c.In, mapping: c.Mapping})
	if err != nil {
		return err
	}
	return t.writeDefinition(c.Out, c.JSON, f, files.def)
}

type definitionImport struct {
	Files []string `arg:"" name:"file" help:"The definition, then files that add to it."`
	Into  string   `help:"Id of an election that the files add to."`
	Lock  bool     `help:"Lock it at once."`
	Why   string   `help:"Why it takes the place of a locked version."`
}

func (c definitionImport) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		into := election.ID(c.Into)
		for _, p := range c.Files {
			body, err := readWhole(p)
			if err != nil {
				return err
			}
			pre, err := h.Definition.Preview(ctx, into, filepath.Base(p), body)
			if err != nil {
				return err
			}
			for _, x := range pre.Problems {
				if x.Level == convert.Block {
					fmt.Fprintf(t.err, "%s line %d: %s\n", p, x.Line, h.Words.In("en").Say(x.Key, x.Args))
				}
			}
			v, err := h.Definition.SaveDraft(ctx, pre.Def, filepath.Base(p))
			if err != nil {
				return err
			}
			into = v.Election
			fmt.Fprintf(t.out, "draft %d of %s: %d changes, %s\n", v.Number, v.Election, len(pre.Changes), v.Hash)
		}
		if c.Lock {
			return lockDraft(ctx, h, into, c.Why)
		}
		return nil
	})
}

func lockDraft(ctx context.Context, h *House, e election.ID, why string) error {
	all, err := h.Definition.Versions(ctx, e)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fault.New(fault.NotFound, "there is no election %q", e)
	}
	return h.Definition.Lock(ctx, e, all[0].Hash, why)
}

type definitionLock struct {
	Election string `arg:"" help:"Id of the election."`
	Why      string `help:"Why it takes the place of a locked version."`
}

func (c definitionLock) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error { return lockDraft(ctx, h, election.ID(c.Election), c.Why) })
}

type definitionExport struct {
	JSON     bool   `name:"json" help:"Say what was written, and what the format could not carry, as JSON."`
	Election string `arg:"" help:"Id of the election."`
	To       string `required:"" help:"nist-xml, nist-json, vip60, vip52, vip-csv, geojson, spreadsheet or hustings-json."`
	Out      string `required:"" help:"Where to write; - for standard output." placeholder:"PATH"`
}

func (c definitionExport) Run(ctx context.Context, t *terminal) error {
	f, err := formatNamed(c.To)
	if err != nil {
		return err
	}
	return t.within(ctx, func(ctx context.Context, h *House) error {
		def, err := h.Definition.Newest(ctx, election.ID(c.Election))
		if err != nil {
			return err
		}
		return t.writeDefinition(c.Out, c.JSON, f, def)
	})
}

type definitionShow struct {
	Election string `arg:"" optional:"" help:"Id of the election; all where none is given."`
	JSON     bool   `name:"json" help:"As JSON."`
}

func (c definitionShow) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		if c.Election != "" {
			def, err := h.Definition.Newest(ctx, election.ID(c.Election))
			if err != nil {
				return err
			}
			if c.JSON {
				return t.json(def)
			}
			fmt.Fprintf(t.out, "%s  %s  %s\n", def.Election.ID, def.Election.End, def.Election.Name)
			for _, con := range def.Contests {
				var names []string
				for _, ch := range con.Choices {
					names = append(names, ch.Name.String())
				}
				fmt.Fprintf(t.out, "  %-40s %s\n", con.Name, strings.Join(names, ", "))
			}
			return nil
		}
		all, err := h.Definition.Versions(ctx, "")
		if err != nil {
			return err
		}
		slices.Reverse(all)
		if c.JSON {
			return t.json(all)
		}
		for _, v := range all {
			fmt.Fprintf(t.out, "%-28s %s  %d %-10s %s\n", v.Election, v.Day, v.Number, v.State, v.Hash)
		}
		return nil
	})
}
