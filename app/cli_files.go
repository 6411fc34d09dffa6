// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/kit/words"
	"hustings/office/definition/convert"
	"hustings/office/results"
	"hustings/office/results/check"
	"hustings/office/results/export"
	"hustings/office/results/intake"
	"hustings/office/results/site"
	"hustings/office/results/tally"
)

// files is what the commands on files alone work with.
type files struct {
	def     *election.Definition
	given   bool // the definition was given, not derived from the files
	index   *tally.Index
	sts     []*tally.Statement
	sheets  []*tally.Sheet
	found   [][]tally.Finding // by statement: of reading and resolving
	printer *words.Printer
	catalog *words.Catalog
}

// reading says which files to read, and with what.
type reading struct {
	files      []string
	definition string // file; empty: derived from the files
	geo        string // file of boundaries; empty: none
	mapping    string // file that says what the columns of tables are; empty: none
}

// readFiles reads result files against a definition, or against one derived
// from them.
func (t *terminal) readFiles(what reading) (*files, error) {
	var o intake.Options
	var err error
	if what.mapping != "" {
		if o.Mapping, err = readMapping(what.mapping); err != nil {
			return nil, err
		}
	}
	cfg := Defaults()
	f := &files{given: what.definition != ""}
	catalog, err := words.New(cfg.Languages...)
	if err != nil {
		return nil, err
	}
	for _, w := range []fs.FS{results.Sentences, check.Words, intake.Words, export.Words, site.Words, convert.Words} {
		if err := catalog.Add(w); err != nil {
			return nil, err
		}
	}
	f.catalog, f.printer = catalog, catalog.In("en")
	step := t.progress("reading")
	for i, p := range what.files {
		sts, err := readStatements(p, o)
		if err != nil {
			return nil, err
		}
		f.sts = append(f.sts, sts...)
		step(i+1, len(what.files))
	}
	var aliases tally.Aliases
	var derived []tally.Finding
	if what.definition != "" {
		if f.def, err = readDefinition(what.definition, nil); err != nil {
			return nil, err
		}
	} else {
		d := tally.Derive(f.sts, tally.Deriving{})
		f.def, aliases, derived = d.Definition, d.Aliases, d.Findings
	}
	if what.geo != "" {
		if f.def, err = readDefinition(what.geo, f.def); err != nil {
			return nil, err
		}
	}
	f.index = tally.NewIndex(f.def)
	for i, st := range f.sts {
		sheet, unknown := tally.Resolve(st, f.index, aliases)
		sheet.Source = fmt.Sprintf("file %d", i+1) // each file alone is a source of its own
		found := append(append([]tally.Finding{}, st.Findings...), unknown...)
		if i == 0 {
			found = append(found, derived...)
		}
		f.sheets, f.found = append(f.sheets, sheet), append(f.found, found)
	}
	return f, nil
}

func readStatements(path string, o intake.Options) ([]*tally.Statement, error) {
	r, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	sts, err := intake.Read(path, r, o)
	if errors.Is(err, intake.ErrUnmapped) {
		return nil, fault.Wrap(fault.Invalid, err, "%s is a table of no known columns; write down what they are with `hustings results mapping %s --out FILE`, look it over, and give it as --mapping FILE", path, path)
	}
	if err != nil {
		return nil, naming(path, err)
	}
	return sts, nil
}

// readDefinition reads a definition file, onto a base where there is one.
func readDefinition(path string, base *election.Definition) (*election.Definition, error) {
	body, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	res, err := convert.Read(filepath.Base(path), body, base)
	if err != nil {
		return nil, naming(path, err)
	}
	return res.Def, nil
}

// naming puts the file in front of a sentence that does not name it.
func naming(path string, err error) error {
	if strings.Contains(err.Error(), filepath.Base(path)) {
		return fault.Wrap(fault.Invalid, err, "%s", err)
	}
	return fault.Wrap(fault.Invalid, err, "%s: %s", path, err)
}

// openFile opens a file that somebody has named. One that is larger than any
// import may be is not begun with.
func openFile(path string) (*os.File, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, unread(path, err)
	}
	info, err := r.Stat()
	switch most := sheet.DefaultLimits.Bytes; {
	case err != nil:
		err = unread(path, err)
	case info.IsDir():
		err = fault.New(fault.Invalid, "%s is a folder; name the files in it", path)
	case info.Size() > most:
		err = fault.New(fault.TooLarge, "%s cannot be read: the file has %d MiB, and the most is %d MiB; split it", path, info.Size()>>20, most>>20)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// readWhole reads a definition or boundaries; they are needed at once.
func readWhole(path string) ([]byte, error) {
	r, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var body bytes.Buffer
	if info, err := r.Stat(); err == nil {
		body.Grow(int(info.Size()) + bytes.MinRead) // at once, not doubling; a pipe has no size
	}
	if _, err := body.ReadFrom(io.LimitReader(r, sheet.DefaultLimits.Bytes)); err != nil {
		return nil, unread(path, err)
	}
	return body.Bytes(), nil
}

// unread says which file cannot be read, and why.
func unread(path string, err error) error {
	return fault.Wrap(fault.Invalid, err, "%s cannot be read: %s", path, reason(err))
}

func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// lean keeps the memory of a command on files near what it works with: beyond
// half a gigabyte the collector runs more often rather than letting as much
// again pile up. GOMEMLIMIT says otherwise.
func (t *terminal) lean() (undo func()) {
	for _, kv := range t.environ {
		if strings.HasPrefix(kv, "GOMEMLIMIT=") {
			return func() {}
		}
	}
	before := debug.SetMemoryLimit(512 << 20)
	return func() { debug.SetMemoryLimit(before) }
}

// written says what a file that was written could not carry: as lines for a
// person, or as JSON. It goes where the file itself does not.
func (t *terminal) written(path string, asJSON bool, lost []string) error {
	if asJSON {
		out := t.out
		if path == "-" {
			out = t.err
		}
		return json.NewEncoder(out).Encode(map[string]any{"out": path, "lost": lost})
	}
	for _, say := range lost {
		fmt.Fprintf(t.err, "%s: %s\n", path, say)
	}
	return nil
}
