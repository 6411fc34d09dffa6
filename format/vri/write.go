// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strings"

	"hustings/format/sheet"
)

// Write writes one message. What the schema would refuse is not written; the
// error says all that is wrong with it.
func Write(w io.Writer, as Spelling, m Message) error {
	if m.Record != nil {
		return fmt.Errorf("vri: a record is written with a ResultsWriter, or as one of Results")
	}
	if err := refuse(Check(m, as)); err != nil {
		return err
	}
	body, p := m.body()
	buf := bufio.NewWriter(w)
	if as == JSON {
		j := &jsonWriter{w: buf}
		j.object(p, body, "")
		j.raw("\n")
		return buf.Flush()
	}
	x := &xmlWriter{w: buf}
	x.root(p, func() { x.fields(p, body) })
	return buf.Flush()
}

// Invalid says why a message was not written.
type Invalid struct{ Problems []sheet.Problem }

// Error gives the first reasons as a sentence; none of them holds a value.
func (e *Invalid) Error() string {
	const most = 5
	var all []string
	for _, p := range e.Problems[:min(len(e.Problems), most)] {
		all = append(all, p.Field+": "+p.Say)
	}
	if n := len(e.Problems) - most; n > 0 {
		all = append(all, fmt.Sprintf("and %d more", n))
	}
	return "the message does not keep to the standard (NIST SP 1500-102): " + strings.Join(all, "; ")
}

func refuse(problems []sheet.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &Invalid{problems}
}

// ResultsWriter writes VoterRecordResults record by record, so that a whole
// roll needs little memory.
type ResultsWriter struct {
	as    Spelling
	buf   *bufio.Writer
	x     *xmlWriter
	j     *jsonWriter
	begun bool
}

// NewResultsWriter begins results. The transaction id may be empty.
func NewResultsWriter(w io.Writer, as Spelling, transaction string) (*ResultsWriter, error) {
	head := VoterRecordResults{TransactionId: transaction}
	if err := refuse(Check(Message{Results: &head}, as)); err != nil {
		return nil, err
	}
	r := &ResultsWriter{as: as, buf: bufio.NewWriterSize(w, 64<<10)}
	if as == JSON {
		r.j = &jsonWriter{w: r.buf}
		r.j.raw(`{"@type":"` + resultsPlan.json + `"`)
		if transaction != "" {
			r.j.raw(`,"TransactionId":`)
			r.j.text(transaction)
		}
		r.j.raw(`,"VoterRecord":[`)
		return r, nil
	}
	r.x = &xmlWriter{w: r.buf}
	r.x.begin(resultsPlan)
	r.x.fields(resultsPlan, reflect.ValueOf(head))
	return r, nil
}

// Write adds a record, or says all that keeps it from being written.
func (r *ResultsWriter) Write(rec *VoterRecord) error {
	if err := refuse(Check(Message{Record: rec}, r.as)); err != nil {
		return err
	}
	body := reflect.ValueOf(rec).Elem()
	if r.as == JSON {
		if r.begun {
			r.j.raw(",")
		}
		r.begun = true
		r.j.raw("\n")
		r.j.object(recordPlan, body, "")
		return r.j.err()
	}
	r.x.element("VoterRecord", recordPlan, body, "")
	return r.x.err()
}

// Close ends the results. It does not close the writer underneath.
func (r *ResultsWriter) Close() error {
	if r.as == JSON {
		r.j.raw("\n]}\n")
	} else {
		r.x.end(resultsPlan)
	}
	return r.buf.Flush()
}
