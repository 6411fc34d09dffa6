// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Step is one step of a waterfall: what was seen, and by how many bits it
// raises or lowers the weight.
type Step struct {
	Trait  string  `json:"trait"`
	Say    string  `json:"say"`
	Bits   float64 `json:"bits"`
	Seen   string  `json:"seen,omitempty"`   // what Say begins with
	Chance float64 `json:"chance,omitempty"` // one pair in so many by chance, where that is told
}

// before is the trait of the first step of a waterfall.
const before = "before"

// Explain gives the waterfall of a pair, whose steps sum to its weight.
func (r *Result) Explain(p Pair) []Step {
	steps := r.scorer.explain(p.A, p.B)
	if p.rivals != 0 {
		steps = append(steps, step("rivals", better, -p.rivals))
	}
	return steps
}

// Pair weighs any two records, be they listed or not.
func (r *Result) Pair(a, b int32) Pair {
	for _, p := range r.Pairs {
		if p.A == a && p.B == b || p.A == b && p.B == a {
			return p
		}
	}
	var e evidence
	r.scorer.look(a, b, &e)
	x := scored{a: a, b: b, weight: r.scorer.m.weigh(&e, math.Inf(-1)), caution: caution(&e.agreement)}
	if r.rivals != nil {
		x.rivals = r.rivals.against(x, r.left)
		x.weight -= x.rivals
	}
	return Pair{a, b, x.weight, tierOf(x), x.rivals}
}

// Find gives the number of the record with an id: in the left file, or where
// there are two, in the file asked for (0 or 1).
func (r *Result) Find(file int, id string) (int32, bool) {
	from := int32(0)
	if file > 0 {
		from = int32(r.left)
	}
	for i := range int32(len(r.rolls[file].ends)) {
		if r.rolls[file].id(i) == id {
			return from + i, true
		}
	}
	return 0, false
}

func (s *scorer) explain(a, b int32) []Step {
	var e evidence
	s.look(a, b, &e)
	pairs := math.Exp2(-s.m.logRate[wayMatch])
	steps := []Step{{before, fmt.Sprintf("any two records: one pair in %.3g is of one person", pairs), s.m.logRate[wayMatch] - s.m.logRest, "any two records", pairs}}
	for t := range numTraits {
		l := e.agreement[t]
		if l == 0 {
			continue
		}
		one := step(traitNames[t], degrees[t][l], s.m.lift(wayMatch, t, &e))
		if by := e.chance[t]; by < 0 { // how rare the value is
			one.Chance = math.Exp2(-by)
			one.Say += fmt.Sprintf(" (by chance one pair in %.3g)", one.Chance)
		}
		steps = append(steps, one)
	}
	if off, worst := s.m.doubt(&e); off > 0 {
		seen := otherwise
		if worst > 0 {
			seen = wayNames[worst]
		}
		steps = append(steps, step("doubt", seen, -off))
	}
	return steps
}

// What is seen of no trait.
const (
	better    = "another record fits better"
	otherwise = "looks the same in other ways"
)

func step(trait, seen string, bits float64) Step {
	return Step{Trait: trait, Say: seen, Bits: bits, Seen: seen}
}

// Reasons gives the strongest reasons for and against a pair, in short.
func (r *Result) Reasons(p Pair, most int) string {
	var e evidence
	s := r.scorer
	s.look(p.A, p.B, &e)
	var steps []Step
	for t := range numTraits {
		if l := e.agreement[t]; l > 0 {
			steps = append(steps, step(traitNames[t], degrees[t][l], s.m.lift(wayMatch, t, &e)))
		}
	}
	if off, worst := s.m.doubt(&e); off > 1 && worst > 0 {
		steps = append(steps, step("doubt", wayNames[worst], -off))
	}
	if p.rivals > 0 {
		steps = append(steps, step("rivals", better, -p.rivals))
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(math.Abs(b.Bits), math.Abs(a.Bits)) })
	var out strings.Builder
	for i, st := range steps[:min(most, len(steps))] {
		if i > 0 {
			out.WriteString("; ")
		}
		fmt.Fprintf(&out, "%s %+.1f", st.Say, st.Bits)
	}
	return out.String()
}
