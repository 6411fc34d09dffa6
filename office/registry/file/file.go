// SPDX-License-Identifier: Apache-2.0

// Package file reads the files that rolls and registrations come in, and writes
// them: Voter Records Interchange (NIST SP 1500-102) in JSON and XML, the voter
// file of North Carolina, and tables in CSV and Excel whose headers tell what
// they hold. It is pure: no database, no clock.
//
//	src, err := file.Read("roll.txt", in, file.Options{}, func(r *file.Record) error {
//		… r.Voter …
//		return nil
//	})
//	for _, t := range src.Troubles { … t.Line, t.Field, t.What, t.Remedy … }
//
// What kind of file it is, is told by its content. Every line that cannot be
// used is told with its line, its field and what to do, and never with a private
// value. Writing says what the kind of file cannot carry; voters of a programme
// of address confidentiality are left out unless that is asked for.
package file

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"

	"hustings/format/ncsbe"
	"hustings/format/sheet"
	"hustings/format/vri"
	"hustings/office/registry/roll"
)

// Kind is a kind of file.
type Kind string

// The kinds of files.
const (
	VRIJSON Kind = "vri-json"
	VRIXML  Kind = "vri-xml"
	NC      Kind = "nc"
	CSV     Kind = "csv"
	XLSX    Kind = "xlsx"
)

// Kinds lists the kinds that can be written.
func Kinds() []Kind { return []Kind{VRIJSON, VRIXML, NC, CSV, XLSX} }

// Limits lets the roll of a large state pass. A single cell may be large enough
// to be told of and left aside, rather than end the reading.
var Limits = sheet.Limits{Bytes: 64 << 30, Unpacked: 64 << 30, Rows: 300_000_000, Cell: 16 << 20, Line: 32 << 20, Problems: 10_000}

// longest is how much a cell may hold that is used. What is longer is told of.
const longest = 4096

// Options say how to read.
type Options struct {
	Limits  sheet.Limits // Limits of this package where it is zero
	Columns map[string]Column
}

// Record is a voter as a line or a message of a file has them.
type Record struct {
	Line        int
	Voter       roll.Voter
	Asks        []string                 // what a request asks for: registration, ballot-request, lookup, other
	Transaction string                   // the number of the request
	Request     *vri.VoterRecordsRequest // what it was read from, where that was a request
}

// Trouble is something that could not be used.
type Trouble struct {
	Line   int    `json:"line,omitempty"` // 0 where it concerns the whole file
	Field  string `json:"field,omitempty"`
	What   string `json:"what"`
	Remedy string `json:"remedy,omitempty"` // what was done about it, or can be
}

// String gives the trouble as one line for a person.
func (t Trouble) String() string {
	p := sheet.Problem{Line: t.Line, Field: t.Field, Say: t.What}
	if t.Remedy != "" {
		p.Say += "; " + t.Remedy
	}
	return p.String()
}

// Use says what a column was taken for.
type Use struct {
	Header string `json:"header"`
	As     Column `json:"as"`
}

// Source is what is known of a file that was read.
type Source struct {
	Name     string
	Kind     Kind
	Encoding string
	Used     []Use          // of tables: the columns that were recognised
	Ignored  []string       // the others
	Dropped  map[string]int // what the roll has no place for, and how often it was there
	Records  int
	LeftOut  int // lines, records and messages that could not be used
	Troubles []Trouble
	More     int // troubles that were counted and not kept
}

func (s *Source) drop(what string, n int) {
	if n > 0 {
		s.Dropped[what] += n
	}
}

// take takes over what a reader of a format has met.
func (s *Source) take(p sheet.Problems) {
	for _, x := range p.List {
		what, remedy, _ := strings.Cut(x.Say, "; ")
		s.Troubles = append(s.Troubles, Trouble{Line: x.Line, Field: x.Field, What: what, Remedy: remedy})
	}
	s.More += p.More
	slices.SortStableFunc(s.Troubles, func(a, b Trouble) int { return a.Line - b.Line })
}

// Read reads a file of any known kind, record by record. A record is only there
// until the next; an error of do ends the reading and comes back as it is. What
// is known of the file comes back also when it could not be read to its end.
func Read(name string, in io.Reader, o Options, do func(*Record) error) (*Source, error) {
	if o.Limits == (sheet.Limits{}) {
		o.Limits = Limits
	}
	src := &Source{Name: name, Dropped: map[string]int{}}
	in, name, err := unpack(name, in, o.Limits)
	if err != nil {
		return src, err
	}
	buf := bufio.NewReaderSize(in, 256<<10)
	head, err := buf.Peek(64 << 10)
	if len(head) == 0 && err != nil {
		return src, &sheet.Error{File: name, Say: "the file is empty or cannot be read; ask for it again", Err: notEOF(err)}
	}
	rd := &reader{Source: src, do: do, lim: o.Limits, columns: o.Columns}
	switch {
	case vri.Looks(head):
		err = rd.vri(name, buf)
	case ncsbe.IsVoterHeader(header(head)):
		err = rd.nc(name, buf)
	default:
		err = rd.table(name, buf)
	}
	return src, err
}

func notEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// reader hands records over.
type reader struct {
	*Source
	lim     sheet.Limits
	columns map[string]Column
	do      func(*Record) error
	record  Record
}

// unpack opens a file that is packed with gzip or in a zip archive.
func unpack(name string, in io.Reader, lim sheet.Limits) (io.Reader, string, error) {
	buf := bufio.NewReaderSize(in, 64<<10)
	if head, _ := buf.Peek(2); bytes.Equal(head, []byte{0x1F, 0x8B}) {
		z, err := gzip.NewReader(buf)
		if err != nil {
			return nil, name, &sheet.Error{File: name, Say: "the file is packed with gzip and damaged; ask for it again", Err: err}
		}
		return z, strings.TrimSuffix(name, ".gz"), nil
	}
	if head, _ := buf.Peek(4); sheet.IsZip(head) {
		return sheet.Unwrap(name, buf, lim)
	}
	return buf, name, nil
}

// header is the header of a text table that begins like this; nil for another
// kind of file.
func header(head []byte) []string {
	if sheet.IsZip(head) {
		return nil
	}
	if i := bytes.IndexByte(head, '\n'); i > 0 {
		head = head[:i+1]
	}
	t, err := sheet.Open("head", bytes.NewReader(head), sheet.Limits{})
	if err != nil {
		return nil
	}
	return t.Header
}
