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
	Trait string  `json:"trait"`
	Say   string  `json:"say"`
	Bits  float64 `json:"bits"`
}

// Explain gives the waterfall of a pair, whose steps sum to its weight.
func (r *Result) Explain(p Pair) []Step {
	steps := r.scorer.explain(p.A, p.B)
	if p.rivals != 0 {
		steps = append(steps, Step{"rivals", "another record fits better", -p.rivals})
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
	steps := []Step{{"before", fmt.Sprintf("any two records: one pair in %.3g is of one person", math.Exp2(-s.m.logRate[wayMatch])), s.m.logRate[wayMatch] - s.m.logRest}}
	for t := range numTraits {
		if l := e.agreement[t]; l > 0 {
			steps = append(steps, Step{traitNames[t], s.say(t, l, &e), s.m.lift(wayMatch, t, &e)})
		}
	}
	if off, worst := s.m.doubt(&e); off > 0 {
		say := "looks the same in other ways"
		if worst > 0 {
			say = wayNames[worst]
		}
		steps = append(steps, Step{"doubt", say, -off})
	}
	return steps
}

// say puts an agreement into words, with how rare the value is.
func (s *scorer) say(t trait, l uint8, e *evidence) string {
	say := degrees[t][l]
	if by := e.chance[t]; by < 0 {
		say += fmt.Sprintf(" (by chance one pair in %.3g)", math.Exp2(-by))
	}
	return say
}

// Reasons gives the strongest reasons for and against a pair, in short.
func (r *Result) Reasons(p Pair, most int) string {
	var e evidence
	s := r.scorer
	s.look(p.A, p.B, &e)
	var steps []Step
	for t := range numTraits {
		if l := e.agreement[t]; l > 0 {
			steps = append(steps, Step{Say: degrees[t][l], Bits: s.m.lift(wayMatch, t, &e)})
		}
	}
	if off, worst := s.m.doubt(&e); off > 1 && worst > 0 {
		steps = append(steps, Step{Say: wayNames[worst], Bits: -off})
	}
	if p.rivals > 0 {
		steps = append(steps, Step{Say: "another record fits better", Bits: -p.rivals})
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
