// SPDX-License-Identifier: Apache-2.0

package place

import (
	"iter"
	"maps"
	"slices"

	"hustings/election"
	"hustings/office/registry/roll"
)

// Placed is a voter as far as new lines concern them: never a name.
type Placed struct {
	ID        roll.ID
	Home      roll.Address
	Unit      election.UnitID // where they vote today
	Districts []election.DistrictID
}

// Move is a voter whom the new lines put elsewhere. Where only districts
// change, From and To are the same.
type Move struct {
	ID         roll.ID
	From, To   election.UnitID
	Districts  []election.DistrictID // the new ones
	How        How
	Confidence Confidence
}

// Left is a voter for whom the new lines have no certain answer; they stay
// where they are until somebody has looked.
type Left struct {
	ID         roll.ID
	Unit       election.UnitID
	Confidence Confidence        // None or Unsure
	Choice     []election.UnitID // what it may be
	Note       string
}

// Plan is what new lines would do to a roll.
type Plan struct {
	Voters int
	Stay   int
	Moved  []Move
	Left   []Left
	Before map[election.UnitID]int
	After  map[election.UnitID]int
	ByHow  map[How]int
}

// tellEvery is after how many voters progress is told.
const tellEvery = 10_000

// Reassign works out what the lines of an assigner do to voters, in their
// order, and changes nothing. An error of the iterator ends it; the plan then
// covers the voters before, and Add joins it with a plan of the others. Tell may
// be nil; it hears how many are done.
func (s *Assigner) Reassign(voters iter.Seq2[Placed, error], tell func(done int)) (Plan, error) {
	p := Plan{Before: map[election.UnitID]int{}, After: map[election.UnitID]int{}, ByHow: map[How]int{}}
	for v, err := range voters {
		if err != nil {
			return p, err
		}
		p.add(&v, s.Assign(v.Home))
		if tell != nil && p.Voters%tellEvery == 0 {
			tell(p.Voters)
		}
	}
	if tell != nil {
		tell(p.Voters)
	}
	return p, nil
}

func (p *Plan) add(v *Placed, a Answer) {
	p.Voters++
	p.Before[v.Unit]++
	p.ByHow[a.How]++
	if a.Unit == "" || a.Confidence <= Unsure {
		p.After[v.Unit]++
		choice := a.Choice
		if len(choice) == 0 && a.Unit != "" {
			choice = []election.UnitID{a.Unit, a.Map}
		}
		p.Left = append(p.Left, Left{v.ID, v.Unit, a.Confidence, choice, a.Note})
		return
	}
	p.After[a.Unit]++
	if a.Unit == v.Unit && sameDistricts(v.Districts, a.Districts) {
		p.Stay++
		return
	}
	p.Moved = append(p.Moved, Move{v.ID, v.Unit, a.Unit, a.Districts, a.How, a.Confidence})
}

// sameDistricts compares sets. Where the new lines name no districts they say
// nothing about them.
func sameDistricts(old, now []election.DistrictID) bool {
	if len(now) == 0 || slices.Equal(old, now) {
		return true
	}
	if len(old) != len(now) {
		return false
	}
	a, b := slices.Clone(old), slices.Clone(now)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// Add joins the plan of the voters that follow.
func (p *Plan) Add(next Plan) {
	p.Voters, p.Stay = p.Voters+next.Voters, p.Stay+next.Stay
	p.Moved, p.Left = append(p.Moved, next.Moved...), append(p.Left, next.Left...)
	for _, m := range [...]struct{ to, from map[election.UnitID]int }{{p.Before, next.Before}, {p.After, next.After}} {
		for unit, n := range m.from {
			m.to[unit] += n
		}
	}
	for how, n := range next.ByHow {
		p.ByHow[how] += n
	}
}

// Units are all precincts and splits before or after, in order.
func (p *Plan) Units() []election.UnitID {
	all := maps.Clone(p.Before)
	maps.Copy(all, p.After)
	return slices.Sorted(maps.Keys(all))
}
