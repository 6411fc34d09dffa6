// SPDX-License-Identifier: Apache-2.0

// Package sniff finds out what kind of file somebody has uploaded, by what is
// in it. Names lie: a .csv may be a workbook, a .txt anything. What the name
// says otherwise is noted and never believed.
//
//	f, err := sniff.Open("night.csv", upload, sheet.Limits{})
//	switch f.Kind {
//	case sniff.OpenElections:
//		openelections.Read(f.Name, f, limits)
//	…
//
// A zip archive is opened if it holds one of these files, within the limits on
// size, ratio and number, and never an archive inside an archive.
package sniff

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"hustings/format/sheet"
)

// Kind is what a file turned out to be.
type Kind string

// The kinds of file that are told apart.
const (
	Unknown       Kind = "unknown"
	NISTJSON      Kind = "nist-json"      // NIST SP 1500-100 election results, JSON
	NISTXML       Kind = "nist-xml"       // NIST SP 1500-100 election results, XML
	GoogleXML     Kind = "google-cdf-xml" // Google's dialect of it
	VIPXML        Kind = "vip-xml"        // Voting Information Project
	ClarityXML    Kind = "clarity-xml"    // Clarity detail XML
	EnhancedJSON  Kind = "enhanced-json"  // Enhanced Voting JSON
	NCSBE         Kind = "ncsbe"          // North Carolina precinct results
	OpenElections Kind = "openelections"  // the columns of OpenElections
	Hustings      Kind = "hustings"       // the tables that Hustings itself writes
	ESS           Kind = "ess"            // fixed-width ES&S export, EL45
	GeoJSON       Kind = "geojson"
	TopoJSON      Kind = "topojson"
	CSV           Kind = "csv"  // another table in text, whatever separates its cells
	TSV           Kind = "tsv"  // another table in text, separated by tabs
	XLSX          Kind = "xlsx" // another table in a workbook
	Zip           Kind = "zip"  // an archive; Open looks inside
)

var described = map[Kind]string{
	Unknown: "an unknown file", NISTJSON: "NIST election results (JSON)", NISTXML: "NIST election results (XML)",
	GoogleXML: "Google's Civics Common Data Format (XML)", VIPXML: "a Voting Information Project feed (XML)",
	ClarityXML: "Clarity detail XML", EnhancedJSON: "Enhanced Voting JSON", NCSBE: "North Carolina precinct results",
	OpenElections: "results in OpenElections columns", Hustings: "a table of results as Hustings writes it", ESS: "a fixed-width ES&S export", GeoJSON: "GeoJSON", TopoJSON: "TopoJSON",
	CSV: "a table (CSV)", TSV: "a table (TSV)", XLSX: "an Excel workbook", Zip: "a zip archive",
}

// String describes the kind for a person.
func (k Kind) String() string { return described[k] }

// HeadSize is how much of a file is looked at.
const HeadSize = 64 << 10

// Detect tells the kind of a file from its name and its first bytes, at best
// HeadSize of them. It does not look into archives: a workbook is XLSX and any
// other archive Zip.
func Detect(name string, head []byte) Kind {
	kind, _ := look(name, head)
	return kind
}

// File is an uploaded file whose kind is known. Reading it gives the content,
// unpacked if it came in an archive, from its first byte.
type File struct {
	io.Reader
	Name  string   // the name it came with, with the name inside the archive
	Kind  Kind     // never Unknown or Zip
	Notes []string // what is worth knowing, such as a name that says otherwise

	close io.Closer
}

// Close closes what OpenFile opened. For Open it does nothing; the reader
// belongs to the caller.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close.Close()
}

// OpenFile opens a file on disk.
func OpenFile(name string, lim sheet.Limits) (*File, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	f, err := Open(path.Base(name), in, lim)
	if err != nil {
		in.Close()
		return nil, err
	}
	f.close = in
	return f, nil
}

// Open finds out what r is. The error for a file of no known kind says what was
// looked for and what the file seems to be.
func Open(name string, r io.Reader, lim sheet.Limits) (*File, error) {
	lim = lim.OrDefault()
	br := bufio.NewReaderSize(r, HeadSize)
	head, err := br.Peek(HeadSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &sheet.Error{File: name, Say: "the file could not be read", Err: err}
	}
	if sheet.IsZip(head) {
		return openArchive(name, r, br, lim)
	}
	return identify(name, head, br)
}

// identify names the kind of a file that is no archive.
func identify(name string, head []byte, r io.Reader) (*File, error) {
	kind, seems := look(name, head)
	if kind == Unknown {
		return nil, &sheet.Error{File: name, Say: seems + lookedFor}
	}
	f := &File{Reader: r, Name: name, Kind: kind}
	if note := lies(name, kind); note != "" {
		f.Notes = append(f.Notes, note)
	}
	return f, nil
}

