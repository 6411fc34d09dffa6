// SPDX-License-Identifier: Apache-2.0

package file

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"hustings/format/vri"
)

// Writer writes records in one kind of file.
type Writer interface {
	// Write adds a record. One that the kind of file cannot carry at all is left
	// out and counted, and so is a protected voter.
	Write(*Record) error
	// Close ends the file. It does not close the writer underneath.
	Close() error
	// Report says what was written and what was not.
	Report() Report
}

// Report says what was written and what was not.
type Report struct {
	Records   int    `json:"records"`
	LeftOut   int    `json:"left_out"`  // records that the kind of file cannot carry
	Protected int    `json:"protected"` // voters who were left out to protect them
	Losses    []Loss `json:"losses"`
}

// Loss is something that the kind of file could not carry.
type Loss struct {
	What string `json:"what"`
	N    int    `json:"times"`
}

// Choices say how to write.
type Choices struct {
	// Private lets protected voters be written, and into public layouts (nc, csv,
	// xlsx) birth dates and identifiers.
	Private bool
}

// NewWriter begins a file of a kind.
func NewWriter(w io.Writer, k Kind, c Choices) (out Writer, err error) {
	switch k {
	case VRIJSON:
		out, err = newVRI(w, vri.JSON)
	case VRIXML:
		out, err = newVRI(w, vri.XML)
	case NC:
		out = newNC(w)
	case CSV, XLSX:
		out, err = newTable(w, k, c)
	default:
		return nil, fmt.Errorf("a file of kind %q cannot be written; choose from %v", k, Kinds())
	}
	if err != nil || c.Private {
		return out, err
	}
	return &protecting{Writer: out}, nil
}

// protecting keeps protected voters out of a file.
type protecting struct {
	Writer
	n int
}

func (p *protecting) Write(r *Record) error {
	if r.Voter.Protected != "" {
		p.n++
		return nil
	}
	return p.Writer.Write(r)
}

func (p *protecting) Report() Report {
	r := p.Writer.Report()
	r.Protected = p.n
	return r
}

// losses counts what a file cannot carry.
type losses struct {
	records, leftOut int
	n                map[string]int
}

func newLosses() losses { return losses{n: make(map[string]int)} }

func (l *losses) lose(n int, what string) {
	if n > 0 {
		l.n[what] += n
	}
}

// Report says what was written and what was not.
func (l *losses) Report() Report {
	r := Report{Records: l.records, LeftOut: l.leftOut, Losses: []Loss{}}
	for what, n := range l.n {
		r.Losses = append(r.Losses, Loss{what, n})
	}
	slices.SortFunc(r.Losses, func(a, b Loss) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.What, b.What)
	})
	return r
}
