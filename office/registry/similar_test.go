// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"fmt"
	"math"
	"testing"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
)

func TestWhoMayBeTheSamePerson(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		// A roll around them, so that there is something to learn from.
		_, err := k.Load(k.ctx, "2026-09-01", func(yield func(roll.Voter, error) bool) {
			for i := range 400 {
				v := mary()
				v.ID = roll.ID(fmt.Sprintf("%010d", i+1))
				v.Name = roll.Name{First: []string{"Ann", "Bob", "Cy", "Dee", "Ed", "Flo", "Gus"}[i%7], Last: fmt.Sprintf("Surname%c%c", 'A'+i%26, 'a'+i/26)}
				v.Birth = roll.Voter{}.Birth
				v.Birth = mary().Birth[:4] + "-0" + mary().Birth[6:7] + "-1" + mary().Birth[9:]
				v.Home.Number, v.Home.Street = fmt.Sprint(100+i), []string{"Oak", "Main", "Lake"}[i%3]
				v.Contact = nil
				v.Identifiers = []roll.Identifier{{Kind: roll.License, Value: hide.New(fmt.Sprintf("L%07d", i*7919))}, {Kind: roll.SSN4, Value: hide.New(fmt.Sprintf("%04d", (i*37)%10000))}}
				if !yield(v, nil) {
					return
				}
			}
		})
		k.must(err)
		id := k.register(mary(), "2026-09-01").ID
		son := mary()
		son.Name.First, son.Identifiers = "Mario", []roll.Identifier{{Kind: roll.License, Value: hide.New("D-999 999")}}
		k.register(son, "2026-09-01")
		hidden := mary()
		hidden.Name, hidden.Birth, hidden.Protected, hidden.Identifiers, hidden.Contact = roll.Name{First: "Olive", Last: "Hidden"}, "1971-01-01", "safe", nil, nil
		k.register(hidden, "2026-09-01")

		asked := mary()
		asked.Name.Last, asked.Home = "Garcia Lopez", roll.Address{Number: "9", Street: "Main", ZIP: "00502"} // she has moved
		got, err := k.Similar(k.ctx, asked)
		k.must(err)
		if len(got) == 0 || got[0].ID != id || got[0].Tier == match.None {
			t.Fatalf("got %+v", got)
		}
		sum := 0.0
		for _, step := range got[0].Steps {
			sum += step.Bits
		}
		if math.Abs(sum-got[0].Weight) > 1e-9 {
			t.Errorf("the steps sum to %v and the weight is %v", sum, got[0].Weight)
		}
		for _, l := range got[1:] {
			if l.Tier == match.Auto {
				t.Errorf("%s %s would be taken for her", l.Name.First, l.Name.Last)
			}
		}
		if got, err := k.Similar(k.ctx, roll.Voter{Name: roll.Name{First: "Zeno", Last: "Nobody"}, Birth: "1933-03-03"}); err != nil || len(got) > 0 {
			t.Errorf("nobody is like %+v, %v", got, err)
		}
		near := mary()
		near.Name, near.Birth, near.Identifiers, near.Contact = roll.Name{First: "Pat", Last: "Stranger"}, "1950-05-05", nil, nil
		got, err = k.Similar(k.ctx, near)
		k.must(err)
		for _, l := range got {
			if l.Protected != "" {
				t.Error("the door led to a protected voter")
			}
		}
	}, source())
}
