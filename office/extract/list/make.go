// SPDX-License-Identifier: Apache-2.0

package list

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"hustings/kit/fault"
	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// Mark says of a list who has it from whom, when and for what.
type Mark struct {
	Number    string // of the extract
	Office    string
	For       string // who gets it
	Purpose   string
	By        string // who made it
	When      string
	Statement string // what may be done with it
}

func (m Mark) lines() [][2]string {
	return [][2]string{{"extract", m.Number}, {"office", m.Office}, {"recipient", m.For}, {"purpose", m.Purpose}, {"made_by", m.By}, {"made_at", m.When}, {"use", m.Statement}}
}

// Report says what was written.
type Report struct {
	Voters    int64  `json:"voters"`             // who are on the list
	Seen      int64  `json:"seen"`               // registrations of the roll
	Protected int64  `json:"protected"`          // who were left out to protect them
	Eligible  int64  `json:"eligible,omitempty"` // of a draw: from among how many
	SHA256    string `json:"sha256"`
	Bytes     int64  `json:"bytes"`
	Losses    []Loss `json:"losses,omitempty"`
}

// Loss is something that the format could not carry.
type Loss struct {
	What string `json:"what"`
	N    int    `json:"times"`
}

// mostSorted bounds lists that are sorted in memory.
const mostSorted = 3_000_000

// sink takes voters who are on a list.
type sink interface {
	take(*Entry) error
	close() error
}

// Make writes a list. progress, which may be nil, hears now and then how many
// registrations were read.
func Make(w io.Writer, c Choices, mark Mark, roll iter.Seq2[Entry, error], progress func(seen int64)) (rep Report, err error) {
	if err := c.Check(); err != nil {
		return rep, err
	}
	sum := &summing{w: w, h: sha256.New()}
	out, err := newSink(sum, c, mark)
	if err != nil {
		return rep, err
	}
	if err := rep.read(c, roll, progress, out.take); err != nil {
		return rep, err
	}
	if err := out.close(); err != nil {
		return rep, err
	}
	switch s := out.(type) {
	case *drawn:
		rep.Eligible, rep.Voters = rep.Voters, int64(len(s.lots))
	case *straight:
		if s.layout != nil {
			r := s.layout.out.Report()
			rep.Voters = int64(r.Records)
			for _, l := range r.Losses {
				rep.Losses = append(rep.Losses, Loss{l.What, l.N})
			}
		}
	}
	rep.SHA256, rep.Bytes = fmt.Sprintf("%x", sum.h.Sum(nil)), sum.n
	return rep, nil
}

// read hands over whoever is on a list and counts. This is the one place where
// protected voters are left out.
func (rep *Report) read(c Choices, roll iter.Seq2[Entry, error], progress func(int64), do func(*Entry) error) error {
	chosen := newChooser(c)
	for e, err := range roll {
		if err != nil {
			return err
		}
		rep.Seen++
		if progress != nil && rep.Seen%10_000 == 0 {
			progress(rep.Seen)
		}
		if e.Voter.Protected != "" {
			rep.Protected++
			continue
		}
		if !chosen.takes(e) {
			continue
		}
		rep.Voters++
		if err := do(&e); err != nil {
			return err
		}
	}
	return nil
}

func newSink(w io.Writer, c Choices, mark Mark) (sink, error) {
	if c.Format.fixed() {
		l, err := newLayout(w, c)
		return &straight{layout: l}, err
	}
	cut := cutter{Choices: c, columns: c.columns()}
	t, err := newTable(w, c.Format, cut.columns, mark)
	if err != nil {
		return nil, err
	}
	switch c.List {
	case Jury:
		return &drawn{cutter: cut, table: t}, nil
	case Precinct, Party, Street:
		return &sorted{cutter: cut, table: t}, nil
	}
	return &straight{cutter: cut, table: t}, nil
}

// summing knows the hash of what went through.
type summing struct {
	w io.Writer
	h hash.Hash
	n int64
}

func (s *summing) Write(p []byte) (int, error) {
	s.h.Write(p)
	n, err := s.w.Write(p)
	s.n += int64(n)
	return n, err
}

