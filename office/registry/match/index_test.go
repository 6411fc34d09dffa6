// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"sync"
	"testing"

	"hustings/kit/fault"
	"hustings/office/registry/match/matchtest"
)

// asked are the rows of a list as values to look up, with their ids.
func asked(t *testing.T, write func(*bytes.Buffer) error) (ids []string, values []map[Column]string) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]Column{"last_name": Surname, "first_name": Given, "middle_name": Middle, "suffix": Suffix, "sex": Sex, "dob": Birth, "house_number": House,
		"street": Street, "unit": Unit, "city": City, "zip": Postcode, "state": State, "phone": Phone, "ssn4": SSN4, "dl_number": Licence}
	for _, row := range rows[1:] {
		v := map[Column]string{}
		for i, h := range rows[0][1:] {
			v[names[h]] = row[i+1]
		}
		ids, values = append(ids, row[0]), append(values, v)
	}
	return ids, values
}

func index(t *testing.T, town matchtest.Town) *Index {
	t.Helper()
	var left bytes.Buffer
	if err := town.Left(&left); err != nil {
		t.Fatal(err)
	}
	x, err := NewIndex(Source{"roll.csv", &left}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestOneRecordFindsItsPerson(t *testing.T) {
	town := matchtest.Town{Seed: 3, People: 3000, Errors: 1, Shared: 0.5}
	x := index(t, town)
	ids, values := asked(t, func(b *bytes.Buffer) error { return town.Right(b) })
	right, wrong, there := 0, 0, 0
	for i, v := range values {
		hits, _, err := x.Lookup(v, false)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(matchtest.Who(ids[i]))
		known := err == nil && n <= town.People
		if known {
			there++
		}
		for j, h := range hits {
			sum := 0.0
			for _, s := range h.Steps {
				sum += s.Bits
			}
			if math.Abs(sum-h.Weight) > 1e-9 {
				t.Fatalf("the steps of %s sum to %v, its weight is %v", h.ID, sum, h.Weight)
			}
			switch {
			case matchtest.Who(h.ID) == matchtest.Who(ids[i]):
				right++
			case j == 0:
				wrong++
			}
		}
	}
	if float64(right) < 0.99*float64(there) || float64(wrong) > 0.01*float64(len(values)) {
		t.Errorf("%d of %d found, %d others taken for them", right, there, wrong)
	}
}

func TestARollChangesRecordByRecord(t *testing.T) {
	x := index(t, matchtest.Town{Seed: 4, People: 500, Errors: 1})
	rosa := map[Column]string{Given: "Rosa", Surname: "Quillfeather", Birth: "1990-08-25", House: "3", Street: "Hill Road", Postcode: "27003"}
	first := func() string {
		hits, _, err := x.Lookup(map[Column]string{Given: "ROSIE", Surname: "QUILFEATHER", Birth: "25 Aug 1990", House: "3", Street: "HILL RD", Postcode: "27003"}, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(hits) == 0 {
			return ""
		}
		return hits[0].ID
	}
	words := len(x.s.lex.words)
	for _, step := range []struct {
		name string
		do   func() error
		kind fault.Kind
		want string
		len  int
	}{
		{"she is not there", func() error { return nil }, "", "", 500},
		{"she registers", func() error { return x.Add("R1", rosa) }, "", "R1", 501},
		{"once", func() error { return x.Add("R1", rosa) }, fault.Conflict, "R1", 501},
		{"she is removed", func() error { return x.Remove("R1") }, "", "", 500},
		{"once", func() error { return x.Remove("R1") }, fault.NotFound, "", 500},
		{"she comes back", func() error { return x.Add("R1", rosa) }, "", "R1", 501},
		{"somebody of the file is removed", func() error { return x.Remove("A7") }, "", "R1", 500},
		{"a column that there is not", func() error { return x.Add("R2", map[Column]string{"shoe": "9"}) }, fault.Invalid, "R1", 500},
	} {
		if err := step.do(); fault.KindOf(err) != step.kind {
			t.Fatalf("%s: %v, want %q", step.name, err, step.kind)
		}
		if got := first(); got != step.want || x.Len() != step.len {
			t.Fatalf("%s: found %q among %d, want %q among %d", step.name, got, x.Len(), step.want, step.len)
		}
	}
	if grown := len(x.s.lex.words) - words; grown > 6 {
		t.Errorf("%d words stayed behind; lookups leave none", grown)
	}
}

func TestLookupsAtOnceAgree(t *testing.T) {
	town := matchtest.Town{Seed: 5, People: 400, Errors: 1, Shared: 0.5}
	x := index(t, town)
	_, values := asked(t, func(b *bytes.Buffer) error { return town.Right(b) })
	values = values[:100]
	look := func(v map[Column]string) string {
		hits, _, err := x.Lookup(v, true)
		if err != nil {
			t.Error(err)
		}
		return fmt.Sprint(hits)
	}
	want := make([]string, len(values))
	for i, v := range values {
		want[i] = look(v)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i, v := range values {
				if got := look(v); got != want[i] {
					t.Errorf("lookup %d changes:\n%s\n%s", i, got, want[i])
				}
			}
		})
	}
	all.Wait()
}
