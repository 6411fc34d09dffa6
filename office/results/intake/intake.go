// SPDX-License-Identifier: Apache-2.0

// Package intake reads result files of any known format into statements: what
// each file says, in its own words, with the line that says it.
//
//	file -> sniff -> reader of the format -> tally.Statement
//
// It adds nothing and guesses nothing. Names stay as they are, a cell without
// a number stays "not reported", and whatever could not be used is a finding
// with its line. Only what is plain arithmetic is settled here: a row that is
// the sum of others, proven number by number, becomes a subtotal.
package intake

import (
	"bufio"
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"hustings/format/ess"
	"hustings/format/sheet"
	"hustings/format/sniff"
	"hustings/office/results/tally"
)

// Words are the sentences of the findings of intake and of tally.Resolve.
//
//go:embed words/*.json
var Words embed.FS

// Options say how a file is to be read where the file does not.
type Options struct {
	Mapping     *Mapping     // how to read a table, whatever its columns are called
	ESS         *ess.Layout  // the columns of a fixed-width file; nil: EL45
	County      string       // of files that name none
	State       string       // likewise, as a postal code
	OverBallots bool         // the source counts overvotes in ballots, not in votes
	Limits      sheet.Limits // zero: the defaults
}

// ErrUnmapped is the error for a table whose columns nobody has explained yet:
// it needs a Mapping, for which GuessMapping makes a proposal.
var ErrUnmapped = errors.New("nobody has said yet what the columns of this table are")

// Read finds out what a file is and reads it: one statement for each election
// of a report, and for each file of a zip archive. The error is one sentence
// for the person who sent the file; everything less is a finding.
func Read(name string, r io.Reader, o Options) ([]*tally.Statement, error) {
	br := bufio.NewReaderSize(r, sniff.HeadSize)
	head, _ := br.Peek(4) // an error here comes back from the reader below
	if sheet.IsZip(head) {
		return readPacked(name, br, o)
	}
	f, err := sniff.Open(name, br, o.Limits)
	if err != nil {
		return nil, err
	}
	return readOne(f, o)
}

// readPacked reads a workbook, or every file of an archive that holds results.
func readPacked(name string, r io.Reader, o Options) ([]*tally.Statement, error) {
	at, err := kept(name, r, o.Limits)
	if err != nil {
		return nil, err
	}
	z, err := sheet.OpenZip(name, at, o.Limits)
	if err != nil {
		return nil, err
	}
	if z.IsWorkbook() {
		if _, err := at.Seek(0, io.SeekStart); err != nil {
			return nil, fileError(name, err)
		}
		f, err := sniff.Open(name, at, o.Limits)
		if err != nil {
			return nil, err
		}
		return readOne(f, o)
	}
	var out []*tally.Statement
	var notes []string
	for _, entry := range z.Files() {
		if isNote(entry.Name) {
			notes = append(notes, sheet.Base(entry.Name))
			continue
		}
		inner, err := z.Open(entry)
		if err != nil {
			return nil, err
		}
		f, err := openInner(name+"/"+sheet.Base(entry.Name), inner, o)
		if err != nil {
			return nil, err
		}
		sts, err := readOne(f, o)
		if err != nil {
			return nil, err
		}
		out = append(out, sts...)
	}
	if len(out) == 0 {
		return nil, &sheet.Error{File: name, Say: "the archive holds no file of results"}
	}
	if len(notes) > 0 {
		out[0].Findings = append(out[0].Findings, tally.Finding{Check: "I01", Level: tally.Info, Key: "results.intake.notes_left_out",
			Args: map[string]string{"n": itoa(len(notes)), "names": strings.Join(notes, "; ")}})
	}
	return out, nil
}

// openInner finds out what a file of an archive is. A workbook may be one; an
// archive in an archive is how a small file grows without end.
func openInner(name string, r io.Reader, o Options) (*sniff.File, error) {
	br := bufio.NewReaderSize(r, sniff.HeadSize)
	head, _ := br.Peek(4) // an error here comes back from the reader below
	if !sheet.IsZip(head) {
		return sniff.Open(name, br, o.Limits)
	}
	z, err := sheet.OpenZip(name, br, o.Limits)
	if err != nil {
		return nil, err
	}
	if !z.IsWorkbook() {
		return nil, &sheet.Error{File: name, Say: "an archive inside an archive is not opened; unpack the outer one and send in what is inside"}
	}
	return sniff.Open(name, z.Whole(), o.Limits)
}

