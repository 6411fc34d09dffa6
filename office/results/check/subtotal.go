// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"

	"hustings/election"
	"hustings/office/results/tally"
)

// C06: a subtotal among the rows that it sums up, which would count those
// votes twice. Maricopa County's "Write-in" is the sum of its named write-ins
// and "NOT QUALIFIED"; many counties add a "Total" or "Countywide" row.
// Found by name, or by arithmetic that holds in every unit of a county. The
// other rules add up without what was found here, so that one cause is told once.
func (r *run) hiddenSubtotals() {
	r.totalNames()
	for _, s := range r.subtotals {
		at := atContest(s.contest).at(s.choice).on(s.line)
		r.say(tally.Hold, "choice", at, "parts", s.parts, "within", s.within, "units", s.units, "votes", s.votes)
	}
	for u := range r.x.Def.Units {
		if s := r.unitSums; s.subtotal(int32(u)) && !isTotalName(r.x.Def.Units[u].Name) && s.votes[u] >= r.rules.RepeatVotes {
			r.say(tally.Hold, "unit", atUnit(int32(u)).on(s.line[u]), "votes", s.votes[u], "contests", s.fits[u])
		}
	}
}

// subtotal is a choice found to be the sum of others.
type subtotal struct {
	contest, choice, line int32
	parts, within         string
	units                 int
	votes                 int64
}

// findSubtotals looks at each contest, county by county, and takes what it
// finds out of the sums of votes.
func (r *run) findSubtotals() {
	r.unitSums = newUnitSums(len(r.x.Def.Units))
	for _, blocks := range r.counties() {
		g := r.gather(blocks)
		r.choiceSubtotals(g)
		r.unitSums.add(r.page, g)
	}
}

// totalNames finds units and choices that are called a total.
func (r *run) totalNames() {
	for u, unit := range r.x.Def.Units {
		if r.leaf(int32(u)) && len(r.page.at(int32(u))) > 0 && isTotalName(unit.Name) {
			r.say(tally.Hold, "unit-name", atUnit(int32(u)).on(r.page.at(int32(u))[0].line))
		}
	}
	for c, con := range r.x.Def.Contests {
		for i, choice := range con.Choices {
			if len(r.page.byContest[c]) > 0 && isTotalName(choice.Name.String()) {
				r.say(tally.Hold, "choice-name", atContest(int32(c)).at(int32(i)))
			}
		}
	}
}

// isTotalName says whether a unit or choice is called a total. "Write-in
// totals" is not: it is often the only write-in row.
func isTotalName(name string) bool {
	switch strings.Join(strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c < 'a' || c > 'z' }), " ") {
	case "total", "totals", "grand total", "grand totals", "total votes", "total votes cast", "votes cast", "contest total",
		"contest totals", "countywide", "county wide", "county total", "county totals", "countywide total", "statewide",
		"state total", "district total", "precinct total", "precinct totals", "all precincts", "total for contest",
		"cumulative", "cumulative totals", "race total", "subtotal", "sub total":
		return true
	}
	return false
}

// group is one contest over the units below one parent, as a table.
type group struct {
	key    pair
	units  []int32   // blocks
	votes  [][]int64 // by unit, then choice; -1 where not reported
	sum    []int64   // by choice
	total  []int64   // by unit, of all choices
	filled []int     // by choice, units with more than none
}

func (r *run) gather(blocks []int32) *group {
	first := &r.page.blocks[blocks[0]]
	key := pair{r.x.Parent(first.unit), first.contest}
	n := len(r.x.Def.Contests[key.contest].Choices)
	g := &group{key: key, units: blocks, votes: make([][]int64, len(blocks)), sum: make([]int64, n),
		total: make([]int64, len(blocks)), filled: make([]int, n)}
	flat := make([]int64, n*len(blocks))
	for i, bi := range blocks {
		g.votes[i] = flat[i*n : (i+1)*n]
		for c := range g.votes[i] {
			g.votes[i][c] = -1
		}
		r.page.blocks[bi].totals(func(c tally.Cell) {
			g.votes[i][c.Choice] = c.N
			g.total[i] += c.N
			if c.N > 0 {
				g.sum[c.Choice] += c.N
				g.filled[c.Choice]++
			}
		})
	}
	return g
}

