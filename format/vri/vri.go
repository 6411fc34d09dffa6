// SPDX-License-Identifier: Apache-2.0

// Package vri reads and writes the Common Data Format for voter records
// interchange, NIST SP 1500-102 version 1.0, in JSON and in XML: requests to
// register or to get a ballot, and the answers to them.
//
//	f, err := vri.Each("dmv.xml", file, sheet.Limits{}, func(m vri.Message) error {
//		if m.Request != nil { … m.Request.Subject … }
//		return nil
//	})
//	…
//	err = vri.Write(w, vri.JSON, vri.Message{Rejection: &vri.RequestRejection{…}})
//
// It is lenient in: dates in other layouts, other name spaces, a missing
// "@type", elements that the standard does not know, Windows-1252. What could
// not be used is said (Source.Problems), with its line and without its value. It
// is strict out: what is written is valid against the schema, or it is refused
// with the reasons.
//
// Records are full of private facts, such as social security and licence
// numbers (VoterId.StringValue) and birth dates. This package prints none of
// them; whoever takes them over must keep it so.
package vri

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"hustings/format/sheet"
)

// Spelling is how a file is written.
type Spelling string

// The spellings.
const (
	JSON Spelling = "json"
	XML  Spelling = "xml"
)

// Message is one of the messages of the standard; one field is set.
type Message struct {
	Line            int // where it begins
	Request         *VoterRecordsRequest
	Acknowledgement *RequestAcknowledgement
	Success         *RequestSuccess
	Rejection       *RequestRejection
	Results         *VoterRecordResults
	Record          *VoterRecord // one of the results, which follow when all are handed over
}

// Source is what is known of a file that was read.
type Source struct {
	Name     string
	Spelling Spelling
	Encoding string
	Space    string // the XML name space
	Messages int
	Records  int // in results
	Problems sheet.Problems
}

const (
	space         = "http://itl.nist.gov/ns/voting/1500-102/v1"
	spaceAddr     = "http://www.fgdc.gov/schemas/address/addr"
	spaceAddrType = "http://www.fgdc.gov/schemas/address/addr_type"
	spaceInstance = "http://www.w3.org/2001/XMLSchema-instance"
)

// maxParts bounds the parts of one message or record: the largest honest ones
// have hundreds.
const maxParts = 100_000

// Each reads the messages of a file. Records of results come one by one, each
// as a Message of its own, so that a whole roll needs little memory; the
// results follow without them.
func Each(name string, in io.Reader, lim sheet.Limits, do func(Message) error) (*Source, error) {
	lim = lim.OrDefault()
	in, name, err := sheet.Unwrap(name, in, lim)
	if err != nil {
		return nil, err
	}
	text := sheet.NewText(name, in, lim)
	r := &reader{Source: &Source{Name: name}, lim: lim, do: do, told: make(map[string]int), names: make(map[string]string)}
	r.Problems.Keep = lim.Problems
	buf := bufio.NewReaderSize(text, 64<<10)
	first, err := firstByte(buf)
	if err != nil {
		return r.Source, r.broken(1, err)
	}
	switch first {
	case '<':
		r.Spelling = XML
		err = r.readXML(buf)
	case '{', '[':
		r.Spelling = JSON
		err = r.readJSON(buf)
	default:
		err = &sheet.Error{File: name, Line: 1, Say: "the file is neither JSON nor XML; voter records begin with { or <"}
	}
	r.Encoding = text.Encoding()
	if n, line := text.Mended(); n > 0 {
		r.Problems.Add(line, "", "%d bytes are not UTF-8 and were read as Windows-1252; look at accented letters from here on", n)
	}
	r.sayAgain()
	return r.Source, err
}

// Read reads all messages of a file, the records of results in them.
func Read(name string, in io.Reader, lim sheet.Limits) (*Source, []Message, error) {
	var out []Message
	var records []VoterRecord
	f, err := Each(name, in, lim, func(m Message) error {
		switch {
		case m.Record != nil:
			records = append(records, *m.Record)
			return nil
		case m.Results != nil:
			m.Results.VoterRecord, records = records, nil
		}
		out = append(out, m)
		return nil
	})
	return f, out, err
}

// Looks says whether the beginning of a file looks like one of this format.
func Looks(head []byte) bool {
	s := string(head)
	trimmed := strings.TrimLeft(strings.TrimPrefix(s, "\xef\xbb\xbf"), " \t\r\n")
	switch {
	case strings.HasPrefix(trimmed, "<"):
		return strings.Contains(s, "VoterRecordsRe") || strings.Contains(s, "VoterRecordResults") || strings.Contains(s, "1500-102")
	case strings.HasPrefix(trimmed, "{"), strings.HasPrefix(trimmed, "["):
		for _, mark := range []string{`"VRI.`, `"VoterRecord"`, `"VoterClassification"`, `"RequestMethod"`, `"VoterId"`} {
			if strings.Contains(s, mark) {
				return true
			}
		}
	}
	return false
}

func firstByte(r *bufio.Reader) (byte, error) {
	for i := 1; ; i++ {
		b, err := r.Peek(i)
		if len(b) < i {
			if errors.Is(err, io.EOF) {
				err = errors.New("the file is empty")
			}
			return 0, err
		}
		switch c := b[i-1]; c {
		case ' ', '\t', '\r', '\n':
		case 0xEF, 0xBB, 0xBF:
		default:
			return c, nil
		}
	}
}

// reader is what reading JSON and XML have in common.
type reader struct {
	*Source
	lim   sheet.Limits
	do    func(Message) error
	parts int            // nodes of the message that is being read
	told  map[string]int // problems that are told once, with a number

	slabs [][]node
	used  int               // nodes of them
	names map[string]string // of elements and members
}

// stopped carries an error of the receiver through the readers.
type stopped struct{ error }

func (s stopped) Unwrap() error { return s.error }

// broken is the error for a file that cannot be read any further.
func (r *reader) broken(line int, err error) error {
	var ours *sheet.Error
	var theirs stopped
	switch {
	case errors.As(err, &theirs):
		return theirs.error
	case errors.As(err, &ours):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &sheet.Error{File: r.Name, Line: line, Say: "the file is cut off in the middle; ask for it again"}
	}
	return &sheet.Error{File: r.Name, Line: line, Say: err.Error()}
}

// tellOnce tells what tends to come in hundreds, such as an element that the
// standard does not know, where it is first met.
func (r *reader) tellOnce(line int, field, say string) {
	key := field + "\x00" + say
	if r.told[key]++; r.told[key] > 1 {
		return
	}
	if len(r.told) > r.lim.Problems { // a hostile file can make up names without end
		delete(r.told, key)
	}
	r.Problems.Add(line, field, "%s", say)
}

// sayAgain adds how often a problem was met that was told once.
func (r *reader) sayAgain() {
	for i, p := range r.Problems.List {
		if n := r.told[p.Field+"\x00"+p.Say]; n > 1 {
			r.Problems.List[i].Say += fmt.Sprintf(" (met %d times)", n)
		}
	}
}

// emit hands a message over.
func (r *reader) emit(m Message) error {
	if m.Record != nil {
		r.Records++
		if r.Records > r.lim.Rows {
			return sheet.OverLimit(r.Name, m.Line, "rows", int64(r.lim.Rows), "the file has more records")
		}
	} else {
		r.Messages++
		if r.Messages > r.lim.Rows {
			return sheet.OverLimit(r.Name, m.Line, "rows", int64(r.lim.Rows), "the file has more messages")
		}
	}
	if err := r.do(m); err != nil {
		return stopped{err}
	}
	return nil
}
