// SPDX-License-Identifier: Apache-2.0

package place

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"hustings/election"
)

// mostOpen bounds how many ranges over one another are compared.
const mostOpen = 64

// flaws walks every street and tells what contradicts itself and what is
// missing, at most so many.
func (s *Streets) flaws(most int) (out []Flaw) {
	for _, street := range slices.Sorted(maps.Keys(s.streets)) {
		groups := s.streets[street]
		for i := range groups {
			if len(out) >= most {
				return out
			}
			out = append(out, s.clashes(street, groups[i].ranges, most-len(out))...)
			out = append(out, s.gaps(street, groups[i].ranges)...)
		}
	}
	return out[:min(len(out), max(most, 0))]
}

// clashes finds segments of one rank that claim the same house. A range with
// one house of it in another precinct is no clash: the one house counts.
func (s *Streets) clashes(street string, ranges []stretch, most int) (out []Flaw) {
	var open []*stretch
	for i := range ranges {
		t := &ranges[i]
		if len(out) >= most {
			break
		}
		open = slices.DeleteFunc(open, func(o *stretch) bool { return !o.allHouses && (o.prefix != t.prefix || o.to < t.from) })
		for _, o := range open {
			if o.rank != t.rank || !shareHouse(o, t) || !shareDoor(o, t) {
				continue
			}
			a, b := &s.segments[o.at], &s.segments[t.at]
			f := Flaw{Overlap, []string{a.ID, b.ID}, []election.UnitID{a.Unit, b.Unit},
				fmt.Sprintf("%s: segment %s (%s) is in %s, and segment %s (%s) in %s", street, a.ID, a, a.Unit, b.ID, b, b.Unit)}
			if a.Unit == b.Unit {
				f.Kind, f.Units = Double, f.Units[:1]
			}
			out = append(out, f)
		}
		if len(open) < mostOpen {
			open = append(open, t)
		}
	}
	return out
}

func shareHouse(a, b *stretch) bool {
	if a.allHouses || b.allHouses {
		return a.allHouses && b.allHouses
	}
	from, to := max(a.from, b.from), min(a.to, b.to)
	for n := from; n <= to && n < from+2; n++ {
		if a.side.has(n) && b.side.has(n) {
			return true
		}
	}
	return false
}

func shareDoor(a, b *stretch) bool {
	if a.suffix != b.suffix || len(a.units) == 0 || len(b.units) == 0 {
		return a.suffix == b.suffix
	}
	for _, u := range a.units {
		for _, v := range b.units {
			if u.from.Prefix == v.from.Prefix && u.from.Suffix == v.from.Suffix && max(u.from.Number, v.from.Number) <= min(u.to.Number, v.to.Number) {
				return true
			}
		}
	}
	return false
}

// gaps finds numbers between two ranges of a side that no range has. Many are
// only blocks without houses; people judge them.
func (s *Streets) gaps(street string, ranges []stretch) (out []Flaw) {
	if len(ranges) > 0 && ranges[0].allHouses {
		return nil
	}
	for _, side := range [...]Side{Even, Odd} {
		var last *stretch
		for i := range ranges {
			t := &ranges[i]
			if t.side != Both && t.side != side || t.from == t.to && !side.has(t.from) {
				continue
			}
			if last != nil && last.prefix == t.prefix && onSide(side, last.to+1) < t.from {
				if from, to := onSide(side, last.to+1), t.from-1; onSide(side, from) <= to {
					a, b := &s.segments[last.at], &s.segments[t.at]
					out = append(out, Flaw{Gap, []string{a.ID, b.ID}, []election.UnitID{a.Unit, b.Unit},
						fmt.Sprintf("%s: nobody has the %s numbers from %d to %d, between segments %s and %s", street, side, from, lastOn(side, to), a.ID, b.ID)})
				}
			}
			if last == nil || last.prefix != t.prefix || t.to > last.to {
				last = t
			}
		}
	}
	return out
}

// onSide is the first number of a side from n on.
func onSide(side Side, n int) int {
	if side.has(n) {
		return n
	}
	return n + 1
}

func lastOn(side Side, n int) int {
	if side.has(n) {
		return n
	}
	return n - 1
}

// sortFlaws puts what assigns voters wrongly first.
func sortFlaws(flaws []Flaw) {
	weight := map[FlawKind]int{Overlap: 0, Unusable: 1, Gap: 2, Double: 3}
	slices.SortStableFunc(flaws, func(a, b Flaw) int { return cmp.Compare(weight[a.Kind], weight[b.Kind]) })
}
