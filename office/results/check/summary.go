// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"slices"

	"hustings/office/results/tally"
)

// Sum is findings, counted.
type Sum struct {
	Worst  tally.Level         `json:"worst,omitempty"` // empty: nothing was found
	Levels map[tally.Level]int `json:"levels"`
	Checks []CheckSum          `json:"checks"` // that found anything, in the order of the findings
	Held   []string            `json:"held,omitempty"`
}

// CheckSum is how often one check spoke at one level.
type CheckSum struct {
	Check string      `json:"check"`
	Level tally.Level `json:"level"`
	Count int         `json:"count"`
}

// Summary counts findings by level and by check, the worst level of a check first.
func Summary(findings []tally.Finding) Sum {
	s := Sum{Levels: make(map[tally.Level]int), Held: HeldUnits(findings)}
	type key struct {
		check string
		level tally.Level
	}
	counts, seen := make(map[key]int), make(map[string]int)
	for _, f := range findings {
		if s.Worst == "" || f.Level.Rank() > s.Worst.Rank() {
			s.Worst = f.Level
		}
		s.Levels[f.Level]++
		counts[key{f.Check, f.Level}]++
		if _, ok := seen[f.Check]; !ok {
			seen[f.Check] = len(seen)
		}
	}
	for k, n := range counts {
		s.Checks = append(s.Checks, CheckSum{k.check, k.level, n})
	}
	slices.SortFunc(s.Checks, func(a, b CheckSum) int {
		return cmp.Or(cmp.Compare(seen[a.Check], seen[b.Check]), cmp.Compare(b.Level.Rank(), a.Level.Rank()))
	})
	return s
}

// HeldUnits names each unit once for which something is blocked or held, in
// the order of the findings. A rule that listed only its first findings does
// not name the units of the rest.
func HeldUnits(findings []tally.Finding) []string {
	var out []string
	seen := make(map[string]bool)
	for _, f := range findings {
		if f.Unit != "" && f.Level.Rank() >= tally.Hold.Rank() && !seen[f.Unit] {
			seen[f.Unit] = true
			out = append(out, f.Unit)
		}
	}
	return out
}
