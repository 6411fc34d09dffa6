// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
)

// Known is a record that may be the one asked for.
type Known struct {
	ID     string
	Values map[Column]string
}

// NewJudge learns from a sample of a roll how its records come to look alike, to
// weigh records that a database has found against a new one.
func NewJudge(sample []Known) (*Index, error) {
	columns := slices.DeleteFunc(Columns(), func(c Column) bool { return c == Ignore || c == RecordID })
	r, w := io.Pipe()
	go func() {
		out := csv.NewWriter(w)
		line := []string{string(RecordID)}
		for _, c := range columns {
			line = append(line, string(c))
		}
		_ = out.Write(line) // Error has it
		for _, k := range sample {
			line = append(line[:0], k.ID)
			for _, c := range columns {
				line = append(line, k.Values[c])
			}
			_ = out.Write(line)
		}
		out.Flush()
		w.CloseWithError(out.Error())
	}()
	defer r.Close()
	return NewIndex(Source{Name: "sample", In: r}, Options{})
}

// Weigh says which of some records may be the one with the values, the likeliest
// first, where they were found among so many. With all it goes down to one in a
// thousand.
func (x *Index) Weigh(values map[Column]string, of []Known, among int, all bool) ([]Hit, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if among != x.among {
		x.s.m.expectOne(among)
		x.among = among
	}
	words := len(x.s.lex.words)
	defer x.s.lex.forget(words)
	at := int32(len(x.s.recs)) // #nosec G115: an index has fewer records
	defer func() { x.s.recs = x.s.recs[:at] }()
	asked, _, err := x.read(values)
	if err != nil {
		return nil, err
	}
	x.s.recs = append(grow(&x.roll.spill, x.s.recs, 2), asked, record{})
	x.s.rare.count(&asked, 1)
	defer x.s.rare.count(&asked, -1)
	least := ReviewWeight
	if all {
		least = NoneWeight
	}
	top := x.s.ceilings()
	var out []Hit
	for _, k := range of {
		one, _, err := x.read(k.Values)
		if err != nil {
			return nil, err
		}
		x.s.recs[at+1] = one
		x.s.rare.count(&one, 1)
		if h, ok := x.hit(top, at+1, at, least); ok {
			h.ID = k.ID
			out = append(out, h)
		}
		x.s.rare.count(&one, -1)
	}
	slices.SortFunc(out, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// hit weighs a pair of records.
func (x *Index) hit(top *ceilings, i, at int32, least float64) (h Hit, ok bool) {
	var e evidence
	if !x.s.promising(top, i, at, &e, least) {
		return h, false
	}
	w := x.s.m.weigh(&e, least)
	if w < least {
		return h, false
	}
	tier := tierOf(scored{weight: w, caution: caution(&e.agreement)})
	return Hit{Weight: w, Probability: Probability(w), Tier: tier, Steps: x.s.explain(i, at)}, true
}
