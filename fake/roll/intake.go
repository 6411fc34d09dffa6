// SPDX-License-Identifier: Apache-2.0

package roll

import "math/rand/v2"

// Intake is a form that reaches the office.
type Intake struct {
	Person
	Of   string // number of the registration that it concerns; "" for somebody new
	Kind string // new, address, name, party, again, incomplete
}

// Intakes makes forms as they reach an office: people who are new, who have
// moved or have a new name, who send the same form again, and forms on which
// something is missing. About half of those who are on the roll sign as they did
// then; the others with slips. An error of do ends it and comes back as it is.
func (r *Roll) Intakes(n int, do func(*Intake) error) error {
	rnd := r.rand(drawIntake)
	known := n * 3 / 5
	left, at := known, 0
	var list []Intake
	var chosen []Person // whose forms are made when all streets are known
	err := r.Each(func(p *Person) error {
		if rest := r.o.Voters - at; left > 0 && rest > 0 && rnd.IntN(rest) < left {
			left--
			chosen = append(chosen, *p)
		}
		at++
		return nil
	})
	if err != nil {
		return err
	}
	for i := range chosen {
		list = append(list, r.changed(&chosen[i], rnd))
	}
	for len(list) < n {
		list = append(list, Intake{})
	}
	rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	m := r.maker(r.o.Voters + n)
	m.r, m.land.r, m.people = rnd, rnd, r.o.Voters
	leaves, _ := r.leaves()
	for i := range list {
		if in := &list[i]; in.Kind == "" {
			u := leaves[rnd.IntN(len(leaves))]
			if err := m.precinct(u, 1, func(p *Person) error {
				in.Person, in.Kind = *p, "new"
				in.ID = ""
				return nil
			}); err != nil {
				return err
			}
			if rnd.IntN(12) == 0 {
				in.incomplete(rnd)
			}
		}
		if err := do(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// changed is a form of somebody who is on the roll.
func (r *Roll) changed(p *Person, rnd *rand.Rand) Intake {
	in := Intake{Person: *p, Of: p.ID, Kind: "again"}
	if rnd.IntN(2) == 0 {
		in.Person = *r.Slip(p, rnd)
	}
	switch n := rnd.IntN(100); {
	case n < 55 && r.moves(&in.Person, rnd):
		in.Kind = "address"
	case n < 68 && in.Female:
		in.Kind, in.Last = "name", r.names.last(rnd)
	case n < 80:
		in.Kind = "party"
		if parties := r.county.Definition().Parties; len(parties) > 0 {
			in.Party = parties[rnd.IntN(len(parties))].ID
		}
	}
	in.ID = ""
	if rnd.IntN(12) == 0 {
		in.incomplete(rnd)
	}
	return in
}

// incomplete leaves something off a form without which it cannot be used.
func (in *Intake) incomplete(rnd *rand.Rand) {
	in.Kind = "incomplete"
	switch rnd.IntN(4) {
	case 0:
		in.Birth = Day{}
	case 1:
		in.License, in.SSN4 = "", ""
	case 2:
		in.First = ""
	case 3:
		in.Address.Number = ""
	}
}
