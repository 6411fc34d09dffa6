// SPDX-License-Identifier: Apache-2.0

// Package nisterr reads, checks and writes election results reports in the
// common data format of NIST SP 1500-100 version 2, in both of its spellings,
// JSON and XML. It also reads two older relatives into the same structs:
// version 1 (XML), and the feed that Google's civics team takes in.
//
//	Read       bytes -> report, and what could not be used, with line numbers
//	Check      report -> what does not hang together
//	WriteJSON  report -> JSON, valid against the official schema, or nothing
//	WriteXML   report -> XML, likewise
//
// Lenient in, strict out. Reading fails only when a file cannot be read at
// all; everything else is a Problem beside a report that holds what could be
// used. Nothing is repaired in silence: a count that is not a number stays
// absent, a code that is not on its list stays as it was written. Writing
// refuses a report that the schema would refuse, and says why.
//
// The structs follow the standard name by name; types.go says how. The whole
// grammar is in their tags, and a test compares it with the official schemas.
package nisterr

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Dialect says in whose words a file was written.
type Dialect string

// The dialects that Read understands. Only version 2 exists as JSON.
const (
	NISTv2 Dialect = "nist-v2"
	NISTv1 Dialect = "nist-v1"
	Google Dialect = "google"
)

// Limits bound what one file may cost. A zero field stands for its default.
type Limits struct {
	Bytes    int64 // size of the file; 256 MiB
	Memory   int64 // what its content may take up once read; 1 GiB
	Depth    int   // elements inside elements; 64
	Problems int   // problems listed one by one; 1000
}

// filled puts in the defaults.
func (l Limits) filled() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 256 << 20
	}
	if l.Memory <= 0 {
		l.Memory = 1 << 30
	}
	if l.Depth <= 0 {
		l.Depth = 64
	}
	if l.Problems <= 0 {
		l.Problems = 1000
	}
	return l
}

// Rule names what a problem breaks, for programs that sort problems.
type Rule string

// The rules.
const (
	RuleUnknown        Rule = "unknown"         // not in the standard; left aside
	RuleRepeated       Rule = "repeated"        // given twice; the first one counts
	RuleDialect        Rule = "dialect"         // a name from another version
	RuleEncoding       Rule = "encoding"        // bytes that are not what they claim to be
	RuleValue          Rule = "value"           // cannot be read, so it is absent
	RuleMissing        Rule = "missing"         // the standard asks for it
	RuleCode           Rule = "code"            // not on the closed list
	RuleFormat         Rule = "format"          // a date, time, address or id of the wrong form
	RuleMisplaced      Rule = "misplaced"       // this class has no such field
	RuleNegative       Rule = "negative"        // a count below zero
	RuleFraction       Rule = "fraction"        // a count that is not whole
	RuleDuplicateID    Rule = "duplicate-id"    // two elements with one id
	RuleDangling       Rule = "dangling"        // points to nothing
	RuleWrongClass     Rule = "wrong-class"     // points to the wrong sort of thing
	RuleUnused         Rule = "unused"          // nothing points to it
	RuleCycle          Rule = "cycle"           // a unit that contains itself
	RuleDuplicateCount Rule = "duplicate-count" // the same thing counted twice
	RuleMore           Rule = "more"            // how many problems are not listed
)

// Problem is one thing that is wrong with a report, and where.
type Problem struct {
	Line    int    // where the value stands, or else where its element starts; 0 without a file
	Element string // class, such as VoteCounts
	ID      string // of the element, or of the nearest one around it that has an id
	Field   string
	Rule    Rule
	Say     string // a sentence for the person who has to mend it
}

// String is the problem as one line of text.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	b.WriteString(p.Element)
	if p.ID != "" {
		fmt.Fprintf(&b, " (%s)", p.ID)
	}
	b.WriteString(": ")
	b.WriteString(p.Say)
	return b.String()
}

// Refusal is the error of a writer that would have to write an invalid file.
type Refusal struct {
	Format   string // JSON or XML
	Problems []Problem
}

// Error lists the first few reasons.
func (r *Refusal) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the report cannot be written as %s: ", r.Format)
	for i, p := range r.Problems {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(r.Problems)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// errEmpty is a file with nothing in it.
var errEmpty = errors.New("the file is empty")

// Read takes in a report, JSON or XML, whichever it turns out to be.
func Read(r io.Reader, opts Limits) (*ElectionReport, []Problem, error) {
	opts = opts.filled()
	raw, err := readAll(r, opts.Bytes)
	if err != nil {
		return nil, nil, err
	}
	switch firstByte(raw) {
	case '{', '[':
		return readJSON(raw, opts)
	case '<':
		return readXML(raw, opts)
	case 0:
		return nil, nil, errEmpty
	}
	return nil, nil, errors.New("the file is neither JSON nor XML: it must start with { or <")
}

// ReadJSON takes in a report that is known to be JSON.
func ReadJSON(r io.Reader, opts Limits) (*ElectionReport, []Problem, error) {
	opts = opts.filled()
	raw, err := readAll(r, opts.Bytes)
	if err != nil {
		return nil, nil, err
	}
	return readJSON(raw, opts)
}

// ReadXML takes in a report that is known to be XML.
func ReadXML(r io.Reader, opts Limits) (*ElectionReport, []Problem, error) {
	opts = opts.filled()
	raw, err := readAll(r, opts.Bytes)
	if err != nil {
		return nil, nil, err
	}
	return readXML(raw, opts)
}

// readAll reads a file that may be at most so long.
func readAll(r io.Reader, most int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	if int64(len(raw)) > most {
		return nil, fmt.Errorf("the file is larger than %d bytes, the most that is read", most)
	}
	return raw, nil
}
