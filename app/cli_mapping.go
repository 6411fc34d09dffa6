// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/office/results/intake"
)

// readMapping reads what the columns of tables are, as JSON or TOML.
func readMapping(path string) (*intake.Mapping, error) {
	body, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) || strings.EqualFold(filepath.Ext(path), ".toml") {
		if body, err = jsonOfTOML(body); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "%s is no mapping: %s", path, err)
		}
	}
	m := &intake.Mapping{}
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	err = strict.Decode(m)
	if err == nil {
		err = m.Check()
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s is no mapping: %s", path, strings.TrimPrefix(err.Error(), "json: "))
	}
	return m, nil
}

// jsonOfTOML lets one reader, with one list of names, read both.
func jsonOfTOML(body []byte) ([]byte, error) {
	var any map[string]any
	if _, err := toml.Decode(string(body), &any); err != nil {
		return nil, err
	}
	return json.Marshal(any)
}

type resultsMapping struct {
	File  string `arg:"" name:"file" help:"A table (CSV or Excel)."`
	Sheet string `help:"Sheet of the workbook; the first one where none is given." placeholder:"NAME"`
	Out   string `default:"-" help:"Where to write; - for standard output." placeholder:"PATH"`
}

// sampleRows is how many rows a proposal looks at.
const sampleRows = 50

func (c resultsMapping) Run(_ context.Context, t *terminal) error {
	r, err := openFile(c.File)
	if err != nil {
		return err
	}
	defer r.Close()
	var how []sheet.Choice
	if c.Sheet != "" {
		how = append(how, sheet.PickSheet(c.Sheet))
	}
	table, err := sheet.Open(c.File, r, sheet.Limits{}, how...)
	if err != nil {
		return naming(c.File, err)
	}
	var sample [][]string
	for row, err := range table.Rows() {
		if err != nil {
			return naming(c.File, err)
		}
		cells := make([]string, len(table.Header))
		for i := range cells {
			cells[i] = row.Cell(i)
		}
		if sample = append(sample, cells); len(sample) == sampleRows {
			break
		}
	}
	m := intake.GuessMapping(table.Titles, sample)
	m.Sheet = c.Sheet
	err = t.write(c.Out, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(m)
	})
	if err != nil {
		return err
	}
	if lacks := m.Check(); lacks != nil {
		return fault.Wrap(fault.Invalid, errors.Unwrap(lacks), "%s: %s; complete it by hand", c.File, lacks)
	}
	return nil
}
