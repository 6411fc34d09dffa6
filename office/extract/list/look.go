// SPDX-License-Identifier: Apache-2.0

package list

import (
	"errors"
	"iter"
	"slices"
	"strings"
)

// Preview is how a list begins, before it is made.
type Preview struct {
	Report
	Whole  bool // the whole roll was read
	Header []string
	Rows   [][]string // the first of the list; of a draw none, so that nobody draws until they like it
}

const rowsLooked = 10

// errEnough ends a look.
var errEnough = errors.New("enough was read")

// Look says how a list would begin and how many would be on it. Where stop,
// which is asked now and then, says so, it ends early.
func Look(c Choices, roll iter.Seq2[Entry, error], stop func() bool) (Preview, error) {
	p := Preview{Whole: true}
	if err := c.Check(); err != nil {
		return p, err
	}
	cut := cutter{Choices: c, columns: c.columns()}
	for _, col := range cut.columns {
		p.Header = append(p.Header, col.Name)
	}
	inOrder := c.List == Precinct || c.List == Party || c.List == Street
	var keys []string
	stopping := func(yield func(Entry, error) bool) {
		n := 0
		for e, err := range roll {
			if n++; n%1000 == 0 && stop() {
				yield(e, errEnough)
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
	err := p.read(c, stopping, nil, func(e *Entry) error {
		at := len(p.Rows)
		k := ""
		switch {
		case c.List == Jury:
			return nil
		case inOrder:
			k = key(c.List, e.Voter)
			for at > 0 && strings.Compare(k, keys[at-1]) < 0 {
				at--
			}
		}
		if at >= rowsLooked {
			return nil
		}
		p.Rows = slices.Insert(p.Rows, at, slices.Clone(cut.cut(e)))
		keys = slices.Insert(keys, at, k)
		p.Rows, keys = p.Rows[:min(len(p.Rows), rowsLooked)], keys[:min(len(keys), rowsLooked)]
		return nil
	})
	if errors.Is(err, errEnough) {
		p.Whole, err = false, nil
	}
	return p, err
}
