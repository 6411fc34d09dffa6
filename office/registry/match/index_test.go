// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"testing"

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