// choiceSubtotals looks for choices that equal the sum of others in every
// unit. Fewer than three units with votes, or few votes, prove nothing; of a
// name that says neither write-in nor total more is asked.
func (r *run) choiceSubtotals(g *group) {
	for s := range g.sum {
		units, votes := 3, r.rules.RepeatVotes
		if !r.writeIn(g.key.contest, s) && !r.saysTotal(g.key.contest, s) {
			units, votes = 5, 5*votes
		}
		if g.filled[s] < units || g.sum[s] < votes {
			continue
		}
		parts := r.partsOf(g, s)
		if len(parts) == 0 || len(parts) == 1 && (g.filled[s] < 5 || !r.ratherTotal(g.key.contest, s, parts[0])) {
			continue // two equal choices are a coincidence in few units, and one of them is enough to say
		}
		names := make([]string, len(parts))
		for i, p := range parts {
			names[i] = r.x.ChoiceName(g.key.contest, int32(p))
		}
		r.subtotals = append(r.subtotals, subtotal{contest: g.key.contest, choice: int32(s),
			line:  lineOf(&r.page.blocks[g.units[0]], int32(s)),
			parts: strings.Join(names, ", "), within: r.parentName(g.key.parent), units: g.filled[s], votes: g.sum[s]})
		for i, votes := range g.votes {
			r.page.blocks[g.units[i]].votes -= max(votes[s], 0)
		}
	}
}

// ratherTotal says which of two equal choices is called the subtotal: the one
// that says so, else the first.
func (r *run) ratherTotal(contest int32, a, b int) bool {
	if says := r.saysTotal(contest, a); says != r.saysTotal(contest, b) {
		return says
	}
	return a < b
}

func (r *run) saysTotal(contest int32, choice int) bool {
	return strings.Contains(strings.ToLower(r.x.ChoiceName(contest, int32(choice))), "total")
}

func lineOf(b *block, choice int32) int32 {
	for _, c := range b.cells {
		if c.Choice == choice {
			return c.Line
		}
	}
	return b.line
}

// partsOf returns the choices with votes that s is the sum of in every unit:
// all the others, or for write-ins all that are never larger than it.
func (r *run) partsOf(g *group, s int) []int {
	if g.isSum(s, func(c int) bool { return c != s }) {
		return g.with(func(c int) bool { return c != s })
	}
	if !r.writeIn(g.key.contest, s) {
		return nil
	}
	smaller := make([]bool, len(g.sum))
	for c := range smaller {
		smaller[c] = c != s && !slices.ContainsFunc(g.votes, func(v []int64) bool { return v[c] > max(v[s], 0) })
	}
	for _, in := range []func(c int) bool{
		func(c int) bool { return smaller[c] },
		func(c int) bool { return smaller[c] && r.writeIn(g.key.contest, c) },
	} {
		if g.isSum(s, in) {
			return g.with(in)
		}
	}
	return nil
}

// isSum says whether s is, in every unit, the sum of the choices in a set.
func (g *group) isSum(s int, in func(c int) bool) bool {
	for _, votes := range g.votes {
		sum := int64(0)
		for c, n := range votes {
			if n > 0 && in(c) {
				sum += n
			}
		}
		if sum != max(votes[s], 0) {
			return false
		}
	}
	return true
}

// with lists the choices of a set that have votes.
func (g *group) with(in func(c int) bool) []int {
	var out []int
	for c := range g.sum {
		if in(c) && g.sum[c] > 0 {
			out = append(out, c)
		}
	}
	return out
}

// writeIn says whether a choice is about write-ins, by kind or by name.
func (r *run) writeIn(contest int32, choice int) bool {
	c := r.x.Def.Contests[contest].Choices[choice]
	if c.Kind == election.WriteIn {
		return true
	}
	name := strings.ToLower(c.Name.String())
	return slices.ContainsFunc([]string{"write-in", "write in", "writein", "scatter", "not qualified", "unqualified", "not assigned", "unassigned"},
		func(s string) bool { return strings.Contains(name, s) })
}

// parentName is the unit above, or where there is none the whole.
func (r *run) parentName(parent int32) string {
	if parent < 0 {
		parent = max(r.x.Root(), 0)
	}
	return r.x.UnitName(parent)
}

// unitSums notes in how many contests a unit equals the sum of its siblings.
type unitSums struct {
	fits, misses []int32
	votes        []int64
	line         []int32
}

func newUnitSums(units int) *unitSums {
	return &unitSums{make([]int32, units), make([]int32, units), make([]int64, units), make([]int32, units)}
}

func (s *unitSums) add(p *page, g *group) {
	if len(g.units) < 4 {
		return
	}
	for i, votes := range g.votes {
		fits := g.total[i] > 0
		for c, n := range votes {
			fits = fits && 2*max(n, 0) == g.sum[c]
		}
		u := p.blocks[g.units[i]].unit
		if fits {
			s.fits[u]++
			s.votes[u] += g.total[i]
			s.line[u] = p.blocks[g.units[i]].line
		} else if g.total[i] > 0 {
			s.misses[u]++
		}
	}
}

// subtotal says whether a unit is the sum of its siblings in every contest
// that it reports: a county's own row among its precincts.
func (s *unitSums) subtotal(u int32) bool { return s.fits[u] > 0 && s.misses[u] == 0 }