// lookedFor ends the sentence about a file that is of no known kind.
const lookedFor = "; looked for: NIST results (JSON, XML), Google's dialect of them, VIP, Clarity detail XML, Enhanced Voting JSON, " +
	"North Carolina results, OpenElections columns, ES&S fixed width, GeoJSON, TopoJSON, and tables in CSV, TSV or Excel (.xlsx), each also in a zip archive"

// openArchive looks into a workbook or a zip archive. A file that can be read
// by position is not copied into memory.
func openArchive(name string, r io.Reader, br *bufio.Reader, lim sheet.Limits) (*File, error) {
	var src io.Reader = br
	if _, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	}); ok {
		src = r
	}
	z, err := sheet.OpenZip(name, src, lim)
	if err != nil {
		return nil, err
	}
	if !z.IsWorkbook() {
		return openZipped(name, z)
	}
	kind, err := workbookKind(name, z.Whole(), lim)
	if err != nil {
		return nil, err
	}
	f := &File{Reader: z.Whole(), Name: name, Kind: kind}
	if note := lies(name, XLSX); note != "" {
		f.Notes = append(f.Notes, note)
	}
	return f, nil
}

// workbookKind tells what the first sheet of a workbook holds.
func workbookKind(name string, r io.Reader, lim sheet.Limits) (Kind, error) {
	t, err := sheet.Open(name, r, lim)
	if err != nil {
		return Unknown, err
	}
	return tableKind(t), nil
}

// openZipped finds the one file in an archive that is of a known kind.
func openZipped(name string, z *sheet.Zip) (*File, error) {
	var found *File
	var passed []string
	for _, entry := range z.Files() {
		base := sheet.Base(entry.Name)
		f, err := openEntry(name+"/"+base, z, entry)
		if err != nil {
			return nil, err
		}
		switch {
		case f == nil:
			passed = append(passed, base)
		case found != nil:
			return nil, &sheet.Error{File: name, Say: fmt.Sprintf("the archive holds several files that could be meant (%s, %s); upload the one to be read", sheet.Base(found.Name), base)}
		default:
			found = f
		}
	}
	if found == nil {
		return nil, &sheet.Error{File: name, Say: "the archive holds no file of a known kind" + inParentheses(passed) + lookedFor}
	}
	if len(passed) > 0 {
		found.Notes = append(found.Notes, "the archive also holds "+strings.Join(passed[:min(len(passed), 5)], ", ")+", which was left out")
	}
	return found, nil
}

func inParentheses(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names[:min(len(names), 5)], ", ") + ")"
}

// openEntry looks at one file of an archive; nil if it is of no known kind.
func openEntry(name string, z *sheet.Zip, entry *zip.File) (*File, error) {
	r, err := z.Open(entry)
	if err != nil {
		return nil, err
	}
	br := bufio.NewReaderSize(r, HeadSize)
	head, err := br.Peek(HeadSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if sheet.IsZip(head) {
		return nil, &sheet.Error{File: name, Say: "an archive or workbook inside an archive is not opened; unpack the outer one first"}
	}
	if kind, _ := look(name, head); kind == Unknown || readme(name, kind) {
		return nil, nil
	}
	return identify(name, head, br)
}

// readme recognises the text file that explains the others: it may look like a
// table with one column.
func readme(name string, kind Kind) bool {
	base := strings.ToLower(path.Base(name))
	return (kind == CSV || kind == TSV) && (strings.Contains(base, "readme") || strings.Contains(base, "license") || strings.Contains(base, "layout"))
}

// extensions are the endings that fit each kind.
var extensions = map[Kind][]string{
	NISTJSON: {".json"}, EnhancedJSON: {".json"}, GeoJSON: {".geojson", ".json"}, TopoJSON: {".topojson", ".json"},
	NISTXML: {".xml"}, GoogleXML: {".xml"}, VIPXML: {".xml"}, ClarityXML: {".xml"},
	NCSBE: {".txt", ".tsv", ".tab", ".csv"}, OpenElections: {".csv", ".tsv", ".txt", ".tab"}, Hustings: {".csv", ".xlsx"}, ESS: {".txt", ".asc", ".dat", ".prn"},
	CSV: {".csv", ".txt", ".psv"}, TSV: {".tsv", ".tab", ".txt", ".csv"}, XLSX: {".xlsx", ".xlsm"},
}

// known are the endings that say something; others cannot lie.
var known = []string{".json", ".geojson", ".topojson", ".xml", ".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".xls", ".zip", ".pdf", ".html"}

// lies says that the name of a file promises something else, or nothing.
func lies(name string, kind Kind) string {
	ext := strings.ToLower(path.Ext(name))
	promises := false
	for _, k := range known {
		promises = promises || ext == k
	}
	for _, fits := range extensions[kind] {
		promises = promises && ext != fits
	}
	if !promises {
		return ""
	}
	return fmt.Sprintf("the name ends in %s but the file is %s; it was read as what it is", ext, kind)
}
