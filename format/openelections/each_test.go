// SPDX-License-Identifier: Apache-2.0

package openelections

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/format/sheet"
)

const threeRows = `county,precinct,office,candidate,votes,early,color
Gila,1,Sheriff,A,3,1,red
Gila,1,Sheriff,B,,,7
Gila,2,Sheriff,A,5,2,blue
`

// TestEachIsReadRowByRow shows that a row at a time says what all rows together
// say, but for the columns of which only the end of the file tells what they were.
func TestEachIsReadRowByRow(t *testing.T) {
	var rows []Row
	var maybe []string
	f, err := Each("x.csv", strings.NewReader(threeRows), sheet.Limits{}, func(f *File) { maybe = f.Maybe }, func(r *Row) error {
		row := *r
		row.Types = slices.Clone(r.Types)
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"early", "color"}, maybe); d != "" {
		t.Error(d)
	}
	if !slices.Equal(f.IsType, []bool{true, false}) || !slices.Equal(f.Types, []string{"early"}) || f.Count != 3 || f.Rows != nil {
		t.Errorf("got %+v", f)
	}
	all, err := Read("x.csv", strings.NewReader(threeRows), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	dropTypes(rows, f.IsType)
	if d := cmp.Diff(all.Rows, rows); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(all.Problems, f.Problems); d != "" {
		t.Error(d)
	}
}

func TestEachStopsWhenToldTo(t *testing.T) {
	enough, n := errors.New("enough"), 0
	_, err := Each("x.csv", strings.NewReader(threeRows), sheet.Limits{}, nil, func(*Row) error {
		n++
		return enough
	})
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("got %v after %d rows", err, n)
	}
}