// cutter cuts a voter into cells.
type cutter struct {
	Choices
	columns []Column
	cells   []string
}

func (c *cutter) cut(e *Entry) []string {
	c.cells = c.cells[:0]
	for i := range c.columns {
		c.cells = append(c.cells, c.columns[i].value(e, c.AsOf))
	}
	return c.cells
}

// straight writes voters as they come, in the order of their numbers.
type straight struct {
	cutter
	table  table
	layout *layout
	rows   int
}

// mostBook bounds workbooks: every text of one is kept until its end.
const mostBook = 500_000

func (s *straight) take(e *Entry) error {
	if s.layout != nil {
		return s.layout.Voter(e.Voter)
	}
	if s.rows++; s.Format == XLSX && s.rows > mostBook {
		return errBook
	}
	return s.table.Row(s.cut(e))
}

var errBook = fault.On("format", fault.New(fault.TooLarge, "A workbook with more than %d voters opens nowhere; choose CSV or Parquet.", mostBook))

func (s *straight) close() error {
	if s.layout != nil {
		return s.layout.Close()
	}
	return s.table.Close()
}

// sorted keeps the rows and writes them in order.
type sorted struct {
	cutter
	table table
	rows  []packed
}

// packed is a row as one text behind the key that it is sorted by; its cells
// end where ends say.
type packed struct {
	key, text string
}

func (s *sorted) take(e *Entry) error {
	if len(s.rows) == mostSorted {
		return fault.On("precincts", fault.New(fault.TooLarge, "More than %d voters cannot be put in order at once; choose precincts or districts.", mostSorted))
	}
	s.rows = append(s.rows, packed{key(s.List, e.Voter), pack(s.cut(e))})
	return nil
}

// pack puts cells into one text, each after its length.
func pack(cells []string) string {
	n := 0
	for _, c := range cells {
		n += len(c) + 3
	}
	b := make([]byte, 0, n)
	for _, c := range cells {
		b = append(appendLength(b, len(c)), c...)
	}
	return string(b)
}

// appendLength appends a length in base 128, the lowest digits first.
func appendLength(b []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

// unpack takes the cells out of a packed text.
func unpack(text string, cells []string) []string {
	cells = cells[:0]
	for len(text) > 0 {
		n, shift := 0, 0
		for text[0] >= 0x80 {
			n |= int(text[0]&0x7f) << shift
			shift, text = shift+7, text[1:]
		}
		n |= int(text[0]) << shift
		text = text[1:]
		cells, text = append(cells, text[:n]), text[n:]
	}
	return cells
}

func (s *sorted) close() error {
	if s.Format == XLSX && len(s.rows) > mostBook {
		return errBook
	}
	slices.SortStableFunc(s.rows, func(a, b packed) int { return strings.Compare(a.key, b.key) })
	for i := range s.rows {
		s.cells = unpack(s.rows[i].text, s.cells)
		if err := s.table.Row(s.cells); err != nil {
			return err
		}
	}
	return s.table.Close()
}

// key is what a list is sorted by: those that people walk with by street, house
// and unit, the party's by name.
func key(k Kind, v *roll.Voter) string {
	name := spell.Fold(lastName(v)) + "\x00" + spell.Fold(v.Name.First) + "\x00" + string(v.ID)
	h := v.Home
	door := spell.Fold(h.Street) + "\x00" + h.Type + "\x00" + h.Before + h.After + "\x00" + natural(h.Number) + "\x00" + natural(h.Unit) + "\x00" + name
	switch k {
	case Precinct:
		return natural(string(v.Precinct)) + "\x00" + door
	case Party:
		return string(v.Party) + "\x00" + name
	}
	return door
}

// natural lets numbers inside of a text sort by what they count: 9 before 10.
func natural(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		if j == i {
			b.WriteByte(s[i])
			i++
			continue
		}
		digits := strings.TrimLeft(s[i:j], "0")
		b.WriteString(strconv.Itoa(len(digits)/10) + strconv.Itoa(len(digits)%10) + digits)
		i = j
	}
	return b.String()
}
