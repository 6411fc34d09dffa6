// SPDX-License-Identifier: Apache-2.0

// Package vip reads and writes Voting Information Project feeds, versions 5.2
// and 6.0, in their own shape: where people vote, when, in which precinct, and
// what is on the ballot there.
//
//	Read, ReadZip          a feed from XML, or from a zip of XML or of CSV tables
//	Check                  what is wrong with a feed, as sentences
//	WriteXML, WriteCSVZip  a feed that the official schema accepts
//	StreetSegment.Covers   whether an address lies on a segment; Find
//	ParseFileName          vipfeed-04013-2020-11-03-Arizona.zip
//
// The Go types are the specification: each struct lists its fields in the
// order of the XML schema, and the struct tags say what the schema says (name,
// required, what an id may point at, since which version, which CSV column).
// One reader, one writer and one checker walk over those tags, so a field that
// is added to a type is at once read, written and checked.
//
// Reading is lenient: whatever can be used is used, and each thing that cannot
// is reported with its line, element, id and field. Writing is strict.
package vip

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Versions of the specification that can be written.
const (
	Version52 = "5.2"
	Version60 = "6.0"
)

// Kind says what sort of thing is wrong, for a program; Problem.Say is for a
// person.
type Kind string

// The kinds of problem.
const (
	Dangling   Kind = "dangling"    // an id that no element has
	WrongClass Kind = "wrong class" // an id of the wrong sort of element
	Duplicate  Kind = "duplicate"   // two elements with one id
	BadEnum    Kind = "bad enum"    // a word that is not on the schema's list
	BadValue   Kind = "bad value"   // a number, date or time that cannot be read
	Odd        Kind = "odd"         // readable, but at odds with the specification
	Missing    Kind = "missing"     // a required field that is not there
	Unknown    Kind = "unknown"     // an element, attribute, file or column we do not know
	Encoding   Kind = "encoding"    // bytes that are not in the declared character set
	Lost       Kind = "lost"        // something the written form cannot carry
	Unlisted   Kind = "unlisted"    // further problems, counted but not listed
)

// Problem is one thing in a feed that could not be used, or should be looked at.
type Problem struct {
	File    string // the table, when the feed is in CSV form
	Line    int    // 1 is the first line; 0 when the feed was not read from a file
	Element string // "Precinct"
	ID      ID     // of the element
	Field   string // "LocalityId", or a path such as "Schedule/StartDate"
	Kind    Kind
	Blocks  bool   // the feed cannot be written as valid XML while this stands
	Say     string // the sentence
}

// String is the problem in one line: where, then what.
func (p Problem) String() string {
	var where string
	if p.File != "" {
		where = p.File + " "
	}
	if p.Line > 0 {
		where += fmt.Sprintf("line %d: ", p.Line)
	}
	if p.Element != "" {
		where += p.Element + " "
		if p.ID != "" {
			where += string(p.ID) + " "
		}
	}
	if p.Field != "" {
		where += p.Field + ": "
	}
	return where + p.Say
}

// Limits bound what a feed may ask of this machine. A zero field means the
// default beside it.
type Limits struct {
	Bytes    int64 // of XML or CSV text after unpacking; 1 GiB
	Elements int   // top-level elements or CSV rows; 10 million
	Value    int   // bytes of one value, tag or CSV row; 1 MiB
	Depth    int   // elements within elements; 32
	Files    int   // entries of a zip; 1000
	Problems int   // listed; the rest are counted; 1000
}

// orDefaults fills the zero fields.
func (l Limits) orDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = 1 << 30
	}
	if l.Elements == 0 {
		l.Elements = 10_000_000
	}
	if l.Value == 0 {
		l.Value = 1 << 20
	}
	if l.Depth == 0 {
		l.Depth = 32
	}
	if l.Files == 0 {
		l.Files = 1000
	}
	if l.Problems == 0 {
		l.Problems = 1000
	}
	return l
}

// problems is a list that stops growing at its limit and goes on counting.
type problems struct {
	list  []Problem
	limit int
	more  int
	seen  map[string]int // unknown things, each listed once: where it is in list
	times map[string]int
}

func (ps *problems) add(p Problem) {
	if len(ps.list) >= ps.limit {
		ps.more++
		return
	}
	ps.list = append(ps.list, p)
}

// addOnce lists a problem the first time its key is seen and counts after
// that: a vendor's own field in a million street segments is one problem.
func (ps *problems) addOnce(key string, p Problem) {
	if ps.seen == nil {
		ps.seen, ps.times = map[string]int{}, map[string]int{}
	}
	if _, ok := ps.seen[key]; !ok {
		// A hostile file can invent a new name each time.
		if len(ps.list) >= ps.limit {
			ps.more++
			return
		}
		ps.seen[key] = len(ps.list)
		ps.list = append(ps.list, p)
	}
	ps.times[key]++
}

// done is the finished list, in the order of the file.
func (ps *problems) done() []Problem {
	for key, at := range ps.seen {
		if n := ps.times[key]; n > 1 {
			ps.list[at].Say += fmt.Sprintf(" (%d times in all)", n)
		}
	}
	ps.seen = nil
	slices.SortStableFunc(ps.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(order(a), order(b)))
	})
	if ps.more > 0 {
		ps.list = append(ps.list, Problem{Kind: Unlisted, Say: fmt.Sprintf("%d further problems are not listed", ps.more)})
		ps.more = 0
	}
	return ps.list
}

// order is the place of a problem in its file; what is about the whole feed
// comes last.
func order(p Problem) int {
	if p.Line == 0 {
		return math.MaxInt
	}
	return p.Line
}
