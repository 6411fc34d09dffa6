// SPDX-License-Identifier: Apache-2.0

package place

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// mostShown is how many ranges or streets an explanation names.
const mostShown = 4

// Explain says why an address has no segment, and what comes nearest: "ELM ST
// has 100–198 even here; 199 is odd". It is for one address that somebody looks
// at; Find is the fast one.
func (s *Streets) Explain(a roll.Address) string {
	q := ask(&a)
	if !q.ok {
		r := Normal(a)
		if len(r.Problems) > 0 {
			return "the address cannot be looked up: " + r.Problems[0].String()
		}
		return "the address cannot be looked up: it needs a house number and a street"
	}
	switch m := s.find(&q); m.Confidence {
	case Certain, Likely:
		return strings.TrimSuffix(fmt.Sprintf("segment %s has it; %s", m.Segment, m.Note), "; ")
	case Unsure:
		return m.Note
	}
	groups := s.streets[q.street]
	if len(groups) == 0 {
		return s.noStreet(&q)
	}
	var here []*stretch
	for i := range groups {
		if exactly(&q, &groups[i]) || byZIP(&q, &groups[i]) || byCity(&q, &groups[i]) {
			for t := range groups[i].ranges {
				here = append(here, &groups[i].ranges[t])
			}
		}
	}
	if len(here) == 0 {
		return fmt.Sprintf("%s is known in %s, and not here", q.street, wheres(groups))
	}
	return s.nearest(&q, here)
}

// nearest names the ranges that come nearest to a number.
func (s *Streets) nearest(q *asked, here []*stretch) string {
	var same []*stretch
	for _, t := range here {
		if t.prefix == q.house.Prefix {
			same = append(same, t)
		}
	}
	number := fmt.Sprintf("%s%d", q.house.Prefix, q.house.Number)
	if len(same) == 0 {
		return fmt.Sprintf("%s has %s here, and no number of the kind of %s", q.street, s.list(here), number)
	}
	far := func(t *stretch) int { return max(t.from-q.house.Number, q.house.Number-t.to, 0) }
	slices.SortStableFunc(same, func(a, b *stretch) int { return cmp.Compare(far(a), far(b)) })
	within := same[:0:0]
	for _, t := range same {
		if far(t) <= 1 { // 199 is the house across from 198
			within = append(within, t)
		}
	}
	switch {
	case len(within) > 0 && !slices.ContainsFunc(within, func(t *stretch) bool { return t.side.has(q.house.Number) }):
		return fmt.Sprintf("%s has %s here; %s is %s", q.street, s.list(within), number, sideOf(q.house.Number))
	case far(same[0]) == 0:
		return fmt.Sprintf("%s has %s here, for certain units or fractions alone", q.street, s.list(within))
	}
	return fmt.Sprintf("%s has %s here, and not %s", q.street, s.list(same), number)
}

func (s *Streets) list(t []*stretch) string {
	var out []string
	for _, t := range t[:min(len(t), mostShown)] {
		out = append(out, s.segments[t.at].String())
	}
	text := strings.Join(out, ", ")
	if len(t) > mostShown {
		text += fmt.Sprintf(" and %d more", len(t)-mostShown)
	}
	return text
}

func sideOf(n int) Side {
	if n%2 == 0 {
		return Even
	}
	return Odd
}

func wheres(groups []group) string {
	var out []string
	for i := range groups[:min(len(groups), mostShown)] {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %05d", groups[i].city, groups[i].zip)))
	}
	return strings.Join(slices.Compact(out), ", ")
}

// noStreet names the streets that look most like one that is not there.
func (s *Streets) noStreet(q *asked) string {
	name := bare(q.street)
	near := slices.Clone(s.names[name])
	if len(near) == 0 {
		for other, streets := range s.names {
			if spell.Likeness(name, other) >= spell.Typo {
				near = append(near, streets...)
			}
		}
	}
	near = slices.DeleteFunc(near, func(street string) bool {
		return !slices.ContainsFunc(s.streets[street], func(g group) bool { return exactly(q, &g) || byZIP(q, &g) || byCity(q, &g) })
	})
	if len(near) == 0 {
		return fmt.Sprintf("no street here is called %s", q.street)
	}
	slices.Sort(near)
	return fmt.Sprintf("no street here is called %s; there is %s", q.street, strings.Join(near[:min(len(near), mostShown)], ", "))
}
