// SPDX-License-Identifier: Apache-2.0

package ess

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Span is where a field stands: its first and last column, counted from 1, as
// the manuals of the machines count them.
type Span [2]int

// Field names what a layout can place.
type Field string

// The fields that a layout can have.
const (
	ContestNumber   Field = "contest_number"
	CandidateNumber Field = "candidate_number"
	PrecinctNumber  Field = "precinct_number"
	Votes           Field = "votes"
	Party           Field = "party"
	DistrictType    Field = "district_type"
	DistrictNumber  Field = "district_number"
	Contest         Field = "contest"
	Candidate       Field = "candidate"
	Precinct        Field = "precinct"
	District        Field = "district"
	VotesAllowed    Field = "votes_allowed"
	Referendum      Field = "referendum"
)

var fields = []Field{
	ContestNumber, CandidateNumber, PrecinctNumber, Votes, Party, DistrictType, DistrictNumber,
	Contest, Candidate, Precinct, District, VotesAllowed, Referendum,
}

// Layout says in which columns the fields of a line stand. Widths differ from
// release to release of the software, so a layout is a small file of its own:
//
//	name = "Our county, release 5.2"
//	[fields]
//	contest_number = [1, 4]
//	votes          = [12, 17]
//
// The same in JSON: {"name": "…", "fields": {"votes": [12, 17]}}.
type Layout struct {
	Name   string         `json:"name" toml:"name"`
	Fields map[Field]Span `json:"fields" toml:"fields"`
}

// EL45 is the layout of the ASCII export called EL45 in its usual widths.
var EL45 = Layout{
	Name: "EL45",
	Fields: map[Field]Span{
		ContestNumber:   {1, 4},
		CandidateNumber: {5, 7},
		PrecinctNumber:  {8, 11},
		Votes:           {12, 17},
		Party:           {18, 20},
		DistrictType:    {21, 23},
		DistrictNumber:  {24, 27},
		Contest:         {28, 83},
		Candidate:       {84, 121},
		Precinct:        {122, 151},
		District:        {152, 176},
		VotesAllowed:    {177, 178},
		Referendum:      {179, 179},
	},
}

// maxColumn bounds the length of a line.
const maxColumn = 4096

// maxLayout bounds the size of a layout file.
const maxLayout = 64 << 10

// ReadLayout reads a layout file, in JSON if it begins with a brace and in
// TOML if it does not. Names that are not fields are an error: a typing mistake
// must not lose a column.
func ReadLayout(r io.Reader) (Layout, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxLayout+1))
	if err != nil {
		return Layout{}, err
	}
	if len(b) > maxLayout {
		return Layout{}, fmt.Errorf("the layout file is larger than %d bytes", maxLayout)
	}
	var l Layout
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&l); err != nil {
			return Layout{}, fmt.Errorf("the layout file is not correct JSON: %w", err)
		}
		return l, l.Check()
	}
	meta, err := toml.Decode(string(b), &l)
	if err != nil {
		return Layout{}, fmt.Errorf("the layout file is not correct TOML: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return Layout{}, fmt.Errorf("the layout file has %q, which means nothing here; it can have name and fields", extra[0])
	}
	return l, l.Check()
}

// Check says what is wrong with a layout: a field nobody knows, columns that
// overlap, or too little to know who got votes where.
func (l Layout) Check() error {
	for _, f := range slices.Sorted(maps.Keys(l.Fields)) {
		if !slices.Contains(fields, f) {
			return fmt.Errorf("the layout %q has the field %q, which means nothing here; the fields are %s", l.Name, f, names())
		}
		if s := l.Fields[f]; s[0] < 1 || s[1] < s[0] || s[1] > maxColumn {
			return fmt.Errorf("the layout %q puts %s into the columns %d to %d, which cannot be; columns count from 1 to %d", l.Name, f, s[0], s[1], maxColumn)
		}
	}
	if err := l.needs(); err != nil {
		return err
	}
	order := l.inOrder()
	for i := 1; i < len(order); i++ {
		if a, b := order[i-1], order[i]; l.Fields[a][1] >= l.Fields[b][0] {
			return fmt.Errorf("in the layout %q the fields %s and %s overlap in column %d", l.Name, a, b, l.Fields[b][0])
		}
	}
	return nil
}

func (l Layout) needs() error {
	for _, any := range [][]Field{{Votes}, {Contest, ContestNumber}, {Candidate, CandidateNumber}, {Precinct, PrecinctNumber}} {
		if !slices.ContainsFunc(any, func(f Field) bool { _, ok := l.Fields[f]; return ok }) {
			return fmt.Errorf("the layout %q says nothing about %s, and without it no line can be used", l.Name, any[0])
		}
	}
	return nil
}

func (l Layout) inOrder() []Field {
	return slices.SortedFunc(maps.Keys(l.Fields), func(a, b Field) int { return l.Fields[a][0] - l.Fields[b][0] })
}

// names lists the fields for a sentence.
func names() string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = string(f)
	}
	return strings.Join(list, ", ")
}