// isNote says that a file in an archive explains the others, by its name. Any
// other file that cannot be read stops the archive: it may be votes.
func isNote(name string) bool {
	base := strings.ToLower(sheet.Base(name))
	switch path.Ext(base) {
	case ".md", ".pdf", ".html", ".htm", ".doc", ".docx", ".rtf":
		return true
	}
	for _, w := range []string{"readme", "read me", "license", "licence", "layout"} {
		if strings.HasPrefix(base, w) {
			return true
		}
	}
	return false
}

// readOne reads a file whose kind is known.
func readOne(f *sniff.File, o Options) ([]*tally.Statement, error) {
	var sts []*tally.Statement
	var err error
	switch f.Kind {
	case sniff.NISTJSON, sniff.NISTXML, sniff.GoogleXML:
		sts, err = nist(f.Name, f, string(f.Kind), o)
	case sniff.ClarityXML:
		sts, err = single(clarityDetail(f.Name, f, o))
	case sniff.EnhancedJSON:
		sts, err = single(enhancedVoting(f.Name, f, o))
	case sniff.ESS:
		sts, err = single(fixedWidth(f.Name, f, o))
	case sniff.NCSBE, sniff.OpenElections, sniff.Hustings, sniff.CSV, sniff.TSV, sniff.XLSX:
		sts, err = single(readWhole(f, o))
	default:
		return nil, &sheet.Error{File: f.Name, Say: "this is " + f.Kind.String() + ", which holds no results"}
	}
	if err != nil {
		return nil, err
	}
	for _, st := range sts {
		st.OverBallots = o.OverBallots
		if st.State == "" {
			st.State = tally.StateCode(o.State)
		}
		for _, note := range f.Notes {
			st.Findings = append(st.Findings, tally.Finding{Check: "I01", Level: tally.Info, Key: "results.intake.table_problem",
				Args: map[string]string{"say": note, "field": "", "line": "0"}})
		}
	}
	return sts, nil
}

// readWhole reads a table and notices one that was cut off. A workbook, which
// is read by position, is whole or no workbook.
func readWhole(f *sniff.File, o Options) (*tally.Statement, error) {
	if _, packed := f.Reader.(io.ReaderAt); packed {
		return readTable(f, o)
	}
	end := &ending{Reader: f.Reader}
	f.Reader = end
	st, err := readTable(f, o)
	if err == nil {
		markCut(st, end)
	}
	return st, err
}

// readTable reads a table by the mapping of its source, else by the columns
// that everybody knows.
func readTable(f *sniff.File, o Options) (*tally.Statement, error) {
	switch {
	case o.Mapping != nil:
		return mapped(f.Name, f, o)
	case f.Kind == sniff.NCSBE:
		return northCarolina(f.Name, f, o)
	case f.Kind == sniff.OpenElections:
		return openElections(f.Name, f, o)
	case f.Kind == sniff.Hustings:
		return ownTable(f.Name, f, o)
	}
	return nil, fmt.Errorf("%s: %w; look at the columns and save a mapping for this source, then send it again", f.Name, ErrUnmapped)
}

func single(st *tally.Statement, err error) ([]*tally.Statement, error) {
	return []*tally.Statement{st}, err
}

// fileError says which file could not be read.
func fileError(name string, err error) error {
	var already *sheet.Error
	if errors.As(err, &already) {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

func itoa(n int) string { return strconv.Itoa(n) }

// kept holds an archive in memory so that it can be read by position, within
// the limit on its size.
func kept(name string, r io.Reader, lim sheet.Limits) (*bytes.Reader, error) {
	most := lim.OrDefault().Bytes
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fileError(name, err)
	}
	if int64(len(b)) > most {
		return nil, sheet.OverLimit(name, 0, "bytes", most, "the file is larger")
	}
	return bytes.NewReader(b), nil
}
